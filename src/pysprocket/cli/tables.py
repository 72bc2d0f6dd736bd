"""Tables as plain text.

In: columns and rows. Out: lines, aligned, that fit the terminal. What is not shown on a terminal is never cut.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

import msgspec

from pysprocket.source.visible import visible

_ENOUGH, _LEAST = 24, 8  # characters of a text that is cut: before columns are left out, and after
_GAP = 2


class Column(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        title: its head.
        right: whether it is aligned at its right side, as numbers are.
        cut: whether long texts in it may be cut.
        spare: whether it may be left out where there is no room.
    """

    title: str
    right: bool = False
    cut: bool = False
    spare: bool = False


def room() -> int | None:
    """The columns of the terminal that the standard output is; None when it is none, unless COLUMNS says."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size().columns
    return None


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """The lines of a table.

    Args:
        columns: what stands above each column, and how it behaves.
        rows: a text for each column; columns without any text are left out.
        width: what must not be exceeded if possible; None for no bound.
    """
    cells = [[visible(text) for text in row] for row in rows]
    kept = [index for index in range(len(columns)) if any(row[index] for row in cells)]
    widths = [max(len(column.title), *(len(row[i]) for row in cells), 0) for i, column in enumerate(columns)]

    def excess() -> int:
        return 0 if width is None else sum(widths[i] + _GAP for i in kept) - _GAP - width

    def cut(least: int) -> None:
        for index in reversed(kept):
            if columns[index].cut and excess() > 0:
                widths[index] = min(widths[index], max(least, widths[index] - excess()))

    cut(_ENOUGH)
    for index in reversed(range(len(columns))):
        if excess() > 0 and columns[index].spare and index in kept:
            kept.remove(index)
    cut(_LEAST)
    lines = [[column.title for column in columns], *cells]
    return [_line([_cell(row[i], widths[i], columns[i]) for i in kept]) for row in lines]


def _cell(text: str, width: int, column: Column) -> str:
    if len(text) > width:
        text = f"{text[: width - 1]}…"
    return text.rjust(width) if column.right else text.ljust(width)


def _line(cells: list[str]) -> str:
    return (" " * _GAP).join(cells).rstrip()
