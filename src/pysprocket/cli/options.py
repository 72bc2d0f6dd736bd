"""What all commands share: global options, and the state they make.

In: options of the group and of commands (they may stand before and after the command's name). Out: `State`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeVar

import click
import msgspec

import pysprocket
from pysprocket.cli.help_page import GlobalOption

if TYPE_CHECKING:  # imported when the configuration is first needed
    from click.shell_completion import CompletionItem

    from pysprocket.config import Config
    from pysprocket.config.assignments import Assignment
    from pysprocket.config.loading import Loaded
    from pysprocket.config.settings import Common
    from pysprocket.files.remote import Remote

Command = TypeVar("Command", bound=Callable[..., Any])


COLOR_CHOICES = ("auto", "always", "never")


class State(msgspec.Struct, dict=True, eq=False):
    """What the global options say.

    Attributes:
        verbosity: how often -v was given, less how often -q.
        color: "auto", "always" or "never"; None when the command line does not say.
        report_mode: "full" or "one-line"; None when the command line does not say.
        config_files: of --config, in order.
        config_search: whether to look for configuration files in the usual places too.
        config_directory: where to look before the current directory.
        assignments: of --set, in order.
        backend_named: whether --backend, or the run that is gone on with, names the backend.
        strict: whether what WDL forbids is refused even where it is usually accepted.
        remote: what reads URLs; `documents.remote` makes it when the first is read.
    """

    verbosity: int = 0
    color: str | None = None
    report_mode: Literal["full", "one-line"] | None = None
    config_files: list[Path] = []
    config_search: bool = True
    config_directory: Path = Path()
    assignments: list[Assignment] = []
    backend_named: bool = False
    strict: bool = False
    remote: Remote | None = None

    @cached_property
    def found(self) -> Loaded:
        """The configuration and where it came from, read when it is first asked for; its notes are not told yet.

        Raises:
            ConfigError: it cannot be read or is wrong.
        """
        from pysprocket.config import load_explained  # noqa: PLC0415 - `explain` and wrong usage do not need it
        from pysprocket.config.secrets import withhold  # noqa: PLC0415

        found = load_explained(
            files=self.config_files,
            search=self.config_search,
            argv0=sys.argv[0],
            directory=self.config_directory,
            assignments=self.assignments,
            backend_named=self.backend_named,
        )
        withhold(found.config.secret_variables)  # before anything is started that could read them
        return found

    @cached_property
    def loaded(self) -> Loaded:
        """The configuration and where it came from; remarks about it go to the standard error.

        Raises:
            ConfigError: it cannot be read or is wrong.
        """
        from pysprocket.cli.errors import warn  # noqa: PLC0415 - it imports this module

        for note in self.found.notes if self.verbosity >= 0 else ():
            warn(note, self)
        return self.found

    @property
    def config(self) -> Config:
        """The settings.

        Raises:
            ConfigError: they cannot be read or are wrong.
        """
        return self.loaded.config

    def recorded_assignments(self) -> dict[str, Any]:
        """The `--set` for who resumes the run: each with its directory and without secrets, whose keys are told."""
        if not self.assignments:
            return {"assignments": [], "secret_assignments": []}
        here = str(Path.cwd())
        given = list(zip(self.assignments, self.loaded.kept, strict=True))
        return {
            "assignments": [[kept.text, each.directory or here] for each, kept in given if kept.text is not None],
            "secret_assignments": list(dict.fromkeys(key for _, kept in given for key in kept.secrets)),
        }

    @property
    def report_mode_chosen(self) -> Literal["full", "one-line"]:
        """How findings are shown: the command line says, else the configuration."""
        return self.report_mode or self._common().report_mode

    def use_color(self, stream: TextIO | None = None) -> bool:
        """Whether to use color on a stream (the standard error): everything that has colors asks here.

        The command line says, else the configuration, else the environment, else whether it is a terminal.
        """
        choice = self.color if self.color not in (None, "auto") else self._common().color
        return _has_colors(stream or sys.stderr) if choice == "auto" else choice == "always"

    def _common(self) -> Common:
        from pysprocket.config.settings import Common  # noqa: PLC0415

        try:
            return self.found.config.common
        except Exception as error:  # the command tells it; here it must not hide what is being shown
            common = getattr(error, "common", None)
            return common if isinstance(common, Common) else Common()


def _has_colors(stream: TextIO) -> bool:
    """What the environment says (https://no-color.org, https://force-color.org), else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def global_options(command: Command) -> Command:
    """Adds the options that may stand before and after the name of a command, and behind that of its group."""
    made = isinstance(command, click.Command)  # to one that there is click adds at the end, else in front
    for option in _OPTIONS if made else reversed(_OPTIONS):
        command = option(command)
    return command


def completes(kind: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]:
    """What offers the words of one kind while they are typed: the name of a function of `candidates`."""

    def offer(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        from pysprocket.cli import candidates  # noqa: PLC0415 - only while somebody types

        found: list[CompletionItem[str]] = getattr(candidates, kind)(context, parameter, incomplete)
        return found

    return offer


def _option(*names: str, change: Callable[[State, Any], None], **more: Any) -> Callable[[Command], Command]:
    def callback(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value and not (context.resilient_parsing and parameter.is_eager):  # completing a line answers nothing else
            change(context.ensure_object(State), value)

    return click.option(*names, callback=callback, expose_value=False, **{"cls": GlobalOption, **more})


def _add_verbosity(state: State, count: int) -> None:
    state.verbosity += count


def _add_quiet(state: State, count: int) -> None:
    state.verbosity -= count


def _set_color(state: State, value: str) -> None:
    state.color = value


def _set_report_mode(state: State, value: Literal["full", "one-line"]) -> None:
    state.report_mode = value


def _add_config(state: State, value: tuple[Path, ...]) -> None:
    state.config_files += value


def _add_assignments(state: State, texts: tuple[str, ...]) -> None:
    from pysprocket.config.assignments import Assignment  # noqa: PLC0415 - most give none

    state.assignments += [Assignment(text) for text in texts]


def _skip_search(state: State, _: bool) -> None:  # noqa: FBT001 - called by `_option` alone
    state.config_search = False


def _be_strict(state: State, _: bool) -> None:  # noqa: FBT001 - called by `_option` alone
    state.strict = True


def _show_version(_: State, value: bool) -> None:  # noqa: FBT001 - called by `_option` alone
    click.echo(f"sprocket {pysprocket.__version__}")
    raise click.exceptions.Exit(0)


class _Text(click.types.StringParamType):
    """A text that says something."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        return super().convert(_filled(self, value, parameter, context), parameter, context)


class _File(click.Path):
    """The path of a file or directory; the empty one would be that of the current directory."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        return super().convert(_filled(self, value, parameter, context), parameter, context)


def _filled(kind: _Text | _File, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
    if value == "":
        kind.fail("it is empty", parameter, context)
    return value


TEXT = _Text()
"""The type of each option and argument that names something."""

FILE = _File(path_type=Path)
"""The type of each that is a path."""

_OPTIONS: list[Callable[[Any], Any]] = [
    _option("-v", "--verbose", count=True, change=_add_verbosity, help="Tell more; may be repeated."),
    _option("-q", "--quiet", count=True, change=_add_quiet, help="Tell less; may be repeated."),
    _option("--color", type=click.Choice(COLOR_CHOICES), change=_set_color, help="When to use color [auto]."),
    _option(
        "-m",
        "--report-mode",
        type=click.Choice(["full", "one-line"]),
        change=_set_report_mode,
        help="How to show findings in documents [full].",
    ),
    _option(
        "-c",
        "--config",
        type=FILE,
        multiple=True,
        metavar="FILE",
        shell_complete=completes("settings_files"),
        change=_add_config,
        help="A configuration file; may be repeated.",
    ),
    _option(
        "--set",
        type=TEXT,
        multiple=True,
        metavar="KEY=VALUE",
        shell_complete=completes("settings"),
        change=_add_assignments,
        help="A setting, as in a file: `run.fail=fast`; may be repeated.",
    ),
    _option("-s", "--skip-config-search", is_flag=True, change=_skip_search, help="Read only the files of --config."),
]
VERSION_OPTION: Callable[[Any], Any] = _option(
    "-V", "--version", is_flag=True, is_eager=True, change=_show_version, help="Show the version."
)

strict_option: Callable[[Any], Any] = _option(
    "--strict",
    cls=click.Option,
    is_flag=True,
    change=_be_strict,
    help="Refuse what is not WDL, even where it is usually accepted.",
)
"""Shared by `run`, `check`, `validate` and `inputs`: leniencies are errors."""

output_directory_option = click.option(
    "-o",
    "--output-dir",
    type=FILE,
    metavar="DIR",
    shell_complete=completes("directories"),
    help="Where runs are kept [./out].",
)
"""Shared by all commands about runs."""

_progress_option = click.option(
    "--progress",
    type=click.Choice(["auto", "live", "plain", "none"]),
    default="auto",
    help="How to show what happens: redrawn in place, in lines, or not at all [auto].",
)
_log_json_option = click.option("--log-json", type=FILE, metavar="FILE", help="Append each event as a line of JSON.")


def progress_options(command: Command) -> Command:
    """Shared by `run` and `resume`: `progress` and `log_json`, for `listeners.listeners`."""
    return _progress_option(_log_json_option(command))


def _named(context: click.Context, _: click.Parameter, backend: str | None) -> str | None:
    context.ensure_object(State).backend_named |= backend is not None
    return backend


def backend_option(help: str) -> Callable[[Command], Command]:  # noqa: A002 - as click calls it
    """Shared by `run` and `config check`: above all settings."""
    completion = completes("backends")
    return click.option(
        "-b", "--backend", type=TEXT, metavar="NAME", shell_complete=completion, callback=_named, help=help
    )


target_option = click.option(
    "-t",
    "--target",
    type=TEXT,
    metavar="NAME",
    shell_complete=completes("targets"),
    help="The task or workflow.",
)
"""Shared by `run`, `validate` and `inputs`."""

inputs_argument = click.argument("inputs", nargs=-1, metavar="[INPUTS]...", shell_complete=completes("inputs"))
"""Shared by `run` and `validate`: `@file.json`, `key=value` and further values."""

source_argument = click.argument("source", type=TEXT, metavar="SOURCE", shell_complete=completes("documents"))
"""The document: a path or a URL."""
