"""`sprocket config resolve`: the settings in effect.

In: the configuration, and flags that are settings. Out: TOML on the standard output that loads again to the same
settings. Remarks about the configuration go to the standard error.
"""

from __future__ import annotations

from typing import Any

import click

from pysprocket.cli.errors import FAILED, warn
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options


@click.command(
    "resolve",
    cls=HelpPage,
    examples=["sprocket config resolve --explain", "sprocket config resolve --skip-config-search --config site.toml"],
)
@click.option("--unredact", is_flag=True, help="Show secrets.")
@click.option("--explain", is_flag=True, help="Say behind each value where it was set.")
@global_options
@click.pass_context
def command(context: click.Context, *, unredact: bool, explain: bool) -> None:
    """Print the settings in effect, from all files, the environment and the command line together.

    Secrets are shown as `<REDACTED>`, or where they are to be found.
    """
    state: State = context.obj
    from pysprocket.config.resolved import redacted, resolved  # noqa: PLC0415 - not for `--help`
    from pysprocket.config.secrets import Secret  # noqa: PLC0415
    from pysprocket.errors import ConfigError  # noqa: PLC0415

    unshown: list[Secret] = []

    def revealed(secret: Secret) -> Any:
        try:
            return secret.reveal()
        except ConfigError as error:  # it is not there now, which does not change the settings
            warn(str(error), state)
            if secret.is_written_out():  # the word in its place does not load again
                unshown.append(secret)
            return redacted(secret)

    text = resolved(state.loaded, reveal=revealed if unredact else redacted, explain=explain, flags=_flags(state))
    click.echo(text, nl=False)
    if unshown:
        context.exit(FAILED)


def _flags(state: State) -> dict[tuple[str, ...], tuple[str, Any]]:
    """Options of the command line that are settings too."""
    given = {"color": ("--color", state.color), "report_mode": ("--report-mode", state.report_mode)}
    return {("common", name): flag for name, flag in given.items() if flag[1] is not None}
