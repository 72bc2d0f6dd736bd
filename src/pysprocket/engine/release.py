"""Lets a backend forget a job only when its end is safe on disk.

In: the ids of jobs that have ended. Out: `Backend.forget` for each, after `durable`; jobs that end together share one
wait. So an engine that dies at any moment finds either the result in the database, or the job still remembered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pysprocket.backends.job import Backend, JobId


class Releaser:
    """Forgets jobs in the background; leaving the block waits for all of them."""

    def __init__(self, backend: Backend, durable: Callable[[], Awaitable[None]]) -> None:
        self._backend = backend
        self._durable = durable
        self._ended: list[JobId] = []
        self._releasing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Releaser:
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._releasing is not None:
            await self._releasing

    def __call__(self, job_id: JobId) -> None:
        """A job has ended, and the event that says so has been emitted."""
        self._ended.append(job_id)
        if self._releasing is None:
            self._releasing = asyncio.create_task(self._release())

    async def _release(self) -> None:
        try:
            while self._ended:
                batch, self._ended = self._ended, []
                await self._durable()
                await asyncio.gather(*map(self._backend.forget, batch))
        finally:
            self._releasing = None
