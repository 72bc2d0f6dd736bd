"""What is foreseen of a run is what the machine then does: the same calls, ids, paths and inputs."""

from __future__ import annotations

import pytest

from pysprocket.engine.ahead.foresight import Foresight, scratch
from pysprocket.engine.contexts import WorkflowContext
from pysprocket.engine.machine import Machine
from pysprocket.engine.requirements import Terms
from pysprocket.plan.graph import plan_workflow
from pysprocket.plan.inputs import BoundInputs
from pysprocket.types.loader import load

TASK = """
task echo {
    input { String text = "default" Int n = 0 Array[Int] many = [] Int? maybe }
    command <<< >>>
    output { String out = "" Int number = 0 Boolean even = true Array[Int] list = [] }
}
"""
SUB = (
    "version 1.3\n"
    + TASK
    + """
    workflow sub {
        input { Int n  String extra = "e~{n}"  String late = "none" }
        call echo as one { n = n, text = extra }
        if (one.even) { call echo as two { text = late } }
        scatter (i in range(n)) { Int twice = i * 2  call echo as three { n = twice } }
        output { String first = one.out  String? second = two.out  Array[Int] numbers = three.number }
    }
    """
)
WORKFLOWS = {
    "order of the source": """
        call echo as last { text = first.out }
        call echo as first { text = greeting }
        String greeting = "hi ~{count}"
        Int count = 1 + more
        Int more = 2
        output { String result = last.out }
    """,
    "scatters in scatters": """
        scatter (i in [3, 1, 2]) {
            scatter (j in range(i)) {
                call echo { n = i * 10 + j }
                if (echo.even) { call echo as again { n = echo.number } }
            }
            call echo as each { many = echo.number }
        }
        call echo as all { many = flatten(echo.number) }
    """,
    "a scatter over outputs": """
        call echo as first
        scatter (i in first.list) { call echo { n = i } }
        call echo as all { many = echo.number }
    """,
    "branches with exports": """
        call echo as first { n = 1 }
        if (first.number > 100) { Int x = 1 call echo as a { n = x } }
        else if (first.even) { Float x = 2.5 call echo as b { text = "~{x}" } }
        else { Int x = 3 call echo as c { n = x } }
        call echo as after_x { text = "~{x}" }
        if (false) { call echo as never }
        call echo as at_last after never
    """,
    "sub-workflows": """
        call echo as before
        call sub.sub { n = 2, late = before.out }
        scatter (i in [1, 2]) { call sub.sub as each { n = i } }
        call echo as behind { text = sub.first, many = flatten(each.numbers) }
    """,
    "blocks": """
        scatter (i in range(4)) { Int square = i * i  if (square > 3) { String big = "~{square}" } }
        call echo as a { many = square }
        call echo as b { text = sep(",", select_all(big)) }
    """,
    "none for a default": "Int? nothing = None  call echo { n = nothing, maybe = nothing }",
    "nothing": "Int x = 3 output { Int y = x }",
}
NESTED = {"sub.extra": "given", "sub.two.n": 8, "each.three.text": "deep"}


def outputs_of(call_id):
    """Made up, but always the same for the same call."""
    number = len(call_id)
    return {"out": f"<{call_id}>", "number": number, "even": number % 2 == 0, "list": list(range(number % 4))}


@pytest.fixture
def workflow_of(tmp_path):
    def make(body):
        (tmp_path / "sub.wdl").write_text(SUB)
        hints = "hints { allow_nested_inputs: true }"
        document = tmp_path / "main.wdl"
        document.write_text(f'version 1.3\nimport "sub.wdl"\n{TASK}\nworkflow w {{ {body} {hints} }}')
        library = load(str(document))
        assert not library.has_errors, library.diagnostics
        assert library.root.workflow is not None
        return library.root.workflow

    return make


def machine_calls(workflow, nested, tmp_path):
    def context_for(typed, _call_id):
        return WorkflowContext(typed, tmp_path / "tmp")

    machine = Machine(plan_workflow(workflow), {}, context_for, nested=nested)
    done = []
    waiting = machine.start()
    while waiting:
        call = waiting.pop(0)
        done.append((call.id, call.path, call.task.name, call.inputs))
        waiting += machine.finished(call.id, outputs_of(call.id))
    assert machine.complete
    return sorted(done, key=lambda call: call[0])


def foresight_of(workflow, tmp_path, *, nested=None, remembered=None, thorough=True):
    inputs = BoundInputs({}, nested or {}, {}, {})
    return Foresight(workflow, inputs, Terms(), None, tmp_path / "scratch", remembered, thorough=thorough)


