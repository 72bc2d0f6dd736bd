"""What the events of a run add up to."""

import gc
import time
from itertools import islice

from pysprocket.backends.job import JobState
from pysprocket.engine.events import Event, Retry, RunResumed, Status, Transfer
from pysprocket.progress.tally import Ended, Tally
from tests.progress.samples import (
    START,
    attempt_ended,
    cached,
    completed,
    created,
    ended,
    progress,
    reattached,
    run_ended,
    running,
    started,
    submitted,
)


def tally_of(*events: Event) -> Tally:
    tally = Tally()
    for event in events:
        tally(event)
    return tally


def numbers(tally: Tally) -> dict[str, int]:
    states = {str(state): len(tasks) for state, tasks in tally.under_way.items() if tasks}
    return states | {str(how): number for how, number in tally.ends.items() if number}


def test_a_task_is_in_one_state_at_a_time():
    tally = tally_of(START, started("a"), created("a"))
    assert numbers(tally) == {"waiting": 1}
    tally(progress("a", JobState.PULLING, "ubuntu"))
    assert numbers(tally) == {"pulling": 1}
    tally(progress("a", JobState.RUNNING))
    assert numbers(tally) == {"running": 1}
    tally(attempt_ended("a", Status.COMPLETED))
    tally(ended("a"))
    assert numbers(tally) == {"completed": 1}
    assert not any(tally.under_way.values())
    assert not tally.jobs


def test_a_failed_task_is_not_counted_as_completed():
    tally = tally_of(START, *running("a"), attempt_ended("a", Status.FAILED), ended("a", Status.FAILED))
    assert numbers(tally) == {"failed": 1}


def test_a_failed_attempt_that_is_tried_again_waits_and_says_why():
    tally = tally_of(START, *running("a"), attempt_ended("a", Status.FAILED, retry=Retry(1, 2, 10.0)))
    (task,) = tally.under_way[JobState.WAITING].values()
    assert numbers(tally) == {"waiting": 1}
    assert task.remark == "tried again after task `t` failed"
    tally(created("a", 1))
    assert (task.attempt, task.remark, tally.retries) == (1, "", 1)


def test_what_comes_from_the_cache_and_from_an_earlier_process_is_counted_apart():
    tally = tally_of(START, started("a"), cached("a"), ended("a"), started("b", resumed=True), ended("b", reused=True))
    assert numbers(tally) == {"cached": 1, "reused": 1}


def test_a_call_that_was_cancelled_is_told_apart_from_one_that_failed():
    tally = tally_of(START, started("a"), ended("a", Status.CANCELED), started("b"), ended("b", Status.FAILED))
    assert numbers(tally) == {"canceled": 1, "failed": 1}


def test_a_sub_workflow_is_no_task():
    tally = tally_of(START, started("sub", kind="workflow"), *completed("sub/a"))
    assert numbers(tally) == {"completed": 1}
    assert tally.workflows == {"sub": 1.0}
    tally(ended("sub"))
    assert (tally.workflows, numbers(tally)) == ({}, {"completed": 1})


def test_the_longest_running_tasks_come_first_then_those_that_wait_for_an_image():
    events = (created("p"), progress("p", JobState.PULLING), *running("b", 3.0), *running("a", 5.0), started("w"))
    assert [task.call_id for task in tally_of(START, *events).active()] == ["b", "a", "p"]


def test_news_of_a_job_that_has_ended_changes_nothing():
    tally = tally_of(START, *completed("a"), progress("a", JobState.RUNNING), submitted("a"), run_ended())
    assert numbers(tally) == {"completed": 1}


def test_transfers_are_there_while_they_last():
    tally = tally_of(START, Transfer(1.0, "r", "https://h/a"), Transfer(2.0, "r", "https://h/b"))
    assert list(tally.transfers) == ["https://h/a", "https://h/b"]
    tally(Transfer(3.0, "r", "https://h/a", ended=True))
    assert list(tally.transfers) == ["https://h/b"]


def test_a_job_of_an_earlier_process_runs_until_something_else_is_heard():
    tally = tally_of(START, started("a", resumed=True), reattached("a", "4711", attempt=1))
    (task,) = tally.active()
    assert (numbers(tally), task.native, tally.retries) == ({"running": 1}, "4711", 0)
    tally(progress("a", JobState.WAITING, "Priority", attempt=1))
    assert numbers(tally) == {"waiting": 1}


def test_a_resumed_run_has_begun():
    tally = tally_of(RunResumed(5.0, "r", "amber", "main", "workflow", "runs/main/x", "local"))
    assert tally.start is not None
    assert tally.start.name == "amber"


def test_an_event_costs_the_same_among_ten_thousand_tasks():
    def seconds(under_way: int) -> float:
        tally = tally_of(START, *(event for number in range(under_way) for event in running(f"task-{number}")))
        events = [event for number in range(1000) for event in completed(f"more-{number}")]
        gc.disable()  # what it costs grows with what lives, here and everywhere
        begin = time.process_time()
        for event in events:
            tally(event)
        list(islice(tally.active(), 8))
        gc.enable()
        return time.process_time() - begin

    few, many = (min(seconds(number) for _ in range(5)) for number in (10, 10_000))
    assert many < 5 * few + 0.005


def test_ends_have_the_names_of_statuses():
    assert {status.value for status in Status} <= {end.value for end in Ended}
