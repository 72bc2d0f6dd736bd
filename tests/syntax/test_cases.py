"""Documents with mistakes, and the whole report about each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pysprocket.source.render import render
from pysprocket.source.text import Source
from pysprocket.syntax.parser import parse


@pytest.mark.cases("syntax/*.wdl")
def test_report(case: Path, expected: Callable[[Path, str], None]) -> None:
    with case.open(encoding="utf-8", newline="") as file:
        source = Source(case.as_uri(), file.read(), case.name)
    _, diagnostics = parse(source)
    expected(case.with_suffix(".diagnostics"), render(diagnostics))
