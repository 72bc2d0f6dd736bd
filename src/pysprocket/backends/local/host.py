"""What this machine gives to this process: processors and memory.

In: the affinity mask, `/proc/meminfo` and the control groups (version 1 and 2) that hold this process. Out: two
numbers. In a container or under a scheduler the smaller truth counts, not the size of the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

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
