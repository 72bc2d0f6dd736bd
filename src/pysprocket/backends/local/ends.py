"""How a local job ended: from what was seen of its end, and from what is written in its attempt directory.

In: a `JobId`, its claim, what was seen, and why it was stopped. Out: a `Result`.
"""

from __future__ import annotations

import os

import msgspec

from pysprocket.backends.job import Failure, FailureKind, JobId, Result
from pysprocket.backends.kept import kept
from pysprocket.backends.local import claims
from pysprocket.backends.local.claims import Claim, End
from pysprocket.backends.outcomes import result_of

_HOST = os.uname().nodename


def seen_to_end(job_id: JobId, claim: Claim, seen: End | None, failure: Failure | None) -> Result:
    """How a job ended whose script has ended.

    Args:
        job_id: of the job.
        claim: under which it ran.
        seen: its end as the launcher or the kernel has told it, None when nobody did.
        failure: why we have stopped it.
    """
    return _described(job_id, claim, seen or claims.read_exit(job_id.directory), failure)


def ended_unseen(job_id: JobId) -> Result:
    """How a job ended that does not run, and whose end nobody here has seen."""
    if (result := kept(job_id.directory)) is not None:
        return result
    return _described(job_id, claims.read_claim(job_id.directory), claims.read_exit(job_id.directory), None)


def _described(job_id: JobId, claim: Claim | None, end: End | None, failure: Failure | None) -> Result:
    if failure is None:
        failure = _vanished(job_id, claim) if end is None else _removed(job_id) if end.code is None else None
    result = msgspec.structs.replace(
        result_of(job_id, failure), started=None if claim is None else claim.started, host=_HOST
    )
    if end is None:
        return result
    ended = max(end.ended, result.started or 0.0)  # clocks of file systems are coarse
    return msgspec.structs.replace(result, exit_code=end.code, ended=ended, usage=end.usage)


def _vanished(job_id: JobId, claim: Claim | None) -> Failure:
    elsewhere = claim is not None and claim.boot != claims.this_boot()
    return Failure(
        FailureKind.LOST,
        "the task's processes are gone and left no exit code: "
        + ("the machine was restarted, or they run on another machine" if elsewhere else "they were killed"),
        f"process {job_id.native}, directory {job_id.directory}",
    )


def _removed(job_id: JobId) -> Failure:
    return Failure(FailureKind.BACKEND, f"the task's directory `{job_id.directory}` was removed while it ran")
