"""Whether a Slurm cluster answers, and has what the settings name.

In: the settings of the Slurm backend. Out: `Answer`. Asked are `sbatch`, `scontrol` and `sinfo`; what they write is
read in forms that are the same in all releases from 22.05 on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping

import msgspec

from pysprocket.backends.answers import SHARE, Answer, container_program, listed, meant
from pysprocket.backends.commands import ask
from pysprocket.config.backend_settings import Queue, SlurmApptainer
from pysprocket.config.settings import Run
from pysprocket.errors import BackendError
from pysprocket.source.diagnostic import Diagnostic, error, note, warning
from pysprocket.units import parse_size

_OLDEST = (22, 5)
_WANTED = (25, 5)
_MEBI = 1024**2
_WITHOUT = ("", "(null)", "accounting_storage/none")
_VERSION = r"(?im)^slurm\S* +v?([0-9]{1,4}(?:\.[0-9]{1,4})+)"
"""As in "slurm 25.05.1", and "slurm-wlm 22.05.8" of a distribution; there may be banners around it."""
_NODE = r"(?m)^(\S+) +(\d+)\+? +(\d+)\+?\s*$"
"""A line for a node: its partition, its processors and its MiB; a `+` says that there are others with more."""
_KINDS = ("default", "short_task", "gpu", "fpga")


class Partition(msgspec.Struct, frozen=True):
    """A partition, as `scontrol` and `sinfo` tell it.

    Attributes:
        name: of the partition.
        state: UP, DOWN, DRAIN or INACTIVE.
        default: whether jobs run there that name none.
        longest: the most time a job gets there, in Slurm's words, such as "1-00:00:00" or "UNLIMITED".
        cpu: processors of its largest node; 0 when it has none.
        memory: bytes of its largest node.
    """

    name: str
    state: str
    default: bool
    longest: str
    cpu: int = 0
    memory: int = 0


async def probe(settings: SlurmApptainer, _: Run, seconds: float) -> Answer:
    """What the cluster says of itself, within so many seconds.

    Raises:
        BackendError: there is no Slurm here, it is too old, or its controller does not answer.
    """
    seconds *= SHARE
    version = await _version(seconds)
    await _ping(seconds)
    told, config, nodes = await asyncio.gather(
        ask(["scontrol", "--all", "--oneliner", "show", "partition"], seconds),
        ask(["scontrol", "show", "config"], seconds),
        ask(["sinfo", "--all", "--noheader", "--Node", "--format", "%R %c %m"], seconds),
    )
    for said in (told, config, nodes):
        if said.status != 0:
            raise _no_controller(said.words)
    partitions = _partitions(told.output, nodes.output)
    found = [*_too_old(version), *_named(settings, partitions), *container_program(settings.apptainer.executable)]
    accounting = _field("AccountingStorageType", config.output) not in _WITHOUT
    if not accounting:
        found.append(note("", "this cluster keeps no accounting", help="usage is seen only while jobs are remembered"))
    cluster = _field("ClusterName", config.output)
    count = f"{len(partitions)} partition{'' if len(partitions) == 1 else 's'}"
    says = f"Slurm {version}, cluster {cluster}, {count}, {'accounting' if accounting else 'no accounting'}"
    return Answer(says, tuple(found))


async def _version(seconds: float) -> str:
    try:
        said = await ask(["sbatch", "--version"], seconds)
    except BackendError as gone:
        raise BackendError(
            str(gone), help=gone.help or "run on a login host of the cluster, or load the module of Slurm"
        ) from None
    match = re.search(_VERSION, said.output)
    if said.status != 0 or match is None:
        raise BackendError(
            f"`sbatch --version` does not tell a version: {said.words}",
            help="run on a login host of the cluster; `SLURM_CONF` may name the file of its configuration",
        )
    if _numbers(match[1]) < _OLDEST:
        raise BackendError(
            f"Slurm {match[1]} is too old", help="at least 22.05 is needed, and 25.05 or later is recommended"
        )
    return match[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2]))


def _too_old(version: str) -> Iterator[Diagnostic]:
    if _numbers(version) < _WANTED:
        yield note("", f"Slurm {version} is older than 25.05, the release that is recommended")


async def _ping(seconds: float) -> None:
    """Ask for the controller, which costs no wait where it is down; one of several that is up is enough."""
    said = await ask(["scontrol", "ping"], seconds)
    if "is UP" not in said.output:
        raise _no_controller("; ".join(line for line in said.output.splitlines() if " is " in line) or said.words)


def _no_controller(words: str) -> BackendError:
    return BackendError(
        f"the Slurm controller does not answer: {words}",
        help="ask the administrators of the cluster; `scontrol ping` tells when it is back",
    )


def _partitions(told: str, nodes: str) -> dict[str, Partition]:
    """The partitions by name, from one line for each, and a line with processors and MiB for each node of each."""
    sizes: dict[str, tuple[int, int]] = {}
    for name, cpu, memory in re.findall(_NODE, nodes):
        before = sizes.get(name, (0, 0))
        sizes[name] = max(before[0], int(cpu)), max(before[1], int(memory) * _MEBI)
    partitions = {}
    for line in told.splitlines():
        if name := _word("PartitionName", line):
            partitions[name] = Partition(
                name,
                _word("State", line),
                _word("Default", line) == "YES",
                _word("MaxTime", line),
                *sizes.get(name, (0, 0)),
            )
    return partitions


def _word(key: str, line: str) -> str:
    match = re.search(rf"(?:^|\s){key}=(\S*)", line)
    return match[1] if match else ""


def _field(key: str, text: str) -> str:
    match = re.search(rf"(?m)^{key}\s*= *(.*?)\s*$", text)
    return match[1] if match else ""


def _named(settings: SlurmApptainer, partitions: Mapping[str, Partition]) -> Iterator[Diagnostic]:
    """What is wrong with the partitions that the settings name."""
    for kind in _KINDS:
        key = f"{kind}_slurm_partition"
        queue: Queue | None = getattr(settings, key)
        if queue is not None:
            yield from _settled(queue, key, partitions)
        elif kind == "default" and not any(partition.default for partition in partitions.values()):
            yield error("", "this cluster has no default partition", help=f"set `{key}.name` to {listed(partitions)}")


def _settled(queue: Queue, key: str, partitions: Mapping[str, Partition]) -> Iterator[Diagnostic]:
    partition = partitions.get(queue.name)
    if partition is None:
        yield error("", f"`{key}`: there is no partition `{queue.name}`", help=meant(queue.name, partitions))
        return
    if partition.state != "UP":
        yield warning(
            "",
            f"`{key}`: the partition `{queue.name}` is {partition.state}",
            help="its jobs wait until it is UP again",
        )
    if partition.cpu == 0:
        yield warning("", f"`{key}`: the partition `{queue.name}` has no nodes", help="its jobs wait for one")
        return
    yield from _too_large(queue, key, partition)
    if partition.longest != "UNLIMITED":
        yield note("", f"`{key}`: jobs in `{queue.name}` are ended after {partition.longest}")


def _too_large(queue: Queue, key: str, partition: Partition) -> Iterator[Diagnostic]:
    if queue.max_cpu_per_task is not None and queue.max_cpu_per_task > partition.cpu:
        yield warning(
            "",
            f"`{key}.max_cpu_per_task` is {queue.max_cpu_per_task}, and no node of `{queue.name}` has more than "
            f"{partition.cpu} processors",
            help=f"a task that asks for more is refused by Slurm; set it to {partition.cpu}",
        )
    if queue.max_memory_per_task is not None:
        wanted = parse_size(str(queue.max_memory_per_task))
        if wanted > partition.memory:
            there = f"{partition.memory // _MEBI} MiB"
            yield warning(
                "",
                f"`{key}.max_memory_per_task` is {queue.max_memory_per_task}, and no node of `{queue.name}` has more "
                f"than {there}",
                help=f'a task that asks for more is refused by Slurm; set it to "{there}"',
            )
