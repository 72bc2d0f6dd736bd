"""What earlier processes have done for a run, as whoever goes on with it needs to know it.

In: made by `records.history` from the database. Out: `PastCall` by call id. A call that is not among them has not
begun.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from pysprocket.backends.job import JobId
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.events import Status
from pysprocket.engine.failures import FailureKind
from pysprocket.source.uris import lies_elsewhere
from pysprocket.types.model import Primitive
from pysprocket.types.typed import TypedTask
from pysprocket.values.json import from_json
from pysprocket.values.model import Directory, File, Value, map_paths


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

    @property
    def never_began(self) -> bool:
        """Whether it was taken back before its job was submitted: its number is used again."""
        return self.status is Status.CANCELED and self.job_id is None

    def job_in(self, call: Path) -> JobId:
        """Its job, for a call in a directory."""
        return JobId(self.job_name, self.job_id or "", f"{call}/attempts/{self.number}")


class PastCall(msgspec.Struct, frozen=True):
    """A call of a task.

    Attributes:
        outputs_json: its outputs as JSON when it ended well, None otherwise.
        ended: whether an earlier process gave it up as failed: its tries are counted anew.
        attempts: in their order.
    """

    outputs_json: bytes | None = None
    ended: bool = False
    attempts: tuple[PastAttempt, ...] = ()

    def given_up(self) -> PastCall:
        """It as one that is to be run again: nothing of it counts, and what runs is ended."""
        attempts = (
            msgspec.structs.replace(attempt, cancelled=True) if attempt.status is None else attempt
            for attempt in self.attempts
        )
        return PastCall(None, self.ended, tuple(attempts))


Past: TypeAlias = Mapping[str, PastCall]


def known_outputs(text: bytes, task: TypedTask, directory: RunDirectory) -> tuple[dict[str, Value], str | None]:
    """The outputs of a call as they were recorded, and the first path among them that is not there any more.

    Paths in the directory of the run are followed when the whole output directory was moved.
    """
    data: dict[str, Any] = msgspec.json.decode(text)
    outputs = {name: from_json(data[name], type_, _as_written) for name, type_ in task.outputs.items()}
    missing: list[str] = []
    inside = f"/{directory.relative}/"

    def found(path: File | Directory) -> Value:
        if lies_elsewhere(path):
            return path
        _, in_run, rest = path.partition(inside)
        if in_run:
            path = type(path)(f"{directory.path}/{rest}")
        if not os.path.exists(path):  # noqa: PTH110 - never raises, unlike Path.exists
            missing.append(path)
        return path

    outputs = {name: map_paths(value, found) for name, value in outputs.items()}
    return outputs, next(iter(missing), None)


def _as_written(raw: str | dict[str, Any], type_: Primitive) -> File | Directory:
    assert isinstance(raw, str), "outputs are recorded as paths"
    return File(raw) if type_.name == "File" else Directory(raw)
