"""Which types fit where, and what two types have in common.

In: two types. Out: `coercible` (may a value of one be used where the other is wanted, and how surely) and
`common_type` (of the items of a literal or the branches of a conditional). Source: WDL specification, "Type
Coercion"; what it forbids and public workflows still rely on is `LENIENT`: accepted with a warning, converted with
a check when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from pysprocket.types.model import (
    ANY,
    FLOAT,
    STRING,
    ArrayType,
    EnumType,
    HintsType,
    MapType,
    ObjectType,
    PairType,
    Primitive,
    StructType,
    Type,
    UnionType,
    optional,
    required,
)


class Coercibility(IntEnum):
    """How surely a value of one type becomes one of another; the lesser of two is `min`."""

    NO = 0
    LENIENT = 1
    YES = 2


NO, LENIENT, YES = Coercibility.NO, Coercibility.LENIENT, Coercibility.YES

_PRIMITIVES: dict[tuple[str, str], Coercibility] = {
    ("Int", "Float"): YES,
    ("String", "File"): YES,
    ("String", "Directory"): YES,
    ("File", "String"): YES,
    ("Directory", "String"): YES,
    ("Float", "Int"): LENIENT,
    ("String", "Int"): LENIENT,
    ("String", "Float"): LENIENT,
    ("String", "Boolean"): LENIENT,
    ("Int", "String"): LENIENT,
    ("Float", "String"): LENIENT,
    ("Boolean", "String"): LENIENT,
}


def coercible(source: Type, target: Type) -> Coercibility:
    """How surely a value of type `source` can be used where `target` is wanted, in every version of WDL."""
    if source is target or source == target:
        return YES
    if isinstance(target, UnionType) and not target.optional:
        return YES
    if isinstance(source, UnionType):
        return YES if not source.optional or target.optional else NO
    level = YES
    if source.optional:
        level = YES if target.optional else LENIENT
        source = required(source)
    if target.optional:
        target = required(target)
    pair = _PAIRS.get((type(source), type(target)))
    fit = NO if pair is None else pair(source, target)
    return min(level, fit or _other_kind(source, target))


def _other_kind(source: Type, target: Type) -> Coercibility:
    """What is accepted though the kinds differ: a lone value as an array of one, an array as its JSON text."""
    if isinstance(target, ArrayType):
        return min(LENIENT, coercible(source, target.item))
    if isinstance(source, ArrayType) and target == STRING:
        return min(LENIENT, coercible(source.item, STRING))
    return NO


def _primitive(source: Primitive, target: Primitive) -> Coercibility:
    return YES if source.name == target.name else _PRIMITIVES.get((source.name, target.name), NO)


def _array(source: ArrayType, target: ArrayType) -> Coercibility:
    return coercible(source.item, target.item)  # emptiness is checked when the value is bound


def _map(source: MapType, target: MapType) -> Coercibility:
    return min(coercible(source.key, target.key), coercible(source.value, target.value))


def _pair(source: PairType, target: PairType) -> Coercibility:
    return min(coercible(source.left, target.left), coercible(source.right, target.right))


def _struct(source: StructType, target: StructType) -> Coercibility:
    have = dict(source.members)
    want = dict(target.members)
    if have.keys() - want.keys():
        return NO
    level = YES
    for name, type_ in want.items():
        if name in have:
            level = min(level, coercible(have[name], type_))
        else:
            level = min(level, LENIENT if type_.optional else NO)
    return level


def _map_to_struct(source: MapType, target: StructType) -> Coercibility:
    level = coercible(source.key, STRING)
    for _, type_ in target.members:
        level = min(level, max(coercible(source.value, type_), LENIENT))  # each value shows itself when it runs
    return level


def _struct_to_map(source: StructType, target: MapType) -> Coercibility:
    level = coercible(STRING, target.key)
    for _, type_ in source.members:
        level = min(level, coercible(type_, target.value))
    return level


def _object_to_map(source: ObjectType, target: MapType) -> Coercibility:
    return coercible(STRING, target.key)


def _map_to_object(source: MapType, target: ObjectType) -> Coercibility:
    return coercible(source.key, STRING)


def _map_to_pairs(source: MapType, target: ArrayType) -> Coercibility:
    return min(LENIENT, coercible(PairType(source.key, source.value), target.item))


def _pairs_to_map(source: ArrayType, target: MapType) -> Coercibility:
    return min(LENIENT, coercible(source.item, PairType(target.key, target.value)))


def _enum(source: EnumType, target: EnumType) -> Coercibility:
    same = source.original == target.original and source.choices == target.choices
    return YES if same and same_shape(source.value, target.value) else NO


def _enum_to_text(source: EnumType, target: Primitive) -> Coercibility:
    return YES if target.name == "String" else NO


def _text_to_enum(source: Primitive, target: EnumType) -> Coercibility:
    return YES if source.name == "String" else NO


def _always(source: Type, target: Type) -> Coercibility:
    return YES


def _same_kind(source: HintsType, target: HintsType) -> Coercibility:
    return YES if source.kind == target.kind else NO


_PAIRS: dict[tuple[type, type], Callable[[Any, Any], Coercibility]] = {
    (Primitive, Primitive): _primitive,
    (ArrayType, ArrayType): _array,
    (MapType, MapType): _map,
    (PairType, PairType): _pair,
    (StructType, StructType): _struct,
    (MapType, StructType): _map_to_struct,
    (StructType, MapType): _struct_to_map,
    (ObjectType, StructType): _always,
    (StructType, ObjectType): _always,
    (ObjectType, ObjectType): _always,
    (ObjectType, MapType): _object_to_map,
    (MapType, ObjectType): _map_to_object,
    (MapType, ArrayType): _map_to_pairs,
    (ArrayType, MapType): _pairs_to_map,
    (EnumType, EnumType): _enum,
    (EnumType, Primitive): _enum_to_text,
    (Primitive, EnumType): _text_to_enum,
    (HintsType, HintsType): _same_kind,
}


def is_key(type_: Type) -> bool:
    """Whether values can be the keys of a Map when it runs; WDL wants primitive ones that are not optional."""
    if isinstance(type_, PairType):
        return is_key(type_.left) and is_key(type_.right)
    return isinstance(type_, (Primitive, EnumType, UnionType))


def same_shape(one: Type, other: Type, *, ordered: bool = True) -> bool:
    """Whether two types are the same but for the names of structs and enums.

    That is their members and, where `ordered`, also the order of those.
    """
    if one is other:
        return True
    if type(one) is not type(other) or one.optional != other.optional:
        return False
    if isinstance(one, StructType) and isinstance(other, StructType):
        if one.members is other.members:
            return True
        mine, theirs = dict(one.members), dict(other.members)
        if (list(mine) != list(theirs)) if ordered else (mine.keys() != theirs.keys()):
            return False
        return all(same_shape(type_, theirs[name], ordered=ordered) for name, type_ in mine.items())
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        return one.nonempty == other.nonempty and same_shape(one.item, other.item, ordered=ordered)
    if isinstance(one, MapType) and isinstance(other, MapType):
        return one.key == other.key and same_shape(one.value, other.value, ordered=ordered)
    if isinstance(one, PairType) and isinstance(other, PairType):
        sides = (one.left, other.left), (one.right, other.right)
        return all(same_shape(mine, theirs, ordered=ordered) for mine, theirs in sides)
    if isinstance(one, EnumType) and isinstance(other, EnumType):
        same = one.choices == other.choices and one.explicit == other.explicit
        return same and same_shape(one.value, other.value)
    return one == other


def common_type(one: Type, other: Type, *, lenient: bool = False) -> Type | None:
    """The narrowest type that both fit, None when there is none.

    `lenient` also makes text of primitive types that differ, and arrays of one of lone values beside arrays.
    """
    if one is other or one == other:
        return one
    if isinstance(one, UnionType) or isinstance(other, UnionType):
        if isinstance(one, UnionType) and isinstance(other, UnionType):
            return ANY
        result = one if isinstance(other, UnionType) else other
        return optional(result) if one.optional or other.optional else result
    base = _common_required(required(one), required(other), lenient=lenient)
    return optional(base) if base is not None and (one.optional or other.optional) else base


def _common_required(one: Type, other: Type, *, lenient: bool) -> Type | None:
    if one == other:
        return one
    if isinstance(one, Primitive) and isinstance(other, Primitive):
        return _common_primitive(one.name, other.name, lenient=lenient)
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        item = common_type(one.item, other.item, lenient=lenient)
        return None if item is None else ArrayType(item, one.nonempty and other.nonempty)
    if isinstance(one, MapType) and isinstance(other, MapType):
        key = common_type(one.key, other.key, lenient=lenient)
        value = common_type(one.value, other.value, lenient=lenient)
        return None if key is None or value is None else MapType(key, value)
    if isinstance(one, PairType) and isinstance(other, PairType):
        left = common_type(one.left, other.left, lenient=lenient)
        right = common_type(one.right, other.right, lenient=lenient)
        return None if left is None or right is None else PairType(left, right)
    if lenient and (isinstance(one, ArrayType) or isinstance(other, ArrayType)):
        return _common_array(one, other)
    if isinstance(one, EnumType) and isinstance(other, EnumType):
        return one if _enum(one, other) is YES else None
    if isinstance(one, (EnumType, Primitive)) or isinstance(other, (EnumType, Primitive)):
        return one if type(one) is type(other) and same_shape(one, other) else None
    if isinstance(other, ObjectType) or (isinstance(one, MapType) and isinstance(other, StructType)):
        one, other = other, one
    least = LENIENT if lenient else YES
    if coercible(other, one) >= least:
        return one
    return other if coercible(one, other) >= least else None


def _common_array(one: Type, other: Type) -> Type | None:
    """The type of an array beside a lone value, which is taken as an array of one."""
    array, lone = (one, other) if isinstance(one, ArrayType) else (other, one)
    assert isinstance(array, ArrayType)
    item = common_type(array.item, lone, lenient=True)
    return None if item is None else ArrayType(item, array.nonempty)


def _common_primitive(one: str, other: str, *, lenient: bool) -> Type | None:
    names = {one, other}
    if names == {"Int", "Float"}:
        return FLOAT
    return STRING if lenient or ("String" in names and names <= _TEXTS) else None


_TEXTS = frozenset({"String", "File", "Directory"})
