"""`sprocket runs`: what was run in an output directory.

In: the name of a command of this group; `list` is in the module `runs_list`, and so on. Out: that command.
"""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path

import click

from pysprocket.cli.group import LazyGroup
from pysprocket.cli.options import TEXT, State, completes
from pysprocket.engine.directory import absolute
from pysprocket.errors import UsageError
from pysprocket.records.database import DATABASE

COMMANDS = {
    "list": "List runs, the newest first.",
    "show": "Show what happened in a run.",
    "report": "Write a page about a run (HTML).",
}
"""Each is a module of this package, `runs_` in front, with a click command named `command`."""


@click.group(
    "runs",
    cls=LazyGroup,
    lazy=COMMANDS,
    prefix="runs_",
    examples=[
        "sprocket runs list --status died",
        "sprocket runs show amber-otter-3fa2c1",
        "sprocket runs report amber-otter-3fa2c1",
    ],
)
def command() -> None:
    """List runs, show what happened in one, and write a page about it."""


run_argument = click.argument("reference", type=TEXT, metavar="[RUN]", required=False, shell_complete=completes("runs"))
"""A run by name, UUID, the beginning of either, or by a path; the newest without it."""


def database(output: Path | None, state: State, reference: str | None = None) -> Path:
    """The database of the output directory that is meant.

    Raises:
        ConfigError: the configuration is wrong.
    """
    return output_directory(output, state, reference) / DATABASE


def output_directory(output: Path | None, state: State, reference: str | None = None) -> Path:
    """The output directory that is meant: the one named, the one a run lies in, or that of `sprocket run`.

    Args:
        output: as the user names it.
        state: the global options.
        reference: a run, which may be named by a path.

    Raises:
        ConfigError: the configuration is wrong.
        UsageError: the run is named by an output directory.
    """
    around = None if output is not None or reference is None else _around(reference)
    return around or absolute(output or Path(state.config.run.output_dir))


def _around(reference: str) -> Path | None:
    """The output directory that a path lies in, None when it is no path in one."""
    if not os.path.exists(reference):  # noqa: PTH110 - never raises, unlike Path.exists
        return None
    path = absolute(Path(reference))
    if (path / DATABASE).is_file():
        import shlex  # noqa: PLC0415 - hardly ever

        place = shlex.quote(reference)
        raise UsageError(f"`{reference}` is an output directory, not that of a run", help=f"write `-o {place}`")
    folders = chain(path.parents, path.resolve().parents)  # a link may lead into an output directory
    return next((folder for folder in folders if (folder / DATABASE).is_file()), None)
