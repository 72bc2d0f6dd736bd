"""The log of a run, `output.log` in its directory: the lines of the terminal, with time and level.

In: lines, and the error with which the run ends. Out: a file with lines such as
`2026-04-22T10:15:30.123Z INFO    align-0: started`; a process that goes on with the run appends to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

from pysprocket.engine.directory import LOG
from pysprocket.engine.events import Event, RunEnded
from pysprocket.progress.lines import Clock, Level, Line
from pysprocket.progress.outbox import Outbox
from pysprocket.progress.tally import Tally
from pysprocket.source.uris import without_secrets
from pysprocket.source.visible import visible


class RunLog:
    """A teller that appends lines to a file of the run directory, and a listener for how the run ends.

    Lines are collected for a fifth of a second; those that matter (warnings and errors) are written at once, with all
    before them. So of a killed run at most the last fifth of a second is missing. A full disk costs lines, not the run.

    Args:
        output: the output directory.
        tally: knows the run directory once the run has begun; lines from before are kept until then.
        least: lines that matter less are left out.
        complain: is told why no more lines can be written.
    """

    def __init__(
        self, output: Path, tally: Tally, least: Level = Level.DEBUG, *, complain: Callable[[str], None]
    ) -> None:
        self._output = output
        self._tally = tally
        self._least = least
        self._complain = complain
        self._descriptor = -1
        self._broken = False
        self._clock = Clock()
        self._before: list[str] = []
        self._outbox = Outbox(self._write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        """Keep all of what stopped the run, which the terminal is told last and by somebody else."""
        if isinstance(event, RunEnded) and event.error:
            for text in without_secrets(event.error).split("\n"):
                self.tell(event.time, Line(Level.ERROR, "", text))

    def tell(self, moment: float, line: Line) -> None:
        """Append a line."""
        if line.level < self._least or self._broken:
            return
        shown = visible(str(line))
        text = f"{self._clock.utc(moment)} {line.level.name:7} {shown}\n"
        if self._descriptor < 0 and not self._open():
            self._before.append(text)
            return
        self._outbox.add(text, at_once=line.level >= Level.WARNING)

    def close(self) -> None:
        """Write what is left and close the file; closing again does nothing, and nothing is told any more."""
        self._outbox.close()
        self._broken = True
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> bool:
        """Open the file, if the run directory is known by now."""
        if self._tally.start is None:
            return False
        path = self._output / self._tally.start.directory / LOG
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            self._give_up(error)
            return False
        for text in self._before:
            self._outbox.add(text)
        self._before.clear()
        return True

    def _write(self, text: str) -> None:
        data = text.encode(errors="replace")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if not self._broken:
            self._broken = True
            self._complain(f"the run's `{LOG}` cannot be written: {error.strerror}")
