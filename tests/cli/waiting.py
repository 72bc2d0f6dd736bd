"""What tests of running commands share: starting one, waiting for what it does, and seeing what it leaves."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.examples.commands import SPROCKET

FINDS_EXIT_CODES = pytest.mark.skipif(
    tuple(map(int, platform.release().split(".")[:2])) < (6, 15),
    reason="the kernel tells exit codes of other processes' children since Linux 6.15",
)
"""For tests in which somebody finds out how a task ended whose launcher was killed."""


def start(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    """`sprocket` in a directory, with what it writes in pipes."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPROCKET_")}
    return subprocess.Popen(
        [SPROCKET, *arguments],
        cwd=directory,
        env=environment | {"XDG_CONFIG_HOME": str(directory / "home")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def sessions() -> set[int]:
    """The session ids of all living processes."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session, *_ = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":  # ended, and only not yet asked for its exit status
            found.add(int(session))
    return found


def working_in(directory: Path) -> list[int]:
    """The processes whose current directory is below one, such as those of tasks."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if directory in (process / "cwd").readlink().parents:
                found.append(int(process.name))
    return found


def rows(directory: Path, query: str) -> list[tuple[Any, ...]]:
    """What the database of `out` below a directory answers."""
    with closing(sqlite3.connect(directory / "out/sprocket.db", timeout=30)) as database:
        return database.execute(query).fetchall()
