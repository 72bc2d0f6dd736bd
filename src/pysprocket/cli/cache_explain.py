"""`sprocket cache explain`: why calls of a run were cached or not.

In: a run, and a call of it. Out: for each of its calls that has a result in the cache, where that is from or why the
task had to run; for one call also every part of its key.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable

import click
import msgspec

from pysprocket.cli.cache import opened
from pysprocket.cli.options import TEXT, State, global_options
from pysprocket.cli.runs_words import moment, shown_json
from pysprocket.engine.cache.differences import whole
from pysprocket.engine.cache.entries import Entry, Place
from pysprocket.engine.cache.key import Part
from pysprocket.errors import SprocketError
from pysprocket.files.digests import Digests


class _Call(msgspec.Struct, frozen=True):
    """A call of a run: the entry of its result, and the place that the run has of it."""

    entry: Entry
    place: Place

    @property
    def taken(self) -> bool:
        return self.place.directory != self.entry.origin.directory


@click.command(
    "explain",
    short_help="Tell why a call of a run was cached or not.",
    epilog="Example: sprocket cache explain amber-otter-3fa2c1 align-0",
)
@click.argument("run", type=TEXT, metavar="[RUN]", required=False)
@click.argument("call", type=TEXT, metavar="[CALL]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@global_options
@click.pass_obj
def command(state: State, run: str | None, call: str | None, *, as_json: bool) -> None:
    """Tell where the results of a run's calls are from: the cache, or why not.

    RUN is a run by name, UUID, the beginning of either, or its directory; without it the newest one is taken. With a
    CALL everything that its result depends on is shown. `sprocket run --dry-run` tells the same of a run that is yet
    to come.
    """
    with opened(state) as (entries, digests):
        calls = _calls(entries.all(), run or None)
        chosen = [each for each in calls if call is None or each.place.call == call]
        if not chosen:
            known = ", ".join(f"`{each.place.call}`" for each in calls[:5])
            raise SprocketError(
                f"no result of the call `{call}` is kept",
                help=f"there are {known}; calls of which everything is equal share one",
            )
        if as_json:
            click.echo(shown_json([_as_json(each, digests) for each in chosen]))
        elif call is None:
            click.echo("\n".join(line for each in chosen for line in _short(each)))
        else:
            click.echo("\n".join(_long(chosen[0], digests)))


def _calls(entries: Iterable[Entry], run: str | None) -> list[_Call]:
    """The calls of a run, in order of their ids.

    Raises:
        SprocketError: there is no such run, or more than one.
    """
    found = [_Call(entry, place) for entry in entries for place in {*entry.places, entry.origin} if _fits(place, run)]
    if not found:
        about = f"the run `{run}`" if run is not None else "any run"
        raise SprocketError(
            f"the call cache holds nothing of {about}",
            help="only results of tasks that ended well are kept, and only with `run.task.cache` on; "
            "`sprocket cache list` shows them",
        )
    if run is None:
        newest = max(found, key=lambda each: each.place.time).place.run
        found = [each for each in found if each.place.run == newest]
    if len(names := sorted({each.place.name for each in found})) > 1:
        raise SprocketError(f"`{run}` may be {', '.join(f'`{name}`' for name in names)}", help="give more of its name")
    return sorted(found, key=lambda each: _natural(each.place.call))


def _natural(call: str) -> list[tuple[int, str]]:
    """`align-2` before `align-10`."""
    return [(int(part) if part.isdecimal() else -1, part) for part in call.replace("/", "-").split("-")]


def _fits(place: Place, run: str | None) -> bool:
    if run is None or place.name.startswith(run) or place.run.startswith(run):
        return True
    return os.path.isdir(run) and place.directory.startswith(f"{os.path.realpath(run)}/")  # noqa: PTH112


def _short(call: _Call) -> list[str]:
    return [f"{call.place.call}: {_told(call)}"]


def _told(call: _Call) -> str:
    origin = call.entry.origin
    if call.taken:
        return f"cached, from {origin.name} ({origin.call}, {moment(origin.time)}): {origin.directory}"
    return f"ran: {call.entry.reason}"


def _long(call: _Call, digests: Digests) -> list[str]:
    entry = call.entry
    problem = whole(entry, digests)
    usable = "yes" if isinstance(problem, Place) else f"no, {problem}"
    return [
        f"call {call.place.call} of {call.place.name}, task `{entry.task}` of {entry.document}",
        _told(call),
        f"hits: {entry.hits}",
        f"usable: {usable}",
        "files in:",
        *(f"  {place.directory}  ({place.name}, {moment(place.time)})" for place in entry.places),
        f"key {entry.key}, of:",
        *(line for name, part in entry.parts.items() for line in _part(name, part)),
    ]


def _part(name: str, part: Part) -> list[str]:
    if part.files:
        return [f"  {name}:", *(f"    {path}  {digest}" for path, digest in part.files)]
    shown = part.shown or part.value
    return textwrap.wrap(f"{name}: {shown}", 120, initial_indent="  ", subsequent_indent="    ") or [f"  {name}:"]


def _as_json(call: _Call, digests: Digests) -> dict[str, object]:
    problem = whole(call.entry, digests)
    return {
        "run": call.place.name,
        "call": call.place.call,
        "task": call.entry.task,
        "cached": call.taken,
        "reason": None if call.taken else call.entry.reason,
        "origin": call.entry.origin,
        "key": call.entry.key,
        "parts": {
            name: {"value": part.value, "shown": part.shown, "files": dict(part.files)}
            for name, part in call.entry.parts.items()
        },
        "directories": [place.directory for place in call.entry.places],
        "hits": call.entry.hits,
        "usable": isinstance(problem, Place),
        "problem": problem if isinstance(problem, str) else None,
    }
