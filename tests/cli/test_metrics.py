"""`metrics.json` of real runs: it is there however a run ends, and tells all of it when the run was resumed."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.waiting import rows, start, wait_for
from tests.examples.commands import sprocket

if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)

DOCUMENT = """\
version 1.2
task quick {
    input { Int n = 0 }
    command <<< case $PWD in */attempts/0/*) exit ~{n} ;; esac >>>
    requirements { cpu: 1  memory: "1 MiB"  max_retries: 1 }
}
task waits {
    command <<< until [ -e "GO" ]; do sleep 0.02; done >>>
    requirements { cpu: 1  memory: "1 MiB" }
}
task fails {
    command <<< exit 3 >>>
}
workflow w {
    input { Boolean wait = false  Boolean fail = false }
    scatter (n in [0, 7]) { call quick { n } }
    if (wait) { call waits after quick }
    if (fail) { call fails after quick }
}
"""
SETTINGS = '[run.backends.default]\ntype = "local"\ncpu = 2\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("GO", str(tmp_path / "go")))
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    return tmp_path


def run(home: Path, *arguments: str):
    return sprocket(["run", "main.wdl", "-o", "out", *arguments], home, home / "home")


def metrics(home: Path, target: str = "w"):
    return json.loads((home / f"out/runs/{target}/_latest/metrics.json").read_text())


def attempts(found) -> dict[str, list[tuple[str, int | None]]]:
    return {
        call["call_id"]: [(attempt["status"], attempt["exit_status"]) for attempt in call["attempts"]]
        for call in found["calls"]
    }


QUICK = {"quick-0": [("completed", 0)], "quick-1": [("failed", 7), ("completed", 0)]}


def test_of_a_run_that_succeeded(home):
    assert run(home, "-t", "w").returncode == 0
    found = metrics(home)
    assert attempts(found) == QUICK
    assert found["run"]["status"] == "completed"
    assert found["totals"] == {"attempts": 3, "retries": 1, "cached": 0, "preempted": 0}
    assert [(found["run"]["uuid"], found["run"]["name"])] == rows(home, "SELECT uuid, name FROM runs")
    names = {name for (name,) in rows(home, "SELECT name FROM tasks")}
    assert {attempt["name"] for call in found["calls"] for attempt in call["attempts"]} == names


def test_of_a_run_that_failed(home):
    assert run(home, "-t", "w", "fail=true").returncode == 1
    found = metrics(home)
    assert attempts(found) == QUICK | {"fails": [("failed", 3)]}
    assert found["run"]["status"] == "failed"


def test_of_a_run_without_tasks(home):
    (home / "main.wdl").write_text("version 1.2\nworkflow nothing { }\n")
    assert run(home, "-t", "nothing").returncode == 0
    found = metrics(home, "nothing")
    assert (found["run"]["status"], found["calls"]) == ("completed", [])


def waiting(home: Path):
    process = start(home, "run", "main.wdl", "-t", "w", "wait=true")
    wait_for(lambda: list(home.glob("out/runs/w/2*/calls/waits/attempts/0/stdout")))
    return process


def test_of_a_run_that_was_interrupted(home):
    process = waiting(home)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    found = metrics(home)
    assert attempts(found) == QUICK | {"waits": [("canceled", 143)]}
    assert found["run"]["status"] == "canceled"


def test_of_a_run_that_was_killed_and_resumed(home):
    process = waiting(home)
    process.kill()
    process.communicate(timeout=60)
    assert not (home / "out/runs/w/_latest/metrics.json").exists()
    (home / "go").touch()
    assert sprocket(["resume"], home, home / "home").returncode == 0
    found = metrics(home)
    assert attempts(found) == QUICK | {"waits": [("completed", 0)]}
    assert found["run"]["status"] == "completed"


def test_a_run_is_not_failed_for_its_sake(home):
    process = waiting(home)
    ((directory,),) = rows(home, "SELECT directory FROM runs")
    (home / "out" / directory / "metrics.json").mkdir()
    (home / "go").touch()
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "there is no `metrics.json` of the run: cannot write" in told
    assert rows(home, "SELECT status FROM runs") == [("completed",)]
    assert not list((home / "out" / directory).glob(".metrics*"))
