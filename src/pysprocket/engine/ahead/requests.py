"""What calls would ask for that a place does not grant, as far as that can be known before a run.

In: a target with its inputs, the `Terms` of the place. Out: `Request`s: the calls that ask for too much, or for
container images that the place does not run, and where the document says so. Scatters are looked at item by item only
where what is asked for depends on the item.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from pysprocket.engine.ahead.expected import ExpectedCall
from pysprocket.engine.ahead.foresight import Foresight, scratch
from pysprocket.engine.ahead.unknown import Unknown
from pysprocket.engine.images import RefusedImages, container_of, refused
from pysprocket.engine.preparation import Overrides, requirement_labels
from pysprocket.engine.requirements import (
    Excess,
    Requirements,
    Terms,
    denial,
    excesses,
    is_denied,
    lowering,
    read_requirements,
)
from pysprocket.errors import EvaluationError
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.targets import Target
from pysprocket.source.diagnostic import Label
from pysprocket.types.attributes import ALIASES
from pysprocket.types.typed import TypedTask
from pysprocket.values.model import Value

_FEW = 4


class Request(msgspec.Struct, eq=False):
    """The calls of a task that ask for what they do not get; `certain` when they are sure to run.

    Attributes:
        what: of too much, the largest; or images that are not run.
        denied: whether they fail then, instead of getting what there is.
        places: where it is asked for, and where the task is called; only the latter when it was given from outside.
        calls: their ids, that with the largest excess first.
    """

    task: TypedTask
    what: Excess | RefusedImages
    places: tuple[Label, ...]
    certain: bool
    denied: bool
    calls: list[str]

    @property
    def about(self) -> tuple[TypedTask, str]:
        """The task, and the requirement."""
        return self.task, self.what.key

    def error(self) -> EvaluationError:
        """That it is denied."""
        error = self._denial()
        return EvaluationError(f"{self._subject()} cannot run: {error}", help=error.help, labels=self.places)

    def warning(self) -> str:
        """What happens if it runs."""
        if isinstance(self.what, Excess) and not self.denied:
            text = lowering(self.what)
        else:
            text = f"may run and then fail: {self._denial()}"
        return f"{self._subject()} {text}{self._where()}"

    def _denial(self) -> EvaluationError:
        return denial([self.what]) if isinstance(self.what, Excess) else self.what.error()

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


def surveyed(
    target: Target, inputs: BoundInputs, terms: Terms, keys: frozenset[str], guest_root: str | None
) -> list[Request]:
    """All requests that are not granted, of the requirements `keys`, as far as they can be known.

    Scatters are walked through item by item only where it depends on these.
    """
    with scratch() as directory:
        quick = _Survey(target, inputs, terms, keys)
        quick.look(Foresight(target, inputs, terms, guest_root, directory / "quick", thorough=False))
        if not quick.depends_on_items:
            return quick.found()
        survey = _Survey(target, inputs, terms, keys)
        survey.look(Foresight(target, inputs, terms, guest_root, directory / "thorough"))
        return survey.found()


class _Survey:
    """Looks at what calls ask for; what fails when it is evaluated, or is not known yet, is left to the run."""

    def __init__(self, target: Target, inputs: BoundInputs, terms: Terms, keys: frozenset[str]) -> None:
        self._target = target
        self._keys = sorted(keys)
        self._inputs = inputs
        self._terms = terms
        self._requests: dict[object, Request] = {}
        self.depends_on_items = False

    def found(self) -> list[Request]:
        """The requests; calls that ask for the same in the same place are one."""
        found: dict[object, Request] = {}
        for request in self._requests.values():
            place = request.places[0] if request.places else None
            about = (request.task, request.what, request.certain, place and (place.source, place.start))
            first = found.setdefault(about, request)
            if first is not request:
                first.calls += request.calls
                first.places += request.places[1:]
        return list(found.values())

    def look(self, foresight: Foresight) -> None:
        for call in foresight.calls():
            for key in self._keys:
                with suppress(EvaluationError):
                    self._look_at(call, key)

    def _look_at(self, call: ExpectedCall, key: str) -> None:
        functions = call.preparation.requirements().items()
        try:
            values = {name: call.value(function) for name, function in functions if ALIASES.get(name, name) == key}
        except Unknown as unknown:
            self.depends_on_items |= unknown.reason.kind == "item"
            return
        for what in self._not_granted(call, key, values):
            self._add(call, what)

    def _not_granted(self, call: ExpectedCall, key: str, values: dict[str, Value]) -> Iterator[Excess | RefusedImages]:
        requirements = read_requirements(values, {}, self._terms.defaults)
        if key != "container":
            found = excesses(requirements.resources, self._terms.limits)
            yield from (excess for excess in found if excess.key == key)
        elif (refusal := self._refused(call, requirements, values)) is not None:
            yield refusal

    def _refused(
        self, call: ExpectedCall, requirements: Requirements, values: dict[str, Value]
    ) -> RefusedImages | None:
        path = call.call.path
        prefix = f"{self._target.name}.{path}." if path else f"{self._target.name}."
        support, overrides = self._terms.containers, self._overrides(call)
        return refused(requirements.images, support, container_of(values), overrides, prefix)

    def _overrides(self, call: ExpectedCall) -> Overrides:
        return self._inputs.overrides.get(call.call.path, {})

    def _add(self, call: ExpectedCall, what: Excess | RefusedImages) -> None:
        task, doubt = call.call.task, call.doubt
        self.depends_on_items |= doubt is not None and doubt.reason.kind == "item"
        about = (call.call.path, what.key if isinstance(what, Excess) else what, doubt is None)
        request = self._requests.get(about)
        if request is not None and _is_covered(what, request.what):
            request.calls.append(call.call.id)
            return
        places = _places(call, what, self._overrides(call))
        calls = [call.call.id, *(request.calls if request is not None else ())]
        denied = isinstance(what, RefusedImages) or is_denied(what, self._terms.behavior)
        self._requests[about] = Request(task, what, places, doubt is None, denied, calls)


def _is_covered(what: Excess | RefusedImages, told: Excess | RefusedImages) -> bool:
    """Whether who is told of the one knows of the other."""
    return not isinstance(what, Excess) or not isinstance(told, Excess) or told.amount >= what.amount


def _places(call: ExpectedCall, what: Excess | RefusedImages, overrides: Overrides) -> tuple[Label, ...]:
    """Where the document asks for it, unless it was given from outside, and where the task is called."""
    task = call.call.task
    called = () if call.place is None else (call.place,)
    if labels := requirement_labels(task, [what.key], overrides):
        return msgspec.structs.replace(labels[0], text=f"{what.asked} asked for here"), *called
    if any(ALIASES.get(key, key) == what.key for section in overrides.values() for key in section):
        return called
    name = task.node.name
    return Label(task.document.source, name.start, name.end, f"gets {what.asked}, for it does not say"), *called
