"""The inputs of a run: which target they are for, and their values with the target's types.

In: a checked document and `GivenInputs`. Out: `BoundInputs`, or an `InputError` that holds every problem: names that
do not exist, values of the wrong type, files that are not there, inputs that are missing.

Inputs of calls ("main.align.threads") may be given when the workflow allows nested inputs, in WDL 1.0, and where
the call leaves a required input open. Overrides of requirements, hints and runtime are always allowed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

import msgspec

from pysprocket.errors import CoercionError, InputError
from pysprocket.plan.arguments import GivenInputs, GivenValue, parse_arguments
from pysprocket.syntax import nodes
from pysprocket.types.model import ArrayType, Primitive
from pysprocket.types.typed import Input, TypedDocument, TypedTask, TypedWorkflow
from pysprocket.values.json import from_json, to_json
from pysprocket.values.model import Directory, File, Value
from pysprocket.values.text import did_you_mean

__all__ = [
    "BoundInputs",
    "GivenInputs",
    "GivenValue",
    "allows_nested",
    "bind_inputs",
    "infer_target",
    "open_inputs",
    "parse_arguments",
]

Target: TypeAlias = TypedTask | TypedWorkflow

_SECTIONS = ("requirements", "hints", "runtime")
_REQUIREMENTS = ("container", "cpu", "memory", "gpu", "fpga", "disks", "max_retries", "return_codes")
_OLDER_NAMES = ("docker", "maxRetries", "returnCodes")
_REMOTE = re.compile(r"(?:https?|s3|gs|az)://", re.IGNORECASE)


class BoundInputs(msgspec.Struct, frozen=True, eq=False):
    """Inputs that fit their target.

    Attributes:
        values: of the target's own inputs; an input that is left out has its default or None.
        nested: of inputs of calls, by dotted path without the target's name, such as "align.threads".
        overrides: raw values by dotted call path ("" for the target itself), section ("requirements", "hints",
            "runtime") and key.
        given: all of this as JSON data for `inputs.json`, keys without the target's name, paths absolute.
    """

    values: dict[str, Value]
    nested: dict[str, Value]
    overrides: dict[str, dict[str, dict[str, Any]]]
    given: dict[str, Any]


# --- the target ------------------------------------------------------------------------------------------


def infer_target(document: TypedDocument, target: str | None, given: GivenInputs) -> Target:
    """What to run: what was named, else what the inputs are for, else the workflow, else the only task.

    Raises:
        InputError: there is no such target, or none can be chosen.
    """
    targets: dict[str, Target] = dict(document.tasks)
    if document.workflow is not None:
        targets[document.workflow.name] = document.workflow
    name = target or given.target
    if name is not None and name in targets:
        return targets[name]
    listed = "it has " + ", ".join(f"`{known}`" for known in targets) if targets else "it has none"
    if name is not None:
        raise InputError(
            [f"`{name}` is not a task or workflow of the document{did_you_mean(name, targets)}"], help=listed
        )
    if document.workflow is not None:
        return document.workflow
    if len(targets) == 1:
        return next(iter(targets.values()))
    if not targets:
        raise InputError(["the document has no task and no workflow to run"])
    raise InputError(["the document has several tasks and no workflow"], help=f"choose one with --target; {listed}")


# --- binding ---------------------------------------------------------------------------------------------


def bind_inputs(target: Target, given: GivenInputs) -> BoundInputs:
    """The given inputs as values of the target's types.

    Raises:
        InputError: with every problem there is.
    """
    binder = _Binder(target)
    for key, value in given.values.items():
        binder.bind(key, value)
    binder.require()
    if binder.problems:
        raise InputError(binder.problems, help=binder.help)
    own = {name: to_json(value) for name, value in sorted(binder.values.items())}
    nested = {path: to_json(value) for path, value in sorted(binder.nested.items())}
    return BoundInputs(binder.values, binder.nested, binder.overrides, own | nested | binder.raw_overrides())


class OpenInput(NamedTuple):
    """An input of a call that the call leaves open, by dotted path without the target's name."""

    path: str
    input: Input


