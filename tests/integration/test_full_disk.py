"""A disk that fills up or becomes read-only under a run: what is told, and that the run is gone on with afterwards.

Each test mounts small file systems, which only root may do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.waiting import rows
from tests.examples.commands import sprocket

pytestmark = pytest.mark.integration

ITEMS = 12
DOCUMENT = """\
version 1.3

task work {
    input { Int n  String event }
    command <<<
        EVENT
        echo ~{n} > n.txt || exit 9
        echo done >> "ENDED/~{n}"
    >>>
    output { Int m = read_int("n.txt")  String recorded = sep("", range(12000)) }
    requirements { cpu: 1  memory: "1 MiB" }
}

workflow w {
    scatter (n in range(ITEMS)) {
        call work { n, event = if n == 5 then "fill" else if n == 4 then "wait" else "none" }
    }
    output { Array[Int] m = work.m }
}
"""
SETTINGS = 'run.max_concurrent_tasks = 2\n[run.backends.default]\ntype = "local"\ncpu = 2\n'

Mount = Callable[..., Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Makes a file system of its own at a path below the directory of the test."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    mounted: list[Path] = []

    def make(name: str, options: str) -> Path:
        place = tmp_path / name
        place.mkdir(parents=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=False)
        if done.returncode != 0:
            pytest.skip("no file system can be mounted here")
        mounted.append(place)
        return place

    yield make
    for place in reversed(mounted):
        subprocess.run(["umount", "--lazy", place], check=True)


def prepare(folder: Path, event: str) -> None:
    """A workflow whose sixth task begins with an event, which the fifth awaits."""
    (folder / "ended").mkdir()
    script = (
        f'if [ "~{{event}}" = fill ] && [ ! -e {folder}/filled ]; then {event}; touch {folder}/filled; fi\n'
        f'        if [ "~{{event}}" = wait ]; then until [ -e {folder}/filled ]; do sleep 0.02; done; fi'
    )
    text = DOCUMENT.replace("EVENT", script).replace("ENDED", str(folder / "ended")).replace("ITEMS", str(ITEMS))
    (folder / "main.wdl").write_text(text)
    (folder / "sprocket.toml").write_text(SETTINGS)


def fill(place: Path) -> str:
    """A command that leaves no free block in a file system, and none inside the files that are there already."""
    return f"dd if=/dev/zero of={place}/filler bs=4k 2> {place.parent}/dd.txt; true"


def run(folder: Path) -> str:
    """Run the workflow, which fails; gives what was told."""
    completed = sprocket(["run", "main.wdl", "-t", "w", "--progress", "plain"], folder, folder / "home")
    assert completed.returncode == 1, completed.stderr
    assert "Traceback" not in completed.stderr
    assert "bug" not in completed.stderr
    return completed.stderr


def make_room_and_resume(folder: Path, place: Path) -> None:
    """Make room and go on; each task has come to its end once, and the records know it.

    A task that had no room for its own files has failed; such a run is gone on with when it is named.
    """
    (folder / "room").touch()
    shutil.rmtree(place / "filler", ignore_errors=True)
    (place / "filler").unlink(missing_ok=True)
    completed = sprocket(["resume"], folder, folder / "home")
    for _ in range(2):
        ((name, status),) = rows(folder, "SELECT name, status FROM runs")
        if status == "failed":
            completed = sprocket(["resume", name], folder, folder / "home")
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout) == {"w.m": list(range(ITEMS))}
    assert {path.name: path.read_text() for path in (folder / "ended").iterdir()} == {
        str(n): "done\n" for n in range(ITEMS)
    }
    assert rows(folder, "SELECT status, error FROM runs") == [("completed", None)]
    assert rows(folder, "SELECT status, count(*) FROM calls GROUP BY 1") == [("completed", ITEMS)]
    assert rows(folder, "SELECT count(*) FROM tasks WHERE completed_at IS NULL") == [(0,)]
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]


def test_full_from_the_start(tmp_path, mount):
    place = mount("out", "size=4m")
    (place / "filler").write_bytes(bytes(4 * 1024 * 1024))
    prepare(tmp_path, "true")
    told = run(tmp_path)
    assert "cannot be written: the disk is full" in told
    assert told.count("error:") == 1
    (place / "filler").unlink()
    completed = sprocket(["run", "main.wdl", "-t", "w"], tmp_path, tmp_path / "home")
    assert json.loads(completed.stdout) == {"w.m": list(range(ITEMS))}
    assert rows(tmp_path, "SELECT status FROM runs") == [("completed",)]


def test_full_for_the_database_alone(tmp_path, mount):
    place = mount("out", "size=2m")
    mount("out/runs", "size=16m")
    prepare(tmp_path, fill(place))
    told = run(tmp_path)
    assert (
        "sprocket.db` cannot be written: the disk is full\nhelp: make room, then run again or `sprocket resume`\n"
        in told
    )
    make_room_and_resume(tmp_path, place)


def test_full_for_attempt_directories(tmp_path, mount):
    mount("out", "size=16m")
    place = mount("out/runs", "size=2m")
    prepare(tmp_path, fill(place))
    told = run(tmp_path)
    assert "No space left on device" in told or "its disk is full" in told
    make_room_and_resume(tmp_path, place)


def test_no_more_files_for_attempt_directories(tmp_path, mount):
    place = mount("out", "size=16m,nr_inodes=400")
    prepare(tmp_path, f"mkdir {place}/filler; for i in {{1..400}}; do : > {place}/filler/$i; done 2> {tmp_path}/said")
    told = run(tmp_path)
    assert "No space left on device" in told or "its disk is full" in told
    make_room_and_resume(tmp_path, place)


def test_full_for_all_together(tmp_path, mount):
    place = mount("out", "size=4m")
    prepare(tmp_path, fill(place))
    told = run(tmp_path)
    assert "No space left on device" in told or "its disk is full" in told
    make_room_and_resume(tmp_path, place)


@pytest.mark.parametrize("name", ["out", "out/runs"])
def test_read_only_in_the_middle(tmp_path, mount, name):
    """Files that are open stay writable; the database is below one of the two places, not below the other."""
    mount("out", "size=16m")
    (tmp_path / "out/runs").mkdir()
    place = tmp_path / name
    prepare(tmp_path, f"mount --bind {place} {place} && mount -o remount,bind,ro {place}")
    try:
        told = run(tmp_path)
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
    assert "Read-only file system" in told or "cannot be written" in told or "cannot be opened" in told
    make_room_and_resume(tmp_path, place)


def test_read_only_from_the_start(tmp_path, mount):
    place = mount("out", "size=1m,ro")
    prepare(tmp_path, "true")
    told = run(tmp_path)
    assert told == (
        f"error: the output directory `{place}` cannot be used: it cannot be written\n"
        "help: choose another one with `-o DIRECTORY`\n"
    )
