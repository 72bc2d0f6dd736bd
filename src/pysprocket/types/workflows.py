"""Checking a workflow.

In: a `Workflow` node. Out: a `TypedWorkflow`; types of every expression in it. First all names are bound, block by
block, so that statements may refer to later ones; then every statement is checked in the scope of its block. What a
block exports is typed when it is first asked for: the array of a scatter is non-empty when what it walks is.
"""

from __future__ import annotations

from collections.abc import Iterator

from pysprocket.syntax import nodes
from pysprocket.types.calls import call_type, check_call, find_callee
from pysprocket.types.coercion import common_type
from pysprocket.types.declarations import bind, check_value, check_values, declare, declare_inputs, in_order
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import article
from pysprocket.types.metadata import check_parameter_meta
from pysprocket.types.model import ANY, BOOLEAN, INT, ArrayType, CallType, MapType, Type, UnionType, optional, required
from pysprocket.types.scope import Binding, Scope
from pysprocket.types.structs import TypeNames
from pysprocket.types.typed import TypedTask, TypedWorkflow

Callee = TypedTask | TypedWorkflow
Block = nodes.Scatter | nodes.If


def check_workflow(
    checker: ExpressionChecker, types: TypeNames, node: nodes.Workflow, unknown: set[str]
) -> TypedWorkflow:
    """Check a workflow; `unknown` are the namespaces of imports that could not be read."""
    return _WorkflowChecker(checker, types, node, unknown).check()


