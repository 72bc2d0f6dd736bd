"""Conditions of arguments for some jobs."""

from __future__ import annotations

import pytest

from pysprocket.config.conditions import mistakes
from pysprocket.config.rules import is_plain


@pytest.mark.parametrize(
    "condition",
    [
        "gpu",
        "cpu > 8 && memory >= 64 * 1024 ** 3",
        "!fpga || hint.short_task",
        'hint.queue == "long"',
        "if gpu then cpu > 2 else true",
        "contains([1, 2], cpu)",
        "defined(hint.x)",
        "hint.list[0]",
        "(gpu)\n&& disks != 3  # both",
        "select_first([hint.a, false])",
        "disks > 10 && cpu >= 2.5 && cpu % 2 == 0",
        "gpu != fpga && gpu == true",
        'hint.x > 3 && hint.x.y == "a" && hint.x["a"] && length(hint.x) > 1 && hint.x == [1]',
        "hint.a == hint.b || hint.a < hint.b || hint.x != None",
        "cpu > hint.max_cpu && -hint.x < hint.x * 2 + memory",
        'contains(["a"], hint.x) && matches(hint.x, "a.*")',
        '"~{cpu}" == "8" && "a" + cpu == "a8"',
        'min(cpu, memory) > floor(cpu) && memory > size("x")',
        '{"a": 1}["a"] > cpu && [1, 2][0] > cpu && (1, 2).left > cpu && object { a: 1 }.a > 3',
    ],
)
def test_conditions(condition):
    assert mistakes(condition) == []


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("", ["is not a WDL expression: expected an expression, found its end"]),
        ("cpu >", ["is not a WDL expression: expected an expression, found its end"]),
        ("cpu 3", ["is not a WDL expression: expected an operator or the end of the expression, found `3`"]),
        ("(gpu", ["is not a WDL expression: expected `,` or `)`, found its end"]),
        ("gpu\0", ["is not a WDL expression: it has a NUL character; is it text?"]),
        ("gpuu", ["has `gpuu`, which is not known here"]),
        ("task.cpu > 1", ["has `task`, which is not known here"]),
        ("cpu > cores && f(cores)", ["has `cores`, which is not known here"]),
        ('hint.x == "~{y}"', ["has `y`, which is not known here"]),
        ("hint > 3", ["has `hint` as a value"]),
        ("cpu + 1", ["needs a Boolean, but `cpu + 1` is a `Float`"]),
        ("disks", ["needs a Boolean, but `disks` is an `Int`"]),
        ('"gpu"', ['needs a Boolean, but `"gpu"` is a `String`']),
        ("None", ["needs a Boolean, but `None` is `None`"]),
        ("gpu && memory", ["has `memory`: an operand of `&&` must be a `Boolean`, but the value is an `Int`"]),
        ("!cpu", ["has `cpu`: the operand of `!` must be a `Boolean`, but the value is a `Float`"]),
        ("if cpu then gpu else true", [
            "has `cpu`: the condition of `if` must be a `Boolean`, but the value is a `Float`",
        ]),
        ('memory > "2 GB"', ['has `memory > "2 GB"`: `>` cannot take an `Int` and a `String`']),
        ('cpu == "8"', ['has `cpu == "8"`: `==` cannot take a `Float` and a `String`']),
        ("gpu > 3 || gpu + 1 == 2", [
            "has `gpu > 3`: `>` cannot take a `Boolean` and an `Int`",
            "has `gpu + 1`: `+` cannot take a `Boolean` and an `Int`",
        ]),
        ('cpu - "1" > 2', ['has `"1"`: `-` cannot take a `Float` and a `String`']),
        ('disks["/"] > 3', ["has `disks`: an `Int` cannot be indexed; only an Array or a Map can"]),
        ("cpu.x > 3", ["has `cpu.x`: a `Float` has no members"]),
        ("length(disks) > 1", ["has `disks`: argument 1 of `length` must be a `String`, and the value is an `Int`"]),
        ("f(cpu)", ["has `f`: there is no function `f`"]),
        ("floor(cpu, 2) > 3", ["has `floor(cpu, 2)`: `floor` takes 1 argument, and 2 are given"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_condition(condition, told):
    assert [wrong.message for wrong in mistakes(condition)] == told


def test_the_name_that_was_meant():
    assert mistakes("gpuu")[0].help == "did you mean `gpu`?"
    assert mistakes("hints.x")[0].help == "did you mean `hint`?"
    assert "`disks` and `hint.NAME`" in (mistakes("zzz")[0].help or "")


def test_no_text_raises():
    for text in ("(" * 500, "a" + " + a" * 5000, "\ufeffgpu", "'", "<<<", "gpu;", "“gpu”", "~{gpu}", "1.5e", "\x07"):
        assert isinstance(mistakes(text), list)


@pytest.mark.parametrize(
    "condition", ["gpu", "!fpga", "cpu > 16", " memory  >= 64000000000 ", "gpu && cpu != 8 || disks < 1"]
)
def test_a_plain_condition_is_right_without_a_look(condition):
    assert is_plain(condition)
    assert mistakes(condition) == []


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "cpu",
        "gpu &&",
        "|| gpu",
        "gpu & fpga",
        "gpu > 1",
        "cpu 3",
        "cpu > 03",
        "cpu > 3 4",
        "cpu > ٣",
        "!!gpu gpu",
        "cpu =< 3",
        "gpu\u2003&& fpga",
        "hint.x",
        "(gpu)",
        "cpu > 9999999999999999999",
        "cpu >",
        "! cpu > 3",
        "memory",
    ],
)
def test_what_is_not_plain_is_looked_at(condition):
    assert not is_plain(condition)
