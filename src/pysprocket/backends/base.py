"""What a small backend need not write itself.

In: settings. Out: `BackendBase`, which leaves `submit`, `wait` and `cancel` to be written; all else is as for a backend
without containers, limits and connections.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Self, TypeVar

from pysprocket.backends.job import Job, JobId, JobState, Limits, Notify, Result
from pysprocket.backends.kept import remove_notes
from pysprocket.config.section import BackendSettings

S = TypeVar("S", bound=BackendSettings)


class BackendBase(ABC, Generic[S]):
    """A `Backend` without containers; a subclass overrides what is otherwise with it.

    Args:
        settings: of the configuration, a `Settings`.
        notify: is told of jobs, if anybody wants to know; see `tell` and `warn`.

    Raises:
        ValueError: the settings cannot be; the user is told what it says.

    Attributes:
        Settings: the struct of the settings; a subclass names its own.
        name: the kind of backend, for messages; a subclass has to say it.
        guest_root: where inside a container the job's files are, such as "/mnt/task"; None when jobs see host paths.
        detaches: whether jobs are left alone when the engine is told to terminate, as those in the queue of a cluster.
        image_protocols: of the container images that it runs, such as "docker" and "oras". Empty, it is "docker" where
            there is a `guest_root`, and none where there is none.
        notes: the files in the directory of a job that the backend writes for itself; `forget` removes them.
    """

    Settings: ClassVar[type[BackendSettings]] = BackendSettings
    name: str
    guest_root: str | None = None
    detaches: bool = False
    image_protocols: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __init__(self, settings: S, *, notify: Notify | None = None) -> None:
        self.settings = settings
        self._notify = notify

    def tell(self, job: str, state: JobState, remark: str = "") -> None:
        """Say what a job of a name does now; `remark` may name an image or the reason of a queue."""
        if self._notify is not None:
            self._notify(job, state, remark)

    def warn(self, job: str, remark: str) -> None:
        """Warn of something about a job that does not change how it ends."""
        if self._notify is not None:
            self._notify(job, None, remark)

    async def __aenter__(self) -> Self:
        """Connect; nothing has to be done."""
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Disconnect; nothing has to be done."""

    def limits(self) -> Limits:
        """No limits are known."""
        return Limits()

    @abstractmethod
    async def submit(self, job: Job) -> JobId:
        """See `Backend.submit`."""

    @abstractmethod
    async def wait(self, job_id: JobId) -> Result:
        """See `Backend.wait`."""

    @abstractmethod
    async def cancel(self, job_id: JobId) -> None:
        """See `Backend.cancel`."""

    async def withdraw(self, job_id: JobId) -> bool:
        """What was submitted counts as begun."""
        return False

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """Jobs have no image."""
        return None

    async def forget(self, job_id: JobId) -> None:
        """Remove the `notes`."""
        remove_notes(job_id.directory, self.notes)
