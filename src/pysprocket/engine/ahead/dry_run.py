"""What a run would do: for each call whether it would run, what it would get, and what it waits for.

In: a target with its inputs, the `Terms` of a backend, and what a call cache remembers. Out: `DryRun`. Nothing is
started, nothing is fetched, and what expressions write is removed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from pysprocket.backends.job import Resources
from pysprocket.engine.ahead.expected import ExpectedCall
from pysprocket.engine.ahead.foresight import Foresight, scratch
from pysprocket.engine.ahead.limits import check_limits
from pysprocket.engine.ahead.unknown import Doubt, Reason, Unknown
from pysprocket.engine.requirements import Requirements, Terms, lowered, read_requirements
from pysprocket.errors import EvaluationError, RunFailed
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.targets import Target
from pysprocket.types.attributes import ALIASES
from pysprocket.values.compile import Function
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import Value


class Origin(msgspec.Struct, frozen=True):
    """The call, and the name of its run, whose outputs are used again."""

    run: str
    call: str


class Kept(msgspec.Struct, frozen=True):
    """What a call cache says of a call.

    Attributes:
        outputs: of an earlier call that can be used again; None when there is none.
        origin: whose outputs they are.
        remark: why there are none.
        certain: whether there surely are none; not where the cache could not be asked.
    """

    outputs: Mapping[str, Value] | None = None
    origin: Origin | None = None
    remark: str = ""
    certain: bool = True


class PlannedCall(msgspec.Struct, frozen=True, eq=False):
    """A call as far as it is known.

    Attributes:
        id: of the call; `*` stands for items of a scatter that are not known.
        path: the same for all items of a scatter.
        task: its name.
        status: it will run, its result is in the call cache, or that is not known.
        doubt: why it is not known whether it is reached.
        after: what it waits for.
        remark: why its result is not in the call cache, or may be.
        origin: whose result is in the call cache.
        images: container candidates that the place runs, best first; empty without containers.
        asked: the resources that it asks for.
        resources: what it gets.
        unknown: requirements that are known only when it runs; they have their defaults above.
    """

    id: str
    path: str
    task: str
    status: Literal["run", "cached", "unknown"]
    doubt: Doubt | None
    after: tuple[Reason, ...]
    remark: str
    origin: Origin | None
    images: tuple[str, ...]
    asked: Resources
    resources: Resources
    unknown: frozenset[str]

    @property
    def lowered(self) -> tuple[str, ...]:
        """The resources of which it gets less than it asks for."""
        return tuple(key for key in ("cpu", "memory") if getattr(self.asked, key) != getattr(self.resources, key))


class DryRun(msgspec.Struct, frozen=True, eq=False):
    """All calls, in an order in which they could run, and what the user should know."""

    calls: tuple[PlannedCall, ...]
    warnings: tuple[str, ...]


def look_ahead(
    target: Target,
    inputs: BoundInputs,
    terms: Terms,
    guest_root: str | None,
    recall: Callable[[ExpectedCall, Requirements], Kept] | None = None,
) -> DryRun:
    """What a run would do.

    Args:
        target: the task or workflow.
        inputs: its inputs.
        terms: of the place where it would run.
        guest_root: of that place.
        recall: asks the call cache for a call whose inputs are known; None where there is no cache.

    Raises:
        RunFailed: the run would fail, for all that is known.
    """
    warnings = tuple(each.warning() for each in check_limits(target, inputs, terms, guest_root))
    with scratch() as directory:
        planner = _Planner(terms, directory, recall)
        foresight = Foresight(target, inputs, terms, guest_root, directory, planner.remembered)
        calls = tuple(map(planner.planned, foresight.calls()))
    told = {error for error, _ in foresight.errors}
    errors = [*foresight.errors, *(each for each in planner.errors if each[0].__cause__ not in told)]
    if failures := [error for error, doubt in errors if doubt is None]:
        raise RunFailed(failures)
    return DryRun(calls, (*warnings, *(f"{error} ({doubt})" for error, doubt in errors)))


class _Planner:
    """Plans one call after the other; `errors` are those of tasks, with the doubt whether they are reached."""

    def __init__(
        self, terms: Terms, directory: Path, recall: Callable[[ExpectedCall, Requirements], Kept] | None
    ) -> None:
        self._terms = terms
        self._directory = directory
        self._recall = recall
        self._granted: dict[str, tuple[Requirements, frozenset[str]]] = {}
        self._kept: dict[str, Kept] = {}
        self.errors: list[tuple[EvaluationError, Doubt | None]] = []

    def planned(self, call: ExpectedCall) -> PlannedCall:
        requirements, unknown = self._requirements(call)
        kept = self._kept_of(call)
        self._evaluate(call, requirements, unknown)
        asked = requirements.resources
        return PlannedCall(
            id=call.call.id,
            path=call.call.path or call.call.id,
            task=call.call.task.name,
            status=_status(call, kept),
            doubt=call.doubt,
            after=call.waits(),
            remark=kept.remark,
            origin=kept.origin,
            images=requirements.images if self._terms.containers and "container" not in unknown else (),
            asked=asked,
            resources=lowered(asked, self._terms.limits),
            unknown=unknown,
        )

    def remembered(self, call: ExpectedCall) -> Mapping[str, Value] | None:
        """The outputs that the call would take from the call cache."""
        return self._kept_of(call).outputs

    def _kept_of(self, call: ExpectedCall) -> Kept:
        if call.call.id not in self._kept:
            self._kept[call.call.id] = self._asked_for(call)
        return self._kept[call.call.id]

    def _asked_for(self, call: ExpectedCall) -> Kept:
        if self._recall is None:
            return Kept()
        requirements, unknown = self._requirements(call)
        try:
            call.bind()
        except Unknown:
            return Kept(remark="may be cached", certain=False)
        except EvaluationError:
            return Kept()
        if unknown:
            return Kept(remark="may be cached", certain=False)
        self._show(call, requirements)
        return self._recall(call, requirements)

    # --- requirements ------------------------------------------------------------------------------------

    def _requirements(self, call: ExpectedCall) -> tuple[Requirements, frozenset[str]]:
        """What a call asks for, and which of it is not known."""
        if call.call.id not in self._granted:
            self._granted[call.call.id] = self._read(call)
        return self._granted[call.call.id]

    def _read(self, call: ExpectedCall) -> tuple[Requirements, frozenset[str]]:
        try:
            values, unknown = _values(call, call.preparation.requirements())
            hints, _ = _values(call, call.preparation.hints())
            return self._with_images(call.preparation.read(values, hints)), unknown
        except EvaluationError as error:
            self._fail(call, error)
            return read_requirements({}, {}, self._terms.defaults), frozenset()

    def _with_images(self, requirements: Requirements) -> Requirements:
        """Without the candidates that are passed over; all of them where none is run, which `check_limits` tells."""
        support = self._terms.containers
        images = requirements.images if support is None else support.runnable(requirements.images)
        return msgspec.structs.replace(requirements, images=images or requirements.images)

    def _show(self, call: ExpectedCall, requirements: Requirements) -> None:
        """Let `task` show what the call gets."""
        variable = call.view["task"]
        assert isinstance(variable, TaskVariable)
        resources = lowered(requirements.resources, self._terms.limits)
        granted = msgspec.structs.replace(requirements, resources=resources)
        call.view["task"] = call.preparation.shown(variable, granted)

    def _evaluate(self, call: ExpectedCall, requirements: Requirements, unknown: frozenset[str]) -> None:
        """Evaluate the declarations and the command, for the errors they may have."""
        if not unknown:
            self._show(call, requirements)
        call.preparation.context.paths.enter_attempt(self._directory / call.call.id / "attempts" / "0")
        try:
            call.bind()
            if not unknown:
                call.value(call.preparation.program.command)
        except Unknown:
            return
        except EvaluationError as error:
            self._fail(call, error)

    def _fail(self, call: ExpectedCall, error: EvaluationError) -> None:
        name, call_id = call.call.task.name, call.call.id
        subject = f"task `{name}`" + ("" if call_id == name else f" (call `{call_id}`)")
        failure = EvaluationError(f"{subject} would fail: {error}", help=error.help, labels=error.labels)
        failure.__cause__ = error
        self.errors.append((failure, call.doubt))


def _values(call: ExpectedCall, functions: Mapping[str, Function]) -> tuple[dict[str, Value], frozenset[str]]:
    values: dict[str, Value] = {}
    unknown: set[str] = set()
    for name, function in functions.items():
        try:
            values[name] = call.value(function)
        except Unknown:
            unknown.add(ALIASES.get(name, name))
    return values, frozenset(unknown)


def _status(call: ExpectedCall, kept: Kept) -> Literal["run", "cached", "unknown"]:
    if call.doubt is not None:
        return "unknown"
    if kept.outputs is not None:
        return "cached"
    return "run" if kept.certain else "unknown"
