"""What a container is made of, and whose its files are when it has ended.

In: a `Job` and what the daemon told of itself. Out: the body of a "create container" request; the files of the
attempt directory given to the caller; what the container says it used.

Inside, a job has `/mnt/task/command` (read-only), `/mnt/task/work`, `stdout`, `stderr`, and its inputs where
`Job.mounts` says. The script is run by a small `sh` as process 1, so that signals mean the same as outside, streams
go to files whatever becomes of the engine, and what was used can be asked of the control group while it exists.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from pysprocket.backends.docker.api import Info
from pysprocket.backends.docker.images import Image
from pysprocket.backends.job import Job, Usage

GUEST_ROOT = "/mnt/task"
LABELS = "pysprocket"
_SMALLEST_MEMORY = 6 * 1024**2  # what the daemon accepts at least

_WRITTEN = ("stdout", "stderr", "usage")
"""Files of the attempt directory that the container writes."""

_SCRIPT = f"""\
"$@" {GUEST_ROOT}/command >{GUEST_ROOT}/stdout 2>{GUEST_ROOT}/stderr
set -- $?
{{{{ echo "exit $1"
for file in /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes \
/sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage; do
read -r line <$file && echo "$file $line"
done; }}}} >{GUEST_ROOT}/usage 2>/dev/null
{{chown}}
exit $1
"""
# No variables before the script, which might be its own; only built-ins beside it and `chown`. Its last words say that
# the script has ended: without them, the whole container was killed.

_USAGE_FILES = {
    "/sys/fs/cgroup/memory.peak": ("memory_peak", 1),
    "/sys/fs/cgroup/memory/memory.max_usage_in_bytes": ("memory_peak", 1),
    "/sys/fs/cgroup/cpu.stat": ("cpu_seconds", 1_000_000),  # its first line is `usage_usec n`
    "/sys/fs/cgroup/cpuacct/cpuacct.usage": ("cpu_seconds", 1_000_000_000),
}


class Daemon(msgspec.Struct, frozen=True):
    """What matters of a Docker daemon.

    Attributes:
        cpu: processors.
        memory: bytes.
        rootless: whether root inside is the caller outside.
        selinux: whether mounts are refused unless labels are off.
        host: the name of its machine.
        version: of the Docker Engine.
        address: where it answers.
    """

    cpu: float
    memory: int
    rootless: bool
    selinux: bool
    host: str
    version: str = ""
    address: str = ""


def describe_daemon(info: Info, address: str = "") -> Daemon:
    """A daemon from what it says of itself at an address."""
    options = {option.partition(",")[0] for option in info.security or []}
    return Daemon(
        cpu=info.cpu,
        memory=info.memory,
        rootless="name=rootless" in options,
        selinux="name=selinux" in options,
        host=info.host,
        version=info.version,
        address=address,
    )


def container_name(job_name: str) -> str:
    """A name that Docker accepts, one for each job name."""
    safe = re.sub(r"[^a-zA-Z0-9_.-]", "-", job_name)
    if safe == job_name and len(safe) <= 100:
        return f"pysprocket-{safe}"
    import hashlib  # noqa: PLC0415 - seldom needed

    return f"pysprocket-{safe[:80]}-{hashlib.sha256(job_name.encode()).hexdigest()[:12]}"


def prepare(job: Job) -> None:
    """Make the files of the attempt that the container writes, reachable for the group of the caller."""
    directory = str(job.directory)
    for name in _WRITTEN:
        file = os.open(f"{directory}/{name}", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o660)
        os.fchmod(file, 0o660)
        os.close(file)
    (job.directory / "work").chmod(0o770)
    command = f"{directory}/command"
    os.chmod(command, os.stat(command).st_mode | 0o440)  # noqa: PTH101, PTH116 - for each job
    for mount in job.mounts:
        if not mount.read_only:
            Path(mount.source).chmod(0o770)


def unprepare(job: Job) -> None:
    """Remove what `prepare` has made for a container that was never started."""
    for name in _WRITTEN:
        (job.directory / name).unlink(missing_ok=True)


def was_prepared(job: Job) -> bool:
    """Whether somebody has prepared the job before, so that it may have a container."""
    return (job.directory / "usage").exists()


def container_config(job: Job, image: Image, daemon: Daemon) -> dict[str, Any]:
    """The body of a request that creates the container of `job`."""
    chown = ""
    if gives_files_away(image, daemon):
        chown = f"chown -R -h {os.geteuid()}:{os.getegid()} {' '.join(_places(job))} 2>/dev/null"
    return {
        "Image": image.name,
        "Entrypoint": ["sh", "-c", _SCRIPT.format(chown=chown), "sh", job.shell],
        "Cmd": [],
        "StopSignal": "SIGKILL",  # process 1 would not hear another, and `docker stop` would wait for nothing
        "Env": [f"{name}={value}" for name, value in job.environment.items()],
        "WorkingDir": f"{GUEST_ROOT}/work",
        "Labels": {
            f"{LABELS}.job": job.name,
            f"{LABELS}.limit": str(job.resources.time_limit or ""),
            f"{LABELS}.request": f"{job.resources.cpu} {job.resources.memory}",
            **{f"{LABELS}.{name}": value for name, value in job.labels.items()},
        },
        "HostConfig": _host_config(job, daemon),
    }


def _host_config(job: Job, daemon: Daemon) -> dict[str, Any]:
    config: dict[str, Any] = {
        "Mounts": list(_mounts(job)),
        "GroupAdd": [str(os.getegid())],
        "LogConfig": {"Type": "none"},
    }
    resources = job.resources
    if resources.cpu_limit is not None:
        config["NanoCpus"] = round(min(resources.cpu_limit, daemon.cpu) * 1_000_000_000)
    if resources.memory_limit is not None:
        config["Memory"] = config["MemorySwap"] = max(resources.memory_limit, _SMALLEST_MEMORY)  # no swap beside it
    if resources.gpu:
        config["DeviceRequests"] = [{"Driver": "nvidia", "Count": resources.gpu, "Capabilities": [["gpu"]]}]
    if daemon.selinux:
        config["SecurityOpt"] = ["label=disable"]
    return config


def _mounts(job: Job) -> Iterator[dict[str, Any]]:
    directory = job.directory
    yield _mount(str(directory / "command"), f"{GUEST_ROOT}/command", read_only=True)
    for name in ("work", *_WRITTEN):
        yield _mount(str(directory / name), f"{GUEST_ROOT}/{name}", read_only=False)
    for mount in job.mounts:
        yield _mount(mount.source, mount.target, read_only=mount.read_only)


def _places(job: Job) -> Iterator[str]:
    """Where the job can write, in the words of a shell."""
    import shlex  # noqa: PLC0415 - only callers who are not root need it

    yield f"{GUEST_ROOT}/work"
    yield from (shlex.quote(mount.target) for mount in job.mounts if not mount.read_only)


def _mount(source: str, target: str, *, read_only: bool) -> dict[str, Any]:
    return {"Type": "bind", "Source": source, "Target": target, "ReadOnly": read_only}


def ended_well(directory: str) -> bool:
    """Whether the script came to its end without a failure, as it says itself, before its container ends."""
    with suppress(FileNotFoundError), open(f"{directory}/usage", "rb") as words:  # noqa: PTH123 - for each job
        return words.readline() == b"exit 0\n"
    return False


def last_words(directory: str) -> tuple[int | None, Usage]:
    """The exit code of a script that came to its end, and what the container said it used.

    Both are missing where the whole container was killed or the disk was full; use also where its control group cannot
    be read.
    """
    code: int | None = None
    figures: dict[str, float] = {}
    try:
        *whole, _ = Path(directory, "usage").read_text().split("\n")  # a full disk may cut the last one short
        lines = [line.split() for line in whole]
    except FileNotFoundError:
        lines = []
    for file, *_, value in lines:
        if file == "exit":
            code = int(value)
        elif file in _USAGE_FILES:
            name, unit = _USAGE_FILES[file]
            figures.setdefault(name, int(value) / unit)
    peak = figures.get("memory_peak")
    return code, Usage(figures.get("cpu_seconds"), None if peak is None else int(peak))


# whose the files are


def gives_files_away(image: Image, daemon: Daemon) -> bool:
    """Whether the container itself has to give its files to the caller: it is root, and the caller is not."""
    return os.geteuid() != 0 and image.runs_as_root and not daemon.rootless


def written_places(found: dict[str, Any]) -> dict[str, str]:
    """What a container may write to, by its path on the host; from what the daemon knows of the container."""
    return {mount["Source"]: mount["Destination"] for mount in found["Mounts"] if mount["RW"]}


def own_files(places: Iterable[str]) -> bool:
    """Give all files in `places` to the caller, as far as the caller may; whether all are the caller's now."""
    user, group = os.geteuid(), os.getegid()
    for path in _files(places):
        if os.lstat(path).st_uid != user:
            if user != 0:
                return False
            os.lchown(path, user, group)
    return True


def _files(places: Iterable[str]) -> Iterator[str]:
    for place in places:
        yield place
        for folder, folders, files in os.walk(place):
            yield from (f"{folder}/{name}" for name in (*folders, *files))


def helper_config(job_name: str, image: str, daemon: Daemon, places: dict[str, str]) -> dict[str, Any]:
    """The body of a request that creates a container of the same image that gives the files of a job to the caller."""
    owner = "0:0" if daemon.rootless else f"{os.geteuid()}:{os.getegid()}"
    return {
        "Image": image,
        "User": "0:0",
        "Entrypoint": ["chown", "-R", "-h", owner, *places.values()],
        "Cmd": [],
        "Labels": {f"{LABELS}.job": job_name},
        "HostConfig": {
            "Mounts": [_mount(path, target, read_only=False) for path, target in places.items()],
            "LogConfig": {"Type": "none"},
            "NetworkMode": "none",
        },
    }
