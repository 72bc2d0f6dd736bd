"""How many calls are under way together, and what becomes of those that wait when the run is told to end.

The backend is a stub, so that what is queued, what runs and what ends when is in the hand of each test.
"""

import asyncio

import pytest

from pysprocket.backends.job import FailureKind
from pysprocket.engine.events import (
    AttemptCreated,
    AttemptEnded,
    CallEnded,
    CallStarted,
    CancelRequested,
    Notice,
    Status,
)
from pysprocket.engine.failures import FailureKind as EngineFailureKind
from pysprocket.engine.retries import Budget, RetryPolicy
from pysprocket.errors import BackendError, RunFailed, RunInterrupted
from tests.engine.stub import StubBackend
from tests.engine.test_driver import statuses, until

T = "task t { input { Int n } command <<< >>> output { Int m = n } }\n"
TWO = T + (
    "workflow w { scatter (i in range(5)) { call t as a { n = i } } scatter (i in range(5)) { call t as b { n = i } }"
    " output { Array[Int] m = flatten([a.m, b.m]) } }"
)
ALL = {f"{name}-{index}" for name in "ab" for index in range(5)}
DONE, FAILED, CANCELED = Status.COMPLETED, Status.FAILED, Status.CANCELED


def on(engine, backend, beside=None):
    """The engine with the stub as its backend, and something done while it runs."""
    engine.wrap = lambda _: backend
    engine.while_running = beside
    return engine


def most_at_once(engine, prefix=""):
    """How many calls whose ids begin so were under way together at most."""
    now = most = 0
    for event in engine.of(CallStarted, CallEnded):
        if event.call_id.startswith(prefix):
            now += 1 if isinstance(event, CallStarted) else -1
            most = max(most, now)
    assert now == 0, "each call that began has ended"
    return most


def order(engine):
    return [event.call_id for event in engine.of(CallStarted)]


async def settled(backend, number):
    """Wait until so many jobs were submitted, and no more come."""
    await until(lambda: len(backend.jobs) >= number)
    await asyncio.sleep(0.05)
    assert len(backend.jobs) == number


# --- the bound of a run --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", [1, 3, 9])
def test_a_bound_holds_for_two_scatters_side_by_side(engine, bound):
    backend = StubBackend(lambda job, number: 0)
    outputs = on(engine, backend)(TWO, target="w", max_concurrent_tasks=bound)
    assert outputs == {"m": [*range(5), *range(5)]}
    assert most_at_once(engine) == bound
    assert set(order(engine)) == ALL


def test_without_a_bound_all_are_under_way(engine):
    on(engine, StubBackend(lambda job, number: 0))(TWO, target="w")
    assert most_at_once(engine) == 10


def test_calls_that_wait_start_in_the_order_in_which_they_could(engine):
    """What becomes ready later goes behind what waits already, whatever its place in the document."""
    backend = StubBackend()

    async def end_one_by_one(run):
        while set(statuses(engine)) != {*(f"t-{i}" for i in range(4)), *(f"next-{i}" for i in range(4))}:
            await until(lambda: backend.running)
            backend.end(backend.calls(backend.running)[0])
            await asyncio.sleep(0.01)

    text = T + "workflow w { scatter (i in range(4)) { call t as next { n = t.m } call t { n = i } } }"
    on(engine, backend, end_one_by_one)(text, target="w", max_concurrent_tasks=2)
    assert order(engine) == [*(f"t-{i}" for i in range(4)), *(f"next-{i}" for i in range(4))]
    assert most_at_once(engine) == 2


