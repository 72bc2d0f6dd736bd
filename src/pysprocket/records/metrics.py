"""The figures of a run as a file, `metrics.json`: what each attempt of each call took, as Sprocket writes it.

In: the database and a run that has ended. Out: the file in the run directory. All of the run is in it, also what
earlier processes have done. Keys and their meaning are those of Sprocket 0.33; "status" of a call is told in addition,
and "failure_kind", "cpu_seconds" and "memory_peak" of an attempt where they are known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pysprocket.engine.failures import FailureKind
from pysprocket.engine.files import write_file
from pysprocket.errors import RecordsError
from pysprocket.records.database import explain, open_to_read
from pysprocket.records.rows import UNASKED

METRICS = "metrics.json"
"""Its name in a run directory."""

_RUN = (
    "SELECT id, uuid, name, status, round((julianday(completed_at) - julianday(started_at)) * 86400000)"
    " FROM runs WHERE uuid = ?"
)
_CALLS = (  # 1970 began 2440587.5 days after the Julian calendar
    "SELECT call_id, (SELECT text FROM texts WHERE id = status), started + 2440587.5 * 86400000 FROM call_records"
    " WHERE run_id = ? AND kind = (SELECT id FROM texts WHERE text = 'task')"
    " ORDER BY started, length(call_id), call_id"  # of a scatter, all may begin at once
)
_ATTEMPTS = (
    "SELECT call_id, name, attempt, status, exit_status, julianday(created_at) * 86400000,"
    " julianday(started_at) * 86400000, julianday(completed_at) * 86400000, constraints,"
    " (SELECT text FROM texts WHERE id = failure_kind), cpu / 1e6, memory_peak"
    " FROM tasks LEFT JOIN attempt_records ON task = tasks.rowid WHERE run_id = ? ORDER BY tasks.rowid"
)


_Known = TypeVar("_Known")


class _Attempt(msgspec.Struct, frozen=True):
    """A row; times are milliseconds."""

    call_id: str
    name: str
    number: int
    status: str
    exit_code: int | None
    created: float
    started: float | None
    ended: float | None
    constraints_json: str
    failure: str | None
    cpu_seconds: float | None
    memory_peak: int | None


class _ToldAttempt(msgspec.Struct):
    """An attempt in the file."""

    name: str
    attempt: int
    status: str
    exit_status: int | None
    wall_time_ms: int | None
    queued_ms: int | None
    constraints: msgspec.Raw | None
    retry_cause: dict[str, object] | None
    logs: str
    failure_kind: str | msgspec.UnsetType
    cpu_seconds: float | msgspec.UnsetType
    memory_peak: int | msgspec.UnsetType


class _ToldCall(msgspec.Struct):
    """A call in the file."""

    call_id: str
    name: str
    status: str
    attempts: list[_ToldAttempt]


def write_metrics(database: Path, run_id: str, directory: Path) -> None:
    """Write `metrics.json` of a run into its directory.

    Raises:
        RecordsError: the database cannot be read, or does not know the run.
        OutputDirectoryError: the file cannot be written.
    """
    connection = open_to_read(database)
    try:
        runs = connection.execute(_RUN, (run_id,)).fetchall()
        if not runs:
            raise RecordsError(f"the provenance database `{database}` knows nothing of it")
        row, *facts = runs[0]
        calls = connection.execute(_CALLS, (row,)).fetchall()
        attempts = [_Attempt(*attempt) for attempt in connection.execute(_ATTEMPTS, (row,))]
    except sqlite3.Error as error:
        raise explain(error, database) from error
    finally:
        connection.close()
    write_file(directory / METRICS, _lines(_metrics(facts, calls, attempts)))


def _lines(data: Mapping[str, Any]) -> bytes:
    """JSON with a line for each call: indented, it would be twice as large, and there may be ten thousand."""
    parts = {key: msgspec.json.encode(value) for key, value in data.items()}
    parts["calls"] = b"[%b]" % b",".join(b"\n" + msgspec.json.encode(call) for call in data["calls"])
    return b"{\n%b\n}" % b",\n".join(b'  "%b": %b' % (key.encode(), text) for key, text in parts.items())


def _metrics(
    facts: list[Any], calls: Iterable[tuple[str, str, float]], attempts: Iterable[_Attempt]
) -> dict[str, object]:
    of_call: dict[str, list[_Attempt]] = {}
    for attempt in attempts:
        of_call.setdefault(attempt.call_id, []).append(attempt)
    uuid, name, status, wall_time = facts
    told = [_call(call_id, end, began, of_call.get(call_id, [])) for call_id, end, began in calls]
    flat = [attempt for call in told for attempt in call.attempts]
    return {
        "run": {"uuid": uuid, "name": name, "status": status, "wall_time_ms": _whole(wall_time)},
        "calls": told,
        "totals": {
            "attempts": len(flat),
            "retries": sum(attempt.retry_cause is not None and attempt.status != "canceled" for attempt in flat),
            "cached": sum(attempt.status == "cached" for attempt in flat),
            "preempted": sum(attempt.status == "preempted" for attempt in flat),
        },
    }


def _call(call_id: str, status: str, began: float, attempts: list[_Attempt]) -> _ToldCall:
    """A call; one that never came to an attempt has none."""
    told = []
    free = began  # since when the next attempt could have run
    for place, attempt in enumerate(attempts):
        told.append(_attempt(attempt, free, again=place + 1 < len(attempts)))
        free = attempt.ended or attempt.created
    return _ToldCall(call_id, call_id.rpartition("/")[2], status, told)


def _attempt(attempt: _Attempt, free: float, *, again: bool) -> _ToldAttempt:
    cached = attempt.status == "cached"
    wall_time = queued = None
    if attempt.started is not None and not cached:
        queued = max(0, round(attempt.started - max(free, attempt.created)))  # `created` has whole seconds
        wall_time = None if attempt.ended is None else max(0, round(attempt.ended - attempt.started))
    return _ToldAttempt(
        name=attempt.name,
        attempt=attempt.number,
        status="preempted" if attempt.failure == FailureKind.PREEMPTED else attempt.status,
        exit_status=None if cached else attempt.exit_code,
        wall_time_ms=wall_time,
        queued_ms=queued,
        constraints=None if cached else _constraints(attempt.constraints_json),
        retry_cause=_retry_cause(attempt) if again else None,
        logs=attempt.name,
        failure_kind=_if_known(attempt.failure),
        cpu_seconds=_if_known(attempt.cpu_seconds),
        memory_peak=_if_known(attempt.memory_peak),
    )


def _if_known(value: _Known | None) -> _Known | msgspec.UnsetType:
    return msgspec.UNSET if value is None else value


def _retry_cause(attempt: _Attempt) -> dict[str, object]:
    """Why another attempt followed."""
    if attempt.failure == FailureKind.EXIT_CODE:
        return {"kind": "unacceptable_exit_code", "code": attempt.exit_code}
    return {"kind": attempt.failure or attempt.status}


@lru_cache(256)
def _constraints(row: str) -> msgspec.Raw:
    """What an attempt asked for, as JSON; devices are named as `task.gpu` and `task.fpga` name them."""
    asked = {**UNASKED, **msgspec.json.decode(row)}
    image = asked["container"]
    told = {
        "container": image if image is None or "://" in image else f"docker://{image}",
        "cpu": asked["cpu"],
        "memory": asked["memory"],
        "gpu": [str(number) for number in range(asked["gpu"])],
        "fpga": ["0"] if asked["fpga"] else [],
        "disks": asked["disks"],
    }
    return msgspec.Raw(msgspec.json.encode(told))


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else max(0, int(milliseconds))
