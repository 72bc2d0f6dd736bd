"""How `sprocket run --dry-run` shows what a run would do.

In: a `Preview`. Out: lines of at most 80 columns for people, in which the items of a scatter are folded, or JSON data
with every call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click
import msgspec

from pysprocket.backends.job import Limits, Resources
from pysprocket.cli.errors import warn
from pysprocket.cli.options import State
from pysprocket.config.backends import ChosenBackend
from pysprocket.engine.ahead.dry_run import DryRun, PlannedCall
from pysprocket.engine.files import pretty_json
from pysprocket.plan.targets import Target
from pysprocket.source.uris import redacted
from pysprocket.source.visible import count
from pysprocket.source.wrapping import WIDTH, wrapped
from pysprocket.types.typed import TypedTask
from pysprocket.units import format_numbers, format_size, format_sizes

_INDENT = 9
_FEW = 3
_SHORT = 19
"""Characters of a digest that people are shown, `sha256:` and twelve more."""


class Preview(msgspec.Struct, frozen=True, eq=False):
    """What a run would do, and where.

    Attributes:
        backend: None where no task is called.
        limits: the most that one task can get there.
        digests: those of images that the backend has already.
        silent: why the backend could not be asked, None when it answered.
    """

    target: Target
    backend: ChosenBackend | None
    limits: Limits
    plan: DryRun
    digests: Mapping[str, str]
    silent: str | None


def show(preview: Preview, state: State, *, as_json: bool) -> None:
    """Print it; what the user should know goes to the standard error."""
    if as_json:
        click.echo(pretty_json(as_data(preview)))
        return
    for warning in preview.plan.warnings if state.verbosity >= 0 else ():
        warn(warning, state)
    click.echo(as_text(preview))


# --- JSON ------------------------------------------------------------------------------------------------


def as_data(preview: Preview) -> dict[str, Any]:
    """All that is known, as JSON data."""
    target, backend = preview.target, preview.backend
    return {
        "target": target.name,
        "kind": "task" if isinstance(target, TypedTask) else "workflow",
        "document": redacted(target.document.source.uri),
        "backend": backend
        and {
            "name": backend.name,
            "type": backend.type,
            "max_cpu": preview.limits.cpu,
            "max_memory": preview.limits.memory,
            "problem": preview.silent,
        },
        "calls": [_call_data(call, preview) for call in preview.plan.calls],
        "summary": _counts(preview.plan.calls) | dict(zip(("cpu", "memory"), _sums(preview.plan.calls), strict=True)),
        "warnings": list(preview.plan.warnings),
    }


def _call_data(call: PlannedCall, preview: Preview) -> dict[str, Any]:
    image = call.images[0] if call.images else None
    return {
        "id": call.id,
        "path": call.path,
        "task": call.task,
        "status": call.status,
        "reason": None if call.doubt is None else str(call.doubt),
        "after": [reason.what for reason in call.after if reason.kind == "call"],
        "not_fetched": [reason.what for reason in call.after if reason.kind == "file"],
        "cache": call.remark or None,
        "cached_from": None if call.origin is None else {"run": call.origin.run, "call": call.origin.call},
        "image": image,
        "digest": preview.digests.get(image) if image else None,
        "other_images": list(call.images[1:]),
        "resources": _resource_data(call.resources, call.unknown),
        "asked": _resource_data(call.asked, call.unknown),
        "lowered": list(call.lowered),
        "not_known": sorted(call.unknown),
    }


def _resource_data(resources: Resources, unknown: frozenset[str]) -> dict[str, Any]:
    known = {key: getattr(resources, key) for key in ("cpu", "memory", "gpu", "fpga", "disks")}
    return {key: None if key in unknown else value for key, value in known.items()}


# --- text ------------------------------------------------------------------------------------------------


def as_text(preview: Preview) -> str:
    """What people read."""
    lines = list(_head(preview))
    groups: dict[object, list[PlannedCall]] = {}
    for call in preview.plan.calls:
        groups.setdefault(_like(call), []).append(call)
    for calls in groups.values():
        lines += _entry(calls, preview)
    return "\n".join((*lines, *([""] if groups else ()), *_foot(preview)))


def _head(preview: Preview) -> Iterator[str]:
    target, backend = preview.target, preview.backend
    kind = "task" if isinstance(target, TypedTask) else "workflow"
    if backend is None:
        yield from _wrapped(f"{kind} `{target.name}`")
        yield ""
        return
    called = f"`{backend.name}`" + ("" if backend.name == backend.type else f" ({backend.type})")
    most = [
        *([] if preview.limits.cpu is None else [_cpus(preview.limits.cpu)]),
        *([] if preview.limits.memory is None else [format_size(preview.limits.memory)]),
    ]
    yield from _wrapped(
        f"{kind} `{target.name}` on {called}" + (f", at most {' and '.join(most)} a task" if most else "")
    )
    if preview.silent is not None:
        yield from _wrapped(f"its limits and images are not known: {preview.silent}")
    yield ""


def _like(call: PlannedCall) -> object:
    """Calls for which this is equal are told as one."""
    doubt = None if call.doubt is None else call.doubt.folded()
    run = call.origin and call.origin.run
    shown = (tuple(sorted(r.disks.items())) for r in (call.asked, call.resources))
    sizes = (
        call.asked.cpu,
        call.asked.memory,
        call.asked.gpu,
        call.asked.fpga,
        call.resources.cpu,
        call.resources.memory,
    )
    after = tuple(dict.fromkeys(reason.folded() for reason in call.after))
    return call.path, call.status, doubt, after, call.remark, run, call.images, *sizes, *shown, call.unknown


def _entry(calls: Sequence[PlannedCall], preview: Preview) -> Iterator[str]:
    first = calls[0]
    name = first.id if len(calls) == 1 else f"{first.path} x {len(calls)}"
    facts = [*_origin(calls), *_needs(first, preview.digests), *_reasons(first, folded=len(calls) > 1)]
    yield from _wrapped(f"{first.status:<{_INDENT - 1}} {name}: {', '.join(facts)}", indent=_INDENT)


def _origin(calls: Sequence[PlannedCall]) -> Iterator[str]:
    origin = calls[0].origin
    if origin is not None:
        called = f"call `{origin.call}` of " if len(calls) == 1 and origin.call != calls[0].id else ""
        yield f"{'' if calls[0].status == 'cached' else 'would be '}taken from {called}the run {origin.run}"


def _needs(call: PlannedCall, digests: Mapping[str, str]) -> Iterator[str]:
    """What it gets, if it runs."""
    if call.origin is None:
        yield from _resources(call)
        yield from _image(call, digests)


def _resources(call: PlannedCall) -> Iterator[str]:
    def shown(key: str, text: str, asked: str) -> str:
        if key in call.unknown:
            return f"{key} not known yet"
        return f"{text} (lowered from {asked})" if key in call.lowered else text

    yield shown("cpu", _cpus(call.resources.cpu), format_numbers(call.asked.cpu, call.resources.cpu)[0])
    yield shown("memory", *format_sizes(call.resources.memory, call.asked.memory))
    if "gpu" in call.unknown or call.resources.gpu:
        yield shown("gpu", count(call.resources.gpu, "GPU"), "")
    if "fpga" in call.unknown or call.resources.fpga:
        yield shown("fpga", "FPGA", "")
    for mount, size in call.resources.disks.items():
        yield f"disk {format_size(size)}" + (f" at {mount}" if mount else "")


def _image(call: PlannedCall, digests: Mapping[str, str]) -> Iterator[str]:
    if "container" in call.unknown:
        yield "image not known yet"
    elif call.images:
        digest = digests.get(call.images[0])
        others = len(call.images) - 1
        yield (
            f"image {call.images[0]}"
            + (f" ({digest[:_SHORT]})" if digest else "")
            + (f" or {count(others, 'other')}" if others else "")
        )


def _reasons(call: PlannedCall, *, folded: bool) -> Iterator[str]:
    doubt = call.doubt
    if doubt is not None:
        yield str(doubt.folded() if folded else doubt)
    reasons = dict.fromkeys(reason.folded() if folded else reason for reason in call.after)
    if doubt is not None:
        reasons.pop(doubt.folded().reason if folded else doubt.reason, None)
    waits = [f"`{reason.what}`" for reason in reasons if reason.kind == "call"]
    if waits:
        more = f" and {len(waits) - _FEW} more" if len(waits) > _FEW else ""
        yield f"after {', '.join(waits[:_FEW])}{more}"
    yield from (str(reason) for reason in reasons if reason.kind == "file")
    if call.remark:
        yield call.remark


def _foot(preview: Preview) -> Iterator[str]:
    calls = preview.plan.calls
    if not calls:
        yield "no task is called"
        return
    counts, (cpu, memory) = _counts(calls), _sums(calls)
    text = f"{counts['run']} will run, {counts['cached']} cached, {counts['unknown']} unknown"
    asked = f"; all at once they would get {_cpus(cpu)} and {format_size(memory)}" if cpu else ""
    yield from _wrapped(text + asked)


def _counts(calls: Iterable[PlannedCall]) -> dict[str, int]:
    counted = Counter(call.status for call in calls)
    return {status: counted[status] for status in ("run", "cached", "unknown")}


def _sums(calls: Iterable[PlannedCall]) -> tuple[float, int]:
    """The processors and memory of all calls that are not cached, as far as they are known."""
    cpu, memory = 0.0, 0
    for call in calls:
        if call.status != "cached":
            cpu += 0 if "cpu" in call.unknown else call.resources.cpu
            memory += 0 if "memory" in call.unknown else call.resources.memory
    return cpu, memory


def _cpus(number: float) -> str:
    return f"{number:g} CPU{'s' * (number != 1)}"


def _wrapped(text: str, indent: int = 0) -> list[str]:
    return wrapped(text, WIDTH, hang=indent)
