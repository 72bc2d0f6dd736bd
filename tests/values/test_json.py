"""Values to JSON and back, and values as text."""

from __future__ import annotations

import json

import pytest

from pysprocket.errors import CoercionError, EvaluationError
from pysprocket.types.model import (
    ANY,
    BOOLEAN,
    DIRECTORY,
    FILE,
    FLOAT,
    INT,
    OBJECT,
    STRING,
    ArrayType,
    EnumType,
    MapType,
    PairType,
    StructType,
    optional,
)
from pysprocket.values.json import Reading, WrittenFloat, WrittenInt, decode, from_json, plain_value, to_json
from pysprocket.values.model import Directory, EnumValue, File, Object, Pair, StructValue
from pysprocket.values.text import quote, to_text

PERSON = StructType("Person", (("name", STRING), ("age", optional(INT)), ("scores", ArrayType(FLOAT))))
COLOR = EnumType("Color", STRING, (("Red", "#f00"), ("Green", "#0f0")))


def a_path(raw, type_):
    text = raw["location"] if isinstance(raw, dict) else raw
    if "lost" in text:
        if type_.optional:
            return None
        raise EvaluationError(f"`{text}` does not exist")
    return File("/here/" + text) if type_.name == "File" else Directory("/here/" + text)


READ = [
    (True, BOOLEAN, True),
    (3, INT, 3),
    (3.0, INT, 3),
    (2**63 - 1, INT, 2**63 - 1),
    (3, FLOAT, 3.0),
    ("x", STRING, "x"),
    (3, STRING, "3"),
    (WrittenFloat(1.1, "1.10"), STRING, "1.10"),
    (WrittenInt(7, "007"), STRING, "007"),
    (WrittenInt(7, "007"), INT, 7),
    (WrittenFloat(1.1, "1.10"), FLOAT, 1.1),
    (3.5, STRING, "3.5"),
    (True, STRING, "true"),
    (None, optional(INT), None),
    ("a", FILE, File("/here/a")),
    ("a", DIRECTORY, Directory("/here/a")),
    ({"type": "File", "location": "a"}, FILE, File("/here/a")),
    ("lost", optional(FILE), None),
    ([1, 2], ArrayType(FLOAT), [1.0, 2.0]),
    ({"2": "x", "1": "y"}, MapType(INT, STRING), {2: "x", 1: "y"}),
    ({"true": 1}, MapType(BOOLEAN, INT), {True: 1}),
    ({"a": 1}, MapType(FILE, INT), {File("/here/a"): 1}),
    ({"left": 1, "right": "x"}, PairType(INT, STRING), Pair(1, "x")),
    ([1, "x"], PairType(INT, STRING), Pair(1, "x")),
    ({"scores": [1], "name": "x"}, PERSON, StructValue("Person", {"name": "x", "age": None, "scores": [1.0]})),
    ({"a": [1, {"b": None}]}, OBJECT, Object(a=[1, Object(b=None)])),
    ("Red", COLOR, EnumValue("Color", "Red", "#f00")),
    ({"a": 2**70}, ANY, Object(a=float(2**70))),
]


@pytest.mark.parametrize(("raw", "type_", "expected"), READ)
def test_json_becomes_a_value_of_the_type(raw, type_, expected):
    value = from_json(raw, type_, a_path)
    assert value == expected
    assert type(value) is type(expected)
    if isinstance(value, dict):
        assert list(value) == list(expected)


