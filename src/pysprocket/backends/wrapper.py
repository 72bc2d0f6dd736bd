"""The wrapper of a local job: what it runs, and the file by which it speaks to whoever comes later.

In: an attempt directory. Out: the arguments of the wrapper; the claim it lays as its first act (the file `submitted`,
a line), and the exit code it writes as its last act (one more line, whose time is that of the file). Each line is one
write, and a line without its end is not yet written. The last one needs no space on a full disk: the block is there.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from pysprocket.backends import processes
from pysprocket.backends.admission import Request, request_of
from pysprocket.backends.job import Job

_SCRIPT = """\
trap : HUP INT TERM
set -C
exec 3>"$0/submitted" || exit
set +C
echo "$$ {claim}" >&3 || exit
cd "$0/work" || exit
"$@" "$0/command" >"$0/stdout" 2>"$0/stderr" 3>&-
echo "exit $?" >&3
"""
# Only built-ins beside the script itself, and no variables, which might be the job's own; `$0` is the attempt
# directory. The claim never overwrites (`set -C`), so of two wrappers in one directory only one runs the script. The
# trap lets the wrapper survive the signal that stops the script, and is not inherited by it.

CLAIM = "submitted"
"""The file that a wrapper writes for whoever comes later."""

_PORTABLE_NAME = rb"[A-Za-z_][A-Za-z0-9_]*"


class Claim(msgspec.Struct, frozen=True):
    """Who runs a job, and what for.

    Attributes:
        pid: process id of the wrapper, which is also its session.
        request: what the job takes from the machine.
        time_limit: seconds, None for no limit.
        started: when the wrapper was asked for, seconds since the epoch.
    """

    pid: int
    request: Request
    time_limit: float | None
    started: float


class Exit(msgspec.Struct, frozen=True):
    """How a script ended: its exit code (128 + n for signal n), and when, in seconds since the epoch."""

    code: int
    ended: float


def arguments(job: Job, environment: Iterable[tuple[bytes, bytes]]) -> list[bytes | str]:
    """The command line that runs `job` in its attempt directory.

    Args:
        job: its directory is absolute.
        environment: variables that must reach the script although a POSIX shell drops them (`is_exotic`).
    """
    cpu, memory = request_of(job.resources)
    script = _SCRIPT.format(claim=f"{cpu} {memory} {job.resources.time_limit or 0} {time.time():.6f}")
    around = [b"%b=%b" % item for item in environment]
    return ["sh", "-c", script, str(job.directory), *(["env", *around] if around else ()), job.shell]


def is_exotic(name: bytes) -> bool:
    """Whether a POSIX shell drops this variable since it cannot spell it, such as the functions that bash exports."""
    return re.fullmatch(_PORTABLE_NAME, name) is None


def is_running(pid: int, directory: str) -> bool:
    """Whether `pid` is the living wrapper of the job in `directory`, whatever ids are reused.

    Its arguments say so, or where it works, if the directory was moved since.
    """
    words = processes.command_line(pid)
    if words[:2] != [b"sh", b"-c"]:
        return False
    return words[3:4] == [directory.encode(errors="surrogateescape")] or _works_in(pid, f"{directory}/work")


def _works_in(pid: int, directory: str) -> bool:
    with suppress(OSError):
        return os.path.samefile(f"/proc/{pid}/cwd", directory)  # noqa: PTH121
    return False


def read_claim(directory: str) -> Claim | None:
    """Who runs the job in `directory`; None when nobody has begun."""
    lines, _ = _read(directory)
    if not lines:
        return None
    pid, cpu, memory, time_limit, started = lines[0].split()
    return Claim(int(pid), (int(cpu), int(memory)), float(time_limit) or None, float(started))


def read_exit(directory: str) -> Exit | None:
    """How the script in `directory` ended; None when it has not, or not by itself."""
    lines, written = _read(directory)
    return Exit(int(lines[1].removeprefix("exit ")), written) if len(lines) > 1 else None


def _read(directory: str) -> tuple[list[str], float]:
    """The complete lines that the wrapper has written, and when it wrote last."""
    try:
        descriptor = os.open(f"{directory}/{CLAIM}", os.O_RDONLY)
    except FileNotFoundError:
        return [], 0.0
    try:
        text, written = os.read(descriptor, 4096).decode(), os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
    return text.split("\n")[:-1], written
