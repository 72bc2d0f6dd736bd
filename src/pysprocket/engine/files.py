"""Writing files so that nobody ever sees half of one, and one process at a time.

In: a path and bytes. Out: the file, whole. Used for everything a run leaves behind for others to read. `alone` is for
changes that take several steps.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
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


@contextlib.contextmanager
def alone(directory: Path, patience: float = 10) -> Iterator[None]:
    """In this block no other process is in such a block for the same directory.

    That is a courtesy: where the file system knows no locks, or somebody holds one for longer than `patience` seconds,
    the block begins all the same. Nothing is left in the directory.

    Raises:
        OSError: there is no such directory, or it cannot be read.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _wait_for_lock(descriptor, time.monotonic() + patience)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, end: float) -> None:
    while time.monotonic() < end:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.005)
        except OSError:
            return  # no locks of directories, as on NFS
        else:
            return


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
