"""The process that starts local jobs: what it tells of them, and that nothing depends on its life."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
import zipapp
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copytree

import msgspec
import pytest

import pysprocket
from pysprocket.backends.job import Failure, FailureKind, Job, JobId, Result
from pysprocket.backends.local import claims
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.config.backend_settings import Local
from pysprocket.errors import BackendError
from tests.cli.waiting import FINDS_EXIT_CODES

from .test_backend import alive, ends, make_job, run, until

ONE_JOB = """
import asyncio, sys
from pathlib import Path
from pysprocket.backends.job import Job, Resources
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.config.backend_settings import Local
from pysprocket.backends.local.launcher import Launcher
from pysprocket.config.backend_settings import Local

async def main():
    async with LocalBackend() as backend:
        job = Job("job", Path(sys.argv[1]), resources=Resources(cpu=1, memory=0))
        result = await backend.wait(await backend.submit(job))
        (job.directory / "told").write_text(f"{result.exit_code} {result.usage.memory_peak is not None}")

asyncio.run(main())
"""


def launcher_of(backend: LocalBackend) -> int:
    launcher = backend._starts._launcher
    assert launcher is not None
    return launcher._pid


def processes_of(job: Job) -> list[int]:
    """The processes that have the directory of a job in their arguments, as its script has."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended just now
            if os.fsencode(job.directory) in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A launcher that does not get to work, and is then killed."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)


async def wait(backend: LocalBackend, job_id: JobId) -> Result:
    return await asyncio.wait_for(backend.wait(job_id), 20)


async def test_a_small_task_is_told_to_be_small_by_a_large_engine(tmp_path):
    ballast = bytearray(b"x" * 200_000_000)
    result = await run(make_job(tmp_path, "true"))
    del ballast
    assert result.usage.memory_peak is not None
    assert 0 < result.usage.memory_peak < 16e6


async def test_the_peak_is_that_of_the_largest_process_of_the_task(tmp_path):
    hungry = f"{sys.executable} -I -S -c 'b = bytearray(b\"x\") * 100_000_000'\n"
    result = await run(make_job(tmp_path, hungry))
    assert result.usage.memory_peak is not None
    assert 100e6 < result.usage.memory_peak < 140e6


async def test_processor_time_is_that_of_the_task(tmp_path):
    busy = f"{sys.executable} -I -S -c 'import time\nwhile time.process_time() < 0.5: pass'\nsleep 0.2"
    result = await run(make_job(tmp_path, busy))
    assert result.usage.cpu_seconds is not None
    assert 0.5 <= result.usage.cpu_seconds < 3


async def test_what_a_job_used_is_known_when_it_ended_before_anybody_waited(tmp_path):
    job = make_job(tmp_path, "exit 3")
    async with LocalBackend() as backend:
        job_id = await backend.submit(job)
        while backend._jobs:
            await asyncio.sleep(0.01)
        result = await wait(backend, job_id)
        assert result == await wait(backend, job_id)
        await backend.forget(job_id)
        assert not backend._results
    assert result.exit_code == 3
    assert result.usage.memory_peak is not None


