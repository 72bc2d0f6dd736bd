"""Configuration files with mistakes, and the whole report about each.

A case is a file below `tests/cases/config/mistakes`. Lines that begin with `#!` say what there is beside it:
`#! NAME=VALUE` a variable of the environment, `#! --set KEY=VALUE` an argument, `#! below FILE` a file read before.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pysprocket.config import load
from pysprocket.config.assignments import Assignment
from pysprocket.errors import ConfigError
from pysprocket.source.render import render


@pytest.mark.cases("config/mistakes/*.toml")
def test_report(case: Path, expected: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case.parent)
    for name in [name for name in os.environ if name.startswith("SPROCKET_")]:
        monkeypatch.delenv(name)
    files, assignments = [], []
    for line in case.read_text(encoding="utf-8").splitlines():
        words = line.removeprefix("#! ")
        if words == line:
            continue
        kind, _, rest = words.partition(" ")
        if kind == "below":
            files.append(Path(rest))
        elif kind == "--set":
            assignments.append(Assignment(rest))
        else:
            name, _, value = words.partition("=")
            monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load(files=[*files, Path(case.name)], search=False, assignments=assignments)
    report = render([each for each in caught.value.diagnostics if each.labels])  # not the permissions of the files
    assert "s3cret" not in report
    assert "s3cret" not in str(caught.value)
    expected(case.with_suffix(".diagnostics"), report)
