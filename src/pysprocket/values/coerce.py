"""Values of one type where another is wanted.

In: types and values. Out: `converter`, made once per place in a document, and `convert` for a single value. What the
specification allows ("Type Coercion") and what public workflows rely on beyond it (text that is a number where a
number is wanted and the reverse, `X?` where `X` is wanted) are converted alike, by looking at the value: each
conversion is checked and the message quotes what did not fit.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

from pysprocket.errors import CoercionError, NoneError
from pysprocket.types.model import (
    ArrayType,
    EnumType,
    MapType,
    ObjectType,
    PairType,
    Primitive,
    StructType,
    Type,
    UnionType,
    required,
)
from pysprocket.values.context import Context
from pysprocket.values.enums import choice
from pysprocket.values.model import Directory, File, Object, Pair, StructValue, Value
from pysprocket.values.text import kind, quote, shown, to_text

Converter: TypeAlias = Callable[[Value, Context], Value]

INT_MAX = 2**63 - 1
INT_MIN = -(2**63)
FLOAT_MAX = sys.float_info.max


def converter(source: Type, target: Type) -> Converter | None:
    """What turns a value of type `source` into one of type `target`; None when it is one already.

    The converter raises `CoercionError` when a value does not fit and `NoneError` when it is None but must not be.
    """
    return None if _fits(source, target) else _converter(target, typed=_is_known(source))


def convert(value: Value, target: Type, context: Context) -> Value:
    """`value` as one of type `target`, whatever it was.

    Raises:
        CoercionError: it does not fit.
        NoneError: it is None, and `target` is not optional.
    """
    return _converter(target, typed=False)(value, context)


def misfit(value: Value, target: Type | str) -> CoercionError:
    """The error for a value that does not fit."""
    return CoercionError(f"expected {target}, found {quote(value)}")


def _is_known(type_: Type) -> bool:
    """Whether nothing in a type is found out only when it runs."""
    if isinstance(type_, (UnionType, ObjectType)):
        return type_.optional
    if isinstance(type_, ArrayType):
        return _is_known(type_.item)
    if isinstance(type_, MapType):
        return _is_known(type_.value)
    if isinstance(type_, PairType):
        return _is_known(type_.left) and _is_known(type_.right)
    return True


# --- whether anything has to be done -----------------------------------------------------------------------


def _fits(source: Type, target: Type) -> bool:
    if isinstance(target, UnionType):
        return True
    if source == target:
        return True
    if source.optional and not target.optional:
        return False
    if isinstance(source, UnionType):
        return source.optional  # the type of the literal None; what `read_json` gives is looked at when it runs
    rule = _SAME_KIND.get(type(target))
    return type(source) is type(target) and rule is not None and rule(source, target)


def _fits_array(source: ArrayType, target: ArrayType) -> bool:
    return _fits(source.item, target.item) and (source.nonempty or not target.nonempty)


def _fits_map(source: MapType, target: MapType) -> bool:
    return _fits(source.key, target.key) and _fits(source.value, target.value)


def _fits_pair(source: PairType, target: PairType) -> bool:
    return _fits(source.left, target.left) and _fits(source.right, target.right)


def _fits_named(source: Type, target: Type) -> bool:
    return required(source) == required(target)


_SAME_KIND: dict[type, Callable[[Any, Any], bool]] = {
    Primitive: _fits_named,
    ArrayType: _fits_array,
    MapType: _fits_map,
    PairType: _fits_pair,
    StructType: _fits_named,
    EnumType: _fits_named,
    ObjectType: _fits_named,
}


# --- converters, one maker per kind of target --------------------------------------------------------------


def _converter(target: Type, *, typed: bool) -> Converter:
    """The converter to `target`.

    `typed`: the types were compared before, so what is of another kind (a lone value for an array, an array for a
    String) was accepted with a warning. A value whose type nobody knew, such as JSON, has to be of the kind.
    """
    maker = _MAKERS.get(type(target))
    if maker is None:
        return _unchanged
    convert_value: Converter = maker(target, typed=typed)
    may_be_none = target.optional

    def checked(value: Value, context: Context) -> Value:
        if value is None:
            if may_be_none:
                return None
            raise NoneError(f"expected {target}, found None")
        return convert_value(value, context)

    return checked


def _unchanged(value: Value, context: Context) -> Value:
    return value


def _to_primitive(target: Primitive, *, typed: bool) -> Converter:
    match target.name:
        case "File":
            return _to_file(target)
        case "Directory":
            return _to_directory(target)
        case "String":
            return _to_string if typed else _text_to_string
    return {"Boolean": _to_boolean, "Int": _to_int, "Float": _to_float}[target.name]


def _to_boolean(value: Value, context: Context) -> Value:
    if isinstance(value, bool):
        return value
    if type(value) is str and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise misfit(value, "Boolean")


def _to_int(value: Value, context: Context) -> Value:
    number = _number(value, "Int")
    if number != number // 1 or not INT_MIN <= number <= INT_MAX:
        raise misfit(value, "Int")
    return int(number)


def _to_float(value: Value, context: Context) -> Value:
    return float(_number(value, "Float"))


def _number(value: Value, wanted: str) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if type(value) is str:
        return parse_number(value, wanted)
    raise misfit(value, wanted)


def parse_number(text: str, wanted: str) -> int | float:
    """The number that `text` is, blanks around it allowed.

    Raises:
        CoercionError: it is no finite number in the notation of WDL.
    """
    digits = text.strip()
    if "_" not in digits and digits.isascii():  # Python alone reads 1_000 and digits of other scripts
        for read in (int, float):
            try:
                number: int | float = read(digits)
            except ValueError:
                continue
            if math.isfinite(number):
                return number
    raise misfit(text, wanted)


def _to_string(value: Value, context: Context) -> Value:
    return shown(value)


def _text_to_string(value: Value, context: Context) -> Value:
    if isinstance(value, (str, int, float)):
        return to_text(value)
    raise misfit(value, "String")


def _to_file(target: Primitive) -> Converter:
    def to_file(value: Value, context: Context) -> Value:
        return value if isinstance(value, File) else context.file(_path(value, "File"), optional=target.optional)

    return to_file


def _to_directory(target: Primitive) -> Converter:
    def to_directory(value: Value, context: Context) -> Value:
        if isinstance(value, Directory):
            return value
        return context.directory(_path(value, "Directory"), optional=target.optional)

    return to_directory


def _path(value: Value, wanted: str) -> str:
    if type(value) is str:
        return value
    raise CoercionError(f"expected {wanted}, found {kind(value)}: {quote(value)}")


def _to_array(target: ArrayType, *, typed: bool) -> Converter:
    item_converter = _converter(target.item, typed=typed)
    nonempty = target.nonempty
    of_pairs = isinstance(target.item, PairType)

    def to_array(value: Value, context: Context) -> Value:
        if of_pairs and type(value) is dict:
            value = [Pair(key, item) for key, item in value.items()]
        if not isinstance(value, list):
            if not typed:
                raise misfit(value, target)
            value = [value]
        if nonempty and not value:
            raise CoercionError(f"expected {target}, found an empty array")
        return [item_converter(item, context) for item in value]

    return to_array


def _to_map(target: MapType, *, typed: bool) -> Converter:
    key_converter = _converter(target.key, typed=typed)
    value_converter = _converter(target.value, typed=typed)

    def to_map(value: Value, context: Context) -> Value:
        if isinstance(value, list) and all(isinstance(item, Pair) for item in value):
            entries = [(item.left, item.right) for item in value]
        elif isinstance(value, dict):
            entries = list(value.items())
        else:
            raise misfit(value, target)
        result = {key_converter(key, context): value_converter(item, context) for key, item in entries}
        if len(result) != len(entries):
            raise CoercionError(f"two keys of {quote(value)} are the same as {target.key}")
        return result

    return to_map


def _to_pair(target: PairType, *, typed: bool) -> Converter:
    left_converter = _converter(target.left, typed=typed)
    right_converter = _converter(target.right, typed=typed)

    def to_pair(value: Value, context: Context) -> Value:
        if isinstance(value, Object) and value.keys() == {"left", "right"}:
            value = Pair(value["left"], value["right"])
        if not isinstance(value, Pair):
            raise misfit(value, target)
        return Pair(left_converter(value.left, context), right_converter(value.right, context))

    return to_pair


def _to_struct(target: StructType, *, typed: bool) -> Converter:
    members = [(name, _converter(type_, typed=typed), type_.optional) for name, type_ in target.members]

    def to_struct(value: Value, context: Context) -> Value:
        if not isinstance(value, dict):
            raise misfit(value, target)
        extra = value.keys() - {name for name, _, _ in members}
        if extra:
            raise CoercionError(f"struct {target} has no member `{min(map(str, extra))}`: {quote(value)}")
        result = {}
        for name, member_converter, may_lack in members:
            if name not in value and not may_lack:
                raise CoercionError(f"member `{name}` of struct {target} is missing in {quote(value)}")
            result[name] = member_converter(value.get(name), context)
        return StructValue(target.name, result)

    return to_struct


def _to_object(target: ObjectType, *, typed: bool) -> Converter:
    def to_object(value: Value, context: Context) -> Value:
        if not isinstance(value, dict):
            raise misfit(value, target)
        return Object({to_text(key): item for key, item in value.items()})

    return to_object


def _to_enum(target: EnumType, *, typed: bool) -> Converter:
    def to_enum(value: Value, context: Context) -> Value:
        found = choice(target, value) if isinstance(value, str) else None
        if found is None:
            names = ", ".join(name for name, _ in target.choices)
            raise CoercionError(f"expected a choice of {target} ({names}), found {quote(value)}")
        return found

    return to_enum


_MAKERS: dict[type, Callable[..., Converter]] = {
    Primitive: _to_primitive,
    ArrayType: _to_array,
    MapType: _to_map,
    PairType: _to_pair,
    StructType: _to_struct,
    ObjectType: _to_object,
    EnumType: _to_enum,
}
