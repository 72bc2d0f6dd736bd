"""What an attempt was begun with: a small file beside its command, for a process that takes the run up again.

In: an attempt directory, the key of the call and the stamps of its files as they were before the attempt was begun.
Out: what may have been otherwise, when an attempt of an earlier process has ended. No clock is asked: what has the same
key and the same stamps is the same, and where either differs or is not known the task may have seen something else. The
file is not flushed to the disk: what a power failure takes is not known.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from pysprocket.files.digests import stamp_of

NAME = "cache-key"
"""The file in an attempt directory; it is removed when the task has ended well."""


class Beginning(msgspec.Struct, frozen=True, array_like=True):
    """What a call depends on, at one moment.

    Attributes:
        key: the name of its key.
        stamps: of everything on the host that the key was made of, by path.
    """

    key: str
    stamps: dict[str, str]


def stamps_of(paths: Iterable[str]) -> dict[str, str]:
    """The stamps of files and directories.

    Raises:
        OSError: one cannot be looked at.
    """
    return {path: stamp_of(path) for path in paths}


def note(directory: str, beginning: Beginning) -> None:
    """Write what an attempt is begun with; a file that cannot be written says nothing later."""
    with suppress(OSError), open(f"{directory}/{NAME}", "wb") as file:  # noqa: PTH123
        file.write(msgspec.json.encode(beginning))


def forget(directory: str) -> None:
    """Remove what was written: the attempt has ended well, and nobody will ask."""
    with suppress(OSError):
        os.unlink(f"{directory}/{NAME}")  # noqa: PTH108


def doubt(directory: str, now: Beginning) -> str | None:
    """What an attempt of an earlier process may have seen otherwise; None when it has seen the same.

    Args:
        directory: of the attempt.
        now: with what it would be begun now.
    """
    try:
        with open(f"{directory}/{NAME}", "rb") as file:  # noqa: PTH123
            then = msgspec.json.decode(file.read(), type=Beginning)
    except (OSError, msgspec.DecodeError):
        return "what its inputs were when the task began is not known"
    paths = {**then.stamps, **now.stamps}
    other = next((path for path in paths if then.stamps.get(path) != now.stamps.get(path)), None)
    if other is not None:
        return f"`{other}` may have changed after the task had begun"
    return None if then.key == now.key else "what it depends on has changed after the task had begun"
