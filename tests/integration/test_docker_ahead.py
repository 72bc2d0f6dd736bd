"""Containers that are made before it is the turn of their jobs: used once, or removed, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from pysprocket.backends.docker.api import ApiError
from pysprocket.backends.docker.backend import DockerBackend
from pysprocket.backends.job import Job, JobId, Mount, Resources
from pysprocket.backends.outcomes import CANCELLED
from pysprocket.errors import BackendError
from tests.integration.docker_engine import HOME, Api
from tests.integration.docker_images import base_tarball, import_image

from .test_docker import containers_of, docker, make_job

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("docker_host")]

SPROCKET = Path(sys.executable).with_name("sprocket")
UNTIL_GO = "echo run >>runs; until [ -e go ]; do sleep 0.02; done; exit $(cat go)"


def ahead_of(job: Job) -> list[str]:
    """Containers of the job that were made and never started."""
    own = ("--filter", f"label=pysprocket.job={job.name}", "--filter", "status=created")
    return docker("ps", "--all", "--quiet", "--no-trunc", *own).split()


async def until(condition: Callable[[], Any], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def all_of(backend: DockerBackend, part: float = 1.0) -> Resources:
    return Resources(cpu=(backend.limits().cpu or 1) * part, memory=8 << 20)


@asynccontextmanager
async def busy(
    root: Path, part: float = 1.0
) -> AsyncIterator[tuple[DockerBackend, Callable[..., Coroutine[Any, Any, None]]]]:
    """A backend with a job on a part of its processors, and what lets that job end."""
    async with DockerBackend() as backend:
        first = make_job(root, UNTIL_GO, resources=all_of(backend, part))
        first_id = await backend.submit(first)

        async def let_go(code: int = 0) -> None:
            (first.directory / "work" / "go.new").write_text(str(code))
            (first.directory / "work" / "go.new").rename(first.directory / "work" / "go")
            assert (await backend.wait(first_id)).exit_code == code

        try:
            yield backend, let_go
        finally:
            await backend.cancel(first_id)
    assert not containers_of(first)


def runs_of(job: Job) -> int:
    runs = job.directory / "work" / "runs"
    return len(runs.read_text().splitlines()) if runs.exists() else 0


async def test_the_container_that_was_made_ahead_is_the_one_that_runs(tmp_path):
    async with busy(tmp_path) as (backend, let_go):
        jobs = [make_job(tmp_path, "echo run >>runs", resources=all_of(backend)) for _ in range(3)]
        submitting = [asyncio.create_task(backend.submit(job)) for job in jobs]
        await until(lambda: ahead_of(jobs[0]))
        (made,) = ahead_of(jobs[0])
        assert not containers_of(jobs[1]), "one runs, so one is near"
        await let_go()
        job_ids = [await each for each in submitting]
        assert [(await backend.wait(job_id)).exit_code for job_id in job_ids] == [0] * 3
    assert job_ids[0].native == made
    assert [runs_of(job) for job in jobs] == [1] * 3
    assert not any(map(containers_of, jobs))


async def test_a_job_that_is_cancelled_leaves_nothing_of_what_was_made_ahead(tmp_path):
    async with busy(tmp_path) as (backend, let_go):
        job = make_job(tmp_path, "echo run >>runs", resources=all_of(backend))
        before = {path.name for path in job.directory.iterdir()}
        submitting = asyncio.create_task(backend.submit(job))
        await until(lambda: ahead_of(job))
        submitting.cancel()
        await asyncio.wait([submitting])
        await until(lambda: not containers_of(job) and {path.name for path in job.directory.iterdir()} == before)
        again = asyncio.create_task(backend.submit(job))
        await let_go()
        assert (await backend.wait(await again)).exit_code == 0
    assert runs_of(job) == 1
    assert not containers_of(job)


async def test_a_job_that_is_cancelled_while_its_container_is_made_leaves_nothing(tmp_path, monkeypatch):
    async with busy(tmp_path) as (backend, _):
        job = make_job(tmp_path, "true", resources=all_of(backend))
        creating, real = asyncio.Event(), backend._api.create

        async def create(*arguments: Any) -> str:
            creating.set()
            await asyncio.sleep(0.2)
            return await real(*arguments)

        monkeypatch.setattr(backend._api, "create", create)
        submitting = asyncio.create_task(backend.submit(job))
        await creating.wait()
        submitting.cancel()
        await asyncio.wait([submitting])
    assert not containers_of(job)


async def test_leaving_removes_what_was_made_ahead_and_starts_nothing(tmp_path):
    async with DockerBackend() as backend:
        running = make_job(tmp_path, UNTIL_GO, resources=all_of(backend))
        job_id = await backend.submit(running)
        jobs = [make_job(tmp_path, "echo run >>runs", resources=all_of(backend)) for _ in range(2)]
        submitting = [asyncio.create_task(backend.submit(job)) for job in jobs]
        await until(lambda: ahead_of(jobs[0]))
    assert not any(map(containers_of, jobs))
    for each in submitting:
        each.cancel()
    await asyncio.wait(submitting)
    async with DockerBackend() as backend:
        await backend.cancel(job_id)
    assert not any(map(containers_of, (running, *jobs)))


async def test_of_many_jobs_that_are_cancelled_at_once_none_gets_a_container(tmp_path, monkeypatch):
    async with busy(tmp_path) as (backend, _):
        jobs = [make_job(tmp_path, "true", resources=all_of(backend)) for _ in range(100)]
        created, real = [], backend._api.create

        async def create(name: str, *arguments: Any) -> str:
            created.append(name)
            return await real(name, *arguments)

        monkeypatch.setattr(backend._api, "create", create)
        submitting = [asyncio.create_task(backend.submit(job)) for job in jobs]
        await until(lambda: ahead_of(jobs[0]))
        for each in submitting:
            each.cancel()
        await asyncio.wait(submitting)
        await until(lambda: not containers_of(jobs[0]))
        assert len(created) == 1
    assert not any((job.directory / "usage").exists() for job in jobs)


async def test_a_job_that_is_submitted_again_while_it_is_taken_back_runs_once(tmp_path):
    async with busy(tmp_path) as (backend, let_go):
        job = make_job(tmp_path, "echo run >>runs", resources=all_of(backend))
        submitting = asyncio.create_task(backend.submit(job))
        await until(lambda: ahead_of(job))
        submitting.cancel()
        await let_go()
        assert (await backend.wait(await backend.submit(job))).exit_code == 0
    assert runs_of(job) == 1
    assert not containers_of(job)


async def test_of_two_that_submit_the_same_job_one_may_be_cancelled(tmp_path):
    async with busy(tmp_path) as (backend, let_go):
        job = make_job(tmp_path, "echo run >>runs", resources=all_of(backend))
        submitting = [asyncio.create_task(backend.submit(job)) for _ in range(3)]
        await until(lambda: ahead_of(job))
        submitting[1].cancel()
        await let_go()
        first, third = await submitting[0], await submitting[2]
        assert first == third
        assert (await backend.wait(first)).exit_code == 0
    assert runs_of(job) == 1
    assert not containers_of(job)


async def test_a_job_that_is_passed_by_a_smaller_one_keeps_its_container(tmp_path):
    async with busy(tmp_path, 0.5) as (backend, let_go):
        large = make_job(tmp_path, "echo run >>runs", resources=all_of(backend))
        small = make_job(tmp_path, "echo run >>runs", resources=all_of(backend, 0.5))
        submitting = asyncio.create_task(backend.submit(large))
        await until(lambda: ahead_of(large))
        (made,) = ahead_of(large)
        assert (await backend.wait(await backend.submit(small))).exit_code == 0
        assert ahead_of(large) == [made]
        await let_go()
        job_id = await submitting
        assert job_id.native == made
        assert (await backend.wait(job_id)).exit_code == 0
    assert (runs_of(large), runs_of(small)) == (1, 1)
    assert not any(map(containers_of, (large, small)))


async def test_a_container_that_somebody_removes_before_its_turn_is_made_again(tmp_path):
    async with busy(tmp_path) as (backend, let_go):
        job = make_job(tmp_path, "echo run >>runs", resources=all_of(backend))
        submitting = asyncio.create_task(backend.submit(job))
        await until(lambda: ahead_of(job))
        docker("rm", *ahead_of(job))
        await let_go()
        assert (await backend.wait(await submitting)).exit_code == 0
    assert runs_of(job) == 1
    assert not containers_of(job)


async def test_what_is_refused_ahead_is_told_once_at_the_turn_of_the_job(tmp_path):
    async with busy(tmp_path) as (backend, let_go):
        wrong = make_job(
            tmp_path, "true", resources=all_of(backend), mounts=(Mount("/no/such/file", "/mnt/task/inputs/1/f"),)
        )
        right = make_job(tmp_path, "echo run >>runs", resources=all_of(backend))
        submitting = [asyncio.create_task(backend.submit(job)) for job in (wrong, right)]
        await asyncio.sleep(0.3)
        assert not submitting[0].done()
        await let_go()
        with pytest.raises(BackendError, match="/no/such/file"):
            await submitting[0]
        assert (await backend.wait(await submitting[1])).exit_code == 0
    assert runs_of(right) == 1
    assert not any(map(containers_of, (wrong, right)))


async def test_a_refusal_that_has_passed_when_it_is_the_turn_is_none(tmp_path, monkeypatch):
    async with busy(tmp_path) as (backend, let_go):
        job = make_job(tmp_path, "echo run >>runs", resources=all_of(backend))
        real, answers = backend._api.create, iter([ApiError(400, "not now")])

        async def create(*arguments: Any) -> str:
            if (error := next(answers, None)) is not None:
                raise error
            return await real(*arguments)

        monkeypatch.setattr(backend._api, "create", create)
        submitting = asyncio.create_task(backend.submit(job))
        await asyncio.sleep(0.2)
        assert not containers_of(job)
        await let_go()
        assert (await backend.wait(await submitting)).exit_code == 0
    assert runs_of(job) == 1


@pytest.fixture
def passing_image(docker_host: str) -> Iterator[str]:
    """An image that a test removes."""
    name = f"pysprocket/passing-{uuid.uuid4().hex[:8]}:1"
    import_image(Api(docker_host), name, base_tarball(HOME), "ENV PASSING=yes")
    yield name
    subprocess.run(["docker", "rmi", "--force", name], capture_output=True, check=False)


async def test_an_image_that_is_gone_when_the_container_is_made_is_told_once(tmp_path, passing_image):
    async with busy(tmp_path) as (backend, let_go):
        resources = all_of(backend)
        near = make_job(tmp_path, "true", resources=resources)
        later = make_job(tmp_path, "true", (passing_image,), resources=resources)
        submitting = [asyncio.create_task(backend.submit(job)) for job in (near, later)]
        await until(lambda: ahead_of(near))
        await asyncio.sleep(0.1)
        docker("rmi", "--force", passing_image)
        await let_go()
        assert (await backend.wait(await submitting[0])).exit_code == 0
        with pytest.raises(BackendError, match="No such image"):
            await submitting[1]
    assert not any(map(containers_of, (near, later)))


async def test_the_next_job_starts_when_the_script_has_ended_and_not_only_its_container(tmp_path, monkeypatch):
    async with busy(tmp_path) as (backend, let_go):
        started, real = asyncio.Event(), backend._api.inspect

        async def inspect(container: str) -> dict[str, Any]:
            await asyncio.wait_for(started.wait(), 20)  # the end of the first container is not seen before
            return await real(container)

        monkeypatch.setattr(backend._api, "inspect", inspect)
        job = make_job(tmp_path, "true", resources=all_of(backend))
        submitting = asyncio.create_task(backend.submit(job))
        ending = asyncio.create_task(let_go())
        job_id = await asyncio.wait_for(submitting, 20)
        started.set()
        await ending
        assert (await backend.wait(job_id)).exit_code == 0
        large = make_job(tmp_path, "true", resources=all_of(backend))
        assert (await backend.wait(await backend.submit(large))).exit_code == 0, "each place was given back once"


async def test_the_next_job_waits_until_a_failure_was_told(tmp_path, monkeypatch):
    """Whoever hears of it may give up what waits, and then nothing of it has begun."""
    async with busy(tmp_path) as (backend, let_go):
        started, real = [], backend._api.start

        async def start(container: str) -> None:
            started.append(container)
            await real(container)

        monkeypatch.setattr(backend._api, "start", start)
        jobs = [make_job(tmp_path, "true", resources=all_of(backend)) for _ in range(2)]
        submitting = [asyncio.create_task(backend.submit(job)) for job in jobs]
        await until(lambda: ahead_of(jobs[0]))
        await let_go(3)
        assert not started
        submitting[0].cancel()
        assert (await backend.wait(await submitting[1])).exit_code == 0
        assert len(started) == 1
    assert not any(map(containers_of, jobs))


async def test_where_files_cannot_be_watched_the_next_job_starts_when_the_container_has_ended(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctypes", None)
    async with busy(tmp_path) as (backend, let_go):
        jobs = [make_job(tmp_path, "echo run >>runs", resources=all_of(backend)) for _ in range(2)]
        submitting = [asyncio.create_task(backend.submit(job)) for job in jobs]
        await let_go()
        for each in submitting:
            assert (await backend.wait(await each)).exit_code == 0
    assert [runs_of(job) for job in jobs] == [1, 1]


@pytest.mark.parametrize("wanted", [True, False])
async def test_what_a_process_that_was_killed_had_made_ahead_is_used_or_removed(tmp_path, wanted):
    run = f"run-{uuid.uuid4().hex[:8]}"
    async with busy(tmp_path) as (backend, let_go):
        jobs = [make_job(tmp_path, "echo run >>runs", resources=all_of(backend), labels={"run": run}) for _ in "12"]
        dead = DockerBackend()  # it is never left, as when its process is killed
        await dead.__aenter__()
        for job in jobs:
            await dead._containers.make(job, await dead._images.first_of(job.images, lambda _: None))
        assert all(map(ahead_of, jobs))
        (made,) = ahead_of(jobs[0])
        submitting = asyncio.create_task(backend.submit(jobs[0]))  # and not the other one
        await asyncio.sleep(0.2)
        if wanted:
            await let_go()
            job_id = await submitting
            assert job_id.native != made, "what it was made of may have moved since"
            assert (await backend.wait(job_id)).exit_code == 0
        else:
            submitting.cancel()
            await asyncio.wait([submitting])
            await until(lambda: not containers_of(jobs[0]))
    assert [runs_of(job) for job in jobs] == [int(wanted), 0]
    assert not any(map(containers_of, jobs)), "what no job was submitted for is removed at the end"
    await dead._api.close()


async def test_leaving_touches_no_unstarted_container_of_another_run(tmp_path):
    job = make_job(tmp_path, "true", labels={"run": "another-run"})
    async with DockerBackend() as other:
        await other._containers.make(job, await other._images.first_of(job.images, lambda _: None))
    own = make_job(tmp_path, "true", labels={"run": "a-run"})
    async with DockerBackend() as backend:
        await backend.wait(await backend.submit(own))
    assert ahead_of(job)
    async with DockerBackend() as backend:
        await backend.cancel(JobId(job.name, "", str(job.directory)))
    assert not containers_of(job)


# --- whole runs ------------------------------------------------------------------------------------------

DOCUMENT = """\
version 1.2
task work {
    input { Int n }
    command <<<
        echo run >>runs
        until [ -e /mnt/go ]; do sleep 0.02; done
        [ ! -e /mnt/fail ]
    >>>
    output { Int m = n }
    requirements { container: "pysprocket/base"  cpu: %g  memory: "8 MiB"  disks: "/mnt 1 GiB" }
}
workflow w {
    scatter (n in range(4)) { call work { n } }
    output { Array[Int] m = work.m }
}
"""


class Run:
    """A run of four tasks, each as large as the whole place."""

    def __init__(self, folder: Path, docker_host: str) -> None:
        self.folder = folder
        cpu = json.loads(Api(docker_host).request("GET", "/info")[1])["NCPU"]
        (folder / "w.wdl").write_text(DOCUMENT % cpu)
        self.engines: list[subprocess.Popen[bytes]] = []
        self.engine = self.start("run", "w.wdl")

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(SPROCKET), "-s", *arguments, "-b", "docker"][: None if arguments[0] == "run" else -2]
        with (self.folder / "log").open("ab") as log:
            self.engines.append(subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=log))
        return self.engines[-1]

    def containers(self, status: str) -> list[str]:
        with closing(sqlite3.connect(self.folder / "out/sprocket.db", timeout=30)) as database:
            ((run,),) = database.execute("SELECT uuid FROM runs").fetchall()
        filters = ("--filter", f"label=pysprocket.run={run}", *(["--filter", f"status={status}"] if status else []))
        return docker("ps", "--all", "--quiet", *filters).split()

    def until_made_ahead(self) -> None:
        wait_for(lambda: self.begun() and self.containers("running") and self.containers("created"))

    def begun(self) -> list[Path]:
        """The attempts whose script has begun."""
        return [path.parents[1] for path in self.folder.glob("out/runs/*/2*/calls/*/attempts/*/work/runs")]

    def runs(self) -> list[int]:
        """How often the script of each attempt was run."""
        return [len((attempt / "work/runs").read_text().splitlines()) for attempt in self.begun()]

    def let_go(self, *files: str) -> None:
        """Have the scripts that run, and those that follow, come to an end."""
        for attempt in self.begun():
            with suppress(FileNotFoundError):  # it has ended
                for file in (*files, "go"):
                    (attempt / "disks/1" / file).touch()

    def close(self) -> None:
        for engine in self.engines:
            if engine.returncode is None:
                engine.kill()
                engine.communicate()
        if (self.folder / "out/sprocket.db").exists() and (left := self.containers("")):
            docker("rm", "--force", *left)

    def finish(self, engine: subprocess.Popen[bytes]) -> tuple[int, bytes]:
        deadline = time.monotonic() + 90
        while engine.poll() is None and time.monotonic() < deadline:
            self.let_go()
            time.sleep(0.05)
        out, _ = engine.communicate(timeout=10)
        return engine.returncode, out


@pytest.fixture
def whole_run(tmp_path: Path, docker_host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    run = Run(tmp_path, docker_host)
    try:
        run.until_made_ahead()
        yield run
    finally:
        run.close()


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_run_that_is_killed_with_a_container_made_ahead_is_resumed(whole_run):
    whole_run.engine.kill()
    whole_run.engine.communicate()
    assert whole_run.containers("created")
    status, out = whole_run.finish(whole_run.start("resume"))
    assert (status, json.loads(out)) == (0, {"w.m": [0, 1, 2, 3]})
    assert whole_run.runs() == [1] * 4
    assert not whole_run.containers("")


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGINT] * 2, [signal.SIGTERM]])
def test_a_run_that_is_interrupted_leaves_no_container_that_was_made_ahead(whole_run, signals):
    for number in signals:
        os.kill(whole_run.engine.pid, number)
        time.sleep(0.3)
    wait_for(lambda: not whole_run.containers("created"))
    status, _ = whole_run.finish(whole_run.engine)
    assert status == 130
    assert len(whole_run.runs()) == 1
    assert not whole_run.containers("")


def test_a_run_that_is_killed_and_cancelled_once_resumed_leaves_nothing(whole_run):
    whole_run.engine.kill()
    whole_run.engine.communicate()
    engine = whole_run.start("resume")
    time.sleep(1.5)
    os.kill(engine.pid, signal.SIGINT)
    time.sleep(0.2)
    os.kill(engine.pid, signal.SIGINT)
    assert whole_run.finish(engine)[0] == 130
    assert not whole_run.containers("")


def test_a_run_that_fails_leaves_no_container_that_was_made_ahead(whole_run):
    whole_run.let_go("fail")
    status, _ = whole_run.finish(whole_run.engine)
    assert status == 1
    assert len(whole_run.runs()) == 1
    assert not whole_run.containers("")


# --- what is taken back, and a disk on which nothing can be written -----------------------------------------


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No result can be written."""

    def keep(*_: object) -> None:
        raise BackendError("how the task ended cannot be written: No space left on device")

    monkeypatch.setattr("pysprocket.backends.docker.following.keep", keep)


