"""The file `submitted` in the attempt directory of a local job: who runs it, and how it ended.

In: an attempt directory. Out: `Claim` and `End`. The file is written by the launcher (module `spawner`), a line when
the job was started, and a line when it has ended; a line without its end is not yet written. A launcher whose engine
has died adds what the job used, since there is nobody to tell.
"""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from pysprocket.backends.admission import Request, request_of
from pysprocket.backends.job import Resources, Usage
from pysprocket.backends.local import processes
from pysprocket.backends.local.spawner import CLAIM

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_TERMS = 4
"""Words in `terms`."""
_OF_WRAPPER = 5
"""Words in the claim of a wrapper: earlier, each job had a shell that ran its script."""


class End(NamedTuple):
    """How a job ended: its exit code (128 + n for signal n), when (seconds since the epoch), and what it used.

    The exit code is None when the attempt directory was removed while it ran: then it means nothing.
    """

    code: int | None
    ended: float
    usage: Usage = Usage()


class Claim(msgspec.Struct, frozen=True):
    """Who runs a job, and what for.

    Attributes:
        request: what the job takes from the machine.
        time_limit: seconds, None for no limit.
        boot: which boot of which machine, as the kernel calls it.
        pid: process id of the script, which is also its session and process group.
        began: when that process was started, in clock ticks since the boot.
        started: the same moment, seconds since the epoch.
    """

    request: Request
    time_limit: float | None
    boot: str
    pid: int
    began: int
    started: float


def terms(resources: Resources) -> bytes:
    """The beginning of a claim: what is known before the job is started."""
    cpu, memory = request_of(resources)
    return b"%d %d %r %s" % (cpu, memory, resources.time_limit or 0.0, this_boot().encode())


@cache
def this_boot() -> str:
    """Which boot of which machine this is; the name of the machine where the kernel does not tell."""
    try:
        return _BOOT.read_text().strip()
    except FileNotFoundError:
        return os.uname().nodename


def is_running(claim: Claim) -> bool:
    """Whether the script lives that was started under this claim, whatever ids are reused."""
    return claim.boot == this_boot() and processes.began(claim.pid) == claim.began


def is_half_claimed(directory: str) -> bool:
    """Whether somebody is just about to start the job in `directory`, or was killed in that moment."""
    return Path(directory, CLAIM).exists() and read_claim(directory) is None


def read_claim(directory: str) -> Claim | None:
    """Who runs the job in `directory`; None when nobody has begun."""
    lines, _ = _read(directory)
    if not lines:
        return None
    words = lines[0].split()
    if len(words) == _OF_WRAPPER:
        return _of_wrapper(directory, *words)
    cpu, memory, time_limit, boot, pid, began, started = words
    return Claim((int(cpu), int(memory)), float(time_limit) or None, boot, int(pid), int(began), float(started))


def _of_wrapper(directory: str, pid: str, cpu: str, memory: str, time_limit: str, started: str) -> Claim:
    """The claim of a wrapper, which is known by where it works."""
    try:
        is_there = os.path.samefile(f"/proc/{pid}/cwd", f"{directory}/work")  # noqa: PTH121
    except OSError:
        is_there = False
    began = processes.began(int(pid)) if is_there else None
    limit = float(time_limit) or None
    return Claim((int(cpu), int(memory)), limit, this_boot(), int(pid), began or 0, float(started))


def last_claim(directory: str) -> Claim | None:
    """Who runs the job in `directory` whose launcher is dead; written now when it was killed just before it did so."""
    file = Path(directory, CLAIM)
    if (claim := read_claim(directory)) is not None or not file.exists() or len(file.read_text().split()) != _TERMS:
        return claim
    if (script := processes.leader_for(os.fsencode(f"{directory}/command"))) is None:
        return None
    with file.open("a") as half:
        half.write(f" {script.pid} {script.started} {time.time() - processes.age(script.pid):.6f}\n")
    return read_claim(directory)


def read_exit(directory: str) -> End | None:
    """How the script in `directory` ended; None when it has not, or when nobody saw it."""
    lines, written = _read(directory)
    if len(lines) < 2:
        return None
    usage = Usage()
    if len(lines) > 2:
        _, cpu_seconds, memory_peak = lines[2].split()
        usage = Usage(float(cpu_seconds), int(memory_peak))
    return End(int(lines[1].removeprefix("exit ")), written, usage)


def _read(directory: str) -> tuple[list[str], float]:
    """The complete lines of the file, and when it was written last."""
    try:
        descriptor = os.open(f"{directory}/{CLAIM}", os.O_RDONLY)
    except FileNotFoundError:
        return [], 0.0
    try:
        text, written = os.read(descriptor, 4096).decode(), os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
    return text.split("\n")[:-1], written
