"""A workflow that calls no task: the machine moves once, and all is done. No backend, no waiting, no asyncio.

In: the workflow with its inputs, a run directory. Out: the outputs as host values. What every run leaves in the
directories of its calls is written here too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pysprocket.engine.contexts import WorkflowContext
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.downloads import Downloads
from pysprocket.engine.files import make_directory, write_new
from pysprocket.engine.frames import SubworkflowEnd, SubworkflowStart
from pysprocket.engine.machine import ContextFor, Machine
from pysprocket.errors import EvaluationError, RunFailed
from pysprocket.plan.graph import plan_workflow
from pysprocket.plan.inputs import BoundInputs
from pysprocket.source.uris import without_logins
from pysprocket.types.typed import TypedDocument, TypedWorkflow
from pysprocket.values.json import to_json
from pysprocket.values.model import Value


def evaluate_workflow(
    workflow: TypedWorkflow, inputs: BoundInputs, directory: RunDirectory, downloads: Downloads | None = None
) -> dict[str, Value]:
    """The outputs of a workflow that calls no task, not even in a sub-workflow.

    Raises:
        RunFailed: an expression failed.
        SprocketError: the run could not go on (a full disk).
    """
    machine = Machine(plan_workflow(workflow), inputs.values, contexts_in(directory, downloads), nested=inputs.nested)
    try:
        calls = machine.start()
        while machine.wanted and downloads is not None:
            url = next(iter(machine.wanted))
            downloads.fetch_now(url)
            calls += machine.fetched(url)
    except EvaluationError as error:
        raise RunFailed([error]) from error
    assert not calls, "there is no task to call"
    assert machine.complete, "nothing is under way, nothing failed, so all is done"
    write_subworkflows(directory, machine.subworkflows)
    return machine.outputs


def contexts_in(directory: RunDirectory, downloads: Downloads | None = None) -> ContextFor:
    """The surroundings of the expressions of workflows: what they write is in the directory of their call."""

    def context_for(document: TypedDocument, call_id: str) -> WorkflowContext:
        return WorkflowContext(document, directory.call(call_id) / "tmp", downloads)

    return context_for


def write_subworkflows(directory: RunDirectory, told: list[SubworkflowStart | SubworkflowEnd]) -> None:
    """Leave the inputs and outputs of sub-workflows that have ended in the directories of their calls."""
    for end in told:
        if isinstance(end, SubworkflowEnd):
            write_call(directory.call(end.id), end.inputs)
            write_outputs(directory.call(end.id), encoded(end.outputs))


def write_call(directory: Path, inputs: Mapping[str, Value]) -> None:
    """Make the directory of a call and leave its inputs there."""
    make_directory(directory)
    write_new(directory / "inputs.json", _left(inputs))


def was_called_with(directory: Path, inputs: Mapping[str, Value]) -> bool:
    """Whether an earlier process has left these inputs in the directory of a call."""
    try:
        text = (directory / "inputs.json").read_bytes()
    except FileNotFoundError:
        return False
    return text == _left(inputs)


def _left(inputs: Mapping[str, Value]) -> bytes:
    return without_logins(msgspec.json.format(encoded(inputs)))


def write_outputs(directory: Path, text: bytes) -> None:
    """Leave the outputs of a call, as `encoded` gives them, in its directory."""
    write_new(directory / "outputs.json", msgspec.json.format(text))


def restore_outputs(directory: Path, text: bytes) -> None:
    """Leave recorded outputs of a call in its directory, where an earlier process could not write them."""
    if not os.path.exists(f"{directory}/outputs.json"):  # noqa: PTH110 - for each call of a run
        make_directory(directory)
        write_outputs(directory, text)


def encoded(values: Mapping[str, Value]) -> bytes:
    """Inputs or outputs as a JSON object on one line."""
    return msgspec.json.encode({key: to_json(value) for key, value in values.items()})
