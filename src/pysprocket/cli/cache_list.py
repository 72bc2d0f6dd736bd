"""`sprocket cache list`: the results that are kept.

In: options. Out: a table on the standard output, what was used last first, or JSON.
"""

from __future__ import annotations

from typing import Any

import click

from pysprocket.cli.cache import opened
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import TEXT, State, global_options
from pysprocket.cli.runs_words import moment, shown_json, took
from pysprocket.cli.tables import Column, room, table
from pysprocket.engine.cache.differences import whole
from pysprocket.engine.cache.entries import Entries, Entry
from pysprocket.files.digests import Digests
from pysprocket.records.rows import rfc3339
from pysprocket.source.visible import count
from pysprocket.units import format_size

_COLUMNS = (
    Column("TASK", cut=True),
    Column("MADE"),
    Column("LAST USED", spare=True),
    Column("HITS", right=True),
    Column("SIZE", right=True),
    Column("TOOK", right=True, spare=True),
    Column("RUN", cut=True),
    Column("CALL", cut=True),
    Column("USABLE", cut=True),
)


@click.command(
    "list",
    cls=HelpPage,
    examples=[
        "sprocket cache list --task align",
    ],
)
@click.option("--task", type=TEXT, metavar="NAME", help="List only results of tasks of this name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@global_options
@click.pass_obj
def command(state: State, task: str | None, *, as_json: bool) -> None:
    """List the results of tasks that are kept, those last used first, and whether their files are as they were."""
    with opened(state) as (entries, digests):
        found = list(entries.all() if task is None else entries.of(task))
        found.sort(key=entries.last_used, reverse=True)
        facts = [_facts(entry, entries, digests) for entry in found]
    if as_json:
        click.echo(shown_json([_as_json(each) for each in facts]))
    elif facts:
        total = format_size(sum(entry.size for entry in found))
        click.echo("\n".join([*table(_COLUMNS, [_row(each) for each in facts], room()), "", _remark(facts, total)]))
    else:
        click.echo("No results are kept.")


def _facts(entry: Entry, entries: Entries, digests: Digests) -> dict[str, Any]:
    found = whole(entry, digests)
    return {"entry": entry, "used": entries.last_used(entry), "problem": found if isinstance(found, str) else None}


def _row(facts: dict[str, Any]) -> list[str]:
    entry: Entry = facts["entry"]
    return [
        entry.task,
        moment(entry.origin.time),
        moment(facts["used"]),
        str(entry.hits),
        format_size(entry.size),
        took(0.0, entry.seconds, now=False),
        entry.origin.name,
        entry.origin.call,
        "yes" if facts["problem"] is None else f"no: {facts['problem']}",
    ]


def _remark(facts: list[dict[str, Any]], total: str) -> str:
    unusable = sum(each["problem"] is not None for each in facts)
    results = f"{count(len(facts), 'result')} of {total}, in the directories of the runs."
    return results + (f" {unusable} cannot be used: `sprocket cache clean --unusable` removes them." * bool(unusable))


def _as_json(facts: dict[str, Any]) -> dict[str, Any]:
    entry: Entry = facts["entry"]
    return {
        "key": entry.key,
        "task": entry.task,
        "document": entry.document,
        "made_at": rfc3339(entry.origin.time),
        "used_at": rfc3339(facts["used"]),
        "hits": entry.hits,
        "size": entry.size,
        "seconds": entry.seconds,
        "run": entry.origin.name,
        "run_uuid": entry.origin.run,
        "call": entry.origin.call,
        "reason": entry.reason,
        "directories": [place.directory for place in entry.places],
        "usable": facts["problem"] is None,
        "problem": facts["problem"],
    }
