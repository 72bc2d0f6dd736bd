"""Local jobs while the time of day jumps: their time limits count the seconds that their processes have lived."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from pysprocket.backends.job import FailureKind, Job, JobId, Resources, Result
from pysprocket.backends.local.backend import LocalBackend

YEAR = 365 * 86400.0


async def begin(job: Job) -> JobId:
    """Start a job and leave it."""
    async with LocalBackend() as backend:
        return await backend.submit(job)


async def find(job_id: JobId) -> Result:
    async with LocalBackend(grace=0.1) as backend:
        return await asyncio.wait_for(backend.wait(job_id), 30)


def jump(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


@pytest.mark.parametrize("seconds", [-YEAR, YEAR])
async def test_a_jump_ends_no_job_before_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float):
    job_id = await begin(make_job(tmp_path, f"until [ -e {tmp_path}/go ]; do sleep 0.02; done", time_limit=3600))
    jump(monkeypatch, seconds)
    finding = asyncio.create_task(find(job_id))
    await asyncio.sleep(0.5)
    (tmp_path / "go").touch()
    result = await finding
    assert (result.exit_code, result.failure) == (0, None)


@pytest.mark.parametrize("seconds", [-YEAR, YEAR])
async def test_a_jump_gives_no_job_more_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float):
    job_id = await begin(make_job(tmp_path, "sleep 300", time_limit=1))
    jump(monkeypatch, seconds)
    failure = (await find(job_id)).failure
    assert failure is not None
    assert failure.kind is FailureKind.TIME_LIMIT


def make_job(root: Path, script: str, time_limit: float) -> Job:
    directory = root / "job"
    (directory / "work").mkdir(parents=True)
    (directory / "command").write_text(script)
    return Job("job", directory, resources=Resources(cpu=1, memory=0, time_limit=time_limit))
