"""After a mistake: one report for it, and everything else is still read."""

from __future__ import annotations

import pytest

from pysprocket.syntax.nodes import Declaration
from tests.syntax.helpers import codes, read

GOOD_TASK = "task good {\n  command <<<>>>\n}\n"


@pytest.mark.parametrize(
    "mistake",
    [
        "Int = 1",
        "Int x 1",
        "Int x =",
        "Int x = (1",
        "Int x = [1, (2, {3: 4}",
        "String s = 'a",
        'String s = "~{a',
        "Int x = 1 +",
        "scatter (i on x) { Int y = 1 }",
        "if x { Int y = 1 }",
        "call",
        "call a { input: b = }",
        "call a { b c }",
        "Array[Int x = 1",
        "1",
        "= 1",
        ") x",
        "Int x = @",
        "call a as",
        "Int x = f(1,\n    2",
        "object { a: 1 }",
        "Map[Int, Int m = {}",
        "Int x == 1",
    ],
)
def test_one_mistake_in_a_body_is_one_error_and_the_rest_is_read(mistake: str) -> None:
    text = f"version 1.2\nworkflow w {{\n  Int before = 1\n  {mistake}\n  Int after = 2\n}}\n{GOOD_TASK}"
    document, diagnostics = read(text)
    assert len(diagnostics) == 1, [diagnostic.message for diagnostic in diagnostics]
    assert document.workflow is not None
    names = [statement.name.name for statement in document.workflow.body if isinstance(statement, Declaration)]
    assert names[0] == "before"
    assert names[-1] == "after"
    assert [task.name.name for task in document.tasks] == ["good"]


@pytest.mark.parametrize(
    "mistake",
    [
        "task {",
        "task 1 {\n}",
        "task x\n  command <<<>>>\n}",
        "struct S {\n  Int x = 1\n}",
        "import x",
        "import",
        "wokflow w {\n Int x = 1\n}",
        "enum E { 1 }",
        "}",
        "struct S { Int }",
        "x",
        "task t {\n  command <<<>>>\n",
        "workflow w {\n  if (true) {\n    call good\n",
    ],
)
def test_one_mistake_in_the_document_is_one_error_and_the_rest_is_read(mistake: str) -> None:
    document, diagnostics = read(f"version 1.3\n{mistake}\n{GOOD_TASK}")
    assert len(diagnostics) == 1, [diagnostic.message for diagnostic in diagnostics]
    assert document.tasks[-1].name.name == "good"


def test_each_section_entry_recovers_alone() -> None:
    text = """version 1.2
task t {
  input {
    Int
    Int b
  }
  command <<<>>>
  runtime {
    cpu 1
    memory: "1 GB"
    disks:
  }
  meta {
    a: x
    b: 2
  }
}
"""
    document, diagnostics = read(text)
    task = document.tasks[0]
    assert len(diagnostics) == 4
    assert task.inputs is not None
    assert [declaration.name.name for declaration in task.inputs.declarations] == ["b"]
    assert task.runtime is not None
    assert [member.name.name for member in task.runtime.members] == ["memory"]
    assert task.meta is not None
    assert [entry.name.name for entry in task.meta.entries] == ["b"]


def test_an_unclosed_section_ends_where_the_next_begins() -> None:
    sections = ["input {\n    Int a", "command <<< x >>>", "output {\n    Int b = 1", "runtime { cpu: 1 }"]
    text = "version 1.2\ntask t {\n  " + "\n  ".join(sections) + "\n}\n"
    document, diagnostics = read(text)
    assert [diagnostic.code for diagnostic in diagnostics] == ["UnclosedBlock", "UnclosedBlock"]
    task = document.tasks[0]
    assert task.command is not None
    assert task.outputs is not None
    assert task.runtime is not None


def test_the_first_of_repeated_sections_and_workflows_counts() -> None:
    text = "version 1.2\ntask t { input { Int a } input { Int b } command <<<>>> }\nworkflow v {}\nworkflow w {}\n"
    document, diagnostics = read(text)
    assert [diagnostic.code for diagnostic in diagnostics] == ["DuplicateSection", "DuplicateWorkflow"]
    assert document.tasks[0].inputs is not None
    assert document.tasks[0].inputs.declarations[0].name.name == "a"
    assert document.workflow is not None
    assert document.workflow.name.name == "v"


def test_errors_stop_at_a_bound() -> None:
    found = codes("version 1.2\nworkflow w {\n" + "  Int x 1\n" * 5000 + "}\n")
    assert found[-1] == "TooManyMistakes"
    assert len(found) == 201


def test_sections_of_the_wrong_kind_are_reported() -> None:
    assert codes("version 1.2\nworkflow w { runtime { cpu: 1 } }") == ["UnexpectedToken"]
    assert codes("version 1.2\ntask t { command <<<>>> call x }") == ["UnexpectedToken"]
    assert codes("version 1.2\ntask t { runtime { a: 1 } requirements { cpu: 1 } command <<<>>> }") == [
        "ConflictingSections"
    ]
    assert codes("version 1.2\ntask t { input { Int x } }") == ["MissingCommand"]