REFUSED = [
    ("3", INT, 'n: expected Int, found "3"'),
    (3.5, INT, "n: expected Int, found 3.5"),
    (2**63, INT, "n: expected Int, found 9223372036854775808, which does not fit into 64 bits"),
    (True, INT, "n: expected Int, found true"),
    ("true", BOOLEAN, 'n: expected Boolean, found "true"; write it as true, without quotes'),
    ("1.5", FLOAT, 'n: expected Float, found "1.5"'),
    (None, INT, "n: expected Int, found null"),
    ([], STRING, "n: expected String, found []"),
    (1, FILE, "n: expected File, found 1"),
    (["a", "lost"], ArrayType(FILE), "n[1]: `lost` does not exist"),
    ([], ArrayType(INT, nonempty=True), "n: expected Array[Int]+, found an empty array"),
    ({"a": 1}, ArrayType(INT), 'n: expected Array[Int], found {"a": 1}'),
    ({"x": 1}, MapType(INT, INT), 'n: expected Int as key, found "x"'),
    ({"1": 1, "01": 2}, MapType(INT, INT), 'n: two keys are the same as Int: {"1": 1, "01": 2}'),
    ({"a": {"b": "x"}}, MapType(STRING, MapType(STRING, INT)), 'n["a"]["b"]: expected Int, found "x"'),
    ([1], PairType(INT, INT), 'n: expected Pair[Int, Int] as {"left": …, "right": …}, found [1]'),
    ({"left": 1, "right": "x"}, PairType(INT, INT), 'n.right: expected Int, found "x"'),
    (
        [{"name": "a", "scores": []}, {"name": "b", "scores": [1, "x"]}],
        ArrayType(PERSON),
        'n[1].scores[1]: expected Float, found "x"',
    ),
    (
        {"nmae": "a", "scores": []},
        PERSON,
        "n: struct Person has no member `nmae`; did you mean `name`?",
    ),
    ({"name": "a"}, PERSON, 'n: member `scores` of struct Person is missing in {"name": "a"}'),
    ("Rde", COLOR, 'n: expected a choice of Color (Red, Green), found "Rde"; did you mean `Red`?'),
    (float("inf"), FLOAT, "n: expected Float, found Infinity"),
    (10**400, FLOAT, "n: expected Float, found a number of 401 digits"),
    ({"size": 1}, FILE, 'n: expected File, found {"size": 1}'),
    (
        [{"name": 1, "scores": ["x", 2, "y"], "z": 1}],
        ArrayType(PERSON),
        "n[0]: struct Person has no member `z`\n"
        'n[0].scores[0]: expected Float, found "x"\n'
        'n[0].scores[2]: expected Float, found "y"',
    ),
    (
        ["x"] * 27,
        ArrayType(INT),
        "\n".join([*(f'n[{index}]: expected Int, found "x"' for index in range(25)), "n: 2 more like these"]),
    ),
]


@pytest.mark.parametrize(("raw", "type_", "message"), REFUSED)
def test_json_that_does_not_fit_says_where(raw, type_, message):
    with pytest.raises(CoercionError) as failure:
        from_json(raw, type_, a_path, "n")
    assert str(failure.value) == message


def test_without_a_name_the_path_begins_inside_the_value():
    with pytest.raises(CoercionError, match=r"^name: expected String, found \[1\]$"):
        from_json({"name": [1], "scores": []}, PERSON, a_path)


WRITTEN = [
    (None, "null"),
    (3.0, "3.0"),
    (0.1, "0.1"),
    (File("/a"), '"/a"'),
    (Pair(1, [True]), '{"left": 1, "right": [true]}'),
    ({1: "a", 2: "b"}, '{"1": "a", "2": "b"}'),
    ({1.5: 1, 2.0: 2}, '{"1.5": 1, "2.0": 2}'),
    ({True: 1}, '{"true": 1}'),
    (StructValue("S", {"b": None, "a": 1}), '{"b": null, "a": 1}'),
    (EnumValue("Color", "Red", "#f00"), '"Red"'),
    (2**63 - 1, "9223372036854775807"),
]


@pytest.mark.parametrize(("value", "expected"), WRITTEN)
def test_a_value_becomes_plain_json(value, expected):
    plain = to_json(value)
    assert json.dumps(plain) == expected
    assert type(plain) in (dict, list, str, int, float, bool, type(None))


def test_an_infinite_float_has_no_json():
    with pytest.raises(EvaluationError, match="has no JSON form"):
        to_json([float("inf")])


def test_json_text_is_read_exactly():
    assert decode("[123456789012345678901234567890, 1.0]") == [123456789012345678901234567890, 1.0]
    with pytest.raises(EvaluationError, match="not a JSON text"):
        decode("{'a': 1}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (-3, "-3"),
        (3.141, "3.141000"),
        (1e-10, "0.000000"),
        ("x", "x"),
        (File("/a b"), "/a b"),
        (EnumValue("Color", "Red", "#f00"), "Red"),
    ],
)
def test_the_text_of_a_value(value, text):
    assert to_text(value) == text
    assert type(to_text(value)) is str


def test_a_compound_value_has_no_text():
    with pytest.raises(EvaluationError, match=r"an Array has no text: \[1\]"):
        to_text([1])


def test_a_quoted_value_is_short():
    assert quote("x" * 100) == '"' + "x" * 58 + "…"
    assert quote(Pair(1, {"a": None})) == '{"left": 1, "right": {"a": null}}'


def test_numbers_that_remember_their_text_are_plain_numbers_in_values():
    (number, text) = plain_value([WrittenInt(7, "007"), WrittenFloat(1.1, "1.10")])
    assert (type(number), type(text)) == (int, float)


def test_a_fraction_is_rounded_down_where_that_is_asked_for():
    floored: list[float] = []
    assert from_json([3.5, -1.5, 2.0], ArrayType(INT), Reading(a_path, floored.append)) == [3, -2, 2]
    assert floored == [3.5, -1.5]
