"""Each command of the guide's page about inputs does what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pysprocket.cli.main import main
from tests.examples.commands import ROOT, commands_in

GUIDE = ROOT / "docs" / "guide" / "inputs.md"
TEXT = GUIDE.read_text()
COMMANDS = commands_in(GUIDE)
Prints = Callable[[list[str]], str]


def block(language: str) -> str:
    """The first block of code in a language."""
    (found, *_) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


@pytest.fixture
def prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Prints:
    """Runs a command where the files of the page are, and gives what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SPROCKET_CONFIG", raising=False)
    Path("inputs.wdl").write_text(block("wdl"))
    Path("party.json").write_text(block("json"))
    Path("party.yaml").write_text(block("yaml"))
    Path("letter.txt").write_text("Dear all\n")

    def run(command: list[str]) -> str:
        status = main([*command, "--backend", "local"] if command[0] == "run" else command)
        captured = capfd.readouterr()
        assert status == 0, captured.err
        return captured.out

    return run


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if "https://" not in " ".join(command)], ids=" ".join
)
def test_a_command_of_the_page_runs(prints: Prints, command: list[str]):
    assert prints(command)


def outputs(prints: Prints, *words: str) -> dict[str, Any]:
    """The outputs of the one command of the page that holds the words."""
    (command,) = [command for command in COMMANDS if " ".join(words) in " ".join(command) and command[0] == "run"]
    return {key.rpartition(".")[2]: value for key, value in json.loads(prints(command)).items()}


def test_what_the_page_says_of_them(prints: Prints):
    assert outputs(prints, "Ann Bob names=Cid")["said"][0] == "Hello Ann and Bob and Cid"
    assert outputs(prints, "lucky=")["same"] == {"left": 7, "right": "seven"}
    assert outputs(prints, "run inputs.wdl @party.yaml")["said"][0] == "Welcome Ann and Bob"
    assert outputs(prints, "party.guests=Dora")["said"][0] == "Welcome Dora"
    assert outputs(prints, "letter=letter.txt")["said"][1] == "Dear all"
    assert outputs(prints, "note.txt")["said"][1] == "Dear all"
