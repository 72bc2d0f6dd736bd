"""What is tried again: how often, after which pause, with how much memory, and what a resumed run remembers of it."""

import asyncio

import pytest

from pysprocket.backends.job import FailureKind as JobFailure
from pysprocket.backends.job import Limits, Resources
from pysprocket.engine.events import AttemptCreated, AttemptEnded, AttemptReattached, CallEnded, Notice, Retry, Status
from pysprocket.engine.failures import FailureKind
from pysprocket.engine.past import PastAttempt, PastCall
from pysprocket.engine.retries import Budget, RetryPolicy, Tries
from pysprocket.errors import BackendError, ImageError, RunFailed
from tests.engine.stub import End, StubBackend

GIB = 1024**3
FAILED, CANCELED, DONE = Status.FAILED, Status.CANCELED, Status.COMPLETED
OWN = (FailureKind.EXIT_CODE, FailureKind.EVALUATION, FailureKind.OUT_OF_MEMORY, FailureKind.TIME_LIMIT)
INFRASTRUCTURE = sorted(set(FailureKind) - {*OWN, FailureKind.CANCELLED})


# --- budgets -------------------------------------------------------------------------------------------------


def test_the_pause_doubles_up_to_its_bound():
    budget = Budget(9, backoff=10, longest_backoff=60)
    assert [budget.pause(tries) for tries in range(5)] == [10, 20, 40, 60, 60]
    assert budget.pause(100_000) == 60, "no overflow"


@pytest.mark.parametrize("kind", OWN)
def test_what_a_task_does_itself_is_covered_by_max_retries_and_tried_at_once(kind):
    tries = Tries(RetryPolicy())
    assert [tries.again(kind, 2) for _ in range(3)] == [Retry(1, 2), Retry(2, 2), None]


def test_own_failures_of_different_kinds_share_max_retries():
    tries = Tries(RetryPolicy())
    assert tries.again(FailureKind.EXIT_CODE, 2)
    assert tries.again(FailureKind.TIME_LIMIT, 2)
    assert tries.again(FailureKind.EVALUATION, 2) is None


def test_a_budget_comes_after_max_retries():
    tries = Tries(RetryPolicy({FailureKind.TIME_LIMIT: Budget(1, backoff=7)}))
    assert [tries.again(FailureKind.TIME_LIMIT, 1) for _ in range(3)] == [Retry(1, 1), Retry(1, 1, 7), None]


@pytest.mark.parametrize("kind", INFRASTRUCTURE)
def test_what_happens_to_a_task_has_its_own_budget_whatever_max_retries_says(kind):
    tries = Tries(RetryPolicy({kind: Budget(2, backoff=3)}))
    assert [tries.again(kind, 0) for _ in range(3)] == [Retry(1, 2, 3), Retry(2, 2, 6), None]
    assert Tries(RetryPolicy()).again(kind, 5) is None


def test_each_kind_has_its_own_count_and_pause():
    tries = Tries(RetryPolicy({FailureKind.PREEMPTED: Budget(2, 1), FailureKind.NODE_LOST: Budget(1, 5)}))
    given = [
        tries.again(kind, 0) for kind in map(FailureKind, ("preempted", "node_lost", "preempted", "node_lost", "lost"))
    ]
    assert given == [Retry(1, 2, 1), Retry(1, 1, 5), Retry(2, 2, 2), None, None]


@pytest.mark.parametrize(("counts", "left"), [(True, None), (False, Retry(1, 1))])
def test_what_is_recalled_counts_unless_the_call_was_given_up(counts, left):
    tries = Tries(RetryPolicy())
    tries.recall(FailureKind.OUT_OF_MEMORY, 1, counts=counts)
    assert tries.shortages == 1, "the memory it lacked is known either way"
    assert tries.again(FailureKind.EXIT_CODE, 1) == left


# --- memory --------------------------------------------------------------------------------------------------


def test_memory_grows_with_each_shortage_up_to_what_there_is():
    policy = RetryPolicy(memory_growth=1.5)
    asked = Resources(memory=4 * GIB, memory_limit=8 * GIB)
    limits = Limits(memory=10 * GIB)
    grown = [policy.grown(asked, shortages, limits) for shortages in range(4)]
    assert [each.memory / GIB for each in grown] == [4, 6, 9, 10]
    assert [each.memory_limit and each.memory_limit / GIB for each in grown] == [8, 10, 10, 10]


