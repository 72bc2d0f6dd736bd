"""Declarations of a section: their types, their values, and the order in which they can be evaluated.

In: `Declaration` nodes and the scope of their section. Out: bindings in the scope, entries in
`TypedDocument.declared`, and the declarations in order of need.
"""

from __future__ import annotations

from collections.abc import Iterable

from pysprocket.syntax import nodes
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import Findings
from pysprocket.types.model import ANY, CallType
from pysprocket.types.scope import Binding, Scope, order
from pysprocket.types.structs import TypeNames
from pysprocket.types.typed import Input

_STEPS = 8  # of a circle that are shown


def bind(findings: Findings, scope: Scope, binding: Binding) -> bool:
    """Put a name into a scope; says whether it was free here and further out."""
    name = binding.name
    before = scope.find(name.name)
    if before is not None:
        earlier, later = sorted((before.name, name), key=lambda place: place.start)  # inputs are bound before the rest
        first = findings.label(earlier, "first defined here")
        message = f"`{name.name}` is defined twice"
        remedy = "give one of them another name"
        if isinstance(binding.statement, nodes.Call):
            callee = ".".join(part.name for part in binding.statement.callee)
            remedy += f": `call {callee} as another_name`"
        findings.error("DuplicateName", message, later, "again here", first, help=remedy)
        if isinstance(before.type_, CallType) != isinstance(binding.type_, CallType):
            before.type_ = ANY  # whichever a use means: what is found missing would only follow from the one name
        return False
    scope.names[name.name] = binding
    return True


def declare(checker: ExpressionChecker, types: TypeNames, scope: Scope, declaration: nodes.Declaration) -> bool:
    """Resolve the type of a declaration and bind its name; says whether the name was free."""
    type_ = types.resolve(declaration.type)
    checker.document.declared[declaration] = type_
    return bind(checker.findings, scope, Binding(declaration.name, type_, declaration))


def declare_inputs(
    checker: ExpressionChecker, types: TypeNames, scope: Scope, section: nodes.InputSection | None
) -> dict[str, Input]:
    """Bind the inputs of a task or workflow."""
    inputs: dict[str, Input] = {}
    for declaration in section.declarations if section else ():
        if declare(checker, types, scope, declaration):
            name = declaration.name.name
            inputs[name] = Input(name, checker.document.declared[declaration], declaration)
    return inputs


def check_values(checker: ExpressionChecker, scope: Scope, declarations: Iterable[nodes.Declaration]) -> None:
    """Type the expressions of declarations and check that they fit."""
    checker.scope = scope
    for declaration in declarations:
        scope.current = declaration
        check_value(checker, declaration)
    scope.current = None


def check_value(checker: ExpressionChecker, declaration: nodes.Declaration) -> None:
    """Type the expression of one declaration in the scope of the checker."""
    if declaration.expression is None:
        return
    type_ = checker.document.declared[declaration]
    label = checker.findings.label(declaration.type, f"`{declaration.name.name}` is declared as `{type_}`")
    checker.coerce(declaration.expression, type_, f"`{declaration.name.name}`", label)


def in_order(findings: Findings, scope: Scope, statements: Iterable[nodes.Node]) -> list[nodes.Node]:
    """The statements of a scope, each after those it needs; cycles are reported."""
    done, cycles = order(statements, scope.needs)
    for cycle in cycles:
        _report_cycle(findings, scope, cycle)
    return done


def _report_cycle(findings: Findings, scope: Scope, cycle: list[nodes.Node]) -> None:
    start = min(range(len(cycle)), key=lambda place: cycle[place].start)
    cycle = cycle[start:] + cycle[:start]
    ring = [*cycle[1:], cycle[0]]
    names = [f"`{_described(node)}`" for node in cycle[:_STEPS]]
    if len(cycle) > _STEPS:
        names.append(f"… ({len(cycle) - _STEPS:,} more)")
    path = " → ".join([*names, names[0]])
    labels = [
        findings.label(scope.needs[node][needed], f"`{_described(node)}` needs `{_described(needed)}`")
        for node, needed in zip(cycle[:_STEPS], ring[:_STEPS], strict=True)
    ]
    primary = nodes.Node(labels[0].start, labels[0].end)
    message = f"`{_described(cycle[0])}` needs itself: {path}"
    findings.error("DependencyCycle", message, primary, labels[0].text, *labels[1:], help="break the circle")


def _described(node: nodes.Node) -> str:
    if isinstance(node, (nodes.Declaration, nodes.Call)):
        return node.name.name
    return f"scatter ({node.variable.name})" if isinstance(node, nodes.Scatter) else "if"
