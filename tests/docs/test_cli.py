"""docs/reference/cli.md has every command with exactly the options it has."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from pysprocket.cli.main import COMMANDS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md").read_text()
ALL_COMMANDS = "Options of all commands"


def options_documented_in(heading: str) -> set[str]:
    """The options in the first column of the tables under a heading; `runs list` is a heading below that of `runs`."""
    level = "##" + "#" * heading.count(" ") * (heading != ALL_COMMANDS)
    (section,) = re.findall(rf"^{level} {heading}\n(.*?)(?=^{level[:3]} |^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `-")]
    return {option for cell in cells for option in re.findall(r"`(-[^`]+)`", cell)}


def commands() -> dict[str, click.Command]:
    """All that can be called, those of a group as `runs list`."""
    found = {}
    for name in COMMANDS:
        command: click.Command = import_module(f"pysprocket.cli.{name}").command
        if isinstance(command, click.Group):
            context = click.Context(command)
            for inner in command.list_commands(context):
                found_inner = command.get_command(context, inner)
                assert found_inner is not None
                found[f"{name} {inner}"] = found_inner
        else:
            found[name] = command
    return found


def options_of(command: click.Command) -> set[str]:
    parameters = command.get_params(click.Context(command, help_option_names=["-h", "--help"]))
    return {option for one in parameters if isinstance(one, click.Option) for option in one.opts}


@pytest.mark.parametrize(("name", "command"), commands().items())
def test_a_command_is_documented_with_exactly_its_options(name: str, command: click.Command):
    assert options_documented_in(ALL_COMMANDS) | options_documented_in(name) == options_of(command)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_in_the_table_of_commands(name: str):
    assert f"| [`{name}`](#{name}) |" in TEXT
