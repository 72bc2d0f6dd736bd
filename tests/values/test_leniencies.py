"""What WDL forbids and public workflows rely on: accepted with a warning, an error when strict, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.source.diagnostic import Diagnostic, Severity, strictly
from pysprocket.types.loader import load
from pysprocket.values.model import File, Pair, StructValue, Value

STRUCTS = "struct Row { Int n String? s } struct Sizes { Float gb Array[Int]? list }"
INPUTS: dict[str, tuple[str, Any]] = {
    "text": ("String", "4"),
    "word": ("String", "four"),
    "fraction": ("String", "1.5"),
    "yes": ("Boolean", True),
    "i": ("Int", 4),
    "f": ("Float", 2.5),
    "whole": ("Float", 3.0),
    "none": ("Int?", None),
    "some": ("Int?", 4),
    "no_text": ("String?", None),
    "maybe": ("Boolean?", None),
    "no_array": ("Array[String]?", None),
    "no_row": ("Row?", None),
    "texts": ("Array[String]", ["1", "2"]),
    "words": ("Array[String]", ["1", "two"]),
    "ints": ("Array[Int]", [1, 2]),
    "holes": ("Array[Int?]", [1, None]),
    "table": ("Array[Array[Int]]", [[1, 2], [3]]),
    "empty": ("Array[Int]", []),
    "map": ("Map[String, String]", {"a": "1.5"}),
    "counts": ("Map[String, Int]", {"a": 1}),
    "members": ("Map[String, String]", {"n": "7", "s": "x"}),
    "wrong": ("Map[String, String]", {"n": "seven"}),
    "pair": ("Pair[Int, String]", Pair(1, "x")),
    "pairs": ("Array[Pair[String, Int]]", [Pair("a", 1)]),
    "row": ("Row", StructValue("Row", {"n": 1, "s": None})),
}
CONVERSION, OPTIONAL, COMMON = "ImplicitConversion", "OptionalValue", "NoCommonType"
OPERATOR, PLACEHOLDER, OPTION = "OperatorType", "PlaceholderType", "PlaceholderOption"

ACCEPTED: list[tuple[str, str, str, Value]] = [
    # a text where a number is wanted
    ("Int", "text", CONVERSION, 4),
    ("Float", "fraction", CONVERSION, 1.5),
    ("Int?", "text", CONVERSION, 4),
    ("Boolean", '"~{yes}"', CONVERSION, True),
    ("Array[Int]", "texts", CONVERSION, [1, 2]),
    ("Array[Float]?", "texts", CONVERSION, [1.0, 2.0]),
    ("Map[String, Float]", "map", CONVERSION, {"a": 1.5}),
    ("Pair[String, Int]", '(1, "2")', CONVERSION, Pair("1", 2)),
    ("Array[Array[Int]]", "[texts]", CONVERSION, [[1, 2]]),
    ("Int", "whole", CONVERSION, 3),
    ("Int", "floor(text)", CONVERSION, 4),
    ("Array[Int]", "range(text)", CONVERSION, [0, 1, 2, 3]),
    ("String", "words[text - 3]", OPERATOR, "two"),
    # a number where a text is wanted
    ("String", "i", CONVERSION, "4"),
    ("String", "f", CONVERSION, "2.500000"),
    ("String", "yes", CONVERSION, "true"),
    ("String?", "some", CONVERSION, "4"),
    ("Array[String]", "ints", CONVERSION, ["1", "2"]),
    ("Map[String, String]", "counts", CONVERSION, {"a": "1"}),
    ("String", 'sub(i, "4", "5")', CONVERSION, "5"),
    ("String", 'basename(i, ".x")', CONVERSION, "4"),
    # no common type
    ("Array[String]", '["a", i, yes]', COMMON, ["a", "4", "true"]),
    ("Array[Int]", "[i, text]", COMMON, [4, 4]),
    ("String", "if yes then i else word", COMMON, "4"),
    ("String?", "if yes then none else word", COMMON, None),
    ("String", "select_first([none, word])", COMMON, "four"),
    ("Map[String, String]", '{"a": i, "b": word}', COMMON, {"a": "4", "b": "four"}),
    ("Array[Pair[String, String]]", '[("a", 1), ("b", "x")]', COMMON, [Pair("a", "1"), Pair("b", "x")]),
    ("Array[Array[Int]]", "[ints, 5]", COMMON, [[1, 2], [5]]),
    ("Array[Int]", "if yes then i else ints", COMMON, [4]),
    # a value that may be None
    ("Int", "some", OPTIONAL, 4),
    ("Int", "some * 1000 + 1", OPTIONAL, 4001),
    ("String", '"local-disk " + some + " HDD"', OPTIONAL, "local-disk 4 HDD"),
    ("Int", "if defined(some) then some * 2 else 1", OPTIONAL, 8),
    ("Int", "-some", OPTIONAL, -4),
    ("Boolean", "some > 3", OPTIONAL, True),
    ("Array[Int]", "[some]", CONVERSION, [4]),
    ("Array[Int]", "range(some)", OPTIONAL, [0, 1, 2, 3]),
    # a lone value for an array, and an array as text
    ("Array[Int]", "i", CONVERSION, [4]),
    ("Array[Int]+", "i", CONVERSION, [4]),
    ("Array[String]", "i", CONVERSION, ["4"]),
    ("Array[Array[Int]]", "ints", CONVERSION, [[1], [2]]),
    ("Array[Row]", "row", CONVERSION, [StructValue("Row", {"n": 1, "s": None})]),
    ("Map[String, Array[Int]]", "counts", CONVERSION, {"a": [1]}),
    ("Array[String]", 'prefix("-", word)', CONVERSION, ["-four"]),
    ("String", "ints", CONVERSION, "[1, 2]"),
    ("Array[String]", "table", CONVERSION, ["[1, 2]", "[3]"]),
    ("Map[String, Int]", "pairs", CONVERSION, {"a": 1}),
    ("Array[Pair[String, Int]]", "counts", CONVERSION, [Pair("a", 1)]),
    # structs of maps and objects
    ("Row", "members", CONVERSION, StructValue("Row", {"n": 7, "s": "x"})),
    ("Row", '{"n": "7"}', CONVERSION, StructValue("Row", {"n": 7, "s": None})),
    ("Row", 'object { n: "7", s: 1 }', CONVERSION, StructValue("Row", {"n": 7, "s": "1"})),
    ("Row", 'Row { n: "7" }', CONVERSION, StructValue("Row", {"n": 7, "s": None})),
    ("Sizes", '{"gb": "3.75"}', CONVERSION, StructValue("Sizes", {"gb": 3.75, "list": None})),
    ("Array[Row]", "[members]", CONVERSION, [StructValue("Row", {"n": 7, "s": "x"})]),
    # operators
    ("String", 'word + "=" + yes', OPERATOR, "four=true"),
    ("String", 'ints + "!"', OPERATOR, "[1, 2]!"),
    ("Int", "text * 2", OPERATOR, 8),
    ("Float", "fraction * 2", OPERATOR, 3.0),
    ("Int", "10 / text", OPERATOR, 2),
    ("Int", "text - text", OPERATOR, 0),
    # placeholders
    ("String", '"~{default=2000 none}"', OPTION, "2000"),
    ("String", '"~{default=false none}"', OPTION, "false"),
    ("String", '"~{default=1.5 none}"', OPTION, "1.500000"),
    ("String", "\"~{sep=',' word}\"", OPTION, "four"),
    ("String", '"~{counts}"', PLACEHOLDER, '{"a": 1}'),
    ("String", '"~{pair}"', PLACEHOLDER, '{"left": 1, "right": "x"}'),
    ("String", '"~{row}"', PLACEHOLDER, '{"n": 1, "s": null}'),
    ("String", "\"~{sep=';' table}\"", PLACEHOLDER, "[1, 2];[3]"),
]

FAILING: list[tuple[str, str, str, str]] = [
    ("Int", "word", CONVERSION, 'expected Int, found "four"'),
    ("Int", "fraction", CONVERSION, 'expected Int, found "1.5"'),
    ("Float", '"abc"', CONVERSION, 'expected Float, found "abc"'),
    ("Boolean", "word", CONVERSION, 'expected Boolean, found "four"'),
    ("Int", "f", CONVERSION, "expected Int, found 2.5"),
    ("Array[Int]", "words", CONVERSION, 'expected Int, found "two"'),
    ("Array[Array[Int]]", "[words]", CONVERSION, 'expected Int, found "two"'),
    ("Int", "word * 2", OPERATOR, 'expected a number, found "four"'),
    ("Int", "none", OPTIONAL, "`none` is None"),
    ("Int", "1 + none", OPTIONAL, "`none` is None"),
    ("String", '"disk " + none', OPTIONAL, "`none` is None"),
    ("String", "no_text", OPTIONAL, "`no_text` is None"),
    ("Boolean", "!maybe", OPTIONAL, "`maybe` is None"),
    ("Int", "no_row.n", OPTIONAL, "`no_row` is None"),
    ("String", "no_array[0]", OPTIONAL, "`no_array` is None"),
    ("Int", "length(no_array)", OPTIONAL, "`no_array` is None"),
    ("Array[Int]", "holes", CONVERSION, "expected Int, found None"),
    ("Array[Int]+", "[]", "EmptyArray", "expected Array[Int]+, found an empty array"),
    ("Row", "wrong", CONVERSION, 'expected Int, found "seven"'),
    ("Row", "counts", CONVERSION, "struct Row has no member `a`"),
]

Lenient = Callable[[str, str], tuple[list[Diagnostic], Value]]


@pytest.fixture
def lenient(tmp_path: Path, value_of: Callable[..., Value]) -> Lenient:
    """The findings about a declaration, and a function that gives its value."""

    def run(type_: str, expression: str) -> tuple[list[Diagnostic], Value]:
        value = value_of(type_, expression, before=STRUCTS, given=INPUTS)
        return load(str(tmp_path / "document.wdl")).diagnostics, value

    return run


def _is_lenient(findings: list[Diagnostic], code: str) -> None:
    """Nothing but leniencies is reported, each with its place and a remedy, and `code` among them."""
    assert code in {finding.code for finding in findings}
    for finding in findings:
        assert finding.lenient
        assert finding.severity is Severity.WARNING
        assert strictly(finding).severity is Severity.ERROR
        assert finding.help
        assert finding.labels


@pytest.mark.parametrize(("type_", "expression", "code", "expected"), ACCEPTED)
def test_it_is_accepted_with_a_leniency_and_converted(
    lenient: Lenient, type_: str, expression: str, code: str, expected: Value
) -> None:
    findings, value = lenient(type_, expression)
    _is_lenient(findings, code)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("type_", "expression", "code", "message"), FAILING)
def test_a_conversion_that_fails_names_the_value_and_the_place(
    lenient: Lenient, tmp_path: Path, type_: str, expression: str, code: str, message: str
) -> None:
    with pytest.raises(EvaluationError) as failure:
        lenient(type_, expression)
    assert message in str(failure.value)
    label = failure.value.labels[0]
    assert label.source.text[label.start : label.end] in expression
    _is_lenient(load(str(tmp_path / "document.wdl")).diagnostics, code)


def test_what_a_file_holds_is_converted(lenient: Lenient, tmp_path: Path) -> None:
    (tmp_path / "number").write_text("12\n")
    (tmp_path / "map").write_text("a\t1\nb\t2\n")
    for type_, expression, expected in [
        ("Float", 'read_string("number")', 12.0),
        ("Array[Int]", 'read_lines("number")', [12]),
        ("Map[String, Int]", 'read_map("map")', {"a": 1, "b": 2}),
        ("Array[Array[String]]", 'read_tsv("map")', [["a", "1"], ["b", "2"]]),
        ("String", 'read_int("number")', "12"),
        ("Array[File]", '"number"', [File(tmp_path / "number")]),
    ]:
        findings, value = lenient(type_, expression)
        assert value == expected
        for finding in findings:
            assert finding.lenient


def test_an_int_among_floats_is_a_float_before_it_is_text(lenient: Lenient) -> None:
    for type_, expression, expected in [
        ("Array[String]", "[1.5, 2]", ["1.500000", "2.000000"]),
        ("Array[Array[String]]", "[[1.5], [2]]", [["1.500000"], ["2.000000"]]),
        ("Map[String, String]", '{"a": 1.5, "b": 2}', {"a": "1.500000", "b": "2.000000"}),
        ("String", "if 1 < 2 then 2 else 2.5", "2.000000"),
        ("Array[String]", "read_lines(write_lines([1.5, 2]))", ["1.500000", "2.000000"]),
        ("Array[String]", '["a", 1.5, 2]', ["a", "1.500000", "2"]),
    ]:
        assert lenient(type_, expression)[1] == expected


def test_what_is_written_is_converted(lenient: Lenient) -> None:
    for expression, expected in [
        ("read_lines(write_lines(ints))", ["1", "2"]),
        ("read_lines(write_lines([1.5, 2.0]))", ["1.500000", "2.000000"]),
        ("read_lines(write_lines(word))", ["four"]),
        ("flatten(read_tsv(write_tsv(table)))", ["1", "2", "3"]),
        ("flatten(read_tsv(write_map(counts)))", ["a", "1"]),
    ]:
        findings, value = lenient("Array[String]", expression)
        _is_lenient(findings, CONVERSION)
        assert value == expected


def test_a_value_of_unknown_type_is_not_put_into_an_array(lenient: Lenient, tmp_path: Path) -> None:
    (tmp_path / "value.json").write_text('{"list": "x"}')
    with pytest.raises(EvaluationError, match="expected Array"):
        lenient("Array[String]", 'read_json("value.json").list')
    with pytest.raises(EvaluationError, match="expected String"):
        lenient("String", 'read_json("value.json")')


@pytest.mark.parametrize(
    ("type_", "expression", "expected"),
    [
        ("String", '{}.start + "-" + {}.end', "3-9"),
        ("String", '"chr" + {}.n + "x"', "chr7x"),
        ("Int", "{}.end - {}.start", 6),
        ("Float", "{}.n * 0.5", 3.5),
        ("Int", "{}.start * 2", 6),
    ],
)
def test_text_of_unknown_type_is_joined_or_counts_as_its_number(
    value_of: Callable[..., Value], tmp_path: Path, type_: str, expression: str, expected: Value
) -> None:
    (tmp_path / "row.json").write_text('{"start": "3", "end": "9", "n": 7}')
    assert value_of(type_, expression.replace("{}", 'read_json("row.json")')) == expected


def test_text_of_unknown_type_that_is_no_number_is_quoted(value_of: Callable[..., Value], tmp_path: Path) -> None:
    (tmp_path / "row.json").write_text('{"start": "three"}')
    with pytest.raises(EvaluationError, match='expected a number, found "three"'):
        value_of("Int", 'read_json("row.json").start - 1')


@pytest.mark.parametrize(
    ("type_", "expression", "expected"),
    [
        ("Int", 'row["n"] + 1', 2),
        ("String?", 'row["s"]', None),
        ("Int", '[row][0]["~{"n"}"]', 1),
        ("Int", 'object { a: 4 }["a"] * 2', 8),
    ],
)
def test_a_member_that_is_read_as_from_a_map(lenient: Lenient, type_: str, expression: str, expected: Value) -> None:
    findings, value = lenient(type_, expression)
    _is_lenient(findings, "NotIndexable")
    assert value == expected


def test_a_member_that_is_computed_and_not_there_fails(lenient: Lenient) -> None:
    with pytest.raises(EvaluationError, match='no key "4"'):
        lenient("Int", "row[text]")
