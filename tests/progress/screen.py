"""A small terminal: what a person would see of what a program writes.

In: text with the control sequences that the live view uses; an unknown one is an error. Out: the rows, those that have
scrolled away included. Long lines wrap, and when the window changes its width they are wrapped anew, as most terminals
do it.
"""

from __future__ import annotations

import re

from pysprocket.source.visible import columns

_TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\x1b|[^\x1b]", re.DOTALL)


class Screen:
    """Rows and a cursor; a row is a list of cells, and remembers whether the next one goes on with it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows: list[list[str]] = [[]]
        self.continued: list[bool] = [False]
        self.top = self.row = self.column = 0
        self.wrap = True
        self.painted = False
        self.cursor_shown = True

    def feed(self, text: str) -> None:
        for token in _TOKEN.finditer(text):
            private, number, letter = token.groups()
            if letter is None:
                assert token[0] != "\x1b", f"unknown sequence in {text!r}"
                self._put(token[0])
            else:
                self._obey(private + letter, number)

    def _obey(self, command: str, number: str) -> None:
        if command == "A":
            self.row = max(self.top, self.row - int(number or 1))
        elif command == "K":
            assert number in ("", "0")
            del self.rows[self.row][self.column :]
            self.continued[self.row] = False
        elif command == "J":
            assert number in ("", "0")
            del self.rows[self.row][self.column :], self.rows[self.row + 1 :]
            del self.continued[self.row :]
            self.continued.append(False)
        elif command == "m":
            self.painted = number not in ("", "0")
        elif command in ("?l", "?h"):
            assert number in ("7", "25"), number
            if number == "7":
                self.wrap = command == "?h"
            else:
                self.cursor_shown = command == "?h"
        else:
            raise AssertionError(f"unknown sequence {command!r}")

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":  # the terminal driver makes it \r\n
            self._down(continued=False)
        else:
            assert character.isprintable(), f"{character!r} reached the terminal"
            wide = columns(character)
            if self.column + wide > self.width:
                if not self.wrap:
                    self.column = self.width - wide
                else:
                    self._down(continued=True)
            row = self.rows[self.row]
            row += [" "] * (self.column - len(row))
            row[self.column : self.column + wide] = [character, *[""] * (wide - 1)]
            self.column += wide

    def _down(self, *, continued: bool) -> None:
        self.continued[self.row] = continued
        self.column = 0
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append([])
            self.continued.append(False)
        self.top = max(self.top, self.row - self.height + 1)

    def resize(self, width: int, height: int) -> None:
        rows: list[list[str]] = []
        continued: list[bool] = []
        at = 0
        line: list[str] = []
        for index, row in enumerate(self.rows):
            if index == self.row:
                at = len(rows)
            line += row
            if self.continued[index]:
                continue
            pieces = [line[start : start + width] for start in range(0, len(line), width)] or [[]]
            rows += pieces
            continued += [True] * (len(pieces) - 1) + [False]
            line = []
        self.width, self.height, self.rows, self.continued, self.row = width, height, rows, continued, at
        self.top = max(0, self.row - height + 1)

    @property
    def text(self) -> list[str]:
        """All rows as text, without blanks at their ends and without empty rows at the end."""
        texts = ["".join(row).rstrip() for row in self.rows]
        while texts and not texts[-1]:
            texts.pop()
        return texts
