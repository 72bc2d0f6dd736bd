"""`sprocket explain`, `validate` and `inputs`."""

import json
from pathlib import Path

import pytest

from pysprocket.source.codes import CODES

DOCUMENT = """\
version 1.2
struct S { Int a }
task leaf { input { Int k Int z = 2 String? os } command <<< >>> }
workflow main {
  input {
    Int a
    Int b = 3
    Int c = a + 1
    Array[Int] na = [a, 2]
    File? f
    Map[String, Int] m = {"k": 1}
    S s = S { a: -1 }
    Pair[Int, String] p = (1, "x")
    String t = "a~{b}"
    String u = "é"
  }
  call leaf
  hints { allow_nested_inputs: true }
}
"""


@pytest.fixture(autouse=True)
def _document(sprocket):
    Path("main.wdl").write_text(DOCUMENT)
    Path("strict.wdl").write_text(DOCUMENT.replace("allow_nested_inputs: true", ""))


# --- explain ---------------------------------------------------------------------------------------------


def test_a_code_is_explained_however_it_is_capitalised(sprocket):
    ended = sprocket("explain", "unknownname")
    assert ended.status == 0
    assert ended.out.startswith("UnknownName\n\n")
    assert max(map(len, ended.out.splitlines())) <= 80


def test_an_unknown_code_suggests_the_nearest(sprocket):
    ended = sprocket("explain", "UnknwonName")
    assert ended.status == 2
    assert ended.err.startswith("error: there is no diagnostic `UnknwonName`\nhelp: did you mean `UnknownName`")
    assert "--list" in sprocket("explain", "zzzzzz").err
    assert sprocket("explain").status == 2


def test_all_codes_are_listed(sprocket):
    assert sprocket("explain", "--list").out.split() == sorted(CODES)


def test_several_codes_are_explained_at_once_also_for_programs(sprocket):
    text = sprocket("explain", "UnknownName", "unknowntype", "UnknownName").out
    assert [line for line in text.splitlines() if line in CODES] == ["UnknownName", "UnknownType"]
    table = json.loads(sprocket("explain", "unknowntype", "UnknownName", "--format", "json").out)
    assert table == [{"code": name, "explanation": CODES[name]} for name in ("UnknownType", "UnknownName")]
    assert [row["code"] for row in json.loads(sprocket("explain", "--list", "--format", "json").out)] == sorted(CODES)
    ended = sprocket("explain", "UnknownName", "zzzzzz")
    assert (ended.status, ended.out) == (2, "")


# --- validate --------------------------------------------------------------------------------------------


def test_inputs_that_fit(sprocket):
    ended = sprocket("validate", "main.wdl", "main.a=1", "main.leaf.k=2")
    assert (ended.status, ended.out) == (0, "Validated inputs for `main`\n")


def test_every_problem_with_the_inputs_is_told(sprocket):
    ended = sprocket("-q", "validate", "main.wdl", "-t", "main", "b=x", "f=gone.txt")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines() == [
        'error: main.b: expected Int, found "x"',
        f"error: main.f: file `{Path.cwd()}/gone.txt` does not exist",
        "error: main.a: required (Int) but not given",
        "error: main.leaf.k: required (Int) but not given",
        "help: write `main.a=VALUE`, or name a file as `@FILE`; `sprocket inputs` prints a template",
    ]


def test_a_document_with_errors_is_not_validated(sprocket):
    Path("bad.wdl").write_text("version 1.2\ntask t { command <<< ~{nope} >>> }\n")
    ended = sprocket("validate", "bad.wdl", "--", "t.n=1")
    assert ended.status == 1
    assert "there is no `nope` here" in ended.err
    assert ended.err.splitlines()[-1] == "error: aborting due to previous 1 error"


def test_a_document_that_is_not_there_is_wrong_usage(sprocket):
    assert sprocket("validate", "gone.wdl").status == 2


# --- inputs ----------------------------------------------------------------------------------------------


def test_the_template_has_types_defaults_and_nulls_in_order(sprocket):
    ended = sprocket("-q", "inputs", "main.wdl")
    assert (ended.status, ended.err) == (0, "")
    assert list(json.loads(ended.out).items()) == [
        ("main.a", "Int <REQUIRED>"),
        ("main.b", 3),
        ("main.na", ["<OMITTED>", 2]),
        ("main.f", None),
        ("main.m", {"k": 1}),
        ("main.s", {"a": -1}),
        ("main.p", {"left": 1, "right": "x"}),
        ("main.u", "é"),
        ("main.leaf.k", "Int <REQUIRED>"),
    ]


def test_defaults_may_be_hidden_and_inputs_of_calls_added(sprocket):
    hidden = json.loads(sprocket("inputs", "main.wdl", "--hide-defaults").out)
    assert list(hidden) == ["main.a", "main.f", "main.leaf.k"]
    nested = json.loads(sprocket("inputs", "main.wdl", "--nested-inputs", "--hide-defaults").out)
    assert list(nested) == ["main.a", "main.f", "main.leaf.k", "main.leaf.os"]


def test_a_workflow_that_does_not_allow_nested_inputs_has_none(sprocket):
    ended = sprocket("inputs", "strict.wdl", "--nested-inputs")
    assert (ended.status, ended.out) == (1, "")
    assert "`main` does not allow inputs of calls" in ended.err


def test_a_task_can_be_named(sprocket):
    assert json.loads(sprocket("inputs", "main.wdl", "-t", "leaf").out) == {
        "leaf.k": "Int <REQUIRED>",
        "leaf.z": 2,
        "leaf.os": None,
    }


def test_the_template_with_its_blanks_filled_in_is_valid(sprocket):
    template = json.loads(sprocket("inputs", "main.wdl").out)
    template |= {"main.a": 1, "main.leaf.k": 2, "main.na": [1, 2]}
    Path("inputs.json").write_text(json.dumps(template))
    assert sprocket("validate", "main.wdl", "@inputs.json").status == 0
