"""Functions that read files.

In: Files. Out: what they hold. Source: WDL specification, "Functions that read from files". Texts are UTF-8; a line
ends in a newline, with or without a carriage return; the last line needs none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pysprocket.errors import CoercionError, EvaluationError
from pysprocket.values.coerce import INT_MAX, INT_MIN, parse_number
from pysprocket.values.context import Context
from pysprocket.values.json import decode, plain_value
from pysprocket.values.model import Object, Value
from pysprocket.values.text import quote

_INTEGER = re.compile(r"[+-]?[0-9]+")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def _text(context: Context, path: str) -> str:
    try:
        return context.host_path(path).read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise EvaluationError(f"file `{path}` does not exist") from None
    except UnicodeDecodeError as error:
        raise EvaluationError(f"file `{path}` is not UTF-8 text: byte {error.start} cannot be read") from None
    except OSError as error:
        raise EvaluationError(f"file `{path}` cannot be read: {error.strerror}") from error


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _table(context: Context, path: str) -> list[list[str]]:
    return [line.split("\t") for line in read_lines(context, path)]


def read_string(context: Context, path: str) -> str:
    """The whole text, without the line ends at its end."""
    return _text(context, path).rstrip("\r\n")


def read_int(context: Context, path: str) -> int:
    """The Int that is all the file holds."""
    text = _text(context, path).strip()
    if not _INTEGER.fullmatch(text):
        raise EvaluationError(f"file `{path}` does not hold an Int: {quote(text)}")
    if not INT_MIN <= (number := int(text)) <= INT_MAX:
        raise EvaluationError(f"file `{path}`: {quote(text)} does not fit into 64 bits")
    return number


def read_float(context: Context, path: str) -> float:
    """The Float, or Int, that is all the file holds."""
    text = _text(context, path)
    try:
        return float(parse_number(text, "Float"))
    except CoercionError:
        raise EvaluationError(f"file `{path}` does not hold a Float: {quote(text.strip())}") from None


def read_boolean(context: Context, path: str) -> bool:
    """`true` or `false`, in any letter case."""
    text = _text(context, path).strip()
    if text.lower() not in ("true", "false"):
        raise EvaluationError(f"file `{path}` does not hold a Boolean: {quote(text)}")
    return text.lower() == "true"


def read_lines(context: Context, path: str) -> list[str]:
    """The lines, without their ends."""
    return _lines(_text(context, path))


def read_tsv(context: Context, path: str, *options: Value) -> list[list[str]] | list[Object]:
    """The rows of a table; with a header, or with names for the columns, as Objects."""
    rows = _table(context, path)
    if not options:
        return rows
    has_header, names = options[0], options[1] if len(options) > 1 else None
    if has_header:
        header, rows = (rows[0], rows[1:]) if rows else ([], [])
        names = header if names is None else names
    if names is None:
        raise EvaluationError("`read_tsv` without a header line needs names for the columns")
    return _objects(path, names, rows)


def _objects(path: str, names: list[str], rows: list[list[str]]) -> list[Object]:
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            raise EvaluationError(f"file `{path}`: {quote(name)} cannot be the name of a member")
    if len(set(names)) != len(names):
        raise EvaluationError(f"file `{path}`: two columns have the same name")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise EvaluationError(f"file `{path}`: row {number} has {len(row)} columns, not {len(names)}")
    return [Object(zip(names, row, strict=True)) for row in rows]


def read_map(context: Context, path: str) -> dict[str, str]:
    """Two columns, keys and values."""
    result: dict[str, str] = {}
    for number, row in enumerate(_table(context, path), start=1):
        if len(row) != 2:
            raise EvaluationError(f"file `{path}`: line {number} has {len(row)} columns, not 2")
        if row[0] in result:
            raise EvaluationError(f"file `{path}`: line {number} has the key {quote(row[0])} for the second time")
        result[row[0]] = row[1]
    return result


def read_json(context: Context, path: str) -> Value:
    """Any JSON value."""
    text = _text(context, path)
    if not text.strip():
        raise EvaluationError(f"file `{path}` is empty and holds no JSON")
    try:
        return plain_value(decode(text))
    except EvaluationError as error:
        raise EvaluationError(f"file `{path}`: {error}") from None


def read_object(context: Context, path: str) -> Object:
    """One row of names and one of values."""
    rows = _table(context, path)
    if len(rows) != 2:
        raise EvaluationError(f"file `{path}` has {len(rows)} rows; an Object is one of names and one of values")
    return _objects(path, rows[0], rows[1:])[0]


def read_objects(context: Context, path: str) -> list[Object]:
    """One row of names, and one of values for each Object."""
    rows = _table(context, path)
    return _objects(path, rows[0], rows[1:]) if rows else []


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "read_string": read_string,
    "read_int": read_int,
    "read_float": read_float,
    "read_boolean": read_boolean,
    "read_lines": read_lines,
    "read_tsv": read_tsv,
    "read_map": read_map,
    "read_json": read_json,
    "read_object": read_object,
    "read_objects": read_objects,
}
