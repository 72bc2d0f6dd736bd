"""Colours: who decides on them, with a terminal and without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

import pytest

from pysprocket.cli.options import State

SPROCKET = str(Path(sys.executable).parent / "sprocket")
ESCAPE = "\x1b["
WRONG = "version 1.2\nworkflow w {\n  Int x = y\n}\n"
FAILS = "version 1.2\ntask t {\n  command <<< exit 3 >>>\n}\n"


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "wrong.wdl").write_text(WRONG)
    (tmp_path / "fails.wdl").write_text(FAILS)
    return tmp_path


def read_all(descriptor: int) -> str:
    pieces = []
    try:
        while piece := os.read(descriptor, 65536):
            pieces.append(piece)
    except OSError:  # all who had the terminal open have closed it
        pass
    os.close(descriptor)
    return b"".join(pieces).decode()


def told(directory: Path, *arguments: str, terminal: bool, out: bool = False, **variables: str) -> str:
    """What is written to the standard error, which is a terminal or not; the standard output is the other of both."""
    mine = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SPROCKET_") and name not in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM")
    }
    environment = mine | {"TERM": "xterm", "HOME": str(directory), "XDG_CONFIG_HOME": str(directory)} | variables
    controller, end = os.openpty()
    piped, pipe = os.pipe()
    streams = (pipe, end) if terminal else (end, pipe)
    process = subprocess.Popen(
        [SPROCKET, *arguments], cwd=directory, env=environment, stdout=streams[0], stderr=streams[1]
    )
    os.close(end)
    os.close(pipe)
    first, second = read_all(piped), read_all(controller)
    process.wait(30)
    err, stdout = (second, first) if terminal else (first, second)
    assert ESCAPE not in stdout
    assert "error" in err
    return err


COMBINATIONS = [
    # the environment; whether there are colours on a terminal, and elsewhere
    ({}, True, False),
    ({"NO_COLOR": "1"}, False, False),
    ({"NO_COLOR": ""}, True, False),
    ({"TERM": "dumb"}, False, False),
    ({"FORCE_COLOR": "1"}, True, True),
    ({"CLICOLOR_FORCE": "1"}, True, True),
    ({"FORCE_COLOR": "0"}, True, False),
    ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
    ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
]


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    controller, end = os.openpty()
    with os.fdopen(end, "w") as stream:
        yield stream
    os.close(controller)


@pytest.fixture
def file(tmp_path) -> Iterator[TextIO]:
    with (tmp_path / "log").open("w") as stream:
        yield stream


def surround(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm"} | dict(variables)).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(("variables", "on_terminal", "elsewhere"), COMBINATIONS)
def test_the_environment_decides_and_else_each_stream_by_itself(
    monkeypatch, terminal, file, variables, on_terminal, elsewhere
):
    surround(monkeypatch, variables)
    for choice in (None, "auto"):
        state = State(color=choice, config_search=False)
        assert (state.use_color(terminal), state.use_color(file)) == (on_terminal, elsewhere)


@pytest.mark.parametrize("choice", ["always", "never"])
@pytest.mark.parametrize("variables", [each[0] for each in COMBINATIONS])
def test_the_command_line_and_the_configuration_beat_the_environment(
    monkeypatch, tmp_path, terminal, file, choice, variables
):
    surround(monkeypatch, variables)
    (tmp_path / "other.toml").write_text(f'common.color = "{choice}"\n')
    for state in (
        State(color=choice, config_search=False),
        State(config_files=[tmp_path / "other.toml"], config_search=False),
        State(color="auto", config_files=[tmp_path / "other.toml"], config_search=False),
    ):
        assert [state.use_color(terminal), state.use_color(file)] == [choice == "always"] * 2


def test_the_command_line_beats_the_configuration(tmp_path, terminal, file):
    (tmp_path / "other.toml").write_text('common.color = "always"\n')
    assert not State(color="never", config_files=[tmp_path / "other.toml"]).use_color(terminal)
    (tmp_path / "other.toml").write_text('common.color = "never"\n')
    assert State(color="always", config_files=[tmp_path / "other.toml"]).use_color(file)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "wrong.wdl"],
        ["check", "wrong.wdl", "--report-mode", "one-line"],
        ["validate", "gone-wrong.wdl"],
        ["run", "fails.wdl", "-b", "local", "--progress", "plain"],
    ],
    ids=" ".join,
)
def test_everything_that_has_colors_obeys(directory, arguments):
    assert ESCAPE in told(directory, *arguments, terminal=True)
    assert ESCAPE in told(directory, *arguments, terminal=False, FORCE_COLOR="1")
    assert ESCAPE not in told(directory, *arguments, terminal=False)
    assert ESCAPE not in told(directory, "--color", "never", *arguments, terminal=True)


def test_the_live_view_has_no_colors_when_there_are_to_be_none(directory):
    arguments = ["run", "fails.wdl", "-b", "local"]
    assert f"{ESCAPE}31m" in told(directory, *arguments, terminal=True)
    assert f"{ESCAPE}31m" not in told(directory, *arguments, terminal=True, NO_COLOR="1")


def test_remarks_about_the_configuration_have_colors_and_fit(directory):
    gone = str(directory / "gone.toml")
    shown = told(directory, "check", "wrong.wdl", terminal=True, SPROCKET_CONFIG=gone)
    assert f"{ESCAPE}33m{ESCAPE}1mwarning{ESCAPE}0m: the configuration file" in shown
    assert ESCAPE not in told(directory, "check", "wrong.wdl", terminal=False, SPROCKET_CONFIG=gone)


@pytest.mark.parametrize("color", [["--color", "never"], ["--color=never"]], ids=" ".join)
@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--no-such", "COLOR"],
        ["run", "COLOR", "--no-such"],
        ["COLOR", "run", "--no-such"],
        ["config", "--no-such", "resolve", "COLOR"],
        ["check", "--color", "sometimes", "COLOR"],
        ["chekc", "COLOR"],
        ["run", "COLOR"],
    ],
    ids=" ".join,
)
def test_wrong_usage_has_the_colors_of_the_command_line_wherever_it_says_so(directory, color, arguments):
    at = arguments.index("COLOR")
    never = [*arguments[:at], *color, *arguments[at + 1 :]]
    assert ESCAPE not in told(directory, *never, terminal=True)
    always = [each.replace("never", "always") for each in never]
    assert ESCAPE in told(directory, *always, terminal=False)


def test_what_is_no_option_says_nothing_about_colors(directory):
    assert ESCAPE in told(directory, "run", "--no-such", "--", "--color", "never", terminal=True)
    assert ESCAPE in told(directory, "run", "--no-such", terminal=True)


@pytest.mark.parametrize("wrong", ["run.fial = 1", "run = 7", "check.deny_notes = 'often'", "[oh"])
def test_a_configuration_with_mistakes_is_told_as_it_says_itself_where_it_is_right(directory, wrong):
    (directory / "site.toml").write_text('common.color = "never"\ncommon.report_mode = "one-line"\n')
    (directory / "sprocket.toml").write_text(f"{wrong}\n")
    text = told(directory, "config", "resolve", "-c", "site.toml", terminal=True)
    assert ESCAPE not in text
    assert len(text.splitlines()) == 1


def test_a_wrong_color_is_not_used_but_what_stands_beside_it_is(directory):
    (directory / "sprocket.toml").write_text('common.color = "pink"\ncommon.report_mode = "one-line"\n')
    text = told(directory, "check", terminal=True)
    assert ESCAPE in text
    assert len(text.splitlines()) == 1
