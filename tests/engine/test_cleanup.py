"""What `run.cleanup` removes, and all that it leaves: outputs by whichever way, and everything outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pysprocket.engine.cleanup import clean_up, clear_disks
from pysprocket.values.model import Directory, File, Object, Pair, StructValue

LONG = "n" * 255


def make(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)


@pytest.fixture
def run(tmp_path) -> Path:
    """A run of a workflow with two calls, one of which was tried twice, and a sub-workflow."""
    run: Path = tmp_path / "out/runs/main/2026"
    for call in (run / "calls/one", run / "calls/sub/calls/two"):
        make(call / "inputs.json", call / "outputs.json", call / "tmp/0123.txt")
        for attempt in ("0", "1"):
            files = (
                "command",
                "stdout",
                "stderr",
                "work/a.bam",
                "work/a.bam.bai",
                "work/deep/er/b.txt",
                f"work/{LONG}",
            )
            make(*(call / "attempts" / attempt / name for name in files))
    make(run / "inputs.json", run / "outputs.json", run / "tmp/4567.txt", run / "downloads/1/x", run / "staged/0/y")
    make(run / "calls/sub/inputs.json", run / "calls/sub/outputs.json", run / "calls/sub/tmp/89.txt")
    return run


def left(directory: Path) -> set[str]:
    """Files and links below a directory that a cleaned run would not hold anyway."""
    found = {path for path in directory.rglob("*") if path.is_symlink() or not path.is_dir()}
    usual = ("inputs.json", "outputs.json", "command", "stdout", "stderr")
    return {str(path.relative_to(directory)) for path in found if path.name not in usual}


def usual(directory: Path) -> int:
    return sum(1 for path in directory.rglob("*") if path.is_file()) - len(left(directory))


def test_without_outputs_only_what_tells_of_the_run_is_left(run):
    before = usual(run)
    assert clean_up(run, []) == []
    assert left(run) == set()
    assert usual(run) == before == 20
    assert not [path for path in run.rglob("*") if path.name in ("work", "tmp", "downloads", "staged")]


def test_outputs_stay_wherever_they_are_in_a_value(run):
    work = run / "calls/one/attempts/1/work"
    names = [f"{number}\n..- ü" for number in range(8)]
    make(*(work / name for name in names))
    files = [File(work / name) for name in names]
    values = [
        files[0],
        [[files[1], None]],
        {files[2]: 1, "key": files[3]},
        Pair(files[4], 5),
        StructValue("S", {"file": files[5], "none": None}),
        Object(file=files[6]),
        str(files[7]),
        3,
    ]
    assert clean_up(run, values) == []
    assert left(run) == {f"calls/one/attempts/1/work/{name}" for name in names}


def test_a_directory_stays_whole_and_its_links_lead_to_what_they_led_to(run):
    work = run / "calls/one/attempts/0/work"
    (work / "deep/er/link").symlink_to("../../../../1/work/a.bam")
    (work / "deep/up").symlink_to("er")
    assert clean_up(run, [Directory(work / "deep")]) == []
    assert left(run) == {
        *(f"calls/one/attempts/0/work/deep/{name}" for name in ("up", "er/link", "er/b.txt")),
        "calls/one/attempts/1/work/a.bam",
    }
    assert (work / "deep/er/link").read_text() == "a.bam"


def test_links_stay_with_all_on_the_way_to_their_end(run):
    one, two = run / "calls/one/attempts/0/work", run / "calls/sub/calls/two/attempts/0/work"
    (two / "there").symlink_to(one / "deep")
    (two / "link.txt").symlink_to("there/er/b.txt")
    assert clean_up(run, [File(two / "link.txt")]) == []
    assert (two / "link.txt").read_text() == "b.txt"
    assert left(run) == {
        *(f"calls/sub/calls/two/attempts/0/work/{name}" for name in ("link.txt", "there")),
        "calls/one/attempts/0/work/deep/er/b.txt",
    }


def test_a_hard_link_keeps_its_content(run):
    work = run / "calls/one/attempts/0/work"
    (work / "second").hardlink_to(run / "calls/one/attempts/1/work/a.bam")
    clean_up(run, [File(work / "second")])
    assert left(run) == {"calls/one/attempts/0/work/second"}
    assert (work / "second").read_text() == "a.bam"


def test_what_an_output_of_the_own_directories_needs_stays(run):
    values = [File(run / "tmp/4567.txt"), File(run / "downloads/1/x"), Directory(run / "staged/0")]
    clean_up(run, values)
    assert left(run) == {"tmp/4567.txt", "downloads/1/x", "staged/0/y"}


def test_links_that_lead_out_are_removed_and_never_followed(run, tmp_path):
    outside = tmp_path / "data"
    make(outside / "precious")
    work = run / "calls/one/attempts/0/work"
    (work / "deep/out").symlink_to(outside)
    (work / "file").symlink_to(outside / "precious")
    (work / "loop").symlink_to("loop")
    (run / "calls/link").symlink_to(outside)
    (run / "calls/one/attempts/9").symlink_to(outside)
    elsewhere = run / "calls/sub/calls/two/attempts/0"
    make(outside / "work/x")
    (elsewhere / "work").rename(tmp_path / "moved")
    (elsewhere / "work").symlink_to(tmp_path / "moved")
    assert clean_up(run, [File(work / "loop")]) == []
    assert (outside / "precious").exists()
    assert (outside / "work/x").exists()
    assert (tmp_path / "moved/a.bam").exists()
    assert left(run) == {"calls/one/attempts/0/work/loop", "calls/link", "calls/one/attempts/9"}


def test_an_output_outside_or_missing_changes_nothing(run, tmp_path):
    make(tmp_path / "given.txt")
    assert clean_up(run, [File(tmp_path / "given.txt"), File("/nowhere"), File("https://example.org/x"), "/"]) == []
    assert left(run) == set()
    assert (tmp_path / "given.txt").exists()


def test_a_directory_around_the_run_keeps_all_of_it(run, tmp_path):
    before = left(run)
    assert clean_up(run, [Directory(tmp_path)]) == []
    assert left(run) == before


def test_the_output_directory_may_be_reached_by_a_link(run, tmp_path):
    (tmp_path / "link").symlink_to("out")
    there = tmp_path / "link/runs/main/2026"
    assert clean_up(there, [File(there / "calls/one/attempts/0/work/a.bam")]) == []
    assert left(run) == {"calls/one/attempts/0/work/a.bam"}


def test_hostile_names_and_depths_are_removed(run):
    work = run / "calls/one/attempts/0/work"
    make(*(work / name for name in ("-rf", "a\nb", "..x", " ", "*")))
    (work / os.fsdecode(b"\xff\xfe")).touch()
    place = work
    for _ in range(1200):  # deeper than Python recurses
        place = place / "d"
    place.mkdir(parents=True)
    assert clean_up(run, []) == []
    assert left(run) == set()


def test_a_chain_of_many_links_is_no_trouble(run):
    work = run / "calls/one/attempts/0/work"
    for number in range(1500):
        (work / str(number)).mkdir()
        (work / str(number) / "next").symlink_to(f"../{number + 1}")
    assert clean_up(run, [Directory(work / "0")]) == []
    assert left(run) == {f"calls/one/attempts/0/work/{number}/next" for number in range(1500)}


@pytest.mark.parametrize("how", ["read-only", "unreadable"])
def test_what_cannot_be_removed_is_told_and_the_rest_is_removed(run, how, monkeypatch):
    place = run / "calls/one/attempts/0/work/deep"
    with monkeypatch.context() as system:
        refuse(system, "unlink" if how == "read-only" else "scandir", str(place))
        problems = clean_up(run, [])
    told = place / "er/b.txt" if how == "read-only" else place
    assert problems == [f"`{told}`: Permission denied"]
    assert left(run) == {"calls/one/attempts/0/work/deep/er/b.txt"}


def refuse(monkeypatch: pytest.MonkeyPatch, call: str, below: str) -> None:
    """Let a system call fail below a directory as it does for those who may not write there (root may)."""
    real = getattr(os, call)

    def refused(path: str, *arguments: object, **keywords: object) -> object:
        if str(path).startswith(below):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(os, call, refused)


def test_extra_disks_are_emptied_but_for_what_an_output_refers_to(run):
    attempt = run / "calls/one/attempts/1"
    disks = attempt / "disks"
    make(*(disks / name for name in ("1/a.bam", "1/scratch/x", "1/b.txt", "2/c", "3/whole/d", "3/e")))
    (attempt / "work/link").symlink_to(disks / "1/b.txt")
    outputs = [File(str(disks / "1/a.bam")), File(str(attempt / "work/link")), Directory(str(disks / "3/whole"))]
    assert clear_disks(disks, outputs) == []
    assert left(disks) == {"1/a.bam", "1/b.txt", "3/whole/d"}
    assert not (disks / "2").exists()
    assert (attempt / "work/a.bam").exists()


def test_extra_disks_of_a_failed_attempt_go_as_a_whole(run):
    disks = run / "calls/one/attempts/0/disks"
    make(disks / "1/a", disks / "2/b")
    assert clear_disks(disks, ()) == []
    assert not disks.exists()


def test_extra_disks_are_intermediates_too(run):
    disks = run / "calls/one/attempts/0/disks"
    make(disks / "1/a", disks / "1/b")
    assert clean_up(run, [File(str(disks / "1/a"))]) == []
    assert left(run) == {"calls/one/attempts/0/disks/1/a"}
