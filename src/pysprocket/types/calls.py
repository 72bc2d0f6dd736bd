"""Calls of a workflow: what they call, and the inputs they give.

In: a `Call` node. Out: its callee, the `CallType` of its name, diagnostics for its inputs.
"""

from __future__ import annotations

from itertools import chain

from pysprocket.source.diagnostic import Label
from pysprocket.syntax import nodes
from pysprocket.types.coercion import Coercibility, coercible
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import article, listed
from pysprocket.types.model import ANY, CallType, Type, UnionType, optional
from pysprocket.types.typed import Input, TypedDocument, TypedTask, TypedWorkflow


def find_callee(checker: ExpressionChecker, node: nodes.Call, unknown: set[str]) -> TypedTask | TypedWorkflow | None:
    """The task or workflow that is called; None after a mistake, here or in the import (`unknown` namespaces)."""
    if len(node.callee) > 2:
        message = "a call names a task or workflow, with one import before it at most"
        checker.findings.error("UnknownCallee", message, node.callee[1], help="import the inner document here too")
        return None
    if len(node.callee) == 1:
        return _find_in(checker, node.callee[0], checker.document)
    space, name = node.callee
    if space.name in unknown:
        return None
    document = checker.document.namespaces.get(space.name)
    if document is not None:
        return _find_in(checker, name, document)
    spaces = checker.document.namespaces
    remedy = checker.findings.suggestion(space.name, spaces) or (
        f"the imports are {listed(spaces)}" if spaces else f'import it: `import "{space.name}.wdl" as {space.name}`'
    )
    checker.findings.error("UnknownNamespace", f"there is no import `{space.name}`", space, help=remedy)
    return None


def _find_in(
    checker: ExpressionChecker, name: nodes.Identifier, document: TypedDocument
) -> TypedTask | TypedWorkflow | None:
    if name.name in document.tasks:
        return document.tasks[name.name]
    workflow = document.tree.workflow
    if workflow is not None and workflow.name.name == name.name:
        if document is checker.document:
            checker.findings.error("RecursiveWorkflow", f"the workflow `{name.name}` calls itself", name)
            return None
        return document.workflow
    known = chain(document.tasks, [workflow.name.name] if workflow is not None else [])
    place = "here" if document is checker.document else f"in `{document.source.name}`"
    remedy = checker.findings.suggestion(name.name, known) or _elsewhere(checker.document, name.name)
    checker.findings.error("UnknownCallee", f"there is no task or workflow `{name.name}` {place}", name, help=remedy)
    return None


def _elsewhere(document: TypedDocument, name: str) -> str | None:
    """The help "did you mean `namespace.name`?" when an import has it."""
    for space, imported in document.namespaces.items():
        if name in imported.tasks or (imported.workflow is not None and imported.workflow.name == name):
            return f"did you mean `{space}.{name}`?"
    return None


def call_type(node: nodes.Call, callee: TypedTask | TypedWorkflow | None) -> Type:
    """The type of the name of a call; ANY when the callee is unknown."""
    return ANY if callee is None else CallType(node.name.name, tuple(callee.outputs.items()))


def check_call(
    checker: ExpressionChecker, node: nodes.Call, callee: TypedTask | TypedWorkflow | None, *, nested: bool
) -> None:
    """Check the inputs and `after` of a call; `nested` when inputs that are left out may be given from outside."""
    for other in node.after:
        _check_after(checker, other)
    for given in node.inputs:
        _check_input(checker, callee, given)
    if callee is not None and not nested and all(given.name.name in callee.inputs for given in node.inputs):
        bound = {given.name.name for given in node.inputs}
        missing = [name for name, wanted in callee.inputs.items() if wanted.required and name not in bound]
        if missing:
            _report_missing(checker, node, missing)


def _check_after(checker: ExpressionChecker, other: nodes.Identifier) -> None:
    binding = checker.scope.look_up(other.name, other)
    if binding is None or not isinstance(binding.type, (CallType, UnionType)):
        calls = (name for name in checker.scope.visible() if isinstance(_type_of(checker, name), CallType))
        remedy = checker.findings.suggestion(other.name, calls)
        checker.findings.error("UnknownName", f"there is no call `{other.name}` here", other, help=remedy)


