"""Progress as plain lines, one per event worth telling: for batch logs, and for terminals until there is a live view.

In: events. Out: lines such as `12:31:05 align-0: completed in 12 s` on a stream.
"""

from __future__ import annotations

from datetime import datetime
from typing import TextIO

from pysprocket.engine.events import Event
from pysprocket.progress.lines import Level, Line, Narrator

_COLORS = {Level.DEBUG: "\x1b[2m", Level.WARNING: "\x1b[33m", Level.ERROR: "\x1b[31m"}
_RESET = "\x1b[0m"


class PlainProgress:
    """A listener that writes lines to a stream.

    Args:
        stream: where to, usually the standard error.
        color: whether to mark warnings and errors by color.
        verbosity: 0 tells what happens, 1 more, -1 warnings and errors only, -2 errors only.
    """

    def __init__(self, stream: TextIO, *, color: bool, verbosity: int = 0) -> None:
        self._stream = stream
        self._color = color
        self._least = Level.INFO - verbosity
        self._narrator = Narrator()

    def __call__(self, event: Event) -> None:
        """Write the line of an event."""
        line = self._narrator.tell(event)
        if line is not None and line.level >= self._least:
            self._write(f"{datetime.fromtimestamp(event.time):%H:%M:%S} {self._painted(line)}\n")

    def _painted(self, line: Line) -> str:
        color = _COLORS.get(line.level) if self._color else None
        return f"{color}{line}{_RESET}" if color else str(line)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # nobody reads any more (closed terminal, closed stream): the run goes on
            self._least = Level.ERROR + 1
