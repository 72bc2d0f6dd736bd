r"""POSIX extended regular expressions (ERE): from text to a tree, and from the tree to Python's notation.

In: the text of a pattern. Out: a tree of the classes below, or `PatternError`. Source: POSIX.1-2017, "Extended Regular
Expressions". Beyond it: the escapes that patterns in the wild use (`\d`, `\s`, `\w`, `\t`, …, also in brackets),
`(?:…)`, names of groups, `(?i)` at the start, and lazy repeats, which make the pattern `perl`.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

from pysprocket.types.brackets import CONTROL, SHORT, PatternError, Reader


class Chars(msgspec.Struct, frozen=True, eq=False):
    """One character of a set; `python` is the set in Python's notation."""

    python: str


class Anchor(msgspec.Struct, frozen=True, eq=False):
    """A place in the text; `python` is it in Python's notation."""

    python: str

    def holds(self, left: str, right: str) -> bool:
        """Whether it is between these characters; no character is the edge of the text."""
        match self.python:
            case r"\A":
                return not left
            case r"\Z":
                return not right
        return (is_word(left) != is_word(right)) == (self.python == _BOUNDARY)


class Group(msgspec.Struct, frozen=True, eq=False):
    """`(inner)`; `number` counts from 1."""

    number: int
    inner: Node


class Sequence(msgspec.Struct, frozen=True, eq=False):
    """One after the other."""

    items: tuple[Node, ...]


class Choice(msgspec.Struct, frozen=True, eq=False):
    """One of several."""

    options: tuple[Node, ...]


class Repeat(msgspec.Struct, frozen=True, eq=False):
    """`low` to `high` times, None for as often as can be."""

    item: Node
    low: int
    high: int | None
    lazy: bool = False


Node: TypeAlias = Chars | Anchor | Group | Sequence | Choice | Repeat


class Syntax(msgspec.Struct, frozen=True, eq=False):
    """A pattern that was read.

    Attributes:
        root: its tree.
        groups: the number of its groups.
        perl: whether it has lazy repeats, which POSIX does not know; then the first match counts, not the longest.
    """

    root: Node
    groups: int
    perl: bool


START, END = Anchor(r"\A"), Anchor(r"\Z")
_ANY = r"[\s\S]"
_BOUNDARY, _NO_BOUNDARY = r"(?a:\b)", r"(?a:\B)"
_ANCHORS = {"b": _BOUNDARY, "B": _NO_BOUNDARY, "A": r"\A", "z": r"\Z", "Z": r"\Z"}
_INTERVAL = re.compile(r"\{(\d{0,9})(,?)(\d{0,9})\}", re.ASCII)
_NAME = re.compile(r"P?<[A-Za-z_]\w*>", re.ASCII)
_HEXADECIMAL = set("0123456789abcdefABCDEF")
_MOST_REPEATS = 1000
_MOST_NODES = 10_000
_DEEPEST = 100


def parse(pattern: str) -> Syntax:
    """Read a pattern.

    Raises:
        PatternError: it is not one.
    """
    return _Parser(pattern).pattern()


