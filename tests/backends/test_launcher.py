"""The process that starts local jobs: what it tells of them, and that nothing depends on its life."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
import zipapp
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copytree

import msgspec
import pytest

import pysprocket
from pysprocket.backends import claims
from pysprocket.backends.claims import End
from pysprocket.backends.job import Failure, FailureKind, Job, JobId, Resources, Result
from pysprocket.backends.launcher import Launcher
from pysprocket.backends.local import LocalBackend
from pysprocket.errors import BackendError
from tests.cli.waiting import FINDS_EXIT_CODES

from .test_local import alive, ends, make_job, run, until

ONE_JOB = """
import asyncio, sys
from pathlib import Path
from pysprocket.backends.job import Job, Resources
from pysprocket.backends.launcher import Launcher
from pysprocket.backends.local import LocalBackend

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
    assert 0.5 <= result.usage.cpu_seconds < 0.9


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
    async with LocalBackend(cpu=4) as backend:
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


class Teller:
    """A customer that writes down what it is told."""

    def __init__(self, told: list[str], name: str) -> None:
        self.told, self.name = told, name

    def started(self, pid: int, began: int, started: float) -> None:
        self.told.append(f"{self.name} started")

    def claimed(self) -> None:
        self.told.append(f"{self.name} claimed")

    def refused(self, error: BackendError) -> None:
        self.told.append(f"{self.name} refused")

    def dropped(self) -> None:
        self.told.append(f"{self.name} dropped")

    def ended(self, end: End) -> None:
        self.told.append(f"{self.name} ended {end.code}")

    def lost(self) -> None:
        self.told.append(f"{self.name} lost")


class Counter:
    """A launcher and what it has told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.launcher = Launcher(dict(os.environb))
        self.told: list[str] = []

    def start(self, name: str, script: str, cpu: float = 1.0, memory: int = 1, *, queued: bool = False) -> int:
        job = msgspec.structs.replace(make_job(self.root, script, name), resources=Resources(cpu=cpu, memory=memory))
        return self.launcher.start(job, Teller(self.told, name), queued=queued)

    async def until(self, last: str) -> list[str]:
        async with asyncio.timeout(20):
            while last not in self.told:
                await asyncio.sleep(0.005)
        return self.told


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.launcher.close()


async def test_what_is_queued_starts_in_the_place_of_what_ends_before_anybody_is_asked(counter):
    counter.start("first", "exit 0")
    counter.start("second", "exit 0", queued=True)
    counter.start("third", "exit 0", queued=True)
    assert await counter.until("third ended 0") == [
        "first started",
        "second started",
        "first ended 0",
        "third started",
        "second ended 0",
        "third ended 0",
    ]


@pytest.mark.parametrize("resources", [(1.5, 1), (1, 2)])
async def test_what_is_queued_and_needs_more_than_what_ends_waits_until_it_is_told_to_go(counter, resources):
    counter.start("small", "exit 0")
    number = counter.start("large", "exit 0", *resources, queued=True)
    counter.start("behind", "exit 0", queued=True)
    await counter.until("small ended 0")
    counter.start("other", "exit 0")
    assert await counter.until("other ended 0") == ["small started", "small ended 0", "other started", "other ended 0"]
    counter.launcher.go(number)
    assert (await counter.until("behind ended 0"))[4:] == [
        "large started",
        "behind started",
        "large ended 0",
        "behind ended 0",
    ]


async def test_after_a_failure_nothing_starts_that_was_not_asked_for(counter):
    counter.start("first", "exit 1")
    number = counter.start("second", "exit 0", queued=True)
    await counter.until("first ended 1")
    counter.launcher.drop(number)
    assert await counter.until("second dropped") == ["first started", "first ended 1", "second dropped"]


async def test_in_the_place_of_a_large_job_several_small_ones_start(counter):
    counter.start("large", "exit 0", 2, 2)
    for name in "abc":
        counter.start(name, "sleep 0.2", queued=True)
    assert (await counter.until("c started"))[:4] == ["large started", "a started", "b started", "large ended 0"]


async def test_what_is_queued_can_be_taken_back_until_it_is_started(counter):
    counter.start("first", "sleep 0.2")
    numbers = [counter.start(name, "exit 0", queued=True) for name in ("early", "late")]
    counter.launcher.drop(numbers[0])
    await counter.until("late started")
    counter.launcher.drop(numbers[1])
    assert await counter.until("late ended 0") == [
        "first started",
        "early dropped",
        "late started",
        "first ended 0",
        "late ended 0",
    ]


async def test_a_launcher_killed_with_jobs_queued_is_replaced_and_each_runs_once(tmp_path):
    jobs = [make_job(tmp_path, "echo once >>runs", f"job{number}") for number in range(30)]
    async with LocalBackend(cpu=1) as backend:
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
    async with LocalBackend(cpu=1) as backend:
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


async def test_a_submit_cancelled_while_the_job_is_started_leaves_nothing(tmp_path):
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
        result = await wait(backend, await submitting)
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
    async with LocalBackend(cpu=100) as backend:
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
    async with LocalBackend(cpu=count) as backend:
        jobs = [make_job(tmp_path, "echo ${#LARGE}", f"job{number}") for number in range(count)]
        job_ids = await asyncio.gather(
            *(backend.submit(msgspec.structs.replace(job, environment=environment)) for job in jobs)
        )
        results = await asyncio.gather(*(wait(backend, job_id) for job_id in job_ids))
    assert {Path(result.stdout).read_text() for result in results} == {f"{size}\n"}


@pytest.mark.parametrize(("value", "transient"), [("a\0b", False), ("x" * 300_000, False)])
async def test_what_the_system_refuses_is_told_and_gives_back_its_place(tmp_path, value, transient):
    async with LocalBackend(cpu=1) as backend:
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
    async with LocalBackend(cpu=len(jobs)) as backend:
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


async def test_a_job_that_waits_outlives_any_number_of_launchers(tmp_path):
    first = make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done", "first")
    async with LocalBackend(cpu=1) as backend:
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
    monkeypatch.setattr("pysprocket.backends.launcher._BOOT", "raise SystemExit")
    async with asyncio.timeout(20), LocalBackend(cpu=1) as backend:
        submitting = [asyncio.create_task(backend.submit(make_job(tmp_path, "true", name))) for name in "ab"]
        with pytest.raises(BackendError, match="killed again and again") as caught:
            await submitting[0]
        assert caught.value.transient
    await asyncio.wait(submitting)
    assert not list(tmp_path.glob("*/submitted"))


@pytest.mark.parametrize("first", ["cancelled", "lost"])
async def test_a_submit_cancelled_when_the_launcher_was_killed_before_its_answer_was_read(tmp_path, first):
    job = make_job(tmp_path, "echo $$ >pid; sleep 300")
    async with LocalBackend(cpu=2) as backend:
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
        async with LocalBackend(cpu=len(jobs)) as backend:
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
            await asyncio.wait_for(backend.submit(job), 10)
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
