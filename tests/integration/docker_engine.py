"""A Docker Engine for tests: one that answers already, or one of our own.

In: this machine. Out: the address of an engine (as in `DOCKER_HOST`) that has the images the tests name. Our own
engine keeps everything (data, socket, process id, log) in `.integration/` and is stopped by its process id alone.
Images are made of this machine's own programs (module `docker_images`), so nothing is downloaded but the Debian
package.

By hand: `python -m tests.integration.docker_engine up|down|status`.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.docker_images import provide_images

HOME = Path(__file__).resolve().parents[2] / ".integration"
DEFAULT_HOST = "unix:///var/run/docker.sock"

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
        provide_images(Api(host), HOME, own=host == Engine().host)
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
