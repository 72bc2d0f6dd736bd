"""How a local job ended: from what it left in its attempt directory, and from what was seen of its end.

In: a `JobId`, its claim, what the launcher has told, and why it was stopped. Out: a `Result`.
"""

from __future__ import annotations

import os
import time

import msgspec

from pysprocket.backends import wrapper
from pysprocket.backends.job import Failure, FailureKind, JobId, Result, Usage
from pysprocket.backends.kept import kept
from pysprocket.backends.launcher import End
from pysprocket.backends.outcomes import result_of

_UNKNOWN = Usage()
_HOST = os.uname().nodename


def seen_to_end(job_id: JobId, claim: wrapper.Claim, seen: End | None, failure: Failure | None) -> Result | None:
    """How a job ended whose wrapper has ended; None when another wrapper runs the script.

    Args:
        job_id: of the job.
        claim: of the wrapper.
        seen: its end as the launcher has told it, None when it was no child of the launcher.
        failure: why we have stopped it.
    """
    end = wrapper.read_exit(job_id.directory)
    if end is None and seen is not None and os.WIFSIGNALED(seen.status):
        end = wrapper.Exit(128 + os.WTERMSIG(seen.status), time.time())
    if end is None and failure is None:
        now = wrapper.read_claim(job_id.directory)
        if now is not None and now.pid != claim.pid:
            return None
        failure = _vanished(job_id) if seen is None else _unwritable(job_id)
    return _described(job_id, claim, end, failure, _UNKNOWN if seen is None else seen.usage)


def ended_unseen(job_id: JobId) -> Result:
    """How a job ended that does not run, and whose end nobody here has seen."""
    if (result := kept(job_id.directory)) is not None:
        return result
    end = wrapper.read_exit(job_id.directory)
    failure = _vanished(job_id) if end is None else None
    return _described(job_id, wrapper.read_claim(job_id.directory), end, failure)


def _described(
    job_id: JobId,
    claim: wrapper.Claim | None,
    end: wrapper.Exit | None,
    failure: Failure | None,
    usage: Usage = _UNKNOWN,
) -> Result:
    started = None if claim is None else claim.started
    return msgspec.structs.replace(
        result_of(job_id, failure),
        exit_code=None if end is None else end.code,
        started=started,
        ended=None if end is None else max(end.ended, started or 0.0),  # clocks of file systems are coarse
        usage=usage,
        host=_HOST,
    )


def _vanished(job_id: JobId) -> Failure:
    return Failure(
        FailureKind.LOST,
        "the task's processes are gone and left no exit code: they were killed, or the machine was restarted",
        f"process {job_id.native}, directory {job_id.directory}",
    )


def _unwritable(job_id: JobId) -> Failure:
    return Failure(
        FailureKind.BACKEND,
        f"the task could not write in `{job_id.directory}`: it is not there, not writable, or the disk is full",
    )
