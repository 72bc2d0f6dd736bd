"""The local backend: a job is a session of processes on this machine.

In: `Job`. Out: `Result`. A job outlives the process that started it: a small process (module `launcher`) claims the
attempt directory, starts the script, and writes its exit code there (module `claims`), also when the engine that asked
for it has died meanwhile. Who waits for the job later, in whatever process, recognises the script by its process id
and the moment it was started, sees it end through a pidfd, and reads the exit code.

When the launcher is killed its jobs go on, and are watched like those that were found again. Then the kernel tells the
exit code (since Linux 6.15); where it does not, the job is lost.

Nothing is polled while jobs run; a job costs no thread and no process beside the script.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Self, TypeVar

import msgspec

from pysprocket.backends import claims, host, processes
from pysprocket.backends.admission import Admission, Ticket, request_of
from pysprocket.backends.claims import Claim, End
from pysprocket.backends.job import Failure, Job, JobId, JobState, Limits, Notify, Result
from pysprocket.backends.kept import keep, remove_notes
from pysprocket.backends.launcher import Launcher
from pysprocket.backends.local_ends import ended_unseen, seen_to_end
from pysprocket.backends.outcomes import CANCELLED, over_time
from pysprocket.backends.spawner import CLAIM
from pysprocket.errors import BackendError
from pysprocket.units import parse_size

T = TypeVar("T")

_SWEEP_DELAY = 0.25
"""Seconds; one look through the processes serves all jobs that ended meanwhile."""
_KILL_PATIENCE = 10.0
"""Seconds after which processes that even SIGKILL has not ended are given up (they hang in the kernel)."""
_REPORT_PATIENCE = 1.0
"""Seconds to wait for the launcher to tell how a job ended whose processes are all gone."""
_CLAIM_PATIENCE = 1.0
"""Seconds to wait for a launcher that has begun to write a claim."""
_REAP_PATIENCE = 10.0
"""Seconds to wait until somebody, the launcher or the machine's first process, has seen the end of a script."""
_AHEAD = 16
"""How many more jobs than run the launcher has at hand: as many as may end while the engine is busy."""
_LAUNCHES = 3
"""How many launchers may be killed before a task is given up that each was asked to start."""


class _Running(msgspec.Struct, eq=False):
    """A job whose script lives, or whose processes are just being ended.

    Attributes:
        waiting: for its end.
        number: of the launcher for its child, None when it is no child of ours.
        end: as the launcher or the kernel has told it.
        watch: for its end when it is no child of ours.
        ending: what ends it, or finds out how it ended.
    """

    job_id: JobId
    claim: Claim
    waiting: list[asyncio.Future[None]] = []
    number: int | None = None
    end: End | None = None
    watch: processes.Watch | None = None
    timer: asyncio.TimerHandle | None = None
    ending: asyncio.Task[None] | None = None
    stopping: asyncio.Task[None] | None = None
    hurry: asyncio.Future[None] | None = None
    failure: Failure | None = None


class _Launch(msgspec.Struct, eq=False):
    """A job to be started: it waits for its turn, then for the launcher, whose customer it is; then it is `running`.

    When its turn is near it is given to the launcher, which starts it when a job ends, before it is asked for.

    Attributes:
        waiting: for its id.
        unwanted: whether it is to be stopped as soon as it runs.
        tries: how many launchers were asked.
        number: of the launcher that has it, None while none has.
    """

    backend: LocalBackend
    job: Job
    ticket: Ticket | None = None
    waiting: list[asyncio.Future[JobId]] = []
    unwanted: bool = False
    tries: int = 0
    number: int | None = None
    running: _Running | None = None

    def near(self) -> None:
        """It is among the next."""
        self.backend.queue(self)

    def admitted(self) -> None:
        """It is its turn."""
        self.backend.launch(self)

    def started(self, pid: int, began: int, started: float) -> None:
        """It runs."""
        resources = self.job.resources
        claim = Claim(request_of(resources), resources.time_limit, claims.this_boot(), pid, began, started)
        self.running = self.backend.launched(self, claim)

    def claimed(self) -> None:
        """Another runs it."""
        self.backend.left(self)
        _settle(self.waiting, JobId(self.job.name, "", str(self.job.directory)))

    def refused(self, error: BackendError) -> None:
        """It cannot be started."""
        self.backend.refused(self, error)

    def dropped(self) -> None:
        """It was taken back in time."""
        self.refused(BackendError("the task was cancelled before it was started", transient=True))

    def ended(self, end: End) -> None:
        """Its script has ended."""
        if self.running is not None:
            self.backend.child_ended(self.running, end)

    def lost(self) -> None:
        """The launcher was killed: what runs is watched, what was to be started is asked for once more."""
        self.number = None
        if self.running is not None:
            self.backend.child_lost(self.running)
        else:
            asyncio.get_running_loop().call_soon(self.backend.ask_again, self)


