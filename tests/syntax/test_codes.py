"""Every diagnostic code of the parser is explained, and shown by a case."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pysprocket.syntax
from pysprocket.source.codes import CODES
from pysprocket.syntax.codes import EXPLANATIONS
from tests.conftest import CASES

_REPORTING = {"report", "error", "warning", "leniency", "fail", "Diagnostic"}


def codes_in_source() -> set[str]:
    found = set()
    for path in Path(pysprocket.syntax.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                constants = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if name in _REPORTING and constants:
                    found.add(constants[0])
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                found |= {str(item.value) for item in node.value.elts[:1] if isinstance(item, ast.Constant)}
    return {code for code in found if re.fullmatch(r"([A-Z][a-z]+)+", code)}


def test_codes_that_are_emitted_are_explained_and_the_reverse() -> None:
    assert codes_in_source() == EXPLANATIONS.keys()


def test_each_code_is_shown_by_a_case() -> None:
    shown = {
        match[1]
        for path in (CASES / "syntax").glob("*.diagnostics")
        for match in re.finditer(r"^(?:error|warning)\[(\w+)\]", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert shown == EXPLANATIONS.keys()


def test_each_code_has_one_severity() -> None:
    severities: dict[str, set[str]] = {}
    for path in (CASES / "syntax").glob("*.diagnostics"):
        for match in re.finditer(r"^(error|warning)\[(\w+)\]", path.read_text(encoding="utf-8"), re.MULTILINE):
            severities.setdefault(match[2], set()).add(match[1])
    assert {code: found for code, found in severities.items() if len(found) > 1} == {}


def test_explanations_are_sentences_in_the_common_table() -> None:
    for code, explanation in EXPLANATIONS.items():
        assert CODES[code] == explanation
        assert explanation.endswith(".")
        assert "\n" not in explanation
