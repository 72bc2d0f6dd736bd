"""What the Docker backend costs beside the container itself.

In: the number of rounds. Out: seconds for one trivial job through the backend, seconds for a container with the same
mounts by bare requests (create, start, wait, remove), and their difference; then containers a second with many jobs.

    python -m benchmarks.docker_overhead [rounds]      (with DOCKER_HOST set, or a daemon at the usual place)
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pysprocket.backends.docker.backend import DockerBackend
from pysprocket.backends.docker.container import Daemon, container_config, describe_daemon, prepare
from pysprocket.backends.docker.images import Image
from pysprocket.backends.job import Job, Resources
from tests.integration.docker_engine import DEFAULT_HOST, Api

IMAGE = os.environ.get("BENCHMARK_IMAGE", "ubuntu:latest")
MANY = 24


def make_job(root: Path, name: str) -> Job:
    """A trivial job with its attempt directory."""
    directory = root / name
    (directory / "work").mkdir(parents=True)
    (directory / "command").write_text("echo hello\n")
    return Job(f"bench-{os.getpid()}-{name}", directory, images=(IMAGE,), resources=Resources(cpu=1, memory=1 << 20))


def bare(api: Api, daemon: Daemon, job: Job) -> None:
    """The same container by four requests."""
    prepare(job)
    _, created = api.request("POST", "/containers/create", container_config(job, Image(IMAGE, "", ""), daemon))
    container = json.loads(created)["Id"]
    for method, path in (("POST", "/start"), ("POST", "/wait"), ("DELETE", "")):
        status, answer = api.request(method, f"/containers/{container}{path}")
        assert status < 300, answer


async def one_by_one(root: Path, rounds: int, api: Api, daemon: Daemon) -> tuple[list[float], list[float]]:
    """Seconds of each round without and with the backend, in turn, so that both meet the same daemon."""
    floor, backend = [], []
    async with DockerBackend() as docker:
        for number in range(rounds):
            start = time.perf_counter()
            await asyncio.to_thread(bare, api, daemon, make_job(root, f"bare-{number}"))
            between = time.perf_counter()
            await run(docker, make_job(root, f"backend-{number}"))
            floor.append(between - start)
            backend.append(time.perf_counter() - between)
    return floor, backend


async def run(docker: DockerBackend, job: Job) -> None:
    """A job through the backend."""
    result = await docker.wait(await docker.submit(job))
    assert result.exit_code == 0, result


async def many(root: Path, api: Api, daemon: Daemon) -> tuple[float, float]:
    """Containers a second without and with the backend."""
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda number: bare(api, daemon, make_job(root, f"floor-{number}")), range(MANY)))
    between = time.perf_counter()
    async with DockerBackend() as docker:
        await asyncio.gather(*(run(docker, make_job(root, f"many-{number}")) for number in range(MANY)))
    return MANY / (between - start), MANY / (time.perf_counter() - between)


def main() -> None:
    """Measure both and print them."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    api = Api(os.environ.get("DOCKER_HOST", DEFAULT_HOST))
    daemon = describe_daemon(json.loads(api.request("GET", "/info")[1]))
    with tempfile.TemporaryDirectory() as folder:
        floor, backend = asyncio.run(one_by_one(Path(folder), rounds, api, daemon))
        floor_rate, rate = asyncio.run(many(Path(folder), api, daemon))
    difference = statistics.median(ours - bare for bare, ours in zip(floor, backend, strict=True))
    print(f"one trivial container of {IMAGE}, median of {rounds} rounds in turn")
    print(f"  bare requests {statistics.median(floor):.3f} s, backend {statistics.median(backend):.3f} s, ", end="")
    print(f"difference {difference:+.3f} s")
    print(f"{MANY} of them, as many at once as there are processors ({os.cpu_count()})")
    print(f"  bare requests {floor_rate:.1f}/s, backend {rate:.1f}/s")


if __name__ == "__main__":
    main()
