"""The output directory as users find it: which files a run leaves, the index, what cleanup leaves of it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pysprocket.engine import evaluation
from pysprocket.records import recorder
from tests.cli.conftest import Sprocket
from tests.cli.waiting import rows, wait_for
from tests.examples.commands import SPROCKET
from tests.examples.commands import sprocket as in_a_process

DOCUMENTS = {
    "tasks.wdl": """
task leaf {
    input { Int number }
    command <<<
        echo ~{number} > out.txt; echo index > out.txt.tbi
        mkdir kept other; echo 1 > kept/in; ln -s ../out.txt kept/link
    >>>
    output { File out = "out.txt"  Directory kept = "kept" }
}

task flaky {
    input { Array[String] files }
    command <<< cat ~{write_lines(files)} > list; cat list; exit ~{if task.attempt < 1 then 7 else 0} >>>
    requirements { max_retries: 2 }
    output { File log = stdout() }
}

task fails { command <<< echo x > x; exit 1 >>> }
""",
    "sub.wdl": """
import "tasks.wdl"

workflow sub {
    input { Int number }
    scatter (item in range(number)) { call tasks.leaf { number = item } }
    output { Array[File] outs = leaf.out }
}
""",
    "main.wdl": """
import "tasks.wdl"
import "sub.wdl"

