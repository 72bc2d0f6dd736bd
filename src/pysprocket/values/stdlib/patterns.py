r"""POSIX extended regular expressions (ERE): from text to a tree, and from the tree to Python's notation.

In: the text of a pattern. Out: a tree of the classes below, or `PatternError`. Source: POSIX.1-2017, "Extended Regular
Expressions". Beyond it: the escapes that patterns in the wild use (`\d`, `\s`, `\w`, `\t`, …, also in brackets),
and what only Perl's dialect has and other engines accept, lazy repeats and `(?:…)`, which make the pattern `perl`.
"""

from __future__ import annotations

import re
import string
from typing import TypeAlias

import msgspec


class PatternError(ValueError):
    """A pattern that is none; the text says why."""


class Chars(msgspec.Struct, frozen=True, eq=False):
    """One character of a set; `python` is the set in Python's notation."""

    python: str


class Anchor(msgspec.Struct, frozen=True, eq=False):
    """A place in the text; `python` is it in Python's notation."""

    python: str


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
        perl: whether it uses what POSIX does not have; then the first match counts, not the longest.
        ignore_case: whether it began with `(?i)`.
    """

    root: Node
    groups: int
    perl: bool
    ignore_case: bool


START, END = Anchor(r"\A"), Anchor(r"\Z")
_ANY = r"[\s\S]"
_DIGIT, _SPACE, _WORD = "0-9", r" \t\n\r\f\v", "A-Za-z0-9_"
_SHORT = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_CONTROL = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "v": r"\v", "a": r"\a"}
_ANCHORS = {"b": r"\b", "B": r"\B", "A": r"\A", "z": r"\Z", "Z": r"\Z"}
_CLASSES = {
    "alpha": "A-Za-z",
    "digit": _DIGIT,
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": _SPACE,
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
    "xdigit": "0-9A-Fa-f",
    "word": _WORD,
}
_INTERVAL = re.compile(r"\{(\d*)(,?)(\d*)\}", re.ASCII)
_MOST_REPEATS = 1000
_DEEPEST = 100


def parse(pattern: str) -> Syntax:
    """Read a pattern.

    Raises:
        PatternError: it is not one.
    """
    return _Parser(pattern).pattern()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.groups = 0
        self.depth = 0
        self.perl = False

    def pattern(self) -> Syntax:
        ignore_case = self._take("(?i)")
        root = self._choice()
        if self.place < len(self.text):
            raise PatternError("`)` without `(`")
        return Syntax(root, self.groups, self.perl, ignore_case)

    def _take(self, text: str) -> bool:
        if self.text.startswith(text, self.place):
            self.place += len(text)
            return True
        return False

    def _next(self) -> str:
        if self.place >= len(self.text):
            raise PatternError("it ends too early")
        self.place += 1
        return self.text[self.place - 1]

    def _at_end(self) -> bool:
        return self.place >= len(self.text) or self.text[self.place] in "|)"

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._take("|"):
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
            lazy = self._take("?")
            self.perl = self.perl or lazy
            item = Repeat(item, *bounds, lazy)
        return item

    def _bounds(self) -> tuple[int, int | None] | None:
        for symbol, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(symbol):
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
        symbol = self._next()
        match symbol:
            case "(":
                return self._group()
            case "[":
                return Chars(self._bracket())
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
        return Chars(re.escape(symbol))

    def _group(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise PatternError("its groups are nested too deeply")
        if self._take("?:"):
            self.perl = True
            inner = self._choice()
        elif self.text.startswith("?", self.place):
            raise PatternError(f"`({self.text[self.place : self.place + 2]}` is not known in POSIX regular expressions")
        else:
            self.groups += 1
            number = self.groups
            inner = Group(number, self._choice())
        if not self._take(")"):
            raise PatternError("`(` without `)`")
        self.depth -= 1
        return inner

    def _escape(self) -> Node:
        symbol = self._next()
        if symbol in _ANCHORS:
            return Anchor(_ANCHORS[symbol])
        if symbol.lower() in _SHORT:
            return Chars(f"[{'^' if symbol.isupper() else ''}{_SHORT[symbol.lower()]}]")
        if symbol in _CONTROL:
            return Chars(_CONTROL[symbol])
        if symbol == "x":
            return Chars(self._hexadecimal())
        if symbol.isalnum() and symbol.isascii():
            raise PatternError(f"`\\{symbol}` has no meaning")
        return Chars(re.escape(symbol))

    def _hexadecimal(self) -> str:
        digits = self._next() + self._next()
        if not set(digits) <= set(string.hexdigits):
            raise PatternError(f"`\\x{digits}` is no character")
        return f"\\x{digits}"

    # --- brackets ---

    def _bracket(self) -> str:
        negated = self._take("^")
        members: list[str] = []
        first = True
        while first or not self._take("]"):
            members.append(self._bracket_member())
            first = False
        return f"[{'^' * negated}{''.join(members)}]"

    def _bracket_member(self) -> str:
        if self._take("[:"):
            return self._character_class()
        if self.text.startswith("\\", self.place) and (member := self._bracket_set()):
            return member
        low = self._bracket_character()
        if self.text.startswith("-", self.place) and not self.text.startswith("-]", self.place):
            self.place += 1
            high = self._bracket_character()
            if high < low:
                raise PatternError(f"the range `{low}-{high}` is empty")
            return f"{_in_class(low)}-{_in_class(high)}"
        return _in_class(low)

    def _character_class(self) -> str:
        end = self.text.find(":]", self.place)
        name = self.text[self.place : end] if end >= 0 else self.text[self.place :]
        if name not in _CLASSES:
            raise PatternError(f"`[:{name}:]` is no class of characters")
        self.place = end + 2
        return _CLASSES[name]

    def _bracket_set(self) -> str | None:
        r"""`\d` and kin in brackets; POSIX means a backslash and a letter, no author does."""
        symbol = self.text[self.place + 1 : self.place + 2]
        if symbol.lower() not in _SHORT:
            return None
        self.place += 2
        return "\\" + symbol if symbol.isupper() else _SHORT[symbol]

    def _bracket_character(self) -> str:
        for opening, closing in (("[.", ".]"), ("[=", "=]")):
            if self._take(opening):
                symbol = self._next()
                if not self._take(closing):
                    raise PatternError(f"`{opening}…{closing}` holds one character")
                return symbol
        symbol = self._next()
        if symbol != "\\" or self.place >= len(self.text):
            return symbol
        escaped = self.text[self.place]
        if escaped in _CONTROL:
            self.place += 1
            return {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}[escaped]
        if not escaped.isalnum() and (escaped != "]" or "]" in self.text[self.place + 1 :]):
            self.place += 1
            return escaped
        return symbol


def _in_class(symbol: str) -> str:
    return symbol if symbol.isalnum() else "\\" + symbol if symbol.isprintable() else f"\\U{ord(symbol):08x}"


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
