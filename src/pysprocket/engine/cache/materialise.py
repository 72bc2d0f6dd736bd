"""Files of a result, brought into the attempt directory of another run.

In: an entry, the place that holds its files, an attempt directory that has no job. Out: the directory as the task would
have left it, as far as its outputs go. A file is a clone that shares its blocks where the file system can do that, else
a second name of the same file, else a copy; only when there is no room for a copy it is a link. All is made aside, so
nobody sees half of it.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path

from pysprocket.engine.cache.entries import Entry, Place
from pysprocket.engine.cache.references import References, is_own
from pysprocket.engine.names import random_letters

_FICLONE = 0x40049409
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_cannot_clone: set[tuple[int, int]] = set()
"""Devices (from, to) between which blocks cannot be shared."""


def materialise(entry: Entry, place: Place, directory: Path, inputs: Sequence[str]) -> None:
    """Bring the files of a result into an attempt directory; what an interrupted attempt to do so left is replaced.

    Args:
        entry: the result.
        place: where its files are, and are as they were.
        directory: of the attempt.
        inputs: the paths of the inputs of the new call, in the order of `place.inputs`.

    Raises:
        OSError: a file is gone, or cannot be made.
    """
    aside = directory.with_name(f".{directory.name}.{random_letters(6)}")
    (aside / "work").mkdir(parents=True)
    try:
        bringer = _Bringer(place, inputs)
        for kept in entry.files:
            if is_own(kept.reference):
                _bring_one(bringer, kept.reference, place.directory, aside)
        if not (directory / "command").exists() and Path(place.directory, "command").exists():
            _bring_one(bringer, "command", place.directory, aside)
        _put_in_place(aside, directory)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def clear(directory: Path) -> None:
    """Remove what a process that died has brought into an attempt directory: a job must find it empty."""
    if directory.exists():
        shutil.rmtree(directory)


def _bring_one(bringer: _Bringer, reference: str, origin: str, aside: Path) -> None:
    source, target = os.path.normpath(f"{origin}/{reference}"), Path(os.path.normpath(aside / reference))
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_relative_to(aside):
        bringer.bring(source, str(target))
    elif not target.exists():  # beside the call's attempts: what expressions wrote is named by its content
        unfinished = aside / target.name
        bringer.bring(source, str(unfinished))
        unfinished.replace(target)


def _put_in_place(aside: Path, directory: Path) -> None:
    """`work` comes last: where it has something in it, all is there."""
    directory.mkdir(parents=True, exist_ok=True)
    for path in sorted(aside.iterdir(), key=lambda each: each.name == "work"):
        target = directory / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)


class _Bringer:
    """Makes files of one place anew."""

    def __init__(self, place: Place, inputs: Sequence[str]) -> None:
        here = os.path.realpath(place.directory)
        self._own = f"{here}/", f"{os.path.realpath(place.directory + '/../../tmp')}/"
        self._old = References(here, [os.path.realpath(path) for path in place.inputs])
        self._new = References("", inputs)

    def bring(self, source: str, target: str) -> None:
        """A file or directory, from wherever a link of this name leads."""
        real = os.path.realpath(source)
        if not real.startswith(self._own):
            os.lstat(real)
            os.symlink(self._new.path(self._old.of(real)), target)  # noqa: PTH211 - an input, or what lies elsewhere
        elif os.path.isdir(real):  # noqa: PTH112
            self._directory(real, real, target)
        else:
            duplicate(real, target)

    def _directory(self, source: str, root: str, target: str) -> None:
        os.mkdir(target)  # noqa: PTH102
        with os.scandir(source) as entries:
            for entry in entries:
                made = f"{target}/{entry.name}"
                if entry.is_symlink():
                    self._link(entry.path, root, made)
                elif entry.is_dir():
                    self._directory(entry.path, root, made)
                else:
                    duplicate(entry.path, made)

    def _link(self, source: str, root: str, target: str) -> None:
        """A link inside the directory stays one; another is followed."""
        text = os.readlink(source)  # noqa: PTH115
        inside = os.path.normpath(f"{os.path.dirname(source)}/{text}")  # noqa: PTH120
        if not os.path.exists(source) or (not text.startswith("/") and inside.startswith(f"{root}/")):  # noqa: PTH110
            os.symlink(text, target)  # noqa: PTH211
        else:
            self.bring(source, target)


def duplicate(source: str, target: str) -> None:
    """A file again, in the cheapest way that outlives its first name.

    Raises:
        OSError: it is gone or changes, or nothing can be made.
    """
    status = os.stat(source)  # noqa: PTH116
    if _cloned(source, target, status):
        return
    try:
        os.link(source, target)
    except OSError:
        _copy_or_refer(source, target, status)


def _cloned(source: str, target: str, status: os.stat_result) -> bool:
    devices = status.st_dev, os.stat(os.path.dirname(target)).st_dev  # noqa: PTH116, PTH120
    if devices in _cannot_clone:
        return False
    try:
        with open(source, "rb") as old, open(target, "xb") as new:  # noqa: PTH123
            ioctl(new.fileno(), _FICLONE, old.fileno())
        _take_over(status, target)
    except OSError:
        _cannot_clone.add(devices)
        with suppress(FileNotFoundError):
            os.unlink(target)  # noqa: PTH108
        return False
    return True


def _copy_or_refer(source: str, target: str, status: os.stat_result) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        with suppress(FileNotFoundError):
            os.unlink(target)  # noqa: PTH108
        if error.errno not in _NO_ROOM:
            raise
        os.symlink(source, target)  # noqa: PTH211
        return
    _take_over(status, target)
    after = os.stat(source)  # noqa: PTH116
    if (after.st_size, after.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
        raise OSError(errno.ESTALE, "it changes while it is copied", source)


def _take_over(status: os.stat_result, target: str) -> None:
    """The times are part of what `weak` digests look at."""
    os.chmod(target, stat.S_IMODE(status.st_mode))  # noqa: PTH101
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
