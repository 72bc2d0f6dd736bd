"""A run that calls tasks: a backend, the records and the engine's driver wired together under asyncio.

In: an `Order`. Out: what it gave. Nothing is written before the backend has answered.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from pysprocket.backends.job import Backend
from pysprocket.backends.protocols import ImageSupport, protocols_of
from pysprocket.backends.registry import class_of, create
from pysprocket.cli.orders import Finished, Order, begun, leave, left_at_once, recorded, tidy, with_files
from pysprocket.cli.signals import SIGNALS
from pysprocket.clock import now
from pysprocket.config.backends import ChosenBackend
from pysprocket.config.settings import Budget as BudgetSettings
from pysprocket.config.settings import Retry as RetrySettings
from pysprocket.config.settings import Run as Settings
from pysprocket.engine.ahead.limits import check_limits
from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.driver import Run
from pysprocket.engine.emitter import Emitter
from pysprocket.engine.events import Notice
from pysprocket.engine.failures import FailureKind
from pysprocket.engine.release import Releaser
from pysprocket.engine.requirements import Defaults, LimitBehavior, Terms
from pysprocket.engine.retries import Budget, RetryPolicy
from pysprocket.engine.services import Services
from pysprocket.errors import BackendError, ConfigError
from pysprocket.records.recorder import Recorder
from pysprocket.units import parse_duration

if TYPE_CHECKING:  # imported when it is on
    from pysprocket.engine.cache.call_cache import CallCache


def run_calls(order: Order, emitter: Emitter) -> Finished:
    """Run to the end, and record it whatever it is.

    Raises:
        SprocketError: whatever stopped it.
    """
    try:
        return asyncio.run(_run(order, emitter))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise left_at_once(order, emitter) from None


async def _run(order: Order, emitter: Emitter) -> Finished:
    chosen, settings = order.backend, order.config.run
    policy = retry_policy(settings.task.retry)
    _cancel_on_signals()
    async with AsyncExitStack() as stack:
        with images_first(order):
            made = create(chosen.type, chosen.settings, emitter.job_progress, emitter.detail)
            backend = await stack.enter_async_context(made)
        terms = terms_of(settings, backend, chosen)
        requests = check_limits(order.target, order.inputs, terms, backend.guest_root)
        with recorded(order, emitter) as (recorder, directory):
            downloads = order.downloads(directory, emitter)
            order = with_files(order, directory, downloads)
            with begun(order, emitter, recorder, directory, backend.name) as completed:
                for request in requests:
                    emitter(Notice(now(), request.warning(), warning=True))
                async with _call_cache(order, backend, emitter) as cache:
                    services = Services(
                        run_id=emitter.run_id,
                        backend=backend,
                        emit=emitter,
                        durable=recorder.durable,
                        release=Releaser(backend, recorder.durable, emitter),
                        shell=settings.task.shell,
                        terms=terms,
                        retry=policy,
                        downloads=downloads,
                        cache=cache,
                        told={request.about for request in requests if not request.denied},
                    )
                    finished = await _performed(order, emitter, recorder, directory, services)
                    completed(finished)
                    await recorder.durable()
            tidy(order, emitter, directory, finished)
            return finished


async def _performed(
    order: Order, emitter: Emitter, recorder: Recorder, directory: RunDirectory, services: Services
) -> Finished:
    """Do what a run is begun for, until its outputs are left and nothing is under way."""
    run = _run_of(order, directory, services)
    recorder.when_it_fails(run.abandon)
    with _interruptible(run, emitter, order.config.run, detaches=services.backend.detaches):
        async with services.release:  # before the end of the run is told: nobody would come back for it later
            outputs = await run.execute()
            recorder.hurry()
        return leave(order, emitter, directory, outputs)


@asynccontextmanager
async def _call_cache(order: Order, backend: Backend, emitter: Emitter) -> AsyncIterator[CallCache | None]:
    """In this block the call cache is open, if it is on."""
    settings = order.config.run.task
    if settings.cache == "off" or not order.call_cache:
        yield None
        return
    from pysprocket.engine.cache.call_cache import CallCache  # noqa: PLC0415 - only when it is on

    loop = asyncio.get_running_loop()

    def tell(message: str, *, warning: bool = True) -> None:
        loop.call_soon_threadsafe(emitter, Notice(now(), message, warning=warning))

    remark = partial(tell, warning=False)
    async with CallCache(settings, backend, emitter.run_id, emitter.run_name, tell, remark) as cache:
        yield cache


def _run_of(order: Order, directory: RunDirectory, services: Services) -> Run:
    settings = order.config.run
    return Run(
        services,
        directory,
        order.target,
        order.inputs,
        fail_fast=settings.fail == "fast",
        scatter_concurrency=order.backend.settings.max_scatter_concurrency or settings.workflow.scatter.concurrency,
        max_concurrent_tasks=settings.max_concurrent_tasks,
        past=None if order.resumed is None else order.resumed.past,
    )


@contextmanager
def images_first(order: Order) -> Iterator[None]:
    """In this block a backend is made and entered; when that fails, images that it never runs are told instead.

    They are wrong wherever it is tried, and whoever had mended the backend would be told of them next.

    Raises:
        RunRefused: it would not run a call that is sure to run, even if it were there.
    """
    try:
        yield
    except (ConfigError, BackendError):
        with suppress(ConfigError):  # of a package that is broken, which is why it failed
            found = class_of(order.backend.type)
            terms = Terms(defaults=_defaults(order.config.run), containers=_images(order.backend, found))
            check_limits(order.target, order.inputs, terms, getattr(found, "guest_root", None))
        raise


def terms_of(settings: Settings, backend: Backend, chosen: ChosenBackend) -> Terms:
    """What a backend grants under the configuration."""
    task = settings.task
    return Terms(
        backend.limits(),
        LimitBehavior(task.cpu_limit_behavior, task.memory_limit_behavior),
        _defaults(settings),
        containers=_images(chosen, backend),
    )


def _defaults(settings: Settings) -> Defaults:
    task = settings.task
    return Defaults(task.container, 0 if task.retries == "default" else task.retries)


def _images(chosen: ChosenBackend, backend: object) -> ImageSupport | None:
    """Which images a backend, or its class, runs; None when its jobs do not run in images."""
    named = f"the backend `{chosen.name}`" + ("" if chosen.name == chosen.type else f" (type `{chosen.type}`)")
    images = ImageSupport(named, protocols_of(chosen.type, backend))
    return images if images.protocols else None


def retry_policy(settings: RetrySettings) -> RetryPolicy:
    """What is tried again under the configuration."""
    budgets = {
        FailureKind(name): _budget(value)
        for name, value in msgspec.structs.asdict(settings).items()
        if isinstance(value, BudgetSettings)
    }
    return RetryPolicy(budgets, settings.memory_growth)


def _budget(settings: BudgetSettings) -> Budget:
    return Budget(settings.count, parse_duration(settings.backoff), parse_duration(settings.longest_backoff))


def _cancel_on_signals() -> None:
    """Signals to terminate do what asyncio lets Ctrl-C do: the first cancels this task when it waits, then all ends.

    It is so where `_interruptible` is not. In between no run is half begun, as nothing is waited for.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    cancelled = False

    def cancel(number: int, _: object) -> None:
        nonlocal cancelled
        if cancelled or loop.is_closed():
            raise KeyboardInterrupt(signal.Signals(number).name)
        cancelled = True
        loop.call_soon_threadsafe(task.cancel)  # not here, in the middle of what the loop does; and it may be asleep

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, cancel)


