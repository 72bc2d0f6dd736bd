"""Help: each command has it, with examples that can be typed, in 80 columns."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from pysprocket.cli.group import sprocket as group
from pysprocket.cli.main import COMMANDS, group_help
from pysprocket.cli.options import State


def commands_below(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command that there is."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands_below(below, (*words, name))


ALL = list(commands_below(group))
every_command = pytest.mark.parametrize("words", ALL, ids=lambda words: " ".join(("sprocket", *words)))


def found(words: tuple[str, ...]) -> click.Command:
    command: click.Command = group
    for word in words:
        assert isinstance(command, click.Group)
        below = command.get_command(click.Context(command), word)
        assert below is not None
        command = below
    return command


def examples(text: str) -> list[str]:
    """The lines under the heading for examples."""
    (block,) = re.findall(r"^Examples?:\n((?:  .*\n)+)", text + "\n", re.MULTILINE)
    return [line.strip() for line in block.splitlines()]


def test_all_commands_are_looked_at():
    assert {words[0] for words in ALL if words} == set(COMMANDS)
    assert ("runs", "show") in ALL


@every_command
@pytest.mark.parametrize("columns", ["30", "80", "200"])
def test_help_fits_80_columns(sprocket, monkeypatch, words, columns):
    monkeypatch.setenv("COLUMNS", columns)
    ended = sprocket(*words, "--help")
    assert (ended.status, ended.err) == (0, "")
    assert [line for line in ended.out.splitlines() if len(line) > 80 or line != line.rstrip()] == []
    assert ended.out == sprocket(*words, "-h").out


@every_command
def test_help_has_examples_that_can_be_typed(sprocket, words):
    shown = examples(sprocket(*words, "--help").out)
    assert shown
    for example in shown:
        assert example.startswith(" ".join(("sprocket", *words)))
        parse(re.split(r" (?:>|\|) ", example)[0])


def parse(example: str) -> None:
    """Read a command line without obeying it."""
    arguments = shlex.split(example)[1:]
    command: click.Command = group
    context = command.make_context("sprocket", arguments, obj=State())
    while isinstance(command, click.Group):
        name, below, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
        assert below is not None
        command, context = below, below.make_context(name, arguments, parent=context)


def test_an_example_with_an_unknown_option_would_be_noticed():
    with pytest.raises(click.UsageError):
        parse("sprocket runs list --no-such-option")
    with pytest.raises(click.UsageError):
        parse("sprocket check main.wdl --color sometimes")


@every_command
def test_each_option_is_explained_and_its_default_told(words):
    command = found(words)
    for option in command.get_params(click.Context(command)):
        if isinstance(option, click.Option) and not option.hidden:
            assert option.help, option.name
            assert option.help.endswith("."), option.name
            if isinstance(option.default, str):
                assert f"[{option.default}]" in option.help


def test_options_of_all_commands_are_apart_from_those_of_the_command(sprocket):
    own, shared = sprocket("run", "--help").out.split("Options of all commands:\n")
    assert "--dry-run" in own
    assert "--strict" in own
    assert "--color" not in own
    assert all(option in shared for option in ("--verbose", "--color", "--config", "--help"))
    assert "--strict" not in shared


@pytest.mark.parametrize("words", [words for words in ALL if words and isinstance(found(words), click.Group)])
def test_groups_show_the_options_of_all_commands_as_commands_do(sprocket, words):
    heading = "Options of all commands:\n"
    here, there = (sprocket(*each, "--help").out.split(heading)[1].split("\n\n")[0] for each in (words, ("check",)))
    assert here == there


def test_help_tells_of_the_same_options_with_and_without_click():
    told = set(re.findall(r"(?<![\w-])--[a-z-]+", group_help().partition("Options")[2].partition("Example")[0]))
    here = group.get_params(click.Context(group, help_option_names=["--help"]))
    assert told - {"--config"} == {name for each in here for name in each.opts if name.startswith("--")} - {"--config"}


def test_the_list_of_commands_is_that_of_the_group_and_says_what_each_does():
    for name, does in COMMANDS.items():
        assert f"  {name} " in group_help()
        assert does.endswith(".")
