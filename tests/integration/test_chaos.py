"""An engine that is killed again and again in the middle of a run: in the end everything is there, once.

Each round starts `sprocket run` or `sprocket resume` and kills it (SIGKILL) after a random time; the last round is
left alone. SPROCKET_CHAOS_SEED chooses other random times, SPROCKET_CHAOS_ROUNDS how often it is killed.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

SPROCKET = Path(sys.executable).with_name("sprocket")
TASKS = 14
DOCUMENT = """\
version 1.3

task work {
    input { Int n }
    command <<<
        sleep 0.2
        echo ~{n} > n.txt
        [ ~{n} -ne 3 ] || [ ~{task.attempt} -gt 0 ] || exit 1
        echo done >> finished
    >>>
    output { File file = "n.txt"  Int m = read_int("n.txt") }
    requirements { container: "pysprocket/base"  cpu: 1  memory: "8 MiB"  max_retries: 1 }
}

workflow chaos {
    input { Int tasks }
    scatter (n in range(tasks)) {
        call work { n }
        call work as next { n = work.m + 100 }
    }
    call work as last { n = length(next.file) }
    output { Array[Int] m = next.m  Array[File] files = work.file  Int l = last.m }
}
"""


def settings(kind: str) -> str:
    return f'[run.backends.default]\ntype = "{kind}"\n' + ("cpu = 2\n" if kind == "local" else "")


@pytest.fixture(params=["local", "docker"])
def kind(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "docker":
        request.getfixturevalue("docker_host")
    yield request.param


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [str(SPROCKET), "-s", "-c", "settings.toml", *arguments, "--progress", "plain"]
    with (folder / "log").open("a") as log:
        return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)


def begun(folder: Path) -> bool:
    """Whether the database knows of the run, so that there is something to resume."""
    try:
        with sqlite3.connect(f"file:{folder}/out/sprocket.db?mode=ro", uri=True) as database:
            return bool(database.execute("SELECT count(*) FROM runs").fetchone()[0])
    except sqlite3.Error:
        return False


def finished_well(folder: Path) -> list[int]:
    """For each attempt directory, how often the script came to its end there."""
    attempts = folder.glob("out/runs/chaos/2*/calls/*/attempts/*/work/finished")
    return [len(path.read_text().splitlines()) for path in attempts]


def processes_in(folder: Path) -> list[str]:
    """Processes whose arguments name something in the directory."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words.replace("\0", " "))
    return found


def containers(run: str) -> list[str]:
    command = ["docker", "ps", "--all", "--quiet", "--filter", f"label=pysprocket.run={run}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def test_a_run_that_is_killed_again_and_again_ends_with_everything_done_once(tmp_path: Path, kind: str):
    dice = random.Random(os.environ.get("SPROCKET_CHAOS_SEED", "7"))
    rounds = int(os.environ.get("SPROCKET_CHAOS_ROUNDS", "8"))
    (tmp_path / "chaos.wdl").write_text(DOCUMENT)
    (tmp_path / "settings.toml").write_text(settings(kind))
    for _ in range(rounds):
        arguments = ["resume"] if begun(tmp_path) else ["run", "chaos.wdl", "-t", "chaos", f"tasks={TASKS}"]
        engine = start(tmp_path, *arguments)
        try:
            engine.wait(dice.uniform(0.05, 1.5 if kind == "local" else 3.0))
            break  # it was faster
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.communicate()
        time.sleep(dice.uniform(0.0, 0.3))
    else:
        engine = start(tmp_path, *(["resume"] if begun(tmp_path) else arguments))
    text, _ = engine.communicate(timeout=300)
    assert engine.returncode == 0, (tmp_path / "log").read_text()
    outputs = json.loads(text)
    assert outputs["chaos.m"] == [n + 100 for n in range(TASKS)]
    assert [Path(file).read_text() for file in outputs["chaos.files"]] == [f"{n}\n" for n in range(TASKS)]
    assert outputs["chaos.l"] == TASKS
    assert finished_well(tmp_path) == [1] * (2 * TASKS + 1)
    (run,) = tmp_path.glob("out/runs/chaos/2*")
    assert not {path.name for path in run.rglob(".*")}
    attempts = {path.name for path in run.glob("calls/*/attempts/*/*")}
    assert attempts == {"command", "stdout", "stderr", "work"}
    assert not processes_in(tmp_path)
    with sqlite3.connect(tmp_path / "out/sprocket.db") as database:
        ((uuid, status),) = database.execute("SELECT uuid, status FROM runs").fetchall()
        unended = database.execute("SELECT name, status FROM tasks WHERE completed_at IS NULL").fetchall()
        calls = dict(database.execute("SELECT status, count(*) FROM calls GROUP BY status").fetchall())
    assert status == "completed"
    assert not unended
    assert calls == {"completed": 2 * TASKS + 1}
    if kind == "docker":
        assert not containers(uuid)
