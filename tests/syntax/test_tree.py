"""The tree of whole documents: what is where, and the span of every node."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from pysprocket.syntax import nodes
from tests.syntax.helpers import accepted, parts, show, tolerated

DOCUMENT = """\
# A comment before the version.
version 1.3  # and one after

import "lib/tasks.wdl"
import 'https://example.org/other.wdl' as other alias A as B alias C as D

struct Sample {
  String name
  Array[Pair[File, File?]]+ reads
  Map[String, Int]? counts
  meta { description: "a sample" }
  parameter_meta { name: { help: "its name", levels: [1, -2.5, null, true] } }
}

enum Color { Red, Green = "green", Blue, }
enum Level[Int] { Low = 1, High = 10 }

task align {
  input {
    env String name = "x"
    Int? threads
  }
  Float memory = 1.5 * 2
  command <<<
    echo ~{name} ${name} ~{sep=", " [threads]}
  >>>
  output { File out = "~{name}.bam" }
  requirements { cpu: threads + 1  container: ["a", "b"] }
  hints {
    short_task: true
    inputs: input { name: hints { min: 3 }, sample.reads: hints { x: [1] } }
    outputs: output { out: hints { y: "z" } }
  }
  meta { allow: true }
  parameter_meta { name: "the name" threads: 4 }
}

