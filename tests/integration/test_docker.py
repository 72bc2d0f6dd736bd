"""What is special about jobs that are containers, on a real Docker Engine."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pysprocket.backends.docker.address import Address
from pysprocket.backends.docker.api import ApiError
from pysprocket.backends.docker.backend import DockerBackend
from pysprocket.backends.docker.container import container_name
from pysprocket.backends.job import FailureKind, Job, JobId, JobState, Mount, Resources, Result
from pysprocket.config.backend_settings import Docker
from pysprocket.errors import BackendError, ImageError
from tests.integration.docker_engine import HOME, Api, Engine
from tests.integration.docker_images import base_tarball, import_image

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("docker_host")]

BASE = "pysprocket/base"


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def make_job(root: Path, script: str, images: tuple[str, ...] = (BASE,), **fields: Any) -> Job:
    name = f"docker-{uuid.uuid4().hex[:12]}"
    directory = root / name
    (directory / "work").mkdir(parents=True)
    (directory / "command").write_text(script)
    return Job(name, directory, images=images, **({"resources": Resources(memory=64 << 20)} | fields))


async def run(job: Job, settings: Docker | None = None) -> Result:
    async with DockerBackend(settings or Docker()) as backend:
        return await asyncio.wait_for(backend.wait(await backend.submit(job)), 60)


def containers_of(job: Job) -> list[str]:
    return docker("ps", "--all", "--quiet", "--filter", f"label=pysprocket.job={job.name}").split()


@pytest.fixture
def other_image(docker_host: str) -> Iterator[str]:
    """An image with an entry point, variables of its own, and a user who is not root."""
    name = f"pysprocket/other-{uuid.uuid4().hex[:8]}:1"
    changes = ("USER 4321:4322", 'ENTRYPOINT ["/bin/false"]', "ENV FROM_IMAGE=yes", 'CMD ["nonsense"]')
    import_image(Api(docker_host), name, base_tarball(HOME), *changes)
    yield name
    docker("rmi", "--force", name)


async def test_inputs_are_mounted_where_the_job_says_and_cannot_be_written(tmp_path):
    source = tmp_path / "with blank:and,colon"
    source.mkdir()
    (source / "data.txt").write_text("data\n")
    script = "cat /mnt/task/inputs/1/data.txt; echo x >/mnt/task/inputs/1/data.txt; echo x >/mnt/task/command"
    result = await run(make_job(tmp_path, script, mounts=(Mount(str(source), "/mnt/task/inputs/1"),)))
    assert result.exit_code == 1
    assert Path(result.stdout).read_text() == "data\n"
    assert Path(result.stderr).read_text().count("Read-only file system") == 2
    assert (source / "data.txt").read_text() == "data\n"


async def test_a_mount_that_is_not_there_is_refused_and_leaves_no_container(tmp_path):
    job = make_job(tmp_path, "true", mounts=(Mount("/no/such/file", "/mnt/task/inputs/1/file"),))
    with pytest.raises(BackendError, match="/no/such/file"):
        await run(job)
    assert not Path("/no/such/file").exists()
    assert not containers_of(job)


async def test_a_memory_limit_is_enforced_and_named(tmp_path):
    resources = Resources(memory=16 << 20, memory_limit=32 << 20)
    result = await run(make_job(tmp_path, "head -c 200000000 /dev/zero | tail", resources=resources))
    assert result.failure is not None
    assert result.failure.kind is FailureKind.OUT_OF_MEMORY
    assert "32 MiB" in result.failure.message
    assert result.exit_code not in {0, None}


async def test_a_script_that_copes_with_a_killed_child_has_not_failed(tmp_path):
    resources = Resources(memory=16 << 20, memory_limit=32 << 20)
    result = await run(make_job(tmp_path, "head -c 200000000 /dev/zero | tail || true", resources=resources))
    assert (result.exit_code, result.failure) == (0, None)


async def test_a_processor_limit_above_the_daemons_is_lowered(tmp_path):
    result = await run(make_job(tmp_path, "true", resources=Resources(memory=64 << 20, cpu_limit=512)))
    assert result.exit_code == 0


async def test_the_entry_point_is_cleared_and_variables_of_the_image_stay(tmp_path, other_image):
    job = make_job(tmp_path, 'echo "$FROM_IMAGE $OWN"; id -u; id -G', (other_image,), environment={"OWN": "too"})
    result = await run(job)
    assert Path(result.stdout).read_text() == f"yes too\n4321\n4322 {os.getegid()}\n"


async def test_files_of_an_image_whose_user_is_not_root_become_the_callers(tmp_path, other_image):
    result = await run(make_job(tmp_path, "mkdir -m 700 deep; echo x >deep/file; ln -s deep link", (other_image,)))
    assert result.exit_code == 0
    work = Path(result.work)
    assert {os.lstat(path).st_uid for path in (work, *work.rglob("*"))} == {os.geteuid()}


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A directory that other users may enter; the ones of pytest are closed to them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("script", ["echo x >file; chmod 600 file", "echo x >file; chmod 600 file; sleep 300"])
async def test_files_belong_to_a_caller_who_is_not_root_even_when_the_job_was_cut_short(open_path, docker_host, script):
    """A member of the group `docker` cannot change owners; the container does, or another of the same image."""
    if os.geteuid() != 0 or docker_host != Engine().host:
        pytest.skip("needs root, and a Docker Engine of our own, to become another user")
    nobody = 65534
    job = make_job(open_path, script)
    for path in (job.directory, *job.directory.rglob("*")):
        os.chown(path, nobody, nobody)
    address = docker_host.removeprefix("unix://")
    mode = stat.S_IMODE(Path(address).stat().st_mode)
    Path(address).chmod(0o666)
    for parent in Path(address).parents:
        assert parent.stat().st_mode & 0o001, f"{parent} is closed to others"
    try:
        program = Path(__file__).with_name("unprivileged.py")
        command: list[Any] = [sys.executable, program, str(nobody), msgspec.json.encode(job, enc_hook=str).decode()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    finally:
        Path(address).chmod(mode)
    assert done.returncode == 0, done.stderr
    result = msgspec.json.decode(done.stdout, type=Result)
    assert result.failure is None or result.failure.kind is FailureKind.TIME_LIMIT
    assert (job.directory / "work" / "file").stat().st_uid == nobody
    assert not containers_of(job), "neither the job's nor the one that gave its files away is left"


async def test_an_image_that_is_missing_is_pulled_once_for_all_jobs(tmp_path, image_registry):
    name = f"{image_registry}/lab/tool:1"
    docker("tag", BASE, name)
    docker("push", name)
    digest = docker("inspect", "--format", "{{index .RepoDigests 0}}", name).partition("@")[2]
    docker("rmi", name)
    told: list[tuple[str, JobState | None, str]] = []
    jobs = [make_job(tmp_path, "true", (f"docker://{name}",)) for _ in range(3)]
    async with DockerBackend(notify=lambda *news: told.append(news)) as backend:
        ids = await asyncio.gather(*map(backend.submit, jobs))
        results = await asyncio.gather(*map(backend.wait, ids))
    assert [(r.exit_code, r.image, r.image_digest) for r in results] == [(0, name, digest)] * 3
    assert sorted(n for n, state, remark in told if (state, remark) == (JobState.PULLING, name)) == sorted(
        job.name for job in jobs
    )
    docker("rmi", name)
    by_digest = f"{image_registry}/lab/tool@{digest}"
    result = await run(make_job(tmp_path, "true", (by_digest,)))
    assert (result.exit_code, result.image_digest) == (0, digest)
    docker("rmi", by_digest)


async def test_credentials_of_docker_login_are_used(tmp_path, image_registry, monkeypatch):
    """The registry here takes anybody; what matters is that a pull with credentials is understood by both sides."""
    name = f"{image_registry}/lab/private:1"
    docker("tag", BASE, name)
    docker("push", name)
    docker("rmi", name)
    config = {"auths": {image_registry: {"auth": "bWU6cHc="}}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert (await run(make_job(tmp_path, "true", (name,)))).exit_code == 0
    docker("rmi", name)


@pytest.fixture
def broken_registry() -> Iterator[str]:
    """A registry that is there and fails."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(503)

        def do_HEAD(self) -> None:
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_a_registry_that_fails_or_is_away_is_asked_again_later(tmp_path, broken_registry, monkeypatch):
    monkeypatch.setattr("pysprocket.backends.docker.api._PAUSES", (0.01,))
    for registry, words in ((broken_registry, "503"), ("127.0.0.1:9", "connection refused")):
        job = make_job(tmp_path, "true", (f"{registry}/lab/tool:1",))
        with pytest.raises(ImageError, match=rf"`{registry}/lab/tool:1`: cannot be pulled: .*{words}") as caught:
            await run(job)
        assert caught.value.transient
        assert not containers_of(job)


