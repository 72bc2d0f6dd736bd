"""Byte sizes, exactly as WDL spells them.

In: text such as "2 GiB" or "6.2GB". Out: whole bytes. Source: WDL specification 1.3, "Units of Storage":
B; K, KB, M, MB, G, GB, T, TB are decimal; Ki, KiB … Ti, TiB are binary; case does not matter; a blank between
number and unit is optional.
"""

from __future__ import annotations

import re
from decimal import Decimal

_PREFIXES = ("", "K", "M", "G", "T", "P")
BYTES_PER_UNIT: dict[str, int] = {"B": 1}
for _power, _prefix in enumerate(_PREFIXES[1:], start=1):
    BYTES_PER_UNIT |= {_prefix: 1000**_power, f"{_prefix}B": 1000**_power}
    BYTES_PER_UNIT |= {f"{_prefix}I": 1024**_power, f"{_prefix}IB": 1024**_power}

_SIZE = r"(?a)\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)\s*"


def unit_bytes(unit: str) -> int:
    """Bytes in one `unit` such as "GiB".

    Raises:
        ValueError: not a unit of storage.
    """
    try:
        return BYTES_PER_UNIT[unit.upper()]
    except KeyError:
        raise ValueError(f"`{unit}` is not a unit of storage; use B, KB, MB, GB, TB, KiB, MiB, GiB or TiB") from None


def parse_size(text: str, default_unit: str = "B") -> int:
    """Whole bytes of a size such as "2 GiB", rounded up; a bare number counts `default_unit`.

    Raises:
        ValueError: not a size.
    """
    match = re.fullmatch(_SIZE, text)
    if match is None:
        raise ValueError(f"`{text}` is not a size; write a number and a unit, such as `2 GiB`")
    size = Decimal(match[1]) * unit_bytes(match[2] or default_unit)
    return int(size.to_integral_value(rounding="ROUND_CEILING"))


def format_size(size: int) -> str:
    """A size in bytes for a person: "1.5 GiB"."""
    if size < 1024:
        return f"{size} B"
    value = float(size)
    for prefix in _PREFIXES[1:]:
        value /= 1024
        if value < 1024 or prefix == _PREFIXES[-1]:
            break
    return f"{value:.1f}".removesuffix(".0") + f" {prefix}iB"
