"""docs/guide/checking.md shows what the command really prints."""

import re
from pathlib import Path

from pysprocket.cli.main import main

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "checking.md"


def test_the_findings_of_the_guide_are_those_of_its_document(tmp_path, monkeypatch, capfd):
    text = GUIDE.read_text()
    (document,) = re.findall(r"```wdl\n(.*?)```", text, re.DOTALL)
    (shown,) = re.findall(r"```\n(error\[.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("greet.wdl").write_text(document)
    assert main(["check", "-s", "greet.wdl"]) == 1
    assert capfd.readouterr().err == shown
    main(["check", "-s", "greet.wdl", "-m", "one-line"])
    assert capfd.readouterr().err.splitlines()[0] in text
