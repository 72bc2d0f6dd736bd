"""Reports about diagnostics: the exact text, for every shape of label and every kind of text."""

from __future__ import annotations

import textwrap

import pytest

from pysprocket.source.diagnostic import Diagnostic, Label, Severity, error, warning
from pysprocket.source.render import render
from pysprocket.source.text import Source
from pysprocket.source.visible import columns


def source(text: str, name: str = "a.wdl") -> Source:
    return Source(f"file:///{name}", text, name)


def label(where: Source, piece: str, text: str = "", *, start: int = 0) -> Label:
    position = where.text.index(piece, start)
    return Label(where, position, position + len(piece), text)


def report(*labels: Label, help: str | None = None) -> str:  # noqa: A002 - the field's name
    return render([error("Code", "what is wrong", *labels, help=help)])


def lines(text: str) -> str:
    return textwrap.dedent(text).removeprefix("\n")


TEXT = "version 1.2\nworkflow w {\n  Int total = first + second\n  Int other = 2\n}\n"


def test_one_label_with_help() -> None:
    assert report(label(source(TEXT), "first", "not there"), help="declare it") == lines(
        """
        error[Code]: what is wrong
          ┌─ a.wdl:3:15
          │
        3 │   Int total = first + second
          │               ^^^^^ not there
          │
          = help: declare it
        """
    )


def test_several_labels_on_one_line() -> None:
    document = source(TEXT)
    labels = label(document, "+", "cannot add"), label(document, "first", "a File"), label(document, "second", "an Int")
    assert report(*labels) == lines(
        """
        error[Code]: what is wrong
          ┌─ a.wdl:3:21
          │
        3 │   Int total = first + second
          │               ----- ^ ------ an Int
          │               │     │
          │               │     cannot add
          │               a File
        """
    )


def test_labels_on_lines_apart_and_next_to_each_other() -> None:
    document = source("a\nb\nc\nd\ne\nf\n")
    assert report(label(document, "f", "last"), label(document, "a", "first"), label(document, "c", "third")) == lines(
        """
        error[Code]: what is wrong
          ┌─ a.wdl:6:1
          │
        1 │ a
          │ - first
        2 │ b
        3 │ c
          │ - third
        · │
        6 │ f
          │ ^ last
        """
    )


def test_labels_in_several_documents() -> None:
    first, second = source("one two\n", "first.wdl"), source("\n\n\n\n\n\n\n\n\nten\n", "second.wdl")
    assert report(label(first, "two", "here"), label(second, "ten", "and there")) == lines(
        """
        error[Code]: what is wrong
           ┌─ first.wdl:1:5
           │
         1 │ one two
           │     ^^^ here
           │
           ┌─ second.wdl:10:1
           │
        10 │ ten
           │ --- and there
        """
    )


def test_labels_over_several_lines() -> None:
    document = source("task a {\n  command {\n    w\n    x\n    y\n    z\n  }\n}\n")
    assert report(
        label(document, "command {\n    w\n    x\n    y\n    z\n  }", "inner"), label(document, "a {\n  comm", "")
    ) == lines(
        """
        error[Code]: what is wrong
          ┌─ a.wdl:2:3
          │
        1 │     task a {
          │ ╭────────-
        2 │ │ ╭   command {
          │ ╰─│──────-
        3 │   │     w
        · │   │
        6 │   │     z
        7 │   │   }
          │   ╰───^ inner
        """
    )


def test_a_label_that_ends_with_the_line_end_stays_on_its_line() -> None:
    document = source("one\ntwo\n")
    assert report(Label(document, 0, 4)).endswith("1 │ one\n  │ ^^^\n")


def test_overlapping_labels_keep_the_primary_one_visible() -> None:
    document = source("Int x = y + z\n")
    assert report(label(document, "y + z", "sum"), label(document, "x = y", "part")) == lines(
        """
        error[Code]: what is wrong
          ┌─ a.wdl:1:9
          │
        1 │ Int x = y + z
          │     ----^^^^^
          │     │   │
          │     │   sum
          │     part
        """
    )


