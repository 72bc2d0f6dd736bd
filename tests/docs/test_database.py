"""docs/reference/database.md has every table with exactly the columns it has."""

from __future__ import annotations

import re
from pathlib import Path

from pysprocket.records.database import open_database

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "database.md").read_text()


def documented() -> dict[str, set[str]]:
    """The columns of each table: what is in the first column of a table, or listed in a sentence."""
    sections = re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    found = {}
    for name, section in sections:
        cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
        listed = re.findall(r"[Tt]he columns are\s(.*?)[.;]", section, re.DOTALL)
        found[name] = set(re.findall(r"`(\w+)`", " ".join([*cells, *listed])))
    return found


def test_every_table_is_documented_with_exactly_its_columns(tmp_path):
    connection = open_database(tmp_path / "sprocket.db")
    known = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name <> 'latest_index_entries'"
    tables = [row[0] for row in connection.execute(known)]
    columns = {table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables}
    connection.close()
    assert documented() == columns
