"""`sprocket run` and what goes wrong: one clear message, the exit status, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys

import pytest

from tests.examples.commands import SPROCKET, sprocket
from tests.reading import unwrapped

TASKS = """\
version 1.2

task fails {
    command <<<
        for number in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $number" >&2; done
        exit 3
    >>>
}

task forgets { command <<< >>> output { File report = "report.txt" } }

task garbled { command <<< echo abc >>> output { Int number = read_int(stdout()) } }

task sleeps { command <<< echo $$ > pid; sleep 300 & sleep 300 >>> }

task greedy { command <<< >>> requirements { cpu: 5000 } }

task flaky {
    command <<< test ~{task.attempt} = 2 >>>
    requirements { max_retries: 2 }
    output { Int attempt = task.attempt }
}

task nothing { command <<< >>> }

task takes { input { Int count  File reads  String? label } command <<< >>> }
"""


@pytest.fixture
def run(tmp_path):
    """Run `sprocket run tasks.wdl …` on the local backend in an empty directory."""
    (tmp_path / "tasks.wdl").write_text(TASKS)

    def start(*arguments, document="tasks.wdl", backend=("--backend", "local")):
        return sprocket(["run", document, *arguments, *backend], tmp_path, tmp_path / "home")

    return start


def check_told(completed, status, *words):
    """The status, nothing on stdout, no traceback, and each of the words on stderr."""
    assert completed.returncode == status, completed.stderr
    assert completed.stdout == ""
    assert "Traceback" not in completed.stderr
    for word in words:
        assert word in completed.stderr


def test_a_task_that_fails_is_told_with_its_exit_code_and_the_end_of_its_stderr(run, tmp_path):
    completed = run("-t", "fails")
    attempt = (tmp_path / "out/runs/fails/_latest").resolve() / "attempts/0"
    check_told(completed, 1, "task `fails` failed: exit code 3", "    line 12\n", f"all of it: {attempt}/stderr")
    assert "    line 2\n" not in completed.stderr
    assert not (attempt.parents[1] / "outputs.json").exists()


def test_a_failed_run_is_recorded_with_its_reason(run, tmp_path):
    run("-t", "fails")
    with sqlite3.connect(tmp_path / "out/sprocket.db") as database:
        ((status, error),) = database.execute("select status, error from runs")
        ((task_status, exit_status),) = database.execute("select status, exit_status from tasks")
    database.close()
    assert (status, task_status, exit_status) == ("failed", "failed", 3)
    assert "exit code 3" in error


def test_a_missing_output_file_is_told_where_the_document_names_it(run):
    check_told(
        run("-t", "forgets"),
        1,
        "task `forgets` failed: the file `report.txt` does not exist in the task's working directory",
        "exit code 0",
        "tasks.wdl:10:55",
        "^^^^^^^^^^^^",
    )


def test_an_output_that_cannot_be_read_is_told_with_what_is_there(run):
    check_told(
        run("-t", "garbled"), 1, "task `garbled` failed", "`read_int` needs a file that holds an Int alone", '"abc"'
    )


def test_a_request_above_what_the_machine_has_is_told_with_both_numbers(run):
    check_told(run("-t", "greedy"), 1, "requires at least 5000 CPUs", "has a maximum of", "cpu_limit_behavior")


LOWERED = """\
version 1.2
task counts { command <<< >>> output { Int n = 7 } }
task asks {
    input { Int cpu }
    command <<< >>>
    output { Int got = floor(task.cpu) }
    requirements { cpu: cpu }
}
workflow w {
    call counts
    scatter (i in range(3)) { call asks { cpu = GIVEN } }
    output { Array[Int] got = asks.got }
}
"""


@pytest.mark.parametrize("given", ["9", "counts.n", "counts.n + i"])
def test_what_a_task_gets_less_of_than_it_asks_for_is_told_once(tmp_path, given):
    """Also where the figure is only known when the task starts."""
    (tmp_path / "w.wdl").write_text(LOWERED.replace("GIVEN", given))
    (tmp_path / "sprocket.toml").write_text(
        '[run.task]\ncpu_limit_behavior = "try_with_max"\n[run.backends.default]\ntype = "local"\ncpu = 2\n'
    )
    completed = sprocket(["run", "w.wdl", "-t", "w", "-q"], tmp_path, tmp_path / "home")
    assert json.loads(completed.stdout) == {"w.got": [2, 2, 2]}
    assert re.fullmatch(
        r"\S+ task `asks` \(calls? .*\) asks for [79] CPUs and gets 2, all that the backend has.*\n", completed.stderr
    )
    shown = json.loads(sprocket(["runs", "show", "--json"], tmp_path, tmp_path / "home").stdout)
    asked = {call["call_id"]: call["attempts"][0]["constraints"] for call in shown["calls"] if call["attempts"]}
    most = {"9": 9, "counts.n": 7, "counts.n + i": 9}[given]
    assert (asked["asks-2"]["cpu"], asked["asks-2"]["asked_cpu"]) == (2, most)
    assert "asked_memory" not in asked["asks-2"]
    assert "asked_cpu" not in asked["counts"]
    details = sprocket(["runs", "show", "--details"], tmp_path, tmp_path / "home").stdout
    assert f"2 CPUs (lowered from {most}), 2 GiB" in details
    assert sprocket(["runs", "report"], tmp_path, tmp_path / "home").returncode == 0
    page = (tmp_path / "out/runs/w/_latest/report.html").read_text()
    assert f"asks for {most} CPUs, and got what the backend has at most" in page


def test_attempts_are_made_until_one_succeeds_and_all_are_kept(run, tmp_path):
    completed = run("-t", "flaky")
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout) == {"flaky.attempt": 2}
    assert sorted(path.name for path in (tmp_path / "out/runs/flaky/_latest/attempts").iterdir()) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-t", "noting"], ["`noting` is not a task or workflow", "`fails`"]),
        ([], ["several tasks and no workflow", "--target"]),
        (["-t", "takes", "count=x"], ['takes.count: expected Int, found "x"', "takes.reads: required (File)"]),
        (["-t", "takes", "count=1", "reads=no.txt"], ["takes.reads: file", "no.txt` does not exist"]),
        (["-t", "takes", "count=1", "reads=tasks.wdl", "lable=x"], ["no input named `lable`", "label"]),
        (["-t", "takes", "@none.json"], ["none.json"]),
        (["-t", "fails", "-o", "tasks.wdl"], ["output directory", "it is a file, not a directory", "-o"]),
        (["-t", "fails", "--backend", "nowhere"], ["no backend named `nowhere`", "`docker`, `local`"]),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(run, tmp_path, arguments, words):
    completed = run(*arguments, backend=() if "--backend" in arguments else ("--backend", "local"))
    check_told(completed, 1, *words)
    assert not (tmp_path / "out").exists()


SLURM = """\
run.experimental_features_enabled = true
run.backends.default.type = "slurm_apptainer"
run.backends.default.default_slurm_partition.name = "compute"
run.backends.default.default_slurm_partition.max_cpu_per_task = 64
run.backends.default.default_slurm_partition.max_memory_per_task = "96 GB"
run.backends.default.max_scatter_concurrency = 200
"""


def test_a_configuration_for_slurm_is_read_and_tells_the_ways_out(run, tmp_path):
    (tmp_path / "sprocket.toml").write_text(SLURM)
    refused = run("-t", "nothing", backend=())
    check_told(refused, 1, "no backend of type `slurm_apptainer` yet", "--backend local", "--backend docker")
    assert not (tmp_path / "out").exists()
    assert run("-t", "nothing").returncode == 0


@pytest.mark.parametrize("arguments", [["--bogus"], ["-t"], ["--suffix", "a/b"]])
def test_a_mistake_on_the_command_line_has_exit_status_2(run, arguments):
    check_told(run(*arguments, backend=()), 2)


def test_documents_that_cannot_be_read_are_told_in_one_sentence(run, tmp_path):
    (tmp_path / "directory.wdl").mkdir()
    (tmp_path / "binary.wdl").write_bytes(b"version 1.2\n\xff\xfe")
    check_told(run(document="none.wdl"), 2, "there is no document `none.wdl`")
    check_told(run(document="directory.wdl"), 1, "it is a directory")
    check_told(run(document="binary.wdl"), 1, "it is not UTF-8 text: line 2")


def test_what_may_not_be_read_or_written_is_told(run, tmp_path):
    (tmp_path / "secret.wdl").write_text(TASKS)
    (tmp_path / "secret.wdl").chmod(0)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    for document, output, words in (
        ("secret.wdl", tmp_path, "permission denied"),
        ("tasks.wdl", closed, f"the output directory `{closed}` cannot be used: it cannot be written"),
    ):
        arguments = ["run", document, "-t", "fails", "--backend", "local", "-o", str(output)]
        check_told(unprivileged(arguments, tmp_path), 1, words)


def unprivileged(arguments, directory):
    """Run sprocket without the right of root to read and write everything."""
    without_right = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*without_right, SPROCKET, *arguments]
    completed = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    completed.stderr = unwrapped(completed.stderr)
    return completed


def test_a_document_with_several_mistakes_tells_all_of_them(run, tmp_path):
    (tmp_path / "wrong.wdl").write_text(
        "version 1.2\ntask a { command <<< >>> output { Int n = } }\nworkflow w { call }\n"
    )
    check_told(run(document="wrong.wdl"), 1, "wrong.wdl:2:43", "wrong.wdl:3:19", "aborting due to previous 2 errors")


def test_without_a_daemon_docker_says_so_and_names_the_two_ways_out(run, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    completed = run("-t", "fails", backend=())
    check_told(completed, 1, "no Docker daemon answers", "start Docker", "--backend local")
    assert len(completed.stderr.splitlines()) == 2
    assert not (tmp_path / "out").exists()


def test_a_workflow_that_calls_no_task_needs_no_daemon(run, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    (tmp_path / "sum.wdl").write_text("version 1.2\nworkflow w { output { Int sum = 1 + 2 } }\n")
    completed = run(document="sum.wdl", backend=())
    assert completed.returncode == 0, completed.stderr
    assert json.loads(completed.stdout) == {"w.sum": 3}


def test_a_workflow_without_tasks_leaves_what_every_run_leaves(run, tmp_path):
    (tmp_path / "inner.wdl").write_text(
        "version 1.2\nworkflow inner { input { Int n } Int t = n * 2 output { Int twice = t } }\n"
    )
    (tmp_path / "outer.wdl").write_text(
        """version 1.2
