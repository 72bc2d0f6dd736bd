"""Expressions: precedence, literals, and every form of operand."""

from __future__ import annotations

import pytest

from pysprocket.syntax import nodes
from tests.syntax.helpers import accepted, codes, declaration_text, expression, show, tolerated, value_of


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 * 2 + 3", "((1 * 2) + 3)"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("8 / 4 / 2 % 3", "(((8 / 4) / 2) % 3)"),
        ("2 ** 3 ** 2", "((2 ** 3) ** 2)"),
        ("2 * 3 ** 2", "(2 * (3 ** 2))"),
        ("-2 ** 2", "(-2 ** 2)"),
        ("-a ** 2", "((-a) ** 2)"),
        ("a ** -b", "(a ** (-b))"),
        ("!a == b", "((!a) == b)"),
        ("!a.b[0]", "(!a.b[0])"),
        ("-f(x).y", "(-f(x).y)"),
        ("- - 1", "(--1)"),
        ("a - -1", "(a - -1)"),
        ("a-1", "(a - 1)"),
        ("a || b && c", "(a || (b && c))"),
        ("a && b || c && d", "((a && b) || (c && d))"),
        ("a == b < c", "(a == (b < c))"),
        ("a < b == c > d", "((a < b) == (c > d))"),
        ("a == b != c", "((a == b) != c)"),
        ("a <= b + 1", "(a <= (b + 1))"),
        ("a >= b && c", "((a >= b) && c)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("if a then b else c + 1", "(if a then b else (c + 1))"),
        ("1 + if a then b else c + 1", "(1 + (if a then b else (c + 1)))"),
        ("if a then b else if c then d else e", "(if a then b else (if c then d else e))"),
        ("if if a then b else c then d else e", "(if (if a then b else c) then d else e)"),
        ("a.b.c[1][2].d", "a.b.c[1][2].d"),
        ("f(a, g(b), [c])[0]", "f(a, g(b), [c])[0]"),
        ("f()", "f()"),
        ("(a, b).left", "(a, b).left"),
        ("[1, 2][0]", "[1, 2][0]"),
        ("{'a': 1, b: 2}['a']", "{'a': 1, b: 2}['a']"),
        ("'abc' + \"d\"", "('abc' + 'd')"),
        ("(Color).Red", "Color.Red"),
        ("size", "size"),
        ("sep(', ', x)", "sep(', ', x)"),
        ("task.name", "task.name"),
        ("p.left + p.right + s.object + s.in", "(((p.left + p.right) + s.object) + s.in)"),
    ],
)
def test_operators_group_as_the_specification_says(text: str, tree: str) -> None:
    assert show(expression(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("[]", "[]"),
        ("[1, 2,]", "[1, 2]"),
        ("{}", "{}"),
        ("{a: 1, 'b': 2,}", "{a: 1, 'b': 2}"),
        ("object {}", "object{}"),
        ("object { a: 1, in: 2, }", "object{a: 1, in: 2}"),
        ("Person { name: 'x', if: 1, }", "Person{name: 'x', if: 1}"),
        ("Person {}", "Person{}"),
        ("(1, (2, 3))", "(1, (2, 3))"),
        ("((1))", "1"),
        ("[[1], [a.b], []]", "[[1], [a.b], []]"),
        ("{'a': {'b': [1]}}", "{'a': {'b': [1]}}"),
    ],
)
def test_compound_literals(text: str, tree: str) -> None:
    assert show(expression(text)) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("12", 12), ("007", 7), ("0x1F", 31), ("0Xff", 255), ("00", 0),
        ("9223372036854775807", 2**63 - 1), ("-9223372036854775808", -(2**63)), ("- 5", -5),
        ("-0x8000000000000000", -(2**63)), ("0777777777777777777777", 2**63 - 1),
        ("1.", 1.0), (".5", 0.5), ("1.5", 1.5), ("1e3", 1000.0), ("1.5E-2", 0.015), ("2e+1", 20.0), ("-.5", -0.5),
        ("0.1", 0.1), ("01.5", 1.5), ("true", True), ("false", False), ("None", None),
    ],
)  # fmt: skip
def test_literals_have_their_value_and_type(text: str, value: object) -> None:
    literal = expression(text)
    assert isinstance(literal, nodes.Literal)
    assert literal.value == value
    assert type(literal.value) is type(value)


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "-9223372036854775809", "0x8000000000000000", "1e400", "9" * 5000]
)
def test_numbers_out_of_range_are_reported_once(text: str) -> None:
    assert codes(declaration_text(text)) == ["NumberOutOfRange"]


