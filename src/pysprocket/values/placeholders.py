"""Strings and commands with placeholders as Python f-strings.

In: the parts of a string or command. Out: Python code that gives its text. Source: WDL specification, "Expression
Placeholders and String Interpolation": a placeholder whose value is None is empty, and from 1.2 on also one that
fails because something in it is None; inside a placeholder `+` passes over None.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pysprocket.syntax import nodes
from pysprocket.types.model import (
    BOOLEAN,
    STRING,
    ArrayType,
    EnumType,
    MapType,
    ObjectType,
    PairType,
    Primitive,
    StructType,
    Type,
    optional,
    required,
)
from pysprocket.values import python

if TYPE_CHECKING:
    from pysprocket.values.translate import Translator, Typed

_NONE_IS_EMPTY_SINCE = (1, 2)
_COMPOUND = (ArrayType, MapType, PairType, StructType, ObjectType)


def string(t: Translator, node: nodes.String, expected: Type | None) -> Typed:
    """A string literal."""
    return text(t, node.parts), STRING


def text(t: Translator, parts: Sequence[str | nodes.Placeholder]) -> ast.expr:
    """The text of the parts of a string or command."""
    if all(isinstance(part, str) for part in parts):
        return python.constant("".join(part for part in parts if isinstance(part, str)))
    return python.text(string_parts(t, parts))


def string_parts(t: Translator, parts: Sequence[str | nodes.Placeholder]) -> list[ast.expr]:
    """The same as parts of an f-string."""
    return [python.constant(part) if isinstance(part, str) else _placeholder(t, part) for part in parts]


def inserted(code: ast.expr, type_: Type) -> ast.expr:
    """What an f-string inserts for a value."""
    if not type_.optional:
        if isinstance(type_, EnumType):
            return python.formatted(code)
        if isinstance(type_, Primitive) and type_.name == "Float":
            return python.formatted(code, ".6f")
        if isinstance(type_, Primitive) and type_.name != "Boolean":
            return python.formatted(code)
    how = "shown" if isinstance(type_, _COMPOUND) else "to_text"  # JSON only where the checker has warned of it
    return python.formatted(python.call(how, code))


def _placeholder(t: Translator, node: nodes.Placeholder) -> ast.expr:
    outside, met_none = t.in_placeholder, t.meets_none
    t.in_placeholder, t.meets_none = True, False
    code, type_ = t.typed(node.expression)
    if t.meets_none and t.version >= _NONE_IS_EMPTY_SINCE:
        code = t.placed(python.call("quiet", python.function(code)), node.expression)
        type_, t.meets_none = optional(type_), False
    code, type_ = _with_options(t, code, type_, node)
    t.in_placeholder, t.meets_none = outside, t.meets_none or met_none
    return t.placed(inserted(code, type_), node)


def _with_options(t: Translator, code: ast.expr, type_: Type, node: nodes.Placeholder) -> Typed:
    """`sep` makes text of an array, `true` and `false` of a Boolean; `default` replaces what is None then."""
    options = {option.name: t.code(option.value, STRING) for option in node.options}
    result = python.name(python.RESULT)
    if "sep" in options:
        code, type_ = _unless_none(code, python.call("joined", result, options["sep"]), type_)
    if "true" in options or "false" in options:
        condition = t.coerced(result, required(type_), BOOLEAN, node.expression)
        texts = [options.get(name, python.constant("")) for name in ("true", "false")]
        code, type_ = _unless_none(code, python.conditional(condition, *texts), type_)
    if "default" in options:
        code, type_ = _default(code, type_, options["default"])
    return code, type_


def _default(code: ast.expr, type_: Type, value: ast.expr) -> Typed:
    given = ast.JoinedStr([inserted(python.name(python.RESULT), required(type_))])
    missing = python.compare(python.keep(code), ast.Is(), python.constant(None))
    return python.conditional(missing, value, given), STRING


def _unless_none(code: ast.expr, made: ast.expr, type_: Type) -> Typed:
    """`None if (_t := code) is None else made`."""
    missing = python.compare(python.keep(code), ast.Is(), python.constant(None))
    type_ = optional(STRING) if type_.optional else STRING
    return python.conditional(missing, python.constant(None), made), type_
