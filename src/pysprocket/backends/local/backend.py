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
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Self

from pysprocket.backends.admission import Admission
from pysprocket.backends.job import Job, JobId, JobState, Limits, Notify, Result
from pysprocket.backends.kept import keep, remove_notes
from pysprocket.backends.local import claims, host, processes
from pysprocket.backends.local.claims import Claim
from pysprocket.backends.local.ends import ended_unseen, seen_to_end
from pysprocket.backends.local.running import Running
from pysprocket.backends.local.spawner import CLAIM
from pysprocket.backends.local.starts import Starts
from pysprocket.backends.local.waiting import until
from pysprocket.backends.outcomes import CANCELLED
from pysprocket.config.backend_settings import Local
from pysprocket.errors import BackendError
from pysprocket.units import parse_size

_SWEEP_DELAY = 0.25
"""Seconds; one look through the processes serves all jobs that ended meanwhile."""
_CLAIM_PATIENCE = 1.0
"""Seconds to wait for a launcher that has begun to write a claim."""
_AHEAD = 16
"""How many more jobs than run the launcher has at hand: as many as may end while the engine is busy."""


class LocalBackend:
    """Runs jobs as processes of this machine, as many at once as processors and memory allow.

    A job has a session of its own. Ending it means SIGTERM to all its processes, then SIGKILL to those that live
    after `grace`; what a finished script leaves behind in its session is killed. A process counts as the job's when
    it is in the job's session or descends from it; only a daemon (own session, parents gone) is out of sight.

    Args:
        settings: of the configuration; what is not set there is what this process may use.
        notify: is told when a job waits for admission and when it runs.
        grace: seconds between SIGTERM and SIGKILL.

    Raises:
        ValueError: `settings.memory` is not a size.
    """

    name = "local"
    guest_root: str | None = None
    detaches = False

    def __init__(
        self,
        settings: Local = Local(),  # noqa: B008 - frozen
        *,
        notify: Notify | None = None,
        grace: float = 5.0,
    ) -> None:
        cpu, memory = settings.cpu, None if settings.memory is None else parse_size(str(settings.memory))
        self._admission = Admission(
            "the local backend",
            host.available_cpu() if cpu is None else cpu,
            host.available_memory() if memory is None else memory,
            _AHEAD,
        )
        self._shortages = partial(host.shortages, cpu, memory)
        self._notify = notify
        self._grace = grace
        self._starts = Starts(self._admission, dict(os.environb), self._begun)
        self._jobs: dict[str, Running] = {}
        self._results: dict[JobId, Result] = {}
        self._ended_sessions: set[int] = set()

    async def __aenter__(self) -> Self:
        """Start the launcher, which gets ready while the caller goes on.

        Raises:
            BackendError: not on Linux.
        """
        if not hasattr(os, "pidfd_open"):
            raise BackendError("the local backend needs Linux", help="run with `--backend docker`")
        self._starts.prepare()
        if self._notify is not None:
            for shortage in self._shortages():
                self._notify(self.name, None, "; ".join(shortage))
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Jobs under way go on, beside those that are just being stopped: these are killed at once."""
        await self._starts.end()
        self._sweep()
        for job in list(self._jobs.values()):
            if job.stopping is None:
                job.leave()
                job.waiters.cancel()
            else:
                job.hurry()
                await asyncio.wait([job.stopping])
        self._starts.close()

    def limits(self) -> Limits:
        """The processors and memory for all jobs together."""
        return self._admission.limits

    async def submit(self, job: Job) -> JobId:
        """Start `job` when it is its turn, or find the one that claimed its directory before.

        Cancelling takes a job that waits for its turn out of the queue. One that is just being started is submitted all
        the same.

        Raises:
            BackendError: more is asked for than there is; or the process cannot be started.
        """
        if (found := self._find(job)) is not None:
            return found
        self._admission.check(job.resources)
        return await self._starts.start(job, partial(self._tell, job.name, JobState.WAITING))

    async def wait(self, job_id: JobId) -> Result:
        """How the job ended; found by its script, or by what is written in the attempt directory."""
        while job_id not in self._results:
            job = self._jobs.get(job_id.name) or await self._attach(job_id)
            if job is None:
                return ended_unseen(job_id)
            await job.waiters.join()
        return self._results[job_id]

    async def cancel(self, job_id: JobId) -> None:
        """SIGTERM to all processes of the job, SIGKILL after the grace time, or at once when this call is cancelled."""
        job = self._jobs.get(job_id.name) or await self._attach(job_id)
        if job is None:
            return
        job.stop(CANCELLED)
        try:
            await (job.waiters.join() if job.stopping is None else asyncio.shield(job.stopping))
        except asyncio.CancelledError:
            job.hurry()
            raise

    async def withdraw(self, job_id: JobId) -> bool:
        """What was submitted has begun to run; only of what an earlier process did nobody may know."""
        await until(lambda: not claims.is_half_claimed(job_id.directory), _CLAIM_PATIENCE)
        is_known = job_id.name in self._jobs or job_id in self._results
        return not is_known and claims.last_claim(job_id.directory) is None

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

    # beginning and ending

    def _find(self, job: Job) -> JobId | None:
        if (running := self._jobs.get(job.name)) is not None:
            return running.job_id
        directory = str(job.directory)
        claim = claims.read_claim(directory)
        return None if claim is None else JobId(job.name, str(claim.pid), directory)

    def _begun(self, job: Job, claim: Claim, spare: Callable[[], None] | None) -> Running:
        running = self._running(JobId(job.name, str(claim.pid), str(job.directory)), claim, spare=spare)
        self._tell(job.name, JobState.RUNNING)
        return running

    async def _attach(self, job_id: JobId) -> Running | None:
        """Watch a job that another process has started; None when it does not run any more."""
        await until(lambda: not claims.is_half_claimed(job_id.directory), _CLAIM_PATIENCE)
        if (job := self._jobs.get(job_id.name)) is not None:
            return job
        claim = claims.last_claim(job_id.directory)
        if claim is None:
            return None
        job = self._running(job_id, claim, elapsed=processes.age(claim.pid))
        if not job.watch():
            job.leave()
            del self._jobs[job_id.name]
            return None
        self._admission.take(claim.request)
        return job

    def _running(
        self, job_id: JobId, claim: Claim, *, elapsed: float = 0.0, spare: Callable[[], None] | None = None
    ) -> Running:
        job = self._jobs[job_id.name] = Running(
            job_id, claim, grace=self._grace, finished=self._finished, elapsed=elapsed, spare=spare
        )
        return job

    def _finished(self, job: Running) -> None:
        del self._jobs[job.job_id.name]
        if job.stopping is None:
            self._sweep_later(job.claim.pid)
        result = self._results[job.job_id] = seen_to_end(job.job_id, job.claim, job.end, job.failure)
        job.waiters.settle(None)
        if result.failure is None and result.exit_code == 0:
            self._admission.release(job.claim.request)
        else:  # who waits for it is told before, and may want to start no more
            asyncio.get_running_loop().call_soon(self._admission.release, job.claim.request)
        if result.failure is not None:
            with suppress(BackendError):  # the disk is full or the directory gone: only another process would ask
                keep(result, job.job_id.directory)

    def _tell(self, name: str, state: JobState) -> None:
        if self._notify is not None:
            self._notify(name, state, "")

    def _sweep_later(self, session: int) -> None:
        if not self._ended_sessions:
            asyncio.get_running_loop().call_later(_SWEEP_DELAY, self._sweep)
        self._ended_sessions.add(session)

    def _sweep(self) -> None:
        """Kill what finished scripts have left in their sessions outside their process groups."""
        if self._ended_sessions:
            processes.end_sessions(self._ended_sessions)
            self._ended_sessions = set()
