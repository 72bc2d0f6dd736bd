"""WDL values as Python values, chosen so that evaluation is native speed.

| WDL | Python |
|---|---|
| Boolean, Int, Float, String, None | bool, int (64 bits, checked), float, str, None |
| File, Directory | `File`, `Directory`: strings that are known to be paths |
| Array | list, never changed once made |
| Map | dict in insertion order |
| Pair | `Pair`, a named tuple |
| Object | `Object`, a dict of members |
| struct | `StructValue`, a dict of all its members in order of definition, None for unset ones |
| enum choice | `EnumValue`, a string that is the name of the choice and knows its value |
| `hints`, `input`, `output` literal | `HintsValue`, a dict |

In: nothing. Out: these classes and the functions that walk values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias


class File(str):
    """The path of a file as the code that holds it sees it (in a task: inside its container), or a URL."""

    __slots__ = ()


class Directory(str):
    """The path of a directory, without a trailing slash, or a URL."""

    __slots__ = ()


class Object(dict[str, "Value"]):
    """An Object: members in the order they were given; equality does not look at the order."""

    __slots__ = ()


class HintsValue(dict[str, "Value"]):
    """A `hints`, `input` or `output` literal of a hints section."""

    __slots__ = ()


class StructValue(dict[str, "Value"]):
    """A struct: every member of its type, in order of definition."""

    __slots__ = ("name",)

    def __init__(self, name: str, members: dict[str, Value]) -> None:
        super().__init__(members)
        self.name = name


class EnumValue(str):
    """A choice of an enum: the text is the name of the choice; `value` is its inner value."""

    __slots__ = ("enum", "value")
    enum: str
    value: Value

    def __new__(cls, enum: str, choice: str, value: Value) -> EnumValue:
        """A choice of the enum called `enum`."""
        self = super().__new__(cls, choice)
        self.enum = enum
        self.value = value
        return self


class Pair(NamedTuple):
    """A Pair."""

    left: Value
    right: Value


Value: TypeAlias = Any
"""Any of the classes above; static types of WDL are in `types.model`, not in Python's annotations."""


def map_paths(value: Value, change: Callable[[File | Directory], Value]) -> Value:
    """`value` with each File and Directory inside it, map keys too, replaced by what `change` gives for it."""
    if isinstance(value, (File, Directory)):
        return change(value)
    if isinstance(value, list):
        return [map_paths(item, change) for item in value]
    if isinstance(value, Pair):
        return Pair(map_paths(value.left, change), map_paths(value.right, change))
    if isinstance(value, StructValue):
        return StructValue(value.name, {name: map_paths(item, change) for name, item in value.items()})
    if isinstance(value, dict):
        return type(value)({map_paths(key, change): map_paths(item, change) for key, item in value.items()})
    return value


def paths_in(value: Value) -> list[File | Directory]:
    """Each File and Directory inside a value, in their order."""
    found: list[File | Directory] = []

    def note(path: File | Directory) -> Value:
        found.append(path)
        return path

    map_paths(value, note)
    return found
