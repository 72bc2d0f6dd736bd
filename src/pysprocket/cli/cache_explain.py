"""`sprocket cache explain`: why calls of a run were cached or not.

In: a run, and a call of it. Out: for each of its calls that has a result in the cache, where that is from or why the
task had to run; for one call also every part of its key.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import click
import msgspec

from pysprocket.cli.cache import opened
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import TEXT, State, completes, global_options
from pysprocket.cli.runs import database
from pysprocket.cli.runs_words import moment, shown_json
from pysprocket.engine.cache.differences import whole
from pysprocket.engine.cache.entries import Entry, Place
from pysprocket.engine.cache.key import Part
from pysprocket.errors import RecordsError, SprocketError, UsageError
from pysprocket.files.digests import Digests
from pysprocket.records.history import History
from pysprocket.records.model import RunRecord
from pysprocket.source.visible import visible
from pysprocket.source.wrapping import WIDTH, wrapped


class _Call(msgspec.Struct, frozen=True):
    """A call of a run: the entry of its result, and the place that the run has of it."""

    entry: Entry
    place: Place

    @property
    def taken(self) -> bool:
        return self.place.directory != self.entry.origin.directory


@click.command(
    "explain",
    cls=HelpPage,
    examples=[
        "sprocket cache explain",
        "sprocket cache explain amber-otter-3fa2c1 align-0",
    ],
)
@click.argument("run", type=TEXT, metavar="[RUN]", required=False, shell_complete=completes("runs"))
@click.argument("call", type=TEXT, metavar="[CALL]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@global_options
@click.pass_obj
def command(state: State, run: str | None, call: str | None, *, as_json: bool) -> None:
    """Tell where the results of a run's calls are from: the cache, or why not.

    RUN is a run by name, UUID, the beginning of either, or a path in its directory; a path with several runs below it
    means the newest of them, as no RUN does. With a CALL everything that its result depends on is shown. `sprocket
    run --dry-run` tells the same of a run that is yet to come.
    """
    with opened(state) as (entries, digests):
        calls = _calls(entries.all(), run, state)
        chosen = [each for each in calls if call is None or each.place.call == call]
        if not chosen:
            known = ", ".join(f"`{each.place.call}`" for each in calls[:5])
            raise SprocketError(
                f"no result of the call `{call}` of {calls[0].place.name} is kept",
                help=f"there are {known}; calls of which everything is equal share one",
            )
        if as_json:
            click.echo(shown_json([_as_json(each, digests) for each in chosen]))
        elif call is None:
            click.echo(f"run {calls[0].place.name}, {moment(min(each.place.time for each in calls))}")
            click.echo("\n".join(f"{each.place.call}: {_told(each)}" for each in chosen))
        else:
            click.echo("\n".join(_long(chosen[0], digests)))


def _calls(entries: Iterable[Entry], run: str | None, state: State) -> list[_Call]:
    """The calls of a run, in order of their ids.

    Raises:
        SprocketError: there is no such run, or more than one.
    """
    known = [_Call(entry, place) for entry in entries for place in {*entry.places, entry.origin}]
    found = _latest(known, state) if run is None else _of(known, run, state)
    if not found:
        about = "any run" if run is None else f"a run in `{run}`" if os.path.exists(run) else f"the run `{run}`"  # noqa: PTH110
        raise SprocketError(
            f"the call cache holds nothing of {about}",
            help="only results of tasks that ended well are kept, and only with `run.task.cache` on; "
            "`sprocket cache list` shows them",
        )
    if len(names := sorted({each.place.name for each in found})) > 1:
        raise SprocketError(f"`{run}` may be {', '.join(f'`{name}`' for name in names)}", help="give more of its name")
    return sorted(found, key=lambda each: _natural(each.place.call))


def _latest(calls: list[_Call], state: State) -> list[_Call]:
    """Those of the newest run, in this output directory or, when it is newer, in another.

    Raises:
        SprocketError: nothing of that run is kept.
    """
    newest = _newest(calls)
    try:
        with History(database(None, state)) as history:
            last = next(iter(history.runs(1)), None)
            if last is None or (newest and _is_elsewhere_and_newer(newest, last, history)):
                return newest
    except RecordsError:  # nothing was run here
        return newest
    if found := [each for each in calls if each.place.run == last.uuid]:
        return found
    remedy = "no task of it has ended well that was to be cached"
    if newest:
        remedy += f"; for the newest run of which anything is kept, `sprocket cache explain {newest[0].place.name}`"
    raise SprocketError(f"the call cache holds nothing of the newest run, `{last.name}`", help=remedy)


def _is_elsewhere_and_newer(newest: list[_Call], last: RunRecord, history: History) -> bool:
    if max(each.place.time for each in newest) < last.created:
        return False
    try:
        history.find(newest[0].place.run)
    except RecordsError:
        return True
    return False


def _newest(calls: list[_Call]) -> list[_Call]:
    """Those of the run that was last."""
    newest = max(calls, key=lambda each: each.place.time).place.run if calls else None
    return [each for each in calls if each.place.run == newest]


def _of(calls: list[_Call], run: str, state: State) -> list[_Call]:
    """Those of the run that a name, a UUID, a path, or the beginning of a name or UUID means."""
    if named := [each for each in calls if run in (each.place.name, each.place.run)]:
        return named
    if os.path.exists(run):  # noqa: PTH110 - never raises, unlike Path.exists
        folder = os.path.join(os.path.realpath(run), "")  # noqa: PTH118 - a text with "/" at its end
        if below := _newest([each for each in calls if os.path.realpath(each.place.directory).startswith(folder)]):
            return [each for each in calls if each.place.run == below[0].place.run]
        if (around := _run_around(run, state)) is not None:
            return [each for each in calls if each.place.run == around]
    return [each for each in calls if each.place.name.startswith(run) or each.place.run.startswith(run.lower())]


def _run_around(path: str, state: State) -> str | None:
    """The UUID of the run whose directory a path leads into, None when it leads into none that is recorded."""
    try:
        with History(database(None, state, path)) as history:
            return history.find(path).uuid
    except (RecordsError, UsageError):
        return None


def _natural(call: str) -> list[tuple[int, str]]:
    """`align-2` before `align-10`."""
    return [(int(part) if part.isdecimal() else -1, part) for part in call.replace("/", "-").split("-")]


def _told(call: _Call) -> str:
    origin = call.entry.origin
    if call.taken:
        gone = "" if os.path.exists(origin.directory) else ", which is gone"  # noqa: PTH110 - never raises
        return f"cached, from {origin.name} ({origin.call}, {moment(origin.time)}): {origin.directory}{gone}"
    return f"ran: {call.entry.reason}"


def _long(call: _Call, digests: Digests) -> list[str]:
    entry = call.entry
    problem = whole(entry, digests)
    usable = "yes" if isinstance(problem, Place) else f"no, {problem}"
    about = f"call {call.place.call} of {call.place.name}, task `{entry.task}` of {entry.document}"
    return [
        *wrapped(about, WIDTH, hang=2),
        *wrapped(_told(call), WIDTH, hang=2),
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
    return wrapped("  " + visible(" ".join(f"{name}: {shown}".split())), WIDTH, hang=4)


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
