"""The examples of the specification that need no task.

They are not part of the project. Set `WDL_CONFORMANCE` to a directory with one directory for each version, holding
`documents/` and `cases.json`: a list of objects with `name`, `file`, `target`, `target_type`, `inputs`, `outputs`,
`fail`, `exclude_output`.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.syntax import nodes
from pysprocket.types.loader import load
from pysprocket.types.model import Primitive
from pysprocket.types.typed import TypedWorkflow
from pysprocket.values.blocks import in_order
from pysprocket.values.compile import compile_block, compile_expression, evaluate
from pysprocket.values.json import from_json, to_json
from pysprocket.values.model import Directory, File
from pysprocket.values.scope import Scope

ROOT = Path(os.environ.get("WDL_CONFORMANCE", "/nowhere"))


def cases() -> Iterator[Any]:
    for listed in sorted(ROOT.glob("*/cases.json")):
        for case in json.loads(listed.read_text()):
            if case["target_type"] == "workflow":
                yield pytest.param(listed.parent / "documents", case, id=f"{listed.parent.name}-{case['name']}")


def has_calls(statements: tuple[nodes.Statement, ...]) -> bool:
    for statement in statements:
        match statement:
            case nodes.Call():
                return True
            case nodes.Scatter(body=body) if has_calls(body):
                return True
            case nodes.If(clauses=clauses) if any(has_calls(clause.body) for clause in clauses):
                return True
    return False


def same(one: Any, other: Any) -> bool:
    """As the specification's own harness compares: numbers nearly, paths by their last part."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other)
    if isinstance(one, str) and isinstance(other, str) and Path(one).exists():
        return Path(one).name == Path(other).name
    return bool(one == other)


def outputs(workflow: TypedWorkflow, inputs: dict[str, Any], context: Any) -> dict[str, Any]:
    def path(text: str, type_: Primitive) -> File | Directory | None:
        find = context.file if type_.name == "File" else context.directory
        found: File | Directory | None = find(text, optional=type_.optional)
        return found

    scope = Scope()
    for key, raw in inputs.items():
        name = key.split(".", 1)[1]
        scope[name] = from_json(raw, workflow.inputs[name].type, path, name)
    node = workflow.node
    sections = [section.declarations for section in (node.inputs, node.outputs) if section]
    for statement in in_order([*(each for section in sections for each in section), *node.body]):
        if isinstance(statement, nodes.Declaration):
            name = statement.name.name
            type_ = workflow.document.declared[statement]
            if name not in scope or (scope[name] is None and not type_.optional):
                value = statement.expression and compile_expression(workflow.document, statement.expression, type_)
                scope[name] = value and evaluate(value, scope, context)
        elif not isinstance(statement, nodes.Call):
            scope.update(evaluate(compile_block(workflow, statement), scope, context))
    return {f"{workflow.name}.{name}": to_json(scope[name]) for name in workflow.outputs}


@pytest.mark.skipif(not ROOT.is_dir(), reason="WDL_CONFORMANCE names no directory: the examples were NOT checked")
@pytest.mark.parametrize(("documents", "case"), list(cases()))
def test_an_example_of_the_specification_gives_its_outputs(documents, case, context, monkeypatch):
    library = load(str(documents / case["file"]))
    if library.has_errors and case["fail"]:
        return
    assert not library.has_errors
    workflow = library.root.workflow
    assert workflow is not None
    if has_calls(workflow.node.body):
        pytest.skip("has calls")
    monkeypatch.chdir(documents)
    context.place, context.version = documents, library.root.version
    if case["fail"]:
        with pytest.raises(EvaluationError):
            outputs(workflow, case["inputs"] or {}, context)
        return
    given = outputs(workflow, case["inputs"] or {}, context)
    excluded = set(case.get("exclude_output") or [])
    assert same(
        {key: value for key, value in given.items() if key not in excluded},
        {key: value for key, value in case["outputs"].items() if key not in excluded},
    ), given
