"""docs/guide/failures.md: its kinds are those there are, its settings load, and its document does what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pysprocket.cli.calls import retry_policy
from pysprocket.config import load
from pysprocket.config.settings import Retry
from pysprocket.engine.failures import FailureKind
from pysprocket.engine.retries import Budget
from tests.examples.commands import sprocket

TEXT = (Path(__file__).resolve().parents[2] / "docs/guide/failures.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", re.MULTILINE)
SETTINGS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


def test_every_kind_is_there():
    assert sorted(kind for kind, _ in ROW.findall(TEXT)) == sorted(FailureKind)


def test_the_budgets_are_those_that_hold():
    policy = retry_policy(Retry())
    told = {kind: re.match(r"(\d) times", words) for kind, words in ROW.findall(TEXT)}
    assert {kind: int(match[1]) for kind, match in told.items() if match} == {
        kind.value: budget.count for kind, budget in policy.budgets.items() if budget.count
    }


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_settings_load(tmp_path, settings):
    assert loaded(tmp_path, settings) != Retry()


def test_a_budget_with_one_key_keeps_the_other_defaults(tmp_path):
    retry = loaded(tmp_path, "[run.task.retry.lost]\nbackoff = 0\n")
    assert retry_policy(retry).budgets[FailureKind.LOST] == Budget(count=2, backoff=0)


def loaded(folder: Path, settings: str) -> Retry:
    """What settings say about trying again."""
    (folder / "sprocket.toml").write_text(settings)
    return load(files=[folder / "sprocket.toml"], search=False).run.task.retry


def test_the_document_adapts_its_memory(tmp_path):
    (tmp_path / "adapts.wdl").write_text(re.findall(r"```wdl\n(.*?)```", TEXT, re.DOTALL)[0])
    completed = sprocket(["run", "adapts.wdl", "-b", "local"], tmp_path, tmp_path / "home")
    assert json.loads(completed.stdout) == {"adapts.seen": 4 * 268435456}, completed.stderr
