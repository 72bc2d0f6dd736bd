"""Numeric functions.

In: Int and Float values. Out: the same. Source: WDL specification, "Numeric Functions". A half is rounded up, for
negative numbers too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pysprocket.errors import EvaluationError
from pysprocket.values.coerce import INT_MAX, INT_MIN
from pysprocket.values.context import Context


def floor(_: Context, number: float) -> int:
    """The nearest Int that is not greater."""
    return _whole("floor", math.floor, number)


def ceil(_: Context, number: float) -> int:
    """The nearest Int that is not less."""
    return _whole("ceil", math.ceil, number)


def round_half_up(_: Context, number: float) -> int:
    """The nearest Int; of two equally near the greater one."""
    below = _whole("round", math.floor, number)
    return below + (number - below >= 0.5)


def _whole(function: str, rounding: Callable[[float], int], number: float) -> int:
    if not math.isfinite(number) or not INT_MIN <= (whole := rounding(number)) <= INT_MAX:
        raise EvaluationError(f"`{function}` of {number} does not fit into an Int, which has 64 bits")
    return whole


def least(_: Context, left: float, right: float) -> float:
    """The lesser of two numbers."""
    return min(left, right)


def greatest(_: Context, left: float, right: float) -> float:
    """The greater of two numbers."""
    return max(left, right)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "floor": floor,
    "ceil": ceil,
    "round": round_half_up,
    "min": least,
    "max": greatest,
}
