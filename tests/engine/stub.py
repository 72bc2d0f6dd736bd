"""A place where jobs run that a test is in command of: a queue with room for some, and ends as the test says.

In: how many jobs run at once, and how each ends. Out: a `Backend` that remembers all it was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self, TypeAlias

from pysprocket.backends.job import Failure, FailureKind, Job, JobId, Limits, Result
from pysprocket.errors import SprocketError

End: TypeAlias = int | FailureKind | SprocketError | None
"""An exit code, a failure of the job, an error that `submit` raises, or None: it runs until `end` is called."""


class StubBackend:
    """Runs nothing.

    Args:
        end_of: how a job ends; is told the job and how often one of its call was submitted before.
        room: how many jobs run at once; the others wait in the queue, from which they can be taken back.
        limits: the most that a job can get.

    Attributes:
        jobs: all that were submitted, in order.
        queued, running: names of jobs, in order.
        withdrawn, cancelled, forgotten: calls whose jobs were taken back, cancelled and forgotten.
    """

    name = "stub"
    guest_root: str | None = None
    detaches = False

    def __init__(
        self,
        end_of: Callable[[Job, int], End] = lambda job, number: None,
        room: float = float("inf"),
        limits: Limits | None = None,
    ) -> None:
        self.jobs: list[Job] = []
        self.queued: list[str] = []
        self.running: list[str] = []
        self.withdrawn: list[str] = []
        self.cancelled: list[str] = []
        self.forgotten: list[str] = []
        self._end_of = end_of
        self._room = room
        self._limits = limits or Limits()
        self._asked: dict[str, int] = {}
        self._ends: dict[str, End] = {}
        self._results: dict[str, asyncio.Future[Result]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        pass

    def limits(self) -> Limits:
        return self._limits

    # --- what the test does ------------------------------------------------------------------------------

    def calls(self, names: list[str]) -> list[str]:
        """The calls that jobs belong to."""
        return [name.rpartition("-")[0] for name in names]

    def end(self, call: str, how: int | FailureKind = 0) -> None:
        """Let the job of a call that runs end."""
        self._finish(next(name for name in self.running if name.rpartition("-")[0] == call), how)

    def _finish(self, name: str, how: int | FailureKind) -> None:
        (self.running if name in self.running else self.queued).remove(name)
        place = next(job.directory for job in self.jobs if job.name == name)
        words = f"{place}/stdout", f"{place}/stderr", f"{place}/work"
        failure = Failure(how, f"it ended so: {how}") if isinstance(how, FailureKind) else None
        self._results[name].set_result(Result(None if failure else int(how), *words, failure))
        self._fill()

    def _fill(self) -> None:
        while self.queued and len(self.running) < self._room:
            name = self.queued.pop(0)
            self.running.append(name)
            end = self._ends[name]
            if isinstance(end, int | FailureKind):
                asyncio.get_running_loop().call_soon(self._finish, name, end)

    # --- verbs -------------------------------------------------------------------------------------------

    async def submit(self, job: Job) -> JobId:
        job_id = JobId(job.name, f"native {job.name}", str(job.directory))
        if job.name in self._results:
            return job_id
        call = job.labels["call"]
        number = self._asked.get(call, 0)
        self._asked[call] = number + 1
        end = self._end_of(job, number)
        if isinstance(end, SprocketError):
            raise end
        self.jobs.append(job)
        self.queued.append(job.name)
        self._ends[job.name] = end
        self._results[job.name] = asyncio.get_running_loop().create_future()
        self._fill()
        return job_id

    async def wait(self, job_id: JobId) -> Result:
        return await asyncio.shield(self._results[job_id.name])

    async def cancel(self, job_id: JobId) -> None:
        self.cancelled += self.calls([job_id.name])
        if job_id.name in self.queued + self.running:
            self._finish(job_id.name, FailureKind.CANCELLED)

    async def withdraw(self, job_id: JobId) -> bool:
        if job_id.name not in self.queued:
            return False
        self.withdrawn += self.calls([job_id.name])
        self._finish(job_id.name, FailureKind.CANCELLED)
        return True

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        return None

    async def forget(self, job_id: JobId) -> None:
        self.forgotten += self.calls([job_id.name])
