"""The timeline: when each call waited and ran.

In: `Contents`. Out: markup of one row for each call statement, and the data from which the script of the page makes a
row for each call when somebody wants to see them. So a page with ten thousand calls opens as fast as one with ten.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from pysprocket.records.report.bands import band, most_at_once, running, waiting
from pysprocket.records.report.contents import STATES, Attempt, Call, Contents, Group
from pysprocket.records.report.markup import Markup, element
from pysprocket.records.report.scale import Scale, Tick, make_scale
from pysprocket.records.report.words import duration
from pysprocket.source.visible import count

MOST_ROWS = 10_000
"""Of so many calls the page knows the details: those that failed, and the longest."""

OPEN_ROWS = 60
"""When there are no more calls than this, each is shown from the start."""

_TAIL = 16  # letters of the end of a long name that are always shown: the index is there
_LONG = 24


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
        [
            _call_data(call, contents.start, contents.now, texts)
            for call in group.calls
            if detailed is None or id(call) in detailed
        ]
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


def _call_data(call: Call, start: float, now: float, texts: dict[str, int]) -> list[Any]:
    record = call.record
    return [
        call.name,
        STATES.index(call.state),
        _milliseconds(record.started, start),
        _milliseconds(record.ended, start),
        [_attempt_data(attempt, start, texts) for attempt in call.attempts],
        *([pauses] if (pauses := _pauses_data(call, start, now)) else ()),
    ]


def _pauses_data(call: Call, start: float, now: float) -> list[list[int | None]]:
    return [[_milliseconds(moment, start) for moment in pause] for pause in call.pauses(now)]


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
        return call.state == "failed" or call.gave_up, (call.record.ended or call.record.started) - call.record.started

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
        words += " A row with an arrow stands for many calls, coloured by how they ended; light where they waited."
    if detailed is not None:
        words += f" Of {count(len(contents.calls), 'call')}, those that failed and the longest can be shown one by one."
    return words


def _legend(contents: Contents) -> Markup:
    found = {attempt.state for attempt in contents.attempts}
    shown = ["waiting", *(state for state in STATES if state in found and state != "waiting")]
    paused = any(call.pauses(contents.now) for call in contents.tasks)
    words = "waiting, pulling an image" + (", pausing before another try" if paused else "")
    names = {"waiting": words, "cached": "taken from the cache"}
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
    spans = [call.extent(contents.now) for call in group.calls]
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    many = len(group.calls) > 1
    name = element("span", *_name(group.name), class_="name mono", title=group.id)
    label: tuple[Markup, ...] = (name,)
    if many:
        label = (
            element("button", name, type="button", aria_expanded="true" if is_open else "false"),
            element("span", f"\u00d7 {len(group.calls):,}", class_="many"),
        )
    return element(
        "div",
        element("div", *label, class_="label", style=f"--depth:{len(group.path) - 1}" if len(group.path) > 1 else None),
        element("div", band(group, scale, contents.now), class_="track band" if many else "track"),
        element("div", duration(end - start), class_="time"),
        class_="row group" if many else "row",
        role="group",
        tabindex=None if many else 0,
        data_group=number,
        data_tip="\n".join(_tip(group, spans, contents.now)) if many else None,
    )


def _name(name: str) -> Iterator[Markup | str]:
    """A name; a long one in two parts, of which the first is cut where there is no room."""
    if len(name) <= _LONG:
        yield name
    else:
        yield element("span", name[:-_TAIL], class_="front")
        yield element("span", name[-_TAIL:], class_="end")


def _tip(group: Group, spans: Sequence[tuple[float, float]], now: float) -> Iterator[str]:
    kind = "workflow" if group.is_workflow else "task"
    yield f"{'/'.join(group.path)}: {count(len(group.calls), 'call')} of {kind} {group.calls[0].record.target}"
    yield ", ".join(f"{number:,} {state}" for state, number in group.counts.items())
    if group.is_workflow:
        yield f"at most {most_at_once(spans):,} under way at once"
    else:
        ran = (span for call in group.calls for attempt in call.attempts for span in running(attempt, now))
        waited = (span for call in group.calls for span in waiting(call, now))
        yield f"at most {most_at_once(ran):,} running at once, at most {most_at_once(waited):,} waiting"
    retries = sum(call.retries for call in group.calls)
    if retries:
        yield count(retries, "retry", "retries")
    lengths = sorted(end - start for start, end in spans)
    half = duration(lengths[len(lengths) // 2])
    yield f"each {duration(lengths[0])} to {duration(lengths[-1])}, half of them up to {half}"
