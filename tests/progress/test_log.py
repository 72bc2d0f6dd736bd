"""The log of a run in its directory: what is in it, and when it gets there."""

import asyncio
import json
import os
from typing import get_args

import pytest

from pysprocket.backends.job import JobState, Resources, Usage
from pysprocket.engine import events
from pysprocket.engine.events import (
    AttemptCreated,
    CallStarted,
    CancelRequested,
    Event,
    Indexed,
    Notice,
    Retry,
    RunEnded,
    RunResumed,
    RunStarted,
    Status,
    Transfer,
)
from pysprocket.errors import UsageError
from pysprocket.progress import json_log
from pysprocket.progress.json_log import JsonLog
from pysprocket.progress.lines import Clock, Level
from pysprocket.progress.log import RunLog
from pysprocket.progress.narrator import Narration
from pysprocket.progress.outbox import Outbox
from tests.progress.samples import attempt_ended, cached, created, ended, progress, reattached, started, submitted

START = RunStarted(1_795_254_247.25, "r", "amber", "file:///main.wdl", "main", "task", {}, "runs/main/x", "local")


@pytest.fixture
def path(tmp_path):
    (tmp_path / "runs/main/x").mkdir(parents=True)
    return tmp_path / "runs/main/x/output.log"


def logged(tmp_path, *events: Event, least: Level = Level.DEBUG) -> list[str]:
    """Tell events to a log; gives what it complained of."""
    complaints: list[str] = []
    narration = Narration()
    with RunLog(tmp_path, narration.tally, least, complain=complaints.append) as log:
        narration.tellers.append(log)
        for event in events:
            narration(event)
            log(event)
    return complaints


def test_what_stopped_the_run_is_kept_whole(tmp_path, path):
    error = "task `a` failed: exit code 2\n  all of it: https://me:secret@host/stderr"
    logged(tmp_path, START, RunEnded(1_795_254_248.0, "r", Status.FAILED, error=error))
    assert path.read_text().splitlines()[-2:] == [
        "2026-11-21T09:44:08.000Z ERROR   task `a` failed: exit code 2",
        "2026-11-21T09:44:08.000Z ERROR     all of it: https://host/stderr",
    ]


def test_lines_have_time_and_level_and_are_in_the_run_directory(tmp_path, path):
    assert logged(tmp_path, START, Notice(1_795_254_248.0, "stopping", warning=True)) == []
    assert path.read_text().splitlines() == [
        "2026-11-21T09:44:07.250Z INFO    running task main (local) as amber in runs/main/x",
        "2026-11-21T09:44:08.000Z WARNING stopping",
    ]


def test_what_happens_before_there_is_a_directory_is_kept_for_it(tmp_path, path):
    logged(tmp_path, Transfer(1.0, "r", "https://h/a"), START)
    assert [line.split(maxsplit=2)[2] for line in path.read_text().splitlines()] == [
        "https://h/a: fetching",
        "running task main (local) as amber in runs/main/x",
    ]


def test_who_goes_on_with_a_run_appends_to_its_log(tmp_path, path):
    logged(tmp_path, START)
    logged(tmp_path, RunResumed(1_795_254_300.0, "r", "amber", "main", "task", "runs/main/x", "local"))
    assert [line.split()[2] for line in path.read_text().splitlines()] == ["running", "resuming"]


def test_lines_that_matter_less_than_asked_for_are_left_out(tmp_path, path):
    events = (START, created("a"), submitted("a"), attempt_ended("a", Status.FAILED, exit_code=2))
    logged(tmp_path, *events, least=Level.WARNING)
    assert [line.split()[1] for line in path.read_text().splitlines()] == ["ERROR"]


def test_a_log_that_cannot_be_written_is_told_once_and_does_not_stop_the_run(tmp_path, path):
    path.mkdir()
    complaints = logged(tmp_path, START, *(Notice(1.0, "more") for _ in range(5)))
    assert complaints == ["the run's `output.log` cannot be written: Is a directory"]


def test_a_full_disk_is_told_once_and_does_not_stop_the_run(tmp_path, path):
    path.symlink_to("/dev/full")
    complaints = logged(tmp_path, START, *(Notice(1.0, "more", warning=True) for _ in range(5)))
    assert complaints == ["the run's `output.log` cannot be written: No space left on device"]


def test_a_log_that_was_closed_is_told_nothing(tmp_path, path):
    narration = Narration()
    log = RunLog(tmp_path, narration.tally, complain=pytest.fail)
    narration.tellers.append(log)
    log.close()
    log.close()
    narration(START)
    assert not path.exists()


# --- when texts are written ------------------------------------------------------------------------------


@pytest.mark.usefixtures("flying_time")
async def test_many_texts_are_few_writes_and_the_last_one_does_not_wait_for_the_next():
    written: list[str] = []
    outbox = Outbox(written.append)
    for number in range(1000):
        outbox.add(f"{number}\n")
    assert written == ["0\n"]
    await asyncio.sleep(0.21)
    assert len(written) == 2
    await asyncio.sleep(0.2)
    outbox.add("after a pause\n")
    assert written[2:] == ["after a pause\n"]
    outbox.close()


async def test_what_is_urgent_is_written_at_once_behind_what_waits():
    written: list[str] = []
    outbox = Outbox(written.append)
    for text in ("a", "b", "c"):
        outbox.add(text, at_once=text == "c")
    assert written == ["a", "bc"]
    outbox.close()


