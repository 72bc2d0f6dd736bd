"""What a failed task wrote last to its standard error, fit for a terminal.

In: the `Result` of a job, or the path of its stderr. Out: lines to put behind the cause of a failure.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from pysprocket.backends.job import Result
from pysprocket.source.visible import visible

MOST_LINES = 10
MOST_CHARACTERS = 500
_READ_BYTES = 65536
_ROOM = 65536
"""Bytes below which a disk counts as full."""
_STYLING = r"\x1b\[[0-9;:?]*[A-Za-z]"


def stderr_end(result: Result) -> str:
    """The end of the standard error, and where all of it is."""
    path = Path(result.stderr)
    lines = last_lines(path)
    shown = "".join(f"\n    {line}" for line in lines)
    told = f"the last lines of its stderr:{shown}\n  all of it: {path}" if lines else _nothing(path)
    return f"\n  {told}" + ("\n  its disk is full" if _is_full(path.parent) else "")


def _nothing(path: Path) -> str:
    if not path.parent.is_dir():
        return f"its files are gone: there is no directory {path.parent}"
    return f"it wrote nothing to its stderr; its files are in {path.parent}"


def _is_full(directory: Path) -> bool:
    """Whether there was no room for what it had to say."""
    with suppress(OSError):
        state = os.statvfs(directory)
        return state.f_bavail * state.f_frsize < _ROOM or (state.f_files > 0 and state.f_favail == 0)
    return False


def last_lines(path: Path) -> list[str]:
    """The last lines of a file, fit for a terminal; none when it cannot be read."""
    return [_shown(line) for line in _last_lines(path)]


def _shown(line: str) -> str:
    """A line without colours, with nothing that a terminal would obey, and not without end."""
    text = visible(re.sub(_STYLING, "", line))
    return text if len(text) <= MOST_CHARACTERS else f"… {text[-MOST_CHARACTERS:]}"


def _last_lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - _READ_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return text.rstrip().splitlines()[-MOST_LINES:]
