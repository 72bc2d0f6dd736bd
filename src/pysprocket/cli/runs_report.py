"""`sprocket runs report`: a page about a run, to look at and to hand on.

In: a run by name, UUID or path; the newest when none is named. Out: one HTML file, and its path on the standard output;
where `--output` names a pipe or the like, the page goes there, and nothing else is told.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import FILE, State, global_options, output_directory_option
from pysprocket.cli.runs import database, run_argument
from pysprocket.cli.runs_show import chosen_run
from pysprocket.cli.writing import check_name, is_passed_on, write
from pysprocket.errors import UsageError
from pysprocket.records.history import History
from pysprocket.source.visible import visible


@click.command(
    "report",
    cls=HelpPage,
    examples=[
        "sprocket runs report amber-otter --output report.html",
    ],
)
@run_argument
@output_directory_option
@click.option("--output", type=FILE, metavar="FILE", help="The file [report.html of the run].")
@global_options
@click.pass_obj
def command(state: State, reference: str | None, output_dir: Path | None, *, output: Path | None) -> None:
    """Write a page about RUN: a name, a UUID, the beginning of either, or a path in its directory.

    Without RUN, it is about the newest run. The page is one HTML file that needs no network: a timeline of the calls,
    what tasks asked for and used, what failed and why, the graph of calls, inputs and outputs.
    """
    with History(database(output_dir, state, reference)) as history:
        run = chosen_run(history, reference)
        path = output or history.output / (run.directory or "") / "report.html"
        _check_place(path)

        from pysprocket.records.report.page import report_page  # noqa: PLC0415 - not needed for mistakes

        page = report_page(history, run)
    write(path, page)
    if not is_passed_on(path):
        click.echo(visible(str(path)) if sys.stdout.isatty() else path, color=True)  # a program gets the exact name


def _check_place(path: Path) -> None:
    check_name(path)
    if not path.parent.is_dir():
        raise UsageError(f"there is no directory `{path.parent}`", help="name a file with `--output FILE`")
