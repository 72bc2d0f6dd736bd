"""Results that outlive the process that saw them.

In: a `Result` that nobody could find out again (why a job was stopped, how a removed container ended). Out: the file
`result.json` in the attempt directory, and the `Result` read from it by whoever waits for the job later.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from pysprocket.backends.job import Result
from pysprocket.errors import BackendError

_FILE = "result.json"
_NOTES = ("submitted", "usage", _FILE)
"""All files that backends write in an attempt directory for themselves."""


def keep(result: Result, directory: str) -> None:
    """Write `result` aside and move it to its place, so that a reader finds all of it or nothing.

    Raises:
        BackendError: the directory is gone or not writable, or the disk is full.
    """
    aside = Path(directory, _FILE + ".part")
    try:
        aside.write_bytes(msgspec.json.encode(result))
        aside.rename(aside.with_name(_FILE))
    except OSError as error:
        raise BackendError(f"how the task ended cannot be written to `{directory}`: {error.strerror}") from error


def kept(directory: str) -> Result | None:
    """The result that was kept in `directory`."""
    try:
        return msgspec.json.decode(Path(directory, _FILE).read_bytes(), type=Result)
    except FileNotFoundError:
        return None


def remove_notes(directory: str, names: Iterable[str] = _NOTES) -> None:
    """Remove what backends wrote in `directory` for themselves; `names` when it is known what that can be."""
    for name in names:
        with suppress(FileNotFoundError):
            os.unlink(f"{directory}/{name}")  # noqa: PTH108 - for each job
