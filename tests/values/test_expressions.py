"""Literals, operators, access and placeholders, as the specification defines them."""

from __future__ import annotations

import pytest

from pysprocket.errors import EvaluationError, NoneError
from pysprocket.syntax.expressions import HEIGHT_LIMIT
from pysprocket.values.compile import compile_expression, evaluate
from pysprocket.values.model import EnumValue, File, Object, Pair, StructValue
from pysprocket.values.scope import Scope

VALUES = [
    # literals
    ("Int", "0x1F", 31),
    ("Int", "017", 15),
    ("Int", "-9223372036854775808", -(2**63)),
    ("Float", "1", 1.0),
    ("Float", ".5e1", 5.0),
    ("Boolean", "true", True),
    ("Int?", "None", None),
    ("Array[Int]", "[]", []),
    ("Array[Float]", "[1, 2.5]", [1.0, 2.5]),
    ("Array[Int?]", "[1, None]", [1, None]),
    ("Map[String, Int]", "{}", {}),
    ("Map[String, Float]", '{"b": 1, "a": 2.0}', {"b": 1.0, "a": 2.0}),
    ("Pair[Int, Array[String]]", '(1, ["x"])', Pair(1, ["x"])),
    ("Object", 'object { a: 1, b: "x" }', Object(a=1, b="x")),
    # arithmetic
    ("Int", "1 + 2 * 3 - 4", 3),
    ("Int", "2 ** 3 ** 2", 64),
    ("Int", "-2 ** 2", 4),
    ("Float", "2 ** -1.0", 0.5),
    ("Float", "1 + 0.5", 1.5),
    ("Int", "7 / 2", 3),
    ("Int", "-7 / 2", -3),
    ("Int", "7 / -2", -3),
    ("Int", "-7 % 2", -1),
    ("Int", "7 / -2", -3),
    ("Int", "7 % -2", 1),
    ("Int", "-8 / 2", -4),
    ("Int", "-8 % 2", 0),
    ("Int", "(0 - 9223372036854775807 - 1) / 1", -(2**63)),
    ("Int", "7 % -2", 1),
    ("Int", "-9223372036854775808 % -1", 0),
    ("Float", "-7.5 % 2", -1.5),
    ("Float", "7 / 2.0", 3.5),
    ("Int", "-(3)", -3),
    ("Float", "1 - 2.5", -1.5),
    # concatenation
    ("String", '"a" + "b" + "c"', "abc"),
    ("String", '"a" + 1', "a1"),
    ("String", '1 + 2 + "a"', "3a"),
    ("String", '1.5 + "GB"', "1.500000GB"),
    # comparison
    ("Boolean", "1 < 2 && 2 <= 2.0", True),
    ("Boolean", '"B" < "a"', True),
    ("Boolean", "false < true", True),
    ("Boolean", "1 == 1.0", True),
    ("Boolean", "[1, 2] == [1.0, 2.0]", True),
    ("Boolean", "[1] != [1, 2]", True),
    ("Boolean", '{"a": 1, "b": 2} == {"b": 2, "a": 1}', False),
    ("Boolean", '{"a": 1, "b": 2} == {"a": 1, "b": 2}', True),
    ("Boolean", '(1, "x") == (1, "x")', True),
    ("Boolean", "None == None", True),
    ("Boolean", "[None] == [1]", False),
    # short circuit and branches
    ("Boolean", "false && 1 / 0 == 1", False),
    ("Boolean", "true || 1 / 0 == 1", True),
    ("Int", "if 1 > 2 then 1 / 0 else 5", 5),
    ("Float", "if true then 1 else 2.5", 1.0),
    ("Boolean", "!true", False),
    # access
    ("Int", "[10, 20, 30][1]", 20),
    ("Int", '{"a": 1}["a"]', 1),
    ("Int", "{1.5: 7, 2.0: 8}[2]", 8),
    ("String", '(1, "x").right', "x"),
    ("Int", "(object { a: object { b: 5 } }).a.b", 5),
    ("Int", "[[1, 2], [3, 4]][1][0]", 3),
    # placeholders
    ("String", '"~{1} ~{1.5} ~{true} ~{"x"} ${None}."', "1 1.500000 true x ."),
    ("String", '"~{1e-10} ~{3.141e10}"', "0.000000 31410000000.000000"),
    ("String", '"~{"nested ~{"twice ~{1 + 1}"}"}"', "nested twice 2"),
    ("String", '"~{if true then "a" else "b"}"', "a"),
    ("String", "\"~{sep=', ' [1, 2]}\"", "1, 2"),
    ("String", '"~{true="yes" false="no" 1 > 2}"', "no"),
    ("String", '"~{default="d" None}"', "d"),
    ("String", '"~{default="d" "x"}"', "x"),
    ("String", '"~{"a" + None}b"', "b"),
    ("String", '"~{select_first([None, None])}!"', "!"),
    ("String", '"\\~{x} \\$ \\t|\\u00e9"', "~{x} $ \t|é"),
]


