"""The graph of a workflow: what there is to do, and what each piece waits for.

In: a `TypedWorkflow`. Out: a `WorkflowPlan`: nodes with compiled expressions and the names they need, scatter and
`if` bodies as graphs of their own. A need is `(depth, key)`: the key of a name and how many scopes up it is
defined. The outputs of a call have keys "call.output"; the bare name of a call is the signal that it has ended,
for `after`. A name leaves a body (an export) under the same key.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from pysprocket.syntax import nodes
from pysprocket.types.model import Type, optional
from pysprocket.types.references import references
from pysprocket.types.typed import Input, TypedDocument, TypedTask, TypedWorkflow
from pysprocket.values.blocks import mentioned
from pysprocket.values.compile import Function, compile_block, compile_conversions, compile_expression

Need: TypeAlias = tuple[int, str]


class Evaluation(msgspec.Struct, frozen=True, eq=False):
    """A declaration: `key` becomes the value of `function`, None for an input that must be given."""

    key: str
    function: Function | None
    needs: tuple[Need, ...]
    input: Input | None = None


class Argument(msgspec.Struct, frozen=True, eq=False):
    """A value that a call statement gives to an input of its callee."""

    name: str
    function: Function
    needs: tuple[Need, ...]


class CallNode(msgspec.Struct, frozen=True, eq=False):
    """A call; `after` are the calls that must have ended, `node` is where it stands in the document."""

    name: str
    callee: TypedTask | TypedWorkflow
    arguments: tuple[Argument, ...]
    after: tuple[Need, ...]
    needs: tuple[Need, ...]
    node: nodes.Call


class ScatterNode(msgspec.Struct, frozen=True, eq=False):
    """A scatter: the body once for each item.

    Attributes:
        outer: what the body needs from around the scatter.
        block: where the body has no calls, a function that does all of it at once and gives the exports.
        body: empty when all of it is done at once in any case, as in a workflow without calls.
    """

    variable: str
    function: Function
    needs: tuple[Need, ...]
    body: Graph
    exports: tuple[str, ...]
    outer: tuple[Need, ...]
    block: Function | None


class ClauseNode(msgspec.Struct, frozen=True, eq=False):
    """One branch of a conditional statement; `function` None for `else`.

    `converted` are the exports that have another type outside, the one common to all branches: functions of the scope.
    """

    function: Function | None
    body: Graph
    converted: dict[str, Function]


class IfNode(msgspec.Struct, frozen=True, eq=False):
    """A conditional statement: the body of the first clause whose condition holds; `outer` and `block` as above."""

    clauses: tuple[ClauseNode, ...]
    needs: tuple[Need, ...]
    exports: tuple[str, ...]
    outer: tuple[Need, ...]
    block: Function | None


GraphNode: TypeAlias = Evaluation | CallNode | ScatterNode | IfNode


class Graph(msgspec.Struct, frozen=True, eq=False):
    """Nodes, in the order of the document.

    Attributes:
        outer: what the nodes need from enclosing graphs, as seen from the place of the graph (depth 0 is the
            scope around it).
        keys: the names that the nodes define.
    """

    nodes: tuple[GraphNode, ...]
    outer: tuple[Need, ...]
    keys: frozenset[str]


class WorkflowPlan(msgspec.Struct, frozen=True, eq=False):
    """A workflow ready to run; `outputs` are the keys of its outputs, in order."""

    workflow: TypedWorkflow
    graph: Graph
    outputs: tuple[str, ...]


@functools.cache
def plan_workflow(workflow: TypedWorkflow) -> WorkflowPlan:
    """The plan of a workflow, the same object each time; that of a sub-workflow is made when a call needs it."""
    return _Planner(workflow).plan()


class _Planner:
    """Builds the graphs of one workflow; `_scopes` holds the keys that each enclosing graph defines.

    Where nothing has to be waited for, a block can do all of a scatter or conditional in any case. Then only the needs
    of its body are looked for (`_surveying`), and nothing in it is compiled a second time.
    """

    def __init__(self, workflow: TypedWorkflow) -> None:
        self.workflow = workflow
        self.document: TypedDocument = workflow.document
        self._surveying = False
        self._mentions = Counter(name for statement in self._statements() for name in mentioned(statement))
        self._scopes: list[set[str]] = []
        self._signals = set(_awaited(workflow.node.body))

    def plan(self) -> WorkflowPlan:
        graph = self._graph(self._statements(), ())
        return WorkflowPlan(self.workflow, graph, tuple(self.workflow.outputs))

    def _statements(self) -> list[nodes.Statement]:
        node = self.workflow.node
        inputs = node.inputs.declarations if node.inputs else ()
        outputs = node.outputs.declarations if node.outputs else ()
        return [*inputs, *node.body, *outputs]

    def _graph(self, statements: Sequence[nodes.Statement], variables: Iterable[str]) -> Graph:
        keys = set(variables)
        for statement in statements:
            keys.update(self._defines(statement))
        self._scopes.append(keys)
        made = [self._node(statement) for statement in statements]
        self._scopes.pop()
        outer = {(depth - 1, key) for node in made for depth, key in _all_needs(node) if depth > 0}
        return Graph(tuple(made), tuple(outer), frozenset(keys))

    def _defines(self, statement: nodes.Statement) -> Iterator[str]:
        """The keys that a statement adds to the scope it stands in."""
        match statement:
            case nodes.Declaration():
                yield statement.name.name
            case nodes.Call():
                yield from _call_keys(statement, self.workflow.calls[statement])
            case _:
                yield from self._exports(statement)

    def _exports(self, statement: nodes.Scatter | nodes.If) -> tuple[str, ...]:
        bodies = [statement.body] if isinstance(statement, nodes.Scatter) else [c.body for c in statement.clauses]
        signals = {name for body in bodies for name in _call_names(body)} & self._signals
        return (*self.workflow.exports[statement], *sorted(signals))

    def _node(self, statement: nodes.Statement) -> GraphNode:
        match statement:
            case nodes.Declaration():
                return self._evaluation(statement)
            case nodes.Call():
                return self._call(statement)
            case nodes.Scatter():
                return self._scatter(statement)
            case nodes.If():
                return self._if(statement)

    def _evaluation(self, declaration: nodes.Declaration) -> Evaluation:
        name, expression = declaration.name.name, declaration.expression
        given = self.workflow.inputs.get(name)
        if given is not None and given.declaration is not declaration:
            given = None
        if expression is None:
            return Evaluation(name, None, (), given)
        function = self._compile(expression, self.document.declared[declaration])
        return Evaluation(name, function, self._needs(expression), given)

    def _call(self, call: nodes.Call) -> CallNode:
        callee = self.workflow.calls[call]
        arguments = tuple(self._argument(given, callee.inputs[given.name.name]) for given in call.inputs)
        after = tuple(need for name in call.after for need in self._resolve(name.name))
        needs = dict.fromkeys((*after, *(need for argument in arguments for need in argument.needs)))
        return CallNode(call.name.name, callee, arguments, after, tuple(needs), call)

    def _argument(self, given: nodes.CallInput, target: Input) -> Argument:
        # an input with a default may be given None (1.1): the default then counts
        wanted = target.type if target.declaration.expression is None else optional(target.type)
        return Argument(given.name.name, self._compile(given.expression, wanted), self._needs(given.expression))

    def _scatter(self, scatter: nodes.Scatter) -> ScatterNode:
        block = self._block(scatter)
        body = self._body(scatter.body, [scatter.variable.name], block)
        needs = self._needs(scatter.expression)
        return ScatterNode(
            scatter.variable.name,
            self._compile(scatter.expression, None),
            needs if body.nodes else (*needs, *body.outer),
            body,
            self._exports(scatter),
            body.outer,
            block,
        )

    def _if(self, conditional: nodes.If) -> IfNode:
        block = self._block(conditional)
        clauses: list[ClauseNode] = []
        needs: dict[Need, None] = {}
        for clause in conditional.clauses:
            function = None
            if clause.condition is not None:
                function = self._compile(clause.condition, None)
                needs |= dict.fromkeys(self._needs(clause.condition))
            converted = {} if self._surveying else compile_conversions(self.workflow, conditional, clause)
            clauses.append(ClauseNode(function, self._body(clause.body, (), block), converted))
        outer = dict.fromkeys(need for clause in clauses for need in clause.body.outer)
        if not any(clause.body.nodes for clause in clauses):
            needs |= outer
        return IfNode(tuple(clauses), tuple(needs), self._exports(conditional), tuple(outer), block)

    def _body(self, statements: Sequence[nodes.Statement], variables: Iterable[str], block: Function | None) -> Graph:
        """The graph of a body; without nodes when the block does all of it in any case."""
        if block is None or self.workflow.calls:
            return self._graph(statements, variables)
        self._surveying = True
        graph = self._graph(statements, variables)
        self._surveying = False
        return msgspec.structs.replace(graph, nodes=())

    def _block(self, statement: nodes.Scatter | nodes.If) -> Function | None:
        if self._surveying or any(_call_names([statement])):
            return None
        try:
            return compile_block(self.workflow, statement, self._mentions)
        except SyntaxError:  # Python nests at most 20 loops in one function
            return None

    def _compile(self, expression: nodes.Expression, wanted: Type | None) -> Function:
        return _never if self._surveying else compile_expression(self.document, expression, wanted)

    def _needs(self, expression: nodes.Expression) -> tuple[Need, ...]:
        found: dict[Need, None] = {}
        for name, member in references(expression):
            dotted = self._resolve(f"{name.name}.{member}") if member else ()
            found |= dict.fromkeys(dotted or self._resolve(name.name))
        return tuple(found)

    def _resolve(self, key: str) -> tuple[Need, ...]:
        """The need for a key; none when the name is not a value of the workflow (an enum)."""
        for depth, keys in enumerate(reversed(self._scopes)):
            if key in keys:
                return ((depth, key),)
        return ()


def _never(scope: object, context: object) -> None:
    raise AssertionError("a block does this")


def _call_keys(call: nodes.Call, callee: TypedTask | TypedWorkflow) -> Iterator[str]:
    name = call.name.name
    yield name
    for output in callee.outputs:
        yield f"{name}.{output}"


def _bodies(statement: nodes.Statement) -> Iterator[tuple[nodes.Statement, ...]]:
    if isinstance(statement, nodes.Scatter):
        yield statement.body
    elif isinstance(statement, nodes.If):
        for clause in statement.clauses:
            yield clause.body


def _call_names(body: Iterable[nodes.Statement]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, nodes.Call):
            yield statement.name.name
        for inner in _bodies(statement):
            yield from _call_names(inner)


def _awaited(body: Iterable[nodes.Statement]) -> Iterator[str]:
    """The names of calls that an `after` waits for."""
    for statement in body:
        if isinstance(statement, nodes.Call):
            yield from (name.name for name in statement.after)
        for inner in _bodies(statement):
            yield from _awaited(inner)


def _all_needs(node: GraphNode) -> Iterator[Need]:
    yield from node.needs
    if isinstance(node, (ScatterNode, IfNode)):
        yield from node.outer
