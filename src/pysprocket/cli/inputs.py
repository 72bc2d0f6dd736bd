"""`sprocket inputs`: a template of the inputs of a task or workflow.

In: a document. Out: a JSON object on the standard output, to be filled in and given to `sprocket run` as a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from pysprocket.cli.documents import load_checked
from pysprocket.cli.options import State, global_options, source_argument, strict_option, target_option
from pysprocket.errors import InputError
from pysprocket.plan.inputs import GivenInputs, Target, allows_nested, infer_target, open_inputs
from pysprocket.syntax import nodes
from pysprocket.types.typed import Input, TypedWorkflow

OMITTED = "<OMITTED>"


@click.command(
    "inputs",
    short_help="Print a template of the inputs of a task or workflow.",
    epilog="Example: sprocket inputs main.wdl > inputs.json",
)
@source_argument
@target_option
@click.option("--hide-defaults", is_flag=True, help="Leave out inputs that have a default.")
@click.option("--nested-inputs", is_flag=True, help="Add the inputs of calls that may be given from outside.")
@strict_option
@global_options
@click.pass_context
def command(
    context: click.Context, source: str, *, target: str | None, hide_defaults: bool, nested_inputs: bool
) -> None:
    """Print a JSON object with the inputs of a task or workflow.

    A required input has its type and <REQUIRED>, one with a literal default that default, and an optional one null.
    An input whose default is computed is left out. Required inputs that a call leaves open are always there.
    """
    document = load_checked(source, context.ensure_object(State)).root
    chosen = infer_target(document, target, GivenInputs(None, {}))
    if nested_inputs and not allows_nested(chosen):
        raise InputError([f"`{chosen.name}` does not allow inputs of calls to be given from outside"])
    template = dict(_template(chosen, nested=nested_inputs, defaults=not hide_defaults))
    click.echo(json.dumps(template, indent=2, ensure_ascii=False))


def _template(target: Target, *, nested: bool, defaults: bool) -> Iterator[tuple[str, Any]]:
    for name, declared in target.inputs.items():
        yield from _entry(f"{target.name}.{name}", declared, defaults=defaults)
    for path, declared in open_inputs(target) if isinstance(target, TypedWorkflow) else ():
        if nested or declared.required:
            yield from _entry(f"{target.name}.{path}", declared, defaults=defaults)


def _entry(key: str, declared: Input, *, defaults: bool) -> Iterator[tuple[str, Any]]:
    expression = declared.declaration.expression
    if expression is None:
        yield key, None if declared.type.optional else f"{declared.type} <REQUIRED>"
    elif defaults:
        value = literal(expression)
        if value != OMITTED:
            yield key, value


def literal(expression: nodes.Expression) -> Any:
    """The JSON data that an expression of literals means; `OMITTED` stands for every part that is computed."""
    match expression:
        case nodes.Literal(value=value):
            return value
        case nodes.String(parts=parts) if all(isinstance(part, str) for part in parts):
            return "".join(part for part in parts if isinstance(part, str))
        case nodes.Array(items=items):
            return [literal(item) for item in items]
        case nodes.Pair(left=left, right=right):
            return {"left": literal(left), "right": literal(right)}
        case nodes.Map(entries=entries):
            return {_key(literal(entry.key)): literal(entry.value) for entry in entries}
        case nodes.Struct(members=members):
            return {member.name.name: literal(member.value) for member in members}
    return OMITTED


def _key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
