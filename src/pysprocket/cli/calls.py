"""A run that calls tasks: a backend, the records and the engine's driver wired together under asyncio.

In: an `Order`. Out: what it gave. Nothing is written before the backend has answered.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pysprocket.backends.job import Backend
from pysprocket.backends.registry import create
from pysprocket.cli.orders import SIGNALS, Finished, Order, begun, leave, recorded, with_files
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.downloads import Downloads
from pysprocket.engine.driver import Run
from pysprocket.engine.emitter import Emitter
from pysprocket.engine.events import Notice, RunEnded, Status
from pysprocket.engine.release import Releaser
from pysprocket.engine.requirements import Defaults, LimitBehavior
from pysprocket.engine.services import Services
from pysprocket.records.recorder import Recorder


def run_calls(order: Order, emitter: Emitter) -> Finished:
    """Run to the end, and record it whatever it is.

    Raises:
        SprocketError: whatever stopped it.
    """
    return asyncio.run(_run(order, emitter))


async def _run(order: Order, emitter: Emitter) -> Finished:
    chosen = order.backend
    async with create(chosen.type, chosen.settings, emitter.job_progress) as backend:
        with recorded(order, emitter) as (recorder, directory):
            downloads = order.downloads(directory)
            order = with_files(order, directory, downloads)
            release = Releaser(backend, recorder.durable, emitter)
            run = _run_of(order, directory, _services(order, emitter, recorder, backend, release, downloads))
            with _interruptible(run, emitter):
                async with release:
                    with begun(order, emitter, directory, backend.name):
                        finished = leave(order, directory, await run.execute())
                    emitter(RunEnded(time.time(), emitter.run_id, Status.COMPLETED, finished.outputs))
                    await recorder.durable()
                    return finished


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


def _services(
    order: Order, emitter: Emitter, recorder: Recorder, backend: Backend, release: Releaser, downloads: Downloads
) -> Services:
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
        downloads=downloads,
    )


@contextmanager
def _interruptible(run: Run, emitter: Emitter) -> Iterator[None]:
    """Until the end of the block, a signal cancels what runs; a second Ctrl-C ends the program at once."""
    loop = asyncio.get_running_loop()
    seen: list[signal.Signals] = []

    def interrupt(number: signal.Signals) -> None:
        if seen:
            raise KeyboardInterrupt
        seen.append(number)
        message = f"{SIGNALS[number]}: cancelling what runs; once more to leave at once"
        emitter(Notice(time.time(), message, warning=True))
        run.interrupt()

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, interrupt, number)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
