"""The state machine of a run, move by move."""

from pathlib import Path

import pytest

from pysprocket.engine.contexts import WorkflowContext
from pysprocket.engine.machine import Machine
from pysprocket.errors import EvaluationError
from pysprocket.plan.graph import plan_workflow
from pysprocket.types.loader import load

TASK = """
task echo {
    input { String text = "default" Int n = 0 }
    command <<< >>>
    output { String out = "" Int number = 0 }
}
"""


@pytest.fixture
def machine_of(tmp_path):
    def make(body, *, inputs=None, version="1.3", files=None, **options):
        for name, text in (files or {}).items():
            (tmp_path / name).write_text(text)
        document = tmp_path / "main.wdl"
        document.write_text(f"version {version}\n{body}")
        library = load(str(document))
        assert not library.has_errors, library.diagnostics
        assert library.root.workflow is not None

        def context_for(typed, call_id):
            return WorkflowContext(typed, tmp_path / "tmp")

        return Machine(plan_workflow(library.root.workflow), inputs or {}, context_for, **options)

    return make


def ids(calls):
    return sorted(call.id for call in calls)


def test_calls_start_when_their_own_inputs_are_ready_whatever_the_order_of_the_source(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            call echo as last { text = first.out }
            call echo as first { text = greeting }
            call echo as alone
            String greeting = "hi"
            output { String result = last.out }
        }
        """
    )
    calls = {call.id: call for call in machine.start()}
    assert sorted(calls) == ["alone", "first"]
    assert calls["first"].inputs == {"text": "hi"}
    assert calls["alone"].inputs == {}
    assert ids(machine.finished("first", {"out": "one", "number": 1})) == ["last"]
    assert machine.finished("alone", {"out": "", "number": 0}) == []
    assert not machine.complete
    machine.finished("last", {"out": "two", "number": 2})
    assert machine.complete
    assert machine.outputs == {"result": "two"}


def test_a_scatter_gathers_in_the_order_of_its_items(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in [10, 20, 30]) { call echo { n = i } }
            output { Array[String] outs = echo.out }
        }
        """
    )
    assert {call.id: call.inputs["n"] for call in machine.start()} == {"echo-0": 10, "echo-1": 20, "echo-2": 30}
    for shard in (2, 0, 1):
        machine.finished(f"echo-{shard}", {"out": f"s{shard}", "number": 0})
    assert machine.outputs == {"outs": ["s0", "s1", "s2"]}


def test_nested_scatters_number_the_innermost_index_first(machine_of):
    machine = machine_of(
        TASK + 'workflow w { scatter (i in [0, 1]) { scatter (j in ["a", "b"]) { call echo { text = j } } } }'
    )
    assert ids(machine.start()) == ["echo-0-0", "echo-0-1", "echo-1-0", "echo-1-1"]


def test_no_item_of_a_scatter_waits_for_another(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in [0, 1]) {
                call echo as a { n = i }
                call echo as b { text = a.out }
            }
        }
        """
    )
    assert ids(machine.start()) == ["a-0", "a-1"]
    assert ids(machine.finished("a-1", {"out": "x", "number": 0})) == ["b-1"]


def test_at_most_so_many_items_of_a_scatter_are_under_way(machine_of):
    machine = machine_of(TASK + "workflow w { scatter (i in range(5)) { call echo { n = i } } }", scatter_concurrency=2)
    assert ids(machine.start()) == ["echo-0", "echo-1"]
    assert ids(machine.finished("echo-1", {"out": "", "number": 0})) == ["echo-2"]


def test_a_name_leaves_a_scatter_before_the_rest_of_its_body_has_ended(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in [0, 1]) {
                call echo as quick { n = i }
                call echo as slow { n = i }
            }
            call echo as after_quick { text = sep(",", quick.out) }
        }
        """
    )
    machine.start()
    machine.finished("quick-0", {"out": "a", "number": 0})
    calls = machine.finished("quick-1", {"out": "b", "number": 0})
    assert [(call.id, call.inputs["text"]) for call in calls] == [("after_quick", "a,b")]


