"""A whole run of one task, from the start of the command to its end.

In: nothing; for Docker, a daemon (`DOCKER_HOST`, or the usual place) that has `ubuntu:latest`. Out: seconds of
`sprocket run hello.wdl` on the local backend beside a bare interpreter and the bare script, and on Docker beside the
bare container by four requests; each a median, the commands taking turns.

    python -m benchmarks.one_task [rounds]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.docker_overhead import bare, make_job
from pysprocket.backends.docker.container import describe_daemon
from tests.integration.docker_engine import DEFAULT_HOST, Api

HELLO = Path(__file__).resolve().parents[1] / "examples" / "hello.wdl"
SPROCKET = Path(sys.executable).with_name("sprocket")
RUN = [str(SPROCKET), "run", str(HELLO), "--target", "say_hello", "greeting=Hello"]


def seconds(action: Callable[[], object]) -> float:
    """Wall time of an action."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def command(words: list[str], directory: Path) -> Callable[[], object]:
    """Something that runs a command, which must succeed."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(directory / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    return lambda: subprocess.run(words, cwd=directory, env=environment, capture_output=True, check=True)


def medians(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each action; a first round is not counted."""
    samples: dict[str, list[float]] = {name: [] for name in actions}
    for count in range(rounds + 1):
        for name, action in actions.items():
            sample = seconds(action)
            if count:
                samples[name].append(sample)
    return {name: statistics.median(values) for name, values in samples.items()}


def local(directory: Path, rounds: int) -> None:
    """Print the figures of the local backend."""
    figures = medians(
        {
            "python -c pass": command([sys.executable, "-c", "pass"], directory),
            "bash -c 'echo Hello, world!'": command(["bash", "-c", "echo Hello, world!"], directory),
            "sprocket run (local)": command([*RUN, "--backend", "local"], directory),
        },
        rounds,
    )
    for name, value in figures.items():
        print(f"{name:30} {value:.3f} s")
    ratio = figures["sprocket run (local)"] / figures["python -c pass"]
    print(f"{'':30} {ratio:.1f} times a bare interpreter")


def docker(directory: Path, rounds: int) -> None:
    """Print the figures of the Docker backend."""
    api = Api(os.environ.get("DOCKER_HOST", DEFAULT_HOST))
    daemon = describe_daemon(json.loads(api.request("GET", "/info")[1]))
    jobs = iter(range(rounds + 1))
    figures = medians(
        {
            "bare container": lambda: bare(api, daemon, make_job(directory, f"bare-{next(jobs)}")),
            "sprocket run (docker)": command(RUN, directory),
        },
        rounds,
    )
    for name, value in figures.items():
        print(f"{name:30} {value:.3f} s")
    print(f"{'above the bare container':30} {figures['sprocket run (docker)'] - figures['bare container']:.3f} s")


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        local(Path(folder), rounds)
        try:
            docker(Path(folder), rounds)
        except OSError as error:
            print(f"Docker is left out: {error}")


if __name__ == "__main__":
    main()
