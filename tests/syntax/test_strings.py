r"""Strings and commands: escapes, placeholders, options, indentation."""

from __future__ import annotations

import pytest

from pysprocket.syntax import nodes
from pysprocket.syntax.dedent import dedent, join_continued_lines
from pysprocket.syntax.escapes import unescape
from tests.syntax.helpers import (
    accepted,
    codes,
    command_text,
    declaration_text,
    expression,
    parts,
    read,
    show,
    tolerated,
    value_of,
)


def string(text: str, version: str = "1.3") -> nodes.String:
    node = expression(text, version)
    assert isinstance(node, nodes.String)
    return node


# --- escapes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\nb\tc\\d", "a\nb\tc\\d"),
        (r"\'\"\~\$", "'\"~$"),
        (r"\101\x41\u0041\U00000041", "AAAA"),
        (r"\~{x} \${x} $x ~x $ ~", "~{x} ${x} $x ~x $ ~"),
        (r"\\~", "\\~"),
        (r"\U0001F600", "\U0001f600"),
    ],
)
@pytest.mark.parametrize("quote", ["'", '"'])
def test_escapes(written: str, meant: str, quote: str) -> None:
    assert string(f"{quote}{written}{quote}").parts == (meant,)


def test_lines_continue_in_quoted_strings() -> None:
    assert string("'a \\\n    b\\\r\n\tc'").parts == ("a bc",)


def test_1_0_has_escapes_of_c() -> None:
    assert string(r"'\b\f\a\v\?\r'", "1.0").parts == ("\b\f\a\v?\r",)
    assert string(r"'\7\47\x4'", "1.0").parts == ("\x07'\x04",)


@pytest.mark.parametrize("escape", [r"\.", r"\|", r"\(", r"\[", r"\_", r"\d", r"\1", r"\12", r"\?", r"\b"])
def test_unknown_escapes_keep_both_characters_with_a_warning(escape: str) -> None:
    document, warnings = tolerated(declaration_text(f"'a{escape}b'"))
    assert warnings == ["UnknownEscape"]
    assert show(value_of(document)) == repr(f"a{escape}b")


@pytest.mark.parametrize("escape", [r"\x4", r"\xg0", r"\u12", r"\uD800", r"\U00110000", r"\U0010"])
def test_escapes_that_name_no_character_are_errors(escape: str) -> None:
    assert codes(declaration_text(f"'{escape}'")) == ["InvalidEscape"]


def test_the_place_of_a_fault_is_the_escape() -> None:
    _, faults = unescape(r"ab\.c\uD800", (1, 2))
    assert [(fault.start, fault.end, fault.unknown) for fault in faults] == [(2, 4, True), (5, 11, False)]


@pytest.mark.parametrize("text", ['"abc', "'abc", '"a\\"', '"a~{b"', '"a~{"b}"', "<<<abc", "<<<a>>", '"abc\n"', "'"])
def test_unclosed_strings_are_one_error(text: str) -> None:
    found = codes(declaration_text(text))
    assert len(found) == 1
    assert found[0] in ("Unterminated", "UnexpectedToken")


# --- placeholders --------------------------------------------------------------------------------------------


def test_both_placeholders_open_in_every_string() -> None:
    assert parts(string('"a~{b}c${d}e"')) == ["a", "<b>", "c", "<d>", "e"]
    assert parts(string("'~{b}${d}'")) == ["<b>", "<d>"]
    assert parts(string("<<<~{b} ${d}>>>")) == ["<b>", " ", "<d>"]


def test_empty_texts_are_no_parts() -> None:
    assert string("''").parts == ()
    assert string("<<<>>>").parts == ()
    assert string("<<<\n>>>").parts == ()


