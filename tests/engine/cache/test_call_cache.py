"""Results that are kept, found whole, and brought into another run."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from pysprocket.engine.cache import materialise as materialising
from pysprocket.engine.cache.beginnings import Beginning, doubt, forget, note, stamps_of
from pysprocket.engine.cache.entries import Entries
from pysprocket.errors import ImageError
from tests.engine.cache.conftest import Place

MAKE = """
task t {
    input { String word = "a"  File? given  String count = "count" }
    command <<<
        echo '~{word}' | tee out.txt
        echo trouble >&2
        mkdir -p d/inner; echo deep > d/inner/file; ln -s file d/inner/link; ln -s nowhere d/broken
        printf x >> "~{count}"
    >>>
    output {
        File out = "out.txt"
        Directory d = "d"
        Array[File] all = glob("*.txt")
        Pair[String, Map[String, File]] nested = (word, {"log": stdout()})
        Object o = object { file: "out.txt", n: 1 }
        File? missing = "missing.txt"
        File? again = given
        File written = write_lines([word])
        Float third = 1.0
    }
}
"""


def entries(call):
    return list(Entries(call.directory / "cache").all())


def test_a_hit_fills_the_attempt_directory_as_the_task_would_have(call):
    first = call(MAKE)
    again = call(MAKE)
    assert again.hit
    assert again.origin == "run-1"
    here = again.directory
    assert (here / "stdout").read_text() == "a\n"
    assert (here / "stderr").read_text() == "trouble\n"
    assert (here / "command").read_text() == (first.directory / "command").read_text()
    assert (here / "work" / "out.txt").read_text() == "a\n"
    assert (here / "work" / "d" / "inner" / "file").read_text() == "deep\n"
    assert str((here / "work" / "d" / "inner" / "link").readlink()) == "file"
    assert str((here / "work" / "d" / "broken").readlink()) == "nowhere"
    assert sorted(path.name for path in here.iterdir()) == ["command", "stderr", "stdout", "work"]
    assert not list(here.parent.glob(".*"))
    assert again.outputs == json.loads(json.dumps(first.outputs).replace("run-1", "run-2"))


def test_deleting_the_old_run_harms_neither_the_new_one_nor_the_next(call):
    first = call(MAKE)
    second = call(MAKE)
    shutil.rmtree(first.directory)
    assert (second.directory / "work" / "out.txt").read_text() == "a\n"
    third = call(MAKE)
    assert third.hit
    assert (third.directory / "work" / "d" / "inner" / "file").read_text() == "deep\n"
    assert [place.name for place in entries(call)[0].places] == ["run-3", "run-2", "run-1"]
    assert entries(call)[0].hits == 2


def test_when_all_that_hold_it_are_gone_the_task_runs_again(call):
    first = call(MAKE)
    shutil.rmtree(first.directory.parent)
    answer = call(MAKE)
    assert not answer.hit
    assert answer.reason == f"its result is no longer whole: `{first.directory.parent}` is gone"
    assert call(MAKE).hit


@pytest.mark.parametrize("name", ["work/out.txt", "work/d/inner/file", "stdout", "stderr"])
def test_a_result_that_was_changed_is_not_used(call, name):
    first = call(MAKE)
    path = first.directory / name
    before = path.stat()
    path.write_text(path.read_text().upper())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    answer = call(MAKE)
    assert not answer.hit
    assert "has changed" in answer.reason
    assert (answer.directory / "work" / "out.txt").read_text() == "a\n"


def test_a_change_in_place_reaches_whoever_shares_the_file_and_is_found(call):
    first = call(MAKE)
    call(MAKE)
    with (first.directory / "work" / "out.txt").open("a") as file:
        file.write("more")
    answer = call(MAKE)
    assert answer.hit is ((first.directory / "work" / "out.txt").stat().st_nlink == 1), "a clone is not shared"
    assert (answer.directory / "work" / "out.txt").read_text() == "a\n"


def test_an_output_that_is_an_input_is_the_input_of_the_new_call(call, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f").write_text("f")
    call(MAKE, "given=one/f")
    shutil.rmtree(tmp_path / "one")
    answer = call(MAKE, "given=two/f")
    assert answer.hit
    assert answer.outputs["again"] == f"{tmp_path}/two/f"


def test_a_link_to_an_input_leads_to_the_input_of_the_new_call(call, tmp_path):
    text = """
    task t {
        input { File f }
        command <<< mkdir d; ln -s '~{f}' out; ln -s '~{f}' d/out >>>
        output { File out = "out"  Directory d = "d" }
    }
    """
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f").write_text("f")
    call(text, "f=one/f")
    answer = call(text, "f=two/f")
    assert answer.hit
    assert str(Path(answer.outputs["out"]).readlink()) == f"{tmp_path}/two/f"
    assert str(Path(answer.outputs["d"] + "/out").readlink()) == f"{tmp_path}/two/f"
    assert answer.outputs["out"].startswith(str(answer.directory))


def test_an_output_elsewhere_is_used_in_place_while_it_is_as_it_was(call, tmp_path):
    text = f"""
    task t {{
        command <<< echo x > {tmp_path}/elsewhere >>>
        output {{ File out = "{tmp_path}/elsewhere" }}
    }}
    """
    call(text)
    answer = call(text)
    assert (answer.hit, answer.outputs["out"]) == (True, f"{tmp_path}/elsewhere")
    (tmp_path / "elsewhere").write_text("y")
    assert not call(text).hit
    (tmp_path / "elsewhere").unlink()
    assert call(text).reason == f"its result is no longer whole: `{tmp_path}/elsewhere` is gone"


def test_a_file_from_the_work_of_another_run_hits_by_content(call):
    text = "task t { input { File f } command <<< cat '~{f}' > g >>> output { File g = 'g' } }"
    upstream = [call(MAKE, f"count=c{number}").outputs["out"] for number in range(2)]
    assert upstream[0] != upstream[1]
    call(text, f"f={upstream[0]}")
    assert call(text, f"f={upstream[1]}").hit


def test_the_exit_code_is_kept_and_a_later_attempt_too(call):
    text = "task t { command <<< exit 3 >>> output { Int n = 1 } requirements { return_codes: [3] } }"
    first = call(text, attempt=2)
    assert first.directory.name == "2"
    answer = call(text)
    assert (answer.hit, answer.exit_code) == (True, 3)


def test_what_a_result_cost_and_why_it_was_made_is_kept(call):
    call(MAKE)
    call(MAKE, "word=b")
    kept = {entry.origin.name: entry for entry in entries(call)}
    assert kept["run-1"].reason == "no result of the task `t` is kept"
    assert kept["run-2"].reason == "input `word` is b, it was a"
    assert kept["run-1"].seconds > 0
    assert kept["run-1"].size == len("a\n") * 2 + len("trouble\n") + len("deep\n") + len("file") + len("nowhere") + 2


# --- modes -------------------------------------------------------------------------------------------------


def test_a_task_can_ask_not_to_be_cached(call):
    text = MAKE.replace("output {", "hints { cacheable: false } output {", 1)
    for _ in "12":
        assert call(text).reason == "the task is marked `cacheable: false`"
    assert not entries(call)


def test_in_the_explicit_mode_only_marked_tasks_are_cached(call):
    marked = MAKE.replace("output {", "hints { cacheable: true } output {", 1)
    for _ in "12":
        assert not call(MAKE, cache="explicit").hit
    assert not entries(call)
    call(marked, cache="explicit")
    assert call(marked, cache="explicit").hit
    assert call(MAKE).hit, "the hint itself is no part of the key"


# --- images ------------------------------------------------------------------------------------------------

INSIDE = """
task t {
    input { File? f }
    command <<< echo '~{f}' >>>
    output { String said = read_string(stdout()) }
    requirements { container: "tool:latest" }
}
"""


def test_a_tag_that_moved_is_another_image(call):
    call.place = Place("/mnt/task", "sha256:1")
    call(INSIDE)
    assert call(INSIDE).hit
    call.place = Place("/mnt/task", "sha256:2")
    answer = call(INSIDE)
    assert answer.reason == "requirement `container` is tool:latest (sha256:2), it was tool:latest (sha256:1)"


def test_the_mount_points_of_disks_count_and_their_sizes_do_not(call):
    call.place = Place("/mnt/task", "sha256:1")
    text = INSIDE.replace("container:", 'disks: "/data 1 GiB"  container:')
    call(text)
    assert call(text.replace("1 GiB", "2 GiB")).hit
    assert call(text.replace("/data", "/other")).reason == 'requirement `disks` is ["/other"], it was ["/data"]'


def test_another_tag_of_the_same_image_is_the_same(call):
    call.place = Place("/mnt/task", "sha256:1")
    call(INSIDE)
    assert call(INSIDE.replace("tool:latest", "tool:1.0")).hit


def test_an_image_whose_digest_is_not_known_is_a_miss_that_is_not_kept(call):
    call.place = Place("/mnt/task", ImageError("no answer"))
    for _ in "12":
        assert call(INSIDE).reason == "the digest of its image is not known: no answer"
    assert not entries(call)


def test_with_containers_or_without_is_not_the_same(call):
    call(INSIDE)
    call.place = Place("/mnt/task")
    reason = call(INSIDE).reason
    assert "`paths` is /mnt/task, it was the host" in reason


def test_an_image_that_does_not_count_is_not_asked_for(call):
    call.place = Place("/mnt/task", ImageError("no answer"))
    call(INSIDE, excluded_cache_requirements=["container"])
    assert call(INSIDE, excluded_cache_requirements=["container"]).hit


def test_the_image_can_be_left_out(call):
    for digest in ("sha256:1", "sha256:2"):
        call.place = Place("/mnt/task", digest)
        answer = call(INSIDE, excluded_cache_requirements=["docker"])
    assert answer.hit


# --- what changes meanwhile --------------------------------------------------------------------------------


def test_an_input_that_changes_while_the_task_runs_is_not_kept(call, tmp_path):
    (tmp_path / "f").write_text("1")
    call.meanwhile = lambda _: (tmp_path / "f").write_text("2")
    call(MAKE, "given=f")
    assert call.told == [f"the result of `t` is not kept in the call cache: `{tmp_path}/f` changed while the task ran"]
    assert not entries(call)


def swap(path, other):
    """Exchange two directories by renames, which leave the times of what is in them alone."""
    path.rename(path.with_name("aside"))
    other.rename(path)
    path.with_name("aside").rename(other)


def write_back(path):
    """Another content, and the old one again, with the old times: the content proves nothing."""
    before = path.stat()
    for text in ("2", "1"):
        path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(path):
    aside = path.with_name("aside")
    aside.write_text("2")
    os.utime(aside, (1, 1))
    aside.rename(path)


def relink(link, target):
    link.unlink()
    link.symlink_to(target)


CHANGES = {
    "nothing": lambda _: None,
    "written": lambda top: (top / "d/e/f").write_text("2"),
    "replaced": lambda top: replace(top / "d/e/f"),
    "written back": lambda top: write_back(top / "d/e/f"),
    "parent": lambda top: swap(top / "d/e", top / "d2/e"),
    "grandparent": lambda top: swap(top / "d", top / "d2"),
    "link": lambda top: relink(top / "link", "d2"),
    "renamed below": lambda top: (top / "d/e/below/g").rename(top / "d/e/below/h"),
    "forgotten": lambda top: next(top.glob("run-*/call/attempts/0/cache-key")).unlink(),
    "torn": lambda top: os.truncate(next(top.glob("run-*/call/attempts/0/cache-key")), 20),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("way", ["d", "link"])
def test_what_an_earlier_process_began_is_kept_when_the_key_and_its_files_are_as_they_were(call, tmp_path, change, way):
    """No time decides: all that is swapped is older than the attempt."""
    for folder, text in (("d", "1"), ("d2", "2")):
        (tmp_path / folder / "e" / "below").mkdir(parents=True)
        (tmp_path / folder / "e" / "f").write_text(text)
        (tmp_path / folder / "e" / "below" / "g").write_text(text)
    (tmp_path / "link").symlink_to("d")
    time.sleep(0.1)
    call.resumed = lambda: CHANGES[change](tmp_path)
    text = MAKE.replace("String word", "Directory below  String word")
    call(text, f"given={way}/e/f", f"below={way}/e/below")
    is_same = change == "nothing" or (way == "d" and change == "link")
    assert len(entries(call)) == is_same
    assert (call.told, len(call.remarks)) == ([], not is_same)
    assert not list(tmp_path.glob("run-*/call/attempts/0/cache-key")), "nothing is left of what has ended"


READS = """
task t {
    command <<< echo '~{read_string("cfg.txt")}' >>>
    output { String said = read_string(stdout()) }
}
"""


@pytest.mark.parametrize("resumed", [False, True])
def test_what_the_command_has_read_must_be_as_it_was_when_the_task_began(call, tmp_path, resumed):
    (tmp_path / "cfg.txt").write_text("old")

    def change():
        (tmp_path / "cfg.txt").write_text("new")

    if resumed:
        call.resumed = change
    else:
        call.meanwhile = lambda _: change()
    assert call(READS).outputs == {"said": "old"}
    assert not entries(call)
    assert f"`{tmp_path}/cfg.txt` " in (call.told + call.remarks)[0]
    call.resumed, call.meanwhile = None, lambda _: None
    assert call(READS).outputs == {"said": "new"}
    assert call(READS).hit


@pytest.mark.parametrize("year", [1990, 2090])
def test_the_clock_has_no_say_in_what_is_kept(call, tmp_path, monkeypatch, year):
    (tmp_path / "f").write_text("1")
    call.resumed = lambda: (
        monkeypatch.setattr(time, "time", lambda: (year - 1970) * 31_557_600.0),
        replace(tmp_path / "f"),
    )
    call(MAKE, "given=f")
    assert not entries(call)


def test_a_file_that_the_task_names_itself_counts_for_what_an_earlier_process_began(call, tmp_path):
    (tmp_path / "r.txt").write_text("1")
    call.resumed = lambda: (tmp_path / "r.txt").write_text("2")
    call('task t { File r = "r.txt"  command <<< cat "~{r}" >>> output { String s = read_string(stdout()) } }')
    assert not entries(call)
    assert f"`{tmp_path}/r.txt` may have changed" in call.remarks[0]


def test_the_last_attempt_of_a_process_says_what_it_was_begun_with(tmp_path):
    """An attempt of a second process, which saw other files, is judged by what they were for that one."""
    (tmp_path / "f").write_text("1")
    first = Beginning("k1", stamps_of([str(tmp_path / "f")]))
    note(str(tmp_path), first)
    (tmp_path / "f").write_text("12")
    second = Beginning("k2", stamps_of([str(tmp_path / "f")]))
    assert doubt(str(tmp_path), second) == f"`{tmp_path}/f` may have changed after the task had begun"
    assert doubt(str(tmp_path), Beginning("k2", first.stamps)) == (
        "what it depends on has changed after the task had begun"
    )
    note(str(tmp_path), second)
    assert doubt(str(tmp_path), second) is None
    forget(str(tmp_path))
    assert doubt(str(tmp_path), second) == "what its inputs were when the task began is not known"


def test_an_output_that_vanishes_is_told_and_harms_nobody(call):
    call.meanwhile = lambda attempt: (attempt / "stderr").unlink()
    assert call(MAKE).outputs["third"] == 1.0
    assert "stderr" in call.told[0]
    assert not entries(call)


def test_an_input_that_cannot_be_digested_is_a_miss(call, tmp_path):
    text = "task t { input { Directory d } command <<< ls '~{d}' >>> output { Int n = 1 } }"
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "d" / "pipe")
    answer = call(text, "d=d")
    assert answer.reason == f"`{tmp_path}/d/pipe` cannot be looked at: it is not a regular file"


def test_what_an_interrupted_materialisation_left_is_replaced(call):
    call(MAKE)
    begun = call.directory / "run-2" / "call" / "attempts" / "0"
    (begun / "work" / "d").mkdir(parents=True)
    (begun / "work" / "out.txt").write_text("half")
    (begun / "work" / "left").write_text("over")
    (begun / "stdout").write_text("half")
    answer = call(MAKE)
    assert (answer.hit, answer.directory) == (True, begun)
    assert sorted(path.name for path in (begun / "work").iterdir()) == ["d", "out.txt"]
    assert (begun / "stdout").read_text() == "a\n"


def test_a_cache_that_cannot_be_written_is_told_and_harms_nobody(call):
    (call.directory / "cache").write_text("a file")
    for _ in "12":
        assert call(MAKE).outputs["third"] == 1.0
    assert {text.partition(":")[0] for text in call.told} == {"results are not kept in the call cache"}
    assert len(call.told) == 2, "once in each run"


def test_an_excluded_input_that_is_an_output_is_used_while_it_is_as_it_was(call, tmp_path):
    (tmp_path / "f").write_text("1")
    left_out = {"excluded_cache_inputs": ["given"]}
    call(MAKE, "given=f", **left_out)
    answer = call(MAKE, "given=f", **left_out)
    assert (answer.hit, answer.outputs["again"]) == (True, f"{tmp_path}/f")
    (tmp_path / "f").write_text("2")
    assert not call(MAKE, "given=f", **left_out).hit


# --- digests -----------------------------------------------------------------------------------------------


def test_weak_digests_look_at_size_and_time_alone(call, tmp_path):
    (tmp_path / "f").write_text("1")
    os.utime(tmp_path / "f", (5, 5))
    call(MAKE, "given=f", digests="weak")
    (tmp_path / "f").write_text("2")
    os.utime(tmp_path / "f", (5, 5))
    assert call(MAKE, "given=f", digests="weak").hit
    os.utime(tmp_path / "f", (6, 6))
    assert not call(MAKE, "given=f", digests="weak").hit


@pytest.mark.parametrize("how", ["clone", "link", "copy", "no room"])
def test_a_hit_is_the_same_however_files_can_be_shared(call, monkeypatch, how):
    first = call(MAKE, digests="weak")

    def refuse(*_):
        raise OSError(28 if how == "no room" else 18, "refused")

    if how != "clone":
        monkeypatch.setattr(materialising, "_cloned", lambda *_: False)
    if how in ("copy", "no room"):
        monkeypatch.setattr(os, "link", refuse)
    if how == "no room":
        monkeypatch.setattr(shutil, "copyfile", refuse)
    for _ in "12":
        answer = call(MAKE, digests="weak")
        assert answer.hit
        out = answer.directory / "work" / "out.txt"
        assert out.read_text() == "a\n"
        assert out.is_symlink() is (how == "no room")
        assert out.stat().st_mtime_ns == (first.directory / "work" / "out.txt").stat().st_mtime_ns
