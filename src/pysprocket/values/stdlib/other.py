"""Functions of no family.

In: a choice of an enum. Out: its inner value. Source: WDL specification 1.3, "value".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pysprocket.values.context import Context
from pysprocket.values.model import EnumValue, Value


def value(_: Context, choice: EnumValue) -> Value:
    """The inner value of a choice."""
    return choice.value


FUNCTIONS: dict[str, Callable[..., Any]] = {"value": value}
