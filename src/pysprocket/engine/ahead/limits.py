"""Requests that a place does not grant, found before anything of a run starts.

In: a target with its inputs, the `Terms` of the place. Out: `Request`s, which say what may happen, or `RunRefused` with
every request that is sure to be denied: for more than there is, or for container images that the place does not run.
What only the run itself can give is checked when its task starts (`preparation.Preparation.grant`). The hints `max_cpu`
and `max_memory` ask for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pysprocket.engine.requirements import Terms, excesses, read_requirements
from pysprocket.errors import EvaluationError, RunRefused
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.targets import Target
from pysprocket.types.attributes import ALIASES
from pysprocket.types.constants import NotConstant, constant
from pysprocket.types.typed import TypedTask
from pysprocket.values.model import Value

if TYPE_CHECKING:  # few runs come near the limits
    from pysprocket.engine.ahead.requests import Request


def check_limits(target: Target, inputs: BoundInputs, terms: Terms, guest_root: str | None) -> tuple[Request, ...]:
    """The requests that the user should know of; of those that are denied all are told at once.

    Raises:
        RunRefused: a call that is sure to run asks for what it does not get.
    """
    keys = limited(terms)
    if not keys:
        return ()
    if not _given(inputs, keys) and all(_surely_fits(task, terms, keys) for task in _tasks(target)):
        return ()
    from pysprocket.engine.ahead.requests import surveyed  # noqa: PLC0415 - few runs come near the limits

    requests = surveyed(target, inputs, terms, keys, guest_root)
    if failures := [each.error() for each in requests if each.denied and each.certain]:
        raise RunRefused(failures)
    return tuple(requests)


def limited(terms: Terms) -> frozenset[str]:
    """The requirements of which a place does not grant everything."""
    found = {"cpu": terms.limits.cpu, "memory": terms.limits.memory, "container": terms.containers}
    return frozenset(key for key, limit in found.items() if limit is not None)


def _given(inputs: BoundInputs, keys: frozenset[str]) -> bool:
    """Whether one of the requirements is given from outside."""
    sections = [section for sections in inputs.overrides.values() for section in sections.values()]
    return any(ALIASES.get(key, key) in keys for section in sections for key in section)


def _tasks(target: Target) -> Iterator[TypedTask]:
    """Each task that may be called, maybe more than once."""
    if isinstance(target, TypedTask):
        yield target
        return
    for callee in dict.fromkeys(target.calls.values()):
        yield from _tasks(callee)


def _surely_fits(task: TypedTask, terms: Terms, keys: frozenset[str]) -> bool:
    """Whether a task asks for what there is, so plainly that nothing has to be evaluated to see it."""
    section = task.node.requirements or task.node.runtime
    asked = {ALIASES.get(each.name.name, each.name.name): each.value for each in section.members} if section else {}
    try:
        return all(_is_granted(key, {key: constant(asked[key])} if key in asked else {}, terms) for key in keys)
    except NotConstant:
        return False


def _is_granted(key: str, values: Mapping[str, Value], terms: Terms) -> bool:
    try:
        requirements = read_requirements(values, {}, terms.defaults)
    except EvaluationError:  # no such value at all: told when the task starts
        return True
    if key == "container":
        return terms.containers is None or bool(terms.containers.runnable(requirements.images))
    return not excesses(requirements.resources, terms.limits)
