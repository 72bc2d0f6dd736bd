"""Files that are watched until somebody has written to them and closed them."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from pysprocket.backends.docker.ends import LastWords

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files can be watched on Linux alone")


def files(root: Path, *names: str) -> list[Path]:
    made = [root / name for name in names]
    for file in made:
        file.touch()
    return made


async def soon() -> None:
    await asyncio.sleep(0.05)


async def test_each_is_told_once_when_its_file_was_written_and_closed(tmp_path):
    told: list[str] = []
    words = LastWords()
    assert words.open()
    assert not words.open(), "it was open already"
    first, second = files(tmp_path, "first", "second")
    words.expect(str(first), lambda: told.append("first"))
    words.expect(str(second), lambda: told.append("second"))
    with second.open("w") as stream:
        stream.write("exit 0\n")
        stream.flush()
        await soon()
        assert told == [], "it is not closed yet"
    await soon()
    assert told == ["second"]
    second.write_text("again")
    first.write_text("exit 1\n")
    await soon()
    assert told == ["second", "first"]
    words.close()


async def test_what_was_written_before_is_told_at_once(tmp_path):
    told: list[str] = []
    words = LastWords()
    words.open()
    (file,) = files(tmp_path, "usage")
    file.write_text("exit 0\n")
    words.forget(words.expect(str(file), lambda: told.append("early")))
    assert told == ["early"]
    file.write_text("exit 0\n")
    await soon()
    assert told == ["early"]
    words.close()


async def test_what_is_forgotten_missing_or_closed_is_not_told(tmp_path):
    told: list[str] = []
    words = LastWords()
    (file,) = files(tmp_path, "usage")
    assert words.expect(str(file), lambda: told.append("not open")) is None
    words.open()
    assert words.expect(str(tmp_path / "none"), lambda: told.append("none")) is None
    words.forget(words.expect(str(file), lambda: told.append("forgotten")))
    file.write_text("exit 0\n")
    await soon()
    (late,) = files(tmp_path, "late")
    watch = words.expect(str(late), lambda: told.append("late"))
    words.close()
    words.forget(watch)
    words.close()
    late.write_text("exit 0\n")
    await soon()
    assert told == []


async def test_where_nothing_can_be_watched_nobody_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctypes", None)
    words = LastWords()
    assert not words.open()
    (file,) = files(tmp_path, "usage")
    file.write_text("exit 0\n")
    assert words.expect(str(file), lambda: pytest.fail("told")) is None
    words.close()


async def test_many_at_once_are_all_told(tmp_path):
    told: list[int] = []
    words = LastWords()
    words.open()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for number, file in enumerate(files(tmp_path, *map(str, range(300)))):
        words.expect(str(file), lambda number=number: told.append(number))  # type: ignore[misc]
    for number in range(300):
        (tmp_path / str(number)).write_text("exit 0\n")
    await soon()
    assert sorted(told) == list(range(300))
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    words.close()
