"""Mistakes in settings as diagnostics.

In: `Problem` values and the layers they are in, files that cannot be read. Out: `Diagnostic` values and the
`ConfigError` that holds them. Only imported when there is something to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pysprocket.config import toml
from pysprocket.config.confidential import is_delicate, leaves, login_masked, said_without
from pysprocket.config.layers import Layer, at, masked
from pysprocket.config.positions import statements
from pysprocket.config.problems import Keys, Problem
from pysprocket.config.secrets import REDACTED
from pysprocket.errors import ConfigError
from pysprocket.source.diagnostic import Diagnostic, Label, error, warning
from pysprocket.source.text import Source

_PLACE = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"
_HEADER = r"\[+([^\[\]]*)\]+\s*(?:#.*)?"
_WORD = r"[A-Za-z][\w-]*"
_KEY = r"""\s*[\w.-]+(?=\s*[=:](?!=|\s*$)|\s+[\"'{\[])\s*[=:]?\s*"""
"""What a line begins with that is a key, as far as anybody can tell."""

_KEY_REMEDY = 'a key with other signs than letters, digits, `_` and `-` stands in quotes: `"my key" = 1`'
_SAID = {
    "Invalid value": ("this is no value", "texts are written in quotes"),
    "Invalid statement": ("this is no setting", "write `key = value`, or `[section]`"),
    "Expected '=' after a key in a key/value pair": ("a key has no `=` and no value", _KEY_REMEDY),
    "Expected newline or end of document after a statement": (
        "there is more behind the end of a setting",
        "write one `key = value` on each line, and texts in quotes",
    ),
    "Expected ']' at the end of a table declaration": ("the name of a section has no `]` at its end", _KEY_REMEDY),
    "Illegal character '\\n'": ("a text has no end on its line", "close it by the quote it began with"),
}
_TWICE = ("Cannot overwrite a value", "Cannot declare ", "Cannot mutate ", "Cannot redefine ")


def diagnostic(layer: Layer, problem: Problem) -> Diagnostic:
    """A mistake at its place."""
    labels = [layer.label(problem.keys, on_value=problem.on_value)]
    if problem.other is not None:
        labels.append(layer.label(problem.other, remark="set here first"))
    hidden = sorted(_delicate(layer, problem.keys), key=len, reverse=True)
    remedy = None if problem.help is None else _without(problem.help, hidden)
    return error(problem.code, _without(problem.message, hidden), *labels, help=remedy)


def _delicate(layer: Layer, keys: Keys) -> set[str]:
    """What a message about a setting may quote and must not."""
    found = set()
    for path, value in leaves(at(layer.data, keys), keys):
        if is_delicate(path, value) or path in layer.secrets:
            found |= {str(value), toml.value(value), *str(value).split()}
    return {text for text in found if text.strip("\"'")}


def _without(text: str, hidden: Iterable[str]) -> str:
    """A message without these, wherever it quotes them; names of keys, which are in `…` with others, stay."""
    for each in hidden:
        text = (
            re.sub(rf"(?<=[`'\"\s]){re.escape(each)}(?=[`'\"\s,.:;]|$)", REDACTED, text)
            if len(each) > 3
            else re.sub(rf"(?<=[`'\"]){re.escape(each)}(?=[`'\"])", REDACTED, text)
        )
    return said_without(text)


def unreadable(name: str, reason: str) -> Diagnostic:
    """A file that cannot be read."""
    return error("UnreadableConfig", f"the configuration file `{name}` {reason}")


def no_toml(path: Path, name: str, text: str, mistake: str) -> Diagnostic:
    """A text that is not TOML, as `tomllib` tells it."""
    found = re.search(_PLACE, mistake)
    what = mistake[: found.start()] if found else mistake
    source = Source(path.absolute().as_uri(), _hidden(text), name)
    at = source.offset(int(found[1]), int(found[2])) if found and found[1] else len(text.rstrip())
    if what.startswith(_TWICE) and (labels := _twice(source, text[:at])):
        return error(
            "InvalidToml", f"`{name}` sets a key or begins a section twice", *labels, help="remove one of them"
        )
    end = re.compile(r"[^\s,\]}#]*").match(text, at)
    label = Label(source, at, max(end.end() if end else at, at + 1))
    said, remedy = _SAID.get(what, (what[:1].lower() + what[1:], None))
    if found and not found[1]:
        said, remedy = f"it ends too early: {what[:1].lower()}{what[1:]}", None
    return error("InvalidToml", f"`{name}` is not valid TOML: {said}", label, help=remedy)


def _twice(source: Source, text: str) -> list[Label]:
    """The last key or section of a text, and what it gets in the way of."""
    *before, last = statements(text)  # at least the one that is wrong
    for first in before:
        shorter, longer = sorted((first.keys, last.keys), key=len)
        if longer[: len(shorter)] == shorter and (shorter == longer or not first.is_header):
            return [Label(source, *last.span), Label(source, *first.span, "it is here first")]
    return []


def _hidden(text: str) -> str:
    """A text that is no TOML, of the same length, without all that may be a secret.

    Where the section or the words of a line sound like one, only the key that the line begins with stays, and of what
    such a line leaves open, be it a text or an array, nothing.
    """
    shown, delicate, closing = [], False, ""
    for line in text.splitlines(keepends=True):
        if closing:
            closing = "" if closing in line else closing
            shown.append(masked(line))
        elif header := re.fullmatch(_HEADER, line.strip()):
            delicate = any(is_delicate((word.strip(" \"'"),), "") for word in header[1].split("."))
            shown.append(line)
        elif delicate or any(is_delicate((word,), "") for word in re.findall(_WORD, line)):
            key = re.match(_KEY, line)
            end = key.end() if key else 0
            closing = _left_open(line)
            shown.append(line[:end] + masked(line[end:]))
        else:
            shown.append(line)
    return login_masked("".join(shown))


def _left_open(line: str) -> str:
    """What ends the text or the array that begins on a line and does not end there."""
    for quotes in ('"' * 3, "'" * 3):
        if line.count(quotes) % 2:
            return quotes
    return "]" if line.count("[") > line.count("]") else ""


def refusal(diagnostics: Sequence[Diagnostic], remarks: Iterable[str] = ()) -> ConfigError:
    """The error that holds all of them, each as `file:line:column: message` in its text, and warnings behind them."""
    ordered = _ordered(diagnostics)
    warnings = [warning("", remark) for remark in remarks]
    return ConfigError("\n".join(map(_compact, ordered)), diagnostics=[*ordered, *warnings])


def _ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By layer as they came, in each from its top to its end."""
    rank: dict[int, int] = {}
    for each in diagnostics:
        rank.setdefault(_text(each), len(rank))
    return sorted(diagnostics, key=lambda each: (rank[_text(each)], each.labels[0].start if each.labels else 0))


def _text(each: Diagnostic) -> int:
    """What tells the text apart that a mistake is in."""
    return id(each.labels[0].source if each.labels else each)


def _compact(each: Diagnostic) -> str:
    if not each.labels:
        return each.message
    label = each.labels[0]
    line, column = label.source.position(label.start)
    return f"{label.source.name}:{line}:{column}: {each.message}"
