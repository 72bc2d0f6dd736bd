"""The contract between the engine and any place where jobs run.

In: nothing. Out: `Job`, `Result`, `Failure` and the `Backend` protocol. A backend knows no WDL: it gets a script,
an environment, mounts and resources, and gives an exit code, the places of what was written, and the resources used.

The protocol is drawn for the hard cases. A queue that batches: `submit` may collect jobs that arrive together and
send them as one array, each caller still gets its own `JobId`. A queue that forgets: `wait` gives a `Failure` of
kind `LOST` only when neither the exit file nor the scheduler knows the job after a stated time; no answer is not an
answer. An engine that dies: a `JobId` is plain data that the engine stores; `wait` on it works in another process,
and `submit` of a job whose name was submitted before finds the earlier one instead of starting a second.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

import msgspec


class Mount(msgspec.Struct, frozen=True, gc=False):
    """Something of the host that the job sees: `source` is a host path (or a URL), `target` the path inside.

    Backends without containers ignore mounts: there, `source` and `target` are the same path.
    """

    source: str
    target: str
    read_only: bool = True


class Resources(msgspec.Struct, frozen=True, gc=False):
    """What a job asks for.

    Attributes:
        cpu: processors, fractions allowed.
        memory: bytes.
        gpu: number of GPUs.
        fpga: whether an FPGA is needed.
        disks: bytes by mount point; the empty name is the working directory.
        cpu_limit, memory_limit: hard upper limits (processors, bytes); None for no limit beside the backend's own.
        time_limit: seconds of wall time, None for no limit.
    """

    cpu: float = 1.0
    memory: int = 2 * 1024**3
    gpu: int = 0
    fpga: bool = False
    disks: dict[str, int] = {}
    cpu_limit: float | None = None
    memory_limit: int | None = None
    time_limit: float | None = None


class Job(msgspec.Struct, frozen=True, gc=False):
    """Everything any place needs to run one attempt of a task.

    Attributes:
        name: unique among all jobs of all runs; what makes `submit` idempotent.
        directory: host directory of the attempt; the engine has written `command` and made `work/` in it, the
            backend writes `stdout`, `stderr` and whatever else it keeps there.
        shell: the program that runs `command`, such as "bash".
        environment: variables set for the script, values exact.
        mounts: what to show inside; backends with containers add `work`, `command`, `stdout` and `stderr` themselves.
        images: container image candidates that the backend runs (module `protocols`), best first: the first that can
            be had is used. Empty on backends that run none.
        hints: what else the document says, for schedulers (`short_task`, `preemptible`, …).
        labels: for finding a run's jobs again: "run" (its id) and "call".
    """

    name: str
    directory: Path
    shell: str = "bash"
    environment: dict[str, str] = {}
    mounts: tuple[Mount, ...] = ()
    images: tuple[str, ...] = ()
    resources: Resources = Resources()
    hints: dict[str, object] = {}
    labels: dict[str, str] = {}


class JobId(msgspec.Struct, frozen=True, gc=False):
    """How to find a submitted job again, also from another process; plain data.

    Attributes:
        name: the name of the `Job`.
        native: what the place calls it: a process id, a container id, "1234_7" of an array; empty when only the name is
            known.
        directory: the attempt directory as a string, where its exit file is.
    """

    name: str
    native: str
    directory: str


class FailureKind(StrEnum):
    """Why a job did not simply end. The task's own exit code is not a failure of the job."""

    OUT_OF_MEMORY = "out_of_memory"
    TIME_LIMIT = "time_limit"
    PREEMPTED = "preempted"
    NODE_LOST = "node_lost"
    LOST = "lost"
    CANCELLED = "cancelled"
    IMAGE = "image"
    BACKEND = "backend"


class Failure(msgspec.Struct, frozen=True, gc=False):
    """Why a job did not simply end.

    Attributes:
        kind: the class of the cause.
        message: one sentence for the user.
        detail: the scheduler's or daemon's own words, empty when there are none.
    """

    kind: FailureKind
    message: str
    detail: str = ""


class Usage(msgspec.Struct, frozen=True, gc=False):
    """What a job used; None where the place does not tell.

    Attributes:
        cpu_seconds: user and system time of the job and its children.
        memory_peak: the most memory, in bytes, that one of its processes (or the container) held. Not below some
            10 MB for a process of this machine: what started it counts too, so less was used than such a number says.
    """

    cpu_seconds: float | None = None
    memory_peak: int | None = None