def test_calls_of_sub_workflows_count_and_the_sub_workflow_itself_does_not(engine):
    (engine.directory.parent / "sub.wdl").write_text(
        f"version 1.2\n{T}workflow s {{ scatter (i in range(3)) {{ call t {{ n = i }} }} }}\n"
    )
    text = 'import "sub.wdl" as lib\nworkflow w { scatter (i in range(2)) { call lib.s } }'
    on(engine, StubBackend(lambda job, number: 0))(text, target="w", max_concurrent_tasks=1)
    tasks = [event.call_id for event in engine.of(CallStarted) if event.kind == "task"]
    assert sorted(tasks) == [f"s-{i}/t-{j}" for i in range(2) for j in range(3)]
    now = 0
    for event in engine.of(CallStarted, CallEnded):
        if event.call_id in tasks:
            now += 1 if isinstance(event, CallStarted) else -1
            assert now <= 1


def test_an_attempt_that_is_tried_again_keeps_its_place(engine):
    backend = StubBackend(lambda job, number: 5 if number == 0 else 0)
    text = TWO.replace("command", "requirements { max_retries: 1 } command")
    on(engine, backend)(text, target="w", max_concurrent_tasks=2)
    assert most_at_once(engine) == 2
    assert len(engine.of(AttemptCreated)) == 20


def test_a_failure_leaves_those_that_wait_unstarted(engine):
    backend = StubBackend()

    async def fail(run):
        await settled(backend, 3)
        backend.end("a-1", 9)
        await until(lambda: "a-1" in statuses(engine))
        backend.end("a-0")
        backend.end("a-2")

    with pytest.raises(RunFailed) as caught:
        on(engine, backend, fail)(TWO, target="w", max_concurrent_tasks=3)
    assert len(caught.value.failures) == 1
    assert statuses(engine) == {"a-0": DONE, "a-1": FAILED, "a-2": DONE}
    assert most_at_once(engine) == 3


@pytest.mark.parametrize("verb", ["drain", "cancel", "detach"])
def test_a_run_that_is_interrupted_leaves_those_that_wait_unstarted(engine, verb):
    backend = StubBackend()

    async def interrupt(run):
        await settled(backend, 2)
        getattr(run, verb)("SIGTERM")
        if verb == "drain":
            await asyncio.sleep(0.02)
            backend.end("a-0")
            backend.end("a-1")

    with pytest.raises(RunInterrupted, match="SIGTERM"):
        on(engine, backend, interrupt)(TWO, target="w", max_concurrent_tasks=2)
    assert order(engine) == ["a-0", "a-1"]
    ends = {"drain": DONE, "cancel": CANCELED}
    assert statuses(engine) == ({} if verb == "detach" else {"a-0": ends[verb], "a-1": ends[verb]})


def test_an_expression_that_fails_while_calls_wait_ends_the_run(engine):
    backend = StubBackend(lambda job, number: 0)
    text = T + (
        "workflow w { call t as first { n = 0 } Int x = 1 / first.m"
        " scatter (i in range(20)) { call t { n = i } } call t as last { n = x } }"
    )
    with pytest.raises(RunFailed, match="division by zero"):
        on(engine, backend)(text, target="w", max_concurrent_tasks=1)
    assert len(order(engine)) < 22


# --- the bound of each scatter -------------------------------------------------------------------------------


def test_each_scatter_has_its_own_bound(engine):
    backend = StubBackend(lambda job, number: 0)
    on(engine, backend)(TWO, target="w", scatter_concurrency=2)
    assert (most_at_once(engine, "a"), most_at_once(engine, "b"), most_at_once(engine)) == (2, 2, 4)


def test_nested_scatters_are_bounded_each(engine):
    backend = StubBackend()
    text = T + "workflow w { scatter (i in range(4)) { scatter (j in range(4)) { call t { n = j } } } }"

    async def look(run):
        await settled(backend, 4)
        assert sorted(backend.calls(backend.running)) == ["t-0-0", "t-0-1", "t-1-0", "t-1-1"]
        while len(statuses(engine)) < 16:
            await until(lambda: backend.running or len(statuses(engine)) == 16)
            for call in backend.calls(backend.running):
                backend.end(call)
            await asyncio.sleep(0.01)

    on(engine, backend, look)(text, target="w", scatter_concurrency=2)
    assert most_at_once(engine) == 4


