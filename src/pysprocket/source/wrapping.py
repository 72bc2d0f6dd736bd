"""Sentences in lines that fit a terminal.

In: a visible text (`source.visible`) and columns. Out: `wrapped`, its lines, broken at blanks. A word that is longer
than a line, such as a path, is never broken, and what stands between back-ticks is not where it fits in one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pysprocket.source.visible import columns

WIDTH = 80
"""Columns of what is told, unless the terminal has fewer."""

_DEEPER = 2  # blanks before what goes on a line, beyond the indentation of that line
_NARROW = 24  # columns below which indentation is given up
_WORDS = r"( *)((?:`[^`]*`|[^ ])+)"
_PIECES = r"( *)([^ ]+)"


def wrapped(text: str, width: int, *, begin: int = 0, hang: int = 0) -> list[str]:
    """The lines of a text; those it has already stay lines.

    Args:
        text: what is told.
        width: columns that are not exceeded if possible.
        begin: columns that are taken before the first line.
        hang: blanks put before what goes on the first line. What goes on another one stands deeper than that begins.
    """
    if "\n" not in text:
        return _line(text, width, begin, hang)
    first, *others = text.split("\n")
    lines = _line(first, width, begin, hang)
    for other in others:
        lines += _line(other, width, 0, len(other) - len(other.lstrip(" ")) + _DEEPER)
    return lines


def _line(text: str, width: int, begin: int, hang: int) -> list[str]:
    measure = len if text.isascii() else columns
    if begin + measure(text) <= width:
        return [text]
    hang = hang if width - hang >= _NARROW else 0
    lines: list[str] = []
    line, left = "", width - begin
    for gap, word in _words(text, width - begin, width - hang):
        size = measure(word)
        if line.strip() and len(gap) + size > left and size <= width - hang:  # else a new line does not help
            lines.append(line)
            line, left = " " * hang + word, width - hang - size
        else:
            line += gap + word
            left -= len(gap) + size
    return [*lines, line]


def _words(text: str, first: int, most: int) -> Iterator[tuple[str, str]]:
    """Each word with the blanks before it.

    What is quoted is taken apart where it takes more columns than there are: `first` for the first word, then `most`.
    """
    room = first
    for gap, word in re.findall(_WORDS, text):
        if " " in word and columns(word) > room:
            (_, beginning), *others = re.findall(_PIECES, word)
            yield gap, beginning
            yield from others
        else:
            yield gap, word
        room = most
