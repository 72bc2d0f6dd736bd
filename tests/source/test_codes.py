"""The table of all diagnostic codes."""

from __future__ import annotations

import re

from pysprocket.source.codes import CODES


def test_codes_are_pascal_case_and_sorted() -> None:
    assert CODES
    assert list(CODES) == sorted(CODES)
    assert [code for code in CODES if not re.fullmatch(r"[A-Z][A-Za-z]+", code)] == []


def test_every_code_has_an_explanation() -> None:
    assert all(len(explanation) > 20 for explanation in CODES.values())
