"""Who may start when processors and memory are scarce."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from pysprocket.backends.admission import PATIENCE, Admission, request_of
from pysprocket.backends.job import Resources
from pysprocket.errors import BackendError

ONE = (1000, 1)
TWO = (2000, 1)


def nothing() -> None:
    return


class Queue:
    """An admission with the names of those that have been let in, in order."""

    def __init__(self, cpu: float, memory: int = 100) -> None:
        self.admission = Admission("the place", cpu, memory)
        self.admitted: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def arrive(self, name: str, request: tuple[int, int]) -> None:
        async def enter() -> None:
            await self.admission.acquire(request, nothing)
            self.admitted.append(name)

        self.tasks[name] = asyncio.create_task(enter())
        await asyncio.sleep(0)

    async def leave(self, request: tuple[int, int]) -> None:
        self.admission.release(request)
        for _ in range(3):
            await asyncio.sleep(0)


async def test_what_fits_starts_at_once_and_says_nothing():
    said: list[bool] = []
    await Admission("the place", 2, 100).acquire(TWO, lambda: said.append(True))
    assert not said


async def test_what_does_not_fit_waits_in_order_of_arrival():
    queue = Queue(1)
    for name in "abc":
        await queue.arrive(name, ONE)
    assert queue.admitted == ["a"]
    await queue.leave(ONE)
    await queue.leave(ONE)
    assert queue.admitted == ["a", "b", "c"]


async def test_memory_is_counted_as_processors_are():
    queue = Queue(8, memory=10)
    await queue.arrive("a", (1000, 6))
    await queue.arrive("b", (1000, 6))
    assert queue.admitted == ["a"]
    await queue.leave((1000, 6))
    assert queue.admitted == ["a", "b"]


async def test_small_jobs_pass_a_large_one_that_does_not_fit():
    queue = Queue(2)
    await queue.arrive("first", ONE)
    await queue.arrive("large", TWO)
    await queue.arrive("small", ONE)
    assert queue.admitted == ["first", "small"]


async def test_a_large_job_is_passed_only_so_often():
    queue = Queue(2)
    await queue.arrive("first", ONE)
    await queue.arrive("large", TWO)
    for number in range(PATIENCE + 5):
        await queue.arrive(f"small{number}", ONE)
    for _ in range(PATIENCE + 5):
        if "large" in queue.admitted:
            break
        await queue.leave(ONE)
    assert queue.admitted.index("large") == PATIENCE + 1
    for task in queue.tasks.values():
        task.cancel()


def test_as_many_as_run_are_told_that_they_are_near_in_their_order():
    admission, told = Admission("the place", 2, 100), list[str]()
    tickets = [admission.ask(ONE, nothing, partial(told.append, name)) for name in "abcdefg"]
    assert told == ["c", "d"]
    admission.leave(tickets[2])
    assert told == ["c", "d", "e"]
    admission.leave(tickets[5])
    admission.release(ONE)
    assert [ticket.granted for ticket in tickets] == [True, True, False, True, False, False, False]
    assert told == ["c", "d", "e", "g"]


def test_who_has_left_the_queue_by_itself_counts_as_one_that_runs():
    admission, started = Admission("the place", 1, 100), list[str]()
    tickets = {name: admission.ask(ONE, partial(started.append, name)) for name in "abc"}
    admission.seat(tickets["b"])
    admission.release(ONE)
    assert (started, tickets["b"].granted, tickets["c"].granted) == (["a"], True, False)
    admission.release(ONE)
    assert started == ["a", "c"]


async def test_a_cancelled_arrival_leaves_the_queue_and_lets_others_pass():
    queue = Queue(2)
    await queue.arrive("first", ONE)
    await queue.arrive("large", TWO)
    queue.tasks["large"].cancel()
    await asyncio.wait([queue.tasks["large"]])
    await queue.arrive("small", ONE)
    assert queue.admitted == ["first", "small"]


async def test_a_place_taken_by_nobody_since_its_task_was_cancelled_is_given_to_the_next():
    queue = Queue(1)
    for name in ("first", "cancelled", "next"):
        await queue.arrive(name, ONE)
    queue.admission.release(ONE)
    queue.tasks["cancelled"].cancel()  # granted, but it has not run since
    await asyncio.sleep(0.01)
    assert queue.admitted == ["first", "next"]


async def test_a_place_granted_to_a_cancelled_arrival_is_given_to_the_next():
    queue = Queue(1)
    for name in ("first", "cancelled", "next"):
        await queue.arrive(name, ONE)
    queue.tasks["cancelled"].cancel()  # in the same turn in which it is granted
    await queue.leave(ONE)
    assert queue.admitted == ["first", "next"]


async def test_thousands_of_fractions_leave_nothing_behind():
    admission = Admission("the place", 1, 100)
    for _ in range(3000):
        await admission.acquire(request_of(Resources(cpu=0.1, memory=1)), nothing)
        await admission.acquire(request_of(Resources(cpu=0.7, memory=1)), nothing)
        admission.release(request_of(Resources(cpu=0.1, memory=1)))
        admission.release(request_of(Resources(cpu=0.7, memory=1)))
    await asyncio.wait_for(admission.acquire((1000, 100), nothing), 1)


async def test_taking_for_a_job_that_runs_already_may_exceed_what_there_is():
    queue = Queue(1)
    queue.admission.take(TWO)
    await queue.arrive("a", ONE)
    assert queue.admitted == []
    await queue.leave(TWO)
    assert queue.admitted == ["a"]


def test_a_request_beyond_everything_is_refused_with_both_numbers():
    admission = Admission("the place", 2.5, 4 << 30)
    with pytest.raises(BackendError, match=r"asks for 3 CPUs, but the place has 2\.5"):
        admission.check(Resources(cpu=3))
    with pytest.raises(BackendError, match="asks for 5 GiB of memory, but the place has 4 GiB"):
        admission.check(Resources(cpu=2.5, memory=5 << 30))
    admission.check(Resources(cpu=2.5, memory=4 << 30))
