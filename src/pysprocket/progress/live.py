"""A live view of a run on a terminal, drawn in place, with lines that scroll away above it.

In: events and lines. Out: at most four drawings a second, each one write, and only when there is something new to show
(what is elapsed, once a second). The cursor is never hidden and rests on the line below the view, so a program that is
killed leaves a terminal as it should be. The size of the terminal is asked for each time.

Time passes in the event loop of the run: no thread, and nothing to lock. While the view is up, `sys.stderr` leads
through it, so what other code writes there appears above the view, too.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Self, TextIO, cast

from pysprocket.clock import now
from pysprocket.engine.events import Event
from pysprocket.progress.drawing import draw
from pysprocket.progress.lines import Clock, Level, Line
from pysprocket.progress.outbox import call_later
from pysprocket.progress.plain import painted
from pysprocket.progress.tally import Tally

if TYPE_CHECKING:
    import asyncio

INTERVAL = 0.25
"""The least seconds from one drawing to the next."""

_EARLY = 0.001
"""By how many seconds a timer may be early: clocks round."""
_ERASE_LINE, _ERASE_BELOW = "\x1b[K", "\x1b[J"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"


class LiveView:
    """A listener that draws what the tally holds, and a teller whose lines scroll away above the drawing.

    Args:
        stream: a terminal, usually the standard error.
        tally: what is drawn; it counts each event before this listener gets it.
        color: whether to use color.
        least: lines that matter less are not told, unless they are about the run as a whole.
        size: gives width and height of the terminal.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        stream: TextIO,
        tally: Tally,
        *,
        color: bool,
        least: Level = Level.WARNING,
        size: Callable[[], tuple[int, int]] | None = None,
        clock: Callable[[], float] = now,
    ) -> None:
        self._stream = stream
        self._tally = tally
        self._color = color
        self._least = least
        self._size = size or (lambda: terminal_size(stream))
        self._now = clock
        self._clock = Clock()
        self._above: list[str] = []
        self._drawn: list[str] = []
        self._last = 0.0
        self._dirty = False
        self._broken = False
        self._timer: asyncio.TimerHandle | None = None
        self._restore: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        stderr, detour = sys.stderr, _Detour(self, self._stream)
        sys.stderr = cast(TextIO, detour)
        self._restore += [detour.end, lambda: setattr(sys, "stderr", stderr)]
        with suppress(ValueError):  # only the main thread may, and only it matters
            before = signal.signal(signal.SIGCONT, self._continued)
            self._restore.append(lambda: signal.signal(signal.SIGCONT, before))
        return self

    def __exit__(self, *_: object) -> None:
        """Take the view away and leave what stood above it, and what was still to be told."""
        if self._timer is not None:
            self._timer.cancel()
        while self._restore:
            self._restore.pop()()
        self._show([])

    def __call__(self, _: Event) -> None:
        """Something may have changed: draw it, soon."""
        self._dirty = True
        if self._timer is None:
            self._tick()

    def tell(self, moment: float, line: Line) -> None:
        """Show a line above the view."""
        shown_below = line.subject and self._tally.start is not None
        if line.level >= (self._least if shown_below else min(self._least, Level.INFO)):
            self.add(f"{self._clock.local(moment)} {painted(line, color=self._color)}")

    def add(self, text: str) -> None:
        """Show a text above the view, whatever it is about."""
        self._above.append(text)
        self._dirty = True

    # --- drawing -----------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Draw if there is something to draw, and see to the next time."""
        since = time.monotonic() - self._last
        if (self._dirty and since >= INTERVAL - _EARLY) or since >= 1.0 - _EARLY:
            first, self._dirty = not self._last, not self._last
            self._draw(lines_alone=first)  # a run that ends at once shows no view
        self._timer = None if self._broken else call_later(INTERVAL, self._tick)

    def _draw(self, *, lines_alone: bool) -> None:
        self._last = time.monotonic()
        if lines_alone or self._tally.start is None or not self._in_foreground():
            self._show([])
        else:
            width, height = self._size()
            self._show(draw(self._tally, self._now(), width, height, color=self._color))

    def _in_foreground(self) -> bool:
        """Whether the terminal is ours: a job in the background must not draw over the user's shell."""
        try:
            return os.tcgetpgrp(self._stream.fileno()) == os.getpgrp()
        except (OSError, ValueError):  # not the terminal that controls us: nobody else draws there
            return True

    def _show(self, lines: list[str]) -> None:
        """Replace the drawing by what is to stand above it and by other lines."""
        if self._broken or (lines == self._drawn and not self._above):
            return
        above = self._above[:]
        del self._above[: len(above)]  # another thread may add to it
        # In a window that became narrower its lines take more rows by now, or will soon. Only as many rows are taken
        # back as there certainly are: rather is a piece of the old drawing left than a line above it lost.
        parts = [f"\r\x1b[{len(self._drawn)}A"] if self._drawn else []
        if above:
            parts += [_ERASE_BELOW if self._drawn else "", *(f"{line}\n" for line in above)]
        if lines:
            parts += [_NO_WRAP, *(f"{line}{_ERASE_LINE}\n" for line in lines), _WRAP]
        self._write("".join((*parts, _ERASE_BELOW if self._drawn else "")))
        self._drawn = lines

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the terminal is gone: the run goes on
            self._broken = True

    def _continued(self, _: int, __: FrameType | None) -> None:
        """The program was stopped for a while: the shell has written below the drawing, which is left where it is."""
        self._drawn = []
        self._dirty = True


class _Detour:
    """Stands for the standard error while a view is up: whole lines appear above it, the rest waits for its end."""

    def __init__(self, view: LiveView, stream: TextIO) -> None:
        self._view = view
        self._stream = stream
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._view.add(line)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        self.write("".join(lines))

    def end(self) -> None:
        """What is not a whole line is shown as one."""
        if self._begun:
            self.write("\n")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def terminal_size(stream: TextIO) -> tuple[int, int]:
    """Columns and lines of a terminal; 80 and 24 when it does not know."""
    try:
        width, height = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        width = height = 0
    return width or 80, height or 24
