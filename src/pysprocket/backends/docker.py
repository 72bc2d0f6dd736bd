"""The Docker backend: a job is a container of a Docker Engine.

In: `Job`. Out: `Result`. The daemon remembers how a container ended, so a job outlives the process that started it:
its container has a name made from that of the job, and who submits the job again, or waits for it from another
process, finds it. Before a container is removed its result is kept in the attempt directory, so that it is never lost
between the two.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from typing import Any, Self

import msgspec

from pysprocket.backends.admission import Admission, Request, request_of
from pysprocket.backends.docker_api import ApiError, DockerApi
from pysprocket.backends.docker_container import (
    GUEST_ROOT,
    LABELS,
    Daemon,
    container_config,
    container_name,
    describe_daemon,
    own_files,
    ownership_config,
    prepare,
    read_usage,
    remove_disks,
)
from pysprocket.backends.docker_images import Image, Images, describe
from pysprocket.backends.job import Failure, FailureKind, Job, JobId, JobState, Limits, Notify, Result
from pysprocket.backends.kept import keep, kept, remove_notes
from pysprocket.errors import BackendError
from pysprocket.units import format_size

_STARTS_AT_ONCE = 8
"""More at once make no daemon faster."""
_NAME_TAKEN = 0.1
"""Seconds before looking again at a name that is taken by a container that is not there (yet, or any more)."""
_SILENCE = 120.0
"""Seconds without an answer of the daemon after which we give up waiting for a job (which may still run)."""


class _Running(msgspec.Struct, eq=False):
    """A job whose container has been started and not yet been removed."""

    job_id: JobId
    request: Request
    image: Image | None = None
    follower: asyncio.Task[Result] | None = None
    timer: asyncio.TimerHandle | None = None
    stopping: asyncio.Task[None] | None = None
    failure: Failure | None = None
    ended: bool = False


class DockerBackend:
    """Runs jobs as containers, as many at once as the daemon has processors and memory for.

    The daemon is the one of `DOCKER_HOST` or the current Docker context. What a job asks for decides when it starts;
    hard limits are set only where `cpu_limit` and `memory_limit` say so. All files a job leaves belong to the caller.

    Args:
        cleanup: remove containers when they have ended.
        notify: is told when a job waits for an image or for admission, and when it runs.
    """

    name = "docker"
    guest_root: str | None = GUEST_ROOT
    detaches = False

    _api: DockerApi
    _images: Images
    _daemon: Daemon
    _admission: Admission

    def __init__(self, *, cleanup: bool = True, notify: Notify | None = None) -> None:
        self._cleanup = cleanup
        self._notify = notify
        self._starts = asyncio.Semaphore(_STARTS_AT_ONCE)
        self._jobs: dict[str, _Running] = {}
        self._launches: dict[str, asyncio.Task[JobId]] = {}
        self._errands: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Connect to the daemon.

        Raises:
            BackendError: no daemon answers.
        """
        try:
            self._api = await DockerApi.connect()
        except ApiError as error:
            raise BackendError(f"Docker cannot be used: {error}", help="see `docker context ls`") from error
        try:
            info = await self._api.info()
        except ApiError as error:
            await self._api.close()
            raise _no_daemon(self._api.address, error) from error
        self._daemon = describe_daemon(info)
        self._admission = Admission("the Docker daemon", self._daemon.cpu, self._daemon.memory)
        self._images = Images(self._api)
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Disconnect; containers that run go on, those that have ended are cleared away first."""
        followers = [job.follower for job in self._jobs.values() if job.follower is not None]
        for job in self._jobs.values():
            if job.timer is not None:
                job.timer.cancel()
            if job.follower is not None and not job.ended and job.failure is None:
                job.follower.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
        while self._errands:
            await asyncio.gather(*self._errands, return_exceptions=True)
        await self._images.close()
        await self._api.close()

    def limits(self) -> Limits:
        """The processors and memory of the daemon."""
        return self._admission.limits

    async def submit(self, job: Job) -> JobId:
        """Start `job` when its image is there and it is its turn, or find the container it has from before.

        Cancelling leaves no container behind.

        Raises:
            ImageError: no candidate image can be had.
            BackendError: more is asked for than there is; or the daemon refuses the container.
        """
        if (found := self._find(job)) is not None:
            return found
        self._admission.check(job.resources)
        image = await self._images.first_of(job.images, partial(self._tell, job.name, JobState.PULLING))
        request = request_of(job.resources)
        await self._admission.acquire(request, partial(self._tell, job.name, JobState.WAITING))
        if job.name in self._launches:  # by another `submit` of the same job
            self._admission.release(request)
            return await asyncio.shield(self._launches[job.name])
        launch = self._launches[job.name] = asyncio.create_task(self._launch(job, image, request))
        launch.add_done_callback(lambda _: self._launches.pop(job.name))
        try:
            return await asyncio.shield(launch)
        except asyncio.CancelledError:
            self._send(self._take_back(launch))
            raise

    async def wait(self, job_id: JobId) -> Result:
        """How the job ended; found by its container, or by the result kept when that was removed."""
        job = self._jobs.get(job_id.name) or await self._attach(job_id)
        if job is None or job.follower is None:
            return kept(job_id.directory) or _result(job_id, _vanished(job_id))
        return await asyncio.shield(job.follower)

    async def cancel(self, job_id: JobId) -> None:
        """Kill all processes of the job's container, and remove it."""
        job = self._jobs.get(job_id.name) or await self._attach(job_id)
        if job is None or job.follower is None:
            return
        self._stop(job, Failure(FailureKind.CANCELLED, "the task was cancelled"))
        if job.stopping is not None:
            await asyncio.shield(job.stopping)
        await asyncio.shield(job.follower)

    async def withdraw(self, job_id: JobId) -> bool:
        """What was submitted has begun to run."""
        return False

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """The first candidate that can be had, pulled when it is not there, and its digest or id."""
        image = await self._images.first_of(images, lambda _: None)
        return image.name, image.digest

    async def forget(self, job_id: JobId) -> None:
        """Remove what was kept of the job."""
        remove_notes(job_id.directory)

    # starting and finding

    def _find(self, job: Job) -> JobId | None:
        if (running := self._jobs.get(job.name)) is not None:
            return running.job_id
        directory = str(job.directory)
        return JobId(job.name, "", directory) if kept(directory) is not None else None

    async def _launch(self, job: Job, image: Image, request: Request) -> JobId:
        """Create and start the container; the request has been admitted."""
        if (found := self._find(job)) is not None:  # started by another `submit` while this one waited
            self._admission.release(request)
            return found
        try:
            async with self._starts:
                container = await self._started(job, image)
        except BaseException as error:
            self._admission.release(request)
            if isinstance(error, ApiError):
                raise _refused(error, image) from error
            raise
        job_id = JobId(job.name, container, str(job.directory))
        self._follow(_Running(job_id, request, image), job.resources.time_limit, time.time())
        self._tell(job.name, JobState.RUNNING, image.name)
        return job_id

    async def _started(self, job: Job, image: Image) -> str:
        prepare(job)
        container = await self._created(job, image)
        try:
            await self._api.start(container)
        except ApiError:
            await self._remove(container)
            raise
        return container

    async def _created(self, job: Job, image: Image) -> str:
        """The id of a new container, or of the one that the job has from before."""
        name = container_name(job.name)
        while True:
            try:
                return await self._api.create(name, container_config(job, image, self._daemon))
            except ApiError as error:
                if error.status == 404:
                    self._images.forget(image)
                if error.status != 409:
                    raise
            if (container := await self._existing(name, job.name)) is not None:
                return container
            await asyncio.sleep(_NAME_TAKEN)

    async def _existing(self, name: str, job_name: str) -> str | None:
        """The id of the container `name`; None when another process is just creating or removing it."""
        try:
            found = await self._api.inspect(name)
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        if (found["Config"].get("Labels") or {}).get(f"{LABELS}.job") != job_name:
            raise BackendError(
                f"there is a container `{name}` already, and it is not of this task",
                help=f"remove it: docker rm {name}",
            )
        return str(found["Id"])

    async def _take_back(self, launch: asyncio.Task[JobId]) -> None:
        """Undo what a cancelled `submit` has begun."""
        try:
            job_id = await launch
        except BackendError:
            return
        await self.cancel(job_id)

    async def _attach(self, job_id: JobId) -> _Running | None:
        """Follow a container that another process has started; None when there is none or its end is known."""
        if kept(job_id.directory) is not None:
            return None
        try:
            found = await self._api.inspect(job_id.native or container_name(job_id.name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise _unreachable(error) from error
        if (running := self._jobs.get(job_id.name)) is not None:
            return running
        labels = found["Config"]["Labels"]
        cpu, memory = labels[f"{LABELS}.request"].split()
        request = (round(float(cpu) * 1000), int(memory))
        self._admission.take(request)
        limit = labels[f"{LABELS}.limit"]
        job = _Running(msgspec.structs.replace(job_id, native=found["Id"]), request)
        self._follow(job, float(limit) if limit else None, _seconds(found["State"]["StartedAt"]) or time.time())
        return job

    def _follow(self, job: _Running, limit: float | None, started: float) -> None:
        self._jobs[job.job_id.name] = job
        job.follower = asyncio.create_task(self._to_the_end(job))
        job.follower.add_done_callback(partial(self._followed, job))
        if limit is not None:
            sentence = f"the task ran longer than its time limit of {limit:g} s and was stopped"
            failure = Failure(FailureKind.TIME_LIMIT, sentence)
            remaining = max(0.0, started + limit - time.time())
            job.timer = asyncio.get_running_loop().call_later(remaining, self._stop, job, failure)

    def _followed(self, job: _Running, follower: asyncio.Task[Result]) -> None:
        self._jobs.pop(job.job_id.name, None)
        if not follower.cancelled():
            follower.exception()  # told to whoever waits; nobody has to

    # ending

    def _stop(self, job: _Running, failure: Failure) -> None:
        if job.failure is None and not job.ended:
            job.failure = failure
            job.stopping = self._send(self._kill(job))

    async def _kill(self, job: _Running) -> None:
        try:
            await self._api.kill(job.job_id.native)
        except ApiError as error:
            raise BackendError(f"the task's container cannot be stopped: {error}", transient=error.transient) from error

    async def _to_the_end(self, job: _Running) -> Result:
        try:
            found = await self._until_ended(job.job_id.native)
        finally:
            job.ended = True
            self._admission.release(job.request)
            if job.timer is not None:
                job.timer.cancel()
        if found is None:
            return kept(job.job_id.directory) or _result(job.job_id, job.failure or _vanished(job.job_id))
        result = await self._conclude(job, found)
        keep(result, job.job_id.directory)
        if self._cleanup:
            self._send(self._remove(job.job_id.native))
        return result

    async def _until_ended(self, container: str) -> dict[str, Any] | None:
        """What the daemon knows of the container when it has ended; None when it is gone."""
        heard, pause = time.monotonic(), 0.05
        while True:
            try:
                await self._api.wait(container)
                found = await self._api.inspect(container)
                if not found["State"]["Running"]:
                    return found
                heard, pause = time.monotonic(), 0.05
            except ApiError as error:
                if error.status == 404:
                    return None
                if not error.transient or time.monotonic() - heard > _SILENCE:
                    raise _unreachable(error) from error
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)

    async def _conclude(self, job: _Running, found: dict[str, Any]) -> Result:
        directory = job.job_id.directory
        try:
            if not await asyncio.to_thread(own_files, directory):
                await self._run_briefly(ownership_config(found["Image"], self._daemon, directory))
            if job.image is None and (image := await self._api.image(found["Image"])) is not None:
                job.image = describe(found["Config"]["Image"], image)
        except ApiError as error:
            raise _unreachable(error) from error
        except OSError as error:
            raise BackendError(f"the files of the task in `{directory}` cannot be had: {error}") from error
        await asyncio.to_thread(remove_disks, directory)
        state = found["State"]
        return msgspec.structs.replace(
            _result(job.job_id, job.failure or _failure(found)),
            exit_code=None if state["Status"] == "created" else state["ExitCode"],
            started=_seconds(state["StartedAt"]),
            ended=_seconds(state["FinishedAt"]),
            usage=read_usage(directory),
            image=found["Config"]["Image"],
            image_digest=found["Image"] if job.image is None else job.image.digest,
            host=self._daemon.host,
        )

    async def _run_briefly(self, config: dict[str, Any]) -> None:
        """Run a helper container to its end and remove it."""
        container = await self._api.create("", config)
        try:
            await self._api.start(container)
            await self._api.wait(container)
        finally:
            await self._api.remove(container)

    async def _remove(self, container: str) -> None:
        if self._cleanup:
            await self._api.remove(container)

    def _send(self, errand: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Have something done while we go on; it is awaited before we disconnect."""
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errand_done)
        return task

    def _errand_done(self, task: asyncio.Task[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled():
            task.exception()  # a container that cannot be removed now is no reason to fail a task

    def _tell(self, name: str, state: JobState, remark: str = "") -> None:
        if self._notify is not None:
            self._notify(name, state, remark)


def _result(job_id: JobId, failure: Failure | None) -> Result:
    directory = job_id.directory
    return Result(None, f"{directory}/stdout", f"{directory}/stderr", f"{directory}/work", failure)


def _failure(found: dict[str, Any]) -> Failure | None:
    """Why a container that nobody stopped did not simply end."""
    state = found["State"]
    if state["Status"] == "created":
        return Failure(FailureKind.BACKEND, "the task's container was created but never started", state["Error"])
    if state["OOMKilled"] and state["ExitCode"] != 0:  # also set where only a child was killed and the script coped
        limit = found["HostConfig"]["Memory"]
        most = f"its limit of {format_size(limit)}" if limit else "the daemon has"
        return Failure(FailureKind.OUT_OF_MEMORY, f"the task used more memory than {most}", state["Error"])
    return None


def _vanished(job_id: JobId) -> Failure:
    return Failure(
        FailureKind.LOST,
        "the task's container is gone: somebody removed it before its end was seen",
        f"container {job_id.native or container_name(job_id.name)}",
    )


def _seconds(timestamp: str) -> float | None:
    """Seconds since the epoch of a time as the daemon writes it; its zero is the year 1."""
    return None if timestamp.startswith("0001-") else datetime.fromisoformat(timestamp).timestamp()


def _no_daemon(address: str, error: ApiError) -> BackendError:
    if "Permission denied" in str(error):
        return BackendError(
            f"you may not use the Docker daemon at {address}: "
            "become a member of the group `docker`, or run with `--backend local`"
        )
    return BackendError(f"no Docker daemon answers at {address}: start Docker, or run with `--backend local`")


def _refused(error: ApiError, image: Image) -> BackendError:
    words = str(error)
    if "executable file not found" in words:
        return BackendError(f"the container image `{image.name}` has no `sh`, which tasks need: {words}")
    return BackendError(f"Docker refuses the task's container: {words}", transient=error.transient)


def _unreachable(error: ApiError) -> BackendError:
    return BackendError(
        f"the Docker daemon cannot be asked any more, the task may still run: {error}", transient=error.transient
    )