class _WorkflowChecker:
    def __init__(self, checker: ExpressionChecker, types: TypeNames, node: nodes.Workflow, unknown: set[str]) -> None:
        self.checker = checker
        self.findings = checker.findings
        self.types = types
        self.node = node
        self.unknown = unknown
        self.calls: dict[nodes.Call, Callee] = {}
        self.scopes: dict[nodes.Scatter | nodes.Clause, Scope] = {}
        self.sources: dict[nodes.Scatter, Type] = {}
        self.alternatives: set[nodes.Clause] = set()
        self.nested = _nested_inputs(checker, node)

    def check(self) -> TypedWorkflow:
        node, checker, root = self.node, self.checker, Scope()
        outputs = node.outputs.declarations if node.outputs else ()
        checker.section = "workflow"
        checker.outputs = frozenset(declaration.name.name for declaration in outputs)
        inputs = declare_inputs(checker, self.types, root, node.inputs)
        self.bind_body(root, node.body)
        given = node.inputs.declarations if node.inputs else ()
        check_values(checker, root, given)
        self.check_body(root, node.body)
        in_order(self.findings, root, (*given, *node.body))
        inner = Scope(root)
        for declaration in outputs:
            declare(checker, self.types, inner, declaration)
        check_values(checker, inner, outputs)
        in_order(self.findings, inner, outputs)
        check_parameter_meta(self.findings, node.parameter_meta, [*inputs, *checker.outputs])
        typed = TypedWorkflow(
            document=checker.document,
            node=node,
            name=node.name.name,
            inputs=inputs,
            outputs={output.name.name: checker.document.declared[output] for output in outputs},
            calls=self.calls,
            exports=dict(self.exports(root, node.body)),
            clauses=dict(self.clauses()),
            allow_nested_inputs=self.nested,
        )
        if node.outputs is None and checker.version < (1, 1):
            dotted = (pair for name, binding in root.names.items() for pair in _dotted(name, binding.type))
            typed.outputs = {name: type_ for name, type_ in dotted if "." in name}
        return typed

    # --- names ---

    def bind_body(self, scope: Scope, body: tuple[nodes.Statement, ...]) -> None:
        for statement in body:
            if isinstance(statement, nodes.Declaration):
                declare(self.checker, self.types, scope, statement)
            elif isinstance(statement, nodes.Call):
                callee = find_callee(self.checker, statement, self.unknown)
                if callee is not None:
                    self.calls[statement] = callee
                binding = Binding(statement.name, call_type(statement, callee), statement)
                if bind(self.findings, scope, binding):
                    self.check_call_name(statement)
            elif isinstance(statement, nodes.Scatter):
                self.bind_scatter(scope, statement)
            else:
                self.bind_if(scope, statement)

    def check_call_name(self, call: nodes.Call) -> None:
        """Report a call named like the workflow or an import; nothing is ambiguous, so it is accepted."""
        name = call.name.name
        if name == self.node.name.name and call.alias is not None:
            what = "the workflow"
        elif name in self.checker.document.namespaces:
            what = "an import"
        else:
            return
        message = f"the call `{name}` has the name of {what}"
        remedy = f"give the call another name: `call … as {name}_call`"
        self.findings.leniency("SharedName", message, call.name, help=remedy)

    def bind_scatter(self, scope: Scope, node: nodes.Scatter) -> None:
        inner = self.scopes[node] = Scope(scope)
        variable = Binding(node.variable, None, None, lambda: self.item(node, scope))
        inner.names[node.variable.name] = variable
        self.bind_body(inner, node.body)
        for binding in inner.names.values():
            if binding is not variable:
                self.export(scope, node, binding.name, [(inner, binding)])

    def bind_if(self, scope: Scope, node: nodes.If) -> None:
        found: dict[str, list[tuple[Scope, Binding]]] = {}
        if len(node.clauses) > 1:
            self.alternatives.update(node.clauses)
        for clause in node.clauses:
            inner = self.scopes[clause] = Scope(scope)
            self.bind_body(inner, clause.body)
            for name, binding in inner.names.items():
                found.setdefault(name, []).append((inner, binding))
        for bindings in found.values():
            self.export(scope, node, bindings[0][1].name, bindings)

    def export(self, scope: Scope, block: Block, name: nodes.Identifier, inner: list[tuple[Scope, Binding]]) -> None:
        """Bind in `scope` what a block defines inside; its type is found when it is asked for."""

        def resolve() -> Type:
            before, scope.current = scope.current, block
            if isinstance(block, nodes.Scatter):
                type_ = _gathered(inner[0][1].type, self.source(block, scope))
            else:
                type_ = self.chosen(block, name, [binding for _, binding in inner])
            scope.current = before
            return type_

        bind(self.findings, scope, Binding(name, None, block, resolve))

    def source(self, node: nodes.Scatter, scope: Scope) -> Type:
        """The type of what a scatter walks, checked when it is first asked for."""
        if node in self.sources:
            return self.sources[node]
        self.sources[node] = ANY  # for an expression that needs what the scatter exports: reported as a cycle
        checker = self.checker
        before = checker.scope, checker.in_placeholder, scope.current
        checker.scope, checker.in_placeholder, scope.current = scope, False, node
        type_ = self.sources[node] = checker.value(node.expression)
        checker.scope, checker.in_placeholder, scope.current = before
        if isinstance(type_, ArrayType):
            if type_.optional:
                checker.lenient(node.expression, type_, required(type_), "what a scatter walks")
        elif not isinstance(type_, UnionType):
            text = self.findings.text(node.expression)
            remedy = f"walk over its pairs: `as_pairs({text})`" if isinstance(type_, MapType) else None
            if type_ == INT:
                remedy = f"walk over the numbers below it: `range({text})`"
            message = f"a scatter walks over an Array, and this is {article(type_)}"
            self.findings.error("ScatterType", message, node.expression, help=remedy)
        return type_

    def item(self, node: nodes.Scatter, scope: Scope) -> Type:
        type_ = self.source(node, scope)
        return type_.item if isinstance(type_, ArrayType) else ANY

    def chosen(self, node: nodes.If, name: nodes.Identifier, bindings: list[Binding]) -> Type:
        """The type outside an `if` of a name that some of its clauses define."""
        types = [binding.type for binding in bindings]
        certain = node.clauses[-1].condition is None and len(bindings) == len(node.clauses)
        if any(isinstance(type_, UnionType) for type_ in types):
            return ANY
        calls = [type_ for type_ in types if isinstance(type_, CallType)]
        if calls and len(calls) == len(types):
            return self.chosen_call(calls, name, certain=certain)
        type_ = self.together(types, [binding.name for binding in bindings], f"`{name.name}`")
        return type_ if certain or isinstance(type_, UnionType) else optional(type_)

    def together(self, types: list[Type], places: list[nodes.Identifier], what: str) -> Type:
        common: Type = types[0]
        for place, type_ in zip(places, types, strict=True):
            narrowest = None if isinstance(type_, CallType) else common_type(common, type_)
            if narrowest is None:
                first = self.findings.label(places[0], f"here it is {article(types[0])}")
                message = f"{what} must have one type in all clauses of `if`"
                self.findings.error("NoCommonType", message, place, f"here it is {article(type_)}", first)
                return ANY
            common = narrowest
        return common

    def chosen_call(self, calls: list[CallType], name: nodes.Identifier, *, certain: bool) -> CallType:
        found: dict[str, list[Type]] = {}
        for call in calls:
            for output, type_ in call.outputs:
                found.setdefault(output, []).append(type_)
        outputs = []
        for output, types in found.items():
            type_ = self.together(types, [name] * len(types), f"the output `{output}` of `{name.name}`")
            always = certain and len(types) == len(calls)
            outputs.append((output, type_ if always or isinstance(type_, UnionType) else optional(type_)))
        return CallType(name.name, tuple(outputs))

    # --- statements ---

    def check_body(self, scope: Scope, body: tuple[nodes.Statement, ...]) -> None:
        checker = self.checker
        for statement in body:
            scope.current = statement
            checker.scope = scope
            if isinstance(statement, nodes.Declaration):
                check_value(checker, statement)
            elif isinstance(statement, nodes.Call):
                check_call(checker, statement, self.calls.get(statement), nested=self.nested)
            elif isinstance(statement, nodes.Scatter):
                self.check_scatter(scope, statement)
            else:
                for clause in statement.clauses:
                    self.check_clause(scope, clause)
        scope.current = None

    def check_scatter(self, scope: Scope, node: nodes.Scatter) -> None:
        self.source(node, scope)
        outer = scope.find(node.variable.name)
        if outer is not None:
            first = self.findings.label(outer.name, "first defined here")
            message = f"the scatter variable `{node.variable.name}` hides another name"
            if outer.statement is None:  # the variable of a scatter around this one
                remark, remedy = "inside, it means this one", "give one of the two another name"
                self.findings.leniency("HiddenVariable", message, node.variable, remark, first, help=remedy)
            else:
                self.findings.error("DuplicateName", message, node.variable, "again here", first)
        inner = self.scopes[node]
        self.check_body(inner, node.body)
        in_order(self.findings, inner, node.body)

    def check_clause(self, scope: Scope, clause: nodes.Clause) -> None:
        self.checker.scope = scope
        if clause.condition is not None:
            self.checker.condition(clause.condition, "the condition of `if`")
        inner = self.scopes[clause]
        self.check_body(inner, clause.body)
        in_order(self.findings, inner, clause.body)

    # --- results ---

    def exports(self, scope: Scope, body: tuple[nodes.Statement, ...]) -> Iterator[tuple[Block, dict[str, Type]]]:
        names: dict[Block, dict[str, Type]] = {
            statement: {} for statement in body if isinstance(statement, (nodes.Scatter, nodes.If))
        }
        for name, binding in scope.names.items():
            if binding.statement in names:
                names[binding.statement].update(_dotted(name, binding.type))
        yield from names.items()
        for block in names:
            for inner in (block,) if isinstance(block, nodes.Scatter) else block.clauses:
                yield from self.exports(self.scopes[inner], inner.body)

    def clauses(self) -> Iterator[tuple[nodes.Clause, dict[str, Type]]]:
        """The types that names have within the clauses of an `if` that has several."""
        for block, scope in self.scopes.items():
            if isinstance(block, nodes.Clause) and block in self.alternatives:
                yield block, dict(pair for name, inner in scope.names.items() for pair in _dotted(name, inner.type))


