"""What happens in a run, in sentences.

In: events. Out: `Line`s, each made once and given to whoever shows lines: the terminal and the log. A failure is told
in a few words together with what follows from it; all of it is told at the end, by whoever ends the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pysprocket.backends.job import JobState
from pysprocket.engine.events import (
    AttemptCached,
    AttemptCreated,
    AttemptEnded,
    AttemptProgress,
    AttemptReattached,
    AttemptSubmitted,
    CallEnded,
    CallStarted,
    CancelRequested,
    Event,
    Notice,
    Retry,
    RunEnded,
    RunResumed,
    RunStarted,
    Status,
    Transfer,
)
from pysprocket.engine.failures import FailureKind
from pysprocket.progress.lines import Level, Line, Teller, first_line
from pysprocket.progress.tally import ORDER, Ended, Tally
from pysprocket.source.uris import redacted
from pysprocket.source.visible import count
from pysprocket.units import format_duration

_CONTAINER_ID = r"[0-9a-f]{64}"
_ENDS = {
    Ended.COMPLETED: "completed",
    Ended.CACHED: "from the cache",
    Ended.REUSED: "completed before",
    Ended.FAILED: "failed",
    Ended.CANCELED: "cancelled",
}


class Narration:
    """A listener that counts each event, and tells it in a line to each teller."""

    def __init__(self, tellers: Sequence[Teller] = ()) -> None:
        self.tally = Tally()
        self.tellers = list(tellers)
        self._narrator = Narrator(self.tally)

    def __call__(self, event: Event) -> None:
        """Tell an event."""
        line = self._narrator.tell(event)
        self.tally(event)
        if line is not None:
            for teller in self.tellers:
                teller.tell(event.time, line)


class Narrator:
    """Turns events of one run into lines. It looks at the tally as it is before the event is counted."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._failed: set[str] = set()
        self._announced: set[str] = set()
        self._tell: dict[type, Callable[[Any], Line | None]] = {
            RunStarted: self._tell_run_started,
            RunResumed: self._tell_run_resumed,
            RunEnded: self._tell_run_ended,
            CallStarted: self._tell_call_started,
            CallEnded: self._tell_call_ended,
            AttemptCreated: self._tell_created,
            AttemptCached: self._tell_cached,
            AttemptReattached: self._tell_reattached,
            AttemptSubmitted: self._tell_submitted,
            AttemptProgress: self._tell_progress,
            CancelRequested: self._tell_cancel,
            AttemptEnded: self._tell_ended,
            Transfer: self._tell_transfer,
            Notice: self._tell_notice,
        }

    def tell(self, event: Event) -> Line | None:
        """The line for an event, None when there is nothing to say."""
        tell = self._tell.get(event.__class__)
        return None if tell is None else tell(event)

    # --- the run -----------------------------------------------------------------------------------------

    def _tell_run_started(self, event: RunStarted) -> Line:
        return Line(Level.INFO, "", f"running {_about(event)}")

    def _tell_run_resumed(self, event: RunResumed) -> Line:
        return Line(Level.INFO, "", f"resuming {_about(event)}")

    def _tell_run_ended(self, event: RunEnded) -> Line:
        level = Level.INFO if event.status is Status.COMPLETED else Level.WARNING
        start = self._tally.start
        name, began = (start.name, start.time) if start else ("", event.time)
        took = format_duration(event.time - began)
        end = "interrupted" if event.status is Status.CANCELED else event.status
        when = f"{took} after it was resumed" if isinstance(start, RunResumed) else f"after {took}"
        tasks = ", ".join([*_left(self._tally), *_ended(self._tally)]) or "no tasks"
        return Line(level, "", f"run {name} {end} {when}: {tasks}")

    def _tell_notice(self, event: Notice) -> Line:
        level = Level.WARNING if event.warning else Level.DEBUG if event.detail else Level.INFO
        return Line(level, "", event.message)

    def _tell_transfer(self, event: Transfer) -> Line:
        url = redacted(event.url)
        if not event.ended:
            return Line(Level.INFO, url, "fetching")
        took = format_duration(event.time - self._tally.transfers.get(event.url, event.time))
        if event.error is None:
            return Line(Level.INFO, url, f"fetched in {took}")
        return Line(Level.DEBUG, url, f"not fetched: {first_line(event.error)}")  # what needed it fails, and is told

    # --- calls -------------------------------------------------------------------------------------------

    def _tell_call_started(self, event: CallStarted) -> Line | None:
        if event.kind == "task" or event.resumed:
            return None
        return Line(Level.INFO, event.call_id, f"workflow {event.target} started")

    def _tell_call_ended(self, event: CallEnded) -> Line | None:
        if event.reused:
            return None
        if event.call_id in self._tally.workflows:
            return self._tell_workflow_ended(event)
        if event.status is not Status.FAILED or event.call_id in self._failed:
            return None
        self._failed.add(event.call_id)
        return Line(Level.ERROR, event.call_id, f"failed: {first_line(event.error)}")

    def _tell_workflow_ended(self, event: CallEnded) -> Line:
        took = format_duration(event.time - self._tally.workflows[event.call_id])
        if event.status is not Status.FAILED:
            return Line(Level.INFO, event.call_id, f"{_ENDS[Ended(event.status)]} after {took}")
        if any(call.startswith(f"{event.call_id}/") for call in self._failed):  # that is why, and it was told
            return Line(Level.INFO, event.call_id, f"failed after {took}")
        self._failed.add(event.call_id)
        return Line(Level.ERROR, event.call_id, f"failed after {took}: {first_line(event.error)}")

    # --- attempts ----------------------------------------------------------------------------------------

    def _tell_created(self, event: AttemptCreated) -> Line | None:
        if event.attempt == 0:
            return None
        self._failed.discard(event.call_id)
        level = Level.DEBUG if event.call_id in self._announced else Level.INFO
        self._announced.discard(event.call_id)
        if event.retry_cause == FailureKind.CANCELLED:  # by an earlier process: no retry, and its start is told
            return Line(Level.DEBUG, event.call_id, "runs again, for it was cancelled")
        return Line(level, event.call_id, f"retry {event.attempt}")

    def _tell_cached(self, event: AttemptCached) -> Line:
        return Line(Level.INFO, event.call_id, "taken from the cache")

    def _tell_reattached(self, event: AttemptReattached) -> Line:
        if event.native is None:  # it may have been started; when it runs, that is told
            return Line(Level.DEBUG, event.call_id, "was prepared before; its job is looked for")
        return Line(Level.INFO, event.call_id, f"awaiting the job that was started before, {short_id(event.native)}")

    def _tell_submitted(self, event: AttemptSubmitted) -> Line:
        return Line(Level.DEBUG, self._subject(event.job_name), f"submitted as {short_id(event.job_id.native)}")

    def _tell_progress(self, event: AttemptProgress) -> Line | None:
        task = self._tally.jobs.get(event.job_name)
        if task is None or self._tally.end is not None:  # what the backend tells came after the end
            return None
        if event.state is JobState.RUNNING:
            return None if task.state is event.state else Line(Level.INFO, task.call_id, "started")
        if task.state is event.state and task.remark == event.remark:
            return None
        if event.state is JobState.PULLING:
            return Line(Level.INFO, task.call_id, f"pulling {event.remark}".rstrip())
        return Line(Level.DEBUG, task.call_id, f"waiting: {event.remark}" if event.remark else "waiting")

    def _tell_cancel(self, event: CancelRequested) -> Line:
        return Line(Level.DEBUG, self._subject(event.job_name), "being cancelled")

    def _tell_ended(self, event: AttemptEnded) -> Line | None:
        took = self._took(event)
        if event.status is Status.COMPLETED:
            return Line(Level.INFO, event.call_id, f"completed in {took}")
        if event.status is Status.CANCELED and event.result is None:
            return Line(Level.DEBUG, event.call_id, "taken back before it started")
        if event.status is Status.CANCELED:
            return Line(Level.INFO, event.call_id, f"cancelled after {took}")  # why was told once, for all of them
        text = f"failed after {took}: {_cause(event)}"
        if event.retry is None:
            self._failed.add(event.call_id)
            return Line(Level.ERROR, event.call_id, text)
        self._announced.add(event.call_id)
        return Line(Level.WARNING, event.call_id, f"{text}; {_following(event.retry)}")

    def _took(self, event: AttemptEnded) -> str:
        task, result = self._tally.jobs.get(event.job_name), event.result
        since = event.time
        if task is not None:
            since = task.since if task.state is JobState.RUNNING else task.created
        started = since if result is None or result.started is None else result.started
        ended = event.time if result is None or result.ended is None else result.ended
        return format_duration(ended - started)

    def _subject(self, job_name: str) -> str:
        task = self._tally.jobs.get(job_name)
        return task.call_id if task is not None else job_name


