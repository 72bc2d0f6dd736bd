"""Runs a target to its end on a backend: the machine decides, the driver acts and owns time.

In: a task or workflow with its inputs, a backend, a run directory, listeners. Out: the outputs as host values, or
`RunFailed` with a text for the user. Each call is one asyncio task that never raises for what goes wrong in it; the
driver takes their outcomes from a queue, one after another, and tells the machine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial

from pysprocket.engine.contexts import WorkflowContext
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.events import CallEnded, CallStarted, Notice, Status
from pysprocket.engine.files import write_json
from pysprocket.engine.machine import Call, Machine, SingleCall
from pysprocket.engine.services import Services
from pysprocket.engine.task import CallFailure, TaskRun
from pysprocket.errors import EvaluationError, RunFailed, RunInterrupted, SprocketError
from pysprocket.plan.graph import plan_workflow
from pysprocket.plan.inputs import BoundInputs
from pysprocket.types.typed import TypedDocument, TypedTask, TypedWorkflow
from pysprocket.values.json import to_json
from pysprocket.values.model import Value


class Run:
    """One run of a target.

    Args:
        fail_fast: whether the first failure cancels what runs; otherwise running tasks are awaited.
        scatter_concurrency: how many items of one scatter may be under way together.
    """

    def __init__(
        self,
        services: Services,
        directory: RunDirectory,
        target: TypedTask | TypedWorkflow,
        inputs: BoundInputs,
        *,
        fail_fast: bool = False,
        scatter_concurrency: int = 1000,
    ) -> None:
        self._services = services
        self._directory = directory
        self._inputs = inputs
        self._fail_fast = fail_fast
        self._machine: Machine | SingleCall
        if isinstance(target, TypedTask):
            self._machine = SingleCall(target, inputs.values)
        else:
            self._machine = Machine(
                plan_workflow(target),
                inputs.values,
                self._context,
                nested=inputs.nested,
                scatter_concurrency=scatter_concurrency,
            )
        self._under_way: dict[str, tuple[TaskRun, asyncio.Task[None]]] = {}
        self._outcomes: asyncio.Queue[tuple[Call, dict[str, Value] | CallFailure | Exception]] = asyncio.Queue()
        self._failures: list[SprocketError] = []
        self._interrupted = False

    async def execute(self) -> dict[str, Value]:
        """Run to the end and give the outputs of the target.

        Raises:
            RunFailed: a call, or an expression of the workflow, failed.
            RunInterrupted: `interrupt` was called before the end.
        """
        await self._advance(self._machine.start)
        while self._under_way:
            call, outcome = await self._outcomes.get()
            del self._under_way[call.id]
            if isinstance(outcome, CallFailure):
                await self._call_failed(call, outcome)
            elif isinstance(outcome, Exception):
                await self._cancel_all()
                raise outcome
            else:
                self._call_ended(call, outcome)
                await self._advance(partial(self._machine.finished, call.id, outcome))
        if self._interrupted:
            raise RunInterrupted("the run was interrupted")
        if self._failures:
            raise RunFailed(self._failures)
        assert self._machine.complete, "nothing is under way, nothing failed, so all is done"
        return self._machine.outputs

    async def interrupt(self) -> None:
        """Start nothing new and cancel what runs."""
        self._interrupted = True
        self._machine.stop()
        await self._cancel_all()

    async def _cancel_all(self) -> None:
        await asyncio.gather(*(run.cancel() for run, _ in list(self._under_way.values())))

    # --- moves -------------------------------------------------------------------------------------------

    async def _advance(self, move: Callable[[], list[Call]]) -> None:
        """Make a move of the machine and start the calls it gives."""
        try:
            calls = move()
        except EvaluationError as error:
            self._machine.stop()
            await self._failed(error)
            return
        self._write_subworkflows()
        for call in calls:
            self._start(call)

    def _start(self, call: Call) -> None:
        directory = self._directory.call(call.id if isinstance(self._machine, Machine) else "")
        self._services.emit(CallStarted(time.time(), self._services.run_id, call.id, call.task.name, "task"))
        run = TaskRun(self._services, call, directory, self._inputs.overrides.get(call.path, {}))
        self._under_way[call.id] = run, asyncio.create_task(self._run_call(call, run))

    async def _run_call(self, call: Call, run: TaskRun) -> None:
        outcome: dict[str, Value] | CallFailure | Exception
        try:
            outcome = await run.execute()
        except Exception as error:
            outcome = error
        self._outcomes.put_nowait((call, outcome))

    def _call_ended(self, call: Call, outputs: dict[str, Value]) -> None:
        if isinstance(self._machine, Machine):
            self._write(call.id, call.inputs, outputs)
        self._services.emit(CallEnded(time.time(), self._services.run_id, call.id, Status.COMPLETED))

    async def _call_failed(self, call: Call, failure: CallFailure) -> None:
        status = Status.CANCELED if failure.cancelled else Status.FAILED
        self._services.emit(CallEnded(time.time(), self._services.run_id, call.id, status, failure.cause))
        self._machine.failed(call.id)
        if not failure.cancelled:
            await self._failed(EvaluationError(failure.message, help=failure.help, labels=failure.labels))

    async def _failed(self, error: SprocketError) -> None:
        first = not self._failures
        self._failures.append(error)
        if not first or not self._under_way:
            return
        if self._fail_fast:
            await self._cancel_all()
        else:
            for run, _ in self._under_way.values():
                run.withdraw()
            count = len(self._under_way)
            awaited = "1 running task is" if count == 1 else f"{count} running tasks are"
            self._services.emit(Notice(time.time(), f"a task failed; {awaited} awaited, no new one starts"))

    # --- what is left behind -----------------------------------------------------------------------------

    def _context(self, document: TypedDocument, call_id: str) -> WorkflowContext:
        return WorkflowContext(document, self._directory.call(call_id) / "tmp")

    def _write_subworkflows(self) -> None:
        ended, self._machine.ended_subworkflows = self._machine.ended_subworkflows, []
        for end in ended:
            self._write(end.id, end.inputs, end.outputs)

    def _write(self, call_id: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> None:
        directory = self._directory.call(call_id)
        directory.mkdir(parents=True, exist_ok=True)
        write_json(directory / "inputs.json", {name: to_json(value) for name, value in inputs.items()})
        write_json(directory / "outputs.json", {name: to_json(value) for name, value in outputs.items()})
