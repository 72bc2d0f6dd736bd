"""The index: every file of the outputs, no two under one name, nothing of earlier runs, nothing of people lost."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from pysprocket.engine.directory import RunDirectory, create_run_directory
from pysprocket.errors import OutputDirectoryError
from pysprocket.records.index import Written, write_index
from pysprocket.values.model import Directory, File, Object, Pair, StructValue, Value


@pytest.fixture
def run(tmp_path) -> RunDirectory:
    return new_run(tmp_path / "out")


def new_run(output: Path) -> RunDirectory:
    run = create_run_directory(output, "main")
    make(run, "outputs.json")
    return run


def make(run: RunDirectory, *names: str) -> list[File]:
    """Files in the run directory that hold their own name."""
    for name in names:
        (run.path / name).parent.mkdir(parents=True, exist_ok=True)
        (run.path / name).write_text(name)
    return [File(run.path / name) for name in names]


def indexed(name: str, run: RunDirectory, values: Sequence[Value]) -> Written:
    return write_index(name, run, {f"output_{number}": value for number, value in enumerate(values)})


def shown(run: RunDirectory, name: str = "x") -> dict[str, str]:
    """What the links of the index lead to, relative to the run; every link is relative."""
    found = {}
    here = run.path.resolve()
    for link in (run.output / "index" / name).iterdir():
        assert not link.readlink().is_absolute()
        found[link.name] = str(link.resolve(strict=True).relative_to(here))
    return found


def test_files_of_all_kinds_of_values_are_linked(run):
    files = make(run, *"abcdefghij", "dir/inside")
    values = [
        files[0],
        [[files[1]], None],
        {files[2]: 1, "key": files[3]},
        {Pair(files[4], 1): [Pair(2, files[5])]},
        StructValue("S", {"file": files[6], "none": None}),
        Object(file=files[7]),
        [{"key": StructValue("T", {"inner": Pair(files[8], {"k": [files[9]]})})}],
        Directory(run.path / "dir"),
        "text",
    ]
    made = indexed("x", run, values)
    assert shown(run) == {name: name for name in ("outputs.json", *"abcdefghij", "dir")}
    assert made.links[0] == ("./index/x/outputs.json", f"./{run.relative}/outputs.json")
    assert made.links[-1] == ("./index/x/dir", f"./{run.relative}/dir")
    assert (len(made.links), made.skipped, made.displaced) == (12, (), ())
    assert (run.output / "index/x/dir/inside").read_text() == "dir/inside"


def test_links_are_those_that_sprocket_makes(run):
    indexed("proj/x", run, make(run, "calls/a-0/attempts/0/work/out.txt"))
    link = run.output / "index/proj/x/out.txt"
    assert str(link.readlink()) == f"../../../{run.relative}/calls/a-0/attempts/0/work/out.txt"
    assert str(link.with_name("outputs.json").readlink()) == f"../../../{run.relative}/outputs.json"


def test_two_files_of_one_name_get_two_links_and_one_file_gets_one(run):
    files = make(run, "0/f.txt", "1/f.txt", "2/f.txt")
    indexed("x", run, [files[0], files[1], files[0], [files[2], File(f"{run.path}/1/../1/./f.txt")]])
    expected = {"f.txt": "0/f.txt", "f-2.txt": "1/f.txt", "f-3.txt": "2/f.txt"}
    assert shown(run) == expected | {"outputs.json": "outputs.json"}


def test_files_that_belong_together_get_names_that_go_together(run):
    bams = make(run, *(f"{shard}/s.1.bam" for shard in range(3)))
    indexes = make(run, *(f"{shard}/s.1.bam.bai" for shard in (2, 0, 1)))
    indexed("x", run, [bams, indexes])
    assert {link: target for link, target in shown(run).items() if link != "outputs.json"} == {
        "s.1.bam": "0/s.1.bam",
        "s.1.bam.bai": "0/s.1.bam.bai",
        "s-2.1.bam": "1/s.1.bam",
        "s-2.1.bam.bai": "1/s.1.bam.bai",
        "s-3.1.bam": "2/s.1.bam",
        "s-3.1.bam.bai": "2/s.1.bam.bai",
    }


def test_a_number_never_takes_the_name_of_another_file(run):
    indexed("x", run, make(run, "0/f.txt", "0/f-2.txt", "1/f.txt", "2/f-2.txt", "outputs.json", "0/outputs.json"))
    found = shown(run)
    assert len(found) == 6
    assert set(found.values()) == {"0/f.txt", "0/f-2.txt", "1/f.txt", "2/f-2.txt", "outputs.json", "0/outputs.json"}
    assert (found["f.txt"], found["f-2.txt"], found["f-3.txt"]) == ("0/f.txt", "0/f-2.txt", "1/f.txt")
    assert (found["outputs.json"], found["outputs-2.json"]) == ("outputs.json", "0/outputs.json")


@pytest.mark.parametrize(
    "name", ["a\nb.txt", "-rf", "..x", "...", ".hidden", " ", "ü" * 127, "n" * 255, "s." + "e" * 253]
)
def test_hostile_names(run, name):
    indexed("x", run, make(run, f"0/{name}", f"1/{name}", f"2/{name}"))
    found = shown(run)
    assert set(found.values()) == {"outputs.json", *(f"{number}/{name}" for number in range(3))}
    assert found[name] == f"0/{name}"


def test_a_file_that_an_expression_wrote_is_called_as_its_output(run):
    name = "0123456789abcdef"
    files = make(run, f"tmp/{name}.txt", f"calls/s/calls/t-0/tmp/{name}", f"calls/t/attempts/0/work/tmp/{name}.txt")
    write_index("x", run, {"letter": files[:2], "own": files[2], "again": files[0]})
    expected = {"letter.txt": f"tmp/{name}.txt", "letter": f"calls/s/calls/t-0/tmp/{name}"}
    expected[f"{name}.txt"] = f"calls/t/attempts/0/work/tmp/{name}.txt"
    assert shown(run) == expected | {"outputs.json": "outputs.json"}


def test_many_files_of_one_name(run):
    files = make(run, *(f"{number}/f" for number in range(1000)))
    indexed("x", run, [files])
    assert len(shown(run)) == 1001
    assert shown(run)["f-1000"] == "999/f"


def test_links_of_earlier_runs_are_replaced_or_disappear(tmp_path):
    first, second = new_run(tmp_path), new_run(tmp_path)
    indexed("x", first, make(first, "old", "both"))
    indexed("x", second, make(second, "new", "both"))
    assert shown(second) == {name: name for name in ("outputs.json", "new", "both")}


def test_links_to_runs_that_are_gone_disappear(tmp_path):
    first, second = new_run(tmp_path), new_run(tmp_path)
    indexed("x", first, make(first, "old"))
    first.path.rename(tmp_path / "moved")
    indexed("x", second, [])
    assert shown(second) == {"outputs.json": "outputs.json"}


def test_what_people_put_there_stays_and_keeps_its_name(run):
    place = run.output / "index/x"
    (place / "notes").mkdir(parents=True)
    (place / "f.txt").write_text("mine")
    (place / "absolute").symlink_to("/tmp")
    (place / "dangling").symlink_to("../../nowhere")
    made = indexed("x", run, make(run, "f.txt", "notes", "absolute"))
    assert (place / "f.txt").read_text() == "mine"
    assert not (place / "notes").is_symlink()
    assert str((place / "absolute").readlink()) == "/tmp"
    assert (place / "dangling").is_symlink()
    assert (place / "f-2.txt").read_text() == "f.txt"
    assert made.displaced == ("f.txt", "notes", "absolute")


def test_urls_and_files_outside_are_skipped_and_told(run, tmp_path):
    (tmp_path / "given").touch()
    url = File("https://example.org/f")
    made = indexed("x", run, [url, [File(tmp_path / "given"), File(f"{run.output}/../given")], Directory("/tmp"), url])
    assert shown(run) == {"outputs.json": "outputs.json"}
    assert made.skipped == (url, str(tmp_path / "given"), f"{run.output}/../given", "/tmp")


def test_an_output_that_is_a_link_of_an_index_is_linked_where_it_leads(tmp_path):
    first, second = new_run(tmp_path), new_run(tmp_path)
    indexed("x", first, make(first, "f.txt"))
    for name in ("x", "y", "x"):
        indexed(name, second, [File(tmp_path / "index/x/f.txt")])
    target = Path("../..", first.relative, "f.txt")
    assert (tmp_path / "index/x/f.txt").readlink() == (tmp_path / "index/y/f.txt").readlink() == target


def test_what_is_beside_the_runs_is_skipped_and_told(run):
    (run.output / "mine").touch()
    assert indexed("x", run, [File(run.output / "mine")]).skipped == (str(run.output / "mine"),)
    assert shown(run) == {"outputs.json": "outputs.json"}


def test_an_output_directory_behind_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    run = new_run(tmp_path / "link")
    (direct,) = make(run, "a")
    other = File(str(make(run, "b")[0]).replace("/link/", "/real/"))
    assert indexed("x", run, [direct, other]).skipped == ()
    assert shown(run) == {name: name for name in ("outputs.json", "a", "b")}
    (tmp_path / "real").rename(tmp_path / "moved")  # the output directory can be moved as one
    assert (tmp_path / "moved/index/x/a").read_text() == "a"


def test_an_index_behind_a_link(run, tmp_path):
    (tmp_path / "far/away").mkdir(parents=True)
    (run.output / "index").symlink_to(tmp_path / "far/away")
    indexed("x", run, make(run, "a"))
    indexed("x", run, make(run, "b"))
    assert shown(run) == {"outputs.json": "outputs.json", "b": "b"}


def test_an_index_is_never_made_in_an_output(run):
    make(run, "d/inside")
    indexed("x", run, [Directory(run.path / "d")])
    with pytest.raises(OutputDirectoryError, match=r"`.*/index/x/d` is a link to an output of a run"):
        indexed("x/d", run, [])
    with pytest.raises(OutputDirectoryError, match=r"`.*/index/x/outputs.json` is not a directory"):
        indexed("x/outputs.json", run, [])
    assert [path.name for path in (run.path / "d").iterdir()] == ["inside"]


def test_an_index_may_be_inside_of_another(run):
    indexed("x", run, make(run, "a"))
    indexed("x/y", run, make(run, "b"))
    indexed("x", run, make(run, "c", "0/y"))
    assert {path.name for path in (run.output / "index/x").iterdir()} == {"outputs.json", "c", "y", "y-2"}
    assert shown(run, "x/y") == {"outputs.json": "outputs.json", "b": "b"}


def index_of(output: Path, number: int) -> Written:
    run = new_run(output)
    return indexed("x", run, make(run, *(f"{number}-{name}" for name in range(20)), "same"))


def test_of_runs_that_end_together_one_index_is_left_complete(tmp_path):
    with ProcessPoolExecutor(4) as pool:
        made = list(pool.map(partial(index_of, tmp_path), range(16)))
    left = {
        (f"./index/x/{link.name}", f"./{link.resolve().relative_to(tmp_path)}")
        for link in (tmp_path / "index/x").iterdir()
    }
    assert left in [set(one.links) for one in made]
