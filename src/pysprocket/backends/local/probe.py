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
from pysprocket.units import format_size, format_sizes, parse_size


async def probe(settings: Local, run: Run, *_: object) -> Answer:
    """What this computer gives to tasks.

    Raises:
        BackendError: tasks cannot run here.
    """
    async with LocalBackend(settings) as backend:
        limits = backend.limits()
    assert limits.cpu is not None
    assert limits.memory is not None
    says = f"{limits.cpu:g} CPUs, {format_size(limits.memory)}"
    return Answer(says, (*_more_than_there_is(settings), *_shell(run.task.shell)))


def _more_than_there_is(settings: Local) -> Iterator[Diagnostic]:
    cpu, memory = host.available_cpu(), host.available_memory()
    if settings.cpu is not None and settings.cpu > cpu:
        yield warning(
            "",
            f"`cpu = {settings.cpu}` is more than the {cpu:g} processors that this computer gives",
            help="tasks would share processors; leave `cpu` out to use what there is",
        )
    if settings.memory is not None and (wanted := parse_size(str(settings.memory))) > memory:
        asked, there = format_sizes(wanted, memory)
        yield warning(
            "",
            f"`memory` is {asked}, and this computer gives {there}",
            help="tasks may be killed for want of memory; leave `memory` out to use what there is",
        )


def _shell(shell: str) -> Iterator[Diagnostic]:
    if shutil.which(shell) is None:
        yield error("", f"there is no shell `{shell}` on this computer", help="install it, or set `run.task.shell`")
