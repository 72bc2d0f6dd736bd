"""The places where the contract is tested: this machine, and a Docker Engine when the integration tests run.

`CONTRACT_BACKENDS` names more types of backends, those of other packages, with their default settings.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pysprocket.backends.job import Backend, Job, JobId, JobState, Resources

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.cli.waiting import wait_for
from tests.contract.submitter import backend_of
from tests.integration.docker_fixture import docker_host  # noqa: F401 - a fixture

SUBMITTER = Path(__file__).with_name("submitter.py")


class Place:
    """A backend under test, and what a test needs to make jobs for it and to look behind it."""

    def __init__(self, kind: str, root: Path) -> None:
        self.kind = kind
        self.root = root
        self.told: list[tuple[str, JobState | None]] = []
        self.settings: dict[str, Any] = {"cpu": 2, "memory": "4 GiB", "grace": 1.0} if kind == "local" else {}
        self._engines: list[subprocess.Popen[bytes]] = []

    def backend(self) -> Backend:
        return backend_of(self.kind, self.settings, lambda name, state, remark: self.told.append((name, state)))

    def job(self, script: str, **fields: Any) -> Job:
        """A job with its attempt directory made, under a name no other test uses."""
        name = f"contract-{uuid.uuid4().hex[:12]}"
        directory = self.root / name
        (directory / "work").mkdir(parents=True)
        (directory / "command").write_text(script)
        defaults: dict[str, Any] = {"resources": Resources(cpu=1.0, memory=64 << 20), "images": ("pysprocket/base",)}
        return Job(name=name, directory=directory, **(defaults | fields))

    def submit_and_die(self, job: Job, before_death: Callable[[], None] = lambda: None) -> JobId:
        """Submit from another process, which is killed as soon as it has the `JobId` and `before_death` returns."""
        arguments = [json.dumps(self.settings), msgspec.json.encode(job, enc_hook=str).decode()]
        engine = subprocess.Popen([sys.executable, SUBMITTER, self.kind, *arguments], stdout=subprocess.PIPE)
        self._engines.append(engine)
        assert engine.stdout is not None
        job_id = msgspec.json.decode(engine.stdout.readline(), type=JobId)
        before_death()
        engine.kill()
        engine.communicate()
        return job_id

    def run_and_die(self, job: Job, moment: str) -> None:
        """Run a job in another process, which kills itself at a moment (as `submitter` understands it)."""
        arguments = [json.dumps(self.settings), msgspec.json.encode(job, enc_hook=str).decode(), *moment.split()]
        engine = subprocess.Popen([sys.executable, SUBMITTER, self.kind, *arguments], stdout=subprocess.DEVNULL)
        self._engines.append(engine)
        assert engine.wait(60) == -signal.SIGKILL, "it did not come to that moment"

    def kill(self, job_id: JobId) -> None:
        """Kill the job's script behind the backend's back."""
        if self.kind == "docker":
            docker("exec", job_id.native, "sh", "-c", "kill -9 $(cat pid)")
        else:
            os.kill(int((Path(job_id.directory) / "work" / "pid").read_text()), signal.SIGKILL)

    def destroy(self, job_id: JobId) -> None:
        """Make the place forget the job: no exit file, no container."""
        if self.kind == "docker":
            docker("rm", "--force", job_id.native)
        elif self.kind != "local":
            os.killpg(int(job_id.native), signal.SIGKILL)
        else:  # first the launcher, which would write how the job ended
            stat = Path(f"/proc/{job_id.native}/stat").read_text()
            for process in (int(stat.rpartition(")")[2].split()[1]), int(job_id.native)):
                os.killpg(process, signal.SIGKILL)
            wait_for(lambda: not Path(f"/proc/{job_id.native}").exists())

    def remains(self, job: Job) -> list[str]:
        """Containers of the job that are still there."""
        if self.kind != "docker":
            return []
        return docker("ps", "--all", "--quiet", "--filter", f"label=pysprocket.job={job.name}").split()

    def close(self) -> None:
        for engine in self._engines:
            if engine.returncode is None:
                engine.kill()
                engine.communicate()
        self._end_jobs()

    def _end_jobs(self) -> None:
        """The jobs of a test that failed would go on for ever."""
        if self.kind != "docker":
            for process in processes_with(str(self.root), prefix=True):
                with suppress(ProcessLookupError):
                    os.killpg(os.getpgid(process), signal.SIGKILL)
            return
        lines = docker("ps", "--all", "--format", '{{.ID}} {{.Label "pysprocket.job"}}').splitlines()
        own = {path.name for path in self.root.iterdir()}
        left = [container for container, job in (line.split(" ", 1) for line in lines) if job in own]
        if left:
            docker("rm", "--force", *left)


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def processes_with(marker: str, *, prefix: bool = False) -> list[int]:
    """Processes of this machine, in containers too, that have `marker` (or what it begins) among their arguments."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.startswith(marker.encode()) if prefix else word == marker.encode() for word in words):
            found.append(int(folder.name))
    return found


OTHERS = os.environ.get("CONTRACT_BACKENDS", "").split()


@pytest.fixture(params=["local", pytest.param("docker", marks=pytest.mark.integration), *OTHERS])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "docker":
        request.getfixturevalue("docker_host")
    place = Place(request.param, tmp_path)
    yield place
    place.close()