def test_a_branch_that_is_not_taken_gives_none(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            if (false) { call echo }
            if (true) { Int kept = 3 }
            output { String? out = echo.out  Int? k = kept }
        }
        """
    )
    assert machine.start() == []
    assert machine.outputs == {"out": None, "k": 3}


def test_the_first_clause_that_holds_is_taken(machine_of):
    machine = machine_of(
        """
        workflow w {
            input { Int n }
            if (n < 0) { String sign = "minus" } else if (n == 0) { String sign = "zero" } else { String sign = "plus" }
            output { String s = sign }
        }
        """,
        inputs={"n": 0},
    )
    machine.start()
    assert machine.outputs == {"s": "zero"}


def test_a_scatter_over_nothing_gives_empty_arrays(machine_of):
    machine = machine_of(
        TASK + "workflow w { scatter (i in range(0)) { call echo } output { Array[Int] n = echo.number } }"
    )
    assert machine.start() == []
    assert machine.outputs == {"n": []}


def test_bodies_without_calls_are_evaluated_at_once(machine_of):
    machine = machine_of(
        """
        workflow w {
            scatter (i in range(3)) {
                Int square = i * i
                if (square > 0) { String text = "~{square}" }
                scatter (j in range(i)) { Int product = i * j }
            }
            output {
                Array[Int] squares = square
                Array[String?] texts = text
                Array[Array[Int]] products = product
            }
        }
        """
    )
    assert machine.start() == []
    assert machine.outputs == {
        "squares": [0, 1, 4],
        "texts": [None, "1", "4"],
        "products": [[], [0], [0, 2]],
    }


def test_after_waits_without_using_an_output(machine_of):
    machine = machine_of(
        TASK + "workflow w { scatter (i in [0, 1]) { call echo as a } call echo as b after a }",
    )
    assert ids(machine.start()) == ["a-0", "a-1"]
    assert machine.finished("a-0", {"out": "", "number": 0}) == []
    assert ids(machine.finished("a-1", {"out": "", "number": 0})) == ["b"]


def test_after_a_call_that_never_runs_is_satisfied(machine_of):
    machine = machine_of(TASK + "workflow w { if (false) { call echo as a } call echo as b after a }")
    assert ids(machine.start()) == ["b"]


SUB = (
    "version 1.3\n"
    + TASK
    + """
    workflow sub {
        input { Int n  String extra = "e~{n}"  String late = "none" }
        call echo as one { n = n, text = extra }
        call echo as two { text = late }
        output { String first = one.out  String second = two.out }
    }
    """
)


def test_a_subworkflow_has_no_barrier_on_either_side(machine_of):
    machine = machine_of(
        'import "sub.wdl"\n'
        + TASK
        + """
        workflow w {
            call echo as before
            call sub.sub { n = 4, late = before.out }
            call echo as behind { text = sub.first }
            output { String second = sub.second }
        }
        """,
        files={"sub.wdl": SUB},
    )
    calls = {call.id: call for call in machine.start()}
    assert sorted(calls) == ["before", "sub/one"]
    assert calls["sub/one"].inputs == {"n": 4, "text": "e4"}
    assert calls["sub/one"].path == "sub.one"
    assert ids(machine.finished("sub/one", {"out": "1", "number": 0})) == ["behind"]
    assert [call.inputs for call in machine.finished("before", {"out": "b", "number": 0})] == [{"text": "b"}]
    machine.finished("sub/two", {"out": "2", "number": 0})
    machine.finished("behind", {"out": "3", "number": 0})
    assert machine.outputs == {"second": "2"}
    _, end = machine.subworkflows
    assert (end.id, end.inputs, end.outputs) == ("sub", {"n": 4, "late": "b"}, {"first": "1", "second": "2"})


def test_a_subworkflow_in_a_scatter_starts_its_numbers_anew(machine_of):
    machine = machine_of(
        'import "sub.wdl"\nworkflow w { scatter (i in [0, 1]) { call sub.sub { n = i } } }', files={"sub.wdl": SUB}
    )
    assert ids(machine.start()) == ["sub-0/one", "sub-0/two", "sub-1/one", "sub-1/two"]


def test_nested_inputs_reach_the_calls_they_name(machine_of):
    machine = machine_of(
        'import "sub.wdl"\n'
        + TASK
        + """
        workflow w {
            call sub.sub { n = 1 }
            call echo
            hints { allow_nested_inputs: true }
        }
        """,
        files={"sub.wdl": SUB},
        nested={"echo.n": 7, "sub.extra": "given", "sub.two.n": 8},
    )
    calls = {call.id: call.inputs for call in machine.start()}
    assert calls == {"echo": {"n": 7}, "sub/one": {"n": 1, "text": "given"}, "sub/two": {"text": "none", "n": 8}}


def test_none_given_to_an_input_with_a_default_means_the_default(machine_of):
    machine = machine_of(TASK + "workflow w { input { String? t } call echo { text = t } }")
    (call,) = machine.start()
    assert call.inputs == {}


def test_nothing_starts_after_a_failure(machine_of):
    machine = machine_of(TASK + "workflow w { call echo as a call echo as b call echo as c after b }")
    assert ids(machine.start()) == ["a", "b"]
    assert machine.failed("a") == []
    assert machine.finished("b", {"out": "", "number": 0}) == []
    assert not machine.complete


def test_an_expression_that_fails_is_told_with_its_place(machine_of):
    machine = machine_of("workflow w { input { Int n = 0 } Int x = 1 / n output { Int y = x } }")
    with pytest.raises(EvaluationError, match="division by zero") as caught:
        machine.start()
    (label, *_) = caught.value.labels
    assert Path(label.source.name).name == "main.wdl"
    assert label.source.text[label.start : label.end] == "1 / n"


def test_an_expression_that_fails_names_the_elements_of_all_scatters_around_it(machine_of):
    sub = "version 1.2 workflow sub { input { Int k } scatter (i in [3, 0]) { Int r = k / i } output { Int x = r[0] } }"
    body = """
    import "sub.wdl"
    workflow w {
        scatter (name in ["a", "b"]) {
            scatter (k in range(3)) { call sub.sub { k = if name == "b" then k else k / length([name]) } }
        }
    }"""
    machine = machine_of(body, files={"sub.wdl": sub})
    with pytest.raises(EvaluationError) as caught:
        machine.start()
    assert str(caught.value) == (
        "division by zero, in element 1 of the scatter, where `i` is 0, in element 0 of the scatter, where `k` is 0,"
        ' in element 0 of the scatter, where `name` is "a"'
    )


def end(machine, call_id, **outputs):
    """The moves that the end of a call allows."""
    return ids(machine.finished(call_id, {"out": "", "number": 0} | outputs))


def test_a_chain_starts_link_by_link_though_it_is_written_backwards(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            String result = c.out + suffix
            call echo as c { text = "~{b.out}~{x}" }
            Int x = y + 1
            call echo as b { n = a.number }
            Int y = a.number
            call echo as a
            String suffix = "!"
            output { String all = result }
        }
        """
    )
    assert ids(machine.start()) == ["a"]
    assert end(machine, "a", number=4) == ["b"]
    (last,) = machine.finished("b", {"out": "b", "number": 0})
    assert (last.id, last.inputs) == ("c", {"text": "b5"})
    machine.finished("c", {"out": "c", "number": 0})
    assert machine.outputs == {"all": "c!"}


