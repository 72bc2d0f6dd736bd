"""Lets a backend forget a job only when its end is safe on disk.

In: the ids of jobs that have ended, and their outputs. Out: `Backend.forget` for each, after `durable`; jobs that end
together share one wait. So an engine that dies at any moment finds either the result in the database, or the job still
remembered. Extra disks are emptied then, too, but for what an output refers to.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path

from pysprocket.backends.job import Backend, JobId
from pysprocket.clock import now
from pysprocket.engine.cleanup import clear_disks
from pysprocket.engine.events import Event, Notice
from pysprocket.engine.paths import DISKS
from pysprocket.errors import BackendError, SprocketError
from pysprocket.values.model import Value

_GATHERING = 0.2
"""Seconds in which jobs that end are gathered, to be forgotten together."""
_AT_ONCE = 16
"""How many jobs a backend is asked to forget at the same time."""


class Releaser:
    """Forgets jobs in the background; leaving the block waits for all of them.

    A job that cannot be forgotten is a warning. When the database cannot be written nothing more is forgotten, and
    leaving the block raises that error, unless another one is on its way already.
    """

    def __init__(self, backend: Backend, durable: Callable[[], Awaitable[None]], emit: Callable[[Event], None]) -> None:
        self._backend = backend
        self._durable = durable
        self._emit = emit
        self._ended: list[tuple[JobId, Iterable[Value]]] = []
        self._releasing: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()
        self._error: SprocketError | None = None

    async def __aenter__(self) -> Releaser:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._leaving.set()
        while self._releasing is not None:
            await self._releasing
        if self._error is not None and kind is None:
            raise self._error

    def __call__(self, job_id: JobId, outputs: Iterable[Value] = ()) -> None:
        """A job has ended with these outputs, and the event that says so has been emitted."""
        if self._error is None:
            self._ended.append((job_id, outputs))
            self._releasing = self._releasing or asyncio.create_task(self._release())

    async def _release(self) -> None:
        try:
            while self._ended:
                await self._gather()
                batch, self._ended = self._ended, []
                await self._durable()
                await asyncio.gather(*(self._forget_all(batch) for _ in range(min(_AT_ONCE, len(batch)))))
        except SprocketError as error:
            self._error = error
        finally:
            self._releasing = None

    async def _gather(self) -> None:
        """Let more jobs end, so that many are forgotten after one wait for the disk."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHERING):
                await self._leaving.wait()

    async def _forget_all(self, batch: list[tuple[JobId, Iterable[Value]]]) -> None:
        """Forget what is left of the batch, one after the other; several do so at once."""
        while batch:
            await self._forget(*batch.pop())

    async def _forget(self, job_id: JobId, outputs: Iterable[Value]) -> None:
        try:
            await self._backend.forget(job_id)
        except BackendError as error:
            self._warn(job_id, str(error))
        disks = f"{job_id.directory}/{DISKS}"
        if os.path.exists(disks):  # noqa: PTH110 - for each job
            for problem in await asyncio.to_thread(clear_disks, Path(disks), outputs):
                self._warn(job_id, problem)

    def _warn(self, job_id: JobId, problem: str) -> None:
        message = f"what was kept of the task {job_id.name} could not be removed: {problem}"
        self._emit(Notice(now(), message, warning=True))
