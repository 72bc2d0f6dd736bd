"""Whether an LSF cluster answers, and has the queues that the settings name.

In: the settings of the LSF backend. Out: `Answer`. Asked are `bsub -V` and `bqueues`; sites put banners around what
LSF says, so it is searched for what is looked for. Source: IBM Spectrum LSF 10.1, command reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pysprocket.backends.answers import SHARE, Answer, container_program, meant
from pysprocket.backends.commands import ask
from pysprocket.config.backend_settings import LsfApptainer
from pysprocket.config.settings import Run
from pysprocket.errors import BackendError
from pysprocket.source.diagnostic import Diagnostic, error, warning

_KINDS = ("default", "short_task", "gpu", "fpga")
_QUEUES = r"(?m)^(\S+) +\d+ +((?:Open|Closed):\S+)"
"""A line of `bqueues -w`: QUEUE_NAME PRIO STATUS …"""


async def probe(settings: LsfApptainer, _: Run, seconds: float) -> Answer:
    """What the cluster says of itself, within so many seconds.

    Raises:
        BackendError: there is no LSF here, or it does not answer.
    """
    seconds *= SHARE
    version = await _version(seconds)
    said = await ask(["bqueues", "-w"], seconds)
    queues: dict[str, str] = dict(re.findall(_QUEUES, said.output))
    if not queues:
        raise BackendError(
            f"LSF does not tell its queues: {said.words}",
            help="ask the administrators of the cluster; `bqueues` tells when it is back",
        )
    count = f"{len(queues)} queue{'' if len(queues) == 1 else 's'}"
    found = (*_named(settings, queues), *container_program(settings.apptainer.executable))
    return Answer(f"LSF {version}, {count}", found)


async def _version(seconds: float) -> str:
    try:
        said = await ask(["bsub", "-V"], seconds)
    except BackendError as gone:
        raise BackendError(
            str(gone), help=gone.help or "run on a host of the cluster, or source `profile.lsf` first"
        ) from None
    match = re.search(r"LSF\b.*?(\d+(?:\.\d+)+)", said.complaint + said.output)
    if match is None:
        raise BackendError(f"`bsub -V` does not tell a version: {said.words}")
    return match[1]


def _named(settings: LsfApptainer, queues: Mapping[str, str]) -> Iterator[Diagnostic]:
    """What is wrong with the queues that the settings name."""
    for key in (f"{kind}_lsf_queue" for kind in _KINDS):
        queue = getattr(settings, key)
        if queue is None:
            continue
        if queue.name not in queues:
            yield error("", f"`{key}`: there is no queue `{queue.name}`", help=meant(queue.name, queues))
        elif queues[queue.name] != "Open:Active":
            yield warning(
                "",
                f"`{key}`: the queue `{queue.name}` is {queues[queue.name]}",
                help="a closed queue takes no jobs, and an inactive one starts none",
            )
