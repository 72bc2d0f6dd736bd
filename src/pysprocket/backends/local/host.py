"""What this machine gives to this process: processors and memory.

In: the affinity mask, `/proc/meminfo` and the control groups (version 1 and 2) that hold this process. Out: two
numbers. In a container or under a scheduler the smaller truth counts, not the size of the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pysprocket.units import format_numbers, format_sizes

_CGROUPS = Path("/sys/fs/cgroup")


def available_cpu() -> float:
    """Processors this process may use."""
    quotas = [*_version_2_quotas(), *_version_1_quotas()]
    return min([float(len(os.sched_getaffinity(0))), *quotas])


def available_memory() -> int:
    """Bytes of memory this process may use."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [
        int(text)
        for controller, file in (("", "memory.max"), ("memory", "memory.limit_in_bytes"))
        for text in _values(controller, file)
        if text.isdigit()
    ]
    return min([total, *limits])


def shortages(cpu: float | None, memory: int | None) -> Iterator[tuple[str, str]]:
    """What settings give to tasks that this computer has not, and what that means: no mistake.

    Tasks that mostly wait may well share processors, and a configuration is read on many computers.
    """
    there = available_cpu()
    if cpu is not None and cpu > there:
        asked, given = format_numbers(cpu, there)
        message = f"`cpu` is {asked}, and this computer gives {given}"
        yield message, "tasks will share processors; leave `cpu` out to use what there is"
    if memory is not None and memory > available_memory():
        asked, given = format_sizes(memory, available_memory())
        message = f"`memory` is {asked}, and this computer gives {given}"
        yield message, "tasks may be killed for want of memory; leave `memory` out to use what there is"


def _version_2_quotas() -> Iterator[float]:
    for text in _values("", "cpu.max"):
        quota, _, period = text.partition(" ")
        if quota.isdigit():
            yield int(quota) / int(period)


def _version_1_quotas() -> Iterator[float]:
    for quota, period in zip(_values("cpu", "cpu.cfs_quota_us"), _values("cpu", "cpu.cfs_period_us"), strict=False):
        if quota.isdigit():
            yield int(quota) / int(period)


def _values(controller: str, file: str) -> Iterator[str]:
    """What `file` says in the group of this process and in each group above it; "" is the unified hierarchy."""
    root = _CGROUPS / controller
    group = root / _group(controller).lstrip("/")
    while group.is_relative_to(root):
        if (path := group / file).is_file():
            yield path.read_text().strip()
        group = group.parent


def _group(controller: str) -> str:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path
    return "/"
