"""Choices of enums as values.

In: enum types, whose values are constants of tuples. Out: `choice`. Source: WDL specification 1.3, "Enumeration Types".
"""

from __future__ import annotations

from typing import Any

from pysprocket.types.model import ArrayType, EnumType, MapType, PairType, Primitive, StructType, Type
from pysprocket.values.model import Directory, EnumValue, File, Pair, StructValue, Value


def choice(enum: EnumType, name: str) -> EnumValue | None:
    """The choice of an enum called `name`, None when it has none of that name."""
    for known, constant in enum.choices:
        if known == name:
            return EnumValue(enum.name, name, _thawed(constant, enum.value))
    return None


def _thawed(constant: Any, type_: Type) -> Value:
    """The value that stands in an `EnumType` as a constant of tuples."""
    if constant is None:
        return None
    if isinstance(type_, ArrayType):
        return [_thawed(item, type_.item) for item in constant]
    if isinstance(type_, PairType):
        return Pair(_thawed(constant[0], type_.left), _thawed(constant[1], type_.right))
    if isinstance(type_, MapType):
        return {_thawed(key, type_.key): _thawed(value, type_.value) for key, value in constant}
    if isinstance(type_, StructType):
        given = dict(constant)
        return StructValue(type_.name, {name: _thawed(given.get(name), member) for name, member in type_.members})
    if isinstance(type_, Primitive) and type_.name in _PATHS:
        return _PATHS[type_.name](constant)
    return constant


_PATHS = {"File": File, "Directory": Directory}
