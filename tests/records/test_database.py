"""Opening the provenance database: migrations, and what cannot be opened."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pysprocket.errors import RecordsError
from pysprocket.records import database
from pysprocket.records.database import open_database, open_to_read
from pysprocket.records.recorder import Recorder

SPROCKET_TABLES = {"metadata", "sessions", "runs", "index_log", "tasks", "task_logs"}


def names(connection: sqlite3.Connection, kind: str) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,))}


def test_a_new_database_has_the_tables_of_sprocket_and_ours(tmp_path):
    connection = open_database(tmp_path / "sprocket.db")
    assert names(connection, "table") >= SPROCKET_TABLES | {"run_details", "call_records", "attempt_records"}
    assert names(connection, "view") == {"latest_index_entries", "calls", "attempts"}
    assert connection.execute("SELECT value FROM metadata WHERE key = 'version'").fetchone() == ("1",)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("persist",)
    assert connection.execute("PRAGMA user_version").fetchone() == (4,)
    connection.close()


def test_opening_again_changes_nothing(tmp_path):
    path = tmp_path / "sprocket.db"
    open_database(path).close()
    before = path.read_bytes()
    open_database(path).close()
    assert path.read_bytes() == before


def test_the_view_has_the_newest_entry_of_each_link(tmp_path):
    connection = open_database(tmp_path / "sprocket.db")
    connection.execute("INSERT INTO sessions (uuid, subcommand, created_by) VALUES ('s', 'run', 'me')")
    connection.execute(
        "INSERT INTO runs (uuid, session_id, name, source, status, inputs) VALUES ('r', 1, 'n', 's', 'running', '{}')"
    )
    for target in ("old", "new"):
        connection.execute("INSERT INTO index_log (run_id, link_path, target_path) VALUES (1, 'a', ?)", (target,))
    assert connection.execute("SELECT link_path, target_path FROM latest_index_entries").fetchall() == [("a", "new")]
    connection.close()


def test_a_database_that_sprocket_made_is_kept_and_extended(tmp_path):
    path = tmp_path / "sprocket.db"
    connection = open_database(path)
    ours = names(connection, "table") - SPROCKET_TABLES
    for view in ("calls", "attempts"):
        connection.execute(f"DROP VIEW {view}")
    for table in ours:
        connection.execute(f"DROP TABLE {table}")
    connection.execute("INSERT INTO sessions (uuid, subcommand, created_by) VALUES ('s', 'server', 'them')")
    connection.execute("PRAGMA user_version = 0")
    connection.close()
    connection = open_database(path)
    assert connection.execute("SELECT created_by FROM sessions").fetchall() == [("them",)]
    assert "attempts" in names(connection, "view")
    connection.close()


def fails(path: Path, *, busy_timeout: float = 0.05) -> str:
    with pytest.raises(RecordsError) as caught:
        open_database(path, busy_timeout=busy_timeout)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_newer_database_is_left_alone(tmp_path):
    path = tmp_path / "sprocket.db"
    connection = open_database(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "newer version of sprocket" in fails(path)


def test_tables_of_an_old_sprocket_are_left_alone(tmp_path):
    path = tmp_path / "sprocket.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE tasks (name TEXT PRIMARY KEY, run_id INTEGER, status TEXT)")
    connection.close()
    assert "old version of Sprocket" in fails(path)
    connection = sqlite3.connect(path)
    assert names(connection, "table") == {"tasks"}
    connection.close()


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "sprocket.db"
    path.write_text("not a database, but long enough to have a header\n" * 40)
    assert fails(path) == f"the provenance database `{path}` is not a database"


def test_a_damaged_database_is_named(tmp_path):
    path = tmp_path / "sprocket.db"
    open_database(path).close()
    data = bytearray(path.read_bytes())
    data[100:4096] = b"\xff" * 3996
    path.write_bytes(data)
    with pytest.raises(RecordsError, match="damaged"):
        Recorder(path)


def test_a_place_that_cannot_hold_a_file_is_named(tmp_path):
    assert "cannot be opened" in fails(tmp_path / "missing" / "sprocket.db")
    assert "cannot be opened" in fails(tmp_path)


def test_a_database_that_another_process_keeps_locked_is_named(tmp_path):
    path = tmp_path / "sprocket.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    assert "locked by another process" in fails(path)
    connection.close()


@pytest.mark.parametrize("mode", ["rw", "ro"])
def test_an_older_database_is_read_as_if_it_were_up_to_date_and_left_as_it_is(tmp_path, monkeypatch, mode):
    """It may be on a read-only disk, and the older version may be writing it."""
    path, older, connect = tmp_path / "sprocket.db", tmp_path / "migrations", sqlite3.connect
    shutil.copytree(database._MIGRATIONS, older)
    next(older.glob("0004*")).unlink()
    with monkeypatch.context() as before:
        before.setattr(database, "_MIGRATIONS", older)
        with closing(open_database(path)) as connection:
            connection.execute("INSERT INTO sessions (uuid, subcommand, created_by) VALUES ('old', 'run', 'me')")
    content = path.read_bytes()
    monkeypatch.setattr(sqlite3, "connect", lambda to, **how: connect(to.replace("=rw", f"={mode}"), **how))
    with closing(open_to_read(path)) as connection:
        assert connection.execute("SELECT uuid FROM sessions").fetchall() == [("old",)]
        assert {"calls", "attempts"} <= names(connection, "view")
    assert path.read_bytes() == content
