"""Every example runs by the command its documentation gives, and gives what it promises."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from scripts import example_data
from tests.examples.commands import ROOT, by_name, commands_in, outputs, sprocket
from tests.integration.docker_fixture import docker_host  # noqa: F401 - a fixture

EXAMPLES = ROOT / "examples"
EXPECTED = Path(__file__).with_name("expected")
DOCUMENTS = {
    "hello": EXAMPLES / "hello.wdl",
    "quality": EXAMPLES / "quality" / "quality.wdl",
    "variants": EXAMPLES / "variants" / "merge_variants.wdl",
}
README_COMMANDS = commands_in(EXAMPLES / "README.md")
LOCAL = ["--backend", "local"]


def command_of(example: str, *, local: bool) -> list[str]:
    """The one command of the examples' README that runs `example` on a backend."""
    document = str(DOCUMENTS[example].relative_to(ROOT))
    (command,) = [command for command in README_COMMANDS if command[1] == document and (command[-2:] == LOCAL) is local]
    return command


def run_and_compare(example: str, *, local: bool, directory: Path) -> None:
    """Run an example and compare its outputs, and its report, with what is expected."""
    out = directory / "out"
    found = outputs(sprocket([*command_of(example, local=local), "--output-dir", str(out)], ROOT, directory))
    assert by_name(found, out) == json.loads((EXPECTED / f"{example}.json").read_text())
    if example == "quality":
        report = Path(found["quality.summary_report"])
        assert report.read_text() == (EXPECTED / "report.md").read_text()


@pytest.mark.parametrize("example", DOCUMENTS)
def test_an_example_runs_on_the_local_backend_by_its_documented_command(example: str, tmp_path: Path):
    run_and_compare(example, local=True, directory=tmp_path)


@pytest.mark.integration
@pytest.mark.usefixtures("docker_host")
@pytest.mark.parametrize("example", DOCUMENTS)
def test_an_example_runs_on_docker_by_its_documented_command(example: str, tmp_path: Path):
    run_and_compare(example, local=False, directory=tmp_path)


def test_the_readme_has_the_commands_of_every_document():
    for document in EXAMPLES.rglob("*.wdl"):
        for command in commands_in(document):
            assert command in README_COMMANDS, document


def test_every_example_directory_is_tried():
    tried = {path.parent if path.parent != EXAMPLES else path for path in DOCUMENTS.values()}
    assert {*EXAMPLES.glob("*.wdl"), *(path for path in EXAMPLES.iterdir() if path.is_dir())} == tried


def test_the_data_are_what_the_script_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(example_data, "EXAMPLES", tmp_path)
    example_data.main()

    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(made) == 10
    for path in made:
        kept = EXAMPLES / path.relative_to(tmp_path)
        read = gzip.decompress if path.suffix == ".gz" else bytes  # the compressed bytes vary with the zlib
        assert read(path.read_bytes()) == read(kept.read_bytes()), kept