async def test_a_job_that_is_cancelled_before_its_container_is_started_is_not_started(tmp_path, monkeypatch):
    job = make_job(tmp_path, "echo run >>runs")
    async with DockerBackend() as backend:
        creating, real = asyncio.Event(), backend._api.create

        async def create(*arguments: Any) -> str:
            creating.set()
            await asyncio.sleep(0.2)
            return await real(*arguments)

        monkeypatch.setattr(backend._api, "create", create)
        submitting = asyncio.create_task(backend.submit(job))
        await creating.wait()
        for _ in range(2):
            submitting.cancel()
            await asyncio.sleep(0.01)
        with pytest.raises(asyncio.CancelledError):
            await submitting
        assert not containers_of(job)
    assert runs_of(job) == 0


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(("script", "code"), [("sleep 300", None), ("echo run >>runs", 0)])
async def test_a_job_that_is_cancelled_while_it_starts_leaves_nothing_on_a_full_disk(
    tmp_path, monkeypatch, script, code
):
    """It has begun, so it has its id; one that was faster has its own end."""
    told: list[str] = []
    job = make_job(tmp_path, script)
    async with DockerBackend(notify=lambda name, state, remark: told.append(remark)) as backend:
        starting, real = asyncio.Event(), backend._api.start

        async def start(container: str) -> None:
            starting.set()
            await real(container)
            await asyncio.sleep(0.5)

        monkeypatch.setattr(backend._api, "start", start)
        submitting = asyncio.create_task(backend.submit(job))
        await starting.wait()
        submitting.cancel()
        job_id = await submitting
        await backend.cancel(job_id)
        result = await backend.wait(job_id)
        if code is None:
            assert result.failure == CANCELLED
        else:
            assert (result.exit_code, result.failure) == (code, None)
        await backend.forget(job_id)
        assert not containers_of(job)
    assert sum("No space left on device" in remark for remark in told) == 1


