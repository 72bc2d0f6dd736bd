"""Values of requirements that cannot be fulfilled, where they are written as literals.

In: the name of a requirement and the expression of its value. Out: `flaw`, what is wrong with it, or None; an
expression that is no literal shows when it runs. Source: WDL specification, "Requirements Section".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pysprocket.syntax import nodes
from pysprocket.types.constants import Constant, NotConstant, constant
from pysprocket.units import parse_size

_LOCAL_DISK = r"(?i)local-disk\s+\d+(?:\.\d+)?(?:\s+[A-Z]+)?"
_DISK_KIND = r"\s+(?:HDD|SSD|LOCAL)$"
_SPEED = r"(?a)\s*\d+(?:\.\d*)?\s*"


def flaw(name: str, expression: nodes.Expression) -> str | None:
    """Why a literal cannot be the value of the requirement `name` (its present-day name), None when it can be."""
    check = _CHECKS.get(name)
    if check is None:
        return None
    try:
        return check(constant(expression))
    except NotConstant:
        return None


def _container(value: Constant) -> str | None:
    images = value if isinstance(value, list) else [value]
    return None if images and all(images) else "it names no image"


def _cpu(value: Constant) -> str | None:
    if isinstance(value, str):
        if not re.fullmatch(_SPEED, value):
            return "it must be a number of processors such as 2 or 0.5"
        value = float(value)
    return "it must be a number above 0" if isinstance(value, (int, float)) and value <= 0 else None


def _memory(value: Constant) -> str | None:
    if isinstance(value, str):
        try:
            value = parse_size(value)
        except ValueError as error:
            return str(error)
    return "it must be a number of bytes above 0" if isinstance(value, (int, float)) and value <= 0 else None


def _disks(value: Constant) -> str | None:
    mounts: set[str] = set()
    for item in value if isinstance(value, list) else [value]:
        mount = ""
        if isinstance(item, str) and not re.fullmatch(_LOCAL_DISK, item.strip()):
            mount, size = item.partition(" ")[::2] if item.startswith("/") else ("", item)
            try:
                parse_size(re.sub(_DISK_KIND, "", size), "GiB")
            except ValueError:
                return f"`{item}` is not a disk; write a size, with a mount point before it if wanted: `/mnt 10 GiB`"
        elif isinstance(item, int) and item < 0:
            return "it must be a number of GiB above 0"
        if mount in mounts:
            return f"it names {f'`{mount}`' if mount else 'the working directory'} twice"
        mounts.add(mount)
    return None


def _max_retries(value: Constant) -> str | None:
    return "it must be a whole number from 0 on" if isinstance(value, int) and value < 0 else None


def _return_codes(value: Constant) -> str | None:
    if value == "*" or isinstance(value, int) or (isinstance(value, list) and value):
        return None
    return 'it must be an exit code, an array of them, or `"*"` for all'


_CHECKS: dict[str, Callable[[Constant], str | None]] = {
    "container": _container,
    "cpu": _cpu,
    "max_cpu": _cpu,
    "memory": _memory,
    "max_memory": _memory,
    "disks": _disks,
    "max_retries": _max_retries,
    "return_codes": _return_codes,
}
