"""Digests of files and directories, remembered.

In: a path. Out: a text such as `strong:<64 hexadecimal digits>`, equal for equal content wherever it lies. A digest of
a large file is remembered in memory and in a small SQLite file for as long as the file's size, times, inode and device
stay as they were; a file that was written so lately that a second change might not show in its times is read again.

The modes are those of `run.task.digests`: "strong" is Blake3 of all content, "weak" is that of size and time of change
(the content is not read), "strongish" adds the first 10 MiB to these, and "auto" is "strong" up to `CHEAP` bytes and
"strongish" above.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from blake3 import blake3

from pysprocket.files.remembered import Remembered

Mode: TypeAlias = Literal["auto", "strong", "strongish", "weak"]
Kind: TypeAlias = Literal["strong", "strongish", "weak"]

CHEAP = 1024**3
"""Bytes up to which "auto" reads all content: half a second, once."""
WORTH_REMEMBERING = 256 * 1024
"""Bytes below which reading a file again is as fast as asking the SQLite file."""
_OPENING = 20_000
"""Bytes that could be read in the time that opening a file takes."""
_CHUNK = 1024**2
_HEAD = 10 * _CHUNK
_LONG = 64 * _CHUNK
"""Bytes of a file for whose digest nobody waits who wants to stop."""
_MOST_KNOWN = 20_000
"""How many digests are remembered in memory."""
_SETTLED = 2_000_000_000
"""Nanoseconds after which another change is sure to show in a file's times, on any file system."""
_SETTLED_HERE = 50_000_000
"""The same where times have all their digits, and for as long as this process lives."""


