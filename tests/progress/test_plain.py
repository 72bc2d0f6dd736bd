"""Plain progress: which lines, at which verbosity, and that nothing can stop a run."""

import asyncio
import io
import os
import re
from contextlib import suppress

import pytest

from pysprocket.backends.job import Failure, FailureKind, JobState
from pysprocket.engine import failures
from pysprocket.engine.events import (
    AttemptEnded,
    CancelRequested,
    Event,
    Notice,
    Retry,
    RunEnded,
    RunResumed,
    Status,
    Transfer,
)
from pysprocket.progress.lines import Level
from pysprocket.progress.narrator import Narration
from pysprocket.progress.plain import PlainProgress
from tests.progress.samples import (
    START,
    attempt_ended,
    cached,
    completed,
    created,
    ended,
    progress,
    reattached,
    run_ended,
    running,
    started,
    submitted,
)


def told(*events: Event, color: bool = False, least: Level = Level.INFO) -> list[str]:
    stream = io.StringIO()
    narration = Narration()
    narration.tellers.append(PlainProgress(stream, narration.tally, color=color, least=least))
    for event in events:
        narration(event)
    return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in stream.getvalue().splitlines()]


GOOD_CALL: tuple[Event, ...] = (
    started("align"),
    created("align"),
    submitted("align"),
    progress("align", JobState.PULLING, "ubuntu:latest", time=1.0),
    progress("align", JobState.RUNNING),
    attempt_ended("align", Status.COMPLETED),
    ended("align"),
)


def test_a_job_that_was_taken_back_before_it_started_is_told_only_on_request():
    taken_back = AttemptEnded(2.0, "r", "align", "align-0", Status.CANCELED, None, "it was cancelled")
    assert told(START, created("align"), taken_back) == told(START)
    assert told(START, created("align"), taken_back, least=Level.DEBUG)[-1] == "align: taken back before it started"


def test_what_a_backend_tells_after_the_end_of_a_job_is_not_told():
    late = progress("align", JobState.RUNNING, time=15.0)
    assert told(START, *GOOD_CALL, late) == told(START, *GOOD_CALL)


def test_what_a_backend_tells_again_is_not_told_again():
    waits = progress("a", JobState.WAITING, "Priority")
    events = (created("a"), waits, waits, progress("a", JobState.RUNNING), progress("a", JobState.RUNNING))
    assert told(*events, least=Level.DEBUG) == ["a: waiting: Priority", "a: started"]


def test_a_run_that_succeeds_in_five_lines():
    assert told(START, *GOOD_CALL, RunEnded(65.0, "r", Status.COMPLETED, {})) == [
        "running workflow main (docker) as amber-otter-3fa2c1 in runs/main/x",
        "align: pulling ubuntu:latest",
        "align: started",
        "align: completed in 12 s",
        "run amber-otter-3fa2c1 completed after 1 min 05 s: 1 task completed",
    ]


def test_a_resumed_run_says_what_it_found_and_not_what_it_need_not_do():
    lines = told(
        RunResumed(5.0, "r", "amber", "main", "workflow", "runs/main/x", "slurm"),
        started("old", resumed=True),
        ended("old", reused=True),
        started("sub", kind="workflow", resumed=True),
        started("sub/align", resumed=True),
        reattached("sub/align", "1234_7"),
        progress("sub/align", JobState.RUNNING),
        attempt_ended("sub/align", Status.COMPLETED),
        ended("sub/align"),
        ended("sub"),
        run_ended(),
    )
    assert lines == [
        "resuming workflow main (slurm) as amber in runs/main/x",
        "sub/align: awaiting the job that was started before, 1234_7",
        "sub/align: completed in 13 s",
        "sub: completed after 13 s",
        "run amber completed 15 s after it was resumed: 1 task completed, 1 task completed before",
    ]


