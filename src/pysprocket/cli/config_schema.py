"""`sprocket config schema`: what editors know `sprocket.toml` by.

In: nothing; no configuration is read. Out: a JSON Schema on the standard output.
"""

from __future__ import annotations

import click

from pysprocket.cli.config import backend_structs
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options


@click.command(
    "schema",
    cls=HelpPage,
    examples=["sprocket config schema > sprocket.schema.json"],
)
@global_options
@click.pass_obj
def command(state: State) -> None:
    """Print the JSON Schema of `sprocket.toml`, by which editors complete keys and underline mistakes.

    Editors that use Taplo, such as with Even Better TOML, read the first line of a file: `#:schema
    ./sprocket.schema.json`.
    """
    import json  # noqa: PLC0415 - not for `--help`

    from pysprocket.config.schema import json_schema  # noqa: PLC0415

    click.echo(json.dumps(json_schema(backend_structs(state)), indent=2, ensure_ascii=False))
