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


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join))
def test_pieces_of_wdl_in_any_order(text: str) -> None:
    check(text)
    check("version 1.3\n" + text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_characters(text: str) -> None:
    check(text)
    check("version 1.2\nworkflow w { Int x = " + text)
    check("version 1.2\ntask t { command <<< ~{" + text)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(DOCUMENT)), st.integers(0, 40), st.sampled_from(["", *FRAGMENTS]))
def test_a_document_with_a_piece_replaced(position: int, length: int, piece: str) -> None:
    check(DOCUMENT[:position] + piece + DOCUMENT[position + length :])


def test_a_document_with_its_lines_in_disorder() -> None:
    lines = DOCUMENT.splitlines(keepends=True)
    shuffle = random.Random(1)
    for _ in range(30):
        shuffle.shuffle(lines)
        check("version 1.3\n" + "".join(lines))


MEGABYTE = 1_000_000


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
    ],
    ids=lambda text: f"{text[:30]!r}",
)
def test_large_hostile_texts_end_soon(text: str) -> None:
    began = time.process_time()
    check("version 1.3\n" + text)
    assert time.process_time() - began < 20