@contextmanager
def _interruptible(run: Run, emitter: Emitter, settings: Settings, *, detaches: bool) -> Iterator[None]:
    """Until the end of the block, signals stop the run: gently, then less so, at last at once."""
    loop = asyncio.get_running_loop()
    stages = _Stages(run, emitter, settings, detaches=detaches)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in taken:
        loop.add_signal_handler(number, stages.next, number)
    try:
        yield
    finally:
        for number, handler in taken.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


class _Stages:
    """What each further signal does.

    Ctrl-C: nothing new starts and what runs is awaited; then what runs is cancelled; then the program ends at once.
    SIGTERM and SIGHUP: what runs is cancelled or left alone, as the backend or `run.on_terminate` says.
    """

    def __init__(self, run: Run, emitter: Emitter, settings: Settings, *, detaches: bool) -> None:
        self._run = run
        self._emitter = emitter
        self._fast = settings.fail == "fast"
        self._detach = detaches if settings.on_terminate is None else settings.on_terminate == "detach"
        self._drained = False
        self._cancelled = False

    def next(self, number: signal.Signals) -> None:
        """Take a signal."""
        name = SIGNALS[number]
        if self._cancelled:
            raise KeyboardInterrupt
        if number is not signal.SIGINT and self._detach:
            self._cancelled = True
            self._tell(f"{name}: leaving; tasks that run go on")
            self._run.detach(name)
        elif number is signal.SIGINT and not self._drained and not self._fast:
            self._drained = True
            self._tell(f"{name}: no new task starts; once more to cancel what runs")
            self._run.drain(name)
        else:
            self._cancelled = True
            self._tell(f"{name}: cancelling what runs; once more to leave at once")
            self._run.cancel(name)

    def _tell(self, message: str) -> None:
        self._emitter(Notice(now(), message, warning=True))
