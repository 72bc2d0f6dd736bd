"""What calls would ask for above the limits of a place, as far as that can be known before a run.

In: a target with its inputs, the `Terms` of the place. Out: `Request`s: the calls that ask for too much, and where the
document says so. Scatters are looked at item by item only where a number depends on the item.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from pysprocket.engine.foresight import ExpectedCall, Foresight, Unknown, scratch
from pysprocket.engine.preparation import Overrides, requirement_labels
from pysprocket.engine.requirements import Excess, Terms, denial, excesses, read_requirements
from pysprocket.errors import EvaluationError
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.targets import Target
from pysprocket.source.diagnostic import Label
from pysprocket.types.typed import TypedTask

_KEYS = ("cpu", "memory")
_FEW = 4


class Request(msgspec.Struct, eq=False):
    """The calls of a task that ask for one and the same amount; `certain` when they are sure to run."""

    task: TypedTask
    excess: Excess
    place: Label | None
    certain: bool
    calls: list[str]

    def error(self) -> EvaluationError:
        """That it is denied."""
        error = denial([self.excess], [] if self.place is None else [self.place])
        message = f"{self._subject()} cannot run: {error}"
        return EvaluationError(message, help=error.help, labels=error.labels)

    def warning(self, *, denied: bool) -> str:
        """What happens if it runs."""
        asked, maximum = self.excess.asked, self.excess.maximum
        text = f"asks for {asked} and gets {maximum}, all that the backend has"
        if denied:
            text = f"may run and then fail: it requires at least {asked}, but the backend has a maximum of {maximum}"
        return f"{self._subject()} {text}{self._where()}"

    def _subject(self) -> str:
        names = [f"`{call}`" for call in self.calls[:_FEW] if call != self.task.name]
        more = len(self.calls) - len(names)
        if not names:
            return f"task `{self.task.name}`"
        listed = ", ".join(names) + (f" and {more} more" if more else "")
        return f"task `{self.task.name}` (call{'s' * (len(self.calls) > 1)} {listed})"

    def _where(self) -> str:
        if self.place is None:
            return ""
        line, column = self.place.source.position(self.place.start)
        return f" ({self.place.source.name}:{line}:{column})"


def excessive_requests(target: Target, inputs: BoundInputs, terms: Terms, guest_root: str | None) -> list[Request]:
    """All requests above the limits that can be known; scatters item by item only where a number depends on it."""
    with scratch() as directory:
        quick = _Survey(inputs, terms)
        quick.look(Foresight(target, inputs, terms, guest_root, directory, thorough=False))
        if not quick.depends_on_items:
            return quick.found
        survey = _Survey(inputs, terms)
        survey.look(Foresight(target, inputs, terms, guest_root, directory))
        return survey.found


class _Survey:
    """Looks at what calls ask for; what fails when it is evaluated, or is not known yet, is left to the run."""

    def __init__(self, inputs: BoundInputs, terms: Terms) -> None:
        self._inputs = inputs
        self._terms = terms
        self._requests: dict[object, Request] = {}
        self.depends_on_items = False

    @property
    def found(self) -> list[Request]:
        return list(self._requests.values())

    def look(self, foresight: Foresight) -> None:
        for call in foresight.calls():
            for key in _KEYS:
                with suppress(EvaluationError):
                    self._look_at(call, key)

    def _look_at(self, call: ExpectedCall, key: str) -> None:
        function = call.preparation.requirements().get(key)
        try:
            values = {} if function is None else {key: call.value(function)}
        except Unknown as unknown:
            self.depends_on_items |= unknown.reason.kind == "item"
            return
        resources = read_requirements(values, {}, self._terms.defaults).resources
        for excess in excesses(resources, self._terms.limits):
            if excess.key == key:
                self._add(call, excess)

    def _add(self, call: ExpectedCall, excess: Excess) -> None:
        task, doubt = call.call.task, call.doubt
        self.depends_on_items |= doubt is not None and doubt.reason.kind == "item"
        place = _place(task, excess, self._inputs.overrides.get(call.call.path, {}))
        about = (task, excess, place is None, doubt is None)
        request = self._requests.setdefault(about, Request(task, excess, place, doubt is None, []))
        request.calls.append(call.call.id)


def _place(task: TypedTask, excess: Excess, overrides: Overrides) -> Label | None:
    """Where the document asks for it; None when it was given from outside."""
    asked = f"{excess.asked} asked for here"
    if labels := requirement_labels(task, [excess.key], overrides):
        return msgspec.structs.replace(labels[0], text=asked)
    if any(excess.key in section for section in overrides.values()):
        return None
    name = task.node.name
    return Label(task.document.source, name.start, name.end, f"{excess.asked} where a task says nothing")
