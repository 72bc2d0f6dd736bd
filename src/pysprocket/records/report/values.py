"""Inputs and outputs, and where cached calls had run.

In: `Contents`. Out: sections of the page that are shown when somebody opens them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pysprocket.records.report.contents import Contents
from pysprocket.records.report.failures import multiline
from pysprocket.records.report.markup import Markup, code, element, folded_table, join
from pysprocket.records.report.words import NOTHING
from pysprocket.source.uris import without_secrets
from pysprocket.source.visible import count

_LONGEST_VALUE = 4000
_MOST_ORIGINS = 500
_SHORT_KEY = 12
_LONGEST_LINE = 200


def inputs_and_outputs(contents: Contents) -> Markup:
    """The section; empty when there are none."""
    run = contents.run
    parts = [("Inputs", run.inputs), ("Outputs", run.outputs or {})]
    shown = [_value_table(name, values) for name, values in parts if values]
    if not shown:
        return Markup()
    return element("section", element("h2", "Inputs and outputs"), *shown, class_="long")


def _value_table(name: str, values: Mapping[str, Any]) -> Markup:
    rows = [element("tr", element("td", code(key)), element("td", _value(value))) for key, value in values.items()]
    table = element("table", element("tbody", *rows), class_="plain values")
    return element("details", element("summary", f"{count(len(values), name[:-1].lower())}"), table)


def _value(value: object) -> Markup:
    text = value if isinstance(value, str) else _json(value)
    text = without_secrets(text)
    if len(text) > _LONGEST_VALUE:
        left = len(text) - _LONGEST_VALUE
        return join(
            element("pre", multiline(text[:_LONGEST_VALUE])),
            element("span", f"and {left:,} more characters", class_="dim"),
        )
    return element("pre", multiline(text)) if "\n" in text else code(text or '""')


def _json(value: object) -> str:
    data = msgspec.json.encode(value)
    return (data if len(data) < _LONGEST_LINE else msgspec.json.format(data, indent=2)).decode()


def origins(contents: Contents) -> Markup:
    """The section about calls that were taken from the call cache; empty when none was."""
    found = [
        (call.name, attempt.record.cache_origin, attempt.record.cache_key)
        for call in contents.calls
        for attempt in call.attempts
        if attempt.record.cache_origin
    ]
    if not found:
        return Markup()
    rows = [
        element(
            "tr",
            element("td", code(call_id)),
            element("td", code(_place(contents, origin))),
            element("td", element("code", _start(key or NOTHING), title=key)),
        )
        for call_id, origin, key in found[:_MOST_ORIGINS]
    ]
    table = folded_table(count(len(found), "call"), ("Call", "Ran in", "Key"), rows, len(found) - len(rows))
    return element("section", element("h2", "Taken from the call cache"), table, class_="long")


def _start(key: str) -> str:
    return key if len(key) <= _SHORT_KEY else f"{key[:_SHORT_KEY]}…"


def _place(contents: Contents, origin: str | None) -> str:
    return NOTHING if origin is None else str(contents.path(origin))
