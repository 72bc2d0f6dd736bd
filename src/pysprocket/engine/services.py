"""What all calls of a run share.

In: chosen by whoever starts the run. Out: `Services`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from pysprocket.backends.job import Backend
from pysprocket.engine.events import Event
from pysprocket.engine.requirements import Defaults, LimitBehavior


class Services(msgspec.Struct, frozen=True):
    """What all calls of a run share.

    Attributes:
        emit: tells the listeners of an event.
        durable: waits until every event so far is safe on disk; awaited before an action that an event announces.
        shell: the program that runs commands.
    """

    run_id: str
    backend: Backend
    emit: Callable[[Event], None]
    durable: Callable[[], Awaitable[None]]
    shell: str = "bash"
    defaults: Defaults = Defaults()
    limit_behavior: LimitBehavior = LimitBehavior()


async def nothing_to_save() -> None:
    """The `durable` of a run that nobody records."""