workflow main {
    input { Int number = 2  Boolean skip = true }
    scatter (outer in range(number)) {
        scatter (inner in range(1)) { call tasks.leaf as twice { number = outer } }
        if (skip) { call tasks.leaf as once { number = outer } }
        call sub.sub { number = number }
    }
    if (!skip) { call tasks.leaf as never { number = 0 } }
    call tasks.flaky { files = flatten(sub.outs) }
    output {
        Map[String, File] by_name = { "b": sub.outs[1][0] }
        Pair[File, Array[Directory]] pair = (sub.outs[1][1], select_all(once.kept))
        File written = write_lines(["x"])
    }
}
""",
    "pass.wdl": "workflow pass { input { File f } output { Array[File] same = [f] } }",
}

ATTEMPT = {"command", "stdout", "stderr"}
WORK = {f"work/{name}" for name in ("out.txt", "out.txt.tbi", "kept/in", "kept/link")}
JSON = {"inputs.json", "outputs.json"}
ENDED = {"output.log", "metrics.json"}  # of each run that has ended


@pytest.fixture
def run(sprocket: Sprocket, tmp_path):
    """Runs a workflow of the document on the local backend; gives how it ended."""
    for name, text in DOCUMENTS.items():
        (tmp_path / name).write_text(f"version 1.2\n{text}")
    (tmp_path / "clean.toml").write_text('[run]\ncleanup = "on_success"\n')

    def start(*arguments: str, document: str = "main.wdl"):
        return sprocket("run", document, "-b", "local", *arguments)

    return start


def left(directory: Path) -> set[str]:
    """Every file and link below a directory, hidden ones too."""
    found = (path for path in directory.rglob("*") if path.is_symlink() or not path.is_dir())
    return {str(path.relative_to(directory)) for path in found}


def latest(output: Path, target: str = "main") -> Path:
    return (output / "runs" / target / "_latest").resolve(strict=True)


def of_task(call: str, work: set[str] = WORK, attempts: int = 1) -> set[str]:
    files = {f"attempts/{number}/{name}" for number in range(attempts) for name in ATTEMPT | work}
    return {f"calls/{call}/{name}" for name in JSON | files}


def test_a_run_leaves_what_the_guide_draws_and_nothing_else(run, tmp_path):
    assert run("--suffix", "S").status == 0
    here = latest(tmp_path / "out")
    expected = {f"calls/{call}/{name}" for call in ("sub-0", "sub-1") for name in JSON}
    for call in (
        "twice-0-0",
        "twice-0-1",
        "once-0",
        "once-1",
        *(f"sub-{a}/calls/leaf-{b}" for a in (0, 1) for b in (0, 1)),
    ):
        expected |= of_task(call)
    files = left(here)
    written = {name for name in files if "tmp/" in name}
    assert {name.rpartition("/")[0] for name in written} == {"tmp", "calls/flaky/tmp"}
    assert files - written - ENDED == expected | JSON | of_task("flaky", {"work/list"}, attempts=2)
    assert here.name.endswith("_S")
    assert left(tmp_path / "out") == {
        "output.log",
        "sprocket.db",
        "runs/main/_latest",
        *(str(Path("runs/main") / here.name / name) for name in files),
    }


def test_a_scatter_in_a_scatter_has_its_own_index_first(run, tmp_path):
    assert run().status == 0
    assert [(latest(tmp_path / "out") / f"calls/twice-0-{n}/attempts/0/work/out.txt").read_text() for n in (0, 1)] == [
        "0\n",
        "1\n",
    ]


@pytest.mark.parametrize("output", ["with blanks", "größe", "deep/er", "link/x"])
def test_output_directories(run, tmp_path, output):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    ended = run("-o", output, "--index-on", "i")
    assert ended.status == 0, ended.err
    assert "not linked" not in ended.err
    assert (tmp_path / output / "index/i/out.txt").read_text() in ("0\n", "1\n")


@pytest.mark.parametrize(
    "option",
    [
        ("--suffix", ".."),
        ("--suffix", "a/b"),
        ("--index-on", "/a"),
        ("--index-on", "a/../b"),
    ],
)
def test_names_that_cannot_be_are_refused_and_nothing_is_made(run, tmp_path, option):
    ended = run(*option)
    assert ended.status == 2
    assert "cannot be" in ended.err
    assert not (tmp_path / "out").exists()


def test_the_index_holds_all_outputs_and_the_database_knows(run, tmp_path):
    assert run("--index-on", "proj/x").status == 0
    place = tmp_path / "out/index/proj/x"
    assert left(place) == {"outputs.json", "out.txt", "out-2.txt", "kept", "kept-2", "written.txt"}
    assert (place / "out.txt").read_text() == "0\n"
    assert (place / "out-2.txt").read_text() == "1\n"
    assert (place / "kept/in").read_text() == "1\n"
    assert json.loads((place / "outputs.json").read_text()).keys() == {"main.by_name", "main.pair", "main.written"}
    with sqlite3.connect(tmp_path / "out/sprocket.db") as database:
        links = dict(database.execute("select link_path, target_path from latest_index_entries"))
        assert database.execute("select index_directory from runs").fetchall() == [("./index/proj/x",)]
    assert links.keys() == {f"./index/proj/x/{name}" for name in left(place)}
    assert all(
        (tmp_path / "out" / link).resolve() == (tmp_path / "out" / target).resolve() for link, target in links.items()
    )


def test_a_run_that_fails_leaves_the_index_as_it_was(run, tmp_path):
    assert run("--index-on", "x", "main.number=2").status == 0
    before = {name: (tmp_path / "out/index/x" / name).readlink() for name in left(tmp_path / "out/index/x")}
    assert run("--index-on", "x", "-t", "fails", document="tasks.wdl").status == 1
    assert {name: (tmp_path / "out/index/x" / name).readlink() for name in left(tmp_path / "out/index/x")} == before
    assert run("--index-on", "new", "-t", "fails", document="tasks.wdl").status == 1
    assert not (tmp_path / "out/index/new").exists()


def test_an_index_that_cannot_be_is_told_before_anything_runs(run, tmp_path):
    (tmp_path / "out/index").mkdir(parents=True)
    (tmp_path / "out/index/x").touch()
    ended = run("--index-on", "x")
    assert ended.status == 1
    assert "`x` cannot be written" in ended.err
    assert left(tmp_path / "out") == {"index/x"}


def test_outputs_outside_are_named_in_a_warning(run, tmp_path):
    (tmp_path / "given.txt").touch()
    ended = run("--index-on", "x", "pass.f=given.txt", document="pass.wdl")
    assert ended.status == 0
    assert f"as it lies in no run of the output directory: `{tmp_path}/given.txt`" in ended.err
    assert left(tmp_path / "out/index/x") == {"outputs.json"}


def test_cleanup_leaves_outputs_and_what_tells_of_the_run(run, tmp_path):
    assert run("-c", "clean.toml").status == 0
    here = latest(tmp_path / "out")
    kept = {"work/kept/in", "work/kept/link", "work/out.txt"}
    expected = {f"calls/sub-{number}/{name}" for number in (0, 1) for name in JSON} | JSON
    expected |= of_task("flaky", set(), attempts=2)
    for call in ("twice-0-0", "twice-0-1", "sub-0/calls/leaf-0", "sub-0/calls/leaf-1"):
        expected |= of_task(call, set())
    expected |= of_task("sub-1/calls/leaf-0", {"work/out.txt"}) | of_task("sub-1/calls/leaf-1", {"work/out.txt"})
    expected |= of_task("once-0", kept) | of_task("once-1", kept)
    files = left(here) - ENDED
    (written,) = {name for name in files if name.startswith("tmp/")}
    assert files == expected | {written}
    outputs = json.loads((here / "outputs.json").read_text())
    assert Path(outputs["main.written"]).read_text() == "x\n"
    assert (Path(outputs["main.pair"]["right"][1]) / "link").read_text() == "1\n"


def test_cleanup_keeps_everything_of_a_run_that_failed(run, tmp_path):
    assert run("-c", "clean.toml", "-t", "fails", document="tasks.wdl").status == 1
    files = left(latest(tmp_path / "out", "fails"))
    assert files == {"inputs.json", "attempts/0/work/x", *ENDED, *(f"attempts/0/{name}" for name in ATTEMPT)}


WAITING = """
task waiting {
    input { Int number  String go }
    command <<< echo x > other; until test -e '~{go}'; do sleep 0.02; done; echo ~{number} > out.txt >>>
    output { File out = "out.txt" }
}

