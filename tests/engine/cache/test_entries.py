"""Entries on disk: whole or not there, whoever writes and whoever is killed."""

import os
import random
import signal
import subprocess
import sys
import time

from pysprocket.engine.cache.entries import Entries, Entry, Kept, Place
from pysprocket.engine.cache.key import Part

WRITER = """
import sys
from tests.engine.cache.test_entries import an_entry
from pysprocket.engine.cache.entries import Entries
from pathlib import Path
entries = Entries(Path(sys.argv[1]))
print("begun", flush=True)
for number in range(int(sys.argv[3])):
    entries.write(an_entry(sys.argv[2], number))
"""


def an_entry(writer: str, number: int) -> Entry:
    """Its parts say who wrote it, so a mixture would show."""
    place = Place(f"/{writer}", writer, writer, "t", (), float(number))
    parts = {f"input {index}": Part(f"{writer}-{number}" * 20) for index in range(50)}
    return Entry("k" * 64, "t", "file:///t.wdl", parts, 0, {}, (Kept("stdout", "strong:0", 3),), (place,), place, "why")


def start(directory, writer, times):
    command = [sys.executable, "-c", WRITER, str(directory), writer, str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def is_whole(entry):
    return {part.value for part in entry.parts.values()} == {f"{entry.origin.run}-{entry.origin.time:.0f}" * 20}


def test_several_processes_that_write_one_key_leave_a_whole_entry_at_every_moment(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    writers = [start(tmp_path, name, 300) for name in ("one", "two", "three")]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        entry = entries.read("t", "k" * 64)
        assert entry is not None
        assert is_whole(entry)
        seen.add((entry.origin.run, entry.origin.time))
    assert all(writer.wait() == 0 and writer.stdout.close() is None for writer in writers)
    assert len(seen) > 3
    assert len(list((tmp_path / "v1" / "t").iterdir())) == 1


def test_a_writer_that_is_killed_leaves_the_earlier_entry_or_a_new_one(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    pauses = random.Random(5)
    for number in range(8):
        writer = start(tmp_path, f"w{number}", 100_000)
        assert writer.stdout.readline() == "begun\n"
        time.sleep(pauses.uniform(0, 0.03))
        writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        assert is_whole(entries.read("t", "k" * 64))
    assert len(list(entries.all())) == 1


def test_what_a_killed_writer_left_is_swept_when_it_is_old(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    left = tmp_path / "v1" / "t" / ".kkk.abcdef"
    left.write_text("half")
    assert entries.sweep() == (0, 0)
    os.utime(left, (1, 1))
    assert entries.sweep() == (1, 4)
    assert not left.exists()
    assert len(list(entries.all())) == 1


def test_a_damaged_entry_is_as_good_as_none(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    path = entries.path("t", "k" * 64)
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole.replace(b"first-0", b"fIrst-0", 1), b"\xff\xfe", b"[]"):
        path.write_bytes(damaged)
        assert entries.read("t", "k" * 64) is None
        assert list(entries.all()) == []
    assert entries.sweep() == (1, 2)
    assert not path.parent.exists()


def test_an_entry_under_the_name_of_another_key_is_as_good_as_none(tmp_path):
    """A file that was copied or restored to a wrong name is whole, and would be a wrong result."""
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    file = tmp_path / "v1" / "t" / ("k" * 64 + ".json")
    file.with_name("j" * 64 + ".json").write_bytes(file.read_bytes())
    assert entries.read("t", "j" * 64) is None
    assert entries.read("t", "k" * 64) is not None


def test_only_the_newest_places_are_remembered():
    entry = an_entry("first", 0)
    for number in range(6):
        entry = entry.used(Place(f"/{number}", "r", "r", "t", (), 0.0))
    entry = entry.used(Place("/3", "r", "r", "t", (), 0.0))
    assert [place.directory for place in entry.places] == ["/3", "/5", "/4", "/2"]
    assert (entry.hits, entry.origin.run) == (7, "first")


USER = """
import sys
from tests.engine.cache.test_entries import a_place
from pysprocket.engine.cache.entries import Entries
from pathlib import Path
entries = Entries(Path(sys.argv[1]))
print("begun", flush=True)
for number in range(int(sys.argv[3])):
    entry = entries.read("t", "k" * 64)
    assert entry is not None
    entries.use(entry, a_place(f"{sys.argv[2]}-{number}"))
"""


def a_place(name: str) -> Place:
    return Place(f"/{name}", name, name, "t", (), 1.0)


def read(entries: Entries) -> Entry:
    entry = entries.read("t", "k" * 64)
    assert entry is not None
    return entry


def entry_file(directory):
    return directory / "v1" / "t" / ("k" * 64 + ".json")


def test_a_use_is_a_line_and_leaves_the_entry_as_it_is(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    before = entry_file(tmp_path).read_bytes()
    for number in range(6):
        entries.use(read(entries), a_place(str(number)))
    assert entry_file(tmp_path).read_bytes().startswith(before)
    entry = read(entries)
    assert is_whole(entry)
    assert entry.hits == 6
    assert [place.directory for place in entry.places] == ["/5", "/4", "/3", "/2"]


def test_uses_never_take_another_block_of_the_disk(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    blocks = entry_file(tmp_path).stat().st_size // 4096
    for number in range(100):
        entries.use(read(entries), a_place(str(number)))
        assert entry_file(tmp_path).stat().st_size // 4096 <= blocks + 1  # the four places may need one
    entry = read(entries)
    assert (entry.hits, [place.directory for place in entry.places]) == (100, ["/99", "/98", "/97", "/96"])
    assert is_whole(entry)


def test_a_line_that_was_torn_or_damaged_counts_as_none(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    entries.use(read(entries), a_place("good"))
    text = entry_file(tmp_path).read_bytes()
    line = text[text.index(b"\n") :]
    other = line.replace(b'"/good"', b'"/evil"')
    for damage in (line[:40], other, b"\n\xff\x00", b"\n{}", b"\n\n"):
        entry_file(tmp_path).write_bytes(text + damage)
        entry = read(entries)
        assert (entry.hits, entry.places[0].directory) == (1, "/good"), damage
        entries.use(entry, a_place("later"))
        assert read(entries).places[0].directory == "/later", damage


def test_a_use_of_an_entry_that_was_removed_meanwhile_keeps_it(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    entry = read(entries)
    entries.remove(entry)
    entries.use(entry, a_place("new"))
    assert read(entries) == entry.used(a_place("new"))


def test_several_processes_that_use_one_entry_while_it_is_written_leave_a_whole_one(tmp_path):
    entries = Entries(tmp_path)
    entries.write(an_entry("first", 0))
    command = [sys.executable, "-c", USER, str(tmp_path)]
    users = [
        subprocess.Popen([*command, name, "200"], stdout=subprocess.PIPE, text=True) for name in ("one", "two", "three")
    ]
    writer = start(tmp_path, "writer", 100)
    while any(each.poll() is None for each in (*users, writer)):
        entry = read(entries)
        assert is_whole(entry)
        assert all(place.directory == f"/{place.run}" == f"/{place.name}" for place in entry.places)
    assert all(each.wait() == 0 and each.communicate() for each in (*users, writer))
    assert len(list((tmp_path / "v1" / "t").iterdir())) == 1
