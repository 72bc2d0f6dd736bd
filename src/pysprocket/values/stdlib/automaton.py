"""A regular expression as a machine that reads a text once, so that no pattern can take exponential time.

In: the tree of a pattern. Out: `Automaton`: where the matches from one place end, and where those begin that end at
one place or anywhere. The set of places in the pattern that are possible after some characters is one state; what a
state becomes by a character is computed when it first happens, and kept.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from pysprocket.types.patterns import Anchor, Chars, Choice, Group, Node, Repeat, is_word
from pysprocket.types.patterns import Sequence as Items

EDGE = ""
"""Stands for the character before the first and behind the last."""

_STATE_BITS = 12
_MOST_STATES = (1 << _STATE_BITS) - 1
_MOST_PLACES = 1_000_000  # in all states together: some tens of megabytes
_DEAD = 0


class _Read(NamedTuple):
    """One character of the set number `number`, then on to `following`."""

    number: int
    following: int


class _Look(NamedTuple):
    """On if the place is that of the anchor."""

    anchor: Anchor
    following: int


class _Fork(NamedTuple):
    """On to any of these; the first is preferred."""

    options: tuple[int, ...]


class _Mark(NamedTuple):
    """Where group `number` begins (or, with `ends`, ends)."""

    number: int
    ends: bool
    following: int


_Step = _Read | _Look | _Fork | _Mark | None


class Automaton:
    """Reads texts for one pattern.

    Args:
        root: the pattern.
        backward: whether texts are read from their end to their start.
        first: whether, as in Perl, the first match counts, not the longest; then groups are known as well.
        anywhere: whether a match may begin at any place that is read, not only at the first.
    """

    def __init__(self, root: Node, *, backward: bool = False, first: bool = False, anywhere: bool = False) -> None:
        self._backward, self._first, self._anywhere = backward, first, anywhere
        self._steps: list[_Step] = [None]  # step 0 accepts
        self._sets: dict[str, int] = {}
        self._anchored = False
        self._entry = self._build(root, 0)
        self._tests = [re.compile(python).match for python in self._sets]
        self._members: dict[str, int] = {EDGE: 0}
        self._reset()

    # --- the steps, made from the last to the first ---

    def _emit(self, step: _Step) -> int:
        self._steps.append(step)
        return len(self._steps) - 1

    def _build(self, node: Node, following: int) -> int:
        match node:
            case Chars(python):
                return self._emit(_Read(self._sets.setdefault(python, len(self._sets)), following))
            case Anchor():
                self._anchored = True
                return self._emit(_Look(node, following))
            case Group(number, inner):
                return self._build_group(number, inner, following)
            case Items(items):
                for item in items if self._backward else reversed(items):
                    following = self._build(item, following)
                return following
            case Choice(options):
                return self._emit(_Fork(tuple([self._build(option, following) for option in options])))
            case Repeat():
                return self._build_repeat(node, following)

    def _build_group(self, number: int, inner: Node, following: int) -> int:
        if not self._first:
            return self._build(inner, following)
        end = self._emit(_Mark(number, ends=True, following=following))
        return self._emit(_Mark(number, ends=False, following=self._build(inner, end)))

    def _build_repeat(self, node: Repeat, following: int) -> int:
        end = following
        if node.high is None:
            loop = self._emit(None)
            self._steps[loop] = self._fork(self._build(node.item, loop), end, node.lazy)
            following = loop
        else:
            for _ in range(node.high - node.low):
                following = self._emit(self._fork(self._build(node.item, following), end, node.lazy))
        for _ in range(node.low):
            following = self._build(node.item, following)
        return following

    @staticmethod
    def _fork(more: int, end: int, lazy: bool) -> _Fork:  # noqa: FBT001 - as it stands in the tree
        return _Fork((end, more) if lazy else (more, end))

    # --- states ---

    def _reset(self) -> None:
        self._known: dict[tuple[tuple[int, ...], str], int] = {}
        self._states: list[tuple[tuple[int, ...], str]] = []
        self._moves: list[dict[str, int]] = []
        self._weight = 0
        self._state((), EDGE)

    def _state(self, places: tuple[int, ...], last: str) -> int:
        """The number of the state in which these steps come next, behind the character `last`."""
        key = (places, self._sort(last) if self._anchored and places else EDGE)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = len(self._states)
            self._states.append(key)
            self._moves.append({})
            self._weight += len(places)
        return known

    @staticmethod
    def _sort(symbol: str) -> str:
        """A character that anchors cannot tell from this one."""
        return "a" if is_word(symbol) else symbol and "."

    def _move(self, state: int, symbol: str) -> int:
        """What a state becomes by a character: twice its number, plus 1 if the text before that is a match."""
        places, last = self._states[state]
        members = self._membership(symbol)
        accepts = False
        following: dict[int, None] = {}
        for place in self._reached(places, last, symbol):
            step = self._steps[place]
            if step is None:
                accepts = True
                if self._first:
                    break
            elif isinstance(step, _Read) and members >> step.number & 1:
                following[step.following] = None
        if self._anywhere:
            following[self._entry] = None
        if len(self._states) >= _MOST_STATES or self._weight > _MOST_PLACES:
            self._reset()
            state = _DEAD
        move = 2 * self._state(tuple(following) if self._first else tuple(sorted(following)), symbol) + accepts
        if state != _DEAD:
            self._moves[state][symbol] = move
        return move

    def _membership(self, symbol: str) -> int:
        """The sets that have a character, one bit for each."""
        known = self._members.get(symbol)
        if known is None:
            known = sum(1 << number for number, test in enumerate(self._tests) if test(symbol))
            self._members[symbol] = known
        return known

    def _reached(self, places: Sequence[int], last: str, symbol: str) -> Iterator[int]:
        """All steps that can be reached without reading, the preferred ones first."""
        left, right = (symbol, last) if self._backward else (last, symbol)
        stack = list(reversed(places))
        seen = set()
        while stack:
            place = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            step = self._steps[place]
            if isinstance(step, _Fork):
                stack.extend(reversed(step.options))
            elif isinstance(step, _Mark) or (isinstance(step, _Look) and step.anchor.holds(left, right)):
                stack.append(step.following)
            elif step is None or isinstance(step, _Read):
                yield place

    # --- reading ---

    def end(
        self, text: str, start: int, hopeless: set[int], stop: int | None = None, among: Container[int] | None = None
    ) -> int:
        """Where the match that begins at `start` ends, -1 if none begins there.

        Args:
            text: what to read.
            start: the place of the first character.
            hopeless: places with states behind which no match ends, found by one call for the next with the same
                `text`, `stop` and `among`, so that many matches together do not read the rest again and again.
            stop: the last place where it may end; that of the text if not given.
            among: the places where it may end; all if not given.
        """
        stop = len(text) if stop is None else stop
        found = -1
        passed: list[int] = []
        state = self._state((self._entry,), text[start - 1] if start else EDGE)
        moves = self._moves
        for place in range(start, stop + 1):
            symbol = text[place] if place < len(text) else EDGE
            move = moves[state].get(symbol)
            if move is None:
                move = self._move(state, symbol)
                if self._moves is not moves:
                    moves = self._moves
                    hopeless.clear()
                    passed.clear()
            if move & 1 and (among is None or place in among):
                found = place
                passed.clear()
            state = move >> 1
            key = (place << _STATE_BITS) + state
            if state == _DEAD or key in hopeless:
                break
            passed.append(key)
        hopeless.update(passed)
        return found

    def starts(self, text: str, end: int, stop: int = 0) -> Iterator[int]:
        """The places from `end` down to `stop` where matches begin; of one that reads backward."""
        state = self._state((self._entry,), text[end] if end < len(text) else EDGE)
        for place in range(end, stop - 1, -1):
            symbol = text[place - 1] if place else EDGE
            move = self._moves[state].get(symbol)
            if move is None:
                move = self._move(state, symbol)
            if move & 1:
                yield place
            state = move >> 1
            if state == _DEAD:
                return

    def groups(self, text: str, start: int, end: int) -> dict[int, tuple[int, int]]:
        """Where the groups of the preferred match from `start` to `end` are; only for `first`."""
        seen: set[tuple[int, int]] = set()
        stack: list[tuple[int, int, dict[int, tuple[int, int]]]] = [(self._entry, start, {})]
        while stack:
            place, at, marks = stack.pop()
            if (place, at) in seen:
                continue
            seen.add((place, at))
            step = self._steps[place]
            if step is None:
                if at == end:
                    return marks
            elif isinstance(step, _Fork):
                stack += [(option, at, marks) for option in reversed(step.options)]
            elif isinstance(step, _Mark):
                span = (marks[step.number][0], at) if step.ends else (at, at)
                stack.append((step.following, at, {**marks, step.number: span}))
            elif isinstance(step, _Look):
                if step.anchor.holds(text[at - 1] if at else EDGE, text[at : at + 1]):
                    stack.append((step.following, at, marks))
            elif at < end and self._membership(text[at]) >> step.number & 1:
                stack.append((step.following, at + 1, marks))
        return {}
