"""When the greedy match of Python's `re` is the one POSIX wants, the longest, and when finding it is cheap.

In: patterns. Out: properties of them. All err on the safe side.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from pysprocket.types.patterns import END, START, Anchor, Chars, Choice, Group, Node, Repeat, Sequence

_MOST_STEPS = 2_000_000
_LONGEST = 1 << 40


def greedy_is_longest(root: Node) -> bool:
    """Whether a greedy match that backtracks is always the longest of those with the same start.

    It is when it must reach the end of the text; or when one item only varies in length, by repeating something of
    fixed length; or when each item before the last varying one repeats characters that cannot begin what follows.
    """
    items = _flat(root)
    if items and items[-1] is END:
        return True
    varying = [place for place, item in enumerate(items) if _width(item) is None]
    if not varying:
        return True
    last = items[varying[-1]]
    if not isinstance(last, Repeat) or _width(last.item) is None:
        return False
    return all(_gives_way(items[place], items[place + 1 :]) for place in varying[:-1])


def groups_are_unique(node: Node) -> bool:
    """Whether, with the whole match known, a greedy match divides it among the groups as POSIX wants."""
    match node:
        case Group(_, inner):
            return groups_are_unique(inner)
        case Sequence(items):
            return all(map(groups_are_unique, items))
        case Repeat(item):
            return isinstance(item, Chars)
        case Choice():
            return False
    return True


def _flat(node: Node) -> list[Node]:
    match node:
        case Group(_, inner):
            return _flat(inner)
        case Sequence(items):
            return [flat for item in items for flat in _flat(item)]
    return [node]


def _width(node: Node) -> int | None:
    """The number of characters it matches, None when that varies."""
    match node:
        case Chars():
            return 1
        case Anchor():
            return 0
        case Group(_, inner):
            return _width(inner)
        case Sequence(items):
            widths = [_width(item) for item in items]
            return None if None in widths else sum(width or 0 for width in widths)
        case Choice(options):
            widths = [_width(option) for option in options]
            return widths[0] if len(set(widths)) == 1 else None
        case Repeat(item, low, high):
            width = _width(item)
            return low * width if width is not None and low == high else None


def _gives_way(item: Node, rest: list[Node]) -> bool:
    if not isinstance(item, Repeat) or not isinstance(item.item, Chars):
        return False
    own = _characters(item.item.python)
    for following in rest:
        if own & _first(following):
            return False
        if not may_be_empty(following):
            return True
    return True


def _first(node: Node) -> frozenset[int]:
    """The characters that a match can begin with."""
    match node:
        case Chars(python):
            return _characters(python)
        case Group(_, inner) | Repeat(inner):
            return _first(inner)
        case Choice(options):
            return frozenset().union(*map(_first, options))
        case Sequence(items):
            first: frozenset[int] = frozenset()
            for item in items:
                first |= _first(item)
                if not may_be_empty(item):
                    break
            return first
    return frozenset()


def may_be_empty(node: Node) -> bool:
    """Whether it matches the empty text."""
    match node:
        case Chars():
            return False
        case Group(_, inner):
            return may_be_empty(inner)
        case Sequence(items):
            return all(map(may_be_empty, items))
        case Choice(options):
            return any(map(may_be_empty, options))
        case Repeat(item, low):
            return low == 0 or may_be_empty(item)
    return True


def cheap_length(root: Node) -> int:
    """The length of the longest text in which `re` surely finds all matches in a moment."""
    length = 0
    while length < _LONGEST and _cost(root, 2 * length + 32) <= _MOST_STEPS:
        length = 2 * length + 32
    return length


def _cost(root: Node, length: int) -> float:
    """About the steps that a search which backtracks takes at most in a text of this length."""
    items = _flat(root)
    *before, last = items or [root]
    starts = 1 if items and items[0] is START else length
    loops = any(isinstance(item, Repeat) and item.high is None for item in before)
    tail = 1.0 if isinstance(last, Repeat) and isinstance(last.item, Chars) else _ways(last, length)
    return starts * (_ways_of_all(before, length) * tail + length * loops)


def _ways(node: Node, length: int) -> float:
    """In how many ways it can match at one place, at most."""
    match node:
        case Group(_, inner):
            return _ways(inner, length)
        case Sequence(items):
            return _ways_of_all(items, length)
        case Choice(options):
            each = [_ways(option, length) for option in options]
            return max(each) if _exclude_each_other(options) else sum(each)
        case Repeat(item, low, high):
            most = length if high is None else min(high, length)
            ways = _ways(item, length) + may_be_empty(item)
            return max(most - low + 1, 1) if ways <= 1 else min(ways + 1, _MOST_STEPS) ** min(most, 40)
    return 1


def _ways_of_all(items: Iterable[Node], length: int) -> float:
    items = list(items)
    ways = 1.0
    for place, item in enumerate(items):
        rest = items[place + 1 :]
        if not (rest and _gives_way(item, rest)):
            ways *= _ways(item, length)
        if ways > _MOST_STEPS:
            break
    return ways


def _exclude_each_other(options: tuple[Node, ...]) -> bool:
    seen: frozenset[int] = frozenset()
    for option in options:
        first = _first(option)
        if may_be_empty(option) or seen & first:
            return False
        seen |= first
    return True


@functools.lru_cache(maxsize=4096)
def _characters(python: str) -> frozenset[int]:
    """The ASCII characters of a set, by code, with 128 for all others together."""
    if python in _LITERALS:
        return frozenset((ord(python[-1]),))
    codes = frozenset(map(ord, re.findall(python, _ASCII)))
    return codes | {128} if "^" in python or not python.isascii() or re.match(python, "é") else codes


_ASCII = "".join(map(chr, range(128)))
_LITERALS = frozenset(re.escape(symbol) for symbol in _ASCII if symbol.isprintable())
