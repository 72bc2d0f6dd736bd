"""One call of a task: from its inputs to its outputs, over as many attempts as it may have.

In: a `Call`, a backend and a directory. Out: the outputs as host values, or a `CallFailure`. An attempt is:
requirements, hints and command evaluated; `attempts/<n>/command` and `work/` written; the job announced, submitted
and awaited; its exit code judged; outputs evaluated. Source: WDL specification 1.3, "Task Definition".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pysprocket.backends.job import Backend, Failure, FailureKind, Job, JobId, Result
from pysprocket.engine.contexts import OutputContext, TaskContext
from pysprocket.engine.downloads import FetchNeeded, remote_paths
from pysprocket.engine.events import AttemptCreated, AttemptEnded, AttemptSubmitted, Status
from pysprocket.engine.files import make_directory, write_file
from pysprocket.engine.last_words import exit_and_stderr, stderr_end
from pysprocket.engine.links import translate_links
from pysprocket.engine.machine import Call
from pysprocket.engine.names import random_letters
from pysprocket.engine.paths import PathMap
from pysprocket.engine.preparation import Preparation
from pysprocket.engine.requirements import Requirements
from pysprocket.engine.services import Services
from pysprocket.errors import BackendError, EvaluationError, SprocketError
from pysprocket.source.diagnostic import Label
from pysprocket.types.typed import TypedTask
from pysprocket.values.compile import TaskProgram, compile_task, evaluate
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import Value, map_paths
from pysprocket.values.scope import Scope
from pysprocket.values.text import shown

T = TypeVar("T")


class CallFailure(msgspec.Struct, frozen=True, eq=False):
    """Why a call failed.

    Attributes:
        cause: in a few words, on one line.
        message: all that a user needs: which call, the cause, what the task wrote to stderr.
        labels: places in the document, when an expression is to blame.
    """

    cause: str
    message: str
    labels: tuple[Label, ...] = ()
    help: str | None = None
    cancelled: bool = False


class _Attempt(msgspec.Struct, frozen=True, eq=False):
    """What an attempt needs to be judged when its job has ended."""

    number: int
    directory: Path
    requirements: Requirements
    variable: TaskVariable
    job: Job


class TaskRun:
    """A call of a task under way.

    Args:
        services: what the run shares.
        call: which task, with which inputs.
        directory: of the call.
        overrides: "requirements", "runtime" and "hints" values given from outside, which beat the document's.
    """

    def __init__(
        self, services: Services, call: Call, directory: Path, overrides: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._services = services
        self._call = call
        self._task: TypedTask = call.task
        self._directory = directory
        self._backend: Backend = services.backend
        self._paths = PathMap(services.backend.guest_root, services.downloads)
        self._context = TaskContext(call.task.document, directory / "tmp", self._paths)
        self._preparation = Preparation(call, self._context, overrides, services.terms())
        self._job_id: JobId | None = None
        self._cancelled = False
        self._running: asyncio.Task[Any] | None = None

    async def execute(self) -> dict[str, Value] | CallFailure:
        """Run the call to its end.

        What a document, a task or a backend does wrong is a `CallFailure`.

        Raises:
            SprocketError: the run as a whole cannot go on: the output directory or the database cannot be written.
        """
        if self._cancelled:
            return self._failure("it was cancelled before it started")
        self._running = asyncio.current_task()
        try:
            return await self._attempts()
        except (EvaluationError, BackendError) as error:
            return self._failure(error)

    async def cancel(self) -> None:
        """End the job that runs now, or take it back; `execute` then gives a failure."""
        if not self.withdraw():
            assert self._job_id is not None
            self._cancelled = True
            await self._backend.cancel(self._job_id)

    def withdraw(self) -> bool:
        """Take the job back, unless the backend has started it; gives whether it was taken back."""
        if self._job_id is not None:
            return False
        self._cancelled = True
        if self._running is not None:
            self._running.cancel()
        return True

    def _failure(self, error: SprocketError | str, detail: str = "") -> CallFailure:
        cause = str(error)
        text = f"task `{self._task.name}`{self._called()} failed: {cause}{detail}"
        labels = error.labels if isinstance(error, EvaluationError) else ()
        help_ = error.help if isinstance(error, SprocketError) else None
        return CallFailure(cause, text, labels, help_, cancelled=self._cancelled)

    def _called(self) -> str:
        return "" if self._call.id == self._task.name else f" (call `{self._call.id}`)"

    # --- attempts ----------------------------------------------------------------------------------------

    async def _attempts(self) -> dict[str, Value] | CallFailure:
        program = compile_task(self._task)
        scope = await self._with_files(self._preparation.bind)
        previous: TaskVariable | None = None
        number = 0
        cause: str | None = None
        while True:
            attempt = await self._with_files(partial(self._prepare, program, scope, number, previous))
            self._announce(attempt, cause)
            outcome = await self._run(program, scope, attempt)
            if isinstance(outcome, dict) or self._cancelled or number >= attempt.requirements.max_retries:
                return outcome
            cause = outcome.cause
            previous = attempt.variable
            number += 1

    async def _with_files(self, evaluation: Callable[[], T]) -> T:
        """What an evaluation gives; remote files that it needs are fetched, then it is done again."""
        while True:
            try:
                return evaluation()
            except FetchNeeded as needed:
                await self._fetch(needed.url)

    async def _fetch(self, url: str) -> None:
        """Get a remote file, and those of all other inputs, for they will be needed too."""
        try:
            await self._paths.downloads.fetch_all({url, *remote_paths(self._call.inputs.values())})
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            raise EvaluationError("it was cancelled while its files were fetched") from None

    def _prepare(self, program: TaskProgram, scope: Scope, number: int, previous: TaskVariable | None) -> _Attempt:
        grant = self._preparation.grant(scope, number, previous)
        requirements = grant.requirements
        directory = self._directory / "attempts" / str(number)
        make_directory(directory / "work")
        self._paths.enter_attempt(directory)
        command = evaluate(program.command, scope, self._context)
        write_file(directory / "command", command.encode())
        job = Job(
            name=f"{self._call.id.replace('/', '--')}-{random_letters(12)}",
            directory=directory,
            shell=self._services.shell,
            environment={name: shown(scope[name]) for name in program.environment},
            mounts=self._paths.mounts(),
            images=requirements.images if self._backend.guest_root else (),
            resources=requirements.resources,
            hints=requirements.hints,
            labels={"run": self._services.run_id, "call": self._call.id},
        )
        return _Attempt(number, directory, requirements, grant.variable, job)

    def _announce(self, attempt: _Attempt, cause: str | None) -> None:
        event = AttemptCreated(
            time.time(),
            self._services.run_id,
            self._call.id,
            attempt.job.name,
            self._task.name,
            attempt.number,
            str(attempt.directory),
            attempt.job.resources,
            attempt.job.images,
            cause,
        )
        self._services.emit(event)

    async def _run(self, program: TaskProgram, scope: Scope, attempt: _Attempt) -> dict[str, Value] | CallFailure:
        """Submit the job, await it and judge how it ended."""
        result: Result | None = None
        try:
            await self._services.durable()
            result = await self._submitted(attempt.job)
            outcome = await self._with_files(partial(self._judge, program, scope, attempt, result))
        except (EvaluationError, BackendError) as error:
            outcome = self._failure(error, exit_and_stderr(result) if result else "")
        except asyncio.CancelledError:
            if not self._cancelled:
                raise
            outcome = self._failure("it was cancelled" + " before it started" * (self._job_id is None))
        except Exception as error:
            self._conclude(attempt, result, self._failure(f"the run cannot go on: {error}"))
            raise
        self._conclude(attempt, result, outcome)
        return outcome

    async def _submitted(self, job: Job) -> Result:
        self._job_id = await self._backend.submit(job)
        self._services.emit(AttemptSubmitted(time.time(), self._services.run_id, job.name, self._job_id))
        return await self._backend.wait(self._job_id)

    def _conclude(self, attempt: _Attempt, result: Result | None, outcome: dict[str, Value] | CallFailure) -> None:
        job_id, self._job_id = self._job_id, None
        error = outcome.cause if isinstance(outcome, CallFailure) else None
        status = Status.COMPLETED if error is None else Status.CANCELED if self._cancelled else Status.FAILED
        ended = AttemptEnded(time.time(), self._services.run_id, self._call.id, attempt.job.name, status, result, error)
        self._services.emit(ended)
        if result is not None and job_id is not None:
            self._services.release(job_id)

    # --- the end of a job --------------------------------------------------------------------------------

    def _judge(
        self, program: TaskProgram, scope: Scope, attempt: _Attempt, result: Result
    ) -> dict[str, Value] | CallFailure:
        if result.failure is not None:
            detail = "" if result.failure.kind is FailureKind.CANCELLED else exit_and_stderr(result)
            return self._failure(_describe(result.failure), detail)
        assert result.exit_code is not None
        if not attempt.requirements.accepts(result.exit_code):
            return self._failure(f"exit code {result.exit_code}", stderr_end(result))
        if self._backend.guest_root is not None:
            translate_links(attempt.directory / "work", self._paths)
        return self._outputs(program, scope, attempt, result.exit_code)

    def _outputs(self, program: TaskProgram, scope: Scope, attempt: _Attempt, exit_code: int) -> dict[str, Value]:
        context = OutputContext(self._task.document, self._directory / "tmp", self._paths, attempt.directory)
        inner = Scope(scope)
        inner["task"] = attempt.variable.ended(exit_code)
        for step in program.outputs:
            assert step.function is not None
            inner[step.name] = evaluate(step.function, inner, context)
        return {name: map_paths(inner[name], self._paths.host_value) for name in self._task.outputs}


def _describe(failure: Failure) -> str:
    return f"{failure.message}: {failure.detail}" if failure.detail else failure.message
