"""What all calls of a run share.

In: chosen by whoever starts the run. Out: `Services`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from pysprocket.backends.job import Backend, JobId
from pysprocket.engine.downloads import Downloads
from pysprocket.engine.events import Event
from pysprocket.engine.requirements import Terms
from pysprocket.engine.retries import RetryPolicy


class Services(msgspec.Struct, frozen=True):
    """What all calls of a run share.

    Attributes:
        emit: tells the listeners of an event.
        durable: waits until every event so far is safe on disk; awaited before an action that an event announces.
        release: lets the backend forget a job whose end has been emitted.
        shell: the program that runs commands.
        terms: what the place where jobs run grants.
        retry: what is tried again.
        downloads: of remote files; None where they cannot be read.
    """

    run_id: str
    backend: Backend
    emit: Callable[[Event], None]
    durable: Callable[[], Awaitable[None]]
    release: Callable[[JobId], None]
    shell: str = "bash"
    terms: Terms = Terms()
    retry: RetryPolicy = RetryPolicy()
    downloads: Downloads | None = None
