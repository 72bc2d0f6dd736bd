"""Documents with mistakes, and the whole report about each and its imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pysprocket.source.render import render
from pysprocket.types.loader import load


@pytest.mark.cases("types/*/source.wdl")
def test_report(case: Path, expected: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case.parent)
    expected(case.with_suffix(".diagnostics"), render(load(case.name).diagnostics))
