"""The jobs of the local backend that are to be started: those that wait for their turn, or for the launcher.

In: a `Job`. Out: its `JobId`; and a call when it was started, which gives the `Running` that is told of its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import msgspec

from pysprocket.backends.admission import Admission, Ticket, request_of
from pysprocket.backends.job import Job, JobId
from pysprocket.backends.local import claims
from pysprocket.backends.local.claims import Claim, End, this_boot
from pysprocket.backends.local.launcher import Launcher
from pysprocket.backends.local.running import Running
from pysprocket.backends.local.waiting import Waiters
from pysprocket.backends.outcomes import CANCELLED
from pysprocket.errors import BackendError

_LAUNCHES = 3
"""How many launchers may be killed before a task is given up that each was asked to start at once."""


class _Start(msgspec.Struct, eq=False):
    """A job to be started: it waits for its turn, then for the launcher, whose customer it is; then it is `running`.

    When its turn is near it is given to the launcher, which starts it when a job ends, before it is asked for.

    Attributes:
        waiters: for its id.
        unwanted: whether it is not to be started any more.
        abandoned: whether it is to be stopped if it was: nobody would ever know of it.
        tries: how many launchers were asked to start it at once.
        number: of the launcher that has it, None while none has.
    """

    starts: Starts
    job: Job
    ticket: Ticket | None = None
    waiters: Waiters[JobId] = msgspec.field(default_factory=Waiters)
    unwanted: bool = False
    abandoned: bool = False
    tries: int = 0
    number: int | None = None
    running: Running | None = None

    def is_admitted(self) -> bool:
        """Whether it is its turn; it may be before the ticket is there."""
        return self.ticket is None or self.ticket.granted

    def near(self) -> None:
        """It is among the next."""
        self.starts.queue(self)

    def admitted(self) -> None:
        """It is its turn, unless who wanted it has left in this moment."""
        if self.waiters.have_left():
            self.starts.take_back(self)
        else:
            self.starts.launch(self)

    def started(self, pid: int, began: int, started: float) -> None:
        """It runs."""
        resources = self.job.resources
        claim = Claim(request_of(resources), resources.time_limit, this_boot(), pid, began, started)
        self.running = self.starts.launched(self, claim)

    def claimed(self) -> None:
        """Another runs it."""
        self.starts.left(self)
        self.waiters.settle(JobId(self.job.name, "", str(self.job.directory)))

    def refused(self, error: Exception) -> None:
        """It cannot be started."""
        self.starts.left(self)
        self.waiters.fail(error)

    def dropped(self) -> None:
        """It was taken back in time."""
        self.refused(BackendError("the task was cancelled before it was started", transient=True))

    def ended(self, end: End) -> None:
        """Its script has ended."""
        if self.running is not None:
            self.running.ended(end)

    def lost(self) -> None:
        """The launcher was killed: what runs is watched, what was to be started is asked for once more."""
        self.number = None
        if self.running is None and (claim := claims.last_claim(str(self.job.directory))) is not None:
            self.running = self.starts.launched(self, claim)
        if self.running is not None:
            self.running.lost()
        elif self.unwanted:
            self.dropped()
        else:
            asyncio.get_running_loop().call_soon(self.starts.ask_again, self)


class Starts:
    """Starts jobs in their turn.

    Args:
        admission: whose turn it is.
        environment: what all jobs share.
        begun: is told of a job that runs, its claim, and how to let its process group live when its script ends.
    """

    def __init__(
        self,
        admission: Admission,
        environment: Mapping[bytes, bytes],
        begun: Callable[[Job, Claim, Callable[[], None] | None], Running],
    ) -> None:
        self._admission = admission
        self._environment = environment
        self._begun = begun
        self._launcher: Launcher | None = None
        self._waiting: dict[str, _Start] = {}  # by name

    def prepare(self) -> None:
        """Have a launcher get ready while the caller goes on."""
        with suppress(BackendError):  # told by `start`, when it tries again; there may be nothing to start
            self._launcher = Launcher(self._environment)

    async def start(self, job: Job, waiting: Callable[[], None]) -> JobId:
        """Start a job when it is its turn, and say by `waiting` that it has to wait for that.

        Cancelling takes back a job that is not started yet. When it comes too late the job runs, and has its id all the
        same; to cancel again is not to wait for that, and to have it stopped as soon as it runs.

        Raises:
            BackendError: the process cannot be started.
        """
        start = self._waiting.get(job.name)
        if start is None:
            start = self._waiting[job.name] = _Start(self, job)
            place = start.waiters.join()
            start.ticket = self._admission.ask(request_of(job.resources), start.admitted, start.near)
            if not start.ticket.granted:
                waiting()
        else:
            place = start.waiters.join()
        try:
            return await place
        except asyncio.CancelledError:
            if not start.waiters.have_left():
                raise
            answer = place if place.done() and not place.cancelled() else start.waiters.join()
            self.take_back(start)
            if self._waiting.get(job.name) is start:
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([answer])
            if not answer.done():
                start.abandoned = answer.cancel()
            if answer.cancelled() or answer.exception() is not None:
                raise
            return answer.result()

    async def end(self) -> None:
        """Start no more: what waits for its turn is taken back, what is just being started is awaited."""
        for start in list(self._waiting.values()):
            if not start.is_admitted():
                self.take_back(start)
                start.waiters.cancel()
        await asyncio.gather(*(start.waiters.join() for start in self._waiting.values()), return_exceptions=True)

    def close(self) -> None:
        """Leave the launcher alone."""
        if self._launcher is not None:
            self._launcher.close()

    # the life of a start

    def queue(self, start: _Start) -> None:
        """Let the launcher start a job when another ends."""
        with suppress(Exception):  # it is raised again, and told, when it is its turn
            self._give(start, queued=True)

    def launch(self, start: _Start) -> None:
        """Let the launcher start a job now."""
        if start.number is None:
            try:
                self._give(start)
            except Exception as error:  # whatever it is must reach who wants the job
                start.refused(error)
        elif self._launcher is not None and not start.unwanted:
            self._launcher.go(start.number)

    def ask_again(self, start: _Start) -> None:
        """Give a job to another launcher: who claims it first starts it."""
        if self._waiting.get(start.job.name) is not start:
            return
        if start.is_admitted():
            self.launch(start)
        else:
            self.queue(start)

    def take_back(self, start: _Start) -> None:
        """Nobody wants a job any more: it leaves the queue, unless it has been started."""
        if start.running is None and start.number is not None:
            start.unwanted = True
            if self._launcher is not None:
                self._launcher.drop(start.number)
        elif start.running is None and self._waiting.get(start.job.name) is start:
            self.left(start)

    def left(self, start: _Start) -> None:
        """A job is not to be started any more."""
        del self._waiting[start.job.name]
        if start.ticket is None:  # it was granted before it could be noted
            self._admission.release(request_of(start.job.resources))
        else:
            self._admission.leave(start.ticket)

    def launched(self, start: _Start, claim: Claim) -> Running:
        """A job runs."""
        del self._waiting[start.job.name]
        self._seat(start)
        spare = None
        if self._launcher is not None and start.number is not None:
            spare = partial(self._launcher.spare, start.number)
        running = self._begun(start.job, claim, spare)
        if start.abandoned:
            running.stop(CANCELLED)
        start.waiters.settle(running.job_id)
        return running

    def _seat(self, start: _Start) -> None:
        """Count a job as one that runs, though it was not admitted."""
        if start.ticket is not None and not start.ticket.granted:
            self._admission.seat(start.ticket)

    def _give(self, start: _Start, *, queued: bool = False) -> None:
        """Hand a job to a launcher, which may be lost meanwhile."""
        if start.tries == _LAUNCHES:
            text = "the task cannot be started: the process that starts tasks is killed again and again"
            raise BackendError(text, transient=True)
        if self._launcher is None or not self._launcher.alive:
            self._launcher = Launcher(self._environment)
        start.number = self._launcher.start(start.job, start, queued=queued)
        start.tries += not queued
