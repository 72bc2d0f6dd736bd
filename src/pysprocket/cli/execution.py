"""A run from its inputs to its end: backend, output directory, records and engine wired together.

In: an `Order`. Out: the outputs as JSON data, on disk too. Nothing is written before the backend has answered; from
then on the database knows of the run until its end, whatever that is.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from pysprocket.backends.job import Backend
from pysprocket.backends.registry import create
from pysprocket.config.backends import ChosenBackend
from pysprocket.config.settings import Config
from pysprocket.engine.directory import RunDirectory, create_run_directory, prepare_output_directory
from pysprocket.engine.driver import Run
from pysprocket.engine.emitter import Emitter
from pysprocket.engine.events import Listener, Notice, RunEnded, RunStarted, Status
from pysprocket.engine.files import write_json
from pysprocket.engine.names import random_uuid, run_name
from pysprocket.engine.release import Releaser
from pysprocket.engine.requirements import Defaults, LimitBehavior
from pysprocket.engine.services import Services
from pysprocket.errors import RunInterrupted, SprocketError
from pysprocket.plan.inputs import BoundInputs, Target
from pysprocket.progress.log import RunLog
from pysprocket.records.recorder import Recorder
from pysprocket.types.typed import TypedTask
from pysprocket.values.json import to_json

_SIGNALS = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}
_INTERRUPTIONS = (RunInterrupted, asyncio.CancelledError, KeyboardInterrupt)


class Order(msgspec.Struct, frozen=True, eq=False):
    """What is to be run, and where."""

    target: Target
    inputs: BoundInputs
    backend: ChosenBackend
    config: Config
    output_directory: Path
    suffix: str | None = None


class Finished(msgspec.Struct, frozen=True, eq=False):
    """What a run gave: its outputs as JSON data, and where they lie."""

    outputs: dict[str, Any]
    path: Path


async def execute(order: Order, listeners: Sequence[Listener]) -> Finished:
    """Run, record, and leave the outputs on disk.

    Raises:
        SprocketError: whatever stopped it.
    """
    emitter = Emitter(random_uuid(), listeners)
    chosen = order.backend
    async with create(chosen.type, chosen.settings, emitter.job_progress) as backend:
        output = prepare_output_directory(order.output_directory)
        with Recorder(output / "sprocket.db") as recorder, RunLog(output / "output.log") as log:
            emitter.listeners += [recorder, log]
            directory = create_run_directory(output, order.target.name, order.suffix)
            release = Releaser(backend, recorder.durable, emitter)
            run = _run_of(order, directory, _services(order, emitter, recorder, backend, release))
            with _interruptible(run, emitter):
                async with release:
                    emitter(_started(order, emitter.run_id, backend, directory))
                    return await _recorded(order, emitter, recorder, run, directory)


async def _recorded(order: Order, emitter: Emitter, recorder: Recorder, run: Run, directory: RunDirectory) -> Finished:
    """Run to the end, and record it whatever it is."""
    try:
        write_json(directory.path / "inputs.json", order.inputs.given, durable=True)
        outputs = await run.execute()
        data = {f"{order.target.name}.{name}": to_json(value) for name, value in outputs.items()}
        write_json(directory.path / "outputs.json", data, durable=True)
    except BaseException as error:
        status = Status.CANCELED if isinstance(error, _INTERRUPTIONS) else Status.FAILED
        emitter(RunEnded(time.time(), emitter.run_id, status, error=_reason(error)))
        raise
    emitter(RunEnded(time.time(), emitter.run_id, Status.COMPLETED, data))
    await recorder.durable()
    return Finished(data, directory.path / "outputs.json")


def _run_of(order: Order, directory: RunDirectory, services: Services) -> Run:
    settings = order.config.run
    return Run(
        services,
        directory,
        order.target,
        order.inputs,
        fail_fast=settings.fail == "fast",
        scatter_concurrency=settings.workflow.scatter.concurrency,
    )


def _services(order: Order, emitter: Emitter, recorder: Recorder, backend: Backend, release: Releaser) -> Services:
    settings = order.config.run
    return Services(
        run_id=emitter.run_id,
        backend=backend,
        emit=emitter,
        durable=recorder.durable,
        release=release,
        shell=settings.task.shell,
        defaults=Defaults(settings.task.container, 0 if settings.task.retries == "default" else settings.task.retries),
        limit_behavior=LimitBehavior(settings.task.cpu_limit_behavior, settings.task.memory_limit_behavior),
    )


def _started(order: Order, run_id: str, backend: Backend, directory: RunDirectory) -> RunStarted:
    target = order.target
    return RunStarted(
        time=time.time(),
        run_id=run_id,
        name=run_name(),
        source=target.document.source.uri,
        target=target.name,
        kind="task" if isinstance(target, TypedTask) else "workflow",
        inputs={f"{target.name}.{name}": value for name, value in order.inputs.given.items()},
        directory=directory.relative,
        backend=backend.name,
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, SprocketError):
        return str(error)
    if isinstance(error, _INTERRUPTIONS):
        return "the run was interrupted"
    return f"internal error: {type(error).__name__}: {error}"


@contextmanager
def _interruptible(run: Run, emitter: Emitter) -> Iterator[None]:
    """Until the end of the block, a signal cancels what runs; a second Ctrl-C ends the program at once."""
    loop = asyncio.get_running_loop()
    seen: list[signal.Signals] = []

    def interrupt(number: signal.Signals) -> None:
        if seen:
            raise KeyboardInterrupt
        seen.append(number)
        message = f"{_SIGNALS[number]}: cancelling what runs; once more to leave at once"
        emitter(Notice(time.time(), message, warning=True))
        run.interrupt()

    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` wants it
            loop.add_signal_handler(number, interrupt, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
