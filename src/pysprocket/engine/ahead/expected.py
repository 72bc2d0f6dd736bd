"""Frames and calls of a run that has not begun.

In: graphs and tasks, and sources of their names. Out: `Frame`, one life of a graph, and `ExpectedCall`, a call of a
task that is reached, with as much of its inputs as is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias, TypeVar

from pysprocket.engine.ahead.unknown import Doubt, Maker, Reason, Unknown, View, known
from pysprocket.engine.downloads import remote_paths
from pysprocket.engine.machine import Call, takes_default
from pysprocket.engine.preparation import Preparation
from pysprocket.errors import EvaluationError
from pysprocket.plan.graph import CallNode, Graph, Need
from pysprocket.source.diagnostic import Label
from pysprocket.source.text import Source
from pysprocket.source.uris import redacted
from pysprocket.values.compile import Function, Step, evaluate, tell_element
from pysprocket.values.context import Context
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import Value

T = TypeVar("T")


class Frame:
    """One life of a graph that has not begun; ids are made as in `frames.Frame`.

    Attributes:
        parent: the frame whose names are seen from here.
        around: the frame that this one is part of; for a sub-workflow that of its call.
        element: the variable, index and item of a scatter that this frame is.
        doubt: why it is not sure that there will be such a frame.
        source: the text of the document.
        inner: what was made of its nodes.
    """

    __slots__ = (
        "around",
        "context",
        "doubt",
        "element",
        "graph",
        "inner",
        "parent",
        "path",
        "prefix",
        "source",
        "suffix",
        "view",
    )

    def __init__(
        self, graph: Graph, source: Source, around: Frame | None, context: Context, parent: Frame | None
    ) -> None:
        self.graph = graph
        self.source = source
        self.parent = parent
        self.around = around
        self.context = context
        self.view: View = View(parent.view if parent else None)
        self.prefix: str = parent.prefix if parent else ""
        self.path: str = parent.path if parent else ""
        self.suffix: str = parent.suffix if parent else ""
        self.doubt: Doubt | None = around.doubt if around else None
        self.element: tuple[str, int, Value] | None = None
        self.inner: dict[object, object] = {}

    def kept(self, key: object, make: Callable[[], T]) -> T:
        """What was made for `key` before, or now; what failed fails again."""
        if key not in self.inner:
            try:
                self.inner[key] = make()
            except (Unknown, EvaluationError) as failure:
                self.inner[key] = failure
        made = self.inner[key]
        if isinstance(made, (Unknown, EvaluationError)):
            raise made.with_traceback(None)
        return made  # type: ignore[return-value] # what `make` for this key gave

    def value(self, need: Need) -> Value:
        """The value of a name that is needed here."""
        depth, key = need
        frame = self
        for _ in range(depth):
            assert frame.parent is not None
            frame = frame.parent
        return frame.view[key]


class ExpectedCall:
    """A call of a task that is reached.

    Attributes:
        call: its id, path and task; `inputs` gives its inputs.
        preparation: what its expressions are asked with.
        view: its declarations and `task`, as the job would see them.
        doubt: why it is not sure that it runs.
    """

    __slots__ = ("_frame", "_given", "_node", "_outcome", "call", "doubt", "preparation", "view")

    def __init__(
        self,
        call: Call,
        preparation: Preparation,
        sources: Mapping[str, Maker],
        frame: Frame | None = None,
        node: CallNode | None = None,
    ) -> None:
        self.call = call
        self.preparation = preparation
        self.doubt = frame.doubt if frame else None
        self._frame = frame
        self._node = node
        self._given = View()
        self._given.sources.update(sources)
        self._outcome: list[Mapping[str, Value] | None] = []
        self.view = View()
        for step in preparation.program.declarations:
            self.view.sources[step.name] = partial(self._declared, step)
        self.view["task"] = TaskVariable.before(call.task, call.id, 0, None)

    @property
    def place(self) -> Label | None:
        """Where it is called, None for the target itself."""
        if self._frame is None or self._node is None:
            return None
        name = self._node.node.name
        return Label(self._frame.source, name.start, name.end, "called here")

    def inputs(self) -> dict[str, Value]:
        """The inputs that it is given.

        Raises:
            Unknown: one is not known.
            EvaluationError: one failed.
        """
        given = {name: self._given[name] for name in self._given.sources}
        return {name: value for name, value in given.items() if not takes_default(self.call.task.inputs[name], value)}

    def bind(self) -> View:
        """The view, with the values of all declarations; raises as `inputs` does."""
        for step in self.preparation.program.declarations:
            _ = self.view[step.name]
        return self.view

    def value(self, function: Function) -> Value:
        """The value of an expression of the task; raises as `inputs` does."""
        return known(lambda: evaluate(function, self.view, self.preparation.context))

    def waits(self) -> tuple[Reason, ...]:
        """What has to happen before it starts, as far as that is known."""
        reasons = [] if self._frame is None or self._node is None else list(_waits(self._frame, self._node))
        for name in self._given.sources:
            try:
                reasons += [Reason("file", redacted(url)) for url in remote_paths([self._given[name]])]
            except Unknown as unknown:
                reasons.append(unknown.reason)
            except EvaluationError:  # told where it is called
                continue
        return tuple(dict.fromkeys(reasons))

    def outcome(self, remembered: Remembered | None) -> Mapping[str, Value] | None:
        """The outputs that are remembered of such a call; None when it has to run, for all that is known."""
        if not self._outcome:
            self._outcome.append(remembered(self) if remembered is not None else None)
        return self._outcome[0]

    def _declared(self, step: Step) -> Value:
        if step.is_input and step.name in self._given.sources:
            value = self._given[step.name]
            if not takes_default(self.call.task.inputs[step.name], value):
                return known(lambda: self.preparation.guest(step.name, value))
        return known(lambda: self.preparation.own(step, self.view))


Remembered: TypeAlias = Callable[[ExpectedCall], "Mapping[str, Value] | None"]
"""Gives the outputs that a call would take from the call cache, or None when it would run."""


def _waits(frame: Frame, node: CallNode) -> Iterator[Reason]:
    for need in node.needs:
        try:
            frame.value(need)
        except Unknown as unknown:
            yield unknown.reason
        except EvaluationError:  # told where the name is defined
            continue


def tell_elements(error: EvaluationError, frame: Frame) -> None:
    """Say in the message of `error` in which elements of scatters `frame` is."""
    around: Frame | None = frame
    while around is not None:
        if around.element is not None:
            tell_element(error, *around.element)
        around = around.around
