"""The inputs of a run: which target they are for, and their values with the target's types.

In: a checked document and `GivenInputs`. Out: `BoundInputs`, or an `InputError` that holds every problem: names that
do not exist, values of the wrong type, files that are not there, inputs that are missing.

Inputs of calls ("main.align.threads") may be given when the workflow allows nested inputs, in WDL 1.0, and where
the call leaves a required input open. Overrides of requirements, hints and runtime are always allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pysprocket.errors import CoercionError, InputError
from pysprocket.plan.arguments import GivenInputs, GivenValue
from pysprocket.plan.paths import PathReader, Staged
from pysprocket.plan.targets import (
    NON_LITERAL,
    OMITTED,
    REQUIRED,
    Target,
    allows_nested,
    description,
    find_input,
    follow,
    open_inputs,
)
from pysprocket.types.attributes import ALIASES, REQUIREMENTS
from pysprocket.types.model import ArrayType, Primitive, Type
from pysprocket.types.typed import Input, TypedWorkflow
from pysprocket.values.json import Reading, from_json, plain_value, to_json
from pysprocket.values.model import Value
from pysprocket.values.text import did_you_mean, quote

_SECTIONS = ("requirements", "hints", "runtime")
_CHECKED_IN_RUNTIME = ("container", "cpu", "memory")  # what else stands there engines gave meanings of their own


class BoundInputs(msgspec.Struct, frozen=True, eq=False):
    """Inputs that fit their target.

    Attributes:
        values: of the target's own inputs; an input that is left out has its default or None.
        nested: of inputs of calls, by dotted path without the target's name, such as "align.threads".
        overrides: raw values by dotted call path ("" for the target itself), section ("requirements", "hints",
            "runtime") and key.
        given: all of this as JSON data for `inputs.json`, keys without the target's name, paths absolute.
        staged: what has to be laid out before the run, by the File or Directory value that stands for it.
        warnings: what the user should know.
    """

    values: dict[str, Value]
    nested: dict[str, Value]
    overrides: dict[str, dict[str, dict[str, Any]]]
    given: dict[str, Any]
    staged: dict[str, Staged] = {}
    warnings: tuple[str, ...] = ()


# --- binding ---------------------------------------------------------------------------------------------


def bind_inputs(
    target: Target, given: GivenInputs, check: Callable[[str, Value], str | None] | None = None
) -> BoundInputs:
    """The given inputs as values of the target's types.

    Args:
        target: the task or workflow.
        given: what was given.
        check: says what is wrong with the value of a requirement, by its name; None for nothing.

    Raises:
        InputError: with every problem there is.
    """
    binder = _Binder(target, check)
    for key, value in given.values.items():
        binder.bind(key, value)
    if not given.problems:  # else what seems to be missing may have been given
        binder.require()
    if given.problems or binder.problems:
        raise InputError([*given.problems, *binder.problems], help=binder.help)
    return BoundInputs(
        binder.values,
        binder.nested,
        binder.overrides,
        given_data(binder.values, binder.nested, binder.overrides),
        binder.staged,
        tuple(binder.warnings),
    )


def given_data(
    values: dict[str, Value], nested: dict[str, Value], overrides: dict[str, dict[str, dict[str, Any]]]
) -> dict[str, Any]:
    """Inputs as JSON data for `inputs.json`: own ones, those of calls, overrides."""
    data = {name: to_json(value) for name, value in sorted(values.items())}
    data |= {path: to_json(value) for path, value in sorted(nested.items())}
    for path, sections in overrides.items():
        for section, entries in sections.items():
            data |= {".".join(filter(None, (path, section, key))): value for key, value in entries.items()}
    return data


class _Binder:
    """Binds one given value after the other and keeps what is wrong."""

    def __init__(self, target: Target, check: Callable[[str, Value], str | None] | None) -> None:
        self.values: dict[str, Value] = {}
        self.nested: dict[str, Value] = {}
        self.overrides: dict[str, dict[str, dict[str, Any]]] = {}
        self.staged: dict[str, Staged] = {}
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.help: str | None = None
        self._target = target
        self._check = check
        self._refused: set[str] = set()

    def bind(self, key: str, given: GivenValue) -> None:
        """Take one given value."""
        path = key.removeprefix(self._target.name + ".")
        parts = path.split(".")
        if isinstance(given.raw, dict) and self._is_folded(parts):
            for name, raw in given.raw.items():
                self.bind(f"{key}.{name}", msgspec.structs.replace(given, raw=raw, texts=()))
            return
        try:
            if len(parts) >= 2 and parts[-2] in _SECTIONS:
                self._override(key, parts, given)
            else:
                self._input(key, parts, given)
        except InputError as error:
            self._refused.add(path)
            where = f" (from {given.file})" if given.file else ""
            self.problems += [
                (problem if problem.startswith(key) else f"{key}: {problem}") + where for problem in error.problems
            ]
            self.help = self.help or error.help

    def _is_folded(self, parts: list[str]) -> bool:
        """Whether an object holds inputs of a call (`{"align": {"threads": 4}}`) or a section of overrides."""
        if parts[-1] in _SECTIONS:
            parts = parts[:-1]
        elif len(parts) == 1 and parts[0] in self._target.inputs:
            return False
        try:
            return not parts or bool(follow(self._target, parts))
        except InputError:
            return False

    def _input(self, key: str, parts: list[str], given: GivenValue) -> None:
        own = len(parts) == 1
        home = self.values if own else self.nested
        declared = self._own_input(parts[0]) if own else self._nested_input(parts)
        if given.raw is not None or declared.type.optional:  # null for `T x = d` means: take the default
            home[".".join(parts)] = self._value(key, declared.type, given)
        else:
            home.pop(".".join(parts), None)

    def require(self) -> None:
        """Look for required inputs that were not given."""
        for name, declared in self._target.inputs.items():
            if declared.required and name not in self.values and name not in self._refused:
                self._missing(name, declared, self._target)
        if isinstance(self._target, TypedWorkflow):
            for path, declared, owner in open_inputs(self._target):
                if declared.required and path not in self.nested and path not in self._refused:
                    self._missing(path, declared, owner)

    def _missing(self, path: str, declared: Input, owner: Target) -> None:
        described = description(owner, declared.name)
        remark = f": {described[0]}" if described else ""
        key = f"{self._target.name}.{path}"
        self.problems.append(f"{key}: required ({declared.type}) but not given{remark}")
        self.help = self.help or f"write `{key}=VALUE`, or name a file as `@FILE`; `sprocket inputs` prints a template"

    def _own_input(self, name: str) -> Input:
        try:
            return find_input(self._target, name)
        except InputError as error:
            if not isinstance(self._target, TypedWorkflow):
                raise
            elsewhere = [path for path, _, _ in open_inputs(self._target) if path.rpartition(".")[2] == name]
            if not elsewhere:
                raise
            listed = " or ".join(f"`{self._target.name}.{path}`" for path in elsewhere[:3])
            problem = error.problems[0].partition(";")[0]
            raise InputError([f"{problem}; did you mean that of a call, {listed}?"]) from None

    def _nested_input(self, parts: list[str]) -> Input:
        whole = self._target.inputs.get(parts[0])
        if whole is not None:
            raise InputError(
                [f"`{parts[0]}` is one input ({whole.type}): give all of it as `{self._target.name}.{parts[0]}`"]
            )
        self._check_first(parts[0])
        callee, call = follow(self._target, parts[:-1])
        declared = find_input(callee, parts[-1])
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

    def _check_first(self, name: str) -> None:
        """Inputs for another target of the document are a mistake of their own."""
        document = self._target.document
        known = {*document.tasks, *([document.workflow.name] if document.workflow else [])}
        calls = self._target.calls if isinstance(self._target, TypedWorkflow) else ()
        if name in known and name not in {call.name.name for call in calls}:
            raise InputError([f"it is for `{name}`, but the target is `{self._target.name}`"])

    def _override(self, key: str, parts: list[str], given: GivenValue) -> None:
        *path, section, name = parts
        target = follow(self._target, path)[0] if path else self._target
        if isinstance(target, TypedWorkflow):
            raise InputError([f"`{target.name}` is a workflow; only tasks have {section}"])
        wanted = REQUIREMENTS.get(ALIASES.get(name, name))
        if section == "requirements" and wanted is None:
            raise InputError([f"`{name}` is not a requirement{did_you_mean(name, [*REQUIREMENTS, *ALIASES])}"])
        if section == "hints" or (section == "runtime" and ALIASES.get(name, name) not in _CHECKED_IN_RUNTIME):
            wanted = None
        value = plain_value(given.raw) if wanted is None else self._requirement(f"{section}.{name}", wanted, given)
        if wanted is not None and self._check is not None and (problem := self._check(name, value)):
            raise InputError([problem])
        if value is not None:  # null: as if it were not there
            self.overrides.setdefault(".".join(path), {}).setdefault(section, {})[name] = value

    def _requirement(self, name: str, wanted: tuple[Type, ...], given: GivenValue) -> Value:
        """A value of one of the types that a requirement can have."""
        if given.raw is None:
            return None
        for type_ in wanted:
            try:
                return from_json(_adapted(given, type_), type_, Reading(PathReader(given.origin, {})))
            except CoercionError:
                continue
        kinds = " or ".join(str(type_) for type_ in wanted)
        raise InputError([f"expected {kinds} for {name}, found {quote(given.raw)}"])

    def _value(self, key: str, type_: Type, given: GivenValue) -> Value:
        if _is_of_template(given.raw, type_):
            raise InputError([f"{key}: this is what the template says, {quote(given.raw)}; give a value ({type_})"])

        def floor(number: float) -> None:
            self.warnings.append(f"{key}: {number} is rounded down, for an Int is wanted (later versions refuse it)")

        reading = Reading(
            PathReader(given.origin, self.staged), floor if self._target.document.version == (1, 0) else None
        )
        try:
            return from_json(_adapted(given, type_), type_, reading, where=key)
        except CoercionError as error:
            lines = str(error).split("\n")
        raise InputError(lines if isinstance(type_, ArrayType) else [_misfit(line, given) for line in lines])


def _is_of_template(raw: Any, type_: Type) -> bool:
    """Whether a value still is, or holds, what `sprocket inputs` writes where a value is missing."""
    if isinstance(raw, str):
        return raw == f"{type_} {REQUIRED}" or raw.startswith(f"{type_} {NON_LITERAL}")
    return OMITTED in (raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ())


def _misfit(message: str, given: GivenValue) -> str:
    if len(given.texts) > 1:
        words = " ".join(given.texts[:3]) + (" …" if len(given.texts) > 3 else "")
        return f"{message} ({len(given.texts)} values were given: {words}; is a wildcard not in quotes?)"
    return message


def _adapted(given: GivenValue, type_: Type) -> Any:
    """The raw value with numbers as they were written where text is wanted, and one value as an array of one."""
    raw = given.raw
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
