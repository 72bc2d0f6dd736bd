"""What tasks asked for and what they used.

In: calls. Out: `Usage` per task and `Efficiency` of the run, and the section of the page that shows the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

import msgspec

from pysprocket.backends.job import Resources
from pysprocket.records.report.contents import Attempt, Call
from pysprocket.records.report.markup import Content, Markup, element, join
from pysprocket.records.report.words import NOTHING, duration, number, share, size
from pysprocket.source.visible import count
from pysprocket.units import format_sizes

_WASTEFUL = 10
_LEAST_SECONDS = 5.0
_UNCERTAIN = 16 * 1024**2
"""Bytes below which the memory of a process cannot be told from that of what started it."""
_TIGHT = 0.95
_SHORTEST = 0.5
_LEAST_ASKED = 1.0  # CPU seconds: of less, what tasks were started by is too great a part


class Usage(msgspec.Struct, frozen=True):
    """The attempts of one task that have ended; each list holds what was measured, the asked ones the distinct values.

    Attributes:
        cores: processors that were busy on average.
        cpu_lowered, memory_lowered: the most that was asked for by those that got less, as there is no more.
    """

    task: str
    attempts: int
    durations: list[float]
    cpu_asked: list[float]
    cores: list[float]
    memory_asked: list[int]
    memory: list[int]
    cpu_lowered: float | None = None
    memory_lowered: int | None = None

    @property
    def hints(self) -> list[str]:
        """What its author may want to change."""
        return [*self._lowered(), *self._memory_hints(), *self._cpu_hints()]

    def _lowered(self) -> list[str]:
        cpu = [f"{number(self.cpu_lowered)} CPUs"] if self.cpu_lowered else []
        memory = [f"{size(self.memory_lowered)} of memory"] if self.memory_lowered else []
        wanted = " and ".join(cpu + memory)
        return [f"asks for {wanted}, and got what the backend has at most"] if wanted else []

    def _memory_hints(self) -> list[str]:
        if not self.memory or not self.memory_asked:
            return []
        asked, used = max(self.memory_asked), max(self.memory)
        asked_words, used_words = format_sizes(asked, used)
        if asked > Resources().memory and used * _WASTEFUL <= min(self.memory_asked):
            return [f"asks for {asked_words} of memory and never used more than {used_words}"]
        if used > max(asked, _UNCERTAIN):
            return [f"used {used_words} of memory, more than the {asked_words} that it asks for"]
        if used > max(asked * _TIGHT, _UNCERTAIN):
            return [f"used {used_words} of the {asked_words} of memory that it asks for: that is close"]
        return []

    def _cpu_hints(self) -> list[str]:
        if not self.cores or not self.cpu_asked or max(self.durations) < _LEAST_SECONDS:
            return []
        asked, used = max(self.cpu_asked), max(self.cores)
        if asked > Resources().cpu and used * _WASTEFUL <= min(self.cpu_asked):
            return [f"asks for {number(asked)} CPUs and kept at most {number(used)} busy"]
        return []


class Efficiency(msgspec.Struct, frozen=True):
    """How much of what was asked for was used: CPU seconds, and memory times time. None where nothing was measured.

    Attributes:
        measured: how many attempts the figures are about.
    """

    cpu_seconds: float | None
    cpu_share: float | None
    memory_share: float | None
    memory_peak: int | None
    memory_task: str
    measured: int


def usages(calls: Iterable[Call]) -> list[Usage]:
    """The usage of each task, in order of their first calls."""
    made: dict[str, list[Attempt]] = defaultdict(list)
    for call in calls:
        made[call.record.target] += [attempt for attempt in call.attempts if attempt.wall is not None]
    return [
        _usage(task, [attempt for attempt in attempts if attempt.state != "cached"])
        for task, attempts in made.items()
        if any(attempt.state != "cached" for attempt in attempts)
    ]


def _usage(task: str, attempts: Sequence[Attempt]) -> Usage:
    asked = [attempt.record.constraints for attempt in attempts]
    return Usage(
        task=task,
        attempts=len(attempts),
        durations=[attempt.wall for attempt in attempts if attempt.wall is not None],
        cpu_asked=sorted({value["cpu"] for value in asked if value.get("cpu") is not None}),
        cores=[cores for attempt in attempts if (cores := _cores(attempt)) is not None],
        memory_asked=sorted({value["memory"] for value in asked if value.get("memory") is not None}),
        memory=[attempt.record.memory_peak for attempt in attempts if attempt.record.memory_peak is not None],
        cpu_lowered=max((value["asked_cpu"] for value in asked if "asked_cpu" in value), default=None),
        memory_lowered=max((value["asked_memory"] for value in asked if "asked_memory" in value), default=None),
    )


def _cores(attempt: Attempt) -> float | None:
    """Nothing for an attempt so short that what it was started by counts as much."""
    used, wall = attempt.record.cpu_seconds, attempt.wall
    return None if used is None or wall is None or wall < _SHORTEST else used / wall


def _tells(peak: int, asked: float) -> bool:
    """Whether a peak, which may be that of what started the process, says how well a request was chosen."""
    return peak >= _UNCERTAIN or peak * _WASTEFUL <= asked


def efficiency(calls: Iterable[Call]) -> Efficiency:
    """The figures of a run."""
    cpu_used = cpu_asked = memory_used = memory_asked = cpu_counted = 0.0
    peak, measured, by = None, 0, ""
    for call in calls:
        for attempt in call.attempts:
            record, wall = attempt.record, attempt.wall or 0.0
            asked = record.constraints
            if record.cpu_seconds is not None:
                measured += 1
                cpu_used += record.cpu_seconds
                if asked.get("cpu"):
                    cpu_counted += record.cpu_seconds
                    cpu_asked += asked["cpu"] * wall
            if record.memory_peak is not None:
                if asked.get("memory") and _tells(record.memory_peak, asked["memory"]):
                    memory_used += record.memory_peak * wall
                    memory_asked += asked["memory"] * wall
                if peak is None or record.memory_peak > peak:
                    peak, by = record.memory_peak, call.record.target
    return Efficiency(
        cpu_seconds=cpu_used if measured else None,
        cpu_share=cpu_counted / cpu_asked if cpu_asked >= _LEAST_ASKED else None,
        memory_share=memory_used / memory_asked if memory_asked else None,
        memory_peak=peak,
        memory_task=by,
        measured=measured,
    )


def resources(calls: Iterable[Call]) -> Markup:
    """The section; empty when no attempt has ended."""
    found = usages(calls)
    if not found:
        return Markup()
    over = element(
        "tr",
        element("th"),
        element("th"),
        element("th", "Duration", colspan=2, class_="over"),
        element("th", "CPUs", colspan=3, class_="over"),
        element("th", "Memory", colspan=3, class_="over"),
    )
    names = ("Task", "Attempts", "median", "longest", "asked", "median", "most", "asked", "median", "most")
    head = element("thead", over, element("tr", *(element("th", name) for name in names)))
    table = element("table", head, element("tbody", *(row for usage in found for row in _rows(usage))))
    return element(
        "section",
        element("h2", "Resources"),
        element("p", "What each task asked for, and what its attempts used.", class_="lead"),
        element("div", table, class_="scroll", tabindex=0, role="region", aria_label="Resources by task"),
    )


def _rows(usage: Usage) -> list[Markup]:
    cpu, memory = max(usage.cpu_asked, default=None), max(usage.memory_asked, default=None)
    cells: list[Content] = [
        element("span", usage.task, class_="mono"),
        f"{usage.attempts:,}",
        duration(median(usage.durations)),
        duration(max(usage.durations)),
        _range([number(value) for value in usage.cpu_asked]),
        number(median(usage.cores)) if usage.cores else NOTHING,
        _metered(number(max(usage.cores)), max(usage.cores), cpu) if usage.cores else NOTHING,
        _range(format_sizes(*usage.memory_asked)),
        size(median(usage.memory)) if usage.memory else NOTHING,
        _memory(max(usage.memory), memory) if usage.memory else NOTHING,
    ]
    hints = usage.hints
    row = element("tr", *(element("td", cell) for cell in cells), class_="hinted" if hints else None)
    return [row, *([element("tr", element("td", "; ".join(hints), colspan=10), class_="hint")] if hints else ())]


def _range(values: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(values))
    return f"{distinct[0]} to {distinct[-1]}" if len(distinct) > 1 else distinct[0] if distinct else NOTHING


def _memory(peak: int, asked: int | None) -> Content:
    return _metered(size(peak), peak, asked) if asked and _tells(peak, asked) else size(peak)


def _metered(text: str, used: float, asked: float | None) -> Content:
    """A value with a bar: its part of what was asked for."""
    if not asked:
        return text
    part = used / asked
    inner = element("i", style=f"width:{min(part, 1.0):.1%}", class_="failed-fill" if part > 1 else None)
    title = f"{share(part)} of what was asked for"
    return join(text, element("span", inner, class_="meter", title=title))


def measured_remark(found: Efficiency, attempts: int) -> str:
    """How complete the figures are."""
    return (
        "of all attempts"
        if found.measured == attempts
        else f"measured for {found.measured:,} of {count(attempts, 'attempt')}"
    )
