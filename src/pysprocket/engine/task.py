"""One call of a task: from its inputs to its outputs, over as many attempts as it may have.

In: a `Call`, a backend, a directory, and what earlier processes have done for the call. Out: the outputs as host
values, or a `CallFailure`. An attempt is: requirements, hints and command evaluated; `attempts/<n>/command` and `work/`
written; the job announced, submitted and awaited; its exit code judged; outputs evaluated. An attempt of an earlier
process that nobody saw end is made in the same words, under the same name, and so found again. Source: WDL
specification 1.3, "Task Definition".
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from pysprocket.backends.job import Backend, Job, JobId, Resources, Result
from pysprocket.backends.job import FailureKind as JobFailureKind
from pysprocket.engine.contexts import OutputContext, TaskContext
from pysprocket.engine.directory import attempt_directory
from pysprocket.engine.downloads import FetchNeeded, remote_paths
from pysprocket.engine.events import (
    AttemptCached,
    AttemptCreated,
    AttemptEnded,
    AttemptReattached,
    AttemptSubmitted,
    CancelRequested,
    Notice,
    Retry,
    Status,
)
from pysprocket.engine.failures import (
    CallFailure,
    FailureKind,
    cancelled,
    facts_of,
    from_error,
    from_exit_code,
    from_job,
    kind_of,
)
from pysprocket.engine.files import make_directory
from pysprocket.engine.links import translate_links
from pysprocket.engine.machine import Call
from pysprocket.engine.names import random_letters
from pysprocket.engine.past import PastAttempt, PastCall
from pysprocket.engine.paths import PathMap
from pysprocket.engine.preparation import Overrides, Preparation
from pysprocket.engine.requirements import Requirements
from pysprocket.engine.retries import Tries
from pysprocket.engine.services import Services
from pysprocket.errors import BackendError, EvaluationError, LocalizationError, SprocketError
from pysprocket.types.typed import TypedTask
from pysprocket.values.compile import TaskProgram, compile_task, evaluate
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import Value, map_paths
from pysprocket.values.scope import Scope
from pysprocket.values.text import shown

if TYPE_CHECKING:  # imported when the cache is on
    from pysprocket.engine.cache.call_cache import Cached, CallCache, Miss

T = TypeVar("T")

_SILENCE = 3600.0
"""Seconds without an answer from the place where a job runs after which the job is given up."""
_LONGEST_PAUSE = 60.0
"""Seconds between two questions about a job that nobody answers."""


class _Attempt(msgspec.Struct, frozen=True, eq=False):
    """What an attempt needs to be judged when its job has ended; `past` is set when an earlier process made it."""

    number: int
    directory: Path
    requirements: Requirements
    variable: TaskVariable
    job: Job
    past: PastAttempt | None


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
        self._is_revisited = past is not None
        self._backend: Backend = services.backend
        self._paths = PathMap(services.backend.guest_root, services.downloads)
        self._context = TaskContext(call.task.document, directory / "tmp", self._paths)
        self._preparation = Preparation(call, self._context, overrides, services.terms)
        self._tries = Tries(services.retry)
        self._miss: Miss | None = None
        self._job_id: JobId | None = None
        self._cancelled = self._being_withdrawn = False
        self._running: asyncio.Task[Any] | None = None

    async def execute(self) -> dict[str, Value] | CallFailure:
        """Run the call to its end.

        What a document, a task or a backend does wrong is a `CallFailure`.

        Raises:
            SprocketError: the run as a whole cannot go on: the output directory or the database cannot be written.
        """
        if self._is_unwanted():
            return cancelled(self._subject, started=False)
        self._running = asyncio.current_task()
        try:
            return await self._attempts()
        except (EvaluationError, BackendError) as error:
            return from_error(self._subject, error, f"\n  kind {kind_of(error)}, before a job was started")
        except asyncio.CancelledError:
            if not self._is_unwanted():
                raise
            return cancelled(self._subject, started=False)

    def _is_unwanted(self) -> bool:
        """Whether the run wants the call to end; a method, since it may become so during any `await`."""
        return self._cancelled or self._being_withdrawn

    async def cancel(self) -> None:
        """End the job that runs now, or take it back; `execute` then gives a failure."""
        if self.withdraw():
            return
        job_id = self._job_id  # it may end, and be concluded, during the `await`
        assert job_id is not None
        self._cancelled = True
        try:
            self._services.emit(CancelRequested(time.time(), self._services.run_id, job_id.name))
            await self._services.durable()
        finally:
            await self._backend.cancel(job_id)

    def withdraw(self) -> bool:
        """Take the job back, unless the backend has it; gives whether it was taken back."""
        if self._job_id is not None:
            return False
        self._cancelled = True
        if self._running is not None:
            self._running.cancel()
        return True

    async def take_back(self) -> bool:
        """Take the job back unless it runs, also from the queue of the place; gives whether it was taken back.

        Raises:
            BackendError: the place does not say; the job is as it was.
        """
        if self._job_id is None:
            return self.withdraw()
        self._being_withdrawn = True  # it may have ended before `withdraw` says so
        try:
            withdrawn = await self._backend.withdraw(self._job_id)
        finally:
            self._being_withdrawn = False
        self._cancelled = self._cancelled or withdrawn
        return withdrawn

    @property
    def _subject(self) -> str:
        called = "" if self._call.id == self._task.name else f" (call `{self._call.id}`)"
        return f"task `{self._task.name}`{called}"

    @property
    def _job_prefix(self) -> str:
        return self._call.id.replace("/", "--")

    def _warn(self, message: str) -> None:
        self._services.emit(Notice(time.time(), f"{self._call.id}: {message}", warning=True))

    # --- attempts ----------------------------------------------------------------------------------------

    async def _attempts(self) -> dict[str, Value] | CallFailure:
        program = compile_task(self._task)
        scope = await self._with_files(self._preparation.bind)
        if self._services.cache is not None:
            known = await self._from_cache(self._services.cache, scope)
            if known is not None:
                return known
        earlier = deque(self._past.attempts)
        number, cause = 0, ""
        previous: TaskVariable | None = None
        while True:
            past = earlier.popleft() if earlier else None
            if past is not None and past.status in (Status.FAILED, Status.CANCELED):
                previous = await self._with_files(partial(self._recall, scope, past, previous))
                number, cause = past.number + 1, past.failure or "cancelled"
                continue
            attempt = await self._with_files(partial(self._prepare, program, scope, number, previous, past))
            self._announce(attempt, cause or None)
            outcome, retry = await self._run(program, scope, attempt)
            if isinstance(outcome, dict) or retry is None:
                return outcome
            await asyncio.sleep(retry.pause)
            number, previous, cause = attempt.number + 1, attempt.variable, outcome.cause

    async def _from_cache(self, cache: CallCache, scope: Scope) -> dict[str, Value] | None:
        """The outputs of an earlier result for the same inputs, brought along as attempt 0; None when there is none."""
        from pysprocket.engine.cache.call_cache import Hit, Miss  # noqa: PLC0415 - only when it is on

        requirements = (await self._with_files(partial(self._preparation.grant, scope))).requirements
        if self._past.attempts:  # one of them may still run
            self._miss = await cache.miss(self._call.id, self._task, scope, self._context, requirements)
            return None
        directory = attempt_directory(self._directory, 0)
        found: Hit | Miss | Cached = await cache.lookup(self._call.id, self._task, scope, self._context, requirements)
        if isinstance(found, Hit):
            found = await cache.take(found, directory)
        if isinstance(found, Miss):
            self._miss = found
            cache.clear(directory)
            if found.wanted:
                message = f"{self._call.id}: not in the call cache: {found.reason}"
                self._services.emit(Notice(time.time(), message, detail=True))
            return None
        cached = AttemptCached(
            time.time(),
            self._services.run_id,
            self._call.id,
            f"{self._job_prefix}-{random_letters(12)}",
            self._task.name,
            str(directory),
            requirements.resources,
            requirements.images if self._backend.guest_root else (),
            found.key,
            found.origin.directory,
            found.exit_code,
        )
        self._services.emit(cached)
        return found.outputs

    def _recall(self, scope: Scope, past: PastAttempt, previous: TaskVariable | None) -> TaskVariable:
        """What `task.previous` shows of an attempt that has ended; it counts, unless the call was given up since."""
        grant = self._preparation.grant(scope, past.number, previous, self._grown)
        self._services.release(past.job_in(self._directory), ())  # the process may have died before it did so
        if past.failure is not None and past.status is Status.FAILED:
            self._tries.recall(past.failure, grant.requirements.max_retries, counts=not self._past.ended)
        return grant.variable

    def _retry(self, outcome: dict[str, Value] | CallFailure, attempt: _Attempt) -> Retry | None:
        """The next attempt; None when there is none."""
        if isinstance(outcome, dict) or outcome.final or outcome.cancelled:
            return None
        if attempt.past is not None and (attempt.past.cancelled or outcome.kind is FailureKind.CANCELLED):
            return Retry(1, 1)  # it was ended on purpose, before the run was taken up again
        return self._tries.again(outcome.kind, attempt.requirements.max_retries)

    async def _with_files(self, evaluation: Callable[[], T]) -> T:
        """What an evaluation gives; remote files that it needs are fetched, then it is done again."""
        while True:
            try:
                return evaluation()
            except FetchNeeded as needed:
                await self._paths.downloads.fetch_all({needed.url, *remote_paths(self._call.inputs.values())})
            except LocalizationError as error:
                await self._before_retry(error, transient=error.transient)
                self._paths.downloads.retry(error.url)

    async def _before_retry(self, error: SprocketError, *, transient: bool) -> None:
        """Wait before something is asked again that may do better then.

        Raises:
            SprocketError: the error, when it will not, or was asked often enough.
        """
        retry = self._tries.again(kind_of(error), 0) if transient else None
        if retry is None:
            raise error
        self._warn(f"{error}; asked again in {retry.pause:g} s ({retry.number} of {retry.most})")
        await asyncio.sleep(retry.pause)

    def _prepare(
        self,
        program: TaskProgram,
        scope: Scope,
        number: int,
        previous: TaskVariable | None,
        past: PastAttempt | None,
    ) -> _Attempt:
        grant = self._preparation.grant(scope, number, previous, self._grown)
        requirements = grant.requirements
        directory = attempt_directory(self._directory, number)
        if past is None and self._is_revisited and directory.exists():
            shutil.rmtree(directory)  # of a process that died before it announced the attempt
        self._paths.enter_attempt(directory, requirements.resources.disks)
        for place in self._paths.written():
            make_directory(place)
        command = evaluate(program.command, scope, self._context)
        self._services.commands.write(directory / "command", command.encode(), self._task)
        job = Job(
            name=past.job_name if past is not None else f"{self._job_prefix}-{random_letters(12)}",
            directory=directory,
            shell=self._services.shell,
            environment={name: shown(scope[name]) for name in program.environment},
            mounts=self._paths.mounts(),
            images=requirements.images if self._backend.guest_root else (),
            resources=requirements.resources,
            hints=requirements.hints,
            labels={"run": self._services.run_id, "call": self._call.id},
        )
        return _Attempt(number, directory, requirements, grant.variable, job, past)

    def _announce(self, attempt: _Attempt, cause: str | None) -> None:
        facts = (
            time.time(),
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
        self._services.emit(AttemptCreated(*facts, cause))

    async def _run(
        self, program: TaskProgram, scope: Scope, attempt: _Attempt
    ) -> tuple[dict[str, Value] | CallFailure, Retry | None]:
        """Submit the job, await it and judge how it ended; whether it is to be tried again."""
        result: Result | None = None
        outcome: dict[str, Value] | CallFailure
        try:
            await self._services.durable()
            result = await self._result(attempt)
            outcome = await self._with_files(partial(self._judge, program, scope, attempt, result))
        except (EvaluationError, BackendError) as error:
            outcome = from_error(self._subject, error, self._facts(kind_of(error), attempt, result))
        except asyncio.CancelledError:
            if not self._is_unwanted():
                raise
            outcome = cancelled(self._subject, started=self._job_id is not None)
        except Exception as error:
            self._conclude(attempt, result, from_error(self._subject, SprocketError(f"the run cannot go on: {error}")))
            raise
        retry = self._retry(outcome, attempt)
        if retry is not None and self._is_unwanted():  # it failed by itself while it was to end: not its last try
            outcome, retry = cancelled(self._subject, started=self._job_id is not None), None
        self._conclude(attempt, result, outcome, retry)
        if isinstance(outcome, dict) and self._services.cache is not None and self._miss is not None:
            assert result is not None
            self._services.cache.store(self._miss, attempt.directory, result, outcome)
        return outcome, retry

    async def _result(self, attempt: _Attempt) -> Result:
        """How the job ended, which is started unless it was before."""
        job, past = attempt.job, attempt.past
        if past is not None and past.job_id is not None:
            self._job_id = past.job_in(self._directory)
        else:
            self._job_id = await self._submit(job)
            self._services.emit(AttemptSubmitted(time.time(), self._services.run_id, job.name, self._job_id))
        if past is not None and past.cancelled:
            await self._backend.cancel(self._job_id)
        return await self._wait(self._job_id)

    async def _submit(self, job: Job) -> JobId:
        """Submit; to ask again for one name never starts a job twice."""
        while True:
            try:
                return await self._backend.submit(job)
            except BackendError as error:
                await self._before_retry(error, transient=error.transient)

    async def _wait(self, job_id: JobId) -> Result:
        """Await the end; no answer is not an answer, so the question is asked again."""
        pause, since = 1.0, time.monotonic()
        while True:
            try:
                return await self._backend.wait(job_id)
            except BackendError as error:
                if not error.transient or time.monotonic() - since > _SILENCE:
                    raise
                self._warn(f"{error}; asked again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _conclude(
        self,
        attempt: _Attempt,
        result: Result | None,
        outcome: dict[str, Value] | CallFailure,
        retry: Retry | None = None,
    ) -> None:
        job_id, self._job_id = self._job_id, None
        failure = outcome if isinstance(outcome, CallFailure) else None
        status = Status.COMPLETED if failure is None else Status.CANCELED if failure.cancelled else Status.FAILED
        ended = AttemptEnded(
            time.time(),
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

    # --- the end of a job --------------------------------------------------------------------------------

    def _judge(
        self, program: TaskProgram, scope: Scope, attempt: _Attempt, result: Result
    ) -> dict[str, Value] | CallFailure:
        if (failure := result.failure) is not None:
            if self._is_unwanted() and failure.kind is JobFailureKind.CANCELLED:
                return cancelled(self._subject, started=True)
            return from_job(self._subject, failure, self._facts(FailureKind(failure.kind.value), attempt, result))
        assert result.exit_code is not None
        if not attempt.requirements.accepts(result.exit_code):
            facts = self._facts(FailureKind.EXIT_CODE, attempt, result)
            return from_exit_code(self._subject, result.exit_code, facts)
        if self._backend.guest_root is not None:
            translate_links(self._paths)
        return self._outputs(program, scope, attempt, result.exit_code)

    def _facts(self, kind: FailureKind, attempt: _Attempt, result: Result | None) -> str:
        job = "" if self._job_id is None else self._job_id.native
        return facts_of(kind, attempt.number, job, result)

    def _outputs(self, program: TaskProgram, scope: Scope, attempt: _Attempt, exit_code: int) -> dict[str, Value]:
        context = OutputContext(self._task.document, self._directory / "tmp", self._paths, attempt.directory)
        inner = Scope(scope)
        inner["task"] = attempt.variable.ended(exit_code)
        for step in program.outputs:
            assert step.function is not None
            inner[step.name] = evaluate(step.function, inner, context)
        return {name: map_paths(inner[name], self._paths.host_value) for name in self._task.outputs}

    def _grown(self, resources: Resources) -> Resources:
        return self._services.retry.grown(resources, self._tries.shortages, self._services.terms.limits)
