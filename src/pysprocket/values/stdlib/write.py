"""Functions that write files.

In: values. Out: new Files, made by the context. Source: WDL specification, "Functions that write to files". Each line
ends in a newline; an empty array gives an empty file. What would break a table, a tab or newline in a cell, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from typing import Any

import msgspec

from pysprocket.errors import EvaluationError
from pysprocket.values.context import Context
from pysprocket.values.json import to_json
from pysprocket.values.model import File, Object, Pair, StructValue, Value
from pysprocket.values.text import kind, quote, to_text


def write_lines(context: Context, lines: list[Value]) -> File:
    """A file with one line per item."""
    return context.write_file("".join(to_text(line) + "\n" for line in lines), ".txt")


def _write_table(context: Context, function: str, rows: Iterable[Iterable[Value]]) -> File:
    lines = ("\t".join([_cell(function, value) for value in row]) + "\n" for row in rows)
    return context.write_file("".join(lines), ".tsv")


def _cell(function: str, value: Value) -> str:
    text = to_text(value)
    if "\t" in text or "\n" in text or "\r" in text:
        help_ = "replace them with `sub`, or write JSON with `write_json`"
        raise EvaluationError(f"`{function}`: a cell cannot hold a tab or a line end: {quote(text)}", help=help_)
    return text


def write_tsv(context: Context, rows: list[Value], header: bool = False, names: list[str] | None = None) -> File:  # noqa: FBT001, FBT002 - WDL gives it by position
    """A table of rows or of structs, whose members are the columns; `header` asks for a line of names."""
    structs = bool(rows) and isinstance(rows[0], dict)
    if header and names is None:
        names = list(rows[0]) if structs else []
    table = [list(row.values()) for row in rows] if structs else rows
    if not header or not names:
        return _write_table(context, "write_tsv", table)
    for number, row in enumerate(table, start=1):
        if len(row) != len(names):
            found = f"{_count(names, 'name')} for the columns, but row {number} has {_count(row, 'column')}"
            raise EvaluationError(f"`write_tsv`: {found}")
    return _write_table(context, "write_tsv", [names, *table])


def _count(items: Sized, noun: str) -> str:
    return f"{len(items)} {noun}{'s' * (len(items) != 1)}"


def write_map(context: Context, mapping: dict[Value, Value]) -> File:
    """Two columns, keys and values."""
    return _write_table(context, "write_map", mapping.items())


def write_json(context: Context, value: Value) -> File:
    """JSON.

    Raises:
        EvaluationError: a Pair, or a Map whose keys are no Strings: they have no JSON form.
    """
    _check_json(value)
    return context.write_file(msgspec.json.encode(to_json(value)).decode(), ".json")


def _check_json(value: Value) -> None:
    if isinstance(value, Pair):
        remedy = "write a struct with two members, or both sides by themselves"
        raise EvaluationError(f"`write_json` cannot write a Pair, which has no JSON form: {quote(value)}", help=remedy)
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise EvaluationError(f"`write_json` cannot write a Map whose keys are no Strings: {quote(key)}")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _check_json(item)


def write_object(context: Context, value: Object | StructValue) -> File:
    """A line of names and one of values."""
    return _write_objects(context, "write_object", [value])


def write_objects(context: Context, values: list[Object | StructValue]) -> File:
    """A line of names, and one of values for each Object; all have the same members."""
    return _write_objects(context, "write_objects", values) if values else context.write_file("", ".tsv")


def _write_objects(context: Context, function: str, values: list[Object | StructValue]) -> File:
    names = list(values[0])
    for index, value in enumerate(values):
        if value.keys() != values[0].keys():
            found = f"item {index} has the members {', '.join(value)}, not {', '.join(names)} as item 0"
            raise EvaluationError(f"`{function}`: {found}")
        for name, item in value.items():
            if isinstance(item, (dict, list, Pair)):
                help_ = "only primitive values fit into a table; write JSON with `write_json`"
                raise EvaluationError(f"`{function}`: member `{name}` is {kind(item)}", help=help_)
    return _write_table(context, function, [names, *([value[name] for name in names] for value in values)])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "write_lines": write_lines,
    "write_tsv": write_tsv,
    "write_map": write_map,
    "write_json": write_json,
    "write_object": write_object,
    "write_objects": write_objects,
}
