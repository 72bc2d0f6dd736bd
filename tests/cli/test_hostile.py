"""Documents that nobody means, on the command line: soon an exit status of 1, a short and harmless report."""

from pathlib import Path

import pytest

TEXTS = {
    "a line of megabytes": 'version 1.3\nworkflow w { String s = "' + "a" * 3_000_000 + '" Int y = nope }\n',
    "a name of a megabyte": "version 1.3\nworkflow w { Int x = " + "a" * 1_000_000 + " }\n",
    "thousands of mistakes": "version 1.3\nworkflow w {\n" + "  Int x = nope\n" * 5_000 + "}\n",
    "NUL characters": "\0" * 100_000,
    "commands for the terminal": "version 1.3\nworkflow w { Int x = \x1b[31m\u202e }\n",
    "deep brackets": "version 1.3\nworkflow w { Int x = " + "(" * 100_000 + " }\n",
}


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_report_is_short_and_harmless(sprocket, text, command):
    Path("hostile.wdl").write_text(text)
    status, _, errors = sprocket(command, "hostile.wdl")
    assert status == 1
    assert len(errors) < 60_000
    assert all(line.isprintable() for line in errors.splitlines())
    assert "bug" not in errors


def test_the_name_of_a_file_does_not_command_the_terminal(sprocket):
    status, _, errors = sprocket("run", "\x1b[31mnone.wdl")
    assert status == 2
    assert "\x1b" not in errors
