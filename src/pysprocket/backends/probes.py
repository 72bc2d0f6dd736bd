"""Whether the places where tasks are to run answer.

In: backends as the configuration has them. Out: for each, an `Answer`, or the error that says why there is none. All
are asked side by side, each in a thread with an event loop of its own: what hangs in one, be it the code of another
package or the system's look-up of a name, holds up neither the others nor the end of the program.
"""

from __future__ import annotations

import asyncio
import importlib
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeAlias

import msgspec

from pysprocket.backends import registry
from pysprocket.backends.answers import Answer
from pysprocket.config.backends import ChosenBackend
from pysprocket.config.section import BackendSettings
from pysprocket.config.settings import Run
from pysprocket.errors import BackendError, SprocketError
from pysprocket.source.revealed import conceal, concealed
from pysprocket.units import format_duration, format_size

Outcome: TypeAlias = Answer | SprocketError

_PROBES = {
    "docker": "pysprocket.backends.docker.probe",
    "local": "pysprocket.backends.local.probe",
    "slurm_apptainer": "pysprocket.backends.slurm.probe",
    "lsf_apptainer": "pysprocket.backends.lsf.probe",
    "tes": "pysprocket.backends.tes.probe",
}
"""Each has a function `probe`; other types of backends are entered and left."""
_GRACE = 1.0
"""Seconds for what was cancelled to come to its end."""


async def probe(type: str, settings: BackendSettings, run: Run, seconds: float) -> Answer:  # noqa: A002
    """What a backend says of itself.

    Args:
        type: of the backend.
        settings: of the backend.
        run: the section `run`.
        seconds: how long it may take; who calls this sees to it.

    Raises:
        BackendError: the place does not answer.
        ConfigError: the settings cannot be, or a secret cannot be had.
    """
    if type in _PROBES:
        answer: Answer = await importlib.import_module(_PROBES[type]).probe(settings, run, seconds)
        return answer
    async with registry.create(type, settings) as backend:
        limits = backend.limits()
    cpu = [f"{limits.cpu:g} CPUs"] if limits.cpu is not None else []
    memory = [format_size(limits.memory)] if limits.memory is not None else []
    return Answer(", ".join([backend.name, *cpu, *memory]))


def ask_all(backends: Sequence[ChosenBackend], run: Run, seconds: float) -> dict[str, Outcome]:
    """What all backends say, by their names; each has so many seconds.

    What still runs when this is left, also by Ctrl-C, is cancelled.
    """
    outcomes: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
    inquiries = [_Inquiry(backend, run, seconds, outcomes) for backend in backends]
    told: dict[str, Outcome] = {}
    deadline = time.monotonic() + seconds + _GRACE
    try:
        for inquiry in inquiries:
            inquiry.thread.start()
        with suppress(queue.Empty):
            while len(told) < len(backends):
                name, outcome = outcomes.get(timeout=max(0.0, deadline - time.monotonic()))
                told[name] = outcome
    finally:
        _cancel(inquiries)
    return {backend.name: told.get(backend.name, _silence(seconds)) for backend in backends}


class _Inquiry:
    """One backend that is asked; its thread does not keep the program from ending."""

    def __init__(
        self, backend: ChosenBackend, run: Run, seconds: float, outcomes: queue.SimpleQueue[tuple[str, Outcome]]
    ) -> None:
        self._backend, self._run, self._seconds, self._outcomes = backend, run, seconds, outcomes
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self.thread = threading.Thread(target=self._main, daemon=True)

    def _main(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._ask())

    async def _ask(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._outcomes.put((self._backend.name, await self._outcome()))

    async def _outcome(self) -> Outcome:
        try:
            async with asyncio.timeout(self._seconds) as limit:
                answer = await probe(self._backend.type, self._backend.settings, self._run, self._seconds)
                return _without_secrets(answer)
        except SprocketError as error:
            conceal(error)
            return error
        except Exception as error:  # a package of somebody else must not hide what the others say
            if limit.expired():
                return _silence(self._seconds)
            return BackendError(
                concealed(f"the backend `{self._backend.type}` fails: {error.__class__.__name__}: {error}"),
                help="report it to who wrote the backend",
            )

    def cancel(self) -> None:
        """Stop asking."""
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._task.cancel)


def _cancel(inquiries: Sequence[_Inquiry]) -> None:
    """Stop all that are under way, and give what they have started a moment to end."""
    for inquiry in inquiries:
        inquiry.cancel()
    deadline = time.monotonic() + _GRACE
    for inquiry in inquiries:
        if inquiry.thread.is_alive():
            inquiry.thread.join(max(0.0, deadline - time.monotonic()))


def _without_secrets(answer: Answer) -> Answer:
    """What servers say may quote them."""
    findings = tuple(
        msgspec.structs.replace(each, message=concealed(each.message), help=concealed(each.help))
        for each in answer.findings
    )
    return msgspec.structs.replace(answer, says=concealed(answer.says), findings=findings)


def _silence(seconds: float) -> BackendError:
    return BackendError(
        f"no answer within {format_duration(seconds)}",
        help="ask again later, or allow it more time with `--timeout`",
    )
