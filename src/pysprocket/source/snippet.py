"""The lines of one document that a diagnostic speaks of, with its labels drawn under them.

In: the labels of a diagnostic that lie in one document. Out: `snippet`, rows of text. A label on one line is
underlined (`^^^` the primary one, `---` the others); a label over several lines is a bracket at the left. Lines that
are too long are cut around the labels, and remarks are wrapped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pysprocket.source.diagnostic import Label
from pysprocket.source.style import FRAME, PLAIN, SECONDARY, Paint, Row, Style
from pysprocket.source.text import Source
from pysprocket.source.uris import with_secrets_masked
from pysprocket.source.visible import columns, layout, visible
from pysprocket.source.wrapping import wrapped

_BEFORE = 3  # the part (a third) of what is left in a line that is cut, beside the label, shown before it
_REMARK = 32  # columns in which a remark may be wrapped; with fewer it begins further to the left
_LEAST = 24  # columns of a line that are always shown
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


def snippet(
    labels: Sequence[Label], primary: Label, style: Style, digits: int, paint: Paint, width: int
) -> Iterator[str]:
    """The rows of a snippet.

    Args:
        labels: places in one document.
        primary: the first label of the diagnostic, whether it is one of these or not.
        style: the style of the primary label.
        digits: how many characters the line numbers take.
        paint: applies styles.
        width: columns that are not exceeded.
    """
    source = labels[0].source
    marks = [_mark(label, primary=label is primary) for label in labels]
    lanes = sorted((mark for mark in marks if mark.multiline), key=lambda mark: (mark.first, -mark.last))
    drawing = _Drawing(source, marks, lanes, style, paint, width - digits - 2)
    before = 0
    for number in _shown_lines(marks):
        if before and number > before + 1:
            yield paint(f"{'·':>{digits}} │", FRAME) + drawing.gap_row()
        yield paint(f"{number:>{digits}} │", FRAME) + drawing.text_row(number)
        yield from (paint(f"{'':>{digits}} │", FRAME) + row for row in drawing.label_rows(number))
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
        self, source: Source, marks: Sequence[_Mark], lanes: Sequence[_Mark], style: Style, paint: Paint, room: int
    ) -> None:
        self._source = source
        self._marks = marks
        self._lanes = lanes
        self._style = style
        self._paint = paint
        self._margin = 1 + 2 * len(lanes)
        self._room = max(room, self._margin + _LEAST)
        self._lines: dict[int, _Line] = {}
        self._open: set[_Mark] = set()

    def _line(self, number: int) -> _Line:
        if number not in self._lines:
            self._lines[number] = self._cut(with_secrets_masked(self._source.line(number)), number)
        return self._lines[number]

    def _cut(self, text: str, number: int) -> _Line:
        room = self._room - self._margin
        if len(text) <= room:
            shown, places = layout(text)
            if places[-1] <= room:
                return _Line(shown, places, 0)
        return _window(text, *self._span_in(number, room - 2), room)

    def _span_in(self, number: int, room: int) -> tuple[int, int]:
        """The characters of a line that must be seen: its most important label, and the others if there is room."""
        spans = [
            (mark.start, mark.end if mark.last == number else mark.start + 1)
            if mark.first == number
            else (max(mark.end - 1, 0), mark.end)
            for mark in sorted(self._marks, key=lambda mark: not mark.primary)
            if number in (mark.first, mark.last)
        ]
        start, end = spans[0] if spans else (0, 0)
        for other_start, other_end in spans[1:]:
            if max(end, other_end) - min(start, other_start) <= room:
                start, end = min(start, other_start), max(end, other_end)
        return start, end

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
                yield from self._turn(mark, number, mark.start, "╭")
                self._open.add(mark)
        for mark in reversed(self._lanes):
            if mark.last == number:
                self._open.discard(mark)
                yield from self._turn(mark, number, max(mark.end - 1, 0), "╰")

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

    def _turn(self, mark: _Mark, number: int, character: int, corner: str) -> Iterator[str]:
        """The rows where a bracket turns to the character at which its label begins or ends."""
        row = Row()
        style = self._style_of(mark)
        left = 1 + 2 * self._lanes.index(mark)
        column = self._margin + self._line(number).column(character)
        row.put(left, corner + "─" * (column - left - 1), style)
        self._pass(row)
        row.put(column, "^" if mark.primary else "-", style)
        says = corner == "╰" and bool(mark.text)
        remark = self._beside(column + 2, mark) if says else []
        row.put(column + 2, "".join(remark[:1]), style)
        yield row.painted(self._paint)
        if remark:
            yield from self._block(column + 2, remark[1:], mark, [])
        elif says:
            yield from self._below(column, mark, [])

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
        rest: list[str] = []
        if below and all(mark.end <= below[-1].start for mark in marks if mark is not below[-1]):
            last = below[-1]
            if remark := self._beside(right + 1, last):
                below.pop()
                row.put(right + 1, remark[0], self._style_of(last))
                rest = remark[1:]
        yield row.painted(self._paint)
        if rest:
            yield from self._block(right + 1, rest, last, self._strokes(below, line))
        elif below:
            yield self._hanging(self._strokes(below, line)).painted(self._paint)
        while below:
            mark = below.pop()
            yield from self._below(self._margin + line.column(mark.start), mark, self._strokes(below, line))

    # --- remarks ----------------------------------------------------------------------------------------

    def _beside(self, column: int, mark: _Mark) -> list[str]:
        """The lines of a remark that begins at a column; none where there is too little room for it."""
        room = self._room - column
        if columns(mark.text) <= room:
            return [mark.text]
        return wrapped(mark.text, room) if room >= _REMARK else []

    def _below(self, column: int, mark: _Mark, strokes: Sequence[tuple[int, Style]]) -> Iterator[str]:
        """The rows of a remark that begins at a column, or before it where there is too little room."""
        lines = self._beside(column, mark) or wrapped(mark.text, min(_REMARK, self._room - self._margin))
        column = max(self._margin, min(column, self._room - max(map(columns, lines))))
        yield from self._block(column, lines, mark, strokes)
        if any(place >= column for place, _ in strokes):  # it has covered some
            yield self._hanging(strokes).painted(self._paint)

    def _block(
        self, column: int, lines: Sequence[str], mark: _Mark, strokes: Sequence[tuple[int, Style]]
    ) -> Iterator[str]:
        """Rows with the lines of a remark, over the strokes to those that are still to come."""
        size = max(map(columns, lines), default=0)
        for text in lines:
            row = self._hanging(strokes)
            row.put(column - 1, " " + text + " " * (size - columns(text)), self._style_of(mark))
            yield row.painted(self._paint)

    def _strokes(self, marks: Sequence[_Mark], line: _Line) -> list[tuple[int, Style]]:
        return [(self._margin + line.column(mark.start), self._style_of(mark)) for mark in marks]

    def _hanging(self, strokes: Sequence[tuple[int, Style]]) -> Row:
        """A row with a stroke down from each label whose text is still to come."""
        row = self._row()
        for column, style in strokes:
            row.put(column, "│", style)
        return row


def _window(text: str, start: int, end: int, room: int) -> _Line:
    """A line cut to so many columns, with the characters from `start` to `end` in it, and what is around them."""
    first = max(0, start - room)
    last = min(len(text), start + 2 * room)
    piece = text[first:last].replace("\t", " ")  # where a line is cut, there are no tab stops
    shown, places = layout(piece)
    if not first and last == len(text) and places[-1] <= room:
        return _Line(shown, places, 0)
    seen, seen_end = places[start - first], places[min(end, last) - first]
    begin = 0
    if first or seen_end > room - 1:
        begin = seen - max(room - 2 - (seen_end - seen), 0) // _BEFORE
        if last == len(text):
            begin = min(begin, places[-1] - (room - 1))
    one = next(index for index, place in enumerate(places) if place >= begin)
    left = room - (1 if first + one else 0)
    right_whole = last == len(text) and places[-1] - places[one] <= left
    left -= 0 if right_whole else 1
    other = max(index for index, place in enumerate(places) if place - places[one] <= left)
    shown, places = layout(piece[one:other])
    before = "…" if first + one else ""
    after = "" if right_whole else "…"
    return _Line(f"{before}{shown}{after}", [place + len(before) for place in places], first + one)
