"""The live view on a small terminal: what is on the screen while a run goes on, and what it leaves behind."""

import asyncio
import io
import signal
import sys
import time

import click
import pytest

from pysprocket.engine.events import Event, Notice, Retry, Status, Transfer
from pysprocket.progress import live
from pysprocket.progress.lines import Level
from pysprocket.progress.live import LiveView
from pysprocket.progress.narrator import Narration
from tests.progress.samples import START, attempt_ended, completed, created, ended, run_ended, running, started
from tests.progress.screen import Screen

HEAD = "amber-otter-3fa2c1  workflow main on docker"


class Terminal(io.StringIO):
    """A stream that shows what is written on a screen at once, and counts writes."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self.screen = Screen(width, height)
        self.writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        self.screen.feed(text)
        return len(text)


class Shown:
    """A view on a terminal, and events that reach it as they do in a run."""

    def __init__(self, width: int = 80, height: int = 24, *, color: bool = False, least: Level = Level.WARNING) -> None:
        self.terminal = Terminal(width, height)
        self.screen = self.terminal.screen
        self.narration = Narration()
        self.now = 100.0
        self.view = LiveView(
            self.terminal,
            self.narration.tally,
            color=color,
            least=least,
            size=lambda: (self.screen.width, self.screen.height),
            clock=lambda: self.now,
        )
        self.narration.tellers.append(self.view)

    def __call__(self, *events: Event) -> None:
        for event in events:
            self.narration(event)
            self.view(event)

    @property
    def text(self) -> list[str]:
        """What is on the screen; times of day are left out."""
        return [line[9:] if line[2:3] == ":" == line[5:6] else line for line in self.screen.text]


@pytest.fixture(autouse=True)
def _always(monkeypatch):
    """Each event is drawn at once, where no test says otherwise."""
    monkeypatch.setattr(live, "INTERVAL", 0.0)


def test_the_view_is_redrawn_in_place():
    shown = Shown()
    with shown.view:
        shown(START, *running("a"), *running("b"))
        assert shown.text == [
            "running workflow main (docker) as amber-otter-3fa2c1 in runs/main/x",
            f"{HEAD}  1 min 40 s",
            "  running 2",
            "  a     running  1 min 38 s  77",
            "  b     running  1 min 38 s  77",
        ]
        shown(attempt_ended("a", Status.COMPLETED), ended("a"))
        assert shown.text[1:] == [f"{HEAD}  1 min 40 s", "  running 1 · completed 1", "  b     running  1 min 38 s  77"]


def test_a_run_that_ends_at_once_shows_no_view(monkeypatch):
    monkeypatch.setattr(live, "INTERVAL", 0.25)
    shown = Shown()
    with shown.view:
        shown(START)
        assert shown.text == ["running workflow main (docker) as amber-otter-3fa2c1 in runs/main/x"]
        shown(*running("a"), run_ended())
    assert shown.terminal.writes == 2
    assert len(shown.text) == 2


def test_what_is_left_are_lines_that_matter_and_no_drawing():
    shown = Shown()
    with shown.view:
        shown(START, *completed("a"), *running("b"), attempt_ended("b", Status.FAILED, exit_code=3, retry=Retry(1, 2)))
        shown(created("b", 1), attempt_ended("b", Status.COMPLETED, attempt=1), ended("b"), run_ended())
    assert shown.text == [
        "running workflow main (docker) as amber-otter-3fa2c1 in runs/main/x",
        "b: failed after 12 s: exit code 3; retry 1 of 2",
        "run amber-otter-3fa2c1 completed after 20 s: 2 tasks completed, 1 retry",
    ]
    assert (shown.screen.column, shown.screen.wrap, shown.screen.cursor_shown) == (0, True, True)
    shown.terminal.write("$ ")
    assert shown.text[-1] == "$"


def test_warnings_stay_in_order_above_the_view_on_a_low_terminal():
    shown = Shown(40, 6)
    with shown.view:
        shown(START, *(event for number in range(20) for event in running(f"task-{number}")))
        for number in range(30):
            shown(Notice(1.0, f"warning {number} " + "long " * 20, warning=True))
    warnings = " ".join(shown.screen.text).replace("  ", " ")
    assert [f"warning {number} " in warnings for number in range(30)] == [True] * 30
    assert warnings.count("warning") == 30
    assert "task-" not in warnings


def test_a_line_as_wide_as_the_terminal_is_whole():
    shown = Shown(60)
    with shown.view:
        shown(START, *running("a"))
        for length in (50, 51, 52, 111):
            shown(Notice(1.0, "w" * length, warning=True))
    assert "".join(shown.screen.text).count("w") == 50 + 51 + 52 + 111 + "workflow".count("w")


def test_what_other_code_writes_to_the_standard_error_does_not_garble_the_view(capsys):
    shown = Shown()
    before = sys.stderr
    with shown.view:
        shown(START, *running("a"))
        print("warning: something\nin two lines", file=sys.stderr)
        click.echo("from click", err=True)
        sys.stderr.write("unfinished")
        shown.view(START)
        assert shown.text[1:4] == ["warning: something", "in two lines", "from click"]
        assert shown.text[4].startswith(HEAD)
    assert sys.stderr is before
    assert shown.text[1:] == ["warning: something", "in two lines", "from click", "unfinished"]


def test_an_error_leaves_a_clean_terminal_too():
    shown = Shown()
    before = sys.stderr, signal.getsignal(signal.SIGCONT)

    def interrupted() -> None:
        with shown.view:
            shown(START, *running("a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert shown.text == ["running workflow main (docker) as amber-otter-3fa2c1 in runs/main/x"]
    assert (sys.stderr, signal.getsignal(signal.SIGCONT)) == before


@pytest.mark.parametrize(("first", "second"), [((40, 20), (100, 20)), ((80, 20), (80, 5)), ((80, 5), (80, 20))])
def test_a_window_may_become_wider_lower_or_higher(first, second):
    shown = Shown(*first)
    with shown.view:
        shown(START, *(event for number in range(5) for event in running(f"a-task-with-a-name-{number}")))
        shown.screen.resize(*second)
        shown(Notice(1.0, "still here", warning=True))
        heads = [line for line in shown.text[shown.screen.top :] if line.startswith("amber-otter-3fa2c1")]
        assert len(heads) == 1
    assert [line for line in shown.text[shown.screen.top :] if "align" in line] == []


@pytest.mark.parametrize("late", [False, True])
def test_a_window_that_becomes_narrower_loses_no_line(late, monkeypatch):
    shown = Shown(100, 20)
    size = (100, 20)
    monkeypatch.setattr(shown.view, "_size", lambda: size)
    with shown.view:
        shown(START, *(event for number in range(5) for event in running(f"a-task-with-a-name-{number}")))
        shown(*(Notice(1.0, f"warning {number}", warning=True) for number in range(5)))
        shown.screen.resize(40, 20)
        if late:  # the program gets to know of it after it has drawn once more
            shown.now += 1.0
            shown(started("more"))
        size = (40, 20)
        shown(Notice(1.0, "still here", warning=True))
        assert sum(line.startswith("  running 5") or line.endswith("running 5") for line in shown.text[-10:]) == 1
    text = "".join(shown.screen.text)
    for line in (*(f"warning {number}" for number in range(5)), "still here", "running workflow main"):
        assert text.count(line) == 1


def test_after_a_pause_of_the_program_the_view_begins_below_what_the_shell_wrote():
    shown = Shown()
    with shown.view:
        shown(START, *running("a"))
        shown.terminal.write("^Z\n[1]+ Stopped\n$ fg\n")
        signal.raise_signal(signal.SIGCONT)
        shown(*running("b"))
        assert shown.text[4:8] == ["^Z", "[1]+ Stopped", "$ fg", f"{HEAD}  1 min 40 s"]
    assert shown.text[-3:] == ["^Z", "[1]+ Stopped", "$ fg"]


def test_color_is_ended_on_each_line():
    shown = Shown(color=True)
    with shown.view:
        shown(START, *running("a"), attempt_ended("a", Status.FAILED, exit_code=1), ended("a", Status.FAILED))
        assert not shown.screen.painted
        assert "failed 1" in shown.text[3]


def test_more_is_told_above_the_view_when_asked_for():
    shown = Shown(least=Level.DEBUG)
    with shown.view:
        shown(START, *completed("a"))
    assert shown.text[1:] == ["a: submitted as 77", "a: started", "a: completed in 12 s"]


def test_files_that_are_fetched_before_there_is_a_view_are_told():
    shown = Shown()
    with shown.view:
        shown(Transfer(0.0, "r", "https://h/a"))
        assert shown.text == ["https://h/a: fetching"]
        shown(START, Transfer(1.0, "r", "https://h/b"))
        assert shown.text[-1] == "  fetching  https://h/b  1 min 39 s"


def test_a_terminal_that_is_gone_does_not_stop_the_run():
    shown = Shown()

    def fail(_: str) -> int:
        raise OSError(5, "Input/output error")

    with shown.view:
        shown(START)
        shown.terminal.write = fail  # type: ignore[method-assign, assignment]
        shown(*completed("a"))


@pytest.mark.usefixtures("flying_time")
async def test_a_thousand_events_are_drawn_at_most_four_times_a_second(monkeypatch):
    monkeypatch.setattr(live, "INTERVAL", 0.25)
    shown = Shown()
    begin = time.monotonic()
    with shown.view:
        shown(START)
        tasks = 0
        while time.monotonic() - begin < 0.9:
            shown(*running(f"a-{tasks}"))
            tasks += 1
            await asyncio.sleep(0.002)
        assert 3 <= shown.terminal.writes <= 4
        assert tasks > 400


@pytest.mark.usefixtures("flying_time")
async def test_the_time_goes_on_when_nothing_happens_and_otherwise_nothing_is_written(monkeypatch):
    monkeypatch.setattr(live, "INTERVAL", 0.05)
    shown = Shown()
    with shown.view:
        shown(START, *running("a"))
        await asyncio.sleep(0.2)
        writes = shown.terminal.writes
        shown.now = 101.0
        await asyncio.sleep(0.5)
        assert shown.terminal.writes == writes
        await asyncio.sleep(0.7)
        assert shown.text[1] == f"{HEAD}  1 min 41 s"
        assert shown.terminal.writes == writes + 1


def test_a_job_in_the_background_does_not_draw(monkeypatch):
    shown = Shown()
    monkeypatch.setattr(LiveView, "_in_foreground", lambda self: False)
    with shown.view:
        shown(START, *running("a"), started("b"))
        assert shown.text == ["running workflow main (docker) as amber-otter-3fa2c1 in runs/main/x"]
