"""Every code of a diagnostic is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pysprocket.types
from pysprocket.types.codes import EXPLANATIONS

_EMITTED = re.compile(r'(?:(?:\.(?:error|warning|leniency)|\breport)\(\s*|, \()"([A-Z]\w+)"')


def test_the_codes_that_are_emitted_are_those_that_are_explained() -> None:
    emitted: set[str] = set()
    for path in Path(pysprocket.types.__file__).parent.glob("*.py"):
        emitted.update(_EMITTED.findall(path.read_text()))
    assert emitted == EXPLANATIONS.keys()


def test_every_explained_code_has_a_case() -> None:
    cases = Path(__file__).parent.parent / "cases" / "types"
    shown = {code for path in cases.rglob("*.diagnostics") for code in re.findall(r"\[(\w+)\]", path.read_text())}
    assert EXPLANATIONS.keys() - shown == set()
