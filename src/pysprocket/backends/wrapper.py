"""The wrapper of a local job: what it runs, and the two files by which it speaks to whoever comes later.

In: an attempt directory. Out: the arguments of the wrapper; the claim (file `submitted`) it lays as its first act;
the exit code and the time of its end (file `exit`) it writes as its last act. Each file is one write of one line, and
a line without its end is not yet written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

import msgspec

from pysprocket.backends import processes
from pysprocket.backends.admission import Request, request_of
from pysprocket.backends.job import Job

_SCRIPT = """\
trap : HUP INT TERM
set -C
echo "$$ {claim}" >"$0/submitted" || exit
set +C
cd "$0/work" || exit
"$@" "$0/command" >"$0/stdout" 2>"$0/stderr"
echo "exit $?" >"$0/exit"
"""
# Only built-ins beside the script itself, and no variables, which might be the job's own; `$0` is the attempt
# directory. The claim never overwrites (`set -C`), so of two wrappers in one directory only one runs the script. The
# trap lets the wrapper survive the signal that stops the script, and is not inherited by it.

NOTES = ("submitted", "exit")
"""The files that a wrapper writes for whoever comes later."""

_PORTABLE_NAME = rb"[A-Za-z_][A-Za-z0-9_]*"


class Claim(msgspec.Struct, frozen=True):
    """Who runs a job, and what for.

    Attributes:
        pid: process id of the wrapper, which is also its session.
        request: what the job takes from the machine.
        time_limit: seconds, None for no limit.
        started: when the claim was laid, seconds since the epoch.
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
    script = _SCRIPT.format(claim=f"{cpu} {memory} {job.resources.time_limit or 0}")
    around = [b"%b=%b" % item for item in environment]
    return ["sh", "-c", script, str(job.directory), *(["env", *around] if around else ()), job.shell]


def is_exotic(name: bytes) -> bool:
    """Whether a POSIX shell drops this variable since it cannot spell it, such as the functions that bash exports."""
    return re.fullmatch(_PORTABLE_NAME, name) is None


def is_running(pid: int, directory: str) -> bool:
    """Whether `pid` is the living wrapper of the job in `directory`; its arguments say so, whatever ids are reused."""
    words = processes.command_line(pid)
    return words[:2] == [b"sh", b"-c"] and words[3:4] == [directory.encode(errors="surrogateescape")]


def read_claim(directory: str) -> Claim | None:
    """Who runs the job in `directory`; None when nobody has begun."""
    if (line := _read(f"{directory}/submitted")) is None:
        return None
    pid, cpu, memory, time_limit = line[0].split()
    return Claim(int(pid), (int(cpu), int(memory)), float(time_limit) or None, line[1])


def read_exit(directory: str) -> Exit | None:
    """How the script in `directory` ended; None when it has not, or not by itself."""
    if (line := _read(f"{directory}/exit")) is None:
        return None
    return Exit(int(line[0].removeprefix("exit ")), line[1])


def _read(path: str) -> tuple[str, float] | None:
    """The first line of a small file, when it is complete, and when it was written."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        line, written = os.read(descriptor, 4096).decode(), os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
    return (line, written) if line.endswith("\n") else None
