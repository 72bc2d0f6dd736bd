"""The lines of one document that a diagnostic speaks of, with its labels drawn under them.

In: the labels of a diagnostic that lie in one document. Out: `snippet`, rows of text. A label on one line is
underlined (`^^^` the primary one, `---` the others); a label over several lines is a bracket at the left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pysprocket.source.diagnostic import Label
from pysprocket.source.style import FRAME, PLAIN, SECONDARY, Paint, Row, Style
from pysprocket.source.text import Source
from pysprocket.source.visible import layout, visible

_WINDOW = 160  # characters of a line that are shown at most
_BEFORE = 50  # characters shown before the place in a line that is cut
_CONTEXT = 2  # lines shown at each end of a label over several lines


class _Mark(msgspec.Struct, frozen=True, eq=False):
    """A label by lines (from 1) and characters in them (from 0, end exclusive)."""

    first: int
    start: int
    last: int
    end: int
    text: str
    primary: bool

    @property
    def multiline(self) -> bool:
        return self.first != self.last


class _Line(msgspec.Struct, frozen=True):
    """A line as it is shown, perhaps cut; `columns` belong to the characters from `offset` on."""

    text: str
    columns: list[int]
    offset: int

    def column(self, character: int) -> int:
        """The column where a character is shown; one that was cut is at the edge."""
        return self.columns[min(max(character - self.offset, 0), len(self.columns) - 1)]


def snippet(labels: Sequence[Label], primary: Label, style: Style, width: int, paint: Paint) -> Iterator[str]:
    """The rows of a snippet.

    Args:
        labels: places in one document.
        primary: the first label of the diagnostic, whether it is one of these or not.
        style: the style of the primary label.
        width: how many characters the line numbers take.
        paint: applies styles.
    """
    source = labels[0].source
    marks = [_mark(label, primary=label is primary) for label in labels]
    lanes = sorted((mark for mark in marks if mark.multiline), key=lambda mark: (mark.first, -mark.last))
    drawing = _Drawing(source, marks, lanes, style, paint)
    before = 0
    for number in _shown_lines(marks):
        if before and number > before + 1:
            yield paint(f"{'·':>{width}} │", FRAME) + drawing.gap_row()
        yield paint(f"{number:>{width}} │", FRAME) + drawing.text_row(number)
        yield from (paint(f"{'':>{width}} │", FRAME) + row for row in drawing.label_rows(number))
        before = number


def _mark(label: Label, *, primary: bool) -> _Mark:
    source = label.source
    size = len(source.text)
    start = min(label.start, size)
    end = min(max(label.end, start), size)
    first, start_column = source.position(start)
    last, end_column = source.position(end)
    if last > first and end_column == 1:  # the label ends with a line end: it does not reach the next line
        last -= 1
        end_column = len(source.line(last)) + 1
    return _Mark(first, start_column - 1, last, max(end_column - 1, 0), visible(label.text), primary)


def _shown_lines(marks: Sequence[_Mark]) -> list[int]:
    numbers: set[int] = set()
    for mark in marks:
        numbers.update(range(mark.first, min(mark.first + _CONTEXT, mark.last + 1)))
        numbers.update(range(max(mark.last - _CONTEXT + 1, mark.first), mark.last + 1))
    numbers.update([number + 1 for number in numbers if number + 2 in numbers])  # a gap of one line is no shorter
    return sorted(numbers)


class _Drawing:
    """Draws the rows of one snippet: what is at the right of the line numbers."""

    def __init__(
        self, source: Source, marks: Sequence[_Mark], lanes: Sequence[_Mark], style: Style, paint: Paint
    ) -> None:
        self._source = source
        self._marks = marks
        self._lanes = lanes
        self._style = style
        self._paint = paint
        self._margin = 1 + 2 * len(lanes)
        self._lines: dict[int, _Line] = {}
        self._open: set[_Mark] = set()

    def _line(self, number: int) -> _Line:
        if number not in self._lines:
            self._lines[number] = self._cut(self._source.line(number), number)
        return self._lines[number]

    def _cut(self, text: str, number: int) -> _Line:
        if len(text) <= _WINDOW:
            shown, columns = layout(text)
            return _Line(shown, columns, 0)
        begin = max(0, min(self._place_in(number) - _BEFORE, len(text) - _WINDOW))
        shown, columns = layout(text[begin : begin + _WINDOW])
        before = "…" if begin else ""
        after = "…" if begin + _WINDOW < len(text) else ""
        return _Line(f"{before}{shown}{after}", [column + len(before) for column in columns], begin)

    def _place_in(self, number: int) -> int:
        """The character of a line that must be seen: where the most important label begins or ends."""
        for mark in sorted(self._marks, key=lambda mark: not mark.primary):
            if mark.first == number:
                return mark.start
            if mark.last == number:
                return mark.end
        return 0

    def _style_of(self, mark: _Mark) -> Style:
        return self._style if mark.primary else SECONDARY

    # --- rows -------------------------------------------------------------------------------------------

    def text_row(self, number: int) -> str:
        """The text of a line."""
        row = self._row()
        for lane, mark in enumerate(self._lanes):
            if mark.first == number and self._begins_line(mark):
                row.put(1 + 2 * lane, "╭", self._style_of(mark))
                self._open.add(mark)
        row.put(self._margin, self._line(number).text, PLAIN)
        return row.painted(self._paint)

    def gap_row(self) -> str:
        """The row in place of lines that are left out."""
        return self._row().painted(self._paint)

    def label_rows(self, number: int) -> Iterator[str]:
        """The rows under a line."""
        marks = [mark for mark in self._marks if not mark.multiline and mark.first == number]
        if marks:
            yield from self._underlines(sorted(marks, key=lambda mark: (mark.start, mark.end)), number)
        for mark in self._lanes:
            if mark.first == number and not self._begins_line(mark):
                yield self._turn(mark, number, mark.start, "╭")
                self._open.add(mark)
        for mark in reversed(self._lanes):
            if mark.last == number:
                self._open.discard(mark)
                yield self._turn(mark, number, max(mark.end - 1, 0), "╰")

    def _row(self) -> Row:
        """A row with the brackets that pass it."""
        row = Row()
        self._pass(row)
        return row

    def _pass(self, row: Row) -> None:
        for lane, mark in enumerate(self._lanes):
            if mark in self._open:
                row.put(1 + 2 * lane, "│", self._style_of(mark))

    def _begins_line(self, mark: _Mark) -> bool:
        return not self._source.line(mark.first)[: mark.start].strip()

    def _turn(self, mark: _Mark, number: int, character: int, corner: str) -> str:
        """The row where a bracket turns to the character at which its label begins or ends."""
        row = Row()
        style = self._style_of(mark)
        left = 1 + 2 * self._lanes.index(mark)
        column = self._margin + self._line(number).column(character)
        row.put(left, corner + "─" * (column - left - 1), style)
        self._pass(row)
        row.put(column, "^" if mark.primary else "-", style)
        if corner == "╰" and mark.text:
            row.put(column + 2, mark.text, style)
        return row.painted(self._paint)

    def _underlines(self, marks: list[_Mark], number: int) -> Iterator[str]:
        """The underlines of a line, the text of the last label beside them, and the other texts below."""
        line = self._line(number)
        row = self._row()
        right = self._margin
        for mark in sorted(marks, key=lambda mark: mark.primary):
            start, end = line.column(mark.start), line.column(mark.end)
            row.put(self._margin + start, ("^" if mark.primary else "-") * max(end - start, 1), self._style_of(mark))
            right = max(right, self._margin + max(end, start + 1))
        below = [mark for mark in marks if mark.text]
        if below and all(mark.end <= below[-1].start for mark in marks if mark is not below[-1]):
            last = below.pop()
            row.put(right + 1, last.text, self._style_of(last))
        yield row.painted(self._paint)
        if below:
            yield self._hanging(below, line).painted(self._paint)
        while below:
            mark = below.pop()
            row = self._hanging(below, line)
            row.put(self._margin + line.column(mark.start), mark.text, self._style_of(mark))
            yield row.painted(self._paint)

    def _hanging(self, marks: Sequence[_Mark], line: _Line) -> Row:
        """A row with a stroke down from each label whose text is still to come."""
        row = self._row()
        for mark in marks:
            row.put(self._margin + line.column(mark.start), "│", self._style_of(mark))
        return row
