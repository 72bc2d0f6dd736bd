"""Layers made one: what counts, and where each of it came from.

In: checked layers, lowest first. Out: `Merged`: the data, and beside each value its origins. Tables merge, arrays of
files grow, everything else is replaced; a table that becomes another `type` starts afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pysprocket.config.layers import Layer
from pysprocket.config.problems import Keys

Origin = tuple[Layer, Keys]
"""A layer and the canonical keys by which it set something: in an array that grew, places differ."""


class Elements(msgspec.Struct, frozen=True):
    """Where an array came from: the layers that set it or added to it, and those of its elements."""

    setters: list[Origin]
    elements: list[Origin]


class Merged(msgspec.Struct, frozen=True):
    """Settings and where they came from.

    Attributes:
        data: tables of values.
        origins: the same tables; in place of each value its origin, of each array `Elements`.
    """

    data: dict[str, Any]
    origins: dict[str, Any]

    def find(self, keys: Keys) -> list[Origin]:
        """Who set what is at a path of keys, lowest first; for a table, who set anything in it."""
        below: Any = self.origins
        key: Any
        for depth, key in enumerate(keys):
            if isinstance(below, Elements):
                below = below.elements
            elif isinstance(below, tuple):  # inside of an element of an array
                return [(below[0], (*below[1], *keys[depth:]))]
            try:
                below = below[key]
            except (KeyError, IndexError, TypeError):
                return []
        return list(dict.fromkeys(_all(below)))


def _all(origins: Any) -> Iterator[Origin]:
    if isinstance(origins, Elements):
        yield from origins.setters
    elif isinstance(origins, tuple):
        yield origins
    else:
        for below in origins.values():
            yield from _all(below)


def merged(groups: Iterable[Iterable[tuple[Layer, dict[str, Any]]]]) -> Merged:
    """Layers as one. Those of a group, such as the variables of the environment, say together what they say."""
    whole = Merged({}, {})
    for group in groups:
        part, grows = Merged({}, {}), False
        for layer, data in group:
            part = _over(part, Merged(data, _origins(data, layer, ())), afresh=False, grows=False)
            grows = layer.is_file
        whole = _over(whole, part, afresh=True, grows=grows)
    return whole


def _origins(data: Any, layer: Layer, keys: Keys) -> Any:
    if isinstance(data, dict):
        return {key: _origins(value, layer, (*keys, key)) for key, value in data.items()}
    if isinstance(data, list):
        return Elements([(layer, keys)], [(layer, (*keys, place)) for place in range(len(data))])
    return layer, keys


def _over(below: Merged, above: Merged, *, afresh: bool, grows: bool) -> Merged:
    data, origins = dict(below.data), dict(below.origins)
    for key, value in above.data.items():
        old, origin = data.get(key), above.origins[key]
        if isinstance(old, dict) and isinstance(value, dict) and not (afresh and _changes_type(old, value)):
            inner = _over(Merged(old, origins[key]), Merged(value, origin), afresh=afresh, grows=grows)
            data[key], origins[key] = inner.data, inner.origins
        elif grows and isinstance(old, list) and isinstance(value, list):
            before: Elements = origins[key]
            both = Elements(before.setters + origin.setters, before.elements + origin.elements)
            data[key], origins[key] = old + value, both
        else:
            data[key], origins[key] = value, origin
    return Merged(data, origins)


def _changes_type(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return "type" in old and "type" in new and old["type"] != new["type"]
