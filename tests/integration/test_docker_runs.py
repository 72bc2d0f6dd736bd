"""Whole runs through the command on a real Docker Engine: extra disks, and a daemon that cannot be had."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pysprocket.cli.main import main
from tests.integration.docker_engine import Api
from tests.reading import unwrapped

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("docker_host")]

SPROCKET = Path(sys.executable).with_name("sprocket")
DISKS = """\
version 1.2
task spread {
    command <<<
        echo data > /mnt/data/kept.txt
        mkdir -p /mnt/data/deep /mnt/more/all && echo deep > /mnt/data/deep/too.txt && echo one > /mnt/more/all/one
        head -c 100000 /dev/zero > /mnt/data/scratch
        ln -s /mnt/data/deep/too.txt linked.txt
    >>>
    output {
        File kept = "/mnt/data/kept.txt"
        File linked = "linked.txt"
        Directory all = "/mnt/more/all"
        String text = read_string("/mnt/data/kept.txt")
        File? none = "/mnt/data/none"
    }
    requirements { container: "pysprocket/base"  memory: "64 MiB"  disks: ["/mnt/data 1 GiB", "/mnt/more/ 1 GiB"] }
}
task copy {
    input { File kept  Directory all }
    command <<< cat ~{kept} ~{all}/one >>>
    output { String text = read_string(stdout()) }
    requirements { container: "pysprocket/base"  memory: "64 MiB" }
}
workflow w {
    call spread
    call copy { kept = spread.kept, all = spread.all }
    output {
        File linked = spread.linked
        String text = spread.text
        String copied = copy.text
        File? none = spread.none
    }
}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_what_a_task_writes_to_an_extra_disk_can_be_an_output(tmp_path, capfd):
    Path("w.wdl").write_text(DISKS)
    assert main(["-q", "run", "w.wdl", "-b", "docker"]) == 0
    outputs = json.loads(capfd.readouterr().out)
    assert (outputs["w.text"], outputs["w.copied"], outputs["w.none"]) == ("data", "data\none", None)
    assert Path(outputs["w.linked"]).read_text() == "deep\n"
    (disks,) = tmp_path.glob("out/runs/*/[!_]*/calls/spread/attempts/0/disks")
    left = {str(path.relative_to(disks)) for path in disks.rglob("*") if path.is_file()}
    assert left == {"1/kept.txt", "1/deep/too.txt", "2/all/one"}


def test_a_failed_task_leaves_nothing_on_its_extra_disks(tmp_path, capfd):
    Path("t.wdl").write_text("""\
version 1.2
task t {
    command <<< echo data > /mnt/data/file; exit 3 >>>
    requirements { container: "pysprocket/base"  memory: "64 MiB"  disks: "/mnt/data 1 GiB" }
}
""")
    assert main(["-q", "run", "t.wdl", "-b", "docker"]) == 1
    assert "exit code 3" in capfd.readouterr().err
    assert not list(tmp_path.glob("out/runs/**/disks"))


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("garbage", ["`DOCKER_HOST=garbage` names no Docker daemon", "write `unix:///path/of/docker.sock`"]),
        ("unix://", ["`DOCKER_HOST=unix://` names no Docker daemon"]),
        ("tcp://", ["`DOCKER_HOST=tcp://` names no Docker daemon"]),
        ("tcp://host:many", ["`DOCKER_HOST=tcp://host:many` names no Docker daemon"]),
        ("ssh://me@host", ["`DOCKER_HOST=ssh://host` leads through SSH", "ssh -nNT -L"]),
        (
            "unix:///no/docker.sock",
            ["no Docker daemon answers at unix:///no/docker.sock: No such file", "start Docker"],
        ),
        ("tcp://127.0.0.1:9", ["no Docker daemon answers at tcp://127.0.0.1:9", "start Docker"]),
    ],
)
def test_a_daemon_that_cannot_be_had_is_told_before_anything_is_written(tmp_path, host, words, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", host)
    Path("w.wdl").write_text(DISKS)
    done = subprocess.run([SPROCKET, "run", "w.wdl", "-b", "docker"], capture_output=True, text=True, check=False)
    told = unwrapped(done.stderr)
    assert done.returncode == 1
    for each in words:
        assert each in told
    assert done.stderr.count("error:") == 1
    assert not Path("out").exists()


RESTARTED = """\
version 1.2
task t {
    input { Int n }
    command <<<
        echo begun
        until [ -e /mnt/go ]; do sleep 0.05; done
    >>>
    output { Int m = n }
    requirements { container: "pysprocket/base"  memory: "64 MiB"  cpu: 0.5  disks: "/mnt 1 GiB" }
}
workflow w {
    scatter (n in range(2)) { call t { n } }
    output { Array[Int] m = t.m }
}
"""


def test_a_run_survives_a_restart_of_the_daemon(tmp_path, engine_without_network, monkeypatch):
    """What the daemon has killed was lost with the place, and is done again without `max_retries`."""
    monkeypatch.setenv("DOCKER_HOST", engine_without_network.host)
    Path("w.wdl").write_text(RESTARTED)
    run = subprocess.Popen([SPROCKET, "run", "w.wdl", "-b", "docker"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for(lambda: len(begun(tmp_path, 0)) == 2)
        engine_without_network.stop()
        engine_without_network.start()
        wait_for(lambda: len(begun(tmp_path, 1)) == 2 or run.poll() is not None)
        for attempt in begun(tmp_path, 1):
            (attempt / "disks/1/go").touch()
        out, told = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 0, told.decode()
    assert json.loads(out) == {"w.m": [0, 1]}
    assert "killed from outside" in told.decode()
    assert Api(engine_without_network.host).request("GET", "/containers/json?all=1") == (200, b"[]\n")


def begun(root: Path, number: int) -> list[Path]:
    """The attempts of a number whose task has begun."""
    attempts = root.glob(f"out/runs/*/[!_]*/calls/*/attempts/{number}")
    return [attempt for attempt in attempts if (attempt / "stdout").exists() and (attempt / "stdout").stat().st_size]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
