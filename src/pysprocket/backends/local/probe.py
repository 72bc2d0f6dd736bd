"""Whether tasks can run on this computer.

In: the settings of the local backend, the shell of tasks. Out: `Answer`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from pysprocket.backends.answers import Answer
from pysprocket.backends.local import host
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.config.backend_settings import Local
from pysprocket.config.settings import Run
from pysprocket.source.diagnostic import Diagnostic, error, warning
from pysprocket.units import format_size, parse_size


async def probe(settings: Local, run: Run, *_: object) -> Answer:
    """What this computer gives to tasks.

    Raises:
        BackendError: tasks cannot run here.
    """
    async with LocalBackend(settings):
        cpu, memory = host.available_cpu(), host.available_memory()
    asked = None if settings.memory is None else parse_size(str(settings.memory))
    more = (warning("", message, help=remedy) for message, remedy in host.shortages(settings.cpu, asked))
    findings = (*more, *_shell(run.task.shell))
    return Answer(f"this computer, {cpu:g} CPUs, {format_size(memory)}{_share(settings)}", findings)


def _share(settings: Local) -> str:
    """What tasks share, where that is not all."""
    cpu = [f"{settings.cpu} CPUs"] if settings.cpu is not None else []
    memory = [format_size(parse_size(str(settings.memory)))] if settings.memory is not None else []
    return f"; tasks share {', '.join(cpu + memory)}" if cpu or memory else ""


def _shell(shell: str) -> Iterator[Diagnostic]:
    if shutil.which(shell) is None:
        yield error("", f"there is no shell `{shell}` on this computer", help="install it, or set `run.task.shell`")
