"""Ends what a test that failed has left running.

In: the directory of the test. Out: no process works in it, or names it among its arguments.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def end_processes_of(directory: Path) -> None:
    """Kill them, and those that they start meanwhile."""
    for _ in range(100):
        found = list(processes_of(directory))
        if not found:
            return
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def processes_of(directory: Path) -> Iterator[int]:
    """The ids of living processes that work in or below a directory, or name it; without this one."""
    place = os.fsencode(directory)
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            pid, words = int(process.name), (process / "cmdline").read_bytes()
            if pid != os.getpid() and (place in words or (process / "cwd").readlink().is_relative_to(directory)):
                yield pid
