"""What happens around a run that nobody wanted: moved and missing directories, locks, bad databases, dead launchers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.waiting import FINDS_EXIT_CODES, rows, start, wait_for
from tests.examples.commands import SPROCKET, sprocket
from tests.reading import unwrapped

if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)

pytestmark = pytest.mark.integration  # each test starts and kills engines: together they take long

DOCUMENT = """\
version 1.2
task work {
    input { Int n }
    command <<<
        echo ~{n} >> "BASE/begun"
        until [ -e "BASE/go" ] || [ ~{n} = 0 ]; do sleep 0.02; done
        echo ~{n} > n.txt
        echo ~{n} >> "BASE/ended"
    >>>
    output { File file = "n.txt"  Int m = read_int("n.txt") }
    requirements { cpu: 1  memory: "1 MiB"  max_retries: 0 }
}
workflow w {
    scatter (n in range(4)) { call work { n } }
    output { Array[Int] m = work.m  Array[File] files = work.file }
}
"""
SETTINGS = '[run.backends.default]\ntype = "local"\ncpu = 4\n'
TRIES = "SELECT failure_kind FROM attempts JOIN tasks USING (name) WHERE call_id = 'work-1' ORDER BY attempt"


def begin(folder: Path, settings: str = "") -> subprocess.Popen[str]:
    """A run: one task has ended, three run and wait for `go`."""
    (folder / "main.wdl").write_text(DOCUMENT.replace("BASE", str(folder)))
    (folder / "sprocket.toml").write_text(settings + SETTINGS)
    process = start(folder, "run", "main.wdl", "-t", "w")
    wait_for(lambda: len(lines(folder / "begun")) == 4)
    wait_for(lambda: rows(folder, "SELECT count(*) FROM calls WHERE status = 'completed'") == [(1,)])
    return process


def lines(path: Path) -> list[str]:
    """Of a file that may not be there yet."""
    return path.read_text().splitlines() if path.exists() else []


def run_directory(folder: Path) -> Path:
    return (folder / "out/runs/w/_latest").resolve()


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """The directory of a run whose engine was killed; its tasks go on."""
    process = begin(tmp_path)
    process.kill()
    process.communicate()
    yield tmp_path
    (tmp_path / "go").touch()


def check_once(folder: Path, out: str) -> None:
    """Whether the outputs are right, and each task came to its end once."""
    outputs = json.loads(out)
    assert outputs["w.m"] == [0, 1, 2, 3]
    assert [Path(file).read_text() for file in outputs["w.files"]] == ["0\n", "1\n", "2\n", "3\n"]
    assert sorted(lines(folder / "ended")) == ["0", "1", "2", "3"]
    assert sorted(lines(folder / "begun")) == ["0", "1", "2", "3"]


# --- places that move or go -------------------------------------------------------------------------------------


def test_the_output_directory_may_be_moved_while_tasks_of_a_dead_engine_run(killed):
    (killed / "out").rename(killed / "elsewhere")
    process = start(killed, "resume", "-o", "elsewhere")
    (killed / "go").touch()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    check_once(killed, out)
    assert all(file.startswith(str(killed / "elsewhere")) for file in json.loads(out)["w.files"])


def test_a_copy_of_the_output_directory_uses_its_own_files(killed):
    (killed / "go").touch()
    wait_for(lambda: len(lines(killed / "ended")) == 4)
    shutil.copytree(killed / "out", killed / "copy", symlinks=True)
    completed = sprocket(["resume", "-o", "copy"], killed, killed / "home")
    assert completed.returncode == 0, completed.stderr
    check_once(killed, completed.stdout)
    assert all(file.startswith(str(killed / "copy")) for file in json.loads(completed.stdout)["w.files"])


def test_an_attempt_directory_that_is_removed_is_told_and_the_task_runs_again(tmp_path):
    process = begin(tmp_path, "run.task.retry.backend.backoff = 0\nrun.task.retry.lost.backoff = 0\n")
    shutil.rmtree(run_directory(tmp_path) / "calls/work-1/attempts/0")
    (tmp_path / "go").touch()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["w.m"] == [0, 1, 2, 3]
    assert "was removed while it ran" in err
    tried = rows(tmp_path, TRIES)
    assert tried == [("backend",), (None,)]


def test_a_run_directory_that_is_removed_does_not_end_with_outputs_that_are_not_there(tmp_path):
    process = begin(tmp_path, "run.task.retry.backend.backoff = 0\nrun.task.retry.lost.backoff = 0\n")
    shutil.rmtree(run_directory(tmp_path) / "calls/work-0")
    (tmp_path / "go").touch()
    _, err = process.communicate(timeout=60)
    ((name, status),) = rows(tmp_path, "SELECT name, status FROM runs")
    assert (process.returncode, status) == (1, "failed")
    assert "calls/work-0/attempts/0/work/n.txt` is an output of the run, but was removed since\n" in unwrapped(err)
    assert f"`sprocket resume {name}` goes on with it" in err
    completed = sprocket(["resume", name], tmp_path, tmp_path / "home")
    assert completed.returncode == 0, completed.stderr
    assert "work-0: runs again, for its output `" in completed.stderr
    assert sorted(lines(tmp_path / "ended")) == ["0", "0", "1", "2", "3"]


def test_a_run_directory_that_is_gone_cannot_be_gone_on_with(killed):
    directory = run_directory(killed)
    (killed / "go").touch()
    wait_for(lambda: len(lines(killed / "ended")) == 4)
    shutil.rmtree(directory)
    ((name,),) = rows(killed, "SELECT name FROM runs")
    completed = sprocket(["resume", name], killed, killed / "home")
    assert completed.returncode == 1
    assert completed.stderr == f"error: the directory of `{name}` is gone: {directory}\nhelp: run it anew\n"


# --- several at once --------------------------------------------------------------------------------------------


def test_of_two_that_resume_at_once_one_is_refused(killed):
    processes = [start(killed, "resume") for _ in range(2)]
    wait_for(lambda: any(process.poll() is not None for process in processes))
    refused, other = sorted(processes, key=lambda process: process.poll() is None)
    _, err = refused.communicate()
    assert refused.returncode == 1
    assert "another process works on this run: process " in err or "there is no unfinished run" in err
    (killed / "go").touch()
    out, err = other.communicate(timeout=60)
    assert other.returncode == 0, err
    check_once(killed, out)


def test_two_runs_and_a_resume_share_an_output_directory(killed):
    (killed / "other.wdl").write_text("version 1.2\ntask t { command <<< echo t >>> }\n")
    commands = (["resume"], ["run", "other.wdl"], ["run", "other.wdl"])
    processes = [start(killed, *command) for command in commands]
    (killed / "go").touch()
    ends = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], [err for _, err in ends]
    check_once(killed, ends[0][0])
    assert rows(killed, "SELECT status, count(*) FROM runs GROUP BY 1") == [("completed", 3)]


@FINDS_EXIT_CODES
def test_a_launcher_that_is_killed_takes_no_task_with_it(tmp_path):
    process = begin(tmp_path)
    launcher = [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if parent(entry) == process.pid and b"task-launcher" in command_line(entry)
    ]
    assert len(launcher) == 1
    os.kill(launcher[0], signal.SIGKILL)
    (tmp_path / "go").touch()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    check_once(tmp_path, out)


def parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def command_line(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


def test_a_task_that_is_killed_while_no_engine_runs_is_lost_and_runs_again(killed):
    with (killed / "sprocket.toml").open("a") as file:
        file.write("[run.task.retry.lost]\nbackoff = 0\n")
    ((native,),) = rows(killed, "SELECT job_id FROM attempts JOIN tasks USING (name) WHERE call_id = 'work-1'")
    os.kill(parent(Path("/proc", native)), signal.SIGKILL)  # the launcher, which would write how it ended
    os.killpg(int(native), signal.SIGKILL)
    wait_for(lambda: not Path("/proc", native).exists())
    (killed / "go").touch()
    completed = sprocket(["resume"], killed, killed / "home")
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout)["w.m"] == [0, 1, 2, 3]
    assert sorted(lines(killed / "ended")) == ["0", "1", "2", "3"]
    assert rows(killed, TRIES) == [("lost",), (None,)]
    assert "the task's processes are gone and left no exit code" in completed.stderr


# --- the database -----------------------------------------------------------------------------------------------


def damage_nothing_but_text(path: Path) -> None:
    path.write_bytes(b"this is no database, but a text that somebody has put here\n" * 40)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20000])


def overwrite_pages(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 12] = bytes([7]) * (4096 * 11)
    path.write_bytes(data)


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 9999")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_nothing_but_text, "is not a database\n"),
        (cut, "is damaged"),
        (overwrite_pages, "is damaged"),
        (make_newer, "was made by a newer version of sprocket\n"),
    ],
)
@pytest.mark.parametrize(
    "command", [["run", "t.wdl", "-b", "local"], ["resume"], ["runs", "list"]], ids=lambda value: value[0]
)
def test_a_database_that_cannot_be_used(tmp_path, damage, words, command):
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<< >>> }\n")
    assert sprocket(["run", "t.wdl", "--backend", "local"], tmp_path, tmp_path / "home").returncode == 0
    damage(tmp_path / "out/sprocket.db")
    before = (tmp_path / "out/sprocket.db").read_bytes(), set(tmp_path.glob("out/runs/t/*"))
    completed = sprocket(command, tmp_path, tmp_path / "home")
    assert completed.returncode == 1, completed.stderr
    assert completed.stderr.startswith("error: the provenance database `")
    assert words in completed.stderr
    assert "\nhelp: " in completed.stderr
    assert len(completed.stderr.splitlines()) == 2
    assert ((tmp_path / "out/sprocket.db").read_bytes(), set(tmp_path.glob("out/runs/t/*"))) == before


def test_a_database_that_is_damaged_while_a_run_is_under_way(tmp_path):
    process = begin(tmp_path)
    damage_nothing_but_text(tmp_path / "out/sprocket.db")
    (tmp_path / "go").touch()
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert "bug" not in err
    assert process.returncode == 1
    assert "sprocket.db` is not a database" in unwrapped(err)


def test_a_database_that_is_removed_while_a_run_is_under_way(tmp_path):
    """Nothing starts from then on; what runs is awaited, and what is lost is said."""
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("BASE", str(tmp_path)).replace("range(4)", "range(12)"))
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    process = start(tmp_path, "run", "main.wdl", "-t", "w", "--progress", "plain")
    wait_for(lambda: len(lines(tmp_path / "begun")) == 5)  # one has ended, four run
    (tmp_path / "out/sprocket.db").unlink()
    wait_for(lambda: "no new one starts" in log(tmp_path), 60)  # told by itself: no task has to end for it
    (tmp_path / "go").touch()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "was removed or replaced while it was in use, so what was recorded of this run is lost" in err
    assert "\nhelp: put a copy of it back" in err
    assert "started" not in err.partition("no new one starts")[2]
    assert len(lines(tmp_path / "begun")) == 5


def log(folder: Path) -> str:
    return (run_directory(folder) / "output.log").read_text()


def test_a_database_that_is_lost_at_the_very_end_is_told(tmp_path):
    """All was written, and nobody looks at the file again but for the figures of the run."""
    (tmp_path / "w.wdl").write_text("version 1.2\nworkflow w { output { Int x = 1 } }\n")
    program = (
        "import sys; from pathlib import Path\n"
        "from pysprocket.records import recorder\n"
        "class Overwritten(recorder.Recorder):\n"
        "    def close(self):\n"
        "        super().close(); self._path.write_bytes(b'\\0\\7' * 9000)\n"
        "recorder.Recorder = Overwritten\n"
        "from pysprocket.cli.main import main\n"
        "sys.exit(main())\n"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program, "run", "w.wdl"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stderr
    assert "what was recorded of the run cannot be read, and may be lost: the provenance database" in completed.stderr


def test_a_database_without_one_of_its_tables_is_told_before_anything_is_made(tmp_path):
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<< >>> }\n")
    assert sprocket(["run", "t.wdl", "--backend", "local"], tmp_path, tmp_path / "home").returncode == 0
    before = set(tmp_path.glob("out/runs/t/*"))
    for table in ("tasks", "attempt_records"):
        with closing(sqlite3.connect(tmp_path / "out/sprocket.db")) as database:
            database.execute(f"DROP TABLE {table}")
        for command in (["run", "t.wdl", "--backend", "local"], ["runs", "show"]):
            completed = sprocket(command, tmp_path, tmp_path / "home")
            assert completed.returncode == 1
            assert "has not what it should have (" in completed.stderr
            assert "\nhelp: move the file away" in completed.stderr
        assert set(tmp_path.glob("out/runs/t/*")) == before


def test_an_empty_database_beside_runs_is_told(tmp_path):
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<< >>> }\n")
    told = []
    for _ in range(2):
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out/sprocket.db").write_bytes(b"")
        completed = sprocket(["run", "t.wdl", "--backend", "local"], tmp_path, tmp_path / "home")
        assert completed.returncode == 0, completed.stderr
        told.append("was empty and knows nothing of the runs beside it" in completed.stderr)
    assert told == [False, True]


def a_directory(path: Path) -> str:
    path.mkdir(parents=True)
    return f"`{path}` is a directory"


def a_dangling_link(path: Path) -> str:
    path.parent.mkdir(parents=True)
    path.symlink_to("nowhere/at.all")
    return f"`{path}` is a link to `nowhere/at.all`, which is not there"


def a_pipe(path: Path) -> str:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    return f"`{path}` is no ordinary file"


@pytest.mark.parametrize("make", [a_directory, a_dangling_link, a_pipe])
def test_what_is_in_the_place_of_the_database_is_told(tmp_path, make):
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<< >>> }\n")
    words = make(tmp_path / "out/sprocket.db").replace(f"{tmp_path}/", "")
    for command in (["run", "t.wdl", "--backend", "local"], ["resume"], ["runs", "list"], ["runs", "show"]):
        completed = sprocket(command, tmp_path, tmp_path / "home")
        assert (command, completed.returncode) == (command, 1)
        assert words in completed.stderr.replace(f"{tmp_path}/", "")
        assert "\nhelp: " in completed.stderr


@pytest.mark.parametrize("command", [["run", "t.wdl", "-b", "local"], ["resume"], ["runs", "list"]])
def test_an_output_directory_that_is_none_is_told(tmp_path, command):
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<< >>> }\n")
    (tmp_path / "out").symlink_to("nowhere/at.all")
    completed = sprocket(command, tmp_path, tmp_path / "home")
    assert completed.returncode == 1
    assert re.search("out` is a link to (nothing|`nowhere/at.all`)", completed.stderr)
    (tmp_path / "out").unlink()
    (tmp_path / "out").write_text("")
    completed = sprocket(command, tmp_path, tmp_path / "home")
    assert completed.returncode == 1
    assert "not a directory" in completed.stderr


# --- where it speaks --------------------------------------------------------------------------------------------


def test_nobody_listens_to_its_standard_error(tmp_path):
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<< >>> output { Int x = 1 } }\n")
    arguments = f"'{SPROCKET}' run t.wdl --backend local --progress"
    for redirection in ("plain 2>&-", "auto 2>&-", "plain 2>/dev/full", "plain 2> >(true)"):
        completed = subprocess.run(
            ["bash", "-c", f"{arguments} {redirection}"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (redirection, json.loads(completed.stdout)) == (redirection, {"t.x": 1})
        assert completed.returncode == 0


def test_nobody_reads_its_standard_output(tmp_path):
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<< >>> output { Int x = 1 } }\n")
    for redirection in (">&-", "> /dev/full"):
        completed = subprocess.run(
            ["bash", "-c", f"'{SPROCKET}' run t.wdl --backend local {redirection}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in completed.stderr
        assert "bug" not in completed.stderr
        assert rows(tmp_path, "SELECT DISTINCT status FROM runs") == [("completed",)]
