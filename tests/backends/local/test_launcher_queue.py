"""What the launcher has at hand: it starts the next job in the place of one that has ended, without asking."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from pysprocket.backends.job import Resources
from pysprocket.backends.local.claims import End
from pysprocket.backends.local.launcher import Launcher
from pysprocket.errors import BackendError

from .test_backend import make_job


class Teller:
    """A customer that writes down what it is told."""

    def __init__(self, told: list[str], name: str) -> None:
        self.told, self.name = told, name

    def started(self, pid: int, began: int, started: float) -> None:
        self.told.append(f"{self.name} started")

    def claimed(self) -> None:
        self.told.append(f"{self.name} claimed")

    def refused(self, error: BackendError) -> None:
        self.told.append(f"{self.name} refused")

    def dropped(self) -> None:
        self.told.append(f"{self.name} dropped")

    def ended(self, end: End) -> None:
        self.told.append(f"{self.name} ended {end.code}")

    def lost(self) -> None:
        self.told.append(f"{self.name} lost")


class Counter:
    """A launcher and what it has told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.launcher = Launcher(dict(os.environb))
        self.told: list[str] = []

    def start(self, name: str, script: str, cpu: float = 1.0, memory: int = 1, *, queued: bool = False) -> int:
        job = msgspec.structs.replace(make_job(self.root, script, name), resources=Resources(cpu=cpu, memory=memory))
        return self.launcher.start(job, Teller(self.told, name), queued=queued)

    async def until(self, last: str) -> list[str]:
        async with asyncio.timeout(20):
            while last not in self.told:
                await asyncio.sleep(0.005)
        return self.told


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.launcher.close()


async def test_what_is_queued_starts_in_the_place_of_what_ends_before_anybody_is_asked(counter):
    counter.start("first", "exit 0")
    counter.start("second", "exit 0", queued=True)
    counter.start("third", "exit 0", queued=True)
    assert await counter.until("third ended 0") == [
        "first started",
        "second started",
        "first ended 0",
        "third started",
        "second ended 0",
        "third ended 0",
    ]


@pytest.mark.parametrize("resources", [(1.5, 1), (1, 2)])
async def test_what_is_queued_and_needs_more_than_what_ends_waits_until_it_is_told_to_go(counter, resources):
    counter.start("small", "exit 0")
    number = counter.start("large", "exit 0", *resources, queued=True)
    counter.start("behind", "exit 0", queued=True)
    await counter.until("small ended 0")
    counter.start("other", "exit 0")
    assert await counter.until("other ended 0") == ["small started", "small ended 0", "other started", "other ended 0"]
    counter.launcher.go(number)
    assert (await counter.until("behind ended 0"))[4:] == [
        "large started",
        "behind started",
        "large ended 0",
        "behind ended 0",
    ]


async def test_after_a_failure_nothing_starts_that_was_not_asked_for(counter):
    counter.start("first", "exit 1")
    number = counter.start("second", "exit 0", queued=True)
    await counter.until("first ended 1")
    counter.launcher.drop(number)
    assert await counter.until("second dropped") == ["first started", "first ended 1", "second dropped"]


async def test_in_the_place_of_a_large_job_several_small_ones_start(counter):
    counter.start("large", "exit 0", 2, 2)
    for name in "abc":
        counter.start(name, "sleep 0.2", queued=True)
    assert (await counter.until("c started"))[:4] == ["large started", "a started", "b started", "large ended 0"]


async def test_what_is_queued_can_be_taken_back_until_it_is_started(counter):
    counter.start("first", "sleep 0.2")
    numbers = [counter.start(name, "exit 0", queued=True) for name in ("early", "late")]
    counter.launcher.drop(numbers[0])
    await counter.until("late started")
    counter.launcher.drop(numbers[1])
    assert await counter.until("late ended 0") == [
        "first started",
        "early dropped",
        "late started",
        "first ended 0",
        "late ended 0",
    ]
