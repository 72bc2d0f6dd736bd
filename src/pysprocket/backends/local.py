"""The local backend: a job is a session of processes on this machine.

In: `Job`. Out: `Result`. A job outlives the process that started it: a wrapper of a few shell built-ins claims the
attempt directory, runs the script, and as its last act writes the exit code (module `wrapper`). Who waits for the job
later, in whatever process, recognises the wrapper by its process id together with the attempt directory among its
arguments, sees it end through a pidfd, and reads the exit file: that file is the first truth.

Nothing is polled while jobs run; a job costs no thread and no process beside the wrapper and the script.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Self

import msgspec

from pysprocket.backends import host, processes, wrapper
from pysprocket.backends.admission import Admission, Request, request_of
from pysprocket.backends.job import Failure, FailureKind, Job, JobId, JobState, Limits, Notify, Result, Usage
from pysprocket.backends.kept import keep, kept, remove_notes
from pysprocket.errors import BackendError
from pysprocket.units import parse_size

_DEFAULT_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ)
_NO_STREAMS = (
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
)
_SWEEP_DELAY = 0.05
"""Seconds; one look through the processes serves all jobs that ended meanwhile."""
_KILL_PATIENCE = 10.0
"""Seconds after which processes that even SIGKILL has not ended are given up (they hang in the kernel)."""
_UNKNOWN = Usage()


class _Running(msgspec.Struct, eq=False):
    """A job whose wrapper lives, or whose processes are just being ended."""

    job_id: JobId
    claim: wrapper.Claim
    result: asyncio.Future[Result | None]
    watch: processes.Watch | None = None
    timer: asyncio.TimerHandle | None = None
    stopping: asyncio.Task[None] | None = None
    failure: Failure | None = None
    status: int | None = None
    usage: Usage = Usage()


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
        self._jobs: dict[str, _Running] = {}
        self._ended_sessions: set[int] = set()

    async def __aenter__(self) -> Self:
        """Nothing to connect to.

        Raises:
            BackendError: not on Linux.
        """
        if not hasattr(os, "pidfd_open"):
            raise BackendError("the local backend needs Linux", help="run with `--backend docker`")
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Jobs under way go on, beside those that are just being stopped: these are killed at once."""
        self._sweep()
        for job in list(self._jobs.values()):
            if job.stopping is None:
                self._drop(job)
                job.result.cancel()
            else:
                job.stopping.cancel()
                await asyncio.wait([job.stopping])

    def limits(self) -> Limits:
        """The processors and memory for all jobs together."""
        return self._admission.limits

    async def submit(self, job: Job) -> JobId:
        """Start `job` when it is its turn, or find the one that claimed its directory before.

        Cancelling takes a job that waits for its turn out of the queue.

        Raises:
            BackendError: more is asked for than there is; or the process cannot be started.
        """
        if (found := self._find(job)) is not None:
            return found
        self._admission.check(job.resources)
        request = request_of(job.resources)
        await self._admission.acquire(request, partial(self._tell, job.name, JobState.WAITING))
        if (running := self._jobs.get(job.name)) is not None:  # by another `submit` while this one waited
            self._admission.release(request)
            return running.job_id
        try:
            return self._start(job, request)
        except BaseException:
            self._admission.release(request)
            raise

    async def wait(self, job_id: JobId) -> Result:
        """How the job ended; found by its wrapper, or by what it left in the attempt directory."""
        while (job := self._jobs.get(job_id.name) or self._attach(job_id)) is not None:
            if (result := await asyncio.shield(job.result)) is not None:
                return result
        return self._ended_unseen(job_id)

    async def cancel(self, job_id: JobId) -> None:
        """SIGTERM to all processes of the job, SIGKILL after the grace time, or at once when this call is cancelled."""
        job = self._jobs.get(job_id.name) or self._attach(job_id)
        if job is None:
            return
        self._stop(job, Failure(FailureKind.CANCELLED, "the task was cancelled"))
        try:
            await asyncio.shield(job.stopping or job.result)
        except asyncio.CancelledError:
            if job.stopping is not None:
                job.stopping.cancel()
            raise

    async def forget(self, job_id: JobId) -> None:
        """Remove what was kept of the job."""
        remove_notes(job_id.directory)

    # starting and finding

    def _find(self, job: Job) -> JobId | None:
        if (running := self._jobs.get(job.name)) is not None:
            return running.job_id
        directory = str(job.directory)
        claim = wrapper.read_claim(directory)
        return None if claim is None else JobId(job.name, str(claim.pid), directory)

    def _start(self, job: Job, request: Request) -> JobId:
        try:
            pid = self._spawn(job)
        except (OSError, ValueError) as error:
            raise BackendError(f"the task cannot be started: {error}", transient=isinstance(error, OSError)) from error
        job_id = JobId(job.name, str(pid), str(job.directory))
        claim = wrapper.Claim(pid, request, job.resources.time_limit, time.time())
        self._watch(job_id, claim, child=True)
        self._tell(job.name, JobState.RUNNING)
        return job_id

    def _spawn(self, job: Job) -> int:
        own = {os.fsencode(name): os.fsencode(value) for name, value in job.environment.items()}
        return os.posix_spawn(
            "/bin/sh",
            wrapper.arguments(job, self._exotic),
            self._environment | own,
            file_actions=_NO_STREAMS,
            setsid=True,
            setsigmask=(),
            setsigdef=_DEFAULT_SIGNALS,
        )

    def _attach(self, job_id: JobId) -> _Running | None:
        """Watch a job that another process has started; None when it does not run any more."""
        claim = wrapper.read_claim(job_id.directory) or wrapper.Claim(int(job_id.native), (0, 0), None, time.time())
        try:
            job = self._watch(job_id, claim, child=False)
        except ProcessLookupError:
            return None
        if not wrapper.is_running(claim.pid, job_id.directory):  # asked while the pidfd holds the process: no race
            self._drop(job)
            return None
        self._admission.take(claim.request)
        return job

    def _watch(self, job_id: JobId, claim: wrapper.Claim, *, child: bool) -> _Running:
        loop = asyncio.get_running_loop()
        job = _Running(job_id, claim, loop.create_future())
        job.watch = processes.Watch(claim.pid, partial(self._wrapper_ended, job), child=child)
        self._jobs[job_id.name] = job
        if claim.time_limit is not None:
            sentence = f"the task ran longer than its time limit of {claim.time_limit:g} s and was stopped"
            remaining = max(0.0, claim.started + claim.time_limit - time.time())
            job.timer = loop.call_later(remaining, self._stop, job, Failure(FailureKind.TIME_LIMIT, sentence))
        return job

    def _tell(self, name: str, state: JobState) -> None:
        if self._notify is not None:
            self._notify(name, state, "")

    # ending

    def _wrapper_ended(self, job: _Running) -> None:
        assert job.watch is not None
        if job.stopping is None and job.watch.child:
            processes.end_group(job.claim.pid)  # before it is reaped, so its id cannot be another's
            self._sweep_later(job.claim.pid)
        job.status, job.usage = job.watch.reap()
        if job.stopping is None:  # else the stopping task looks after the rest of the family
            self._finish(job)

    def _stop(self, job: _Running, failure: Failure) -> None:
        """Begin to end the processes of `job`, unless the script has ended or is being ended already."""
        if job.stopping is None and wrapper.read_exit(job.job_id.directory) is None:
            job.failure = failure
            job.stopping = asyncio.create_task(self._end(job))

    async def _end(self, job: _Running) -> None:
        """SIGTERM, then SIGKILL, until nothing of the job lives; SIGKILL at once when cancelled."""
        family = processes.Family(job.claim.pid)
        try:
            family.signal(signal.SIGTERM)
            await self._until(self._grace, lambda: not family.alive())
            await self._until(_KILL_PATIENCE, lambda: not family.signal(signal.SIGKILL))
        finally:
            family.signal(signal.SIGKILL)
            if job.watch is not None and job.watch.open:
                job.status, job.usage = job.watch.reap()
            self._finish(job)

    async def _until(self, patience: float, done: Callable[[], bool]) -> None:
        deadline, pause = time.monotonic() + patience, 0.005
        while not done() and time.monotonic() < deadline:
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.2)

    def _finish(self, job: _Running) -> None:
        self._drop(job)
        self._admission.release(job.claim.request)
        result = self._result(job)
        if not job.result.done():
            job.result.set_result(result)
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
        if end is None and job.status is not None and os.WIFSIGNALED(job.status):
            end = wrapper.Exit(128 + os.WTERMSIG(job.status), time.time())
        if end is None and job.failure is None:
            claim = wrapper.read_claim(job.job_id.directory)
            if claim is not None and claim.pid != job.claim.pid:
                return None
            job.failure = _vanished(job.job_id) if job.status is None else _unwritable(job.job_id)
        return self._describe(job.job_id, job.claim, end, failure=job.failure, usage=job.usage)

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
