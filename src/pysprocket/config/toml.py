"""Writing TOML: what any reader of TOML 1.0 reads back as the same data.

In: data as `tomli` gives it. Out: a value on one line, a key, a whole file. Specification: TOML 1.0.0.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import msgspec

_BARE = r"[A-Za-z0-9_-]+"
Remark = Callable[[tuple[str, ...]], str]
"""What is said behind the value at a path of keys; empty for nothing."""


class Inline(dict[str, Any]):
    """A table that is written on one line, not as a section."""


class Unset(str):
    """A text that is written as a comment: it holds, and must not be set."""

    __slots__ = ()


def value(data: Any) -> str:
    """A value on one line.

    Raises:
        TypeError: TOML has no such value, as None.
    """
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        return _text(data)
    if isinstance(data, int):
        return str(data)
    if isinstance(data, float):
        return str(data) if math.isfinite(data) else str(data).lower()
    if isinstance(data, date | time):
        return data.isoformat()
    if isinstance(data, list | tuple):
        return "[" + ", ".join(map(value, data)) + "]"
    if isinstance(data, Mapping):
        entries = ", ".join(f"{key(name)} = {value(entry)}" for name, entry in data.items())
        return f"{{ {entries} }}" if entries else "{}"
    raise TypeError(f"TOML has no value for {data!r}")


def data_of(settings: Any) -> Any:
    """What TOML has for a value of settings, also of a type that only another package knows; None stays None."""
    return _without_none(msgspec.to_builtins(settings, builtin_types=(datetime, date, time), enc_hook=str))


def _without_none(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(name): _without_none(entry) for name, entry in data.items() if entry is not None}
    return [_without_none(entry) for entry in data if entry is not None] if isinstance(data, list | tuple) else data


def key(name: str) -> str:
    """A key, with quotes where it needs them."""
    return name if re.fullmatch(_BARE, name) else _text(name)


def dotted(path: tuple[str, ...]) -> str:
    """A path of keys."""
    return ".".join(map(key, path))


def document(data: Mapping[str, Any], remark: Remark | None = None) -> str:
    """A file: values, then a section for each table; each array, also one of tables, is on one line."""
    return "\n".join(_table(data, (), remark)).strip("\n") + "\n" if data else ""


def _table(data: Mapping[str, Any], path: tuple[str, ...], remark: Remark | None) -> Iterator[str]:
    tables = {
        name: entry for name, entry in data.items() if isinstance(entry, Mapping) and not isinstance(entry, Inline)
    }
    if path and (len(tables) < len(data) or not data):
        yield ""
        yield f"[{dotted(path)}]"
    for name, entry in data.items():
        if name not in tables:
            said = remark((*path, name)) if remark is not None else ""
            sign = "#" if isinstance(entry, Unset) else ""
            yield f"{sign}{key(name)} = {value(entry)}" + (f"  # {said}" if said else "")
    for name, table in tables.items():
        yield from _table(table, (*path, name), remark)


def _text(text: str) -> str:
    """A basic string: JSON escapes the same characters in the same way, but one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
