"""`sprocket explain`: what a diagnostic means.

In: a code such as `UnknownName`. Out: its explanation on the standard output.
"""

from __future__ import annotations

import textwrap
from difflib import get_close_matches

import click

from pysprocket.cli.options import global_options
from pysprocket.errors import UsageError
from pysprocket.source.codes import CODES


@click.command(
    "explain", short_help="Explain a diagnostic by its code.", epilog="Example: sprocket explain UnknownName"
)
@click.argument("code", required=False)
@click.option("--list", "list_codes", is_flag=True, help="List all codes.")
@global_options
def command(code: str | None, *, list_codes: bool) -> None:
    """Explain a diagnostic by its code, the word in brackets: error[UnknownName]."""
    if list_codes:
        click.echo("\n".join(sorted(CODES)))
    elif code is None:
        raise click.UsageError("Give the CODE of a diagnostic, or --list.")
    else:
        click.echo(explanation(code))


def explanation(code: str) -> str:
    """The code with its explanation.

    Raises:
        UsageError: there is no such code.
    """
    known = {name.lower(): name for name in CODES}
    name = known.get(code.lower())
    if name is None:
        near = get_close_matches(code.lower(), known, 3, 0.5)
        suggestion = " or ".join(f"`{known[match]}`" for match in near)
        raise UsageError(
            f"there is no diagnostic `{code}`",
            help=f"did you mean {suggestion}?" if near else "see all with `sprocket explain --list`",
        )
    return f"{name}\n\n{textwrap.fill(CODES[name], 80)}"
