"""Runs of the command `sprocket`, several at a time.

In: `Order`s (arguments, working directory, …). Out: an `Outcome` for each, as it ends. A run is a process of its own
with its own working directory, streams and process group. By default it is a fork of this process, in which the
modules of the program are imported already and which calls the program's entry point; `program` starts a true
process instead.
"""

from __future__ import annotations

import gc
import os
import pkgutil
import select
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import msgspec

import pysprocket
from pysprocket.cli.main import command
from tests.reading import unwrapped

_GRACE = 5.0
"""Seconds between SIGTERM, on which a run ends its tasks, and SIGKILL."""


class Order(msgspec.Struct, frozen=True):
    """One run: `arguments` without the program's name, and a folder of its own for what it says."""

    arguments: tuple[str, ...]
    working_directory: Path
    folder: Path


class Outcome(msgspec.Struct, frozen=True):
    """How a run ended: `status` is the exit status, or minus the number of the signal that ended it.

    `stderr` is as it was before it was made to fit a terminal.
    """

    status: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool


class _Running(msgspec.Struct):
    number: int
    order: Order
    pid: int
    started: float
    deadline: float
    timed_out: bool = False


def import_program(backend: str) -> None:
    """Import all that a run may need, so that forks need not."""
    for module in pkgutil.walk_packages(pysprocket.__path__, "pysprocket."):
        import_module(module.name)
    gc.collect()
    gc.freeze()


def run_all(
    orders: Sequence[Order], *, jobs: int, limit: float, program: str | None = None
) -> Iterator[tuple[int, Outcome]]:
    """Run the orders, `jobs` at a time, and give each one's index and outcome when it has ended.

    Args:
        orders: what to run.
        jobs: how many at a time.
        limit: seconds after which a run is ended.
        program: the program to start; None forks this process.
    """
    waiting = list(enumerate(orders))[::-1]
    running: dict[int, _Running] = {}
    poll = select.poll()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                number, order = waiting.pop()
                one = _start(number, order, limit, program)
                descriptor = os.pidfd_open(one.pid)
                running[descriptor] = one
                poll.register(descriptor, select.POLLIN)
            for descriptor, _ in poll.poll(100):
                poll.unregister(descriptor)
                os.close(descriptor)
                one = running.pop(descriptor)
                yield one.number, _ended(one)
            _end_late(running.values())
    finally:
        _end_all(running)


def _start(number: int, order: Order, limit: float, program: str | None) -> _Running:
    order.folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    now = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become(order, program)
    return _Running(number, order, pid, now, now + limit)


def _become(order: Order, program: str | None) -> None:
    """Be the run: in the child, without return."""
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.chdir(order.working_directory)
        for descriptor, name in enumerate((Path(os.devnull), order.folder / "stdout", order.folder / "stderr")):
            opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(opened, descriptor)
            os.close(opened)
        sys.argv = [program or "sprocket", *order.arguments]
        if program is not None:
            os.execvp(program, sys.argv)
        command()
    except BaseException as error:  # nothing of the child may go on as if it were the parent
        os.write(2, f"Traceback (most recent call last): outside the program\n{error!r}\n".encode())
    finally:
        os._exit(70)


def _end_late(running: Iterable[_Running]) -> None:
    now = time.monotonic()
    for one in running:
        if now > one.deadline:
            _signal(one.pid, signal.SIGKILL if one.timed_out else signal.SIGTERM)
            one.timed_out, one.deadline = True, now + _GRACE


def _end_all(running: dict[int, _Running]) -> None:
    """End what still runs, after an interruption: first so that the runs can end their tasks."""
    for one in running.values():
        _signal(one.pid, signal.SIGTERM)
    for descriptor, one in running.items():
        select.select([descriptor], [], [], _GRACE)
        _signal(one.pid, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, number)


def _ended(one: _Running) -> Outcome:
    _, status = os.waitpid(one.pid, 0)
    _signal(one.pid, signal.SIGKILL)  # whatever it left in its group
    return Outcome(
        status=os.waitstatus_to_exitcode(status),
        stdout=(one.order.folder / "stdout").read_text(errors="replace"),
        stderr=unwrapped((one.order.folder / "stderr").read_text(errors="replace")),
        seconds=time.monotonic() - one.started,
        timed_out=one.timed_out,
    )
