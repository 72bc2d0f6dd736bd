"""Tasks compiled as a whole, the `task` variable, scopes."""

from __future__ import annotations

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.types.model import INT
from pysprocket.values.compile import Step, compile_task, evaluate
from pysprocket.values.context import Context
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import HintsValue
from pysprocket.values.scope import Scope

TASK = """
task align {
  input { String name  Int threads = 2  Array[Float] xs = []  env String? mode }
  Int memory = 4 * threads
  command <<<
    run ~{name} -t ~{threads} ${shell} ~{sep(" ", xs)}
      ~{true="--deep" false="" threads > 1} ~{"--mode " + mode}
  >>>
  output { Int two = one + 1  Int one = task.return_code + 0  File log = stderr() }
  requirements { container: "image:~{name}"  memory: "~{memory} GiB"  cpu: if task.attempt > 0 then 8 else threads }
  hints { short_task: true  inputs: input { name: hints { localization_optional: true } } }
  meta { purpose: "test"  list: [1, 2.5, { deep: true }] }
}
"""


@pytest.fixture
def task(checked):
    return checked(TASK).tasks["align"]


def run(steps: tuple[Step, ...], scope: Scope, context: Context) -> Scope:
    for step in steps:
        if step.name not in scope and step.function is not None:
            scope[step.name] = evaluate(step.function, scope, context)
    return scope


class Resources:
    cpu, memory, gpu, fpga, disks = 4, 1024, 1, False, {"": 5}


def test_a_task_is_a_program(task, context):
    program = compile_task(task)
    assert program is compile_task(task)
    assert program.environment == ("mode",)
    assert [(step.name, step.is_input) for step in program.declarations] == [
        ("name", True),
        ("threads", True),
        ("xs", True),
        ("mode", True),
        ("memory", False),
    ]
    assert [step.name for step in program.outputs] == ["one", "two", "log"]
    assert program.declarations[4].type == INT

    scope = Scope()
    scope.update({"name": "x", "xs": [1.0, 2.5], "mode": None})
    run(program.declarations, scope, context)
    assert scope["memory"] == 8

    variable = TaskVariable.before(task, "align-1", 0, None)
    scope["task"] = variable
    requirements = {name: evaluate(function, scope, context) for name, function in program.requirements.items()}
    assert requirements == {"container": "image:x", "memory": "8 GiB", "cpu": 2}
    hints = {name: evaluate(function, scope, context) for name, function in program.hints.items()}
    assert hints == {"short_task": True, "inputs": HintsValue(name=HintsValue(localization_optional=True))}
    assert type(hints["inputs"]) is HintsValue

    command = evaluate(program.command, scope, context)
    assert command == "run x -t 2 ${shell} 1.000000 2.500000\n  --deep "

    inner = Scope(scope)
    inner["task"] = variable.granted(Resources(), "image:x", 3).ended(7)
    run(program.outputs, inner, context)
    assert (inner["one"], inner["two"]) == (7, 8)


def test_runtime_serves_as_requirements_with_all_its_keys(checked, context):
    document = checked('task t { command <<<>>> runtime { docker: "d"  zones: ["a"] } }', "1.0")
    program = compile_task(document.tasks["t"])
    assert {key: evaluate(f, Scope(), context) for key, f in program.requirements.items()} == {
        "docker": "d",
        "zones": ["a"],
    }
    assert evaluate(program.command, Scope(), context) == ""


def test_the_task_variable_grows(task):
    before = TaskVariable.before(task, "align-1", 0, None)
    assert before["meta"] == {"purpose": "test", "list": [1, 2.5, {"deep": True}]}
    assert before["previous"]["memory"] is None
    granted = before.granted(Resources(), "image:x", 3)
    assert (granted["cpu"], granted["memory"], granted["disks"], granted["end_time"]) == (4.0, 1024, {"": 5}, 0)
    assert "cpu" not in before
    again = TaskVariable.before(task, "align-1", 1, granted.ended(1))
    assert (again["attempt"], again["previous"]["memory"], again["previous"]["max_retries"]) == (1, 1024, 3)


def test_a_member_that_is_not_known_yet_is_a_sentence(task, context):
    scope = Scope()
    scope["task"] = TaskVariable.before(task, "align-1", 0, None)
    with pytest.raises(EvaluationError, match="has no member `return_code` here"):
        run(compile_task(task).outputs[:1], scope, context)


def test_a_scope_looks_in_its_parents():
    outer = Scope()
    outer["x"] = 1
    inner = Scope(Scope(outer))
    inner["y"] = None
    assert (inner["x"], inner["y"]) == (1, None)
    assert "x" not in inner
    with pytest.raises(KeyError, match="z"):
        inner["z"]
