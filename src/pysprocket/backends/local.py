"""The local backend: a job is a session of processes on this machine.

In: `Job`. Out: `Result`. A job outlives the process that started it: a wrapper of a few shell built-ins claims the
attempt directory, runs the script, and as its last act writes the exit code (module `wrapper`). Who waits for the job
later, in whatever process, recognises the wrapper by its process id together with the attempt directory among its
arguments, sees it end through a pidfd, and reads the exit file: that file is the first truth.

Jobs are started by a small process (module `launcher`), which also tells how they ended and what they used. It is no
part of a job's life: when it is killed, its jobs are watched like those that were found again.

Nothing is polled while jobs run; a job costs no thread and no process beside the wrapper and the script.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Self

import msgspec

from pysprocket.backends import host, processes, wrapper
from pysprocket.backends.admission import Admission, Request, request_of
from pysprocket.backends.job import Failure, FailureKind, Job, JobId, JobState, Limits, Notify, Result, Usage
from pysprocket.backends.kept import keep, kept, remove_notes
from pysprocket.backends.launcher import Child, End, Launcher, LauncherLost
from pysprocket.errors import BackendError
from pysprocket.units import parse_size

_SWEEP_DELAY = 0.05
"""Seconds; one look through the processes serves all jobs that ended meanwhile."""
_KILL_PATIENCE = 10.0
"""Seconds after which processes that even SIGKILL has not ended are given up (they hang in the kernel)."""
_REPORT_PATIENCE = 1.0
"""Seconds to wait for the launcher to tell how a job ended whose processes are all gone."""
_LAUNCHES = 3
"""How many launchers may be killed before a task is given up that each was asked to start."""
_UNKNOWN = Usage()
_CANCELLED = Failure(FailureKind.CANCELLED, "the task was cancelled")


class _Running(msgspec.Struct, eq=False):
    """A job whose wrapper lives, or whose processes are just being ended."""

    job_id: JobId
    claim: wrapper.Claim
    ended: asyncio.Future[None]
    hurry: asyncio.Future[None]
    child: Child | None = None
    watch: processes.Watch | None = None
    timer: asyncio.TimerHandle | None = None
    stopping: asyncio.Task[None] | None = None
    failure: Failure | None = None


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
        )
        self._notify = notify
        self._grace = grace
        self._host = os.uname().nodename
        self._environment = dict(os.environb)
        self._exotic = [item for item in self._environment.items() if wrapper.is_exotic(item[0])]
        self._launcher: Launcher | None = None
        self._starting: dict[str, asyncio.Task[JobId]] = {}
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
        if self._starting:
            await asyncio.wait(self._starting.values())
        self._sweep()
        for job in list(self._jobs.values()):
            if job.stopping is None:
                self._drop(job)
                job.ended.cancel()
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
        if job.name not in self._starting:
            self._admission.check(job.resources)
            request = request_of(job.resources)
            await self._admission.acquire(request, partial(self._tell, job.name, JobState.WAITING))
            if job.name in self._jobs or job.name in self._starting:  # by another `submit` while this one waited
                self._admission.release(request)
                return await self.submit(job)
            self._starting[job.name] = asyncio.create_task(self._start(job, request))
        starting = self._starting[job.name]
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._unwanted)
            raise

    async def wait(self, job_id: JobId) -> Result:
        """How the job ended; found by its wrapper, or by what it left in the attempt directory."""
        while job_id not in self._results:
            job = self._jobs.get(job_id.name) or self._attach(job_id)
            if job is None:
                return self._ended_unseen(job_id)
            await asyncio.shield(job.ended)
        return self._results[job_id]

    async def cancel(self, job_id: JobId) -> None:
        """SIGTERM to all processes of the job, SIGKILL after the grace time, or at once when this call is cancelled."""
        job = self._jobs.get(job_id.name) or self._attach(job_id)
        if job is None:
            return
        self._stop(job, _CANCELLED)
        try:
            await asyncio.shield(job.stopping or job.ended)
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
        self._results.pop(job_id, None)
        remove_notes(job_id.directory)

    # starting and finding

    def _find(self, job: Job) -> JobId | None:
        if (running := self._jobs.get(job.name)) is not None:
            return running.job_id
        directory = str(job.directory)
        claim = wrapper.read_claim(directory)
        return None if claim is None else JobId(job.name, str(claim.pid), directory)

    async def _start(self, job: Job, request: Request) -> JobId:
        try:
            child = await self._launch(job)
        except BaseException:
            self._admission.release(request)
            raise
        finally:
            del self._starting[job.name]
        job_id = JobId(job.name, str(child.pid), str(job.directory))
        running = self._register(job_id, wrapper.Claim(child.pid, request, job.resources.time_limit, time.time()))
        running.child = child
        child.ended.add_done_callback(partial(self._child_ended, running))
        self._tell(job.name, JobState.RUNNING)
        return job_id

    async def _launch(self, job: Job) -> Child:
        """Start the wrapper; once more when the launcher was killed, since of two wrappers one runs the script."""
        arguments = wrapper.arguments(job, self._exotic)
        for _ in range(_LAUNCHES):
            if self._launcher is None or not self._launcher.alive:
                self._launcher = Launcher(self._environment)
            try:
                return await self._launcher.start(arguments, job.environment)
            except LauncherLost:
                continue
        raise BackendError("the task cannot be started: the process that starts tasks is killed again and again")

    def _unwanted(self, starting: asyncio.Task[JobId]) -> None:
        """Stop a job whose `submit` was cancelled while it was being started."""
        if not starting.cancelled() and starting.exception() is None:
            job = self._jobs.get(starting.result().name)
            if job is not None:
                self._stop(job, _CANCELLED)

    def _attach(self, job_id: JobId) -> _Running | None:
        """Watch a job that another process has started; None when it does not run any more."""
        claim = wrapper.read_claim(job_id.directory) or wrapper.Claim(int(job_id.native), (0, 0), None, time.time())
        job = self._register(job_id, claim)
        if not self._watch(job):
            self._drop(job)
            return None
        self._admission.take(claim.request)
        return job

    def _watch(self, job: _Running) -> bool:
        """See the end of a job that is no child of the launcher; whether its wrapper lives."""
        try:
            job.watch = processes.Watch(job.claim.pid, partial(self._wrapper_ended, job))
        except ProcessLookupError:
            return False
        return wrapper.is_running(job.claim.pid, job.job_id.directory)  # while the pidfd holds the process: no race

    def _register(self, job_id: JobId, claim: wrapper.Claim) -> _Running:
        loop = asyncio.get_running_loop()
        job = self._jobs[job_id.name] = _Running(job_id, claim, loop.create_future(), loop.create_future())
        if claim.time_limit is not None:
            sentence = f"the task ran longer than its time limit of {claim.time_limit:g} s and was stopped"
            remaining = max(0.0, claim.started + claim.time_limit - time.time())
            job.timer = loop.call_later(remaining, self._stop, job, Failure(FailureKind.TIME_LIMIT, sentence))
        return job

    def _tell(self, name: str, state: JobState) -> None:
        if self._notify is not None:
            self._notify(name, state, "")

    # ending

    def _child_ended(self, job: _Running, ended: asyncio.Future[End | None]) -> None:
        if ended.result() is not None:
            if job.stopping is None:
                self._sweep_later(job.claim.pid)
        elif self._watch(job):  # the launcher was killed, not the job
            return
        self._wrapper_ended(job)

    def _wrapper_ended(self, job: _Running) -> None:
        if job.stopping is None:  # else the stopping task looks after the rest of the family
            self._finish(job)

    def _stop(self, job: _Running, failure: Failure) -> None:
        """Begin to end the processes of `job`, unless the script has ended or is being ended already."""
        if job.stopping is None and wrapper.read_exit(job.job_id.directory) is None:
            job.failure = failure
            if job.child is not None and self._launcher is not None:
                self._launcher.spare(job.child)
            job.stopping = asyncio.create_task(self._end(job))

    def _hurry(self, job: _Running) -> None:
        """Shorten the grace time of a job that is being stopped to nothing."""
        if not job.hurry.done():
            job.hurry.set_result(None)

    async def _end(self, job: _Running) -> None:
        """SIGTERM, then SIGKILL, until nothing of the job lives."""
        family = processes.Family(job.claim.pid)
        try:
            family.signal(signal.SIGTERM)
            await _until(lambda: not family.alive(), self._grace, job.hurry)
            await _until(lambda: not family.signal(signal.SIGKILL), _KILL_PATIENCE)
            if job.child is not None:
                await asyncio.wait([job.child.ended], timeout=_REPORT_PATIENCE)
        finally:
            family.signal(signal.SIGKILL)
            self._finish(job)

    def _finish(self, job: _Running) -> None:
        self._drop(job)
        self._admission.release(job.claim.request)
        result = self._result(job)
        if result is not None:
            self._results[job.job_id] = result
        if not job.ended.done():
            job.ended.set_result(None)
        if result is not None and job.failure is not None:
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

    # results

    def _result(self, job: _Running) -> Result | None:
        """How a job ended whose wrapper was seen to end; None when another wrapper runs the script."""
        end = wrapper.read_exit(job.job_id.directory)
        seen = None if job.child is None or not job.child.ended.done() else job.child.ended.result()
        if end is None and seen is not None and os.WIFSIGNALED(seen.status):
            end = wrapper.Exit(128 + os.WTERMSIG(seen.status), time.time())
        if end is None and job.failure is None:
            claim = wrapper.read_claim(job.job_id.directory)
            if claim is not None and claim.pid != job.claim.pid:
                return None
            job.failure = _vanished(job.job_id) if seen is None else _unwritable(job.job_id)
        usage = _UNKNOWN if seen is None else seen.usage
        return self._describe(job.job_id, job.claim, end, failure=job.failure, usage=usage)

    def _ended_unseen(self, job_id: JobId) -> Result:
        if (result := kept(job_id.directory)) is not None:
            return result
        end = wrapper.read_exit(job_id.directory)
        failure = _vanished(job_id) if end is None else None
        return self._describe(job_id, wrapper.read_claim(job_id.directory), end, failure=failure)

    def _describe(
        self,
        job_id: JobId,
        claim: wrapper.Claim | None,
        end: wrapper.Exit | None,
        *,
        failure: Failure | None,
        usage: Usage = _UNKNOWN,
    ) -> Result:
        started = None if claim is None else claim.started
        return Result(
            exit_code=None if end is None else end.code,
            stdout=f"{job_id.directory}/stdout",
            stderr=f"{job_id.directory}/stderr",
            work=f"{job_id.directory}/work",
            failure=failure,
            started=started,
            ended=None if end is None else max(end.ended, started or 0.0),  # clocks of file systems are coarse
            usage=usage,
            host=self._host,
        )


async def _until(done: Callable[[], bool], patience: float, hurry: asyncio.Future[None] | None = None) -> None:
    """Ask again and again, ever less often, until `done`, the seconds of `patience` are over, or `hurry` is done."""
    deadline, pause = time.monotonic() + patience, 0.005
    while not done() and time.monotonic() < deadline and not (hurry is not None and hurry.done()):
        await (asyncio.sleep(pause) if hurry is None else asyncio.wait([hurry], timeout=pause))
        pause = min(2 * pause, 0.2)


def _vanished(job_id: JobId) -> Failure:
    return Failure(
        FailureKind.LOST,
        "the task's processes are gone and left no exit code: they were killed, or the machine was restarted",
        f"process {job_id.native}, directory {job_id.directory}",
    )


def _unwritable(job_id: JobId) -> Failure:
    return Failure(
        FailureKind.BACKEND,
        f"the task could not write in `{job_id.directory}`: it is not there, not writable, or the disk is full",
    )