def open_inputs(workflow: TypedWorkflow, prefix: str = "") -> Iterator[OpenInput]:
    """The inputs of all calls, in sub-workflows too, that the calls do not set; in order of the document."""
    for node, callee in workflow.calls.items():
        set_here = {argument.name.name for argument in node.inputs}
        path = f"{prefix}{node.name.name}."
        for name, declared in callee.inputs.items():
            if name not in set_here:
                yield OpenInput(path + name, declared)
        if isinstance(callee, TypedWorkflow):
            yield from open_inputs(callee, path)


class _Binder:
    """Binds one given value after the other and keeps what is wrong."""

    def __init__(self, target: Target) -> None:
        self.values: dict[str, Value] = {}
        self.nested: dict[str, Value] = {}
        self.overrides: dict[str, dict[str, dict[str, Any]]] = {}
        self.problems: list[str] = []
        self.help: str | None = None
        self._target = target
        self._refused: set[str] = set()

    def bind(self, key: str, given: GivenValue) -> None:
        """Take one given value."""
        parts = key.removeprefix(self._target.name + ".").split(".")
        try:
            if len(parts) >= 2 and parts[-2] in _SECTIONS:
                self._override(parts, given.raw)
            else:
                own = len(parts) == 1
                declared = self._own_input(parts[0]) if own else self._nested_input(parts)
                if given.raw is not None or declared.type.optional:  # null for `T x = d` means: take the default
                    (self.values if own else self.nested)[".".join(parts)] = self._value(key, declared, given)
        except InputError as error:
            self._refused.add(".".join(parts))
            self.problems += [problem if problem.startswith(key) else f"{key}: {problem}" for problem in error.problems]
            self.help = self.help or error.help

    def require(self) -> None:
        """Look for required inputs that were not given."""
        for name, declared in self._target.inputs.items():
            if declared.required and name not in self.values and name not in self._refused:
                self._missing(name, declared, _description(self._target, name))
        if isinstance(self._target, TypedWorkflow):
            for path, declared in open_inputs(self._target):
                if declared.required and path not in self.nested and path not in self._refused:
                    self._missing(path, declared, None)

    def raw_overrides(self) -> dict[str, Any]:
        """The overrides as they were given."""
        return {
            ".".join(filter(None, (path, section, key))): value
            for path, sections in self.overrides.items()
            for section, values in sections.items()
            for key, value in values.items()
        }

    def _missing(self, path: str, declared: Input, description: str | None) -> None:
        remark = f": {description}" if description else ""
        self.problems.append(f"{self._target.name}.{path}: required ({declared.type}) but not given{remark}")

    def _own_input(self, name: str) -> Input:
        return _input(self._target, name)

    def _nested_input(self, parts: list[str]) -> Input:
        callee, call = _follow(self._target, parts[:-1])
        declared = _input(callee, parts[-1])
        if any(argument.name.name == parts[-1] for argument in call.inputs):
            raise InputError(
                [f"the call `{call.name.name}` sets `{parts[-1]}` itself, so it cannot be given from outside"]
            )
        if not (allows_nested(self._target) or (len(parts) == 2 and declared.required)):
            raise InputError(
                [f"the workflow `{self._target.name}` does not allow inputs of its calls to be given from outside"],
                help="add `allow_nested_inputs: true` to the `hints` of the workflow"
                " (before WDL 1.2: `allowNestedInputs: true` to its `meta`)",
            )
        return declared

    def _override(self, parts: list[str], raw: Any) -> None:
        *path, section, key = parts
        target = _follow(self._target, path)[0] if path else self._target
        if isinstance(target, TypedWorkflow):
            raise InputError([f"`{target.name}` is a workflow; only tasks have {section}"])
        if section == "requirements" and key not in (*_REQUIREMENTS, *_OLDER_NAMES):
            raise InputError([f"`{key}` is not a requirement{did_you_mean(key, _REQUIREMENTS)}"])
        self.overrides.setdefault(".".join(path), {}).setdefault(section, {})[key] = raw

    def _value(self, key: str, declared: Input, given: GivenValue) -> Value:
        paths = _Paths(given.origin)
        try:
            value = from_json(_adapted(given, declared), declared.type, paths, where=key)
        except CoercionError as error:
            raise InputError([_misfit(str(error), given)]) from None
        if paths.problems:
            raise InputError(paths.problems)
        return value


