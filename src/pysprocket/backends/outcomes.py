"""What the end of a job is called in every place, and where its files are.

In: a time limit, a `JobId`. Out: `Failure` and `Result`.
"""

from __future__ import annotations

from pysprocket.backends.job import Failure, FailureKind, JobId, Result

CANCELLED = Failure(FailureKind.CANCELLED, "the task was cancelled")


def over_time(limit: float) -> Failure:
    """A job that was stopped since it ran longer than its limit, in seconds."""
    return Failure(FailureKind.TIME_LIMIT, f"the task ran longer than its time limit of {limit:g} s and was stopped")


def result_of(
    job_id: JobId,
    failure: Failure | None,
    exit_code: int | None = None,
    *,
    started: float | None = None,
    ended: float | None = None,
) -> Result:
    """What is known of any job that has a directory here, and what is told of it: why it failed, how and when it ended.

    Times are seconds since the epoch.
    """
    place = job_id.directory
    return Result(
        exit_code, f"{place}/stdout", f"{place}/stderr", f"{place}/work", failure, started=started, ended=ended
    )
