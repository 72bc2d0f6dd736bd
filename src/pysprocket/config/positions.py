"""Where the keys and values of a TOML text are.

In: a text of TOML 1.1 that `tomli` has accepted. Out: for each path of keys the offsets of the key and of its value.
Only looked for when something is to be told: it takes longer than reading the file did.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import NamedTuple

import tomli

from pysprocket.config.problems import Keys

Span = tuple[int, int]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]*")
STRING = r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}' r"|'''(?:[^']|'(?!''))*'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'"
"""A text of any kind, as a regular expression in which `.` is any character."""

_STRING = re.compile(STRING, re.DOTALL)


class Spot(NamedTuple):
    """Where one setting is; for a table with a header of its own, the value is what the header names."""

    key: Span
    value: Span


class Statement(NamedTuple):
    """What sets a key, or begins a table; the former also in an inline table, which is `inside` of others."""

    keys: Keys
    span: Span
    is_header: bool = False
    inside: tuple[Statement, ...] = ()


class KeyPart(NamedTuple):
    """One part of a dotted key."""

    name: str
    span: Span


def positions(text: str) -> dict[Keys, Spot]:
    """The spot of each table, key and element of a text."""
    return _Scanner(text).scan()


def statements(text: str) -> list[Statement]:
    """All that a text says, in order; its end may be missing."""
    scanner = _Scanner(text)
    with suppress(IndexError, ValueError):
        scanner.scan()
    return scanner.statements


def comments(text: str) -> list[Span]:
    """Where comments are, each with its sign."""
    found = re.finditer(f"{STRING}|(#[^\r\n]*)", text, re.DOTALL)
    return [each.span() for each in found if each[1] is not None]


def key_at(text: str, start: int = 0) -> tuple[list[KeyPart], int]:
    """The parts of the dotted key at an offset, and where it ends.

    Raises:
        ValueError: there is no key.
    """
    parts = []
    at = start
    while True:
        at = _end(_SPACE, text, at)
        found = _BARE_KEY.match(text, at) or _STRING.match(text, at)
        if found is None:
            raise ValueError("no key")
        parts.append(KeyPart(_name(found[0]), found.span()))
        at = _end(_SPACE, text, found.end())
        if not text.startswith(".", at):
            return parts, at
        at += 1


def _name(written: str) -> str:
    if written[0] not in "\"'":
        return written
    return str(tomli.loads(f"key = {written}")["key"])


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


class _Scanner:
    """Walks through a text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.spots: dict[Keys, Spot] = {}
        self.statements: list[Statement] = []
        self.around: tuple[Statement, ...] = ()
        self.elements: dict[Keys, int] = {}
        """How many tables each array of tables has so far."""

    def scan(self) -> dict[Keys, Spot]:
        table: Keys = ()
        at = _end(_BLANK, self.text, 0)
        while at < len(self.text):
            if self.text[at] == "[":
                table, at = self._header(at)
            else:
                at = self._pair(at, table)
            at = _end(_BLANK, self.text, at)
        return self.spots

    def _header(self, at: int) -> tuple[Keys, int]:
        array = self.text.startswith("[[", at)
        brackets = 2 if array else 1
        parts, end = key_at(self.text, at + brackets)
        whole = (parts[0].span[0], parts[-1].span[1])
        self.statements.append(Statement(tuple(part.name for part in parts), whole, is_header=True))
        keys: Keys = ()
        for number, part in enumerate(parts, start=1):
            keys = (*keys, part.name)
            last = number == len(parts)
            spot = Spot(part.span, whole if last else (whole[0], part.span[1]))
            if last and not array:
                self._explicit(keys, spot)
            else:
                self.spots.setdefault(keys, spot)
            if last and array:
                self.elements[keys] = self.elements.get(keys, 0) + 1
            if keys in self.elements:
                keys = (*keys, self.elements[keys] - 1)
                self.spots.setdefault(keys, spot)
        return keys, end + brackets

    def _explicit(self, keys: Keys, spot: Spot) -> None:
        """The header of a table itself tells more than the beginning of another."""
        self.spots[keys] = spot

    def _pair(self, at: int, table: Keys) -> int:
        parts, end = key_at(self.text, at)
        whole = (parts[0].span[0], parts[-1].span[1])
        around = self.around
        statement = Statement((*table, *(part.name for part in parts)), whole, inside=around)
        self.statements.append(statement)
        keys = table
        for part in parts[:-1]:
            keys = (*keys, part.name)
            self.spots.setdefault(keys, Spot(part.span, (parts[0].span[0], part.span[1])))
        keys = (*keys, parts[-1].name)
        begin = _end(_SPACE, self.text, end + 1)  # behind the equals sign
        self.around = (*around, statement)
        finish = self._value(begin, keys)
        self.around = around
        self.spots[keys] = Spot(parts[-1].span, (begin, finish))
        return finish

    def _value(self, at: int, keys: Keys) -> int:
        first = self.text[at]
        if first in "\"'":
            return _end(_STRING, self.text, at)
        if first == "[":
            return self._array(at, keys)
        if first == "{":
            return self._inline_table(at, keys)
        found = _BARE_VALUE.match(self.text, at)
        assert found is not None
        return at + len(found[0].rstrip())

    def _array(self, at: int, keys: Keys) -> int:
        at = _end(_BLANK, self.text, at + 1)
        number = 0
        while self.text[at] != "]":
            end = self._value(at, (*keys, number))
            self.spots[*keys, number] = Spot((at, end), (at, end))
            number += 1
            at = _end(_BLANK, self.text, end)
            if self.text[at] == ",":
                at = _end(_BLANK, self.text, at + 1)
        return at + 1

    def _inline_table(self, at: int, keys: Keys) -> int:
        at = _end(_BLANK, self.text, at + 1)
        while self.text[at] != "}":
            at = _end(_BLANK, self.text, self._pair(at, keys))
            if self.text[at] == ",":
                at = _end(_BLANK, self.text, at + 1)
        return at + 1
