"""The containers of jobs: made, awaited, described as a `Result`, and removed.

In: a `Job` with its image, or what a job and its containers are called. Out: containers of a Docker Engine, and how
they ended. Which jobs there are, and when one is started or stopped, is for module `backend`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import msgspec

from pysprocket.backends.docker.api import ApiError, DockerApi
from pysprocket.backends.docker.container import (
    LABELS,
    Daemon,
    container_config,
    container_name,
    helper_config,
    last_words,
    own_files,
    prepare,
    unprepare,
    written_places,
)
from pysprocket.backends.docker.images import Image, Images, describe
from pysprocket.backends.docker.words import failure_of, is_gone, seconds_of, span_of, unreachable
from pysprocket.backends.job import Failure, Job, JobId, Result
from pysprocket.backends.outcomes import result_of
from pysprocket.errors import BackendError

_NAME_TAKEN = 0.1
"""Seconds before looking again at a name that is taken by a container that is not there (yet, or any more)."""
_GOING = ("removing", "dead")
"""What the daemon says of a container that is being removed."""
_LOST_AT_MOST = 3
"""How many containers of a job may be removed by others before they are started."""


class Made(msgspec.Struct, frozen=True):
    """A container of a job: its id, and when it was started (seconds since the epoch), None when it was not."""

    container: str
    begun: float | None = None


class Containers:
    """The containers of a daemon that are of jobs.

    Args:
        api: of the daemon.
        images: of the daemon.
        daemon: what it says of itself.
        cleanup: remove containers when they have ended.
    """

    def __init__(self, api: DockerApi, images: Images, daemon: Daemon, *, cleanup: bool) -> None:
        self._api = api
        self._images = images
        self._daemon = daemon
        self._cleanup = cleanup
        self._cleared: set[str] = set()  # jobs whose containers we have removed
        self._uncleared: set[str] = set()  # jobs of which one could not be removed
        self._left: asyncio.Task[set[str]] | None = None  # jobs that had containers when we first looked

    async def make(self, job: Job, image: Image) -> Made:
        """The job's container, not started unless it was before.

        Raises:
            ApiError: the daemon refuses it.
            BackendError: the container of that name is not the job's.
        """
        prepare(job)
        return await self._created(job, image)

    async def unmake(self, job: Job, made: Made) -> None:
        """Take back what `make` has done, for a job that is not to be started. What cannot be removed is swept up."""
        if made.begun is None:
            await self.remove_unstarted(made.container)
            unprepare(job)

    async def start(
        self, job: Job, image: Image, made: Made | None, is_wanted: Callable[[], bool]
    ) -> tuple[str, float] | None:
        """The id of the job's container, and since when it runs; None when it was not started, for nobody wants it.

        One that was `made` before may be gone since, as after `docker container prune`.

        Raises:
            ApiError: the daemon refuses it.
            BackendError: the container of that name is not the job's.
        """
        for _ in range(_LOST_AT_MOST):
            made = made or await self.make(job, image)
            if made.begun is not None:  # whoever has created it has started it too; it may have ended since
                return made.container, made.begun
            if not is_wanted():
                await self.unmake(job, made)
                return None
            try:
                await self._api.start(made.container)
            except ApiError as error:
                if not is_gone(error):
                    await self._remove(made.container)
                    raise
                lost, made = error, None
            else:
                return made.container, time.time()
        raise lost

    async def _created(self, job: Job, image: Image) -> Made:
        """A new container, or the one that the job has from before."""
        name = container_name(job.name)
        while True:
            try:
                return Made(await self._api.create(name, container_config(job, image, self._daemon)))
            except ApiError as error:
                if error.status == 404:
                    self._images.forget(image)
                if error.status != 409:
                    raise
            found = await self._inspected(name)
            if found is not None:
                _check_owner(found, job.name)
                if found["State"]["Status"] not in _GOING:
                    return Made(str(found["Id"]), seconds_of(found["State"]["StartedAt"]))
                await self._api.remove(found["Id"])
            await asyncio.sleep(_NAME_TAKEN)

    async def find(self, job_id: JobId) -> dict[str, Any] | None:
        """What the daemon knows of a job's container; None when there is none, or it is being removed.

        Raises:
            BackendError: the daemon does not say, or the container of that name is not the job's.
        """
        try:
            found = await self._inspected(job_id.native or container_name(job_id.name))
        except ApiError as error:
            raise unreachable(error) from error
        if found is None or found["State"]["Status"] in _GOING:
            return None
        _check_owner(found, job_id.name)
        return found

    async def _inspected(self, container: str) -> dict[str, Any] | None:
        """What the daemon knows of a container, by its id or name; None when there is none."""
        try:
            return await self._api.inspect(container)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def until_ended(self, container: str) -> dict[str, Any] | None:
        """What the daemon knows of the container when it has ended; None when it is gone.

        A connection that breaks while we wait, for days maybe, says nothing; a daemon that stays silent then does.

        Raises:
            BackendError: the daemon does not say.
        """
        pause = 0.05
        while True:
            try:
                await self._api.wait(container)
            except ApiError as error:
                if not error.transient and error.status != 404:
                    raise unreachable(error) from error
            try:
                found = await self._inspected(container)
            except ApiError as error:
                raise unreachable(error) from error
            if found is None or not found["State"]["Running"]:
                return found
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)

    async def result(
        self, job_id: JobId, found: dict[str, Any], image: Image | None, stopped: Failure | None = None
    ) -> Result:
        """How a job ended; its files are the caller's then.

        Args:
            job_id: of the job.
            found: what the daemon knows of its container, which has ended.
            image: of the container, None when another process has made it.
            stopped: why we have stopped it; that does not count when its script was faster.

        Raises:
            BackendError: the daemon does not say, or the files cannot be had.
        """
        directory, places = job_id.directory, written_places(found)
        try:
            if not await asyncio.to_thread(own_files, places):
                await self._help(helper_config(job_id.name, found["Image"], self._daemon, places))
            if image is None and (described := await self._api.image(found["Image"])) is not None:
                image = describe(found["Config"]["Image"], described)
        except ApiError as error:
            raise unreachable(error) from error
        except OSError as error:
            raise BackendError(f"the files of the task in `{directory}` cannot be had: {error}") from error
        state = found["State"]
        started, ended = span_of(state)
        code, usage = last_words(directory)
        failure = stopped if stopped is not None and code is None else failure_of(found, complete=code is not None)
        if code is None and state["Status"] != "created":
            code = state["ExitCode"]
        return msgspec.structs.replace(
            result_of(job_id, failure),
            exit_code=code,
            started=started,
            ended=ended,
            usage=usage,
            image=found["Config"]["Image"],
            image_digest=found["Image"] if image is None else image.digest,
            host=self._daemon.host,
        )

    async def _help(self, config: dict[str, Any]) -> None:
        """Run a helper container to its end and remove it."""
        container = await self._api.create("", config)
        try:
            await self._api.start(container)
            await self._api.wait(container)
        finally:
            await self._api.remove(container)

    def put_off(self, job_name: str) -> None:
        """Leave the containers of a job until it is forgotten."""
        self._uncleared.add(job_name)

    async def discard(self, job_id: JobId) -> None:
        """Remove the one container of a job. That it cannot be done now is no reason to fail a task: see `forget`."""
        try:
            await self._remove(job_id.native)
            self._cleared.add(job_id.name)
        except ApiError:
            self.put_off(job_id.name)

    async def _remove(self, container: str) -> None:
        if self._cleanup:
            await self._api.remove(container)

    async def sweep(self, runs: Iterable[str]) -> None:
        """Remove what was made for jobs of these runs and never started, also by a process that was killed since.

        Raises:
            ApiError: the daemon does not say what there is, or does not remove it.
        """
        for run in runs:
            for container in await self._api.unstarted(f"{LABELS}.run={run}"):
                await self._api.remove(container, force=False)

    async def remove_unstarted(self, container: str) -> None:
        """Remove a container unless it runs."""
        with suppress(ApiError):  # it has done nothing, and is looked for once more at the end
            await self._api.remove(container, force=False)

    async def clear(self, job_name: str) -> None:
        """Remove all containers of a job that another process may have left, its helpers too; as for `discard`."""
        try:
            await self._remove_all(job_name)
            self._cleared.add(job_name)
        except ApiError:
            self.put_off(job_name)

    async def _remove_all(self, job_name: str) -> None:
        if self._cleanup:
            for container in await self._api.labelled(f"{LABELS}.job={job_name}"):
                await self._api.remove(container)

    async def forget(self, job_name: str) -> None:
        """Remove what is left of a job; one look serves all the jobs that a resumed run forgets.

        Raises:
            BackendError: the daemon does not do so.
        """
        if job_name in self._cleared:
            self._cleared.remove(job_name)
            return
        self._left = self._left or asyncio.create_task(self._jobs_left())
        try:
            if job_name in self._uncleared or job_name in await asyncio.shield(self._left):
                await self._remove_all(job_name)
        except ApiError as error:
            if self._left.done() and self._left.exception() is not None:
                self._left = None
            raise BackendError(f"its container may still be there: {error}", transient=error.transient) from error
        self._uncleared.discard(job_name)

    async def _jobs_left(self) -> set[str]:
        found = await self._api.labelled(f"{LABELS}.job")
        return {labels[f"{LABELS}.job"] for labels in found.values()}


def _check_owner(found: dict[str, Any], job_name: str) -> None:
    if (found["Config"].get("Labels") or {}).get(f"{LABELS}.job") != job_name:
        name = found["Name"].removeprefix("/")
        raise BackendError(
            f"there is a container `{name}` already, and it is not of this task", help=f"remove it: docker rm {name}"
        )
