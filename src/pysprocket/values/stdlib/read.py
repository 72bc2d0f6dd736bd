"""Functions that read files.

In: Files. Out: what they hold. Source: WDL specification, "Functions that read from files". Texts are UTF-8; a line
ends in a newline, with or without a carriage return; the last line needs none. A byte order mark is no part of what
is read, save by `read_string`, which gives the text as it is.
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

_INTEGER = r"[+-]?[0-9]+"
_IDENTIFIER = r"[A-Za-z][A-Za-z0-9_]*"
_NOT_FINITE = r"[\[:,\s](NaN|-?Infinity)\b|\A(NaN|-?Infinity)\b"
_MOST_DIGITS = 4000  # beyond any Int; Python converts no more than about this
_NAMES_HELP = 'write `read_tsv(file, false, ["first", "second"])`'
_OBJECTS_HELP = "`read_objects` takes any number of lines of values"


def _text(context: Context, path: str, encoding: str = "utf-8-sig") -> str:
    try:
        return context.host_path(path).read_bytes().decode(encoding)
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
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def _table(context: Context, path: str) -> list[list[str]]:
    return [line.split("\t") for line in read_lines(context, path)]


def read_string(context: Context, path: str) -> str:
    """The whole text, without the line ends at its end."""
    return _text(context, path, "utf-8").rstrip("\r\n")


def read_int(context: Context, path: str) -> int:
    """The Int that is all the file holds."""
    text = _text(context, path).strip()
    if not re.fullmatch(_INTEGER, text):
        raise _unfit("read_int", path, "an Int", text)
    if len(text) > _MOST_DIGITS or not INT_MIN <= (number := int(text)) <= INT_MAX:
        raise EvaluationError(f"`read_int`: the number {quote(text)} in `{path}` does not fit into 64 bits")
    return number


def _unfit(function: str, path: str, wanted: str, text: str) -> EvaluationError:
    found = f"found {quote(text)}" if text else "it is empty"
    return EvaluationError(f"`{function}` needs a file that holds {wanted} alone; `{path}`: {found}")


def read_float(context: Context, path: str) -> float:
    """The Float, or Int, that is all the file holds."""
    text = _text(context, path)
    try:
        return float(parse_number(text, "Float"))
    except CoercionError:
        raise _unfit("read_float", path, "a Float", text.strip()) from None


def read_boolean(context: Context, path: str) -> bool:
    """`true` or `false`, in any letter case."""
    text = _text(context, path).strip()
    if text.lower() not in ("true", "false"):
        raise _unfit("read_boolean", path, "`true` or `false`", text)
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
        raise EvaluationError("`read_tsv` without a header line needs names for the columns", help=_NAMES_HELP)
    return _objects("read_tsv", path, names, rows, 1 + bool(has_header))


def _objects(function: str, path: str, names: list[str], rows: list[list[str]], first: int = 2) -> list[Object]:
    """One Object for each row; `first` is the number of the line that the first row is."""
    for place, name in enumerate(names):
        if not re.fullmatch(_IDENTIFIER, name):
            raise EvaluationError(f"`{function}`: {quote(name)} cannot be the name of a column of `{path}`")
        if name in names[:place]:
            raise EvaluationError(f"`{function}`: two columns of `{path}` have the name `{name}`")
    for number, row in enumerate(rows, start=first):
        if len(row) != len(names):
            raise _ragged(function, path, number, row, len(names))
    return [Object(zip(names, row, strict=True)) for row in rows]


def _ragged(function: str, path: str, number: int, row: list[str], wanted: int) -> EvaluationError:
    found = f"{len(row)} column{'s' * (len(row) != 1)}" if row != [""] else "nothing"
    message = f"`{function}`: line {number} of `{path}` has {found} where {wanted} columns are needed"
    return EvaluationError(message, help="one tab separates two columns")


def read_map(context: Context, path: str) -> dict[str, str]:
    """Two columns, keys and values."""
    result: dict[str, str] = {}
    for number, row in enumerate(_table(context, path), start=1):
        if len(row) != 2:
            raise _ragged("read_map", path, number, row, 2)
        if row[0] in result:
            raise EvaluationError(f"`read_map`: line {number} of `{path}` has the key {quote(row[0])} a second time")
        result[row[0]] = row[1]
    return result


def read_json(context: Context, path: str) -> Value:
    """Any JSON value; of members of one name the last counts."""
    text = _text(context, path)
    if not text.strip():
        raise EvaluationError(f"`read_json`: `{path}` is empty", help="the empty value of JSON is `null`")
    try:
        return plain_value(decode(text))
    except EvaluationError as error:
        help_ = "JSON has no NaN and no Infinity: write null" if re.search(_NOT_FINITE, text) else None
        raise EvaluationError(f"`read_json`: `{path}`: {error}", help=help_) from None
    except RecursionError:
        raise EvaluationError(f"`read_json`: the values in `{path}` are nested too deeply") from None


def read_object(context: Context, path: str) -> Object:
    """One row of names and one of values."""
    rows = _table(context, path)
    if len(rows) != 2:
        found = f"`{path}` has {len(rows)} line{'s' * (len(rows) != 1)}"
        raise EvaluationError(f"`read_object` needs a line of names and one of values; {found}", help=_OBJECTS_HELP)
    return _objects("read_object", path, rows[0], rows[1:])[0]


def read_objects(context: Context, path: str) -> list[Object]:
    """One row of names, and one of values for each Object."""
    rows = _table(context, path)
    return _objects("read_objects", path, rows[0], rows[1:]) if rows else []


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
