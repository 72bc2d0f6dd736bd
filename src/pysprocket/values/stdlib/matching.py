"""Matching with the rule of POSIX: of the matches that start leftmost, the longest.

In: patterns and texts. Out: `compile_pattern`, `Pattern` and the matches. Python's `re` finds where the leftmost match
starts. Where it ends, and what the groups hold, is right as well for patterns whose greedy match is the longest,
which is nearly all; for the others, those with alternatives of several lengths for instance, it is computed here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from pysprocket.errors import EvaluationError
from pysprocket.values.stdlib.greed import greedy_is_longest, groups_are_unique, may_be_empty
from pysprocket.values.stdlib.patterns import (
    Anchor,
    Chars,
    Choice,
    Group,
    Node,
    PatternError,
    Repeat,
    Sequence,
    Syntax,
    parse,
    to_python,
)


class Match(NamedTuple):
    """A match from `start` to `end` (exclusive); `groups` has the text of each group, "" for one that took no part."""

    start: int
    end: int
    groups: tuple[str, ...]


class Pattern:
    """A regular expression, ready to be searched for."""

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._regex = re.compile(to_python(syntax.root), re.IGNORECASE if syntax.ignore_case else 0)
        plain = syntax.perl or syntax.ignore_case
        self._span_is_right = plain or greedy_is_longest(syntax.root)
        self._groups_are_right = plain or (self._span_is_right and groups_are_unique(syntax.root))
        self._is_never_empty = not may_be_empty(syntax.root)

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text."""
        return self._regex.search(text) is not None

    def search(self, text: str, place: int = 0) -> Match | None:
        """The first match from `place` on."""
        found = self._regex.search(text, place)
        if found is None:
            return None
        if self._groups_are_right:
            return Match(*found.span(), found.groups(""))
        spans = _Spans(text)
        end = found.end() if self._span_is_right else max(spans.ends(self._syntax.root, found.start()))
        return Match(found.start(), end, spans.groups(self._syntax, found.start(), end))

    def matches(self, text: str) -> Iterator[Match]:
        """All matches from left to right; none is empty right behind another."""
        if self._groups_are_right and self._is_never_empty:
            for found in self._regex.finditer(text):
                yield Match(*found.span(), found.groups(""))
            return
        place, last_end = 0, -1
        while place <= len(text):
            match = self.search(text, place)
            if match is None:
                return
            place = match.end + (match.start == match.end)
            if match.end > match.start or match.start != last_end:
                last_end = match.end
                yield match


@functools.lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Pattern:
    """The regular expression that `pattern` writes.

    Raises:
        EvaluationError: it writes none.
    """
    try:
        return Pattern(parse(pattern))
    except (PatternError, re.error, OverflowError) as error:
        raise EvaluationError(f"`{pattern}` is not a POSIX extended regular expression: {error}") from None


# --- the longest match, and its groups ---------------------------------------------------------------------


class _Spans:
    """All places where a match of a part of a pattern can end in one text, computed once for each start."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ends: dict[tuple[Node, int], frozenset[int]] = {}
        self._rests: dict[tuple[Node, int], Node] = {}

    def ends(self, node: Node, start: int) -> frozenset[int]:
        """Where matches of `node` that begin at `start` end."""
        known = self._ends.get((node, start))
        if known is None:
            known = self._ends[node, start] = self._compute(node, start)
        return known

    def _compute(self, node: Node, start: int) -> frozenset[int]:
        match node:
            case Chars(python):
                return frozenset((start + 1,) if re.compile(python).match(self.text, start) else ())
            case Anchor(python):
                return frozenset((start,) if re.compile(python).match(self.text, start) else ())
            case Group(_, inner):
                return self.ends(inner, start)
            case Choice(options):
                return frozenset().union(*(self.ends(option, start) for option in options))
            case Sequence(items):
                places = frozenset((start,))
                for item in items:
                    places = self._step(item, places)
                return places
            case Repeat(item, low, high):
                return self._repeat(item, low, high, frozenset((start,)))

    def _step(self, node: Node, places: frozenset[int]) -> frozenset[int]:
        return frozenset().union(*(self.ends(node, place) for place in places))

    def _repeat(self, item: Node, low: int, high: int | None, places: frozenset[int]) -> frozenset[int]:
        for _ in range(low):
            places = self._step(item, places)
        reached = new = places
        count = low
        while new and (high is None or count < high):
            new = self._step(item, new) - reached
            reached |= new
            count += 1
        return reached

    def groups(self, syntax: Syntax, start: int, end: int) -> tuple[str, ...]:
        """What each group holds: parts more to the left take as much as they can."""
        found: dict[int, str] = {}
        self._divide(syntax.root, start, end, found)
        return tuple(found.get(number, "") for number in range(1, syntax.groups + 1))

    def _divide(self, node: Node, start: int, end: int, found: dict[int, str]) -> None:
        match node:
            case Group(number, inner):
                found[number] = self.text[start:end]
                self._divide(inner, start, end, found)
            case Choice(options):
                self._divide(next(option for option in options if end in self.ends(option, start)), start, end, found)
            case Sequence(items):
                for place, item in enumerate(items):
                    middle = self._furthest(item, self._rest(node, place + 1), start, end)
                    self._divide(item, start, middle, found)
                    start = middle
            case Repeat(item, low, high):
                count = 0
                last: dict[int, str] = {}  # a group holds what it matched in the last repeat, if it took part there
                while start < end:
                    count += 1
                    last = {}
                    rest = Repeat(item, max(low - count, 0), None if high is None else high - count)
                    middle = self._furthest(item, rest, start, end)
                    self._divide(item, start, middle, last)
                    start = middle
                found.update(last)

    def _rest(self, sequence: Sequence, place: int) -> Node:
        """What follows in a sequence; the same object each time, so that its ends are computed once."""
        return self._rests.setdefault((sequence, place), Sequence(sequence.items[place:]))

    def _furthest(self, node: Node, rest: Node, start: int, end: int) -> int:
        """The last place where `node` can end so that `rest` still reaches `end`."""
        return max(middle for middle in self.ends(node, start) if end in self.ends(rest, middle))
