"""Checking a task.

In: a `Task` node. Out: a `TypedTask`; types of every expression in it. The output section sees everything else of
the task, nothing else sees the outputs.
"""

from __future__ import annotations

from pysprocket.syntax import nodes
from pysprocket.types.attributes import check_attributes
from pysprocket.types.declarations import check_values, declare, declare_inputs, in_order
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import article
from pysprocket.types.literals import is_text, placeholder
from pysprocket.types.metadata import check_parameter_meta
from pysprocket.types.scope import Scope
from pysprocket.types.structs import TypeNames
from pysprocket.types.typed import TypedTask


def check_task(checker: ExpressionChecker, types: TypeNames, node: nodes.Task) -> TypedTask:
    """Check a task and its sections."""
    scope = Scope()
    inputs = declare_inputs(checker, types, scope, node.inputs)
    for declaration in node.declarations:
        declare(checker, types, scope, declaration)
    outputs = node.outputs.declarations if node.outputs else ()
    checker.outputs = frozenset(declaration.name.name for declaration in outputs)
    body = (*(node.inputs.declarations if node.inputs else ()), *node.declarations)
    checker.section = "body"
    check_values(checker, scope, body)
    _check_environment(checker, body)
    _check_execution(checker, node)
    inner = Scope(scope)
    for declaration in outputs:
        declare(checker, types, inner, declaration)
    checker.section = "output"
    check_values(checker, inner, outputs)
    check_parameter_meta(checker.findings, node.parameter_meta, [*inputs, *checker.outputs])
    return TypedTask(
        document=checker.document,
        node=node,
        name=node.name.name,
        inputs=inputs,
        outputs={output.name.name: checker.document.declared[output] for output in outputs},
        declarations=_declarations(in_order(checker.findings, scope, body)),
        output_declarations=_declarations(in_order(checker.findings, inner, outputs)),
    )


def _declarations(ordered: list[nodes.Node]) -> tuple[nodes.Declaration, ...]:
    return tuple(node for node in ordered if isinstance(node, nodes.Declaration))


def _check_environment(checker: ExpressionChecker, declarations: tuple[nodes.Declaration, ...]) -> None:
    """Report environment variables that have no text of their own."""
    for declaration in declarations:
        type_ = checker.document.declared[declaration]
        if declaration.environment and not is_text(type_):
            name = declaration.name.name
            message = f"the environment variable `{name}` has no text, as it is {article(type_)}; its JSON is used"
            remedy = "declare a String with the text that the command needs"
            checker.findings.leniency("EnvironmentType", message, declaration.type, help=remedy)


def _check_execution(checker: ExpressionChecker, node: nodes.Task) -> None:
    for section in (node.runtime, node.requirements, node.hints):
        if section is not None:
            check_attributes(checker, section, node)
    checker.section = "command"
    for part in node.command.parts if node.command else ():
        if not isinstance(part, str):
            placeholder(checker, part)
