"""Waiting: several who wait for one outcome, and one who asks again until something is so.

In: an outcome; a question. Out: futures, and time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Waiters(Generic[T]):
    """Those who wait for one outcome. To leave, by being cancelled, means nothing to the others."""

    __slots__ = ("_futures",)

    def __init__(self) -> None:
        self._futures: list[asyncio.Future[T]] = []

    def join(self) -> asyncio.Future[T]:
        """One more who waits."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._futures.append(future)
        return future

    def settle(self, outcome: T) -> None:
        """This is the outcome."""
        for future in self._futures:
            if not future.done():
                future.set_result(outcome)

    def fail(self, error: Exception) -> None:
        """There is none."""
        for future in self._futures:
            if not future.done():
                future.set_exception(error)

    def cancel(self) -> None:
        """Nobody is to wait any more."""
        for future in self._futures:
            future.cancel()

    def have_left(self) -> bool:
        """Whether nobody waits any more."""
        return all(future.done() for future in self._futures)


async def until(done: Callable[[], bool], patience: float, hurry: asyncio.Future[None] | None = None) -> None:
    """Ask again and again, ever less often, until `done`, the seconds of `patience` are over, or `hurry` is done."""
    deadline, pause = time.monotonic() + patience, 0.005
    while not done() and time.monotonic() < deadline and not (hurry is not None and hurry.done()):
        await (asyncio.sleep(pause) if hurry is None else asyncio.wait([hurry], timeout=pause))
        pause = min(2 * pause, 0.2)
