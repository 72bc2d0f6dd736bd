"""docs/guide/dry-run.md shows what the command really prints."""

import re
from pathlib import Path

import pytest

from pysprocket.cli.main import main

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "dry-run.md"
TEXT = GUIDE.read_text()


@pytest.fixture
def sessions(tmp_path, monkeypatch):
    """The commands of the guide with what they print, in a directory that has its files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for language, name in (("wdl", "variants.wdl"), ("toml", "sprocket.toml")):
        (text,) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
        Path(name).write_text(text)
    for name in "abc":
        Path(f"{name}.txt").write_text("1\n2\n3\n")
    return [
        (command.split()[1:], shown) for command, shown in re.findall(r"```console\n\$ (.*?)\n(.*?)```", TEXT, re.S)
    ]


def test_the_output_of_the_guide_is_that_of_its_document(sessions, capfd):
    (command, shown), _ = sessions
    assert main(command) == 0
    assert capfd.readouterr().out == shown


def test_the_error_of_the_guide_is_that_of_its_document(sessions, capfd):
    _, (command, shown) = sessions
    assert main(command) == 1
    assert capfd.readouterr().err.startswith(shown)
    assert not Path("out").exists()
