"""Tells when a script has said its last words, which is well before the daemon says that its container has ended.

In: the files into which scripts write as their last act. Out: a call for each that was written to and closed.

The daemon takes a while to clear a container away after its last process; the next one can be started meanwhile. That
is all this is for: where a file cannot be watched (another system than Linux, a daemon on another machine, too many
watches) nobody is told, and the daemon's own word comes later.
Source: inotify(7).
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_CLOSED = 0x8  # IN_CLOSE_WRITE
_ONCE = 0x80000000  # IN_ONESHOT
_EVENT = struct.Struct("iIII")
_PIECE = 1 << 16


class LastWords:
    """Files that are watched, as soon as somebody has called `open`."""

    def __init__(self) -> None:
        self._was_opened = False
        self._library: Any = None
        self._watcher = -1
        self._told: dict[int, Callable[[], None]] = {}

    def open(self) -> bool:
        """Watch from now on, if that can be done here; whether it begins with this call."""
        if self._was_opened:
            return False
        self._was_opened = True
        with suppress(ImportError, OSError, AttributeError):  # another system, or a Python without `ctypes`
            import ctypes  # noqa: PLC0415 - only where jobs wait for each other

            self._library = ctypes.CDLL(None)
            self._watcher = self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._watcher < 0:
            return False
        asyncio.get_running_loop().add_reader(self._watcher, self._read)
        return True

    def expect(self, file: str, tell: Callable[[], None]) -> int | None:
        """Call `tell` when `file` was written to and closed, maybe before; gives what `forget` wants."""
        if self._watcher < 0:
            return None
        watch = self._library.inotify_add_watch(self._watcher, os.fsencode(file), _CLOSED | _ONCE)
        if watch < 0:
            return None
        self._told[watch] = tell
        if os.stat(file).st_size:  # noqa: PTH116 - for each job
            self.forget(watch)
            tell()
        return int(watch)

    def forget(self, watch: int | None) -> None:
        """Expect no last words any more."""
        if watch is not None and self._told.pop(watch, None) is not None:
            self._library.inotify_rm_watch(self._watcher, watch)

    def close(self) -> None:
        """Watch nothing any more."""
        if self._watcher >= 0:
            asyncio.get_running_loop().remove_reader(self._watcher)
            os.close(self._watcher)
            self._watcher = -1

    def _read(self) -> None:
        with suppress(BlockingIOError):
            data = os.read(self._watcher, _PIECE)
            for watch in _watches(data):
                if (tell := self._told.pop(watch, None)) is not None:
                    tell()


def _watches(data: bytes) -> list[int]:
    """The watches of all events in `data`."""
    found, position = [], 0
    while position < len(data):
        watch, _, _, length = _EVENT.unpack_from(data, position)
        found.append(watch)
        position += _EVENT.size + length
    return found