@pytest.mark.usefixtures("full")
async def test_a_result_that_cannot_be_written_is_told_and_stays_with_the_container(tmp_path):
    job = make_job(tmp_path, "echo run >>runs; exit 3")
    async with DockerBackend() as backend:
        job_id = await backend.submit(job)
        assert (await backend.wait(job_id)).exit_code == (await backend.wait(job_id)).exit_code == 3
    assert containers_of(job), "nobody has recorded it"
    async with DockerBackend() as backend:
        assert (await backend.wait(await backend.submit(job))).exit_code == 3
        await backend.forget(job_id)
    assert runs_of(job) == 1
    assert not containers_of(job)


async def test_a_container_that_cannot_be_removed_is_told_and_removed_later(tmp_path, monkeypatch):
    job = make_job(tmp_path, "true")
    async with DockerBackend() as backend:

        async def refuse(*_: Any, **__: Any) -> None:
            raise ApiError(500, "the device is busy")

        with monkeypatch.context() as patch:
            patch.setattr(backend._api, "remove", refuse)
            job_id = await backend.submit(job)
            await backend.wait(job_id)
            with pytest.raises(BackendError, match="may still be there: the device is busy"):
                await backend.forget(job_id)
        await backend.forget(job_id)
    assert not containers_of(job)
