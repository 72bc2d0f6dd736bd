"""Conditions of arguments for some jobs."""

from __future__ import annotations

import pytest

from pysprocket.config.conditions import mistakes


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
        "(gpu)\n&& disks != 'x'  # both",
        "select_first([hint.a, false])",
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
        ("cpu > cores && f(cores)", ["has `cores`, which is not known here"] * 2),
        ('hint.x == "~{y}"', ["has `y`, which is not known here"]),
        ("hint", ["has `hint` as a value"]),
        ("cpu + 1", ["needs a Boolean, but `cpu + 1` is a text or a number"]),
        ("gpu && memory", ["needs a Boolean, but `memory` is a number"]),
        ("!cpu", ["needs a Boolean, but `cpu` is a number"]),
        ('"gpu"', ['needs a Boolean, but `"gpu"` is a text']),
        ("None", ["needs a Boolean, but `None` is None"]),
        ("if cpu then [gpu] else -1", [
            "needs a Boolean, but `cpu` is a number",
            "needs a Boolean, but `[gpu]` is an array",
            "needs a Boolean, but `-1` is a number",
        ]),
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
