"""The guide's first run, word for word: what it prints where, and the files it leaves."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.examples.commands import ROOT, commands_in, sprocket
from tests.integration.docker_fixture import docker_host  # noqa: F401 - a fixture

GUIDE = ROOT / "docs" / "guide" / "first-workflow.md"
COMMAND = ["run", "hello.wdl", "--target", "say_hello", "greeting=Hello"]
TREE = {
    "out",
    "out/sprocket.db",
    "out/output.log",
    "out/runs",
    "out/runs/say_hello",
    "out/runs/say_hello/_latest",
    "out/runs/say_hello/<timestamp>",
    "out/runs/say_hello/<timestamp>/output.log",
    "out/runs/say_hello/<timestamp>/inputs.json",
    "out/runs/say_hello/<timestamp>/outputs.json",
    "out/runs/say_hello/<timestamp>/metrics.json",
    "out/runs/say_hello/<timestamp>/attempts",
    "out/runs/say_hello/<timestamp>/attempts/0",
    "out/runs/say_hello/<timestamp>/attempts/0/command",
    "out/runs/say_hello/<timestamp>/attempts/0/stdout",
    "out/runs/say_hello/<timestamp>/attempts/0/stderr",
    "out/runs/say_hello/<timestamp>/attempts/0/work",
}
OUTPUTS = '{\n  "say_hello.message": "Hello, world!"\n}'
TIMESTAMP = r"\d{4}-\d\d-\d\d_\d{15}"


def run_hello(directory: Path, configuration: str) -> Path:
    """Run the guide's command in a new directory that holds its document; gives the directory of the run."""
    shutil.copy(ROOT / "examples" / "hello.wdl", directory)
    (directory / "sprocket.toml").write_text(configuration)
    completed = sprocket(COMMAND, directory, directory / "home")
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == OUTPUTS + "\n"
    return directory / "out" / "runs" / "say_hello" / "_latest"


def tree(directory: Path) -> set[str]:
    """Everything below `directory/out`, with the name of the run directory replaced by `<timestamp>`."""
    names = {"out"}
    for path in (directory / "out").rglob("*"):
        names.add(re.sub(TIMESTAMP, "<timestamp>", str(path.relative_to(directory))))
    return names


def check_files(directory: Path, run: Path) -> None:
    """The tree is the guide's, and each file holds what the guide says."""
    assert tree(directory) == TREE
    assert re.fullmatch(TIMESTAMP, str(run.readlink()))
    assert (run / "inputs.json").read_text().rstrip("\n") == '{\n  "greeting": "Hello"\n}'
    assert (run / "outputs.json").read_text().rstrip("\n") == OUTPUTS
    attempt = run / "attempts" / "0"
    assert (attempt / "command").read_text().rstrip("\n") == 'echo "Hello, world!"'
    assert (attempt / "stdout").read_text() == "Hello, world!\n"
    assert (attempt / "stderr").read_text() == ""


def test_hello_prints_its_outputs_and_leaves_the_tree_of_the_guide(tmp_path: Path):
    check_files(tmp_path, run_hello(tmp_path, '[run]\nbackend = "local"\n'))


@pytest.mark.integration
@pytest.mark.usefixtures("docker_host")
def test_hello_on_docker_is_the_same(tmp_path: Path):
    check_files(tmp_path, run_hello(tmp_path, ""))


def test_the_guide_shows_the_document_its_command_and_its_output():
    text = GUIDE.read_text()
    assert (ROOT / "examples" / "hello.wdl").read_text() in text
    assert COMMAND in commands_in(GUIDE)
    assert OUTPUTS in text
