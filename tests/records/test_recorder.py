"""The recorder: events become rows, batches, errors that surface."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from benchmarks.provenance import NoRecorder
from pysprocket.backends.job import Failure, FailureKind, JobId, JobState, Resources, Result, Usage
from pysprocket.engine import failures
from pysprocket.engine.events import (
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    Event,
    Notice,
    RunEnded,
    Status,
)
from pysprocket.errors import RecordsError
from pysprocket.records.recorder import Recorder
from tests.records import happenings
from tests.records.happenings import (
    NOW,
    cached,
    call_ended,
    call_started,
    created,
    ended,
    run_ended,
    run_started,
    submitted,
)


def attempt_created(directory: Path, run_id: str = "r1", name: str = "align-1") -> AttemptCreated:
    return AttemptCreated(
        time=NOW,
        run_id=run_id,
        call_id="align",
        job_name=name,
        task="align",
        attempt=0,
        directory=str(directory / "runs/main/x/calls/align/attempts/0"),
        resources=Resources(cpu=1.5),
        images=("ubuntu:latest", "alpine"),
    )


def rows(path: Path, query: str) -> list[dict[str, object]]:
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(query)]
    connection.close()
    return found


def record(path: Path, *events: Event) -> None:
    with Recorder(path) as recorder:
        for event in events:
            recorder(event)


def test_a_run_is_a_row_that_sprocket_s_users_can_read(tmp_path):
    path = tmp_path / "sprocket.db"
    ended = RunEnded(time=NOW + 2, run_id="r1", status=Status.COMPLETED, outputs={"main.x": [1, "é"]})
    record(path, run_started(), ended)
    (run,) = rows(path, "SELECT * FROM runs")
    assert run["status"] == "completed"
    assert run["inputs"] == '{"main.n":3}'
    assert json.loads(str(run["outputs"])) == {"main.x": [1, "é"]}
    assert run["created_at"] == "2026-11-21 09:44:07"
    assert run["started_at"] == "2026-11-21T09:44:07.250Z"
    assert run["completed_at"] == "2026-11-21T09:44:09.250Z"
    (session,) = rows(path, "SELECT * FROM sessions")
    assert (session["id"], session["subcommand"]) == (run["session_id"], "run")
    (details,) = rows(path, "SELECT * FROM run_details")
    assert (details["backend"], details["engine_version"]) == ("local", "0.1.0")


def test_a_task_goes_through_its_states_and_keeps_what_it_used(tmp_path):
    path = tmp_path / "sprocket.db"
    with Recorder(path) as recorder:

        def status_after(event: Event) -> object:
            recorder(event)
            asyncio.run(recorder.durable())
            return rows(path, "SELECT status FROM tasks")[0]["status"]

        recorder(run_started())
        assert status_after(attempt_created(tmp_path)) == "initializing"
        submitted = AttemptSubmitted(NOW + 1, "r1", "align-1", JobId("align-1", "4711", "/x"))
        assert status_after(submitted) == "pending"
        assert status_after(AttemptProgress(NOW + 2, "r1", "align-1", JobState.RUNNING, "")) == "running"
        result = Result(
            exit_code=137,
            stdout="o",
            stderr="e",
            work="w",
            failure=Failure(FailureKind.OUT_OF_MEMORY, "too little memory", "oom"),
            usage=Usage(cpu_seconds=1.5, memory_peak=2**30),
            image_digest="sha256:1",
            host="node7",
        )
        ended = AttemptEnded(NOW + 3, "r1", "align", "align-1", Status.FAILED, result, "it failed")
        assert status_after(ended) == "failed"
    (task,) = rows(path, "SELECT * FROM tasks")
    assert (task["exit_status"], task["error"], task["call_id"], task["attempt"]) == (137, "it failed", "align", 0)
    assert task["started_at"] == "2026-11-21T09:44:09.250Z"
    assert json.loads(str(task["constraints"]))["container"] == "ubuntu:latest"
    (attempt,) = rows(path, "SELECT * FROM attempts")
    assert attempt["directory"] == "runs/main/x/calls/align/attempts/0"
    assert (attempt["job_id"], attempt["failure_kind"], attempt["memory_peak"]) == ("4711", "out_of_memory", 2**30)
    assert (attempt["cpu_seconds"], attempt["image_digest"], attempt["host"]) == (1.5, "sha256:1", "node7")


def test_what_a_backend_tells_after_the_end_of_a_job_changes_nothing(tmp_path):
    path = tmp_path / "sprocket.db"
    ended = AttemptEnded(NOW + 3, "r1", "align", "align-1", Status.CANCELED, None, "it was cancelled")
    late = AttemptProgress(NOW + 4, "r1", "align-1", JobState.RUNNING, "")
    record(path, run_started(), attempt_created(tmp_path), ended, late)
    assert rows(path, "SELECT status, started_at FROM tasks") == [{"status": "canceled", "started_at": None}]


def test_an_attempt_that_was_never_taken_has_an_error_and_no_exit_status(tmp_path):
    path = tmp_path / "sprocket.db"
    ended = AttemptEnded(NOW, "r1", "align", "align-1", Status.FAILED, None, "no image")
    record(path, run_started(), attempt_created(tmp_path), ended)
    (task,) = rows(path, "SELECT status, exit_status, error, started_at FROM tasks")
    assert task == {"status": "failed", "exit_status": None, "error": "no image", "started_at": None}


def test_calls_are_kept_with_their_end(tmp_path):
    path = tmp_path / "sprocket.db"
    record(
        path,
        run_started(),
        CallStarted(NOW, "r1", "align", "align", "task"),
        CallStarted(NOW, "r1", "sub", "sub", "workflow"),
        CallEnded(NOW, "r1", "align", Status.FAILED, "bad"),
        Notice(NOW, "leaves no row"),
    )
    assert rows(path, "SELECT call_id, status, error FROM calls ORDER BY call_id") == [
        {"call_id": "align", "status": "failed", "error": "bad"},
        {"call_id": "sub", "status": "running", "error": None},
    ]


def test_what_happens_to_an_attempt_at_once_is_as_what_happens_in_steps(tmp_path):
    progress = AttemptProgress(NOW + 2, "r1", "align-1", JobState.RUNNING, "")
    submitted = AttemptSubmitted(NOW + 1, "r1", "align-1", JobId("align-1", "4711", "/x"))
    ended = AttemptEnded(NOW + 3, "r1", "align", "align-1", Status.COMPLETED, Result(0, "o", "e", "w"))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    record(tmp_path / "a/sprocket.db", run_started(), attempt_created(tmp_path / "a"), submitted, progress, ended)
    with Recorder(tmp_path / "b/sprocket.db") as recorder:
        for event in (run_started(), attempt_created(tmp_path / "b"), submitted, progress, ended):
            recorder(event)
            asyncio.run(recorder.durable())
    for table in ("tasks", "attempts"):
        query = f"SELECT * FROM {table}"
        assert rows(tmp_path / "a/sprocket.db", query) == rows(tmp_path / "b/sprocket.db", query)
    (attempt,) = rows(tmp_path / "a/sprocket.db", "SELECT job_id, submitted_at FROM attempts")
    assert attempt == {"job_id": "4711", "submitted_at": "2026-11-21T09:44:08.250Z"}


def test_a_job_that_runs_in_the_moment_it_is_submitted_runs(tmp_path):
    path = tmp_path / "sprocket.db"
    progress = AttemptProgress(NOW + 2, "r1", "align-1", JobState.RUNNING, "")
    submitted = AttemptSubmitted(NOW + 1, "r1", "align-1", JobId("align-1", "4711", "/x"))
    record(path, run_started(), attempt_created(tmp_path), progress, submitted)
    assert rows(path, "SELECT status, job_id FROM tasks JOIN attempts USING (name)") == [
        {"status": "running", "job_id": "4711"}
    ]


LOCALIZATION = failures.FailureKind.LOCALIZATION


def test_each_row_obeys_the_checks_and_references_of_its_table(tmp_path):
    calls = [f"align-{number}" for number in range(len(Status) + 1)]
    ends = [
        event
        for call, status in zip(calls, Status, strict=False)
        for event in (
            *(submitted(call), AttemptProgress(NOW, "r1", f"{call}-job0", JobState.RUNNING, "")),
            ended(call, status, failure=LOCALIZATION, result=Result(1, "o", "e", "w", image="ubuntu")),
            call_ended(call, status, failure=LOCALIZATION),
        )
    ]
    begun = [event for call in calls for event in (call_started(call), created(call, tmp_path))]
    happened = (run_started(), *begun, *ends, call_started("kept-0"), cached("kept-0", tmp_path))
    runs = [event for status in Status for event in (run_started(status), run_ended(status, run=status))]
    path = happenings.record(tmp_path, *happened, *runs)
    assert {row["status"] for row in rows(path, "SELECT status FROM tasks")} == {*Status, "initializing", "cached"}
    assert rows(path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert rows(path, "PRAGMA foreign_key_check") == []


def test_events_that_nobody_waits_for_are_written_soon(tmp_path):
    path = tmp_path / "sprocket.db"
    with Recorder(path) as recorder:
        recorder(run_started())
        deadline = time.monotonic() + 10
        while not rows(path, "SELECT status FROM runs"):
            assert time.monotonic() < deadline
            time.sleep(0.02)


async def test_durable_means_that_another_process_sees_it(tmp_path):
    path = tmp_path / "sprocket.db"
    with Recorder(path) as recorder:
        recorder(run_started())
        await recorder.durable()
        assert rows(path, "SELECT status FROM runs") == [{"status": "running"}]


async def test_many_who_wait_together_share_a_transaction(tmp_path):
    with Recorder(tmp_path / "sprocket.db") as recorder:
        recorder(run_started())
        commits = []
        recorder._connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)

        async def one(number: int) -> None:
            recorder(CallStarted(NOW, "r1", f"align-{number}", "align", "task"))
            await recorder.durable()

        await asyncio.gather(*(one(number) for number in range(500)))
        assert 1 <= len(commits) < 50


EIGHT = """
import os, sys
from pathlib import Path
from tests.records.happenings import call_started, record, run_started
start, go = os.pipe()
children = []
for number in range(8):
    child = os.fork()
    if child == 0:
        os.close(go)
        os.read(start, 1)  # all go when the parent lets go
        run = f"r{number}"
        record(Path(sys.argv[1]), run_started(run), *(call_started(f"a-{call}", run) for call in range(50)))
        os._exit(0)
    children.append(child)
