"""Why calls fail: the kinds, and the words for the user.

In: how a job ended, or what was raised. Out: `FailureKind`, which policies of retrying, records and messages share, and
`CallFailure`, whose message names the call, the kind, the attempt, the exit code, what the place where the job ran
said, the end of its standard error and where the rest is.
"""

from __future__ import annotations

import signal
from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec

from pysprocket.backends.job import Failure, Result
from pysprocket.engine.last_words import stderr_end
from pysprocket.errors import (
    BackendError,
    EvaluationError,
    ImageError,
    LocalizationError,
    SprocketError,
    UnsupportedImageError,
)
from pysprocket.source.diagnostic import Label
from pysprocket.source.visible import some

_MOST_CODES = 10


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


class CallFailure(msgspec.Struct, frozen=True, eq=False):
    """Why a call failed.

    Attributes:
        kind: the class of the cause.
        cause: in a few words, on one line.
        message: all that a user needs: which call, the cause, what the task wrote to stderr.
        labels: places in the document, when an expression is to blame.
        help: what to do about it.
        final: whether another try makes no sense.
        cancelled: whether the run wanted it to end.
    """

    kind: FailureKind
    cause: str
    message: str
    labels: tuple[Label, ...] = ()
    help: str | None = None
    final: bool = False
    cancelled: bool = False


def kind_of(error: SprocketError) -> FailureKind:
    """The kind of a failure that was raised."""
    if isinstance(error, LocalizationError):
        return FailureKind.LOCALIZATION
    if isinstance(error, (ImageError, UnsupportedImageError)):
        return FailureKind.IMAGE
    return FailureKind.BACKEND if isinstance(error, BackendError) else FailureKind.EVALUATION


def from_error(subject: str, error: SprocketError, facts: str = "") -> CallFailure:
    """A failure that was raised; `subject` says what failed, `facts` are more lines for the message."""
    labels = error.labels if isinstance(error, EvaluationError) else ()
    message = f"{subject} failed: {error}{facts}"
    return CallFailure(
        kind_of(error),
        str(error),
        message,
        labels,
        error.help,
        final=isinstance(error, (BackendError, UnsupportedImageError)),
    )


def from_job(subject: str, failure: Failure, facts: str) -> CallFailure:
    """A job that did not simply end."""
    cause = f"{failure.message}: {failure.detail}" if failure.detail else failure.message
    return CallFailure(FailureKind(failure.kind.value), cause, f"{subject} failed: {cause}{facts}")


def from_exit_code(subject: str, exit_code: int, accepted: Collection[int], facts: str) -> CallFailure:
    """A script that ended with an exit code that is none of those that mean success."""
    cause = f"exit code {exit_code}{_accepted(accepted)}"
    return CallFailure(FailureKind.EXIT_CODE, cause, f"{subject} failed: {cause}{_signal(exit_code)}{facts}")


def _accepted(codes: Collection[int]) -> str:
    """Which exit codes mean success; nothing where that is what everybody expects."""
    if set(codes) == {0}:
        return ""
    return f", but `return_codes` accepts only {some(map(str, sorted(codes)), _MOST_CODES)}"


def _signal(exit_code: int) -> str:
    """What an exit code above 128 means to a shell."""
    try:
        known = signal.Signals(exit_code - 128)
    except ValueError:
        return ""
    return f": killed by signal {known.value} ({known.name})"


def cancelled(subject: str, *, started: bool) -> CallFailure:
    """A call that the run wanted to end."""
    cause = "it was cancelled" if started else "it was cancelled before it started"
    return CallFailure(FailureKind.CANCELLED, cause, f"{subject} failed: {cause}", cancelled=True)


def given_up(failure: CallFailure) -> CallFailure:
    """A call that the run wanted to end before it was tried again after a failure, of which its kind and text are."""
    return msgspec.structs.replace(
        failure, cause=f"it was cancelled before its next try, after {failure.cause}", cancelled=True
    )


def facts_of(kind: FailureKind, number: int, job: str, result: Result | None, passed_over: Sequence[str] = ()) -> str:
    """More lines for a message: kind, attempt, exit code beside another cause, job, end of the standard error.

    Where no image could be had also `passed_over`, the candidates that the place does not run.
    """
    exit_code = None if result is None or kind is FailureKind.EXIT_CODE else result.exit_code
    facts = [
        f"kind {kind}",
        f"attempt {number}",
        *([f"exit code {exit_code}"] if exit_code is not None else ()),
        *([f"job {job}"] if job else ()),
        *([f"on {result.host}"] if result is not None and result.host else ()),
    ]
    images = "".join(f"\n  {each}" for each in passed_over) if kind is FailureKind.IMAGE else ""
    return f"{images}\n  {', '.join(facts)}" + ("" if result is None else stderr_end(result))
