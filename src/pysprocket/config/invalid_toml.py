"""Configuration files that are no TOML, as diagnostics.

In: what a file holds, and why `tomli` did not take it. Out: a `Diagnostic` that shows the place, without what may be a
secret. Only imported when there is something to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import tomli

from pysprocket.config.confidential import is_delicate, login_masked
from pysprocket.config.files import DEEPEST
from pysprocket.config.layers import masked
from pysprocket.config.positions import STRING, Span, Statement, statements
from pysprocket.config.problems import dotted
from pysprocket.source.diagnostic import Diagnostic, Label, error
from pysprocket.source.text import Source

_HEADER = r"\[+([^\[\]]*)\]+\s*(?:#.*)?"
_PLAIN_HEADER = r"\[{1,2}[A-Za-z][\w.-]*\]{1,2}\s*(?:#.*)?"
"""What is hardly an element of an array."""

_WORD = r"[A-Za-z][\w-]*"
_KEY = r"""\s*[\w.-]+(?=\s*[=:](?!=|\s*$)|\s+[\"'{\[])\s*[=:]?\s*"""
"""What a line begins with that is a key, as far as anybody can tell."""

_CLOSED = r""""(?:[^"\\]|\\.)*"|'[^']*'|#.*"""
"""A text or a comment in which brackets mean nothing."""

_KEY_REMEDY = 'a key with other signs than letters, digits, `_` and `-` stands in quotes: `"my key" = 1`'
_BACKSLASH_REMEDY = r"write `\\`, or put the text in single quotes: 'C:\data'"
_SAID: dict[str, tuple[str, str | None]] = {
    "Invalid value": ("this is no value", "texts are written in quotes"),
    "Invalid statement": ("this is no setting", "write `key = value`, or `[section]`"),
    "Invalid initial character for a key part": ("this is no key", _KEY_REMEDY),
    "Expected '=' after a key in a key/value pair": ("a key has no `=` and no value", _KEY_REMEDY),
    "Expected newline or end of document after a statement": (
        "there is more behind the end of a setting",
        "write one `key = value` on each line, and texts in quotes",
    ),
    "Expected ']' at the end of a table declaration": ("the name of a section has no `]` at its end", _KEY_REMEDY),
    "Expected ']]' at the end of an array declaration": ("the name of a section has no `]]` at its end", _KEY_REMEDY),
    "Illegal character '\\n'": ("a text has no end on its line", "close it by the quote it began with"),
    "Found invalid character '\\n'": ("a text has no end on its line", "close it by the quote it began with"),
    "Unclosed array": ("here an array must go on, or end", "write `,` between elements and `]` behind the last"),
    "Unclosed inline table": ("here a table must go on, or end", "write `,` between keys and `}` behind the last"),
    "Unescaped '\\' in a string": ("a backslash begins nothing that is known", _BACKSLASH_REMEDY),
    "Invalid hex value": ("a backslash is not followed by the digits of a character", _BACKSLASH_REMEDY),
}
_TWICE = ("Cannot overwrite a value", "Cannot declare ", "Cannot mutate ", "Cannot redefine ", "Duplicate inline ")


def no_toml(path: Path, name: str, content: bytes, mistake: ValueError | RecursionError) -> Diagnostic:
    """What is wrong with a file that `tomli` does not take, be it the bytes already."""
    text = content.decode(errors="replace")
    source = Source(path.absolute().as_uri(), _hidden(text), name)
    if isinstance(mistake, UnicodeDecodeError):
        at = len(content[: mistake.start].decode())
        label = Label(source, at, at + 1)
        return error(
            "UnreadableConfig", f"the configuration file `{name}` is not UTF-8 text", label, help="save it as UTF-8"
        )
    if isinstance(mistake, tomli.TOMLDecodeError):
        return _syntax_error(source, text, mistake)
    if isinstance(mistake, RecursionError):
        labels = [Label(source, *span) for span in _too_deep(text)]
        said = f"the configuration file `{name}` has values that lie too deep in each other"
        return error("UnreadableConfig", said, *labels)
    end = _shortest(text)
    start = end - len(text[:end]) + len(text[:end].rstrip("0123456789_"))
    label = Label(source, start, _end(r"[\d_]*", text, end))
    said, remedy = "this number is too large", "integers lie between -9223372036854775808 and 9223372036854775807"
    return error("InvalidToml", f"`{name}` is not valid TOML: {said}", label, help=remedy)


def _too_deep(text: str) -> list[Span]:
    """The first bracket or key that is."""
    depth = 0
    for found in re.finditer(f"{STRING}|#[^\n]*|[\\[{{]|[\\]}}]", text, re.DOTALL):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > DEEPEST:
            return [found.span()]
    return [each.span for each in statements(text) if len(each.keys) > DEEPEST][:1]


def _shortest(text: str) -> int:
    """How much of a text there must be for a number that is too large: `tomli` reads from the left."""
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            tomli.loads(text[:middle])
            low = middle
        except tomli.TOMLDecodeError:
            low = middle
        except ValueError:
            high = middle
    return high


def _syntax_error(source: Source, text: str, mistake: tomli.TOMLDecodeError) -> Diagnostic:
    what = mistake.msg
    ends = mistake.pos >= len(mistake.doc)
    at = len(text.rstrip()) if ends else source.offset(mistake.lineno, mistake.colno)
    if what.startswith(_TWICE) and (found := _twice(text if ends else text[:at])):
        first, last, remedy = found
        labels = Label(source, *last.span), Label(source, *first.span, "it is here first")
        return error("InvalidToml", f"`{source.name}` sets a key or begins a section twice", *labels, help=remedy)
    if (begun := _begun(source, text, at)) is not None:
        labels = Label(source, at, at + 1), Label(source, *begun.span, "it begins here")
        said = "an array or a table has no `]` or `}` at its end"
        return error("InvalidToml", f"`{source.name}` is not valid TOML: {said}", *labels)
    label = Label(source, at, max(_end(r"[^\s,\]}#]*", text, at), at + 1))
    plain = what[:1].lower() + what[1:]
    if what.startswith(_TWICE):
        plain = "this is there already"
    told = (f"it ends too early: {plain}", None) if ends else _SAID.get(what, (plain, None))
    return error("InvalidToml", f"`{source.name}` is not valid TOML: {told[0]}", label, help=told[1])


def _begun(source: Source, text: str, at: int) -> Statement | None:
    """The setting whose value goes on where a section begins."""
    if not re.fullmatch(_PLAIN_HEADER, source.line(source.position(at)[0]).strip()):
        return None
    return next((each for each in reversed(statements(text[:at])) if not each.inside), None)


def _end(pattern: str, text: str, at: int) -> int:
    found = re.compile(pattern).match(text, at)
    return found.end() if found else at


def _twice(text: str) -> tuple[Statement, Statement, str] | None:
    """What the last setting or section of a text gets in the way of, which part of it does, and what to do."""
    found = statements(text)
    begin = max(place for place, each in enumerate(found) if not each.inside)
    for last in found[begin:]:
        before = [each for each in found if each.span < last.span and each not in last.inside]
        section = None if last.is_header else next((each for each in reversed(before) if each.is_header), None)
        for first in sorted(before, key=lambda each: each.keys != last.keys):
            if remedy := _clash(text, first, last, section):
                return first, last, remedy
    return None


def _clash(text: str, first: Statement, last: Statement, section: Statement | None) -> str | None:
    """What to do about two that cannot both be; None where they can.

    Args:
        text: where they stand.
        first: the one before.
        last: the other one.
        section: what the other one stands below.
    """
    shorter, longer = sorted((first, last), key=lambda each: len(each.keys))
    if longer.keys[: len(shorter.keys)] != shorter.keys or first is section:
        return None
    rest = dotted(longer.keys[len(shorter.keys) :])
    header = dotted(shorter.keys)
    if first.is_header and last.is_header:
        return None if rest else f"put what stands below both `[{header}]` together"
    if not shorter.is_header:
        return "remove one of them, or put all of it in one table" if rest else "remove one of them"
    if not rest:
        return "remove one of them, or put all of it in one table"
    if first is shorter:  # dotted keys reach into a section from another one
        reached = section is None or len(section.keys) < len(first.keys)
        return f"write it below `[{header}]`, as `{rest} = …`" if reached else None
    if longer.is_header:
        return None
    written = text[slice(*first.span)]
    return (
        f"write it below `[{header}]`, as `{rest} = …`; or leave out `[{header}]` and write all of its keys like "
        f"`{written}`, beside that one"
    )


def _hidden(text: str) -> str:
    """A text that is no TOML, of the same length, without all that may be a secret.

    Where the section or the words of a line sound like one, only the key that the line begins with stays, and of what
    such a line leaves open, be it a text, an array or a table, nothing.
    """
    return login_masked("".join(_lines_hidden(text)))


def _lines_hidden(text: str) -> Iterator[str]:
    delicate, quotes, depth = False, "", 0
    for line in text.splitlines(keepends=True):
        if quotes:
            _, closed, rest = line.partition(quotes)
            if closed:
                quotes, deeper = _left_open(rest)
                depth += deeper
            yield masked(line)
        elif depth > 0 and not re.fullmatch(_PLAIN_HEADER, line.strip()):
            quotes, deeper = _left_open(line)
            depth += deeper
            yield masked(line)
        elif header := re.fullmatch(_HEADER, line.strip()):
            delicate = any(is_delicate((word.strip(" \"'"),), "") for word in header[1].split("."))
            depth = 0
            yield line
        elif delicate or any(is_delicate((word,), "") for word in re.findall(_WORD, line)):
            end = _end(_KEY, line, 0)
            quotes, depth = _left_open(line)
            yield line[:end] + masked(line[end:])
        else:
            yield line


def _left_open(line: str) -> tuple[str, int]:
    """What ends the text that begins on a line and does not end there, and how many brackets stay open."""
    quotes = next((each for each in ('"' * 3, "'" * 3) if line.count(each) % 2), "")
    bare = re.sub(_CLOSED, "", line[: line.rfind(quotes)] if quotes else line)
    return quotes, sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))
