"""What every backend must do."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from pathlib import Path

import pytest

from pysprocket.backends.job import Failure, FailureKind, Job, JobId, JobState, Resources, Result
from pysprocket.errors import BackendError
from tests.cli.waiting import wait_for

from .conftest import Place, processes_with

NASTY = {
    "DOLLAR": "$HOME ${HOME} $(id)",
    "QUOTES": 'it\'s "quoted" \\ and \\n',
    "NEWLINES": "one\ntwo\n",
    "BACKTICKS": "`id`",
    "UNICODE": "Zürich 火 ✓",
    "EMPTY": "",
    "d": "a name a wrapper might use",
    "code": "another",
}


async def run(place: Place, job: Job) -> Result:
    async with place.backend() as backend:
        return await asyncio.wait_for(backend.wait(await backend.submit(job)), 60)


async def until(condition: object, seconds: float = 20.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def unique_sleep() -> str:
    """The argument of a `sleep` that no other process has."""
    return f"300.{uuid.uuid4().int % 10**12:012}"


def kind_of(result: Result) -> FailureKind | None:
    return None if result.failure is None else result.failure.kind


async def test_streams_and_exit_code_are_those_of_the_script(place: Place) -> None:
    result = await run(place, place.job("echo out; echo err >&2; exit 3"))
    assert (result.exit_code, result.failure) == (3, None)
    assert Path(result.stdout).read_text() == "out\n"
    assert Path(result.stderr).read_text() == "err\n"


async def test_times_host_and_use_are_told(place: Place) -> None:
    before = time.time()
    result = await run(place, place.job("for i in {1..200000}; do :; done; sleep 0.2"))
    assert result.started is not None
    assert result.ended is not None
    assert before - 1 <= result.started < result.ended - 0.15 < time.time()
    assert result.host
    assert result.usage.cpu_seconds is not None
    assert 0.05 < result.usage.cpu_seconds < 20


async def test_memory_peak_is_that_of_the_largest_process(place: Place) -> None:
    result = await run(place, place.job("head -c 300000000 /dev/zero | tail -n 1 | wc -c"))
    assert result.usage.memory_peak is not None
    assert 300e6 < result.usage.memory_peak < 900e6


async def test_environment_is_exact(place: Place) -> None:
    script = "".join(f"printf '%s\\0' \"${name}\"\n" for name in NASTY)
    result = await run(place, place.job(script, environment=NASTY))
    assert Path(result.stdout).read_bytes().decode().split("\0")[:-1] == list(NASTY.values())


async def test_standard_input_is_empty(place: Place) -> None:
    result = await run(place, place.job("cat; echo end"))
    assert Path(result.stdout).read_text() == "end\n"


async def test_the_script_runs_in_the_work_directory_and_its_files_are_the_callers(place: Place) -> None:
    result = await run(place, place.job("pwd; mkdir -p deep/er; echo data >deep/er/file; ln -s /nowhere link"))
    work = Path(result.work)
    assert (work / "deep/er/file").read_text() == "data\n"
    expected = "/mnt/task/work" if place.kind == "docker" else str(work)
    assert Path(result.stdout).read_text().strip() == expected
    assert {os.lstat(path).st_uid for path in (work, *work.rglob("*"))} == {os.geteuid()}


async def test_many_jobs_share_the_processors(place: Place) -> None:
    jobs = [place.job("sleep 0.4") for _ in range(8)]
    async with place.backend() as backend:
        cpu = backend.limits().cpu
        assert cpu is not None

        async def one(job: Job) -> Result:
            return await backend.wait(await backend.submit(job))

        results = await asyncio.gather(*map(one, jobs))
    assert [result.exit_code for result in results] == [0] * len(jobs)
    moments = [(result.started, 1) for result in results] + [(result.ended, -1) for result in results]
    running, most = 0, 0
    for _, step in sorted(moments, key=lambda moment: (moment[0] or 0.0, moment[1])):
        running += step
        most = max(most, running)
    assert 1 < most <= cpu
    assert not any(map(place.remains, jobs))


async def test_huge_output_is_complete(place: Place) -> None:
    result = await run(place, place.job("head -c 100000000 /dev/zero; head -c 1000000 /dev/zero >&2"))
    assert (Path(result.stdout).stat().st_size, Path(result.stderr).stat().st_size) == (100_000_000, 1_000_000)


async def test_who_runs_is_told(place: Place) -> None:
    job = place.job("true")
    await run(place, job)
    assert place.told == [(job.name, JobState.RUNNING)]


async def test_cancelled_while_running_leaves_nothing(place: Place) -> None:
    marker = unique_sleep()
    job = place.job(f"trap '' TERM; timeout 999 sleep {marker} & setsid sleep {marker} & sleep {marker}")
    async with place.backend() as backend:
        job_id = await backend.submit(job)
        waiting = asyncio.create_task(backend.wait(job_id))
        await until(lambda: len(processes_with(marker)) >= 3)
        await asyncio.wait_for(backend.cancel(job_id), 20)
        assert kind_of(await waiting) is FailureKind.CANCELLED
        assert kind_of(await backend.wait(job_id)) is FailureKind.CANCELLED
        await backend.cancel(job_id)
    await until(lambda: not processes_with(marker))
    assert not place.remains(job)
    async with place.backend() as backend:
        assert kind_of(await backend.wait(job_id)) is FailureKind.CANCELLED


async def test_cancelled_while_waiting_for_admission_leaves_nothing(place: Place) -> None:
    async with place.backend() as backend:
        everything = Resources(cpu=backend.limits().cpu or 1, memory=64 << 20)
        large = await backend.submit(place.job("sleep 300", resources=everything))
        parked = place.job("true", resources=everything)
        submitting = asyncio.create_task(backend.submit(parked))
        await until(lambda: (parked.name, JobState.WAITING) in place.told)
        submitting.cancel()
        await asyncio.wait([submitting])
        await backend.cancel(large)
        assert (await backend.wait(await backend.submit(place.job("true", resources=everything)))).exit_code == 0
        assert not list((parked.directory / "work").iterdir())
        assert not (parked.directory / "stdout").exists()
        assert (parked.name, JobState.RUNNING) not in place.told
    assert not place.remains(parked)


async def test_cancelled_while_starting_leaves_nothing(place: Place) -> None:
    marker = unique_sleep()
    jobs = [place.job(f"sleep {marker}") for _ in range(2)]
    async with place.backend() as backend:
        for number, job in enumerate(jobs):
            submitting = asyncio.create_task(backend.submit(job))
            await asyncio.sleep(0.01 + 0.05 * number)
            submitting.cancel()
            await asyncio.wait([submitting])
            if not submitting.cancelled():
                await backend.cancel(submitting.result())
    await until(lambda: not processes_with(marker))
    assert not any(map(place.remains, jobs))


async def test_time_limit_ends_the_job(place: Place) -> None:
    marker = unique_sleep()
    resources = Resources(cpu=1, memory=64 << 20, time_limit=0.5)
    result = await run(place, place.job(f"sleep {marker}", resources=resources))
    assert kind_of(result) is FailureKind.TIME_LIMIT
    assert "0.5 s" in (result.failure or Failure(FailureKind.LOST, "")).message
    assert not processes_with(marker)


async def test_a_signal_gives_128_and_its_number(place: Place) -> None:
    result = await run(place, place.job("kill -9 $$"))
    assert (result.exit_code, result.failure) == (137, None)


async def test_killed_from_outside_is_an_exit_code(place: Place) -> None:
    job = place.job("echo $$ >pid.new; mv pid.new pid; sleep 300")
    async with place.backend() as backend:
        job_id = await backend.submit(job)
        await until((job.directory / "work" / "pid").exists)
        place.kill(job_id)
        result = await asyncio.wait_for(backend.wait(job_id), 20)
    assert (result.exit_code, result.failure) == (137, None)


async def test_a_request_beyond_the_whole_place_is_refused_with_both_numbers(place: Place) -> None:
    async with place.backend() as backend:
        cpu = backend.limits().cpu
        with pytest.raises(BackendError, match=rf"asks for 1000 CPUs, but .* has {cpu:g}"):
            await backend.submit(place.job("true", resources=Resources(cpu=1000)))
        with pytest.raises(BackendError, match=r"asks for 1 PiB of memory, but .* has [\d.]+ GiB"):
            await backend.submit(place.job("true", resources=Resources(memory=1 << 50)))


async def test_children_left_behind_are_ended(place: Place) -> None:
    marker = unique_sleep()
    job = place.job(f"sleep {marker} & set -m; sleep {marker} & nohup sleep {marker} & exit 0")
    async with place.backend() as backend:
        result = await backend.wait(await backend.submit(job))
        assert (result.exit_code, result.failure) == (0, None)
        await until(lambda: not processes_with(marker), 2)


async def test_submitted_twice_runs_once(place: Place) -> None:
    job = place.job("echo once >>runs; sleep 0.3")
    async with place.backend() as backend:
        first, second = await asyncio.gather(backend.submit(job), backend.submit(job))
        assert first == second == await backend.submit(job)
        async with place.backend() as other:
            third = await other.submit(job)
            assert (await other.wait(third)).exit_code == 0
        assert (await backend.wait(first)).exit_code == 0
        assert (await backend.wait(await backend.submit(job))).exit_code == 0
    assert (job.directory / "work" / "runs").read_text() == "once\n"


async def test_a_job_outlives_its_engine(place: Place) -> None:
    marker = unique_sleep()
    job = place.job(f"echo begun; until [ -e go ]; do sleep 0.02; done; : {marker}; echo ended; exit 5")
    job_id = place.submit_and_die(job)
    async with place.backend() as backend:
        waiting = asyncio.create_task(backend.wait(job_id))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        (job.directory / "work" / "go").touch()
        result = await asyncio.wait_for(waiting, 20)
    assert (result.exit_code, result.failure) == (5, None)
    assert Path(result.stdout).read_text() == "begun\nended\n"
    await until(lambda: not place.remains(job))


async def test_a_job_that_ended_while_no_engine_lived_is_collected(place: Place) -> None:
    job = place.job("until [ -e go ]; do sleep 0.02; done; echo ended >done; exit 6")
    job_id = place.submit_and_die(job)
    (job.directory / "work" / "go").touch()
    await until((job.directory / "work" / "done").exists)
    await asyncio.sleep(0.3)
    async with place.backend() as backend:
        result = await asyncio.wait_for(backend.wait(job_id), 20)
        assert (result.exit_code, result.failure) == (6, None)
        assert await backend.wait(job_id) == result
        assert result.started is not None
        assert result.ended is not None


async def test_a_job_found_again_keeps_its_time_limit_and_can_be_cancelled(place: Place) -> None:
    marker = unique_sleep()
    limited = place.job(f"sleep {marker}", resources=Resources(cpu=1, memory=64 << 20, time_limit=3))
    endless = place.job(f"sleep {marker}")
    first, second = place.submit_and_die(limited), place.submit_and_die(endless)
    async with place.backend() as backend:
        await backend.cancel(second)
        assert kind_of(await asyncio.wait_for(backend.wait(second), 20)) is FailureKind.CANCELLED
        assert kind_of(await asyncio.wait_for(backend.wait(first), 20)) is FailureKind.TIME_LIMIT
    assert not processes_with(marker)


async def test_a_job_found_again_counts_for_admission(place: Place) -> None:
    async with place.backend() as backend:
        everything = Resources(cpu=backend.limits().cpu or 1, memory=64 << 20)
        large = place.job("touch begun; until [ -e go ]; do sleep 0.02; done", resources=everything)
        job_id = place.submit_and_die(large, lambda: wait_for((large.directory / "work" / "begun").exists))
        waiting = asyncio.create_task(backend.wait(job_id))
        await asyncio.sleep(1)
        small = place.job("true")
        submitting = asyncio.create_task(backend.submit(small))
        await until(lambda: (small.name, JobState.WAITING) in place.told)
        (large.directory / "work" / "go").touch()
        assert (await waiting).exit_code == 0
        assert (await backend.wait(await submitting)).exit_code == 0


async def test_a_lost_job_is_a_failure_with_a_sentence(place: Place) -> None:
    job = place.job("sleep 300")
    job_id = place.submit_and_die(job, lambda: time.sleep(0.1))
    place.destroy(job_id)
    async with place.backend() as backend:
        result = await asyncio.wait_for(backend.wait(job_id), 20)
    assert result.exit_code is None
    assert kind_of(result) is FailureKind.LOST
    assert result.failure is not None
    assert "gone" in result.failure.message


async def test_a_job_never_submitted_is_lost(place: Place) -> None:
    job = place.job("true")
    async with place.backend() as backend:
        result = await backend.wait(JobId(job.name, "999999999", str(job.directory)))
    assert kind_of(result) is FailureKind.LOST


async def test_leaving_touches_no_job(place: Place) -> None:
    job = place.job("until [ -e go ]; do sleep 0.02; done; echo alive")
    async with place.backend() as backend:
        job_id = await backend.submit(job)
    (job.directory / "work" / "go").touch()
    async with place.backend() as backend:
        result = await asyncio.wait_for(backend.wait(job_id), 20)
    assert result.exit_code == 0
    assert Path(result.stdout).read_text() == "alive\n"


async def test_cancelling_a_wait_does_not_cancel_the_job(place: Place) -> None:
    job = place.job("until [ -e go ]; do sleep 0.02; done; exit 7")
    async with place.backend() as backend:
        job_id = await backend.submit(job)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(backend.wait(job_id), 0.2)
        (job.directory / "work" / "go").touch()
        assert (await asyncio.wait_for(backend.wait(job_id), 20)).exit_code == 7
