"""Progress as plain lines, one per event worth telling: for batch logs and files, and for terminals that ask for it.

In: lines, and the tally for a summary about once a minute while nothing else is said. Out: lines such as
`12:31:05 align-0: completed in 12 s` on a stream.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self, TextIO

from pysprocket.clock import now
from pysprocket.engine.events import Event
from pysprocket.progress.lines import Clock, Level, Line
from pysprocket.progress.narrator import summary
from pysprocket.progress.outbox import Outbox, call_later
from pysprocket.progress.tally import Tally
from pysprocket.source.visible import visible

if TYPE_CHECKING:
    import asyncio

_COLORS = {Level.DEBUG: "\x1b[2m", Level.WARNING: "\x1b[33m", Level.ERROR: "\x1b[31m"}
_RESET = "\x1b[0m"
SILENCE = 60.0
"""Seconds without a line after which a summary is told."""


def painted(line: Line, *, color: bool) -> str:
    """A line that is safe to show, coloured by how much it matters."""
    text = visible(str(line))
    paint = _COLORS.get(line.level) if color else None
    return f"{paint}{text}{_RESET}" if paint else text


class PlainProgress:
    """A teller that writes lines to a stream, and a listener, so that time passes for it.

    Args:
        stream: where to, usually the standard error.
        tally: what summaries tell.
        color: whether to mark warnings and errors by color.
        least: lines that matter less are left out.
        silence: seconds without a line after which a summary is told.
    """

    def __init__(
        self, stream: TextIO, tally: Tally, *, color: bool, least: Level = Level.INFO, silence: float = SILENCE
    ) -> None:
        self._stream = stream
        self._tally = tally
        self._color = color
        self._least = int(least)
        self._silence = silence
        self._clock = Clock()
        self._outbox = Outbox(self._write)
        self._said = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._outbox.close()
        if self._timer is not None:
            self._timer.cancel()

    def __call__(self, _: Event) -> None:
        """From the first event on, silence is noticed."""
        if self._timer is None and self._least <= Level.INFO:
            self._timer = call_later(self._silence, self._look)

    def tell(self, moment: float, line: Line) -> None:
        """Write a line."""
        if line.level >= self._least:
            self._said = time.monotonic()
            text = f"{self._clock.local(moment)} {painted(line, color=self._color)}\n"
            self._outbox.add(text, at_once=line.level >= Level.WARNING)

    def _look(self) -> None:
        """Tell how things stand when nothing was said for long."""
        left = self._said + self._silence - time.monotonic()
        if left <= 0 and self._tally.end is None:
            self.tell(now(), Line(Level.INFO, "", summary(self._tally)))
        self._timer = call_later(left if left > 0 else self._silence, self._look)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads any more (closed terminal, closed stream): the run goes on
            self._least = Level.ERROR + 1
