"""Which runs are alive, and what becomes of the dead.

In: run directories, an open database. Out: `is_alive`, and `mark_dead`, which makes runs whose process died `orphaned`.

A process that works on a run holds an flock on `.lock` in the run directory, from before the first event of the run
until after its last one is on disk. The kernel gives the lock up when the process dies. Two things are beyond a lock:
a file system without locks, and one whose locks other machines do not see; there, host, process id and heartbeat of
the session decide.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from pathlib import Path

from pysprocket.engine.directory import LOCK, NO_LOCKS

HEARTBEAT = 30.0
"""Seconds between two signs of life of a process that records."""

UNFINISHED = ("queued", "analyzing", "running", "canceling")
"""Statuses of runs that are not over."""

_SILENCE = 4 * HEARTBEAT


def is_locked(directory: Path) -> bool | None:
    """Whether somebody holds the lock of a run directory; None where the file system knows no locks."""
    try:
        descriptor = os.open(directory / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError:  # of another user: nothing can be told
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno in NO_LOCKS:
            return None
        raise
    finally:
        os.close(descriptor)
    return False


def is_alive(directory: Path, host: str | None = None, pid: int | None = None, seen: float | None = None) -> bool:
    """Whether a process works on the run of a directory.

    Args:
        directory: of the run.
        host: of the process that worked on it last.
        pid: of the same process.
        seen: when that process gave its last sign of life, in seconds since the epoch.
    """
    locked = is_locked(directory)
    if locked:
        return True
    if host is not None and host != os.uname().nodename:  # its lock may be invisible here
        return seen is not None and abs(time.time() - seen) < _SILENCE  # clocks differ, and jump
    return locked is None and pid is not None and _process_exists(pid)


def mark_dead(connection: sqlite3.Connection, directory: Path) -> int:
    """Make runs that are not over and that nobody works on `orphaned`; gives how many.

    Runs that Sprocket made are left as they are: it does not say who works on them.

    Args:
        connection: to the database.
        directory: of the database, which run directories are relative to.
    """
    dead = [
        row
        for row in connection.execute(_CANDIDATES, UNFINISHED).fetchall()
        if not is_alive(directory / (row[2] or ""), *row[3:6])
    ]
    for run_id, name, *_, session in dead:
        connection.execute(_ORPHANED, (how_to_go_on(name), run_id, session, *UNFINISHED))
    return len(dead)


_CANDIDATES = (
    "SELECT runs.id, runs.name, runs.directory, session_details.host, session_details.pid,"
    " CAST(strftime('%s', coalesce(sessions.heartbeat_at, sessions.created_at)) AS INTEGER), sessions.id"
    " FROM runs JOIN run_details ON run_details.run_id = runs.id JOIN sessions ON sessions.id ="
    "  coalesce((SELECT max(session_id) FROM run_sessions WHERE run_id = runs.id), runs.session_id)"
    " LEFT JOIN session_details ON session_details.session_id = sessions.id"
    " WHERE runs.status IN (?, ?, ?, ?)"
)
_ORPHANED = (  # somebody may have gone on with the run since it was looked at: then the session is another one
    "UPDATE runs SET status = 'orphaned', error = ? WHERE id = ?"
    " AND coalesce((SELECT max(session_id) FROM run_sessions WHERE run_id = runs.id), session_id) = ?"
    " AND status IN (?, ?, ?, ?)"
)


def how_to_go_on(name: str) -> str:
    """The error of a run that was orphaned."""
    return f"the process that worked on the run died; go on with `sprocket resume {name}`"


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
