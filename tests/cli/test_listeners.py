"""What a run tells: on a terminal, in a batch log, in its own log, and to programs."""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from tests.examples.commands import SPROCKET
from tests.progress.screen import Screen
from tests.reading import unwrapped

DOCUMENT = """\
version 1.2
task one {
    input { Int n  Int seconds = 0 }
    command <<< sleep ~{seconds}; test ~{n} -ne 3 >>>
    requirements { cpu: 0.25  memory: "1 MiB" }
    output { Int m = n }
}
workflow many {
    input { Int tasks  Int seconds = 0 }
    scatter (n in range(tasks)) { call one { n, seconds } }
    output { Array[Int] m = one.m }
}
"""
RAN = [r"running workflow many \(local\) as \S+ in runs/many/\S+"]


def environment(directory: Path) -> dict[str, str]:
    """That of this process, without what changes how runs are shown."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("SPROCKET_", "NO_COLOR"))}
    return mine | {"XDG_CONFIG_HOME": str(directory / "home"), "PYTHONUTF8": "1"}


class OnTerminal:
    """A run whose standard error is a terminal of 120 columns and 20 lines."""

    def __init__(self, directory: Path, *arguments: str, **variables: str) -> None:
        self.screen = Screen(120, 20)
        self.raw = self._rest = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.primary, secondary = os.openpty()
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 120, 0, 0))
        self.process = subprocess.Popen(
            [SPROCKET, "run", "main.wdl", "--backend", "local", *arguments],
            cwd=directory,
            env=environment(directory) | {"TERM": "xterm"} | variables,
            stdin=secondary,
            stdout=subprocess.PIPE,
            stderr=secondary,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
        )
        os.close(secondary)
        os.set_blocking(self.primary, False)

    def read(self) -> bool:
        """Show what has come; whether anybody can still write."""
        try:
            text = self._decoder.decode(os.read(self.primary, 65536))
        except BlockingIOError:
            time.sleep(0.01)
            return True
        except OSError:  # all who had it open have closed it
            return False
        self.raw += text
        text, begun, self._rest = (self._rest + text).rpartition("\x1b")
        if re.match(r"\[[?0-9;]*[A-Za-z]", self._rest) or not begun:  # else it comes in two parts
            text, self._rest = text + begun + self._rest, ""
        self._rest = begun + self._rest if self._rest else ""
        self.screen.feed(text.replace("\r\n", "\n"))
        return True

    def until(self, pattern: str) -> None:
        deadline = time.monotonic() + 30
        while not re.search(pattern, "\n".join(self.screen.text), re.MULTILINE):
            assert time.monotonic() < deadline, self.screen.text
            assert self.process.poll() is None, self.screen.text
            self.read()

    def ended(self) -> tuple[int, str]:
        """The exit status, and the standard output."""
        while self.read():
            pass
        self.process.wait(30)
        assert self.process.stdout is not None
        out = self.process.stdout.read().decode()
        self.process.stdout.close()
        os.close(self.primary)
        return self.process.returncode, out

    @property
    def text(self) -> list[str]:
        """What is on the screen, without times of day."""
        return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in self.screen.text]


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "main.wdl").write_text(DOCUMENT)
    return tmp_path


def run(directory: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    completed = subprocess.run(
        [SPROCKET, "run", "main.wdl", "--backend", "local", *arguments],
        cwd=directory,
        env=environment(directory) | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    completed.stderr = unwrapped(completed.stderr)
    return completed


def told(completed: subprocess.CompletedProcess[str]) -> list[str]:
    return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in completed.stderr.splitlines()]


def test_on_a_terminal_a_view_shows_what_runs_and_goes_away(directory):
    shown = OnTerminal(directory, "-t", "many", "tasks=3", "seconds=1")
    shown.until(r"^  waiting \d.*|^  running 3")
    shown.until(r"^  one-2  running  0\.\d s  \d+$")
    status, out = shown.ended()
    assert (status, json.loads(out)) == (0, {"many.m": [0, 1, 2]})
    assert len(shown.text) == 2
    assert re.fullmatch(RAN[0], shown.text[0])
    assert re.fullmatch(r"run \S+ completed after \d\.\d s: 3 tasks completed", shown.text[1])
    assert "\x1b[?25l" not in shown.raw
    assert "\x1b[1m" in shown.raw


def test_a_failure_is_one_line_above_the_view_and_its_details_are_at_the_end(directory):
    shown = OnTerminal(directory, "-t", "many", "tasks=5", "seconds=1", NO_COLOR="1")
    status, _ = shown.ended()
    text = "\n".join(shown.text)
    assert status == 1
    assert text.count("one-3: failed after") == 1
    assert text.count("exit code 3") == 0
    assert re.search(r"^run \S+ failed after .*: 4 tasks completed, 1 task failed$", text, re.MULTILINE)
    assert text.index("run ") < text.index("error: task `one` (call `one-3`) failed: exit code 1")
    assert "running 1" not in text
    assert not re.search(r"\x1b\[\d*m", shown.raw)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_leaves_a_clean_terminal(directory, sent):
    shown = OnTerminal(directory, "-t", "many", "tasks=2", "seconds=300")
    shown.until(r"^  running 2")
    shown.process.send_signal(sent)
    if sent is signal.SIGINT:
        shown.until("once more to cancel what runs")
        shown.process.send_signal(sent)
    status, out = shown.ended()
    assert (status, out) == (130, "")
    assert (shown.screen.column, shown.screen.wrap, shown.screen.painted) == (0, True, False)
    assert not any(line.startswith("  one-") for line in shown.text)
    assert any("interrupted after" in line for line in shown.text)


def test_a_terminal_that_cannot_be_drawn_on_gets_lines(directory):
    shown = OnTerminal(directory, "-t", "many", "tasks=1", TERM="dumb")
    assert shown.ended()[0] == 0
    assert "\x1b" not in shown.raw
    assert shown.text[1] == "one-0: started"
    assert re.fullmatch(r"one-0: completed in \d\.\d s", shown.text[2])


def test_a_batch_log_has_a_line_for_each_event(directory):
    lines = told(run(directory, "-t", "many", "tasks=1"))
    assert len(lines) == 4
    assert re.fullmatch(RAN[0], lines[0])
    assert lines[1:3] == ["one-0: started", "one-0: completed in 0.0 s"]
    assert re.fullmatch(r"run \S+ completed after \d\.\d s: 1 task completed", lines[3])


@pytest.mark.parametrize(
    ("arguments", "variables", "number"),
    [
        (["--progress", "none"], {}, 0),
        (["-q"], {}, 0),
        (["-qq"], {}, 0),
        (["--progress", "plain"], {}, 4),
        (["-v"], {}, 5),
        ([], {"SPROCKET_LOG": "warning"}, 0),
        ([], {"SPROCKET_LOG": "debug"}, 5),
        (["-v"], {"SPROCKET_LOG": "error"}, 5),
    ],
)
def test_how_much_is_told(directory, arguments, variables, number):
    completed = run(directory, "-t", "many", "tasks=1", *arguments, **variables)
    assert completed.returncode == 0
    assert len(told(completed)) == number, completed.stderr


def test_quieter_leaves_the_final_error_alone(directory):
    completed = run(directory, "-t", "one", "n=3", "-qq")
    assert completed.returncode == 1
    assert told(completed)[0] == "error: task `one` failed: exit code 1"


def test_a_live_view_that_cannot_be_is_told_in_lines_and_says_so(directory):
    lines = told(run(directory, "-t", "many", "tasks=1", "--progress", "live"))
    assert lines[0].startswith("warning: there is no live view, because the standard error is not a terminal")
    assert len(lines) == 5


def test_an_unknown_level_is_refused_before_anything_runs(directory):
    completed = run(directory, "-t", "many", "tasks=1", SPROCKET_LOG="loud")
    assert completed.returncode == 2
    assert "SPROCKET_LOG is `loud`" in completed.stderr
    assert "error, warning, info, debug" in completed.stderr
    assert not (directory / "out").exists()


def test_the_log_is_in_the_run_directory_and_tells_what_was_asked_for(directory):
    run(directory, "-t", "many", "tasks=1", "--progress", "none", "-v")
    (log,) = directory.glob("out/runs/many/2*/output.log")
    assert log.parent == (directory / "out/runs/many/_latest").resolve()
    lines = [line.split(maxsplit=2)[1:] for line in log.read_text().splitlines()]
    assert sorted({level for level, _ in lines}) == ["DEBUG", "INFO"]
    assert any(text.startswith("one-0: submitted as") for _, text in lines)
    run(directory, "-t", "many", "tasks=1", "-q")
    lines = (directory / "out/runs/many/_latest/output.log").read_text().splitlines()
    assert {line.split()[1] for line in lines} == {"INFO"}


def test_programs_read_events_as_json(directory):
    run(directory, "-t", "many", "tasks=1", "--log-json", "a.jsonl", SPROCKET_LOG_JSON="b.jsonl")
    run(directory, "-t", "many", "tasks=1", SPROCKET_LOG_JSON="b.jsonl")
    for name in ("a.jsonl", "b.jsonl"):
        entries = [json.loads(line) for line in (directory / name).read_text().splitlines()]
        assert entries[0]["event"] == "run_started"
        assert entries[-1]["event"] == "run_ended"
        assert entries[-1]["status"] == "completed"


def test_a_log_for_programs_that_cannot_be_written_is_refused_before_anything_runs(directory):
    completed = run(directory, "-t", "many", "tasks=1", "--log-json", "nowhere/a.jsonl")
    assert completed.returncode == 2
    assert "error: the log `nowhere/a.jsonl` cannot be written: No such file or directory" in completed.stderr
    assert not (directory / "out").exists()
