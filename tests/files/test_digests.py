"""Digests of files and directories: right at every moment, and remembered only when that is sure."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from blake3 import blake3

from pysprocket.files import digests as module
from pysprocket.files.digests import WORTH_REMEMBERING, Digests

LARGE = WORTH_REMEMBERING + 5


@pytest.fixture
def told():
    return []


@pytest.fixture
def digests(tmp_path, told):
    made = Digests(tmp_path / "cache" / "memory.sqlite", "strong", told.append)
    yield made
    made.close()


def old(path, content, seconds=100):
    path.write_bytes(content)
    then = time.time_ns() - seconds * 10**9
    os.utime(path, ns=(then, then))
    return path


def anew(tmp_path, path):
    """The digest as another process would find it that remembers what is in the file `m`."""
    with contextlib.closing(Digests(tmp_path / "m")) as other:
        return other.of(path)


def reads(monkeypatch):
    """The sizes of all pieces that are read from now on."""
    seen = []
    original = os.readv

    def readv(*arguments):
        seen.append(original(*arguments))
        return seen[-1]

    monkeypatch.setattr(os, "readv", readv)
    return seen


@pytest.mark.parametrize("size", [0, 1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_the_digest_is_blake3_of_the_content_whatever_the_path(digests, tmp_path, size):
    content = os.urandom(size)
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "b").write_bytes(content)
    assert digests.of(tmp_path / "a") == digests.of(tmp_path / "b") == f"strong:{blake3(content).hexdigest()}"


def test_the_check_value_of_the_reference(digests, tmp_path):
    (tmp_path / "f").write_text("hello world!")
    assert digests.of(tmp_path / "f").startswith("strong:3aa61c40")


def test_a_large_file_is_read_once(tmp_path, monkeypatch):
    path = old(tmp_path / "f", b"x" * LARGE)
    first = Digests(tmp_path / "m")
    wanted = first.of(path)
    first.close()
    seen = reads(monkeypatch)
    assert first.of(path) == wanted
    assert anew(tmp_path, path) == wanted
    assert sum(seen) == 0


def test_a_file_that_was_just_written_is_read_again_by_the_next_process(tmp_path, monkeypatch):
    (tmp_path / "f").write_bytes(b"x" * LARGE)
    first = Digests(tmp_path / "m")
    first.of(tmp_path / "f")
    first.close()
    seen = reads(monkeypatch)
    anew(tmp_path, tmp_path / "f")
    assert sum(seen) == LARGE


def test_a_change_that_keeps_size_and_time_of_content_is_found(digests, tmp_path):
    path = old(tmp_path / "f", b"x" * LARGE)
    before = digests.of(path)
    then = path.stat().st_mtime_ns
    path.write_bytes(b"y" * LARGE)
    os.utime(path, ns=(then, then))
    assert digests.of(path) != before


def test_a_file_of_another_inode_is_read(digests, tmp_path):
    path = old(tmp_path / "f", b"x" * LARGE)
    then = path.stat().st_mtime_ns
    before = digests.of(path)
    other = old(tmp_path / "g", b"y" * LARGE)
    os.utime(other, ns=(then, then))
    other.replace(path)
    assert digests.of(path) != before


@pytest.mark.parametrize(
    "change", [lambda path: path.write_bytes(b"z" * 10), lambda path: os.truncate(path, 4 * 2**20)]
)
def test_a_file_that_changes_while_it_is_read_has_no_digest(digests, tmp_path, monkeypatch, change):
    path = old(tmp_path / "f", b"x" * 3 * 2**20)
    original = os.readv

    def readv(*arguments):
        count = original(*arguments)
        change(path)
        return count

    monkeypatch.setattr(os, "readv", readv)
    with pytest.raises(OSError, match="changes while it is read"):
        digests.of(path)


def test_two_threads_read_a_large_file_once(digests, tmp_path, monkeypatch):
    path = old(tmp_path / "f", b"x" * 5 * 2**20)
    seen = reads(monkeypatch)
    threads = [threading.Thread(target=digests.of, args=(path,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(seen) == 5 * 2**20


def test_auto_reads_all_of_a_small_file_and_the_head_of_a_huge_one(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "CHEAP", 20 * 2**20)
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(30 * 2**20)
    digests = Digests(tmp_path / "m", "auto")
    seen = reads(monkeypatch)
    before = digests.of(path)
    assert before.startswith("strongish:")
    assert sum(seen) == 10 * 2**20
    with path.open("r+b") as file:
        file.seek(5)
        file.write(b"x")
    assert digests.of(path) != before
    assert digests.again(path, "strong:") == f"strong:{blake3(path.read_bytes()).hexdigest()}"
    digests.close()


def test_a_weak_digest_reads_nothing(tmp_path, monkeypatch):
    path = old(tmp_path / "f", b"x" * LARGE)
    seen = reads(monkeypatch)
    weak = Digests(tmp_path / "m", "weak")
    before = weak.of(path)
    os.utime(path, (1, 1))
    assert weak.of(path) != before
    assert not seen


def test_directories_of_the_same_names_and_contents_are_equal(digests, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "inner" / "empty").mkdir(parents=True)
        (tmp_path / name / "inner" / "f").write_text("f")
        (tmp_path / name / "link").symlink_to("inner")
        (tmp_path / name / "broken").symlink_to("nowhere")
    assert digests.of(tmp_path / "a") == digests.of(tmp_path / "b")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: (d / "f").write_text("other"),
        lambda d: (d / "f").rename(d / "g"),
        lambda d: (d / "empty").rmdir(),
        lambda d: (d / "empty" / "more").mkdir(),
        lambda d: (d / "new").symlink_to("nowhere"),
    ],
)
def test_any_change_in_a_directory_changes_its_digest(digests, tmp_path, change):
    directory = tmp_path / "d"
    (directory / "empty").mkdir(parents=True)
    (directory / "f").write_text("f")
    before = digests.of(directory)
    change(directory)
    assert digests.of(directory) != before


def test_a_directory_is_read_once_and_again_after_any_change(tmp_path, monkeypatch):
    directory = tmp_path / "d"
    (directory / "inner").mkdir(parents=True)
    for number in range(20):
        old(directory / "inner" / str(number), b"x")
    first = Digests(tmp_path / "m")
    wanted = first.of(directory)
    first.close()
    seen = reads(monkeypatch)
    assert anew(tmp_path, directory) == wanted
    assert not seen
    then = (directory / "inner" / "3").stat().st_mtime_ns
    (directory / "inner" / "3").write_bytes(b"y")
    os.utime(directory / "inner" / "3", ns=(then, then))
    assert anew(tmp_path, directory) != wanted
    old(directory / "inner" / "3", b"x")
    assert anew(tmp_path, directory) == wanted


def test_a_directory_with_a_fresh_file_is_read_again(tmp_path, monkeypatch):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_bytes(b"x")
    anew(tmp_path, tmp_path / "d")
    seen = reads(monkeypatch)
    anew(tmp_path, tmp_path / "d")
    assert sum(seen) == 1


def test_a_link_that_leads_back_is_an_error_not_an_endless_walk(digests, tmp_path):
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "e" / "up").symlink_to(tmp_path / "d")
    with pytest.raises(OSError, match="leads back"):
        digests.of(tmp_path / "d")


def test_a_pipe_is_not_waited_for(digests, tmp_path):
    os.mkfifo(tmp_path / "p")
    with pytest.raises(OSError, match="not a regular file"):
        digests.of(tmp_path / "p")


def test_names_that_are_not_utf_8_are_digested_and_remembered(tmp_path, monkeypatch):
    path = tmp_path / os.fsdecode(b"\xff\xfe")
    old(path, b"x" * LARGE)
    first = Digests(tmp_path / "m")
    wanted = first.of(path)
    first.close()
    seen = reads(monkeypatch)
    assert anew(tmp_path, path) == wanted
    assert not seen


# --- the file of what is remembered ------------------------------------------------------------------------


def rows(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "m")) as connection:
        return connection.execute("SELECT count(*) FROM digests").fetchone()[0]


def test_a_damaged_memory_is_begun_anew_with_a_warning(tmp_path, told):
    path = old(tmp_path / "f", b"x" * LARGE)
    (tmp_path / "m").write_bytes(b"this is no database" * 100)
    digests = Digests(tmp_path / "m", "strong", told.append)
    wanted = f"strong:{blake3(b'x' * LARGE).hexdigest()}"
    assert digests.of(path) == wanted
    assert told == [f"the remembered digests in `{tmp_path}/m` were damaged; they are made anew"]
    assert digests.of(old(tmp_path / "g", b"y" * LARGE)) != wanted
    digests.close()
    assert rows(tmp_path) >= 1


def test_a_row_that_was_changed_is_not_believed(tmp_path):
    path = old(tmp_path / "f", b"x" * LARGE)
    first = Digests(tmp_path / "m")
    wanted = first.of(path)
    first.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "m", isolation_level=None)) as connection:
        assert connection.execute("UPDATE digests SET digest = 'strong:0'").rowcount == 1
    assert anew(tmp_path, path) == wanted


def test_a_memory_that_cannot_be_written_costs_only_time(tmp_path, told):
    (tmp_path / "file").write_text("")
    digests = Digests(tmp_path / "file" / "m", "strong", told.append)
    path = old(tmp_path / "f", b"x" * LARGE)
    assert digests.of(path) == digests.of(path)
    digests.close()
    assert len(told) == 1
    assert told[0].startswith("digests are not remembered")


WRITER = """
import sys
from pathlib import Path
from pysprocket.files.remembered import Remembered
memory = Remembered(Path(sys.argv[1]), lambda text: sys.exit(text))
for number in range(200):
    memory.keep(f"/{sys.argv[2]}/{number}", "strong", (number,), f"strong:{number}")
    assert memory.recall(f"/{sys.argv[2]}/{number}", "strong", (number,)) == f"strong:{number}"
    assert memory.recall(f"/{sys.argv[2]}/{number}", "strong", (number + 1,)) is None
"""


def test_several_processes_share_the_memory(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "m"), name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert rows(tmp_path) == 600