def _type_of(checker: ExpressionChecker, name: str) -> Type | None:
    binding = checker.scope.find(name)
    return binding.type if binding is not None else None


def _check_input(checker: ExpressionChecker, callee: TypedTask | TypedWorkflow | None, given: nodes.CallInput) -> None:
    name = given.name.name
    wanted = None if callee is None else _wanted_input(checker, callee, given)
    if wanted is not None and callee is not None:
        declared = wanted.declaration.type
        because = Label(
            callee.document.source, declared.start, declared.end, f"declared here as {article(wanted.type)}"
        )
        type_ = checker.value(given.expression, wanted.type)
        default = wanted.declaration.expression is not None and type_.optional
        target = optional(wanted.type) if default else wanted.type
        what = f"the input `{name}` of `{callee.name}`"
        if type_ is not target:
            checker.fits(given.expression, type_, target, what, because)
        if default and checker.version < (1, 1) and not wanted.type.optional:
            _warn_of_none(checker, given, wanted, what, because)
        return
    checker.value(given.expression)
    if callee is not None:
        message = f"`{callee.name}` has no input `{name}`"
        if isinstance(callee, TypedTask) and any(inner.name.name == name for inner in callee.node.declarations):
            message = f"`{name}` is private to `{callee.name}`; it is not an input"
        remedy = checker.findings.suggestion(name, callee.inputs) or f"its inputs are {listed(callee.inputs)}"
        checker.findings.error(
            "UnknownInput", message, given.name, help=remedy if callee.inputs else "it has no inputs"
        )


def _wanted_input(
    checker: ExpressionChecker, callee: TypedTask | TypedWorkflow, given: nodes.CallInput
) -> Input | None:
    """The input that is given; in WDL 1.0 that may be a private one, where no section says what the inputs are."""
    section, name = callee.node.inputs, given.name.name
    known = callee.inputs.get(name)
    if callee.document.version >= (1, 1) or not (section is None or section.implied):
        return known
    if known is not None and section is not None and known.declaration in section.declarations:
        return known
    body = callee.node.declarations if isinstance(callee, TypedTask) else callee.node.body
    found = [entry for entry in body if isinstance(entry, nodes.Declaration) and entry.name.name == name]
    if not found:
        return None
    message = f"`{name}` is private to `{callee.name}`; as there is no `input` section, it is read as an input"
    place = Label(callee.document.source, found[0].name.start, found[0].name.end, "declared here")
    remedy = f"write `input {{ … }}` around the inputs of `{callee.name}`"
    checker.findings.leniency("PrivateInput", message, given.name, "", place, help=remedy)
    return callee.inputs.setdefault(name, Input(name, callee.document.declared[found[0]], found[0]))


def _warn_of_none(checker: ExpressionChecker, given: nodes.CallInput, wanted: Input, what: str, because: Label) -> None:
    """Warn of what may be None for an input with a default, which counts then: so it is from 1.1 on."""
    type_ = checker.types[given.expression]
    if not type_.optional or coercible(type_, optional(wanted.type)) is Coercibility.NO:
        return
    message = f"{what} has a default, but WDL before 1.1 does not say that it counts when the value is `None`"
    remark = f"this is {article(type_)}; the default counts if it is `None`"
    remedy = "state `version 1.1` or later, or leave the input out where there is no value"
    checker.findings.leniency("OptionalValue", message, given.expression, remark, because, help=remedy)


def _report_missing(checker: ExpressionChecker, node: nodes.Call, missing: list[str]) -> None:
    what = "input" if len(missing) == 1 else "inputs"
    checker.findings.leniency(
        "MissingCallInput",
        f"the call `{node.name.name}` leaves out the required {what} {listed(missing)}",
        node.name,
        "must be given from outside when it runs",
        help="give it here, or pass it on as an input of the workflow",
    )
