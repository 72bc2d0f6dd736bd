r"""Escapes in string literals.

In: the text of a string as written. Out: the text it means, and what is wrong with it. Source: WDL specification,
"Strings"; 1.0 has some escapes of C that later versions dropped. Regular expressions are often written with
escapes that do not exist (`"\."`): these keep both characters.
"""

from __future__ import annotations

import re

import msgspec

from pysprocket.syntax.versions import Version

_SIMPLE = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "'": "'", '"': '"', "~": "~", "$": "$"}
_SIMPLE_1_0 = _SIMPLE | {"b": "\b", "f": "\f", "a": "\a", "v": "\v", "?": "?"}
_UNICODE = r"\r?\n[ \t]*+|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[\s\S]"
_ESCAPE = re.compile(rf"\\(?:[0-7]{{3}}|x[0-9A-Fa-f]{{2}}|{_UNICODE})")
_ESCAPE_1_0 = re.compile(rf"\\(?:[0-7]{{1,3}}|x[0-9A-Fa-f]+|{_UNICODE})")
_HIGHEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class Fault(msgspec.Struct, frozen=True):
    """Something wrong with an escape, from `start` to `end` (exclusive) in the text as written."""

    start: int
    end: int
    unknown: bool
    message: str


def unescape(text: str, version: Version, *, multiline: bool = False) -> tuple[str, list[Fault]]:
    r"""The text that a string literal means, and the faults of its escapes.

    Args:
        text: the characters between the quotes or placeholders, each backslash with what it escapes.
        version: the version of the document; 1.0 allows short octal and long hexadecimal escapes.
        multiline: the text is from `<<<…>>>`, where `\>` is an escape.
    """
    if "\\" not in text:
        return text, []
    simple = _SIMPLE_1_0 if version == (1, 0) else _SIMPLE
    pattern = _ESCAPE_1_0 if version == (1, 0) else _ESCAPE
    faults: list[Fault] = []

    def replace(match: re.Match[str]) -> str:
        escape = match[0]
        if (plain := simple.get(escape[1])) is not None:
            return plain
        if escape[-1] in "\n \t" and "\n" in escape:
            return ""  # a line that continues on the next one
        if multiline and escape[1] == ">":
            return ">"
        return _numeric(match, faults)

    return pattern.sub(replace, text), faults


def _numeric(match: re.Match[str], faults: list[Fault]) -> str:
    escape = match[0]
    kind = escape[1]
    digits, base = (escape[2:], 16) if kind in "xuU" else (escape[1:], 8)
    if kind in "xuU" and not digits:
        message = f"`{escape}` needs {_NEEDED[kind]} hexadecimal digits"
        faults.append(Fault(match.start(), match.end(), unknown=False, message=message))
        return escape
    if kind not in "xuU" and (kind not in "01234567" or (len(digits) < 3 and match.re is _ESCAPE)):
        faults.append(Fault(match.start(), match.end(), unknown=True, message=f"`{escape}` is not an escape"))
        return escape
    code = int(digits, base) if len(digits) <= 8 else _HIGHEST + 1
    if code > _HIGHEST or code in _SURROGATES:
        faults.append(Fault(match.start(), match.end(), unknown=False, message=f"`{escape[:12]}` is not a character"))
        return escape
    return chr(code)


_NEEDED = {"x": "two", "u": "four", "U": "eight"}
