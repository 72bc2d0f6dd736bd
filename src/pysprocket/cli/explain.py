"""`sprocket explain`: what diagnostics mean.

In: codes such as `UnknownName`. Out: their explanations on the standard output.
"""

from __future__ import annotations

import json

import click

from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import TEXT, completes, global_options
from pysprocket.errors import UsageError
from pysprocket.nearest import nearest
from pysprocket.source.codes import CODES
from pysprocket.source.wrapping import WIDTH, wrapped


@click.command(
    "explain",
    cls=HelpPage,
    examples=[
        "sprocket explain UnknownName",
        "sprocket explain --list",
    ],
)
@click.argument("codes", type=TEXT, nargs=-1, metavar="[CODE]...", shell_complete=completes("codes"))
@click.option("--list", "list_codes", is_flag=True, help="List all codes.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print them [text].")
@global_options
def command(codes: tuple[str, ...], *, list_codes: bool, form: str) -> None:
    """Explain diagnostics by their codes, the word in brackets: error[UnknownName]."""
    if not codes and not list_codes:
        raise click.UsageError("Give the CODE of a diagnostic, or --list.")
    names = sorted(CODES) if list_codes else [known(code) for code in dict.fromkeys(codes)]
    if form == "json":
        table = [{"code": name, "explanation": CODES[name]} for name in names]
        click.echo(json.dumps(table, ensure_ascii=False, indent=2))
    elif list_codes:
        click.echo("\n".join(names))
    else:
        click.echo("\n\n".join("\n".join([name, "", *wrapped(CODES[name], WIDTH)]) for name in names))


def known(code: str) -> str:
    """A code as it is written, however the user capitalised it.

    Raises:
        UsageError: there is no such code.
    """
    names = {name.lower(): name for name in CODES}
    name = names.get(code.lower())
    if name is None:
        near = nearest(code.lower(), names, 3, 0.5)
        suggestion = " or ".join(f"`{names[match]}`" for match in near)
        raise UsageError(
            f"there is no diagnostic `{code}`",
            help=f"did you mean {suggestion}?" if near else "see all with `sprocket explain --list`",
        )
    return name
