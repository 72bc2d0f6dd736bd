"""What an attempt gets, and what `task` and `task.previous` show of it."""

from __future__ import annotations

import pytest

from pysprocket.backends.job import Limits
from pysprocket.engine.contexts import TaskContext
from pysprocket.engine.machine import Call
from pysprocket.engine.paths import PathMap
from pysprocket.engine.preparation import Preparation
from pysprocket.engine.requirements import GIB, LimitBehavior, Terms
from pysprocket.errors import EvaluationError
from pysprocket.types.loader import load
from pysprocket.values.compile import evaluate

MEMORY = "if defined(task.previous.memory) then select_first([task.previous.memory]) * 2 else memory"
TASK = f"""version 1.3
task t {{
    input {{ Float cpu = 1  String memory = "1 GiB" }}
    command <<< ~{{task.cpu}} ~{{task.memory}} >>>
    requirements {{
        cpu: cpu
        memory: {MEMORY}
        max_retries: 3
    }}
}}
"""
BOTH = LimitBehavior("try_with_max", "try_with_max")


@pytest.fixture
def preparation(tmp_path):
    def make(*, overrides=None, behavior=BOTH, **inputs):
        document = tmp_path / "task.wdl"
        document.write_text(TASK)
        library = load(str(document))
        assert not library.has_errors, library.diagnostics
        call = Call("t", "", library.root.tasks["t"], inputs)
        context = TaskContext(library.root, tmp_path / "tmp", PathMap(None))
        return Preparation(call, context, overrides or {}, Terms(Limits(2, 3 * GIB), behavior))

    return make


def test_what_is_lowered_is_what_task_shows(preparation):
    prepared = preparation(cpu=64.0, memory="1 TiB")
    scope = prepared.bind()
    grant = prepared.grant(scope)
    assert (grant.asked.cpu, grant.asked.memory) == (64, 1024 * GIB)
    assert (grant.requirements.resources.cpu, grant.requirements.resources.memory) == (2, 3 * GIB)
    assert evaluate(prepared.program.command, scope, prepared.context).strip() == f"2.000000 {3 * GIB}"


def test_the_next_attempt_sees_what_the_one_before_got_not_what_it_asked_for(preparation):
    prepared = preparation(memory="2 GiB")
    scope = prepared.bind()
    first = prepared.grant(scope, 0)
    second = prepared.grant(scope, 1, first.variable)
    third = prepared.grant(scope, 2, second.variable)
    assert (second.asked.memory, second.requirements.resources.memory) == (4 * GIB, 3 * GIB)
    assert third.variable["previous"]["memory"] == 3 * GIB
    assert third.asked.memory == 6 * GIB
    assert (third.variable["attempt"], third.variable["memory"]) == (2, 3 * GIB)


@pytest.mark.parametrize(
    ("inputs", "overrides", "underlined"),
    [
        ({"cpu": 3.0}, {}, ["cpu"]),
        ({"cpu": 3.0, "memory": "4 GiB"}, {}, ["cpu", MEMORY]),
        ({}, {"requirements": {"cpu": 9}}, []),
    ],
)
def test_what_is_denied_is_underlined_unless_it_was_given_from_outside(preparation, inputs, overrides, underlined):
    prepared = preparation(behavior=LimitBehavior(), overrides=overrides, **inputs)
    with pytest.raises(
        EvaluationError, match=r"it requires at least \d CPUs, but the backend has a maximum of 2"
    ) as told:
        prepared.grant(prepared.bind())
    assert [label.source.text[label.start : label.end] for label in told.value.labels] == underlined


@pytest.mark.parametrize(
    ("inputs", "underlined", "words"),
    [
        ({"cpu": -1.0}, ["cpu"], "`cpu` must be a number of processors above 0"),
        ({"memory": "much"}, [MEMORY], "`memory`: `much` is not a size"),
    ],
)
def test_a_value_that_a_requirement_cannot_have_is_underlined(preparation, inputs, underlined, words):
    prepared = preparation(**inputs)
    with pytest.raises(EvaluationError, match=words) as told:
        prepared.grant(prepared.bind())
    assert [label.source.text[label.start : label.end] for label in told.value.labels] == underlined
