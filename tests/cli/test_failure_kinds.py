"""Each kind of failure from end to end: what is told, how often, and what the records say."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.cli.waiting import rows
from tests.examples.commands import sprocket

if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)

DOCUMENT = """\
version 1.3
task code {
    command <<< for n in {1..12}; do echo "line $n" >&2; done; exit 3 >>>
    requirements { max_retries: 1 }
}
task before { input { Int n = 0 } Int broken = 1 / n command <<< echo ~{broken} >>> }
task after { command <<< echo abc; echo "careful" >&2 >>> output { Int x = read_int(stdout()) } }
task missing { command <<< true >>> output { File f = "nope.txt" } }
task away { input { File f } command <<< cat ~{f} >>> }
"""
SETTINGS = """\
[run.backends.default]
type = "local"
[run.http]
retries = 0
[run.task.retry.localization]
count = 1
backoff = 0
"""
KINDS = "SELECT attempt, failure_kind FROM tasks JOIN attempts USING (name) ORDER BY attempt"


def run(folder: Path, *arguments: str) -> str:
    """A run that fails; gives what was told."""
    (folder / "kinds.wdl").write_text(DOCUMENT)
    (folder / "sprocket.toml").write_text(SETTINGS)
    completed = sprocket(["run", "kinds.wdl", *arguments], folder, folder / "home")
    assert completed.returncode == 1, completed.stderr
    assert completed.stdout == ""
    assert completed.stderr.count("error: ") == 1
    assert rows(folder, "SELECT status FROM runs") == [("failed",)]
    return completed.stderr


def test_an_exit_code(tmp_path):
    told = run(tmp_path, "-t", "code")
    assert "code: failed after" in told
    assert told.count("exit code 3; retry 1 of 1\n") == 1
    attempt = next(tmp_path.glob("out/runs/code/2*/attempts/1"))
    end = told[told.index("error: ") :]
    assert end.startswith("error: task `code` failed: exit code 3\n  kind exit_code, attempt 1, job ")
    assert end.count("exit code 3") == 1
    lines = "".join(f"    line {n}\n" for n in range(3, 13))
    assert end.endswith(f"\n  the last lines of its stderr:\n{lines}  all of it: {attempt}/stderr\n")
    assert rows(tmp_path, KINDS) == [(0, "exit_code"), (1, "exit_code")]
    assert rows(tmp_path, "SELECT status, failure_kind, error FROM calls") == [("failed", "exit_code", "exit code 3")]


def test_an_expression_before_the_job(tmp_path):
    told = run(tmp_path, "-t", "before")
    assert "error: task `before` failed: division by zero\n" in told
    assert "kinds.wdl:6:48" in told
    assert rows(tmp_path, KINDS) == []
    assert rows(tmp_path, "SELECT status, failure_kind FROM calls") == [("failed", "evaluation")]


@pytest.mark.parametrize("task", ["after", "missing"])
def test_an_output_after_the_job(tmp_path, task):
    told = run(tmp_path, "-t", task)
    assert re.search(rf"error: task `{task}` failed: .*\n  kind evaluation, attempt 0, exit code 0, job \d+, on ", told)
    assert ("    careful\n" in told) == (task == "after")
    assert "kinds.wdl:" in told
    assert rows(tmp_path, KINDS) == [(0, "evaluation")]
    assert rows(tmp_path, "SELECT status, failure_kind FROM calls") == [("failed", "evaluation")]


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (503, 2)])
def test_a_remote_file_that_cannot_be_had(tmp_path, server, status, asked):
    server.pages["/data.txt"] = status, {}, b"not now"
    told = run(tmp_path, "-t", "away", f"f={server.url}/data.txt")
    assert "error: task `away` failed: away.f: cannot read `" in told
    assert f"{status}" in told
    assert told.count("asked again in 0 s (1 of 1)") == asked - 1
    assert rows(tmp_path, "SELECT status, failure_kind FROM calls") == [("failed", "localization")]
