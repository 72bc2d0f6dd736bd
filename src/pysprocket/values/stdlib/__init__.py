"""The standard library of WDL: what each function does when it runs.

In: nothing. Out: `FUNCTIONS`, from the name to a Python function of the context and the arguments, which have been
coerced to the types of the parameters. Which overloads there are, and since when, is in `types.functions`. Functions
of one family are in one module. Source: WDL specification, "Standard Library". `defined` and `length` are
translated to Python directly and are not here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pysprocket.values.stdlib import arrays, files, maps, numeric, other, read, strings, write

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **numeric.FUNCTIONS,
    **strings.FUNCTIONS,
    **files.FUNCTIONS,
    **read.FUNCTIONS,
    **write.FUNCTIONS,
    **arrays.FUNCTIONS,
    **maps.FUNCTIONS,
    **other.FUNCTIONS,
}
