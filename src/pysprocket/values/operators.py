"""Operators as Python expressions.

In: `Binary` and `Unary` nodes and the types of their operands. Out: Python code and the type of what it gives. Where
the types are known the operator is Python's own, with a check of the range for Int; else `values.operations` looks
at the values. A text made of a File stays a String here: whoever wants a File makes one of it, which checks the path.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pysprocket.syntax import nodes
from pysprocket.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    NONE,
    STRING,
    ArrayType,
    EnumType,
    Primitive,
    Type,
    optional,
    required,
)
from pysprocket.values import python
from pysprocket.values.coerce import FLOAT_MAX, INT_MAX, INT_MIN
from pysprocket.values.placeholders import inserted, string_parts

if TYPE_CHECKING:
    from pysprocket.values.translate import Translator, Typed

_NUMBERS = (INT, FLOAT)
_TEXTS = ("String", "File", "Directory")
_ARITHMETIC: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div()}
_EQUALITIES: dict[str, ast.cmpop] = {"==": ast.Eq(), "!=": ast.NotEq()}
_ORDERINGS: dict[str, ast.cmpop] = {"<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE()}
_DIVISIONS: dict[str, ast.operator] = {"/": ast.FloorDiv(), "%": ast.Mod()}
_HELPERS = {"/": "divide", "%": "remainder", "**": "power"}


def binary(t: Translator, node: nodes.Binary, expected: Type | None) -> Typed:
    """`left operator right`."""
    if node.operator in ("&&", "||"):
        operator = ast.And() if node.operator == "&&" else ast.Or()
        return ast.BoolOp(operator, [t.code(node.left, BOOLEAN), t.code(node.right, BOOLEAN)]), BOOLEAN
    if node.operator in _EQUALITIES:
        return _equality(t, node)
    if node.operator in _ORDERINGS:
        return _ordering(t, node)
    return _concatenation(t, node) if _is_concatenation(t, node) else _arithmetic(t, node)


def unary(t: Translator, node: nodes.Unary, expected: Type | None) -> Typed:
    """`!operand`, `-operand`, `+operand`."""
    if node.operator == "!":
        return ast.UnaryOp(ast.Not(), t.code(node.operand, BOOLEAN)), BOOLEAN
    code, type_ = t.needed(node.operand)
    if node.operator == "+":
        return code, type_
    if type_ == FLOAT:
        return ast.UnaryOp(ast.USub(), code), FLOAT
    return python.call("negate", code), type_


# --- arithmetic --------------------------------------------------------------------------------------------


def _arithmetic(t: Translator, node: nodes.Binary) -> Typed:
    symbol = node.operator
    left, left_type = t.typed(node.left)
    right, right_type = t.typed(node.right)
    if symbol == "+" and t.in_placeholder and (left_type.optional or right_type.optional):
        return python.call("lifted", python.constant(symbol), left, right), optional(t.type_of(node))
    left, left_type = _present(t, left, left_type, node.left)
    right, right_type = _present(t, right, right_type, node.right)
    if left_type not in _NUMBERS or right_type not in _NUMBERS:
        t.meets_none = True
        return python.call("arithmetic", python.constant(symbol), left, right), t.type_of(node)
    type_ = INT if left_type == right_type == INT else FLOAT
    if t.variables and symbol in _DIVISIONS and type_ == INT and _is_positive(right):  # in a loop it pays
        return _division(left, symbol, right), INT
    if symbol in _HELPERS and not (symbol == "/" and type_ == FLOAT):
        return python.call(_HELPERS[symbol], left, right), type_
    result = python.binary(left, _ARITHMETIC[symbol], right)
    return _in_range(result, symbol, type_), type_


def _is_positive(code: ast.expr) -> bool:
    return isinstance(code, ast.Constant) and isinstance(code.value, int) and code.value > 0


def _division(left: ast.expr, symbol: str, right: ast.expr) -> ast.expr:
    """By a constant: `_t // right if (_t := left) >= 0 else divide(_t, right)`, as both truncate then; `%` alike."""
    kept = python.name(python.RESULT)
    positive = python.compare(python.keep(left), ast.GtE(), python.constant(0))
    quick = python.binary(kept, _DIVISIONS[symbol], right)
    return python.conditional(positive, quick, python.call(_HELPERS[symbol], kept, right))


def _present(t: Translator, code: ast.expr, type_: Type, node: nodes.Expression) -> Typed:
    return (t.placed(t.some(code, node), node), required(type_)) if type_.optional else (code, type_)


def _in_range(result: ast.expr, symbol: str, type_: Type) -> ast.expr:
    """`_t if INT_MIN <= (_t := result) <= INT_MAX else overflow(symbol)`; the same for Float."""
    low, high, failure = (INT_MIN, INT_MAX, "overflow") if type_ == INT else (-FLOAT_MAX, FLOAT_MAX, "float_overflow")
    fits = python.between(low, python.keep(result), high)
    return python.conditional(fits, python.name(python.RESULT), python.call(failure, python.constant(symbol)))


# --- concatenation -----------------------------------------------------------------------------------------


def _is_concatenation(t: Translator, node: nodes.Expression) -> bool:
    if not isinstance(node, nodes.Binary) or node.operator != "+":
        return False
    types = (t.type_of(node.left), t.type_of(node.right))
    known = all(isinstance(type_, (Primitive, EnumType, ArrayType)) for type_ in types)
    return known and any(isinstance(type_, EnumType) or _is_text(type_) for type_ in types)


def _is_text(type_: Type) -> bool:
    return isinstance(type_, Primitive) and type_.name in _TEXTS


def _concatenation(t: Translator, node: nodes.Binary) -> Typed:
    operands = _operands(t, node)
    if t.in_placeholder and any(t.type_of(operand).optional for operand in operands):
        codes = [t.typed(operand)[0] for operand in operands]
        return python.call("lifted_text", *codes), optional(STRING)
    parts: list[ast.expr] = []
    for operand in operands:
        if isinstance(operand, nodes.String):
            parts += string_parts(t, operand.parts)
        else:
            code, type_ = t.needed(operand)
            parts.append(t.placed(inserted(code, type_), operand))
    return python.text(parts), STRING


def _operands(t: Translator, node: nodes.Expression) -> list[nodes.Expression]:
    """The operands of a chain of concatenations."""
    if isinstance(node, nodes.Binary) and _is_concatenation(t, node):
        return _operands(t, node.left) + _operands(t, node.right)
    return [node]


# --- comparison --------------------------------------------------------------------------------------------


def _equality(t: Translator, node: nodes.Binary) -> Typed:
    left, left_type = t.typed(node.left)
    right, right_type = t.typed(node.right)
    if NONE in (left_type, right_type):
        is_or_not = ast.Is() if node.operator == "==" else ast.IsNot()
        return python.compare(left, is_or_not, right), BOOLEAN
    if _compares_natively(required(left_type), required(right_type)):
        return python.compare(left, _EQUALITIES[node.operator], right), BOOLEAN
    same = python.call("equal", left, right, python.name(python.CONTEXT))
    return (same if node.operator == "==" else ast.UnaryOp(ast.Not(), same)), BOOLEAN


def _compares_natively(left: Type, right: Type) -> bool:
    if left in _NUMBERS and right in _NUMBERS:
        return True
    return left == right and isinstance(left, (Primitive, EnumType))


def _ordering(t: Translator, node: nodes.Binary) -> Typed:
    left, left_type = t.needed(node.left)
    right, right_type = t.needed(node.right)
    if isinstance(left_type, Primitive) and _compares_natively(left_type, right_type):
        return python.compare(left, _ORDERINGS[node.operator], right), BOOLEAN
    t.meets_none = True
    return python.call("ordered", python.constant(node.operator), left, right), BOOLEAN
