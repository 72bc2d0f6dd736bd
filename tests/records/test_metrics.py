"""`metrics.json`: keys, times and causes, for all that a run has done in however many processes."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from pysprocket.backends.job import Resources, Result, Usage
from pysprocket.engine.events import Event
from pysprocket.engine.failures import FailureKind
from pysprocket.errors import OutputDirectoryError, RecordsError
from pysprocket.records.metrics import write_metrics
from tests.records.happenings import (
    CANCELED,
    DONE,
    FAILED,
    NOW,
    cached,
    call_ended,
    call_started,
    created,
    ended,
    record,
    resumed,
    run_ended,
    run_started,
    submitted,
)


def measured(output: Path, *events: Event, run: str = "r1"):
    """What the file says after events of one process; None when there is no file."""
    write_metrics(record(output, *events), run, output)
    file = output / "metrics.json"
    return json.loads(file.read_text()) if file.exists() else None


def result(exit_code: int | None, started: float, seconds: float = 1.5) -> Result:
    return Result(exit_code, "", "", "", None, started, started + seconds, Usage(0.25, 1_000_000))


def test_each_key_of_a_call_that_completed(tmp_path):
    metrics = measured(
        tmp_path,
        run_started(),
        call_started("a"),
        created("a", tmp_path),
        submitted("a"),
        ended("a", DONE, result=result(0, NOW + 2)),
        call_ended("a", DONE),
        run_ended(DONE),
    )
    attempt = {
        "name": "a-job0",
        "attempt": 0,
        "status": "completed",
        "exit_status": 0,
        "wall_time_ms": 1500,
        "queued_ms": 2000,
        "constraints": {
            "container": "docker://ubuntu",
            "cpu": 2.0,
            "memory": 2 * 1024**3,
            "gpu": [],
            "fpga": [],
            "disks": {},
        },
        "retry_cause": None,
        "logs": "a-job0",
        "cpu_seconds": 0.25,
        "memory_peak": 1_000_000,
    }
    assert metrics == {
        "run": {"uuid": "r1", "name": "amber-otter-r1", "status": "completed", "wall_time_ms": 60_000},
        "calls": [{"call_id": "a", "name": "a", "status": "completed", "attempts": [attempt]}],
        "totals": {"attempts": 1, "retries": 0, "cached": 0, "preempted": 0},
    }


def test_an_attempt_has_the_cause_for_which_another_one_followed(tmp_path):
    metrics = measured(
        tmp_path,
        run_started(),
        call_started("a"),
        created("a", tmp_path, 0),
        ended("a", FAILED, 0, failure=FailureKind.EXIT_CODE, result=result(7, NOW + 1)),
        created("a", tmp_path, 1),
        ended("a", FAILED, 1, failure=FailureKind.PREEMPTED, result=result(None, NOW + 3)),
        created("a", tmp_path, 2),
        ended("a", FAILED, 2, failure=FailureKind.OUT_OF_MEMORY, result=result(137, NOW + 5)),
        created("a", tmp_path, 3),
        ended("a", FAILED, 3, failure=FailureKind.EXIT_CODE, result=result(7, NOW + 8)),
        call_ended("a", FAILED),
        run_ended(FAILED),
    )
    told = [
        (attempt["attempt"], attempt["status"], attempt["exit_status"], attempt["retry_cause"], attempt["queued_ms"])
        for attempt in metrics["calls"][0]["attempts"]
    ]
    assert told == [
        (0, "failed", 7, {"kind": "unacceptable_exit_code", "code": 7}, 1000),
        (1, "preempted", None, {"kind": "preempted"}, 500),
        (2, "failed", 137, {"kind": "out_of_memory"}, 500),
        (3, "failed", 7, None, 1500),
    ]
    assert metrics["totals"] == {"attempts": 4, "retries": 3, "cached": 0, "preempted": 1}
    assert metrics["run"]["status"] == "failed"


def test_what_did_not_run_has_no_times(tmp_path):
    """One was cached, one taken back before it ran, one failed before it came to an attempt."""
    metrics = measured(
        tmp_path,
        run_started(),
        call_started("known"),
        cached("known", tmp_path),
        call_ended("known", DONE),
        call_started("waits"),
        created("waits", tmp_path),
        ended("waits", CANCELED),
        call_ended("waits", CANCELED),
        call_started("wrong"),
        call_ended("wrong", FAILED),
        run_ended(CANCELED),
    )
    calls = {call["call_id"]: call for call in metrics["calls"]}
    (known,), (waits,) = calls["known"]["attempts"], calls["waits"]["attempts"]
    assert (known["status"], known["exit_status"], known["constraints"]) == ("cached", None, None)
    assert (known["wall_time_ms"], known["queued_ms"]) == (None, None)
    assert (waits["status"], waits["wall_time_ms"], waits["queued_ms"]) == ("canceled", None, None)
    assert (calls["wrong"]["status"], calls["wrong"]["attempts"]) == ("failed", [])
    assert metrics["totals"] == {"attempts": 2, "retries": 0, "cached": 1, "preempted": 0}


def test_calls_are_in_order_of_their_beginning_and_sub_workflows_are_not_among_them(tmp_path):
    later = msgspec.structs.replace(call_started("again"), time=NOW + 5)
    metrics = measured(
        tmp_path,
        run_started(),
        *(call_started(call) for call in ("zip-0", "zip-1", "zip-2", "zip-10")),
        later,
        call_started("sub", kind="workflow"),
        call_started("sub/part-0"),
    )
    assert [call["call_id"] for call in metrics["calls"]] == [
        "zip-0",
        "zip-1",
        "zip-2",
        "zip-10",
        "sub/part-0",
        "again",
    ]
    assert metrics["calls"][4]["name"] == "part-0"
    assert metrics["run"] == {"uuid": "r1", "name": "amber-otter-r1", "status": "running", "wall_time_ms": None}


def test_what_an_earlier_process_did_is_in_it(tmp_path):
    record(
        tmp_path,
        run_started(),
        call_started("a"),
        created("a", tmp_path),
        ended("a", DONE, result=result(0, NOW + 1)),
        call_ended("a", DONE),
        call_started("b"),
        created("b", tmp_path),
        ended("b", CANCELED, result=result(None, NOW + 1)),
        call_ended("b", CANCELED),
        run_ended(CANCELED),
    )
    second = msgspec.structs.replace(created("b", tmp_path, 1), time=NOW + 200)
    metrics = measured(
        tmp_path,
        resumed(),
        call_started("b", resumed=True),
        second,
        ended("b", DONE, 1, result=result(0, NOW + 201)),
        call_ended("b", DONE),
        msgspec.structs.replace(run_ended(DONE), time=NOW + 300),
    )
    assert metrics["run"]["status"] == "completed"
    assert metrics["run"]["wall_time_ms"] == 300_000
    assert [len(call["attempts"]) for call in metrics["calls"]] == [1, 2]
    first, again = metrics["calls"][1]["attempts"]
    assert first["retry_cause"] == {"kind": "canceled"}
    assert metrics["totals"]["retries"] == 0, "none failed"
    assert 1000 <= again["queued_ms"] < 2001, "the time between the processes is nobody's queue"


def test_devices_and_disks_are_written_as_a_task_sees_them(tmp_path):
    asked = Resources(cpu=1, gpu=2, fpga=True, disks={"": 5, "/mnt/x": 7})
    event = msgspec.structs.replace(created("a", tmp_path), resources=asked, images=("oras://r/i:1", "ubuntu"))
    metrics = measured(tmp_path, run_started(), call_started("a"), event)
    constraints = metrics["calls"][0]["attempts"][0]["constraints"]
    assert constraints == {
        "container": "oras://r/i:1",
        "cpu": 1.0,
        "memory": 2 * 1024**3,
        "gpu": ["0", "1"],
        "fpga": ["0"],
        "disks": {"": 5, "/mnt/x": 7},
    }


def test_other_runs_of_the_database_are_not_in_it(tmp_path):
    first = (run_started(), call_started("a"), created("a", tmp_path), run_ended(DONE))
    second = (run_started("r2"), call_started("b", "r2"), created("b", tmp_path, run="r2"), run_ended(DONE, "r2"))
    metrics = measured(tmp_path, *first, *second, run="r2")
    assert [call["call_id"] for call in metrics["calls"]] == ["b"]
    assert metrics["totals"]["attempts"] == 1


def test_a_run_that_is_not_in_the_database_leaves_nothing_and_is_told(tmp_path):
    with pytest.raises(RecordsError, match="knows nothing of it"):
        measured(tmp_path, run_started(), run="other")
    assert not (tmp_path / "metrics.json").exists()


def test_a_file_that_cannot_be_written_and_a_database_that_is_gone_are_told(tmp_path):
    path = record(tmp_path, run_started())
    with pytest.raises(OutputDirectoryError, match=r"metrics\.json"):
        write_metrics(path, "r1", tmp_path / "gone")
    path.unlink()
    with pytest.raises(RecordsError, match="no file"):
        write_metrics(path, "r1", tmp_path)
