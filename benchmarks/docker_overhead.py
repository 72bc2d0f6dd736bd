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

from pysprocket.backends.docker import DockerBackend
from pysprocket.backends.docker_container import container_config, describe_daemon, prepare
from pysprocket.backends.docker_images import Image
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


def bare(api: Api, job: Job) -> None:
    """The same container by four requests."""
    prepare(job)
    daemon = describe_daemon(json.loads(api.request("GET", "/info")[1]))
    _, created = api.request("POST", "/containers/create", container_config(job, Image(IMAGE, "", ""), daemon))
    container = json.loads(created)["Id"]
    for method, path in (("POST", "/start"), ("POST", "/wait"), ("DELETE", "")):
        status, answer = api.request(method, f"/containers/{container}{path}")
        assert status < 300, answer


async def through_backend(root: Path, rounds: int) -> tuple[list[float], float]:
    """Seconds of each of `rounds` jobs one after another, and jobs a second with many."""
    seconds = []
    async with DockerBackend() as backend:

        async def one(name: str) -> None:
            result = await backend.wait(await backend.submit(make_job(root, name)))
            assert result.exit_code == 0, result

        for number in range(rounds):
            start = time.perf_counter()
            await one(f"backend-{number}")
            seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
        await asyncio.gather(*(one(f"many-{number}") for number in range(MANY)))
        return seconds, MANY / (time.perf_counter() - start)


def main() -> None:
    """Measure both and print them."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    api = Api(os.environ.get("DOCKER_HOST", DEFAULT_HOST))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        floor = []
        for number in range(rounds):
            start = time.perf_counter()
            bare(api, make_job(root, f"bare-{number}"))
            floor.append(time.perf_counter() - start)
        start = time.perf_counter()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda number: bare(api, make_job(root, f"floor-{number}")), range(MANY)))
        floor_rate = MANY / (time.perf_counter() - start)
        backend, rate = asyncio.run(through_backend(root, rounds))
    least, ours = statistics.median(floor), statistics.median(backend)
    print(f"one trivial container of {IMAGE}, median of {rounds}")
    print(f"  bare requests {least:.3f} s, backend {ours:.3f} s, difference {ours - least:+.3f} s")
    print(f"{MANY} of them, as many at once as there are processors ({os.cpu_count()})")
    print(f"  bare requests {floor_rate:.1f}/s, backend {rate:.1f}/s")


if __name__ == "__main__":
    main()
