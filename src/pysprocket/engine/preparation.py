"""A call of a task before anything of it runs: its inputs as the job sees them, and what it gets.

In: a `Call`, a `PathMap`, overrides, and the `Terms` of the place where it would run. Out: the scope with its inputs
and private declarations; for each attempt a `Grant`. Nothing is started here, so a dry run asks the same questions.
Source: WDL specification 1.3, "Task Inputs", "Requirements Section", "Runtime Access to Requirements".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from pysprocket.backends.job import Resources
from pysprocket.engine.contexts import TaskContext
from pysprocket.engine.machine import Call
from pysprocket.engine.paths import PathMap
from pysprocket.engine.requirements import (
    Requirements,
    Terms,
    denial,
    denied,
    lowered,
    read_requirements,
)
from pysprocket.errors import EvaluationError
from pysprocket.source.diagnostic import Label
from pysprocket.types.attributes import ALIASES
from pysprocket.types.typed import TypedTask
from pysprocket.values.compile import Function, compile_task, evaluate
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import Value, map_paths
from pysprocket.values.scope import Scope

Overrides = Mapping[str, Mapping[str, Any]]
"""Values given from outside by section ("requirements", "runtime", "hints") and key; they beat the document's."""


class Grant(msgspec.Struct, frozen=True, eq=False):
    """What one attempt gets.

    Attributes:
        requirements: within the limits of the place.
        asked: the resources before they were lowered to those limits.
        variable: the `task` variable that shows them.
    """

    requirements: Requirements
    asked: Resources
    variable: TaskVariable


class Preparation:
    """What expressions of a task say before its command runs.

    Args:
        call: which task, with which inputs.
        context: the surroundings of its expressions.
        overrides: requirements and hints given from outside.
        terms: of the place where it would run.
    """

    def __init__(self, call: Call, context: TaskContext, overrides: Overrides, terms: Terms) -> None:
        self._call = call
        self._context = context
        self._overrides = overrides
        self._terms = terms

    def bind(self) -> Scope:
        """Inputs as the job sees them, and private declarations.

        Raises:
            EvaluationError: an input is missing, or an expression failed.
            FetchNeeded: a remote file is not there yet.
        """
        given = {name: _guest(name, value, self._context.paths) for name, value in self._call.inputs.items()}
        scope = Scope()
        for step in compile_task(self._call.task).declarations:
            if step.is_input and step.name in given:
                scope[step.name] = given[step.name]
            elif step.function is not None:
                scope[step.name] = evaluate(step.function, scope, self._context)
            elif step.type.optional:
                scope[step.name] = None
            else:
                raise EvaluationError(
                    f"its required input `{step.name}` was not given",
                    help=f"give it from outside as `{self._call.path}.{step.name}`",
                )
        return scope

    def grant(self, scope: Scope, number: int = 0, previous: TaskVariable | None = None) -> Grant:
        """What attempt `number` gets; `task` in the scope then shows it.

        Raises:
            EvaluationError: an expression failed, a value cannot be, or more is asked for than there is.
            FetchNeeded: a remote file is not there yet.
        """
        scope["task"] = variable = TaskVariable.before(self._call.task, self._call.id, number, previous)
        program = compile_task(self._call.task)
        values = self._values(program.requirements, scope, "runtime", "requirements")
        hints = self._values(program.hints, scope, "hints")
        requirements = read_requirements(values, hints, self._terms.defaults)
        asked = requirements.resources
        if excesses := denied(asked, self._terms.limits, self._terms.behavior):
            keys = [each.key for each in excesses]
            raise denial(excesses, requirement_labels(self._call.task, keys, self._overrides))
        resources = lowered(asked, self._terms.limits)
        requirements = msgspec.structs.replace(requirements, resources=resources)
        image = requirements.images[0] if self._terms.containers else None
        scope["task"] = variable = variable.granted(resources, image, requirements.max_retries)
        return Grant(requirements, asked, variable)

    def _values(self, functions: Mapping[str, Function], scope: Scope, *sections: str) -> dict[str, Value]:
        """The values of a section; those given from outside replace those of the document under any of their names."""
        given = {key: value for section in sections for key, value in self._overrides.get(section, {}).items()}
        replaced = {ALIASES.get(key, key) for key in given}
        return {
            key: evaluate(function, scope, self._context)
            for key, function in functions.items()
            if ALIASES.get(key, key) not in replaced
        } | given


def requirement_labels(
    task: TypedTask, keys: Sequence[str], overrides: Overrides = MappingProxyType({})
) -> list[Label]:
    """Where a task states the requirements `keys` (of their present-day names), those given from outside left out."""
    section = task.node.requirements or task.node.runtime
    given = {ALIASES.get(key, key) for name in ("runtime", "requirements") for key in overrides.get(name, {})}
    members = {ALIASES.get(each.name.name, each.name.name): each.value for each in section.members} if section else {}
    places = [members[key] for key in keys if key in members and key not in given]
    return [Label(task.document.source, place.start, place.end) for place in places]


def _guest(name: str, value: Value, paths: PathMap) -> Value:
    try:
        return map_paths(value, paths.guest)
    except EvaluationError as error:
        if str(error).startswith(tuple(paths.downloads.keys.values())):
            raise
        raise EvaluationError(f"input `{name}`: {error}", help=error.help) from None