def test_a_body_starts_what_it_can_while_the_rest_of_it_waits_for_names_from_outside(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in [0, 1]) {
                call echo as waits { text = outside.out }
                call echo as free { n = i }
                call echo as inner { n = free.number }
            }
            call echo as outside
        }
        """
    )
    assert ids(machine.start()) == ["free-0", "free-1", "outside"]
    assert end(machine, "free-1") == ["inner-1"]
    assert end(machine, "outside") == ["waits-0", "waits-1"]
    assert end(machine, "free-0") == ["inner-0"]


def test_a_branch_starts_with_its_condition_and_waits_for_names_call_by_call(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            if (first.number > 1) {
                call echo as uses { text = other.out }
                call echo as free
            } else if (first.number == 1) {
                call echo as middle { n = first.number }
            } else {
                call echo as last
            }
            call echo as other
            call echo as first
            output { String? a = uses.out  String? m = middle.out  String? l = last.out }
        }
        """
    )
    assert ids(machine.start()) == ["first", "other"]
    assert end(machine, "first", number=2) == ["free"]
    assert end(machine, "other") == ["uses"]
    assert end(machine, "free") == []
    assert not machine.complete
    machine.finished("uses", {"out": "u", "number": 0})
    assert machine.outputs == {"a": "u", "m": None, "l": None}


@pytest.mark.parametrize(("number", "taken"), [(1, "middle"), (0, "last")])
def test_an_else_branch_starts_as_soon_as_the_conditions_before_it_are_known_to_fail(machine_of, number, taken):
    machine = machine_of(
        TASK
        + """
        workflow w {
            call echo as first
            if (first.number > 1) { call echo as uses }
            else if (first.number == 1) { call echo as middle }
            else { call echo as last }
        }
        """
    )
    machine.start()
    assert end(machine, "first", number=number) == [taken]


