"""`sprocket config default`: all settings and what holds when no file sets them.

In: nothing; no configuration is read. Out: a commented `sprocket.toml` on the standard output.
"""

from __future__ import annotations

import click

from pysprocket.cli.config import backend_structs
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options


@click.command(
    "default",
    cls=HelpPage,
    examples=["sprocket config default | less"],
)
@global_options
@click.pass_obj
def command(state: State) -> None:
    """Print a commented file of all settings with their defaults; no configuration is read."""
    click.echo(default_text(state), nl=False)


def default_text(state: State) -> str:
    """The file, with an example for each type of backend."""
    from pysprocket.config.defaults import default_file  # noqa: PLC0415 - not for `--help`

    return default_file(backend_structs(state))
