"""The calls of tasks that are under way in a run, and how they are ended before their time.

In: each call when it starts and when it has ended, and the wish to stop. Out: jobs that are cancelled or taken back
while everything else goes on, and notices of that. Nothing here decides whether to stop, which is for module `driver`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pysprocket.clock import now
from pysprocket.engine.events import Listener, Notice
from pysprocket.engine.task import TaskRun
from pysprocket.errors import SprocketError


class UnderWay:
    """The calls that have started and not ended, by their ids; false when there are none.

    Args:
        emit: takes notices.
        broken: called with a mistake of this program: what was to end may never do so.
    """

    def __init__(self, emit: Listener, broken: Callable[[Exception], None]) -> None:
        self._emit = emit
        self._broken = broken
        self._calls: dict[str, tuple[TaskRun, asyncio.Task[None]]] = {}
        self._stopping: list[asyncio.Task[None]] = []

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call_id: str, run: TaskRun, task: asyncio.Task[None]) -> None:
        """A call has started, and is done by a task."""
        self._calls[call_id] = run, task

    def remove(self, call_id: str) -> bool:
        """A call has ended; gives whether it was under way."""
        return self._calls.pop(call_id, None) is not None

    def tasks(self) -> list[asyncio.Task[None]]:
        """What does the calls."""
        return [task for _, task in self._calls.values()]

    async def stopped(self) -> None:
        """Wait until all that was to be ended was asked to."""
        await asyncio.gather(*self._stopping)

    def _leave(self, *, even_running: bool) -> list[TaskRun]:
        """Start no job from now on, at once; gives those calls of which more is to be asked."""
        return [run for run, _ in self._calls.values() if not run.leave(even_running=even_running)]

    # --- cancelling --------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """Begin to end all of them."""
        self._stopping += [asyncio.create_task(self._cancel(run)) for run in self._leave(even_running=True)]

    async def _cancel(self, run: TaskRun) -> None:
        try:
            await run.cancel()
        except SprocketError as error:
            self._warn(f"a task could not be cancelled: {error}")
        except Exception as error:  # nothing would end what is awaited
            self._broken(error)

    # --- taking back -------------------------------------------------------------------------------------

    def take_back(self, because: str = "") -> None:
        """Begin to take back those that wait in a queue, and tell how many run; `because` begins the sentence."""
        if left := self._leave(even_running=False):
            self._stopping.append(asyncio.create_task(self._take_back(left, because)))

    async def _take_back(self, runs: list[TaskRun], because: str) -> None:
        taken = await asyncio.gather(*map(self._taken_back, runs))
        running = {run for run, _ in self._calls.values()}  # some may have ended meanwhile
        awaited = sum(run in running and not back for run, back in zip(runs, taken, strict=True))
        if awaited:
            tasks = "1 running task is" if awaited == 1 else f"{awaited} running tasks are"
            self._emit(Notice(now(), f"{because}{tasks} awaited, no new one starts"))

    async def _taken_back(self, run: TaskRun) -> bool:
        try:
            return await run.take_back()
        except SprocketError as error:
            self._warn(f"a task could not be withdrawn: {error}")
            return False

    def _warn(self, message: str) -> None:
        self._emit(Notice(now(), message, warning=True))
