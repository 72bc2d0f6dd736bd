"""The attempts of a call, as far as expressions tell: what a job is made of, and what its end means.

In: a `Call`, a directory, the failures so far, and how a job ended. Out: an `Attempt`, with its command and `work/`
written; the outputs as host values, or a `CallFailure`. Nothing is awaited here, which is for module `task`. Source:
WDL specification 1.3, "Task Definition".
"""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path

import msgspec

from pysprocket.backends.job import FailureKind as JobFailureKind
from pysprocket.backends.job import Job, Resources, Result
from pysprocket.backends.protocols import has_images
from pysprocket.engine.contexts import OutputContext, TaskContext
from pysprocket.engine.directory import attempt_directory
from pysprocket.engine.failures import CallFailure, FailureKind, cancelled, facts_of, from_exit_code, from_job
from pysprocket.engine.files import make_directory, remove_directory
from pysprocket.engine.images import ImageNeeded
from pysprocket.engine.links import translate_links
from pysprocket.engine.machine import Call
from pysprocket.engine.names import random_letters
from pysprocket.engine.past import PastAttempt
from pysprocket.engine.paths import PathMap
from pysprocket.engine.preparation import Grant, Overrides, Preparation
from pysprocket.engine.requirements import Excess, Requirements, excesses
from pysprocket.engine.retries import Tries
from pysprocket.engine.services import Services
from pysprocket.types.typed import TypedTask
from pysprocket.values.compile import evaluate
from pysprocket.values.meta import TaskVariable
from pysprocket.values.model import Value, map_paths
from pysprocket.values.scope import Scope
from pysprocket.values.text import shown

_KILLED = (128 + signal.SIGTERM, 128 + signal.SIGKILL)
"""Exit codes of what was told to end."""


class Attempt(msgspec.Struct, frozen=True, eq=False):
    """What an attempt needs to be judged when its job has ended.

    Attributes:
        past: set when an earlier process made it.
        excess: what was asked for above what there is.
        passed_over: candidates for its image that the place does not run, each with the reason.
    """

    number: int
    directory: Path
    requirements: Requirements
    variable: TaskVariable
    job: Job
    past: PastAttempt | None
    excess: tuple[Excess, ...] = ()
    passed_over: tuple[str, ...] = ()


