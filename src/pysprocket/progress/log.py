"""The log of an output directory: the same lines as on the terminal, with time, level and name of the run.

In: events. Out: lines such as `2026-04-22T10:15:30.123Z INFO  amber-otter-3fa2c1 align-0: started` at the end of a
file that several runs may write at once.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pysprocket.engine.events import Event
from pysprocket.errors import OutputDirectoryError
from pysprocket.progress.lines import Narrator


class RunLog:
    """A listener that appends lines to a file, each in one write.

    Args:
        path: of the file; made when there is none.

    Raises:
        OutputDirectoryError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise OutputDirectoryError(f"the log `{path}` cannot be written: {error.strerror}") from error
        self._narrator = Narrator()
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        """Append the line of an event; a full disk costs the line, not the run."""
        line = self._narrator.tell(event)
        if line is None or not self._open:
            return
        time = datetime.fromtimestamp(event.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = f"{time} {line.level.name:7} {self._narrator.run_name or '-'} {line}\n"
        try:
            os.write(self._descriptor, text.encode(errors="replace"))
        except OSError:
            self._open = False

    def close(self) -> None:
        """Close the file; closing again does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor, self._open = -1, False