def test_memory_never_shrinks_to_what_there_is():
    assert RetryPolicy(memory_growth=2).grown(Resources(memory=4 * GIB), 1, Limits(memory=GIB)).memory == 4 * GIB


def test_memory_does_not_grow_unless_that_is_wanted():
    asked = Resources(memory=GIB)
    assert RetryPolicy().grown(asked, 3, Limits()) is asked
    assert RetryPolicy(memory_growth=2).grown(asked, 0, Limits()) is asked


def test_memory_without_a_known_maximum_has_none():
    grown = RetryPolicy(memory_growth=2).grown(Resources(memory=GIB), 12, Limits())
    assert (grown.memory, grown.memory_limit) == (4096 * GIB, None)


# --- in a run ------------------------------------------------------------------------------------------------

TASK = """
task t {
    input { Int most = 0 }
    command <<< attempt ~{task.attempt} memory ~{task.memory} cpu ~{task.cpu} >>>
    output { Int attempt = task.attempt }
    requirements { max_retries: most  memory: "1 GiB" }
}
"""


@pytest.fixture
def pauses(monkeypatch):
    """The pauses that were made, which take no time."""
    made = []
    sleep = asyncio.sleep

    async def note(seconds, *result):
        made.append(seconds)
        return await sleep(0, *result)

    monkeypatch.setattr(asyncio, "sleep", note)
    return made


def run(engine, backend, *arguments, text=TASK, **options):
    engine.wrap = lambda _: backend
    return engine(text, *arguments, target="t", **options)


def fails(engine, backend, *arguments, text=TASK, **options):
    """How often a run that fails tried, and the kind of its failure."""
    with pytest.raises(RunFailed):
        run(engine, backend, *arguments, text=text, **options)
    (end,) = engine.of(CallEnded)
    return len(backend.jobs), end.failure


def commands(engine):
    """What each attempt was told of itself."""
    return [(path / "command").read_text().strip() for path in sorted(engine.directory.glob("attempts/*"))]


KINDS_OF_JOBS = sorted(set(JobFailure) - {JobFailure.CANCELLED})


@pytest.mark.parametrize("kind", KINDS_OF_JOBS)
def test_a_kind_is_tried_again_as_often_as_its_budget_says_after_its_pauses(engine, pauses, kind):
    engine.policy = RetryPolicy({FailureKind(kind.value): Budget(3, backoff=10, longest_backoff=30)})
    assert fails(engine, StubBackend(lambda job, number: kind)) == (4, kind.value)
    assert pauses == [10, 20, 30]
    ends = engine.of(AttemptEnded)
    assert [end.status for end in ends] == [FAILED] * 4
    assert [end.retry for end in ends] == [Retry(1, 3, 10), Retry(2, 3, 20), Retry(3, 3, 30), None]


@pytest.mark.parametrize("kind", KINDS_OF_JOBS)
def test_a_kind_without_a_budget_is_tried_again_only_when_it_is_the_tasks_own(engine, pauses, kind):
    tries = 3 if FailureKind(kind.value) in OWN else 1
    assert fails(engine, StubBackend(lambda job, number: kind), "most=2") == (tries, kind.value)
    assert pauses == [0] * (tries - 1)


def test_an_exit_code_is_the_tasks_own(engine, pauses):
    assert fails(engine, StubBackend(lambda job, number: 3), "most=2") == (3, "exit_code")
    assert [event.retry_cause for event in engine.of(AttemptCreated)] == [None, "exit code 3", "exit code 3"]


def test_outputs_that_are_not_there_are_the_tasks_own(engine, pauses):
    text = TASK.replace("Int attempt = task.attempt", 'File f = "nowhere"')
    assert fails(engine, StubBackend(lambda job, number: 0), "most=1", text=text) == (2, "evaluation")


