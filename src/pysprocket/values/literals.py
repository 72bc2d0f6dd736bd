"""Literals as Python expressions.

In: literal nodes, and the type wanted where it is known. Out: Python code that makes what is wanted at once (Floats
of Ints, a struct of a map) and the type of what it gives, which may still have to be coerced.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from pysprocket.syntax import nodes
from pysprocket.types.model import (
    ANY,
    BOOLEAN,
    FLOAT,
    INT,
    NONE,
    ArrayType,
    MapType,
    ObjectType,
    PairType,
    StructType,
    Type,
    required,
)
from pysprocket.values import python

if TYPE_CHECKING:
    from pysprocket.values.translate import Translator, Typed


def literal(t: Translator, node: nodes.Literal, expected: Type | None) -> Typed:
    """A number, a Boolean or None."""
    types = {bool: BOOLEAN, int: INT, float: FLOAT}
    return python.constant(node.value), types.get(type(node.value), NONE)


def array(t: Translator, node: nodes.Array, expected: Type | None) -> Typed:
    """`[a, b]`."""
    wanted = _of_kind(ArrayType, expected, t.type_of(node))
    item = wanted.item if wanted else ANY
    return python.array([t.code(value, item) for value in node.items]), ArrayType(item, nonempty=bool(node.items))


def _of_kind(kind: type[Any], *types: Type | None) -> Any:
    return next((type_ for type_ in types if isinstance(type_, kind)), None)


def pair(t: Translator, node: nodes.Pair, expected: Type | None) -> Typed:
    """`(left, right)`."""
    wanted = _of_kind(PairType, expected, t.type_of(node))
    left, right = (wanted.left, wanted.right) if wanted else (ANY, ANY)
    return python.call("Pair", t.code(node.left, left), t.code(node.right, right)), PairType(left, right)


def map_(t: Translator, node: nodes.Map, expected: Type | None) -> Typed:
    """`{key: value}`; where a struct is wanted, the struct."""
    if isinstance(expected, StructType):
        given = {text: entry.value for entry in node.entries if (text := _text(entry.key)) is not None}
        if len(given) == len(node.entries) and _fills(expected, given):
            return _struct_of(t, expected, given)
    wanted = _of_kind(MapType, expected, t.type_of(node))
    key, value = (wanted.key, wanted.value) if wanted else (ANY, ANY)
    keys = [t.code(entry.key, key) for entry in node.entries]
    values = [t.code(entry.value, value) for entry in node.entries]
    distinct = {code.value for code in keys if isinstance(code, ast.Constant)}
    if len(distinct) == len(keys):
        return python.mapping(keys, values), MapType(key, value)
    entries = [python.pair(*entry) for entry in zip(keys, values, strict=True)]
    return python.call("make_map", python.array(entries)), MapType(key, value)


def _text(node: nodes.Expression) -> str | None:
    return node.text if isinstance(node, nodes.String) else None


def _fills(struct: StructType, given: dict[str, nodes.Expression]) -> bool:
    """Whether the members `given` make a whole struct."""
    known = dict(struct.members)
    return given.keys() <= known.keys() and all(type_.optional or name in given for name, type_ in struct.members)


def _struct_of(t: Translator, struct: StructType, given: dict[str, nodes.Expression]) -> Typed:
    none = python.constant(None)
    entries = {name: t.code(given[name], type_) if name in given else none for name, type_ in struct.members}
    made = python.call("StructValue", python.constant(struct.name), python.members(entries))
    return made, required(struct)


def struct(t: Translator, node: nodes.Struct, expected: Type | None) -> Typed:
    """`Person {…}`; `object {…}`, where a struct is wanted the struct."""
    given = {member.name.name: member.value for member in node.members}
    wanted = expected if node.name is None else t.type_of(node)
    if isinstance(wanted, StructType) and _fills(wanted, given):
        return _struct_of(t, wanted, given)
    entries = {name: t.code(value, t.type_of(value)) for name, value in given.items()}
    return python.call("Object", python.members(entries)), ObjectType()


def hints(t: Translator, node: nodes.HintsValue, expected: Type | None) -> Typed:
    """`hints {…}`, `input {…}`, `output {…}`."""
    entries = {member.name.name: t.code(member.value, t.type_of(member.value)) for member in node.members}
    return python.call("HintsValue", python.members(entries)), t.type_of(node)
