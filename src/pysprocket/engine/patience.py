"""What a call asks others for, and asks again when there is no answer.

In: a backend, downloads, the tries of the call. Out: `Patience`, which gives what an evaluation gives when its files
are here, the id of a job that was submitted, and how a job ended. No answer is not an answer: only what the other side
says for good, or what was asked often enough, is a failure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from pysprocket.backends.job import Job, JobId, Result
from pysprocket.clock import now
from pysprocket.engine.downloads import Downloads, FetchNeeded, remote_paths
from pysprocket.engine.events import Notice
from pysprocket.engine.failures import kind_of
from pysprocket.engine.images import ImageNeeded
from pysprocket.engine.machine import Call
from pysprocket.engine.retries import Tries
from pysprocket.engine.services import Services
from pysprocket.errors import BackendError, LocalizationError, SprocketError

T = TypeVar("T")

_SILENCE = 3600.0
"""Seconds without an answer from the place where a job runs after which the job is given up."""
_LONGEST_PAUSE = 60.0
"""Seconds between two questions about a job that nobody answers."""


class Patience:
    """Asks for one call, as often as its tries allow.

    Args:
        services: what the run shares.
        call: for which it asks.
        tries: the failures of the call so far.
        downloads: of its files.
    """

    __slots__ = ("_call", "_downloads", "_services", "_tries")  # there is one for each call under way

    def __init__(self, services: Services, call: Call, tries: Tries, downloads: Downloads) -> None:
        self._services = services
        self._call = call
        self._tries = tries
        self._downloads = downloads

    async def with_files(self, evaluation: Callable[[], T]) -> T:
        """What an evaluation gives; remote files and images that it needs are fetched, then it is done again."""
        while True:
            try:
                return evaluation()
            except FetchNeeded as needed:
                await self._downloads.fetch_all({needed.url, *remote_paths(self._call.inputs.values())})
            except ImageNeeded as needed:
                needed.use(await self._image(needed.images))
            except LocalizationError as error:
                await self._before_retry(error, transient=error.transient)
                self._downloads.retry(error.url)

    async def _image(self, images: tuple[str, ...]) -> str | None:
        """The first candidate that can be had; when there is none, the job tells why."""
        message = f"{self._call.id}: finding out which of its {len(images)} images can be had"
        self._services.emit(Notice(now(), message, detail=True))
        for image in images:
            with suppress(BackendError):
                await self._services.backend.resolve_image((image,))
                return image
        return None

    async def submit(self, job: Job) -> JobId:
        """Submit; to ask again for one name never starts a job twice."""
        while True:
            try:
                return await self._services.backend.submit(job)
            except BackendError as error:
                await self._before_retry(error, transient=error.transient)

    async def wait(self, job_id: JobId) -> Result:
        """Await the end of a job."""
        pause, since = 1.0, time.monotonic()
        while True:
            try:
                return await self._services.backend.wait(job_id)
            except BackendError as error:
                if not error.transient or time.monotonic() - since > _SILENCE:
                    raise
                self._warn(f"{error}; asked again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _before_retry(self, error: SprocketError, *, transient: bool) -> None:
        """Wait before something is asked again that may do better then.

        Raises:
            SprocketError: the error, when it will not, or was asked often enough.
        """
        retry = self._tries.again(kind_of(error), 0) if transient else None
        if retry is None:
            raise error
        self._warn(f"{error}; asked again in {retry.pause:g} s ({retry.number} of {retry.most})")
        await asyncio.sleep(retry.pause)

    def _warn(self, message: str) -> None:
        self._services.emit(Notice(now(), f"{self._call.id}: {message}", warning=True))