def test_a_failed_task_is_never_counted_as_completed():
    lines = told(
        START,
        *GOOD_CALL,
        started("sort"),
        created("sort"),
        attempt_ended("sort", Status.FAILED, exit_code=9),
        ended("sort", Status.FAILED, "it failed"),
        run_ended(Status.FAILED),
    )
    assert lines[-2:] == [
        "sort: failed after 13 s: exit code 9",
        "run amber-otter-3fa2c1 failed after 20 s: 1 task completed, 1 task failed",
    ]


def test_a_failure_that_is_tried_again_is_one_line_with_what_happens_now():
    lines = told(
        START,
        *running("flaky"),
        attempt_ended("flaky", Status.FAILED, exit_code=7, retry=Retry(1, 2, 10.0)),
        created("flaky", 1, "exit code 7"),
        attempt_ended("flaky", Status.COMPLETED, attempt=1),
        ended("flaky"),
        run_ended(),
    )
    assert lines[2:] == [
        "flaky: failed after 12 s: exit code 7; retry 1 of 2 in 10 s",
        "flaky: completed in 13 s",
        "run amber-otter-3fa2c1 completed after 20 s: 1 task completed, 1 retry",
    ]


def test_a_retry_of_which_nobody_spoke_before_is_told():
    assert told(created("flaky", 1, "exit code 7")) == ["flaky: retry 1"]


def test_what_runs_again_since_it_was_cancelled_is_no_retry():
    events = (START, started("a"), created("a", 1, failures.FailureKind.CANCELLED), ended("a"), run_ended())
    assert told(*events)[1:] == ["run amber-otter-3fa2c1 completed after 20 s: 1 task completed"]
    assert told(*events, least=Level.DEBUG)[1] == "a: runs again, for it was cancelled"


def test_a_job_that_may_never_have_been_started_is_not_said_to_be_awaited():
    events = (started("a", resumed=True), reattached("a"), progress("a", JobState.WAITING))
    assert told(*events) == []
    assert told(*events, progress("a", JobState.RUNNING)) == ["a: started"]


def test_what_comes_from_the_cache_is_told_and_counted():
    lines = told(START, started("a"), cached("a"), ended("a"), run_ended())
    assert lines[1] == "a: taken from the cache"
    assert lines[2] == "run amber-otter-3fa2c1 completed after 20 s: 1 task from the cache"


def test_a_sub_workflow_that_fails_by_its_task_does_not_tell_the_cause_again():
    events = (started("sub", kind="workflow"), *running("sub/a"), attempt_ended("sub/a", Status.FAILED, exit_code=9))
    lines = told(*events, ended("sub/a", Status.FAILED, "exit code 9"), ended("sub", Status.FAILED, "exit code 9"))
    assert lines == [
        "sub: workflow sub started",
        "sub/a: started",
        "sub/a: failed after 12 s: exit code 9",
        "sub: failed after 13 s",
    ]


def test_a_sub_workflow_that_fails_by_itself_tells_the_cause():
    lines = told(started("sub", kind="workflow"), ended("sub", Status.FAILED, "index out of range"))
    assert lines[-1] == "sub: failed after 13 s: index out of range"


def test_transfers_are_told_without_what_lets_others_in():
    url = "https://me:secret@host/a.fa?X-Amz-Signature=secret"
    lines = told(Transfer(1.0, "r", url), Transfer(4.0, "r", url, ended=True))
    shown = "https://host/a.fa?X-Amz-Signature=***"
    assert lines == [f"{shown}: fetching", f"{shown}: fetched in 3.0 s"]


def test_a_transfer_that_failed_is_left_to_the_call_that_needed_it():
    events = (Transfer(1.0, "r", "https://h/a"), Transfer(4.0, "r", "https://h/a", ended=True, error="no such host"))
    assert told(*events) == ["https://h/a: fetching"]
    assert told(*events, least=Level.DEBUG)[-1] == "https://h/a: not fetched: no such host"


def test_a_job_that_is_cancelled_says_so_on_request():
    events = (*running("a"), CancelRequested(3.0, "r", "a-0"), attempt_ended("a", Status.CANCELED, exit_code=None))
    assert told(*events)[1:] == ["a: cancelled after 12 s"]
    assert told(*events, least=Level.DEBUG)[-2] == "a: being cancelled"


