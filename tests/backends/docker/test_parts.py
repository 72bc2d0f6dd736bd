"""The parts of the Docker backend that need no daemon: names, credentials, what a container is made of."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pysprocket.backends.docker.api import Info
from pysprocket.backends.docker.container import (
    Daemon,
    container_config,
    container_name,
    describe_daemon,
    helper_config,
    last_words,
    own_files,
    prepare,
    was_prepared,
)
from pysprocket.backends.docker.credentials import credentials_for, registry_of
from pysprocket.backends.docker.images import Image, describe, full_name
from pysprocket.backends.docker.words import seconds_of, span_of
from pysprocket.backends.job import Job, Mount, Resources, Usage
from pysprocket.config import secrets
from pysprocket.errors import ImageError

IMAGE = Image("ubuntu:latest", "sha256:1", "")
DAEMON = Daemon(cpu=4.0, memory=8 << 30, rootless=False, selinux=False, host="host")


def make_job(root: Path, **fields: Any) -> Job:
    (root / "work").mkdir()
    (root / "command").write_text("true")
    return Job("run/call shard", root, images=("ubuntu",), **fields)


def host_config(job: Job, daemon: Daemon = DAEMON) -> dict[str, Any]:
    config = container_config(job, IMAGE, daemon)["HostConfig"]
    assert isinstance(config, dict)
    return config


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("ubuntu", "ubuntu:latest"),
        ("docker://ubuntu:22.04", "ubuntu:22.04"),
        ("localhost:5000/tool", "localhost:5000/tool:latest"),
        (f"quay.io/lab/tool@sha256:{'ab' * 32}", f"quay.io/lab/tool@sha256:{'ab' * 32}"),
    ],
)
def test_a_name_without_tag_or_digest_means_latest(written, full):
    assert full_name(written) == full


@pytest.mark.parametrize("name", ["library://lab/tool:1", "oras://ghcr.io/lab/tool:1", "file:///images/tool.sif"])
def test_other_protocols_are_refused_by_name(name):
    with pytest.raises(ImageError, match=rf"`{name.partition(':')[0]}://` is not supported; Docker runs `docker://`"):
        full_name(name)


def test_the_digest_is_that_of_the_repository_asked_for():
    found = {"Id": "sha256:id", "RepoDigests": ["a/b@sha256:1", "h:5000/c@sha256:2"], "Config": {"User": "me:me"}}
    assert describe("h:5000/c:tag", found).digest == "sha256:2"
    assert describe("other", found).digest == "sha256:1"
    assert describe("other", {"Id": "sha256:id", "Config": None}).digest == "sha256:id"


@pytest.mark.parametrize(
    ("user", "root"), [("", True), ("0:100", True), ("root", True), ("1000", False), ("me", False)]
)
def test_whose_processes_are_root(user, root):
    assert Image("x", "y", user).runs_as_root is root


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("ubuntu:latest", "https://index.docker.io/v1/"),
        ("lab/tool:1", "https://index.docker.io/v1/"),
        ("docker.io/lab/tool:1", "https://index.docker.io/v1/"),
        ("quay.io/lab/tool:1", "quay.io"),
        ("localhost:5000/tool:1", "localhost:5000"),
    ],
)
def test_the_registry_is_the_first_part_when_it_looks_like_a_host(image, registry):
    assert registry_of(image) == registry


async def test_credentials_come_from_the_configuration_of_docker(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert await credentials_for("quay.io/lab/tool:1") is None
    auths = {
        "quay.io": {"auth": base64.b64encode(b"me:pass:word").decode()},
        "https://ghcr.io": {"identitytoken": "token"},
    }
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
    quay = {"username": "me", "password": "pass:word", "serveraddress": "quay.io"}
    assert await credentials_for("quay.io/lab/tool:1") == quay
    assert await credentials_for("ghcr.io/tool:1") == {"identitytoken": "token", "serveraddress": "ghcr.io"}
    assert await credentials_for("ubuntu:latest") is None


async def test_credentials_come_from_a_helper_program(tmp_path, monkeypatch):
    helper = tmp_path / "docker-credential-mine"
    answer = '{"ServerURL":"x","Username":"me","Secret":"pw"}'
    helper.write_text(f"#!/bin/sh\nread registry\n[ $registry = quay.io ] && echo '{answer}' || "
                      "{ echo credentials not found in native keychain; exit 1; }\n")  # fmt: skip
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text('{"credsStore": "mine", "credHelpers": {"ghcr.io": "missing"}}')
    quay = {"username": "me", "password": "pw", "serveraddress": "quay.io"}
    assert await credentials_for("quay.io/lab/tool:1") == quay
    assert await credentials_for("ubuntu:latest") is None
    with pytest.raises(ImageError, match="`docker-credential-missing` cannot be run"):
        await credentials_for("ghcr.io/tool:1")


async def test_a_helper_program_sees_variables_that_are_withheld_from_tasks(tmp_path, monkeypatch):
    helper = tmp_path / "docker-credential-mine"
    helper.write_text('#!/bin/sh\necho "{\\"Username\\":\\"me\\",\\"Secret\\":\\"$CLOUD_KEY\\"}"\n')
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("CLOUD_KEY", "key")
    monkeypatch.setattr(secrets, "_withheld", {})
    (tmp_path / "config.json").write_text('{"credsStore": "mine"}')
    secrets.withhold(["CLOUD_KEY"])
    assert (await credentials_for("quay.io/tool:1") or {})["password"] == "key"


def test_a_container_name_is_safe_and_one_for_each_job():
    assert container_name("run-1.align_0") == "pysprocket-run-1.align_0"
    assert container_name("a/b") != container_name("a-b")
    assert set(container_name("Zürich/ x" * 30)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
    )
    assert len(container_name("x" * 500)) < 128


def test_limits_are_set_only_where_asked_for_and_as_the_daemon_can(tmp_path):
    job = make_job(tmp_path, resources=Resources(cpu=3, memory=1 << 30))
    assert not {"NanoCpus", "Memory", "DeviceRequests", "SecurityOpt", "NetworkMode"} & host_config(job).keys()
    limited = Job(job.name, tmp_path, resources=Resources(cpu_limit=64, memory_limit=1, gpu=2))
    config = host_config(limited)
    assert config["NanoCpus"] == 4_000_000_000
    assert config["Memory"] == config["MemorySwap"] == 6 << 20
    assert config["DeviceRequests"] == [{"Driver": "nvidia", "Count": 2, "Capabilities": [["gpu"]]}]


def test_labels_are_off_only_where_selinux_would_refuse_the_mounts(tmp_path):
    daemon = describe_daemon(Info(cpu=1, memory=1, security=["name=seccomp,profile=x", "name=selinux"]))
    assert host_config(make_job(tmp_path), daemon)["SecurityOpt"] == ["label=disable"]


def test_mounts_are_the_jobs_and_its_own_files(tmp_path):
    disk = tmp_path / "disks" / "1"
    disk.mkdir(parents=True)
    mounts = (Mount("/data/a:b", "/mnt/task/inputs/1/a:b"), Mount(str(disk), "/mnt/extra", read_only=False))
    job = make_job(tmp_path, mounts=mounts)
    assert not was_prepared(job)
    prepare(job)
    assert was_prepared(job)
    assert disk.stat().st_mode & 0o777 == 0o770
    shown = {mount["Target"]: mount for mount in host_config(job)["Mounts"]}
    read_only = {target for target, mount in shown.items() if mount["ReadOnly"]}
    assert read_only == {"/mnt/task/command", "/mnt/task/inputs/1/a:b"}
    assert set(shown) - read_only == {*(f"/mnt/task/{n}" for n in ("work", "stdout", "stderr", "usage")), "/mnt/extra"}
    assert all(Path(mount["Source"]).exists() for target, mount in shown.items() if "inputs" not in target)


def test_labels_find_the_job_again(tmp_path):
    labels = container_config(make_job(tmp_path, labels={"run": "r", "call": "c"}), IMAGE, DAEMON)["Labels"]
    assert labels["pysprocket.job"] == "run/call shard"
    assert (labels["pysprocket.run"], labels["pysprocket.call"]) == ("r", "c")


def test_only_a_caller_who_is_not_root_has_a_root_container_give_its_files_away(tmp_path, monkeypatch):
    job = make_job(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 1234)
    assert "chown -R -h 1234:" in container_config(job, IMAGE, DAEMON)["Entrypoint"][2]
    assert "chown" not in container_config(job, Image("x", "y", "me"), DAEMON)["Entrypoint"][2]
    rootless = describe_daemon(Info(cpu=1, memory=1, security=["name=rootless"]))
    assert "chown" not in container_config(job, IMAGE, rootless)["Entrypoint"][2]
    places = {"/host/work": "/mnt/task/work", "/host/disks/1": "/mnt/extra"}
    assert helper_config("a", "image", rootless, places)["Entrypoint"][3:] == ["0:0", *places.values()]
    assert helper_config("a", "image", DAEMON, places)["Entrypoint"][3].startswith("1234:")
    assert helper_config("a", "image", DAEMON, places)["Labels"] == {"pysprocket.job": "a"}
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "chown" not in container_config(job, IMAGE, DAEMON)["Entrypoint"][2]


def test_files_of_others_are_seen(tmp_path, monkeypatch):
    job = make_job(tmp_path)
    prepare(job)
    places = [str(job.directory / name) for name in ("work", "stdout")]
    assert own_files(places)
    monkeypatch.setattr("os.geteuid", lambda: 1234)
    assert not own_files(places)


def test_use_is_read_as_both_versions_of_control_groups_tell_it(tmp_path):
    usage = tmp_path / "usage"
    assert last_words(str(tmp_path)) == (None, Usage())
    usage.write_text("")
    assert last_words(str(tmp_path)) == (None, Usage())
    usage.write_text("exit 0\n")
    assert last_words(str(tmp_path)) == (0, Usage())
    usage.write_text("exit 3\n/sys/fs/cgroup/memory.peak 4096\n/sys/fs/cgroup/cpu.stat usage_usec 1500000\n")
    assert last_words(str(tmp_path)) == (3, Usage(1.5, 4096))
    usage.write_text(
        "exit 0\n/sys/fs/cgroup/memory/memory.max_usage_in_bytes 8192\n/sys/fs/cgroup/cpuacct/cpuacct.usage 250000000\n"
    )
    assert last_words(str(tmp_path)) == (0, Usage(0.25, 8192))


@pytest.mark.parametrize(
    ("began", "ended", "span"),
    [
        ("2026-11-22T00:00:20.542Z", "2026-11-22T00:00:20.539Z", 0.0),
        ("2026-11-22T00:00:20.542Z", "2026-11-22T00:00:21.542Z", 1.0),
    ],
)
def test_a_job_never_ends_before_it_began(began, ended, span):
    started, finished = span_of({"StartedAt": began, "FinishedAt": ended})
    assert started is not None
    assert finished is not None
    assert finished == seconds_of(ended)
    assert finished - started == pytest.approx(span)


def test_a_job_that_never_began_or_has_not_ended_has_no_such_time():
    assert span_of({"StartedAt": "0001-01-01T00:00:00Z", "FinishedAt": "0001-01-01T00:00:00Z"}) == (None, None)
    began = "2026-11-22T00:00:20.542Z"
    assert span_of({"StartedAt": began, "FinishedAt": "0001-01-01T00:00:00Z"}) == (seconds_of(began), None)


@pytest.mark.parametrize(
    "written", ["", "exit 1", "exit 13\n/sys/fs/cgroup/memory.pe", "exit 13\n/sys/fs/cgroup/memory.peak 12"]
)
def test_last_words_that_a_full_disk_cut_short_are_not_believed(tmp_path, written):
    (tmp_path / "usage").write_text(written)
    assert last_words(str(tmp_path)) == (13 if "\n" in written else None, Usage())
