"""Tables as plain text.

In: columns and rows. Out: lines, aligned, that fit the terminal. What is not shown on a terminal is never cut.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from pysprocket.source.visible import shortened, visible

_ENOUGH, _LEAST = 24, 8  # characters of a text that is cut: before columns are left out, and after
_GAP = 2


class Column(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        title: its head.
        right: whether it is aligned at its right side, as numbers are.
        cut: whether long texts in it may be cut.
        spare: whether it may be left out where there is no room, the rightmost first.
        expendable: whether it may be left out where nothing else has helped, the leftmost first.
    """

    title: str
    right: bool = False
    cut: bool = False
    spare: bool = False
    expendable: bool = False


Cell: TypeAlias = str | tuple[str, ...]
"""A text, or one in several lengths, the longest first, each of which says what it can."""


def room() -> int | None:
    """The columns of the terminal that the standard output is; None when it is none, unless COLUMNS says."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int | None) -> list[str]:
    """The lines of a table.

    Args:
        columns: what stands above each column, and how it behaves.
        rows: a text for each column; columns without any text are left out.
        width: what must not be exceeded if possible; None for no bound.
    """
    fitting = _Fitting(columns, rows)
    if width is not None:
        fitting.fit(width)
    return fitting.lines()


class _Fitting:
    """Which columns are shown, how wide, and in which length their texts are, until all of it fits."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        self._columns = columns
        self._forms = [[(cell,) if isinstance(cell, str) else cell for cell in row] for row in rows]
        self._kept = [index for index in range(len(columns)) if any(row[index][0] for row in self._forms)]
        self._measure(0)

    def _measure(self, form: int) -> None:
        """Take the texts in one of their lengths."""
        self._cells = [[visible(forms[min(form, len(forms) - 1)]) for forms in row] for row in self._forms]
        self._widths = [
            max(len(column.title), *(len(row[index]) for row in self._cells), 0)
            for index, column in enumerate(self._columns)
        ]

    def fit(self, width: int) -> None:
        """Give up as little as possible, step by step."""
        most = max((len(forms) for row in self._forms for forms in row), default=1) - 1
        spare = [index for index in reversed(self._kept) if self._columns[index].spare]
        expendable = [index for index in self._kept if self._columns[index].expendable]
        self._cut(width, _ENOUGH)
        for form in range(1, most):
            self._shorten(width, form, _ENOUGH)
        self._drop(width, spare)
        self._cut(width, _LEAST)
        self._shorten(width, most, _LEAST)
        self._drop(width, expendable)

    def _excess(self, width: int) -> int:
        return sum(self._widths[index] + _GAP for index in self._kept) - _GAP - width

    def _cut(self, width: int, least: int) -> None:
        for index in reversed(self._kept):
            if self._columns[index].cut and (excess := self._excess(width)) > 0:
                self._widths[index] = min(self._widths[index], max(least, self._widths[index] - excess))

    def _shorten(self, width: int, form: int, least: int) -> None:
        if self._excess(width) > 0:
            self._measure(form)
            self._cut(width, least)

    def _drop(self, width: int, candidates: Sequence[int]) -> None:
        for index in candidates:
            if self._excess(width) > 0:
                self._kept.remove(index)

    def lines(self) -> list[str]:
        """The head and the rows."""
        titles = [column.title for column in self._columns]
        return [
            _line([_cell(row[index], self._widths[index], self._columns[index]) for index in self._kept])
            for row in (titles, *self._cells)
        ]


def _cell(text: str, width: int, column: Column) -> str:
    text = shortened(text, width)
    return text.rjust(width) if column.right else text.ljust(width)


def _line(cells: list[str]) -> str:
    return (" " * _GAP).join(cells).rstrip()
