"""Runs a target to its end on a backend: the machine decides, the driver acts and owns time.

In: a task or workflow with its inputs, a backend, a run directory, listeners, and what earlier processes have done for
the run. Out: the outputs as host values, or `RunFailed` with a text for the user. Each call is one asyncio task; when
it ends, it makes the moves of the machine that its end allows, in one go and before any other call does anything.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pysprocket.clock import now
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.evaluation import (
    contexts_in,
    encoded,
    restore_outputs,
    was_called_with,
    write_call,
    write_outputs,
)
from pysprocket.engine.events import CallEnded, CallStarted, Notice, Status
from pysprocket.engine.failures import CallFailure, FailureKind
from pysprocket.engine.machine import Call, Machine, SingleCall
from pysprocket.engine.past import Past, PastCall, known_outputs
from pysprocket.engine.services import Services
from pysprocket.engine.subworkflows import Subworkflows
from pysprocket.engine.task import TaskRun
from pysprocket.engine.under_way import UnderWay
from pysprocket.errors import EvaluationError, RunFailed, RunInterrupted, SprocketError
from pysprocket.plan.graph import plan_workflow
from pysprocket.plan.inputs import BoundInputs
from pysprocket.types.typed import TypedTask, TypedWorkflow
from pysprocket.values.model import Value

_FRESH = PastCall()
_STARTS_PER_TURN = 4


class Run:
    """One run of a target.

    Args:
        services: what all calls share.
        directory: of the run.
        target: the task or workflow.
        inputs: its inputs.
        fail_fast: whether the first failure cancels what runs; otherwise running tasks are awaited.
        scatter_concurrency: how many items of one scatter may be under way together.
        max_concurrent_tasks: how many task calls may be under way together, None for no bound.
        past: what earlier processes have done for the run; None for a new one.
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
        max_concurrent_tasks: int | None = None,
        past: Past | None = None,
    ) -> None:
        self._services = services
        self._directory = directory
        self._inputs = inputs
        self._fail_fast = fail_fast
        self._most = max_concurrent_tasks
        self._past = dict(past or {})
        self._ran_again = False
        self._is_resumed = past is not None
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
        self._waiting: deque[Call] = deque()
        self._starting = False
        self._under_way = UnderWay(services.emit, self._break)
        self._subworkflows = Subworkflows(services, directory)
        self._fetches: dict[str, asyncio.Task[None]] = {}
        self._over = asyncio.Event()
        self._failures: list[SprocketError] = []
        self._failed_calls: list[str] = []
        self._fatal: Exception | None = None
        self._interrupted = ""
        self._detached = False

    async def execute(self) -> dict[str, Value]:
        """Run to the end and give the outputs of the target.

        Raises:
            RunFailed: a call, or an expression of the workflow, failed.
            RunInterrupted: it was told to `drain`, `cancel` or `detach` before the end.
            SprocketError: the run could not go on (a full disk, a lost database).
        """
        if not self._interrupted:
            self._advance(self._machine.start)
        try:
            if self._under_way or self._fetches:
                await self._over.wait()
            await self._under_way.stopped()
        finally:  # nothing is left, unless the run was detached, or this was cancelled itself
            left = [*self._under_way.tasks(), *self._fetches.values()]
            while left:  # a job that was just being started is awaited then, so again
                for task in left:
                    task.cancel()
                left = list((await asyncio.wait(left, timeout=0.2))[1])
            if not self._machine.complete:
                self._subworkflows.close(self._failed_calls, recorded=not self._detached)
            if self._services.downloads is not None:
                await self._services.downloads.abandon()
        if self._fatal is not None:
            raise self._fatal
        if self._failures:
            raise RunFailed(self._failures)
        if self._interrupted and not self._machine.complete:
            raise RunInterrupted(f"the run was interrupted by {self._interrupted}")
        assert self._machine.complete, "nothing is under way, nothing failed, so all is done"
        return self._machine.outputs

    # --- being told to stop ------------------------------------------------------------------------------

    def drain(self, by: str) -> None:
        """Start nothing new, take back what does not run yet, await the rest; `by` is what interrupts.

        When what is awaited was all that was missing, the run has its outputs.
        """
        self._interrupted = by
        self._give_up_waiting()
        self._under_way.take_back()
        self._end_if_idle()

    def cancel(self, by: str) -> None:
        """Start nothing new and cancel what runs."""
        self._interrupt(by)
        self._under_way.cancel()
        self._end_if_idle()

    def detach(self, by: str) -> None:
        """Start nothing new and leave what runs alone, for a process that resumes the run."""
        self._detached = True
        self._interrupt(by)
        self._over.set()

    def abandon(self, error: SprocketError) -> None:
        """Start nothing new and await what runs, for the run cannot go on."""
        self._stop_for(error)
        self._end_if_idle()

    def _interrupt(self, by: str) -> None:
        self._interrupted = self._interrupted or by
        self._stop()

    def _stop(self) -> None:
        self._machine.stop()
        self._give_up_waiting()

    def _give_up_waiting(self) -> None:
        """Start nothing that waits, but find what an earlier process may have started, for it must not run alone."""
        waiting, self._waiting = self._waiting, deque()
        for call in waiting:
            if not self._detached and any(a.status is None for a in self._past.get(call.id, _FRESH).attempts):
                self._start(call)

    def _break(self, error: Exception) -> None:
        """A mistake of this program, after which what is awaited may never end."""
        self._fatal = self._fatal or error
        self._over.set()

    # --- moves -------------------------------------------------------------------------------------------

    def _advance(self, move: Callable[[], list[Call]]) -> None:
        """Make a move of the machine and start the calls it gives; those that have ended before are moves too."""
        moves = deque([move])
        while moves:
            try:
                calls = moves.popleft()()
            except EvaluationError as error:
                self._failed(error)
                return
            told, self._machine.subworkflows = self._machine.subworkflows, []
            self._subworkflows.tell(told)
            for call in calls:
                outputs = self._known_outputs(call) if self._past else None
                if outputs is None:
                    self._waiting.append(call)
                else:
                    moves.append(partial(self._machine.finished, call.id, outputs))
        if self._interrupted:
            self._give_up_waiting()
            return
        self._start_waiting()
        for url in self._machine.wanted.keys() - self._fetches.keys():
            self._fetches[url] = asyncio.create_task(self._fetch(url))

    def _known_outputs(self, call: Call) -> dict[str, Value] | None:
        """What a call gave that an earlier process has run to its end."""
        past = self._past.get(call.id)
        if past is not None and self._ran_again and self._has_other_inputs(call, past):
            self._tell_again(call, "its inputs are not those it ran with")
            past = self._past[call.id] = past.given_up()
        if past is None or past.outputs_json is None:
            return None
        outputs, missing = known_outputs(past.outputs_json, call.task, self._directory)
        if missing:
            self._tell_again(call, f"its output `{missing}` is not there any more")
            self._ran_again = True
            return None
        directory = self._call_directory(call)
        for attempt in past.attempts:  # the process may have died before it did so
            self._services.release(attempt.job_in(directory), outputs.values())
        if isinstance(self._machine, Machine):
            restore_outputs(directory, past.outputs_json)
        self._emit_start(call, resumed=True)
        self._services.emit(
            CallEnded(now(), self._services.run_id, call.id, Status.COMPLETED, outputs=outputs, reused=True)
        )
        return outputs

    def _has_other_inputs(self, call: Call, past: PastCall) -> bool:
        """Whether a call has begun with inputs that a call before it, which ran again, does not give it any more."""
        has_begun = past.outputs_json is not None or past.attempts
        return bool(has_begun) and not was_called_with(self._call_directory(call), call.inputs)

    def _tell_again(self, call: Call, why: str) -> None:
        self._services.emit(Notice(now(), f"{call.id}: runs again, for {why}", warning=True))

    def _start_waiting(self) -> None:
        """Start calls, a few in each turn of the loop: the first ones run while the others are prepared."""
        for _ in range(_STARTS_PER_TURN):
            if not self._waiting or (self._most is not None and len(self._under_way) >= self._most):
                return
            self._start(self._waiting.popleft())
        if self._waiting and not self._starting:
            self._starting = True
            asyncio.get_running_loop().call_soon(self._start_more)

    def _start_more(self) -> None:
        self._starting = False
        self._start_waiting()

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
        if not self._under_way and not self._waiting and (not self._fetches or self._is_stopping()):
            self._over.set()

    def _is_stopping(self) -> bool:
        return self._machine.stopped or bool(self._interrupted)

    # --- calls of tasks ----------------------------------------------------------------------------------

    def _start(self, call: Call) -> None:
        directory = self._call_directory(call)
        past = self._past.get(call.id, _FRESH) if self._is_resumed else None
        self._emit_start(call, resumed=past is not None and bool(past.attempts))
        run = TaskRun(self._services, call, directory, self._inputs.overrides.get(call.path, {}), past)
        self._under_way.add(call.id, run, asyncio.create_task(self._run_call(call, run, directory)))

    def _call_directory(self, call: Call) -> Path:
        return self._directory.call(call.id if isinstance(self._machine, Machine) else "")

    def _emit_start(self, call: Call, *, resumed: bool) -> None:
        services = self._services
        services.emit(
            CallStarted(now(), services.run_id, call.id, call.task.name, "task", call.inputs, resumed=resumed)
        )

    async def _run_call(self, call: Call, run: TaskRun, directory: Path) -> None:
        """One call from its start to the moves that its end allows. Whatever goes wrong is kept for `execute`."""
        try:
            if isinstance(self._machine, Machine) and not self._is_stopping():
                write_call(directory, call.inputs)
            self._ended(call, directory, await run.execute())
        except Exception as error:  # a full disk, a lost database, a mistake of this program
            self._give_up(call, error)
        self._end_if_idle()

    def _give_up(self, call: Call, error: Exception) -> None:
        """The run cannot go on."""
        if self._under_way.remove(call.id):
            self._services.emit(CallEnded(now(), self._services.run_id, call.id, Status.FAILED, str(error)))
        self._stop_for(error)

    def _stop_for(self, error: Exception) -> None:
        if self._fatal is None:
            self._fatal = error
            self._stop()
            if self._fail_fast or not isinstance(error, SprocketError):
                self._under_way.cancel()
            else:  # what they end with is kept for whoever resumes the run, even if it cannot be recorded now
                self._under_way.take_back(f"the run cannot go on: {error}; ")

    def _ended(self, call: Call, directory: Path, outcome: dict[str, Value] | CallFailure) -> None:
        if isinstance(outcome, CallFailure):
            self._call_failed(call, outcome)
            return
        text = encoded(outcome)
        self._under_way.remove(call.id)
        services = self._services
        services.emit(CallEnded(now(), services.run_id, call.id, Status.COMPLETED, outputs=outcome, outputs_json=text))
        if isinstance(self._machine, Machine):  # a full disk must not make a failure of a call that ended well
            write_outputs(directory, text)
        self._advance(partial(self._machine.finished, call.id, outcome))

    def _call_failed(self, call: Call, failure: CallFailure) -> None:
        self._under_way.remove(call.id)
        is_given_up = failure.cancelled and (failure.kind is FailureKind.CANCELLED or bool(self._interrupted))
        status = Status.CANCELED if is_given_up else Status.FAILED
        services = self._services
        services.emit(CallEnded(now(), services.run_id, call.id, status, failure.cause, failure.kind))
        self._machine.failed(call.id)
        if not is_given_up:
            self._failed_calls.append(call.id)
            self._failed(EvaluationError(failure.message, help=failure.help, labels=failure.labels))

    def _failed(self, error: SprocketError) -> None:
        """Start nothing new; the first failure cancels what runs, or takes back what does not run yet."""
        self._stop()
        self._failures.append(error)
        if len(self._failures) > 1:
            return
        if self._fail_fast:
            self._under_way.cancel()
        else:
            self._under_way.take_back("a task failed; ")
