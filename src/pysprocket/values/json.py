"""WDL values as JSON and back.

In: JSON data and types, or values. Out: values, or plain JSON data (dict, list, str, int, float, bool, None). Source:
WDL specification, "Input and Output Formats". A Pair is `{"left": …, "right": …}`; a struct has all its members;
an enum is the name of the choice; keys of maps are text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec

from pysprocket.errors import CoercionError, EvaluationError
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
)
from pysprocket.values.coerce import INT_MAX, INT_MIN, parse_number
from pysprocket.values.enums import choice
from pysprocket.values.model import Directory, File, Object, Pair, StructValue, Value
from pysprocket.values.text import did_you_mean, quote

PathReader: TypeAlias = Callable[[str, Primitive], "File | Directory | None"]
"""Makes a File or Directory of the path that stands in the JSON; None for an optional one that does not exist."""


# --- values to JSON ----------------------------------------------------------------------------------------


def to_json(value: Value) -> object:
    """`value` as plain JSON data.

    Raises:
        EvaluationError: a Float that is not finite, which JSON cannot say.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise EvaluationError(f"the Float {value} has no JSON form")
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Pair):
        return {"left": to_json(value.left), "right": to_json(value.right)}
    if isinstance(value, dict):
        return {key_text(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return value


def key_text(key: Value) -> str:
    """The key of a map as JSON wants it, a Float with all its digits."""
    if isinstance(key, str):
        return str(key)
    return "true" if key is True else "false" if key is False else "" if key is None else repr(key)


# --- JSON to values ----------------------------------------------------------------------------------------


def decode(text: str | bytes) -> object:
    """The data in a JSON text; whole numbers are exact whatever their size.

    Raises:
        EvaluationError: it is not JSON.
    """
    try:
        data: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EvaluationError(f"not a JSON text: {error}") from None
    return data


def from_json(raw: object, type_: Type, path: PathReader, where: str = "") -> Value:
    """JSON data as a value of type `type_`.

    Args:
        raw: plain JSON data.
        type_: the type wanted.
        path: what makes a File or Directory of text.
        where: what the value is called, for messages: `samples[2].name: expected Int, found "x"`.

    Raises:
        CoercionError: it does not fit; the message says where inside the value.
    """
    try:
        return _read(raw, type_, path)
    except _MisfitError as misfit:
        place = where + "".join(reversed(misfit.places))
        raise CoercionError(f"{place.removeprefix('.')}: {misfit}" if place else str(misfit)) from None


def plain_value(raw: object) -> Value:
    """JSON data as a value when nothing says which type: whole numbers that do not fit into Int are Floats."""
    if isinstance(raw, dict):
        return Object({key: plain_value(item) for key, item in raw.items()})
    if isinstance(raw, list):
        return [plain_value(item) for item in raw]
    if isinstance(raw, int) and not INT_MIN <= raw <= INT_MAX:
        return float(raw)
    return raw


class _MisfitError(Exception):
    """On its way out of the value it collects the places it passes, innermost first."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.places: list[str] = []


def _misfit(raw: object, wanted: object) -> _MisfitError:
    return _MisfitError(f"expected {wanted}, found {quote(raw)}")


def _read(raw: object, type_: Type, path: PathReader) -> Value:
    if raw is None:
        if type_.optional:
            return None
        raise _MisfitError(f"expected {type_}, found null")
    reader = _READERS.get(type(type_))
    if reader is None:
        raise _misfit(raw, type_)
    return reader(raw, type_, path)


def _each(items: Iterable[tuple[str, object, Type]], path: PathReader) -> list[Value]:
    """Reads the parts of a value; a part that does not fit says which it was."""
    values: list[Value] = []
    for place, raw, type_ in items:
        try:
            values.append(_read(raw, type_, path))
        except _MisfitError as misfit:
            misfit.places.append(place)
            raise
    return values


def _read_primitive(raw: object, type_: Primitive, path: PathReader) -> Value:
    match type_.name:
        case "Boolean":
            if isinstance(raw, bool):
                return raw
        case "Int" | "Float":
            return _read_number(raw, type_)
        case "String":
            if isinstance(raw, (str, bool, int, float)):
                return raw if isinstance(raw, str) else key_text(raw)
        case _:
            return _read_path(raw, type_, path)
    raise _misfit(raw, type_)


def _read_number(raw: object, type_: Primitive) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw):
        raise _misfit(raw, type_)
    if type_.name == "Float":
        return float(raw)
    if raw != int(raw):
        raise _misfit(raw, type_)
    if not INT_MIN <= raw <= INT_MAX:
        raise _MisfitError(f"expected {type_}, found {raw}, which does not fit into 64 bits")
    return int(raw)


def _read_path(raw: object, type_: Primitive, path: PathReader) -> Value:
    if isinstance(raw, dict) and isinstance(raw.get("location"), str):
        raw = raw["location"]  # the extended form of WDL 1.2: an object with a type and a location
    if not isinstance(raw, str):
        raise _misfit(raw, type_)
    try:
        value = path(raw, type_)
    except EvaluationError as error:
        raise _MisfitError(str(error)) from error
    if value is None and not type_.optional:
        raise _MisfitError(f"{type_} {quote(raw)} does not exist")
    return value


def _read_array(raw: object, type_: ArrayType, path: PathReader) -> Value:
    if not isinstance(raw, list):
        raise _misfit(raw, type_)
    if type_.nonempty and not raw:
        raise _MisfitError(f"expected {type_}, found an empty array")
    return _each(((f"[{index}]", item, type_.item) for index, item in enumerate(raw)), path)


def _read_map(raw: object, type_: MapType, path: PathReader) -> Value:
    if not isinstance(raw, dict):
        raise _misfit(raw, type_)
    keys = [_read_key(key, type_.key, path) for key in raw]
    if len(set(keys)) != len(keys):
        raise _MisfitError(f"two keys are the same as {type_.key}: {quote(raw)}")
    values = _each(((f"[{quote(key)}]", item, type_.value) for key, item in raw.items()), path)
    return dict(zip(keys, values, strict=True))


def _read_key(key: str, type_: Type, path: PathReader) -> Value:
    raw: object = key
    try:
        if isinstance(type_, Primitive) and type_.name in ("Int", "Float"):
            raw = parse_number(key, type_.name)
        elif isinstance(type_, Primitive) and type_.name == "Boolean":
            raw = {"true": True, "false": False}.get(key, key)
        return _read(raw, type_, path)
    except (_MisfitError, CoercionError):
        raise _MisfitError(f"expected {type_} as key, found {quote(key)}") from None


def _read_pair(raw: object, type_: PairType, path: PathReader) -> Value:
    if isinstance(raw, dict) and raw.keys() == {"left", "right"}:
        raw = [raw["left"], raw["right"]]
    if not isinstance(raw, list) or len(raw) != 2:
        raise _MisfitError(f'expected {type_} as {{"left": …, "right": …}}, found {quote(raw)}')
    left, right = raw
    return Pair(*_each(((".left", left, type_.left), (".right", right, type_.right)), path))


def _read_struct(raw: object, type_: StructType, path: PathReader) -> Value:
    if not isinstance(raw, dict):
        raise _misfit(raw, type_)
    names = [name for name, _ in type_.members]
    for key in raw:
        if key not in names:
            raise _MisfitError(f"struct {type_} has no member `{key}`{did_you_mean(key, names)}")
    for name, member in type_.members:
        if name not in raw and not member.optional:
            raise _MisfitError(f"member `{name}` of struct {type_} is missing in {quote(raw)}")
    values = _each(((f".{name}", raw.get(name), member) for name, member in type_.members), path)
    return StructValue(type_.name, dict(zip(names, values, strict=True)))


def _read_object(raw: object, type_: ObjectType, path: PathReader) -> Value:
    if not isinstance(raw, dict):
        raise _misfit(raw, type_)
    return plain_value(raw)


def _read_enum(raw: object, type_: EnumType, path: PathReader) -> Value:
    found = choice(type_, raw) if isinstance(raw, str) else None
    if found is None:
        names = [name for name, _ in type_.choices]
        near = did_you_mean(raw, names) if isinstance(raw, str) else ""
        raise _MisfitError(f"expected a choice of {type_} ({', '.join(names)}), found {quote(raw)}{near}")
    return found


def _read_any(raw: object, type_: UnionType, path: PathReader) -> Value:
    return plain_value(raw)


_READERS: dict[type, Callable[[Any, Any, PathReader], Value]] = {
    Primitive: _read_primitive,
    ArrayType: _read_array,
    MapType: _read_map,
    PairType: _read_pair,
    StructType: _read_struct,
    ObjectType: _read_object,
    EnumType: _read_enum,
    UnionType: _read_any,
}