@pytest.mark.parametrize(
    ("text", "piece", "shown", "marks"),
    [
        ("\tInt x", "x", "    Int x", "        ^"),
        ("ab\tx", "x", "ab  x", "    ^"),
        ("\t\t", "\t", "", "^^^^"),
        ("日本 x", "x", "日本 x", "     ^"),
        ("日本 x", "本", "日本 x", "  ^^"),
        ("e\u0301 x", "x", "e\u0301 x", "  ^"),
        ("e\u0301 x", "e\u0301", "e\u0301 x", "^"),
        ("a\x1b[31mx", "x", "a␛[31mx", "      ^"),
        ("a\x00b\x7fx", "x", "a␀b␡x", "    ^"),
        ("a\u202ex", "x", "a<U+202E>x", "         ^"),
        ("a\ud800x", "x", "a<U+D800>x", "         ^"),
        ("a\u00a0x", "\u00a0", "a<U+00A0>x", " ^^^^^^^^"),
        ("😀 x", "x", "😀 x", "   ^"),
        ("a\rx", "x", "a␍x", "  ^"),
    ],
)
def test_columns_are_those_of_the_terminal(text: str, piece: str, shown: str, marks: str) -> None:
    snippet = report(label(source(text), piece)).split("\n")[3:5]
    assert snippet == [f"1 │ {shown}".rstrip(), f"  │ {marks}"]


@pytest.mark.parametrize("text", ["one\r\ntwo\r\n", "one\ntwo\n", "one\ntwo", "one\r\ntwo"])
def test_line_ends_are_not_shown(text: str) -> None:
    assert report(label(source(text), "two")).endswith("2 │ two\n  │ ^^^\n")


def test_the_end_of_a_text_and_empty_texts() -> None:
    assert report(Label(source(""), 0, 0, "empty")).endswith("┌─ a.wdl:1:1\n  │\n1 │\n  │ ^ empty\n")
    assert report(Label(source("ab"), 2, 2, "end")).endswith("┌─ a.wdl:1:3\n  │\n1 │ ab\n  │   ^ end\n")
    assert report(Label(source("ab\n"), 3, 3, "end")).endswith("┌─ a.wdl:2:1\n  │\n2 │\n  │ ^ end\n")
    assert report(Label(source("ab"), 7, 99, "beyond")).endswith("┌─ a.wdl:1:3\n  │\n1 │ ab\n  │   ^ beyond\n")


def test_long_lines_are_cut_around_the_place() -> None:
    document = source("x" * 5_000_000 + "HERE" + "y" * 5_000_000)
    shown = report(label(document, "HERE", "this")).split("\n")
    assert shown[1] == "  ┌─ a.wdl:1:5000001"
    assert len(shown[3]) < 200
    assert shown[3].startswith("1 │ …xxx")
    assert shown[3].endswith("yyy…")
    assert shown[4].index("^^^^ this") == shown[3].index("HERE")


def test_long_labels_end_at_the_cut() -> None:
    shown = report(Label(source("x" * 1000), 0, 1000, "all")).split("\n")
    assert shown[3] == "1 │ " + "x" * 75 + "…"
    assert shown[4:7] == ["  │ " + "^" * 75, "  │ │", "  │ all"]


def test_a_second_place_beyond_the_cut_is_drawn_at_its_edge() -> None:
    document = source("a" + " " * 1000 + "b")
    shown = report(label(document, "b", "primary"), label(document, "a", "secondary")).split("\n")
    assert all(len(line) < 200 for line in shown)
    assert shown[4].index("^") == shown[3].index("b")


def test_diagnostics_without_labels() -> None:
    assert render([warning("Code", "no place", help="do this\nand that")]) == (
        "warning[Code]: no place\n  = help: do this\n          and that\n"
    )
    assert render([Diagnostic(Severity.NOTE, "", "plain")]) == "note: plain\n"


def test_what_lets_in_by_a_url_is_not_shown() -> None:
    source = Source("file:///a.wdl", 'File f = "https://me:hunter2@h/x?sig=hunter3&part=1"', "a.wdl")
    shown = render([error("A", "cannot be read", Label(source, 9, 51))])
    assert "hunter" not in shown
    assert "@h/x?sig=*******&part=1" in shown


def test_diagnostics_are_separated_by_an_empty_line() -> None:
    assert render([]) == ""
    assert render([error("A", "one"), error("B", "two")]) == "error[A]: one\n\nerror[B]: two\n"


def test_one_line_mode() -> None:
    document = source(TEXT)
    found = [error("A", "bad", label(document, "first", "x"), help="h"), warning("B", "no place")]
    assert render(found, mode="one-line") == "a.wdl:3:15: error[A]: bad\nwarning[B]: no place\n"


