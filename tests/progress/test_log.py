"""The log of an output directory."""

import threading

import pytest

from pysprocket.engine.events import Notice, RunStarted
from pysprocket.errors import OutputDirectoryError
from pysprocket.progress.log import RunLog


def start(name: str) -> RunStarted:
    return RunStarted(1_795_254_247.25, "r", name, "file:///main.wdl", "main", "task", {}, "runs/main/x", "local")


def test_lines_have_time_level_and_the_name_of_the_run(tmp_path):
    path = tmp_path / "output.log"
    path.write_text("an earlier run\n")
    with RunLog(path) as log:
        log(start("amber-otter-1"))
        log(Notice(1_795_254_248.0, "stopping", warning=True))
    assert path.read_text().splitlines() == [
        "an earlier run",
        "2026-11-21T09:44:07.250Z INFO    amber-otter-1 running task main (local) in runs/main/x",
        "2026-11-21T09:44:08.000Z WARNING amber-otter-1 stopping",
    ]


def test_runs_that_write_at_once_do_not_mix_their_lines(tmp_path):
    path = tmp_path / "output.log"

    def one(number: int) -> None:
        with RunLog(path) as log:
            log(start(f"run-{number}"))
            for _ in range(200):
                log(Notice(0.0, "x" * 200))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = path.read_text().splitlines()
    assert len(lines) == 4 * 201
    assert all(line.endswith("x" * 200) for line in lines if "running" not in line)


def test_a_log_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(OutputDirectoryError, match="cannot be written: Is a directory"):
        RunLog(tmp_path)


def test_an_event_after_the_end_is_no_error(tmp_path):
    log = RunLog(tmp_path / "output.log")
    log.close()
    log.close()
    log(start("late"))
    assert (tmp_path / "output.log").read_text() == ""
