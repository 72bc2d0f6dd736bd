"""Array functions.

In: arrays. Out: new ones, never the same changed. Source: WDL specification, "Generic Array Functions".
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

from pysprocket.errors import EvaluationError, NoneError
from pysprocket.values.context import Context
from pysprocket.values.model import Pair, Value
from pysprocket.values.operations import equal

_MOST_ITEMS = 50_000_000  # some gigabytes: an array that is larger is a mistake, which must not cost all memory


def range_(_: Context, count: int) -> list[int]:
    """`[0, 1, …, count - 1]`."""
    if count < 0:
        raise EvaluationError(f"`range` needs a number that is not negative, found {count}")
    _check_size("range", count)
    return list(range(count))


def _check_size(function: str, count: int) -> None:
    if count > _MOST_ITEMS:
        raise EvaluationError(f"`{function}` would give {count} items, at most {_MOST_ITEMS} are possible")


def transpose(_: Context, rows: list[list[Value]]) -> list[list[Value]]:
    """Columns for rows."""
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]):
            found = f"item 0 has {len(rows[0])}, item {index} has {len(row)}"
            raise EvaluationError(f"`transpose` needs arrays of one length: {found}")
    return [list(column) for column in zip(*rows, strict=True)]


def cross(_: Context, left: list[Value], right: list[Value]) -> list[Pair]:
    """Each item of `left` with each of `right`."""
    _check_size("cross", len(left) * len(right))
    return [Pair(one, other) for one in left for other in right]


def zip_(_: Context, left: list[Value], right: list[Value]) -> list[Pair]:
    """The items of `left` and `right` side by side."""
    if len(left) != len(right):
        raise EvaluationError(f"`zip` needs arrays of one length, found {len(left)} and {len(right)}")
    return list(map(Pair, left, right))


def unzip(_: Context, pairs: list[Pair]) -> Pair:
    """The left parts and the right parts."""
    return Pair([pair.left for pair in pairs], [pair.right for pair in pairs])


def flatten(_: Context, arrays: list[list[Value]]) -> list[Value]:
    """The items of all arrays in one."""
    return list(chain.from_iterable(arrays))


def select_first(_: Context, array: list[Value], *default: Value) -> Value:
    """The first item that is not None, else the default.

    Raises:
        NoneError: there is neither.
    """
    for item in chain(array, default):
        if item is not None:
            return item
    found = "all items are None" if array else "the array is empty"
    raise NoneError(f"`select_first` found no value: {found}", help="add a last item that is never None")


def select_all(_: Context, array: list[Value]) -> list[Value]:
    """The items that are not None."""
    return [item for item in array if item is not None]


def contains(context: Context, array: list[Value], value: Value) -> bool:
    """Whether an item is equal to `value`."""
    return any(equal(item, value, context) for item in array)


def chunk(_: Context, array: list[Value], size: int) -> list[list[Value]]:
    """The array in pieces of `size` items; the last may be shorter."""
    if size <= 0:
        raise EvaluationError(f"`chunk` needs a size greater than 0, found {size}")
    return [array[place : place + size] for place in range(0, len(array), size)]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "range": range_,
    "transpose": transpose,
    "cross": cross,
    "zip": zip_,
    "unzip": unzip,
    "flatten": flatten,
    "select_first": select_first,
    "select_all": select_all,
    "contains": contains,
    "chunk": chunk,
}
