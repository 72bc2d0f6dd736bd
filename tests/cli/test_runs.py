"""`sprocket runs list` and `show`: tables that fit, words for people, JSON for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pysprocket.backends.job import Failure, FailureKind, Result, Usage
from pysprocket.cli.runs_words import counted_shortly
from pysprocket.engine import failures
from pysprocket.engine.events import Event
from pysprocket.values.model import File
from tests.records.happenings import (
    CANCELED,
    DONE,
    FAILED,
    cached,
    call_ended,
    call_started,
    created,
    ended,
    record,
    run_ended,
    run_started,
    submitted,
)

TOO_MUCH = Failure(FailureKind.OUT_OF_MEMORY, "too little memory", "oom-kill of step 0")


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def out(tmp_path):
    """A run that failed after one retry, one that was interrupted, one that died, one that completed."""
    output = tmp_path / "out"
    output.mkdir()
    record(
        output,
        run_started(),
        *(call_started("align-0", inputs={"reads": File("/data/r.fq")}), created("align-0", output)),
        ended(
            "align-0",
            FAILED,
            0,
            result=Result(137, "", "", "", TOO_MUCH, 1.0, 6.0, Usage(4.5, 2**31)),
            failure=failures.FailureKind.OUT_OF_MEMORY,
            error="too little memory",
        ),
        *(created("align-0", output, 1), submitted("align-0", 1)),
        ended(
            "align-0",
            DONE,
            1,
            result=Result(0, "", "", "", None, 6.0, 13.0, Usage(6.5, 2**30), "ubuntu", "sha256:abc", "node7"),
        ),
        call_ended("align-0", DONE, outputs={"bam": File(f"{output}/runs/main/r1/x.bam")}),
        *(call_started("sort-0"), created("sort-0", output)),
        ended(
            "sort-0", FAILED, result=Result(3, "", "", ""), failure=failures.FailureKind.EXIT_CODE, error="exit code 3"
        ),
        call_ended("sort-0", FAILED, error="exit code 3", failure=failures.FailureKind.EXIT_CODE),
        *(call_started("count"), cached("count", output), call_ended("count", DONE)),
        run_ended(FAILED, error="task `sort` failed: exit code 3"),
        *(run_started("r2"), call_started("align", "r2"), run_ended(CANCELED, "r2", "SIGTERM")),
        *(run_started("r3", target="a_workflow_with_a_name_that_is_rather_long"), call_started("align", "r3")),
        *(run_started("r4"), run_ended(DONE, "r4")),
    )
    return output


def test_runs_are_listed_the_newest_first_in_words(sprocket, out, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    listed = sprocket("runs", "list")
    assert listed.status == 0
    head, *rows = listed.out.splitlines()
    assert head.split() == ["NAME", "TARGET", "STATUS", "STARTED", "TOOK", "TASKS", "BACKEND"]
    assert [row.split()[0] for row in rows[:4]] == [f"amber-otter-r{number}" for number in (4, 3, 2, 1)]
    assert "completed" in rows[0]
    assert "died" in rows[1]
    assert "interrupted" in rows[2]
    assert rows[3].split()[2] == "failed"
    assert "1 ok, 1 failed, 1 cached  local" in rows[3]
    assert "sprocket resume NAME" in rows[-1]


@pytest.mark.parametrize("columns", ["70", "80", "100"])
def test_tables_fit_the_terminal(sprocket, out, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    for command in (["runs", "list"], ["runs", "show", "amber-otter-r1"]):
        printed = sprocket(*command).out
        table = [line for line in printed.splitlines() if not line.startswith("  ") and "resume" not in line]
        assert max(map(len, table)) <= int(columns)


@pytest.mark.parametrize("columns", [30, 40, 80])
def test_what_is_told_of_a_run_is_wrapped_on_a_terminal_alone(sprocket, out, monkeypatch, columns):
    def facts() -> list[str]:
        """The first block."""
        return str(sprocket("runs", "show", "amber-otter-r1").out).split("\n\n")[1].splitlines()

    whole = facts()
    monkeypatch.setenv("COLUMNS", str(columns))
    told = facts()
    assert [line for line in told if len(line) > columns and len(line.split()[-1]) <= columns - 12] == []
    assert " ".join(told).split() == " ".join(whole).split()
    assert len(told) > len(whole) or columns == 80


def test_columns_are_aligned(sprocket, out):
    lines = sprocket("runs", "list").out.splitlines()[:5]
    place = lines[0].index("STATUS")
    assert {line[place - 2 : place] for line in lines} <= {"  "}
    assert all(line[place] != " " for line in lines)


def test_nothing_is_cut_where_there_is_no_terminal(sprocket, out, monkeypatch):
    monkeypatch.delenv("COLUMNS")
    listed = sprocket("runs", "list").out
    assert "a_workflow_with_a_name_that_is_rather_long" in listed
    assert "BACKEND" in listed
    assert "\x1b" not in listed


@pytest.mark.parametrize(
    ("status", "names"),
    [("failed", ["r1"]), ("interrupted", ["r2"]), ("died", ["r3"]), ("completed", ["r4"]), ("running", [])],
)
def test_runs_of_one_status_are_listed(sprocket, out, status, names):
    listed = json.loads(sprocket("runs", "list", "--json", "--status", status).out)
    assert [run["uuid"] for run in listed] == names


def test_what_is_left_out_is_told(sprocket, out):
    printed = sprocket("runs", "list", "--limit", "1").out
    assert "3 more; `--limit 0` lists all." in printed
    assert len(json.loads(sprocket("runs", "list", "--limit", "1", "--json").out)) == 1
    assert "more" not in sprocket("runs", "list", "--limit", "0").out


def test_no_runs_are_no_error(sprocket, tmp_path):
    record(tmp_path)
    assert sprocket("runs", "list", "-o", ".").out == "There are no such runs.\n"
    assert sprocket("runs", "list", "-o", ".", "--json").out == "[]\n"


@pytest.mark.parametrize("command", ["list", "show"])
def test_without_a_database_it_is_said_where_it_was_looked_for(sprocket, tmp_path, command):
    ended = sprocket("runs", command)
    assert (ended.status, ended.out) == (1, "")
    assert f"there is no file `{tmp_path}/out/sprocket.db`" in ended.err
    assert "-o DIRECTORY" in ended.err
    assert not (tmp_path / "out").exists()


def test_the_output_directory_of_the_configuration_is_looked_at(sprocket, out, tmp_path):
    (tmp_path / "sprocket.toml").write_text('[run]\noutput_dir = "elsewhere"\n')
    out.rename(tmp_path / "elsewhere")
    assert "amber-otter-r1" in sprocket("runs", "list").out


def test_a_damaged_database_is_explained(sprocket, out):
    (out / "sprocket.db").write_bytes(b"no database " * 400)
    ended = sprocket("runs", "list")
    assert ended.status == 1
    assert "is not a database" in ended.err


def test_a_run_is_shown_with_its_calls_and_attempts(sprocket, out):
    shown = sprocket("runs", "show", "amber-otter-r1").out
    assert shown.startswith("amber-otter-r1: failed\n")
    lines = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.strip()}
    assert lines["CALL"] == ["TRY", "STATUS", "EXIT", "FAILURE", "TOOK", "CPU", "TIME", "MEMORY"]
    rows = [line.split() for line in shown.splitlines()]
    assert [
        "align-0",
        "0",
        "failed",
        "137",
        "out_of_memory",
        "5.0",
        "s",
        "4.5",
        "s",
        "2",
        "GiB",
        "of",
        "2",
        "GiB",
    ] in rows
    assert ["1", "completed", "0", "7.0", "s", "6.5", "s", "1", "GiB", "of", "2", "GiB"] in rows
    assert ["count", "0", "cached", "0", "0.0", "s"] in rows
    assert "exit code 3" in shown
    assert f"{out}/runs/main/r1/calls/sort-0/attempts/0" in shown
    assert "oom-kill of step 0" in shown
    assert "align-0, attempt 0\n" in shown
    assert "align-0, attempt 1" not in shown, "it completed"


def test_the_newest_run_is_shown_when_none_is_named(sprocket, out):
    assert sprocket("runs", "show").out.startswith("amber-otter-r4: completed\n")


def test_a_run_that_died_says_how_to_go_on_and_nothing_of_it_runs(sprocket, out):
    shown = sprocket("runs", "show", "amber-otter-r3").out
    assert shown.startswith("amber-otter-r3: died\n")
    assert "sprocket resume amber-otter-r3" in shown
    assert "unfinished" in shown
    assert "running" not in shown


def test_details_and_values_are_shown_on_request(sprocket, out):
    plain = sprocket("runs", "show", "amber-otter-r1").out
    detailed = sprocket("runs", "show", "amber-otter-r1", "--details", "--values").out
    for fact in ("ubuntu (sha256:abc)", "native-1", "2 CPUs, 2 GiB", '"main.n": 3', '"x": 1', f"from {out}/runs"):
        assert fact in detailed
        assert fact not in plain


def test_inputs_of_a_call_are_those_in_its_directory(sprocket, out):
    directory = out / "runs/main/r1/calls/align-0"
    directory.mkdir(parents=True)
    (directory / "inputs.json").write_text('{"reads": "/data/r.fq"}')
    calls = json.loads(sprocket("runs", "show", "r1", "--json").out)["calls"]
    assert [call["inputs"] for call in calls] == [{"reads": "/data/r.fq"}, None, None]
    assert "inputs of align-0:" in sprocket("runs", "show", "r1", "--values").out
    (directory / "inputs.json").write_text("{")
    assert json.loads(sprocket("runs", "show", "r1", "--json").out)["calls"][0]["inputs"] is None


def test_json_has_all_that_is_known(sprocket, out):
    run = json.loads(sprocket("runs", "show", "r1", "--json").out)
    assert (run["status"], run["error"]) == ("failed", "task `sort` failed: exit code 3")
    assert run["started_at"] == "2026-11-21T09:44:07.250Z"
    assert run["tasks"] == {"completed": 1, "failed": 1, "cached": 1}
    assert run["documents"] == {"file:///x/main.wdl": run["document_digest"]}
    calls = {call["call_id"]: call for call in run["calls"]}
    assert calls["align-0"]["input_files"] == [{"name": "reads", "path": "/data/r.fq"}]
    assert calls["align-0"]["output_files"] == [{"name": "bam", "path": "runs/main/r1/x.bam"}]
    first, second = calls["align-0"]["attempts"]
    assert (first["failure"], first["memory_peak"], first["constraints"]["memory"]) == ("out_of_memory", 2**31, 2**31)
    assert (second["image_digest"], second["host"], second["job_id"]) == ("sha256:abc", "node7", "native-1")
    assert calls["count"]["attempts"][0]["cache_origin"] == "runs/main/old/calls/count/attempts/0"
    assert calls["sort-0"]["failure"] == "exit_code"


def test_the_fields_of_json_are_documented(sprocket, out):
    page = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text()
    section = page[page.index("### Runs as JSON") : page.index("\n## validate")]
    run = json.loads(sprocket("runs", "show", "r1", "--json").out)
    call, session = run["calls"][0], run["sessions"][0]
    for field in {*run, *call, *session, *call["attempts"][0]}:
        assert f"`{field}`" in section, field


def test_hostile_text_does_not_command_the_terminal(sprocket, tmp_path):
    output = tmp_path / "out"
    output.mkdir()
    record(
        output, run_started(name="evil\x1b[2J", source="x\x07"), run_ended(FAILED, error="a\x1b]0;t\x07\nsecond line")
    )
    for command in (["runs", "list"], ["runs", "show", "--details"]):
        printed = sprocket(*command).out
        assert "\x1b" not in printed
        assert "\x07" not in printed
    assert "second line" in printed


def test_an_unknown_run_is_told_with_those_of_similar_names(sprocket, out):
    ended = sprocket("runs", "show", "amber-oter-r1")
    assert ended.status == 1
    assert "there is no run `amber-oter-r1`" in ended.err
    assert "`amber-otter-r1`" in ended.err


# --- narrow terminals -------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(tmp_path):
    """A run of which tasks ended in three ways."""
    output = tmp_path / "out"
    output.mkdir()
    happened: list[Event] = [run_started()]
    for number, status in enumerate((DONE, DONE, DONE, FAILED, CANCELED, CANCELED, CANCELED, CANCELED)):
        name = f"align-{number}"
        happened += [call_started(name), created(name, output), ended(name, status), call_ended(name, status)]
    record(output, *happened, run_ended(FAILED, error="x"))
    return output


@pytest.mark.parametrize(
    ("columns", "heads", "tasks"),
    [
        (120, ["NAME", "TARGET", "STATUS", "STARTED", "TOOK", "TASKS", "BACKEND"], "3 ok, 1 failed, 4 cancelled"),
        (80, ["NAME", "TARGET", "STATUS", "STARTED", "TOOK", "TASKS"], "1 failed of 8"),
        (60, ["NAME", "TARGET", "STATUS", "STARTED", "TASKS"], "3/8"),
        (40, ["NAME", "STATUS", "TASKS"], "3/8"),
    ],
)
def test_a_narrow_list_says_what_matters(sprocket, mixed, monkeypatch, columns, heads, tasks):
    monkeypatch.setenv("COLUMNS", str(columns))
    head, row, *_ = sprocket("runs", "list").out.splitlines()
    assert head.split() == heads
    assert f"  {tasks}" in row
    assert max(len(head), len(row)) <= columns


@pytest.mark.parametrize(
    ("tasks", "texts"),
    [
        ({"completed": 5, "cached": 2}, ("7 ok", "7/7")),
        ({"completed": 5, "canceled": 2}, ("2 cancelled of 7", "5/7")),
        ({"failed": 2}, ("2 failed", "0/2")),
        ({"completed": 1, "running": 2}, ("2 unfinished of 3", "1/3")),
        ({}, ("", "")),
    ],
)
def test_counts_have_short_forms(tasks, texts):
    assert counted_shortly(tasks, over=True) == texts


def test_a_name_is_cut_in_its_middle(sprocket, tmp_path, monkeypatch):
    output = tmp_path / "out"
    output.mkdir()
    name = "a_rather_long_name_of_a_call_that_is_cut_somewhere-17"
    events = (call_started(name), created(name, output), ended(name, DONE), call_ended(name, DONE))
    record(output, run_started(), *events, run_ended(DONE))
    monkeypatch.setenv("COLUMNS", "50")
    assert re.search(r"^a_rather\w*…\w*-17 ", sprocket("runs", "show").out, re.MULTILINE)
