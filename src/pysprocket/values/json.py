"""WDL values as JSON and back.

In: JSON data and types, or values. Out: values, or plain JSON data (dict, list, str, int, float, bool, None). Source:
WDL specification, "Input and Output Formats". A Pair is `{"left": …, "right": …}`; a struct has all its members;
an enum is the name of the choice; keys of maps are text. Everything that does not fit is told, not the first thing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

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

PathReader: TypeAlias = Callable[["str | dict[str, Any]", Primitive], "File | Directory | None"]
"""Makes a File or Directory of the path that stands in the JSON, or of the object that describes it (WDL 1.2: `type`,
`location`, `basename`, `listing`); None for an optional one that does not exist."""

_MOST_PROBLEMS = 25


class WrittenInt(int):
    """A whole number that was not written in its shortest form; `text` is how it was written, such as `007`."""

    text: str

    def __new__(cls, number: int, text: str) -> WrittenInt:
        """The number that `text` means."""
        self = super().__new__(cls, number)
        self.text = text
        return self


class WrittenFloat(float):
    """The same for a number with a fraction or exponent, such as `1.10`."""

    text: str

    def __new__(cls, number: float, text: str) -> WrittenFloat:
        """The number that `text` means."""
        self = super().__new__(cls, number)
        self.text = text
        return self


class Reading(NamedTuple):
    """How JSON data is read.

    Attributes:
        path: makes a File or Directory.
        floor: told of a number with a fraction where an Int is wanted, which is then rounded down; None: an error.
    """

    path: PathReader
    floor: Callable[[float], None] | None = None


# --- values to JSON ----------------------------------------------------------------------------------------


def to_json(value: Value) -> object:
    """`value` as plain JSON data.

    Raises:
        EvaluationError: a Float that is not finite, which JSON cannot say.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return value if _PLAIN.issuperset(map(type, value)) else [to_json(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise EvaluationError(f"the Float {value} has no JSON form")
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Pair):
        return {"left": to_json(value.left), "right": to_json(value.right)}
    if isinstance(value, dict):
        return {
            key if type(key) is str else key_text(key): item if type(item) in _PLAIN else to_json(item)
            for key, item in value.items()
        }
    return value


_PLAIN = frozenset({str, int, bool, type(None)})
"""What is JSON data already; an array of nothing else is so too."""


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


def from_json(raw: object, type_: Type, reading: Reading | PathReader, where: str = "") -> Value:
    """JSON data as a value of type `type_`.

    Args:
        raw: plain JSON data.
        type_: the type wanted.
        reading: what makes a File or Directory, and more.
        where: what the value is called, for messages: `samples[2].name: expected Int, found "x"`.

    Raises:
        CoercionError: it does not fit; each line of the message says where inside the value and why.
    """
    try:
        return _read(raw, type_, reading if isinstance(reading, Reading) else Reading(reading))
    except _MisfitError as misfit:
        problems = misfit.problems[:_MOST_PROBLEMS]
        lines = [
            f"{place}: {message}" if (place := f"{where}{inner}".removeprefix(".")) else message
            for inner, message in problems
        ]
        if (more := len(misfit.problems) - len(problems)) > 0:
            lines.append(f"{where}: {more} more like these" if where else f"{more} more like these")
        raise CoercionError("\n".join(lines)) from None


def plain_value(raw: object) -> Value:
    """JSON data as a value when nothing says which type: whole numbers that do not fit into Int are Floats."""
    if isinstance(raw, dict):
        return Object({key: plain_value(item) for key, item in raw.items()})
    if isinstance(raw, list):
        return [plain_value(item) for item in raw]
    if isinstance(raw, int) and not INT_MIN <= raw <= INT_MAX:
        return float(raw)
    if isinstance(raw, (WrittenInt, WrittenFloat)):
        return raw.__int__() if isinstance(raw, int) else raw.__float__()
    return raw


class _MisfitError(Exception):
    """What does not fit: for each problem the place inside the value and a sentence."""

    def __init__(self, problems: str | list[tuple[str, str]]) -> None:
        super().__init__(problems)
        self.problems = [("", problems)] if isinstance(problems, str) else problems


def _misfit(raw: object, wanted: object) -> _MisfitError:
    return _MisfitError(f"expected {wanted}, found {quote(raw)}")


def _read(raw: object, type_: Type, reading: Reading) -> Value:
    if raw is None:
        if type_.optional:
            return None
        raise _MisfitError(f"expected {type_}, found null")
    reader = _READERS.get(type(type_))
    if reader is None:
        raise _misfit(raw, type_)
    return reader(raw, type_, reading)


def _each(items: Iterable[tuple[str, object, Type]], reading: Reading) -> list[Value]:
    """Reads the parts of a value; all that do not fit are told together."""
    values: list[Value] = []
    problems: list[tuple[str, str]] = []
    for place, raw, type_ in items:
        try:
            values.append(_read(raw, type_, reading))
        except _MisfitError as misfit:
            problems += [(place + inner, message) for inner, message in misfit.problems]
    if problems:
        raise _MisfitError(problems)
    return values


def _read_primitive(raw: object, type_: Primitive, reading: Reading) -> Value:
    match type_.name:
        case "Boolean":
            if isinstance(raw, bool):
                return raw
        case "Int" | "Float":
            return _read_number(raw, type_, reading)
        case "String":
            if isinstance(raw, (str, bool, int, float)):
                return raw if isinstance(raw, str) else _as_written(raw)
        case _:
            return _read_path(raw, type_, reading)
    if type_.name == "Boolean" and isinstance(raw, str) and raw.lower() in ("true", "false"):
        raise _MisfitError(f"expected Boolean, found {quote(raw)}; write it as {raw.lower()}, without quotes")
    raise _misfit(raw, type_)


def _as_written(raw: bool | int | float) -> str:  # noqa: FBT001 - whatever JSON has
    return raw.text if isinstance(raw, (WrittenInt, WrittenFloat)) else key_text(raw)


def _read_number(raw: object, type_: Primitive, reading: Reading) -> Value:
    if isinstance(raw, bool) or not (isinstance(raw, int) or (isinstance(raw, float) and math.isfinite(raw))):
        raise _misfit(raw, type_)
    if type_.name == "Float":
        try:
            return float(raw)
        except OverflowError:
            raise _MisfitError(f"expected {type_}, found a number of {len(str(raw))} digits") from None
    number = math.floor(raw)
    if raw != number:
        if reading.floor is None:
            raise _misfit(raw, type_)
        reading.floor(raw)
    if not INT_MIN <= number <= INT_MAX:
        raise _MisfitError(f"expected {type_}, found {raw}, which does not fit into 64 bits")
    return number


def _read_path(raw: object, type_: Primitive, reading: Reading) -> Value:
    if not isinstance(raw, str) and not (isinstance(raw, dict) and _DESCRIBES_PATH & raw.keys()):
        raise _misfit(raw, type_)
    try:
        value = reading.path(raw, type_)
    except EvaluationError as error:
        raise _MisfitError([("", line) for line in str(error).split("\n")]) from error
    if value is None and not type_.optional:
        raise _MisfitError(f"{type_} {quote(raw)} does not exist")
    return value


_DESCRIBES_PATH = {"type", "class", "location", "path", "listing"}


def _read_array(raw: object, type_: ArrayType, reading: Reading) -> Value:
    if not isinstance(raw, list):
        raise _misfit(raw, type_)
    if type_.nonempty and not raw:
        raise _MisfitError(f"expected {type_}, found an empty array")
    return _each(((f"[{index}]", item, type_.item) for index, item in enumerate(raw)), reading)


def _read_map(raw: object, type_: MapType, reading: Reading) -> Value:
    if not isinstance(raw, dict):
        raise _misfit(raw, type_)
    keys = _read_keys(raw, type_.key, reading)
    if len(set(keys)) != len(keys):
        raise _MisfitError(f"two keys are the same as {type_.key}: {quote(raw)}")
    values = _each(((f"[{quote(key)}]", item, type_.value) for key, item in raw.items()), reading)
    return dict(zip(keys, values, strict=True))


def _read_keys(raw: Iterable[str], type_: Type, reading: Reading) -> list[Value]:
    keys: list[Value] = []
    problems: list[tuple[str, str]] = []
    for key in raw:
        try:
            keys.append(_read_key(key, type_, reading))
        except _MisfitError as misfit:
            problems += misfit.problems
    if problems:
        raise _MisfitError(problems)
    return keys


def _read_key(key: str, type_: Type, reading: Reading) -> Value:
    raw: object = key
    if isinstance(type_, Primitive) and type_.name in ("File", "Directory"):
        return _read_path(key, type_, reading)
    try:
        if isinstance(type_, Primitive) and type_.name in ("Int", "Float"):
            raw = parse_number(key, type_.name)
        elif isinstance(type_, Primitive) and type_.name == "Boolean":
            raw = {"true": True, "false": False}.get(key, key)
        return _read(raw, type_, reading)
    except (_MisfitError, CoercionError):
        raise _MisfitError(f"expected {type_} as key, found {quote(key)}") from None


def _read_pair(raw: object, type_: PairType, reading: Reading) -> Value:
    if isinstance(raw, dict) and raw.keys() == {"left", "right"}:
        raw = [raw["left"], raw["right"]]
    if not isinstance(raw, list) or len(raw) != 2:
        raise _MisfitError(f'expected {type_} as {{"left": …, "right": …}}, found {quote(raw)}')
    left, right = raw
    return Pair(*_each(((".left", left, type_.left), (".right", right, type_.right)), reading))


def _read_struct(raw: object, type_: StructType, reading: Reading) -> Value:
    if not isinstance(raw, dict):
        raise _misfit(raw, type_)
    members = dict(type_.members)
    unknown = [
        f"struct {type_.name} has no member `{key}`{did_you_mean(key, members)}" for key in raw if key not in members
    ]
    missing = [
        f"member `{name}` of struct {type_.name} is missing in {quote(raw)}"
        for name, member in type_.members
        if name not in raw and not member.optional and not any(f"mean `{name}`" in message for message in unknown)
    ]
    problems = [("", message) for message in unknown + missing]
    given = [(f".{name}", raw[name], member) for name, member in type_.members if name in raw]
    try:
        values = dict(zip((place[1:] for place, _, _ in given), _each(given, reading), strict=True))
    except _MisfitError as misfit:
        problems += misfit.problems
    if problems:
        raise _MisfitError(problems)
    return StructValue(type_.name, {name: values.get(name) for name in members})


def _read_object(raw: object, type_: ObjectType, reading: Reading) -> Value:
    if not isinstance(raw, dict):
        raise _misfit(raw, type_)
    return plain_value(raw)


def _read_enum(raw: object, type_: EnumType, reading: Reading) -> Value:
    found = choice(type_, raw) if isinstance(raw, str) else None
    if found is None:
        names = [name for name, _ in type_.choices]
        near = did_you_mean(raw, names) if isinstance(raw, str) else ""
        raise _MisfitError(f"expected a choice of {type_} ({', '.join(names)}), found {quote(raw)}{near}")
    return found


def _read_any(raw: object, type_: UnionType, reading: Reading) -> Value:
    return plain_value(raw)


_READERS: dict[type, Callable[[Any, Any, Reading], Value]] = {
    Primitive: _read_primitive,
    ArrayType: _read_array,
    MapType: _read_map,
    PairType: _read_pair,
    StructType: _read_struct,
    ObjectType: _read_object,
    EnumType: _read_enum,
    UnionType: _read_any,
}
