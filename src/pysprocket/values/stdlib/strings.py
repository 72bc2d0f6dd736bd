"""String functions, and those that make Strings of arrays.

In: Strings, regular expressions, arrays of primitives. Out: Strings, arrays of Strings. Source: WDL specification,
"String Functions" and "String Array Functions". Regular expressions are POSIX extended ones, see `matching`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pysprocket.values.context import Context
from pysprocket.values.model import Value
from pysprocket.values.text import to_text

if TYPE_CHECKING:
    from pysprocket.values.stdlib.matching import Match, Pattern

_REFERENCE = r"\\([0-9\\])"


def _compiled(pattern: str) -> Pattern:
    from pysprocket.values.stdlib.matching import compile_pattern  # noqa: PLC0415 - only where a pattern is used

    return compile_pattern(pattern)


def sub(_: Context, text: str, pattern: str, replacement: str) -> str:
    r"""`text` with each match replaced; `\1` to `\9` in the replacement stand for groups, `\0` for the match."""
    compiled = _compiled(pattern)
    if "\\" not in replacement:
        return compiled.replace(text, replacement)
    parts: list[str] = []
    place = 0
    for match in compiled.matches(text):
        parts += text[place : match.start], _expanded(replacement, compiled, match, text)
        place = match.end
    return "".join(parts) + text[place:]


def _expanded(replacement: str, pattern: Pattern, match: Match, text: str) -> str:
    groups = (text[match.start : match.end], *pattern.groups(text, match))

    def group(reference: re.Match[str]) -> str:
        if reference[1] == "\\":
            return "\\"
        number = int(reference[1])
        return groups[number] if number < len(groups) else ""

    return re.sub(_REFERENCE, group, replacement)


def find(_: Context, text: str, pattern: str) -> str | None:
    """The first match in `text`."""
    match = _compiled(pattern).search(text)
    return None if match is None else text[match.start : match.end]


def matches(_: Context, text: str, pattern: str) -> bool:
    """Whether there is a match anywhere in `text`."""
    return _compiled(pattern).found_in(text)


def split(_: Context, text: str, delimiter: str) -> list[str]:
    """The parts of `text` between the matches of `delimiter`."""
    parts: list[str] = []
    place = 0
    for match in _compiled(delimiter).matches(text):
        parts.append(text[place : match.start])
        place = match.end
    return [*parts, text[place:]]


def prefix(_: Context, text: str, array: list[Value]) -> list[str]:
    """Each item with `text` before it."""
    return [text + to_text(item) for item in array]


def suffix(_: Context, text: str, array: list[Value]) -> list[str]:
    """Each item with `text` behind it."""
    return [to_text(item) + text for item in array]


def quote(_: Context, array: list[Value]) -> list[str]:
    """Each item in double quotes; quotes in it stay as they are."""
    return [f'"{to_text(item)}"' for item in array]


def squote(_: Context, array: list[Value]) -> list[str]:
    """Each item in single quotes; quotes in it stay as they are."""
    return [f"'{to_text(item)}'" for item in array]


def sep(_: Context, separator: str, array: list[Value]) -> str:
    """The items, joined."""
    return separator.join(map(to_text, array))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sub": sub,
    "find": find,
    "matches": matches,
    "split": split,
    "prefix": prefix,
    "suffix": suffix,
    "quote": quote,
    "squote": squote,
    "sep": sep,
}
