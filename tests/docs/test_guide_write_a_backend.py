"""docs/guide/write-a-backend.md: its package is built from its text and installed, and what it shows is what comes."""

from __future__ import annotations

import asyncio
import importlib
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pysprocket.plugin import FailureKind, Job, JobId
from tests.cli.waiting import wait_for
from tests.contract.conftest import processes_with

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/guide/write-a-backend.md"
TEXT = PAGE.read_text()
FILES = dict(re.findall(r"`([\w./-]+)`:\n\n```\w+\n(.*?)```", TEXT, re.DOTALL))
SESSION = [step for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL) for step in block.split("$ ")[1:]]
MODULE = FILES["sprocket-prefix/sprocket_prefix.py"]
CORE = (
    "streams or environment or standard_input or work_directory or huge_output or who_runs or a_signal or from_outside"
    " or submitted_twice or outlives or no_engine_lived or lost or leaving or cancelling_a_wait"
)
"""Cases of the contract that hold without limits, accounting, and a hold on processes that leave their group."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package of the page is installed, as pip does it: its module, and what `pyproject.toml` says."""
    return installed(tmp_path_factory.mktemp("site"), MODULE)


def installed(site: Path, module: str) -> Path:
    about = tomllib.loads(FILES["sprocket-prefix/pyproject.toml"])
    project = about["project"]
    for name in about["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]:
        assert f"sprocket-prefix/{name}" in FILES
        (site / name).write_text(module)
    information = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (information / "entry_points.txt").write_text("\n".join(points))
    return site


def environment(site: Path, home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPROCKET_", "PYTEST_"))}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return kept | {"PATH": path, "PYTHONPATH": str(site), "XDG_CONFIG_HOME": str(home)}


def said(command: str, directory: Path, site: Path) -> str:
    """What a shell writes to both streams."""
    return subprocess.run(
        ["sh", "-c", command],
        cwd=directory,
        env=environment(site, directory / "home"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    ).stdout


def laid_out(directory: Path) -> Path:
    """A directory with the files that the page shows beside the package."""
    for name in ("sprocket.toml", "niceness.wdl"):
        (directory / name).write_text(FILES[name])
    return directory


def is_shown(shown: str, output: str) -> bool:
    """Whether the page shows an output; a line `…` stands for any lines. The tests may be running with `nice`."""
    shown = re.sub(r'(?<="niceness.value": )\d+', lambda value: str(min(int(value[0]) + os.nice(0), 19)), shown)
    lines = ["(?:.*\n)*?" if line == "…" else re.escape(line) + "\n" for line in shown.splitlines()]
    return re.fullmatch("".join(lines), output.rstrip() + "\n" if output else "") is not None


def test_the_backend_has_less_than_60_lines():
    lines = len(MODULE.splitlines())
    assert lines < 60
    assert f"in {lines} lines" in TEXT


def test_what_the_page_shows_is_what_comes(site: Path, tmp_path: Path):
    laid_out(tmp_path)
    assert len(SESSION) >= 8
    for step in SESSION:
        command, _, shown = step.partition("\n")
        output = said(command, tmp_path, site)
        assert is_shown(shown, output), f"$ {command}\n{output}"


def test_a_mistake_of_the_backend_is_told_as_the_page_shows_it(tmp_path: Path):
    (shown,) = re.findall(r"```text\n(error: .*?)```", TEXT, re.DOTALL)
    place = tmp_path / "site"
    place.mkdir()
    wrong = MODULE.replace("        words = [", '        {}["cpu"]; words = [')
    assert wrong != MODULE
    output = said("sprocket run niceness.wdl --progress none", laid_out(tmp_path), installed(place, wrong))
    assert output == shown


def test_the_names_that_the_page_lists_are_those_of_the_front_door():
    plugin = importlib.import_module("pysprocket.plugin")
    (table,) = re.findall(r"\| name \| what for \|\n\|---\|---\|\n(.*?)\n\n", TEXT, re.DOTALL)
    names = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]
    assert sorted(names) == sorted(plugin.__all__)


def test_it_keeps_the_core_of_the_contract(site: Path, tmp_path: Path):
    completed = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
            *(f"--basetemp={tmp_path / 'jobs'}", "tests/contract/test_backends.py", "-k", f"prefix and ({CORE})"),
        ],
        cwd=ROOT,
        env=environment(site, tmp_path) | {"CONTRACT_BACKENDS": "prefix"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stdout
    assert re.search(r"^1[5-9] passed", completed.stdout, re.MULTILINE), completed.stdout


@pytest.fixture
def backend(site: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(site))
    module = importlib.import_module("sprocket_prefix")
    yield module.PrefixBackend(module.Prefix(command=["env", "CPU={cpu}", "MEMORY={memory}"], max_cpu=3))
    del sys.modules["sprocket_prefix"]


def job(directory: Path, script: str) -> Job:
    (directory / "work").mkdir()
    (directory / "command").write_text(script)
    return Job(name=f"guide-{directory.name}", directory=directory)


async def ended(backend: Any, job_id: JobId) -> Any:
    return await asyncio.wait_for(backend.wait(job_id), 20)


async def test_the_command_is_told_what_a_task_asks_for(backend: Any, tmp_path: Path):
    result = await ended(backend, await backend.submit(job(tmp_path, "echo $CPU $MEMORY")))
    assert (Path(result.stdout).read_text(), result.exit_code) == ("1 2048\n", 0)
    assert result.started <= result.ended <= time.time() + 1
    assert (backend.limits().cpu, backend.limits().memory) == (3, 64 << 30)


async def test_cancel_ends_the_process_group_and_is_remembered_until_the_job_is_forgotten(backend: Any, tmp_path: Path):
    marker = f"300.{os.getpid():09}"
    job_id = await backend.submit(job(tmp_path, f"sleep {marker} & (trap '' TERM; sleep {marker}) & sleep {marker}"))
    await asyncio.to_thread(wait_for, lambda: len(processes_with(marker)) == 3)
    await backend.cancel(job_id)
    assert not processes_with(marker)
    await backend.cancel(job_id)
    results = [await ended(each, job_id) for each in (backend, type(backend)(backend.settings))]
    assert [result.failure.kind for result in results] == [FailureKind.CANCELLED] * 2
    await backend.forget(job_id)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["command", "stderr", "stdout", "work"]


async def test_a_job_that_ended_stays_as_it_ended_when_it_is_cancelled(backend: Any, tmp_path: Path):
    job_id = await backend.submit(job(tmp_path, "exit 4"))
    before = await ended(backend, job_id)
    await backend.cancel(job_id)
    assert await ended(backend, job_id) == before
    assert before.exit_code == 4


async def test_what_a_job_leaves_behind_ends_with_it(backend: Any, tmp_path: Path):
    marker = f"301.{os.getpid():09}"
    assert (await ended(backend, await backend.submit(job(tmp_path, f"sleep {marker} & exit 0")))).exit_code == 0
    await asyncio.to_thread(wait_for, lambda: not processes_with(marker))