def test_strings_nest_in_placeholders_with_the_same_quotes() -> None:
    outer = string('"a~{f("x~{"y" + "}"}", "z")}c"')
    assert isinstance(placeholder := outer.parts[1], nodes.Placeholder)
    assert isinstance(call := placeholder.expression, nodes.Apply)
    assert isinstance(inner := call.arguments[0], nodes.String)
    assert isinstance(placeholder := inner.parts[1], nodes.Placeholder)
    assert show(placeholder.expression) == "('y' + '}')"
    assert [outer.parts[0], outer.parts[2], inner.parts[0], show(call.arguments[1])] == ["a", "c", "x", "'z'"]


def test_placeholders_span_lines_and_hold_comments() -> None:
    assert show(expression('"a~{\n  b # comment } \n}c"')) == repr("a~{b}c")


def test_braces_inside_of_placeholders_balance() -> None:
    assert show(expression("\"~{ {'a': 1}['a'] }~{object { x: 1 }.x}\"")) == repr("~{{'a': 1}['a']}~{object{x: 1}.x}")


def options(text: str) -> list[tuple[str, str]]:
    document, _ = tolerated(declaration_text(f'"~{{{text}}}"'))
    string = value_of(document)
    assert isinstance(string, nodes.String)
    placeholder = string.parts[0]
    assert isinstance(placeholder, nodes.Placeholder)
    return [*((option.name, show(option.value)) for option in placeholder.options), ("", show(placeholder.expression))]


def test_placeholder_options() -> None:
    assert options("sep=', ' x") == [("sep", "', '"), ("", "x")]
    assert options("true='a' false=\"b\" x == y") == [("true", "'a'"), ("false", "'b'"), ("", "(x == y)")]
    assert options("default=2000 x") == [("default", "2000"), ("", "x")]
    assert options("default=-1.5 x") == [("default", "-1.5"), ("", "x")]
    assert options("default=true x") == [("default", "True"), ("", "x")]
    assert options("sep='' [1, 2]") == [("sep", "''"), ("", "[1, 2]")]
    assert options("sep='~{y}' (x)") == [("sep", "'~{y}'"), ("", "x")]
    assert options("default='' sep=',' x") == [("default", "''"), ("sep", "','"), ("", "x")]


def test_names_of_options_are_names_elsewhere() -> None:
    assert options("sep(', ', x)") == [("", "sep(', ', x)")]
    assert options("sep == default") == [("", "(sep == default)")]
    assert options("true") == [("", "True")]
    assert options("true == x") == [("", "(True == x)")]


def test_several_options_are_a_warning_but_true_with_false_is_not() -> None:
    assert tolerated(declaration_text("\"~{default='' sep=',' x}\""))[1] == ["SeveralOptions"]
    accepted(declaration_text("\"~{true='a' false='b' x}\""))
    assert codes(declaration_text("\"~{sep='' sep=',' x}\"")) == ["DuplicateOption"]


# --- indentation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hello  world", "hello  world"),
        ("   hello  world   ", "hello  world"),
        ("   \n        hello  world", "hello  world"),
        ("   \n        hello  world\n        ", "hello  world"),
        ("\n    a\n      b\n    ", "a\n  b"),
        ("\n    a\n\n   \n      \n    b\n", "a\n\n\n  \nb"),
        ("\n\n    a\n    \n      b\n    \n    ", "\na\n\n  b\n"),
        ("\n\ta\n\t\tb\n", "a\n\tb"),
        ("\n\ta\n  b\n", "a\n b"),
        ("a\n  b", "a\n  b"),
        ("\r\n    a\r\n      b\r\n    ", "a\n  b"),
        ("\n  \n  ", "  "),
        ("", ""),
    ],
)
def test_dedent(written: str, meant: str) -> None:
    assert dedent([written]) == [meant]


def test_placeholders_are_neither_blank_nor_indented() -> None:
    assert dedent(["\n    ", "\n      b ", "\n  "]) == ["", "\n  b ", ""]
    assert dedent(["\n    a\n  ", "\n"]) == ["  a\n", ""]
    assert dedent(["", "\n    a"]) == ["", "\n    a"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a \\\n    b", "a b"),
        ("a \\\\\n    b", "a \\\\\n    b"),
        ("a \\\\\\\n    b", "a \\\\b"),
        ("a\\\r\n\tb", "ab"),
        ("a\\\n\\\nb", "ab"),
        ("a \\ \n b", "a \\ \n b"),
    ],
)
def test_continued_lines_join(written: str, meant: str) -> None:
    assert join_continued_lines([written]) == [meant]


