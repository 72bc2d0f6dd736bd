"""One call of a task: from its inputs to its outputs, over as many attempts as it may have.

In: a `Call`, a backend, a directory, and what earlier processes have done for the call. Out: the outputs as host
values, or a `CallFailure`. An attempt is made (module `attempts`), announced, submitted, awaited and judged. One of an
earlier process that nobody saw end is made in the same words, under the same name, and so found again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pysprocket.backends.job import Backend, JobId, Result
from pysprocket.clock import now
from pysprocket.engine.attempts import Attempt, Attempts
from pysprocket.engine.events import (
    AttemptCreated,
    AttemptEnded,
    AttemptReattached,
    AttemptSubmitted,
    CancelRequested,
    Notice,
    Retry,
    Status,
)
from pysprocket.engine.failures import CallFailure, FailureKind, cancelled, facts_of, from_error, given_up, kind_of
from pysprocket.engine.machine import Call
from pysprocket.engine.past import PastAttempt, PastCall
from pysprocket.engine.patience import Patience
from pysprocket.engine.preparation import Overrides
from pysprocket.engine.requirements import lowering
from pysprocket.engine.retries import Tries
from pysprocket.engine.services import Services
from pysprocket.errors import BackendError, EvaluationError, SprocketError
from pysprocket.types.typed import TypedTask
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import Value

if TYPE_CHECKING:  # imported when the cache is on
    from pysprocket.engine.cached_call import CachedCall

_MOMENT = 0.25
"""Seconds in which any backend has begun to end a job that it was asked to end."""

_CAUSES = {Status.FAILED: "failed", Status.CANCELED: "cancelled", Status.COMPLETED: "its outputs cannot be used again"}
"""Why another attempt follows one of an earlier process whose failure has no kind."""


class TaskRun:
    """A call of a task under way.

    Args:
        services: what the run shares.
        call: which task, with which inputs.
        directory: of the call.
        overrides: "requirements", "runtime" and "hints" values given from outside, which beat the document's.
        past: what earlier processes have done for the call; None in a new run.
    """

    def __init__(
        self, services: Services, call: Call, directory: Path, overrides: Overrides, past: PastCall | None = None
    ) -> None:
        self._services = services
        self._call = call
        self._task: TypedTask = call.task
        self._directory = directory
        self._past = past or PastCall()
        self._backend: Backend = services.backend
        self._tries = Tries(services.retry)
        self._attempts = Attempts(services, call, directory, overrides, self._tries, is_revisited=past is not None)
        self._patience = Patience(services, call, self._tries, self._attempts.paths.downloads)
        self._cached: CachedCall | None = None
        self._job_id = next((a.job_in(directory) for a in self._past.attempts if a.status is None), None)
        self._cancelled = self._being_withdrawn = self._is_last = False
        self._running: asyncio.Task[Any] | None = None
        self._decided: asyncio.Event | None = None

    async def execute(self) -> dict[str, Value] | CallFailure:
        """Run the call to its end.

        What a document, a task or a backend does wrong is a `CallFailure`.

        Raises:
            SprocketError: the run as a whole cannot go on: the output directory or the database cannot be written.
        """
        self._running = asyncio.current_task()
        try:
            if self._is_unwanted() and self._job_id is None:
                return cancelled(self._attempts.subject, started=False)
            return await self._to_the_end()
        except (EvaluationError, BackendError) as error:
            await self._abandon()
            return from_error(self._attempts.subject, error, f"\n  kind {kind_of(error)}, before a job was started")
        except asyncio.CancelledError:
            if not self._is_unwanted():
                raise
            return cancelled(self._attempts.subject, started=False)
        finally:
            self._decide(None)
            self._running = None  # who takes it back only now has nothing to wait for

    def _is_unwanted(self) -> bool:
        """Whether the run wants the call to end; a method, since it may become so during any `await`."""
        return self._cancelled or self._being_withdrawn

    def _decide(self, job_id: JobId | None) -> None:
        """There is a job now, or there will be none."""
        self._job_id = job_id
        if self._decided is not None:
            self._decided.set()

    async def _abandon(self) -> None:
        """End the job of an earlier process that can be awaited no more, since what it was made of is gone."""
        if self._job_id is not None:
            with suppress(BackendError):  # why it is given up is what the user has to know
                await self._backend.cancel(self._job_id)

    # --- being told to end -------------------------------------------------------------------------------

    def leave(self, *, even_running: bool) -> bool:
        """From now on start no job; gives whether there is none, and none to come that would be left alone.

        Args:
            even_running: whether a job that was just being started is to be cancelled; otherwise it is awaited. That
                is the last attempt: when it fails, the tries that are left are for whoever resumes the run.
        """
        was_asked = self._cancelled if even_running else self._being_withdrawn
        self._is_last = True
        self._cancelled = self._cancelled or even_running
        if self._job_id is not None:
            return False
        self._being_withdrawn = True
        if self._running is not None and not was_asked:
            self._running.cancel()
        return even_running or self._running is None

    async def cancel(self) -> None:
        """End the job, if there is one."""
        if not self.leave(even_running=True) and self._job_id is not None:
            await self._end(self._job_id)

    async def _end(self, job_id: JobId) -> None:
        try:
            self._services.emit(CancelRequested(now(), self._services.run_id, job_id.name))
            await self._services.durable()
        except asyncio.CancelledError:
            await self._end_soon(job_id)
            raise
        except Exception:
            await self._backend.cancel(job_id)
            raise
        await self._backend.cancel(job_id)

    async def _end_soon(self, job_id: JobId) -> None:
        """The job is ended, but not given the time to end well: to cancel `cancel` shortens that."""
        ending = asyncio.create_task(self._backend.cancel(job_id))
        await asyncio.wait([ending], timeout=_MOMENT)
        ending.cancel()
        with suppress(asyncio.CancelledError, SprocketError):
            await ending

    async def take_back(self) -> bool:
        """Take the job back unless it runs, also from the queue of the place; gives whether it was taken back.

        Raises:
            BackendError: the place does not say; the job is as it was.
        """
        if self.leave(even_running=False):
            return True
        if self._job_id is None:  # it may be started in this moment
            self._decided = self._decided or asyncio.Event()  # a run may have two reasons to take it back
            await self._decided.wait()
            return self._job_id is None
        return await self._withdrawn(self._job_id)

    async def _withdrawn(self, job_id: JobId) -> bool:
        self._being_withdrawn = True  # it may have ended before the place says so
        try:
            withdrawn = await self._backend.withdraw(job_id)
        finally:
            self._being_withdrawn = False
        self._cancelled = self._cancelled or withdrawn
        return withdrawn

    # --- attempts ----------------------------------------------------------------------------------------

    async def _to_the_end(self) -> dict[str, Value] | CallFailure:
        await self._patience.with_files(self._attempts.bind)
        if (known := await self._from_cache()) is not None:
            return known
        earlier = deque(self._past.attempts)
        number, cause = 0, ""
        previous: TaskVariable | None = None
        while True:
            past = earlier.popleft() if earlier else None
            if past is not None and past.never_began:
                await self._swept(past)
                continue
            if past is not None and past.status is not None:
                previous = await self._patience.with_files(partial(self._recall, past, previous))
                number, cause = past.number + 1, past.failure or _CAUSES[past.status]
                continue
            attempt = await self._patience.with_files(partial(self._attempts.prepare, number, previous, past))
            if self._cached is not None:
                self._cached.begin(attempt.directory, begun_before=attempt.past is not None)
            self._announce(attempt, cause or None)
            outcome, retry = await self._run(attempt)
            if isinstance(outcome, dict) or retry is None:
                return outcome
            try:
                await asyncio.sleep(retry.pause)
            except asyncio.CancelledError:
                if not self._is_unwanted():
                    raise
                return given_up(outcome)
            number, previous = attempt.number + 1, attempt.variable
            cause = outcome.kind if outcome.cancelled else outcome.cause

    async def _from_cache(self) -> dict[str, Value] | None:
        cache = self._services.cache
        if cache is None:
            return None
        from pysprocket.engine.cached_call import CachedCall  # noqa: PLC0415 - only when it is on

        self._cached = CachedCall(self._services, cache, self._call, self._directory, self._attempts)
        grant = await self._patience.with_files(self._attempts.grant)
        return await self._cached.outputs(grant.requirements, has_begun=bool(self._past.attempts))

    async def _swept(self, past: PastAttempt) -> None:
        """Remove what an engine that died, or a place that was away, has left of an attempt that was taken back."""
        try:
            await self._backend.forget(past.job_in(self._directory))
        except BackendError as error:
            message = f"what was kept of the task {past.job_name} could not be removed: {error}"
            self._services.emit(Notice(now(), message, warning=True))

    def _recall(self, past: PastAttempt, previous: TaskVariable | None) -> TaskVariable:
        """What `task.previous` shows of an attempt that has ended; it counts, unless the call was given up since."""
        grant = self._attempts.grant(past.number, previous)
        self._services.release(past.job_in(self._directory), ())  # the process may have died before it did so
        if past.failure is not None and past.status is Status.FAILED:
            self._tries.recall(past.failure, grant.requirements.max_retries, counts=not self._past.ended)
        return grant.variable

    def _retry(self, outcome: dict[str, Value] | CallFailure, attempt: Attempt) -> Retry | None:
        """The next attempt; None when there is none."""
        if isinstance(outcome, dict) or outcome.final:
            return None
        if attempt.past is not None and (attempt.past.cancelled or outcome.kind is FailureKind.CANCELLED):
            return Retry(1, 1)  # it was ended on purpose, before the run was taken up again
        if outcome.cancelled:
            return None
        return self._tries.again(outcome.kind, attempt.requirements.max_retries)

    def _announce(self, attempt: Attempt, cause: str | None) -> None:
        facts = (
            now(),
            self._services.run_id,
            self._call.id,
            attempt.job.name,
            self._task.name,
            attempt.number,
            str(attempt.directory),
            attempt.job.resources,
            attempt.job.images,
        )
        if attempt.past is not None:
            self._services.emit(AttemptReattached(*facts, attempt.past.job_id))
            return
        lowered = {each.key: each.amount for each in attempt.excess} if attempt.excess else None
        self._services.emit(AttemptCreated(*facts, cause, lowered))
        self._tell_of_less(attempt)
        self._tell_of_images(attempt)

    def _tell_of_less(self, attempt: Attempt) -> None:
        """Tell that the task gets less than it asks for, once for all calls of it."""
        for excess in attempt.excess:
            about = self._task, excess.key
            if about not in self._services.told:
                self._services.told.add(about)
                message = f"{self._attempts.subject} {lowering(excess)}"
                self._services.emit(Notice(now(), message, warning=True))

    def _tell_of_images(self, attempt: Attempt) -> None:
        """Tell which candidates for the image are passed over, once for all calls of the task."""
        for reason in attempt.passed_over:
            about = self._task, reason
            if about not in self._services.told:
                self._services.told.add(about)
                message = f"{self._attempts.subject}: an image is passed over: {reason}"
                self._services.emit(Notice(now(), message, detail=True))

    async def _run(self, attempt: Attempt) -> tuple[dict[str, Value] | CallFailure, Retry | None]:
        """Submit the job, await it and judge how it ended; whether it is to be tried again."""
        result: Result | None = None
        outcome: dict[str, Value] | CallFailure
        try:
            await self._services.durable()
            result = await self._result(attempt)
            outcome = await self._patience.with_files(partial(self._judge, attempt, result))
        except (EvaluationError, BackendError) as error:
            facts = facts_of(kind_of(error), attempt.number, self._native, result, attempt.passed_over)
            outcome = from_error(self._attempts.subject, error, facts)
        except asyncio.CancelledError:
            if not self._is_unwanted():
                raise
            outcome = cancelled(self._attempts.subject, started=self._job_id is not None)
        except SprocketError:  # a full disk, a lost database: no end of the job, which whoever resumes finds again
            raise
        except Exception as error:
            self._conclude(
                attempt, result, from_error(self._attempts.subject, SprocketError(f"the run cannot go on: {error}"))
            )
            raise
        retry = self._retry(outcome, attempt)
        if retry is not None and (self._is_last or self._is_unwanted()):  # it failed by itself, and the run is to end
            assert isinstance(outcome, CallFailure), "what ended well is not tried again"
            self._conclude(attempt, result, outcome)
            return given_up(outcome), None
        self._conclude(attempt, result, outcome, retry)
        if isinstance(outcome, dict) and self._cached is not None:
            assert result is not None
            self._cached.keep(attempt.directory, result, outcome)
        return outcome, retry

    async def _result(self, attempt: Attempt) -> Result:
        """How the job ended, which is started unless it was before."""
        past = attempt.past
        if past is not None and past.job_id is not None:
            job_id = past.job_in(self._directory)
        else:
            job_id = await self._submitted(attempt)
        self._being_withdrawn = False  # that came too late
        self._decide(job_id)
        if self._cancelled:
            await self._end(job_id)
        elif past is not None and past.cancelled:
            await self._backend.cancel(job_id)
        return await self._patience.wait(job_id)

    async def _submitted(self, attempt: Attempt) -> JobId:
        """The id of the job, which is started, unless it was before or the call was given up since."""
        job = attempt.job
        before = None if attempt.past is None else attempt.past.job_in(self._directory)
        self._job_id = None
        try:
            if before is not None and self._is_unwanted():
                raise asyncio.CancelledError
            job_id = await self._patience.submit(job)
        except asyncio.CancelledError:
            if before is None or not self._is_unwanted():
                raise
            if await self._withdrawn(before):
                raise
            job_id = await self._patience.submit(job)  # it has begun, so it is found
        self._services.emit(AttemptSubmitted(now(), self._services.run_id, job.name, job_id))
        return job_id

    def _conclude(
        self,
        attempt: Attempt,
        result: Result | None,
        outcome: dict[str, Value] | CallFailure,
        retry: Retry | None = None,
    ) -> None:
        job_id, self._job_id = self._job_id, None
        failure = outcome if isinstance(outcome, CallFailure) else None
        status = Status.COMPLETED if failure is None else Status.CANCELED if failure.cancelled else Status.FAILED
        ended = AttemptEnded(
            now(),
            self._services.run_id,
            self._call.id,
            attempt.job.name,
            status,
            result,
            None if failure is None else failure.cause,
            None if failure is None else failure.kind,
            retry,
        )
        self._services.emit(ended)
        if result is not None and job_id is not None:
            self._services.release(job_id, outcome.values() if isinstance(outcome, dict) else ())

    def _judge(self, attempt: Attempt, result: Result) -> dict[str, Value] | CallFailure:
        return self._attempts.judge(attempt, result, self._native, is_unwanted=self._is_unwanted())

    @property
    def _native(self) -> str:
        """What the place calls the job."""
        return "" if self._job_id is None else self._job_id.native