@pytest.mark.parametrize("text", ["08", "0x", "0xg", "1.2.3", "12a", "1e", "1_000", "1.left"])
def test_things_that_are_no_numbers(text: str) -> None:
    assert codes(declaration_text(text)) == ["InvalidNumber"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* 1",
        "1 +",
        "(1",
        "[1 2]",
        "f(,)",
        "f(1,,)",
        "a.",
        "a[",
        "a[]",
        "if a then b",
        "if a b",
        "{1}",
        "{1: }",
        "(1,)",
        "(1, 2, 3)",
        "()",
        "object { 1: 1 }",
        "Person { 'a' 1 }",
        "1 2",
        "a b",
        "a..b",
        "then",
        "!",
        "a = b",
        "Int",
        "a.1",
        "call",
        "f(x) (y)",
        "1 { }",
        "a ? b",
        "x -> y",
    ],
)
def test_what_is_no_expression_is_one_error(text: str) -> None:
    found = codes(declaration_text(text))
    assert len(found) == 1
    assert found[0] in ("UnexpectedToken", "InvalidNumber", "UnexpectedEnd")


def test_a_unary_plus_belongs_to_1_0() -> None:
    assert show(value_of(accepted(declaration_text("+a", "1.0")))) == "(+a)"
    document, warnings = tolerated(declaration_text("+a", "1.1"))
    assert warnings == ["UnaryPlus"]
    assert show(value_of(document)) == "(+a)"


def test_a_comma_after_the_last_argument_is_a_warning() -> None:
    document, warnings = tolerated(declaration_text("f(1,)"))
    assert warnings == ["NeedlessComma"]
    assert show(value_of(document)) == "f(1)"


def test_hints_values_are_read_outside_of_hints_for_a_better_message_later() -> None:
    assert show(expression("hints { a: 1 }")) == "hints{a: 1}"
    assert codes("version 1.2\ntask t {\n  Int x =\n  output { Int y = 1 }\n  command <<<>>>\n}") == ["UnexpectedToken"]


def test_words_reserved_elsewhere_are_names_in_expressions() -> None:
    document, warnings = tolerated(
        "version 1.2\nworkflow w {\n  input { Int in  Int version  Object object }\n"
        "  Int x = in + version + object.y\n  String s = '~{in}~{version}~{object}'\n}"
    )
    assert set(warnings) == {"ReservedWordAsName"}
    assert show(value_of(document)) == "((in + version) + object.y)"


def test_nesting_is_limited_without_touching_flat_text() -> None:
    deep = "(" * 90 + "1" + ")" * 90
    assert show(expression(deep)) == "1"
    assert codes(declaration_text("(" * 300 + "1" + ")" * 300)) == ["TooDeeplyNested"]
    wide = expression("[" + ", ".join(["a + b"] * 3000) + "]")
    assert isinstance(wide, nodes.Array)
    assert len(wide.items) == 3000
    assert isinstance(expression(" + ".join(["a"] * 200)), nodes.Binary)


@pytest.mark.parametrize("piece", ["a + ", "a[0].", "- ", "f(", "if a then b else ", "'~{", "S { a: ", "[", "a ** "])
def test_the_tree_is_never_so_high_that_walking_it_overflows(piece: str) -> None:
    found = codes(declaration_text(piece * 3000))
    assert found[0] == "TooDeeplyNested"
    assert len(found) <= 2


def test_chains_in_brackets_at_the_left_count_together() -> None:
    text = "a"
    for _ in range(20):
        text = f"({text}{' + a' * 20})"
    assert codes(declaration_text(text)) == ["TooDeeplyNested"]
