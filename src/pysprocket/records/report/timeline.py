"""The timeline: when each call waited and ran.

In: `Contents`. Out: markup of one row for each call statement, and the data from which the script of the page makes a
row for each call when somebody wants to see them. So a page with ten thousand calls opens as fast as one with ten.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeAlias

from pysprocket.records.report.contents import STATES, Attempt, Call, Contents, Group
from pysprocket.records.report.markup import Markup, element
from pysprocket.records.report.scale import Scale, Tick, make_scale
from pysprocket.records.report.words import duration
from pysprocket.source.visible import count

MOST_ROWS = 10_000
"""Of so many calls the page knows the details: those that failed, and the longest."""

OPEN_ROWS = 60
"""When there are no more calls than this, each is shown from the start."""

_BINS = 240
_Span: TypeAlias = tuple[float, float]


def timeline(contents: Contents) -> Markup:
    """The section; empty when nothing was called."""
    if not contents.groups:
        return Markup()
    scale = _scale(contents)
    detailed = _detailed(contents.calls)
    is_open = len(contents.calls) <= OPEN_ROWS
    rows = [_group(number, group, scale, contents, is_open=is_open) for number, group in enumerate(contents.groups)]
    chart = element("div", _axis(scale), _grid(scale), *rows, class_="chart")
    return element(
        "section",
        element("h2", "Timeline"),
        element("p", _lead(contents, detailed), class_="lead"),
        _legend(contents),
        chart,
        class_="long",
    )


def timeline_data(contents: Contents) -> dict[str, Any]:
    """What the script needs: see there. Times are milliseconds since the start of the run."""
    texts: dict[str, int] = {"": 0}
    detailed = _detailed(contents.calls)
    groups = [
        [_call_data(call, contents.start, texts) for call in group.calls if detailed is None or id(call) in detailed]
        for group in contents.groups
    ]
    scale = _scale(contents)
    return {
        "states": STATES,
        "now": _milliseconds(contents.now, contents.start),
        "segments": [
            [
                *(_milliseconds(segment.start, contents.start), _milliseconds(segment.end, contents.start)),
                *(round(segment.left, 4), round(segment.width, 4)),
            ]
            for segment in scale.segments
        ],
        "groups": groups,
        "texts": list(texts),
    }


def _call_data(call: Call, start: float, texts: dict[str, int]) -> list[Any]:
    record = call.record
    return [
        call.name,
        STATES.index(call.state),
        _milliseconds(record.started, start),
        _milliseconds(record.ended, start),
        [_attempt_data(attempt, start, texts) for attempt in call.attempts],
    ]


def _attempt_data(attempt: Attempt, start: float, texts: dict[str, int]) -> list[Any]:
    record = attempt.record
    kind = "" if record.failure in (None, "exit_code") else str(record.failure).replace("_", " ")
    return [
        *(record.number, STATES.index(attempt.state)),
        *(_milliseconds(moment, start) for moment in (attempt.created, record.started, record.ended)),
        *(record.exit_code, texts.setdefault(kind, len(texts))),
        *(record.cpu_seconds and round(record.cpu_seconds, 2), record.memory_peak),
        texts.setdefault(record.host or "", len(texts)),
    ]


def _milliseconds(moment: float | None, start: float) -> int | None:
    return None if moment is None else round((moment - start) * 1000)


def _detailed(calls: Sequence[Call]) -> frozenset[int] | None:
    """The calls (by identity) whose details are on the page; None for all."""
    if len(calls) <= MOST_ROWS:
        return None

    def interest(call: Call) -> tuple[bool, float]:
        return call.state == "failed", (call.record.ended or call.record.started) - call.record.started

    return frozenset(map(id, heapq.nlargest(MOST_ROWS, calls, key=interest)))


# --- what comes with the page ------------------------------------------------------------------------------


def _scale(contents: Contents) -> Scale:
    busy = chain.from_iterable(call.spans(contents.now) for call in contents.tasks)
    return make_scale(contents.start, contents.end, busy, [session.started for session in contents.sessions[1:]])


def idle_seconds(contents: Contents) -> float:
    """How long the run waited to be gone on with: what the axis leaves out."""
    return sum(seconds for _, _, seconds in _scale(contents).cuts())


def _lead(contents: Contents, detailed: frozenset[int] | None) -> str:
    shards = any(len(group.calls) > 1 for group in contents.groups)
    words = "Time since the start of the run."
    if shards:
        words += " A row with an arrow stands for many calls: light where they waited, dark where they ran."
    if detailed is not None:
        words += f" Of {count(len(contents.calls), 'call')}, those that failed and the longest can be shown one by one."
    return words


def _legend(contents: Contents) -> Markup:
    found = {attempt.state for attempt in contents.attempts}
    shown = ["waiting", *(state for state in STATES if state in found and state != "waiting")]
    names = {"waiting": "waiting, pulling an image", "cached": "taken from the cache"}
    items = [element("span", element("i", class_=f"{state}-fill"), names.get(state, state)) for state in shown]
    idle = idle_seconds(contents)
    if idle:
        items.append(element("span", element("i", class_="cut"), f"left out: interrupted for {duration(idle)}"))
    return element("div", *items, class_="legend")


def _axis(scale: Scale) -> Markup:
    ticks = scale.ticks()
    labels = [_tick(tick, number, last=tick.place > 97) for number, tick in enumerate(ticks)]
    return element(
        "div",
        element("div", class_="label"),
        element("div", *labels, class_="track"),
        element("div", class_="time"),
        class_="axis",
        aria_hidden="true",
    )


def _tick(tick: Tick, number: int, *, last: bool) -> Markup:
    classes = " ".join(word for word, is_so in (("minor", number % 2), ("last", last)) if is_so) or None
    return element("span", tick.label, class_=classes, style=f"left:{tick.place:.2f}%")


def _grid(scale: Scale) -> Markup:
    lines = [element("i", style=f"left:{tick.place:.2f}%") for tick in scale.ticks()]
    cuts = [element("b", class_="cut", style=f"left:{left:.2f}%;width:{width:.2f}%") for left, width, _ in scale.cuts()]
    return element("div", *lines, *cuts, class_="grid", aria_hidden="true")


def _group(number: int, group: Group, scale: Scale, contents: Contents, *, is_open: bool) -> Markup:
    spans = [span for call in group.calls for span in call.spans(contents.now)]
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    many = len(group.calls) > 1
    name = element("span", group.path[-1], class_="name mono", title="/".join(group.path))
    label: tuple[Markup, ...] = (name,)
    if many:
        label = (
            element("button", name, type="button", aria_expanded="true" if is_open else "false"),
            element("span", f"\u00d7 {len(group.calls):,}", class_="many"),
        )
    return element(
        "div",
        element("div", *label, class_="label", style=f"--depth:{len(group.path) - 1}" if len(group.path) > 1 else None),
        element("div", _band(group, scale, contents), class_="track band" if many else "track"),
        element("div", duration(end - start), class_="time"),
        class_="row group" if many else "row",
        role="group",
        tabindex=None if many else 0,
        data_group=number,
        data_tip="\n".join(_tip(group, spans, contents.now)) if many else None,
    )


def _tip(group: Group, spans: Sequence[_Span], now: float) -> Iterator[str]:
    kind = "workflow" if group.is_workflow else "task"
    yield f"{'/'.join(group.path)}: {count(len(group.calls), 'call')} of {kind} {group.calls[0].record.target}"
    yield ", ".join(f"{number:,} {state}" for state, number in group.counts.items())
    if group.is_workflow:
        yield f"at most {_most_at_once(spans):,} under way at once"
    else:
        running = [span for call in group.calls for attempt in call.attempts for span in _running(attempt, now)]
        waiting = [_waiting(attempt, now) for call in group.calls for attempt in call.attempts]
        yield f"at most {_most_at_once(running):,} running at once, at most {_most_at_once(waiting):,} waiting"
    retries = sum(call.retries for call in group.calls)
    if retries:
        yield count(retries, "retry", "retries")
    lengths = sorted(end - start for start, end in spans)
    half = duration(lengths[len(lengths) // 2])
    yield f"each {duration(lengths[0])} to {duration(lengths[-1])}, half of them up to {half}"


def _most_at_once(spans: Iterable[_Span]) -> int:
    steps = sorted(chain.from_iterable(((start, 1), (end, -1)) for start, end in spans))
    running = most = 0
    for _, step in steps:
        running += step
        most = max(most, running)
    return most


def _band(group: Group, scale: Scale, contents: Contents) -> Markup:
    """How many calls waited and ran over time, each to its own scale, and where some failed or were cached."""
    if group.is_workflow:
        spans = (span for call in group.calls for span in call.spans(contents.now))
        return _areas((spans, "workflow-fill"), scale=scale)
    attempts = [attempt for call in group.calls for attempt in call.attempts]
    waiting = (_waiting(attempt, contents.now) for attempt in attempts)
    running = (span for attempt in attempts for span in _running(attempt, contents.now))
    marks = [*_marks(attempts, "cached", scale), *_marks(attempts, "failed", scale)]
    return _areas((waiting, "waiting-fill"), (running, "completed-fill"), scale=scale, marks=marks)


def _marks(attempts: Iterable[Attempt], state: str, scale: Scale) -> list[Markup]:
    """A line where there is an attempt that ended in a certain way."""
    ends = (attempt.record.ended for attempt in attempts if attempt.state == state)
    bins = {min(int(scale.place(end) / 100 * _BINS), _BINS - 1) for end in ends if end is not None}
    return [element("rect", x=number, y=0, width=1, height=100, class_=f"{state}-fill") for number in sorted(bins)]


def _waiting(attempt: Attempt, now: float) -> _Span:
    record = attempt.record
    return attempt.created, next((end for end in (record.started, record.ended) if end is not None), now)


def _running(attempt: Attempt, now: float) -> Iterator[_Span]:
    record = attempt.record
    if record.started is not None and attempt.state != "cached":
        yield record.started, now if record.ended is None else record.ended


def _areas(*areas: tuple[Iterable[_Span], str], scale: Scale, marks: Iterable[Markup] = ()) -> Markup:
    densities = [(_density(spans, scale), fill) for spans, fill in areas]
    drawn = [(bins, fill) for bins, fill in densities if max(bins)]
    shapes = [
        element("path", d=_shape(bins, max(bins), 60 if number else 100), class_=fill)
        for number, (bins, fill) in enumerate(drawn)
    ]
    box = f"0 0 {_BINS} 100"
    return element("svg", *shapes, *marks, viewBox=box, preserveAspectRatio="none", aria_hidden="true")


def _density(spans: Iterable[_Span], scale: Scale) -> list[float]:
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
