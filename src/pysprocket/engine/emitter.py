"""Passes events on to whoever listens.

In: events. Out: the same events, to each listener in order. The engine holds an `Emitter` and never asks who listens.
"""

from __future__ import annotations

from collections.abc import Sequence

from pysprocket.backends.job import JobState
from pysprocket.clock import now
from pysprocket.engine.events import AttemptProgress, Event, Listener, Notice


class Emitter:
    """Tells each of `listeners` of each event of the run with this id and name.

    Attributes:
        begun: whether they know of the run.
    """

    def __init__(self, run_id: str, run_name: str, listeners: Sequence[Listener] = ()) -> None:
        self.run_id = run_id
        self.run_name = run_name
        self.listeners = list(listeners)
        self.begun = False

    def __call__(self, event: Event) -> None:
        """Pass an event on."""
        for listener in self.listeners:
            listener(event)

    def job_progress(self, job_name: str, state: JobState | None, remark: str) -> None:
        """What a backend tells of a job (a `backends.job.Notify`)."""
        if state is None:
            self(Notice(now(), f"{job_name}: {remark}", warning=True))
            return
        self(AttemptProgress(now(), self.run_id, job_name, state, remark))

    def detail(self, message: str) -> None:
        """Pass on what only those are told who want to know more."""
        self(Notice(now(), message, detail=True))
