"""The state machine of a run: which calls can start, given what has ended. No asyncio, no clocks, no processes.

In: a `WorkflowPlan`, input values, and for each task call its outputs. Out: the next calls. What the evaluation of
an expression may do to the world is the business of the `Context` it is handed, so the machine can be tested move
by move.

Its state lives in frames (module `frames`). Each node starts the moment the names it needs are defined; nothing waits
for a whole body, and an export leaves as soon as it is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from pysprocket.engine.downloads import FetchNeeded
from pysprocket.engine.frames import (
    Branch,
    Frame,
    Pass,
    Root,
    Shards,
    Subworkflow,
    SubworkflowEnd,
    SubworkflowStart,
    Waiting,
    tell_elements,
)
from pysprocket.errors import EvaluationError
from pysprocket.plan.graph import (
    Argument,
    CallNode,
    ClauseNode,
    Evaluation,
    GraphNode,
    IfNode,
    Need,
    ScatterNode,
    WorkflowPlan,
    plan_workflow,
)
from pysprocket.types.typed import Input, TypedDocument, TypedTask, TypedWorkflow
from pysprocket.values.compile import evaluate
from pysprocket.values.context import Context
from pysprocket.values.model import Value
from pysprocket.values.scope import Scope

ContextFor: TypeAlias = Callable[[TypedDocument, str], Context]
"""The surroundings in which expressions of a document are evaluated, for the workflow with the given call id."""


class Call(msgspec.Struct, frozen=True, eq=False):
    """A task call whose inputs are known.

    Attributes:
        id: the call in its run, as a path of call directories: "align-0", "sub-1/align-0".
        path: the same without shards, with dots, as inputs name it: "sub.align".
        inputs: values by name; an input that is not there has its default.
    """

    id: str
    path: str
    task: TypedTask
    inputs: dict[str, Value]


class Machine:
    """The state of one workflow run.

    Args:
        plan: of the workflow.
        inputs: values of its inputs; those left out have their defaults.
        context_for: gives the context to evaluate in.
        nested: values for inputs of calls, by dotted path such as "sub.align.threads".
        scatter_concurrency: how many items of one scatter may be under way together.

    Attributes:
        outputs: of the workflow, once `complete`.
        subworkflows: grows as sub-workflows begin and end; whoever reads it may clear it.
        wanted: URLs of files that expressions wait for; whoever fetches one says so with `fetched`.
    """

    def __init__(
        self,
        plan: WorkflowPlan,
        inputs: Mapping[str, Value],
        context_for: ContextFor,
        *,
        nested: Mapping[str, Value] | None = None,
        scatter_concurrency: int = 1000,
    ) -> None:
        self._plan = plan
        self._inputs = inputs
        self._context_for = context_for
        self._nested = by_call(nested or {})
        self.scatter_concurrency = scatter_concurrency
        self._ready: deque[tuple[Frame, GraphNode | Pass]] = deque()
        self._running: dict[str, tuple[Frame, CallNode]] = {}
        self._started: list[Call] = []
        self.subworkflows: list[SubworkflowStart | SubworkflowEnd] = []
        self.wanted: dict[str, list[tuple[Frame, GraphNode | Pass]]] = {}
        self.stopped = False
        self.complete = False
        self.outputs: dict[str, Value] = {}

    def start(self) -> list[Call]:
        """Begin; gives the calls that can start at once.

        Raises:
            EvaluationError: an expression failed, so the run has failed.
        """
        workflow = self._plan.workflow
        frame = Frame(self._plan.graph, Root(self, self._plan), None, self._context_for(workflow.document, ""))
        self._enter_workflow(frame, workflow, self._inputs)
        return self._advance()

    def finished(self, call_id: str, outputs: Mapping[str, Value]) -> list[Call]:
        """A call has ended well; gives the calls that can start now (none once the run is stopped).

        Raises:
            EvaluationError: an expression failed, so the run has failed.
        """
        frame, node = self._running.pop(call_id)
        for name, value in outputs.items():
            self.define(frame, f"{node.name}.{name}", value)
        self.define(frame, node.name, None)
        self.node_done(frame)
        return self._advance()

    def fetched(self, url: str) -> list[Call]:
        """A wanted file is there, or cannot be had; gives the calls that can start now.

        Raises:
            EvaluationError: an expression failed, so the run has failed.
        """
        self._ready.extend(self.wanted.pop(url))
        return self._advance()

    def failed(self, call_id: str) -> list[Call]:
        """A call has failed: nothing new starts any more; what runs is for the driver to await or to cancel."""
        self._running.pop(call_id)
        self.stop()
        return []

    def stop(self) -> None:
        """Start nothing new from now on."""
        self.stopped = True
        self._ready.clear()
        self.wanted.clear()

    # --- moving on ---------------------------------------------------------------------------------------

    def _advance(self) -> list[Call]:
        while self._ready and not self.stopped:
            frame, node = self._ready.popleft()
            try:
                self._begin(frame, node)
            except FetchNeeded as needed:
                self.wanted.setdefault(needed.url, []).append((frame, node))
            except EvaluationError as error:
                tell_elements(error, frame)
                raise
        started, self._started = self._started, []
        return [] if self.stopped else started

    def _begin(self, frame: Frame, node: GraphNode | Pass) -> None:
        match node:
            case Evaluation():
                self.define(frame, node.key, _value(node, frame.scope, frame.context))
                self.node_done(frame)
            case CallNode(callee=TypedTask() as task):
                self._call_task(frame, node, task)
            case CallNode(callee=TypedWorkflow() as workflow):
                self._call_workflow(frame, node, workflow)
            case ScatterNode():
                self._scatter(frame, node)
            case IfNode():
                self._branch(frame, node)
            case Pass():
                self._pass(frame, node)

    def enter(self, frame: Frame) -> None:
        """Bring a frame to life: each of its nodes becomes ready, or waits for the names it needs."""
        for node in frame.graph.nodes:
            self._await(frame, node, _needs_to_begin(node))

    def _await(self, frame: Frame, node: GraphNode | Pass, needs: tuple[Need, ...]) -> None:
        waiting = None
        for depth, key in needs:
            home = frame.up(depth)
            if key not in home.scope:
                waiting = waiting or Waiting(frame, node)
                waiting.missing += 1
                home.waiting.setdefault(key, []).append(waiting)
        if waiting is None:
            self._ready.append((frame, node))

    def define(self, frame: Frame, key: str, value: Value) -> None:
        """A name of a frame gets its value: whatever waited only for it is ready now."""
        frame.scope[key] = value
        for waiting in frame.waiting.pop(key, ()):
            waiting.missing -= 1
            if not waiting.missing:
                self._ready.append((waiting.frame, waiting.node))
        frame.owner.defined(frame, key, value)

    def node_done(self, frame: Frame) -> None:
        """One more node of a frame has ended."""
        frame.remaining -= 1
        if not frame.remaining:
            frame.owner.ended(frame)

    # --- the kinds of nodes ------------------------------------------------------------------------------

    def _call_task(self, frame: Frame, node: CallNode, task: TypedTask) -> None:
        inputs = {a.name: evaluate(a.function, frame.scope, frame.context) for a in node.arguments}
        path = frame.path + node.name
        inputs |= self._nested.get(path, {})
        given = {name: value for name, value in inputs.items() if not takes_default(task.inputs[name], value)}
        call = Call(f"{frame.prefix}{node.name}{frame.suffix}", path, task, given)
        self._running[call.id] = frame, node
        self._started.append(call)

    def _call_workflow(self, frame: Frame, node: CallNode, workflow: TypedWorkflow) -> None:
        plan = plan_workflow(workflow)
        call_id = f"{frame.prefix}{node.name}{frame.suffix}"
        owner = Subworkflow(self, plan, frame, node, call_id)
        child = Frame(plan.graph, owner, None, self._context_for(workflow.document, call_id))
        child.prefix, child.path = f"{call_id}/", f"{frame.path}{node.name}."
        given = self._nested.get(frame.path + node.name, {})
        owner.inputs.update(given)
        self.subworkflows.append(SubworkflowStart(call_id, workflow, owner.inputs))
        arguments = {argument.name: argument for argument in node.arguments}
        self._enter_workflow(child, workflow, given, frame, arguments)

    def _enter_workflow(
        self,
        frame: Frame,
        workflow: TypedWorkflow,
        given: Mapping[str, Value],
        caller: Frame | None = None,
        arguments: Mapping[str, Argument] | None = None,
    ) -> None:
        """Bring the frame of a workflow to life: inputs are given, come as arguments of a call, or have defaults."""
        values = {name: value for name, value in given.items() if not takes_default(workflow.inputs[name], value)}
        for node in frame.graph.nodes:
            if not isinstance(node, Evaluation) or node.input is None:
                self._await(frame, node, _needs_to_begin(node))
            elif node.key in values:
                self.define(frame, node.key, values[node.key])
                frame.remaining -= 1
            elif caller and arguments and node.key in arguments:
                argument = arguments[node.key]
                self._await(caller, Pass(argument, frame, node), argument.needs)
            else:
                self._await(frame, node, node.needs)
        if not frame.remaining:
            frame.owner.ended(frame)

    def _pass(self, frame: Frame, item: Pass) -> None:
        value = evaluate(item.argument.function, frame.scope, frame.context)
        assert isinstance(item.child.owner, Subworkflow)
        item.child.owner.inputs[item.argument.name] = value
        assert item.node.input is not None
        if takes_default(item.node.input, value):
            self._await(item.child, item.node, item.node.needs)
        else:
            self.define(item.child, item.node.key, value)
            self.node_done(item.child)

    def _scatter(self, frame: Frame, node: ScatterNode) -> None:
        if self._run_block(frame, node):
            return
        items = evaluate(node.function, frame.scope, frame.context)
        if items:
            Shards(self, frame, node, items).start()
        else:
            self._export(frame, {key: [] for key in node.exports})

    def _branch(self, frame: Frame, node: IfNode) -> None:
        if self._run_block(frame, node):
            return
        clause = _taken(node, frame.scope, frame.context)
        if clause is None or not clause.body.nodes:
            self._export(frame, dict.fromkeys(node.exports))
            return
        inner = Frame(clause.body, Branch(self, frame, node.exports, clause.converted), frame, frame.context)
        self.enter(inner)
        for key in node.exports:
            if key not in clause.body.keys:
                self.define(frame, key, None)

    def _run_block(self, frame: Frame, node: ScatterNode | IfNode) -> bool:
        """Do all of a statement without calls at once, if all that it needs is there."""
        if node.block is None or not all(map(frame.has, node.outer)):
            return False
        self._export(frame, evaluate(node.block, frame.scope, frame.context))
        return True

    def _export(self, frame: Frame, values: Mapping[str, Value]) -> None:
        for key, value in values.items():
            self.define(frame, key, value)
        self.node_done(frame)


class SingleCall:
    """The machine of a task that is run by itself: one call, then the end."""

    def __init__(self, task: TypedTask, inputs: Mapping[str, Value]) -> None:
        self._call = Call(task.name, "", task, dict(inputs))
        self.subworkflows: list[SubworkflowStart | SubworkflowEnd] = []
        self.wanted: dict[str, Any] = {}
        self.stopped = False
        self.complete = False
        self.outputs: dict[str, Value] = {}

    def start(self) -> list[Call]:
        """The call."""
        return [self._call]

    def finished(self, _call_id: str, outputs: Mapping[str, Value]) -> list[Call]:
        """Its outputs are those of the run."""
        self.outputs = dict(outputs)
        self.complete = True
        return []

    def failed(self, _call_id: str) -> list[Call]:
        """Nothing is left to do."""
        return []

    def stop(self) -> None:
        """Nothing is left to start."""
        self.stopped = True


# --- small helpers ---------------------------------------------------------------------------------------


def _taken(node: IfNode, scope: Scope, context: Context) -> ClauseNode | None:
    """The first clause whose condition holds."""
    for clause in node.clauses:
        if clause.function is None or evaluate(clause.function, scope, context):
            return clause
    return None


def _value(node: Evaluation, scope: Scope, context: Context) -> Value:
    if node.function is not None:
        return evaluate(node.function, scope, context)
    if node.input is not None and not node.input.type.optional:
        raise EvaluationError(f"the required input `{node.key}` was not given", help=f"give `{node.key}` a value")
    return None


def _needs_to_begin(node: GraphNode) -> tuple[Need, ...]:
    """What a node waits for; a sub-workflow begins before its arguments, each of which comes when it is ready."""
    if isinstance(node, CallNode) and isinstance(node.callee, TypedWorkflow):
        return node.after
    return node.needs


def takes_default(declared: Input, value: Value) -> bool:
    """Whether None was given to an input that then has its default: `T x = d` does, `T? x = d` keeps None."""
    return value is None and not declared.type.optional and declared.declaration.expression is not None


def by_call(nested: Mapping[str, Value]) -> dict[str, dict[str, Value]]:
    """Values by dotted path, "sub.align.threads", as values by name for each call, "sub.align"."""
    calls: dict[str, dict[str, Value]] = {}
    for path, value in nested.items():
        call, _, name = path.rpartition(".")
        calls.setdefault(call, {})[name] = value
    return calls
