"""Whole runs whose bounds are in `sprocket.toml`, and runs in a queue that are told to end.

The queue is a stub in the process of the command: two jobs run in it, for ever, and the others wait.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.waiting import rows, wait_for
from tests.examples.commands import ROOT, sprocket

if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)

DOCUMENT = """\
version 1.2
task t {
    input { Int n }
    command <<< sleep 0.05 >>>
    output { Int m = n }
    requirements { cpu: 1  memory: "1 MiB" }
}
workflow w {
    scatter (i in range(4)) { call t as flat { n = i } }
    scatter (i in range(3)) { scatter (j in range(3)) { call t as nested { n = j } } }
    output { Array[Int] m = flat.m }
}
"""
LOCAL = '[run.backends.default]\ntype = "local"\n'


# --- bounds --------------------------------------------------------------------------------------------------


def most_at_once(directory: Path, call: str) -> int:
    """How many calls whose ids match a pattern were under way together at most."""
    began_and_ended = rows(
        directory,
        f"SELECT started_at, 1 FROM calls WHERE call_id GLOB '{call}'"
        f" UNION ALL SELECT completed_at, -1 FROM calls WHERE call_id GLOB '{call}' ORDER BY 1, 2",
    )
    now = most = 0
    for _, step in began_and_ended:
        now += step
        most = max(most, now)
    assert now == 0
    return most


def ran(directory: Path, settings: str) -> None:
    (directory / "main.wdl").write_text(DOCUMENT)
    (directory / "sprocket.toml").write_text(settings)
    completed = sprocket(["run", "main.wdl", "-t", "w", "-q"], directory, directory / "home")
    assert completed.returncode == 0, completed.stderr


def test_the_bound_of_a_backend_holds_for_each_scatter_and_beats_that_of_all(tmp_path):
    ran(tmp_path, f"run.workflow.scatter.concurrency = 3\n{LOCAL}max_scatter_concurrency = 2\n")
    assert most_at_once(tmp_path, "flat-*") == 2
    assert [most_at_once(tmp_path, f"nested-*-{outer}") for outer in range(3)] == [2, 2, 2]
    assert most_at_once(tmp_path, "nested-*") == 4


def test_without_it_the_bound_of_all_scatters_holds(tmp_path):
    ran(tmp_path, f"run.workflow.scatter.concurrency = 1\n{LOCAL}")
    assert (most_at_once(tmp_path, "flat-*"), most_at_once(tmp_path, "nested-*")) == (1, 1)


def test_the_bound_of_a_run_holds_for_all_of_its_calls(tmp_path):
    ran(tmp_path, f"run.max_concurrent_tasks = 3\n{LOCAL}max_scatter_concurrency = 2\n")
    assert most_at_once(tmp_path, "*") == 3


@pytest.mark.parametrize("mode", ["slow", "fast"])
@pytest.mark.parametrize("bad", [0, 2])
def test_after_a_failure_nothing_starts_that_waited_for_its_turn(tmp_path, mode, bad):
    script = f"echo ~{{n}} >>{tmp_path}/ran; exit ~{{if n == {bad} then 1 else 0}}"
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("sleep 0.05", script))
    (tmp_path / "sprocket.toml").write_text(f'run.fail = "{mode}"\n{LOCAL}cpu = 1\n')
    assert sprocket(["run", "main.wdl"], tmp_path, tmp_path / "home").returncode == 1
    assert "".join((tmp_path / "ran").read_text().split()) == "012"[: bad + 1]


# --- a queue -------------------------------------------------------------------------------------------------

PROGRAM = """\
from pysprocket.cli import calls
from pysprocket.cli.main import command
from tests.engine.stub import StubBackend

class Queue(StubBackend):
    detaches = True

calls.create = lambda *_: Queue(room=2)
command()
"""
FLAT = DOCUMENT.replace("scatter (i in range(3)) { scatter (j in range(3)) { call t as nested { n = j } } }", "")


def begin(directory: Path, settings: str = "") -> subprocess.Popen[str]:
    """A run with two jobs that run and two that wait."""
    (directory / "main.wdl").write_text(FLAT)
    (directory / "sprocket.toml").write_text(settings + LOCAL)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPROCKET_")}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "run", "main.wdl", "-t", "w"],
        cwd=directory,
        env=environment | {"XDG_CONFIG_HOME": str(directory / "home"), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: (directory / "out/sprocket.db").exists() and len(submitted(directory)) == 4)
    return process


def submitted(directory: Path) -> list[tuple[str]]:
    try:
        return rows(directory, "SELECT name FROM attempts WHERE submitted_at IS NOT NULL")
    except sqlite3.OperationalError:  # the tables are being made
        return []


def ended(process: subprocess.Popen[str], number: int | None = None) -> str:
    """What was told by the end, which is that of an interruption."""
    if number is not None:
        process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    return told


STATES = "SELECT status, count(*) FROM tasks GROUP BY 1 ORDER BY 1"
CANCELLED = "SELECT count(*) FROM attempts WHERE cancel_requested_at IS NOT NULL"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_jobs_of_a_queue_are_left_alone_when_the_engine_is_terminated(tmp_path, number):
    told = ended(begin(tmp_path), number)
    assert "leaving; tasks that run go on" in told
    assert rows(tmp_path, STATES) == [("pending", 4)]
    assert rows(tmp_path, CANCELLED) == [(0,)]
    ((status, error, name),) = rows(tmp_path, "SELECT status, error, name FROM runs")
    assert (status, error) == (
        "canceled",
        f"the run was interrupted by {signal.Signals(number).name}; `sprocket resume {name}` goes on with it",
    )


def test_on_terminate_cancel_cancels_them(tmp_path):
    ended(begin(tmp_path, 'run.on_terminate = "cancel"\n'), signal.SIGTERM)
    assert rows(tmp_path, STATES) == [("canceled", 4)]
    assert rows(tmp_path, CANCELLED) == [(4,)]


def test_ctrl_c_empties_the_queue_and_awaits_what_runs(tmp_path):
    process = begin(tmp_path)
    process.send_signal(signal.SIGINT)
    wait_for(lambda: rows(tmp_path, "SELECT count(*) FROM tasks WHERE status = 'canceled'") == [(2,)])
    assert process.poll() is None
    assert rows(tmp_path, CANCELLED) == [(0,)]
    told = ended(process, signal.SIGINT)
    assert "2 running tasks are awaited" in told
    assert rows(tmp_path, STATES) == [("canceled", 4)]
    assert rows(tmp_path, "SELECT DISTINCT status FROM calls") == [("canceled",)]