@pytest.mark.parametrize(("type_", "expression", "expected"), VALUES, ids=[row[1] for row in VALUES])
def test_an_expression_has_the_value_of_the_specification(value_of, type_, expression, expected):
    value = value_of(type_, expression)
    assert value == expected
    assert type(value) is type(expected)


FAILURES = [
    ("Int", "9223372036854775807 + 1", "the result of `+` does not fit into 64 bits"),
    ("Int", "-9223372036854775808 - 1", "the result of `-` does not fit into 64 bits"),
    ("Int", "4611686018427387904 * 2", "the result of `*` does not fit into 64 bits"),
    ("Int", "-9223372036854775808 / -1", "the result of `/` does not fit into 64 bits"),
    ("Int", "2 ** 63", "the result of `**` does not fit into 64 bits"),
    ("Int", "3 ** 1000000000", "the result of `**` does not fit into 64 bits"),
    ("Int", "2 ** -1", "negative power"),
    ("Float", "10.0 ** 400", "too large for a Float"),
    ("Float", "(-8.0) ** 0.5", "no real number"),
    ("Int", "-(-9223372036854775808)", "does not fit into 64 bits"),
    ("Int", "1 / 0", "division by zero"),
    ("Float", "1.0 / 0", "division by zero"),
    ("Int", "1 % 0", "division by zero"),
    ("Int", "[1, 2][1 + 1]", "index 2 is outside of the array, which has 2 items"),
    ("Int", "[1, 2][0 - 1]", "index -1 is outside of the array"),
    ("Int", '{"read": 1}["re" + "ed"]', 'the map has no key "reed"; did you mean `read`?'),
    ("Int", "(object { abc: 1 }).abd", "has no member `abd` here; did you mean `abc`?"),
    ("Map[Int, Int]", "{1 + 0: 1, 2 - 1: 2}", "the key 1 stands twice"),
    ("Int", 'read_int("nowhere")', "`nowhere` does not exist"),
    ("File", '"nowhere"', "`nowhere` does not exist"),
]


@pytest.mark.parametrize(("type_", "expression", "message"), FAILURES, ids=[row[1] for row in FAILURES])
def test_what_cannot_be_computed_is_a_sentence(value_of, type_, expression, message):
    with pytest.raises(EvaluationError) as failure:
        value_of(type_, expression)
    assert message in str(failure.value)
    assert failure.value.labels, "the place in the document is known"


def test_a_failure_points_at_the_innermost_expression(value_of):
    with pytest.raises(EvaluationError) as failure:
        value_of("String", '"é ~{length([1,\n 2]) + [1, 2][1 + 3]} and more"')
    (label,) = failure.value.labels
    assert label.source.text[label.start : label.end] == "[1, 2][1 + 3]"


def test_a_failure_inside_a_silent_placeholder_points_into_it(value_of):
    with pytest.raises(EvaluationError) as failure:
        value_of("String", '"~{select_first([None, 1 / 0])}"')
    (label,) = failure.value.labels
    assert label.source.text[label.start : label.end] == "1 / 0"


@pytest.mark.parametrize(
    ("type_", "operand", "operator"),
    [("Int", "1", "+"), ("Float", "1.5", "*"), ("Boolean", "false", "||"), ("String", '"a"', "+"), ("Int", "2", "/")],
)
def test_a_tree_as_high_as_the_parser_lets_it_be_is_evaluated(value_of, type_, operand, operator):
    value_of(type_, operator.join([operand] * HEIGHT_LIMIT))


def test_a_name_without_a_value_is_a_sentence(checked, context):

    document = checked("workflow w { input { Int lost } output { Int x = lost } }")
    expression = document.workflow.node.outputs.declarations[0].expression
    with pytest.raises(EvaluationError, match="`lost` has no value here"):
        evaluate(compile_expression(document, expression), Scope(), context)