def _dotted(name: str, type_: Type) -> Iterator[tuple[str, Type]]:
    """A name with its type, or the outputs of a call as "call.output"."""
    if isinstance(type_, CallType):
        for output, inner in type_.outputs:
            yield f"{name}.{output}", inner
    else:
        yield name, type_


def _gathered(type_: Type, source: Type) -> Type:
    """The type outside a scatter of a name inside it."""
    nonempty = isinstance(source, ArrayType) and source.nonempty
    if isinstance(type_, CallType):
        return CallType(type_.name, tuple((output, ArrayType(inner, nonempty)) for output, inner in type_.outputs))
    return ANY if isinstance(type_, UnionType) else ArrayType(type_, nonempty)


_NESTED = frozenset({"allow_nested_inputs", "allowNestedInputs"})


def _nested_inputs(checker: ExpressionChecker, node: nodes.Workflow) -> bool:
    """Whether inputs of the calls may be given from outside: a hint (1.2), a word in `meta` (1.1), always in 1.0."""
    hinted: bool | None = None
    for member in node.hints.members if node.hints else ():
        if member.name.name in _NESTED:
            given = checker.value(member.value)
            if given != BOOLEAN and not isinstance(given, UnionType):
                checker.mismatch(member.value, given, BOOLEAN, f"the hint `{member.name.name}`")
            hinted = isinstance(member.value, nodes.Literal) and member.value.value is True
    if hinted is not None:
        return hinted
    for entry in node.meta.entries if node.meta else ():
        if entry.name.name in _NESTED:
            return entry.value is True
    return checker.version < (1, 1)
