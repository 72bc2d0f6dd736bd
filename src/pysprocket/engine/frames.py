"""Frames: the lives of graphs, and what stands around each of them.

In: a `Graph`, and the machine that moves. Out: `Frame`, and its owners: `Root` around the workflow itself,
`Subworkflow`, `Branch` of an `if`, and `Shards` of a scatter. An owner is told of each key of its frame that gets a
value and of the frame's end; it hands exports on to the enclosing frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from pysprocket.errors import EvaluationError
from pysprocket.plan.graph import Argument, CallNode, Evaluation, Graph, GraphNode, Need, ScatterNode, WorkflowPlan
from pysprocket.types.typed import TypedWorkflow
from pysprocket.values.compile import Function, evaluate, tell_element
from pysprocket.values.context import Context
from pysprocket.values.model import Value
from pysprocket.values.scope import Scope


class Mover(Protocol):
    """What owners may do: the machine."""

    scatter_concurrency: int
    subworkflows: list[SubworkflowStart | SubworkflowEnd]
    outputs: dict[str, Value]
    complete: bool

    def enter(self, frame: Frame) -> None: ...
    def define(self, frame: Frame, key: str, value: Value) -> None: ...
    def node_done(self, frame: Frame) -> None: ...


class Owner(Protocol):
    """What stands around a frame: told of each key that is `defined` in it, and when all its nodes have `ended`."""

    @property
    def parent(self) -> Frame | None:
        """The frame around, None around the workflow itself."""

    def defined(self, frame: Frame, key: str, value: Value) -> None: ...
    def ended(self, frame: Frame) -> None: ...


class Frame:
    """One life of a graph. `prefix` and `path` begin the ids and paths of its calls, `suffix` ends the ids."""

    __slots__ = ("context", "graph", "owner", "parent", "path", "prefix", "remaining", "scope", "suffix", "waiting")

    def __init__(self, graph: Graph, owner: Owner, parent: Frame | None, context: Context) -> None:
        self.graph = graph
        self.owner = owner
        self.parent = parent
        self.context = context
        self.scope: Scope = Scope(parent.scope if parent else None)
        self.waiting: dict[str, list[Waiting]] = {}
        self.remaining = len(graph.nodes)
        self.prefix: str = parent.prefix if parent else ""
        self.path: str = parent.path if parent else ""
        self.suffix: str = parent.suffix if parent else ""

    def up(self, depth: int) -> Frame:
        """The frame `depth` levels out."""
        frame = self
        for _ in range(depth):
            assert frame.parent is not None
            frame = frame.parent
        return frame

    def has(self, need: Need) -> bool:
        """Whether a needed name is defined."""
        depth, key = need
        return key in self.up(depth).scope


class Pass(msgspec.Struct, frozen=True, eq=False):
    """An argument on its way into the frame of a sub-workflow."""

    argument: Argument
    child: Frame
    node: Evaluation


class SubworkflowStart(msgspec.Struct, frozen=True, eq=False):
    """A call of a sub-workflow that begins; `inputs` grows as arguments become known."""

    id: str
    workflow: TypedWorkflow
    inputs: dict[str, Value]


class SubworkflowEnd(msgspec.Struct, frozen=True, eq=False):
    """A call of a sub-workflow that has ended: its id, the inputs it was given and its outputs."""

    id: str
    workflow: TypedWorkflow
    inputs: dict[str, Value]
    outputs: dict[str, Value]


class Waiting:
    """Something that starts when `missing` more names are defined."""

    __slots__ = ("frame", "missing", "node")

    def __init__(self, frame: Frame, node: GraphNode | Pass) -> None:
        self.frame = frame
        self.node = node
        self.missing = 0


class Root:
    """Around the workflow itself."""

    def __init__(self, machine: Mover, plan: WorkflowPlan) -> None:
        self.parent: Frame | None = None
        self._machine = machine
        self._plan = plan

    def defined(self, frame: Frame, key: str, value: Value) -> None:
        """Nobody stands outside."""

    def ended(self, frame: Frame) -> None:
        self._machine.outputs = {key: frame.scope[key] for key in self._plan.outputs}
        self._machine.complete = True


class Subworkflow:
    """Around a sub-workflow: its outputs become those of the call."""

    def __init__(self, machine: Mover, plan: WorkflowPlan, parent: Frame, node: CallNode, call_id: str) -> None:
        self._machine = machine
        self._plan = plan
        self.parent = parent
        self._node = node
        self._id = call_id
        self.inputs: dict[str, Value] = {}

    def defined(self, frame: Frame, key: str, value: Value) -> None:
        if key in self._plan.outputs:
            self._machine.define(self.parent, f"{self._node.name}.{key}", value)

    def ended(self, frame: Frame) -> None:
        outputs = {key: frame.scope[key] for key in self._plan.outputs}
        end = SubworkflowEnd(self._id, self._plan.workflow, self.inputs, outputs)
        self._machine.subworkflows.append(end)
        self._machine.define(self.parent, self._node.name, None)
        self._machine.node_done(self.parent)


class Branch:
    """Around the taken branch of an `if`: its exports go out, those `converted` as what they are outside."""

    def __init__(
        self, machine: Mover, parent: Frame, exports: tuple[str, ...], converted: Mapping[str, Function]
    ) -> None:
        self._machine = machine
        self.parent = parent
        self._exports = exports
        self._converted = converted

    def defined(self, frame: Frame, key: str, value: Value) -> None:
        if key in self._exports:
            if key in self._converted:
                value = evaluate(self._converted[key], frame.scope, frame.context)
            self._machine.define(self.parent, key, value)

    def ended(self, frame: Frame) -> None:
        self._machine.node_done(self.parent)


class Shards:
    """Around the items of a scatter: gathers each export into an array, in the order of the items."""

    def __init__(self, machine: Mover, parent: Frame, node: ScatterNode, items: list[Value]) -> None:
        self._machine = machine
        self.parent = parent
        self._node = node
        self._items = items
        self._next = 0
        self._left = len(items)
        self._index: dict[Frame, int] = {}
        self._gathered: dict[str, list[Value]] = {key: [None] * len(items) for key in node.exports}
        self._missing = dict.fromkeys(node.exports, len(items))

    def start(self) -> None:
        """Begin as many items as may be under way together."""
        while self._next < len(self._items) and len(self._index) < self._machine.scatter_concurrency:
            index = self._next
            self._next += 1
            frame = Frame(self._node.body, self, self.parent, self.parent.context)
            frame.suffix = f"-{index}{self.parent.suffix}"
            frame.scope[self._node.variable] = self._items[index]
            self._index[frame] = index
            self._machine.enter(frame)

    def element(self, frame: Frame) -> tuple[str, int, Value]:
        """Which item a frame is: the variable, the index and the item."""
        index = self._index[frame]
        return self._node.variable, index, self._items[index]

    def defined(self, frame: Frame, key: str, value: Value) -> None:
        if key not in self._missing:
            return
        self._gathered[key][self._index[frame]] = value
        self._missing[key] -= 1
        if not self._missing[key]:
            self._machine.define(self.parent, key, self._gathered.pop(key))

    def ended(self, frame: Frame) -> None:
        del self._index[frame]
        self._left -= 1
        if self._left:
            self.start()
        else:
            self._machine.node_done(self.parent)


def tell_elements(error: EvaluationError, frame: Frame) -> None:
    """Say in the message of `error` in which elements of scatters `frame` is, across sub-workflows too."""
    around: Frame | None = frame
    while around is not None:
        if isinstance(around.owner, Shards):
            tell_element(error, *around.owner.element(around))
        around = around.owner.parent
