"""What of a document a task depends on: its own text without what means nothing, and the types it uses.

In: a `TypedTask`. Out: `TaskSource`. Comments, blanks, line breaks and the place in the document do not count; neither
do defaults of inputs, requirements and hints, whose values count instead, nor `meta`, unless the task reads it as
`task.meta`. Nothing else of the document and of what it imports has a say.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from blake3 import blake3

from pysprocket.syntax import nodes
from pysprocket.types.model import EnumType, StructType
from pysprocket.types.typed import TypedTask

_IGNORED = frozenset({"start", "end"})


class TaskSource(msgspec.Struct, frozen=True):
    """What a task says, as digests.

    Attributes:
        parts: by name, such as "command", "outputs" and "struct Sample".
        members: of the `task` variable, those that the command, an output or a private declaration mentions.
    """

    parts: dict[str, str]
    members: tuple[str, ...]


@cache
def task_source(task: TypedTask) -> TaskSource:
    """The source of a task; computed once for each."""
    node = task.node
    read = [node.command, node.declarations, node.outputs and node.outputs.declarations]
    inputs = [(each.type, each.name, each.environment) for each in (node.inputs.declarations if node.inputs else ())]
    parts = {
        "name": task.name,
        "inputs": _digest(_plain(inputs)),
        "command": _digest(_plain(node.command)),
        "declarations": _digest(_plain(node.declarations)),
        "outputs": _digest(_plain(read[2])),
    }
    found = list(_nodes((inputs, read)))
    return TaskSource(parts | _types(task, found), tuple(sorted(set(_members(found)))))


def _digest(data: object) -> str:
    return blake3(msgspec.json.encode(data)).hexdigest(16)


def _plain(value: Any) -> Any:
    """A tree as lists: each node is its kind and its fields, but for where it stands."""
    if isinstance(value, nodes.Node):
        fields = (name for name in value.__struct_fields__ if name not in _IGNORED)
        return [type(value).__name__, *(_plain(getattr(value, name)) for name in fields)]
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _nodes(value: Any) -> Iterator[nodes.Node]:
    if isinstance(value, nodes.Node):
        yield value
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _nodes(item)


def _members(found: list[nodes.Node]) -> Iterator[str]:
    for node in found:
        if isinstance(node, nodes.Access) and isinstance(node.target, nodes.Name) and node.target.name == "task":
            yield node.member.name


def _types(task: TypedTask, found: list[nodes.Node]) -> dict[str, str]:
    """The structs and enums that are named, and those inside them."""
    known: dict[str, StructType | EnumType] = {**task.document.structs, **task.document.enums}
    named = {each.name for each in found if isinstance(each, (nodes.TypeExpression, nodes.Name))}
    named |= {each.name.name for each in found if isinstance(each, nodes.Struct) and each.name is not None}
    types: dict[str, str] = {}
    waiting: list[Any] = [known[name] for name in sorted(named & known.keys())]
    while waiting:
        type_ = waiting.pop()
        if isinstance(type_, (StructType, EnumType)):
            name = f"{'struct' if isinstance(type_, StructType) else 'enum'} {type_.name}"
            if name in types:
                continue
            types[name] = _digest(_shape(msgspec.structs.replace(type_, optional=False)))
        if isinstance(type_, (msgspec.Struct, tuple)):
            waiting += msgspec.structs.astuple(type_) if isinstance(type_, msgspec.Struct) else type_
    return types


def _shape(type_: Any) -> Any:
    if isinstance(type_, msgspec.Struct):
        return [type(type_).__name__, *map(_shape, msgspec.structs.astuple(type_))]
    return [_shape(item) for item in type_] if isinstance(type_, tuple) else type_
