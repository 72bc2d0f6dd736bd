"""The signals that interrupt a run, and what they do where nothing runs yet that would have to be ended.

In: a block of code. Out: `KeyboardInterrupt` in it, with the name of the signal, or nothing.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
"""The signals that interrupt a run, unless whoever started it had them ignored, as `nohup` does."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Until the end of the block, each signal that interrupts a run ends it at once: there is nothing to cancel."""
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def interrupt(number: int, _: object) -> NoReturn:
        raise KeyboardInterrupt(SIGNALS[signal.Signals(number)])  # no `Exception`, as mistakes in expressions are

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
