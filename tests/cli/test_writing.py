"""Files whose names the user gives."""

import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from pysprocket.cli.writing import write
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.defaults import default_file
from pysprocket.errors import SprocketError, UsageError
from tests.cli.conftest import Sprocket
from tests.cli.test_main import COMMAND


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_pipe_stays_one_and_takes_the_text(sprocket: Sprocket, force: list[str]):
    os.mkfifo("pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_text()))
    reader.start()
    ended = sprocket("config", "init", "--output", "pipe", *force)
    reader.join()
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert read == [default_file(SETTINGS)]
    assert Path("pipe").is_fifo()
    assert sorted(each.name for each in Path().iterdir()) == ["pipe"]


def test_a_terminal_stays_one(tmp_path: Path):
    terminal, name = os.openpty()
    link = tmp_path / "link"
    link.symlink_to(os.ttyname(name))
    write(link, "said\n")
    assert os.read(terminal, 100) == b"said\r\n"
    assert link.is_symlink()
    assert Path(os.ttyname(name)).is_char_device()
    os.close(name)
    os.close(terminal)


@pytest.mark.parametrize(
    "line",
    [
        "config init -o /dev/stdout | cat > all",
        "config init -o /dev/stdout > all",
        "config init -o /dev/fd/1 | cat > all",
        "config init -o /dev/fd/3 3> all",
        "config init -o /proc/self/fd/3 3> all",
        "config init -o out > all",  # a link to the standard output
        "config init -o /dev/stderr 2> all",
        "config init -o all >> all",
    ],
)
def test_what_the_shell_has_opened_takes_the_text(tmp_path: Path, line: str):
    (tmp_path / "out").symlink_to("/dev/stdout")
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{COMMAND} -s {line}"], cwd=tmp_path, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert (tmp_path / "all").read_text() == default_file(SETTINGS)
    assert (tmp_path / "out").is_symlink()


def test_what_is_in_front_of_the_text_stays(tmp_path: Path):
    (tmp_path / "all").write_text("before\n")
    line = f"{COMMAND} -s config init -o /dev/stdout >> all && {COMMAND} --version >> all"
    subprocess.run(["bash", "-c", line], cwd=tmp_path, check=True)
    text = (tmp_path / "all").read_text()
    assert text.startswith("before\n" + default_file(SETTINGS) + "sprocket ")


def test_a_reader_that_stops_reading_is_no_drama(tmp_path: Path):
    (tmp_path / "pipe.sh").write_text(f"set -o pipefail; {COMMAND} -s config init -o /dev/stdout | exec true; exit 0")
    ended = subprocess.run(["bash", "pipe.sh"], cwd=tmp_path, capture_output=True, check=False)
    assert ended.stderr == b""


def test_directories_and_sockets_are_refused(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="is a directory"):
        write(tmp_path / "folder", "x")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        with pytest.raises(UsageError, match="is a socket"):
            write(tmp_path / "socket", "x")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "socket"]


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o640)
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to(file)
    with file.open() as before:
        write(tmp_path / "one", "new")
        assert before.read() == "old"
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "one", "two"]


def test_a_link_that_leads_nowhere_gets_its_file(tmp_path: Path):
    (tmp_path / "link").symlink_to("later")
    write(tmp_path / "link", "text")
    assert (tmp_path / "later").read_text() == "text"
    assert (tmp_path / "link").is_symlink()


def test_what_fails_leaves_nothing_and_is_told(tmp_path: Path):
    for name in ("missing/file", "n" * 300):
        with pytest.raises(SprocketError, match="cannot be written"):
            write(tmp_path / name, "text")
    assert [*tmp_path.iterdir()] == []


def test_a_full_standard_output_is_named(tmp_path: Path):
    for line in ("config default", "config schema", "config init -o /dev/stdout", "--version", "--help"):
        ended = subprocess.run(
            ["bash", "-c", f"{COMMAND} {line} > /dev/full"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 1
        assert ended.stderr.startswith(
            (
                "error: the standard output: No space left on device\n",
                "error: `/dev/stdout` cannot be written: No space left on device\n",
            )
        )
