"""What the database knows of runs, as values.

In: made by `records.history`. Out: `RunRecord`, `CallRecord`, `AttemptRecord`, `FileRecord` and `SessionRecord`. Times
are seconds since the epoch; paths are relative to the output directory when they are below it. The meaning of each
field is that of its column: docs/reference/database.md.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pysprocket.records.rows import UNASKED


class RunRecord(msgspec.Struct, frozen=True):
    """A run.

    Attributes:
        id: in this database.
        status: as in the database, but "orphaned" as soon as nobody works on it.
        kind, backend, engine_version, host: None for a run that Sprocket made.
        session_host, pid: of the process that worked on it last.
        seen: when that process gave its last sign of life, other than its lock.
    """

    id: int
    uuid: str
    name: str
    source: str
    target: str | None
    status: str
    error: str | None
    directory: str | None
    index_directory: str | None
    created: float
    started: float | None
    ended: float | None
    created_by: str
    inputs_json: str
    outputs_json: str | None
    kind: str | None
    backend: str | None
    engine_version: str | None
    host: str | None
    document_digest: str | None
    order_json: str | None
    session_host: str | None
    pid: int | None
    seen: float | None

    @property
    def inputs(self) -> dict[str, Any]:
        """The given inputs, keys with the target's name in front."""
        return msgspec.json.decode(self.inputs_json, type=dict[str, Any])

    @property
    def outputs(self) -> dict[str, Any] | None:
        """The outputs of a run that completed."""
        return None if self.outputs_json is None else msgspec.json.decode(self.outputs_json, type=dict[str, Any])

    @property
    def order(self) -> dict[str, Any]:
        """What somebody needs to go on with the run; empty when it was not recorded."""
        return {} if self.order_json is None else msgspec.json.decode(self.order_json, type=dict[str, Any])


class CallRecord(msgspec.Struct, frozen=True):
    """A call; `directory` is that of the call."""

    call_id: str
    target: str
    kind: str
    status: str
    error: str | None
    failure: str | None
    outputs_json: str | None
    started: float
    ended: float | None
    directory: str | None

    @property
    def outputs(self) -> dict[str, Any] | None:
        """The outputs of a call that completed."""
        return None if self.outputs_json is None else msgspec.json.decode(self.outputs_json, type=dict[str, Any])


class AttemptRecord(msgspec.Struct, frozen=True):
    """An attempt: its row in `tasks` and that in `attempts`.

    Attributes:
        name: of its job.
        number: counted from 0.
        constraints: what it asked for: "container", "cpu", "memory", "gpu", "fpga", "disks"; where it got less than
            that because there is no more, "cpu" and "memory" are what it got, "asked_cpu" and "asked_memory" the rest.
    """

    name: str
    call_id: str
    number: int
    status: str
    exit_code: int | None
    error: str | None
    retry_cause: str | None
    constraints_json: str | None
    created: float
    submitted: float | None
    started: float | None
    ended: float | None
    directory: str | None
    job_id: str | None
    failure: str | None
    failure_message: str | None
    failure_detail: str | None
    cpu_seconds: float | None
    memory_peak: int | None
    image: str | None
    image_digest: str | None
    host: str | None
    cache_key: str | None
    cache_origin: str | None
    cancel_requested: float | None
    reattached: float | None

    @property
    def constraints(self) -> dict[str, Any]:
        """What it asked for; empty when it was not recorded."""
        return {} if self.constraints_json is None else {**UNASKED, **msgspec.json.decode(self.constraints_json)}


class FileRecord(msgspec.Struct, frozen=True):
    """A file or directory that a call was given ("in") or has made ("out") as, or inside of, the value of a name."""

    call_id: str
    direction: str
    name: str
    path: str


class SessionRecord(msgspec.Struct, frozen=True):
    """A process that worked on a run, from `started` on."""

    started: float
    created_by: str
    host: str
    pid: int
    engine_version: str