PEOPLE = "struct Person { String name Int? age Array[Float] scores }"


def test_a_struct_has_all_members_in_the_order_of_definition(value_of):
    value = value_of("Person", 'Person { scores: [1], name: "x" }', before=PEOPLE)
    assert isinstance(value, StructValue)
    assert value.name == "Person"
    assert list(value.items()) == [("name", "x"), ("age", None), ("scores", [1.0])]


@pytest.mark.parametrize(
    "expression",
    [
        '{"name": "x", "scores": [1, 2.0]}',
        'object { name: "x", scores: [1, 2.0] }',
        'object { name: "x", scores: [1, 2], age: None }',
    ],
)
def test_maps_and_objects_become_structs(value_of, expression):
    value = value_of("Person", expression, before=PEOPLE)
    assert value == {"name": "x", "age": None, "scores": [1.0, 2.0]}


def test_an_object_that_is_known_only_when_it_runs_becomes_a_struct(value_of, tmp_path):
    (tmp_path / "a.json").write_text('{"scores": [1], "name": "x"}')
    value = value_of("Person", 'read_json("a.json")', before=PEOPLE)
    assert list(value.items()) == [("name", "x"), ("age", None), ("scores", [1.0])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"name": "x"}', "member `scores` of struct Person is missing"),
        ('{"name": "x", "scores": [], "extra": 1}', "struct Person has no member `extra`"),
        ('{"name": "x", "scores": ["y"]}', 'expected Float, found "y"'),
        ("[1]", "expected Person, found [1]"),
        ("null", "expected Person, found None"),
    ],
)
def test_an_object_that_does_not_fit_a_struct_is_refused(value_of, tmp_path, text, message):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(EvaluationError) as failure:
        value_of("Person", 'read_json("a.json")', before=PEOPLE)
    assert message in str(failure.value)


COLORS = 'enum Color { Red = "#f00", Green = "#0f0" } enum Level[Array[Int]] { Low = [1, 2], High = [3] }'


def test_enums_have_names_and_inner_values(value_of):
    assert value_of("String", '"~{Color.Red}"', before=COLORS) == "Red"
    assert value_of("String", "value(Color.Green)", before=COLORS) == "#0f0"
    assert value_of("Array[Int]", "value(Level.Low)", before=COLORS) == [1, 2]
    assert value_of("Boolean", "Color.Red == Color.Red && Color.Red != Color.Green", before=COLORS) is True
    made = value_of("Color", '"Green"', before=COLORS)
    assert isinstance(made, EnumValue)
    assert (made, made.value) == ("Green", "#0f0")


def test_text_that_is_no_choice_is_refused(value_of):
    with pytest.raises(EvaluationError, match=r"expected a choice of Color \(Red, Green\), found \"Blue\""):
        value_of("Color", "x", before=COLORS, given={"x": ("String", "Blue")})


# --- conversions that public workflows rely on ---------------------------------------------------------------

LENIENT = [
    ("Int", "x", "String", " 42 ", 42),
    ("Float", "x", "String", "1e3", 1000.0),
    ("Boolean", "x", "String", "True", True),
    ("Int", "x", "Float", 3.0, 3),
    ("String", "x", "Int", 3, "3"),
    ("String", "x", "Float", 0.5, "0.500000"),
    ("String", "x", "Boolean", True, "true"),
    ("String", "x", "File", File("/a"), "/a"),
    ("Array[Int]", "x", "Array[String]", ["1", "2"], [1, 2]),
    ("Map[String, Float]", "x", "Map[String, String]", {"a": "1.5"}, {"a": 1.5}),
    ("Map[Int, Int]", "x", "Map[String, Int]", {"1": 1}, {1: 1}),
    ("Array[Pair[String, Int]]", "x", "Map[String, Int]", {"a": 1}, [Pair("a", 1)]),
    ("Map[String, Int]", "x", "Array[Pair[String, Int]]", [Pair("a", 1)], {"a": 1}),
    ("Int", "x + 1", "Int?", 2, 3),
    ("String", '"local-disk " + x + " HDD"', "Int?", 2, "local-disk 2 HDD"),
    ("Int", "if defined(x) then x * 1000 else 1", "Int?", None, 1),
    ("Int", "x[0]", "Array[Int]?", [4], 4),
    ("Array[Int]+", "x", "Array[Int]", [4], [4]),
    ("String", '"~{default=2000 x}"', "Int?", None, "2000"),
    ("String", '"~{default="none" sep="," x}"', "Array[Int]?", None, "none"),
    ("String", '"~{default="none" sep="," x}"', "Array[Int]?", [1, 2], "1,2"),
    ("String", '"~{sep="," x}"', "String", "as it is", "as it is"),
    ("String", '"~{true="t" false="f" x}"', "Boolean?", None, ""),
]


