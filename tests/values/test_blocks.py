"""Scatters and conditionals without calls, compiled to one function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.syntax import nodes
from pysprocket.types.typed import TypedDocument
from pysprocket.values.blocks import in_order, mentioned
from pysprocket.values.compile import compile_block, evaluate
from pysprocket.values.context import Context
from pysprocket.values.scope import Scope


def exports(checked: Callable[..., TypedDocument], context: Context, body: str, **given: Any) -> Any:
    """What the first scatter or conditional of a workflow exports."""
    inputs = "\n".join(
        f"Int {name}" if isinstance(value, int) else f"Array[Int] {name}" for name, value in given.items()
    )
    workflow = checked(f"workflow w {{ input {{ {inputs} }} {body} }}").workflow
    assert workflow is not None
    statement = next(each for each in workflow.node.body if isinstance(each, (nodes.Scatter, nodes.If)))
    scope = Scope()
    scope.update(given)
    return evaluate(compile_block(workflow, statement), scope, context)


def test_a_scatter_gathers_what_its_body_declares(checked, context):
    body = 'scatter (x in xs) { Int double = 2 * x  String text = "~{double}-~{k}" }'
    assert exports(checked, context, body, xs=[1, 2], k=7) == {"double": [2, 4], "text": ["2-7", "4-7"]}


def test_division_by_a_constant_truncates_in_a_loop_too(checked, context):
    body = "scatter (x in xs) { Int half = x / 2  Int rest = x % 2  Int third = x / -3 }"
    expected = {"half": [-3, 0, 3, -4], "rest": [-1, 0, 1, 0], "third": [2, 0, -2, 2]}
    assert exports(checked, context, body, xs=[-7, 0, 7, -8]) == expected


def test_an_empty_scatter_gives_empty_arrays(checked, context):
    assert exports(checked, context, "scatter (x in xs) { Int y = x }", xs=[]) == {"y": []}


def test_declarations_may_be_in_any_order(checked, context):
    body = "scatter (x in xs) { Int c = b + 1  Int b = a + 1  Int a = x }"
    assert exports(checked, context, body, xs=[1]) == {"c": [3], "b": [2], "a": [1]}


def test_scatters_nest(checked, context):
    body = """scatter (x in xs) {
        scatter (y in range(x)) { Int product = x * y }
        Int total = length(product)
    }"""
    assert exports(checked, context, body, xs=[1, 0, 3]) == {"product": [[0], [], [0, 3, 6]], "total": [1, 0, 3]}


def test_a_conditional_that_does_not_run_gives_none(checked, context):
    body = "if (n > 1) { Int a = n  scatter (x in range(n)) { Int b = x } }"
    assert exports(checked, context, body, n=1) == {"a": None, "b": None}
    assert exports(checked, context, body, n=2) == {"a": 2, "b": [0, 1]}


def test_the_first_clause_that_holds_runs(checked, context):
    body = 'if (n > 9) { String s = "many" } else if (n > 1) { String s = "some"  Int m = n } else { String s = "few" }'
    assert exports(checked, context, body, n=10) == {"s": "many", "m": None}
    assert exports(checked, context, body, n=2) == {"s": "some", "m": 2}
    assert exports(checked, context, body, n=0) == {"s": "few", "m": None}


def test_a_conditional_in_a_scatter_is_decided_for_each_item(checked, context):
    body = "scatter (x in xs) { if (x > 1) { Int big = x } Int? again = big }"
    assert exports(checked, context, body, xs=[1, 2]) == {"big": [None, 2], "again": [None, 2]}


def test_a_silent_placeholder_sees_the_variables_of_the_loop(checked, context):
    body = 'scatter (x in xs) { Int? none = None  String s = "~{x}~{select_first([none])}" }'
    assert exports(checked, context, body, xs=[1, 2])["s"] == ["1", "2"]


def test_sibling_scatters_share_a_variable_name(checked, context):
    body = "if (true) { scatter (x in xs) { Int a = x } scatter (x in a) { Int b = x + 1 } }"
    assert exports(checked, context, body, xs=[1, 2]) == {"a": [1, 2], "b": [2, 3]}


def test_a_failure_in_a_loop_points_at_the_expression(checked, context):
    with pytest.raises(EvaluationError, match="division by zero") as failure:
        exports(checked, context, "scatter (x in xs) { Int y = 1 + 6 / x }", xs=[1, 0])
    (label,) = failure.value.labels
    assert label.source.text[label.start : label.end] == "6 / x"


def test_a_failure_in_a_loop_names_the_element_that_failed(checked, context):
    with pytest.raises(EvaluationError) as failure:
        exports(checked, context, "scatter (x in xs) { Int z = x  Int y = 6 / (x - 4711) }", xs=list(range(10_000)))
    assert str(failure.value) == "division by zero, in element 4711 of the scatter, where `x` is 4711"


def test_a_failure_in_an_inner_loop_names_both_elements(checked, context):
    body = 'scatter (x in xs) { scatter (s in ["a", "b"]) { if (x > 8) { Int y = 1 / (length([s]) - 1) } } }'
    with pytest.raises(EvaluationError, match=r'element 0 .* `s` is "a", in element 2 .* `x` is 9$'):
        exports(checked, context, body, xs=[7, 8, 9])


def test_only_the_loops_around_a_failure_are_named(checked, context):
    body = "scatter (x in xs) { scatter (y in [1, 2]) { Int a = y }  Int b = 1 / x  scatter (z in [b]) { Int c = z } }"
    with pytest.raises(EvaluationError, match=r"^division by zero, in element 1 of the scatter, where `x` is 0$"):
        exports(checked, context, body, xs=[5, 0])


def test_a_failure_in_the_array_of_a_scatter_is_in_no_element(checked, context):
    with pytest.raises(EvaluationError, match=r"^division by zero$"):
        exports(checked, context, "scatter (x in range(1 / n)) { Int a = x }", n=0)


def test_a_failure_in_a_placeholder_of_a_loop_names_the_element(checked, context):
    body = 'scatter (x in xs) { Int? none = None  String s = "~{select_first([none, 1 / x])}" }'
    with pytest.raises(EvaluationError, match=r"in element 1 of the scatter, where `x` is 0$"):
        exports(checked, context, body, xs=[5, 0])


def test_what_nobody_mentions_is_not_gathered(checked, context):
    document = checked("""workflow w {
        scatter (x in [1, 2]) {
            Int a = x
            scatter (y in [a]) { Int b = y  Int c = b }
            Int d = length(c)
        }
        output { Array[Int] e = d }
    }""")
    scatter = document.workflow.node.body[0]
    mentions = Counter(
        name for each in [scatter, *document.workflow.node.outputs.declarations] for name in mentioned(each)
    )
    assert evaluate(compile_block(document.workflow, scatter, mentions), Scope(), context) == {"d": [1, 1]}


def test_statements_come_after_what_they_mention(checked):
    workflow = checked(
        "workflow w { Int c = length(b)  if (a > 0) { Int d = a }  scatter (x in [a]) { Int b = x }  Int a = 1 }"
    ).workflow
    kinds = [type(statement).__name__ for statement in in_order(workflow.node.body)]
    assert kinds == ["Declaration", "Scatter", "Declaration", "If"]


def test_a_block_with_a_call_is_refused(checked):
    document = checked("task t { command <<<>>> } workflow w { scatter (x in [1]) { call t } }")
    with pytest.raises(ValueError, match="no calls"):
        compile_block(document.workflow, document.workflow.node.body[0])


def test_a_chain_of_thousands_of_clauses_is_no_deeper_than_one(checked, context):
    clauses = " else ".join(f"if (n == {number}) {{ Int a = {number} }}" for number in range(5000))
    assert exports(checked, context, f"{clauses} else {{ Int a = -1 }}", n=4321) == {"a": 4321}
    assert exports(checked, context, f"{clauses} else {{ Int a = -1 }}", n=7000) == {"a": -1}


def test_declarations_that_need_the_next_one_thousands_of_times(checked, context):
    body = "".join(f"Int x{number} = x{number + 1} + 1\n" for number in range(5000))
    made = exports(checked, context, f"scatter (i in xs) {{ {body} Int x5000 = i }}", xs=[1])
    assert made["x0"] == [5001]


def test_scatters_too_deep_for_one_function_are_refused_at_once(checked, context):
    body = "".join(f"scatter (i{depth} in xs) {{ " for depth in range(60)) + "Int a = 1" + "}" * 60
    with pytest.raises(SyntaxError, match="nested"):
        exports(checked, context, body, xs=[1])
