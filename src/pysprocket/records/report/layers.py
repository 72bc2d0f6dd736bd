"""Places for the nodes of a graph, in layers from left to right.

In: the sizes of nodes and the edges between them. Out: a `Layout`. Each node stands right of all it depends on
(longest paths); the order within a layer follows the neighbours' (barycentres), and heights come as near to the
neighbours' as the gaps between nodes allow (isotonic regression). An edge that passes layers has a place in each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import msgspec

Point: TypeAlias = tuple[float, float]
_Key: TypeAlias = int  # places of edges in layers between are numbered on from the nodes

_SWEEPS = 8
_GAP = 18.0
_COLUMN_GAP = 52.0
_PASSING_HEIGHT = 6.0


class Size(msgspec.Struct, frozen=True):
    """Of a node, in pixels."""

    width: float
    height: float


class Layout(msgspec.Struct, frozen=True):
    """Where things are, in pixels.

    Attributes:
        places: the upper left corner of each node.
        paths: of each edge, from the right side of its start to the left side of its end; two points for each layer
            that it passes: it is to be straight between them.
    """

    width: float
    height: float
    places: tuple[Point, ...]
    paths: tuple[tuple[Point, ...], ...]


def layout(sizes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place nodes, numbered in the order of `sizes`; an edge that would close a circle is left out of the layering."""
    return _Layered(sizes, edges).layout()


def transposed(layout: Layout) -> Layout:
    """The same, from top to bottom."""
    return Layout(
        layout.height,
        layout.width,
        tuple((y, x) for x, y in layout.places),
        tuple(tuple((y, x) for x, y in path) for path in layout.paths),
    )


class _Layered:
    def __init__(self, sizes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> None:
        self.sizes = sizes
        self.edges = edges
        self.layer: dict[_Key, int] = dict(enumerate(_longest_paths(len(sizes), edges)))
        self.chains = [self._chain(start, end) for start, end in edges]
        self.before: dict[_Key, list[_Key]] = defaultdict(list)
        self.after: dict[_Key, list[_Key]] = defaultdict(list)
        for chain in self.chains:
            for start, end in pairwise(chain):
                self.after[start].append(end)
                self.before[end].append(start)
        self.layers: list[list[_Key]] = [[] for _ in range(max(self.layer.values(), default=-1) + 1)]
        for key, number in self.layer.items():
            self.layers[number].append(key)

    def layout(self) -> Layout:
        self._order()
        centres = self._heights()
        top = min((centres[key] - self._height(key) / 2 for key in centres), default=0.0)
        lefts, widths = self._columns()
        places = [
            (lefts[self.layer[node]], centres[node] - size.height / 2 - top) for node, size in enumerate(self.sizes)
        ]
        return Layout(
            lefts[-1] + widths[-1] if lefts else 0.0,
            max((y + size.height for (_, y), size in zip(places, self.sizes, strict=True)), default=0.0),
            tuple(places),
            tuple(self._path(chain, centres, lefts, widths, top) for chain in self.chains),
        )

    def _chain(self, start: int, end: int) -> list[_Key]:
        """An edge as a chain of places, with one in each layer between."""
        chain = [start]
        for number in range(self.layer[start] + 1, self.layer[end]):
            place = len(self.layer)
            self.layer[place] = number
            chain.append(place)
        return [*chain, end]

    def _order(self) -> None:
        for sweep in range(_SWEEPS):
            down = sweep % 2 == 0
            neighbours = self.before if down else self.after
            for keys in self.layers if down else reversed(self.layers):
                rank = {key: index for layer in self.layers for index, key in enumerate(layer)}
                keys.sort(key=lambda key: _mean([rank[other] for other in neighbours[key]], rank[key]))

    def _heights(self) -> dict[_Key, float]:
        centres: dict[_Key, float] = {}
        for keys in self.layers:
            self._stack(keys, dict.fromkeys(keys, 0.0), centres)
        for sweep in range(_SWEEPS):
            neighbours = self.before if sweep % 2 == 0 else self.after
            for keys in self.layers if sweep % 2 == 0 else reversed(self.layers):
                wanted = {key: _mean([centres[other] for other in neighbours[key]], centres[key]) for key in keys}
                self._stack(keys, wanted, centres)
        return centres

    def _stack(self, keys: Sequence[_Key], wanted: Mapping[_Key, float], centres: dict[_Key, float]) -> None:
        """Centres as near to those wanted as order and gaps allow."""
        offsets = [0.0]
        for upper, lower in pairwise(keys):
            offsets.append(offsets[-1] + (self._height(upper) + self._height(lower)) / 2 + _GAP)
        fitted = _ascending([wanted[key] - offset for key, offset in zip(keys, offsets, strict=False)])
        for key, value, offset in zip(keys, fitted, offsets, strict=False):
            centres[key] = value + offset

    def _height(self, key: _Key) -> float:
        return self.sizes[key].height if key < len(self.sizes) else _PASSING_HEIGHT

    def _columns(self) -> tuple[list[float], list[float]]:
        widths = [
            max((self.sizes[key].width for key in keys if key < len(self.sizes)), default=0.0) for keys in self.layers
        ]
        lefts: list[float] = []
        for number in range(len(widths)):
            lefts.append(lefts[-1] + widths[number - 1] + _COLUMN_GAP if lefts else 0.0)
        return lefts, widths

    def _path(
        self, chain: Sequence[_Key], centres: Mapping[_Key, float], lefts: list[float], widths: list[float], top: float
    ) -> tuple[Point, ...]:
        start, end = chain[0], chain[-1]
        points = [(lefts[self.layer[start]] + self.sizes[start].width, centres[start] - top)]
        for key in chain[1:-1]:
            left, y = lefts[self.layer[key]], centres[key] - top
            points += [(left, y), (left + widths[self.layer[key]], y)]
        return (*points, (lefts[self.layer[end]], centres[end] - top))


def _longest_paths(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """For each node the length of the longest path that leads to it."""
    before: dict[int, list[int]] = defaultdict(list)
    waits, after = [0] * count, defaultdict(list)
    for start, end in edges:
        before[end].append(start)
        after[start].append(end)
        waits[end] += 1
    lengths = [0] * count
    ready = [node for node in range(count) if not waits[node]]
    for node in ready:  # grows while it is walked
        for following in after[node]:
            lengths[following] = max(lengths[following], lengths[node] + 1)
            waits[following] -= 1
            if not waits[following]:
                ready.append(following)
    return lengths


def _ascending(values: Sequence[float]) -> list[float]:
    """The ascending sequence nearest to the values (least squares; pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = value, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        blocks.append((mean, count))
    return [mean for mean, count in blocks for _ in range(count)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
