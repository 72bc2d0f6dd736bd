"""Byte sizes, exactly as WDL spells them, and time spans.

In: text such as "2 GiB", "6.2GB" or "5 min". Out: whole bytes, or seconds; and both as text for a person. Source: WDL
specification 1.3, "Units of Storage": B; K, KB, M, MB, G, GB, T, TB are decimal; Ki, KiB … Ti, TiB are binary; case
does not matter; a blank between number and unit is optional.
"""

from __future__ import annotations

from decimal import Decimal

_PREFIXES = ("", "K", "M", "G", "T", "P")
BYTES_PER_UNIT: dict[str, int] = {"B": 1}
for _power, _prefix in enumerate(_PREFIXES[1:], start=1):
    BYTES_PER_UNIT |= {_prefix: 1000**_power, f"{_prefix}B": 1000**_power}
    BYTES_PER_UNIT |= {f"{_prefix}I": 1024**_power, f"{_prefix}IB": 1024**_power}

LARGEST_SIZE = 2**63 - 1
"""Bytes: what an `Int` of WDL, and an integer of TOML, can hold."""

LONGEST_DURATION = 100 * 365.25 * 86400
"""Seconds: nobody waits for longer, and clocks cannot count for ever."""

_QUOTED = 40

_BLANKS = " \t\n\r\f\v"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _divided(text: str) -> tuple[str, str]:
    """A decimal number and the letters behind it; an empty number where there is none, or something else."""
    text = text.strip(_BLANKS)
    number = text.rstrip(_LETTERS)
    unit = text[len(number) :]
    number = number.rstrip(_BLANKS)
    return (number if number.isascii() and number.replace(".", "", 1).isdecimal() else ""), unit


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
        ValueError: not a size, or one that is larger than all there are.
    """
    number, unit = _divided(text)
    if not number:
        raise ValueError(f"`{_brief(text)}` is not a size; write a number and a unit, such as `2 GiB`")
    size = Decimal(number) * unit_bytes(unit or default_unit)
    if size > LARGEST_SIZE:
        raise ValueError(f"`{_brief(text)}` is too large; a size is {LARGEST_SIZE} bytes at most")
    return int(size.to_integral_value(rounding="ROUND_CEILING"))


def format_size(size: int, digits: int = 1) -> str:
    """A size in bytes for a person: "1.5 GiB"; "96 GB" where that is exact and the binary unit is not.

    Args:
        size: in bytes.
        digits: behind the point, at most.
    """
    if size < 1024:
        return f"{size} B"
    power = min(_unit_power(size, 1024, digits), len(_PREFIXES) - 1)
    decimal = min(_unit_power(size, 1000, 1), len(_PREFIXES) - 1)
    if size * 10 % 1024**power and size * 10 % 1000**decimal == 0:
        return _short(size / 1000**decimal, 1) + f" {_PREFIXES[decimal]}B"
    return _short(size / 1024**power, digits) + f" {_PREFIXES[power]}iB"


def format_sizes(*sizes: int) -> list[str]:
    """Sizes that are told side by side: such as differ never look alike."""
    for digits in (1, 2, 3):
        texts = [format_size(size, digits) for size in sizes]
        if len(set(texts)) == len(set(sizes)):
            return texts
    return [f"{size:,} bytes" for size in sizes]


def format_numbers(*numbers: float) -> list[str]:
    """Numbers, such as those of processors, that are told side by side: such as differ never look alike."""
    texts = [f"{number:g}" for number in numbers]
    return texts if len(set(texts)) == len(set(numbers)) else [f"{number!r}" for number in numbers]


def _unit_power(size: int, base: int, digits: int) -> int:
    """Which power of `base` is the unit in which a size, rounded, is a number below `base`."""
    power = 0
    while round(size / base**power, digits) >= base:
        power += 1
    return power


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


_SECONDS = {"": 1.0, "ms": 0.001} | {
    name: seconds
    for seconds, names in (
        (1.0, "s sec second seconds"),
        (60.0, "m min minute minutes"),
        (3600.0, "h hour hours"),
        (86400.0, "d day days"),
    )
    for name in names.split()
}


def parse_duration(span: str | float) -> float:
    """Seconds of a time span such as "30 s", "5 min" or "1.5h"; a bare number counts seconds.

    Raises:
        ValueError: not a time span, or one of more than 100 years.
    """
    if isinstance(span, str):
        number, unit = _divided(span)
        seconds = float(number) * _SECONDS[unit] if number and unit in _SECONDS else -1
    else:
        seconds = span
    if not seconds >= 0:  # as NaN is not
        what = f"`{_brief(str(span))}` is not a time span"
        raise ValueError(f"{what}; write a number and a unit, such as `30 s` or `5 min`")
    if seconds > LONGEST_DURATION:
        raise ValueError(f"`{_brief(str(span))}` is too long; a time span is 100 years at most")
    return float(seconds)


def _brief(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def format_duration(seconds: float) -> str:
    """A time span for a person: "0.4 s", "12 s", "3 min 05 s", "2 h 04 min", "3 d 04 h"."""
    seconds = max(seconds, 0.0)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86400} d {whole % 86400 // 3600:02} h"
