"""Mistakes in settings as diagnostics.

In: `Problem` values and the layers they are in, files that cannot be read (those that are no TOML:
`config.invalid_toml`). Out: `Diagnostic` values and the `ConfigError` that holds them. Only imported when there is
something to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pysprocket.config import toml
from pysprocket.config.confidential import leaves, said_without
from pysprocket.config.layers import Layer, at
from pysprocket.config.problems import Keys, Problem
from pysprocket.config.secrets import REDACTED
from pysprocket.errors import ConfigError
from pysprocket.source.diagnostic import Diagnostic, Label, error, warning


def diagnostic(layer: Layer, problem: Problem) -> Diagnostic:
    """A mistake at its place."""
    labels = [layer.label(problem.keys, on_value=problem.on_value)]
    if problem.other is not None:
        first, later = sorted((layer.label(problem.other), *labels), key=lambda label: label.start)
        labels = [later, Label(first.source, first.start, first.end, "set here first")]
    hidden = sorted(_delicate(layer, problem.keys), key=len, reverse=True)
    remedy = None if problem.help is None else _without(problem.help, hidden)
    return error(problem.code, _without(problem.message, hidden), *labels, help=remedy)


def _delicate(layer: Layer, keys: Keys) -> set[str]:
    """What a message about a setting may quote and must not."""
    found = set()
    for path, value in leaves(at(layer.data, keys), keys):
        if layer.hides(path, value):
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
