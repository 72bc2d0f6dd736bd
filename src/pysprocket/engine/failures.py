"""Why calls fail, by kind.

In: how a job ended, or what was raised. Out: `FailureKind`, which policies of retrying, records and messages share.
"""

from __future__ import annotations

from enum import StrEnum


class FailureKind(StrEnum):
    """Why an attempt failed. A job's own failures have the names they have in `backends.job`."""

    EXIT_CODE = "exit_code"
    OUT_OF_MEMORY = "out_of_memory"
    TIME_LIMIT = "time_limit"
    PREEMPTED = "preempted"
    NODE_LOST = "node_lost"
    LOST = "lost"
    IMAGE = "image"
    LOCALIZATION = "localization"
    EVALUATION = "evaluation"
    CANCELLED = "cancelled"
    BACKEND = "backend"
