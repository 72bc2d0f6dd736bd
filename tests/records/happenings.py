"""Events of a small run, for the tests of the records."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import connect
from typing import Any

from pysprocket.backends.job import JobId, Resources, Result
from pysprocket.engine.events import (
    AttemptCached,
    AttemptCreated,
    AttemptEnded,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    Event,
    RunEnded,
    RunResumed,
    RunStarted,
    Status,
)
from pysprocket.engine.failures import FailureKind
from pysprocket.records.recorder import Recorder

DONE, FAILED, CANCELED = Status.COMPLETED, Status.FAILED, Status.CANCELED
NOW = 1_795_254_247.25  # 2026-11-21 09:44:07.25 UTC


def run_started(run: str = "r1", **changes: Any) -> RunStarted:
    facts: dict[str, Any] = {
        "time": NOW,
        "run_id": run,
        "name": f"amber-otter-{run}",
        "source": "file:///x/main.wdl",
        "target": "main",
        "kind": "workflow",
        "inputs": {"main.n": 3},
        "directory": f"runs/main/{run}",
        "backend": "local",
        "documents": {"file:///x/main.wdl": "version 1.2\n"},
        "order": {"suffix": "s"},
    }
    return RunStarted(**{**facts, **changes})


def resumed(run: str = "r1") -> RunResumed:
    return RunResumed(NOW + 100, run, f"amber-otter-{run}", "main", "workflow", f"runs/main/{run}", "local")


def run_ended(status: Status, run: str = "r1", error: str | None = None) -> RunEnded:
    return RunEnded(NOW + 60, run, status, {"main.x": 1} if status is Status.COMPLETED else None, error)


def call_started(call: str, run: str = "r1", **more: Any) -> CallStarted:
    return CallStarted(NOW, run, call, call.partition("-")[0], more.pop("kind", "task"), **more)


def call_ended(call: str, status: Status, run: str = "r1", **more: Any) -> CallEnded:
    if status is Status.COMPLETED:
        more.setdefault("outputs_json", b'{"x":1}')
    return CallEnded(NOW + 9, run, call, status, **more)


def created(call: str, output: Path, number: int = 0, run: str = "r1") -> AttemptCreated:
    directory = f"{output}/runs/main/{run}/calls/{call}/attempts/{number}"
    asked = Resources(cpu=2, memory=2 * 1024**3)
    name = f"{call}-job{number}"
    return AttemptCreated(NOW, run, call, name, "t", number, directory, asked, ("ubuntu",), None)


def submitted(call: str, number: int = 0, run: str = "r1") -> AttemptSubmitted:
    name = f"{call}-job{number}"
    return AttemptSubmitted(NOW + 1, run, name, JobId(name, f"native-{number}", "d"))


def ended(
    call: str,
    status: Status,
    number: int = 0,
    run: str = "r1",
    failure: FailureKind | None = None,
    result: Result | None = None,
    error: str | None = None,
) -> AttemptEnded:
    return AttemptEnded(NOW + 8, run, call, f"{call}-job{number}", status, result, error, failure)


def cached(call: str, output: Path, run: str = "r1") -> AttemptCached:
    directory, origin = f"{output}/runs/main/{run}/calls/{call}", f"{output}/runs/main/old/calls/{call}/attempts/0"
    return AttemptCached(NOW, run, call, f"{call}-job0", "t", directory, Resources(), (), "key", origin, 0)


def record(output: Path, *events: Event) -> Path:
    """Write events as one process does; gives the path of the database."""
    path = output / "sprocket.db"
    with Recorder(path) as recorder:
        for event in events:
            recorder(event)
    return path


VERSION_3 = """
PRAGMA foreign_keys = OFF;
CREATE TABLE old_calls AS SELECT * FROM calls;
CREATE TABLE old_attempts AS SELECT * FROM attempts WHERE directory IS NOT NULL;
DROP VIEW calls;
DROP VIEW attempts;
DROP TABLE call_records;
DROP TABLE attempt_records;
DROP TABLE texts;
CREATE TABLE calls (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    call_id TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('task', 'workflow')),
    status TEXT NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'canceled')),
    error TEXT,
    started_at TIMESTAMP NOT NULL,
    completed_at TIMESTAMP,
    failure_kind TEXT,
    outputs TEXT,
    PRIMARY KEY (run_id, call_id)
) WITHOUT ROWID;
CREATE TABLE attempts (
    name TEXT PRIMARY KEY NOT NULL REFERENCES tasks (name),
    directory TEXT NOT NULL,
    job_id TEXT,
    submitted_at TIMESTAMP,
    exit_code INTEGER,
    failure_kind TEXT,
    failure_message TEXT,
    failure_detail TEXT,
    cpu_seconds REAL,
    memory_peak INTEGER,
    image TEXT,
    image_digest TEXT,
    host TEXT,
    cache_key TEXT,
    cache_origin TEXT,
    cancel_requested_at TIMESTAMP,
    reattached_at TIMESTAMP
) WITHOUT ROWID;
INSERT INTO calls (run_id, call_id, target, kind, status, error, started_at, completed_at, failure_kind, outputs)
SELECT run_id, call_id, target, kind, status, error, replace(started_at, 'Z', '+00:00'),
    replace(completed_at, 'Z', '+00:00'), failure_kind, outputs FROM old_calls;
INSERT INTO attempts SELECT * FROM old_attempts;
UPDATE attempts SET submitted_at = replace(submitted_at, 'Z', '+00:00');
DROP TABLE old_calls;
DROP TABLE old_attempts;
UPDATE tasks SET constraints = json_patch('{"gpu":0,"fpga":false,"disks":{}}', constraints),
    started_at = replace(started_at, 'Z', '+00:00'), completed_at = replace(completed_at, 'Z', '+00:00');
PRAGMA user_version = 3;
"""


def make_version_3(path: Path) -> None:
    """Make a database as if the version of the program before the last change of the tables had written it."""
    connection = connect(path)
    connection.executescript(VERSION_3)
    connection.close()
