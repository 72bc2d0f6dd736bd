"""Containers that are made before it is the turn of their jobs, so that the turn itself costs only a start.

In: jobs that are near, with their images. Out: the container of a job when its turn comes, or its removal when the job
is given up. What cannot be made ahead is made at the turn of the job, which then tells what is wrong with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec

from pysprocket.backends.docker.api import ApiError
from pysprocket.backends.docker.containers import Containers, Made
from pysprocket.backends.docker.images import Image
from pysprocket.backends.job import Job
from pysprocket.errors import BackendError

_AT_ONCE = 4
"""How many containers are made at the same time: those that are started meanwhile matter more."""


class _Making(msgspec.Struct, eq=False):
    """A container that is to be made for a job.

    Attributes:
        begun: whether the daemon has been asked, which nobody takes back.
        unwanted: whether it is not to be begun any more.
    """

    job: Job
    image: Image
    task: asyncio.Task[Made | None] | None = None
    begun: bool = False
    unwanted: bool = False


class Ahead:
    """The containers, by the name of the job, that are being made or have been."""

    def __init__(self, containers: Containers) -> None:
        self._containers = containers
        self._makings: dict[str, _Making] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._closed = False

    def __contains__(self, job_name: object) -> bool:
        return job_name in self._makings

    def begin(self, job: Job, image: Image) -> None:
        """Make the container of a job that has none."""
        if not self._closed:
            making = self._makings[job.name] = _Making(job, image)
            making.task = asyncio.create_task(self._make(making))

    async def take(self, job_name: str) -> Made | None:
        """What was made for the job, whose turn it is; None when it has to be made now."""
        return await _outcome(self._let_go(job_name)) if job_name in self._makings else None

    def drop(self, job_name: str) -> Coroutine[Any, Any, None]:
        """Make nothing any more for a job that is not to be started; gives what removes what was made."""
        return self._unmake(self._let_go(job_name))

    async def close(self) -> None:
        """Remove what was made for jobs that were not started, and make nothing any more."""
        self._closed = True
        await asyncio.gather(*(self.drop(name) for name in list(self._makings)))

    def _let_go(self, job_name: str) -> _Making:
        making = self._makings.pop(job_name)
        making.unwanted = True
        return making

    async def _unmake(self, making: _Making) -> None:
        if (made := await _outcome(making)) is not None:
            await self._containers.unmake(making.job, made)

    async def _make(self, making: _Making) -> Made | None:
        async with self._turns:
            if making.unwanted:  # one of thousands that are cancelled each makes the next one near
                return None
            making.begun = True
            try:
                return await self._containers.make(making.job, making.image)
            except (ApiError, BackendError, OSError):  # told when it is the job's turn, if it is so then
                return None


async def _outcome(making: _Making) -> Made | None:
    """What was made; None when that has not been begun, and then it will not be."""
    assert making.task is not None
    return await making.task if making.begun else None
