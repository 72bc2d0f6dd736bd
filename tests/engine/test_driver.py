"""Runs to their end on the local backend: success, failures, interruption, and what stops a run altogether."""

import asyncio
import json

import pytest

from pysprocket.engine.events import AttemptCreated, AttemptEnded, AttemptSubmitted, CallEnded, Notice, Status
from pysprocket.errors import BackendError, OutputDirectoryError, RecordsError, RunFailed, RunInterrupted
from tests.engine.conftest import Between

WORK = """
task work {
    input { Int n  Float seconds = 0 }
    command <<< if [ ~{n} -lt 0 ]; then exit 9; fi; touch started; sleep ~{seconds}; touch done >>>
    output { Int m = n }
}
"""


WAIT = """
task wait {
    input { String other  Int status = 0 }
    command <<< until [ -e ../../../../~{other}/attempts/0/work/started ]; do sleep 0.01; done; exit ~{status} >>>
    output { Int m = 0 }
}
"""  # ends when another call has started


def statuses(engine):
    return {event.call_id: event.status for event in engine.of(CallEnded)}


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def started(engine, call):
    return (engine.directory / f"calls/{call}/attempts/0/work/started").exists()


# --- what is left behind -----------------------------------------------------------------------------------


def test_each_call_leaves_its_inputs_and_outputs(engine):
    outputs = engine(
        WORK + "workflow w { scatter (n in [4, 5]) { call work { n } } output { Array[Int] m = work.m } }", target="w"
    )
    assert outputs == {"m": [4, 5]}
    directory = engine.directory / "calls/work-1"
    assert json.loads((directory / "inputs.json").read_text()) == {"n": 5}
    assert json.loads((directory / "outputs.json").read_text()) == {"m": 5}


def test_what_is_declared_without_a_value_outside_of_the_inputs_is_none_or_given(engine):
    text = (
        "task t { input { Int n } String? word command <<< echo ~{n}~{word} >>>"
        " output { String said = read_string(stdout()) } }"
        " workflow w { input { Boolean go = true } Int? number"
        " scatter (n in [1, 2]) { String? none call t { n } Int k = n }"
        " if (go) { File? absent call t as again { n = select_first([number, 7]), word = 'x' } }"
        " output { Array[String?] nones = none Boolean known = defined(absent) Array[String] said = t.said"
        " String? last = again.said Array[Int] ks = k } }"
    )
    outputs = engine(text, target="w")
    assert outputs == {"nones": [None, None], "known": False, "said": ["1", "2"], "last": "7x", "ks": [1, 2]}
    assert engine(text, "w.number=8")["last"] == "8x"


def test_declarations_are_inputs_where_no_section_says_what_the_inputs_are(engine):
    text = (
        "task t { String a Int n = 3 command <<< echo ~{a}~{n} >>> output { String said = read_string(stdout()) } }"
        " workflow w { String f Int n = 4 String twice = f + f call t { input: a = twice, n = n }"
        " call t as u { input: a = f } output { Array[String] said = [t.said, u.said] } }"
    )
    assert engine(text, "w.f=x", target="w") == {"said": ["xx4", "x3"]}
    assert engine(text, "w.f=x", "w.n=5", target="w") == {"said": ["xx5", "x3"]}


def test_a_call_that_fails_leaves_its_inputs_and_no_outputs(engine):
    with pytest.raises(RunFailed, match="exit code 9"):
        engine(WORK + "workflow w { call work { n = -1 } }")
    directory = engine.directory / "calls/work"
    assert json.loads((directory / "inputs.json").read_text()) == {"n": -1}
    assert not (directory / "outputs.json").exists()


# --- failures ------------------------------------------------------------------------------------------------