def test_multiline_strings_join_dedent_and_unescape_in_this_order() -> None:
    text = '<<<\n    one \\\n      two\n      \\tthree "quoted" \\u0041\n    \\>>> >> \\~{x} ~{y}\n  >>>'
    assert parts(string(text)) == ['one two\n  \tthree "quoted" A\n>>> >> ~{x} ', "<y>"]


def test_multiline_strings_warn_about_escapes_where_they_are() -> None:
    document, warnings = tolerated(declaration_text("<<<\n    a\\.b\n>>>"))
    assert warnings == ["UnknownEscape"]
    assert show(value_of(document)) == repr("a\\.b")


# --- commands ------------------------------------------------------------------------------------------------


def test_a_heredoc_command_knows_only_the_tilde() -> None:
    assert parts(command_text("command <<< echo ~{x} ${y} $z ~w >>>")) == ["echo ", "<x>", " ${y} $z ~w"]


def test_a_brace_command_knows_both_and_ends_at_the_first_brace() -> None:
    assert parts(command_text("command { echo ~{x} ${y} $z }")) == ["echo ", "<x>", " ", "<y>", " $z"]


def test_commands_keep_escapes_except_of_what_would_end_them() -> None:
    assert parts(command_text(r"command <<< a\n\t\\ \$ \> \>>> >\>> >>\> \~{x} \\~{x} >>>")) == [
        r"a\n\t\\ \$ \> >>> >>> >>> ~{x} \\", "<x>",
    ]  # fmt: skip
    assert parts(command_text(r"command { a\n \} \{ \${x\} \~{x\} \$1 \\${x} }")) == [
        r"a\n } \{ ${x} ~{x} \$1 \\",
        "<x>",
    ]


def test_comments_and_quotes_mean_nothing_in_commands() -> None:
    assert parts(command_text("command <<<\n  # it's ~{x} \"\n  >>>")) == ["# it's ", "<x>", ' "']


def test_commands_keep_continued_lines() -> None:
    text = "command <<<\n    run \\\n      --flag ~{x}\n\n    done\n  >>>"
    assert parts(command_text(text)) == ["run \\\n  --flag ", "<x>", "\n\ndone"]


def test_empty_commands() -> None:
    assert command_text("command <<<>>>").parts == ()
    assert command_text("command {}").parts == ()
    assert command_text("command {\n  }").parts == ()
    assert command_text("command\n# comment\n<<< a >>>").heredoc
    assert not command_text("command { a }").heredoc


def test_a_mistake_in_one_placeholder_does_not_hide_the_next() -> None:
    command = "command <<<\n    ~{a +} ~{b} ~{} ~{c d}\n    ~{(e}\n    ~{f\n  >>>"
    text = f"version 1.2\ntask t {{\n  {command}\n  output {{ Int x = }}\n}}"
    document, diagnostics = read(text)
    assert [diagnostic.labels[0].source.position(diagnostic.labels[0].start) for diagnostic in diagnostics] == [
        (4, 10), (4, 19), (4, 25), (5, 9), (7, 3), (8, 20),
    ]  # fmt: skip
    tree = document.tasks[0].command
    assert tree is not None
    assert [part for part in tree.parts if isinstance(part, str)] == [" ", " ", " ", "\n", "\n"]


def test_commands_close_over_shell_text() -> None:
    text = "command <<<\n    cat <<EOF >> out 2>&1\n    >> > >\n    EOF\n    a >>>"
    assert parts(command_text(text)) == ["cat <<EOF >> out 2>&1\n>> > >\nEOF\na"]
