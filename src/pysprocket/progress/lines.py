"""What one line says, in words that terminal, log and summary share.

In: texts and times. Out: `Level`, `Line`, and texts for a person.
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import NamedTuple, Protocol


class Level(IntEnum):
    """How much a line matters."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


class Line(NamedTuple):
    """A line: what it is about (a call, or "" for the run) and what happened."""

    level: Level
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}" if self.subject else self.text


class Teller(Protocol):
    """Shows lines somewhere: all of them, and decides itself which."""

    def tell(self, moment: float, line: Line) -> None:
        """Show a line about something that happened at a moment (seconds since the epoch)."""


def first_line(text: str | None) -> str:
    """The first line of an error's text."""
    return (text or "no reason given").partition("\n")[0]


class Clock:
    """Writes moments as local time ("12:31:05") or as RFC 3339 in UTC ("2026-04-22T10:15:30.123Z").

    Most moments are in the same second as the one before, whose text is kept.
    """

    def __init__(self) -> None:
        self._local = self._utc = (-1, "")

    def local(self, moment: float) -> str:
        """Hours, minutes and seconds where the user is."""
        second = int(moment)
        if self._local[0] != second:
            self._local = second, time.strftime("%H:%M:%S", time.localtime(second))
        return self._local[1]

    def utc(self, moment: float) -> str:
        """Date and time to the millisecond."""
        milliseconds = round(moment * 1000)
        second = milliseconds // 1000
        if self._utc[0] != second:
            self._utc = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._utc[1]}.{milliseconds % 1000:03}Z"