def _about(event: RunStarted | RunResumed) -> str:
    return f"{event.kind} {event.target} ({event.backend}) as {event.name} in {event.directory}"


def _cause(event: AttemptEnded) -> str:
    if event.result is not None and event.result.failure is not None:
        return event.result.failure.message
    if event.result is not None and event.result.exit_code:
        return f"exit code {event.result.exit_code}"
    return first_line(event.error)


def _following(retry: Retry) -> str:
    soon = f" in {format_duration(retry.pause)}" if retry.pause else ""
    return f"retry {retry.number} of {retry.most}{soon}"


def ends(tally: Tally) -> str:
    """How the tasks of a run have ended so far: "2 tasks completed, 1 task failed, 1 retry"."""
    return ", ".join(_ended(tally)) or "no tasks"


def _ended(tally: Tally) -> list[str]:
    texts = [f"{count(number, 'task')} {_ENDS[how]}" for how, number in tally.ends.items() if number]
    return [*texts, count(tally.retries, "retry", "retries")] if tally.retries else texts


def _left(tally: Tally) -> list[str]:
    """What goes on without anybody who looks after it: ["2 tasks left running", "1 task left waiting"]."""
    running = len(tally.under_way[JobState.RUNNING])
    numbers = {"running": running, "waiting": sum(map(len, tally.under_way.values())) - running}
    return [f"{count(number, 'task')} left {state}" for state, number in numbers.items() if number]


def summary(tally: Tally) -> str:
    """How a run stands: "2 running, 3 waiting; 10 tasks completed"."""
    states = [f"{len(tally.under_way[state])} {state}" for state in ORDER if tally.under_way[state]]
    if tally.transfers:
        states.append(f"{count(len(tally.transfers), 'file')} being fetched")
    return f"{', '.join(states) or 'nothing under way'}; {ends(tally)} so far"


def short_id(native: str) -> str:
    """What a place calls a job, for people: of a container's id they use the beginning."""
    return native[:12] if len(native) == 64 and re.fullmatch(_CONTAINER_ID, native) else native