def test_after_a_failure_what_runs_ends_and_what_waits_is_taken_back(engine):
    with pytest.raises(RunFailed) as caught:
        engine(
            WORK
            + WAIT
            + """
            workflow w {
                call work as slow { n = 1, seconds = 0.3 }
                call wait as bad { other = "slow", status = 9 }
                scatter (n in range(4)) { call work { n, seconds = 0.3 } }
            }
            """
        )
    assert len(caught.value.failures) == 1
    ends = statuses(engine)
    assert (ends.pop("bad"), ends.pop("slow")) == (Status.FAILED, Status.COMPLETED)
    assert sum(status is Status.CANCELED for status in ends.values()) >= 2
    (notice,) = engine.of(Notice)
    running = sum(status is Status.COMPLETED for status in statuses(engine).values())
    tasks = "1 running task is" if running == 1 else f"{running} running tasks are"
    assert notice.message == f"a task failed; {tasks} awaited, no new one starts"


def test_fail_fast_cancels_what_runs(engine):
    with pytest.raises(RunFailed) as caught:
        engine(
            WORK
            + """
            workflow w { call work as slow { n = 1, seconds = 60 } call work as bad { n = -1 } }
            """,
            fail_fast=True,
        )
    assert len(caught.value.failures) == 1
    assert statuses(engine) == {"bad": Status.FAILED, "slow": Status.CANCELED}


def test_a_mistake_that_all_items_of_a_scatter_share_is_told_once(engine):
    with pytest.raises(RunFailed) as caught:
        engine(
            """
            task bad { input { Int n } command <<< ~{1 / (n - n)} >>> }
            workflow w { scatter (n in range(20)) { call bad { n } } }
            """
        )
    assert len(caught.value.failures) == 1
    assert not list(engine.directory.glob("calls/*/attempts/*/command"))


def test_an_expression_that_fails_late_awaits_what_runs(engine):
    with pytest.raises(RunFailed, match="division by zero"):
        engine(
            WORK
            + WAIT
            + """
            workflow w {
                call wait as quick { other = "slow" }
                call work as slow { n = 1, seconds = 0.3 }
                Int x = 1 / quick.m
                call work as never { n = x }
            }
            """
        )
    assert statuses(engine) == {"quick": Status.COMPLETED, "slow": Status.COMPLETED}


# --- interruption --------------------------------------------------------------------------------------------


def test_an_interruption_cancels_what_runs_and_starts_nothing_more(engine):
    async def interrupt(run):
        await until(lambda: started(engine, "work-0"))
        run.cancel("Ctrl-C")

    engine.while_running = interrupt
    with pytest.raises(RunInterrupted):
        engine(WORK + "workflow w { scatter (n in range(6)) { call work { n, seconds = 60 } } }")
    assert set(statuses(engine).values()) == {Status.CANCELED}
    assert len(engine.of(AttemptEnded)) == 6


def test_a_run_that_is_interrupted_before_its_first_move_starts_nothing(engine):
    async def interrupt(run):
        run.cancel("Ctrl-C")

    async def durable():
        await asyncio.sleep(0)

    engine.while_running, engine.durable = interrupt, durable
    with pytest.raises(RunInterrupted):
        engine(WORK, "n=1", "seconds=60", target="work")
    assert set(statuses(engine).values()) <= {Status.CANCELED}


def test_an_interrupted_task_is_not_tried_again(engine):
    async def interrupt(run):
        await until((engine.directory / "attempts/0/work/started").exists)
        run.cancel("Ctrl-C")

    engine.while_running = interrupt
    with pytest.raises(RunInterrupted):
        engine(WORK, "n=1", "seconds=60", "requirements.max_retries=3", target="work")
    assert [event.status for event in engine.of(AttemptEnded)] == [Status.CANCELED]


