"""Who is alive, and what becomes of runs whose process died."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pysprocket.engine.directory import LOCK, RunDirectory
from pysprocket.engine.events import RunResumed, Status
from pysprocket.records.database import open_database
from pysprocket.records.history import History
from pysprocket.records.liveness import is_alive, mark_dead
from pysprocket.records.recorder import Recorder
from tests.records.happenings import NOW, record, run_ended, run_started

HERE = os.uname().nodename


def no_process() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def statuses(path: Path) -> dict[str, str]:
    connection = open_database(path)
    found = dict(connection.execute("SELECT uuid, status FROM runs"))
    connection.close()
    return found


def test_whoever_holds_the_lock_is_alive(tmp_path):
    with RunDirectory(tmp_path, tmp_path).locked():
        assert is_alive(tmp_path)
    assert not is_alive(tmp_path)


def test_looking_does_not_keep_the_lock_and_leaves_the_file(tmp_path):
    (tmp_path / LOCK).write_text("process 1 on a\n")
    assert not is_alive(tmp_path, HERE, os.getpid(), time.time())
    with (tmp_path / LOCK).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert (tmp_path / LOCK).read_text() == "process 1 on a\n"


@pytest.mark.parametrize("directory", ["missing", "file/below"])
def test_without_a_lock_nobody_is_alive(tmp_path, directory):
    (tmp_path / "file").touch()
    assert not is_alive(tmp_path / directory, HERE, os.getpid(), time.time())


def test_a_process_elsewhere_is_alive_while_it_is_heard_of(tmp_path):
    (tmp_path / LOCK).touch()
    assert is_alive(tmp_path, "another", 1, time.time() - 60)
    assert not is_alive(tmp_path, "another", 1, time.time() - 200)
    assert not is_alive(tmp_path, "another", 1, time.time() + 10_000)  # a clock that was wrong
    assert not is_alive(tmp_path, "another", 1, None)


def test_where_there_are_no_locks_the_process_is_looked_for(tmp_path, monkeypatch):
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    (tmp_path / LOCK).touch()
    monkeypatch.setattr("fcntl.flock", unsupported)
    assert is_alive(tmp_path, HERE, os.getpid())
    assert is_alive(tmp_path, HERE, 1)
    assert not is_alive(tmp_path, HERE, no_process())
    assert not is_alive(tmp_path)


def test_runs_of_dead_processes_are_orphaned_when_the_next_one_begins(tmp_path):
    (tmp_path / "runs/main/alive").mkdir(parents=True)
    alive = RunDirectory(tmp_path, tmp_path / "runs/main/alive")
    with alive.locked():
        path = record(
            tmp_path,
            run_started("alive"),
            run_started("dead"),
            run_started("done"),
            run_ended(Status.COMPLETED, "done"),
        )
        Recorder(path).close()
        assert statuses(path) == {"alive": "running", "dead": "orphaned", "done": "completed"}
    with History(path) as history:
        assert "go on with `sprocket resume amber-otter-dead`" in str(history.find("dead").error)


def test_a_run_that_sprocket_made_is_left_alone(tmp_path):
    path = record(tmp_path)
    connection = open_database(path)
    connection.execute(
        "INSERT INTO runs (uuid, session_id, name, source, status, inputs) VALUES ('u', 1, 'n', 's', 'running', '{}')"
    )
    assert mark_dead(connection, tmp_path) == 0
    connection.close()


def test_a_run_that_is_resumed_meanwhile_stays_alive(tmp_path, monkeypatch):
    """Between the look at the lock and the mark another process goes on with the run."""
    path = record(tmp_path, run_started())

    def slow(*_: object) -> bool:
        with Recorder(path) as other:
            other(RunResumed(NOW, "r1", "n", "main", "workflow", "runs/main/r1", "local"))
        return False

    connection = open_database(path)
    monkeypatch.setattr("pysprocket.records.recorder.mark_dead", lambda *_: 0)
    monkeypatch.setattr("pysprocket.records.liveness.is_alive", slow)
    mark_dead(connection, tmp_path)
    connection.close()
    assert statuses(path) == {"r1": "running"}


KILLED = """
import os, sys, signal
from pathlib import Path
from pysprocket.engine.directory import RunDirectory
from tests.records.happenings import record, run_started
output = Path(sys.argv[1])
(output / "runs/main/r1").mkdir(parents=True)
with RunDirectory(output, output / "runs/main/r1").locked():
    record(output, run_started())
    print("running", flush=True)
    sys.stdin.read()
"""


def test_a_run_is_dead_as_soon_as_its_process_is(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process, process.stdout, process.stdin:
        assert process.stdout.readline() == "running\n"
        with History(tmp_path / "sprocket.db") as history:
            assert history.find("r1").status == "running"
            process.kill()
            process.wait()
            assert history.find("r1").status == "orphaned"