async def test_no_more_than_64_kilobytes_wait():
    written: list[str] = []
    outbox = Outbox(written.append)
    for _ in range(100):
        outbox.add("x" * 1000)
    assert [len(text) for text in written] == [1000, 66_000]
    outbox.close()
    assert sum(map(len, written)) == 100_000


def test_where_no_loop_runs_each_text_is_written_at_once():
    written: list[str] = []
    outbox = Outbox(written.append)
    outbox.add("a")
    outbox.add("b")
    assert written == ["a", "b"]


def test_a_moment_is_rounded_to_the_millisecond_also_at_the_end_of_a_second():
    assert Clock().utc(1_795_254_247.9996) == "2026-11-21T09:44:08.000Z"
    assert Clock().utc(1_795_254_247.0004) == "2026-11-21T09:44:07.000Z"


# --- for programs ----------------------------------------------------------------------------------------


def objects(tmp_path, *events: Event) -> list[dict[str, object]]:
    path = tmp_path / "log.jsonl"
    with JsonLog(path, complain=pytest.fail) as log:
        for event in events:
            log(event)
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_event_is_an_object_with_time_name_and_run(tmp_path):
    events: tuple[Event, ...] = (
        START,
        RunResumed(1_795_254_248.0, "r", "amber", "main", "task", "runs/main/x", "local"),
        started("a"),
        created("a"),
        reattached("a"),
        submitted("a", "4711"),
        progress("a", JobState.RUNNING),
        CancelRequested(2.0, "r", "a-0"),
        attempt_ended("a", Status.COMPLETED),
        cached("b"),
        ended("a"),
        Indexed(2.0, "r", (("./index/a", "./runs/main/x/a"),)),
        Transfer(2.0, "r", "https://h/a"),
        Notice(2.0, "careful", warning=True),
        RunEnded(3.0, "r", Status.COMPLETED, {"main.x": "a value"}),
    )
    entries = objects(tmp_path, *events)
    assert [entry["event"] for entry in entries] == [
        "run_started",
        "run_resumed",
        "call_started",
        "attempt_created",
        "attempt_reattached",
        "attempt_submitted",
        "attempt_progress",
        "cancel_requested",
        "attempt_ended",
        "attempt_cached",
        "call_ended",
        "indexed",
        "transfer",
        "notice",
        "run_ended",
    ]
    assert all(entry["run"] == "r" for entry in entries)
    assert entries[0]["time"] == "2026-11-21T09:44:07.250Z"
    assert all(entry["call"] == "a" for entry in entries if entry.get("job") == "a-0" and "origin" not in entry)


def test_no_event_is_missing_in_the_log_for_programs():
    assert set(json_log.KINDS) == set(get_args(events.Event))


def test_the_end_of_an_attempt_has_what_it_used_and_why_it_failed(tmp_path):
    usage = Usage(1.5, 2_000_000)
    end = attempt_ended("a", Status.FAILED, exit_code=3, retry=Retry(1, 2, 10.0), usage=usage, started=1.0, ended=2.5)
    (entry,) = objects(tmp_path, end)
    del entry["time"]
    assert entry == {
        "event": "attempt_ended",
        "run": "r",
        "job": "a-0",
        "call": "a",
        "status": "failed",
        "failure": None,
        "error": "task `t` failed\nwith details",
        "retry_in": 10.0,
        "exit_code": 3,
        "started": "1970-01-01T00:00:01.000Z",
        "ended": "1970-01-01T00:00:02.500Z",
        "cpu_seconds": 1.5,
        "memory_peak": 2_000_000,
        "image": None,
        "image_digest": None,
        "host": None,
    }


def test_no_value_and_nothing_that_lets_others_in_is_told(tmp_path):
    url = "https://me:hidden@host/a?sig=hidden"
    inputs = {"main.password": "hidden", "main.file": url}
    error = f"input `file`: `{url}` cannot be read"
    entries = objects(
        tmp_path,
        RunStarted(1.0, "r", "amber", url, "main", "task", inputs, "runs/main/x", "local", {url: "hidden"}, inputs),
        CallStarted(1.0, "r", "a", "t", "task", {"password": "hidden"}),
        AttemptCreated(1.0, "r", "a", "a-0", "t", 1, "/d", Resources(), (), error),
        Transfer(1.0, "r", url, ended=True, error=error),
        Notice(1.0, error),
        ended("a", Status.FAILED, error),
        RunEnded(1.0, "r", Status.FAILED, {"main.secret": "hidden"}, error),
    )
    text = json.dumps(entries)
    assert "hidden" not in text
    assert text.count("`https://host/a?sig=***` cannot be read") == 5


def test_runs_may_share_a_file(tmp_path):
    assert len(objects(tmp_path, START)) == 1
    assert len(objects(tmp_path, START, ended("a"))) == 3


def test_a_file_that_cannot_be_opened_is_refused_before_anything_starts(tmp_path):
    with pytest.raises(UsageError, match="cannot be written: Is a directory"):
        JsonLog(tmp_path, complain=pytest.fail)


def test_a_full_disk_costs_the_log_for_programs_and_not_the_run():
    complaints: list[str] = []
    with JsonLog(os.path.realpath("/dev/full"), complain=complaints.append) as log:  # type: ignore[arg-type]
        for _ in range(3):
            log(START)
    assert complaints == ["the log `/dev/full` cannot be written any more: No space left on device"]