async def test_an_image_that_does_not_exist_is_not_asked_for_again(tmp_path, image_registry):
    with pytest.raises(ImageError, match="manifest") as caught:
        await run(make_job(tmp_path, "true", (f"{image_registry}/lab/none:1",)))
    assert not caught.value.transient


async def test_an_image_is_resolved_to_its_digest_which_moves_with_its_tag(image_registry, other_image):
    name = f"{image_registry}/lab/moving:1"
    digests = []
    for image in (BASE, other_image):
        docker("tag", image, name)
        docker("push", name)
        docker("rmi", name)
        async with DockerBackend() as backend:
            resolved = await backend.resolve_image((f"docker://{name}",))  # pulled
            assert await backend.resolve_image((name,)) == resolved
        assert resolved is not None
        assert resolved[0] == name
        digests.append(resolved[1])
        async with DockerBackend() as backend:  # there already
            assert await backend.resolve_image((name,)) == resolved
            by_digest = f"{image_registry}/lab/moving@{resolved[1]}"
            assert await backend.resolve_image((by_digest,)) == (by_digest, resolved[1])
        docker("rmi", "--force", name)
    assert digests[0] != digests[1]
    assert all(digest.startswith("sha256:") for digest in digests)


async def test_asking_for_an_image_that_is_not_here_fetches_nothing(image_registry):
    name = f"{image_registry}/lab/asked:1"
    docker("tag", BASE, name)
    docker("push", name)
    async with DockerBackend() as backend:
        here = await backend.image_here(f"docker://{name}")
        assert here is not None
        assert here == await backend.resolve_image((name,))
        docker("rmi", name)
        assert await backend.image_here(name) is None
        assert name not in docker("images", "--format", "{{.Repository}}:{{.Tag}}")
        with pytest.raises(ImageError, match="library"):
            await backend.image_here("library://x")


