"""The run directory: its name, `_latest`, several runs at once, and disks that do not do what they should."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Timer

import pytest

from pysprocket.engine.directory import RunDirectory, create_run_directory, prepare_output_directory
from pysprocket.engine.files import alone
from pysprocket.engine.output_names import check_index_name, check_suffix
from pysprocket.errors import OutputDirectoryError, UsageError


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_run_directory_is_named_by_the_time_and_its_suffix(tmp_path):
    run = create_run_directory(tmp_path, "main", "ü x")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d{15}_ü x", run.path.name)
    assert run.relative == f"runs/main/{run.path.name}"


def test_latest_is_a_relative_link_to_the_newest_run(tmp_path):
    for _ in range(3):
        newest = create_run_directory(tmp_path, "main")
    assert (tmp_path / "runs/main/_latest").readlink() == Path(newest.path.name)
    assert names(tmp_path / "runs/main")[-1] == "_latest"
    assert len(names(tmp_path / "runs/main")) == 4


def test_a_discarded_run_directory_leaves_the_links_to_the_newest_of_the_others(tmp_path):
    older, other = create_run_directory(tmp_path, "main"), create_run_directory(tmp_path, "other")
    run = create_run_directory(tmp_path, "main")
    (run.path / "staged").mkdir()
    (other.path / "output.log").write_text("of the other")
    run.discard()
    assert not run.path.exists()
    assert (tmp_path / "runs/main/_latest").resolve() == older.path
    assert (tmp_path / "output.log").read_text() == "of the other"


def test_a_discarded_run_directory_that_was_the_only_one_leaves_nothing(tmp_path):
    create_run_directory(tmp_path, "main").discard()
    assert not list(tmp_path.iterdir())


def test_a_discarded_run_directory_leaves_links_alone_that_lead_elsewhere(tmp_path):
    run, newer = create_run_directory(tmp_path, "main"), create_run_directory(tmp_path, "main")
    run.discard()
    assert (tmp_path / "runs/main/_latest").resolve() == newer.path
    assert (tmp_path / "output.log").readlink() == Path(newer.relative, "output.log")


def test_the_log_in_the_output_directory_is_that_of_the_newest_run(tmp_path):
    create_run_directory(tmp_path, "other")
    newest = create_run_directory(tmp_path, "main")
    assert (tmp_path / "output.log").readlink() == Path(newest.relative, "output.log")
    assert names(tmp_path) == ["output.log", "runs"]


def test_a_log_that_is_a_file_is_kept(tmp_path):
    (tmp_path / "output.log").write_text("earlier")
    create_run_directory(tmp_path, "main")
    assert (tmp_path / "output.log").read_text() == "earlier"


def test_latest_moves_though_the_clock_went_back(tmp_path, monkeypatch):
    create_run_directory(tmp_path, "main")
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    later = create_run_directory(tmp_path, "main")
    assert later.path.name == "2001-09-09_014640000000000"
    assert (tmp_path / "runs/main/_latest").resolve() == later.path


def test_two_runs_of_one_moment_have_two_directories(tmp_path, monkeypatch):
    times = iter([10**18, 10**18, 10**18 + 1])
    monkeypatch.setattr(time, "time_ns", lambda: next(times))
    made = [create_run_directory(tmp_path, "main").path.name for _ in range(2)]
    assert made == ["2001-09-09_014640000000000", "2001-09-09_014640000000001"]


def test_processes_that_share_an_output_directory_never_share_a_run_directory(tmp_path):
    with ProcessPoolExecutor(4) as pool:
        made = {run.path.name for run in pool.map(partial(create_run_directory, tmp_path), ["main"] * 60)}
    assert len(made) == 60
    assert {*names(tmp_path / "runs/main")} == made | {"_latest"}
    assert (tmp_path / "runs/main/_latest").resolve().name == max(made)


@pytest.mark.parametrize("error", [None, RuntimeError, KeyboardInterrupt])
def test_the_lock_of_a_run_is_held_by_one_and_gone_afterwards_however_it_ended(tmp_path, error):
    run = create_run_directory(tmp_path, "main")
    with suppress(RuntimeError, KeyboardInterrupt), run.locked():
        with pytest.raises(OutputDirectoryError, match=f"another process works on this run: process {os.getpid()} on"):
            RunDirectory(tmp_path, run.path).locked().__enter__()
        if error is not None:
            raise error
    assert names(run.path) == []
    with run.locked():
        assert names(run.path) == [".lock"]


def test_whoever_only_looks_at_the_lock_keeps_nobody_out(tmp_path):
    run = create_run_directory(tmp_path, "main")
    (run.path / ".lock").touch()
    looking = os.open(run.path / ".lock", os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    Timer(0.05, os.close, [looking]).start()
    with run.locked():
        assert (run.path / ".lock").read_text().startswith(f"process {os.getpid()} ")


def test_a_lock_that_was_removed_meanwhile_is_no_lock(tmp_path, monkeypatch):
    run = create_run_directory(tmp_path, "main")
    real = os.open

    def removed_meanwhile(path, *arguments):
        descriptor = real(path, *arguments)
        monkeypatch.undo()
        Path(path).unlink()  # by the process that had it
        return descriptor

    monkeypatch.setattr(os, "open", removed_meanwhile)
    with run.locked(), pytest.raises(OutputDirectoryError, match="another process"):
        run.locked().__enter__()


def test_the_calls_of_sub_workflows_lie_below_those_of_the_run(tmp_path):
    run = create_run_directory(tmp_path, "main")
    assert run.call("sub-0/leaf-1") == run.path / "calls/sub-0/calls/leaf-1"
    assert run.call("") == run.path


@pytest.mark.parametrize("name", ["with blanks", "größe-日本", "-o", "new\nline"])
def test_an_output_directory_may_have_any_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    output = prepare_output_directory(Path(name))
    assert output == tmp_path / name
    assert create_run_directory(output, "main").path.is_dir()


def test_an_output_directory_whose_name_cannot_be_recorded_is_refused(tmp_path):
    with pytest.raises(OutputDirectoryError, match="its name is not UTF-8"):
        prepare_output_directory(tmp_path / os.fsdecode(b"\xff") / "out")
    assert names(tmp_path) == []


def test_the_home_directory_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert prepare_output_directory(Path("~/runs")) == tmp_path / "runs"
    assert prepare_output_directory(tmp_path / "~") == tmp_path / "~"


def test_a_link_to_an_output_directory_stays_in_its_paths(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    run = create_run_directory(prepare_output_directory(tmp_path / "link"), "main")
    assert run.path.parent == tmp_path / "link/runs/main"


@pytest.mark.parametrize(
    ("place", "reason"),
    [("file", "it is a file"), ("file/out", "`{}/file` is a file"), ("dangling", "`{}/dangling` is a link to nothing")],
)
def test_what_cannot_be_an_output_directory_is_refused_with_the_reason(tmp_path, place, reason):
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(OutputDirectoryError, match=re.escape(reason.format(tmp_path))):
        prepare_output_directory(tmp_path / place)


def test_a_run_that_cannot_be_named_latest_leaves_nothing(tmp_path):
    (tmp_path / "runs/main/_latest").mkdir(parents=True)
    with pytest.raises(OutputDirectoryError, match="Is a directory"):
        create_run_directory(tmp_path, "main")
    assert names(tmp_path / "runs/main") == ["_latest"]


def test_a_full_disk_leaves_no_half_made_run(tmp_path, monkeypatch):
    def full(*_args, **_keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "symlink_to", full)
    with pytest.raises(OutputDirectoryError, match="No space left on device"):
        create_run_directory(tmp_path, "main")
    assert names(tmp_path) == []


def test_one_process_waits_for_the_other(tmp_path):
    program = "import sys; from pathlib import Path; from pysprocket.engine.files import alone\n"
    program += "with alone(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin
    assert other.stdout
    with other:
        assert other.stdout.readline() == "in\n"
        before = time.monotonic()
        with alone(tmp_path, patience=0.2):  # it is not for ever
            assert time.monotonic() - before > 0.19
        other.stdin.close()
        other.wait()
        before = time.monotonic()
        with alone(tmp_path, patience=60):
            assert time.monotonic() - before < 20
    assert names(tmp_path) == []


def test_a_directory_that_may_only_be_written_is_no_obstacle(tmp_path, monkeypatch):
    def refused(*_arguments):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as system:
        system.setattr(os, "open", refused)
        run = create_run_directory(tmp_path, "main")
    assert (tmp_path / "runs/main/_latest").resolve() == run.path


@pytest.mark.parametrize("suffix", ["S", "..s", "a b", "größe", "-", "x" * 228])
def test_suffixes_that_can_end_a_name(suffix, tmp_path):
    assert create_run_directory(tmp_path, "main", check_suffix(suffix)).path.name.endswith(f"_{suffix}")


@pytest.mark.parametrize("suffix", ["", "/", "a/b", "..", ".", "a\nb", "\x1b[2J", "\udc80", "x" * 229, "ü" * 115])
def test_suffixes_that_cannot(suffix):
    with pytest.raises(UsageError, match="cannot be a suffix"):
        check_suffix(suffix)


@pytest.mark.parametrize(
    ("name", "path"), [("a", "a"), ("a/b", "a/b"), ("a//b/", "a/b"), ("..a/b c", "..a/b c"), ("-x", "-x")]
)
def test_names_of_indexes(name, path):
    assert check_index_name(name) == path


@pytest.mark.parametrize(
    "name", ["", "/", "/a", "//", ".", "a/./b", "..", "a/../b", "a\nb", "\udc80", "a/" + "x" * 256]
)
def test_names_that_no_index_can_have(name):
    with pytest.raises(UsageError, match="cannot be the name of an index"):
        check_index_name(name)