def test_both_bounds_hold_together(engine):
    on(engine, StubBackend(lambda job, number: 0))(TWO, target="w", scatter_concurrency=2, max_concurrent_tasks=3)
    assert most_at_once(engine) == 3
    assert max(most_at_once(engine, "a"), most_at_once(engine, "b")) == 2


# --- jobs in a queue -----------------------------------------------------------------------------------------

FIVE = T + "workflow w { scatter (i in range(5)) { call t { n = i } } }"


def test_after_a_failure_jobs_in_the_queue_are_withdrawn_and_those_that_run_awaited(engine):
    backend = StubBackend(room=2)

    async def fail(run):
        await settled(backend, 5)
        backend.end("t-0", 9)  # so that t-2 begins
        await until(lambda: backend.withdrawn)
        backend.end("t-1")
        backend.end("t-2")

    with pytest.raises(RunFailed) as caught:
        on(engine, backend, fail)(FIVE, target="w")
    assert len(caught.value.failures) == 1
    assert sorted(backend.withdrawn) == ["t-3", "t-4"]
    assert backend.cancelled == []
    assert statuses(engine) == {"t-0": FAILED, "t-1": DONE, "t-2": DONE, "t-3": CANCELED, "t-4": CANCELED}
    attempts = {event.call_id: event.status for event in engine.of(AttemptEnded)}
    assert attempts == statuses(engine)
    assert [event.failure for event in engine.of(CallEnded) if event.status is CANCELED] == ["cancelled"] * 2
    assert [notice.message for notice in engine.of(Notice)] == [
        "a task failed; 2 running tasks are awaited, no new one starts"
    ]
    assert sorted(backend.forgotten) == [f"t-{i}" for i in range(5)]


def test_at_the_first_interruption_the_queue_is_emptied_and_what_runs_awaited(engine):
    backend = StubBackend(room=2)

    async def interrupt(run):
        await settled(backend, 5)
        run.drain("Ctrl-C")
        await until(lambda: len(backend.withdrawn) == 3)
        assert sorted(backend.calls(backend.running)) == ["t-0", "t-1"]
        backend.end("t-0")
        backend.end("t-1")

    with pytest.raises(RunInterrupted):
        on(engine, backend, interrupt)(FIVE, target="w")
    assert statuses(engine) == {"t-0": DONE, "t-1": DONE, "t-2": CANCELED, "t-3": CANCELED, "t-4": CANCELED}
    assert FAILED not in {event.status for event in engine.of(AttemptEnded)}
    assert [notice.message for notice in engine.of(Notice)] == ["2 running tasks are awaited, no new one starts"]


def test_the_second_interruption_cancels_what_was_awaited(engine):
    backend = StubBackend(room=1)

    async def interrupt(run):
        await settled(backend, 5)
        run.drain("Ctrl-C")
        await until(lambda: len(backend.withdrawn) == 4)
        run.cancel("Ctrl-C")

    with pytest.raises(RunInterrupted):
        on(engine, backend, interrupt)(FIVE, target="w")
    assert backend.cancelled == ["t-0"]
    assert set(statuses(engine).values()) == {CANCELED}
    assert len(engine.of(CancelRequested)) == 1


def test_a_withdrawn_job_is_not_tried_again(engine):
    backend = StubBackend(room=1)

    async def interrupt(run):
        await settled(backend, 5)
        run.drain("Ctrl-C")
        await until(lambda: len(backend.withdrawn) == 4)
        backend.end("t-0")

    with pytest.raises(RunInterrupted):
        on(engine, backend, interrupt)(FIVE.replace("command", "requirements { max_retries: 3 } command"), target="w")
    assert len(backend.jobs) == 5


