"""Requests above what a place has, found before anything of a run starts.

In: a target with its inputs, the `Terms` of the place. Out: `Request`s, which say what may happen, or `RunFailed` with
every request that is sure to be denied. A number that only the run itself can give is checked when its task starts
(`preparation.Preparation.grant`). The hints `max_cpu` and `max_memory` ask for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pysprocket.engine.requirements import Terms, excesses, read_requirements
from pysprocket.errors import EvaluationError, RunFailed
from pysprocket.plan.inputs import BoundInputs
from pysprocket.plan.targets import Target
from pysprocket.types.constants import NotConstant, constant
from pysprocket.types.typed import TypedTask

if TYPE_CHECKING:  # few runs come near the limits
    from pysprocket.engine.ahead.requests import Request

_KEYS = ("cpu", "memory")


def check_limits(target: Target, inputs: BoundInputs, terms: Terms, guest_root: str | None) -> tuple[Request, ...]:
    """The requests above the maximum that the user should know of; of those that are denied all are told at once.

    Raises:
        RunFailed: a call that is sure to run asks for more than there is, and that is to be denied.
    """
    if terms.limits.cpu is None and terms.limits.memory is None:
        return ()
    if not _given(inputs) and all(_surely_fits(task, terms) for task in _tasks(target)):
        return ()
    from pysprocket.engine.ahead.requests import excessive_requests  # noqa: PLC0415 - few runs come near the limits

    requests = excessive_requests(target, inputs, terms, guest_root)
    if failures := [each.error() for each in requests if each.denied and each.certain]:
        raise RunFailed(failures)
    return tuple(requests)


def _given(inputs: BoundInputs) -> bool:
    """Whether processors or memory are asked for from outside."""
    sections = [section for sections in inputs.overrides.values() for section in sections.values()]
    return any(key in section for section in sections for key in _KEYS)


def _tasks(target: Target) -> Iterator[TypedTask]:
    """Each task that may be called, maybe more than once."""
    if isinstance(target, TypedTask):
        yield target
        return
    for callee in dict.fromkeys(target.calls.values()):
        yield from _tasks(callee)


def _surely_fits(task: TypedTask, terms: Terms) -> bool:
    """Whether a task asks for so little, in plain numbers, that nothing has to be evaluated to see that there is it."""
    section = task.node.requirements or task.node.runtime
    members = section.members if section else ()
    try:
        values = {member.name.name: constant(member.value) for member in members if member.name.name in _KEYS}
        resources = read_requirements(values, {}, terms.defaults).resources
    except NotConstant:
        return False
    except EvaluationError:  # no number at all: told when the task starts
        return True
    return not excesses(resources, terms.limits)
