"""Mistakes that literals show before anything runs.

In: expressions whose types fit. Out: `constant`, the value of a literal; diagnostics for what is sure to fail when
it is evaluated: a pattern that is none, a unit that is none, a literal index outside of a literal, keys given twice;
and a replacement that surely means something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from pysprocket.syntax import nodes
from pysprocket.units import unit_bytes

if TYPE_CHECKING:
    from pysprocket.types.expressions import ExpressionChecker

Constant: TypeAlias = "int | float | bool | str | list[Constant] | None"


class NotConstant(Exception):  # noqa: N818 - a signal, not a failure
    """The value of an expression depends on what is only known when it runs."""


def constant(expression: nodes.Expression) -> Constant:
    """The value of a literal: a number, Boolean, None, a string without placeholders, or an array of them.

    Raises:
        NotConstant: it is something else.
    """
    if isinstance(expression, nodes.Literal):
        return expression.value
    if isinstance(expression, nodes.Array):
        return [constant(item) for item in expression.items]
    if isinstance(expression, nodes.String) and expression.text is not None:
        return expression.text
    raise NotConstant


# --- arguments of functions ------------------------------------------------------------------------------


def check_arguments(checker: ExpressionChecker, node: nodes.Apply) -> None:
    """Check the second argument, or the only one, of the functions whose literal arguments can be wrong."""
    check = _ARGUMENTS.get(node.function.name)
    if check is None:
        return
    argument = node.arguments[1 if len(node.arguments) > 1 else 0]
    if len(node.arguments) == 1 and node.function.name == "size":
        return
    try:
        check(checker, argument, constant(argument))
        if node.function.name == "sub" and len(node.arguments) == 3:
            _replacement(checker, node.arguments[2], constant(argument), constant(node.arguments[2]))
    except NotConstant:
        return


def _pattern(checker: ExpressionChecker, node: nodes.Expression, value: Constant) -> None:
    if not isinstance(value, str):
        return
    from pysprocket.types.brackets import PatternError  # noqa: PLC0415 - few documents have literal patterns
    from pysprocket.types.patterns import parse  # noqa: PLC0415

    try:
        parse(value)
    except (PatternError, RecursionError) as failure:
        message = f"this is not a POSIX extended regular expression: {failure}"
        # WDL 1.0 leaves open which regular expressions there are
        report = checker.findings.leniency if checker.version > (1, 0) else checker.findings.warning
        remedy = "write it with what POSIX has: classes such as `[[:digit:]]`, groups, `|`, `*`, `+`, `?`, `{2,3}`"
        report("InvalidPattern", message, node, "fails when it runs", help=remedy)


def _replacement(checker: ExpressionChecker, node: nodes.Expression, pattern: Constant, text: Constant) -> None:
    """Warn of `$1`, which other languages write for a group of the pattern, and of groups that it does not have."""
    named = re.search(r"(?<!\\)([$\\])([1-9])", text) if isinstance(text, str) else None
    if named is None or not isinstance(pattern, str):
        return
    from pysprocket.types.brackets import PatternError  # noqa: PLC0415 - few documents have such replacements
    from pysprocket.types.patterns import parse  # noqa: PLC0415

    try:
        groups = parse(pattern).groups
    except (PatternError, RecursionError):
        return
    sign, number = named[1], int(named[2])
    if sign == "$" and number <= groups:
        message, remedy = f"`${number}` is text here, not what the group {number} holds", f'write `"\\\\{number}"`'
    elif sign == "\\" and number > groups:
        message, remedy = f"the pattern has no group {number}", "put what is meant into `(…)`"
    else:
        return
    checker.findings.warning("ReplacementGroup", message, node, help=remedy)


def _unit(checker: ExpressionChecker, node: nodes.Expression, value: Constant) -> None:
    try:
        unit_bytes(str(value))
    except ValueError as failure:
        checker.findings.error("ArgumentValue", str(failure), node)


def _count(checker: ExpressionChecker, node: nodes.Expression, value: Constant) -> None:
    if isinstance(value, int) and value < 0:
        checker.findings.error("ArgumentValue", "`range` counts from 0 up; this is negative", node)


def _length(checker: ExpressionChecker, node: nodes.Expression, value: Constant) -> None:
    if isinstance(value, int) and value <= 0:
        checker.findings.error("ArgumentValue", "a chunk has at least one item", node)


_ARGUMENTS: dict[str, Callable[[ExpressionChecker, nodes.Expression, Constant], None]] = {
    "sub": _pattern,
    "find": _pattern,
    "matches": _pattern,
    "split": _pattern,
    "size": _unit,
    "range": _count,
    "chunk": _length,
}


# --- arrays and maps -------------------------------------------------------------------------------------


def check_index(checker: ExpressionChecker, node: nodes.Index) -> None:
    """Check a literal index or key against the literal Array or Map that it is to be found in."""
    target = node.target
    if not isinstance(target, (nodes.Array, nodes.Map)):
        return
    try:
        wanted = constant(node.index)
        if isinstance(target, nodes.Array):
            missing = isinstance(wanted, int) and not 0 <= wanted < len(target.items)
            message = f"there is no item {wanted}; the array has {len(target.items)}, counted from 0"
        else:
            keys = [constant(entry.key) for entry in target.entries]
            comparable = not keys or type(wanted) in {type(key) for key in keys}
            missing = comparable and _distinct(wanted) not in {_distinct(key) for key in keys}
            message = f"the map has no key {_shown(wanted)}"
    except NotConstant:
        return
    if missing:
        checker.findings.error("MissingItem", message, node.index, "", checker.findings.label(target))


def check_keys(checker: ExpressionChecker, keys: Iterable[nodes.Expression]) -> None:
    """Report literal keys of a map that are given twice."""
    seen: dict[object, nodes.Expression] = {}
    for key in keys:
        if not isinstance(key, (nodes.Literal, nodes.String)):
            continue
        try:
            value = constant(key)
        except NotConstant:
            continue
        before = seen.setdefault(_distinct(value), key)
        if before is not key:
            first = checker.findings.label(before, "first given here")
            message = f"the key {_shown(value)} is given twice"
            checker.findings.error("DuplicateKey", message, key, "again here", first, help="remove one of the two")


def _distinct(value: Constant) -> object:
    """The value, fit to be compared: to Python `true` is 1."""
    return (value, isinstance(value, bool)) if not isinstance(value, list) else ()


def _shown(value: Constant) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return {True: "`true`", False: "`false`"}[value] if isinstance(value, bool) else f"`{value}`"
