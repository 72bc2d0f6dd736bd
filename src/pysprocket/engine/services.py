"""What all calls of a run share.

In: chosen by whoever starts the run. Out: `Services`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from pysprocket.backends.job import Backend
from pysprocket.engine.downloads import Downloads
from pysprocket.engine.events import Event
from pysprocket.engine.files import Commands
from pysprocket.engine.release import Releaser
from pysprocket.engine.requirements import Terms
from pysprocket.engine.retries import RetryPolicy
from pysprocket.types.typed import TypedTask

if TYPE_CHECKING:  # imported when it is on
    from pysprocket.engine.cache.call_cache import CallCache


class Services(msgspec.Struct, frozen=True):
    """What all calls of a run share.

    Attributes:
        emit: tells the listeners of an event.
        durable: waits until every event so far is safe on disk; awaited before an action that an event announces.
        release: lets the backend forget a job whose end has been emitted, given what its files are to stay for.
        shell: the program that runs commands.
        terms: what the place where jobs run grants.
        retry: what is tried again.
        downloads: of remote files; None where they cannot be read.
        cache: of calls; None when it is off.
        commands: writes those of attempts.
        told: the tasks, with what: of which they get less than they ask for, or which image is passed over.
    """

    run_id: str
    backend: Backend
    emit: Callable[[Event], None]
    durable: Callable[[], Awaitable[None]]
    release: Releaser
    shell: str = "bash"
    terms: Terms = Terms()
    retry: RetryPolicy = RetryPolicy()
    downloads: Downloads | None = None
    cache: CallCache | None = None
    commands: Commands = msgspec.field(default_factory=Commands)
    told: set[tuple[TypedTask, str]] = msgspec.field(default_factory=set)