def test_colors_change_nothing_but_add_escapes() -> None:
    document = source(TEXT)
    found = [error("A", "bad", label(document, "first", "x"), label(document, "second", "y"), help="h")]
    colored = render(found, color=True)
    assert colored.startswith("\x1b[1;31merror[A]\x1b[0m")
    plain = colored
    for style in ("0", "1", "1;31", "34"):
        plain = plain.replace(f"\x1b[{style}m", "")
    assert plain == render(found)


def test_names_messages_and_remarks_cannot_drive_the_terminal() -> None:
    document = source("a\n", "evil\x1b[2J.wdl")
    shown = render([error("A", "bad\x1b[2J", label(document, "a", "re\x07mark\n"), help="h\x1b")])
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "evil␛[2J.wdl" in shown


# --- what is too long ------------------------------------------------------------------------------------

LONG = "Int sum = first_of_many_names_that_are_long + second_of_many_names_that_are_long + 日本日本日本日本\n"
REMARK = "this says so much about the place that it does not fit beside it, wherever the place is"


def widest(text: str) -> int:
    return max(columns(line) for line in text.split("\n"))


def test_sentences_are_wrapped_below_their_beginning() -> None:
    found = [error("LongNameOfACode", 'the message speaks of `run.fail = "fast"` and of more than fits in a line')]
    assert render([*found, warning("A", "one" + " one" * 29, help="- two\n- three" + " three" * 14)]) == lines(
        """
        error[LongNameOfACode]: the message speaks of `run.fail = "fast"` and of more
               than fits in a line

        warning[A]: one one one one one one one one one one one one one one one one one
                 one one one one one one one one one one one one one
          = help: - two
                  - three three three three three three three three three three three
                    three three three three
        """
    )


def test_remarks_are_wrapped_beside_their_place_and_below_it_where_there_is_little_room() -> None:
    document = source(LONG)
    found = label(document, "first", REMARK), label(document, "second", REMARK), label(document, "sum", REMARK)
    assert report(*found) == lines(
        """
        error[Code]: what is wrong
          ┌─ a.wdl:1:11
          │
        1 │ Int sum = first_of_many_names_that_are_long + second_of_many_names_that_are…
          │     ---   ^^^^^                               ------
          │     │     │                                   │
          │     │     │                                 this says so much about the
          │     │     │                                 place that it does not fit
          │     │     │                                 beside it, wherever the place is
          │     │     this says so much about the place that it does not fit beside it,
          │     │     wherever the place is
          │     this says so much about the place that it does not fit beside it,
          │     wherever the place is
        """
    )
    assert report(label(document, "sum", REMARK)).endswith(
        "  │     ^^^ this says so much about the place that it does not fit beside it,\n"
        "  │         wherever the place is\n"
    )


def test_the_remark_of_a_label_over_several_lines_is_wrapped() -> None:
    document = source("a {\n" + " " * 60 + "b\n}\n")
    assert report(label(document, "a {\n" + " " * 60 + "b", REMARK)) == lines(
        """
        error[Code]: what is wrong
          ┌─ a.wdl:1:1
          │
        1 │ ╭ a {
        2 │ │                                                             b
          │ ╰─────────────────────────────────────────────────────────────^
          │                                             this says so much about the
          │                                             place that it does not fit
          │                                             beside it, wherever the place is
        """
    )


@pytest.mark.parametrize("width", [30, 40, 60, 80])
@pytest.mark.parametrize("piece", ["Int", "first", "+ second", "second_of", "日本日", LONG[:-1], "that_are_long + 日"])
def test_nothing_is_wider_than_the_terminal(piece: str, width: int) -> None:
    document = source(LONG)
    for labels in ([label(document, piece, REMARK)], [label(document, piece, REMARK), label(document, "are", REMARK)]):
        shown = render([error("Code", REMARK, *labels, help=REMARK)], width=width)
        assert widest(shown) <= width
        assert "^" in shown


def test_a_cut_line_shows_its_labels_and_what_is_around_them() -> None:
    document = source(f"{'a ' * 100}FIRST and SECOND {'b ' * 100}")
    shown = report(label(document, "SECOND", "x"), label(document, "FIRST", "y")).split("\n")[3:5]
    assert shown[0].startswith("1 │ … a a ")
    assert shown[0].endswith(" b b …")
    assert shown[1].index("-----") == shown[0].index("FIRST")
    assert shown[1].index("^^^^^^") == shown[0].index("SECOND")
