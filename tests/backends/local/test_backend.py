"""What is special about jobs that are processes of this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pysprocket.backends.job import Failure, FailureKind, Job, JobId, JobState, Limits, Resources, Result, Usage
from pysprocket.backends.local import claims, host, processes
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.config.backend_settings import Local
from pysprocket.errors import BackendError


@pytest.fixture
def exported_function() -> Iterator[str]:
    """A function as `bash` exports it: a variable whose name is none for POSIX shells."""
    name = "BASH_FUNC_greet%%"
    os.environ[name] = "() { echo hello $1\n}"
    yield name
    del os.environ[name]


def make_job(root: Path, script: str, name: str = "job", **resources: float) -> Job:
    directory = root / name
    (directory / "work").mkdir(parents=True)
    (directory / "command").write_text(script)
    return Job(name, directory, resources=Resources(cpu=1, memory=0, **resources))  # type: ignore[arg-type]


async def run(job: Job) -> Result:
    async with LocalBackend(grace=1.0) as backend:
        return await asyncio.wait_for(backend.wait(await backend.submit(job)), 30)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def ends(pid: int) -> bool:
    """Whether a process that has been killed ends soon."""
    for _ in range(200):
        if not alive(pid):
            return True
        await asyncio.sleep(0.01)
    return False


async def until(path: Path) -> str:
    for _ in range(2000):
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return text
        await asyncio.sleep(0.01)
    raise AssertionError(f"{path} was never written")


async def test_the_environment_of_the_engine_is_inherited_to_the_last_function(tmp_path, exported_function):
    os.environ["INHERITED"] = "from the engine"
    result = await run(make_job(tmp_path, 'greet "$INHERITED"'))
    del os.environ["INHERITED"]
    assert Path(result.stdout).read_text() == "hello from the engine\n"


async def test_signals_have_their_usual_meaning(tmp_path):
    result = await run(make_job(tmp_path, "set -o pipefail; yes | head -n 1"))  # Python itself ignores SIGPIPE
    assert result.exit_code == 141


async def test_a_shell_that_is_not_there_is_named_and_not_tried_again(tmp_path):
    job = make_job(tmp_path, "true")
    with pytest.raises(BackendError, match="cannot be started: no-such-shell: No such file") as caught:
        await run(msgspec.structs.replace(job, shell="no-such-shell"))
    assert not caught.value.transient
    assert not (job.directory / "submitted").exists()


@pytest.mark.parametrize("gone", ["job", "job/work"])
async def test_a_directory_that_is_gone_is_named(tmp_path, gone):
    job = make_job(tmp_path, "true")
    shutil.rmtree(tmp_path / gone)
    with pytest.raises(BackendError, match=f"cannot be started: {job.directory}.*: No such file"):
        await run(job)


async def test_a_script_killed_from_outside_takes_its_group_along(tmp_path):
    job = make_job(tmp_path, "sleep 300 & echo $! >pid; wait")
    async with LocalBackend() as backend:
        job_id = await backend.submit(job)
        pid = int(await until(job.directory / "work" / "pid"))
        os.kill(int(job_id.native), signal.SIGKILL)
        result = await asyncio.wait_for(backend.wait(job_id), 10)
    assert (result.exit_code, result.failure) == (137, None)
    assert await ends(pid)


async def test_of_two_engines_that_start_a_job_one_runs_it(tmp_path, monkeypatch):
    """In the same instant: the claim decides, both see the one end."""
    job = make_job(tmp_path, "echo once >>runs; sleep 0.3; exit 4")
    async with LocalBackend() as first, LocalBackend() as second:
        for backend in (first, second):
            monkeypatch.setattr(backend, "_find", lambda job: None)  # as if it had looked before the claim was laid
        job_ids = await asyncio.gather(first.submit(job), second.submit(job))
        waits = [backend.wait(job_id) for backend, job_id in zip((first, second), job_ids, strict=True)]
        results = await asyncio.wait_for(asyncio.gather(*waits), 10)
    assert [(result.exit_code, result.failure) for result in results] == [(4, None)] * 2
    assert (job.directory / "work" / "runs").read_text() == "once\n"


@pytest.mark.parametrize(
    ("boot", "later", "words"), [(None, 1, "they were killed"), ("another", 0, "the machine was restarted")]
)
async def test_a_process_that_took_over_the_id_is_not_the_job(tmp_path, boot, later, words):
    job = make_job(tmp_path, "true")
    began = processes.began(os.getpid())
    assert began is not None
    note = f"1000 0 0 {boot or claims.this_boot()} {os.getpid()} {began + later} 1.5\n"
    (job.directory / "submitted").write_text(note)
    async with LocalBackend() as backend:
        result = await backend.wait(JobId(job.name, str(os.getpid()), str(job.directory)))
        await backend.cancel(JobId(job.name, str(os.getpid()), str(job.directory)))
    assert result.failure is not None
    assert result.failure.kind is FailureKind.LOST
    assert words in result.failure.message


async def test_a_script_that_becomes_another_program_elsewhere_is_still_the_job(tmp_path):
    job = make_job(tmp_path, "cd /; exec -a something sleep 300")
    async with LocalBackend() as backend:
        job_id = await backend.submit(job)
    async with LocalBackend(grace=5) as backend:
        waiting = asyncio.create_task(backend.wait(job_id))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await backend.cancel(job_id)
        assert (await waiting).failure == Failure(FailureKind.CANCELLED, "the task was cancelled")
    assert await ends(int(job_id.native))


WRAPPER = """\
trap : HUP INT TERM
echo "$$ 1000 0 0 1795297088.954417" >"$0/submitted"
cd "$0/work"
bash "$0/command" >"$0/stdout" 2>"$0/stderr"
echo "exit $?" >>"$0/submitted"
"""


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_job_that_a_wrapper_of_an_earlier_version_runs_is_found_again(tmp_path, cancelled):
    job = make_job(tmp_path, "echo once >>runs; until [ -e go ]; do sleep 0.02; done; exit 3")
    wrapper = await asyncio.create_subprocess_exec("sh", "-c", WRAPPER, job.directory, start_new_session=True)
    await until(job.directory / "work" / "runs")
    async with LocalBackend(grace=5) as backend:
        job_id = await backend.submit(job)
        waiting = asyncio.create_task(backend.wait(job_id))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        if cancelled:
            await backend.cancel(job_id)
        (job.directory / "work" / "go").touch()
        result = await asyncio.wait_for(waiting, 10)
    await wrapper.wait()
    assert job_id.native == str(wrapper.pid)
    assert result.failure == (Failure(FailureKind.CANCELLED, "the task was cancelled") if cancelled else None)
    assert cancelled or (result.exit_code, result.started) == (3, 1795297088.954417)
    assert (job.directory / "work" / "runs").read_text() == "once\n"


@pytest.mark.parametrize(("end", "code"), [("exit 0\n", 0), ("", None)])
async def test_a_job_that_a_wrapper_of_an_earlier_version_ran_has_ended(tmp_path, end, code):
    job = make_job(tmp_path, "touch again")
    (job.directory / "submitted").write_text(f"{os.getpid()} 1000 0 0 1795297088.954417\n{end}")
    async with LocalBackend() as backend:
        result = await asyncio.wait_for(backend.wait(await backend.submit(job)), 10)
    assert result.exit_code == code
    assert (result.failure is None) is (code == 0)
    assert not (job.directory / "work" / "again").exists()


async def test_a_half_written_line_is_no_exit(tmp_path):
    job = make_job(tmp_path, "true")
    directory, note = str(job.directory), job.directory / "submitted"
    claim = "1000 0 0 boot 77 5 1.5\n"
    for half in ("", "1000 0 0 boot", claim, f"{claim}exit 1"):
        note.write_text(half)
        assert claims.read_exit(directory) is None
        assert claims.is_half_claimed(directory) is (half in claim[:-1])
    note.write_text(f"{claim}exit 12\n")
    end = claims.read_exit(directory)
    assert end is not None
    assert (end.code, end.usage) == (12, Usage())
    note.write_text(f"{claim}exit 12\nused 0.25 4096\n")
    end = claims.read_exit(directory)
    assert end is not None
    assert end.usage == Usage(0.25, 4096)


async def test_a_claim_that_nobody_finishes_is_a_lost_job(tmp_path):
    job = make_job(tmp_path, "true")
    (job.directory / "submitted").write_text("1000 0 0 boot")
    async with LocalBackend() as backend:
        result = await asyncio.wait_for(backend.wait(await backend.submit(job)), 20)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.LOST


async def test_the_script_cannot_write_its_own_exit_code(tmp_path):
    """The file that the launcher holds open is not handed on."""
    job = make_job(tmp_path, "readlink /proc/$$/fd/*")
    assert str(job.directory / "submitted") not in Path((await run(job)).stdout).read_text()


async def test_a_script_gets_time_to_clean_up(tmp_path):
    script = "trap 'sleep 0.3; echo cleaned >cleaned; exit 0' TERM; echo ready >ready; while :; do sleep 0.02; done"
    job = make_job(tmp_path, script)
    async with LocalBackend(grace=10) as backend:
        job_id = await backend.submit(job)
        await until(job.directory / "work" / "ready")
        await backend.cancel(job_id)
        result = await backend.wait(job_id)
    assert (job.directory / "work" / "cleaned").exists()
    assert result.exit_code == 0
    assert result.failure == Failure(FailureKind.CANCELLED, "the task was cancelled")


async def test_a_second_interruption_kills_at_once_and_everything(tmp_path):
    """The first Ctrl-C waits for the grace time, the second cancels that waiting: no grandchild survives."""
    job = make_job(tmp_path, "trap '' TERM; (setsid sleep 300 & echo $! >pid; wait) & while :; do sleep 1; done")
    async with LocalBackend(grace=60) as backend:
        job_id = await backend.submit(job)
        pid = int(await until(job.directory / "work" / "pid"))
        begun = time.monotonic()
        cancelling = asyncio.create_task(backend.cancel(job_id))
        await asyncio.sleep(0.2)
        cancelling.cancel()
        await asyncio.wait([cancelling])
        result = await asyncio.wait_for(backend.wait(job_id), 20)
        assert time.monotonic() - begun < 20
    assert result.failure is not None
    assert result.failure.kind is FailureKind.CANCELLED
    assert await ends(pid)
    assert await ends(int(job_id.native))


async def test_leaving_while_a_job_is_being_stopped_kills_it(tmp_path):
    job = make_job(tmp_path, "trap '' TERM; echo $$ >pid; while :; do sleep 1; done")
    async with LocalBackend(grace=60) as backend:
        job_id = await backend.submit(job)
        pid = int(await until(job.directory / "work" / "pid"))
        cancelling = asyncio.create_task(backend.cancel(job_id))
        await asyncio.sleep(0.1)
    assert await ends(pid)
    await asyncio.wait([cancelling])


async def test_memory_may_be_given_as_a_size():
    assert LocalBackend(Local(memory="3 GiB")).limits().memory == 3 << 30


async def test_hundreds_of_jobs_leave_no_descriptor_and_no_zombie(tmp_path):
    async with LocalBackend(Local(cpu=4, memory=1)) as backend:

        async def one(number: int) -> int | None:
            job_id = await backend.submit(make_job(tmp_path, "true", f"job{number}"))
            return (await backend.wait(job_id)).exit_code

        assert await one(-1) == 0
        before = len(list(Path("/proc/self/fd").iterdir()))
        assert set(await asyncio.gather(*map(one, range(200)))) == {0}
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    assert not [child for child in children if not alive(int(child))]


async def test_a_job_that_cannot_be_started_says_so_at_once_and_when_it_had_to_wait(tmp_path):
    bad = [msgspec.structs.replace(make_job(tmp_path, "true", name), environment={"A": "\ud800"}) for name in "ab"]
    first = make_job(tmp_path, "sleep 0.2", "first")
    async with LocalBackend(Local(cpu=1)) as backend:
        with pytest.raises(UnicodeEncodeError):
            await asyncio.wait_for(backend.submit(bad[0]), 10)
        job_id = await backend.submit(first)
        with pytest.raises(UnicodeEncodeError):
            await asyncio.wait_for(backend.submit(bad[1]), 10)
        assert (await backend.wait(job_id)).exit_code == 0
        assert (await asyncio.wait_for(run(make_job(tmp_path, "true", "last")), 10)).exit_code == 0


async def test_leaving_takes_back_what_waits_for_its_turn(tmp_path):
    long, waiting = make_job(tmp_path, "sleep 0.5", "long"), make_job(tmp_path, "touch ran", "waiting")
    async with LocalBackend(Local(cpu=1)) as backend:
        await backend.submit(long)
        turn = asyncio.create_task(backend.submit(waiting))
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(turn, 10)
    await asyncio.sleep(0.6)
    assert not (waiting.directory / "submitted").exists()


async def test_of_two_who_submit_a_job_that_waits_one_may_leave(tmp_path):
    long, waiting = make_job(tmp_path, "sleep 0.3", "long"), make_job(tmp_path, "exit 3", "waiting")
    async with LocalBackend(Local(cpu=1)) as backend:
        await backend.submit(long)
        turns = [asyncio.create_task(backend.submit(waiting)) for _ in "12"]
        await asyncio.sleep(0.05)
        turns[0].cancel()
        result = await asyncio.wait_for(backend.wait(await turns[1]), 10)
    assert result.exit_code == 3


async def test_settings_beyond_what_this_computer_has_are_told_and_used(monkeypatch):
    monkeypatch.setattr(host, "available_cpu", lambda: 2.0)
    monkeypatch.setattr(host, "available_memory", lambda: 4 << 30)
    told: list[tuple[str, JobState | None, str]] = []
    notify = lambda *words: told.append(words)  # noqa: E731
    async with LocalBackend(Local(cpu=3, memory="5 GiB"), notify=notify) as backend:
        assert backend.limits() == Limits(cpu=3, memory=5 << 30)
    assert [(name, state) for name, state, _ in told] == [("local", None)] * 2
    assert told[0][2].startswith("`cpu` is 3, and this computer gives 2; tasks will share processors")
    assert told[1][2].startswith("`memory` is 5 GiB, and this computer gives 4 GiB; tasks may be killed")
    told.clear()
    for settings in (Local(), Local(cpu=2, memory="4 GiB")):
        async with LocalBackend(settings, notify=notify):
            assert told == []
