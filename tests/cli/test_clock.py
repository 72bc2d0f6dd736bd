"""A run while the time of day jumps back and forth at each look at it."""

from __future__ import annotations

import itertools
import json
import re
import sys
import time
from pathlib import Path

import pytest

from tests.cli.waiting import rows

if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)

DOCUMENT = """\
version 1.2
task work {
    input { Int n  File list }
    command <<< [ ~{n} -ne 2 ] || [ -e "BASE/seen" ] || { touch "BASE/seen"; exit 1; }; cat ~{list} >>>
    output { String text = read_string(stdout()) }
    requirements { cpu: 1  memory: "1 MiB"  max_retries: 1 }
}
workflow w {
    input { File list }
    scatter (n in range(6)) { call work { n, list } }
    output { Array[String] texts = work.text }
}
"""
DAY = 86400


@pytest.fixture
def jumping(monkeypatch):
    """A clock that is a day early or late, in turns."""
    now, now_ns = time.time, time.time_ns
    days = itertools.cycle((0, -1, 1, 0, 1, -1))
    monkeypatch.setattr(time, "time", lambda: now() + next(days) * DAY)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() + next(days) * DAY * 10**9)


def check_figures(folder: Path) -> None:
    """Whether no span holds a jump, or is negative."""
    for path in (folder / "out/runs/w").glob("2*/metrics.json"):
        found = json.loads(path.read_text())
        attempts = [attempt for call in found["calls"] for attempt in call["attempts"]]
        spans = [attempt[name] for attempt in attempts for name in ("wall_time_ms", "queued_ms")]
        assert all(0 <= span < 60_000 for span in [found["run"]["wall_time_ms"], *spans] if span is not None)
    for table in ("runs", "tasks", "calls"):
        assert rows(folder, f"SELECT count(*) FROM {table} WHERE completed_at < started_at") == [(0,)]


def test_a_clock_that_jumps_changes_nothing(tmp_path, sprocket, jumping):
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("BASE", str(tmp_path)))
    (tmp_path / "list.txt").write_text("one\n")
    (tmp_path / "sprocket.toml").write_text(
        f'run.task.cache = "on"\nrun.task.cache_dir = "{tmp_path}/cache"\n[run.backends.default]\ntype = "local"\n'
    )
    command = ("run", "main.wdl", "-t", "w", "list=list.txt")
    for text in ("one", "one", "two"):  # in doubt about times, a result is not kept; never is a wrong one taken
        (tmp_path / "list.txt").write_text(f"{text}\n")
        ended = sprocket(*command)
        assert ended.status == 0, ended.err
        assert json.loads(ended.out) == {"w.texts": [text] * 6}
        assert not re.search(r"(after|in) (-|\d+ d)", ended.err)
    ended_well = "SELECT count(*) FROM tasks WHERE status IN ('completed', 'cached') GROUP BY run_id"
    assert rows(tmp_path, ended_well) == [(6,)] * 3
    assert rows(tmp_path, "SELECT count(*) FROM tasks WHERE status = 'failed'") == [(1,)]
    latest = (tmp_path / "out/runs/w/_latest").resolve()
    assert rows(tmp_path, "SELECT directory FROM runs ORDER BY id DESC LIMIT 1") == [(f"runs/w/{latest.name}",)]
    check_figures(tmp_path)
    for look in (("runs", "list"), ("runs", "show"), ("runs", "report"), ("cache", "list")):
        ended = sprocket(*look)
        assert ended.status == 0, (look, ended.err)
        assert not re.search(r"(?<![\w./-])-\d", ended.out), (look, ended.out)
