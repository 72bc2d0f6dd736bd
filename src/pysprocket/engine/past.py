"""What earlier processes have done for a run, as whoever goes on with it needs to know it.

In: made by `records.history` from the database. Out: `PastCall` by call id. A call that is not among them has not
begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from pysprocket.engine.events import Status
from pysprocket.engine.failures import FailureKind


class PastAttempt(msgspec.Struct, frozen=True):
    """An attempt of a task.

    Attributes:
        number: counted from 0.
        job_name: of its job; `submit` of a job of that name finds the one that was started.
        job_id: the backend's own id, None when nobody knows whether it was submitted.
        status: how it ended, None when nobody saw it end.
        failure: why it failed.
        cancelled: whether somebody wanted it to end.
    """

    number: int
    job_name: str
    job_id: str | None = None
    status: Status | None = None
    failure: FailureKind | None = None
    cancelled: bool = False


class PastCall(msgspec.Struct, frozen=True):
    """A call of a task.

    Attributes:
        outputs_json: its outputs as JSON when it ended well, None otherwise.
        attempts: in their order.
    """

    outputs_json: bytes | None = None
    attempts: tuple[PastAttempt, ...] = ()


Past: TypeAlias = Mapping[str, PastCall]
