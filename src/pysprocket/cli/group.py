"""The click group `sprocket`: finds the command and imports its module, nothing else.

In: arguments. Out: an exit status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pysprocket.cli.errors import guarded
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.main import COMMANDS, EXAMPLES, group_help, interruption
from pysprocket.cli.options import COLOR_CHOICES, VERSION_OPTION, State, global_options
from pysprocket.errors import RunInterrupted, SprocketError, UsageError
from pysprocket.nearest import nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(HelpPage, click.Group):
    """A group whose commands are modules of this package, imported one at a time; it takes the options of all commands.

    Args:
        lazy: what each command does, by its name.
        prefix: of the names of their modules: `list` of the group `runs` is in `runs_list`.
    """

    def __init__(self, *arguments: Any, lazy: Mapping[str, str], prefix: str = "", **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._lazy = lazy
        self._prefix = prefix
        global_options(self)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, and then the options, as `sprocket --help` shows them."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What each command does; no module is imported for that."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._lazy.items()))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, None when there is none."""
        if cmd_name not in self._lazy:
            return None
        command: click.Command = import_module(f"pysprocket.cli.{self._prefix}{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The commands that begin as typed, whose modules need not be imported; options too after a dash."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only while somebody types

        commands = [CompletionItem(name, help=does) for name, does in self._lazy.items() if name.startswith(incomplete)]
        return commands or click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; the nearest name is suggested for one that does not exist."""
        name = args[0]
        if name not in self._lazy and not name.startswith("-"):
            near = nearest(name, self._lazy)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"There is no command `{name}`.{hint}")
        return super().resolve_command(ctx, args)


class _Sprocket(LazyGroup):
    """The group of all commands."""

    def get_help(self, ctx: click.Context) -> str:
        """The same help that is shown without click."""
        return group_help().rstrip()

    def invoke(self, ctx: click.Context) -> Any:
        """Do what the command does; click would answer an interruption with an empty line, and forget its reason."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise RunInterrupted(interruption(interrupt)) from None


@click.group(
    "sprocket",
    cls=_Sprocket,
    lazy=COMMANDS,
    examples=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@VERSION_OPTION
def sprocket() -> None:
    """Run WDL workflows."""


def start(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name and give its exit status."""
    state = State()

    def action() -> object:
        _check_surroundings(arguments)
        try:
            return sprocket.main(list(arguments), prog_name="sprocket", standalone_mode=False, obj=state)
        except click.UsageError:
            state.color = _color_of(arguments) or state.color
            raise

    return guarded(action, state)


def _color_of(arguments: Sequence[str]) -> str | None:
    """What `--color` says, though reading the arguments ended before it; None when it says nothing that it may."""
    found = None
    for number, argument in enumerate(arguments):
        if argument == "--":
            break
        name, separator, value = argument.partition("=")
        value = value if separator else "".join(arguments[number + 1 : number + 2])
        if name == "--color" and value in COLOR_CHOICES:
            found = value
    return found


def _check_surroundings(arguments: Sequence[str]) -> None:
    """What no command can work with: arguments that are not text, and no place to start from."""
    for argument in arguments:
        if not argument.isascii() and any("\ud800" <= character <= "\udfff" for character in argument):
            raise UsageError(f"the argument {argument!a} is not UTF-8 text")
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise SprocketError(
            "the current directory does not exist any more", help="change to a directory that does"
        ) from error
