"""Number literals.

In: the text of a number as written, without its sign. Out: its value. Source: WDL specification, "Integers" and
"Floats"; an Int has 64 bits.
"""

from __future__ import annotations

import re

LARGEST = 2**63 - 1
_FLOAT = re.compile(r"(?=.*[.eE])(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGERS = ((re.compile(r"[1-9][0-9]*"), 10), (re.compile(r"0[xX][0-9A-Fa-f]+"), 16), (re.compile(r"0[0-7]*"), 8))
_SAFE_DIGITS = 19  # fewer decimal digits than this are always in range
_DIGITS = 22  # as many digits as a 64-bit number has in octal


def parse_number(text: str) -> int | float | None:
    """The value of a decimal, hexadecimal, octal or floating-point number; None when it is no number.

    An integer far out of the range of 64 bits is some integer out of that range, a float out of range is infinite:
    the time does not grow with the number of digits as that of `int` does.
    """
    if len(text) < _SAFE_DIGITS and text.isdigit() and text[0] != "0":
        return int(text)
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(text):
            digits = text.lower().removeprefix("0x").lstrip("0") or "0"
            return int(digits, base) if len(digits) <= _DIGITS else LARGEST * 4
    return float(text) if _FLOAT.fullmatch(text) else None