@FINDS_EXIT_CODES
async def test_a_killed_launcher_costs_no_job(tmp_path):
    jobs = [make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done; exit 5", f"job{number}") for number in range(2)]
    async with LocalBackend(Local(cpu=4)) as backend:
        first, second = [await backend.submit(job) for job in jobs]
        waiting = asyncio.create_task(backend.wait(first))
        os.kill(launcher_of(backend), signal.SIGKILL)
        third = await backend.submit(make_job(tmp_path, "exit 6", "another"))
        assert (await wait(backend, third)).exit_code == 6
        assert not waiting.done()
        (jobs[0].directory / "work" / "go").touch()
        assert (await waiting).exit_code == 5
        await backend.cancel(second)
        result = await wait(backend, second)
        assert result.failure is not None
        assert result.failure.kind is FailureKind.CANCELLED
    assert await ends(int(second.native))


async def test_a_launcher_killed_before_it_answers_is_replaced_and_the_job_runs_once(tmp_path):
    job = make_job(tmp_path, "echo once >>runs")
    async with LocalBackend() as backend:
        with stopped(launcher_of(backend)):
            submitting = asyncio.create_task(backend.submit(job))
            await asyncio.sleep(0.1)
            assert not submitting.done()
        assert (await wait(backend, await submitting)).exit_code == 0
    assert (job.directory / "work" / "runs").read_text() == "once\n"


async def test_a_launcher_killed_with_jobs_queued_is_replaced_and_each_runs_once(tmp_path):
    jobs = [make_job(tmp_path, "echo once >>runs", f"job{number}") for number in range(30)]
    async with LocalBackend(Local(cpu=1)) as backend:
        first = await backend.submit(make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done", "first"))
        submitting = [asyncio.create_task(backend.submit(job)) for job in jobs]
        await asyncio.sleep(0.1)
        os.kill(launcher_of(backend), signal.SIGKILL)
        (tmp_path / "first/work/go").touch()
        assert (await wait(backend, first)).exit_code == 0
        for submitted in submitting:
            assert (await wait(backend, await asyncio.wait_for(submitted, 20))).exit_code == 0
    assert {(job.directory / "work" / "runs").read_text() for job in jobs} == {"once\n"}


async def test_jobs_cancelled_while_they_are_queued_never_run(tmp_path):
    jobs = [make_job(tmp_path, "touch ran", f"job{number}") for number in range(30)]
    async with LocalBackend(Local(cpu=1)) as backend:
        first = await backend.submit(make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done", "first"))
        submitting = [asyncio.create_task(backend.submit(job)) for job in jobs]
        await asyncio.sleep(0.1)
        for task in submitting[:-1]:
            task.cancel()
        await asyncio.wait(submitting[:-1])
        (tmp_path / "first/work/go").touch()
        last = await asyncio.wait_for(submitting[-1], 20)
        assert [(await wait(backend, job_id)).exit_code for job_id in (first, last)] == [0, 0]
    assert [job.name for job in jobs if (job.directory / "work" / "ran").exists()] == ["job29"]


async def test_a_submit_cancelled_while_the_job_is_started_gives_it_to_be_cancelled(tmp_path):
    job = make_job(tmp_path, "echo $$ >pid; trap '' TERM; while :; do sleep 1; done")
    async with LocalBackend(grace=0.5) as backend:
        launcher = launcher_of(backend)
        os.kill(launcher, signal.SIGSTOP)
        submitting = asyncio.create_task(backend.submit(job))
        await asyncio.sleep(0.5)
        submitting.cancel()
        await asyncio.sleep(0.1)
        assert not submitting.done()
        os.kill(launcher, signal.SIGCONT)
        job_id = await submitting
        assert processes_of(job)
        await backend.cancel(job_id)
        result = await wait(backend, job_id)
    assert result.failure == Failure(FailureKind.CANCELLED, "the task was cancelled")
    assert [pid for pid in processes_of(job) if not await ends(pid)] == []


async def test_a_submit_cancelled_when_the_job_has_ended_already_gives_its_end(tmp_path):
    job = make_job(tmp_path, "exit 3")
    async with LocalBackend() as backend:
        submitting = asyncio.create_task(backend.submit(job))
        await asyncio.sleep(0)
        while claims.read_exit(str(job.directory)) is None:
            time.sleep(0.01)  # nothing is heard of it meanwhile
        submitting.cancel()
        result = await wait(backend, await submitting)
    assert (result.exit_code, result.failure) == (3, None)


async def test_a_submit_cancelled_twice_does_not_wait(tmp_path):
    async with LocalBackend() as backend:
        launcher = launcher_of(backend)
        os.kill(launcher, signal.SIGSTOP)
        submitting = asyncio.create_task(backend.submit(make_job(tmp_path, "sleep 300")))
        for _ in range(2):
            await asyncio.sleep(0.1)
            submitting.cancel()
        await asyncio.wait([submitting])
        assert submitting.cancelled()
        os.kill(launcher, signal.SIGCONT)
    assert processes_of(Job("", tmp_path)) == []


async def test_more_jobs_at_once_than_descriptors(tmp_path):
    used = len(list(Path("/proc/self/fd").iterdir()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with LocalBackend(Local(cpu=100)) as backend:
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 20, hard))
        try:
            jobs = [make_job(tmp_path, "until [ -e ../../go ]; do sleep 0.2; done", f"job{n}") for n in range(60)]
            job_ids = await asyncio.gather(*map(backend.submit, jobs))
            (tmp_path / "go").touch()
            results = await asyncio.gather(*(wait(backend, job_id) for job_id in job_ids))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert {result.exit_code for result in results} == {0}


async def test_requests_larger_than_the_socket_arrive_whole(tmp_path):
    count, size = 40, 100_000
    environment = {"LARGE": "x" * size}
    async with LocalBackend(Local(cpu=count)) as backend:
        jobs = [make_job(tmp_path, "echo ${#LARGE}", f"job{number}") for number in range(count)]
        job_ids = await asyncio.gather(
            *(backend.submit(msgspec.structs.replace(job, environment=environment)) for job in jobs)
        )
        results = await asyncio.gather(*(wait(backend, job_id) for job_id in job_ids))
    assert {Path(result.stdout).read_text() for result in results} == {f"{size}\n"}


@pytest.mark.parametrize(("value", "transient"), [("a\0b", False), ("x" * 300_000, False)])
async def test_what_the_system_refuses_is_told_and_gives_back_its_place(tmp_path, value, transient):
    async with LocalBackend(Local(cpu=1)) as backend:
        job = make_job(tmp_path, "true")
        with pytest.raises(BackendError, match="the task cannot be started: ") as caught:
            await backend.submit(msgspec.structs.replace(job, environment={"VALUE": value}))
        assert caught.value.transient is transient
        assert (await wait(backend, await backend.submit(job))).exit_code == 0


async def test_bytes_that_are_no_text_arrive(tmp_path, monkeypatch):
    monkeypatch.setenv("SHARED", "\udcff\udc80")
    job = make_job(tmp_path, 'printf "%s" "$SHARED" "$OWN" | od -An -tx1')
    result = await run(msgspec.structs.replace(job, environment={"OWN": "\udcfe\n"}))
    assert Path(result.stdout).read_text().split() == ["ff", "80", "fe", "0a"]


def run_elsewhere(job: Job, path: Path | str, shell: str = "exec") -> None:
    """Run a job in an interpreter of its own that finds the package at `path`."""
    words = ["sh", "-c", f'{shell} "$@"', "sh", sys.executable, "-W", "error", "-c", ONE_JOB, str(job.directory)]
    packages = str(Path(msgspec.__file__).parents[1])
    environment = {"PYTHONPATH": f"{path}{os.pathsep}{packages}", "PATH": os.environ["PATH"]}
    completed = subprocess.run(words, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert (job.directory / "told").read_text() == "0 True"


def test_the_package_may_be_in_a_zip_archive(tmp_path):
    copytree(Path(pysprocket.__file__).parent, tmp_path / "source/pysprocket")
    (tmp_path / "source/__main__.py").touch()
    zipapp.create_archive(tmp_path / "source", tmp_path / "archive.zip")
    run_elsewhere(make_job(tmp_path, "true"), tmp_path / "archive.zip")


def test_an_engine_without_standard_streams_runs_jobs(tmp_path):
    root = Path(pysprocket.__file__).parents[1]
    run_elsewhere(make_job(tmp_path, "cat; echo out"), root, "exec <&- >&-; exec")
    assert (tmp_path / "job/stdout").read_text() == "out\n"


def test_the_launcher_lives_until_its_last_job_has_ended_and_writes_how(tmp_path):
    script = ONE_JOB.replace("result =", "print(backend._starts._launcher._pid, flush=True); result =")
    job = make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done; echo ended; exit 7")
    words = [sys.executable, "-c", script, str(job.directory)]
    environment = os.environ | {"PYTHONPATH": str(Path(pysprocket.__file__).parents[1])}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as engine:
        assert engine.stdout is not None
        launcher = int(engine.stdout.readline())
        asyncio.run(until(job.directory / "submitted"))
        engine.kill()
        engine.communicate(timeout=20)  # the launcher holds none of the engine's streams
    assert alive(launcher)
    os.kill(launcher, signal.SIGTERM)  # which it does not obey
    (job.directory / "work" / "go").touch()
    assert asyncio.run(ends(launcher))
    assert processes_of(job) == []
    end = claims.read_exit(str(job.directory))
    assert end is not None
    assert end.code == 7
    assert end.usage.cpu_seconds is not None
    assert end.usage.memory_peak is not None


def test_a_launcher_whose_engine_died_without_jobs_ends(tmp_path):
    script = ONE_JOB.replace(
        "job = Job", "print(backend._starts._launcher._pid, flush=True); await asyncio.sleep(60); job = Job"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(pysprocket.__file__).parents[1])}
    with subprocess.Popen([sys.executable, "-c", script, "."], env=environment, stdout=subprocess.PIPE) as engine:
        assert engine.stdout is not None
        launcher = int(engine.stdout.readline())
        engine.kill()
    assert asyncio.run(ends(launcher))


async def test_jobs_in_thousands_need_no_descriptors_in_thousands(tmp_path, monkeypatch):
    """Of the files by which jobs are claimed some are opened again to write the end."""
    jobs = [make_job(tmp_path, "until [ -e ../../go ]; do sleep 0.2; done; exit 3", f"job{n}") for n in range(230)]
    async with LocalBackend(Local(cpu=len(jobs))) as backend:
        job_ids = await asyncio.gather(*map(backend.submit, jobs))
        descriptors = len(list(Path(f"/proc/{launcher_of(backend)}/fd").iterdir()))
        (tmp_path / "go").touch()
        for job_id in job_ids:
            await wait(backend, job_id)
    assert 200 <= descriptors < 210
    assert {end.code for job in jobs if (end := claims.read_exit(str(job.directory))) is not None} == {3}
    assert all(claims.read_exit(str(job.directory)) for job in jobs)


async def test_a_directory_that_is_moved_while_its_job_runs_gets_the_exit_code(tmp_path):
    job = make_job(tmp_path, "echo begun >begun; until [ -e go ]; do sleep 0.02; done; exit 3")
    async with LocalBackend() as backend:
        await backend.submit(job)
        await until(job.directory / "work" / "begun")
    job.directory.rename(tmp_path / "moved")
    (tmp_path / "moved/work/go").touch()
    async with LocalBackend() as backend:
        result = await wait(backend, JobId(job.name, "", str(tmp_path / "moved")))
    assert (result.exit_code, result.failure) == (3, None)
