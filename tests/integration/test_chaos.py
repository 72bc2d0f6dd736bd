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
from contextlib import closing
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
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "docker":
        request.getfixturevalue("docker_host")
    return str(request.param)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [str(SPROCKET), "-s", "-c", "settings.toml", *arguments, "--progress", "plain"]
    with (folder / "log").open("a") as log:
        return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)


def begun(folder: Path) -> bool:
    """Whether the database knows of the run, so that there is something to resume."""
    if not (folder / "out/sprocket.db").exists():
        return False
    with closing(sqlite3.connect(folder / "out/sprocket.db", timeout=30)) as database:
        tables = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'runs'").fetchone()[0]
        return bool(tables and database.execute("SELECT count(*) FROM runs").fetchone()[0])


def finished_well(folder: Path) -> dict[str, list[int]]:
    """By call, for each of its attempts how often the script came to its end there."""
    ends: dict[str, list[int]] = {}
    for path in folder.glob("out/runs/chaos/2*/calls/*/attempts/*/work/finished"):
        ends.setdefault(path.parts[-5], []).append(len(path.read_text().splitlines()))
    return ends


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
    log = (tmp_path / "log").read_text()
    assert engine.returncode == 0, log
    outputs = json.loads(text)
    assert outputs["chaos.m"] == [n + 100 for n in range(TASKS)]
    assert [Path(file).read_text() for file in outputs["chaos.files"]] == [f"{n}\n" for n in range(TASKS)]
    assert outputs["chaos.l"] == TASKS
    assert {call: ends for call, ends in finished_well(tmp_path).items() if ends != [1]} == {}, log
    assert len(finished_well(tmp_path)) == 2 * TASKS + 1
    with closing(sqlite3.connect(tmp_path / "out/sprocket.db")) as database:
        ((uuid, status, directory),) = database.execute("SELECT uuid, status, directory FROM runs").fetchall()
        unended = database.execute("SELECT name, status FROM tasks WHERE completed_at IS NULL").fetchall()
        calls = dict(database.execute("SELECT status, count(*) FROM calls GROUP BY status").fetchall())
    run = tmp_path / "out" / directory
    assert not {path.name for path in run.rglob(".*")}
    attempts = {path.name for path in run.glob("calls/*/attempts/*/*")}
    assert attempts == {"command", "stdout", "stderr", "work"}
    assert not processes_in(tmp_path)
    assert status == "completed"
    assert not unended
    assert calls == {"completed": 2 * TASKS + 1}
    if kind == "docker":
        assert not containers(uuid)
