"""`sprocket config check` asks real components: Docker, Slurm, an S3 server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration import slurm_22
from tests.integration.s3_server import KEY, SECRET, Store
from tests.web import Server

pytestmark = pytest.mark.integration

Checked = Callable[..., dict[str, Any]]


@pytest.fixture
def check(tmp_path: Path) -> Checked:
    """What `config check --json` tells of a configuration, and its exit status as "status"."""

    def run(text: str, *options: str, **environment: str) -> dict[str, Any]:
        file = tmp_path / "sprocket.toml"
        file.write_text(text)
        file.chmod(0o600)
        program = str(Path(sys.executable).with_name("sprocket"))
        command = [program, "config", "check", "--json", "--skip-config-search", "--config"]
        ended = subprocess.run(
            [*command, str(file), *options],
            env=os.environ | {"HOME": str(tmp_path)} | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.stderr == ""
        found: dict[str, Any] = json.loads(ended.stdout)
        return found | {"status": ended.returncode}

    return run


def problems(found: dict[str, Any]) -> list[str]:
    return [f"{each['severity']}: {each['message']}" for each in found["backends"][0]["problems"]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[slurm_22.Cluster]:
    """Slurm 22.05 with two nodes."""
    try:
        cluster, started = slurm_22.up(start=True)
    except LookupError as reason:
        pytest.skip(str(reason))
    yield cluster
    if started:
        cluster.stop()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An S3 server with the bucket `data`."""
    store = Store(tmp_path_factory.mktemp("s3"))
    try:
        store.start()
    except LookupError as reason:
        pytest.skip(str(reason))
    store.make_bucket("data")
    yield store
    store.stop()


def test_docker_tells_its_version_and_its_size(docker_host: str, check: Checked):
    found = check("", DOCKER_HOST=docker_host)
    (backend,) = found["backends"]
    assert (found["status"], backend["answers"], backend["chosen"]) == (0, True, True)
    assert backend["says"].startswith("Docker ")
    assert backend["says"].endswith(f", at {docker_host}")
    assert " CPUs, " in backend["says"]


SLURM = '[run.backends.default]\ntype = "slurm_apptainer"\napptainer.executable = "sbatch"\n'


def test_slurm_tells_its_release_and_its_partitions(cluster: slurm_22.Cluster, check: Checked):
    found = check(SLURM + 'default_slurm_partition = { name = "main" }\n', **cluster.environment)
    (backend,) = found["backends"]
    assert (found["status"], backend["answers"]) == (0, True)
    assert backend["says"].startswith("Slurm 22.05.")
    assert backend["says"].endswith(", cluster pysprocket, 4 partitions, no accounting")
    assert [each["severity"] for each in backend["problems"]] == ["note", "note"]


def test_a_wrong_partition_and_limits_above_its_nodes_are_told(cluster: slurm_22.Cluster, check: Checked):
    queues = """\
default_slurm_partition = { name = "main", max_cpu_per_task = 9, max_memory_per_task = "12 GiB" }
short_task_slurm_partition = { name = "shrot" }
gpu_slurm_partition = { name = "closed" }
fpga_slurm_partition = { name = "empty" }
"""
    found = check(SLURM + queues, **cluster.environment)
    assert found["status"] == 1
    assert [line for line in problems(found) if not line.startswith("note")] == [
        "warning: `default_slurm_partition.max_cpu_per_task` is 9, and no node of `main` has more than 8 processors",
        "warning: `default_slurm_partition.max_memory_per_task` is 12 GiB, and no node of `main` has more than "
        "12000 MiB",
        "error: `short_task_slurm_partition`: there is no partition `shrot`",
        "warning: `gpu_slurm_partition`: the partition `closed` is DOWN",
        "warning: `fpga_slurm_partition`: the partition `empty` has no nodes",
    ]
    helps = [each["help"] for each in found["backends"][0]["problems"]]
    assert "did you mean `short`?" in helps


def test_a_controller_that_is_down_is_told_and_one_that_is_back_answers(cluster: slurm_22.Cluster, check: Checked):
    cluster.stop_controller()
    try:
        found = check(SLURM, **cluster.environment)
        assert found["status"] == 1
        assert found["backends"][0]["answers"] is False
        (problem,) = problems(found)
        assert problem.startswith("error: the Slurm controller does not answer: Slurmctld(primary)")
        assert problem.endswith("is DOWN")
    finally:
        cluster.start_controller()
    assert check(SLURM, **cluster.environment)["status"] == 0


def test_slurm_commands_without_a_cluster_are_told(cluster: slurm_22.Cluster, check: Checked):
    found = check(SLURM, "--timeout", "2", SLURM_CONF=str(cluster.home / "etc" / "missing.conf"))
    assert found["status"] == 1
    assert found["backends"][0]["answers"] is False
    assert "`sbatch --version`" in problems(found)[0]
    assert found["backends"][0]["problems"][0]["help"]


@pytest.fixture
def tes(server: Server, store: Store) -> Callable[..., str]:
    """A configuration with a TES server that answers and a bucket."""
    info = {"name": "Test", "type": {"artifact": "tes", "version": "1.1.0"}}
    server.pages["/ga4gh/tes/v1/service-info"] = json.dumps(info).encode()

    def make(bucket: str = "data", secret: str = SECRET, user: str = KEY) -> str:
        return f"""
[run.backends.default]
type = "tes"
url = "{server.url}/ga4gh/tes/v1"
insecure = true
inputs = "s3://{bucket}/inputs/"
outputs = "s3://data/outputs/"
[run.storage.s3]
endpoint = "{store.endpoint}"
auth = {{ access_key_id = "{user}", secret_access_key = "{secret}" }}
"""

    return make


def test_a_bucket_that_is_there_is_fine(tes: Callable[..., str], check: Checked):
    found = check(tes())
    assert (found["status"], problems(found)) == (0, [])
    assert found["backends"][0]["says"] == "Test, TES 1.1.0"


def test_a_bucket_that_is_not_there_is_told(tes: Callable[..., str], check: Checked):
    found = check(tes(bucket="dtaa"))
    assert found["status"] == 1
    assert problems(found) == ["error: `inputs`: the bucket of `s3://dtaa/inputs/` does not exist"]


@pytest.mark.parametrize("wrong", [{"secret": "not-the-secret"}, {"user": "nobody"}])
def test_a_key_that_is_wrong_is_told(tes: Callable[..., str], check: Checked, wrong: dict[str, str]):
    found = check(tes(**wrong))
    assert found["status"] == 1
    assert len(problems(found)) == 2
    assert all("refuses these credentials" in problem for problem in problems(found))
    assert "not-the-secret" not in json.dumps(found)


def test_the_login_may_be_in_the_environment(tes: Callable[..., str], check: Checked):
    text = "\n".join(line for line in tes().splitlines() if not line.startswith("auth"))
    assert check(text, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)["status"] == 0
    assert check(text, AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY="wrong")["status"] == 1


def test_a_store_that_is_away_is_told(tes: Callable[..., str], store: Store, check: Checked):
    found = check(tes().replace(store.endpoint, "http://127.0.0.1:1"))
    assert found["status"] == 1
    assert all("it refuses the connection" in problem for problem in problems(found))
