"""The band of a row that stands for many calls: how many waited and ran over time, and how that ended.

In: a `Group` and the `Scale` of the axis. Out: a picture (SVG), as wide as its place in the row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from pysprocket.records.report.contents import Attempt, Call, Group
from pysprocket.records.report.markup import Markup, element
from pysprocket.records.report.scale import Scale

_BINS = 240
_WORST_FIRST = ("failed", "cancelled", "unfinished", "running", "completed")
_WITH_MARKS = ("cached", "cancelled", "failed")
Span: TypeAlias = tuple[float, float]


def band(group: Group, scale: Scale, now: float) -> Markup:
    """Areas for those that waited and for those that ran, each to its own scale, and lines where some ended.

    What ran is one area for each way in which it ended, one upon the other, the worst at the bottom.
    """
    if group.is_workflow:
        ran = [(call.state, call.extent(now)) for call in group.calls]
        return _picture(_stacked(ran, scale, 100, "workflow-fill "))
    attempts = [attempt for call in group.calls for attempt in call.attempts]
    waited = _density((span for call in group.calls for span in waiting(call, now)), scale)
    light = [element("path", d=_shape(waited, max(waited), 100), class_="waiting-fill")] if max(waited) else []
    ran = [(attempt.state, span) for attempt in attempts for span in running(attempt, now)]
    marks = chain.from_iterable(_marks(attempts, state, scale) for state in _WITH_MARKS)
    return _picture(chain(light, _stacked(ran, scale, 60 if light else 100), marks))


def waiting(call: Call, now: float) -> Iterator[Span]:
    """When a call waited: each attempt for its job to start, and in the pauses between them."""
    for attempt in call.attempts:
        record = attempt.record
        yield attempt.created, next((end for end in (record.started, record.ended) if end is not None), now)
    yield from call.pauses(now)


def running(attempt: Attempt, now: float) -> Iterator[Span]:
    """When the job of an attempt ran."""
    record = attempt.record
    if record.started is not None and attempt.state != "cached":
        yield record.started, now if record.ended is None else record.ended


def most_at_once(spans: Iterable[Span]) -> int:
    """How many spans there are at the time at which they are most."""
    steps = sorted(chain.from_iterable(((start, 1), (end, -1)) for start, end in spans))
    under_way = most = 0
    for _, step in steps:
        under_way += step
        most = max(most, under_way)
    return most


def _picture(shapes: Iterable[Markup]) -> Markup:
    box = f"0 0 {_BINS} 100"
    return element("svg", *shapes, viewBox=box, preserveAspectRatio="none", aria_hidden="true")


def _stacked(spans: Iterable[tuple[str, Span]], scale: Scale, height: int, classes: str = "") -> list[Markup]:
    """An area for each state, the worst at the bottom: each is drawn over those that hold it, too."""
    by_state: dict[str, list[Span]] = defaultdict(list)
    for state, span in spans:
        by_state[state if state in _WORST_FIRST else "completed"].append(span)
    heights, layers = [0.0] * _BINS, []
    for state in _WORST_FIRST:
        if by_state[state]:
            heights = [low + more for low, more in zip(heights, _density(by_state[state], scale), strict=True)]
            layers.append((heights, f"{classes}{state}-fill"))
    top = max(heights)
    return [element("path", d=_shape(bins, top, height), class_=fill) for bins, fill in reversed(layers)]


def _marks(attempts: Iterable[Attempt], state: str, scale: Scale) -> list[Markup]:
    """A line where there is an attempt that ended in a certain way."""
    ends = (attempt.record.ended for attempt in attempts if attempt.state == state)
    bins = {min(int(scale.place(end) / 100 * _BINS), _BINS - 1) for end in ends if end is not None}
    return [element("rect", x=number, y=0, width=1, height=100, class_=f"{state}-fill") for number in sorted(bins)]


def _density(spans: Iterable[Span], scale: Scale) -> list[float]:
    """For each bin of the axis, how many spans are in it on average."""
    steps = [0.0] * (_BINS + 2)
    partial = [0.0] * (_BINS + 1)
    for start, end in spans:
        first, last = scale.place(start) / 100 * _BINS, scale.place(end) / 100 * _BINS
        low, high = min(int(first), _BINS - 1), min(int(last), _BINS - 1)
        if low == high:
            partial[low] += max(last - first, 0.02)
        else:
            partial[low] += low + 1 - first
            partial[high] += last - high
            steps[low + 1] += 1
            steps[high] -= 1
    bins, running = [], 0.0
    for number in range(_BINS):
        running += steps[number]
        bins.append(running + partial[number])
    return bins


def _shape(bins: Sequence[float], top: float, height_of_top: int) -> str:
    """Steps as the outline of an area, in a box with a height of a hundred."""
    parts: list[str] = []
    height = 0.0
    for number, value in enumerate(bins):
        now = round(value / top * height_of_top, 1)
        if now != height:
            parts.append(f"H{number}V{100 - now:g}")
            height = now
    return f"M0 100{''.join(parts)}H{len(bins)}V100Z"
