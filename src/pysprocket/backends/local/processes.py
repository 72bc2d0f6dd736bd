"""The processes of a job: seeing them end, finding them, ending them.

In: the process id of a job's script, which leads the job's session. Out: a call when it ends; signals to all that
belong to the job.

A process belongs to it when it is in its session, or descends from it; a program that starts a session of its own
is found as a descendant while its parents live, and remembered afterwards.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_OUT_OF_REACH = (ProcessLookupError, PermissionError)
"""The process has ended meanwhile, or became another user's (`sudo`)."""

_GET_INFO = 0xC040FF0B
"""The request `PIDFD_GET_INFO` of ioctl(2): 64 bytes that begin with a mask and end with the wait status."""
_INFO_EXIT = 8
"""In the mask: the status is asked for, or given."""


class Watch:
    """Sees one process end through a pidfd, whoever started it: no thread, no polling.

    Args:
        pid: the process.
        ended: called once, by the event loop, when the process has ended.

    Raises:
        ProcessLookupError: there is no such process.
    """

    def __init__(self, pid: int, ended: Callable[[], None]) -> None:
        self._descriptor = os.pidfd_open(pid)
        self._ended = ended
        asyncio.get_running_loop().add_reader(self._descriptor, self._see)

    def exit_code(self) -> int | None:
        """Of the process that has ended, 128 + n for signal n; None before it is reaped, and before Linux 6.15."""
        information = bytearray(_INFO_EXIT.to_bytes(64, sys.byteorder))
        try:
            fcntl.ioctl(self._descriptor, _GET_INFO, information)
        except OSError:
            return None
        if not int.from_bytes(information[:8], sys.byteorder) & _INFO_EXIT:
            return None
        return _code(int.from_bytes(information[60:], sys.byteorder))

    def close(self) -> None:
        """Look no longer; the process goes on."""
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _see(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        self._ended()


class _Process(NamedTuple):
    pid: int
    parent: int
    session: int
    started: int  # ticks since boot; with the id it names a process once and for all
    dead: bool  # a zombie: it has ended, its parent has not asked yet
    status: int  # then, as wait(2) tells it


class Family:
    """All processes of the job whose script has the process id `leader`; remembers those it has seen."""

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self._known: set[tuple[int, int]] = set()

    def alive(self) -> list[int]:
        """Process ids of the members that live now; one pass over `/proc`."""
        table = {process.pid: process for process in map(_read, _process_ids()) if process is not None}
        verdicts: dict[int, bool] = {}
        members = [process for process in table.values() if self._belongs(process, table, verdicts)]
        self._known.update((process.pid, process.started) for process in members)
        return [process.pid for process in members if not process.dead]

    def signal(self, number: signal.Signals) -> bool:
        """Send a signal to each living member; whether there was one."""
        members = self.alive()
        send(members, number)
        return bool(members)

    def _belongs(self, process: _Process, table: dict[int, _Process], verdicts: dict[int, bool]) -> bool:
        if (verdict := verdicts.get(process.pid)) is not None:
            return verdict
        verdicts[process.pid] = False  # ends the search should ids be reused in a circle while we look
        parent = table.get(process.parent)
        verdict = (
            process.session == self._leader
            or (process.pid, process.started) in self._known
            or (parent is not None and self._belongs(parent, table, verdicts))
        )
        verdicts[process.pid] = verdict
        return verdict


def end_sessions(leaders: Collection[int]) -> None:
    """Kill what is left in the sessions of `leaders`, in one pass that opens no file."""
    for pid in _process_ids():
        try:
            if os.getsid(pid) in leaders:
                os.kill(pid, signal.SIGKILL)
        except _OUT_OF_REACH:
            continue


def began(pid: int) -> int | None:
    """When a process was started, in ticks since the boot, which with its id names it; None when there is none."""
    process = _read(pid)
    return None if process is None else process.started


def leader_for(script: bytes) -> _Process | None:
    """The process that leads a session of its own and runs `script`, its last argument."""
    for pid in _process_ids():
        with suppress(*_OUT_OF_REACH, FileNotFoundError):
            if os.getsid(pid) == pid and Path(f"/proc/{pid}/cmdline").read_bytes().endswith(b"\0%b\0" % script):
                return _read(pid)
    return None


def unreaped_code(pid: int, began: int) -> int | None:
    """The exit code, 128 + n for signal n, of a process that has ended and is not reaped; None when that is not so."""
    try:
        Path(f"/proc/{pid}/exe").readlink()
    except FileNotFoundError:  # it is no program any more
        process = _read(pid)
    except OSError:  # another user's: its status would be told to be 0
        return None
    else:
        return None
    return _code(process.status) if process is not None and process.dead and process.started == began else None


def _code(status: int) -> int:
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def age(pid: int) -> float:
    """Seconds since a process began, whatever the wall clock has done since; 0 when there is none."""
    process = _read(pid)
    if process is None:
        return 0.0
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - process.started / os.sysconf("SC_CLK_TCK"))


def _process_ids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - a third of the cost


def _read(pid: int) -> _Process | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - called for each process of the machine
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(b")") + 2 :].split()  # the name before may hold anything
    return _Process(pid, int(fields[1]), int(fields[3]), int(fields[19]), fields[0] in {b"Z", b"X"}, int(fields[49]))


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each of these processes that still lives."""
    for pid in pids:
        with suppress(*_OUT_OF_REACH):
            os.kill(pid, number)
