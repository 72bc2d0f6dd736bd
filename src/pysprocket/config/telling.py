"""Mistakes in settings as diagnostics.

In: `Problem` values and the layers they are in, files that cannot be read. Out: `Diagnostic` values and the
`ConfigError` that holds them. Only imported when there is something to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pysprocket.config.layers import Layer
from pysprocket.config.problems import Problem
from pysprocket.errors import ConfigError
from pysprocket.source.diagnostic import Diagnostic, Label, error
from pysprocket.source.text import Source

_PLACE = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"
_STRING = r"""\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)|[^\n]*"""
_HIDDEN = rf"(?ims)^([^=\n]*(?:pass?w|secret|token|key|cred|auth)[^=\n]*=\s*)({_STRING})"
_REMEDIES = {
    "Invalid value": "texts are written in quotes",
    "Invalid statement": 'write `key = value`, and `"key"` where it has other signs than letters, digits, `_` and `-`',
    "Cannot overwrite a value": "remove one of them",
    "Expected newline or end of document after a statement": "write one `key = value` on each line",
}
_MESSAGES = {
    "Cannot overwrite a value": "a key is set twice",
    "Invalid value": "this is no value",
    "Invalid statement": "this is no setting",
}


def diagnostic(layer: Layer, problem: Problem) -> Diagnostic:
    """A mistake at its place."""
    labels = [layer.label(problem.keys, on_value=problem.on_value)]
    if problem.other is not None:
        labels.append(layer.label(problem.other, remark="set here first"))
    return error(problem.code, problem.message, *labels, help=problem.help)


def unreadable(name: str, reason: str) -> Diagnostic:
    """A file that cannot be read."""
    return error("UnreadableConfig", f"the configuration file `{name}` {reason}")


def no_toml(path: Path, name: str, text: str, mistake: str) -> Diagnostic:
    """A text that is not TOML, as `tomllib` tells it."""
    found = re.search(_PLACE, mistake)
    what = mistake[: found.start()] if found else mistake
    source = Source(path.absolute().as_uri(), re.sub(_HIDDEN, _hidden, text), name)
    at = source.offset(int(found[1]), int(found[2])) if found and found[1] else len(text.rstrip())
    end = re.compile(r"[^\s,\]}#]*").match(text, at)
    label = Label(source, at, max(end.end() if end else at, at + 1))
    said = _MESSAGES.get(what) or what[:1].lower() + what[1:]
    return error("InvalidToml", f"`{name}` is not valid TOML: {said}", label, help=_REMEDIES.get(what))


def _hidden(line: re.Match[str]) -> str:
    return line[1] + re.sub(r"[^\n]", "*", line[2])


def refusal(diagnostics: Sequence[Diagnostic]) -> ConfigError:
    """The error that holds all of them, each as `file:line:column: message` in its text."""
    ordered = _ordered(diagnostics)
    return ConfigError("\n".join(map(_compact, ordered)), diagnostics=ordered)


def _ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By layer as they came, in each from its top to its end."""
    rank: dict[str, int] = {}
    for each in diagnostics:
        rank.setdefault(_uri(each), len(rank))
    return sorted(diagnostics, key=lambda each: (rank[_uri(each)], each.labels[0].start if each.labels else 0))


def _uri(each: Diagnostic) -> str:
    return each.labels[0].source.uri if each.labels else each.message


def _compact(each: Diagnostic) -> str:
    if not each.labels:
        return each.message
    label = each.labels[0]
    line, column = label.source.position(label.start)
    return f"{label.source.name}:{line}:{column}: {each.message}"
