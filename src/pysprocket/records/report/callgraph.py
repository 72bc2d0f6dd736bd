"""Which call of a workflow needs which: calls by name, not by shard.

In: the texts of a run's documents, or what is known of its calls alone. Out: `CallGraph`s: one of the workflow, and one
of each sub-workflow that it calls. A call needs another when a value it is given is made of that one's outputs, or when
that decides whether and how often it runs (a scatter's collection, a condition), or when it is to run `after` it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from pysprocket.errors import SprocketError
from pysprocket.plan.graph import CallNode, Evaluation, Graph, IfNode, Need, ScatterNode, plan_workflow
from pysprocket.records.report.contents import Contents, Group
from pysprocket.source.uris import redacted
from pysprocket.types.loader import load
from pysprocket.types.typed import TypedTask, TypedWorkflow

_Thing: TypeAlias = tuple[int, str]
"""A name in a scope (by number), or what everything in a scope depends on (the empty name)."""

DEEPEST = 12
"""How many sub-workflows inside each other are drawn."""


class CallVertex(msgspec.Struct, frozen=True):
    """A call statement.

    Attributes:
        name: of the call.
        target: the task or workflow that it calls.
        is_workflow: whether that is a workflow.
        around: "scatter" and "if", from the outside in.
    """

    name: str
    target: str
    is_workflow: bool = False
    around: tuple[str, ...] = ()


class CallGraph(msgspec.Struct, frozen=True):
    """The calls of one workflow.

    Attributes:
        path: the names of the calls that lead to the workflow, none for that of the run.
        workflow: its name.
        edges: pairs of indices: the second needs the first.
    """

    path: tuple[str, ...]
    workflow: str
    calls: tuple[CallVertex, ...]
    edges: tuple[tuple[int, int], ...]


def graphs_of_documents(source: str, target: str, texts: Mapping[str, str]) -> list[CallGraph] | None:
    """The graphs of the workflow of a document; None when the texts do not give one."""

    def fetch(uri: str) -> bytes:
        if redacted(uri) not in texts:
            raise FileNotFoundError(2, "it was not recorded", uri)
        return texts[redacted(uri)].encode()

    if source not in texts:
        return None
    try:
        document = load(source, fetch, fallback_version="1.2").root
        workflow = document.workflow
        if workflow is None or workflow.name != target or document.has_errors:
            return None
        return list(_graphs(workflow, ()))
    except (SprocketError, KeyError):  # a text that this version does not take any more
        return None


def _graphs(workflow: TypedWorkflow, path: tuple[str, ...]) -> Iterator[CallGraph]:
    walk = _Walk()
    walk.graph(plan_workflow(workflow).graph, walk.scope(None), ())
    yield CallGraph(path, workflow.name, tuple(walk.vertices), tuple(walk.edges()))
    if len(path) < DEEPEST:
        for vertex, callee in zip(walk.vertices, walk.callees, strict=True):
            if isinstance(callee, TypedWorkflow):
                yield from _graphs(callee, (*path, vertex.name))


class _Walk:
    """Goes through a plan and notes what each thing is made of; the order of the document does not matter."""

    def __init__(self) -> None:
        self.vertices: list[CallVertex] = []
        self.callees: list[TypedTask | TypedWorkflow] = []
        self._needs: list[list[_Thing]] = []
        self._parents: list[int | None] = []
        self._made_of: dict[_Thing, list[_Thing | int]] = {}

    def scope(self, parent: int | None, needs: tuple[Need, ...] = ()) -> int:
        """A new scope in which everything depends on what `needs` name in the one around it."""
        number = len(self._parents)
        self._parents.append(parent)
        self._made_of[number, ""] = [] if parent is None else [(parent, ""), *self._things(parent, needs)]
        return number

    def graph(self, graph: Graph, scope: int, around: tuple[str, ...]) -> None:
        """Note all nodes of a graph, and of those inside it."""
        for node in graph.nodes:
            match node:
                case Evaluation():
                    self._made_of[scope, node.key] = [(scope, ""), *self._things(scope, node.needs)]
                case CallNode():
                    self._call(node, scope, around)
                case ScatterNode():
                    self._bodies(node, (node.body,), scope, (*around, "scatter"))
                case IfNode():
                    self._bodies(node, tuple(clause.body for clause in node.clauses), scope, (*around, "if"))

    def edges(self) -> Iterator[tuple[int, int]]:
        """Pairs of calls: the second needs the first."""
        for number, needs in enumerate(self._needs):
            for other in sorted(self._calls_behind(needs) - {number}):
                yield other, number

    def _call(self, node: CallNode, scope: int, around: tuple[str, ...]) -> None:
        number = len(self.vertices)
        self.vertices.append(CallVertex(node.name, node.callee.name, isinstance(node.callee, TypedWorkflow), around))
        self.callees.append(node.callee)
        self._needs.append([(scope, ""), *self._things(scope, node.needs)])
        for key in (node.name, *(f"{node.name}.{output}" for output in node.callee.outputs)):
            self._made_of[scope, key] = [number]

    def _bodies(
        self, node: ScatterNode | IfNode, bodies: tuple[Graph, ...], scope: int, around: tuple[str, ...]
    ) -> None:
        inner = [self.scope(scope, node.needs) for _ in bodies]
        for number, body in zip(inner, bodies, strict=True):
            if isinstance(node, ScatterNode):
                self._made_of[number, node.variable] = [(number, "")]
            self.graph(body, number, around)
        for key in node.exports:
            made_of: list[_Thing | int] = [(number, key) for number in inner if (number, key) in self._made_of]
            self._made_of[scope, key] = made_of or [(number, "") for number in inner]

    def _things(self, scope: int, needs: tuple[Need, ...]) -> list[_Thing]:
        return [(self._up(scope, depth), key) for depth, key in needs]

    def _up(self, scope: int, depth: int) -> int:
        for _ in range(depth):
            parent = self._parents[scope]
            assert parent is not None, "a need names a scope that is there"
            scope = parent
        return scope

    def _calls_behind(self, things: list[_Thing]) -> set[int]:
        """The nearest calls that things are made of."""
        seen: set[_Thing] = set()
        calls: set[int] = set()
        waiting: list[_Thing | int] = [*things]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, int):
                calls.add(thing)
            elif thing not in seen:
                seen.add(thing)
                waiting += self._made_of.get(thing, ())
        return calls


def graphs_of_calls(contents: Contents) -> list[CallGraph]:
    """The graphs of the calls that were made, joined by the files that they hand on, when there are no texts."""
    made: dict[tuple[str, ...], list[Group]] = {}
    for group in contents.groups:
        made.setdefault(group.path[:-1], []).append(group)
    return [_of_groups(path, groups, contents) for path, groups in sorted(made.items())]


def _of_groups(path: tuple[str, ...], groups: Sequence[Group], contents: Contents) -> CallGraph:
    numbers = {group.path: number for number, group in enumerate(groups)}
    owner = {call.record.call_id: numbers[group.path] for group in groups for call in group.calls}
    made_by = {
        file.path: owner[file.call_id] for file in contents.files if file.direction == "out" and file.call_id in owner
    }
    edges = {
        (made_by[file.path], owner[file.call_id])
        for file in contents.files
        if file.direction == "in" and file.call_id in owner and file.path in made_by
    }
    name = path[-1] if path else contents.run.target or contents.run.name
    calls = tuple(CallVertex(group.path[-1], group.calls[0].record.target, group.is_workflow) for group in groups)
    return CallGraph(path, name, calls, tuple(sorted(edge for edge in edges if edge[0] != edge[1])))
