"""What the live view shows, at any size of the terminal."""

import re
from itertools import product

import pytest

from pysprocket.backends.job import JobState
from pysprocket.engine.events import Event, Retry, RunResumed, Status, Transfer
from pysprocket.progress.drawing import draw
from pysprocket.progress.tally import Tally
from pysprocket.source.visible import columns
from tests.progress.samples import (
    START,
    attempt_ended,
    cached,
    completed,
    created,
    ended,
    progress,
    running,
    started,
    submitted,
)

MANY: tuple[Event, ...] = (
    START,
    *(event for number in range(9) for event in completed(f"done-{number}")),
    *(event for number in range(30) for event in running(f"align-{number}", 10.0 + number)),
    started("pull"),
    created("pull"),
    progress("pull", JobState.PULLING, "ubuntu:latest"),
    *(started(f"waits-{number}") for number in range(12)),
    *running("bad"),
    attempt_ended("bad", Status.FAILED),
    ended("bad", Status.FAILED),
    *running("flaky"),
    attempt_ended("flaky", Status.FAILED, retry=Retry(1, 2, 10.0)),
    created("flaky", 1),
    started("hit"),
    cached("hit"),
    ended("hit"),
    *(Transfer(3.0, "r", f"https://me:secret@host/long/way/to/file-{number}.fasta.gz") for number in range(5)),
)


def drawn(*events: Event, width: int = 80, height: int = 24, now: float = 100.0, color: bool = False) -> list[str]:
    tally = Tally()
    for event in events:
        tally(event)
    return draw(tally, now, width, height, color=color)


def test_a_run_as_a_whole():
    assert drawn(*MANY, now=3700.0) == [
        "amber-otter-3fa2c1  workflow main on docker  1 h 01 min",
        "  waiting 13 · pulling 1 · running 30 · completed 9 · cached 1 · failed 1",
        "  retried 1",
        *(f"  align-{number}  running  1 h 01 min  77" for number in range(8)),
        "  and 23 more",
        "  fetching  https://host/long/way/to/file-0.fasta.gz  1 h 01 min",
        "  fetching  https://host/long/way/to/file-1.fasta.gz  1 h 01 min",
        "  fetching 3 more files",
    ]


def test_a_run_that_has_just_begun():
    assert drawn(START, now=0.3) == ["amber-otter-3fa2c1  workflow main on docker  0.3 s", "  running 0"]


def test_a_task_has_its_attempt_the_id_of_its_job_and_why_it_waits():
    events = (
        started("map"),
        created("map", 1),
        submitted("map", "1234_7", attempt=1),
        progress("map", JobState.WAITING, "Priority", time=90.0, attempt=1),
    )
    assert drawn(START, *events)[-1] == "  map (retry 1)  waiting  1 min 39 s  1234_7: Priority"


def test_tasks_of_which_there_is_nothing_to_tell_are_only_counted():
    lines = drawn(START, *(started(f"waits-{number}") for number in range(500)), *running("a"))
    assert lines[1:] == ["  waiting 500 · running 1", "  a     running  1 min 38 s  77"]


def test_the_id_of_a_container_is_shown_as_people_write_it():
    events = (started("a"), created("a"), submitted("a", "0123456789ab" + "c" * 52), progress("a", JobState.RUNNING))
    assert drawn(START, *events)[-1] == "  a     running  1 min 38 s  0123456789ab"


def test_what_was_done_before_is_counted_apart():
    resumed = RunResumed(0.0, "r", "amber", "main", "workflow", "runs/main/x", "local")
    events = (started("a", resumed=True), ended("a", reused=True), *completed("b"))
    assert drawn(resumed, *events)[1] == "  running 0 · completed 1 · completed before 1"


@pytest.mark.parametrize(("width", "height"), [*product((1, 9, 20, 40, 79, 80, 200), (1, 2, 3, 5, 8, 24, 60))])
def test_no_line_is_wider_than_the_terminal_and_all_lines_fit(width: int, height: int):
    wide = ("调" * 30 + "-1", "x\u0301" * 50, "e" * 300 + "-77", "\x1b[2J\u202e evil")
    events = (*MANY, *(event for name in wide for event in running(name, 5.0)))
    lines = drawn(*events, width=width, height=height)
    assert 1 <= len(lines) <= max(height - 1, 1)
    assert all(columns(line) <= max(width - 1, 1) for line in lines)
    assert "".join(lines).isprintable()


def test_at_forty_columns_all_states_are_there():
    text = " ".join(drawn(*MANY, width=40))
    for part in ("waiting 13", "pulling 1", "running 30", "completed 9", "cached 1", "failed 1", "retried 1"):
        assert part in text


def test_a_low_terminal_shows_fewer_tasks_and_says_how_many_more():
    lines = drawn(*MANY[:-5], height=7, width=100)
    assert len(lines) == 6
    assert lines[-1] == "  and 28 more"


def test_a_long_name_keeps_its_beginning_and_its_end():
    events = running("sub-workflow-1/align_to_the_reference-12/sort-by-coordinate-1234567")
    (line,) = drawn(START, *events, width=60)[2:]
    assert re.fullmatch(r"  sub-workflow-\S*…\S*-1234567  running  1 min 38 s  77", line)


def test_colour_marks_what_failed_and_takes_no_room():
    plain, coloured = drawn(*MANY, width=60), drawn(*MANY, width=60, color=True)
    assert [re.sub(r"\x1b\[[0-9]*m", "", line) for line in coloured] == plain
    assert "\x1b[31mfailed 1\x1b[0m" in "".join(coloured)
    assert "\x1b" not in "".join(plain)
