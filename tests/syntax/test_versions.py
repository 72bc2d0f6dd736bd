"""Versions: the statement, and what each version allows."""

from __future__ import annotations

import pytest

from pysprocket.syntax.versions import FEATURES, NEWEST, RELEASED, parse_version, reserved_words
from tests.syntax.helpers import accepted, codes, read, tolerated

USES = {
    "none": "workflow w { Int? x = None }",
    "struct literal": "struct S { Int a }\nworkflow w { S s = S { a: 1 } }",
    "call shorthand": "workflow w { input { Int a } call t { input: a } }",
    "after": "workflow w { call t  call t as u after t }",
    "directory": "workflow w { input { Array[Directory] d } }",
    "struct meta": "struct S { Int a meta { b: 1 } }",
    "multi-line string": "workflow w { String s = <<< a >>> }",
    "exponentiation": "workflow w { Int x = 2 ** 3 }",
    "env": "task t { input { env String x } command <<<>>> }",
    "requirements": "task t { command <<<>>> requirements { cpu: 1 } }",
    "hints": "workflow w { hints { a: 1 } }",
    "call without input": "workflow w { call t { a = 1 } }",
    "enum": "enum E { A }",
    "else": "workflow w { if (true) { } else { } }",
}


def test_every_feature_has_a_use() -> None:
    assert USES.keys() == FEATURES.keys()


@pytest.mark.parametrize("feature", USES)
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_a_feature_is_refused_before_its_version_and_accepted_from_it_on(feature: str, version: str) -> None:
    text = f"version {version}\n{USES[feature]}\n"
    since = FEATURES[feature].since
    if RELEASED[version] >= since:
        accepted(text)
        return
    _, diagnostics = read(text)
    assert [diagnostic.code for diagnostic in diagnostics] == ["NewerVersionNeeded"]
    assert diagnostics[0].help == f"use `version {since[0]}.{since[1]}` or later"
    assert diagnostics[0].labels[0].end > diagnostics[0].labels[0].start


@pytest.mark.parametrize(
    ("word", "version"),
    [("1.0", (1, 0)), ("1.1", (1, 1)), ("1.2", (1, 2)), ("1.3", (1, 3)), ("development", NEWEST), ("1.1-dev", NEWEST),
     ("biscayne", NEWEST), ("draft-3", (1, 0)), ("draft-2", None), ("1.4", None), ("2.0", None), ("1", None)],
)  # fmt: skip
def test_version_words(word: str, version: tuple[int, int] | None) -> None:
    assert parse_version(word) == version


def test_unreleased_versions_are_read_with_a_warning() -> None:
    document, warnings = tolerated("version development\nenum E { A }\n")
    assert warnings == ["UnreleasedVersion"]
    assert len(document.enums) == 1
    assert document.version is not None
    assert document.version.name == "development"


@pytest.mark.parametrize(
    "text",
    ["", "task t {", "versions 1.0", "import 'a'\nversion 1.0", "version", "version\n1.0"],
)
def test_without_a_version_there_is_one_message(text: str) -> None:
    document, diagnostics = read(text)
    assert [diagnostic.code for diagnostic in diagnostics] == ["MissingVersion"]
    assert diagnostics[0].help is not None
    assert "version 1.3" in diagnostics[0].help
    assert document.version is None


@pytest.mark.parametrize("text", ["version 2.0\ntask {", "version draft-2\ntask {", "version 1.4"])
def test_an_unknown_version_is_one_message(text: str) -> None:
    assert codes(text) == ["UnsupportedVersion"]


def test_words_are_reserved_by_version() -> None:
    assert "enum" not in reserved_words((1, 2))
    assert "enum" in reserved_words((1, 3))
    assert "Directory" not in reserved_words((1, 0))
    for name in ("hints", "enum", "requirements", "env", "after", "sep", "default", "null", "size"):
        accepted(f"version 1.0\nworkflow w {{ Int {name} = 1  Int y = {name} }}")


@pytest.mark.parametrize(
    "name", ["if", "then", "else", "true", "false", "task", "workflow", "call", "scatter", "Int", "None"]
)
def test_words_that_could_be_mistaken_are_refused_as_names(name: str) -> None:
    assert codes(f"version 1.2\nworkflow w {{ input {{ Int {name} }} }}") == ["ReservedWord"]


@pytest.mark.parametrize("name", ["in", "object", "version", "input", "output", "left", "meta", "alias", "import"])
def test_other_reserved_words_are_accepted_as_names_with_a_warning(name: str) -> None:
    document, warnings = tolerated(f"version 1.2\nworkflow w {{ input {{ Int {name}\n Int x = {name} + 1 }} }}")
    assert warnings == ["ReservedWordAsName"]
    assert document.workflow is not None
    assert document.workflow.inputs is not None
    assert document.workflow.inputs.declarations[0].name.name == name
