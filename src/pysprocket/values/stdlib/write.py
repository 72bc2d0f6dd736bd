"""Functions that write files.

In: values. Out: new Files, made by the context. Source: WDL specification, "Functions that write to files". Each line
ends in a newline; an empty array gives an empty file. What would break a table, a tab or newline in a cell, is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def _write_table(context: Context, rows: Iterable[Iterable[Value]]) -> File:
    return context.write_file("".join("\t".join(map(_cell, row)) + "\n" for row in rows), ".tsv")


def _cell(value: Value) -> str:
    text = to_text(value)
    if "\t" in text or "\n" in text or "\r" in text:
        raise EvaluationError(f"a cell of a table cannot hold a tab or a line end: {quote(text)}")
    return text


def write_tsv(context: Context, rows: list[Value], header: bool = False, names: list[str] | None = None) -> File:  # noqa: FBT001, FBT002 - WDL gives it by position
    """A table of rows or of structs, whose members are the columns; `header` asks for a line of names."""
    structs = bool(rows) and isinstance(rows[0], dict)
    if header and names is None:
        names = list(rows[0]) if structs else []
    table = [list(row.values()) for row in rows] if structs else rows
    if header and names and any(len(row) != len(names) for row in table):
        raise EvaluationError(f"there are {len(names)} names for the columns, but rows of another length")
    return _write_table(context, [names, *table] if header and names else table)


def write_map(context: Context, mapping: dict[Value, Value]) -> File:
    """Two columns, keys and values."""
    return _write_table(context, mapping.items())


def write_json(context: Context, value: Value) -> File:
    """JSON; a Pair is an object with `left` and `right`.

    Raises:
        EvaluationError: a map whose keys are no Strings, which has no JSON form.
    """
    _check_json(value)
    return context.write_file(msgspec.json.encode(to_json(value)).decode(), ".json")


def _check_json(value: Value) -> None:
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise EvaluationError(f"`write_json` cannot write a map whose keys are no Strings: {quote(key)}")
        value = list(value.values())
    if isinstance(value, (list, Pair)):
        for item in value:
            _check_json(item)


def write_object(context: Context, value: Object | StructValue) -> File:
    """A line of names and one of values."""
    return write_objects(context, [value])


def write_objects(context: Context, values: list[Object | StructValue]) -> File:
    """A line of names, and one of values for each Object; all have the same members."""
    if not values:
        return context.write_file("", ".tsv")
    names = list(values[0])
    for value in values:
        if value.keys() != set(names):
            raise EvaluationError(f"not all have the members {', '.join(names)}: {quote(value)}")
        for name, item in value.items():
            if isinstance(item, (dict, list, Pair)):
                raise EvaluationError(f"member `{name}` is {kind(item)}; only primitive values fit into a table")
    return _write_table(context, [names, *([value[name] for name in names] for value in values)])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "write_lines": write_lines,
    "write_tsv": write_tsv,
    "write_map": write_map,
    "write_json": write_json,
    "write_object": write_object,
    "write_objects": write_objects,
}
