"""Kinds of failures that only containers have, from end to end: what is told, what is tried again, what is recorded."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.waiting import rows, start, wait_for
from tests.examples.commands import sprocket

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("docker_host")]

DOCUMENT = """\
version 1.3
task hungry {
    command <<<
        echo "the last words" >&2
        head -c 40000000 /dev/zero | tail > /dev/null
    >>>
    output { Int memory = task.memory  Int attempt = task.attempt }
    requirements { container: "pysprocket/base"  memory: "10 MB" }
    hints { max_memory: "10 MB" }
}
task image { command <<< true >>> requirements { container: "127.0.0.1:9/no/such:1" } }
task slow {
    input { String go }
    command <<< if [ ~{task.attempt} = 0 ]; then sleep 300; fi >>>
    output { Int attempt = task.attempt }
    requirements { container: "pysprocket/base" }
}
"""
SETTINGS = '[run.backends.default]\ntype = "docker"\n'
KINDS = "SELECT attempt, status, failure_kind FROM tasks JOIN attempts USING (name) ORDER BY attempt"


def prepare(folder: Path, settings: str) -> None:
    (folder / "kinds.wdl").write_text(DOCUMENT)
    (folder / "sprocket.toml").write_text(settings + SETTINGS)


def test_a_task_that_runs_out_of_memory_gets_more(tmp_path):
    prepare(tmp_path, "[run.task.retry]\nmemory_growth = 4.0\nout_of_memory = { count = 2, backoff = 0 }\n")
    completed = sprocket(["run", "kinds.wdl", "-t", "hungry"], tmp_path, tmp_path / "home")
    assert completed.returncode == 0, completed.stderr
    outputs = json.loads(completed.stdout)
    assert outputs["hungry.attempt"] in (1, 2)
    assert outputs["hungry.memory"] == 10_000_000 * 4 ** outputs["hungry.attempt"]
    assert rows(tmp_path, KINDS)[0] == (0, "failed", "out_of_memory")
    assert rows(tmp_path, "SELECT status, failure_kind FROM calls") == [("completed", None)]


def test_out_of_memory_is_named_with_the_limit_and_the_last_words(tmp_path):
    prepare(tmp_path, "")
    completed = sprocket(["run", "kinds.wdl", "-t", "hungry"], tmp_path, tmp_path / "home")
    assert completed.returncode == 1
    end = completed.stderr[completed.stderr.index("error: ") :]
    assert end.startswith("error: task `hungry` failed: ")
    assert "memory" in end.splitlines()[0]
    assert re.search(r"\n  kind out_of_memory, attempt 0, exit code 137,\s+job\s", end)
    assert "\n    the last words" in end
    assert rows(tmp_path, KINDS) == [(0, "failed", "out_of_memory")]
    assert rows(tmp_path, "SELECT status, failure_kind FROM calls") == [("failed", "out_of_memory")]


def test_a_registry_that_is_away_is_asked_again(tmp_path):
    prepare(tmp_path, "[run.task.retry.image]\ncount = 1\nbackoff = 0\n")
    completed = sprocket(["run", "kinds.wdl", "-t", "image"], tmp_path, tmp_path / "home")
    assert completed.returncode == 1
    assert completed.stderr.count("asked again in 0 s (1 of 1)") == 1
    assert completed.stderr.count("error: ") == 1
    assert "error: task `image` failed: the container image `127.0.0.1:9/no/such:1`: " in completed.stderr
    assert "\n  kind image, attempt 0\n" in completed.stderr
    assert rows(tmp_path, KINDS) == [(0, "failed", "image")]


def test_a_container_that_is_killed_from_outside_is_no_fault_of_its_task_which_runs_again(tmp_path):
    prepare(tmp_path, "[run.task.retry.node_lost]\nbackoff = 0\n")
    process = start(tmp_path, "run", "kinds.wdl", "-t", "slow", "go=x")
    wait_for(lambda: running(tmp_path))
    subprocess.run(["docker", "kill", *running(tmp_path)], check=True, capture_output=True)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert json.loads(out) == {"slow.attempt": 1}
    assert "slow: failed after " in err
    assert "retry 1 of 2" in err
    assert rows(tmp_path, KINDS) == [(0, "failed", "node_lost"), (1, "completed", None)]


def running(folder: Path) -> list[str]:
    """The containers of the run."""
    if not (folder / "out/runs/slow/_latest/attempts/0").exists():
        return []
    labels = [f"label=pysprocket.run={uuid}" for (uuid,) in rows(folder, "SELECT uuid FROM runs")]
    if not labels:
        return []
    command = ["docker", "ps", "--quiet", "--filter", *labels]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