def test_a_job_that_did_not_simply_end_says_why():
    failure = Failure(FailureKind.OUT_OF_MEMORY, "it needed more than 2 GiB of memory")
    (line,) = told(attempt_ended("align", Status.FAILED, exit_code=137, failure=failure))
    assert line.endswith(": it needed more than 2 GiB of memory")


def test_a_call_that_fails_before_its_first_attempt_is_told():
    failed = ended("align", Status.FAILED, "`memory` must be a size\nmore")
    assert told(started("align"), failed) == ["align: failed: `memory` must be a size"]


def test_quiet_leaves_what_went_wrong():
    failed = attempt_ended("sort", Status.FAILED, exit_code=1)
    events = (START, *GOOD_CALL, Notice(1.0, "stopping", warning=True), failed)
    assert told(*events, least=Level.WARNING) == ["stopping", "sort: failed after 0.0 s: exit code 1"]


def test_verbose_tells_what_the_backend_calls_a_job():
    assert "align: submitted as 77" in told(*GOOD_CALL, least=Level.DEBUG)
    assert "align: submitted as 77" not in told(*GOOD_CALL)
    assert told(created("a"), submitted("a", "f" * 64), least=Level.DEBUG) == ["a: submitted as " + "f" * 12]


def test_what_commands_a_terminal_is_shown_and_not_obeyed():
    assert told(Notice(1.0, "\x1b[2J\u202e")) == ["\u241b[2J<U+202E>"]


def test_color_marks_failures_and_only_when_asked():
    failed = attempt_ended("align", Status.FAILED, exit_code=1)
    assert "\x1b[31m" in told(failed, color=True)[0]
    assert "\x1b[33m" in told(attempt_ended("align", Status.FAILED, exit_code=1, retry=Retry(1, 1)), color=True)[0]
    assert "\x1b" not in told(failed)[0]


def test_a_closed_stream_does_not_stop_the_run():
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    narration = Narration()
    narration.tellers.append(PlainProgress(stream, narration.tally, color=False))
    for event in GOOD_CALL:
        narration(event)
    with suppress(BrokenPipeError):
        stream.close()
    for event in (START, Notice(1.0, "stopping", warning=True)):
        narration(event)


@pytest.mark.usefixtures("flying_time")
async def test_a_long_silence_is_broken_by_a_summary_and_by_nothing_else():
    stream = io.StringIO()
    narration = Narration()
    with PlainProgress(stream, narration.tally, color=False, silence=0.1) as plain:
        narration.tellers.append(plain)
        for event in (START, *completed("a"), *running("b"), *running("c"), started("d")):
            narration(event)
            plain(event)
        await asyncio.sleep(0.35)
    lines = stream.getvalue().splitlines()
    spoken = [line for line in lines if line.endswith(" 2 running, 1 waiting; 1 task completed so far")]
    assert len(spoken) == 3
    assert len(lines) == 5 + 3


@pytest.mark.usefixtures("flying_time")
async def test_nothing_is_summed_up_for_who_wants_to_hear_of_failures_only():
    stream = io.StringIO()
    narration = Narration()
    with PlainProgress(stream, narration.tally, color=False, silence=60, least=Level.WARNING) as plain:
        narration.tellers.append(plain)
        for event in (START, *running("b")):
            narration(event)
            plain(event)
        await asyncio.sleep(600)
    assert stream.getvalue() == ""


def test_a_run_that_is_left_tells_what_goes_on_without_it_and_that_is_its_last_line():
    lines = told(
        START,
        *(*running("a"), *running("b"), *completed("c"), started("d"), started("e"), created("e")),
        run_ended(Status.CANCELED),
        progress("e", JobState.RUNNING),
    )
    assert lines[-1].endswith(": 2 tasks left running, 2 tasks left waiting, 1 task completed")