@pytest.mark.parametrize("body", WORKFLOWS.values(), ids=WORKFLOWS)
def test_with_all_outputs_known_the_calls_are_those_of_the_machine(workflow_of, tmp_path, body):
    workflow = workflow_of(body)
    nested = NESTED if "sub.sub" in body else {}
    foresight = foresight_of(workflow, tmp_path, nested=nested, remembered=lambda call: outputs_of(call.call.id))
    seen = [(call.call.id, call.call.path, call.call.task.name, call.inputs()) for call in foresight.calls()]
    assert sorted(seen, key=lambda call: call[0]) == machine_calls(workflow, nested, tmp_path)
    assert foresight.errors == []


def found(foresight):
    return {
        call.call.id: (str(call.doubt) if call.doubt else None, [str(reason) for reason in call.waits()])
        for call in foresight.calls()
    }


def test_without_outputs_it_is_told_what_each_call_waits_for(workflow_of, tmp_path):
    workflow = workflow_of(WORKFLOWS["a scatter over outputs"])
    assert found(foresight_of(workflow, tmp_path)) == {
        "first": (None, []),
        "echo-*": ("number of items not known (after `first`)", ["after `first`"]),
        "all": (None, ["after `first`"]),
    }


def test_a_call_of_a_scatter_waits_for_all_items_outside_of_it_and_for_its_own_inside(workflow_of, tmp_path):
    body = """
        scatter (i in range(2)) { call echo as a { n = i } call echo as b { n = a.number } }
        call echo as c { many = b.number }
    """
    assert found(foresight_of(workflow_of(body), tmp_path)) == {
        "a-0": (None, []),
        "b-0": (None, ["after `a-0`"]),
        "a-1": (None, []),
        "b-1": (None, ["after `a-1`"]),
        "c": (None, ["after `b`"]),
    }


def test_a_condition_that_is_not_known_leaves_all_branches_that_may_be_taken(workflow_of, tmp_path):
    body = """
        call echo as first
        if (1 > 2) { call echo as never }
        else if (first.even) { call echo as a scatter (i in [1, 2]) { call echo as inner } }
        else if (true) { call echo as b }
        else { call echo as c }
    """
    seen = found(foresight_of(workflow_of(body), tmp_path))
    assert sorted(seen) == ["a", "b", "first", "inner-0", "inner-1"]
    assert {doubt for name, (doubt, _) in seen.items() if name != "first"} == {"condition not known (after `first`)"}


def test_after_is_waited_for_without_hiding_the_inputs(workflow_of, tmp_path):
    workflow = workflow_of("call echo as a  call echo as b after a { n = 3 }")
    first, second = foresight_of(workflow, tmp_path).calls()
    assert [str(reason) for reason in second.waits()] == ["after `a`"]
    assert second.inputs() == {"n": 3}
    assert first.waits() == ()


def test_one_item_stands_for_all_where_nobody_asks_for_more(workflow_of, tmp_path):
    workflow = workflow_of("scatter (i in range(1000)) { scatter (j in [i]) { call echo { n = j } } }")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pysprocket.engine.ahead.foresight.Foresight._shards", None)
        assert list(found(foresight_of(workflow, tmp_path, thorough=False))) == ["echo-*-*"]


def test_an_expression_that_fails_is_told_once_with_its_elements(workflow_of, tmp_path):
    body = "scatter (k in [1, 0]) { Int q = 4 / k call echo { n = q } call echo as b { n = q + 1 } }"
    foresight = foresight_of(workflow_of(body), tmp_path)
    list(foresight.calls())
    ((error, doubt),) = foresight.errors
    assert str(error) == "division by zero, in element 1 of the scatter, where `k` is 0"
    assert doubt is None


def test_what_fails_behind_an_unknown_condition_is_only_possible(workflow_of, tmp_path):
    body = "call echo as first if (first.even) { Int q = 1 / length(range(0)) call echo { n = q } }"
    foresight = foresight_of(workflow_of(body), tmp_path)
    list(foresight.calls())
    ((error, doubt),) = foresight.errors
    assert str(error) == "division by zero"
    assert str(doubt) == "condition not known (after `first`)"


def test_long_chains_may_stand_in_any_order(workflow_of, tmp_path):
    chain = "\n".join(f"Int x{n} = x{n - 1} + 1" for n in reversed(range(1, 2000)))
    workflow = workflow_of(f"{chain}\nInt x0 = 0\ncall echo {{ n = x1999 }}")
    (call,) = foresight_of(workflow, tmp_path).calls()
    assert call.inputs() == {"n": 1999}


def test_what_was_written_while_looking_ahead_is_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setenv("TMP", str(tmp_path))
    for names in ((), ("a/b", "c")):
        with scratch() as directory:
            assert directory.parent == tmp_path
            assert directory.stat().st_mode & 0o777 == 0o700
            for name in names:
                (directory / name).mkdir(parents=True)
        assert list(tmp_path.iterdir()) == []