class LocalBackend:
    """Runs jobs as processes of this machine, as many at once as processors and memory allow.

    A job has a session of its own. Ending it means SIGTERM to all its processes, then SIGKILL to those that live
    after `grace`; what a finished script leaves behind in its session is killed. A process counts as the job's when
    it is in the job's session or descends from it; only a daemon (own session, parents gone) is out of sight.

    Args:
        cpu: processors that all jobs together may ask for; None for those this process may use.
        memory: bytes that all jobs together may ask for, as a number or a size such as "8 GiB"; None for what this
            process may use.
        notify: is told when a job waits for admission and when it runs.
        grace: seconds between SIGTERM and SIGKILL.

    Raises:
        ValueError: `memory` is not a size.
    """

    name = "local"
    guest_root: str | None = None
    detaches = False

    def __init__(
        self,
        *,
        cpu: float | None = None,
        memory: int | str | None = None,
        notify: Notify | None = None,
        grace: float = 5.0,
    ) -> None:
        self._admission = Admission(
            "the local backend",
            host.available_cpu() if cpu is None else cpu,
            host.available_memory() if memory is None else parse_size(str(memory)),
            _AHEAD,
        )
        self._notify = notify
        self._grace = grace
        self._environment = dict(os.environb)
        self._launcher: Launcher | None = None
        self._starting: dict[str, _Launch] = {}
        self._jobs: dict[str, _Running] = {}
        self._results: dict[JobId, Result] = {}
        self._ended_sessions: set[int] = set()

    async def __aenter__(self) -> Self:
        """Start the launcher, which gets ready while the caller goes on.

        Raises:
            BackendError: not on Linux.
        """
        if not hasattr(os, "pidfd_open"):
            raise BackendError("the local backend needs Linux", help="run with `--backend docker`")
        with suppress(BackendError):  # told by `submit`, when it tries again; there may be nothing to start
            self._launcher = Launcher(self._environment)
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Jobs under way go on, beside those that are just being stopped: these are killed at once."""
        for launch in list(self._starting.values()):
            if launch.ticket is not None and not launch.ticket.granted:
                self._unwanted(launch)
                _cancel(launch.waiting)
        await asyncio.gather(*(_turn(launch.waiting) for launch in self._starting.values()), return_exceptions=True)
        self._sweep()
        for job in list(self._jobs.values()):
            if job.stopping is None:
                self._drop(job)
                _cancel(job.waiting)
                if job.ending is not None:
                    job.ending.cancel()
            else:
                self._hurry(job)
                await asyncio.wait([job.stopping])
        if self._launcher is not None:
            self._launcher.close()

    def limits(self) -> Limits:
        """The processors and memory for all jobs together."""
        return self._admission.limits

    async def submit(self, job: Job) -> JobId:
        """Start `job` when it is its turn, or find the one that claimed its directory before.

        Cancelling takes a job that waits for its turn out of the queue, and stops one that is just being started.

        Raises:
            BackendError: more is asked for than there is; or the process cannot be started.
        """
        if (found := self._find(job)) is not None:
            return found
        launch = self._starting.get(job.name)
        if launch is None:
            self._admission.check(job.resources)
            launch = self._starting[job.name] = _Launch(self, job)
            place = _turn(launch.waiting)
            launch.ticket = self._admission.ask(request_of(job.resources), launch.admitted, launch.near)
            if not launch.ticket.granted:
                self._tell(job.name, JobState.WAITING)
        else:
            place = _turn(launch.waiting)
        try:
            return await place
        except asyncio.CancelledError:
            if all(waiting.done() for waiting in launch.waiting):  # nobody else wants it
                self._unwanted(launch)
            raise

    async def wait(self, job_id: JobId) -> Result:
        """How the job ended; found by its script, or by what is written in the attempt directory."""
        while job_id not in self._results:
            job = self._jobs.get(job_id.name) or await self._attach(job_id)
            if job is None:
                return ended_unseen(job_id)
            await _turn(job.waiting)
        return self._results[job_id]

    async def cancel(self, job_id: JobId) -> None:
        """SIGTERM to all processes of the job, SIGKILL after the grace time, or at once when this call is cancelled."""
        job = self._jobs.get(job_id.name) or await self._attach(job_id)
        if job is None:
            return
        self._stop(job, CANCELLED)
        try:
            await (_turn(job.waiting) if job.stopping is None else asyncio.shield(job.stopping))
        except asyncio.CancelledError:
            self._hurry(job)
            raise

    async def withdraw(self, job_id: JobId) -> bool:
        """What was submitted has begun to run."""
        return False

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """Jobs have no image."""
        return None

    async def forget(self, job_id: JobId) -> None:
        """Remove what was kept of the job."""
        result = self._results.pop(job_id, None)
        if result is None or result.failure is not None:
            remove_notes(job_id.directory)
        else:  # nothing else was written
            remove_notes(job_id.directory, (CLAIM,))

    # starting and finding

    def _find(self, job: Job) -> JobId | None:
        if (running := self._jobs.get(job.name)) is not None:
            return running.job_id
        directory = str(job.directory)
        claim = claims.read_claim(directory)
        return None if claim is None else JobId(job.name, str(claim.pid), directory)

    def queue(self, launch: _Launch) -> None:
        """Let the launcher start a job when another ends."""
        with suppress(Exception):  # it is raised again, and told, when it is its turn
            self._give(launch, queued=True)

    def launch(self, launch: _Launch) -> None:
        """Let the launcher start a job now."""
        if launch.number is None:
            try:
                self._give(launch)
            except Exception as error:  # whatever it is must reach who submits the job
                self.refused(launch, error)
        elif self._launcher is not None and not launch.unwanted:
            self._launcher.go(launch.number)

    def ask_again(self, launch: _Launch) -> None:
        """Give a job to another launcher: who claims it first starts it."""
        if self._starting.get(launch.job.name) is not launch:
            return
        if launch.unwanted and launch.ticket is not None and not launch.ticket.granted:
            self._admission.seat(launch.ticket)  # it may run
        if launch.ticket is None or launch.ticket.granted:
            self.launch(launch)
        else:
            self.queue(launch)

    def _give(self, launch: _Launch, *, queued: bool = False) -> None:
        """Hand a job to a launcher, which may be lost meanwhile."""
        if launch.tries == _LAUNCHES:
            raise BackendError("the task cannot be started: the process that starts tasks is killed again and again")
        if self._launcher is None or not self._launcher.alive:
            self._launcher = Launcher(self._environment)
        launch.number = self._launcher.start(launch.job, launch, queued=queued)
        launch.tries += 1

    def refused(self, launch: _Launch, error: Exception) -> None:
        """A job is not started."""
        self.left(launch)
        for waiting in launch.waiting:
            if not waiting.done():
                waiting.set_exception(error)

    def left(self, launch: _Launch) -> None:
        """A job is not to be started any more."""
        del self._starting[launch.job.name]
        if launch.ticket is None:  # it was granted before it could be noted
            self._admission.release(request_of(launch.job.resources))
        else:
            self._admission.leave(launch.ticket)

    def launched(self, launch: _Launch, claim: Claim) -> _Running:
        """A job runs."""
        job = launch.job
        del self._starting[job.name]
        if launch.ticket is not None and not launch.ticket.granted:
            self._admission.seat(launch.ticket)
        running = self._register(JobId(job.name, str(claim.pid), str(job.directory)), claim)
        running.number = launch.number
        self._tell(job.name, JobState.RUNNING)
        _settle(launch.waiting, running.job_id)
        if launch.unwanted:
            self._stop(running, CANCELLED)
        return running

    def _unwanted(self, launch: _Launch) -> None:
        """Take a job out of the queue, or stop it as soon as it runs."""
        if launch.running is not None:
            self._stop(launch.running, CANCELLED)
        elif launch.ticket is None or launch.ticket.granted:
            launch.unwanted = True
        elif launch.number is not None and self._launcher is not None:
            launch.unwanted = True
            self._launcher.drop(launch.number)
        elif self._starting.get(launch.job.name) is launch:
            self._admission.leave(launch.ticket)
            del self._starting[launch.job.name]

    async def _attach(self, job_id: JobId) -> _Running | None:
        """Watch a job that another process has started; None when it does not run any more."""
        await _until(lambda: not claims.is_half_claimed(job_id.directory), _CLAIM_PATIENCE)
        if (job := self._jobs.get(job_id.name)) is not None:
            return job
        claim = claims.read_claim(job_id.directory)
        if claim is None:
            return None
        job = self._register(job_id, claim, processes.age(claim.pid))
        if not self._watch(job):
            self._drop(job)
            return None
        self._admission.take(claim.request)
        return job

    def _watch(self, job: _Running) -> bool:
        """See the end of a job that is no child of our launcher; whether its script lives."""
        try:
            job.watch = processes.Watch(job.claim.pid, partial(self._gone, job))
        except ProcessLookupError:
            return False
        return claims.is_running(job.claim)  # while the pidfd holds the process: no race

    def _register(self, job_id: JobId, claim: Claim, elapsed: float = 0.0) -> _Running:
        job = self._jobs[job_id.name] = _Running(job_id, claim)
        if claim.time_limit is not None:
            remaining = max(0.0, claim.time_limit - elapsed)
            job.timer = asyncio.get_running_loop().call_later(remaining, self._stop, job, over_time(claim.time_limit))
        return job

    def _tell(self, name: str, state: JobState) -> None:
        if self._notify is not None:
            self._notify(name, state, "")

    # ending

    def child_ended(self, job: _Running, end: End) -> None:
        """The launcher has seen the end of the script."""
        job.end = end
        if job.stopping is None:  # else the stopping task looks after the rest of the family
            self._sweep_later(job.claim.pid)
            self._finish(job)

    def child_lost(self, job: _Running) -> None:
        """The launcher was killed, not the job."""
        job.number = None
        if not self._watch(job):
            self._gone(job)

    def _gone(self, job: _Running) -> None:
        """The script has ended, and was no child of our launcher."""
        if job.stopping is None:
            job.ending = asyncio.create_task(self._find_out(job))

    async def _find_out(self, job: _Running) -> None:
        """How a script ended, from whoever saw it."""
        await _until(lambda: self._knows(job), _REAP_PATIENCE)
        if job.stopping is None:
            self._finish(job)

    def _knows(self, job: _Running) -> bool:
        """Whether it is known how a script ended, or never will be: what saw it has written it before it was gone."""
        gone = not claims.is_running(job.claim)
        job.end = claims.read_exit(job.job_id.directory)
        if job.end is None and job.watch is not None and (code := job.watch.exit_code()) is not None:
            job.end = End(code, time.time())
        return gone or job.end is not None

    def _stop(self, job: _Running, failure: Failure) -> None:
        """Begin to end the processes of `job`, unless the script has ended or is being ended already."""
        if job.stopping is None and claims.read_exit(job.job_id.directory) is None:
            job.failure = failure
            if job.number is not None and self._launcher is not None:
                self._launcher.spare(job.number)
            job.hurry = asyncio.get_running_loop().create_future()
            job.stopping = asyncio.create_task(self._end(job))

    def _hurry(self, job: _Running) -> None:
        """Shorten the grace time of a job that is being stopped to nothing."""
        if job.hurry is not None and not job.hurry.done():
            job.hurry.set_result(None)

    async def _end(self, job: _Running) -> None:
        """SIGTERM, then SIGKILL, until nothing of the job lives."""
        family = processes.Family(job.claim.pid)
        try:
            members = family.alive()
            if claims.read_exit(job.job_id.directory) is not None:
                job.failure = None  # it ended by itself while its family was looked for
            processes.send(members, signal.SIGTERM)
            await _until(lambda: not family.alive(), self._grace, job.hurry)
            await _until(lambda: not family.signal(signal.SIGKILL), _KILL_PATIENCE)
            await _until(lambda: job.end is not None or (job.number is None and self._knows(job)), _REPORT_PATIENCE)
        finally:
            family.signal(signal.SIGKILL)
            self._finish(job)

    def _finish(self, job: _Running) -> None:
        self._drop(job)
        self._admission.release(job.claim.request)
        result = self._results[job.job_id] = seen_to_end(job.job_id, job.claim, job.end, job.failure)
        _settle(job.waiting, None)
        if result.failure is not None:
            with suppress(BackendError):  # the disk is full or the directory gone: only another process would ask
                keep(result, job.job_id.directory)

    def _drop(self, job: _Running) -> None:
        """Watch the job no longer."""
        self._jobs.pop(job.job_id.name, None)
        if job.timer is not None:
            job.timer.cancel()
        if job.watch is not None:
            job.watch.close()

    def _sweep_later(self, session: int) -> None:
        if not self._ended_sessions:
            asyncio.get_running_loop().call_later(_SWEEP_DELAY, self._sweep)
        self._ended_sessions.add(session)

    def _sweep(self) -> None:
        """Kill what finished scripts have left in their sessions outside their process groups."""
        if self._ended_sessions:
            processes.end_sessions(self._ended_sessions)
            self._ended_sessions = set()


def _turn(waiting: list[asyncio.Future[T]]) -> asyncio.Future[T]:
    """A place in the line of those who wait: to leave it, by being cancelled, means nothing to the others."""
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    waiting.append(future)
    return future


def _settle(waiting: list[asyncio.Future[T]], outcome: T) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(outcome)


def _cancel(waiting: list[asyncio.Future[T]]) -> None:
    for future in waiting:
        future.cancel()


async def _until(done: Callable[[], bool], patience: float, hurry: asyncio.Future[None] | None = None) -> None:
    """Ask again and again, ever less often, until `done`, the seconds of `patience` are over, or `hurry` is done."""
    deadline, pause = time.monotonic() + patience, 0.005
    while not done() and time.monotonic() < deadline and not (hurry is not None and hurry.done()):
        await (asyncio.sleep(pause) if hurry is None else asyncio.wait([hurry], timeout=pause))
        pause = min(2 * pause, 0.2)
