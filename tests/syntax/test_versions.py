"""Versions: the statement, and what each version allows."""

from __future__ import annotations

import pytest

from pysprocket.source.text import Source
from pysprocket.syntax.parser import parse
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
    assert diagnostics[0].help is not None
    assert f"use `version {since[0]}.{since[1]}`" in diagnostics[0].help
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
    assert document.version is None


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("version: 1.1\n", "write `version 1.1`"),
        ("# notes\nverison 1.0\n", "write `version 1.0`"),
        ("WDL version 1.2\n", "write `version 1.2`"),
        ("VERSION 1.0\n", "write `version 1.0`"),
        ("# c\nversion = '1.2'\n", "write `version 1.2`"),
        ('version "1.0"\n', "write `version 1.0`"),
        ("version 1\n", "write `version 1.0`"),
        ("version 1.0;\n", "write `version 1.0`"),
        ("version\n", "write `version 1.3`"),
        ("", "begin it with `version 1.3`"),
        ("task t { }\nversion 1.0\n", "move it to the first line"),
        ("version 2.0\n", "supported versions: 1.0, 1.1, 1.2, 1.3"),
        ("version 1.4\n", "supported versions: 1.0, 1.1, 1.2, 1.3"),
    ],
)
def test_a_version_that_is_nearly_right_has_a_remedy(text: str, remedy: str) -> None:
    _, diagnostics = read(text)
    assert [diagnostic.help for diagnostic in diagnostics] == [remedy]


@pytest.mark.parametrize("text", ["task t { String x }", "version draft-2\ntask t { }", 'import "a.wdl"\n'])
def test_draft_2_is_told_how_to_upgrade(text: str) -> None:
    _, diagnostics = read(text)
    assert diagnostics[0].help is not None
    for part in ("version 1.0", "input {", "command <<<", "fallback_version"):
        assert part in diagnostics[0].help


@pytest.mark.parametrize("text", ["version 2.0\ntask {", "version draft-2\ntask {", "version 1.4"])
def test_an_unknown_version_is_one_message(text: str) -> None:
    assert codes(text) == ["UnsupportedVersion"]


@pytest.mark.parametrize(
    "statement", ["", "version draft-2\n", "version 2.0\n", "version development\n", "version 1.1-dev\n"]
)
def test_the_fallback_version_is_taken_where_there_is_none_to_go_by(statement: str) -> None:
    source = Source("file:///source.wdl", statement + "task t { command <<<>>> }\n", "source.wdl")
    document, diagnostics = parse(source, fallback="1.1")
    assert [(finding.code, finding.lenient) for finding in diagnostics] == [("UnreleasedVersion", True)]
    assert document.version is not None
    assert document.version.name == "1.1"
    assert [task.name.name for task in document.tasks] == ["t"]


def test_the_fallback_version_does_not_change_documents_that_state_theirs() -> None:
    document, diagnostics = parse(Source("file:///source.wdl", "version 1.2\n", "source.wdl"), fallback="1.0")
    assert diagnostics == []
    assert document.version is not None
    assert document.version.name == "1.2"


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


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<!DOCTYPE html>\n<html>", "a web page"),
        ('{"w.a": 1}', "JSON"),
        ("#!/usr/bin/env cwl-runner\ncwlVersion: v1.2\n", "CWL"),
        ("nextflow.enable.dsl=2\n", "Nextflow"),
    ],
)
def test_what_is_written_in_another_language_is_said_to_be(text: str, what: str) -> None:
    for fallback in (None, "1.0"):
        _, (diagnostic,) = parse(Source("test:///x.wdl", text), fallback)
        assert (diagnostic.code, diagnostic.message) == ("MissingVersion", f"this looks like {what}, not like WDL")
