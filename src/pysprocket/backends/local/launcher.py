"""The launcher: a small process of the local backend that starts its jobs and sees them end.

In: jobs. Out: each `Customer` is told that its job was started, and how it ended.

It is a process of its own because Linux hands the memory peak of whoever starts a program on to that program: started
by the engine, each job would seem to need as much memory as the engine does. It also spares the event loop the pause
that each start costs, and jobs need no descriptor each in the engine. It outlives the engine: it goes on until its last
job has ended, and writes down how. When it is killed itself, the jobs go on.
"""

from __future__ import annotations

import asyncio
import errno
import marshal
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

from pysprocket.backends.admission import request_of
from pysprocket.backends.job import Job, Usage
from pysprocket.backends.local import spawner
from pysprocket.backends.local.claims import End, terms
from pysprocket.clock import moment
from pysprocket.errors import BackendError

if TYPE_CHECKING:
    from importlib.abc import InspectLoader

_BOOT = "import marshal, os, sys; exec(marshal.loads(os.read(0, int(sys.argv[1]))))"
"""The program comes through the socket: this works too where the package has no files, as in a zip archive."""

_PASSING = frozenset({errno.EAGAIN, errno.ENOMEM, errno.ENFILE, errno.EMFILE, errno.ENOSPC, errno.EDQUOT, errno.EIO})
"""What the system may say today and not tomorrow."""

_left: list[int] = []
"""Launchers of this process that were left alone with jobs, and are to be reaped when they have ended."""


class Customer(Protocol):
    """Who asked for a job to be started. It is told what became of it: one of these, and after `started` the end."""

    def started(self, pid: int, began: int, started: float) -> None:
        """The script runs, since then (clock ticks since the boot, seconds since the epoch), as leader of a session."""

    def claimed(self) -> None:
        """Another has claimed the job."""

    def refused(self, error: BackendError) -> None:
        """It cannot be started."""

    def dropped(self) -> None:
        """It is not started any more."""

    def ended(self, end: End) -> None:
        """The script has ended."""

    def lost(self) -> None:
        """The launcher was killed; whether the job was started its claim tells."""


class Launcher:
    """Starts jobs through a process of its own, which outlives it as long as jobs run.

    Args:
        environment: what all jobs share.

    Raises:
        BackendError: the process cannot be started.
    """

    def __init__(self, environment: Mapping[bytes, bytes]) -> None:
        self.alive = True
        self._loop = asyncio.get_running_loop()
        self._pid, self._socket = _spawn()
        self._incoming, self._outgoing = bytearray(), bytearray()
        self._count = 0
        self._customers: dict[int, Customer] = {}
        self._loop.add_reader(self._socket, self._read)
        self._send(spawner.pack(dict(environment)))

    def start(self, job: Job, customer: Customer, *, queued: bool = False) -> int:
        """Start the script of a job in a session of its own, with usual signals; gives a number for the job.

        Args:
            job: its directory is absolute.
            customer: is told what becomes of the job, later.
            queued: start it when a job ends well whose request covers that of this one, or when told to `go`. The
                launcher asks nobody, so the place is not empty for a moment; of those queued, the first is the first.
        """
        variables = {os.fsencode(name): os.fsencode(value) for name, value in job.environment.items()}
        words = (os.fsencode(job.directory), os.fsencode(job.shell), terms(job.resources))
        self._count += 1
        self._customers[self._count] = customer
        word, request = "queue" if queued else "start", request_of(job.resources)
        self._send(spawner.pack((word, self._count, request, *words, variables)))
        return self._count

    def go(self, number: int) -> None:
        """Start now what was queued."""
        self._tell("go", number)

    def drop(self, number: int) -> None:
        """Do not start what was queued; the customer is told whether that was in time."""
        self._tell("drop", number)

    def spare(self, number: int) -> None:
        """Let what is left in the process group live when the first process ends: it is given time to end."""
        self._tell("spare", number)

    def close(self) -> None:
        """Leave the launcher alone: jobs that run go on, and how they end it writes; what is queued is forgotten."""
        if self.alive:
            self.alive = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
            if self._customers:
                _left.append(self._pid)
            else:
                _end(self._pid)

    # the socket

    def _tell(self, word: str, number: int) -> None:
        if number in self._customers:
            self._send(spawner.pack((word, number)))

    def _send(self, data: bytes) -> None:
        self._outgoing += data
        if len(self._outgoing) == len(data):  # else the socket is full, and `_write` is called when it is not
            self._write()

    def _write(self) -> None:
        try:
            del self._outgoing[: self._socket.send(self._outgoing)]
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._write)
            return
        except OSError:
            self._loop.call_soon(self._lost)
            return
        if self._outgoing:
            self._loop.add_writer(self._socket, self._write)
        else:
            self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        try:
            data = self._socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        self._incoming += data
        for answers in spawner.unpack(self._incoming):
            for kind, number, *rest in answers:
                self._take(kind, number, rest)

    def _take(self, kind: str, number: int, rest: list[Any]) -> None:
        customer = self._customers.get(number) if kind == "started" else self._customers.pop(number, None)
        if customer is None:  # it was told that the launcher is lost, while an answer before this one was dealt with
            return
        if kind == "ended":
            code, ended, cpu_seconds, memory_peak = rest
            customer.ended(End(code, moment(ended), Usage(cpu_seconds, memory_peak)))
        elif kind == "started":
            pid, began, started = rest
            customer.started(pid, began, moment(started))
        elif kind == "claimed":
            customer.claimed()
        elif kind == "dropped":
            customer.dropped()
        else:
            number, text = rest
            customer.refused(BackendError(f"the task cannot be started: {text}", transient=number in _PASSING))

    def _lost(self) -> None:
        customers, self._customers = self._customers, {}
        self.close()
        for customer in customers.values():
            customer.lost()


def _end(pid: int) -> None:
    with suppress(ProcessLookupError, ChildProcessError):  # gone at once where SIGCHLD is ignored
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _spawn() -> tuple[int, socket.socket]:
    """The process, in a session of its own so that Ctrl-C does not reach it, and our end of the socket to it."""
    _left[:] = [pid for pid in _left if not _is_gone(pid)]
    program = marshal.dumps(cast("InspectLoader", spawner.__loader__).get_code(spawner.__name__))
    python = os.path.realpath(sys.executable)  # needs no virtual environment, whose name is a matter of the engine
    ours, theirs = socket.socketpair()
    try:
        pid = os.posix_spawn(
            python,
            [python, "-I", "-S", "-c", _BOOT, str(len(program)), "task-launcher"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            ],
            setsid=True,
            setsigmask=(),
        )
        ours.settimeout(0)
        ours.send(program)  # in one piece: a few thousand bytes, the first on this socket
    except OSError as error:
        ours.close()
        raise BackendError(f"the process that starts tasks cannot be started: {error}", transient=True) from error
    finally:
        theirs.close()
    return pid, ours


def _is_gone(pid: int) -> bool:
    """Whether a launcher that was left alone has ended; then it is reaped."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
