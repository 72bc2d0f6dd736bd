"""Calls of tasks on the local backend: inputs, attempts, outputs, and how they end."""

from pathlib import Path

import pytest

from pysprocket.engine.events import AttemptCreated, AttemptEnded, Notice, Status
from pysprocket.engine.failures import FailureKind
from pysprocket.engine.retries import Budget, RetryPolicy
from pysprocket.errors import BackendError, OutputDirectoryError, RunFailed
from tests.engine.conftest import Between

FLAKY = """
task flaky {
    command <<< test ~{task.attempt} = 2 >>>
    output { Int attempt = task.attempt }
    requirements { max_retries: 2 }
}
"""


def test_inputs_may_depend_on_one_another_in_any_order(engine):
    outputs = engine(
        """
        task t {
            input { String last = middle + "!"  String middle = first + first  String first }
            command <<< printf '%s' '~{last}' >>>
            output { String said = read_string(stdout()) }
        }
        """,
        "first=a",
        target="t",
    )
    assert outputs == {"said": "aa!"}


@pytest.mark.parametrize("name", ["a b", 'q"uote', "it's", "$HOME", "é", "-dash", "new\nline", "back\\slash", "*"])
def test_a_file_of_any_name_reaches_the_task_and_comes_back(engine, tmp_path, name):
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / name
    path.write_text("content")
    (tmp_path / "inputs.json").write_text(f'{{"t.file": {_json(str(path))}}}')
    outputs = engine(
        """
        task t {
            input { File file }
            env String path = file
            command <<< cat "$path" > copy; cp "$path" "$(basename -- "$path")" 2>/dev/null || cp -- "$path" . >>>
            output { String content = read_string("copy")  File again = file  Array[File] all = glob("*") }
        }
        """,
        "@inputs.json",
        target="t",
    )
    assert (outputs["content"], outputs["again"]) == ("content", str(path))
    assert name in [Path(found).name for found in outputs["all"]]


def _json(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def test_environment_values_arrive_exactly(engine):
    text = "line\n\"double\" 'single' $HOME `x` \\ end "
    outputs = engine(
        """
        task t {
            input { env String text }
            command <<< printf '%s' "$text" > copy >>>
            output { Boolean same = read_string("copy") == text  Float bytes = size("copy") }
        }
        """,
        f"text={_json(text)}",
        target="t",
    )
    assert outputs["bytes"] == len(text)


def test_files_inside_structs_maps_pairs_and_arrays_are_found_and_missing_optional_ones_are_none(engine):
    outputs = engine(
        """
        struct Report { File page  File? appendix  Array[File] figures }
        task t {
            command <<< touch page one two >>>
            output {
                Report report = Report { page: "page", appendix: "none", figures: ["one", "two"] }
                Map[String, File] map = {"key": "one"}
                Pair[File, Array[File?]] pair = ("two", ["page", "none"])
            }
        }
        """,
        target="t",
    )
    work = engine.directory / "attempts/0/work"
    assert outputs == {
        "report": {"page": f"{work}/page", "appendix": None, "figures": [f"{work}/one", f"{work}/two"]},
        "map": {"key": f"{work}/one"},
        "pair": {"left": f"{work}/two", "right": [f"{work}/page", None]},
    }


def test_attempts_are_made_until_one_succeeds(engine):
    assert engine(FLAKY, target="flaky") == {"attempt": 2}
    assert [event.status for event in engine.of(AttemptEnded)] == [Status.FAILED, Status.FAILED, Status.COMPLETED]
    assert [event.retry_cause for event in engine.of(AttemptCreated)] == [None, "exit code 1", "exit code 1"]


def test_requirements_given_from_outside_beat_those_of_the_task(engine):
    with pytest.raises(RunFailed, match="exit code 1"):
        engine(FLAKY, "requirements.max_retries=1", target="flaky")
    assert len(engine.of(AttemptEnded)) == 2


def test_requirements_given_from_outside_reach_items_of_scatters_in_subworkflows(engine, tmp_path):
    (tmp_path / "sub.wdl").write_text(
        """
        version 1.2
        task show { command <<< >>> output { Int memory = task.memory }  requirements { memory: "1 GiB" } }
        workflow sub { scatter (n in [1, 2]) { if (n > 0) { call show } } output { Array[Int?] m = show.memory } }
        """
    )
    outputs = engine(
        """
        import "sub.wdl"
        workflow w { scatter (n in [1]) { call sub.sub } output { Array[Array[Int?]] m = sub.m } }
        """,
        'w.sub.show.requirements.memory="3 MiB"',
    )
    assert outputs == {"m": [[3 * 1024**2] * 2]}


def test_a_job_that_is_refused_for_good_is_told_at_once(engine):
    async def refuse(job):
        raise BackendError("no room")

    engine.wrap = lambda backend: Between(backend, {"submit": refuse})
    with pytest.raises(RunFailed, match="task `flaky` failed: no room"):
        engine(FLAKY, target="flaky")
    assert [event.result for event in engine.of(AttemptEnded)] == [None]


def test_a_job_that_is_refused_for_now_is_submitted_again(engine):
    refused = []

    async def refuse(job):
        refused.append(job.name)
        raise BackendError("nobody answers", transient=True)

    engine.policy = RetryPolicy({FailureKind.BACKEND: Budget(2, backoff=0.01)})
    engine.wrap = lambda backend: Between(backend, {"submit": refuse})
    with pytest.raises(RunFailed, match="task `flaky` failed: nobody answers"):
        engine(FLAKY, target="flaky")
    assert len(refused) == 3
    assert len(set(refused)) == 1  # one job, asked for three times
    assert [notice.message for notice in engine.of(Notice)] == [
        "flaky: nobody answers; asked again in 0.01 s (1 of 2)",
        "flaky: nobody answers; asked again in 0.02 s (2 of 2)",
    ]


def test_a_job_that_ended_well_keeps_its_end_when_the_disk_is_full_for_its_outputs(engine, monkeypatch):
    def full(*_):
        raise OutputDirectoryError("the disk is full")

    monkeypatch.setattr("pysprocket.engine.contexts.write_file", full)
    with pytest.raises(OutputDirectoryError):
        engine("task t { command <<< >>> output { File f = write_lines(['a']) } }", target="t")
    assert not engine.of(AttemptEnded)  # so that a resumed run asks for the job again
