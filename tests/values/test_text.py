"""How values and names are shown in messages."""

import pytest

from pysprocket.values.model import EnumValue, File, HintsValue, Object, Pair, StructValue
from pysprocket.values.text import as_wdl, did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "told"),
    [
        ("N", ["n", "nn"], "; did you mean `n`?"),
        ("treads", ["threads", "memory"], "; did you mean `threads`?"),
        ("x", ["threads"], ""),
    ],
)
def test_the_nearest_name_is_suggested_and_capitals_are_no_difference(name, known, told):
    assert did_you_mean(name, known) == told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 2, "a": None}, '{"b": 2, "a": None}'),
        ({Pair(1, True): [0.5]}, "{(1, true): [0.5]}"),
        (StructValue("P", {"a": File("/f"), "b": {}}), 'P {a: "/f", b: {}}'),
        (Object({"c": EnumValue("Color", "Red", 1)}), "object {c: Color.Red}"),
        (HintsValue({"x": []}), "hints {x: []}"),
        ('say "é"', '"say \\"é\\""'),
    ],
)
def test_a_value_can_be_told_as_a_document_would_write_it(value, text):
    assert as_wdl(value) == text
