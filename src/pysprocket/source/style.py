"""Colours of diagnostics on a terminal.

In: pieces of text with a style. Out: the same with ANSI escapes, or as they were when colours are off.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from pysprocket.source.diagnostic import Severity

Style: TypeAlias = str

BOLD: Style = "1"
FRAME: Style = "34"
PLAIN: Style = ""
SECONDARY: Style = "34"
_SEVERITIES: dict[Severity, Style] = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;32"}


def severity_style(severity: Severity) -> Style:
    """The style of a severity's word and of the places its diagnostics speak of first."""
    return _SEVERITIES[severity]


class Paint(msgspec.Struct, frozen=True):
    """Applies styles, or does not."""

    enabled: bool

    def __call__(self, text: str, style: Style) -> str:
        """The text in a style."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.enabled and style and text else text


class Row:
    """A row of a snippet that is drawn piece by piece, at columns counted from 0."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._styles: list[Style] = []

    def put(self, column: int, text: str, style: Style) -> None:
        """Draw text over what is there."""
        missing = column + len(text) - len(self._cells)
        if missing > 0:
            self._cells += " " * missing
            self._styles += [PLAIN] * missing
        self._cells[column : column + len(text)] = text
        self._styles[column : column + len(text)] = [style] * len(text)

    def painted(self, paint: Paint) -> str:
        """The row as text, without blanks at its end."""
        pieces: list[str] = []
        start, size = 0, len("".join(self._cells).rstrip())
        for index in range(1, size + 1):
            if index == size or self._styles[index] != self._styles[start]:
                pieces.append(paint("".join(self._cells[start:index]), self._styles[start]))
                start = index
        return "".join(pieces)
