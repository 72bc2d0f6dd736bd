"""`sprocket resume`: which run, with which documents and inputs, what is reused, and what is refused."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pysprocket.cli.main import main
from pysprocket.engine.directory import RunDirectory
from tests.cli.waiting import rows, start, wait_for
from tests.examples.commands import sprocket
from tests.records.happenings import make_version_3

if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)

pytestmark = pytest.mark.integration  # each test starts and stops engines: together they take long

DOCUMENT = """\
version 1.2
import "part.wdl"
workflow w {
    input { Array[String] words  File list }
    scatter (word in words) { call part.say { word, list } }
    call part.say as last { word = read_string(say.said[0]), list }
    output { Array[File] said = say.said  File final = last.said }
}
"""
PART = """\
version 1.2
task say {
    input { String word  File list }
    command <<<
        echo ~{word} >> "GO.ran"
        until [ -e "GO" ] || [ "~{word}" = first ]; do sleep 0.02; done
        [ ! -e "GO.fail" ] || exit 3
        printf '%s' ~{word} | tee said.txt
    >>>
    output { File said = "said.txt" }
    requirements { cpu: 1  memory: "1 MiB" }
}
"""
REATTACHED = "SELECT count(*) FROM attempts WHERE reattached_at IS NOT NULL"
SETTINGS = '[run.backends.default]\ntype = "local"\ncpu = 2\n'


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """The directory of a run whose engine was killed: one task has ended, one runs, one is not begun."""
    go = tmp_path / "go"
    (tmp_path / "main.wdl").write_text(DOCUMENT)
    (tmp_path / "part.wdl").write_text(PART.replace("GO", str(go)))
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    (tmp_path / "list.txt").write_text("list")
    process = start(tmp_path, "run", "main.wdl", "words=first", "second", "list=list.txt", "-t", "w")
    wait_for(lambda: (tmp_path / "out/sprocket.db").exists() and (tmp_path / "go.ran").exists() and done(tmp_path) == 1)
    wait_for(lambda: "second\n" in (tmp_path / "go.ran").read_text())
    process.kill()
    process.communicate()
    yield tmp_path
    go.touch()  # a task of a test that failed would wait for ever


def done(directory: Path) -> int:
    return len(rows(directory, "SELECT 1 FROM calls WHERE status = 'completed'"))


def resume(directory: Path, *arguments: str):
    return sprocket(["resume", *arguments], directory, directory / "home")


def check_done(directory: Path, completed) -> None:
    assert completed.returncode == 0, completed.stderr
    outputs = json.loads(completed.stdout)
    assert [Path(path).read_text() for path in outputs["w.said"]] == ["first", "second"]
    assert Path(outputs["w.final"]).read_text() == "first"
    assert outputs == json.loads(rows(directory, "SELECT outputs FROM runs")[0][0])
    assert sorted((directory / "go.ran").read_text().split()) == ["first", "first", "second"]  # `last` says `first` too
    assert rows(directory, "SELECT status, error FROM runs") == [("completed", None)]


def test_the_latest_run_that_died_is_gone_on_with(killed):
    (killed / "go").touch()
    completed = resume(killed)
    check_done(killed, completed)
    assert rows(killed, "SELECT call_id, count(*) FROM tasks GROUP BY 1") == [("last", 1), ("say-0", 1), ("say-1", 1)]
    assert "say-1: awaiting the job that was started before" in completed.stderr


def test_a_run_that_an_older_version_recorded_goes_on(killed):
    make_version_3(killed / "out/sprocket.db")
    (killed / "go").touch()
    check_done(killed, resume(killed))


def test_what_an_older_version_has_done_until_it_gave_the_run_away_counts(killed, monkeypatch, capsys):
    make_version_3(killed / "out/sprocket.db")
    real = RunDirectory.locked

    @contextmanager
    def locked(directory: RunDirectory) -> Iterator[None]:
        with real(directory):
            with closing(sqlite3.connect(killed / "out/sprocket.db")) as connection, connection:
                connection.execute("UPDATE runs SET status = 'completed', outputs = '{}'")
            yield

    monkeypatch.setattr(RunDirectory, "locked", locked)
    monkeypatch.chdir(killed)
    (killed / "go").touch()
    assert main(["resume"]) == 0
    assert "is complete already" in capsys.readouterr().err


def test_a_task_ends_well_without_its_engine(killed):
    (killed / "go").touch()
    wait_for(lambda: list(killed.glob("out/runs/w/2*/calls/say-1/attempts/0/work/said.txt")))
    check_done(killed, resume(killed))


def test_documents_may_have_changed_or_gone_since(killed):
    (killed / "go").touch()
    (killed / "main.wdl").unlink()
    (killed / "part.wdl").write_text("version 1.2\ntask other { command <<< >>> }\n")
    check_done(killed, resume(killed))


def test_a_run_is_named_by_its_name_the_beginning_of_it_or_its_directory(killed):
    (killed / "go").touch()
    ((name, uuid, directory),) = rows(killed, "SELECT name, uuid, directory FROM runs")
    check_done(killed, resume(killed, name[:-2]))
    for reference in (name, uuid, f"out/{directory}", "out/runs/w/_latest"):
        completed = resume(killed, reference)
        assert completed.returncode == 0
        assert completed.stderr == f"warning: the run `{name}` is complete already\n"
        assert json.loads(completed.stdout) == json.loads(rows(killed, "SELECT outputs FROM runs")[0][0])
    assert resume(killed, name, "-q").stderr == completed.stderr
    assert resume(killed, name, "-qq").stderr == ""


def test_the_output_directory_may_be_named_in_any_way(killed):
    (killed / "go").touch()
    (killed / "below").mkdir()
    completed = sprocket(["resume", "-o", "../out", "-c", "../sprocket.toml"], killed / "below", killed / "home")
    check_done(killed, completed)
    assert str(killed / "out/runs") in completed.stdout


def test_from_another_directory_with_the_output_directory_named(killed, tmp_path_factory):
    (killed / "go").touch()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    completed = sprocket(
        ["resume", "-o", str(killed / "out"), "-c", str(killed / "sprocket.toml")], elsewhere, killed / "home"
    )
    check_done(killed, completed)
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("where", [".", "calls/say-0", "elsewhere"])
def test_a_run_named_by_a_path_is_found_in_whatever_output_directory_it_lies(killed, tmp_path_factory, where):
    (killed / "go").touch()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "link").symlink_to(killed / "out/runs/w/_latest")
    (elsewhere / "out").mkdir()
    run = (killed / "out/runs/w/_latest").resolve()
    directory, reference = (elsewhere, "link") if where == "elsewhere" else (run / where, ".")
    check_done(killed, sprocket(["resume", reference], directory, killed / "home"))
    for command in ("show", "report"):
        completed = sprocket(["runs", command, reference], directory, killed / "home")
        assert (completed.returncode, completed.stderr) == (0, "")
    assert (run / "report.html").exists()


def test_a_call_whose_output_is_gone_runs_again(killed):
    (killed / "go").touch()
    (said,) = killed.glob("out/runs/w/2*/calls/say-0/attempts/0/work/said.txt")
    said.unlink()
    completed = resume(killed)
    assert completed.returncode == 0, completed.stderr
    assert f"say-0: runs again, for its output `{said}` is not there any more" in completed.stderr
    assert (said.parents[2] / "1/work/said.txt").read_text() == "first"
    attempts = rows(killed, "SELECT status, retry_cause FROM tasks WHERE call_id = 'say-0' ORDER BY attempt")
    assert attempts == [("completed", None), ("completed", "its outputs cannot be used again")]


CHAIN = """\
version 1.2
task a { command <<< echo $$ > a.txt >>> output { File f = "a.txt" } }
task b { input { File f } command <<< cat ~{f} >>> output { String v = read_string(stdout()) } }
task c {
    input { String v  File f }
    command <<<
        echo began >> "HERE/began"
        until [ -e "HERE/go" ]; do sleep 0.02; done
        echo "~{v}" "$(cat ~{f})"
    >>>
    output { String both = read_string(stdout()) }
}
workflow w {
    call a
    call b { f = a.f }
    call c { v = b.v, f = a.f }
    output { String v = b.v  String now = read_string(a.f)  String both = c.both }
}
"""


def test_what_was_made_from_a_call_that_runs_again_is_made_again(tmp_path):
    (tmp_path / "main.wdl").write_text(CHAIN.replace("HERE", str(tmp_path)))
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    process = start(tmp_path, "run", "main.wdl", "-t", "w", "--progress", "none")
    wait_for((tmp_path / "began").exists)
    process.kill()
    process.communicate()
    (gone,) = tmp_path.glob("out/runs/w/2*/calls/a/attempts/0/work/a.txt")
    first = gone.read_text().strip()
    gone.unlink()
    process = start(tmp_path, "resume")
    wait_for(lambda: (tmp_path / "began").read_text().count("began") == 2)
    (tmp_path / "go").touch()
    out, told = process.communicate()
    outputs = json.loads(out)
    assert outputs["w.now"] != first
    assert (outputs["w.v"], outputs["w.both"]) == (outputs["w.now"], f"{outputs['w.now']} {outputs['w.now']}")
    assert [line.partition(": ")[0].split()[-1] for line in told.splitlines() if "runs again" in line] == [
        "a",
        "b",
        "c",
    ]
    assert rows(tmp_path, "SELECT call_id, attempt, status FROM tasks ORDER BY 1, 2") == [
        *(("a", 0, "completed"), ("a", 1, "completed"), ("b", 0, "completed"), ("b", 1, "completed")),
        *(("c", 0, "canceled"), ("c", 1, "completed")),
    ]


def test_an_input_that_is_gone_is_told_and_nothing_is_lost(killed):
    (killed / "go").touch()
    (killed / "list.txt").rename(killed / "moved.txt")
    completed = resume(killed)
    assert completed.returncode == 1
    assert "list.txt` does not exist" in completed.stderr
    (killed / "moved.txt").rename(killed / "list.txt")
    check_done(killed, resume(killed))


def test_an_input_that_was_changed_since_is_told(killed):
    (killed / "go").touch()
    (killed / "list.txt").write_text("another")
    completed = resume(killed)
    check_done(killed, completed)
    assert f"warning: the input `{killed}/list.txt` was changed since the run began" in completed.stderr


def test_a_run_that_somebody_works_on_is_refused(killed):
    process = start(killed, "resume")
    wait_for(lambda: rows(killed, REATTACHED) == [(1,)])
    ((name,),) = rows(killed, "SELECT name FROM runs")
    completed = resume(killed, name)
    assert completed.returncode == 1
    assert f"another process works on this run: process {process.pid} on {os.uname().nodename}" in completed.stderr
    completed = resume(killed)
    assert completed.returncode == 1
    assert f"error: there is no unfinished run to go on with\nhelp: `{name}` is under way" in completed.stderr
    (killed / "go").touch()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_failed_run_is_gone_on_with_when_it_is_named(killed):
    (killed / "go.fail").touch()
    (killed / "go").touch()
    assert resume(killed).returncode == 1
    ((name, status),) = rows(killed, "SELECT name, status FROM runs")
    assert status == "failed"
    completed = resume(killed)
    assert completed.returncode == 1
    assert f"help: `sprocket resume {name}` tries again what failed in the last run" in completed.stderr
    completed = sprocket(["resume", "-o", "."], killed / "out", killed / "home")
    assert f"help: `sprocket resume {name} -o {killed / 'out'}` tries again" in completed.stderr
    (killed / "go.fail").unlink()
    completed = resume(killed, name)
    assert completed.returncode == 0, completed.stderr
    assert rows(killed, "SELECT call_id, attempt, status, retry_cause FROM tasks WHERE call_id = 'say-1'") == [
        ("say-1", 0, "failed", None),
        ("say-1", 1, "completed", "exit_code"),
    ]
    assert rows(killed, "SELECT DISTINCT status FROM calls") == [("completed",)]


def test_jobs_do_not_move_to_another_type_of_backend(killed):
    (killed / "sprocket.toml").write_text('[run.backends.default]\ntype = "docker"\n')
    completed = resume(killed)
    assert completed.returncode == 1
    assert "the run began on a backend of type `local`, but `default` is of type `docker` now" in completed.stderr
    (killed / "sprocket.toml").write_text(SETTINGS)
    (killed / "go").touch()
    check_done(killed, resume(killed))


def test_what_was_settled_when_the_run_began_is_told_to_hold(killed):
    (killed / "go").touch()
    completed = resume(killed, "--set", "run.backend=docker", "--set", "common.wdl.fallback_version=1.1")
    told = " ".join(completed.stderr.split())
    assert "`--set run.backend=…` changes nothing: the run began with `default` and goes on with it" in told
    assert "`--set common.wdl.fallback_version=…` changes nothing: the run began with `none`" in told
    check_done(killed, completed)
    assert "changes nothing" not in resume(killed, "--set", "run.backend=default").stderr


def test_configuration_files_of_the_first_command_are_read_again(killed):
    (killed / "sprocket.toml").rename(killed / "other.toml")
    (killed / "go").touch()
    completed = resume(killed)
    assert completed.returncode == 1  # the file was found by search and is not there any more
    check_done(killed, resume(killed, "-c", "other.toml"))


def test_the_configuration_is_that_of_the_directory_where_the_run_began(killed, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "sprocket.toml").write_text('[run.backends.default]\ntype = "docker"\n')
    (killed / "go").touch()
    check_done(killed, sprocket(["resume", str(killed / "out/runs/w/_latest")], elsewhere, killed / "home"))


def test_what_the_user_cancelled_does_not_run_on(killed):
    process = start(killed, "resume")
    wait_for(lambda: rows(killed, REATTACHED) == [(1,)])
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert rows(killed, "SELECT status FROM tasks WHERE call_id = 'say-1'") == [("canceled",)]
    (killed / "go").touch()
    assert resume(killed).returncode == 0
    assert rows(killed, "SELECT attempt, status FROM tasks WHERE call_id = 'say-1'") == [
        (0, "canceled"),
        (1, "completed"),
    ]


@pytest.mark.parametrize(
    ("reference", "words"),
    [("nobody", "there is no run `nobody`"), (None, "there are no records of runs")],
)
def test_without_such_a_run_it_says_so(tmp_path, reference, words):
    if reference:
        (tmp_path / "main.wdl").write_text("version 1.2\nworkflow w { }\n")
        sprocket(["run", "main.wdl"], tmp_path, tmp_path / "home")
    completed = resume(tmp_path, *([reference] if reference else []))
    assert completed.returncode == 1
    assert words in completed.stderr
    assert "Traceback" not in completed.stderr


FAILING = """\
version 1.3
task t {
    input { Int i }
    command <<<
        echo ~{i} >> "HERE/began"
        until [ -e "HERE/go~{i}" ]; do sleep 0.02; done
        echo ~{i} >> "HERE/ended"
        [ ~{i} -ne 1 ]
    >>>
    requirements { cpu: 1  memory: "1 MiB" }
}
workflow w { scatter (i in range(4)) { call t { i } } }
"""


@pytest.mark.parametrize("most", ["", "[run]\nmax_concurrent_tasks = 2\n"])
@pytest.mark.parametrize("mode", ["slow", "fast"])
def test_a_failure_that_is_found_first_drops_nothing_that_runs(tmp_path, mode, most):
    (tmp_path / "main.wdl").write_text(FAILING.replace("HERE", str(tmp_path)))
    (tmp_path / "sprocket.toml").write_text(SETTINGS.replace("cpu = 2", "cpu = 3"))
    process = start(tmp_path, "run", "main.wdl", "--progress", "none")
    began, ended = tmp_path / "began", tmp_path / "ended"
    wait_for(lambda: began.exists() and sorted(began.read_text().split()) == ["0", "1", "2"])
    process.kill()
    process.communicate()
    (tmp_path / "go1").touch()
    wait_for(ended.exists)
    (tmp_path / "sprocket.toml").write_text(f'{most or "[run]"}\nfail = "{mode}"\n{SETTINGS}')
    process = start(tmp_path, "resume")
    wait_for(lambda: rows(tmp_path, "SELECT 1 FROM calls WHERE status = 'failed'"))
    for name in ("go0", "go2", "go3"):
        if mode == "slow":
            (tmp_path / name).touch()
    process.communicate()
    awaited = "completed" if mode == "slow" else "canceled"
    expected = [("t-0", awaited), ("t-1", "failed"), ("t-2", awaited), ("t-3", "canceled")]
    found = rows(tmp_path, "SELECT call_id, status FROM tasks ORDER BY 1")
    assert [row for row in found if row[0] != "t-3"] == expected[:3]
    assert found[3:] in ([], expected[3:])  # what had not begun does not begin
    assert sorted(began.read_text().split()) == ["0", "1", "2"]
    assert sorted(ended.read_text().split()) == (["0", "1", "2"] if mode == "slow" else ["1"])
    for pid in map(int, (row[0] for row in rows(tmp_path, "SELECT job_id FROM attempts WHERE job_id IS NOT NULL"))):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
