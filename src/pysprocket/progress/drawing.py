"""What the live view shows, as lines that fit a terminal.

In: a tally, the time, the size of the terminal. Out: lines, none wider than the terminal and not more than it has: the
run, how many tasks are in which state, the longest of them, transfers. Names are cut in the middle: what tells the
elements of a scatter apart is at their end.
"""

from __future__ import annotations

from itertools import chain, islice

from pysprocket.backends.job import JobState
from pysprocket.progress.narrator import short_id
from pysprocket.progress.tally import ORDER, Ended, Tally, Task
from pysprocket.source.uris import redacted
from pysprocket.source.visible import columns, count, shortened, visible
from pysprocket.units import format_duration

MOST_TASKS = 8
_LOOKED_AT = 100
"""How many tasks that wait are looked at for one of which there is something to tell."""
_MOST_TRANSFERS = 3
_NARROWEST = 32
_GAP = "  "
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = "1", "2", "31", "32", "33", "36"
_STATES = {JobState.WAITING: "", JobState.PULLING: _CYAN, JobState.RUNNING: _GREEN}
_ENDS = {
    Ended.COMPLETED: ("completed", ""),
    Ended.CACHED: ("cached", ""),
    Ended.REUSED: ("completed before", ""),
    Ended.FAILED: ("failed", _RED),
    Ended.CANCELED: ("cancelled", _YELLOW),
}


def draw(tally: Tally, now: float, width: int, height: int, *, color: bool = False) -> list[str]:
    """The lines of the view.

    Args:
        tally: of a run that has begun.
        now: seconds since the epoch.
        width: of the terminal, whose last column is left free.
        height: of the terminal, whose last line is left free.
        color: whether to use color.
    """
    if width < _NARROWEST:
        return [shortened(line, width - 1, keep_end=False) for line in draw(tally, now, _NARROWEST, height)]
    pen = _Pen(width - 1, color=color)
    room = max(height - 1, 1)
    lines = [_head(tally, now, pen), *_counts(tally, pen)][:room]
    room -= len(lines)
    transfers = _transfers(tally, now, pen, min(_MOST_TRANSFERS, room // 3))
    return lines + _tasks(tally, now, pen, min(MOST_TASKS + 1, room - len(transfers))) + transfers


class _Pen:
    """Cuts texts to columns and colours them."""

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self._color = color

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color and code and text else text


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _head(tally: Tally, now: float, pen: _Pen) -> str:
    start = tally.start
    assert start is not None, "it has begun"
    elapsed = format_duration(now - start.time)
    name = shortened(start.name, pen.width - len(elapsed) - len(_GAP))
    left = pen.width - columns(name) - len(elapsed) - 2 * len(_GAP)
    about = shortened(f"{start.kind} {start.target} on {start.backend}", left) if left >= 8 else ""
    return _GAP.join(filter(None, (pen.paint(name, _BOLD), about, elapsed)))


def _counts(tally: Tally, pen: _Pen) -> list[str]:
    """How many tasks are in which state, on as many lines as it takes."""
    parts = [(len(tally.under_way[state]), str(state), _STATES[state]) for state in reversed(ORDER)]
    parts += [(tally.ends[end], *_ENDS[end]) for end in Ended]
    parts.append((tally.retries, "retried", _YELLOW))
    rows: list[list[str]] = [[]]
    used = 0
    for number, word, code in parts:
        text = f"{word} {number}"
        if not number and word != "running":
            continue
        if rows[-1] and used + 3 + len(text) > pen.width - len(_GAP):
            rows.append([])
            used = 0
        used += len(text) + (3 if rows[-1] else 0)
        rows[-1].append(pen.paint(text, code))
    return [_GAP + " · ".join(row) for row in rows]


def _tasks(tally: Tally, now: float, pen: _Pen, room: int) -> list[str]:
    """The longest of the tasks that do something, one a line, and how many more there are; then those that wait."""
    number = len(tally.under_way[JobState.RUNNING]) + len(tally.under_way[JobState.PULLING])
    if room < 1:
        return []
    if number > min(room, MOST_TASKS):
        shown = min(room - 1, MOST_TASKS)
        more = pen.paint(f"{_GAP}and {number - shown} more"[: pen.width], _DIM)
        return [*_rows(list(islice(tally.active(), shown)), now, pen), more]
    waiting = islice(tally.under_way[JobState.WAITING].values(), _LOOKED_AT)
    told = (task for task in waiting if task.native or task.remark)  # of the others there is nothing to tell
    return _rows(list(islice(chain(tally.active(), told), min(room, MOST_TASKS))), now, pen)


def _rows(tasks: list[Task], now: float, pen: _Pen) -> list[str]:
    names = [_name(task) for task in tasks]
    times = [format_duration(now - task.since) for task in tasks]
    longest = max(map(len, times), default=0)
    fixed = 3 * len(_GAP) + max(map(len, ORDER)) + longest
    widest = max((columns(visible(name)) for name in names), default=0)
    most = max(pen.width // 2, 16) if any(task.native or task.remark for task in tasks) else pen.width
    width = max(min(widest, pen.width - fixed, most), 4)
    cells = [_padded(shortened(name, width), width) for name in names]
    return [_row(*row, pen) for row in zip(tasks, cells, (time.rjust(longest) for time in times), strict=True)]


def _row(task: Task, name: str, time: str, pen: _Pen) -> str:
    state = str(task.state).ljust(7)
    left = pen.width - columns(name) - len(state) - len(time) - 4 * len(_GAP)
    detail = ": ".join(filter(None, (short_id(task.native), task.remark)))
    shown = shortened(detail, left, keep_end=False) if detail and left >= min(6, len(detail)) else ""
    cells = [name, pen.paint(state, _STATES[task.state]), time, pen.paint(shown, _DIM)]
    return f"{_GAP}{_GAP.join(filter(None, cells))}"


def _name(task: Task) -> str:
    return f"{task.call_id} (retry {task.attempt})" if task.attempt else task.call_id


def _transfers(tally: Tally, now: float, pen: _Pen, room: int) -> list[str]:
    number = len(tally.transfers)
    if room < 1 or not number:
        return []
    shown = number if number <= room else room - 1
    lines = []
    for url, began in islice(tally.transfers.items(), shown):
        time = format_duration(now - began)
        left = pen.width - len("fetching") - len(time) - 3 * len(_GAP)
        lines.append(_GAP + _GAP.join(("fetching", shortened(redacted(url), max(left, 4)), time)))
    if number > shown:
        more = f"fetching {number - shown} more files" if shown else f"fetching {count(number, 'file')}"
        lines.append(pen.paint(f"{_GAP}{more}"[: pen.width], _DIM))
    return lines