class Stamp(NamedTuple):
    """What changes when a file does: its size in bytes, its times in nanoseconds, and which file it is."""

    size: int
    modified: int
    changed: int
    inode: int
    device: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """From what the file system says."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


class Digests:
    """Digests of files and directories; any thread may ask.

    Args:
        memory: the SQLite file, made when it is first needed.
        tell: called with a sentence when that file was damaged and is begun anew.
    """

    def __init__(self, memory: Path, mode: Mode = "auto", tell: Callable[[str], None] = lambda _: None) -> None:
        self._mode: Mode = mode
        self._remembered = Remembered(memory, tell)
        self._known: dict[tuple[str, str], tuple[tuple[object, ...], str]] = {}
        self._under_way: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def of(self, path: str | os.PathLike[str], mode: Mode | None = None) -> str:
        """The digest of a file or directory; links are followed.

        Raises:
            OSError: it is not there, cannot be read, is no regular file, or changes while it is read.
        """
        path = os.fspath(path)
        try:
            return self._file(path, mode or self._mode)
        except IsADirectoryError:
            return self._tree(path, mode or self._mode)

    def again(self, path: str | os.PathLike[str], digest: str) -> str:
        """The digest of a path in the mode in which an earlier one was made."""
        kind = digest.partition(":")[0]
        return self.of(path, kind if kind in ("strong", "strongish", "weak") else "auto")  # type: ignore[arg-type]

    def note(self, path: str | os.PathLike[str], digest: str) -> None:
        """Remember the digest of a file that was just made another name or a copy of one of this digest."""
        path, kind = os.fspath(path), digest.partition(":")[0]
        with _opened(path) as (_, stamp):
            self._remember_file(path, kind, stamp, digest, time.time_ns())

    def stop(self) -> None:
        """Whoever reads a large file gives up: it raises `InterruptedError`."""
        self._stopped = True

    def forget(self, *, everything: bool = False) -> int:
        """Forget what is remembered of files that are gone, or of all; gives of how many."""
        return self._remembered.forget(everything=everything)

    def close(self) -> None:
        """Close the SQLite file."""
        self._remembered.close()

    # --- files -------------------------------------------------------------------------------------------

    def _file(self, path: str, mode: Mode) -> str:
        with _opened(path) as (descriptor, stamp):
            kind = _kind(mode, stamp.size)
            if kind == "weak":
                return f"weak:{_of_times(stamp).hexdigest()}"
            known = self._known.get((path, kind))
            if known is not None and known[0] == stamp:
                return known[1]
            if stamp.size < WORTH_REMEMBERING:
                return self._read(path, descriptor, stamp, kind)
            with self._alone(path):
                return self._recalled(path, kind, stamp, large=True) or self._read(path, descriptor, stamp, kind)

    @contextmanager
    def _alone(self, path: str) -> Iterator[None]:
        """Two who want the digest of a large file do not both read it."""
        with self._lock:
            lock = self._under_way.setdefault(path, threading.Lock())
        with lock:
            yield

    def _recalled(self, path: str, kind: str, stamp: tuple[object, ...], *, large: bool) -> str | None:
        known = self._known.get((path, kind))
        if known is not None and known[0] == stamp:
            return known[1]
        digest = self._remembered.recall(path, kind, stamp) if large else None
        if digest is not None:
            self._known[path, kind] = stamp, digest
        return digest

    def _read(self, path: str, descriptor: int, stamp: Stamp, kind: Kind) -> str:
        """The content is read through a buffer: a mapped file that somebody shortens would end the process."""
        began = time.time_ns()
        hasher, left = (blake3(), stamp.size + 1) if kind == "strong" else (_of_times(stamp), _HEAD)
        buffer = memoryview(bytearray(min(_CHUNK, stamp.size + 1)))
        while left > 0 and (count := os.readv(descriptor, [buffer[: min(left, len(buffer))]])):
            hasher.update(buffer[:count])
            left -= count
            if self._stopped and stamp.size > _LONG:
                raise InterruptedError(errno.EINTR, "nobody waits for its digest", path)
        if Stamp.of(os.fstat(descriptor))[:2] != stamp[:2] or (kind == "strong" and left != 1):
            raise OSError(errno.ESTALE, "it changes while it is read", path)
        digest = f"{kind}:{hasher.hexdigest()}"
        self._remember_file(path, kind, stamp, digest, began)
        return digest

    def _remember_file(self, path: str, kind: str, stamp: Stamp, digest: str, began: int) -> None:
        precise, large = bool(stamp.modified % 1_000_000), stamp.size >= WORTH_REMEMBERING
        self._remember(path, kind, stamp, digest, began - stamp.modified, precise=precise, large=large)

    def _remember(
        self,
        path: str,
        kind: str,
        stamp: tuple[object, ...],
        digest: str,
        age: int,
        *,
        precise: bool,
        large: bool = True,
    ) -> None:
        """Nothing is remembered of what was changed so lately that another change might not show."""
        if age > (_SETTLED_HERE if precise else _SETTLED):
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[path, kind] = stamp, digest
        if age > _SETTLED and large:
            self._remembered.keep(path, kind, stamp, digest)

    # --- directories -------------------------------------------------------------------------------------

    def _tree(self, path: str, mode: Mode) -> str:
        """What is remembered of a directory holds while the stamps of all that is in it are the same."""
        kind = f"{mode} of a tree"
        with self._alone(path):
            began = time.time_ns()
            stamp, newest, weight = _stamp_of_tree(path, ())
            large, precise = weight >= WORTH_REMEMBERING, bool(newest % 1_000_000)
            digest = self._recalled(path, kind, (stamp,), large=large)
            if digest is None:
                digest = self._directory(path, mode, ())
                self._remember(path, kind, (stamp,), digest, began - newest, precise=precise, large=large)
        return digest

    def _directory(self, path: str, mode: Mode, around: tuple[tuple[int, int], ...]) -> str:
        """Of the names and digests of what is in it, and what may be executed; a link to nowhere counts by its text."""
        here = _identity(path, around)
        hasher = blake3()
        count = 0
        with os.scandir(path) as entries:
            for entry in sorted(entries, key=lambda each: os.fsencode(each.name)):
                kind, digest = self._member(entry, mode, (*around, here))
                name = os.fsencode(entry.name)
                hasher.update(struct.pack("<I", len(name)) + name + kind + struct.pack("<I", len(digest)) + digest)
                count += 1
        hasher.update(struct.pack("<I", count))
        return f"{mode}:{hasher.hexdigest()}"

    def _member(self, entry: os.DirEntry[str], mode: Mode, around: tuple[tuple[int, int], ...]) -> tuple[bytes, bytes]:
        if entry.is_dir():
            return b"\1", self._directory(entry.path, mode, around).encode()
        if entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110
            return b"\2", os.fsencode(os.readlink(entry.path))  # noqa: PTH115
        executable = entry.stat().st_mode & stat.S_IXUSR
        return b"\3" if executable else b"\0", self._file(entry.path, mode).encode()


def stamp_of(path: str) -> str:
    """What is another when a file, or anything in a directory, was changed or replaced; no content is read.

    Raises:
        OSError: it cannot be looked at.
    """
    status = os.stat(path)  # noqa: PTH116
    if not stat.S_ISDIR(status.st_mode):
        return " ".join(map(str, Stamp.of(status)))
    return f"{status.st_dev} {status.st_ino} {_stamp_of_tree(path, ())[0]}"


def _stamp_of_tree(path: str, around: tuple[tuple[int, int], ...]) -> tuple[str, int, int]:
    """Of the names and stamps of all that is in a directory; the newest time of change, and what reading it weighs."""
    here, newest, weight = _identity(path, around), 0, 0
    hasher = blake3()
    with os.scandir(path) as entries:
        for entry in sorted(entries, key=lambda each: os.fsencode(each.name)):
            if entry.is_dir():
                stamp, modified, size = _stamp_of_tree(entry.path, (*around, here))
            elif entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110
                stamp, modified, size = os.readlink(entry.path), 0, 0  # noqa: PTH115
            else:
                found = Stamp.of(entry.stat())
                stamp, modified, size = str(tuple(found)), found.modified, found.size
            hasher.update(os.fsencode(f"{entry.name}/{stamp}\n"))
            newest = max(newest, modified)
            weight += size + _OPENING
    return hasher.hexdigest(), newest, weight


def _identity(path: str, around: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Which directory it is, unless a link led back to one around it."""
    status = os.stat(path)  # noqa: PTH116
    here = status.st_dev, status.st_ino
    if here in around:
        raise OSError(errno.ELOOP, "a link in it leads back to a directory around it", path)
    return here


def _kind(mode: Mode, size: int) -> Kind:
    if mode == "auto":
        return "strong" if size <= CHEAP else "strongish"
    return mode


def _of_times(stamp: Stamp) -> blake3:
    seconds, rest = divmod(stamp.modified, 1_000_000_000)
    return blake3(struct.pack("<QQI", stamp.size, seconds % 2**64, rest))


@contextmanager
def _opened(path: str) -> Iterator[tuple[int, Stamp]]:
    """A regular file, and its stamp: of what is open, so that a network file system has been asked."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not be waited for
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "it is a directory", path)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", path)
        yield descriptor, Stamp.of(status)
    finally:
        os.close(descriptor)