async def test_an_image_of_no_registry_is_resolved_to_its_id(other_image):
    async with DockerBackend() as backend:
        assert await backend.resolve_image(("library://x", other_image)) == (
            other_image,
            docker("inspect", "--format", "{{.Id}}", other_image),
        )


async def test_an_image_that_the_daemon_has_is_resolved_while_its_registry_is_away(monkeypatch):
    name = "127.0.0.1:9/lab/local:1"
    docker("tag", BASE, name)
    async with DockerBackend() as backend:
        assert await backend.resolve_image((name,)) == (name, docker("inspect", "--format", "{{.Id}}", name))
    docker("rmi", name)
    monkeypatch.setattr("pysprocket.backends.docker.api._PAUSES", (0.01,))
    async with DockerBackend() as backend:
        with pytest.raises(ImageError, match="connection refused") as caught:
            await backend.resolve_image((name,))
        assert caught.value.transient


async def test_volumes_of_an_image_are_removed_with_the_container(tmp_path, docker_host):
    name = f"pysprocket/volumes-{uuid.uuid4().hex[:8]}:1"
    import_image(Api(docker_host), name, base_tarball(HOME), "VOLUME /scratch")
    before = set(docker("volume", "ls", "--quiet").split())
    job = make_job(tmp_path, "echo x >/scratch/file; until [ -e go ]; do sleep 0.02; done", (name,))
    async with DockerBackend() as backend:
        job_id = await backend.submit(job)
        assert len(set(docker("volume", "ls", "--quiet").split()) - before) == 1
        (job.directory / "work" / "go").touch()
        assert (await backend.wait(job_id)).exit_code == 0
    assert set(docker("volume", "ls", "--quiet").split()) <= before
    docker("rmi", name)


