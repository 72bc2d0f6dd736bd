"""What the runner of the suites says of suites made for it, and how it compares."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.conformance.excuses import load_excuses
from tests.conformance.judge import same
from tests.conformance.suites import load_suites
from tests.conformance.test_suites import EXAMPLES, OWN, ROOT, run

GOOD = 'version 1.2\n\nworkflow w {\n  output {\n    Int x = 1\n    String s = "a"\n  }\n}\n'
SLEEPS = (
    "version 1.2\n\ntask t {\n  input {\n    String path\n  }\n"
    "  command <<<\n    echo $$ > ~{path}; exec sleep 60\n  >>>\n}\n"
)
FAILS = "version 1.2\n\ntask t {\n  command <<<\n    exit 42\n  >>>\n}\n"
Maker: TypeAlias = Callable[..., Path]


@pytest.fixture
def suite(tmp_path: Path) -> Maker:
    """Makes a suite of documents and cases."""

    def make(documents: dict[str, str], *cases: dict[str, Any]) -> Path:
        folder = tmp_path / "suite-1.2"
        (folder / "documents").mkdir(parents=True)
        for name, text in documents.items():
            (folder / "documents" / name).write_text(text)
        (folder / "cases.json").write_text(json.dumps(cases))
        return folder

    return make


def deviations(*arguments: Any) -> list[str]:
    done = run(*arguments)
    lines = [line for line in done.stdout.splitlines() if line.startswith("DEVIATES")]
    assert done.returncode == (1 if lines else 0), done.stdout + done.stderr
    return [line.split("  ", 2)[2] for line in lines]


def test_a_case_that_gives_what_it_expects_is_counted(suite):
    folder = suite({"a.wdl": GOOD}, {"name": "a", "target": "w", "outputs": {"w.x": 1.0, "w.s": "a"}, "priority": 1})
    done = run(folder, "local")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].split()[:5] == ["suite-1.2", "1", "1", "0", "0"]


def test_each_kind_of_deviation_is_told(suite):
    kinds: list[tuple[dict[str, Any], str]] = [
        ({"outputs": {"w.x": 2, "w.s": "a"}}, "w.x: expected 2, got 1"),
        ({"outputs": {"w.x": 1}}, 'w.s is not expected: "a"'),
        ({"outputs": {"w.x": 1, "w.s": "a", "w.y": None}}, "w.y is missing"),
        ({"fail": True}, "expected failure"),
        ({"says": ["UnknownName"]}, "expected to read 'UnknownName'"),
        ({"inputs": {"w.y": 1}}, "expected success, got error: w.y"),
        ({"arguments": ["--no-such-option"]}, "exit status 2"),
        ({"file": "fails.wdl", "fail": True, "return_code": 43}, "expected a command that ends with 43"),
    ]
    cases = [{"name": f"case{number}", "file": "a.wdl"} | case for number, (case, _) in enumerate(kinds)]
    lines = sorted(deviations(suite({"a.wdl": GOOD, "fails.wdl": FAILS}, *cases), "local"))
    for number, (line, (_, told)) in enumerate(zip(lines, kinds, strict=True)):
        assert line.startswith(f"case{number}: {told}")


def test_what_a_case_does_not_ask_for_is_not_compared(suite):
    cases = [
        {"name": "a", "outputs": {"w.x": 1, "w.s": "other"}, "exclude_output": ["s"]},
        {"name": "a", "outputs": {"w.x": 1}, "exclude_output": ["w.s"]},
        {"name": "a", "outputs": None},
        {"name": "fails", "fail": True, "return_code": 42},
        {"name": "fails", "fail": True, "return_code": "*"},
    ]
    assert deviations(suite({"a.wdl": GOOD, "fails.wdl": FAILS}, *cases), "local") == []


def test_a_bug_never_counts_as_the_expected_failure(suite, tmp_path):
    program = tmp_path / "sprocket"
    program.write_text(f"#!{sys.executable}\nraise ValueError('oops')\n")
    program.chmod(0o755)
    folder = suite({"a.wdl": GOOD}, {"name": "a", "fail": True})
    (line,) = deviations(folder, "local", "--program", str(program))
    assert line == "a: internal error: ValueError: oops"


def test_a_true_process_of_the_program_runs_a_case_too(suite):
    program = Path(sys.executable).with_name("sprocket")
    folder = suite({"a.wdl": GOOD}, {"name": "a", "outputs": {"w.x": 1, "w.s": "a"}})
    assert deviations(folder, "local", "--program", str(program)) == []


def test_a_case_that_takes_too_long_is_ended_with_its_task(suite, tmp_path):
    case = {"name": "a", "inputs": {"t.path": str(tmp_path / "pid")}}
    (line,) = deviations(suite({"a.wdl": SLEEPS}, case), "local", "--limit", "1")
    assert line.startswith("a: no end after")
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


def test_a_runner_that_is_told_to_end_leaves_nothing_behind(suite, tmp_path):
    folder = suite({"a.wdl": SLEEPS}, {"name": "a", "inputs": {"t.path": str(tmp_path / "pid")}})
    command = [sys.executable, "-m", "tests.conformance", str(folder)]
    (tmp_path / "scratch").mkdir()
    runner = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path / "scratch")})
    deadline = time.monotonic() + 60
    while not (tmp_path / "pid").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    runner.terminate()
    assert runner.wait(60) == 143
    assert not list((tmp_path / "scratch").glob("conformance-*"))
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


def test_numbers_are_compared_nearly_paths_by_their_last_part_and_truth_exactly(tmp_path):
    (tmp_path / "x.txt").touch()
    assert same(0.3, 0.1 + 0.2, tmp_path)
    assert same({"a": [1, None]}, {"a": [1.0, None]}, tmp_path)
    assert same("elsewhere/x.txt", "x.txt", tmp_path)
    assert not same("elsewhere/y.txt", "y.txt", tmp_path)
    assert not same(1, True, tmp_path)
    assert not same("1", 1, tmp_path)
    assert not same([1], [1, 2], tmp_path)
    assert not same({"a": None}, {}, tmp_path)


def test_every_excuse_names_cases_that_exist():
    known = {suite.name: suite for place in (OWN, EXAMPLES) if place.is_dir() for suite in load_suites(place)}
    for excuse in load_excuses():
        suites = [known[name] for name in excuse.suites if name in known]
        names = {case.name for suite in suites for case in suite.cases}
        assert not suites or names.issuperset(excuse.cases)
