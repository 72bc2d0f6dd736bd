"""The provenance database as a file: opening it, and bringing its tables up to date.

In: a path. Out: a connection, to write or only to read. The tables are in `migrations/`, one numbered file per step,
applied in one transaction; `PRAGMA user_version` counts them. The journal is a file beside the database (no WAL) and
nothing is mapped into memory, so that it can be on a network file system; several processes may write it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from pysprocket.errors import RecordsError

DATABASE = "sprocket.db"
"""Its name in an output directory."""

BUSY_TIMEOUT = 30.0
"""Seconds to wait for another process that writes."""

sqlite3.register_adapter(type(None), lambda none: none)  # else the module looks in vain for one, for each NULL

TABLES = (
    *("sessions", "runs", "tasks", "index_log", "run_details", "session_details", "documents", "run_documents"),
    *("run_sessions", "call_files", "texts", "call_records", "attempt_records", "calls", "attempts"),
)
"""The tables and views that a run needs."""

_MIGRATIONS = Path(__file__).with_name("migrations")
_WRITING = (
    *("journal_mode = PERSIST", "synchronous = FULL", "mmap_size = 0"),
    *("foreign_keys = OFF", "ignore_check_constraints = ON"),  # a third of what a row costs
)


def open_database(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """A connection in autocommit mode to the database at `path`, made when there is none.

    Any one thread at a time may use it.

    Raises:
        RecordsError: it cannot be opened or written, is damaged, or was made by a newer version.
    """
    return _open(path, "rwc", _WRITING, busy_timeout, _migrated)


def open_to_read(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """A connection to only read a database that must exist.

    Of one of an older version a copy in memory is read, which is brought up to date: it may be on a read-only disk, and
    the older version may be writing it.

    Raises:
        RecordsError: there is none, it cannot be read, is damaged, or was made by a newer version.
    """
    if not path.is_file():
        help_ = "name the output directory of the runs with `-o DIRECTORY`"
        there = _instead(path)
        if there is None:
            raise RecordsError(f"there are no records of runs: there is no file `{path}`", help=help_)
        raise RecordsError(f"there are no records of runs: {there}", help=help_)
    # not `ro`: what a process that died has left in the journal must be undone before anybody reads
    return _open(path, "rw", ("mmap_size = 0",), busy_timeout, _to_read)


_Prepare: TypeAlias = Callable[[sqlite3.Connection, Path], sqlite3.Connection]


def _open(
    path: Path, mode: str, pragmas: tuple[str, ...], busy_timeout: float, prepare: _Prepare
) -> sqlite3.Connection:
    """Open and prepare; while other processes do the same, SQLite does not always wait by itself."""
    start = time.monotonic()
    while True:
        try:
            return _opened(path, mode, pragmas, busy_timeout, prepare)
        except sqlite3.Error as error:
            if not is_busy(error) or time.monotonic() - start >= busy_timeout:
                raise explain(error, path) from error
            time.sleep(0.05)


def _opened(
    path: Path, mode: str, pragmas: tuple[str, ...], busy_timeout: float, prepare: _Prepare
) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()
        return prepare(connection, path)
    except BaseException:
        connection.close()
        raise


def _to_read(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    connection.execute("BEGIN")
    if _version(connection) == len(_steps()):
        connection.execute("COMMIT")
        connection.execute("PRAGMA query_only = ON").close()
        return connection
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        with closing(connection):
            connection.backup(copy)  # from within the transaction, so nobody has to be waited for
        return _migrated(copy, path)
    except BaseException:
        copy.close()
        raise


def check_tables(connection: sqlite3.Connection) -> None:
    """Whether all is there that a run writes, which else would be missed in the middle of it.

    Raises:
        sqlite3.OperationalError: something is not.
    """
    for table in TABLES:
        connection.execute(f"SELECT 1 FROM {table} LIMIT 0").close()  # noqa: S608 - names of ours


def explain(error: sqlite3.Error, path: Path) -> RecordsError:
    """An error of SQLite in a sentence for the user."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR) and (there := _instead(path)) is not None:
        return RecordsError(
            f"the provenance database cannot be opened: {there}",
            help="move it away, or choose another output directory",
        )
    said, remedy = _REASONS.get(code, ("failed", None))
    detail = "" if code in _CLEAR else f" ({error})"
    return RecordsError(f"the provenance database `{path}` {said}{detail}", help=remedy)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file holds something else than what was written."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process holds a lock that is needed."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _instead(path: Path) -> str | None:
    """What is at the place of a database that is no file; None when there is nothing, or a file."""
    for place in (*reversed(path.parents), path):
        if place.is_symlink() and not place.exists():
            return f"`{place}` is a link to `{place.readlink()}`, which is not there"
    if path.parent.exists() and not path.parent.is_dir():
        return f"`{path.parent}` is not a directory"
    if path.is_dir():
        return f"`{path}` is a directory"
    return f"`{path}` is no ordinary file" if path.exists() and not path.is_file() else None


_REASONS: dict[int, tuple[str, str | None]] = {
    sqlite3.SQLITE_ERROR: ("has not what it should have", "move the file away; a new one is made"),
    sqlite3.SQLITE_BUSY: ("is locked by another process", "wait for the other run, or choose another output directory"),
    sqlite3.SQLITE_LOCKED: ("is locked by another process", "wait for the other run"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that its directory exists and can be written"),
    sqlite3.SQLITE_READONLY: ("cannot be written", "check its permissions, or choose another output directory"),
    sqlite3.SQLITE_PERM: ("cannot be written", "check its permissions, or choose another output directory"),
    sqlite3.SQLITE_FULL: ("cannot be written: the disk is full", "make room, then run again or `sprocket resume`"),
    sqlite3.SQLITE_IOERR: ("cannot be written", "check the disk or network file system it is on"),
    sqlite3.SQLITE_NOTADB: ("is not a database", "move the file away; a new one is made"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "move the file away; a new one is made"),
}
_CLEAR = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOTADB})


def _steps() -> list[Path]:
    return sorted(_MIGRATIONS.glob("*.sql"))


def _migrated(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """The connection to a database that has been brought up to date."""
    steps = _steps()
    if _version(connection) == len(steps):
        return connection
    connection.execute("BEGIN IMMEDIATE")  # from here on no other process migrates
    try:
        version = _version(connection)
        if version > len(steps):
            raise RecordsError(
                f"the provenance database `{path}` was made by a newer version of sprocket",
                help="upgrade sprocket, or choose another output directory",
            )
        _refuse_old_tables(connection, path)
        for step in steps[version:]:
            _apply(connection, step.read_text(encoding="utf-8"))
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _apply(connection: sqlite3.Connection, script: str) -> None:
    """Run the statements of a script inside the open transaction (`executescript` would end it)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _refuse_old_tables(connection: sqlite3.Connection, path: Path) -> None:
    columns = {row[1] for row in connection.execute("PRAGMA table_info(tasks)")}
    if columns and "call_id" not in columns:
        raise RecordsError(
            f"the provenance database `{path}` was made by an old version of Sprocket",
            help="choose another output directory, or move the database away",
        )
