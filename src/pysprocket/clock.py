"""The time of day as a run sees it: it never jumps.

In: nothing. Out: `now`, seconds since the epoch. The system's clock is looked at once, when the program begins; from
then on seconds are counted, also those in which the computer sleeps. So spans between two moments of one process are
right when somebody sets the clock meanwhile. What other processes and file systems say is compared with `time.time`.
"""

from __future__ import annotations

import time

_COUNTER = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def counted() -> float:
    """Seconds since the computer was started; the same for all processes."""
    return time.clock_gettime(_COUNTER)


_EPOCH = time.time() - counted()


def now() -> float:
    """The present moment."""
    return _EPOCH + time.clock_gettime(_COUNTER)


def moment(seconds: float) -> float:
    """The moment at which `counted` was `seconds`."""
    return _EPOCH + seconds