class _Parser(Reader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.groups = 0
        self.depth = 0
        self.perl = False
        self.ignore_case = False

    def pattern(self) -> Syntax:
        self.ignore_case = self.take("(?i)")
        root = self._choice()
        if self.place < len(self.text):
            raise PatternError("`)` without `(`")
        if _size(root) > _MOST_NODES:
            raise PatternError("its repeats of repeats are too many")
        return Syntax(root, self.groups, self.perl)

    def _chars(self, python: str) -> Chars:
        return Chars(f"(?i:{python})" if self.ignore_case else python)

    def _at_end(self) -> bool:
        return self.place >= len(self.text) or self.text[self.place] in "|)"

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self.take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while not self._at_end():
            items.append(self._repeated(self._atom()))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _repeated(self, item: Node) -> Node:
        stacked = 0
        while (bounds := self._bounds()) is not None:
            stacked += 1
            if stacked > _DEEPEST:
                raise PatternError("too many repeats of repeats")
            lazy = self.take("?")
            self.perl = self.perl or lazy
            item = _repeat(item, *bounds, lazy)
        return item

    def _bounds(self) -> tuple[int, int | None] | None:
        for symbol, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(symbol):
                return bounds
        interval = _INTERVAL.match(self.text, self.place)
        if interval is None or not (interval[1] or interval[3]):
            return None
        self.place = interval.end()
        low = int(interval[1] or 0)
        high = (int(interval[3]) if interval[3] else None) if interval[2] else low
        if max(low, high or 0) > _MOST_REPEATS or (high is not None and high < low):
            raise PatternError(f"`{interval[0]}` is no number of repeats")
        return low, high

    def _atom(self) -> Node:
        symbol = self.next()
        match symbol:
            case "(":
                return self._group()
            case "[":
                return self._chars(self.bracket())
            case ".":
                return Chars(_ANY)
            case "^":
                return START
            case "$":
                return END
            case "\\":
                return self._escape()
            case "*" | "+" | "?":
                raise PatternError(f"nothing before `{symbol}` to repeat")
        return self._chars(re.escape(symbol))

    def _group(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise PatternError("its groups are nested too deeply")
        if self.take("?:"):
            inner = self._choice()
        elif self.text.startswith("?", self.place) and not self._take_name():
            raise PatternError(f"`({self.text[self.place : self.place + 2]}` is not known in POSIX regular expressions")
        else:
            self.groups += 1
            number = self.groups
            inner = Group(number, self._choice())
        if not self.take(")"):
            raise PatternError("`(` without `)`")
        self.depth -= 1
        return inner

    def _take_name(self) -> bool:
        """The name of a group, which counts like any other."""
        name = _NAME.match(self.text, self.place + 1)
        if name is not None:
            self.place = name.end()
        return name is not None

    def _escape(self) -> Node:
        symbol = self.next()
        if symbol in _ANCHORS:
            return Anchor(_ANCHORS[symbol])
        if symbol.lower() in SHORT:
            return Chars(f"[{'^' if symbol.isupper() else ''}{SHORT[symbol.lower()]}]")
        if symbol in CONTROL:
            return Chars(CONTROL[symbol])
        if symbol == "x":
            return self._chars(self._hexadecimal())
        if symbol.isalnum() and symbol.isascii():
            raise PatternError(f"`\\{symbol}` has no meaning")
        return self._chars(re.escape(symbol))

    def _hexadecimal(self) -> str:
        digits = self.next() + self.next()
        if not set(digits) <= _HEXADECIMAL:
            raise PatternError(f"`\\x{digits}` is no character")
        return f"\\x{digits}"


def _repeat(item: Node, low: int, high: int | None, lazy: bool) -> Repeat:  # noqa: FBT001 - as in the tree
    """A repeat; `(x*)*` and its kin are one."""
    if isinstance(item, Repeat) and not lazy and not item.lazy:
        simple = low <= 1 and item.low <= 1 and all(bound in (1, None) for bound in (high, item.high))
        if simple:
            return Repeat(item.item, low * item.low, None if high is None or item.high is None else 1)
    return Repeat(item, low, high, lazy)


def _size(node: Node) -> int:
    """The number of items when each repeat is written out."""
    match node:
        case Group(_, inner):
            return 1 + _size(inner)
        case Sequence(items) | Choice(items):
            return 1 + sum(map(_size, items))
        case Repeat(item, low, high):
            return 1 + _size(item) * max(1, low + 1 if high is None else high)
    return 1


def is_word(symbol: str) -> bool:
    """Whether a character (nothing is the edge of the text) is part of a word, for the boundaries of words."""
    return symbol.isascii() and (symbol.isalnum() or symbol == "_")


# --- Python's notation -------------------------------------------------------------------------------------


def to_python(node: Node) -> str:
    """The pattern in Python's notation; its groups have the same numbers."""
    match node:
        case Chars(python) | Anchor(python):
            return python
        case Group(_, inner):
            return f"({to_python(inner)})"
        case Sequence(items):
            return "".join(map(_as_item, items))
        case Choice(options):
            return "|".join(map(to_python, options))
        case Repeat(item, low, high, lazy):
            repeated = to_python(item) if isinstance(item, (Chars, Group)) else f"(?:{to_python(item)})"
            return f"{repeated}{{{low},{'' if high is None else high}}}" + "?" * lazy


def _as_item(node: Node) -> str:
    return f"(?:{to_python(node)})" if isinstance(node, Choice) else to_python(node)
