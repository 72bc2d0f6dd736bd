"""Containers that run, followed to their ends.

In: jobs whose containers have been started. Out: a `Result` for each, which is kept before the container is removed,
so that it is never lost between the two (where it cannot be written, the container stays until the job is forgotten,
which is when somebody else has recorded how it ended); and the places of jobs that have ended, given back to admission.

A place is free when the script in a container has ended well: the daemon takes a while to clear away after it, and the
next job can start meanwhile. The place of a job that failed is free when the failure was told, for who hears of it may
not want the others to start any more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import msgspec

from pysprocket.backends.admission import Admission, Request
from pysprocket.backends.docker.api import SILENCE, ApiError, DockerApi
from pysprocket.backends.docker.container import ended_well
from pysprocket.backends.docker.containers import Containers
from pysprocket.backends.docker.ends import LastWords
from pysprocket.backends.docker.images import Image
from pysprocket.backends.docker.words import vanished
from pysprocket.backends.job import Failure, FailureKind, JobId, Result
from pysprocket.backends.kept import keep, kept
from pysprocket.backends.outcomes import over_time, result_of
from pysprocket.errors import BackendError


class Running(msgspec.Struct, eq=False):
    """A job whose container has been started and whose end has not been told.

    Attributes:
        request: what it takes from the daemon.
        image: None when another process has started the container.
        failure: why we have stopped it.
        ended: whether its end has been seen.
        seated: whether it counts for admission.
        watch: for the last words of its script.
    """

    job_id: JobId
    request: Request
    image: Image | None = None
    follower: asyncio.Task[Result] | None = None
    timer: asyncio.TimerHandle | None = None
    stopping: asyncio.Task[None] | None = None
    failure: Failure | None = None
    ended: bool = False
    seated: bool = True
    watch: int | None = None


class Following:
    """The jobs whose containers run, by name.

    Args:
        api: of the daemon.
        containers: of the daemon.
        admission: which gets the places back.
        warn: is told the name of a job and what went wrong with clearing up after it.
    """

    def __init__(
        self, api: DockerApi, containers: Containers, admission: Admission, warn: Callable[[str, str], None]
    ) -> None:
        self._api = api
        self._containers = containers
        self._admission = admission
        self._warn = warn
        self._unkept: dict[str, Result] = {}  # of jobs whose result could not be written
        self._jobs: dict[str, Running] = {}
        self._last_words = LastWords()
        self._errands: set[asyncio.Task[None]] = set()
        self._removals: dict[str, asyncio.Task[None]] = {}

    def get(self, job_name: str) -> Running | None:
        """The job of that name, when its container runs."""
        return self._jobs.get(job_name)

    def result(self, job_id: JobId) -> Result | None:
        """How a job ended, when that was seen here or kept by another process."""
        return self._unkept.get(job_id.name) or kept(job_id.directory)

    async def clear(self, job_name: str) -> None:
        """Remove what another process may have left of a job that has ended, unless a container alone knows how."""
        if job_name not in self._unkept:
            await self._containers.clear(job_name)

    def forget(self, job_name: str) -> None:
        """Somebody else has recorded how a job ended."""
        self._unkept.pop(job_name, None)

    def follow(self, job: Running, limit: float | None, started: float) -> None:
        """Follow a job that runs since `started`, and for `limit` seconds at most."""
        self._jobs[job.job_id.name] = job
        self._expect_end(job)
        job.follower = asyncio.create_task(self._to_the_end(job))
        job.follower.add_done_callback(partial(self._followed, job))
        if limit is not None:
            remaining = min(limit, max(0.0, started + limit - time.time()))  # clocks jump
            job.timer = asyncio.get_running_loop().call_later(remaining, self._stop, job, over_time(limit))

    async def stop(self, job: Running, failure: Failure) -> None:
        """End a job before its time; it counts as failed then, unless it was faster.

        Raises:
            BackendError: it cannot be stopped, or its end not be had.
        """
        assert job.follower is not None
        self._stop(job, failure, is_heard=True)
        if job.stopping is not None:
            await asyncio.shield(job.stopping)
        await asyncio.shield(job.follower)
        await self.removed(job.job_id)

    async def removed(self, job_id: JobId) -> None:
        """The container of a job that has ended has been removed, as far as it can be now."""
        if (removal := self._removals.pop(job_id.name, None)) is not None:
            await asyncio.wait([removal])

    def watch_ends(self) -> None:
        """From now on, see ends as early as they can be seen: there are jobs that wait for them."""
        if self._last_words.open():
            for running in self._jobs.values():
                self._expect_end(running)

    def send(self, job_name: str, errand: Coroutine[Any, Any, None], *, is_heard: bool = False) -> asyncio.Task[None]:
        """Have something done for a job while we go on; it is awaited before we disconnect.

        What goes wrong with it is a warning, unless it `is_heard` by somebody who awaits it: that something cannot be
        cleared away is no reason to fail a task.
        """
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(partial(self._errand_done, None if is_heard else job_name))
        return task

    async def leave(self) -> None:
        """Let containers that run go on; see that those that have ended, and all errands, are cleared away first."""
        await self._run_errands()  # kills, and what cancelled submits have begun
        followers = [job.follower for job in self._jobs.values() if job.follower is not None]
        for job in self._jobs.values():
            if job.timer is not None:
                job.timer.cancel()
            if job.follower is not None and not job.ended and job.failure is None:
                job.seated = False  # it runs on, so nobody may have its place
                job.follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
        await self._run_errands()
        self._last_words.close()

    async def _run_errands(self) -> None:
        while self._errands:
            await asyncio.gather(*self._errands, return_exceptions=True)

    def _errand_done(self, job_name: str | None, task: asyncio.Task[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and job_name is not None:
            self._warn(job_name, str(error) or type(error).__name__)

    # places

    def _expect_end(self, job: Running) -> None:
        """Give the place of the job to others when its script has ended well, if that can be seen."""
        directory = job.job_id.directory
        job.watch = self._last_words.expect(
            f"{directory}/usage", lambda: self._vacate(job) if ended_well(directory) else None
        )

    def _vacate(self, job: Running) -> None:
        if job.seated:
            job.seated = False
            self._admission.release(job.request)

    def _followed(self, job: Running, follower: asyncio.Task[Result]) -> None:
        if self._jobs.get(job.job_id.name) is job:
            del self._jobs[job.job_id.name]
        asyncio.get_running_loop().call_soon(self._vacate, job)  # after those who wait for its end
        if not follower.cancelled():
            follower.exception()  # told to whoever waits; nobody has to

    # ends

    def _stop(self, job: Running, failure: Failure, *, is_heard: bool = False) -> None:
        if job.failure is None and not job.ended:
            job.failure = failure
            job.stopping = self.send(job.job_id.name, self._kill(job), is_heard=is_heard)

    async def _kill(self, job: Running) -> None:
        try:
            await self._api.kill(job.job_id.native)
        except ApiError as error:
            failure, job.failure = job.failure, None  # it runs on
            if failure is not None and failure.kind is FailureKind.TIME_LIMIT:
                job.timer = asyncio.get_running_loop().call_later(SILENCE, self._stop, job, failure)
            raise BackendError(f"the task's container cannot be stopped: {error}", transient=error.transient) from error

    async def _to_the_end(self, job: Running) -> Result:
        """The result of a container that runs, kept before the container is removed."""
        job_id = job.job_id
        try:
            found = await self._containers.until_ended(job_id.native)
        finally:
            job.ended = True
            self._last_words.forget(job.watch)
            if job.timer is not None:
                job.timer.cancel()
        if found is None:
            await self._containers.clear(job_id.name)
            return self.result(job_id) or result_of(job_id, job.failure or vanished(job_id))
        if job.failure is None and found["State"]["ExitCode"] == 0:
            self._vacate(job)
        result = await self._containers.result(job_id, found, job.image, job.failure)
        try:
            keep(result, job_id.directory)
        except BackendError as error:
            self._unkept[job_id.name] = result
            self._containers.put_off(job_id.name)
            self._warn(job_id.name, str(error))
            return result
        is_alone = job.image is not None  # another process may have left helpers, too
        removal = self._containers.discard(job_id) if is_alone else self._containers.clear(job_id.name)
        self._removals[job_id.name] = self.send(job_id.name, removal)
        return result
