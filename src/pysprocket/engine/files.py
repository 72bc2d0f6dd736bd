"""Writing files so that nobody ever sees half of one.

In: a path and bytes. Out: the file, whole. Used for everything a run leaves behind for others to read.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import msgspec

from pysprocket.errors import OutputDirectoryError


def write_file(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write aside and rename; with `durable` the content is on the disk before the name is.

    Raises:
        OutputDirectoryError: the file cannot be written.
    """
    aside = f"{path.parent}/.{path.name}.{os.getpid()}"  # plain text: this is done for each file of each call
    try:
        with open(aside, "wb") as file:  # noqa: PTH123
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.rename(aside, path)  # noqa: PTH104
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(aside)  # noqa: PTH108
        raise _unwritable(path, error) from error


def make_directory(path: Path) -> None:
    """Make a directory and those around it; one that is there already is no error.

    Raises:
        OutputDirectoryError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_json(path: Path, data: Any, *, durable: bool = False) -> None:
    """Write JSON data for people: two blanks of indent, keys in their order."""
    write_file(path, pretty_json(data), durable=durable)


def pretty_json(data: Any) -> bytes:
    """JSON text for people, in UTF-8; a whole Float keeps its fraction. Floats must be finite, as `to_json` sees to."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2)


def _unwritable(path: Path, error: OSError) -> OutputDirectoryError:
    return OutputDirectoryError(
        f"cannot write `{path}`: {error.strerror}", help="free some space, or choose another directory with `-o`"
    )