class Attempts:
    """Makes attempts of a call and judges them.

    Every method may raise `EvaluationError`, and `FetchNeeded` while a remote file is not there yet, or `ImageNeeded`;
    then it is to be called again.

    Args:
        services: what the run shares.
        call: which task, with which inputs.
        directory: of the call.
        overrides: "requirements", "runtime" and "hints" values given from outside, which beat the document's.
        tries: the failures so far.
        is_revisited: whether an earlier process may have left directories here.

    Attributes:
        subject: what messages call it.
        scope: inputs and private declarations, from `bind` on.
    """

    def __init__(
        self,
        services: Services,
        call: Call,
        directory: Path,
        overrides: Overrides,
        tries: Tries,
        *,
        is_revisited: bool,
    ) -> None:
        self._services = services
        self._call = call
        self._directory = directory
        self._tries = tries
        self._is_revisited = is_revisited
        self._has_images = has_images(services.backend)
        self._in_container = services.backend.guest_root is not None
        self.paths = PathMap(services.backend.guest_root, services.downloads)
        self.context = TaskContext(call.task.document, directory / "tmp", self.paths)
        self._preparation = Preparation(call, self.context, overrides, services.terms)
        self.scope = Scope()

    @property
    def subject(self) -> str:
        """The task, and the call where it is called otherwise."""
        name = self._call.task.name
        return f"task `{name}`" + ("" if self._call.id == name else f" (call `{self._call.id}`)")

    def bind(self) -> None:
        """Evaluate inputs and private declarations."""
        self.scope = self._preparation.bind()

    def grant(self, number: int = 0, previous: TaskVariable | None = None) -> Grant:
        """What attempt `number` gets; `previous` is the variable of the one before.

        Raises:
            ImageNeeded: the command depends on which of several images is used.
        """
        grant = self._preparation.grant(self.scope, number, previous, self._grown)
        images = self.images(grant.requirements)
        if len(images) > 1 and images not in self._preparation.settled and _shows_image(self._call.task):
            raise ImageNeeded(images, partial(self._settle, images))
        return grant

    def _settle(self, images: tuple[str, ...], image: str | None) -> None:
        self._preparation.settled[images] = images if image is None else (image,)

    def _grown(self, resources: Resources) -> Resources:
        return self._services.retry.grown(resources, self._tries.shortages, self._services.terms.limits)

    def new_job_name(self) -> str:
        """A name that no job has yet."""
        return f"{self._call.id.replace('/', '--')}-{random_letters(12)}"

    def images(self, requirements: Requirements) -> tuple[str, ...]:
        """The candidates for the image of a job; none where jobs have no image."""
        return requirements.images if self._has_images else ()

    def prepare(self, number: int, previous: TaskVariable | None, past: PastAttempt | None) -> Attempt:
        """An attempt with its directory; one of an earlier process in the same words, under the same name.

        Raises:
            OutputDirectoryError: its directory cannot be written.
        """
        grant = self.grant(number, previous)
        directory = attempt_directory(self._directory, number)
        if past is None and self._is_revisited and directory.exists():
            remove_directory(directory)  # of a process that died before it announced the attempt
        self.paths.enter_attempt(directory, grant.requirements.resources.disks)
        for place in self.paths.written():
            make_directory(place)
        command = evaluate(self._preparation.program.command, self.scope, self.context)
        self._services.commands.write(directory / "command", command.encode(), self._call.task)
        job = self._job(directory, grant.requirements, self.new_job_name() if past is None else past.job_name)
        excess, passed_over = self._excess(grant), self._passed_over(grant)
        return Attempt(number, directory, grant.requirements, grant.variable, job, past, excess, passed_over)

    def _excess(self, grant: Grant) -> tuple[Excess, ...]:
        """What was asked for above what there is; hardly ever anything."""
        if grant.asked is grant.requirements.resources:
            return ()
        return excesses(grant.asked, self._services.terms.limits)

    def _passed_over(self, grant: Grant) -> tuple[str, ...]:
        """Candidates that the place does not run; hardly ever any."""
        support = self._services.terms.containers
        if support is None or grant.images is grant.requirements.images:
            return ()
        return tuple(support.reasons(grant.images))

    def _job(self, directory: Path, requirements: Requirements, name: str) -> Job:
        return Job(
            name=name,
            directory=directory,
            shell=self._services.shell,
            environment={name: shown(self.scope[name]) for name in self._preparation.program.environment},
            mounts=self.paths.mounts(),
            images=self.images(requirements),
            resources=requirements.resources,
            hints=requirements.hints,
            labels={"run": self._services.run_id, "call": self._call.id},
        )

    def judge(self, attempt: Attempt, result: Result, job: str, *, is_unwanted: bool) -> dict[str, Value] | CallFailure:
        """What the end of a job means for the call.

        Args:
            attempt: that the job was started for.
            result: how it ended.
            job: what the place called it.
            is_unwanted: whether the run wants the call to end.
        """
        if _was_ended_on_purpose(attempt, result, is_unwanted=is_unwanted):
            return cancelled(self.subject, started=True)
        if (failure := result.failure) is not None:
            facts = facts_of(FailureKind(failure.kind.value), attempt.number, job, result, attempt.passed_over)
            return from_job(self.subject, failure, facts)
        assert result.exit_code is not None
        if not attempt.requirements.accepts(result.exit_code):
            facts = facts_of(FailureKind.EXIT_CODE, attempt.number, job, result)
            accepted = attempt.requirements.return_codes or ()
            return from_exit_code(self.subject, result.exit_code, accepted, facts)
        if self._in_container:
            translate_links(self.paths)
        return self._outputs(attempt, result.exit_code)

    def _outputs(self, attempt: Attempt, exit_code: int) -> dict[str, Value]:
        task = self._call.task
        context = OutputContext(task.document, self._directory / "tmp", self.paths, attempt.directory)
        inner = Scope(self.scope)
        inner["task"] = attempt.variable.ended(exit_code)
        for step in self._preparation.program.outputs:
            assert step.function is not None
            inner[step.name] = evaluate(step.function, inner, context)
        return {name: map_paths(inner[name], self.paths.host_value) for name in task.outputs}


def _shows_image(task: TypedTask) -> bool:
    """Whether a task reads `task.container`."""
    from pysprocket.engine.cache.source import task_source  # noqa: PLC0415 - few tasks name several images

    return "container" in task_source(task).members


def _was_ended_on_purpose(attempt: Attempt, result: Result, *, is_unwanted: bool) -> bool:
    """Whether a job ended since the run wanted it to; an engine that died meanwhile may not have seen it end."""
    kind = None if result.failure is None else result.failure.kind
    if attempt.past is None or not attempt.past.cancelled:
        return is_unwanted and kind is JobFailureKind.CANCELLED
    return kind in (JobFailureKind.CANCELLED, JobFailureKind.LOST) or result.exit_code in _KILLED