def test_a_job_that_cannot_be_cancelled_is_told_and_awaited(engine):
    work = engine.directory / "attempts/0/work"

    async def refuse(job_id):
        (work / "go").touch()
        raise BackendError("nobody answers")

    async def interrupt(run):
        await until(lambda: engine.of(AttemptSubmitted))
        run.cancel("Ctrl-C")

    engine.wrap = lambda backend: Between(backend, {"cancel": refuse})
    engine.while_running = interrupt
    engine("task work { command <<< until [ -e go ]; do sleep 0.01; done >>> }", target="work")
    assert [event.status for event in engine.of(AttemptEnded)] == [Status.COMPLETED]
    assert [notice.message for notice in engine.of(Notice)] == ["a task could not be cancelled: nobody answers"]


# --- what stops a run altogether -----------------------------------------------------------------------------


def test_a_database_that_cannot_be_written_stops_the_run_once_without_retries(engine):
    async def durable():
        raise RecordsError("the disk is full")

    engine.durable = durable
    with pytest.raises(RecordsError, match=r"^the disk is full$"):
        engine(
            """
            task t { input { Int n } command <<< >>> requirements { max_retries: 2 } }
            workflow w { scatter (n in range(3)) { call t { n } } }
            """
        )
    assert len(engine.of(AttemptEnded)) <= 3


@pytest.mark.parametrize(("fail_fast", "seconds", "end"), [(True, 60, Status.CANCELED), (False, 1, Status.COMPLETED)])
def test_a_database_that_is_lost_later_stops_the_run_and_loses_no_work(engine, fail_fast, seconds, end):
    async def durable():
        if started(engine, "slow"):
            raise RecordsError("the disk is full")

    engine.durable = durable
    with pytest.raises(RecordsError):
        engine(
            WORK
            + f"""
            workflow w {{
                call work as slow {{ n = 1, seconds = {seconds} }}
                call work as quick {{ n = 2, seconds = 0.3 }}
                call work as next {{ n = quick.m }}
            }}
            """,
            fail_fast=fail_fast,
        )
    assert statuses(engine)["slow"] is end
    assert not started(engine, "next")


def test_a_call_whose_directory_cannot_be_made_stops_the_run_with_one_error(engine):
    engine.directory.mkdir()
    (engine.directory / "calls").write_text("not a directory")
    with pytest.raises(OutputDirectoryError, match="cannot write"):
        engine(WORK + "workflow w { scatter (n in range(5)) { call work { n, seconds = 60 } } }")
    assert not engine.of(AttemptCreated)
    ends = statuses(engine)
    assert ends.pop("work-0") is Status.FAILED
    assert set(ends.values()) <= {Status.CANCELED}  # those that had begun; the others never do


def test_a_mistake_of_the_program_cancels_what_runs_and_is_raised(engine):
    def wrap(backend):
        async def wait(job_id):
            return 1 / 0 if "bad" in job_id.name else await backend.wait(job_id)

        return Between(backend, {"wait": wait})

    engine.wrap = wrap
    with pytest.raises(ZeroDivisionError):
        engine(WORK + "workflow w { call work as slow { n = 1, seconds = 60 } call work as bad { n = 2 } }")
    assert statuses(engine) == {"slow": Status.CANCELED, "bad": Status.FAILED}


# --- forgetting jobs -----------------------------------------------------------------------------------------


def test_jobs_are_forgotten_only_after_their_end_is_durable(engine):
    seen = []

    async def durable():
        await asyncio.sleep(0.05)
        ended = [event.job_name for event in engine.of(AttemptEnded)]
        seen.append((ended, (engine.directory / "attempts/0/submitted").exists()))

    engine.durable = durable
    engine(WORK, "n=1", target="work")
    (_, (ended, kept)) = seen
    assert (len(ended), kept) == (1, True)
    assert not (engine.directory / "attempts/0/submitted").exists()


def test_a_job_that_cannot_be_forgotten_is_a_warning(engine):
    async def refuse(job_id):
        raise BackendError("nobody answers")

    engine.wrap = lambda backend: Between(backend, {"forget": refuse})
    assert engine(WORK, "n=1", target="work") == {"m": 1}
    (notice,) = engine.of(Notice)
    assert notice.warning
    assert "nobody answers" in notice.message