workflow waits {
    input { String go }
    scatter (number in [1, 2]) { call waiting { number, go } }
    output { Array[File] outs = waiting.out }
}
"""


def test_a_resumed_run_is_indexed_and_cleaned_as_its_first_process_would_have_done(run, sprocket, tmp_path):
    (tmp_path / "waits.wdl").write_text(f"version 1.2\n{WAITING}")
    options = ["-c", "clean.toml", "--index-on", "x", "-b", "local"]
    first = subprocess.Popen(
        [SPROCKET, "run", "waits.wdl", f"waits.go={tmp_path}/go", *options], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    calls = tmp_path / "out/runs/waits/_latest/calls"
    while len(list(calls.glob("*/attempts/0/work/other"))) < 2:
        assert first.poll() is None
        time.sleep(0.02)
    first.kill()
    first.wait()
    assert ".lock" in left(latest(tmp_path / "out", "waits"))
    (tmp_path / "go").touch()
    ended = sprocket("resume")
    assert ended.status == 0, ended.err
    expected = of_task("waiting-0", {"work/out.txt"}) | of_task("waiting-1", {"work/out.txt"})
    assert left(latest(tmp_path / "out", "waits")) == expected | JSON | ENDED
    assert left(tmp_path / "out/index/x") == {"outputs.json", "out.txt", "out-2.txt"}


def test_runs_at_once_share_an_output_directory_and_an_index(run, tmp_path):
    def one(number: int) -> int:
        arguments = ["run", "main.wdl", "-b", "local", f"main.number={number + 2}", "--index-on", "x"]
        return in_a_process(arguments, tmp_path, tmp_path).returncode

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(one, range(3))) == [0, 0, 0]
    runs = {path.name for path in (tmp_path / "out/runs/main").iterdir()}
    assert len(runs) == 4
    assert latest(tmp_path / "out").name == max(runs - {"_latest"})
    (owner,) = {
        link.resolve().relative_to(tmp_path / "out/runs/main").parts[0] for link in (tmp_path / "out/index/x").iterdir()
    }
    number = json.loads((tmp_path / "out/runs/main" / owner / "inputs.json").read_text())["number"]
    assert left(tmp_path / "out/index/x") == {
        *("outputs.json", "out.txt", "out-2.txt", "written.txt", "kept"),
        *(f"kept-{n}" for n in range(2, number + 1)),
    }


def test_the_database_knows_of_a_run_before_anything_of_it_is_done(sprocket, tmp_path, monkeypatch):
    """So there is no run directory of a process that was killed which nobody can go on with."""
    found = []

    def evaluate(*_):
        wait_for(lambda: rows(tmp_path, "SELECT 1 FROM runs"))
        found.extend(rows(tmp_path, "SELECT status FROM runs"))
        return {}

    monkeypatch.setattr(recorder, "LINGER", 3600)
    monkeypatch.setattr(evaluation, "evaluate_workflow", evaluate)
    Path("main.wdl").write_text("version 1.2\nworkflow w { }\n")
    assert sprocket("run", "main.wdl").status == 0
    assert found == [("running",)]


def test_an_output_directory_in_the_place_of_a_run_is_told(sprocket):
    Path("main.wdl").write_text("version 1.2\nworkflow w { }\n")
    sprocket("run", "main.wdl", "-o", "an out")
    for arguments in (["resume"], ["runs", "show"], ["runs", "report"]):
        ended = sprocket(*arguments, "an out")
        assert ended.status == 2
        assert ended.err == "error: `an out` is an output directory, not that of a run\nhelp: write `-o 'an out'`\n"


def test_a_run_directory_that_nothing_is_recorded_of_is_told(sprocket):
    """Its process was killed in its very first moment."""
    Path("main.wdl").write_text("version 1.2\nworkflow w { }\n")
    sprocket("run", "main.wdl")
    Path("out/runs/w/2026-01-01_000000000000000").mkdir()
    for arguments in (["resume"], ["runs", "show"]):
        ended = sprocket(*arguments, "out/runs/w/2026-01-01_000000000000000")
        assert ended.status == 1
        assert "error: nothing is recorded of a run in `" in ended.err
        assert "help: its process died before anything was begun, or its records are lost; run it anew\n" in ended.err
