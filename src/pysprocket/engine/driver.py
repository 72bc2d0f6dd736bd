"""Runs a target to its end on a backend: the machine decides, the driver acts and owns time.

In: a task or workflow with its inputs, a backend, a run directory, listeners. Out: the outputs as host values, or
`RunFailed` with a text for the user. Each call is one asyncio task; when it ends, it makes the moves of the machine
that its end allows, in one go and before any other call does anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.evaluation import contexts_in, write_subworkflows, write_values
from pysprocket.engine.events import CallEnded, CallStarted, Notice, Status
from pysprocket.engine.files import make_directory
from pysprocket.engine.machine import Call, Machine, SingleCall
from pysprocket.engine.services import Services
from pysprocket.engine.task import CallFailure, TaskRun
from pysprocket.errors import EvaluationError, RunFailed, RunInterrupted, SprocketError
from pysprocket.plan.graph import plan_workflow
from pysprocket.plan.inputs import BoundInputs
from pysprocket.types.typed import TypedTask, TypedWorkflow
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
                contexts_in(directory, services.downloads),
                nested=inputs.nested,
                scatter_concurrency=scatter_concurrency,
            )
        self._under_way: dict[str, tuple[TaskRun, asyncio.Task[None]]] = {}
        self._fetches: dict[str, asyncio.Task[None]] = {}
        self._over = asyncio.Event()
        self._cancelling: list[asyncio.Task[None]] = []
        self._failures: list[SprocketError] = []
        self._fatal: Exception | None = None
        self._interrupted = False

    async def execute(self) -> dict[str, Value]:
        """Run to the end and give the outputs of the target.

        Raises:
            RunFailed: a call, or an expression of the workflow, failed.
            RunInterrupted: `interrupt` was called before the end.
            SprocketError: the run could not go on (a full disk, a lost database); what ran has been cancelled.
        """
        if not self._interrupted:
            self._advance(self._machine.start)
        try:
            if self._under_way or self._fetches:
                await self._over.wait()
            await asyncio.gather(*self._cancelling)
        finally:  # nothing is left, unless this was cancelled itself
            left = [*(task for _, task in self._under_way.values()), *self._fetches.values()]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            if self._services.downloads is not None:
                await self._services.downloads.abandon()
        if self._fatal is not None:
            raise self._fatal
        if self._interrupted:
            raise RunInterrupted("the run was interrupted")
        if self._failures:
            raise RunFailed(self._failures)
        assert self._machine.complete, "nothing is under way, nothing failed, so all is done"
        return self._machine.outputs

    def interrupt(self) -> None:
        """Start nothing new and cancel what runs."""
        self._interrupted = True
        self._machine.stop()
        self._cancel_all()
        self._end_if_idle()

    def _cancel_all(self) -> None:
        submitted = [run for run, _ in self._under_way.values() if not run.withdraw()]
        self._cancelling += [asyncio.create_task(self._cancel(run)) for run in submitted]

    async def _cancel(self, run: TaskRun) -> None:
        try:
            await run.cancel()
        except SprocketError as error:
            self._services.emit(Notice(time.time(), f"a task could not be cancelled: {error}", warning=True))

    # --- moves -------------------------------------------------------------------------------------------

    def _advance(self, move: Callable[[], list[Call]]) -> None:
        """Make a move of the machine and start the calls it gives."""
        try:
            calls = move()
        except EvaluationError as error:
            self._failed(error)
            return
        ended, self._machine.ended_subworkflows = self._machine.ended_subworkflows, []
        write_subworkflows(self._directory, ended)
        for call in calls:
            self._start(call)
        for url in self._machine.wanted.keys() - self._fetches.keys():
            self._fetches[url] = asyncio.create_task(self._fetch(url))

    async def _fetch(self, url: str) -> None:
        """Get a file that expressions of the workflow wait for, then the moves that this allows."""
        assert self._services.downloads is not None, "without, nothing is waited for"
        await self._services.downloads.fetch(url)
        del self._fetches[url]
        try:
            if isinstance(self._machine, Machine) and url in self._machine.wanted:
                self._advance(partial(self._machine.fetched, url))
        except Exception as error:
            self._stop_for(error)
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        if not self._under_way and (not self._fetches or self._machine.stopped):
            self._over.set()

    def _start(self, call: Call) -> None:
        directory = self._directory.call(call.id if isinstance(self._machine, Machine) else "")
        self._services.emit(CallStarted(time.time(), self._services.run_id, call.id, call.task.name, "task"))
        run = TaskRun(self._services, call, directory, self._inputs.overrides.get(call.path, {}))
        self._under_way[call.id] = run, asyncio.create_task(self._run_call(call, run, directory))

    async def _run_call(self, call: Call, run: TaskRun, directory: Path) -> None:
        """One call from its start to the moves that its end allows. Whatever goes wrong is kept for `execute`."""
        try:
            if isinstance(self._machine, Machine) and not self._machine.stopped:
                make_directory(directory)
                write_values(directory / "inputs.json", call.inputs)
            self._ended(call, directory, await run.execute())
        except Exception as error:  # a full disk, a lost database, a mistake of this program
            self._give_up(call, error)
        self._end_if_idle()

    def _give_up(self, call: Call, error: Exception) -> None:
        """The run cannot go on."""
        if self._under_way.pop(call.id, None) is not None:
            self._emit_end(call, Status.FAILED, str(error))
        self._stop_for(error)

    def _stop_for(self, error: Exception) -> None:
        if self._fatal is None:
            self._fatal = error
            self._machine.stop()
            self._cancel_all()

    def _ended(self, call: Call, directory: Path, outcome: dict[str, Value] | CallFailure) -> None:
        if isinstance(outcome, CallFailure):
            self._call_failed(call, outcome)
            return
        if isinstance(self._machine, Machine):
            write_values(directory / "outputs.json", outcome)
        del self._under_way[call.id]
        self._emit_end(call, Status.COMPLETED)
        self._advance(partial(self._machine.finished, call.id, outcome))

    def _call_failed(self, call: Call, failure: CallFailure) -> None:
        del self._under_way[call.id]
        self._emit_end(call, Status.CANCELED if failure.cancelled else Status.FAILED, failure.cause)
        self._machine.failed(call.id)
        if not failure.cancelled:
            self._failed(EvaluationError(failure.message, help=failure.help, labels=failure.labels))

    def _emit_end(self, call: Call, status: Status, error: str | None = None) -> None:
        self._services.emit(CallEnded(time.time(), self._services.run_id, call.id, status, error))

    def _failed(self, error: SprocketError) -> None:
        """Start nothing new; the first failure cancels what runs, or takes back what does not run yet."""
        self._machine.stop()
        self._failures.append(error)
        if len(self._failures) > 1:
            return
        if self._fail_fast:
            self._cancel_all()
            return
        awaited = sum(not run.withdraw() for run, _ in self._under_way.values())
        if awaited:
            tasks = "1 running task is" if awaited == 1 else f"{awaited} running tasks are"
            self._services.emit(Notice(time.time(), f"a task failed; {tasks} awaited, no new one starts"))
