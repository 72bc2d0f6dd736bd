"""WDL values as JSON data that says all about them, whatever the type they are wanted as.

In: values, and what to write for a File or Directory. Out: JSON data, and the values again. Unlike the JSON of inputs
and outputs it keeps a Pair, an Object and a struct apart, and a Float that is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pysprocket.values.model import Directory, EnumValue, File, HintsValue, Object, Pair, StructValue, Value

_DICTS: dict[str, type[dict[Any, Any]]] = {"Map": dict, "Object": Object, "Hints": HintsValue}
_PATHS: dict[str, type[File | Directory]] = {"File": File, "Directory": Directory}


def exact(value: Value, path: Callable[[File | Directory], object]) -> object:
    """`value` as JSON data; `path` gives what stands for a File or Directory."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"Float": repr(value)}
    if isinstance(value, (File, Directory)):
        return {type(value).__name__: path(value)}
    if isinstance(value, EnumValue):
        return {"Enum": [value.enum, str(value), exact(value.value, path)]}
    if isinstance(value, Pair):
        return {"Pair": [exact(value.left, path), exact(value.right, path)]}
    if isinstance(value, (list, tuple)):
        return [exact(item, path) for item in value]
    if isinstance(value, StructValue):
        return {"Struct": [value.name, _entries(value, path)]}
    if isinstance(value, dict):
        name = next((name for name, kind in _DICTS.items() if type(value) is kind), "Map")
        return {name: _entries(value, path)}
    raise TypeError(f"a {type(value).__name__} has no exact form")


def _entries(value: dict[Any, Any], path: Callable[[File | Directory], object]) -> list[object]:
    return [[exact(key, path), exact(item, path)] for key, item in value.items()]


def read_exact(data: Any, path: Callable[[Any], str]) -> Value:
    """The value that JSON data of `exact` says; `path` gives the path for what stands for one."""
    if isinstance(data, list):
        return [read_exact(item, path) for item in data]
    if not isinstance(data, dict):
        return data
    ((kind, content),) = data.items()
    if kind in _PATHS:
        return _PATHS[kind](path(content))
    if kind == "Float":
        return float(content)
    if kind == "Enum":
        return EnumValue(content[0], content[1], read_exact(content[2], path))
    if kind == "Pair":
        return Pair(read_exact(content[0], path), read_exact(content[1], path))
    if kind == "Struct":
        return StructValue(content[0], {key: read_exact(item, path) for key, item in content[1]})
    return _DICTS[kind]({read_exact(key, path): read_exact(item, path) for key, item in content})
