"""The names of runs, for who types one.

In: the path of a database. Out: `run_names`. It needs less than `history`, imports less, and waits for nobody.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from pysprocket.records.database import explain, open_to_read
from pysprocket.records.liveness import UNFINISHED, is_alive

_MOST = 500
_PATIENCE = 0.2  # seconds
_RUNS = (
    "SELECT name, status, coalesce(target, ''), coalesce(directory, ''), order_json IS NOT NULL"
    " FROM runs LEFT JOIN run_details ON run_details.run_id = runs.id ORDER BY runs.id DESC LIMIT ?"
)


class RunName(NamedTuple):
    """A run: its name, its status as in the database, and the task or workflow."""

    name: str
    status: str
    target: str


def run_names(path: Path, *, unfinished: bool = False) -> list[RunName]:
    """The last few hundred runs of an output directory, the newest first.

    Args:
        path: of the database.
        unfinished: only those that somebody can go on with.

    Raises:
        RecordsError: there is no database, or it cannot be read now.
    """
    try:
        with closing(open_to_read(path, busy_timeout=_PATIENCE)) as connection:
            rows = connection.execute(_RUNS, (_MOST,)).fetchall()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return [
        RunName(name, status, target)
        for name, status, target, directory, ordered in rows
        if not unfinished or (ordered and status != "completed" and not _works(path.parent / directory, status))
    ]


def _works(directory: Path, status: str) -> bool:
    return status in UNFINISHED and is_alive(directory)
