"""What can be known of a run before it begins: its calls, and as much of their inputs as does not wait for a job.

In: a target with its inputs, the `Terms` of the place where it would run, and what is remembered of earlier calls. Out:
`ExpectedCall`s of all that is reached, each after those it needs. Nothing is started and nothing fetched.

Names are evaluated when somebody asks for them (module `unknown`). Calls have the ids, paths and inputs that the
machine would give them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from pysprocket.engine.ahead.expected import ExpectedCall, Frame, Remembered, tell_elements
from pysprocket.engine.ahead.unknown import Doubt, Maker, Reason, Unknown, known
from pysprocket.engine.contexts import TaskContext, WorkflowContext
from pysprocket.engine.downloads import Downloads, FetchNeeded
from pysprocket.engine.files import remove_directory
from pysprocket.engine.machine import Call, by_call, takes_default
from pysprocket.engine.names import random_letters
from pysprocket.engine.paths import PathMap
from pysprocket.engine.preparation import Preparation
from pysprocket.engine.requirements import Terms
from pysprocket.errors import EvaluationError, OutputDirectoryError
from pysprocket.plan.graph import (
    CallNode,
    ClauseNode,
    Evaluation,
    GraphNode,
    IfNode,
    ScatterNode,
    plan_workflow,
)
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.order import in_order
from pysprocket.plan.targets import Target
from pysprocket.source.uris import is_remote
from pysprocket.types.typed import TypedTask, TypedWorkflow
from pysprocket.values.compile import Function, evaluate
from pysprocket.values.model import Value


class Foresight:
    """The calls of a run that has not begun.

    Args:
        target: the task or workflow.
        inputs: its inputs.
        terms: of the place where it would run.
        guest_root: of that place.
        scratch: a directory for files that expressions write; made when it is first needed.
        remembered: gives the outputs of calls that need not run.
        thorough: evaluate everything that can be, and walk through each item of a scatter; otherwise one item whose
            value is not known stands for all, and only what somebody asks for is evaluated.

    Attributes:
        errors: expressions that fail, each once; with the doubt whether they are reached.
    """

    def __init__(
        self,
        target: Target,
        inputs: BoundInputs,
        terms: Terms,
        guest_root: str | None,
        scratch: Path,
        remembered: Remembered | None = None,
        *,
        thorough: bool = True,
    ) -> None:
        self._target = target
        if inputs.staged:
            from pysprocket.engine.staging import shown  # noqa: PLC0415 - hardly ever

            inputs = shown(inputs, scratch / "staged")
        self._inputs = inputs
        self._nested = by_call(inputs.nested)
        self._terms = terms
        self._guest_root = guest_root
        self._scratch = scratch
        self._remembered = remembered
        self._thorough = thorough
        self._downloads = _Absent(None, scratch)
        self._told: set[EvaluationError] = set()
        self.errors: list[tuple[EvaluationError, Doubt | None]] = []

    def calls(self) -> Iterator[ExpectedCall]:
        """Every call of a task that is reached, or may be; what fails is in `errors` then."""
        if isinstance(self._target, TypedTask):
            call = Call(self._target.name, "", self._target, self._inputs.values)
            sources = {name: partial(_same, value) for name, value in self._inputs.values.items()}
            yield ExpectedCall(call, self._preparation(call), sources)
            return
        frame = self._frame(self._target, None, "")
        self._enter_workflow(frame, self._target, self._inputs.values, {})
        yield from self._walk(frame)

    # --- names -------------------------------------------------------------------------------------------

    def _enter(self, frame: Frame) -> None:
        """Give each name of a graph its source."""
        for node in frame.graph.nodes:
            self._sources_of(frame, node)

    def _sources_of(self, frame: Frame, node: GraphNode) -> None:
        sources = frame.view.sources
        match node:
            case Evaluation():
                sources[node.key] = partial(self._evaluation, frame, node)
            case CallNode():
                sources[node.name] = partial(self._end, frame, node)
                for name in node.callee.outputs:
                    sources[f"{node.name}.{name}"] = partial(self._output, frame, node, name)
            case ScatterNode():
                sources.update((key, partial(self._gathered, frame, node, key)) for key in node.exports)
            case IfNode():
                sources.update((key, partial(self._exported, frame, node, key)) for key in node.exports)

    def _enter_workflow(
        self, frame: Frame, workflow: TypedWorkflow, given: Mapping[str, Value], arguments: Mapping[str, Maker]
    ) -> None:
        self._enter(frame)
        values = {name: value for name, value in given.items() if not takes_default(workflow.inputs[name], value)}
        for node in frame.graph.nodes:
            if isinstance(node, Evaluation) and node.input is not None:
                if node.key in values:
                    frame.view[node.key] = values[node.key]
                elif node.key in arguments:
                    frame.view.sources[node.key] = partial(self._argument, frame, node, arguments[node.key])

    def _argument(self, frame: Frame, node: Evaluation, source: Maker) -> Value:
        value = source()
        assert node.input is not None
        return self._evaluation(frame, node) if takes_default(node.input, value) else value

    def _evaluation(self, frame: Frame, node: Evaluation) -> Value:
        if node.function is not None:
            return self._value(frame, node.function)
        if node.input is not None and not node.input.type.optional:
            raise EvaluationError(f"the required input `{node.key}` was not given", help=f"give `{node.key}` a value")
        return None

    def _end(self, frame: Frame, node: CallNode) -> Value:
        """The signal that a call has ended: there is one when nothing of it has to run."""
        calls = (
            self._walk(self._subworkflow(frame, node))
            if isinstance(node.callee, TypedWorkflow)
            else iter([self._task_call(frame, node)])
        )
        for call in calls:
            if call.outcome(self._remembered) is None:
                raise Unknown(Reason("call", call.call.id, call.call.path))
        return None

    def _output(self, frame: Frame, node: CallNode, name: str) -> Value:
        if isinstance(node.callee, TypedWorkflow):
            return self._subworkflow(frame, node).view[name]
        call = self._task_call(frame, node)
        outputs = call.outcome(self._remembered)
        if outputs is None:
            raise Unknown(Reason("call", call.call.id, call.call.path))
        return outputs[name]

    def _gathered(self, frame: Frame, node: ScatterNode, key: str) -> Value:
        if node.block is not None:
            return self._block(frame, node)[key]
        try:
            return [shard.view[key] for shard in self._shards(frame, node)]
        except Unknown as unknown:  # the others are waited for too
            raise Unknown(unknown.reason.folded()) from None

    def _exported(self, frame: Frame, node: IfNode, key: str) -> Value:
        if node.block is not None:
            return self._block(frame, node)[key]
        for clause in node.clauses:
            if self._holds(frame, clause):
                if key not in clause.body.keys:
                    return None
                branch = self._branch(frame, clause)
                value = branch.view[key]
                return self._value(branch, clause.converted[key]) if key in clause.converted else value
        return None

    def _block(self, frame: Frame, node: ScatterNode | IfNode) -> Mapping[str, Value]:
        assert node.block is not None
        function = node.block
        values: Mapping[str, Value] = frame.kept(node, lambda: self._value(frame, function))
        return values

    def _holds(self, frame: Frame, clause: ClauseNode) -> bool:
        function = clause.function
        return function is None or frame.kept((clause, "holds"), lambda: bool(self._value(frame, function)))

    def _value(self, frame: Frame, function: Function) -> Value:
        """The value of an expression of a frame; what fails says in which elements of scatters."""
        try:
            return known(lambda: evaluate(function, frame.view, frame.context))
        except EvaluationError as error:
            if error not in self._told:
                self._told.add(error)
                tell_elements(error, frame)
            raise

    # --- frames and calls --------------------------------------------------------------------------------

    def _subworkflow(self, frame: Frame, node: CallNode) -> Frame:
        return frame.kept(node, lambda: self._new_subworkflow(frame, node))

    def _new_subworkflow(self, frame: Frame, node: CallNode) -> Frame:
        workflow = node.callee
        assert isinstance(workflow, TypedWorkflow)
        call_id = f"{frame.prefix}{node.name}{frame.suffix}"
        child = self._frame(workflow, frame, call_id)
        child.prefix, child.path = f"{call_id}/", f"{frame.path}{node.name}."
        given = self._nested.get(frame.path + node.name, {})
        self._enter_workflow(child, workflow, given, self._arguments(frame, node))
        return child

    def _arguments(self, frame: Frame, node: CallNode) -> dict[str, Maker]:
        return {each.name: partial(self._value, frame, each.function) for each in node.arguments}

    def _task_call(self, frame: Frame, node: CallNode) -> ExpectedCall:
        return frame.kept(node, lambda: self._new_task_call(frame, node))

    def _new_task_call(self, frame: Frame, node: CallNode) -> ExpectedCall:
        assert isinstance(node.callee, TypedTask)
        path = frame.path + node.name
        given = {name: partial(_same, value) for name, value in self._nested.get(path, {}).items()}
        call = Call(f"{frame.prefix}{node.name}{frame.suffix}", path, node.callee, {})
        return ExpectedCall(call, self._preparation(call), self._arguments(frame, node) | given, frame, node)

    def _shards(self, frame: Frame, node: ScatterNode) -> list[Frame]:
        def make() -> list[Frame]:
            items = self._value(frame, node.function)
            return [self._shard(frame, node, index, item) for index, item in enumerate(items)]

        return frame.kept(node, make)

    def _shard(self, frame: Frame, node: ScatterNode, index: int, item: Value) -> Frame:
        shard = Frame(node.body, frame.source, frame, frame.context, frame)
        shard.suffix = f"-{index}{frame.suffix}"
        shard.element = node.variable, index, item
        shard.view[node.variable] = item
        self._enter(shard)
        return shard

    def _some_shard(self, frame: Frame, node: ScatterNode, reason: Reason, doubt: Doubt | None) -> Frame:
        """What stands for all items of a scatter."""
        shard = Frame(node.body, frame.source, frame, frame.context, frame)
        shard.suffix = f"-*{frame.suffix}"
        shard.doubt = frame.doubt or doubt
        shard.view.failed[node.variable] = Unknown(reason)
        self._enter(shard)
        return shard

    def _branch(self, frame: Frame, clause: ClauseNode, doubt: Doubt | None = None) -> Frame:
        def make() -> Frame:
            branch = Frame(clause.body, frame.source, frame, frame.context, frame)
            branch.doubt = doubt or frame.doubt
            self._enter(branch)
            return branch

        return frame.kept(clause, make)

    def _frame(self, workflow: TypedWorkflow, around: Frame | None, call_id: str) -> Frame:
        """The frame of a workflow; `around` is that of its call."""
        context = WorkflowContext(workflow.document, self._scratch / call_id / "tmp", self._downloads)
        return Frame(plan_workflow(workflow).graph, workflow.document.source, around, context, None)

    def _preparation(self, call: Call) -> Preparation:
        paths = PathMap(self._guest_root, self._downloads)
        context = TaskContext(call.task.document, self._scratch / call.id / "tmp", paths)
        return Preparation(call, context, self._inputs.overrides.get(call.path, {}), self._terms)

    # --- walking -----------------------------------------------------------------------------------------

    def _walk(self, frame: Frame) -> Iterator[ExpectedCall]:
        for node in in_order(frame.graph):
            match node:
                case Evaluation():
                    self._attempt(frame, partial(frame.view.__getitem__, node.key))
                case CallNode(callee=TypedTask()):
                    call = self._task_call(frame, node)
                    self._attempt(frame, call.inputs)
                    yield call
                case CallNode():
                    yield from self._walk(self._subworkflow(frame, node))
                case ScatterNode() | IfNode() if node.block is not None:
                    self._attempt(frame, partial(self._block, frame, node))
                case ScatterNode():
                    for shard in self._shards_to_walk(frame, node):
                        yield from self._walk(shard)
                case IfNode():
                    yield from self._walk_if(frame, node)

    def _shards_to_walk(self, frame: Frame, node: ScatterNode) -> list[Frame]:
        try:
            if self._thorough:
                return self._shards(frame, node)
            reason = Reason("item", node.variable)
            items = self._value(frame, node.function)
            return [self._some_shard(frame, node, reason, None)] if items else []
        except Unknown as unknown:
            doubt = Doubt("items", unknown.reason)
            return [self._some_shard(frame, node, unknown.reason, doubt)]
        except EvaluationError as error:
            self._note(error, frame.doubt)
            return []

    def _walk_if(self, frame: Frame, node: IfNode) -> Iterator[ExpectedCall]:
        doubt = frame.doubt
        for clause in node.clauses:
            holds = True
            try:
                if not self._holds(frame, clause):
                    continue
            except Unknown as unknown:
                doubt, holds = doubt or Doubt("condition", unknown.reason), False
            except EvaluationError as error:
                self._note(error, doubt)
                return
            yield from self._walk(self._branch(frame, clause, doubt))
            if holds:
                return

    def _attempt(self, frame: Frame, evaluation: Callable[[], object]) -> None:
        """Evaluate something for the errors it may have; what is not known shows where it is needed."""
        if not self._thorough:
            return
        with suppress(Unknown):
            try:
                evaluation()
            except EvaluationError as error:
                self._note(error, frame.doubt)

    def _note(self, error: EvaluationError, doubt: Doubt | None) -> None:
        if all(error is not known for known, _ in self.errors):
            self.errors.append((error, doubt))


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for what expressions write; it is gone at the end of the block.

    Raises:
        OutputDirectoryError: none can be made.
    """
    directory = _temporary_directory()
    try:
        yield directory
    finally:
        try:
            directory.rmdir()
        except OSError:  # something was written
            remove_directory(directory)


def _temporary_directory() -> Path:
    """What `tempfile.mkdtemp` does, which takes longer to import than most looks ahead."""
    named = (os.environ.get(variable) for variable in ("TMPDIR", "TEMP", "TMP"))
    for place in filter(None, (*named, "/tmp", "/var/tmp", ".")):  # noqa: S108 - the name is not known before
        directory = Path(place).absolute() / f"sprocket-{random_letters(12)}"
        with suppress(OSError):
            directory.mkdir(mode=0o700)
            return directory
    raise OutputDirectoryError(
        "no temporary directory can be made", help="set TMPDIR to a directory that can be written"
    )


class _Absent(Downloads):
    """No file is fetched."""

    def path(self, url: str) -> Path:
        if is_remote(url):
            raise FetchNeeded(url)
        return super().path(url)


def _same(value: Value) -> Value:
    return value