def test_a_branch_in_a_scatter_is_taken_item_by_item(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in [0, 1, 2]) {
                call echo as a { n = i }
                if (a.number > 0) { call echo as b { n = i } }
            }
            call echo as none_left { n = length(select_all(b.number)) }
            output { Array[Int?] numbers = b.number }
        }
        """
    )
    machine.start()
    assert end(machine, "a-1", number=1) == ["b-1"]
    assert end(machine, "a-2", number=0) == []
    assert end(machine, "a-0", number=5) == ["b-0"]
    assert end(machine, "b-0", number=7) == []
    (last,) = machine.finished("b-1", {"out": "", "number": 8})
    assert last.inputs == {"n": 2}
    end(machine, "none_left")
    assert machine.outputs == {"numbers": [7, 8, None]}


def test_after_a_call_in_a_scatter_a_branch_and_a_subworkflow(machine_of):
    machine = machine_of(
        'import "sub.wdl"\n'
        + TASK
        + """
        workflow w {
            if (true) { scatter (i in [0, 1]) { call echo as deep } }
            call sub.sub after deep { n = 1 }
            call echo as last after sub { n = 3 }
        }
        """,
        files={"sub.wdl": SUB},
    )
    assert ids(machine.start()) == ["deep-0", "deep-1"]
    assert end(machine, "deep-1") == []
    assert end(machine, "deep-0") == ["sub/one", "sub/two"]
    assert end(machine, "sub/one") == []
    assert end(machine, "sub/two") == ["last"]


def test_the_bound_counts_items_not_calls_and_each_scatter_has_its_own(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in range(4)) {
                call echo as a { n = i }
                call echo as b { n = a.number }
            }
            scatter (j in range(3)) { call echo as c { n = j } }
        }
        """,
        scatter_concurrency=2,
    )
    assert ids(machine.start()) == ["a-0", "a-1", "c-0", "c-1"]
    assert end(machine, "a-0") == ["b-0"]
    assert end(machine, "b-0") == ["a-2"]
    assert end(machine, "c-1") == ["c-2"]
    assert end(machine, "c-2") == []
    assert end(machine, "a-2") == ["b-2"]
    assert end(machine, "a-1") == ["b-1"]
    assert end(machine, "b-2") == ["a-3"]


def test_each_scatter_within_a_scatter_has_a_bound_of_its_own(machine_of):
    machine = machine_of(
        TASK + "workflow w { scatter (i in range(3)) { scatter (j in range(3)) { call echo { n = j } } } }",
        scatter_concurrency=2,
    )
    assert ids(machine.start()) == ["echo-0-0", "echo-0-1", "echo-1-0", "echo-1-1"]
    assert end(machine, "echo-0-0") == ["echo-2-0"]
    assert end(machine, "echo-1-0") == []
    assert end(machine, "echo-1-1") == ["echo-2-1"]
    assert end(machine, "echo-2-0") == ["echo-0-2", "echo-1-2"]


def test_items_without_a_call_of_their_own_do_not_hold_up_a_bounded_scatter(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in range(2000)) { if (i % 1000 == 999) { call echo { n = i } } }
            output { Int count = length(select_all(echo.number)) }
        }
        """,
        scatter_concurrency=1,
    )
    assert ids(machine.start()) == ["echo-999"]
    assert end(machine, "echo-999") == ["echo-1999"]
    end(machine, "echo-1999")
    assert machine.outputs == {"count": 2}


def test_a_scatter_of_subworkflows_is_bounded_and_no_item_waits_for_another(machine_of):
    machine = machine_of(
        'import "sub.wdl"\nworkflow w { scatter (i in range(3)) { call sub.sub { n = i } } }',
        files={"sub.wdl": SUB},
        scatter_concurrency=2,
    )
    assert ids(machine.start()) == ["sub-0/one", "sub-0/two", "sub-1/one", "sub-1/two"]
    assert end(machine, "sub-0/one") == []
    assert end(machine, "sub-0/two") == ["sub-2/one", "sub-2/two"]


def test_a_scatter_over_an_output_starts_when_that_is_known(machine_of):
    machine = machine_of(
        TASK
        + """
        workflow w {
            scatter (i in range(first.number)) { call echo as each { n = i + offset } }
            call echo as first
            call echo as slow
            Int offset = slow.number
            call echo as gathered { n = length(each.out) }
        }
        """
    )
    assert ids(machine.start()) == ["first", "slow"]
    assert end(machine, "first", number=2) == []
    assert end(machine, "slow", number=5) == ["each-0", "each-1"]
    assert end(machine, "each-1") == []
    assert end(machine, "each-0") == ["gathered"]


def test_arguments_enter_a_subworkflow_in_a_scatter_one_by_one(machine_of):
    machine = machine_of(
        'import "sub.wdl"\n'
        + TASK
        + """
        workflow w {
            call echo as before
            scatter (i in [0, 1]) { call sub.sub { n = i, late = before.out } }
            call echo as behind { n = length(sub.first) }
        }
        """,
        files={"sub.wdl": SUB},
    )
    assert ids(machine.start()) == ["before", "sub-0/one", "sub-1/one"]
    assert end(machine, "sub-1/one") == []
    assert end(machine, "sub-0/one") == ["behind"]
    assert end(machine, "before") == ["sub-0/two", "sub-1/two"]
