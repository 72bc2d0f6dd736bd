"""Plain progress: which lines, at which verbosity, and that nothing can stop a run."""

import io
import os
import re
from contextlib import suppress

from pysprocket.backends.job import Failure, FailureKind, JobId, JobState, Resources, Result
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
    RunStarted,
    Status,
)
from pysprocket.progress.lines import duration
from pysprocket.progress.plain import PlainProgress

START = RunStarted(0.0, "r", "amber-otter-3fa2c1", "file:///main.wdl", "main", "workflow", {}, "runs/main/x", "docker")


def created(call: str, attempt: int = 0, cause: str | None = None) -> AttemptCreated:
    return AttemptCreated(1.0, "r", call, f"{call}-{attempt}", call, attempt, "/d", Resources(), ("u",), cause)


def ended(call: str, status: Status, attempt: int = 0, exit_code: int | None = 0, **more: object) -> AttemptEnded:
    result = Result(exit_code=exit_code, stdout="", stderr="", work="", **more)  # type: ignore[arg-type]
    error = "task `t` failed\nwith details" if status is Status.FAILED else None
    return AttemptEnded(14.0, "r", call, f"{call}-{attempt}", status, result, error)


def told(*events: Event, color: bool = False, verbosity: int = 0) -> list[str]:
    stream = io.StringIO()
    progress = PlainProgress(stream, color=color, verbosity=verbosity)
    for event in events:
        progress(event)
    return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in stream.getvalue().splitlines()]


GOOD_CALL: tuple[Event, ...] = (
    CallStarted(1.0, "r", "align", "align", "task"),
    created("align"),
    AttemptSubmitted(1.0, "r", "align-0", JobId("align-0", "77", "/d")),
    AttemptProgress(1.0, "r", "align-0", JobState.PULLING, "ubuntu:latest"),
    AttemptProgress(2.0, "r", "align-0", JobState.RUNNING, ""),
    ended("align", Status.COMPLETED),
    CallEnded(14.0, "r", "align", Status.COMPLETED),
)


def test_a_job_that_was_taken_back_before_it_started_is_told_only_on_request():
    taken_back = AttemptEnded(2.0, "r", "align", "align-0", Status.CANCELED, None, "it was cancelled")
    assert told(START, created("align"), taken_back) == told(START)
    assert told(START, created("align"), taken_back, verbosity=1)[-1] == "align: taken back before it started"


def test_what_a_backend_tells_after_the_end_of_a_job_is_not_told():
    late = AttemptProgress(15.0, "r", "align-0", JobState.RUNNING, "")
    assert told(START, *GOOD_CALL, late) == told(START, *GOOD_CALL)


def test_a_run_that_succeeds_in_five_lines():
    assert told(START, *GOOD_CALL, RunEnded(65.0, "r", Status.COMPLETED, {})) == [
        "running workflow main (docker) in runs/main/x",
        "align: pulling ubuntu:latest",
        "align: started",
        "align: completed in 12 s",
        "run amber-otter-3fa2c1 completed after 1 min 05 s: 1 task completed",
    ]


def test_a_failed_task_is_never_counted_as_completed():
    lines = told(
        START,
        *GOOD_CALL,
        CallStarted(1.0, "r", "sort", "sort", "task"),
        created("sort"),
        ended("sort", Status.FAILED, exit_code=9),
        CallEnded(14.0, "r", "sort", Status.FAILED, "it failed"),
        RunEnded(20.0, "r", Status.FAILED, error="it failed"),
    )
    assert lines[-2:] == [
        "sort: failed after 13 s: exit code 9",
        "run amber-otter-3fa2c1 failed after 20 s: 1 task completed, 1 task failed",
    ]


def test_a_retry_says_why_and_is_counted():
    lines = told(
        START,
        CallStarted(1.0, "r", "flaky", "flaky", "task"),
        created("flaky"),
        ended("flaky", Status.FAILED, exit_code=7),
        created("flaky", 1, "exit code 7"),
        ended("flaky", Status.COMPLETED, attempt=1),
        CallEnded(14.0, "r", "flaky", Status.COMPLETED),
        RunEnded(20.0, "r", Status.COMPLETED, {}),
    )
    assert lines[2] == "flaky: retry 1 (exit code 7)"
    assert lines[-1].endswith(": 1 task completed, 1 retry")


def test_a_job_that_did_not_simply_end_says_why():
    failure = Failure(FailureKind.OUT_OF_MEMORY, "it needed more than 2 GiB of memory")
    (line,) = told(ended("align", Status.FAILED, exit_code=137, failure=failure))
    assert line.endswith(": it needed more than 2 GiB of memory")


def test_a_call_that_fails_before_its_first_attempt_is_told():
    started = CallStarted(1.0, "r", "align", "align", "task")
    failed = CallEnded(2.0, "r", "align", Status.FAILED, "`memory` must be a size\nmore")
    assert told(started, failed) == ["align: failed: `memory` must be a size"]


def test_quiet_leaves_what_went_wrong_and_quieter_only_errors():
    events = (START, *GOOD_CALL, Notice(1.0, "stopping", warning=True), ended("sort", Status.FAILED, exit_code=1))
    assert told(*events, verbosity=-1) == ["stopping", "sort: failed after 0.0 s: exit code 1"]
    failed = CallEnded(2.0, "r", "other", Status.FAILED, "no memory")
    assert told(*events, failed, verbosity=-2) == ["other: failed: no memory"]


def test_verbose_tells_what_the_backend_calls_a_job():
    assert "align: submitted as 77" in told(*GOOD_CALL, verbosity=1)
    assert "align: submitted as 77" not in told(*GOOD_CALL)


def test_color_marks_failures_and_only_when_asked():
    failed = ended("align", Status.FAILED, exit_code=1)
    assert "\x1b[33m" in told(failed, color=True)[0]
    assert "\x1b[31m" in told(CallEnded(2.0, "r", "other", Status.FAILED, "no memory"), color=True)[0]
    assert "\x1b" not in told(failed)[0]


def test_a_closed_stream_does_not_stop_the_run():
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    progress = PlainProgress(stream, color=False)
    for event in GOOD_CALL:
        progress(event)
    with suppress(BrokenPipeError):
        stream.close()
    progress(GOOD_CALL[4])


def test_durations_are_as_precise_as_people_want():
    spans = (-1, 0.04, 9.94, 9.96, 59.4, 60, 3599, 3600, 90_000)
    assert [duration(seconds) for seconds in spans] == [
        "0.0 s",
        "0.0 s",
        "9.9 s",
        "10 s",
        "59 s",
        "1 min 00 s",
        "59 min 59 s",
        "1 h 00 min",
        "25 h 00 min",
    ]
