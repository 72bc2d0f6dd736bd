r"""What the groups of a pattern hold, `\1` in a replacement, by the rule of POSIX.

In: a pattern, a text and where the match is. Out: the place of each group: parts more to the left take as much as they
can, and a group in a repeat is what its last repeat matched. Source: POSIX.1-2017, "Regular Expressions", 9.1.
"""

from __future__ import annotations

from collections.abc import Hashable

from pysprocket.types.patterns import Choice, Group, Node, Repeat, Sequence
from pysprocket.values.stdlib.automaton import Automaton

Span = tuple[int, int]


class Division:
    """Divides matches of one pattern among its groups; keeps the automata of its parts."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._automata: dict[Hashable, Automaton] = {}
        self._text = ""
        self._found: dict[int, Span] = {}

    def of(self, text: str, start: int, end: int) -> dict[int, Span]:
        """Where the groups are when the pattern matches `text` from `start` to `end`; those that took part."""
        self._text, self._found = text, {}
        self._divide(self._root, start, end)
        return self._found

    def _divide(self, node: Node, start: int, end: int) -> None:
        match node:
            case Group(number, inner):
                self._found[number] = (start, end)
                self._divide(inner, start, end)
            case Choice(options) if _has_groups(node):
                self._divide(next(option for option in options if self._fits(option, start, end)), start, end)
            case Sequence(items) if _has_groups(node):
                self._divide_sequence(node, items, start, end)
            case Repeat() if _has_groups(node):
                self._divide_repeat(node, start, end)

    def _divide_sequence(self, node: Sequence, items: tuple[Node, ...], start: int, end: int) -> None:
        for place, item in enumerate(items):
            rest = Sequence(items[place + 1 :])
            reaching = self._reaching((node, place), rest, start, end)
            middle = self._forward(item).end(self._text, start, set(), end, reaching)
            self._divide(item, start, middle)
            start = middle

    def _divide_repeat(self, node: Repeat, start: int, end: int) -> None:
        item = self._forward(node.item)
        first, count = start, 0
        bounds: tuple[int, int | None] | None = None
        reaching: set[int] = set()
        hopeless: set[int] = set()
        while start < end:
            count += 1
            left = (max(node.low - count, 0), None if node.high is None else node.high - count)
            if left != bounds:
                bounds, hopeless = left, set()
                reaching = self._reaching((node, bounds), Repeat(node.item, *bounds), start, end)
            first, start = start, item.end(self._text, start, hopeless, end, reaching)
        if count or node.low:
            self._divide(node.item, first, start)

    def _fits(self, node: Node, start: int, end: int) -> bool:
        return self._forward(node).end(self._text, start, set(), end, (end,)) == end

    def _forward(self, node: Node) -> Automaton:
        if node not in self._automata:
            self._automata[node] = Automaton(node)
        return self._automata[node]

    def _reaching(self, key: Hashable, rest: Node, start: int, end: int) -> set[int]:
        """The places from `start` on from which `rest` reaches `end`."""
        if key not in self._automata:
            self._automata[key] = Automaton(rest, backward=True)
        return set(self._automata[key].starts(self._text, end, start))


def _has_groups(node: Node) -> bool:
    match node:
        case Group():
            return True
        case Sequence(items) | Choice(items):
            return any(map(_has_groups, items))
        case Repeat(item):
            return _has_groups(item)
    return False
