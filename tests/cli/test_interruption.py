"""Signals that interrupt a run: what goes on, what ends, what is told, and that the run can be resumed."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.waiting import rows, sessions, start, wait_for
from tests.examples.commands import SPROCKET, sprocket
from tests.reading import unwrapped

if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)

pytestmark = pytest.mark.integration  # each test starts and stops engines: together they take long


@pytest.fixture(autouse=True)
def let_all_tasks_end(tmp_path: Path) -> Iterator[None]:
    """A task of a test that failed would wait for ever."""
    yield
    (tmp_path / "go").touch()


DOCUMENT = """\
version 1.2

task waits {
    input { Int n }
    command <<<
        echo $$ > pid
        until [ -e "~{go}" ]; do sleep 0.02; done
        echo done >> ended
    >>>
    output { Int m = n }
    requirements { cpu: 1  memory: "1 MiB" }
    String go = "GO"
}

workflow w {
    scatter (n in range(4)) { call waits { n } }
    output { Array[Int] m = waits.m }
}
"""
SETTINGS = '[run.backends.default]\ntype = "local"\ncpu = 2\n'


@pytest.fixture
def begun(tmp_path: Path) -> subprocess.Popen[str]:
    """A run with two tasks that run and wait for `go`, and two that wait for their turn."""
    return begin(tmp_path)


def begin(tmp_path: Path, settings: str = SETTINGS) -> subprocess.Popen[str]:
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("GO", str(tmp_path / "go")))
    (tmp_path / "sprocket.toml").write_text(settings)
    process = start(tmp_path, "run", "main.wdl", "-t", "w")
    wait_for(lambda: len(pids(tmp_path)) == 2)
    return process


def pids(tmp_path: Path) -> list[int]:
    """The processes of tasks that have begun."""
    texts = [path.read_text() for path in tmp_path.glob("out/runs/w/2*/calls/*/attempts/*/work/pid")]
    return [int(text) for text in texts if text.endswith("\n")]


def ended(tmp_path: Path) -> int:
    """How many tasks came to their end."""
    return sum(
        len(path.read_text().splitlines()) for path in tmp_path.glob("out/runs/w/2*/calls/*/attempts/*/work/ended")
    )


def tell(process: subprocess.Popen[str], number: signal.Signals, words: str) -> str:
    """Send a signal and read the standard error up to the line that says what it does."""
    process.send_signal(number)
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


def check_interrupted(tmp_path: Path, process: subprocess.Popen[str], by: str) -> str:
    """Whether it ended as interrupted; gives what it said."""
    assert process.wait(30) == 130
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:  # `communicate` forgets what `tell` has read too much
        out, err = process.stdout.read(), unwrapped(process.stderr.read())
    ((status, error, name),) = rows(tmp_path, "SELECT status, error, name FROM runs")
    assert out == ""
    assert f"error: the run was interrupted by {by}\nhelp: `sprocket resume {name}` goes on with it\n" in err
    assert "Traceback" not in err
    assert status == "canceled"
    assert error == f"the run was interrupted by {by}; `sprocket resume {name}` goes on with it"
    return err


def resume(tmp_path: Path) -> None:
    """Go on with the run; in the end each task has come to its end once."""
    (tmp_path / "go").touch()
    completed = sprocket(["resume"], tmp_path, tmp_path / "home")
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout) == {"w.m": [0, 1, 2, 3]}
    assert ended(tmp_path) == 4
    assert rows(tmp_path, "SELECT status, error FROM runs") == [("completed", None)]
    assert rows(tmp_path, "SELECT status, count(*) FROM calls GROUP BY status") == [("completed", 4)]


def test_the_first_ctrl_c_starts_nothing_more_and_awaits_what_runs(tmp_path, begun):
    tell(begun, signal.SIGINT, "2 running tasks are awaited, no new one starts")
    (tmp_path / "go").touch()
    check_interrupted(tmp_path, begun, "Ctrl-C")
    assert ended(tmp_path) == 2
    assert rows(tmp_path, "SELECT status, count(*) FROM calls GROUP BY 1") == [("canceled", 2), ("completed", 2)]
    resume(tmp_path)
    assert rows(tmp_path, "SELECT DISTINCT attempt FROM tasks WHERE status = 'completed'") == [(0,)]  # each its first


def test_a_terminal_that_is_closed_interrupts_the_run(tmp_path):
    """Nothing that is written reaches anybody: the exit status is the same as if it did."""
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("GO", str(tmp_path / "go")))
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    controller, terminal = os.openpty()
    words = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    arguments = [sys.executable, "-c", words, str(SPROCKET), "run", "main.wdl", "-t", "w"]
    process = subprocess.Popen(
        arguments, cwd=tmp_path, start_new_session=True, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    wait_for(lambda: len(pids(tmp_path)) == 2)
    os.close(controller)
    assert process.wait(30) == 130
    ((status, error),) = rows(tmp_path, "SELECT status, error FROM runs")
    assert status == "canceled"
    assert error.startswith("the run was interrupted by SIGHUP")


def test_the_way_on_names_an_output_directory_that_is_not_the_usual_one(tmp_path):
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("GO", str(tmp_path / "go")))
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    process = start(tmp_path, "run", "main.wdl", "-t", "w", "-o", "my out")
    wait_for(lambda: list(tmp_path.glob("my out/runs/w/2*/calls/*/attempts/*/work/pid")))
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert re.search(r"\nhelp: `sprocket resume [\w-]+ -o 'my out'` goes on with it\n$", err)


def test_the_second_ctrl_c_cancels_what_runs(tmp_path, begun):
    tell(begun, signal.SIGINT, "once more to cancel what runs")
    tell(begun, signal.SIGINT, "cancelling what runs")
    check_interrupted(tmp_path, begun, "Ctrl-C")
    assert not {os.getsid(pid) for pid in pids(tmp_path) if Path(f"/proc/{pid}").exists()} & sessions()
    assert rows(tmp_path, "SELECT DISTINCT status FROM tasks") == [("canceled",)]
    assert ended(tmp_path) == 0
    resume(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_terminate_cancels_tasks_of_this_machine(tmp_path, begun, number):
    families = {os.getsid(pid) for pid in pids(tmp_path)}
    tell(begun, number, f"{number.name}: cancelling what runs")
    check_interrupted(tmp_path, begun, number.name)
    assert not families & sessions()
    resume(tmp_path)


def test_on_terminate_detach_leaves_tasks_running(tmp_path):
    process = begin(tmp_path, f'run.on_terminate = "detach"\n{SETTINGS}')
    families = {os.getsid(pid) for pid in pids(tmp_path)}
    assert process.stderr is not None
    began = (line for line in process.stderr if line.endswith(": started\n"))
    assert next(began) != next(began)
    tell(process, signal.SIGTERM, "SIGTERM: leaving; tasks that run go on")
    said = check_interrupted(tmp_path, process, "SIGTERM")
    assert re.search(r" interrupted after .*: 2 tasks left running, 2 tasks left waiting\n", said)
    assert families <= sessions()
    (tmp_path / "go").touch()
    wait_for(lambda: ended(tmp_path) == 2)  # without any engine
    resume(tmp_path)
    assert rows(tmp_path, "SELECT count(*) FROM tasks") == [(4,)]  # no second attempt of anything


STUBBORN = """\
version 1.2
task t {
    input { String go }
    command <<<
        trap 'touch asked; until [ -e ~{go} ]; do sleep 0.02; done; exit 143' TERM
        touch begun
        until [ -e "~{go}" ]; do sleep 0.02; done
    >>>
    output { Int n = 1 }
}
"""


def test_what_an_engine_cancelled_that_died_meanwhile_is_cancelled_and_not_failed(tmp_path):
    (tmp_path / "main.wdl").write_text(STUBBORN)
    process = start(tmp_path, "run", "main.wdl", "-t", "t", f"go={tmp_path / 'go'}", "--backend", "local")
    work = tmp_path / "out/runs/t/_latest/attempts/0/work"
    wait_for((work / "begun").exists)
    tell(process, signal.SIGTERM, "cancelling what runs")
    wait_for((work / "asked").exists)
    process.kill()
    process.communicate()
    (tmp_path / "go").touch()
    completed = sprocket(["resume"], tmp_path, tmp_path / "home")
    assert json.loads(completed.stdout) == {"t.n": 1}, completed.stderr
    tasks = rows(tmp_path, "SELECT attempt, status, error, retry_cause FROM tasks ORDER BY attempt")
    assert tasks == [(0, "canceled", "it was cancelled", None), (1, "completed", None, "cancelled")]
    assert " t: cancelled after " in completed.stderr
    assert completed.stderr.endswith(": 1 task completed\n")


def test_fail_fast_cancels_at_the_first_ctrl_c(tmp_path):
    process = begin(tmp_path, f'run.fail = "fast"\n{SETTINGS}')
    tell(process, signal.SIGINT, "cancelling what runs")
    check_interrupted(tmp_path, process, "Ctrl-C")


def test_one_signal_more_than_cancelling_leaves_at_once_and_the_records_know(tmp_path):
    (tmp_path / "main.wdl").write_text("version 1.2\ntask s { command <<< trap '' TERM; echo $$ > pid; sleep 300 >>> }")
    process = start(tmp_path, "run", "main.wdl", "--backend", "local")
    pid_file = tmp_path / "out/runs/s/_latest/attempts/0/work/pid"
    wait_for(lambda: pid_file.exists() and pid_file.read_text().strip())
    session = os.getsid(int(pid_file.read_text()))
    wait_for(lambda: rows(tmp_path, "SELECT 1 FROM tasks WHERE status = 'running'"))  # so the engine knows that it runs
    tell(process, signal.SIGTERM, "cancelling what runs")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=4.5)  # the grace of a task is 5 seconds
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "error: the run was interrupted and left at once\nhelp: `sprocket resume " in err
    assert session not in sessions()
    ((status, error),) = rows(tmp_path, "SELECT status, error FROM runs")
    assert status == "canceled"
    assert error.startswith("the run was interrupted and left at once; `sprocket resume ")
    assert rows(tmp_path, "SELECT status, error FROM tasks") == [("canceled", "it was cancelled")]


INNER = """\
version 1.2
task waits {
    input { Int n }
    command <<< trap '' TERM; touch begun; sleep 300 >>>
    output { Int m = n }
    requirements { cpu: 1  memory: "1 MiB" }
}
workflow inner { input { Int n }  call waits { n }  output { Int m = waits.m } }
"""
OUTER = """\
version 1.2
import "inner.wdl"
workflow w {
    scatter (n in range(4)) { call inner.inner { n } }
    output { Array[Int] m = inner.m }
}
"""


def test_no_call_of_a_run_that_was_left_at_once_is_recorded_as_running(tmp_path):
    (tmp_path / "inner.wdl").write_text(INNER)
    (tmp_path / "main.wdl").write_text(OUTER)
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    process = start(tmp_path, "run", "main.wdl", "-t", "w")
    wait_for(lambda: len(list(tmp_path.glob("out/runs/w/2*/calls/*/calls/*/attempts/*/work/begun"))) == 2)
    tell(process, signal.SIGINT, "no new task starts")
    tell(process, signal.SIGINT, "cancelling what runs")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=4.5)
    assert process.returncode == 130
    assert rows(tmp_path, "SELECT status FROM runs") == [("canceled",)]
    assert rows(tmp_path, "SELECT kind, status, count(*) FROM calls GROUP BY kind, status") == [
        ("task", "canceled", 4),
        ("workflow", "canceled", 4),
    ]
    assert rows(tmp_path, "SELECT count(*) FROM calls WHERE completed_at IS NULL") == [(0,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_workflow_without_tasks_can_be_interrupted_while_it_computes(tmp_path, number):
    body = "scatter (i in range(100000)) { scatter (j in range(100000)) { Int product = i * j } }"
    (tmp_path / "long.wdl").write_text(f"version 1.2\nworkflow long {{ {body} }}\n")
    process = start(tmp_path, "run", "long.wdl")
    wait_for((tmp_path / "out/runs/long/_latest/inputs.json").exists)
    process.send_signal(number)
    check_interrupted(tmp_path, process, "Ctrl-C" if number is signal.SIGINT else number.name)


# --- before a run has begun ----------------------------------------------------------------------------------

INTERRUPTIONS = [(signal.SIGINT, ""), (signal.SIGTERM, " by SIGTERM"), (signal.SIGHUP, " by SIGHUP")]


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


def interrupted_before_it_began(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """What it says."""
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=3)
    except subprocess.TimeoutExpired:  # it came the moment before Python began to wait, which does not see it then
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (130, "")
    return str(err)


@pytest.mark.parametrize(("number", "by"), INTERRUPTIONS)
def test_a_signal_while_documents_are_read(tmp_path, silent, number, by):
    process = start(tmp_path, "run", f"http://127.0.0.1:{silent.getsockname()[1]}/main.wdl")
    connection, _ = silent.accept()
    with connection:
        assert interrupted_before_it_began(process, number) == f"error: interrupted{by}\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("number", "by"), INTERRUPTIONS)
def test_a_signal_while_the_backend_is_asked(tmp_path, monkeypatch, silent, number, by):
    """A process that answers to the name of a Docker daemon, and then no more."""
    (tmp_path / "main.wdl").write_text("version 1.2\ntask t { command <<< >>> }\n")
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{silent.getsockname()[1]}")
    process = start(tmp_path, "run", "main.wdl", "--backend", "docker")
    connection, _ = silent.accept()
    with connection:
        assert interrupted_before_it_began(process, number) == "error: interrupted before the run began\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("call", ["", "call t"])
@pytest.mark.parametrize(("number", "by"), INTERRUPTIONS)
def test_a_signal_while_inputs_are_fetched_leaves_no_run_that_nobody_knows_of(tmp_path, silent, number, by, call):
    """The links to the newest run lead to the one before."""
    (tmp_path / "main.wdl").write_text(
        "version 1.2\ntask t { command <<< >>> }\n"
        f"workflow w {{ input {{ Directory? d }} {call} output {{ Boolean given = defined(d) }} }}\n"
    )
    (tmp_path / "sprocket.toml").write_text(SETTINGS)
    assert sprocket(["run", "main.wdl", "-t", "w"], tmp_path, tmp_path / "home").returncode == 0
    before = sorted(tmp_path.glob("out/**/*"))
    url = f"http://127.0.0.1:{silent.getsockname()[1]}/f"
    given = json.dumps({"type": "Directory", "basename": "d", "listing": [url]})
    process = start(tmp_path, "run", "main.wdl", f"w.d={given}")
    connection, _ = silent.accept()
    with connection:
        told = " before the run began" if call else " by Ctrl-C" if number is signal.SIGINT else by
        assert interrupted_before_it_began(process, number) == f"error: interrupted{told}\n"
    assert sorted(tmp_path.glob("out/**/*")) == before
    assert (tmp_path / "out/runs/w/_latest/outputs.json").exists()
    assert (tmp_path / "out/output.log").exists()
    assert rows(tmp_path, "SELECT status FROM runs") == [("completed",)]


def test_nohup_stays_in_force(tmp_path):
    (tmp_path / "tasks.wdl").write_text(
        "version 1.2\ntask t { command <<< touch begun; while ! [ -e go ]; do sleep 0.02; done >>> }\n"
    )
    process = subprocess.Popen(
        ["nohup", SPROCKET, "run", "tasks.wdl", "--backend", "local"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    work = tmp_path / "out/runs/t/_latest/attempts/0/work"
    wait_for((work / "begun").exists)
    process.send_signal(signal.SIGHUP)
    (work / "go").touch()
    assert process.communicate(timeout=30)[0] == b"{}\n"


def test_a_run_whose_last_task_was_awaited_is_complete(tmp_path):
    (tmp_path / "main.wdl").write_text(
        "version 1.2\n"
        "task t { command <<< touch begun; until [ -e go ]; do sleep 0.02; done >>> output { Int n = 1 } }\n"
        "workflow w { call t  Int m = t.n + 1  output { Int o = m } }\n"
    )
    process = start(tmp_path, "run", "main.wdl", "--backend", "local", "-t", "w")
    work = tmp_path / "out/runs/w/_latest/calls/t/attempts/0/work"
    wait_for((work / "begun").exists)
    tell(process, signal.SIGINT, "1 running task is awaited")
    (work / "go").touch()
    out, err = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)) == (0, {"w.o": 2}), err
    assert rows(tmp_path, "SELECT status FROM runs") == [("completed",)]