@pytest.mark.parametrize(("type_", "expression", "source", "given", "expected"), LENIENT)
def test_values_that_fit_are_converted(value_of, type_, expression, source, given, expected):
    value = value_of(type_, expression, version="1.1", given={"x": (source, given)})
    assert value == expected
    assert type(value) is type(expected)


MISFITS = [
    ("Int", "x", "String", "4x", 'expected Int, found "4x"'),
    ("Int", "x", "String", "1_000", 'expected Int, found "1_000"'),
    ("Int", "x", "String", "99999999999999999999", "expected Int, found"),
    ("Float", "x", "String", "nan", 'expected Float, found "nan"'),
    ("Int", "x", "Float", 3.5, "expected Int, found 3.5"),
    ("Boolean", "x", "String", "yes", 'expected Boolean, found "yes"'),
    ("Int", "x", "Int?", None, "`x` is None"),
    ("Int", "x * 2", "Int?", None, "`x` is None"),
    ("Int", "x[0]", "Array[Int]?", None, "`x` is None"),
    ("Array[Int]+", "x", "Array[Int]", [], "found an empty array"),
    ("Map[Int, Int]", "x", "Map[String, Int]", {"1": 1, "01": 2}, "are the same as Int"),
]


@pytest.mark.parametrize(("type_", "expression", "source", "given", "message"), MISFITS)
def test_values_that_do_not_fit_are_quoted(value_of, type_, expression, source, given, message):
    with pytest.raises(EvaluationError) as failure:
        value_of(type_, expression, version="1.1", given={"x": (source, given)})
    assert message in str(failure.value)


def test_none_in_a_placeholder_is_an_error_before_1_2(value_of):
    with pytest.raises(NoneError):
        value_of("String", '"~{select_first([x])}"', version="1.1", given={"x": ("Int?", None)})


def test_none_that_is_known_only_when_it_runs_is_silent_too(value_of, tmp_path):
    (tmp_path / "a.json").write_text('{"none": null}')
    assert value_of("String", '"[~{read_json("a.json").none + 1}~{read_json("a.json").none.x}]"') == "[]"
    with pytest.raises(NoneError, match=r"an operand of `\+` is None"):
        value_of("Int", 'read_json("a.json").none + 1')


def test_plus_passes_over_none_in_a_placeholder(value_of):
    given = {"x": ("String?", None), "n": ("Int?", None)}
    assert value_of("String", '"[~{"-f " + x + " "}]"', version="1.0", given=given) == "[]"
    assert value_of("String", '"[~{n + 1}]"', version="1.0", given=given) == "[]"


# --- files -----------------------------------------------------------------------------------------------------


def test_text_becomes_a_file_that_exists(value_of, tmp_path):
    (tmp_path / "a.txt").write_text("x")
    assert value_of("File", '"a.txt"') == File(tmp_path / "a.txt")
    assert value_of("File", 'd + "/a.txt"', given={"d": ("File", File(tmp_path))}) == File(tmp_path / "a.txt")
    assert type(value_of("File", '"a.txt"')) is File
    assert value_of("Array[File?]", '["a.txt", "lost.txt"]') == [File(tmp_path / "a.txt"), None]


def test_a_file_equals_any_text_that_leads_to_it(value_of, tmp_path):
    (tmp_path / "a.txt").write_text("x")
    given = {"f": ("File", File(tmp_path / "a.txt"))}
    assert value_of("Boolean", 'f == "./x/../a.txt"', given=given) is True
    assert value_of("Boolean", 'f == "b.txt"', given=given) is False


def test_names_of_calls_are_looked_up_with_their_output(checked, context):

    document = checked(
        "task t { command <<<>>> output { Int n = 1 } } workflow w { call t as c output { Int x = c.n + 1 } }"
    )
    outer = Scope()
    outer["c.n"] = 41
    expression = document.workflow.node.outputs.declarations[0].expression
    assert compile_expression(document, expression)(Scope(outer), context) == 42