workflow main {
  input { Array[Int]+? numbers  Sample sample }
  call align
  call other.align as again after align after again { name = "y", threads }
  call other.deep.align as third { input: name = "z", }
  call align as fourth {}
  scatter (i in range(10)) {
    if (i > 3 && defined(numbers)) {
      Int j = i * 2
    } else if (i == 0) { call align as zero { input: } } else {
      Int j = -1
    }
  }
  Sample made = Sample { name: "n", reads: [("a", "b")] }
  output { Array[Int?] js = j }
  hints { allow_nested_inputs: true  more: { a: [1, "b"] } }
  meta { n: 1 }
  parameter_meta { sample: { } }
}
"""


def walk(node: object) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.Node):
        yield node
        for name in node.__struct_fields__:
            yield from walk(getattr(node, name))
    elif isinstance(node, tuple):
        for item in node:
            yield from walk(item)


@pytest.fixture(scope="module")
def document() -> nodes.Document:
    return accepted(DOCUMENT)


def test_every_node_spans_its_text(document: nodes.Document) -> None:
    for node in walk(document):
        text = DOCUMENT[node.start : node.end]
        assert text == text.strip() or isinstance(node, nodes.Document), text
        match node:
            case nodes.Identifier(name=name) | nodes.Name(name=name):
                assert text == name
            case nodes.TypeExpression():
                assert text.startswith(node.name)
                assert text.endswith("?") == node.optional
                assert text.rstrip("?").endswith("+") == node.nonempty
            case nodes.Binary():
                assert node.operator in text[node.left.end - node.start : node.right.start - node.start]
            case nodes.Command() | nodes.Task() | nodes.Workflow() | nodes.Scatter() | nodes.If() | nodes.Clause():
                assert text[-1] in "}>"
            case nodes.Placeholder():
                assert text[:2] in ("~{", "${")
                assert text[-1] == "}"


def test_parents_enclose_their_children(document: nodes.Document) -> None:
    for node in walk(document):
        for name in node.__struct_fields__:
            for child in walk(getattr(node, name)):
                assert node.start <= child.start <= child.end <= node.end


def test_spans_include_brackets_around_operands() -> None:
    text = "version 1.2\nworkflow w {\n  Int x = (a + b) * ((c))\n  Int y = -(d).e[0]\n}\n"
    workflow = accepted(text).workflow
    assert workflow is not None
    found = [text[node.start : node.end] for node in walk(workflow) if isinstance(node, nodes.Binary | nodes.Unary)]
    assert found == ["(a + b) * ((c))", "a + b", "-(d).e[0]"]
    assert [text[node.start : node.end] for node in workflow.body] == ["Int x = (a + b) * ((c))", "Int y = -(d).e[0]"]


def test_imports(document: nodes.Document) -> None:
    first, second = document.imports
    assert first.uri.parts == ("lib/tasks.wdl",)
    assert first.namespace is None
    assert second.namespace is not None
    assert second.namespace.name == "other"
    assert [(alias.original.name, alias.name.name) for alias in second.aliases] == [("A", "B"), ("C", "D")]


def test_structs_and_enums(document: nodes.Document) -> None:
    (sample,) = document.structs
    assert [member.name.name for member in sample.members] == ["name", "reads", "counts"]
    reads = sample.members[1].type
    assert (reads.name, reads.nonempty, reads.optional) == ("Array", True, False)
    assert [argument.optional for argument in reads.arguments[0].arguments] == [False, True]
    assert sample.parameter_meta is not None
    assert sample.parameter_meta.entries[0].value == {"help": "its name", "levels": [1, -2.5, None, True]}
    color, level = document.enums
    assert [(choice.name.name, choice.value and show(choice.value)) for choice in color.choices] == [
        ("Red", None), ("Green", "'green'"), ("Blue", None),
    ]  # fmt: skip
    assert level.type is not None
    assert level.type.name == "Int"


def test_tasks(document: nodes.Document) -> None:
    (task,) = document.tasks
    assert task.inputs is not None
    assert [(d.name.name, d.environment, d.type.optional) for d in task.inputs.declarations] == [
        ("name", True, False), ("threads", False, True),
    ]  # fmt: skip
    assert [declaration.name.name for declaration in task.declarations] == ["memory"]
    assert task.command is not None
    assert task.command.parts[0] == "echo "
    assert task.requirements is not None
    assert [show(member.value) for member in task.requirements.members] == ["(threads + 1)", "['a', 'b']"]
    assert task.hints is not None
    assert [show(member.value) for member in task.hints.members] == [
        "True", "input{name: hints{min: 3}, sample.reads: hints{x: [1]}}", "output{out: hints{y: 'z'}}",
    ]  # fmt: skip
    assert task.meta is not None
    assert [(entry.name.name, entry.value) for entry in task.meta.entries] == [("allow", True)]
    assert (task.runtime, task.outputs is None) == (None, False)


def test_workflow_statements(document: nodes.Document) -> None:
    workflow = document.workflow
    assert workflow is not None
    plain, again, third, fourth, scatter, made = workflow.body
    assert isinstance(plain, nodes.Call)
    assert plain.name.name == "align"
    assert isinstance(again, nodes.Call)
    assert ([n.name for n in again.callee], again.name.name) == (["other", "align"], "again")
    assert [name.name for name in again.after] == ["align", "again"]
    assert [(given.name.name, show(given.expression), given.shorthand) for given in again.inputs] == [
        ("name", "'y'", False), ("threads", "threads", True),
    ]  # fmt: skip
    assert isinstance(third, nodes.Call)
    assert len(third.callee) == 3
    assert isinstance(fourth, nodes.Call)
    assert fourth.inputs == ()
    assert isinstance(scatter, nodes.Scatter)
    assert (scatter.variable.name, show(scatter.expression)) == ("i", "range(10)")
    (conditional,) = scatter.body
    assert isinstance(conditional, nodes.If)
    assert [clause.condition and show(clause.condition) for clause in conditional.clauses] == [
        "((i > 3) && defined(numbers))", "(i == 0)", None,
    ]  # fmt: skip
    assert isinstance(made, nodes.Declaration)
    assert workflow.hints is not None
    assert show(workflow.hints.members[1].value) == "object{a: [1, 'b']}"


def test_a_document_may_hold_only_its_version() -> None:
    document = accepted("version 1.1")
    assert document.version is not None
    assert (document.version.name, document.version.start, document.version.end) == ("1.1", 8, 11)
    assert (document.imports, document.tasks, document.workflow) == ((), (), None)


def test_line_ends_of_windows_change_nothing() -> None:
    accepted(DOCUMENT.replace("\n", "\r\n"))
    task = accepted("version 1.2\r\ntask t {\r\n  command <<<\r\n    a\r\n      b\r\n  >>>\r\n}\r\n").tasks[0]
    assert task.command is not None
    assert task.command.parts == ("a\n  b",)


def test_reserved_words_are_keys_members_and_inputs() -> None:
    document = accepted(
        "version 1.2\ntask t { command <<<>>> runtime { docker: 'a' input: 1 object: 2 } "
        "meta { if: 1 task: 2 version: '3' } parameter_meta { in: 1 } }\n"
        "workflow w { call t as u { if = 1, in = 2, input = 3, task = 4 } Int x = object { then: 1 }.then }"
    )
    assert document.workflow is not None
    call = document.workflow.body[0]
    assert isinstance(call, nodes.Call)
    assert [given.name.name for given in call.inputs] == ["if", "in", "input", "task"]


def test_env_is_a_type_name_or_a_name_where_it_is_no_modifier() -> None:
    document = accepted("version 1.2\nworkflow w { Int env = 1  Int x = env }\nstruct S { env abc\n  String env }")
    assert [member.type.name for member in document.structs[0].members] == ["env", "String"]


def test_a_comment_that_looks_special_is_a_comment() -> None:
    accepted("#@ except: X\n## doc\nversion 1.2 #@ y\nworkflow w { #} \n Int x = 1 # '\n}")


def test_metadata_strings_are_plain() -> None:
    document, warnings = tolerated(
        "version 1.2\nworkflow w { meta { a: 'x\\ty' b: \"~{z}\" c: '' d: '~ $' e: -3 f: <<<\n  g\n>>> } }"
    )
    assert warnings == ["PlaceholderInMetadata"]
    assert document.workflow is not None
    assert document.workflow.meta is not None
    assert [entry.value for entry in document.workflow.meta.entries] == ["x\ty", "~{z}", "", "~ $", -3, "g"]


def test_nodes_compare_by_identity() -> None:
    first, second = accepted(DOCUMENT), accepted(DOCUMENT)
    assert first != second
    assert len({*walk(first), *walk(second)}) == 2 * sum(1 for _ in walk(first))
    assert msgspec.json.encode(first) == msgspec.json.encode(second)


def test_quoted_text_of_a_struct_member_keeps_its_parts() -> None:
    task = accepted("version 1.2\ntask t { command { a ~{b} } }").tasks[0]
    assert task.command is not None
    assert parts(task.command) == ["a ", "<b>"]