def _misfit(message: str, given: GivenValue) -> str:
    if len(given.texts) > 1:
        words = " ".join(given.texts[:3]) + (" …" if len(given.texts) > 3 else "")
        return f"{message} ({len(given.texts)} values were given: {words}; is a wildcard not in quotes?)"
    return message


def _adapted(given: GivenValue, declared: Input) -> Any:
    """The raw value with numbers as they were written where text is wanted, and one value as an array of one."""
    raw, type_ = given.raw, declared.type
    if isinstance(type_, ArrayType):
        if raw is not None and not isinstance(raw, list):
            return [_as_written(raw, type_.item, given.texts)]
        if len(given.texts) > 1:
            assert isinstance(raw, list), "several words make an array"
            return [_as_written(item, type_.item, (text,)) for item, text in zip(raw, given.texts, strict=True)]
        return raw
    return _as_written(raw, type_, given.texts)


def _as_written(raw: Any, type_: object, texts: tuple[str, ...]) -> Any:
    """`version=1.10` for a String is "1.10", whatever number it may be."""
    wants_text = isinstance(type_, Primitive) and type_.name in ("String", "File", "Directory")
    return texts[0].strip() if wants_text and len(texts) == 1 and isinstance(raw, (bool, int, float)) else raw


# --- names -----------------------------------------------------------------------------------------------


def _follow(target: Target, calls: list[str]) -> tuple[Target, nodes.Call]:
    """The callee at the end of a path of calls, and its call."""
    found: tuple[Target, nodes.Call] | None = None
    for name in calls:
        if not isinstance(target, TypedWorkflow):
            raise InputError([f"`{target.name}` is a task, so it has no call `{name}`"])
        known = {node.name.name: (callee, node) for node, callee in target.calls.items()}
        if name not in known:
            raise InputError([f"workflow `{target.name}` has no call named `{name}`{did_you_mean(name, known)}"])
        found = known[name]
        target = found[0]
    assert found is not None, "there is at least one call"
    return found


def _input(target: Target, name: str) -> Input:
    if name not in target.inputs:
        kind = "workflow" if isinstance(target, TypedWorkflow) else "task"
        raise InputError([f"{kind} `{target.name}` has no input named `{name}`{did_you_mean(name, target.inputs)}"])
    return target.inputs[name]


def allows_nested(target: Target) -> bool:
    """Whether inputs of its calls may be given from outside, also such that the call need not get."""
    return isinstance(target, TypedWorkflow) and (target.allow_nested_inputs or target.document.version == (1, 0))


def _description(target: Target, name: str) -> str | None:
    section = target.node.parameter_meta
    value = next((entry.value for entry in section.entries if entry.name.name == name), None) if section else None
    if isinstance(value, dict):
        value = value.get("description") or value.get("help")
    return value if isinstance(value, str) else None


# --- paths -----------------------------------------------------------------------------------------------


class _Paths:
    """Reads paths in a value: absolute, and there; what is wrong is kept so that all of it is told."""

    def __init__(self, origin: Path) -> None:
        self.problems: list[str] = []
        self._origin = origin

    def __call__(self, text: str, type_: Primitive) -> File | Directory:
        kind = File if type_.name == "File" else Directory
        if _REMOTE.match(text):
            return kind(text)
        path = _absolute(self._origin, text)
        problem = _path_problem(path, text, type_.name)
        if problem:
            self.problems.append(problem)
        return kind(path)


def _absolute(origin: Path, text: str) -> str:
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    path = origin / text
    if ".." in path.parts:  # only the file system knows what `..` after a link is; the last name stays
        path = Path(os.path.realpath(path.parent)) / path.name if path.name != ".." else path.resolve()
    return str(path)


def _path_problem(path: str, text: str, kind: str) -> str | None:
    if not text:
        return f"the path of a {kind} cannot be empty"
    if not os.path.exists(path):  # noqa: PTH110 - never raises, unlike Path.exists
        return f"{kind.lower()} `{path}` does not exist"
    is_directory = os.path.isdir(path)  # noqa: PTH112
    if is_directory is (kind == "Directory"):
        return None
    return f"`{path}` is {'a directory, not a file' if is_directory else 'a file, not a directory'}"
