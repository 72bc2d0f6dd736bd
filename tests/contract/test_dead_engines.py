"""An engine that is killed at any moment of a job: the next one runs it once, or ends it, and nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from pysprocket.backends.job import Backend, FailureKind, Job, JobId, Result

from .conftest import Place

OF_ALL = {
    "submitted and not recorded": "{backend}.submit after 1",
    "ended and not recorded": "{backend}.wait after 1",
    "forgotten": "{backend}.forget after 1",
}
BACKENDS = {
    "local": "pysprocket.backends.local.backend:LocalBackend",
    "docker": "pysprocket.backends.docker.backend:DockerBackend",
}
_API = "pysprocket.backends.docker.api:DockerApi"
BEFORE_START = {
    "before its container is created": f"{_API}.create before 1",
    "while its container is created": f"{_API}.create during 1",
    "created and not started": f"{_API}.create after 1",
}
STARTED = {
    "while it is started": f"{_API}.start during 1",
    "started": f"{_API}.start after 1",
    "running": f"{_API}.wait during 1",
    "ended and not looked at": f"{_API}.wait after 1",
    "ended and not kept": "pysprocket.backends.docker.following:keep before 1",
    "kept and not removed": "pysprocket.backends.docker.following:keep after 1",
    "while it is removed": f"{_API}.remove during 1",
    "removed": f"{_API}.remove after 1",
}
HELPED = {
    "its helper created": f"{_API}.create after 2 others",
    "its helper started": f"{_API}.start after 2 others",
    "its helper ended": f"{_API}.wait after 2 others",
    "while its helper is removed": f"{_API}.remove during 1 others",
}


async def submitted(backend: Backend, job: Job) -> Result:
    return await asyncio.wait_for(backend.wait(await backend.submit(job)), 30)


async def awaited(backend: Backend, job: Job) -> Result:
    return await asyncio.wait_for(backend.wait(JobId(job.name, "", str(job.directory))), 30)


async def cancelled(backend: Backend, job: Job) -> Result:
    job_id = JobId(job.name, "", str(job.directory))
    await asyncio.wait_for(backend.cancel(job_id), 30)
    return await asyncio.wait_for(backend.wait(job_id), 30)


def once(place: Place) -> Job:
    """A job that tells how often it ran."""
    return place.job("echo once >>runs")


def runs(job: Job) -> int:
    file = job.directory / "work" / "runs"
    return file.read_text().count("once") if file.exists() else 0


@pytest.mark.parametrize("moment", [name for name in OF_ALL if name != "forgotten"])
async def test_a_job_of_a_dead_engine_runs_once(place: Place, moment: str) -> None:
    job = once(place)
    place.run_and_die(job, OF_ALL[moment].format(backend=BACKENDS[place.kind]))
    async with place.backend() as backend:
        result = await submitted(backend, job)
        await backend.forget(JobId(job.name, "", str(job.directory)))
    assert (result.exit_code, result.failure, runs(job)) == (0, None, 1)
    assert not place.remains(job)


async def test_nothing_is_left_of_a_job_that_was_forgotten(place: Place) -> None:
    job = once(place)
    place.run_and_die(job, OF_ALL["forgotten"].format(backend=BACKENDS[place.kind]))
    assert not place.remains(job)
    assert {path.name for path in job.directory.iterdir()} == {"command", "stderr", "stdout", "work"}


@pytest.fixture
def docker(docker_host: str, tmp_path: Path) -> Iterator[Place]:
    place = Place("docker", tmp_path)
    yield place
    place.close()


@pytest.mark.integration
@pytest.mark.parametrize("moment", [*BEFORE_START, *STARTED])
async def test_a_container_of_a_dead_engine_runs_once(docker: Place, moment: str) -> None:
    job = once(docker)
    docker.run_and_die(job, (BEFORE_START | STARTED)[moment])
    async with docker.backend() as backend:
        result = await submitted(backend, job)
    assert (result.exit_code, result.failure, runs(job)) == (0, None, 1)
    assert not docker.remains(job)


@pytest.mark.integration
@pytest.mark.parametrize("moment", STARTED)
async def test_a_container_of_a_dead_engine_is_awaited(docker: Place, moment: str) -> None:
    job = once(docker)
    docker.run_and_die(job, STARTED[moment])
    async with docker.backend() as backend:
        result = await awaited(backend, job)
    if moment == "while it is started" and result.failure is not None:
        assert result.failure.kind is FailureKind.BACKEND  # the daemon had not begun
        assert runs(job) == 0
    else:
        assert (result.exit_code, result.failure, runs(job)) == (0, None, 1)
    assert not docker.remains(job)


@pytest.mark.integration
@pytest.mark.parametrize("moment", ["before its container is created", "created and not started", *STARTED])
async def test_a_container_of_a_dead_engine_is_cancelled(docker: Place, moment: str) -> None:
    """While it is created it cannot be seen yet, and so not be cancelled; who resumes a run comes later."""
    job = once(docker)
    docker.run_and_die(job, (BEFORE_START | STARTED)[moment])
    async with docker.backend() as backend:
        result = await cancelled(backend, job)
    if result.failure is not None:
        assert result.failure.kind in {FailureKind.CANCELLED, FailureKind.LOST}
    assert runs(job) <= 1
    assert not docker.remains(job)


@pytest.mark.integration
@pytest.mark.parametrize("act", [submitted, awaited, cancelled])
@pytest.mark.parametrize("moment", HELPED)
async def test_a_helper_of_a_dead_engine_is_removed(
    docker: Place, moment: str, act: Callable[[Backend, Job], Awaitable[Result]]
) -> None:
    job = once(docker)
    docker.run_and_die(job, HELPED[moment])
    async with docker.backend() as backend:
        result = await act(backend, job)
    assert runs(job) == 1
    assert result.failure is None or (act is cancelled and result.failure.kind is FailureKind.CANCELLED)
    assert not docker.remains(job)