def test_a_success_ends_the_tries(engine, pauses):
    engine.policy = RetryPolicy({FailureKind.PREEMPTED: Budget(5)})
    ends: list[End] = [JobFailure.PREEMPTED, 9, 0]
    backend = StubBackend(lambda job, number: ends[number])
    assert run(engine, backend, "most=1") == {"attempt": 2}
    assert [end.failure for end in engine.of(AttemptEnded)] == ["preempted", "exit_code", None]
    assert pauses == [10, 0]
    assert len({job.name for job in backend.jobs}) == 3
    assert [job.directory.name for job in backend.jobs] == ["0", "1", "2"]


def test_a_job_that_somebody_cancelled_is_not_tried_again(engine, pauses):
    assert fails(engine, StubBackend(lambda job, number: JobFailure.CANCELLED), "most=3") == (1, "cancelled")


@pytest.mark.parametrize(("error", "kind"), [(BackendError, "backend"), (ImageError, "image")])
def test_a_place_that_does_not_take_a_job_is_asked_again_for_the_same_attempt(engine, pauses, error, kind):
    engine.policy = RetryPolicy({FailureKind(kind): Budget(2, backoff=10)})
    backend = StubBackend(lambda job, number: error("busy", transient=True) if number < 2 else 0)
    assert run(engine, backend) == {"attempt": 0}
    assert pauses == [10, 20]
    assert [notice.message for notice in engine.of(Notice)] == [
        "t: busy; asked again in 10 s (1 of 2)",
        "t: busy; asked again in 20 s (2 of 2)",
    ]


def test_a_place_that_never_takes_a_job_fails_the_call(engine, pauses):
    engine.policy = RetryPolicy({FailureKind.BACKEND: Budget(2, backoff=10)})
    backend = StubBackend(lambda job, number: BackendError("busy", transient=True))
    assert fails(engine, backend, "most=5") == (0, "backend")
    assert pauses == [10, 20]


def test_what_a_place_refuses_for_good_is_not_asked_again(engine, pauses):
    engine.policy = RetryPolicy({FailureKind.IMAGE: Budget(2)})
    assert fails(engine, StubBackend(lambda job, number: ImageError("no such image")), "most=5") == (0, "image")
    assert pauses == []


def test_after_a_shortage_the_job_gets_more_memory_and_the_task_sees_it(engine, pauses):
    engine.policy = RetryPolicy(memory_growth=2)
    ends: list[End] = [JobFailure.OUT_OF_MEMORY, 5, JobFailure.OUT_OF_MEMORY, 0]
    backend = StubBackend(lambda job, number: ends[number], limits=Limits(memory=3 * GIB))
    assert run(engine, backend, "most=3") == {"attempt": 3}
    assert [job.resources.memory for job in backend.jobs] == [GIB, 2 * GIB, 2 * GIB, 3 * GIB]
    assert [event.resources.memory for event in engine.of(AttemptCreated)] == [GIB, 2 * GIB, 2 * GIB, 3 * GIB]
    assert [words.split()[3] for words in commands(engine)] == [str(job.resources.memory) for job in backend.jobs]


ADAPTS = """
task t {
    command <<< ~{task.attempt} ~{defined(task.previous.memory)} ~{select_first([task.previous.memory, 0])} >>>
    requirements { max_retries: 1  memory: select_first([task.previous.memory, 50000000]) * 2 }
}
"""


def test_a_task_adapts_itself_also_after_what_was_not_its_own_fault(engine, pauses):
    engine.version = "1.3"
    engine.policy = RetryPolicy({FailureKind.NODE_LOST: Budget(1)})
    ends: list[End] = [JobFailure.NODE_LOST, 1, 0]
    backend = StubBackend(lambda job, number: ends[number])
    run(engine, backend, text=ADAPTS)
    assert commands(engine) == ["0 false 0", "1 true 100000000", "2 true 200000000"]
    assert [job.resources.memory for job in backend.jobs] == [100_000_000, 200_000_000, 400_000_000]


# --- in a resumed run ----------------------------------------------------------------------------------------


def past(*attempts, ended=False):
    return {"t": PastCall(ended=ended, attempts=attempts)}


def failed(number, kind):
    return PastAttempt(number, f"t-{number}", f"native t-{number}", FAILED, FailureKind(kind))