class Result(msgspec.Struct, frozen=True, gc=False):
    """How a job ended.

    Attributes:
        exit_code: of the script; None when it is not known (then `failure` says why). 128 + n for signal n.
        stdout, stderr, work: host paths or URLs.
        failure: set when the job did not simply end.
        started, ended: seconds since the epoch, None when unknown.
        image: the image that was used, image_digest its digest or id when the place tells.
        host: the machine it ran on.
    """

    exit_code: int | None
    stdout: str
    stderr: str
    work: str
    failure: Failure | None = None
    started: float | None = None
    ended: float | None = None
    usage: Usage = Usage()
    image: str | None = None
    image_digest: str | None = None
    host: str | None = None


class JobState(StrEnum):
    """What a backend tells while a job is under way."""

    WAITING = "waiting"
    PULLING = "pulling"
    RUNNING = "running"


class Limits(msgspec.Struct, frozen=True, gc=False):
    """The most that one job can get; None for no known limit."""

    cpu: float | None = None
    memory: int | None = None


Notify = Callable[[str, JobState | None, str], None]
"""Called with a job's name, its new state and a remark (an image, a pending reason); may be called never. Without a
state the remark is a warning: something about the job went wrong that does not change how it ends."""


class Backend(Protocol):
    """Somewhere jobs run.

    Used as an asynchronous context manager: entering connects (and raises `BackendError` when the place does not
    answer), leaving closes connections; jobs under way go on. Cancelling the coroutine `wait` does not cancel the job;
    `cancel` does. No method blocks the event loop. Each may raise `BackendError`, `transient` when a later try may
    succeed: then nothing is known of the job, and the engine asks again. Anything else that is raised is a mistake of
    the backend and ends that one job (module `guarded`).

    The engine calls, for each job: `submit` until it gives a `JobId`, `wait` until it gives a `Result`, and `forget`
    once that is recorded; `cancel` and `withdraw` beside `wait`, at any moment and more than once.

    Attributes:
        name: the kind of backend for messages, such as "docker".
        guest_root: where inside a container the job's files are ("/mnt/task"), None when jobs see host paths.
        detaches: whether jobs are left alone when the engine is told to terminate (SIGTERM, a closed terminal): those
            in the queue of a cluster stay there, those on this machine are cancelled.
        image_protocols: the protocols of the container images that it runs, such as `("docker", "oras")`, also where
            jobs see host paths. Where it is empty or missing, `docker` if there is a `guest_root`, and else none:
            images are ignored. What the backends of this package run says module `protocols`.

    A dry run asks the method `image_here(image)` if there is one: it is `resolve_image` without fetching anything.
    """

    name: str
    guest_root: str | None
    detaches: bool

    async def __aenter__(self) -> Self:
        """Connect."""

    async def __aexit__(self, *exception: object) -> None:
        """Disconnect; jobs under way go on."""

    def limits(self) -> Limits:
        """The most that one job can get."""

    async def submit(self, job: Job) -> JobId:
        """Start a job, or find the one that was started under this name before, whether it runs or has ended.

        It may take long: until there is an image, or room. Cancelling the coroutine takes back a job that has not begun
        to run; where that comes too late the job runs, and its id is given all the same. Of a job that was submitted by
        a process that has died, nothing is known then.

        Raises:
            ImageError: no candidate image can be had.
            BackendError: the place refuses the job; `transient` when a later try may succeed.
        """

    async def wait(self, job_id: JobId) -> Result:
        """How the job ended, as often as it is asked; also for a job submitted by a process that has died since.

        Raises:
            BackendError: the place cannot be asked any more (the job may still run).
        """

    async def cancel(self, job_id: JobId) -> None:
        """End the job and everything it started; a job that has ended already is no error.

        After this, `wait` gives a `Result` with a failure of kind CANCELLED (or the job's own end, if it was faster).
        """

    async def withdraw(self, job_id: JobId) -> bool:
        """Take a job back that waits in the queue of the place; whether that was possible: it had not begun to run.

        Where `submit` gives a `JobId` only when the job has begun, nothing can be taken back any more; but a process
        that has died may have come to nothing, and then nobody has the job. It has no id, but a name and a directory.
        """

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """The candidate that a job would use and the digest of its content; None where jobs have no image.

        Raises:
            ImageError: no candidate can be had.
        """

    async def forget(self, job_id: JobId) -> None:
        """Give up what was kept to answer `wait` again: the engine has stored the result for good.

        Also for a job that another process has submitted, and for one that was forgotten before.
        """
