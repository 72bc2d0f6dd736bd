"""A call of a task before anything of it runs: its inputs as the job sees them, and what it gets.

In: a `Call`, a `PathMap`, overrides, and the `Terms` of the place where it would run. Out: the scope with its inputs
and private declarations; for each attempt a `Grant`. Nothing is started here, so a dry run asks the same questions.
Source: WDL specification 1.3, "Task Inputs", "Requirements Section", "Runtime Access to Requirements".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from pysprocket.backends.job import Resources
from pysprocket.engine.contexts import TaskContext
from pysprocket.engine.images import container_of, refused
from pysprocket.engine.machine import Call
from pysprocket.engine.requirements import (
    RequirementError,
    Requirements,
    Terms,
    denial,
    excesses,
    is_denied,
    lowered,
    read_requirements,
)
from pysprocket.errors import EvaluationError
from pysprocket.source.diagnostic import Label
from pysprocket.types.attributes import ALIASES
from pysprocket.types.typed import TypedTask
from pysprocket.values.compile import Function, Step, TaskProgram, compile_task, evaluate
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
        images: the candidates before those that the place does not run were left out.
        variable: the `task` variable that shows them.
    """

    requirements: Requirements
    asked: Resources
    images: tuple[str, ...]
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
        self.context = context
        self._overrides = overrides
        self._terms = terms
        self.settled: dict[tuple[str, ...], tuple[str, ...]] = {}
        """Of candidates that the place runs, the one that is used, where that was found out."""

    @property
    def program(self) -> TaskProgram:
        """The task, compiled."""
        return compile_task(self._call.task)

    def bind(self) -> Scope:
        """Inputs as the job sees them, and private declarations.

        Raises:
            EvaluationError: an input is missing, or an expression failed.
            FetchNeeded: a remote file is not there yet.
        """
        given = {name: self.guest(name, value) for name, value in self._call.inputs.items()}
        scope = Scope()
        for step in self.program.declarations:
            scope[step.name] = given[step.name] if step.is_input and step.name in given else self.own(step, scope)
        return scope

    def guest(self, name: str, value: Value) -> Value:
        """What was given to an input, as the job sees it."""
        try:
            return map_paths(value, self.context.paths.guest)
        except EvaluationError as error:
            if str(error).startswith(tuple(self.context.paths.downloads.keys.values())):
                raise
            raise EvaluationError(f"input `{name}`: {error}", help=error.help) from None

    def own(self, step: Step, scope: Scope) -> Value:
        """What the task itself says of a declaration."""
        if step.function is not None:
            return evaluate(step.function, scope, self.context)
        if step.type.optional:
            return None
        raise EvaluationError(
            f"its required input `{step.name}` was not given",
            help=f"give it from outside as `{self._call.path}.{step.name}`",
        )

    def grant(
        self,
        scope: Scope,
        number: int = 0,
        previous: TaskVariable | None = None,
        grown: Callable[[Resources], Resources] | None = None,
    ) -> Grant:
        """What attempt `number` gets; `task` in the scope then shows it.

        Args:
            scope: of `bind`.
            number: counted from 0.
            previous: the variable of the attempt before.
            grown: gives more than was asked for, after attempts that lacked it.

        Raises:
            EvaluationError: an expression failed, a value cannot be, or more is asked for than there is.
            UnsupportedImageError: the place runs none of the images.
            FetchNeeded: a remote file is not there yet.
        """
        scope["task"] = variable = TaskVariable.before(self._call.task, self._call.id, number, previous)
        values, hints = (
            {key: evaluate(function, scope, self.context) for key, function in functions.items()}
            for functions in (self.requirements(), self.hints())
        )
        requirements = self.read(values, hints)
        asked = requirements.resources if grown is None else grown(requirements.resources)
        too_much = [each for each in excesses(asked, self._terms.limits) if is_denied(each, self._terms.behavior)]
        if too_much:
            keys = [each.key for each in too_much]
            raise denial(too_much, requirement_labels(self._call.task, keys, self._overrides))
        resources = lowered(asked, self._terms.limits)
        images = self._images(requirements.images, values)
        granted = msgspec.structs.replace(requirements, resources=resources, images=images)
        scope["task"] = variable = self.shown(variable, granted)
        return Grant(granted, asked, requirements.images, variable)

    def _images(self, images: tuple[str, ...], values: Mapping[str, Value]) -> tuple[str, ...]:
        """The candidates that the place runs, where jobs have an image."""
        support = self._terms.containers
        if support is None:
            return images
        if runnable := support.runnable(images):
            return self.settled.get(runnable, runnable) if self.settled else runnable
        prefix = f"{self._call.path or self._call.task.name}."
        refusal = refused(images, support, container_of(values), self._overrides, prefix)
        assert refusal is not None, "the place runs none of them"
        raise refusal.error(requirement_labels(self._call.task, [refusal.key], self._overrides))

    def shown(self, variable: TaskVariable, granted: Requirements) -> TaskVariable:
        """The `task` variable with what an attempt gets."""
        image = granted.images[0] if self._terms.containers and granted.images else None
        return variable.granted(granted.resources, image, granted.max_retries)

    def read(self, values: Mapping[str, Value], hints: Mapping[str, Value]) -> Requirements:
        """What evaluated requirements and hints say.

        Raises:
            RequirementError: a value that cannot be, with its place in the document.
        """
        try:
            return read_requirements(values, hints, self._terms.defaults)
        except RequirementError as error:
            error.labels = tuple(requirement_labels(self._call.task, [error.key], self._overrides))
            raise

    def requirements(self) -> Mapping[str, Function]:
        """What gives each requirement."""
        return self._section(self.program.requirements, "runtime", "requirements")

    def hints(self) -> Mapping[str, Function]:
        """What gives each hint."""
        return self._section(self.program.hints, "hints")

    def _section(self, functions: Mapping[str, Function], *sections: str) -> Mapping[str, Function]:
        """A section; what is given from outside replaces what the document has under any of its names."""
        given = {key: value for section in sections for key, value in self._overrides.get(section, {}).items()}
        if not given:
            return functions
        replaced = {ALIASES.get(key, key) for key in given}
        kept = {key: function for key, function in functions.items() if ALIASES.get(key, key) not in replaced}
        return kept | {key: _constant(value) for key, value in given.items()}


def _constant(value: Value) -> Function:
    return lambda _scope, _context: value


def requirement_labels(
    task: TypedTask, keys: Sequence[str], overrides: Overrides = MappingProxyType({})
) -> list[Label]:
    """Where a task states the requirements `keys` (of their present-day names), those given from outside left out."""
    section = task.node.requirements or task.node.runtime
    given = {ALIASES.get(key, key) for name in ("runtime", "requirements") for key in overrides.get(name, {})}
    members = {ALIASES.get(each.name.name, each.name.name): each.value for each in section.members} if section else {}
    places = [members[key] for key in keys if key in members and key not in given]
    return [Label(task.document.source, place.start, place.end) for place in places]
