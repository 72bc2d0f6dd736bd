"""`sprocket inputs`: a template of the inputs of a task or workflow.

In: a document. Out: JSON or YAML on the standard output, to be filled in and given to `sprocket run` as a file.
"""

from __future__ import annotations

import json

import click

from pysprocket.cli.documents import load_checked
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options, source_argument, strict_option, target_option
from pysprocket.cli.template import Shown, entries
from pysprocket.errors import InputError
from pysprocket.plan.arguments import GivenInputs
from pysprocket.plan.targets import OMITTED, allows_nested, infer_target
from pysprocket.types.typed import TypedTask


@click.command(
    "inputs",
    cls=HelpPage,
    examples=[
        "sprocket inputs main.wdl > inputs.json",
        "sprocket inputs tasks.wdl --target align --yaml",
    ],
)
@source_argument
@target_option
@click.option("--yaml", "as_yaml", is_flag=True, help="YAML with types, defaults and descriptions as comments.")
@click.option("--hide-defaults", is_flag=True, help="Leave out inputs that have a default.")
@click.option("--show-non-literals", is_flag=True, help="Show the expressions of defaults that are computed.")
@click.option("--type-signatures", is_flag=True, help="Show the types of all inputs, and nothing else.")
@click.option("--nested-inputs", is_flag=True, help="Add the inputs of calls that may be given from outside.")
@strict_option
@global_options
@click.pass_context
def command(
    context: click.Context,
    source: str,
    *,
    target: str | None,
    as_yaml: bool,
    hide_defaults: bool,
    show_non_literals: bool,
    type_signatures: bool,
    nested_inputs: bool,
) -> None:
    """Print the inputs of a task or workflow as JSON, or with --yaml as YAML.

    A required input has its type and <REQUIRED>, one with a literal default that default, and an optional one null.
    An input whose default is computed is left out. Required inputs that a call leaves open are always there.
    """
    if hide_defaults and show_non_literals:
        raise click.UsageError("--hide-defaults and --show-non-literals exclude each other")
    document = load_checked(source, context.ensure_object(State)).root
    chosen = infer_target(document, target, GivenInputs(target, {}))
    if nested_inputs and not allows_nested(chosen):
        raise InputError(
            [f"`{chosen.name}` does not allow inputs of calls to be given from outside"],
            help="leave out --nested-inputs, or add `allow_nested_inputs: true` to the `hints` of the workflow"
            " (before WDL 1.2: `allowNestedInputs: true` to its `meta`)",
        )
    shown = Shown(nested_inputs, not hide_defaults, show_non_literals, type_signatures)
    found = list(entries(chosen, shown))
    if as_yaml:
        from pysprocket.cli.template_yaml import yaml_template  # noqa: PLC0415

        kind = "task" if isinstance(chosen, TypedTask) else "workflow"
        click.echo(yaml_template(f"the {kind} `{chosen.name}`", found), nl=False)
        return
    template = {entry.key: entry.value for entry in found if entry.value != OMITTED}
    click.echo(json.dumps(template, indent=2, ensure_ascii=False))
