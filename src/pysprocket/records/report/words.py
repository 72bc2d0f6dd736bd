"""Numbers, times and texts of a report as a person reads them.

In: seconds, bytes, shares, text. Out: short words. Times are shown in the time zone of whoever makes the report.
"""

from __future__ import annotations

from datetime import datetime

from pysprocket.units import format_duration, format_size

NOTHING = "\u2013"


def duration(seconds: float | None) -> str:
    """A time span: "3 min 05 s"."""
    if seconds is None:
        return NOTHING
    return "< 0.1 s" if 0 < seconds < 0.05 else format_duration(seconds)


def size(count: float | None) -> str:
    """Bytes: "1.5 GiB"."""
    return NOTHING if count is None else format_size(round(count))


def number(value: float | None) -> str:
    """A number with at most two decimals: "1.5", "12,000"."""
    if value is None:
        return NOTHING
    text = f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"
    return text.rstrip("0").rstrip(".")


def share(part: float | None) -> str:
    """A part of one in percent: "34 %", "0.4 %"."""
    if part is None:
        return NOTHING
    return f"{part:.1%}".replace("%", " %") if 0 < part < 0.1 else f"{part:.0%}".replace("%", " %")


def moment(time: float) -> str:
    """A point in time: "21 Nov 2026, 17:31:51 UTC"."""
    local = datetime.fromtimestamp(time).astimezone()
    return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"
