"""Commands of other programs."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest

from pysprocket.backends.commands import ask
from pysprocket.errors import BackendError
from tests.backends.conftest import Commands


async def test_status_output_and_complaint_are_told_in_the_language_of_programs(commands: Commands):
    commands(scheduler='echo "$LC_ALL $1"; echo broken >&2; exit 3')
    said = await ask(["scheduler", "a b"])
    assert (said.status, said.output, said.complaint) == (3, "C a b\n", "broken\n")
    assert said.words == "broken; C a b"


async def test_a_command_that_is_silent_is_known_by_its_status(commands: Commands):
    commands(scheduler="exit 7")
    assert (await ask(["scheduler"])).words == "exit status 7"


async def test_a_missing_command_is_named(commands: Commands):
    commands()
    with pytest.raises(BackendError, match="there is no command `sbatch` here"):
        await ask(["sbatch"])


async def test_a_command_that_may_not_be_run_is_named(commands: Commands, tmp_path: Path):
    commands(sbatch="exit 0")
    (tmp_path / "bin" / "sbatch").write_bytes(b"\x7fELF no program")
    with pytest.raises(BackendError, match="the command `sbatch` cannot be run: Exec format error"):
        await ask(["sbatch"])


async def test_what_takes_too_long_is_killed_with_all_that_it_has_started(commands: Commands, tmp_path: Path):
    commands(slow=f"sleep 60 & echo $! $$ > {tmp_path}/pids; wait")
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await ask(["slow"])
    assert time.monotonic() - begun < 20
    for pid in (tmp_path / "pids").read_text().split():
        assert await _ended(int(pid)), f"process {pid} runs on"


async def _ended(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        await asyncio.sleep(0.02)
    os.kill(pid, 9)
    return False
