"""Files whose names the user gives, as `--output` does.

In: a path, and a text. Out: a file that has it, which appears whole or not at all; a name that stands for a pipe, a
terminal or another device, or for what the shell has opened (`/dev/stdout`, `/dev/fd/3`), stays what it is, and the
text goes there.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from pysprocket.errors import SprocketError, UsageError


def check_name(path: Path) -> None:
    """Refuse what nothing can be written to.

    Raises:
        UsageError: a directory, a socket or a disk has this name.
    """
    mode = _mode(path)
    if stat.S_ISDIR(mode):
        raise UsageError(f"`{path}` is a directory", help="name a file")
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        raise UsageError(f"`{path}` is {'a socket' if stat.S_ISSOCK(mode) else 'a disk'}", help="name a file")


def is_passed_on(path: Path) -> bool:
    """Whether what is written goes on from there to somebody else, and nothing is replaced."""
    mode = _mode(path)
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or _descriptor(path) is not None


def write(path: Path, text: str) -> None:
    """Write a text; of a file that is replaced, the mode, the owner and the links to it stay.

    Raises:
        UsageError: a directory, a socket or a disk has this name.
        SprocketError: it cannot be written.
    """
    check_name(path)
    content = text.encode()
    try:
        if is_passed_on(path):
            _pass_on(path, content)
        else:
            _replace(path.resolve(), content)
    except BrokenPipeError:  # who reads has seen enough
        raise
    except OSError as error:
        remedy = "free some space, or choose another place with `--output FILE`"
        raise SprocketError(f"`{path}` cannot be written: {error.strerror}", help=remedy) from None


def _mode(path: Path) -> int:
    """What has this name; 0 where nothing has."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _descriptor(path: Path) -> int | None:
    """Which of the files that this process was given open is meant."""
    if os.fspath(path.parent) in ("/dev/fd", "/proc/self/fd") and path.name.isdecimal():
        return int(path.name)
    with suppress(OSError):
        status = path.stat()
        for number in (1, 2):  # also by another name: `--output all.txt >> all.txt`
            if os.path.samestat(status, os.fstat(number)):
                return number
    return None


def _pass_on(path: Path, content: bytes) -> None:
    number = _descriptor(path)
    if number == 1:
        sys.stdout.flush()
    descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_CLOEXEC) if number is None else os.dup(number)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _replace(place: Path, content: bytes) -> None:
    aside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with aside.open("xb") as file:
            file.write(content)
            with suppress(FileNotFoundError):
                _resemble(file.fileno(), place.stat())
            file.flush()
            os.fsync(file.fileno())
        aside.rename(place)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise


def _resemble(descriptor: int, before: os.stat_result) -> None:
    with suppress(PermissionError):  # only root gives files away
        os.fchown(descriptor, before.st_uid, before.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
