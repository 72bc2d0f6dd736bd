"""Targets and inputs of the document that a command line names.

In: a click context with SOURCE, `--target` and the inputs given so far, and the beginning of the word under the cursor.
Out: candidates: targets; `name=` with the type of the input, for the target that would be chosen; values of Boolean, of
enums, and files. A document with mistakes still has inputs. Nothing is read from the web.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem

from pysprocket.cli.candidates import Candidates, files
from pysprocket.cli.documents import fallback_version
from pysprocket.cli.options import State
from pysprocket.errors import InputError, SprocketError
from pysprocket.plan.arguments import GivenInputs, parse_arguments
from pysprocket.plan.targets import Target, allows_nested, description, infer_target, open_inputs
from pysprocket.source.uris import is_remote
from pysprocket.types.attributes import REQUIREMENTS
from pysprocket.types.loader import load_all
from pysprocket.types.model import ArrayType, EnumType, Primitive, Type
from pysprocket.types.typed import Input, TypedDocument, TypedTask, TypedWorkflow

_OLDEST = "1.0"


class _Named(NamedTuple):
    """An input: its name with the target's in front, and the task or workflow it is declared in."""

    key: str
    input: Input
    owner: Target


def target_candidates(context: click.Context, incomplete: str) -> Candidates:
    """The tasks and workflows of the document, the workflow first."""
    document = _document(context)
    return [
        CompletionItem(target.name, help="task" if isinstance(target, TypedTask) else "workflow")
        for target in (_targets(document) if document else ())
        if target.name.startswith(incomplete)
    ]


def input_candidates(context: click.Context, incomplete: str) -> Candidates:
    """Names of inputs that begin as typed, or values of the input that is named."""
    document = _document(context)
    if document is None:
        return []
    named: str | None = context.params.get("target")
    words = [word for word in context.params.get("inputs") or () if not word.startswith("@") or _is_file(word[1:])]
    given = _given(words, named)
    chosen = _chosen(document, named, given)
    if "=" in incomplete:
        key, _, typed = incomplete.partition("=")
        found = _find(key, named, _targets(document))
        return _values(found.input.type, f"{key}=", typed) if found else []
    further = _further(words, named, document, incomplete)
    for targets in (chosen, [] if named or given.target else _targets(document)):
        names = [item for target in targets for item in _names(target, given, incomplete, bare=named is not None)]
        if names:
            return names + further
    return further


# --- which target ----------------------------------------------------------------------------------------


def _document(context: click.Context) -> TypedDocument | None:
    source: str | None = context.params.get("source")
    if not source or is_remote(source):
        return None
    roots = load_all([source]).roots
    if roots and roots[0].tree.version is None:
        roots = load_all([source], fallback_version=_fallback_version(context)).roots
    return roots[0] if roots else None


def _fallback_version(context: click.Context) -> str:
    try:
        return fallback_version(context.ensure_object(State)) or _OLDEST
    except SprocketError:
        return _OLDEST


def _targets(document: TypedDocument) -> list[Target]:
    return [*([document.workflow] if document.workflow else []), *document.tasks.values()]


def _given(words: Sequence[str], target: str | None) -> GivenInputs:
    try:
        return parse_arguments(words, target, Path.cwd())
    except InputError:  # words that do not agree yet
        return GivenInputs(target, {})


def _chosen(document: TypedDocument, named: str | None, given: GivenInputs) -> list[Target]:
    """The target that would be run; all of them while that is open."""
    try:
        return [infer_target(document, named, given)]
    except InputError:
        return [] if named or given.target else _targets(document)


def _is_file(path: str) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - never raises; a pipe or terminal would be read from


# --- names -----------------------------------------------------------------------------------------------


def _inputs(target: Target) -> Iterator[_Named]:
    """All inputs that may be given, the target's own first."""
    for name, declared in target.inputs.items():
        yield _Named(f"{target.name}.{name}", declared, target)
    if isinstance(target, TypedWorkflow):
        nested = allows_nested(target)
        for path, declared, owner in open_inputs(target):
            if nested or (declared.required and path.count(".") == 1):
                yield _Named(f"{target.name}.{path}", declared, owner)


def _names(target: Target, given: GivenInputs, incomplete: str, *, bare: bool) -> Candidates:
    """Inputs as `name=`, the required ones first; of those inside of calls that may be left out, the call alone."""
    front = f"{target.name}."
    if bare and not incomplete.startswith(front):
        front = ""
    found: dict[str, str] = {}
    for each in sorted(_inputs(target), key=lambda each: not each.input.required):
        key = front + each.key.removeprefix(f"{target.name}.")
        if not key.startswith(incomplete) or _is_given(each, given):
            continue
        dot = -1 if each.input.required else key.find(".", max(len(front), len(incomplete)))
        if dot < 0:
            found[f"{key}="] = _described(each)
        else:
            found.setdefault(key[: dot + 1], "inputs of a call")
    for path, kinds in _requirements(target) if not found else ():
        key = front + path
        if key.startswith(incomplete):
            dot = key.find(".", max(len(front), len(incomplete)))
            found.setdefault(*((f"{key}=", kinds) if dot < 0 else (key[: dot + 1], "requirements of a task")))
    return [CompletionItem(name, help=help_) for name, help_ in found.items()]


def _requirements(target: Target, path: str = "") -> Iterator[tuple[str, str]]:
    """Requirements of a task, or of all that are called, without the target's name; and their types."""
    if isinstance(target, TypedWorkflow):
        for call, callee in target.calls.items():
            yield from _requirements(callee, f"{path}{call.name.name}.")
        return
    section = "requirements" if target.document.version >= (1, 2) else "runtime"
    for name, kinds in REQUIREMENTS.items():
        yield f"{path}{section}.{name}", " or ".join(map(str, kinds))


def _is_given(each: _Named, given: GivenInputs) -> bool:
    """Whether one more value would be one too many; what a file gives may be replaced."""
    value = given.values.get(each.key)
    return value is not None and bool(value.texts) and not isinstance(each.input.type, ArrayType)


def _described(each: _Named) -> str:
    declared = each.input
    required = ", required" if declared.required else ""
    about = description(each.owner, declared.name)
    return f"{declared.type}{required}{f': {about[0]}' if about else ''}"


# --- values ----------------------------------------------------------------------------------------------


def _find(key: str, named: str | None, targets: Sequence[Target]) -> _Named | None:
    """The input that a key on the command line means."""
    full = key if named is None or key.startswith(f"{named}.") else f"{named}.{key}"
    owner = next((target for target in targets if full.startswith(f"{target.name}.")), None)
    return next((each for each in _inputs(owner) if each.key == full), None) if owner else None


def _further(words: Sequence[str], named: str | None, document: TypedDocument, incomplete: str) -> Candidates:
    """Further values of the array that was begun last."""
    last = next((word for word in reversed(words) if "=" in word or word.startswith("@")), "")
    found = _find(last.partition("=")[0], named, _targets(document))
    if found is None or not isinstance(found.input.type, ArrayType):
        return []
    return _values(found.input.type, "", incomplete)


def _values(type_: Type, head: str, typed: str) -> Candidates:
    """Values of an input, or of the items of one that is an array."""
    match type_.item if isinstance(type_, ArrayType) else type_:
        case Primitive(name="Boolean"):
            words = ["true", "false"]
        case EnumType(choices=choices):
            words = [name for name, _ in choices]
        case Primitive(name="File"):
            return [files(typed, head=head)]
        case Primitive(name="Directory"):
            return [CompletionItem(typed, "dir", head=head)]
        case _:
            return []
    return [CompletionItem(head + word) for word in words if word.startswith(typed)]
