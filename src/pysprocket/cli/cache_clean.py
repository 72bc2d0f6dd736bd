"""`sprocket cache clean`: remove entries.

In: which. Out: on the standard output, what was removed. The files of results lie in the directories of runs and stay.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click

from pysprocket.cli.cache import opened
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import TEXT, State, global_options
from pysprocket.engine.cache.differences import whole
from pysprocket.engine.cache.entries import Entries, Entry
from pysprocket.errors import UsageError
from pysprocket.source.visible import count
from pysprocket.units import format_size, parse_duration


@click.command(
    "clean",
    cls=HelpPage,
    examples=[
        "sprocket cache clean --older-than 30d",
        "sprocket cache clean --unusable",
    ],
)
@click.option("--older-than", type=TEXT, metavar="TIME", help="Remove entries not used for this long, such as `30d`.")
@click.option(
    "--unusable", is_flag=True, help="Remove entries whose files have changed or are gone, or that are damaged."
)
@click.option("--all", "everything", is_flag=True, help="Remove all entries, and all remembered digests.")
@global_options
@click.pass_obj
def command(state: State, older_than: str | None, *, unusable: bool, everything: bool) -> None:
    """Remove entries of the call cache. The files of the results are those of the runs, and stay."""
    if not (older_than or unusable or everything):
        raise UsageError("what is to be removed?", help="give `--older-than TIME`, `--unusable` or `--all`")
    limit = time.time() - _seconds(older_than) if older_than else 0.0
    with opened(state) as (entries, digests):

        def is_meant(entry: Entry) -> bool:
            if everything or entries.last_used(entry) < limit:
                return True
            return unusable and isinstance(whole(entry, digests), str)

        removed, freed = _remove(entries, is_meant)
        forgotten = digests.forget(everything=everything)
    click.echo(f"removed {count(removed, 'entry', 'entries')}, {format_size(freed)} freed")
    if forgotten:
        click.echo(f"forgot the digests of {count(forgotten, 'file')}")


def _seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(str(error), help="`--older-than` wants how long ago, such as `30d`") from None


def _remove(entries: Entries, is_meant: Callable[[Entry], bool]) -> tuple[int, int]:
    """How many were removed, and how many bytes that freed; with what is damaged, which nobody can use."""
    meant = [entry for entry in entries.all() if is_meant(entry)]
    freed = sum(entries.remove(entry) for entry in meant)
    swept, bytes_swept = entries.sweep()
    return len(meant) + swept, freed + bytes_swept