async def test_leaving_in_a_hurry_leaves_nothing_of_what_was_cancelled(tmp_path):
    jobs = [make_job(tmp_path, "sleep 300") for _ in range(2)]
    async with DockerBackend() as backend:
        job_id = await backend.submit(jobs[0])
        cancelling = asyncio.create_task(backend.cancel(job_id))
        submitting = asyncio.create_task(backend.submit(jobs[1]))
        while jobs[1].name not in backend._launches:
            await asyncio.sleep(0)
        submitting.cancel()
        cancelling.cancel()
    assert not any(map(containers_of, jobs))
    await asyncio.wait([submitting, cancelling])


async def test_a_time_limit_is_enforced_although_the_daemon_refuses_at_first(tmp_path, monkeypatch):
    monkeypatch.setattr("pysprocket.backends.docker.following.SILENCE", 0.1)
    job = make_job(tmp_path, "sleep 300", resources=Resources(memory=64 << 20, time_limit=0.2))
    async with DockerBackend() as backend:
        answers, real = iter([ApiError(500, "cannot kill container")] * 2), backend._api.kill

        async def kill(container: str) -> None:
            if (error := next(answers, None)) is not None:
                raise error
            await real(container)

        monkeypatch.setattr(backend._api, "kill", kill)
        result = await asyncio.wait_for(backend.wait(await backend.submit(job)), 30)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.TIME_LIMIT
    assert not containers_of(job)


@pytest.mark.parametrize("code", [0, 3])
async def test_a_script_that_ends_before_it_is_killed_has_its_own_end(tmp_path, monkeypatch, code):
    job = make_job(tmp_path, f"until [ -e go ]; do sleep 0.02; done; exit {code}")
    async with DockerBackend() as backend:
        job_id, real = await backend.submit(job), backend._api.kill

        async def kill_late(container: str) -> None:
            (job.directory / "work" / "go").touch()
            while not (job.directory / "usage").read_text():
                await asyncio.sleep(0.01)
            await real(container)

        monkeypatch.setattr(backend._api, "kill", kill_late)
        await backend.cancel(job_id)
        result = await backend.wait(job_id)
    assert (result.exit_code, result.failure) == (code, None)
    assert not containers_of(job)


async def test_a_container_that_cannot_be_killed_is_told_and_left_alone(tmp_path, monkeypatch):
    job = make_job(tmp_path, "until [ -e go ]; do sleep 0.02; done")
    async with DockerBackend() as backend:
        job_id = await backend.submit(job)

        async def refuse(container: str) -> None:
            raise ApiError(500, "cannot kill container")

        with monkeypatch.context() as patch:
            patch.setattr(backend._api, "kill", refuse)
            with pytest.raises(BackendError, match="cannot be stopped: cannot kill container"):
                await backend.cancel(job_id)
    (job.directory / "work" / "go").touch()
    async with DockerBackend() as backend:
        assert (await backend.wait(job_id)).exit_code == 0
    assert not containers_of(job)


async def test_candidates_are_tried_in_order(tmp_path, image_registry):
    missing = f"{image_registry}/lab/missing:1"
    result = await run(make_job(tmp_path, "true", ("oras://lab/tool:1", missing, BASE)))
    assert result.image == f"{BASE}:latest"
    job = make_job(tmp_path, "true", ("library://lab/tool:1", missing))
    with pytest.raises(ImageError) as caught:
        await run(job)
    assert "`library://lab/tool:1`: `library://` is not supported; Docker runs `docker://`" in str(caught.value)
    assert f"`{missing}`: cannot be pulled: manifest" in str(caught.value)
    assert not containers_of(job)


async def test_a_container_is_kept_when_asked_for(tmp_path):
    job = make_job(tmp_path, "exit 9", labels={"run": "a-run", "call": "a-call"})
    assert (await run(job, Docker(cleanup=False))).exit_code == 9
    labels = json.loads(docker("inspect", "--format", "{{json .Config.Labels}}", container_name(job.name)))
    assert (labels["pysprocket.run"], labels["pysprocket.call"]) == ("a-run", "a-call")
    assert len(containers_of(job)) == 1
    docker("rm", container_name(job.name))


