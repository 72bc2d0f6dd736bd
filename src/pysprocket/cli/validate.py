"""`sprocket validate`: check inputs without running anything.

In: a document and inputs. Out: a sentence when they fit, every problem when they do not.
"""

from __future__ import annotations

import click

from pysprocket.cli.documents import load_checked
from pysprocket.cli.given import given_inputs
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options, inputs_argument, source_argument, strict_option, target_option


@click.command(
    "validate",
    cls=HelpPage,
    examples=[
        "sprocket validate main.wdl @inputs.json main.threads=4",
    ],
)
@source_argument
@inputs_argument
@target_option
@strict_option
@global_options
@click.pass_context
def command(context: click.Context, source: str, inputs: tuple[str, ...], *, target: str | None) -> None:
    """Check that inputs fit a task or workflow: names, types, and that files are there.

    INPUTS are as for `sprocket run`.
    """
    state = context.ensure_object(State)
    document = load_checked(source, state).root
    chosen, _ = given_inputs(inputs, target, document, state)
    click.echo(f"Validated inputs for `{chosen.name}`")
