"""What a scatter of trivial tasks on Docker costs beside the containers themselves.

In: the number of tasks, how many at once (as many as there are processors unless given), the number of rounds. Out:
tasks per second of a whole `sprocket run --backend docker` (the start of the program included), and of the floor: the
same containers by bare requests (create, start, wait, remove) in as many threads, each with one connection that is
kept open. Both are measured in turn, for the daemon is faster at times than at others; the ratio is printed for each
round and for all.

    python -m benchmarks.docker_scatter [tasks [at once [rounds]]]
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.docker_overhead import IMAGE, make_job
from benchmarks.scatter import timed_run
from pysprocket.backends.docker.container import Daemon, container_config, describe_daemon, prepare
from pysprocket.backends.docker.images import Image
from pysprocket.backends.job import Job
from tests.integration.docker_engine import DEFAULT_HOST, Api

DOCUMENT = """\
version 1.2
task trivial {{
    input {{ Int n }}
    command <<< echo hello >>>
    output {{ Int m = n }}
    requirements {{ cpu: {cpu}  memory: "1 MiB"  container: "{image}" }}
}}
workflow scattered {{
    input {{ Int tasks }}
    scatter (n in range(tasks)) {{ call trivial {{ n }} }}
    output {{ Array[Int] m = trivial.m }}
}}
"""


class Line:
    """A connection to the daemon that is kept open."""

    def __init__(self, host: str) -> None:
        self._connection: http.client.HTTPConnection = Api(host)._connect()

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """The body of the answer; an answer that is not one of success is a mistake here."""
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        data = answer.read()
        assert answer.status < 300, data
        return data

    def run(self, job: Job, daemon: Daemon) -> None:
        """The container of `job` from its beginning to its end."""
        prepare(job)
        config = container_config(job, Image(IMAGE, "", ""), daemon)
        container = json.loads(self.ask("POST", "/containers/create", config))["Id"]
        self.ask("POST", f"/containers/{container}/start")
        assert json.loads(self.ask("POST", f"/containers/{container}/wait"))["StatusCode"] == 0
        self.ask("DELETE", f"/containers/{container}")


def by_hand(host: str, daemon: Daemon, tasks: int, at_once: int) -> float:
    """Seconds of all containers without any engine."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(at_once) as pool:
        jobs = iter([make_job(Path(folder), f"floor-{number}") for number in range(tasks)])

        def work(_: int) -> None:
            line = Line(host)
            for job in jobs:  # an iterator of a list may be shared by threads
                line.run(job, daemon)

        start = time.perf_counter()
        list(pool.map(work, range(at_once)))
        return time.perf_counter() - start


def by_sprocket(tasks: int, cpu: float) -> tuple[float, float]:
    """Seconds of wall time, and of processor time of the engine, for all tasks."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.wdl").write_text(DOCUMENT.format(cpu=cpu, image=IMAGE))
        wall, engine, outputs = timed_run(folder, f"scattered.tasks={tasks}", "-b", "docker")
        assert outputs == {"scattered.m": list(range(tasks))}
        return wall, engine


def main() -> None:
    """Measure both in turn and print them."""
    given = [int(word) for word in sys.argv[1:]]
    tasks, at_once, rounds = (*given, *(200, os.cpu_count() or 1, 3)[len(given) :])
    host = os.environ.get("DOCKER_HOST", DEFAULT_HOST)
    daemon = describe_daemon(json.loads(Api(host).request("GET", "/info")[1]))
    print(f"a scatter of {tasks} trivial tasks in containers of {IMAGE}, {at_once} at once")
    hands, runs, engines = 0.0, 0.0, 0.0
    for number in range(1, rounds + 1):
        hand = by_hand(host, daemon, tasks, at_once)
        run, engine = by_sprocket(tasks, daemon.cpu / at_once)
        hands, runs, engines = hands + hand, runs + run, engines + engine
        print(f"  round {number}: floor {tasks / hand:5.2f}/s, sprocket {tasks / run:5.2f}/s, ratio {hand / run:.2f}")
    print(
        f"  all: ratio {hands / runs:.2f}, {engines / tasks / rounds * 1000:.1f} ms of the engine's own time per task"
    )


if __name__ == "__main__":
    main()