async def test_what_is_written_to_a_mount_becomes_the_callers(tmp_path, other_image):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = Mount(str(disk), "/mnt/scratch", read_only=False)
    job = make_job(tmp_path, "echo x >/mnt/scratch/file && cat /mnt/scratch/file", (other_image,), mounts=(mount,))
    result = await run(job)
    assert Path(result.stdout).read_text() == "x\n"
    assert (disk / "file").stat().st_uid == os.geteuid()


async def test_a_container_killed_from_outside_is_no_failure_of_the_task(tmp_path):
    job = make_job(tmp_path, "sleep 300")
    async with DockerBackend() as backend:
        job_id = await backend.submit(job)
        docker("kill", job_id.native)
        result = await asyncio.wait_for(backend.wait(job_id), 20)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.NODE_LOST
    assert "`docker kill`" in result.failure.message


async def test_a_container_removed_from_outside_is_a_lost_job(tmp_path):
    job = make_job(tmp_path, "sleep 300")
    async with DockerBackend() as backend:
        job_id = await backend.submit(job)
        docker("rm", "--force", job_id.native)
        result = await asyncio.wait_for(backend.wait(job_id), 20)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.LOST
    assert "removed" in result.failure.message


async def test_a_container_created_before_the_engine_died_is_made_anew(tmp_path):
    """The engine died between creating and starting: the next submit may find the job at another place."""
    job = make_job(tmp_path, "echo $WHERE", environment={"WHERE": "there"})
    async with DockerBackend() as backend:
        real, backend._api.start = backend._api.start, _refuse_to_start  # type: ignore[method-assign]
        backend._containers._cleanup = False
        with pytest.raises(BackendError):
            await backend.submit(job)
        backend._api.start, backend._containers._cleanup = real, True  # type: ignore[method-assign]
        (container,) = containers_of(job)
        moved = tmp_path / "moved"
        job.directory.rename(moved)
        job_id = await backend.submit(msgspec.structs.replace(job, directory=moved, environment={"WHERE": "here"}))
        assert not job_id.native.startswith(container)
        result = await backend.wait(job_id)
        assert (result.exit_code, Path(result.stdout).read_text()) == (0, "here\n")
    assert not containers_of(job)


async def test_a_container_whose_creation_was_not_confirmed_is_started(tmp_path, monkeypatch):
    job = make_job(tmp_path, "echo here")
    async with DockerBackend() as backend:
        real = backend._api._http.ask
        lost: list[str] = []

        async def ask(method: str, path: str, *arguments: Any, **named: Any) -> tuple[int, bytes]:
            answer = await real(method, path, *arguments, **named)
            if path.startswith("/containers/create") and not lost:
                lost.append(json.loads(answer[1])["Id"])
                raise ConnectionResetError("the answer was lost")
            return answer

        monkeypatch.setattr(backend._api._http, "ask", ask)
        job_id = await backend.submit(job)
        assert [job_id.native] == lost
        assert (await backend.wait(job_id)).exit_code == 0
    assert not containers_of(job)


async def _refuse_to_start(container: str) -> None:
    raise ApiError(400, "no")


async def test_a_container_of_somebody_else_under_the_same_name_is_not_touched(tmp_path):
    job = make_job(tmp_path, "true")
    docker("create", "--name", container_name(job.name), BASE, "true")
    with pytest.raises(BackendError, match="not of this task"):
        await run(job)
    docker("rm", container_name(job.name))


async def test_an_image_without_a_shell_is_refused_with_a_sentence(tmp_path, docker_host):
    name = f"pysprocket/empty-{uuid.uuid4().hex[:8]}:1"
    subprocess.run(f"tar cf - --files-from /dev/null | docker import - {name}", shell=True, check=True)
    job = make_job(tmp_path, "true", (name,))
    with pytest.raises(BackendError, match="has no `sh`"):
        await run(job)
    assert not containers_of(job)
    docker("rmi", name)


