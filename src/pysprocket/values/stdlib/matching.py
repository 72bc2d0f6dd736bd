"""Matching with the rule of POSIX: of the matches that start leftmost, the longest.

In: patterns and texts. Out: `compile_pattern`, `Pattern` and the matches. Python's `re` does the work where it is
right and surely quick, which is nearly always: its greedy match is the longest for nearly all patterns. For the others
an `Automaton` finds where a match ends. Where a search that backtracks could take long, in a long text or for a
pattern such as `(a|a)*b`, the automaton does all, in a time that grows with the length of the text alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from pysprocket.errors import EvaluationError
from pysprocket.types.brackets import PatternError
from pysprocket.types.patterns import Syntax, parse, to_python
from pysprocket.values.stdlib.automaton import Automaton
from pysprocket.values.stdlib.greed import cheap_length, greedy_is_longest, groups_are_unique, may_be_empty
from pysprocket.values.stdlib.groups import Division


class Match(NamedTuple):
    """A match from `start` to `end` (exclusive)."""

    start: int
    end: int


class Pattern:
    """A regular expression, ready to be searched for.

    Attributes:
        cheap_length: the length of the longest text that is given to `re`.
    """

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._regex = re.compile(to_python(syntax.root))
        self.cheap_length = cheap_length(syntax.root)
        self._ends_are_right = syntax.perl or greedy_is_longest(syntax.root)
        self._python_agrees = self._ends_are_right and not may_be_empty(syntax.root)

    @cached_property
    def _ends(self) -> Automaton:
        return Automaton(self._syntax.root, first=self._syntax.perl)

    @cached_property
    def _starts(self) -> Automaton:
        return Automaton(self._syntax.root, backward=True, anywhere=True)

    @cached_property
    def _division(self) -> Division:
        return Division(self._syntax.root)

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text."""
        if len(text) <= self.cheap_length:
            return self._regex.search(text) is not None
        return next(self._starts.starts(text, len(text)), None) is not None

    def search(self, text: str) -> Match | None:
        """The first match."""
        return next(self.matches(text), None)

    def matches(self, text: str) -> Iterator[Match]:
        """All matches from left to right; none is empty right behind another."""
        last_end = -1
        for match in self._quick(text) if len(text) <= self.cheap_length else self._steady(text):
            if match.start != match.end or match.start != last_end:
                last_end = match.end
                yield match

    def _quick(self, text: str) -> Iterator[Match]:
        hopeless: set[int] = set()
        place = 0
        while place <= len(text) and (found := self._regex.search(text, place)) is not None:
            start, end = found.span()
            if not self._ends_are_right:
                end = self._ends.end(text, start, hopeless)
            yield Match(start, end)
            place = end + (start == end)

    def _steady(self, text: str) -> Iterator[Match]:
        starts = bytearray(len(text) + 1)
        for place in self._starts.starts(text, len(text)):
            starts[place] = 1
        hopeless: set[int] = set()
        start = starts.find(1)
        while start >= 0:
            end = self._ends.end(text, start, hopeless)
            yield Match(start, end)
            start = starts.find(1, end + (start == end))

    def replace(self, text: str, replacement: str) -> str:
        """`text` with each match replaced by a text that stands for itself (no backslash in it)."""
        if self._python_agrees and len(text) <= self.cheap_length:
            return self._regex.sub(replacement, text)
        parts: list[str] = []
        place = 0
        for match in self.matches(text):
            parts += text[place : match.start], replacement
            place = match.end
        return "".join(parts) + text[place:]

    def groups(self, text: str, match: Match) -> tuple[str, ...]:
        """What each group holds in a match in `text`, "" for one that took no part."""
        return tuple(text[slice(*span)] for span in self._group_spans(text, match))

    def _group_spans(self, text: str, match: Match) -> list[tuple[int, int]]:
        count = self._syntax.groups
        if len(text) <= self.cheap_length and self._groups_are_right:
            found = self._regex.match(text, match.start)
            return [found.span(number) for number in range(1, count + 1)] if found is not None else []
        known = self._ends.groups(text, *match) if self._syntax.perl else self._division.of(text, *match)
        return [known.get(number, (0, 0)) for number in range(1, count + 1)]

    @cached_property
    def _groups_are_right(self) -> bool:
        return self._syntax.perl or (self._ends_are_right and groups_are_unique(self._syntax.root))


@functools.lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Pattern:
    """The regular expression that `pattern` writes.

    Raises:
        EvaluationError: it writes none.
    """
    try:
        return Pattern(parse(pattern))
    except (PatternError, re.error, OverflowError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        shown = pattern if len(pattern) <= _LONGEST_SHOWN else pattern[:_LONGEST_SHOWN] + "…"
        raise EvaluationError(f"`{shown}` is not a POSIX extended regular expression: {why}") from None


_LONGEST_SHOWN = 200
