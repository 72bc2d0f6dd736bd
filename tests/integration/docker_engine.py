"""A Docker Engine for tests: one that answers already, or one of our own.

In: this machine. Out: the address of an engine (as in `DOCKER_HOST`) that has the images the tests name. Our own
engine keeps everything (data, socket, process id, log) in `.integration/` and is stopped by its process id alone.
Images are made of this machine's own programs, so nothing is downloaded but the Debian package.

By hand: `python -m tests.integration.docker_engine up|down|status`.
"""

from __future__ import annotations

import fcntl
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2] / ".integration"
DEFAULT_HOST = "unix:///var/run/docker.sock"
IMAGES = ("ubuntu:latest", "ubuntu:22.04", "debian:12-slim", "pysprocket/base:latest")
PROGRAMS = "awk bash dash diff env find gawk grep gzip hostname mawk sed tar xargs zcat cmp ps"

_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""Engines that this process has started."""


class Api:
    """The Docker Engine API by bare requests, for set-up and for measuring what the API itself costs."""

    def __init__(self, host: str) -> None:
        self._host = host

    def request(self, method: str, path: str, body: Any = None, *, stream: Any = None) -> tuple[int, bytes]:
        """Status and body of the answer; `body` is sent as JSON, `stream` as it is."""
        connection = self._connect()
        kind = "application/json" if stream is None else "application/x-tar"
        data = stream if stream is not None else json.dumps(body) if body is not None else None
        try:
            connection.request(method, path, body=data, headers={"Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def answers(self, path: str = "/_ping") -> bool:
        """Whether somebody is there."""
        try:
            return self.request("GET", path)[0] == 200
        except OSError:
            return False

    def _connect(self) -> http.client.HTTPConnection:
        address = urllib.parse.urlsplit(self._host)
        if address.scheme != "unix":
            return http.client.HTTPConnection(address.hostname or "localhost", address.port or 2375, timeout=300)
        connection = http.client.HTTPConnection("localhost", timeout=300)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(300)
        try:
            connection.sock.connect(address.path)
        except OSError:
            connection.close()
            raise
        return connection


class Engine:
    """Our own Docker Engine, all of it below one folder.

    Args:
        home: its folder.
        private: whether it has a network name space of its own, and no bridge there. Without that, an engine that has
            no bridge would remove the one of another.
    """

    def __init__(self, home: Path = HOME / "docker", *, private: bool = False) -> None:
        self.home = home
        self.host = f"unix://{home}/docker.sock"
        self._private = private
        self._pid_file = home / "docker.pid"
        self._log = home / "dockerd.log"

    def start(self) -> None:
        """Start `dockerd`, without its bridge where the kernel or `iptables` do not allow one.

        Raises:
            RuntimeError: it does not come up; the end of its log says why.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        without_bridge = ("--iptables=false", "--ip6tables=false", "--bridge=none")
        for options in ((), without_bridge):
            if (options or not self._private) and self._try(options):
                return
        raise RuntimeError("dockerd does not come up:\n" + self._log.read_text()[-4000:])

    def _try(self, options: tuple[str, ...]) -> bool:
        places = [f"--data-root={self.home}/data", f"--exec-root={self.home}/exec", f"--pidfile={self._pid_file}"]
        prefix = ["unshare", "--net"] if self._private else []
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                [*prefix, "dockerd", *places, f"--host={self.host}", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if Api(self.host).answers():
                _CHILDREN[process.pid] = process
                return True
            time.sleep(0.1)
        process.kill()
        process.wait()
        return False

    def pid(self) -> int | None:
        """The process id of our engine, when it runs."""
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if f"--data-root={self.home}/data".encode() in command.split(b"\0") else None

    def stop(self) -> None:
        """Stop exactly this engine; its containerd is its child and stops with it."""
        if (pid := self.pid()) is not None:
            os.kill(pid, signal.SIGTERM)
            self._ended(pid)

    def _ended(self, pid: int) -> None:
        if (process := _CHILDREN.pop(pid, None)) is not None:
            process.wait(60)
        deadline = time.monotonic() + 60
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise RuntimeError(f"dockerd (process {pid}) does not stop; see {self._log}")
            time.sleep(0.1)


def up(*, start: bool) -> tuple[str, bool]:
    """The address of an engine with all images, and whether it was started by this call.

    Args:
        start: whether an engine may be started, and where there is none installed, when none answers.

    Raises:
        LookupError: none answers, and none may or can be started here.
        RuntimeError, CalledProcessError: there should be one, and it does not come up.
    """
    with _alone():
        host, started = _find_or_start(start=start)
        for name in IMAGES:
            _provide(Api(host), name, own=host == Engine().host)
    return host, started


def _find_or_start(*, start: bool) -> tuple[str, bool]:
    engine = Engine()
    for host in (os.environ.get("DOCKER_HOST", DEFAULT_HOST), engine.host):
        if Api(host).answers():
            return host, False
    if not start:
        raise LookupError("no Docker Engine answers; `pytest -m integration` starts one")
    if os.geteuid() != 0:
        raise LookupError("no Docker Engine answers, and only root can start one")
    if shutil.which("dockerd") is None:
        if shutil.which("apt-get") is None:
            raise LookupError("there is no Docker Engine, and it is installed by itself only on Debian")
        _install()
        if Api(DEFAULT_HOST).answers():  # the package has started its service
            return DEFAULT_HOST, False
    engine.start()
    return engine.host, True


def _install() -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", "docker.io", "docker-registry", "gawk"]
    for command in (["apt-get", "update"], install):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time brings an engine up."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# images


def _provide(api: Api, name: str, *, own: bool) -> None:
    """Have an image called `name`: on our own engine our image, on another's engine theirs when there is one."""
    if api.request("GET", f"/images/{name}/json")[0] == 200:
        return
    repository, tag = name.split(":")
    query = urllib.parse.urlencode({"fromImage": repository, "tag": tag})
    if not own and not name.startswith("pysprocket/") and api.request("POST", f"/images/create?{query}")[0] == 200:
        return
    import_image(api, name, base_tarball())


def import_image(api: Api, name: str, tarball: Path, *changes: str) -> None:
    """Make an image of the files in `tarball`; `changes` are lines of a Dockerfile."""
    repository, tag = name.rsplit(":", 1)
    fields = [("fromSrc", "-"), ("repo", repository), ("tag", tag), *(("changes", line) for line in changes)]
    with tarball.open("rb") as stream:
        status, answer = api.request("POST", f"/images/create?{urllib.parse.urlencode(fields)}", stream=stream)
    if status != 200 or b'"error"' in answer:
        raise RuntimeError(f"image {name} cannot be made: {answer.decode()}")


def base_tarball() -> Path:
    """This machine's shell and text tools with their libraries as a file system, made once."""
    tarball = HOME / "base.tar"
    if not tarball.is_file():
        aside = tarball.with_suffix(".part")
        with tarfile.open(aside, "w") as archive:
            _write_base(archive)
        aside.rename(tarball)
    return tarball


def _write_base(archive: tarfile.TarFile) -> None:
    for folder in ("usr/bin", "usr/lib", "etc", "root", "proc", "sys", "dev", "run", "var/tmp", "home", "mnt", "opt"):
        _add_folder(archive, folder, 0o755)
    _add_folder(archive, "tmp", 0o1777)
    for alias in ("bin", "sbin", "lib", "lib64"):
        _add_link(archive, alias, "usr/bin" if alias.endswith("bin") else "usr/lib")
    programs = {name: path for name in _program_names() if (path := shutil.which(name, path="/usr/bin:/bin"))}
    for name, path in programs.items():
        archive.add(Path(path).resolve(), f"usr/bin/{name}")
    _add_link(archive, "usr/bin/sh", "dash" if "dash" in programs else "bash")
    for library in _libraries(programs.values()):
        archive.add(Path(library).resolve(), f"usr/lib/{Path(library).name}")
    _add_text(archive, "etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    _add_text(archive, "etc/group", "root:x:0:\nnogroup:x:65534:\n")


def _program_names() -> list[str]:
    listing = subprocess.run(["dpkg", "-L", "coreutils"], capture_output=True, text=True, check=True).stdout
    coreutils = [line.rsplit("/", 1)[1] for line in listing.splitlines() if "/bin/" in line]
    return sorted({*PROGRAMS.split(), *coreutils})


def _libraries(programs: Any) -> list[str]:
    """The shared libraries of programs, one path for each name; scripts and static programs have none."""
    listing = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    words = [word for line in listing.splitlines() if not line.endswith(":") for word in line.split()]
    return sorted({Path(word).name: word for word in words if word.startswith("/")}.values())


def _add_folder(archive: tarfile.TarFile, name: str, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, mode
    archive.addfile(entry)


def _add_link(archive: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    archive.addfile(entry)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    archive.addfile(entry, io.BytesIO(text.encode()))


def main(command: str) -> int:
    """What the command line asks for."""
    if command == "up":
        print("export DOCKER_HOST=" + up(start=True)[0])
    elif command == "down":
        Engine().stop()
    elif command == "status":
        print(f"our engine runs as process {pid}" if (pid := Engine().pid()) else "our engine does not run")
    else:
        print("usage: python -m tests.integration.docker_engine up|down|status", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["status"]))