async def test_a_gpu_where_there_is_none_is_refused_in_the_daemons_words(tmp_path):
    if shutil.which("nvidia-container-cli"):
        pytest.skip("this machine has the NVIDIA runtime")
    job = make_job(tmp_path, "true", resources=Resources(memory=64 << 20, gpu=1))
    with pytest.raises(BackendError, match="device driver"):
        await run(job)
    assert not containers_of(job)


async def test_a_daemon_without_a_bridge_runs_jobs(tmp_path, engine_without_network, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", engine_without_network.host)
    assert (await run(make_job(tmp_path, "exit 5"))).exit_code == 5


async def test_a_daemon_that_is_restarted_under_a_job_is_survived(tmp_path, engine_without_network, monkeypatch):
    """A daemon that stops kills its containers, which is no failure of the task; it is told when it has come back."""
    monkeypatch.setenv("DOCKER_HOST", engine_without_network.host)
    job = make_job(tmp_path, "sleep 300")
    async with DockerBackend() as backend:
        job_id = await backend.submit(job)
        waiting = asyncio.create_task(backend.wait(job_id))
        await asyncio.to_thread(engine_without_network.stop)
        await asyncio.to_thread(engine_without_network.start)
        result = await asyncio.wait_for(waiting, 60)
    assert result.failure is not None
    assert (result.failure.kind, result.failure.detail) == (FailureKind.NODE_LOST, "exit code 137")
    assert not containers_of(job)


async def test_a_connection_that_breaks_while_a_job_runs_is_made_anew(tmp_path, monkeypatch):
    job = make_job(tmp_path, "sleep 0.3; exit 8")
    async with DockerBackend() as backend:
        answers = iter([ApiError(0, "connection lost"), ApiError(500, "busy"), ApiError(0, "connection lost")])
        real = backend._api.wait

        async def wait(container: str) -> None:
            if (error := next(answers, None)) is not None:
                raise error
            await real(container)

        monkeypatch.setattr(backend._api, "wait", wait)
        assert (await backend.wait(await backend.submit(job))).exit_code == 8
        assert next(answers, None) is None


async def test_a_daemon_that_stays_silent_is_an_error_and_not_a_failed_job(tmp_path, monkeypatch):
    job = make_job(tmp_path, "exit 8")
    async with DockerBackend() as backend:

        async def silence(container: str) -> None:
            raise ApiError(0, "connection lost")

        for name in ("wait", "inspect"):
            monkeypatch.setattr(backend._api, name, silence)
        job_id = await backend.submit(job)
        with pytest.raises(BackendError, match="the task may still run") as caught:
            await backend.wait(job_id)
        assert caught.value.transient
    async with DockerBackend() as backend:
        assert (await backend.wait(job_id)).exit_code == 8


async def test_a_daemon_that_is_away_when_a_job_is_to_start_may_start_it_later(tmp_path, monkeypatch):
    monkeypatch.setattr("pysprocket.backends.docker.api.SILENCE", 0.0)
    monkeypatch.setattr("pysprocket.backends.docker.api._PAUSES", (0.01,))
    job = make_job(tmp_path, "exit 8")
    async with DockerBackend() as backend:
        await backend.resolve_image(job.images)
        await backend._api.close()
        with monkeypatch.context() as patch:
            patch.setattr(backend._api._http, "address", Address("unix:///none", socket="/none"))
            with pytest.raises(BackendError, match=r"the Docker daemon does not answer, .*: No such file") as caught:
                await backend.submit(job)
            assert caught.value.transient
        assert (await backend.wait(await backend.submit(job))).exit_code == 8
    assert not containers_of(job)


async def test_a_job_not_known_to_the_daemon_is_lost(tmp_path):
    job = make_job(tmp_path, "true")
    async with DockerBackend() as backend:
        result = await backend.wait(JobId(job.name, "0" * 64, str(job.directory)))
    assert result.failure is not None
    assert result.failure.kind is FailureKind.LOST


async def test_a_context_of_docker_names_the_daemon(tmp_path, docker_host, monkeypatch):
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST")
    subprocess.run(["docker", "context", "create", "ours", "--docker", f"host={docker_host}"], check=True)
    subprocess.run(["docker", "context", "use", "ours"], check=True)
    assert (await run(make_job(tmp_path, "true"))).exit_code == 0
