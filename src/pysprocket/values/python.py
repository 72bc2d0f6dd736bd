"""Small makers of Python syntax trees, for the translation of expressions.

In: Python expressions as trees. Out: larger ones, without positions; `values.translate` adds those of the WDL text.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping, Sequence
from types import CodeType
from typing import Literal

SCOPE = "s"
CONTEXT = "c"
RESULT = "_t"
_NOWHERE: Mapping[str, int | None] = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}


def name(identifier: str) -> ast.expr:
    """A name."""
    return ast.Name(identifier, ast.Load())


def constant(value: str | float | None) -> ast.expr:
    """A constant."""
    return ast.Constant(value)


def call(function: str | ast.expr, *arguments: ast.expr) -> ast.expr:
    """`function(argument, …)`."""
    return ast.Call(name(function) if isinstance(function, str) else function, list(arguments), [])


def subscript(target: ast.expr, key: str | int) -> ast.expr:
    """`target[key]`."""
    return ast.Subscript(target, constant(key), ast.Load())


def array(items: Sequence[ast.expr]) -> ast.expr:
    """`[item, …]`."""
    return ast.List(list(items), ast.Load())


def pair(left: ast.expr, right: ast.expr) -> ast.expr:
    """`(left, right)`."""
    return ast.Tuple([left, right], ast.Load())


def mapping(keys: Sequence[ast.expr], values: Sequence[ast.expr]) -> ast.expr:
    """`{key: value, …}`."""
    return ast.Dict(list(keys), list(values))


def members(entries: dict[str, ast.expr]) -> ast.expr:
    """`{"name": value, …}`."""
    return mapping([constant(key) for key in entries], list(entries.values()))


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
    """`left operator right`."""
    return ast.BinOp(left, operator, right)


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """`left operator right` for a comparison."""
    return ast.Compare(left, [operator], [right])


def conditional(condition: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """`yes if condition else no`."""
    return ast.IfExp(condition, yes, no)


def keep(value: ast.expr) -> ast.expr:
    """`(_t := value)`, read again with `name(RESULT)`; the innermost result is read before an outer one is kept."""
    return ast.NamedExpr(ast.Name(RESULT, ast.Store()), value)


def between(low: float, value: ast.expr, high: float) -> ast.expr:
    """`low <= value <= high`."""
    return ast.Compare(constant(low), [ast.LtE(), ast.LtE()], [value, constant(high)])


def function(body: ast.expr, *parameters: str) -> ast.Lambda:
    """`lambda parameter, …: body`."""
    arguments = [ast.arg(parameter) for parameter in parameters]
    return ast.Lambda(ast.arguments([], arguments, None, [], [], None, []), body)


def text(parts: Sequence[ast.expr]) -> ast.expr:
    """An f-string; each part is a string constant or what `formatted` gives."""
    return ast.JoinedStr(list(parts))


def formatted(value: ast.expr, specification: str = "") -> ast.expr:
    """`{value}` or `{value:specification}` in an f-string."""
    return ast.FormattedValue(value, -1, ast.JoinedStr([constant(specification)]) if specification else None)


def locate(node: ast.AST, place: Mapping[str, int | None] = _NOWHERE) -> None:
    """Give each part that has no position that of the nearest part around it, as `compile` needs it."""
    fields = vars(node)
    parts = list(fields.values())
    if "lineno" in fields:
        place = {name: fields[name] for name in _NOWHERE}
    elif node._attributes:
        fields.update(place)
    for part in parts:
        if isinstance(part, list):
            for item in part:
                if isinstance(item, ast.AST):
                    locate(item, place)
        elif isinstance(part, ast.AST) and part._fields:
            locate(part, place)


def compiled(tree: ast.Module | ast.Expression, name: str, mode: Literal["exec", "eval"]) -> CodeType:
    """The code of a tree; Python's opinion of it (`"a" is not None`, an index into a number) is not the user's."""
    locate(tree)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(tree, name, mode)
