"""The numbers by which rows of the provenance database are known.

In: UUIDs of runs, names of jobs, words. Out: their numbers, made where they are new and remembered for as long as they
are asked for. All of it happens inside a transaction, so nobody else gives numbers meanwhile.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple


class Run(NamedTuple):
    """Of a run: its number, its directory relative to that of the database, and "task" or "workflow"."""

    id: int
    directory: str
    kind: str


class Keys:
    """The numbers that a process needs for what it writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._runs: dict[str, Run] = {}
        self._texts: dict[str, int] = {}
        self._tasks: dict[str, int] = {}
        self._last_task: int | None = None
        self._over: list[str] = []

    def _row(self, query: str, *values: object) -> Any:
        return self._connection.execute(query, values).fetchone()

    def add_run(self, uuid: str, run: Run) -> None:
        """Remember a run that begins."""
        self._runs[uuid] = run

    def run(self, uuid: str) -> Run:
        """A run by its UUID."""
        run = self._runs.get(uuid)
        if run is None:  # another process began it
            query = "SELECT id, directory, kind FROM runs JOIN run_details ON run_id = id WHERE uuid = ?"
            run = self._runs[uuid] = Run(*self._row(query, uuid))
        return run

    def text(self, text: str | None) -> int | None:
        """A word that comes again and again, in `texts`."""
        if text is None:
            return None
        number = self._texts.get(text)
        if number is None:
            self._connection.execute("INSERT OR IGNORE INTO texts (text) VALUES (?)", (text,))
            number = self._texts[text] = int(self._row("SELECT id FROM texts WHERE text = ?", text)[0])
        return number

    def new_task(self, name: str) -> int:
        """An attempt that begins: a rowid that neither `tasks` nor `attempt_records` ever had."""
        if self._last_task is None:
            last = (
                "SELECT max((SELECT coalesce(max(rowid), 0) FROM tasks), coalesce(max(task), 0)) FROM attempt_records"
            )
            self._last_task = int(self._row(last)[0])
        self._last_task += 1
        self._tasks[name] = self._last_task
        return self._last_task

    def task(self, name: str) -> int:
        """An attempt by the name of its job."""
        task = self._tasks.get(name)
        if task is None:  # another process began it
            task = self._tasks[name] = int(self._row("SELECT rowid FROM tasks WHERE name = ?", name)[0])
        return task

    def task_is_over(self, name: str) -> None:
        """After this transaction hardly anybody asks for this attempt."""
        self._over.append(name)

    def written(self) -> None:
        """The rows of a transaction are written: before the next one, others may add theirs."""
        self._last_task = None
        for name in self._over:
            self._tasks.pop(name, None)
        self._over.clear()