def test_a_queue_that_gives_nothing_back_is_told_and_its_jobs_are_awaited(engine):
    class Refusing(StubBackend):
        async def withdraw(self, job_id):
            raise BackendError("the queue does not answer")

    backend = Refusing()

    async def fail(run):
        await settled(backend, 5)
        backend.end("t-0", 9)
        await until(lambda: engine.of(Notice))
        for index in range(1, 5):
            backend.end(f"t-{index}")

    with pytest.raises(RunFailed, match="exit code 9"):
        on(engine, backend, fail)(FIVE, target="w")
    assert statuses(engine) == {"t-0": FAILED} | {f"t-{index}": DONE for index in range(1, 5)}
    assert any("the queue does not answer" in notice.message for notice in engine.of(Notice))


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_job_that_is_cancelled_while_it_is_being_withdrawn_is_cancelled_once(engine, withdrawn):
    class Slow(StubBackend):
        async def withdraw(self, job_id):
            await asyncio.sleep(0.1)
            return withdrawn and await super().withdraw(job_id)

    backend = Slow()

    async def interrupt(run):
        await settled(backend, 1)
        run.drain("Ctrl-C")
        await asyncio.sleep(0.02)
        run.cancel("Ctrl-C")

    text = T.replace("command", "requirements { max_retries: 3 } command")
    with pytest.raises(RunInterrupted):
        on(engine, backend, interrupt)(text, "n=1", target="t")
    assert [event.status for event in engine.of(AttemptEnded, CallEnded)] == [CANCELED, CANCELED]
    assert len(backend.jobs) == 1


@pytest.mark.parametrize("by", ["drain", "another failure"])
def test_a_job_that_fails_when_nothing_new_starts_is_not_tried_again(engine, by):
    """It runs, so it is awaited; another attempt would be something new, and is left to whoever resumes the run."""
    backend = StubBackend()

    async def interrupt(run):
        await settled(backend, 5)
        if by == "drain":
            run.drain("Ctrl-C")
        else:
            backend.end("t-4", FailureKind.IMAGE)
        await until(lambda: engine.of(Notice))
        backend.end("t-0", 9)
        for index in range(1, 4 if by != "drain" else 5):
            backend.end(f"t-{index}")

    text = FIVE.replace("command", "requirements { max_retries: 3 } command")
    with pytest.raises(RunInterrupted if by == "drain" else RunFailed):
        on(engine, backend, interrupt)(text, target="w")
    assert statuses(engine)["t-0"] is (CANCELED if by == "drain" else FAILED)
    assert [event.failure for event in engine.of(AttemptEnded) if event.call_id == "t-0"] == ["exit_code"]
    assert len(backend.jobs) == 5


@pytest.mark.parametrize(("retries", "error", "status"), [(3, RunInterrupted, CANCELED), (0, RunFailed, FAILED)])
def test_a_job_that_fails_while_it_is_being_cancelled_keeps_its_tries(engine, retries, error, status):
    """It ends between the wish and the deed; what would have been tried again is left to whoever resumes the run."""
    backend = StubBackend()

    async def slowly():
        await asyncio.sleep(0.02)

    async def interrupt(run):
        await settled(backend, 1)
        run.cancel("SIGTERM")
        await asyncio.sleep(0)
        backend.end("t", 9)

    engine.durable = slowly
    text = T.replace("command", f"requirements {{ max_retries: {retries} }} command")
    with pytest.raises(error):
        on(engine, backend, interrupt)(text, "n=1", target="t")
    assert [event.status for event in engine.of(AttemptEnded, CallEnded)] == [FAILED, status]
    assert len(backend.jobs) == 1


def test_a_fast_failure_cancels_also_what_is_in_the_queue(engine):
    backend = StubBackend(room=2)

    async def fail(run):
        await settled(backend, 5)
        backend.end("t-0", 9)

    with pytest.raises(RunFailed):
        on(engine, backend, fail)(FIVE, target="w", fail_fast=True)
    assert statuses(engine) == {"t-0": FAILED} | {f"t-{index}": CANCELED for index in range(1, 5)}
    assert sorted(backend.cancelled) == [f"t-{index}" for index in range(1, 5)]


