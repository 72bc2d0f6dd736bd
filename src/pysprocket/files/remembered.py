"""Digests on disk, remembered across runs.

In: a path, the stamp of its file, a digest. Out: the digest again, for exactly this stamp. Several processes may write.
A row carries a check of itself, so that damage makes it unknown and never wrong; a file that is no database any more is
moved aside and begun anew, which is told. When it is locked for long or cannot be written, nothing is remembered: that
costs time, nothing else.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from blake3 import blake3

_PATIENCE = 5.0
"""Seconds to wait for another process that writes."""
_TABLE = """
CREATE TABLE IF NOT EXISTS digests (
    path BLOB NOT NULL, kind TEXT NOT NULL, stamp TEXT NOT NULL, digest TEXT NOT NULL, proof TEXT NOT NULL,
    PRIMARY KEY (path, kind)
) WITHOUT ROWID
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Remembered:
    """A table of digests in an SQLite file; any thread may use it.

    Args:
        path: of the file, made when it is first needed.
        tell: called with a sentence when the file was damaged.
    """

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path = path
        self._tell = tell
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._given_up = False

    def recall(self, path: str, kind: str, stamp: tuple[object, ...]) -> str | None:
        """The digest that was kept with this stamp."""
        rows = self._do("SELECT stamp, digest, proof FROM digests WHERE path = ? AND kind = ?", os.fsencode(path), kind)
        for was, digest, proof in rows:
            if was == str(tuple(stamp)) and proof == _proof(path, kind, was, digest):
                return str(digest)
        return None

    def keep(self, path: str, kind: str, stamp: tuple[object, ...], digest: str) -> None:
        """Keep a digest; it replaces the one of another stamp."""
        text = str(tuple(stamp))
        values = os.fsencode(path), kind, text, digest, _proof(path, kind, text, digest)
        self._do("INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?, ?)", *values)

    def forget(self, *, everything: bool = False) -> int:
        """Forget what is known of files that are gone, or of all; gives of how many."""
        if not self._path.exists():
            return 0
        known = [path for (path,) in self._do("SELECT DISTINCT path FROM digests")]
        gone = [path for path in known if everything or not os.path.lexists(path)]
        for path in gone:
            self._do("DELETE FROM digests WHERE path = ?", path)
        return len(gone)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _do(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            if self._given_up:
                return []
            try:
                return self._open().execute(statement, values).fetchall()
            except (sqlite3.Error, OSError) as error:
                self._give_way(error)
        return []

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=16
            )
            self._connection = connection
            connection.execute("PRAGMA journal_mode = TRUNCATE").close()  # no WAL: it may be a network file system
            connection.execute("PRAGMA synchronous = OFF")  # what a power failure damages is told by its proof
            connection.execute(_TABLE)
        return self._connection

    def _give_way(self, error: Exception) -> None:
        """Without memory digests are only slower."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_BUSY:
            return
        self._close()
        if code in _DAMAGED:
            aside = self._path.with_name(f"{self._path.name}.damaged")
            with suppress(OSError):
                self._path.replace(aside)
                self._tell(f"the remembered digests in `{self._path}` were damaged; they are made anew")
                return
        self._given_up = True
        self._tell(f"digests are not remembered: `{self._path}`: {error}")

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _proof(path: str, kind: str, stamp: str, digest: object) -> str:
    return blake3(os.fsencode(f"{path}\n{kind}\n{stamp}\n{digest}")).hexdigest(16)
