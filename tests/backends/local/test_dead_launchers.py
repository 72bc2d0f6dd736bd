"""Launchers that are killed at the worst moments, and places where they cannot work as usual."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pysprocket.backends.job import FailureKind
from pysprocket.backends.local import claims
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.config.backend_settings import Local
from pysprocket.errors import BackendError
from tests.cli.waiting import FINDS_EXIT_CODES

from .test_backend import make_job, until
from .test_launcher import launcher_of, processes_of, wait


async def test_a_job_that_waits_outlives_any_number_of_launchers(tmp_path):
    first = make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done", "first")
    async with LocalBackend(Local(cpu=1)) as backend:
        await backend.submit(first)
        submitting = asyncio.create_task(backend.submit(make_job(tmp_path, "exit 3")))
        for _ in range(5):
            launcher = launcher_of(backend)
            os.kill(launcher, signal.SIGKILL)
            async with asyncio.timeout(20):
                while launcher_of(backend) == launcher:
                    await asyncio.sleep(0.01)
        (first.directory / "work" / "go").touch()
        assert (await wait(backend, await asyncio.wait_for(submitting, 20))).exit_code == 3


async def test_when_no_launcher_lives_a_job_is_given_up_for_now_and_leaving_does_not_wait(tmp_path, monkeypatch):
    monkeypatch.setattr("pysprocket.backends.local.launcher._BOOT", "raise SystemExit")
    async with asyncio.timeout(20), LocalBackend(Local(cpu=1)) as backend:
        submitting = [asyncio.create_task(backend.submit(make_job(tmp_path, "true", name))) for name in "ab"]
        with pytest.raises(BackendError, match="killed again and again") as caught:
            await submitting[0]
        assert caught.value.transient
    await asyncio.wait(submitting)
    assert not list(tmp_path.glob("*/submitted"))


@pytest.mark.parametrize("first", ["cancelled", "lost"])
async def test_a_submit_cancelled_when_the_launcher_was_killed_before_its_answer_was_read(tmp_path, first):
    job = make_job(tmp_path, "echo $$ >pid; sleep 300")
    async with LocalBackend(Local(cpu=2)) as backend:
        submitting = asyncio.create_task(backend.submit(job))
        await asyncio.sleep(0)
        launcher = backend._starts._launcher
        assert launcher is not None
        asyncio.get_running_loop().remove_reader(launcher._socket)
        await until(job.directory / "work" / "pid")
        if first == "cancelled":
            submitting.cancel()
            await asyncio.sleep(0)
        launcher._lost()
        submitting.cancel()
        await asyncio.wait([submitting])
        if not submitting.cancelled():
            await backend.cancel(submitting.result())
        async with asyncio.timeout(10):
            while backend._starts._waiting or backend._jobs:
                await asyncio.sleep(0.01)
        assert processes_of(job) == []
        await asyncio.sleep(0)
        assert backend._admission._cpu == 2000


@FINDS_EXIT_CODES
async def test_a_script_whose_launcher_was_killed_before_it_wrote_who_it_is_is_found(tmp_path):
    job = make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done; exit 5")
    command = ["bash", str(job.directory / "command")]
    with subprocess.Popen(command, cwd=job.directory / "work", start_new_session=True) as script:
        (job.directory / "submitted").write_bytes(claims.terms(job.resources))
        async with LocalBackend() as backend:
            waiting = asyncio.create_task(wait(backend, await backend.submit(job)))
            await until(job.directory / "submitted")
            (job.directory / "work" / "go").touch()
            await asyncio.to_thread(script.wait)
            result = await waiting
    assert (result.exit_code, result.failure) == (5, None)
    assert result.started is not None
    assert abs(result.started - (job.directory / "submitted").stat().st_mtime) < 3


@FINDS_EXIT_CODES
async def test_a_launcher_killed_before_it_wrote_who_the_script_is_costs_no_job(tmp_path):
    job = make_job(tmp_path, "echo $$ >pid; until [ -e go ]; do sleep 0.02; done; exit 5")
    async with LocalBackend() as backend:
        submitting = asyncio.create_task(backend.submit(job))
        await asyncio.sleep(0)
        launcher = backend._starts._launcher
        assert launcher is not None
        asyncio.get_running_loop().remove_reader(launcher._socket)
        pid = await until(job.directory / "work" / "pid")
        (job.directory / "submitted").write_bytes(claims.terms(job.resources))
        launcher._lost()
        job_id = await asyncio.wait_for(submitting, 0.5)
        (job.directory / "work" / "go").touch()
        result = await wait(backend, job_id)
    assert (job_id.native, result.exit_code, result.failure) == (pid.strip(), 5, None)


@contextmanager
def adopting() -> Iterator[None]:
    """This process is given the orphans among its descendants, as the first process of a container is."""
    libc, set_child_subreaper = ctypes.CDLL(None), 36
    assert libc.prctl(set_child_subreaper, 1, 0, 0, 0) == 0
    yield
    libc.prctl(set_child_subreaper, 0, 0, 0, 0)


@pytest.mark.parametrize(("script", "code"), [("exit 5", 5), ("kill -9 $$", 137)])
async def test_where_nobody_reaps_orphans_exit_codes_are_found(tmp_path, script, code):
    job = make_job(tmp_path, f"until [ -e go ]; do sleep 0.02; done; {script}")
    with adopting():
        async with LocalBackend() as backend:
            job_id = await backend.submit(job)
            os.kill(launcher_of(backend), signal.SIGKILL)
            waiting = asyncio.create_task(wait(backend, job_id))
            await asyncio.sleep(0.1)
            (job.directory / "work" / "go").touch()
            result = await waiting
        os.waitpid(int(job_id.native), 0)
    assert (result.exit_code, result.failure) == (code, None)


async def test_more_jobs_at_once_than_the_launcher_may_have_descriptors(tmp_path):
    used = len(list(Path("/proc/self/fd").iterdir()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 20, hard))
    try:
        jobs = [make_job(tmp_path, "until [ -e ../../go ]; do sleep 0.2; done", f"job{n}") for n in range(used + 40)]
        async with LocalBackend(Local(cpu=len(jobs))) as backend:
            job_ids = await asyncio.gather(*map(backend.submit, jobs))
            (tmp_path / "go").touch()
            results = await asyncio.gather(*(wait(backend, job_id) for job_id in job_ids))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert {result.exit_code for result in results} == {0}


@pytest.mark.parametrize("room", [3, 60])
async def test_a_job_that_cannot_be_noted_does_not_run(tmp_path, room):
    job = make_job(tmp_path, "sleep 300")
    async with LocalBackend() as backend:
        first = make_job(tmp_path, "true", "first")
        await wait(backend, await backend.submit(first))
        resource.prlimit(launcher_of(backend), resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        with pytest.raises(BackendError, match=f"{job.directory}/submitted: No space left") as caught:
            await asyncio.wait_for(backend.submit(job), 60)
    assert caught.value.transient
    assert processes_of(job) == []
    assert not (job.directory / "submitted").exists()


async def test_a_kernel_without_a_boot_id_will_do(tmp_path, monkeypatch):
    monkeypatch.setattr(claims, "_BOOT", tmp_path / "none", raising=False)
    claims.this_boot.cache_clear()
    job = make_job(tmp_path, "sleep 300")
    async with LocalBackend() as backend:
        job_id = await backend.submit(job)
    async with LocalBackend() as backend:
        await backend.cancel(job_id)
        result = await wait(backend, job_id)
    claims.this_boot.cache_clear()
    assert result.failure is not None
    assert result.failure.kind is FailureKind.CANCELLED
