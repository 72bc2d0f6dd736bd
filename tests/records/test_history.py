"""Reading the database: runs, how people name them, and what a resumed run knows."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from pysprocket.backends.job import Failure, Result, Usage
from pysprocket.backends.job import FailureKind as JobFailure
from pysprocket.engine.events import AttemptReattached, CancelRequested, Event, Indexed
from pysprocket.engine.failures import FailureKind
from pysprocket.engine.past import PastAttempt, PastCall
from pysprocket.errors import RecordsError
from pysprocket.records.database import open_database
from pysprocket.records.history import History
from pysprocket.records.model import FileRecord
from pysprocket.values.model import Directory, File, Pair
from tests.records.happenings import (
    CANCELED,
    DONE,
    FAILED,
    NOW,
    cached,
    call_ended,
    call_started,
    created,
    ended,
    make_version_3,
    record,
    resumed,
    run_ended,
    run_started,
    submitted,
)


def names(history: History) -> list[str]:
    return [run.name for run in history.runs()]


# --- runs ----------------------------------------------------------------------------------------------------


def test_a_run_is_read_as_it_was_told(tmp_path):
    path = record(tmp_path, run_started(index_directory="index/x"), run_ended(DONE))
    with History(path) as history:
        (run,) = history.runs()
        assert (run.name, run.status, run.kind, run.backend) == ("amber-otter-r1", "completed", "workflow", "local")
        assert (run.inputs, run.outputs, run.order) == ({"main.n": 3}, {"main.x": 1}, {"suffix": "s"})
        assert (run.started, run.ended, run.created) == (NOW, NOW + 60, int(NOW))
        assert (run.host, run.session_host, run.pid) == (os.uname().nodename, os.uname().nodename, os.getpid())
        assert run.index_directory == "./index/x"
        assert history.documents(run) == {"file:///x/main.wdl": "version 1.2\n"}
        assert history.document_digests(run) == {"file:///x/main.wdl": run.document_digest}
        assert [session.pid for session in history.sessions(run)] == [os.getpid()]


def test_documents_of_many_runs_are_kept_once(tmp_path):
    path = record(tmp_path, run_started("r1"), run_started("r2", documents={"file:///y": "version 1.2\n", "z": "Z\0é"}))
    with History(path) as history:
        second, first = history.runs()
        assert history.documents(second) == {"file:///y": "version 1.2\n", "z": "Z\0é"}
        assert first.document_digest == history.document_digests(second)["file:///y"]
        assert len(history._rows("SELECT digest FROM documents")) == 2


def test_the_newest_run_comes_first_and_there_may_be_a_bound(tmp_path):
    path = record(tmp_path, *(run_started(f"r{number}") for number in range(3)))
    with History(path) as history:
        assert names(history) == ["amber-otter-r2", "amber-otter-r1", "amber-otter-r0"]
        assert [run.uuid for run in history.runs(2)] == ["r2", "r1"]


def test_a_resumed_run_runs_again_and_knows_both_processes(tmp_path):
    record(tmp_path, run_started(), run_ended(CANCELED, error="Ctrl-C"))
    path = record(tmp_path, resumed())
    with History(path) as history:
        assert history._rows("SELECT status, error, completed_at FROM runs") == [("running", None, None)]
        assert len(history.sessions(history.runs()[0])) == 2


def test_links_of_the_index_are_kept(tmp_path):
    links = (("./index/x/a", "./runs/main/r1/a"), ("./index/x/b", "./runs/main/r1/b"))
    path = record(tmp_path, run_started(index_directory="index/x"), Indexed(NOW, "r1", links))
    with History(path) as history:
        assert history._rows("SELECT link_path, target_path FROM latest_index_entries ORDER BY id") == list(links)


# --- naming a run ----------------------------------------------------------------------------------------------


@pytest.fixture
def history(tmp_path):
    record(
        tmp_path,
        run_started("11aa", name="amber-otter-01", directory="runs/main/1"),
        run_started("12bb", name="amber-owl-02", directory="runs/main/2"),
        run_started("33cc", name="calm-fox-03", directory="runs/other/3"),
    )
    (tmp_path / "runs/main/2/calls").mkdir(parents=True)
    (tmp_path / "runs/main/_latest").symlink_to("2")
    with History(tmp_path / "sprocket.db") as opened:
        yield opened


@pytest.mark.parametrize(
    ("reference", "uuid"),
    [
        ("amber-owl-02", "12bb"),
        ("amber-ot", "11aa"),
        ("33", "33cc"),
        ("12BB", "12bb"),
        ("runs/main/2", "12bb"),
        ("runs/main/_latest", "12bb"),
        ("runs/main/_latest/calls", "12bb"),
    ],
)
def test_a_run_is_named_in_many_ways(history, reference, uuid):
    assert history.find(reference).uuid == uuid


def test_a_path_may_be_absolute_or_start_at_the_current_directory(history, tmp_path, monkeypatch):
    assert history.find(str(tmp_path / "runs/main/_latest/")).uuid == "12bb"
    monkeypatch.chdir(tmp_path / "runs/main/2")
    assert history.find(".").uuid == "12bb"
    assert history.find("../_latest").uuid == "12bb"


def test_a_whole_name_wins_over_the_beginning_of_another(tmp_path):
    path = record(tmp_path, run_started("1", name="ab"), run_started("2", name="abc"))
    with History(path) as opened:
        assert opened.find("ab").uuid == "1"


@pytest.mark.parametrize(
    ("reference", "message", "remedy"),
    [
        ("amber", "may be any of 2 runs: `amber-owl-02`, `amber-otter-01`", "write more of it"),
        ("amber-oter-01", "there is no run `amber-oter-01` in", "did you mean `amber-otter-01`"),
        ("zzz", "there is no run `zzz` in", "sprocket runs list"),
        ("", "there is no run `` in", "sprocket runs list"),
        ("/", "there is no run `/` in", "sprocket runs list"),
    ],
)
def test_a_name_that_does_not_say_which_run_is_explained(history, reference, message, remedy):
    with pytest.raises(RecordsError) as caught:
        history.find(reference)
    assert message in str(caught.value)
    assert remedy in str(caught.value.help)


# --- what can be gone on with --------------------------------------------------------------------------------


def test_the_latest_unfinished_run_is_one_that_was_interrupted_or_died(tmp_path):
    path = record(
        tmp_path,
        run_started("dead"),
        run_started("interrupted"),
        run_ended(CANCELED, "interrupted"),
        *(run_started("failed"), run_ended(FAILED, "failed")),
        *(run_started("completed"), run_ended(DONE, "completed")),
        run_started("alive"),
    )
    (tmp_path / "runs/main/alive").mkdir(parents=True)
    with (tmp_path / "runs/main/alive/.lock").open("w") as lock, History(path) as history:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert [run.status for run in history.runs()] == ["running", "completed", "failed", "canceled", "orphaned"]
        unfinished = history.latest_unfinished()
        assert unfinished is not None
        assert unfinished.uuid == "interrupted"
        fcntl.flock(lock, fcntl.LOCK_UN)
        unfinished = history.latest_unfinished()
        assert unfinished is not None
        assert unfinished.uuid == "alive"
        assert "sprocket resume amber-otter-alive" in str(unfinished.error)


def test_nothing_is_unfinished_where_all_ended(tmp_path):
    path = record(tmp_path, run_started(), run_ended(FAILED))
    with History(path) as history:
        assert history.latest_unfinished() is None


# --- the past of a run ---------------------------------------------------------------------------------------


def past_of(path: Path) -> dict[str, PastCall]:
    with History(path) as history:
        return dict(history.past(history.runs()[0]))


def test_a_call_that_ended_well_is_known_with_its_outputs(tmp_path):
    path = record(
        tmp_path,
        *(run_started(), call_started("a"), created("a", tmp_path), submitted("a")),
        *(ended("a", DONE), call_ended("a", DONE, outputs_json='{"x":"é"}'.encode())),
    )
    attempt = PastAttempt(0, "a-job0", "native-0", DONE)
    assert past_of(path) == {"a": PastCall(outputs_json='{"x":"é"}'.encode(), attempts=(attempt,))}


def test_attempts_are_known_in_their_order_with_their_ends(tmp_path):
    path = record(
        tmp_path,
        *(run_started(), call_started("a"), call_started("b"), created("a", tmp_path), created("b", tmp_path)),
        *(submitted("a"), ended("a", FAILED, failure=FailureKind.PREEMPTED), created("a", tmp_path, 1)),
        *(submitted("a", 1), CancelRequested(NOW, "r1", "a-job1")),
    )
    first = PastAttempt(0, "a-job0", "native-0", FAILED, FailureKind.PREEMPTED)
    second = PastAttempt(1, "a-job1", "native-1", cancelled=True)
    assert past_of(path) == {
        "a": PastCall(attempts=(first, second)),
        "b": PastCall(attempts=(PastAttempt(0, "b-job0"),)),
    }


def test_a_call_that_was_given_up_is_known_as_ended(tmp_path):
    path = record(
        tmp_path,
        *(run_started(), call_started("a"), call_started("b"), created("a", tmp_path)),
        *(ended("a", FAILED, failure=FailureKind.EXIT_CODE), call_ended("a", FAILED), call_ended("b", CANCELED)),
    )
    past = past_of(path)
    assert past["a"].ended
    assert past["a"].outputs_json is None
    assert past["a"].attempts[0].failure is FailureKind.EXIT_CODE
    assert past["b"] == PastCall(), "to cancel a call is not to give it up: its failures count"


def test_success_of_an_attempt_without_that_of_its_call_was_not_seen(tmp_path):
    path = record(tmp_path, run_started(), call_started("a"), created("a", tmp_path), ended("a", DONE))
    assert past_of(path)["a"].attempts == (PastAttempt(0, "a-job0"),)


def test_what_came_from_the_cache_counts_only_with_its_call(tmp_path):
    path = record(
        tmp_path,
        *(run_started(), call_started("a"), cached("a", tmp_path), call_started("b"), cached("b", tmp_path)),
        call_ended("a", DONE),
    )
    assert past_of(path) == {"a": PastCall(outputs_json=b'{"x":1}'), "b": PastCall()}


def test_subworkflows_are_not_among_the_calls_of_tasks(tmp_path):
    path = record(tmp_path, run_started(), call_started("s", kind="workflow"), call_started("s/a"))
    assert list(past_of(path)) == ["s/a"]


def test_a_resumed_run_leaves_the_past_as_it_is(tmp_path):
    record(
        tmp_path,
        *(run_started(), call_started("a"), created("a", tmp_path), ended("a", DONE), call_ended("a", DONE)),
        *(call_started("b"), created("b", tmp_path), ended("b", FAILED), call_ended("b", FAILED, error="bad")),
    )
    before = past_of(tmp_path / "sprocket.db")
    record(
        tmp_path,
        *(resumed(), call_started("a", resumed=True), call_ended("a", DONE, reused=True, outputs_json=None)),
        call_started("b", resumed=True),
    )
    after = past_of(tmp_path / "sprocket.db")
    assert after["a"] == before["a"]
    assert (before["b"].ended, after["b"].ended) == (True, False)
    with History(tmp_path / "sprocket.db") as history:
        assert [(call.status, call.error) for call in history.calls(history.runs()[0])] == [
            ("completed", None),
            ("running", None),
        ]


def test_the_past_costs_as_much_for_each_of_many_calls_as_of_few(tmp_path):
    def steps(calls: int) -> int:
        """Of the virtual machine of SQLite, in thousands."""
        events: list[list[Event]] = [
            [call_started(a), created(a, tmp_path), ended(a, DONE), call_ended(a, DONE)]
            for a in (f"a-{number}" for number in range(calls))
        ]
        directory = tmp_path / str(calls)
        directory.mkdir()
        path = record(directory, run_started(), *(event for each in events for event in each))
        taken = []
        with History(path) as history:
            run = history.runs()[0]
            history._connection.set_progress_handler(lambda: taken.append(1), 1000)
            assert len(history.past(run)) == calls
        return len(taken)

    assert 0 < steps(4000) < 10 * steps(500)


# --- calls, attempts, files ----------------------------------------------------------------------------------


def test_an_attempt_has_all_that_is_known_of_it(tmp_path):
    failure = Failure(JobFailure.OUT_OF_MEMORY, "too little memory", "oom-kill")
    result = Result(137, "o", "e", "w", failure, NOW + 2, NOW + 7, Usage(1.5, 2**30), "ubuntu", "sha256:1", "node7")
    asked = created("a", tmp_path)
    again = AttemptReattached(NOW + 5, "r1", "a", "a-job0", "t", 0, asked.directory, asked.resources, asked.images)
    failed = ended("a", FAILED, result=result, failure=FailureKind.OUT_OF_MEMORY, error="it failed")
    ends = call_ended("a", FAILED, error="it failed", failure=FailureKind.OUT_OF_MEMORY)
    path = record(tmp_path, run_started(), call_started("a"), asked, submitted("a"), again, failed, ends)
    with History(path) as history:
        run = history.runs()[0]
        (call,) = history.calls(run)
        (attempt,) = history.attempts(run)
        assert history.task_counts(run) == {"failed": 1}
    assert (call.call_id, call.target, call.failure, call.error) == ("a", "a", "out_of_memory", "it failed")
    assert (call.started, call.ended, call.directory) == (NOW, NOW + 9, "runs/main/r1/calls/a")
    assert (attempt.name, attempt.call_id, attempt.number, attempt.status) == ("a-job0", "a", 0, "failed")
    assert (attempt.exit_code, attempt.error, attempt.failure) == (137, "it failed", "out_of_memory")
    assert (attempt.failure_message, attempt.failure_detail) == ("too little memory", "oom-kill")
    assert (attempt.submitted, attempt.started, attempt.ended, attempt.reattached) == tuple(
        NOW + n for n in (1, 2, 7, 5)
    )
    assert (attempt.cpu_seconds, attempt.memory_peak, attempt.host) == (1.5, 2**30, "node7")
    assert (attempt.image, attempt.image_digest, attempt.job_id) == ("ubuntu", "sha256:1", "native-0")
    assert attempt.directory == "runs/main/r1/calls/a/attempts/0"
    assert attempt.constraints["cpu"] == 2


def test_a_cached_result_says_where_it_came_from(tmp_path):
    path = record(tmp_path, run_started(), call_started("a"), cached("a", tmp_path), call_ended("a", DONE))
    with History(path) as history:
        run = history.runs()[0]
        (attempt,) = history.attempts(run)
        assert history.task_counts(run) == {"cached": 1}
    assert (attempt.status, attempt.exit_code, attempt.cache_key) == ("cached", 0, "key")
    assert attempt.cache_origin == "runs/main/old/calls/a/attempts/0"


def test_a_call_of_a_task_that_is_the_target_lies_in_the_run_directory(tmp_path):
    path = record(tmp_path, run_started(kind="task"), call_started("main"))
    with History(path) as history:
        assert [call.directory for call in history.calls(history.runs()[0])] == ["runs/main/r1"]


def test_files_anywhere_in_values_are_kept_without_secrets(tmp_path):
    inside = File(f"{tmp_path}/runs/main/r1/x.txt")
    inputs = {
        "n": 1,
        "all": [{"k": Pair(inside, Directory("/data/d"))}, inside],
        "u": File("https://me:pw@h/x?token=1"),
    }
    path = record(
        tmp_path,
        *(run_started(), call_started("a", inputs=inputs), call_ended("a", DONE, outputs={"o": inside, "p": None})),
    )
    with History(path) as history:
        assert set(history.files(history.runs()[0])) == {
            FileRecord("a", "in", "all", "runs/main/r1/x.txt"),
            FileRecord("a", "in", "all", "/data/d"),
            FileRecord("a", "in", "u", "https://h/x?token=***"),
            FileRecord("a", "out", "o", "runs/main/r1/x.txt"),
        }


# --- databases that are not as they should be ----------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(RecordsError) as caught:
        History(path)
    return str(caught.value)


def test_reading_makes_no_database(tmp_path):
    assert "there are no records of runs" in refused(tmp_path / "sprocket.db")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_read_is_explained(tmp_path):
    path = record(tmp_path, run_started())
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "newer version" in refused(path)
    path.write_text("something else, and long enough for a header\n" * 40)
    assert "is not a database" in refused(path)


def test_reading_writes_nothing(tmp_path):
    path = record(tmp_path, run_started())
    before = path.read_bytes()
    with History(path) as history:
        history.runs()
        with pytest.raises(RecordsError, match="cannot be written"):
            history._rows("UPDATE runs SET status = 'failed'")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["sprocket.db"]


def test_a_database_of_the_first_version_is_brought_up_to_date(tmp_path):
    path = record(tmp_path, run_started(), call_started("a"), created("a", tmp_path))
    make_version_3(path)
    connection = sqlite3.connect(path)
    for table in ("run_documents", "documents", "session_details", "run_sessions", "call_files"):
        connection.execute(f"DROP TABLE {table}")
    for table, column in (
        ("run_details", "order_json"),
        *(("calls", name) for name in ("failure_kind", "outputs")),
        *(("attempts", name) for name in ("cache_key", "cache_origin", "cancel_requested_at", "reattached_at")),
    ):
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    connection.execute("UPDATE run_details SET document_digest = NULL")
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    with History(path) as history:
        run = history.runs()[0]
        assert (run.status, run.order, run.session_host) == ("orphaned", {}, None)
        assert len(history.attempts(run)) == 1
        assert history.latest_unfinished() is None


def test_a_database_of_the_third_version_keeps_all_it_says(tmp_path):
    """Of workflows, a sub-workflow, a task alone, and from the cache, with everything that can be known."""
    failure = Failure(JobFailure.OUT_OF_MEMORY, "too little memory", "oom-kill")
    bad = Result(137, "o", "e", "w", failure, NOW + 2, NOW + 7.654, Usage(1.5, 2**30), "ubuntu", "sha256:1", "node7")
    asked = created("a", tmp_path)
    inner = msgspec.structs.replace(
        created("s/b", tmp_path), directory=f"{tmp_path}/runs/main/r1/calls/s/calls/b/attempts/0"
    )
    moved = msgspec.structs.replace(created("elsewhere", tmp_path), directory="/scratch/elsewhere")
    alone = run_started("r2", target="a", kind="task", directory="runs/a/r2")
    path = record(
        tmp_path,
        *(run_started(), call_started("a"), asked, submitted("a"), CancelRequested(NOW + 4.001, "r1", "a-job0")),
        AttemptReattached(NOW + 5, "r1", "a", "a-job0", "t", 0, asked.directory, asked.resources, asked.images),
        ended("a", FAILED, result=bad, error="it failed", failure=FailureKind.OUT_OF_MEMORY),
        *(created("a", tmp_path, 1), ended("a", DONE, 1), call_ended("a", DONE)),
        *(call_started("s", kind="workflow"), call_started("s/b"), inner),
        *(call_ended("s/b", FAILED, error="bad", failure=FailureKind.NODE_LOST), call_started("c")),
        *(cached("c", tmp_path), call_started("elsewhere"), moved, alone, call_started("t", run="r2")),
        msgspec.structs.replace(created("t", tmp_path, run="r2"), directory=f"{tmp_path}/runs/a/r2/attempts/0"),
    )
    before = said(path)
    with History(path) as history:
        directories = {each.name: each.directory for run in history.runs() for each in history.attempts(run)}
    assert directories["s/b-job0"] == "runs/main/r1/calls/s/calls/b/attempts/0"
    assert directories["elsewhere-job0"] == "/scratch/elsewhere"
    assert directories["t-job0"] == "runs/a/r2/attempts/0"
    make_version_3(path)
    assert said(path) == before


def said(path: Path) -> tuple[object, ...]:
    """All that a database says of its runs."""
    with History(path) as history:
        runs = history.runs()
        attempts = [attempt for run in runs for attempt in history.attempts(run)]
        return (
            runs,
            [call for run in runs for call in history.calls(run)],
            [msgspec.structs.replace(attempt, constraints_json=None) for attempt in attempts],
            [attempt.constraints for attempt in attempts],
            [history.past(run) for run in runs],
            [history.task_counts(run) for run in runs],
        )


def test_rows_that_somebody_removed_are_not_taken_for_new_ones(tmp_path):
    """What a deleted row of `tasks` left in our table is never said of a later attempt."""
    long = Result(0, "o", "e", "w", None, NOW, NOW + 5, Usage(9.0, 2**30), host="old")
    path = record(tmp_path, run_started(), call_started("a"), created("a", tmp_path), ended("a", DONE, result=long))
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM tasks")
    connection.commit()
    connection.close()
    record(tmp_path, resumed(), call_started("b"), created("b", tmp_path))
    with History(path) as history:
        (attempt,) = history.attempts(history.runs()[0])
        assert (attempt.name, attempt.host, attempt.cpu_seconds) == ("b-job0", None, None)


def test_runs_that_sprocket_s_server_recorded_are_read(tmp_path):
    path = tmp_path / "sprocket.db"
    connection = open_database(path)
    connection.execute("INSERT INTO sessions (uuid, subcommand, created_by) VALUES ('s', 'server', 'them')")
    connection.execute(
        "INSERT INTO runs (uuid, session_id, name, source, status, inputs, started_at)"
        " VALUES ('u', 1, 'n', 'file:///x', 'running', '{}', '2026-11-21T09:44:07.123456789+00:00')"
    )
    for attempt, status in enumerate(("failed", "completed")):
        connection.execute(
            "INSERT INTO tasks (name, run_id, status, call_id, attempt) VALUES (?, 1, ?, 'a', ?)",
            (f"a-{attempt}", status, attempt),
        )
    connection.close()
    with History(path) as history:
        (run,) = history.runs()
        assert (run.status, run.kind, run.created_by) == ("running", None, "them")  # nobody knows better
        assert [(call.call_id, call.status) for call in history.calls(run)] == [("a", "completed")]
        assert [attempt.status for attempt in history.attempts(run)] == ["failed", "completed"]
        assert history.task_counts(run) == {"completed": 1, "failed": 1}


KILLED = """
import os, sys
from pathlib import Path
from pysprocket.records.database import open_database
connection = open_database(Path(sys.argv[1]))
connection.execute("PRAGMA cache_size = 5")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE runs SET status = 'failed', error = hex(randomblob(20000))")
for number in range(300):
    connection.execute("INSERT INTO metadata (key, value) VALUES (?, hex(randomblob(2000)))", (str(number),))
print("half written", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_process_wrote_by_half_is_undone(tmp_path):
    path = record(tmp_path, run_started(), run_ended(DONE))
    size = path.stat().st_size
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process, process.stdout, process.stdin:
        assert process.stdout.readline() == "half written\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert path.stat().st_size > size
    with History(path) as history:
        assert history.runs()[0].status == "completed"
        assert history._rows("PRAGMA integrity_check") == [("ok",)]
    assert path.stat().st_size == size
