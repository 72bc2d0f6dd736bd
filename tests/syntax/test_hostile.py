"""Text that nobody means: the parser always gives a tree and ends soon."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pysprocket.source.render import render
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.syntax.parser import parse
from pysprocket.types.loader import load
from tests.syntax.test_tree import DOCUMENT, walk

FRAGMENTS = [
    "version 1.0\n",
    "version 1.3\n",
    "task t {",
    "workflow w {",
    "struct S {",
    "enum E {",
    "import ",
    "input {",
    "output {",
    "command <<<",
    "command {",
    ">>>",
    "runtime {",
    "hints {",
    "meta {",
    "call t ",
    "scatter (i in x) {",
    "if (",
    "else ",
    "then ",
    "Int x = ",
    "Array[",
    "String s",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    ".",
    "=",
    "==",
    "+",
    "-",
    "!",
    "**",
    "?",
    "~{",
    "${",
    '"',
    "'",
    "<<<",
    "\\",
    "\\u12",
    "\n",
    "\r\n",
    " ",
    "\t",
    "# c\n",
    "#",
    "1",
    "0x",
    "1.5e",
    "99999999999999999999",
    "a",
    "in",
    "true",
    "None",
    "object",
    "sep=",
    "\0",
    "\ufeff",
    "\u00e9",
    "\U0001f600",
    "\ud800",
    "\x1b[31m",
    "\u202e",
    "_",
]


def check(text: str) -> None:
    document, diagnostics = parse(Source("file:///hostile.wdl", text, "hostile.wdl"))
    assert isinstance(document, nodes.Document)
    for node in walk(document):
        assert 0 <= node.start <= node.end <= len(text)
    for diagnostic in diagnostics:
        assert diagnostic.labels
        assert all(0 <= label.start <= label.end <= len(text) for label in diagnostic.labels)
        assert diagnostic.message.isprintable()
    shown = render(diagnostics)
    assert all(line.isprintable() for line in shown.replace("\u200d", "").splitlines())


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join))
def test_pieces_of_wdl_in_any_order(text: str) -> None:
    check(text)
    check("version 1.3\n" + text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_characters(text: str) -> None:
    check(text)
    check("version 1.2\nworkflow w { Int x = " + text)
    check("version 1.2\ntask t { command <<< ~{" + text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, len(DOCUMENT)), st.integers(0, 40), st.sampled_from(["", *FRAGMENTS]))
def test_a_document_with_a_piece_replaced(position: int, length: int, piece: str) -> None:
    check(DOCUMENT[:position] + piece + DOCUMENT[position + length :])


def test_a_document_with_its_lines_in_disorder() -> None:
    lines = DOCUMENT.splitlines(keepends=True)
    shuffle = random.Random(1)
    for _ in range(30):
        shuffle.shuffle(lines)
        check("version 1.3\n" + "".join(lines))


def test_every_beginning_of_a_document_is_read_with_few_mistakes() -> None:
    """What is typed so far is cut at every second place: in a word, a string, a placeholder, a command."""
    for end in range(0, len(DOCUMENT), 2):
        text = DOCUMENT[:end]
        if end % 20 == 0:
            check(text)
        _, diagnostics = parse(Source("file:///cut.wdl", text, "cut.wdl"))
        assert len(diagnostics) <= 3, text[-60:]


def test_line_ends_of_windows_are_no_mistake() -> None:
    text = DOCUMENT.replace("\n", "\r\n")
    check(text)
    assert parse(Source("file:///lines.wdl", text, "lines.wdl"))[1] == []


MEGABYTE = 1_000_000

DEEP = {
    "brackets": ("Int x = ", "(", "1", ")"),
    "arrays": ("Int x = ", "[", "1", "]"),
    "conditions": ("Int x = ", "if true then ", "1", " else 2"),
    "alternatives": ("Int x = ", "if true then 1 else ", "2", ""),
    "signs": ("Int x = ", "-", "1", ""),
    "negations": ("Boolean x = ", "!", "true", ""),
    "members": ("Int x = a", ".b", "", ""),
    "indices": ("Int x = a", "[0]", "", ""),
    "indices in indices": ("Int x = ", "a[", "0", "]"),
    "sums": ("Int x = 1", " + 1", "", ""),
    "conjunctions": ("Boolean x = true", " && true", "", ""),
    "calls": ("Int x = ", "floor(", "1", ")"),
    "pairs": ("Int x = ", "(1, ", "2", ")"),
    "maps": ("Int x = ", "{1: ", "2", "}"),
    "objects": ("Int x = ", "object { a: ", "2", "}"),
    "structs": ("Int x = ", "S { a: ", "2", "}"),
    "strings in placeholders": ("String x = ", '"~{', "1", '}"'),
    "other strings in placeholders": ("String x = ", "'~{\"${", "1", "}\"}'"),
    "multi-line strings": ("String x = ", "<<<~{", "1", "}>>>"),
    "types": ("", "Array[", "Int", "]"),
    "maps of maps": ("", "Map[Int, ", "Int", "]"),
    "scatters": ("", "scatter (i in x) { ", "", "}"),
    "ifs": ("", "if (true) { ", "", "}"),
    "elses": ("if (true) { }", " else { if (true) { ", "", "} }"),
    "metadata": ("meta { a: ", "{ a: ", "1", "} }"),
    "arrays in metadata": ("meta { a: ", "[", "1", "] }"),
    "hints": ("hints { a: ", "{ a: ", "1", "} }"),
    "blocks": ("", "input { ", "", "}"),
    "workflows": ("", "workflow w { ", "", "}"),
    "tasks": ("} ", "task t { ", "", "}"),
    "commands": ("} task t { command <<<", "~{a[", "1", "]}"),
}


@pytest.mark.parametrize("pieces", DEEP.values(), ids=DEEP)
def test_nothing_is_too_deep(pieces: tuple[str, str, str, str]) -> None:
    """Beyond the limit it is a mistake; no stack overflows, and the time grows with the text."""
    before, opening, inner, closing = pieces
    for depth in (90, 110, 240, 260, 5_000):
        text = f"version 1.3\nworkflow w {{ {before}{opening * depth}{inner}{closing * depth} x = 1 }}\n"
        began = time.process_time()
        check(text)
        assert time.process_time() - began < 2 + len(text) / 50_000


@pytest.mark.parametrize("depth", [30, 90, 240])
@pytest.mark.parametrize("pieces", DEEP.values(), ids=DEEP)
def test_what_the_parser_takes_as_deep_the_checker_takes_too(pieces: tuple[str, str, str, str], depth: int) -> None:
    before, opening, inner, closing = pieces
    text = f"version 1.3\nworkflow w {{ {before}{opening * depth}{inner}{closing * depth}\n}}\n"
    began = time.process_time()
    findings = load("file:///deep.wdl", lambda _: text.encode()).diagnostics
    assert len(render(findings)) < 100_000
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        'workflow w { String s = "' + "a" * 10 * MEGABYTE + '" }',
        'workflow w { String s = "' + "a" * 10 * MEGABYTE,
        "workflow w { Int x = " + "1" * 10 * MEGABYTE + " }",
        "#" * 10 * MEGABYTE,
        " " * 10 * MEGABYTE,
        "workflow w { Int x = " + "a[" * (MEGABYTE // 10),
        "workflow w { Int x = " + "a + " * (MEGABYTE // 10),
        "workflow w { " + "scatter (i in x) {" * (MEGABYTE // 100),
        "task t { command <<<" + "\\" * MEGABYTE + " " * MEGABYTE + "\n" * MEGABYTE,
        "workflow w { String s = <<<" + "\\" * MEGABYTE + "\n" * MEGABYTE + ">>> }",
        "}" * (MEGABYTE // 10),
        "'\"\n" * (MEGABYTE // 10),
        "\0" * MEGABYTE,
        "workflow w { Int " + "a" * MEGABYTE + " = " + "b" * MEGABYTE,
        "workflow w { Int x = 0x" + "f" * MEGABYTE + " Int y = 0" + "7" * MEGABYTE + " Float z = 1e" + "9" * MEGABYTE,
        'workflow w { String s = "' + "\\q" * (MEGABYTE // 50) + '" }',
        'workflow w { String s = "' + "~{x}" * (MEGABYTE // 50) + '" }',
        "task t { command <<<" + "~{x} \n" * (MEGABYTE // 50) + ">>> }",
        "task t { command <<<" + "~{" * (MEGABYTE // 50) + ">>> }",
        "task t { command {" + "~{a " * (MEGABYTE // 10) + "} }",
        "task t {\n" * (MEGABYTE // 100),
        "task t { command <<<\n" * (MEGABYTE // 100),
        "struct S {" + "Int x\n" * (MEGABYTE // 100),
        "enum E {" + "x," * (MEGABYTE // 100),
        'import "x"\n' * (MEGABYTE // 100),
        "\u00a0" * MEGABYTE,
        "\U0001f600 " * (MEGABYTE // 10),
    ],
    ids=lambda text: f"{text[:30]!r}",
)
def test_large_hostile_texts_end_soon(text: str) -> None:
    began = time.process_time()
    check("version 1.3\n" + text)
    assert time.process_time() - began < 20
