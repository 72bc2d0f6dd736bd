"""Lines on their way to a file, and things to do a little later.

In: texts. Out: few writes of many of them. Time passes in the event loop of the run, so there is no thread and nothing
to lock; where no loop runs there are few lines, and each is written at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a run without tasks does without it
    import asyncio

INTERVAL = 0.2
"""Seconds for which lines are collected."""
_LARGEST = 65536


def call_later(seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle | None:
    """Have the event loop that runs now do something later; None when none runs."""
    module = sys.modules.get("asyncio")
    if module is None:
        return None
    try:
        return module.get_running_loop().call_later(seconds, action)  # type: ignore[no-any-return]
    except RuntimeError:
        return None


class Outbox:
    """Collects texts for a fifth of a second, or until they are 64 kB, and writes them together.

    After a pause the first one is written at once, so that whoever follows the file sees what happens. A process that
    is killed loses what it collected in the last fifth of a second.

    Args:
        write: writes a text; it deals with its errors itself.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._texts: list[str] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, text: str, *, at_once: bool = False) -> None:
        """Take a text; with `at_once` it is written before this returns, after those that wait."""
        self._texts.append(text)
        self._size += len(text)
        if at_once or self._timer is None or self._size >= _LARGEST:
            self.flush()
            self._timer = self._timer or call_later(INTERVAL, self._ring)

    def flush(self) -> None:
        """Write what waits."""
        if self._texts:
            text = "".join(self._texts)
            self._texts.clear()
            self._size = 0
            self._write(text)

    def close(self) -> None:
        """Write what waits, and ask nothing of the event loop any more."""
        self.flush()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = call_later(INTERVAL, self._ring) if self._texts else None
        self.flush()
