"""The time axis of the timeline.

In: when something was going on. Out: a `Scale`: where a time is, in percent of the width, and the ticks. A long time
between an interruption and the resumption is cut out.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

_STEPS = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3600 * hours for hours in (1, 2, 3, 6, 12)),
    *(86400 * days for days in (1, 2, 7, 30, 90, 365)),
)
_MOST_TICKS = 9
_LEAST_DISTANCE = 7.0
_CUT_WIDTH = 3.0
_LEAST_CUT = 10.0
_LEAST_PART = 0.25
_PRECISION = 1.0  # of the time at which an attempt was created


class Segment(msgspec.Struct, frozen=True):
    """A stretch of time (seconds) and its place (percent)."""

    start: float
    end: float
    left: float
    width: float


class Tick(msgspec.Struct, frozen=True):
    """A mark on the axis; `label` is the time since the start of the run."""

    place: float
    label: str


class Scale(msgspec.Struct, frozen=True):
    """An axis; between two segments something is cut out."""

    segments: tuple[Segment, ...]

    def place(self, time: float) -> float:
        """Where a time is, in percent."""
        for segment in self.segments:
            if time <= segment.end:
                break
        inside = (max(time, segment.start) - segment.start) / (segment.end - segment.start)
        return segment.left + segment.width * min(inside, 1.0)

    def ticks(self) -> list[Tick]:
        """Marks at round times since the start, not too near to each other."""
        shown = sum(segment.end - segment.start for segment in self.segments)
        step = next((step for step in _STEPS if shown / step <= _MOST_TICKS), _STEPS[-1])
        origin = self.segments[0].start
        ticks: list[Tick] = []
        for segment in self.segments:
            first = -int((origin - segment.start) // step)
            for multiple in range(first, int((segment.end - origin) / step + 1e-9) + 1):
                place = self.place(origin + multiple * step)
                if not ticks or place - ticks[-1].place >= _LEAST_DISTANCE:
                    ticks.append(Tick(place, _label(multiple * step, step)))
        return ticks

    def cuts(self) -> list[tuple[float, float, float]]:
        """What is cut out: its place and width in percent, and how many seconds it stands for."""
        pairs = zip(self.segments, self.segments[1:], strict=False)
        return [(a.left + a.width, b.left - a.left - a.width, b.start - a.end) for a, b in pairs]


def make_scale(start: float, end: float, busy: Iterable[tuple[float, float]], resumed: Iterable[float] = ()) -> Scale:
    """The axis from `start` to `end`.

    Args:
        start: in seconds since the epoch, like all times here.
        end: not before it.
        busy: the spans of time in which something went on.
        resumed: when the run was gone on with: the idle time before may be cut out.
    """
    stretches = _stretches(start, end, busy, resumed)
    shown = sum(b - a for a, b in stretches) or 1e-3
    room = 100.0 - _CUT_WIDTH * (len(stretches) - 1)
    segments: list[Segment] = []
    left = 0.0
    for a, b in stretches:
        width = room * (b - a) / shown if b > a else room / len(stretches)
        segments.append(Segment(a, max(b, a + 1e-3), left, width))
        left += width + _CUT_WIDTH
    return Scale(tuple(segments))


def _stretches(
    start: float, end: float, busy: Iterable[tuple[float, float]], resumed: Iterable[float]
) -> list[tuple[float, float]]:
    """The time from `start` to `end` without idle times that are long beside all the rest."""
    spans = sorted((max(a, start), min(b, end)) for a, b in busy)
    active = sum(b - a for a, b in _union(spans))
    stretches, last = [], start
    for moment in sorted(moment for moment in resumed if start < moment < end):
        idle_since = max((b for a, b in spans if a < moment - _PRECISION), default=start)
        if moment - idle_since > max(_LEAST_CUT, active * _LEAST_PART):
            stretches.append((last, max(idle_since, last)))
            last = moment
    return [*stretches, (last, end)]


def _union(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans, in order, as such that do not touch."""
    united: list[tuple[float, float]] = []
    for a, b in spans:
        if united and a <= united[-1][1]:
            united[-1] = united[-1][0], max(b, united[-1][1])
        else:
            united.append((a, b))
    return united


def _label(seconds: float, step: float) -> str:
    if seconds < 60 and step < 60:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + (" s" if seconds else "")
    whole = round(seconds)
    days, hours, minutes, rest = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{days} d" + (f" {hours} h" if hours or step < 86400 else "")
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}" if step < 60 else f"{hours} h" + (f" {minutes:02}" if minutes else "")
    return f"{minutes} min" + (f" {rest:02}" if rest else "") if whole else "0"
