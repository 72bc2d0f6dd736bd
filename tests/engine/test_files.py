"""Files and directories that a run leaves behind."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from pysprocket.engine.files import make_directory, write_file, write_new
from pysprocket.engine.names import random_letters
from pysprocket.errors import OutputDirectoryError

Writer: TypeAlias = Callable[[Path, bytes], None]


@pytest.mark.parametrize("write", [write_file, write_new])
def test_a_file_is_replaced_as_a_whole(tmp_path: Path, write: Writer) -> None:
    place = tmp_path / "file"
    write(place, b"first\n")
    with place.open("rb") as reader:
        write(place, b"second\n")
        assert reader.read() == b"first\n"
    assert place.read_bytes() == b"second\n"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("write", [write_file, write_new])
def test_a_file_that_cannot_be_written_is_told_with_its_name(tmp_path: Path, write: Writer) -> None:
    with pytest.raises(OutputDirectoryError, match=r"cannot write `.*/missing/file`: No such file"):
        write(tmp_path / "missing" / "file", b"")


@pytest.mark.parametrize("write", [write_file, write_new])
def test_a_full_disk_leaves_no_part_of_a_file(tmp_path: Path, write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    with pytest.raises(OutputDirectoryError, match="No space left on device"):
        write(tmp_path / "file", b"content")
    assert not list(tmp_path.iterdir())


def test_a_directory_is_made_with_those_around_it_and_may_be_there_already(tmp_path: Path) -> None:
    for _ in "12":
        make_directory(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_a_file_in_the_place_of_a_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    for place in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(OutputDirectoryError, match=r"File exists|Not a directory"):
            make_directory(place)


def test_names_of_jobs_are_letters_and_digits_and_differ() -> None:
    names = {random_letters(12) for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name) == 12 and name.isascii() and name.isalnum() for name in names)
    assert len(set("".join(names))) == 62
