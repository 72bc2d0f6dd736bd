"""What a call of a task asks for, read from its evaluated requirements (or runtime) and hints.

In: the values of the `requirements`, `runtime` and `hints` sections. Out: `Requirements`. Source: WDL specification
1.3, "Requirements Section", "Hints Section", "Conventions and Best Practices" for the older names. Keys that are
not known are kept aside: `runtime` allows any key and a hint never fails a task.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from pysprocket.backends.job import Limits, Resources
from pysprocket.backends.protocols import ImageSupport, canonical
from pysprocket.errors import EvaluationError
from pysprocket.source.diagnostic import Label
from pysprocket.types.attributes import ALIASES
from pysprocket.units import format_numbers, format_sizes, parse_size
from pysprocket.values.model import Value

_CROMWELL_DISK = r"(?i)local-disk\s+(\d+(?:\.\d+)?)(?:\s+(?:HDD|SSD|LOCAL))?"
_MAX_RETRIES = 100
GIB = 1024**3


class Requirements(msgspec.Struct, frozen=True, gc=False):
    """What a call asks for.

    Attributes:
        images: container candidates, best first; where jobs have an image it is still to be seen which of them are run.
        max_retries: how often a failed attempt is tried again.
        return_codes: the exit codes that mean success, None for any.
        values: the requirement values that the `task` variable and `task.previous` show.
        hints: every hint by its snake_case name.
    """

    resources: Resources
    images: tuple[str, ...]
    max_retries: int
    return_codes: frozenset[int] | None
    hints: dict[str, object]

    def accepts(self, exit_code: int) -> bool:
        """Whether the exit code means success."""
        return self.return_codes is None or exit_code in self.return_codes


class Defaults(msgspec.Struct, frozen=True, gc=False):
    """What holds where a task says nothing (the configuration's `run.task`)."""

    container: str = "ubuntu:latest"
    max_retries: int = 0


def read_requirements(values: Mapping[str, Value], hints: Mapping[str, Value], defaults: Defaults) -> Requirements:
    """Requirements from evaluated sections; a `runtime` section may hold keys that are hints today.

    What was read lately is remembered: the calls of a scatter mostly ask for the same.

    Raises:
        RequirementError: a value that a key cannot have.
    """
    key = _plain(values), _plain(hints), defaults
    if key[0] is None or key[1] is None:
        return _read(values, hints, defaults)
    known = _LATELY.get(key)
    if known is None:
        if len(_LATELY) >= _MOST_REMEMBERED:
            _LATELY.clear()
        known = _LATELY[key] = _read(values, hints, defaults)
    return known


_LATELY: dict[object, Requirements] = {}
_MOST_REMEMBERED = 1000
_SIMPLE = frozenset({bool, int, float, str, type(None)})


def _plain(values: Mapping[str, Value]) -> tuple[object, ...] | None:
    """A key that is equal only for equal values of equal types (1 is not true); None when it has to be looked at."""
    parts: list[object] = []
    for name, value in values.items():
        items = value if type(value) is list else (value,)
        kinds = [type(item) for item in items]
        if not _SIMPLE.issuperset(kinds):
            return None
        parts += (name, type(value), *kinds, *items)
    return tuple(parts)


def _read(values: Mapping[str, Value], hints: Mapping[str, Value], defaults: Defaults) -> Requirements:
    asked = {ALIASES.get(name, name): value for name, value in values.items()}
    hinted = asked | {ALIASES.get(name, name): value for name, value in hints.items()}
    resources = Resources(
        cpu=_cpu(asked.get("cpu"), "cpu") or 1.0,
        memory=_memory(asked.get("memory"), "memory") or 2 * GIB,
        gpu=_gpu(asked.get("gpu"), hints.get("gpu")),
        fpga=_is_true(asked.get("fpga"), "fpga"),
        disks=_disks(asked.get("disks")),
        cpu_limit=_cpu(hinted.get("max_cpu"), "max_cpu"),
        memory_limit=_memory(hinted.get("max_memory"), "max_memory"),
    )
    return Requirements(
        resources=resources,
        images=_images(asked.get("container"), defaults.container),
        max_retries=_retries(asked.get("max_retries"), defaults.max_retries),
        return_codes=_return_codes(asked.get("return_codes")),
        hints={name: value for name, value in hinted.items() if name not in _REQUIREMENTS or name in hints},
    )


_REQUIREMENTS = frozenset({"container", "cpu", "memory", "gpu", "fpga", "disks", "max_retries", "return_codes"})


class RequirementError(EvaluationError):
    """A value that a requirement or hint cannot have; `key` is its present-day name."""

    def __init__(self, key: str, message: str, *, help: str | None = None) -> None:  # noqa: A002 - the field's name
        super().__init__(message, help=help)
        self.key = key


def _wrong(key: str, value: Value, wanted: str) -> RequirementError:
    return RequirementError(key, f"`{key}` must be {wanted}, but it is `{value}`")


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cpu(value: Value, key: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):  # 1.0 documents write cpu: "4"
        try:
            value = float(value)
        except ValueError:
            raise _wrong(key, value, "a number of processors such as 2 or 0.5") from None
    if not _is_number(value) or not value > 0:
        raise _wrong(key, value, "a number of processors above 0")
    return float(value)


def _memory(value: Value, key: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = parse_size(value)
        except ValueError as error:
            raise RequirementError(key, f"`{key}`: {error}") from None
    if not _is_number(value) or not value > 0:
        raise _wrong(key, value, "a number of bytes above 0, or a text such as `2 GiB`")
    return int(value)


def _gpu(required: Value, hint: Value) -> int:
    if not _is_true(required, "gpu"):
        return 0
    return hint if isinstance(hint, int) and not isinstance(hint, bool) and hint > 0 else 1


def _is_true(value: Value, key: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    truth = {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None
    if truth is None:
        raise _wrong(key, value, "true or false")
    return truth


def _images(value: Value, default: str) -> tuple[str, ...]:
    candidates = value if isinstance(value, list) else [value]
    images = (default if image is None or str(image).strip() == "*" else str(image) for image in candidates)
    return tuple(map(canonical, images))


def _retries(value: Value, default: int) -> int:
    if value is None:
        return default
    if isinstance(value, str) and value.strip().isdecimal():  # 1.0 documents write maxRetries: "2"
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_RETRIES:
        raise _wrong("max_retries", value, f"a whole number from 0 to {_MAX_RETRIES}")
    return value


def _return_codes(value: Value) -> frozenset[int] | None:
    if value is None:
        return frozenset({0})
    if value == "*":
        return None
    codes = value if isinstance(value, list) else [value]
    if not codes or not all(isinstance(code, int) and not isinstance(code, bool) for code in codes):
        raise _wrong("return_codes", value, 'a whole number, an array of them, or "*"')
    return frozenset(codes)


def _disks(value: Value) -> dict[str, int]:
    """Bytes by mount point; the empty mount point is the working directory."""
    if value is None:
        return {}
    disks: dict[str, int] = {}
    for item in value if isinstance(value, list) else [value]:
        mount, size = _disk(item)
        if mount in disks:
            where = f"`{mount}`" if mount else "the working directory"
            raise RequirementError("disks", f"`disks` names {where} more than once")
        disks[mount] = size
    return disks


def _disk(value: Value) -> tuple[str, int]:
    """One disk: `10`, `"10 GiB"`, `"/mnt/data 10 GiB"`, and the `"local-disk 10 HDD"` of older workflows."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "", value * GIB
    text = str(value).strip()
    if cromwell := re.fullmatch(_CROMWELL_DISK, text):
        return "", parse_size(cromwell[1], "GB")
    mount, size = "", text
    if text.startswith("/"):
        mount, _, size = text.partition(" ")
    size = re.sub(r"\s+(?:HDD|SSD|LOCAL)$", "", size)
    try:
        return mount, parse_size(size, "GiB")
    except ValueError:
        raise _wrong("disks", value, "a size such as `10 GiB`, with a mount point before it if wanted") from None


class LimitBehavior(msgspec.Struct, frozen=True, gc=False):
    """What happens to a request above a backend's maximum: "deny" or "try_with_max"."""

    cpu: str = "deny"
    memory: str = "deny"


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What a place grants: its maxima, what happens above them, what holds where a task says nothing.

    `containers` says which images jobs run in; None where they run without.
    """

    limits: Limits = Limits()
    behavior: LimitBehavior = LimitBehavior()
    defaults: Defaults = Defaults()
    containers: ImageSupport | None = None


class Excess(msgspec.Struct, frozen=True, gc=False):
    """More than a place has: how much of "cpu" or "memory", and the amounts as a user reads them."""

    key: str
    amount: float
    asked: str
    maximum: str


def excesses(resources: Resources, limits: Limits) -> tuple[Excess, ...]:
    """What is asked for beyond the maximum of a place."""
    found: list[Excess] = []
    if limits.cpu is not None and resources.cpu > limits.cpu:
        wanted, most = format_numbers(resources.cpu, limits.cpu)
        found.append(Excess("cpu", resources.cpu, f"{wanted} CPUs", most))
    if limits.memory is not None and resources.memory > limits.memory:
        wanted, most = format_sizes(resources.memory, limits.memory)
        found.append(Excess("memory", resources.memory, f"{wanted} of memory", most))
    return tuple(found)


def is_denied(excess: Excess, behavior: LimitBehavior) -> bool:
    """Whether more than there is makes a task fail, instead of getting what there is."""
    return (behavior.cpu if excess.key == "cpu" else behavior.memory) == "deny"


def denial(excesses: Sequence[Excess], labels: Sequence[Label] = ()) -> EvaluationError:
    """The error for what was denied; `labels` are the places of the requirements."""
    message = " and ".join(
        f"at least {each.asked}, but the backend has a maximum of {each.maximum}" for each in excesses
    )
    settings = " and ".join(f"`run.task.{each.key}_limit_behavior`" for each in excesses)
    remedy = f"ask for less, or set {settings} to `try_with_max`"
    return EvaluationError(f"it requires {message}", help=remedy, labels=labels)


def lowering(excess: Excess) -> str:
    """That a task gets what there is; goes after its name."""
    return f"asks for {excess.asked} and gets {excess.maximum}, all that the backend has"


def lowered(resources: Resources, limits: Limits) -> Resources:
    """The resources that a job gets: those asked for, at most the maximum of the place."""
    cpu, memory = resources.cpu, resources.memory
    if limits.cpu is not None and cpu > limits.cpu:
        cpu = limits.cpu
    if limits.memory is not None and memory > limits.memory:
        memory = limits.memory
    if (cpu, memory) == (resources.cpu, resources.memory):
        return resources
    return msgspec.structs.replace(resources, cpu=cpu, memory=memory)
