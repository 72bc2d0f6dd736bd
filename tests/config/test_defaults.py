"""The file of defaults says what holds without it, and what is commented out in it is right."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pysprocket.config import Config, describe, load
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.defaults import default_file
from pysprocket.config.section import BackendSettings, PathSetting
from pysprocket.config.settings import BackendEntry
from tests.config.test_describe import Grid


class Shelf(BackendSettings, frozen=True):
    """A shelf.

    Attributes:
        books: where books are
        archive: where old books are
    """

    books: PathSetting = "books/new/"
    archive: PathSetting = "/archive"


TEXT = default_file(SETTINGS)
LINES = TEXT.splitlines()


def loaded(tmp_path: Path, lines: list[str]) -> Config:
    file = tmp_path / "sprocket.toml"
    file.write_text("\n".join(lines) + "\n")
    return load(files=[file], search=False)


def uncommented(lines: list[str]) -> list[str]:
    """The lines with their settings and tables in effect."""
    return [line[1:] if is_commented(line) else line for line in lines]


def is_commented(line: str) -> bool:
    return line.startswith("#") and not line.startswith("# ") and line != "#"


def blocks() -> Iterator[list[str]]:
    """The file in tables: each begins with its header."""
    starts = [number for number, line in enumerate(LINES) if line.removeprefix("#").startswith("[")]
    for start, end in itertools.pairwise([*starts, len(LINES)]):
        yield LINES[start:end]


def header(block: list[str]) -> str:
    return block[0].removeprefix("#").strip("[]")


def test_the_file_is_what_holds_without_it_wherever_it_is_kept(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert loaded(tmp_path, LINES) == Config()


def test_no_path_that_starts_at_the_current_directory_is_set():
    assert "# The directory where runs are kept. `--output-dir` wins. Unless set, `out` in" in LINES
    assert '#output_dir = "./out"' in LINES
    text = default_file({"shelf": Shelf})
    assert "# Where books are. Unless set, `books/new` in the current directory. (a path)\n#books = " in text
    assert '\n#archive = "/archive"' in text


def test_every_key_is_there_as_often_as_there_are_tables_that_have_it():
    tables = [describe.sections(), *(describe.backend(name, struct) for name, struct in SETTINGS.items())]
    expected = [".".join(setting.path) for table in tables for setting in describe.settings(table)]
    found = []
    for block in blocks():
        table = header(block)
        keys = [line.removeprefix("#").split(" = ")[0] for line in block[1:] if " = " in line and line[:2] != "# "]
        found += [f"{table}.{key}" for key in keys if key != "type"] or [table]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("number", [n for n, block in enumerate(blocks()) if block[0].startswith("[")])
def test_each_setting_without_default_can_be_set_alone(tmp_path, number):
    block = list(blocks())[number]
    for place, line in enumerate(block):
        if is_commented(line):
            changed = [*block[:place], line[1:], *block[place + 1 :]]
            assert loaded(tmp_path, changed) != loaded(tmp_path, block), line


@pytest.mark.parametrize("number", [n for n, block in enumerate(blocks()) if block[0].startswith("#")])
def test_each_table_that_is_commented_out_can_be_set_with_those_around_it(tmp_path, number):
    block = list(blocks())[number]
    around = [each for each in blocks() if is_commented(each[0]) and header(block).startswith(header(each) + ".")]
    lines = [line for each in (*around, block) for line in uncommented(each)]
    assert loaded(tmp_path, lines) != Config()
    assert len(tomllib.loads("\n".join(lines))) == 1


def test_backends_of_other_packages_are_in_the_file():
    text = default_file({"grid": Grid})
    assert '#[run.backends.grid]\n#type = "grid"\n#\n# Where, which may be said on two lines. Required.\n' in text
    assert '#[run.backends.grid.login]\n#type = "token"\n' in text
    assert "#[run.backends.grid.pause]\n# How many. (a whole number)\n#count = 4\n" in text
    assert "#[run.backends.grid.labels]\n" in text
    assert "# Accepted without effect." in text
    tomllib.loads("\n".join(uncommented(text.split("#[run.backends.grid.login]")[0].splitlines())))


def test_lines_are_no_longer_than_80_columns():
    assert max(map(len, LINES)) <= 80


def test_an_entry_of_the_examples_has_the_type_it_is_called_by(tmp_path):
    for name, struct in SETTINGS.items():
        blocks_of_it = [block for block in blocks() if header(block) == f"run.backends.{name}"]
        entry = loaded(tmp_path, uncommented(blocks_of_it[0])).run.backends[name]
        assert isinstance(entry, BackendEntry)
        assert (entry.type, type(entry.settings)) == (name, struct)