os.close(go)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children) != 0)
"""


def test_eight_processes_begin_in_a_fresh_directory_at_once(tmp_path):
    ended = subprocess.run([sys.executable, "-c", EIGHT, tmp_path], check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    path = tmp_path / "sprocket.db"
    assert rows(path, "SELECT count(*) AS n, count(DISTINCT session_id) AS s FROM runs") == [{"n": 8, "s": 8}]
    assert rows(path, "SELECT count(*) AS n FROM calls") == [{"n": 400}]
    assert rows(path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    assert [entry.name for entry in tmp_path.iterdir()] == ["sprocket.db"]


def locked(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


async def test_a_lock_of_another_process_is_waited_for_and_told(tmp_path):
    path = tmp_path / "sprocket.db"
    told: list[Notice] = []
    with Recorder(path, tell=told.append, busy_timeout=0.05) as recorder:
        other = locked(path)
        recorder(run_started())
        waiting = asyncio.ensure_future(recorder.durable())
        while len(told) < 2:
            await asyncio.sleep(0.01)  # the event loop goes on meanwhile
        assert not waiting.done()
        other.close()
        await waiting
    assert all(notice.warning and "locked by another process" in notice.message for notice in told)
    assert rows(path, "SELECT status FROM runs") == [{"status": "running"}]


async def test_a_reader_does_not_end_a_run(tmp_path):
    path = tmp_path / "sprocket.db"
    with Recorder(path, busy_timeout=0.02) as recorder:
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM runs").fetchall()
        recorder(run_started())
        waiting = asyncio.ensure_future(recorder.durable())
        await asyncio.sleep(0.2)
        assert not waiting.done()
        reader.close()
        await waiting


async def test_a_lock_that_is_never_given_up_ends_the_run(tmp_path):
    path = tmp_path / "sprocket.db"
    recorder = Recorder(path, busy_timeout=0.02, patience=0.1)
    other = locked(path)
    recorder(run_started())
    with pytest.raises(RecordsError, match="is locked by another process"):
        await recorder.durable()
    other.close()
    with pytest.raises(RecordsError):
        recorder.close()
    assert rows(path, "SELECT * FROM runs") == []


def test_a_process_gives_signs_of_life_while_nothing_happens(tmp_path, monkeypatch):
    monkeypatch.setattr("pysprocket.records.recorder.HEARTBEAT", 0.05)
    path = tmp_path / "sprocket.db"

    def heartbeat() -> object:
        return rows(path, "SELECT heartbeat_at FROM sessions")[0]["heartbeat_at"]

    with Recorder(path):
        first = heartbeat()
        deadline = time.monotonic() + 10
        while heartbeat() in (None, first):
            assert time.monotonic() < deadline
            time.sleep(0.02)


async def test_a_busy_process_gives_signs_of_life_too(tmp_path, monkeypatch):
    monkeypatch.setattr("pysprocket.records.recorder.HEARTBEAT", 0.1)
    path = tmp_path / "sprocket.db"
    with Recorder(path) as recorder:
        recorder(run_started())
        deadline = time.monotonic() + 10
        number = 0
        while rows(path, "SELECT heartbeat_at FROM sessions") == [{"heartbeat_at": None}]:
            assert time.monotonic() < deadline
            recorder(CallStarted(NOW, "r1", f"align-{number}", "align", "task"))
            await recorder.durable()
            number += 1


def test_a_short_run_gives_no_sign_of_life(tmp_path):
    record(tmp_path / "sprocket.db", run_started())
    assert rows(tmp_path / "sprocket.db", "SELECT heartbeat_at FROM sessions") == [{"heartbeat_at": None}]


def test_a_write_that_fails_is_told_at_the_next_barrier_and_at_the_end(tmp_path):
    recorder = Recorder(tmp_path / "sprocket.db")
    recorder(CallEnded(NOW, "unknown", "x", Status.FAILED))
    with pytest.raises(RecordsError, match="could not be recorded"):
        asyncio.run(recorder.durable())
    with pytest.raises(RecordsError):
        recorder.close()
    recorder.close()  # a second time is nothing


@pytest.mark.parametrize("before", [True, False])
async def test_a_write_that_fails_is_told_to_whoever_wants_to_know_at_once(tmp_path, before):
    recorder = Recorder(tmp_path / "sprocket.db")
    told = asyncio.get_running_loop().create_future()
    if not before:
        recorder.when_it_fails(told.set_result)
    recorder(CallEnded(NOW, "unknown", "x", Status.FAILED))  # nobody waits until it is written
    if before:
        with pytest.raises(RecordsError):
            await recorder.durable()
        recorder.when_it_fails(told.set_result)
    assert "could not be recorded" in str(await asyncio.wait_for(told, 10))
    with pytest.raises(RecordsError):
        recorder.close()


def test_nothing_ends_before_it_starts(tmp_path):
    """A process that goes on with a run may have another time than the one that began it."""
    early = Result(0, "", "", "", None, NOW - 90_000, NOW - 80_000)
    path = happenings.record(
        tmp_path,
        *(run_started(), call_started("late-0"), created("late-0", tmp_path), submitted("late-0")),
        AttemptProgress(NOW, "r1", "late-0-job0", JobState.RUNNING, ""),
    )
    with Recorder(path) as recorder:
        recorder(happenings.resumed())
        seen = ended("late-0", Status.COMPLETED)
        recorder(msgspec.structs.replace(seen, time=NOW - 500, result=None))
        recorder(msgspec.structs.replace(call_ended("late-0", Status.COMPLETED), time=NOW - 500))
        recorder(created("early-0", tmp_path))
        recorder(ended("early-0", Status.COMPLETED, result=early))
        recorder(msgspec.structs.replace(run_ended(Status.COMPLETED), time=NOW - 500))
    for table in ("runs", "calls", "tasks"):
        found = rows(path, f"SELECT started_at, completed_at FROM {table} ORDER BY started_at")
        assert found
        assert all(str(row["completed_at"]) >= str(row["started_at"]) for row in found), (table, found)
    (first, last) = rows(path, "SELECT started_at, completed_at FROM tasks ORDER BY started_at")
    assert first["completed_at"] != first["started_at"]  # what is in order is left as it is
    assert last["completed_at"] == last["started_at"]


def test_a_full_disk_undoes_the_batch_and_says_so(tmp_path):
    path = tmp_path / "sprocket.db"
    recorder = Recorder(path)
    pages = recorder._connection.execute("PRAGMA page_count").fetchone()[0]
    recorder._connection.execute(f"PRAGMA max_page_count = {pages}")
    recorder(run_started())
    for number in range(2000):
        recorder(CallStarted(NOW, "r1", f"call-{number:0200}", "align", "task"))
    with pytest.raises(RecordsError, match="disk is full"):
        asyncio.run(recorder.durable())
    with pytest.raises(RecordsError):
        recorder.close()


async def test_nobody_waits_for_ever_for_a_closed_recorder(tmp_path):
    recorder = Recorder(tmp_path / "sprocket.db")
    recorder.close()
    with pytest.raises(RecordsError, match="closed"):
        await recorder.durable()


def test_a_waiter_that_gave_up_does_not_disturb_the_others(tmp_path):
    async def impatient(recorder: Recorder) -> None:
        waiting = asyncio.ensure_future(recorder.durable())
        await asyncio.sleep(0)
        waiting.cancel()
        await recorder.durable()

    with Recorder(tmp_path / "sprocket.db") as recorder:
        recorder(run_started())
        asyncio.run(impatient(recorder))


def test_a_user_without_a_name_can_run(tmp_path, monkeypatch):
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4242")

    monkeypatch.setattr("getpass.getuser", nobody)
    monkeypatch.setattr("os.getuid", lambda: 4242)
    path = tmp_path / "sprocket.db"
    record(path)
    assert rows(path, "SELECT created_by FROM sessions") == [{"created_by": "uid 4242"}]


def test_the_benchmark_of_provenance_can_do_without_each_verb_of_the_recorder():
    verbs = {name for name in vars(Recorder) if not name.startswith("_")}
    assert verbs <= vars(NoRecorder).keys()
