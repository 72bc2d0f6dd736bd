"""All conformance suites: our own, and the examples of the specification when there is a directory with them.

`CONFORMANCE` names that directory, which is no part of the project: one directory for each version, in the format of
`suites`. On the local backend these are ordinary tests. On Docker they are integration tests: all cases of ours, and
the examples that ask for a container or resources (`make conformance BACKEND=docker` runs all of them there).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.suites import load_suites

ROOT = Path(__file__).resolve().parents[2]
OWN = Path(__file__).parent / "own"
EXAMPLES = Path(os.environ.get("CONFORMANCE", "/nowhere"))


def suites() -> Iterator[Any]:
    for suite in load_suites(OWN):
        yield pytest.param(OWN / suite.name, id=suite.name)
    if EXAMPLES.is_dir():
        for suite in load_suites(EXAMPLES):
            yield pytest.param(suite.documents.parent, id=suite.name)
    else:
        reason = f"CONFORMANCE names no directory ({EXAMPLES}): the specification's examples were NOT run"
        yield pytest.param(EXAMPLES, id="examples", marks=pytest.mark.skip(reason=reason))


def run(directory: Path, backend: str, *more: str) -> subprocess.CompletedProcess[str]:
    """The runner as a process of its own, on this test worker's share of the processors."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    jobs = max(1, (os.cpu_count() or 1) // workers)
    command = [sys.executable, "-m", "tests.conformance", str(directory), "--backend", backend, "--jobs", str(jobs)]
    return subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("directory", [*suites()])
def test_every_case_of_a_suite_gives_what_it_expects(directory):
    done = run(directory, "local")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.integration
@pytest.mark.usefixtures("docker_host")
@pytest.mark.parametrize("directory", [*suites()])
def test_every_case_of_a_suite_gives_what_it_expects_on_docker(directory):
    done = run(directory, "docker", *([] if directory.parent == OWN else ["--containers"]))
    assert done.returncode == 0, done.stdout + done.stderr
