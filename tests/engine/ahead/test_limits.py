"""Requests above what a place has are told before anything starts."""

from __future__ import annotations

import pytest

from pysprocket.backends.job import Limits
from pysprocket.engine.ahead.limits import check_limits
from pysprocket.engine.requirements import GIB, Defaults, LimitBehavior, Terms
from pysprocket.errors import EvaluationError, RunFailed
from pysprocket.plan.arguments import parse_arguments
from pysprocket.plan.inputs import bind_inputs
from pysprocket.plan.targets import infer_target
from pysprocket.types.loader import load

DOCUMENT = """
version 1.3
task asks {
    input { Float cpu = 1  String memory = "1 GiB"  File? file }
    command <<< >>>
    requirements { cpu: cpu  memory: memory }
    hints { max_cpu: 1000  max_memory: "900 TiB" }
    output { Int number = 1  Boolean yes = true }
}
task plain { command <<< >>> requirements { cpu: 64 } }
task silent { command <<< >>> }
task wrong { command <<< >>> requirements { memory: "~{1}much" } }
"""
LIMITS = Limits(cpu=4, memory=8 * GIB)


@pytest.fixture
def check(tmp_path):
    def run(body, *arguments, target=None, limits=LIMITS, behavior=LimitBehavior()):  # noqa: B008 - frozen
        document = tmp_path / "main.wdl"
        workflow = f"workflow w {{ {body} hints {{ allow_nested_inputs: true }} }}" if body else ""
        document.write_text(DOCUMENT.lstrip() + workflow)
        library = load(str(document))
        assert not library.has_errors, library.diagnostics
        given = parse_arguments(arguments, target, tmp_path)
        chosen = infer_target(library.root, target, given)
        requests = check_limits(chosen, bind_inputs(chosen, given), Terms(limits, behavior, Defaults()), None)
        return tuple(request.warning() for request in requests)

    return run


def denied(check, *arguments, **options):
    with pytest.raises(RunFailed) as caught:
        check(*arguments, **options)
    return caught.value.failures


def underlined(error):
    return [label.source.text[label.start : label.end] for label in error.labels]


def test_a_plain_number_is_told_with_its_place_and_the_remedy(check):
    (error,) = denied(check, "", target="plain")
    assert str(error) == "task `plain` cannot run: it requires at least 64 CPUs, but the backend has a maximum of 4"
    assert underlined(error) == ["64"]
    assert error.help == "ask for less, or set `run.task.cpu_limit_behavior` to `try_with_max`"


def test_all_are_told_at_once_and_the_same_task_only_once(check):
    body = """
        call plain as a
        call plain as b
        call asks { cpu = 5, memory = "9 GiB" }
        call asks as fits { cpu = 4, memory = "8 GiB" }
    """
    errors = denied(check, body)
    assert [str(error).split(" cannot run: ")[0] for error in errors] == [
        "task `plain` (calls `a`, `b`)",
        "task `asks`",
        "task `asks`",
    ]
    assert [underlined(error) for error in errors] == [["64", "a", "b"], ["cpu", "asks"], ["memory", "asks"]]
    assert "at least 9 GiB of memory, but the backend has a maximum of 8 GiB" in str(errors[2])


def test_inputs_and_declarations_that_are_known_count(check):
    body = "input { Int threads = 2 } Int twice = threads * 2 call asks { cpu = twice }"
    assert check(body) == ()
    (error,) = denied(check, body, "w.threads=3")
    assert "at least 6 CPUs" in str(error)
    (error,) = denied(check, "call asks", 'w.asks.memory="1 TiB"')
    assert "at least 1 TiB of memory" in str(error)


def test_a_request_from_outside_has_no_place_but_that_of_the_call(check):
    (error,) = denied(check, "call silent", "w.silent.requirements.cpu=5")
    assert underlined(error) == ["silent"]
    (error,) = denied(check, "", "silent.requirements.memory=1 TiB", target="silent")
    assert error.labels == ()


def test_what_holds_where_a_task_says_nothing_counts_too(check):
    (error,) = denied(check, "call silent", limits=Limits(memory=GIB))
    assert "at least 2 GiB of memory" in str(error)
    assert error.labels[0].text == "gets 2 GiB of memory, for it does not say"


def test_each_item_of_a_scatter_counts_where_the_number_depends_on_it(check):
    body = "scatter (i in [3, 5, 9, 1]) { call asks { cpu = i } if (i == 1) { call plain } }"
    errors = denied(check, body)
    assert "(calls `asks-2`, `asks-1`) cannot run: it requires at least 9 CPUs" in str(errors[0])
    assert "(call `plain-3`)" in str(errors[1])
    assert len(errors) == 2


def test_an_item_that_is_not_there_asks_for_nothing(check):
    body = "scatter (i in range(0)) { call plain } if (1 > 2) { call plain as b } else { call silent }"
    assert check(body) == ()


def test_a_call_that_only_may_run_is_a_warning(check):
    body = """
        call asks
        if (asks.yes) { call plain }
        scatter (i in range(asks.number)) { call plain as c }
    """
    (warning,) = check(body)
    assert warning.startswith("task `plain` (calls `plain`, `c-*`) may run and then fail: it requires at least 64 CPUs")
    assert warning.endswith("main.wdl:9:50)")


def test_what_only_the_run_can_know_is_left_to_it(check):
    assert check("call asks as first  call asks { cpu = first.number * 1000 }") == ()
    assert check('call asks { file = "https://example.org/a", cpu = read_int("https://example.org/b") }') == ()


def test_a_value_that_is_none_at_all_is_left_to_the_task(check):
    assert check("call wrong  call asks { cpu = 0 }") == ()


def test_with_try_with_max_it_is_told_what_a_task_gets(check):
    behavior = LimitBehavior("try_with_max", "try_with_max")
    (warning,) = check("call plain", behavior=behavior)
    assert "asks for 64 CPUs and gets 4, all that the backend has" in warning
    body = 'call asks { cpu = 5, memory = "9 GiB" }'
    (error,) = denied(check, body, behavior=LimitBehavior(cpu="try_with_max"))
    assert "9 GiB" in str(error)


def test_subworkflows_are_looked_into(check, tmp_path):
    (tmp_path / "sub.wdl").write_text(
        DOCUMENT.lstrip() + "workflow sub { input { Int n } scatter (i in [1, 2]) { call asks { cpu = n * i } } }"
    )
    body = "call sub.sub { n = 3 }"
    document = tmp_path / "main.wdl"
    document.write_text(f'version 1.3\nimport "sub.wdl"\nworkflow w {{ {body} }}')
    workflow = load(str(document)).root.workflow
    assert workflow is not None
    inputs = bind_inputs(workflow, parse_arguments((), None, tmp_path))
    with pytest.raises(RunFailed, match="call `sub/asks-1`") as caught:
        check_limits(workflow, inputs, Terms(LIMITS), None)
    (error,) = caught.value.failures
    assert isinstance(error, EvaluationError)
    assert [label.source.name.rpartition("/")[2] for label in error.labels] == ["sub.wdl", "sub.wdl"]


def test_without_known_limits_nothing_is_asked(check):
    assert check("call plain", limits=Limits()) == ()
