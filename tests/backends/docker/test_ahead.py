"""What is made ahead is used once or removed, whatever the daemon does meanwhile; the daemon is played here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from pysprocket.backends.docker.ahead import Ahead
from pysprocket.backends.docker.api import ApiError
from pysprocket.backends.docker.containers import Containers, Made
from pysprocket.backends.docker.images import Image
from pysprocket.backends.docker.words import is_gone
from pysprocket.backends.job import Job

IMAGE = Image("ubuntu:latest", "sha256:1", "")


class Daemon:
    """Notes what is made and removed; `slow` holds what is being made, `refused` names jobs."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.made: list[str] = []
        self.slow = asyncio.Event()
        self.slow.set()
        self.refused: set[str] = set()
        self.at_once = self.most = 0

    async def make(self, job: Job, image: Image) -> Made:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.slow.wait()
        self.at_once -= 1
        if job.name in self.refused:
            raise ApiError(400, "no")
        self.made.append(job.name)
        self.there.add(job.name)
        return Made(f"container of {job.name}")

    async def unmake(self, job: Job, made: Made) -> None:
        assert made.container == f"container of {job.name}"
        self.there.remove(job.name)


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest.fixture
def ahead(daemon: Daemon) -> Ahead:
    return Ahead(cast("Containers", daemon))


def job(name: str) -> Job:
    return Job(name, Path("/nowhere"))


async def test_what_was_made_is_taken_once(daemon, ahead):
    ahead.begin(job("a"), IMAGE)
    assert "a" in ahead
    await asyncio.sleep(0.01)
    assert await ahead.take("a") == Made("container of a")
    assert "a" not in ahead
    assert await ahead.take("a") is None
    await ahead.close()
    assert daemon.there == {"a"}


async def test_a_turn_that_comes_early_waits_for_what_is_being_made(daemon, ahead):
    daemon.slow.clear()
    ahead.begin(job("a"), IMAGE)
    taking = asyncio.create_task(ahead.take("a"))
    await asyncio.sleep(0.01)
    assert not taking.done()
    daemon.slow.set()
    assert await taking == Made("container of a")
    assert daemon.made == ["a"]


async def test_what_is_refused_ahead_is_not_there_and_nothing_else_suffers(daemon, ahead):
    daemon.refused = {"a"}
    ahead.begin(job("a"), IMAGE)
    ahead.begin(job("b"), IMAGE)
    await asyncio.sleep(0.01)
    assert await ahead.take("a") is None
    assert await ahead.take("b") == Made("container of b")
    ahead.begin(job("a"), IMAGE)
    await ahead.drop("a")
    assert daemon.there == {"b"}


async def test_what_is_being_made_is_removed_when_it_is_dropped(daemon, ahead):
    daemon.slow.clear()
    ahead.begin(job("a"), IMAGE)
    await asyncio.sleep(0.01)
    dropping = asyncio.create_task(ahead.drop("a"))
    await asyncio.sleep(0.01)
    daemon.slow.set()
    await dropping
    assert (daemon.made, daemon.there) == (["a"], set())


async def test_what_is_dropped_before_it_is_begun_is_never_made(daemon, ahead):
    for number in range(1000):
        ahead.begin(job(str(number)), IMAGE)
    await asyncio.gather(*(ahead.drop(str(number)) for number in range(1000)))
    assert daemon.made == []


async def test_few_are_made_at_the_same_time_and_whose_turn_comes_first_does_not_wait_for_them(daemon, ahead):
    daemon.slow.clear()
    for number in range(50):
        ahead.begin(job(str(number)), IMAGE)
    await asyncio.sleep(0.01)
    assert await asyncio.wait_for(ahead.take("49"), 1) is None
    daemon.slow.set()
    await asyncio.sleep(0.05)
    assert None not in [await ahead.take(str(number)) for number in range(49)]
    assert daemon.most == 4
    assert "49" not in daemon.made, "it is made at its turn"


async def test_after_closing_nothing_is_left_and_nothing_is_made(daemon, ahead):
    ahead.begin(job("a"), IMAGE)
    await asyncio.sleep(0.01)
    assert daemon.there == {"a"}
    await ahead.close()
    ahead.begin(job("b"), IMAGE)
    assert "b" not in ahead
    assert (daemon.made, daemon.there) == (["a"], set())


@pytest.mark.parametrize(
    ("error", "gone"),
    [
        (ApiError(404, "No such container: abc"), True),
        (ApiError(409, "container is marked for removal and cannot be started"), True),
        (ApiError(404, "No such image: abc"), False),
        (ApiError(409, "name is taken"), False),
        (ApiError(500, "No such container: abc"), False),
        (ApiError(0, "it does not answer"), False),
    ],
)
def test_only_a_container_that_is_gone_is_made_again(error, gone):
    assert is_gone(error) is gone
