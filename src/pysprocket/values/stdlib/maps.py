"""Map functions, which also take structs and Objects where the specification says so.

In: maps, arrays of pairs. Out: the same, in the order of the input. Source: WDL specification, "Map Functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pysprocket.errors import EvaluationError
from pysprocket.values.context import Context
from pysprocket.values.model import Pair, Value
from pysprocket.values.text import quote


def as_pairs(_: Context, mapping: dict[Value, Value]) -> list[Pair]:
    """The entries."""
    return [Pair(key, value) for key, value in mapping.items()]


def as_map(_: Context, pairs: list[Pair]) -> dict[Value, Value]:
    """A map of entries, whose keys must differ."""
    result = {}
    for key, value in pairs:
        if key in result:
            help_ = "use `collect_by_key`, which keeps all values of a key"
            raise EvaluationError(f"`as_map` found the key {quote(key)} twice", help=help_)
        result[key] = value
    return result


def collect_by_key(_: Context, pairs: list[Pair]) -> dict[Value, list[Value]]:
    """For each key all values that stand with it."""
    result: dict[Value, list[Value]] = {}
    for key, value in pairs:
        result.setdefault(key, []).append(value)
    return result


def keys(_: Context, mapping: dict[Value, Value]) -> list[Value]:
    """The keys of a map, the names of the members of a struct or Object."""
    return list(mapping)


def values(_: Context, mapping: dict[Value, Value]) -> list[Value]:
    """The values of a map."""
    return list(mapping.values())


def contains_key(_: Context, mapping: Value, key: Value) -> bool:
    """Whether there is such a key; with an array of keys, whether each is in what the one before leads to."""
    for name in key if isinstance(key, list) else [key]:
        if not isinstance(mapping, dict) or name not in mapping:
            return False
        mapping = mapping[name]
    return True


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "as_pairs": as_pairs,
    "as_map": as_map,
    "collect_by_key": collect_by_key,
    "keys": keys,
    "values": values,
    "contains_key": contains_key,
}