def test_attempts_of_an_earlier_process_count(engine, pauses):
    engine.policy = RetryPolicy({FailureKind.PREEMPTED: Budget(2, backoff=10)})
    backend = StubBackend(lambda job, number: JobFailure.PREEMPTED)
    assert fails(engine, backend, past=past(failed(0, "preempted"))) == (2, "preempted")
    assert pauses == [20], "after the second one; the first new attempt needs none"
    assert [event.attempt for event in engine.of(AttemptCreated)] == [1, 2]
    assert engine.of(AttemptCreated)[0].retry_cause == "preempted"
    assert "t" in backend.forgotten, "also the job of the attempt that had ended"


def test_own_failures_of_an_earlier_process_count_against_max_retries(engine, pauses):
    assert fails(engine, StubBackend(lambda job, number: 3), "most=2", past=past(failed(0, "exit_code"))) == (
        2,
        "exit_code",
    )


def test_a_call_that_was_given_up_has_all_its_tries_again(engine, pauses):
    earlier = past(failed(0, "exit_code"), failed(1, "exit_code"), ended=True)
    assert fails(engine, StubBackend(lambda job, number: 3), "most=1", past=earlier) == (2, "exit_code")
    assert [event.attempt for event in engine.of(AttemptCreated)] == [2, 3]


def test_an_attempt_that_the_user_cancelled_does_not_count(engine, pauses):
    cancelled = PastAttempt(0, "t-0", "native t-0", CANCELED, FailureKind.CANCELLED, cancelled=True)
    earlier = past(cancelled, ended=True)
    assert fails(engine, StubBackend(lambda job, number: 3), "most=1", past=earlier) == (2, "exit_code")


class EndedAlready(StubBackend):
    """Where there is nothing left to cancel."""

    async def cancel(self, job_id):
        pass


@pytest.mark.parametrize("end", [JobFailure.CANCELLED, JobFailure.LOST, 143, 137])
def test_a_job_that_ended_since_a_dead_engine_wanted_it_to_was_cancelled(engine, pauses, end):
    backend = EndedAlready(lambda job, number: 0 if number else end)
    earlier = past(PastAttempt(0, "t-0", None, None, None, cancelled=True))
    assert run(engine, backend, past=earlier) == {"attempt": 1}
    first, second = engine.of(AttemptEnded)
    assert (first.status, first.failure, first.error) == (CANCELED, "cancelled", "it was cancelled")
    assert second.status == "completed"
    assert engine.of(AttemptCreated)[0].retry_cause == "cancelled"


def test_a_job_that_failed_by_itself_before_it_could_be_cancelled_has_failed(engine, pauses):
    backend = EndedAlready(lambda job, number: 0 if number else 3)
    earlier = past(PastAttempt(0, "t-0", None, None, None, cancelled=True))
    assert run(engine, backend, past=earlier) == {"attempt": 1}
    assert [event.failure for event in engine.of(AttemptEnded)] == ["exit_code", None]


def test_the_memory_that_was_lacking_is_remembered(engine, pauses):
    engine.policy = RetryPolicy(memory_growth=2)
    backend = StubBackend(lambda job, number: 0)
    earlier = past(failed(0, "out_of_memory"), failed(1, "out_of_memory"), ended=True)
    assert run(engine, backend, past=earlier) == {"attempt": 2}
    assert [job.resources.memory for job in backend.jobs] == [4 * GIB]


def test_what_the_earlier_attempts_had_is_shown_to_the_next(engine, pauses):
    engine.version = "1.3"
    engine.policy = RetryPolicy({FailureKind.NODE_LOST: Budget(3)})
    run(
        engine,
        StubBackend(lambda job, number: 0),
        text=ADAPTS,
        past=past(failed(0, "node_lost"), failed(1, "node_lost")),
    )
    assert (engine.directory / "attempts/2/command").read_text().strip() == "2 true 200000000"


def test_the_attempt_that_nobody_saw_end_is_the_same_job_and_counts_when_it_fails(engine, pauses):
    backend = StubBackend(lambda job, number: 3)
    earlier = past(failed(0, "exit_code"), PastAttempt(1, "t-one"))
    assert fails(engine, backend, "most=2", past=earlier) == (2, "exit_code")
    assert [job.name == "t-one" for job in backend.jobs] == [True, False]
    (again,) = engine.of(AttemptReattached)
    assert (again.job_name, again.attempt) == ("t-one", 1)
    assert [event.attempt for event in engine.of(AttemptCreated)] == [2]
