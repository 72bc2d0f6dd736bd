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
from itertools import count

from pysprocket.engine.cache.entries import Entry, Place
from pysprocket.engine.cache.references import References, is_own
from pysprocket.engine.names import random_letters

_FICLONE = 0x40049409
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_OURS = random_letters(6)
"""Tells the directories that this process makes aside from those of others."""
_number = count()
_cannot_clone: set[tuple[int, int]] = set()
"""Devices (from, to) between which blocks cannot be shared."""


def materialise(entry: Entry, place: Place, directory: str, inputs: Sequence[str]) -> None:
    """Bring the files of a result into an attempt directory; what an interrupted attempt to do so left is replaced.

    Args:
        entry: the result.
        place: where its files are, and are as they were.
        directory: of the attempt, absolute.
        inputs: the paths of the inputs of the new call, in the order of `place.inputs`.

    Raises:
        OSError: a file is gone, or cannot be made.
    """
    above, _, name = directory.rpartition("/")
    aside = f"{above}/.{name}.{_OURS}{next(_number)}"
    with suppress(FileExistsError):
        os.mkdir(above)  # noqa: PTH102 - plain system calls: this is done for each call of a run
    os.mkdir(aside)  # noqa: PTH102
    try:
        os.mkdir(f"{aside}/work")  # noqa: PTH102
        bringer = _Bringer(place, inputs, aside)
        for kept in entry.files:
            if is_own(kept.reference):
                bringer.bring(kept.reference)
        if not os.path.exists(f"{directory}/command"):  # noqa: PTH110
            with suppress(FileNotFoundError):
                bringer.bring("command")
        _put_in_place(aside, directory)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def clear(directory: str) -> None:
    """Remove what a process that died has brought into an attempt directory: a job must find it empty."""
    if os.path.exists(directory):  # noqa: PTH110
        shutil.rmtree(directory)


def _put_in_place(aside: str, directory: str) -> None:
    """All at once where there is nothing yet; else `work` comes last: where it has something in it, all is there."""
    try:
        os.rename(aside, directory)  # noqa: PTH104
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    else:
        return
    for name in sorted(os.listdir(aside), key=lambda each: each == "work"):  # noqa: PTH208
        target = f"{directory}/{name}"
        if os.path.isdir(target):  # noqa: PTH112
            shutil.rmtree(target)
        os.rename(f"{aside}/{name}", target)  # noqa: PTH104
    os.rmdir(aside)  # noqa: PTH106


class _Bringer:
    """Makes files of one place anew, below another directory."""

    def __init__(self, place: Place, inputs: Sequence[str], aside: str) -> None:
        self._place = place
        self._inputs = inputs
        self._aside = aside
        self._made = {aside, f"{aside}/work"}
        self._plain: set[str] = set()
        self._devices = os.stat(place.directory).st_dev, os.stat(aside).st_dev  # noqa: PTH116

    def bring(self, reference: str) -> None:
        """What a reference of the place means."""
        source = os.path.normpath(f"{self._place.directory}/{reference}")
        target = os.path.normpath(f"{self._aside}/{reference}")
        if (above := os.path.dirname(target)) not in self._made:  # noqa: PTH120
            os.makedirs(above, exist_ok=True)  # noqa: PTH103
            self._made.add(above)
        if target.startswith(f"{self._aside}/"):
            self._make(source, target, self._plain_status(reference))
        elif not os.path.exists(target):  # noqa: PTH110 - beside the attempts; it is named by its content
            unfinished = f"{self._aside}/{os.path.basename(target)}"  # noqa: PTH119
            self._make(source, unfinished)
            os.replace(unfinished, target)  # noqa: PTH105

    def _plain_status(self, reference: str) -> os.stat_result | None:
        """What a reference means, when no link is on the way from the attempt directory."""
        path = self._place.directory
        *above, name = reference.split("/")
        for part in above:
            path = f"{path}/{part}"
            if path not in self._plain:
                if os.path.islink(path):  # noqa: PTH114
                    return None
                self._plain.add(path)
        status = os.lstat(f"{path}/{name}")
        return None if stat.S_ISLNK(status.st_mode) else status

    def _make(self, source: str, target: str, status: os.stat_result | None = None) -> None:
        """A file or directory, from wherever a link of this name leads; `status` of one that is no link."""
        if status is None:
            source = os.path.realpath(source)
            if not self._is_own(source):
                self._refer(source, target)
                return
            status = os.stat(source)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode):
            self._directory(source, source, target)
        else:
            duplicate(source, target, self._devices)

    def _refer(self, real: str, target: str) -> None:
        """A link to what is an input, or lies elsewhere."""
        os.lstat(real)
        old = [os.path.realpath(path) for path in self._place.inputs]
        reference = References(os.path.realpath(self._place.directory), old).of(real)
        os.symlink(References("", self._inputs).path(reference), target)  # noqa: PTH211

    def _is_own(self, real: str) -> bool:
        here = os.path.realpath(self._place.directory)
        return real.startswith((f"{here}/", f"{os.path.realpath(here + '/../../tmp')}/"))

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
                    duplicate(entry.path, made, self._devices)

    def _link(self, source: str, root: str, target: str) -> None:
        """A link inside the directory stays one; another is followed."""
        text = os.readlink(source)  # noqa: PTH115
        inside = os.path.normpath(f"{os.path.dirname(source)}/{text}")  # noqa: PTH120
        if not os.path.exists(source) or (not text.startswith("/") and inside.startswith(f"{root}/")):  # noqa: PTH110
            os.symlink(text, target)  # noqa: PTH211
        else:
            self._make(source, target)


def duplicate(source: str, target: str, devices: tuple[int, int]) -> None:
    """A file again, in the cheapest way that outlives its first name.

    Args:
        source: the file.
        target: what is to be made.
        devices: on which they are.

    Raises:
        OSError: it is gone or changes, or nothing can be made.
    """
    if devices not in _cannot_clone and _cloned(source, target, devices):
        return
    try:
        os.link(source, target)
    except OSError:
        _copy_or_refer(source, target, os.stat(source))  # noqa: PTH116


def _cloned(source: str, target: str, devices: tuple[int, int]) -> bool:
    try:
        with open(source, "rb") as old, open(target, "xb") as new:  # noqa: PTH123
            ioctl(new.fileno(), _FICLONE, old.fileno())
            status = os.fstat(old.fileno())
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