import "inner.wdl"
workflow outer {
    input { Int items }
    scatter (i in range(items)) { call inner.inner { n = i } }
    output { Array[Int] all = inner.twice  Array[Pair[Float, File?]] pairs = [(1.0, None)] }
}
"""
    )
    completed = run("-t", "outer", "items=2", document="outer.wdl")
    assert completed.returncode == 0, completed.stderr
    expected = {"outer.all": [0, 2], "outer.pairs": [{"left": 1.0, "right": None}]}
    latest = tmp_path / "out/runs/outer/_latest"
    assert json.loads(completed.stdout) == json.loads((latest / "outputs.json").read_text()) == expected
    assert json.loads((latest / "inputs.json").read_text()) == {"items": 2}
    assert json.loads((latest / "calls/inner-1/inputs.json").read_text()) == {"n": 1}
    assert json.loads((latest / "calls/inner-1/outputs.json").read_text()) == {"twice": 2}
    with sqlite3.connect(tmp_path / "out/sprocket.db") as database:
        rows = database.execute("select status, outputs from runs").fetchall()
    assert [(status, json.loads(outputs)) for status, outputs in rows] == [("completed", expected)]
    database.close()


def test_a_file_whose_name_is_not_text_is_told(run, tmp_path):
    (tmp_path / "odd.wdl").write_text(
        """