def test_detaching_leaves_all_jobs_where_they_are(engine):
    backend = StubBackend(room=2)

    async def detach(run):
        await settled(backend, 5)
        run.detach("SIGTERM")

    with pytest.raises(RunInterrupted):
        on(engine, backend, detach)(FIVE, target="w")
    assert (backend.withdrawn, backend.cancelled, backend.forgotten) == ([], [], [])
    assert len(backend.running + backend.queued) == 5
    assert not engine.of(AttemptEnded, CallEnded, CancelRequested)


# --- what is just being started, and what awaits another try --------------------------------------------------


class StartingBackend(StubBackend):
    """Jobs other than the first are being started until somebody gives them up, which comes too late."""

    starting = 0

    async def submit(self, job):
        if job.labels["call"] != "t-0":
            self.starting += 1
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(0.2)
        return await super().submit(job)


@pytest.mark.parametrize("mode", ["slow", "fast"])
def test_a_job_that_begins_in_the_moment_of_a_failure_is_awaited_unless_all_is_cancelled(engine, mode):
    backend = StartingBackend()

    async def end_what_runs(run):
        await until(lambda: backend.starting == 4 and backend.running)
        backend.end("t-0", 1)
        await until(lambda: len(backend.cancelled) == 4 or (len(backend.running) == 4 and engine.of(Notice)))
        for call in backend.calls(list(backend.running)):
            backend.end(call)

    with pytest.raises(RunFailed):
        on(engine, backend, end_what_runs)(FIVE, target="w", fail_fast=mode == "fast")
    other = DONE if mode == "slow" else CANCELED
    assert statuses(engine) == {"t-0": FAILED} | {f"t-{index}": other for index in range(1, 5)}
    notices = [event.message for event in engine.of(Notice)]
    assert notices == (["a task failed; 4 running tasks are awaited, no new one starts"] if mode == "slow" else [])


@pytest.mark.parametrize("second", ["drain", "cancel"])
def test_two_reasons_to_take_back_what_begins_hold_up_nothing(engine, second):
    backend = StartingBackend()

    async def end_what_runs(run):
        await until(lambda: backend.starting == 4 and backend.running)
        backend.end("t-0", 1)
        await until(lambda: statuses(engine).get("t-0") is FAILED)
        await asyncio.sleep(0.01)
        getattr(run, second)("Ctrl-C")
        await until(lambda: len(backend.running) == 4 or second == "cancel")
        for call in backend.calls(backend.running if second == "drain" else []):
            backend.end(call)

    with pytest.raises(RunFailed):
        on(engine, backend, end_what_runs)(FIVE, target="w")
    other = DONE if second == "drain" else CANCELED
    assert statuses(engine) == {"t-0": FAILED} | {f"t-{index}": other for index in range(1, 5)}


@pytest.mark.parametrize("by", ["another failure", "drain", "cancel"])
def test_a_failure_that_awaits_its_next_try_keeps_its_reason(engine, by):
    engine.policy = RetryPolicy({EngineFailureKind.IMAGE: Budget(1, backoff=60, longest_backoff=60)})
    backend = StubBackend(lambda job, number: FailureKind.IMAGE if job.labels["call"] == "t-0" else None)

    async def end(run):
        await settled(backend, 5)
        if by == "another failure":
            backend.end("t-1", 7)
        else:
            getattr(run, by)("Ctrl-C")
        for index in range(2 if by == "another failure" else 1, 5 if by != "cancel" else 0):
            backend.end(f"t-{index}")

    with pytest.raises(RunFailed if by == "another failure" else RunInterrupted) as caught:
        on(engine, backend, end)(FIVE, target="w")
    (ended,) = [event for event in engine.of(CallEnded) if event.call_id == "t-0"]
    assert ended.failure == "image"
    assert ended.error == "it was cancelled before its next try, after it ended so: image"
    assert ended.status is (FAILED if by == "another failure" else CANCELED)
    if isinstance(caught.value, RunFailed):
        assert [str(failure).splitlines()[0] for failure in caught.value.failures] == [
            "task `t` (call `t-1`) failed: exit code 7",
            "task `t` (call `t-0`) failed: it ended so: image",
        ]
