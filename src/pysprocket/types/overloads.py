"""Which overload of a function a call means.

In: a `Function`, the types of the arguments, a version. Out: a `Match` with the parameter types after substitution
of type variables and the type of the result, or None. An overload whose parameters are exactly the types of the
arguments wins, then one that needs no leniency; among equals the first in the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pysprocket.types.coercion import Coercibility, coercible, common_type, is_key
from pysprocket.types.functions import Function, Signature
from pysprocket.types.model import (
    ANY,
    STRING,
    ArrayType,
    EnumType,
    MapType,
    ObjectType,
    PairType,
    Primitive,
    StructType,
    Type,
    UnionType,
    VariableType,
    optional,
    required,
)


class Match(NamedTuple):
    """An overload that fits: parameter types for the arguments given, the result, and how surely each fits."""

    parameters: tuple[Type, ...]
    result: Type
    levels: tuple[Coercibility, ...]


@lru_cache(maxsize=4096)  # documents call the same functions with the same types over and over
def resolve(function: Function, arguments: tuple[Type, ...], version: tuple[int, int]) -> Match | None:
    """The overload that fits the arguments best in this version, None when none does."""
    best: Match | None = None
    best_rank = (Coercibility.NO, 0)
    for overload in function.overloads:
        if overload.since > version or not overload.accepts(len(arguments)):
            continue
        match = fit(overload, arguments)
        level = min(match.levels, default=Coercibility.YES)
        exact = sum(given == wanted for given, wanted in zip(arguments, match.parameters, strict=True))
        rank = (level, exact)
        if level is not Coercibility.NO and rank > best_rank:
            best, best_rank = match, rank
    return best


def fit(overload: Signature, arguments: Sequence[Type]) -> Match:
    """How one overload takes the arguments; a level of NO marks each argument that does not fit."""
    bindings: dict[str, Type] = {}
    patterns = overload.parameters[: len(arguments)]
    fits = [_unify(pattern, given, bindings) for pattern, given in zip(patterns, arguments, strict=True)]
    parameters = tuple(_substitute(pattern, bindings) for pattern in patterns)
    levels = tuple(
        coercible(given, wanted) if fitting else Coercibility.NO
        for given, wanted, fitting in zip(arguments, parameters, fits, strict=True)
    )
    return Match(parameters, _substitute(overload.result, bindings), levels)


def _unify(pattern: Type, given: Type, bindings: dict[str, Type]) -> bool:
    if isinstance(pattern, VariableType):
        return _bind(pattern, given, bindings)
    if isinstance(given, UnionType):
        return True
    if isinstance(pattern, ArrayType):
        if isinstance(given, ArrayType):
            return _unify(pattern.item, given.item, bindings)
        return _takes_text(pattern.item) and isinstance(given, Primitive) and _unify(pattern.item, given, bindings)
    if isinstance(pattern, MapType):
        return (
            isinstance(given, MapType)
            and _unify(pattern.key, given.key, bindings)
            and _unify(pattern.value, given.value, bindings)
        )
    if isinstance(pattern, PairType):
        return (
            isinstance(given, PairType)
            and _unify(pattern.left, given.left, bindings)
            and _unify(pattern.right, given.right, bindings)
        )
    return True


def _takes_text(pattern: Type) -> bool:
    """Whether the items of an array parameter become text, so that a lone value is plainly an array of one."""
    return pattern == STRING or (isinstance(pattern, VariableType) and pattern.name == "P")


def _bind(variable: VariableType, given: Type, bindings: dict[str, Type]) -> bool:
    name = variable.name
    if variable.optional or name not in "XY":
        given = required(given)  # a constraint that forbids None leaves the question mark to the coercion
    allowed = _CONSTRAINTS.get(name)
    if allowed is not None and not isinstance(given, UnionType) and not allowed(given):
        return False
    before = bindings.get(name)
    if before is not None:
        common = common_type(before, given) or common_type(before, given, lenient=True)
        if common is None:
            return False
        given = common
    bindings[name] = given
    if isinstance(given, EnumType) and name == "E":
        bindings["V"] = given.value
    return True


def _substitute(pattern: Type, bindings: dict[str, Type]) -> Type:
    if isinstance(pattern, VariableType):
        type_ = bindings.get(pattern.name, ANY)
        return optional(type_) if pattern.optional else type_
    if isinstance(pattern, ArrayType):
        return ArrayType(_substitute(pattern.item, bindings), pattern.nonempty, pattern.optional)
    if isinstance(pattern, MapType):
        return MapType(_substitute(pattern.key, bindings), _substitute(pattern.value, bindings), pattern.optional)
    if isinstance(pattern, PairType):
        return PairType(_substitute(pattern.left, bindings), _substitute(pattern.right, bindings), pattern.optional)
    return pattern


def _is_primitive(type_: Type) -> bool:
    return isinstance(type_, (Primitive, EnumType))


def has_json(type_: Type) -> bool:
    """Whether WDL says what the JSON of such values is: it does not for a Pair and for keys that are no text."""
    if isinstance(type_, ArrayType):
        return has_json(type_.item)
    if isinstance(type_, MapType):
        return _has_text_keys(type_) and has_json(type_.value)
    if isinstance(type_, StructType):
        return all(has_json(member) for _, member in type_.members)
    return isinstance(type_, (Primitive, EnumType, ObjectType, UnionType))


def _has_text_keys(type_: MapType) -> bool:
    return not isinstance(type_.key, Primitive) or type_.key.name in {"String", "File", "Directory"}


def _has_size(type_: Type) -> bool:
    if isinstance(type_, Primitive):
        return type_.name in {"File", "Directory"}
    if isinstance(type_, ArrayType):
        return _has_size(type_.item)
    if isinstance(type_, MapType):
        return _has_size(type_.key) or _has_size(type_.value)
    if isinstance(type_, PairType):
        return _has_size(type_.left) or _has_size(type_.right)
    if isinstance(type_, StructType):
        return any(_has_size(member) for _, member in type_.members)
    return isinstance(type_, (ObjectType, UnionType))


_CONSTRAINTS = {
    "P": _is_primitive,
    "K": is_key,
    "S": lambda type_: isinstance(type_, StructType),
    "E": lambda type_: isinstance(type_, EnumType),
    "Z": _has_size,
}
