"""The Docker backend: a job is a container of a Docker Engine.

In: `Job`. Out: `Result`. The daemon remembers how a container ended, so a job outlives the process that started it:
its container has a name made from that of the job, and who submits the job again, or waits for it from another
process, finds it. Before a container is removed its result is kept in the attempt directory, so that it is never lost
between the two.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import Self

import msgspec

from pysprocket.backends.admission import Admission, Request, request_of
from pysprocket.backends.docker.ahead import Ahead
from pysprocket.backends.docker.api import ApiError, DockerApi
from pysprocket.backends.docker.container import GUEST_ROOT, LABELS, Daemon, describe_daemon, was_prepared
from pysprocket.backends.docker.containers import Containers
from pysprocket.backends.docker.following import Following, Running
from pysprocket.backends.docker.images import Image, Images
from pysprocket.backends.docker.words import no_daemon, refused, seconds_of, vanished
from pysprocket.backends.job import Job, JobId, JobState, Limits, Notify, Result
from pysprocket.backends.kept import remove_notes
from pysprocket.backends.outcomes import CANCELLED, result_of
from pysprocket.config.backend_settings import Docker
from pysprocket.errors import BackendError

_STARTS_AT_ONCE = 8
"""More at once make no daemon faster."""


class _Launch(msgspec.Struct, eq=False):
    """A container that is being made and started.

    Attributes:
        wanted: how many submit the job.
    """

    task: asyncio.Task[JobId] | None = None
    wanted: int = 0

    def is_wanted(self) -> bool:
        """Whether anybody submits the job."""
        return self.wanted > 0


class DockerBackend:
    """Runs jobs as containers, as many at once as the daemon has processors and memory for.

    The daemon is the one of `DOCKER_HOST` or the current Docker context. What a job asks for decides when it starts;
    hard limits are set only where `cpu_limit` and `memory_limit` say so. All files a job leaves belong to the caller.

    Args:
        settings: of the configuration.
        notify: is told when a job waits for an image or for admission, and when it runs.

    Attributes:
        daemon: what it says of itself; known from entering on.
    """

    name = "docker"
    guest_root: str | None = GUEST_ROOT
    detaches = False

    daemon: Daemon
    _api: DockerApi
    _images: Images
    _containers: Containers
    _admission: Admission
    _ahead: Ahead
    _following: Following

    def __init__(self, settings: Docker = Docker(), *, notify: Notify | None = None) -> None:  # noqa: B008 - frozen
        self._cleanup = settings.cleanup
        self._notify = notify
        self._starts = asyncio.Semaphore(_STARTS_AT_ONCE)
        self._launches: dict[str, _Launch] = {}
        self._runs: set[str] = set()

    async def __aenter__(self) -> Self:
        """Connect to the daemon.

        Raises:
            BackendError: no daemon answers, or what is configured names none.
        """
        self._api = DockerApi.connect()
        try:
            info = await self._api.info()
        except ApiError as error:
            await self._api.close()
            raise no_daemon(self._api.address, error) from error
        daemon = self.daemon = describe_daemon(info, self._api.address)
        self._admission = Admission("the Docker daemon", daemon.cpu, daemon.memory)
        self._images = Images(self._api)
        self._containers = Containers(self._api, self._images, daemon, cleanup=self._cleanup)
        self._ahead = Ahead(self._containers)
        self._following = Following(self._api, self._containers, self._admission, self._warn)
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Disconnect; containers that run go on, those that have ended or were never started are removed first."""
        await self._images.close()
        await self._following.leave()
        await self._ahead.close()
        try:
            await self._containers.sweep(self._runs)
        except ApiError as error:
            self._warn(self.name, f"containers that were made and never started may still be there: {error}")
        await self._api.close()

    def limits(self) -> Limits:
        """The processors and memory of the daemon."""
        return self._admission.limits

    async def submit(self, job: Job) -> JobId:
        """Start `job` when its image is there and it is its turn, or find the container it has from before.

        Cancelling starts no container any more. One that is just being started is submitted all the same.

        Raises:
            ImageError: no candidate image can be had.
            BackendError: more is asked for than there is; or the daemon refuses the container.
        """
        if (found := self._find(job)) is not None:
            return found
        if "run" in job.labels:
            self._runs.add(job.labels["run"])
        try:
            if was_prepared(job) and (begun := await self._attach(_id_of(job), job)) is not None:
                return begun.job_id
            self._admission.check(job.resources)
            image = await self._images.first_of(job.images, partial(self._tell, job.name, JobState.PULLING))
            request = request_of(job.resources)
            waiting = partial(self._tell, job.name, JobState.WAITING)
            await self._admission.acquire(request, waiting, partial(self._near, job, image))
        except BaseException:
            self._give_up(job)
            raise
        if (launch := self._launches.get(job.name)) is not None:  # by another `submit` of the same job
            self._admission.release(request)
        else:
            launch = self._launches[job.name] = _Launch()
            launch.task = asyncio.create_task(self._launch(job, image, request, launch))
            launch.task.add_done_callback(lambda _: self._launches.pop(job.name))
        return await self._launched(job, launch)

    async def _launched(self, job: Job, launch: _Launch) -> JobId:
        """The id of a job that is being started, as long as somebody wants it."""
        assert launch.task is not None
        launch.wanted += 1
        try:
            return await asyncio.shield(launch.task)
        except asyncio.CancelledError:
            launch.wanted -= 1
            if launch.is_wanted():
                raise
            while not launch.task.done():  # also when cancelled again: leaving would wait for it, too
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([launch.task])
            if launch.task.exception() is not None:
                raise
            return launch.task.result()

    async def wait(self, job_id: JobId) -> Result:
        """How the job ended; found by its container, or by the result kept when that was removed."""
        job = self._following.get(job_id.name) or await self._attach(job_id)
        if job is None or job.follower is None:
            await self._following.clear(job_id.name)
            return self._following.result(job_id) or result_of(job_id, vanished(job_id))
        return await asyncio.shield(job.follower)

    async def cancel(self, job_id: JobId) -> None:
        """Kill all processes of the job's container, and remove it."""
        job = self._following.get(job_id.name) or await self._attach(job_id)
        if job is None or job.follower is None:
            await self._following.clear(job_id.name)
            return
        await self._following.stop(job, CANCELLED)

    async def withdraw(self, job_id: JobId) -> bool:
        """What was submitted has begun to run; only of what an earlier process did nobody may know."""
        if self._following.get(job_id.name) is not None or self._following.result(job_id) is not None:
            return False
        found = await self._containers.find(job_id)
        if found is not None and seconds_of(found["State"]["StartedAt"]) is not None:
            return False
        if found is not None:
            await self._containers.remove_unstarted(found["Id"])
        return True

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """The first candidate that can be had, pulled when it is not there, and its digest or id."""
        image = await self._images.first_of(images, lambda _: None)
        return image.name, image.digest

    async def image_here(self, image: str) -> tuple[str, str] | None:
        """The full name of an image and its digest or id, when the daemon has it already; nothing is pulled.

        Raises:
            BackendError: the daemon cannot be asked, or cannot run such an image.
        """
        found = await self._images.here(image)
        return None if found is None else (found.name, found.digest)

    async def forget(self, job_id: JobId) -> None:
        """Remove what was kept of the job, and what is left of its container."""
        await self._following.removed(job_id)
        self._following.forget(job_id.name)
        await self._containers.forget(job_id.name)
        remove_notes(job_id.directory)

    # starting and finding

    def _find(self, job: Job) -> JobId | None:
        if (running := self._following.get(job.name)) is not None:
            return running.job_id
        return _id_of(job) if self._following.result(_id_of(job)) is not None else None

    async def _launch(self, job: Job, image: Image, request: Request, launch: _Launch) -> JobId:
        """Create and start the container; the request has been admitted.

        Raises:
            BackendError: the daemon refuses it, its files cannot be made, or nobody wants it any more.
        """
        if (found := self._find(job)) is not None:  # started by another `submit` while this one waited
            self._admission.release(request)
            return found
        try:
            async with self._starts:
                made = await self._ahead.take(job.name)
                begun = await self._containers.start(job, image, made, launch.is_wanted)
            if begun is None:
                raise BackendError("the task was cancelled before it was started", transient=True)
        except BaseException as error:
            self._admission.release(request)
            if isinstance(error, ApiError):
                raise refused(error, image) from error
            if isinstance(error, OSError):
                raise BackendError(f"the files of the task cannot be made in `{job.directory}`: {error}") from error
            raise
        container, started = begun
        job_id = _id_of(job, container)
        self._following.follow(Running(job_id, request, image), job.resources.time_limit, started)
        self._tell(job.name, JobState.RUNNING, image.name)
        return job_id

    def _near(self, job: Job, image: Image) -> None:
        """The job is among the next: have its container made now, and the places of others seen when they are free."""
        if not self._is_under_way(job):
            self._ahead.begin(job, image)
        self._following.watch_ends()

    def _is_under_way(self, job: Job) -> bool:
        """Whether the job has a container here, be it made ahead, about to start, started or ended."""
        return job.name in self._ahead or job.name in self._launches or self._find(job) is not None

    def _give_up(self, job: Job) -> None:
        """Remove what was made ahead for a job that is not to be started."""
        if job.name in self._ahead:
            self._following.send(job.name, self._ahead.drop(job.name))

    async def _attach(self, job_id: JobId, job: Job | None = None) -> Running | None:
        """Follow a container that another process has made; None when there is none or its end is known.

        One that was never started is a failure; where it is the one of a `job` that is to be started it is removed,
        for what it was made of may have moved since.
        """
        if self._following.result(job_id) is not None:
            return None
        found = await self._containers.find(job_id)
        if (running := self._following.get(job_id.name)) is not None:
            return running
        if found is None:
            return None
        started = seconds_of(found["State"]["StartedAt"])
        if started is None and job is not None:
            if not self._is_under_way(job):
                await self._containers.remove_unstarted(found["Id"])
            return None
        labels = found["Config"]["Labels"]
        cpu, memory = labels[f"{LABELS}.request"].split()
        request = (round(float(cpu) * 1000), int(memory))
        self._admission.take(request)
        limit = labels[f"{LABELS}.limit"]
        begun = Running(msgspec.structs.replace(job_id, native=found["Id"]), request)
        self._following.follow(begun, float(limit) if limit else None, started or time.time())
        return begun

    def _tell(self, name: str, state: JobState | None, remark: str = "") -> None:
        if self._notify is not None:
            self._notify(name, state, remark)

    def _warn(self, name: str, problem: str) -> None:
        self._tell(name, None, problem)


def _id_of(job: Job, container: str = "") -> JobId:
    return JobId(job.name, container, str(job.directory))
