"""How facts about runs are written, in tables and as JSON.

In: records. Out: short texts for people, and data with the field names that docs/reference/cli.md has.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from pysprocket.engine.files import pretty_json
from pysprocket.records.model import AttemptRecord, CallRecord, RunRecord, SessionRecord
from pysprocket.records.rows import rfc3339
from pysprocket.units import format_duration

_RUN_WORDS = {"canceled": "interrupted", "orphaned": "died"}
_WORDS = {"canceled": "cancelled", "initializing": "preparing"}
_TIMES = ("created", "submitted", "started", "ended", "seen", "cancel_requested", "reattached")
_COUNTED = {"completed": "ok", "failed": "failed", "canceled": "cancelled", "cached": "cached", "running": "running"}
_TROUBLES = ("failed", "canceled", "running")


def run_status(status: str) -> str:
    """How the status of a run is called: one that a signal ended was interrupted, one without a process died."""
    return _RUN_WORDS.get(status, status)


def status_word(status: str, *, over: bool) -> str:
    """How the status of a call or an attempt is called; nothing of a run that is over runs any more."""
    if over and status in ("running", "pending", "initializing", "localizing"):
        return "unfinished"
    return _WORDS.get(status, status)


def counted(tasks: Mapping[str, int], *, over: bool) -> str:
    """How many tasks of each kind, such as "12 ok, 1 failed"."""
    words = {**_COUNTED, **({"running": "unfinished"} if over else {})}
    return ", ".join(f"{tasks[status]} {word}" for status, word in words.items() if tasks.get(status))


def counted_shortly(tasks: Mapping[str, int], *, over: bool) -> tuple[str, str]:
    """The same where there is less room: what matters most, "1 failed of 13", and those that are well, "12/13"."""
    well = tasks.get("completed", 0) + tasks.get("cached", 0)
    total = sum(tasks.values())
    if not total:
        return "", ""
    worst = next((status for status in _TROUBLES if tasks.get(status)), "completed")
    number = tasks[worst] if worst in _TROUBLES else well
    word = "unfinished" if over and worst == "running" else _COUNTED[worst]
    return f"{number} {word}" + (f" of {total}" if number < total else ""), f"{well}/{total}"


def moment(seconds: float | None) -> str:
    """A time in the time zone of this computer."""
    return "" if seconds is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def took(started: float | None, ended: float | None, *, now: bool) -> str:
    """How long something took; `now` when it goes on."""
    if ended is None and now:
        ended = time.time()
    return "" if started is None or ended is None else format_duration(ended - started)


def run_facts(run: RunRecord) -> dict[str, Any]:
    """A run as JSON data."""
    return _data(run, "id", "inputs_json", "outputs_json", "order_json")


def call_facts(call: CallRecord) -> dict[str, Any]:
    """A call as JSON data."""
    return {**_data(call, "outputs_json"), "outputs": call.outputs}


def attempt_facts(attempt: AttemptRecord) -> dict[str, Any]:
    """An attempt as JSON data."""
    return {**_data(attempt, "constraints_json", "call_id"), "constraints": attempt.constraints}


def session_facts(session: SessionRecord) -> dict[str, Any]:
    """A process that worked on a run as JSON data."""
    return _data(session)


def shown_json(data: object) -> str:
    """JSON as it is printed."""
    return pretty_json(data).decode()


def _data(record: msgspec.Struct, *without: str) -> dict[str, Any]:
    """The fields of a record; times are RFC 3339 and called `started_at` and so on."""
    fields = {name: value for name, value in msgspec.structs.asdict(record).items() if name not in without}
    return {
        f"{name}_at" if name in _TIMES else name: rfc3339(value) if name in _TIMES and value is not None else value
        for name, value in fields.items()
    }