version 1.2
task odd { command <<< touch "$(printf 'x\\377.txt')" >>> output { Array[File] all = glob("*.txt") } }
"""
    )
    check_told(run(document="odd.wdl"), 1, r"the file name 'x\udcff.txt' is not UTF-8 text", "rename it")


def test_a_disk_without_room_for_the_inputs_is_told_with_what_to_do(tmp_path):
    many = json.dumps({"t.s": "x" * 200_000})
    (tmp_path / "inputs.json").write_text(many)
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { input { String s } command <<< >>> }")
    limited = ["bash", "-c", 'ulimit -f 180; exec "$@"', "bash", str(SPROCKET), "run", "t.wdl", "@inputs.json"]
    completed = subprocess.run(
        [*limited, "--backend", "local", "-q"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    check_told(completed, 1, "error: cannot write", "inputs.json", "help: free some space")


def test_a_failing_call_ends_a_workflow_after_what_runs_has_ended(run, tmp_path):
    (tmp_path / "workflow.wdl").write_text(
        """
version 1.2
task work {
    input { Int n }
    command <<< if [ ~{n} = 1 ]; then exit 9; fi; sleep 0.3; echo done > done.txt >>>
    output { File done = "done.txt" }
}
task never { input { Array[File] files } command <<< >>> }
workflow w {
    scatter (n in [0, 1]) { call work { n } }
    call never { files = work.done }
}
"""
    )
    completed = run(document="workflow.wdl")
    check_told(completed, 1, "task `work` (call `work-1`) failed: exit code 9")
    calls = tmp_path / "out/runs/w/_latest/calls"
    assert (calls / "work-0/outputs.json").exists()
    assert not (calls / "never").exists()


def test_quiet_tells_nothing_when_all_is_well(run):
    completed = run("-t", "nothing", "-q")
    assert (completed.returncode, completed.stderr) == (0, "")


if sys.platform != "linux":
    pytest.skip("the local backend needs Linux", allow_module_level=True)
