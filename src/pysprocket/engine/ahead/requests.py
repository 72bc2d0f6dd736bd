"""What calls would ask for above the limits of a place, as far as that can be known before a run.

In: a target with its inputs, the `Terms` of the place. Out: `Request`s: the calls that ask for too much, and where the
document says so. Scatters are looked at item by item only where a number depends on the item.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from pysprocket.engine.ahead.expected import ExpectedCall
from pysprocket.engine.ahead.foresight import Foresight, scratch
from pysprocket.engine.ahead.unknown import Unknown
from pysprocket.engine.preparation import Overrides, requirement_labels
from pysprocket.engine.requirements import Excess, Terms, denial, excesses, is_denied, lowering, read_requirements
from pysprocket.errors import EvaluationError
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.targets import Target
from pysprocket.source.diagnostic import Label
from pysprocket.types.typed import TypedTask

_KEYS = ("cpu", "memory")
_FEW = 4


class Request(msgspec.Struct, eq=False):
    """The calls of a task that ask for too much; `certain` when they are sure to run.

    Attributes:
        denied: whether they fail then, instead of getting what there is.
        excess: the largest.
        places: where it is asked for, and where the task is called; only the latter when it was given from outside.
        calls: their ids, that with the largest excess first.
    """

    task: TypedTask
    excess: Excess
    places: tuple[Label, ...]
    certain: bool
    denied: bool
    calls: list[str]

    @property
    def about(self) -> tuple[TypedTask, str]:
        """The task, and what it asks too much of."""
        return self.task, self.excess.key

    def error(self) -> EvaluationError:
        """That it is denied."""
        error = denial([self.excess])
        return EvaluationError(f"{self._subject()} cannot run: {error}", help=error.help, labels=self.places)

    def warning(self) -> str:
        """What happens if it runs."""
        text = lowering(self.excess)
        if self.denied:
            asked, maximum = self.excess.asked, self.excess.maximum
            text = f"may run and then fail: it requires at least {asked}, but the backend has a maximum of {maximum}"
        return f"{self._subject()} {text}{self._where()}"

    def _subject(self) -> str:
        if self.calls == [self.task.name]:
            return f"task `{self.task.name}`"
        names = ", ".join(f"`{call}`" for call in self.calls[:_FEW])
        more = f" and {len(self.calls) - _FEW} more" if len(self.calls) > _FEW else ""
        return f"task `{self.task.name}` (call{'s' * (len(self.calls) > 1)} {names}{more})"

    def _where(self) -> str:
        if not self.places:
            return ""
        place = self.places[0]
        line, column = place.source.position(place.start)
        return f" ({place.source.name}:{line}:{column})"


def excessive_requests(target: Target, inputs: BoundInputs, terms: Terms, guest_root: str | None) -> list[Request]:
    """All requests above the limits that can be known; scatters item by item only where a number depends on it."""
    with scratch() as directory:
        quick = _Survey(inputs, terms)
        quick.look(Foresight(target, inputs, terms, guest_root, directory / "quick", thorough=False))
        if not quick.depends_on_items:
            return quick.found()
        survey = _Survey(inputs, terms)
        survey.look(Foresight(target, inputs, terms, guest_root, directory / "thorough"))
        return survey.found()


class _Survey:
    """Looks at what calls ask for; what fails when it is evaluated, or is not known yet, is left to the run."""

    def __init__(self, inputs: BoundInputs, terms: Terms) -> None:
        self._inputs = inputs
        self._terms = terms
        self._requests: dict[object, Request] = {}
        self.depends_on_items = False

    def found(self) -> list[Request]:
        """The requests; calls that ask for the same in the same place are one."""
        found: dict[object, Request] = {}
        for request in self._requests.values():
            place = request.places[0] if request.places else None
            about = (request.task, request.excess, request.certain, place and (place.source, place.start))
            first = found.setdefault(about, request)
            if first is not request:
                first.calls += request.calls
                first.places += request.places[1:]
        return list(found.values())

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
        about = (call.call.path, excess.key, doubt is None)
        request = self._requests.get(about)
        if request is not None and request.excess.amount >= excess.amount:
            request.calls.append(call.call.id)
            return
        places = _places(call, excess, self._inputs.overrides.get(call.call.path, {}))
        calls = [call.call.id, *(request.calls if request is not None else ())]
        denied = is_denied(excess, self._terms.behavior)
        self._requests[about] = Request(task, excess, places, doubt is None, denied, calls)


def _places(call: ExpectedCall, excess: Excess, overrides: Overrides) -> tuple[Label, ...]:
    """Where the document asks for it, unless it was given from outside, and where the task is called."""
    task = call.call.task
    called = () if call.place is None else (call.place,)
    if labels := requirement_labels(task, [excess.key], overrides):
        return msgspec.structs.replace(labels[0], text=f"{excess.asked} asked for here"), *called
    if any(excess.key in section for section in overrides.values()):
        return called
    name = task.node.name
    return Label(task.document.source, name.start, name.end, f"gets {excess.asked}, for it does not say"), *called
