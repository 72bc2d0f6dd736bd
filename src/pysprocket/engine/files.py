"""Writing files so that nobody ever sees half of one, and one process at a time.

In: a path and bytes. Out: the file, whole. Used for everything a run leaves behind for others to read. `alone` is for
changes that take several steps.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from pysprocket.errors import OutputDirectoryError


def write_file(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write aside and rename; with `durable` the content is on the disk before the name is.

    Raises:
        OutputDirectoryError: the file cannot be written.
    """
    aside = f"{path.parent}/.{path.name}.part"  # plain text: this is done for each file of each call
    try:
        _write(aside, content, os.O_TRUNC, durable=durable)
        os.rename(aside, path)  # noqa: PTH104
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(aside)  # noqa: PTH108
        raise _unwritable(path, error) from error


def write_new(path: Path, content: bytes) -> None:
    """Write a file of an attempt or a call, which nobody reads before it is told of.

    A file that an engine left there that was killed is replaced as a whole: a running job may be reading it.

    Raises:
        OutputDirectoryError: the file cannot be written.
    """
    try:
        _write(str(path), content, os.O_EXCL)
    except FileExistsError:
        if path.read_bytes() != content:
            write_file(path, content)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108
        raise _unwritable(path, error) from error


class Commands:
    """Writes the commands of attempts. Equal ones are one file with many names: calls of a scatter often have the same.

    Such a file is not writable, lest somebody who edits one edits all.
    """

    def __init__(self) -> None:
        self._latest: dict[Hashable, tuple[bytes, str, tuple[int, int]]] = {}

    def write(self, path: Path, content: bytes, task: Hashable) -> None:
        """Write the command of a call of `task`.

        Raises:
            OutputDirectoryError: it cannot be written.
        """
        latest = self._latest.get(task)
        if latest is not None and latest[0] == content and _linked(latest[1], latest[2], str(path)):
            return
        write_new(path, content)
        with contextlib.suppress(FileNotFoundError):  # somebody has removed it
            status = os.stat(path)  # noqa: PTH116
            self._latest[task] = content, str(path), (status.st_mtime_ns, status.st_size)


def _linked(source: str, state: tuple[int, int], target: str) -> bool:
    """Whether the file `source`, unchanged since, could be given another name."""
    try:
        status = os.stat(source)  # noqa: PTH116
        if (status.st_mtime_ns, status.st_size) != state:
            return False
        if status.st_mode & 0o222:
            os.chmod(source, stat.S_IMODE(status.st_mode) & ~0o222)  # noqa: PTH101
        os.link(source, target)
    except OSError:  # gone, named too often, no links on this file system, or there is a file of a killed engine
        return False
    return True


def _write(path: str, content: bytes, flags: int, *, durable: bool = False) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Make a directory and those around it; one that is there already is no error.

    Raises:
        OutputDirectoryError: it cannot be made.
    """
    try:
        _make_directory(str(path))
    except OSError as error:
        raise _unwritable(path, error) from error


def remove_directory(path: Path) -> None:
    """Remove a directory with all that is in it.

    Raises:
        OutputDirectoryError: it cannot be removed.
    """
    import shutil  # noqa: PLC0415 - hardly ever

    try:
        shutil.rmtree(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _make_directory(path: str) -> None:
    """What `os.makedirs` does, without a look at what is there: this is done for each attempt of each call."""
    try:
        os.mkdir(path)  # noqa: PTH102
    except FileNotFoundError:
        parent = os.path.dirname(path)  # noqa: PTH120
        if not parent:  # the current directory is gone
            raise
        _make_directory(parent)
        with contextlib.suppress(FileExistsError):  # made by another process meanwhile
            os.mkdir(path)  # noqa: PTH102
    except FileExistsError:
        if not os.path.isdir(path):  # noqa: PTH112
            raise


@contextlib.contextmanager
def alone(directory: Path, patience: float = 10) -> Iterator[None]:
    """In this block no other process is in such a block for the same directory.

    That is a courtesy: where the file system knows no locks, or somebody holds one for longer than `patience` seconds,
    or the directory may be written but not read, the block begins all the same. Nothing is left in the directory.

    Raises:
        OSError: there is no such directory.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(PermissionError):
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            _wait_for_lock(descriptor, time.monotonic() + patience)
        yield


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


def pretty_json(data: Any) -> bytes:
    """JSON text for people, in UTF-8; a whole Float keeps its fraction. Floats must be finite, as `to_json` sees to."""
    return msgspec.json.format(msgspec.json.encode(data), indent=2)


def _unwritable(path: Path, error: OSError) -> OutputDirectoryError:
    return OutputDirectoryError(
        f"cannot write `{path}`: {error.strerror}", help="free some space, or choose another directory with `-o`"
    )
