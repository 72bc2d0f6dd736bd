"""How text looks on a terminal: columns, tabs, and characters that would not be seen.

In: text from anywhere, hostile text included. Out: text that is safe to print, the column of each character; short
lists of texts, and numbers with their nouns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import accumulate

_TAB = 4
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F
# Categories that a terminal does not draw or that change how it draws the rest: controls, formats (bidirectional
# marks, zero-width space), lone surrogates, private and unassigned characters, and separators other than a blank.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_COMBINING = frozenset({"Mn", "Me"})
_ZERO_WIDTH_JOINER = "\u200d"


def visible(text: str) -> str:
    """The text with control and other unseen characters shown as symbols or code points; tabs become blanks."""
    if text.isprintable():
        return text
    return "".join(" " * _TAB if character == "\t" else _shown(character) for character in text)


def some(texts: Iterable[str], most: int = 3) -> str:
    """The first of several texts, and how many more there are."""
    listed = list(texts)
    more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 task", "2,000 tasks"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def layout(line: str) -> tuple[str, list[int]]:
    """A line as it is shown, and the column of each of its characters and of its end, counted from 0.

    Tabs reach to the next multiple of four columns, East Asian wide characters take two columns, and combining
    characters none.
    """
    if line.isascii() and line.isprintable():
        return line, list(range(len(line) + 1))
    shown: list[str] = []
    widths = [0]
    column = 0
    for character in line:
        text = " " * (_TAB - column % _TAB) if character == "\t" else _shown(character)
        shown.append(text)
        widths.append(_width(text))
        column += widths[-1]
    return "".join(shown), list(accumulate(widths))


def columns(text: str) -> int:
    """How many columns a visible text takes."""
    if text.isascii() and text.isprintable():
        return len(text)
    return layout(text)[1][-1]


def shortened(text: str, most: int, *, keep_end: bool = True) -> str:
    """A text made visible and cut to so many columns, in its middle or at its end."""
    text, places = layout(visible(text))
    whole, most = places[-1], max(most, 1)
    if whole <= most:
        return text
    behind = (most - 1) // 2 if keep_end else 0
    front = next(index for index, place in enumerate(places) if place > most - 1 - behind) - 1
    start = next(place for place in places if whole - place <= behind)
    back = len(text) - places[::-1].index(start)  # behind marks that combine with what is left out
    return f"{text[:front]}…{text[back:]}"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category not in _UNSEEN or character in (" ", _ZERO_WIDTH_JOINER):
        return character
    code = ord(character)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "\u2421" if code == _DELETE else f"<U+{code:04X}>"


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in _COMBINING or character == _ZERO_WIDTH_JOINER:
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
