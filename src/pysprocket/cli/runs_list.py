"""`sprocket runs list`: the runs of an output directory.

In: options. Out: a table on the standard output, the newest run first, or JSON.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options, output_directory_option
from pysprocket.cli.runs import database
from pysprocket.cli.runs_words import counted, counted_shortly, moment, run_facts, run_status, shown_json, took
from pysprocket.cli.tables import Cell, Column, room, table
from pysprocket.records.history import History
from pysprocket.records.liveness import UNFINISHED
from pysprocket.records.model import RunRecord

_SHOWN = 20
_STATUSES = {
    "running": UNFINISHED,
    "completed": ("completed",),
    "failed": ("failed",),
    "interrupted": ("canceled",),
    "died": ("orphaned",),
}
_COLUMNS = (
    Column("NAME"),
    Column("TARGET", cut=True, expendable=True),
    Column("STATUS"),
    Column("STARTED", expendable=True),
    Column("TOOK", right=True, spare=True),
    Column("TASKS"),
    Column("BACKEND", spare=True),
)


@click.command(
    "list",
    cls=HelpPage,
    examples=[
        "sprocket runs list --status failed --limit 5",
        "sprocket runs list --output-dir results --json",
    ],
)
@output_directory_option
@click.option("--limit", type=click.IntRange(0), metavar="N", help="How many to list; 0 for all [20, all with --json].")
@click.option("--status", type=click.Choice(list(_STATUSES)), help="List only these.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@global_options
@click.pass_obj
def command(state: State, output_dir: Path | None, limit: int | None, status: str | None, *, as_json: bool) -> None:
    """List the runs of an output directory, the newest first."""
    most = (0 if as_json else _SHOWN) if limit is None else limit
    with History(database(output_dir, state)) as history:
        runs = [run for run in history.runs() if status is None or run.status in _STATUSES[status]]
        shown = runs[:most] if most else runs
        if as_json:
            facts = [{**run_facts(run), "tasks": history.task_counts(run)} for run in shown]
            click.echo(shown_json(facts))
            return
        lines = table(_COLUMNS, [_row(run, history.task_counts(run)) for run in shown], room()) if shown else []
    click.echo("\n".join([*lines, *_remarks(runs, len(shown), output_dir)]))


def _row(run: RunRecord, tasks: dict[str, int]) -> list[Cell]:
    ended = run.status not in UNFINISHED
    return [
        run.name,
        run.target or "",
        run_status(run.status),
        moment(run.started or run.created),
        took(run.started, run.ended, now=not ended),
        (counted(tasks, over=ended), *counted_shortly(tasks, over=ended)),
        run.backend or "",
    ]


def _remarks(runs: list[RunRecord], shown: int, output: Path | None) -> list[str]:
    remarks = []
    if not runs:
        remarks.append("There are no such runs.")
    if len(runs) > shown:
        remarks.append(f"{len(runs) - shown} more; `--limit 0` lists all.")
    if any(run.status in ("canceled", "orphaned") and run.order_json for run in runs[:shown]):
        place = f" -o {shlex.quote(str(output))}" if output else ""
        remarks.append(f"Go on with a run that was interrupted or died: `sprocket resume NAME{place}`.")
    return ["", *remarks] if shown and remarks else remarks
