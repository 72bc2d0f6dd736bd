"""How a container ended, and what the daemon refuses, in words for the user.

In: what the daemon knows of a container, or its complaint. Out: `Failure` and `BackendError`, which quote the
daemon's own words.
"""

from __future__ import annotations

import errno
import os
from datetime import datetime
from typing import Any

from pysprocket.backends.docker.api import ApiError
from pysprocket.backends.docker.container import container_name
from pysprocket.backends.docker.images import Image
from pysprocket.backends.job import Failure, FailureKind, JobId
from pysprocket.errors import BackendError
from pysprocket.units import format_size

_KILLED = (137, 255)
"""What the daemon says of a container that was killed, and of one whose end it did not see."""
_FROM_OUTSIDE = "the task's container was killed from outside, as when Docker is stopped, or by `docker kill`"


def failure_of(found: dict[str, Any], *, complete: bool) -> Failure | None:
    """Why a container that we did not stop did not simply end.

    Where all of it was killed at once, its script did not end by itself. A daemon that is stopped does that to all
    containers, and in the end it cannot be told from `docker kill`; it is not what the task has done.

    Args:
        found: what the daemon knows of the container.
        complete: whether the script came to its end.
    """
    state = found["State"]
    if state["Status"] == "created":
        return Failure(FailureKind.BACKEND, "the task's container was created but never started", state["Error"])
    if state["OOMKilled"] and state["ExitCode"] != 0:  # also set where only a child was killed and the script coped
        limit = found["HostConfig"]["Memory"]
        most = f"its limit of {format_size(limit)}" if limit else "the daemon has"
        return Failure(FailureKind.OUT_OF_MEMORY, f"the task used more memory than {most}", state["Error"])
    if not complete and state["ExitCode"] in _KILLED:
        words = state["Error"] or f"exit code {state['ExitCode']}"
        return Failure(FailureKind.NODE_LOST, _FROM_OUTSIDE, words)
    return None


def vanished(job_id: JobId) -> Failure:
    """The daemon knows no container of the job, and no result was kept."""
    return Failure(
        FailureKind.LOST,
        "the task's container is gone: somebody removed it before its end was seen",
        f"container {job_id.native or container_name(job_id.name)}",
    )


def is_gone(error: ApiError) -> bool:
    """Whether a container cannot be started since there is none, or it is being removed."""
    words = str(error)
    return (error.status == 404 and "No such container" in words) or (
        error.status == 409 and "marked for removal" in words
    )


def seconds_of(timestamp: str) -> float | None:
    """Seconds since the epoch of a time as the daemon writes it; its zero is the year 1."""
    return None if timestamp.startswith("0001-") else datetime.fromisoformat(timestamp).timestamp()


def span_of(state: dict[str, Any]) -> tuple[float | None, float | None]:
    """When a container began and ended, in seconds since the epoch.

    The daemon notes the start when it hears of it; a short script may have ended by then, and began no later than that.
    """
    started, ended = seconds_of(state["StartedAt"]), seconds_of(state["FinishedAt"])
    return (ended if started is not None and ended is not None and ended < started else started), ended


def no_daemon(address: str, error: ApiError) -> BackendError:
    """There is nobody at `address` whom we may ask; what to do about it."""
    words = str(error)
    if words == os.strerror(errno.EACCES):
        return BackendError(
            f"you may not use the Docker daemon at {address}",
            help="become a member of the group `docker`, or run with `--backend local`",
        )
    if error.status != 0:
        return BackendError(
            f"the Docker daemon at {address} refuses to answer: {words}",
            help="over the network it wants `DOCKER_TLS_VERIFY=1` and certificates in `DOCKER_CERT_PATH`",
        )
    return BackendError(
        f"no Docker daemon answers at {address}: {words}", help="start Docker, or run with `--backend local`"
    )


def refused(error: ApiError, image: Image) -> BackendError:
    """The daemon does not create or start a container."""
    words = str(error)
    if "executable file not found" in words:
        return BackendError(f"the container image `{image.name}` has no `sh`, which tasks need: {words}")
    if error.status == 0:
        return BackendError(
            f"the Docker daemon does not answer, so the task cannot be started: {words}", transient=True
        )
    return BackendError(f"Docker refuses the task's container: {words}", transient=error.transient)


def unreachable(error: ApiError) -> BackendError:
    """The daemon does not answer, or not with what it should: of the job nothing is known."""
    return BackendError(
        f"the Docker daemon cannot be asked any more, the task may still run: {error}", transient=error.transient
    )
