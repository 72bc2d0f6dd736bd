"""Files and directories that a run leaves behind."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from pysprocket.engine.files import Commands, make_directory, write_file, write_new
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


def test_equal_commands_of_a_task_are_one_file(tmp_path: Path) -> None:
    commands = Commands()
    places = [tmp_path / str(number) for number in range(4)]
    for place, content, task in zip(places, (b"same", b"same", b"other", b"same"), ("a", "a", "b", "a"), strict=True):
        commands.write(place, content, task)
    assert [place.read_bytes() for place in places] == [b"same", b"same", b"other", b"same"]
    assert [place.stat().st_nlink for place in places] == [3, 3, 1, 3]
    assert places[0].stat().st_mode & 0o222 == 0


def test_a_command_is_written_anew_when_the_one_before_was_changed_or_is_gone(tmp_path: Path) -> None:
    commands = Commands()
    first, second, third = (tmp_path / name for name in "abc")
    commands.write(first, b"same", "task")
    first.write_bytes(b"edited")
    commands.write(second, b"same", "task")
    second.unlink()
    commands.write(third, b"same", "task")
    assert (first.read_bytes(), third.read_bytes()) == (b"edited", b"same")


def test_a_command_that_is_there_already_is_replaced_as_a_whole(tmp_path: Path) -> None:
    commands = Commands()
    for content in (b"one", b"one", b"two"):
        commands.write(tmp_path / "a", content, "task")
        commands.write(tmp_path / "b", content, "task")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == content


def test_commands_are_written_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_source: str, _target: str) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    commands = Commands()
    for name in "ab":
        commands.write(tmp_path / name, b"same", "task")
    assert (tmp_path / "b").read_bytes() == b"same"
