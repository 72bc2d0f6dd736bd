"""Targets of a run, and the names of their inputs.

In: a checked document, names. Out: tasks and workflows, inputs of their own and of their calls, and what the document
says of them. A name that is not there is an `InputError` that says which there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from pysprocket.errors import InputError
from pysprocket.plan.arguments import GivenInputs
from pysprocket.syntax import nodes
from pysprocket.types.typed import Input, TypedDocument, TypedTask, TypedWorkflow
from pysprocket.values.text import did_you_mean, quote

Target: TypeAlias = TypedTask | TypedWorkflow

# What stands in a template of inputs where a value is missing, after the type or alone.
REQUIRED = "<REQUIRED>"
OMITTED = "<OMITTED>"
NON_LITERAL = "<NON-LITERAL: "

_FEW = 8


def infer_target(document: TypedDocument, target: str | None, given: GivenInputs) -> Target:
    """What to run: what was named, else what the inputs are for, else the workflow, else the only task.

    Raises:
        InputError: there is no such target, or none can be chosen.
    """
    targets: dict[str, Target] = dict(document.tasks)
    if document.workflow is not None:
        targets[document.workflow.name] = document.workflow
    name = target or given.target
    if name is not None and name in targets:
        return targets[name]
    listed = "it has " + ", ".join(f"`{known}`" for known in targets) if targets else "it has none"
    if name is not None:
        raise InputError(
            [f"`{name}` is not a task or workflow of the document{did_you_mean(name, targets)}"], help=listed
        )
    if document.workflow is not None:
        return document.workflow
    if len(targets) == 1:
        return next(iter(targets.values()))
    if not targets:
        raise InputError(["the document has no task and no workflow to run"])
    raise InputError(["the document has several tasks and no workflow"], help=f"choose one with --target; {listed}")


class OpenInput(NamedTuple):
    """An input of a call that the call leaves open, by dotted path without the target's name; `owner` is the callee."""

    path: str
    input: Input
    owner: Target


def open_inputs(workflow: TypedWorkflow, prefix: str = "") -> Iterator[OpenInput]:
    """The inputs of all calls, in sub-workflows too, that the calls do not set; in order of the document."""
    for node, callee in workflow.calls.items():
        set_here = {argument.name.name for argument in node.inputs}
        path = f"{prefix}{node.name.name}."
        for name, declared in callee.inputs.items():
            if name not in set_here:
                yield OpenInput(path + name, declared, callee)
        if isinstance(callee, TypedWorkflow):
            yield from open_inputs(callee, path)


def follow(target: Target, calls: list[str]) -> tuple[Target, nodes.Call]:
    """The callee at the end of a path of calls, and its call.

    Raises:
        InputError: there is no such call.
    """
    found: tuple[Target, nodes.Call] | None = None
    for name in calls:
        if not isinstance(target, TypedWorkflow):
            raise InputError([f"`{target.name}` is a task, so it has no call `{name}`"])
        known = {node.name.name: (callee, node) for node, callee in target.calls.items()}
        if name not in known:
            raise InputError([f"workflow `{target.name}` has no call named `{name}`{did_you_mean(name, known)}"])
        found = known[name]
        target = found[0]
    assert found is not None, "there is at least one call"
    return found


def find_input(target: Target, name: str) -> Input:
    """The input of a name.

    Raises:
        InputError: there is none; the message has the nearest, or all when they are few.
    """
    if name in target.inputs:
        return target.inputs[name]
    kind = "workflow" if isinstance(target, TypedWorkflow) else "task"
    near = did_you_mean(name, target.inputs)
    if not near and len(target.inputs) <= _FEW:
        near = "; it has " + (", ".join(f"`{known}`" for known in target.inputs) or "none")
    raise InputError([f"{kind} `{target.name}` has no input named `{name}`{near}"])


def allows_nested(target: Target) -> bool:
    """Whether inputs of its calls may be given from outside, also such that the call need not get."""
    return isinstance(target, TypedWorkflow) and (target.allow_nested_inputs or target.document.version == (1, 0))


def description(target: Target, name: str) -> list[str]:
    """What `parameter_meta` says of an input, as lines of text: its label, description, help and choices."""
    section = target.node.parameter_meta
    value = next((entry.value for entry in section.entries if entry.name.name == name), None) if section else None
    if not isinstance(value, dict):
        value = {"description": value}
    told = [value.get(key) for key in ("label", "description", "help")]
    if "choices" in value:
        choices = value["choices"]
        listed = choices if isinstance(choices, (list, tuple)) else [choices]
        told.append("choices: " + ", ".join(map(_meta_text, listed)))
    return [line for text in told if text not in (None, "") for line in _meta_text(text).splitlines() if line.strip()]


def _meta_text(value: Any) -> str:
    return value if isinstance(value, str) else quote(value)
