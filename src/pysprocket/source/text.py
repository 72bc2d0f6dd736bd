"""The text of a document and positions in it.

In: the characters of a file and where they came from. Out: `Source`, which turns character offsets into lines
and columns. Offsets count characters (code points) from 0; `end` offsets are exclusive.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

LARGEST_DOCUMENT = 100_000_000
"""How many bytes a document may have."""


class Source:
    """The text of one document.

    Args:
        uri: where it came from: an absolute `file://`, `http://` or `https://` URI.
        text: its characters.
        name: what messages call it: the path as the user wrote it, or the URI.
    """

    def __init__(self, uri: str, text: str, name: str | None = None) -> None:
        self.uri = uri
        self.text = text
        self.name = name or uri

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of a character offset, both counted from 1."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The character offset of a line and column, both counted from 1; undoes `position`."""
        return self._line_starts[line - 1] + column - 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line end."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
