"""What compiled expressions call: arithmetic, comparison and access as WDL defines them.

In: values. Out: values, or `EvaluationError` with a sentence for the user. Source: WDL specification, "Operators".
Int has 64 bits and never wraps; division and remainder truncate toward zero; equality of maps looks at the order.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NoReturn

from pysprocket.errors import EvaluationError, NoneError
from pysprocket.values.coerce import INT_MAX, INT_MIN, parse_number
from pysprocket.values.context import Context
from pysprocket.values.model import Directory, File, Object, Pair, StructValue, Value
from pysprocket.values.text import did_you_mean, kind, quote, shown


def overflow(symbol: str) -> NoReturn:
    """The result of `symbol` left the range of Int."""
    raise EvaluationError(f"the result of `{symbol}` does not fit into 64 bits", help="compute with Float values")


def float_overflow(symbol: str) -> NoReturn:
    """The result of `symbol` is no finite Float, which has no literal and no JSON form."""
    raise EvaluationError(f"the result of `{symbol}` is too large for a Float")


def some(value: Value, text: str) -> Value:
    """`value`, which the document calls `text`, unless it is None.

    Raises:
        NoneError: it is None.
    """
    if value is None:
        raise NoneError(f"`{text}` is None", help="use `select_first([…, default])`, or ask `defined(…)` first")
    return value


def quiet(function: Callable[[], Value]) -> Value:
    """The value of a placeholder; None when a None in it keeps it from having one (WDL 1.2 and later)."""
    try:
        return function()
    except NoneError:
        return None


# --- arithmetic --------------------------------------------------------------------------------------------


def checked(number: int, symbol: str) -> int:
    """An Int that is the result of `symbol`."""
    if INT_MIN <= number <= INT_MAX:
        return number
    overflow(symbol)


def divide(left: int, right: int) -> int:
    """`left / right` of two Ints, truncated toward zero."""
    if right == 0:
        raise EvaluationError("division by zero")
    quotient = left // right
    if quotient < 0 and quotient * right != left:
        return quotient + 1
    return quotient if quotient <= INT_MAX else overflow("/")


def remainder(left: float, right: float) -> float:
    """`left % right`, with the sign of `left`."""
    if right == 0:
        raise EvaluationError("remainder of a division by zero")
    if type(left) is int and type(right) is int:
        rest = left % right  # with the sign of `right`
        return rest - right if rest and (left < 0) != (right < 0) else rest
    return math.fmod(left, right)


def power(left: float, right: float) -> float:
    """`left ** right`; an Int for two Ints."""
    if isinstance(left, int) and isinstance(right, int):
        if right < 0:
            raise EvaluationError(f"an Int to a negative power ({right}) is no Int", help="write the base as a Float")
        if abs(left) > 1 and right > 63:
            overflow("**")
        return checked(left**right, "**")
    try:
        result = left**right
    except ZeroDivisionError:
        raise EvaluationError("zero to a negative power") from None
    except OverflowError:
        float_overflow("**")
    if isinstance(result, complex):
        raise EvaluationError(f"{left} to the power {right} is no real number")
    return float(result)


def arithmetic(symbol: str, left: Value, right: Value) -> Value:
    """`left symbol right` for values whose types are known only now. Text is joined, else it counts as its number."""
    _check_operands(symbol, left, right)
    if symbol == "+" and (isinstance(left, str) or isinstance(right, str)):
        return shown(left) + shown(right)
    left, right = number(left), number(right)
    if not (_is_number(left) and _is_number(right)):
        raise EvaluationError(f"`{symbol}` does not go with {kind(left)} and {kind(right)}")
    whole = isinstance(left, int) and isinstance(right, int)
    if symbol == "/" and whole:
        return divide(left, right)
    result = _ARITHMETIC[symbol](left, right)
    return checked(result, symbol) if whole else result if math.isfinite(result) else float_overflow(symbol)


def _check_operands(symbol: str, left: Value, right: Value) -> None:
    if left is None or right is None:
        raise NoneError(f"an operand of `{symbol}` is None")


def number(value: Value) -> Value:
    """The number that a text is, where arithmetic needs one.

    Raises:
        CoercionError: the text is no number.
    """
    return parse_number(value, "a number") if isinstance(value, str) else value


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": remainder,
    "**": power,
}


def lifted(symbol: str, left: Value, right: Value) -> Value:
    """`left + right` in a placeholder: None when one of them is None."""
    return None if left is None or right is None else arithmetic(symbol, left, right)


def lifted_text(*parts: Value) -> str | None:
    """Texts joined in a placeholder: None when one of them is None."""
    return None if None in parts else "".join(map(shown, parts))


def negate(value: Value) -> Value:
    """`-value`."""
    if not _is_number(value):
        raise EvaluationError(f"`-` does not go with {kind(value)}")
    return checked(-value, "-") if isinstance(value, int) else -value


# --- comparison --------------------------------------------------------------------------------------------


def equal(left: Value, right: Value, context: Context) -> bool:
    """`left == right`. A String beside a File or Directory is taken as a path."""
    if left is None or right is None:
        return left is right
    if isinstance(left, str) and isinstance(right, str):
        return _same_text(left, right, context)
    if isinstance(left, (list, Pair)) and isinstance(right, (list, Pair)):
        return len(left) == len(right) and all(map(equal, left, right, [context] * len(left)))
    if isinstance(left, dict) and isinstance(right, dict):
        return _same_entries(left, right, context)
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _same_text(left: str, right: str, context: Context) -> bool:
    for one, other in ((left, right), (right, left)):
        if type(one) is File and type(other) is str:
            return one == context.file(other, optional=True)
        if type(one) is Directory and type(other) is str:
            return one == context.directory(other, optional=True)
    return left == right


def _same_entries(left: dict[Value, Value], right: dict[Value, Value], context: Context) -> bool:
    if isinstance(left, (Object, StructValue)) or isinstance(right, (Object, StructValue)):
        return left.keys() == right.keys() and all(equal(value, right[key], context) for key, value in left.items())
    pairs = zip(left.items(), right.items(), strict=False)
    return len(left) == len(right) and all(equal(Pair(*one), Pair(*other), context) for one, other in pairs)


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def ordered(symbol: str, left: Value, right: Value) -> bool:
    """`left symbol right` for values whose types are known only now."""
    _check_operands(symbol, left, right)
    alike = isinstance(left, str) == isinstance(right, str)
    if not alike or not isinstance(left, (str, int, float)) or not isinstance(right, (str, int, float)):
        raise EvaluationError(f"`{symbol}` does not go with {kind(left)} and {kind(right)}")
    return _ORDERINGS[symbol](left, right)


# --- parts of values ---------------------------------------------------------------------------------------


def item(array: list[Value], index: int) -> Value:
    """`array[index]`."""
    if 0 <= index < len(array):
        return array[index]
    size = f"has {len(array)} items, the last is {len(array) - 1}" if array else "is empty"
    raise EvaluationError(f"index {index} is outside of the array, which {size}")


def lookup(mapping: dict[Value, Value], key: Value) -> Value:
    """`mapping[key]`."""
    try:
        return mapping[key]
    except KeyError:
        raise EvaluationError(f"the map has no key {quote(key)}{did_you_mean(key, mapping)}") from None


def element(value: Value, index: Value) -> Value:
    """`value[index]` for values whose types are known only now."""
    if isinstance(value, list) and isinstance(index, int):
        return item(value, index)
    if isinstance(value, dict):
        return lookup(value, index)
    raise EvaluationError(f"{kind(value)} cannot be indexed with {kind(index)}")


def member(value: Value, name: str) -> Value:
    """`value.name` for values whose members are known only now."""
    if isinstance(value, Pair) and name in Pair._fields:
        return getattr(value, name)
    if isinstance(value, dict):
        try:
            return value[name]
        except KeyError:
            raise EvaluationError(f"{kind(value)} has no member `{name}` here{did_you_mean(name, value)}") from None
    if value is None:
        raise NoneError(f"None has no member `{name}`")
    raise EvaluationError(f"{kind(value)} has no member `{name}`")


def make_map(entries: list[tuple[Value, Value]]) -> dict[Value, Value]:
    """A map literal.

    Raises:
        EvaluationError: two keys are the same.
    """
    result = dict(entries)
    if len(result) != len(entries):
        keys = [key for key, _ in entries]
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise EvaluationError(f"the key {quote(twice)} stands twice in the map")
    return result


def joined(value: Value, separator: str) -> str:
    """The placeholder option `sep`; a value that is no array is its own text."""
    return separator.join(map(shown, value)) if isinstance(value, list) else shown(value)
