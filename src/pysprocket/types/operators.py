"""The types of operators and of the conditional expression.

In: `Unary`, `Binary` and `Conditional` nodes. Out: their types. Source: WDL specification, "Built-in Operators".
An operand that may be None is accepted with a warning and checked when it runs; inside a placeholder `+` lifts
over None instead: its type is optional then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysprocket.syntax import nodes
from pysprocket.types.coercion import Coercibility, coercible, common_type
from pysprocket.types.findings import article
from pysprocket.types.literals import together
from pysprocket.types.model import (
    ANY,
    BOOLEAN,
    FILE,
    FLOAT,
    INT,
    STRING,
    ArrayType,
    EnumType,
    Primitive,
    Type,
    UnionType,
    optional,
    required,
)

if TYPE_CHECKING:
    from pysprocket.types.expressions import ExpressionChecker

_NUMBERS = frozenset({"Int", "Float"})
_TEXTS = frozenset({"String", "File", "Directory"})


def unary(checker: ExpressionChecker, node: nodes.Unary, expected: Type | None) -> Type:
    """`!x`, `-x`, `+x`."""
    if node.operator == "!":
        checker.condition(node.operand, "the operand of `!`")
        return BOOLEAN
    given = checker.value(node.operand)
    type_ = required(given)
    if isinstance(type_, UnionType):
        return ANY
    if not (isinstance(type_, Primitive) and type_.name in _NUMBERS):
        message = f"`{node.operator}` needs a number, and this is {article(given)}"
        checker.findings.error("OperatorType", message, node.operand)
        return ANY
    _warn_optional(checker, node.operand, given, node.operator)
    return type_


def binary(checker: ExpressionChecker, node: nodes.Binary, expected: Type | None) -> Type:
    """`left operator right`."""
    operator = node.operator
    if operator in {"&&", "||"}:
        checker.condition(node.left, f"an operand of `{operator}`")
        checker.condition(node.right, f"an operand of `{operator}`")
        return BOOLEAN
    left, right = checker.value(node.left), checker.value(node.right)
    if operator in {"==", "!="}:
        if not _comparable(left, right):
            _report(checker, node, left, right)
        return BOOLEAN
    result = _result(operator, required(left), required(right))
    if result is None:
        return _lenient_result(checker, node, left, right)
    if left.optional or right.optional:
        if operator == "+" and checker.in_placeholder:
            return optional(result) if not isinstance(result, UnionType) else result
        _warn_optional(checker, node.left, left, operator)
        _warn_optional(checker, node.right, right, operator)
    return result


def _lenient_result(checker: ExpressionChecker, node: nodes.Binary, left: Type, right: Type) -> Type:
    """The type of what WDL does not define: text of a Boolean or Array is concatenated, text counts as its number."""
    operands = required(left), required(right)
    result: Type
    if node.operator == "+" and STRING in operands and all(coercible(type_, STRING) for type_ in operands):
        result, remark = STRING, "its text is used"
    elif node.operator[0] not in "<>+" and all(_reads_as_number(type_) for type_ in operands):
        result, remark = ANY, "converted when it runs; it fails if it is no number"
    else:
        _report(checker, node, left, right)
        return BOOLEAN if node.operator[0] in "<>" else ANY
    odd = node.right if _fits_operator(node.operator, operands[0]) else node.left
    given = right if odd is node.right else left
    checker.findings.leniency(
        "OperatorType",
        f"`{node.operator}` cannot take {article(left)} and {article(right)}",
        odd,
        f"this is {article(given)}; {remark}",
        help=_remedy(node.operator, left, right),
    )
    if node.operator == "+" and checker.in_placeholder and (left.optional or right.optional):
        return optional(result)
    return result


def _reads_as_number(type_: Type) -> bool:
    return isinstance(type_, UnionType) or (isinstance(type_, Primitive) and type_.name in _NUMBERS | {"String"})


def _fits_operator(operator: str, type_: Type) -> bool:
    if operator == "+":
        return isinstance(type_, Primitive) and type_.name != "Boolean"
    return type_ != STRING


def _result(operator: str, left: Type, right: Type) -> Type | None:
    """The type of an operation on required operands, None when it is not defined."""
    if operator[0] in "<>":
        return BOOLEAN if _ordered(left, right) else None
    if operator == "+":
        return _sum(left, right)
    return _arithmetic(left, right)


def _arithmetic(left: Type, right: Type) -> Type | None:
    names = []
    for type_ in (left, right):
        if isinstance(type_, Primitive) and type_.name in _NUMBERS:
            names.append(type_.name)
        elif not isinstance(type_, UnionType):
            return None
    if "Float" in names:
        return FLOAT
    return INT if len(names) == 2 else ANY


def _sum(left: Type, right: Type) -> Type | None:
    sides = [STRING if isinstance(type_, EnumType) else type_ for type_ in (left, right)]
    names = [type_.name for type_ in sides if isinstance(type_, Primitive)]
    if not any(name in _TEXTS for name in names):
        return _arithmetic(*sides)
    if "Boolean" in names or any(not isinstance(type_, (Primitive, UnionType)) for type_ in sides):
        return None
    return FILE if "File" in names else STRING


def _ordered(left: Type, right: Type) -> bool:
    if isinstance(left, UnionType) or isinstance(right, UnionType):
        other = right if isinstance(left, UnionType) else left
        return isinstance(other, UnionType) or (
            isinstance(other, Primitive) and other.name not in {"File", "Directory"}
        )
    if not (isinstance(left, Primitive) and isinstance(right, Primitive)):
        return False
    if left.name in _NUMBERS and right.name in _NUMBERS:
        return True
    return left.name == right.name and left.name in {"String", "Boolean"}


def _comparable(left: Type, right: Type) -> bool:
    left, right = required(left), required(right)
    if isinstance(left, EnumType) != isinstance(right, EnumType):
        return isinstance(left, UnionType) or isinstance(right, UnionType)
    if common_type(left, right) is not None:
        return True
    return Coercibility.YES in {coercible(left, right), coercible(right, left)}


def _report(checker: ExpressionChecker, node: nodes.Binary, left: Type, right: Type) -> None:
    checker.findings.error(
        "OperatorType",
        f"`{node.operator}` cannot take {article(left)} and {article(right)}",
        node.left,
        f"this is {article(left)}",
        checker.findings.label(node.right, f"this is {article(right)}"),
        help=_remedy(node.operator, left, right),
    )


def _remedy(operator: str, left: Type, right: Type) -> str | None:
    names = {str(required(type_)) for type_ in (left, right)}
    if operator == "+" and "Boolean" in names:
        return 'put the Boolean into a string: `"~{x}"`'
    if operator == "+" and any(isinstance(type_, ArrayType) for type_ in (left, right)):
        return "join the items of the Array with `sep`"
    if "String" in names and names & _NUMBERS:
        return 'make a String of the number, `"~{x}"`, or a number of the String before'
    if names == {"String"} and operator not in "<>":
        return "make numbers of the Strings before"
    return None


def _warn_optional(checker: ExpressionChecker, operand: nodes.Expression, type_: Type, operator: str) -> None:
    if type_.optional and not isinstance(type_, UnionType):
        checker.lenient(operand, type_, required(type_), f"an operand of `{operator}`")
    elif type_.optional:
        message = f"`{operator}` cannot take `None`"
        checker.findings.error("OperatorType", message, operand)


def conditional(checker: ExpressionChecker, node: nodes.Conditional, expected: Type | None) -> Type:
    """`if condition then yes else no`: the common type of the branches."""
    checker.condition(node.condition, "the condition of `if`")
    branches = (node.yes, node.no)
    types = [checker.value(branch, expected) for branch in branches]
    return together(checker, branches, types, expected, "both branches of `if`")
