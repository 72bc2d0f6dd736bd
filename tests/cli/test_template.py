"""`sprocket inputs` in its forms; what it prints is read back as the same data."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from pysprocket.cli.template import Entry
from pysprocket.cli.template_yaml import yaml_template
from pysprocket.plan.input_files import parse_input_file, parse_yaml
from pysprocket.types.model import STRING

MAIN = """\
version 1.3
import "sub.wdl" as s
enum Color { Red, Green = "#0f0" }
struct Inner { File f Color c }
struct Sample { String name Int? age Array[Inner] inner }
task leaf {
  input { Int k Int z = 2 String? os }
  command <<< >>>
  parameter_meta { k: "how deep" }
}
workflow main {
  input {
    Int a
    Sample sample
    Array[Pair[Int, Color]] pairs
    Int b = 3
    Int c = a + 1
    Array[Int] na = [a, 2]
    File? f
    Map[String, Float] m = {"x: y": 1.5, "#": 1e20}
    Array[Array[Int]] deep = [[1, 2], [], [3]]
    Array[Object] objects = [object { x: [1], y: "" }, object { }]
    Color color = Color.Green
    Array[Color] colors = [Color.Red]
    String text = "no: \\"quoted\\" # \\t\\n é\\u2028'"
    String made = "~{a}"
    Int? none = None
  }
  call leaf
  call leaf as two { k = 1 }
  call s.sub
  parameter_meta {
    a: "first\\nsecond # third: [x]"
    sample: { label: "The sample", description: "what was\\nread", help: "ask", choices: ["x", 1, true] }
    b: ["odd", 3]
    f: "tab\\there, bell\\u0007, null\\u0000, line\\u2028end\\u0085, mark\\ufeff"
  }
  hints { allow_nested_inputs: true }
}
"""


@pytest.fixture(autouse=True)
def _documents(sprocket):
    Path("main.wdl").write_text(MAIN)
    Path("sub.wdl").write_text(
        "version 1.3\ntask leaf { input { Int k Int z = 2 } command <<< >>> }\n"
        "workflow sub { input { Int y Int q = 3 } call leaf { k = y } hints { allow_nested_inputs: true } }\n"
    )


def template(sprocket, *arguments: str) -> dict[str, Any]:
    ended = sprocket("-q", "inputs", "main.wdl", *arguments)
    assert (ended.status, ended.err) == (0, "")
    if "--yaml" in arguments:
        return parse_input_file(ended.out.encode(), "x.yaml").values
    data: dict[str, Any] = json.loads(ended.out)
    return data


FORMS = [[], ["--hide-defaults"], ["--show-non-literals"], ["--type-signatures"], ["--nested-inputs"]]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "".join(form) or "plain")
def test_yaml_says_what_json_says(sprocket, form):
    found = template(sprocket, "--yaml", *form)
    assert found == template(sprocket, *form)
    assert list(found) == list(template(sprocket, *form))


def test_plain(sprocket):
    assert template(sprocket) == {
        "main.a": "Int <REQUIRED>",
        "main.sample": "Sample <REQUIRED>",
        "main.pairs": "Array[Pair[Int, Color]] <REQUIRED>",
        "main.b": 3,
        "main.na": ["<OMITTED>", 2],
        "main.f": None,
        "main.m": {"x: y": 1.5, "#": 1e20},
        "main.deep": [[1, 2], [], [3]],
        "main.objects": [{"x": [1], "y": ""}, {}],
        "main.color": "Green",
        "main.colors": ["Red"],
        "main.text": 'no: "quoted" # \t\n é\u2028\'',
        "main.none": None,
        "main.leaf.k": "Int <REQUIRED>",
        "main.sub.y": "Int <REQUIRED>",
    }


def test_computed_defaults_are_shown_as_their_expressions(sprocket):
    shown = template(sprocket, "--show-non-literals")
    assert shown["main.c"] == "Int <NON-LITERAL: `a + 1`>"
    assert shown["main.na"] == ["<NON-LITERAL: `a`>", 2]
    assert shown["main.made"] == 'String <NON-LITERAL: `"~{a}"`>'
    assert (shown["main.b"], shown["main.color"]) == (3, "Green")


def test_types_alone(sprocket):
    shown = template(sprocket, "--type-signatures")
    assert (shown["main.a"], shown["main.c"], shown["main.f"], shown["main.leaf.k"]) == ("Int", "Int", "File?", "Int")
    assert list(template(sprocket, "--type-signatures", "--hide-defaults")) == [
        "main.a", "main.sample", "main.pairs", "main.f", "main.leaf.k", "main.sub.y",
    ]  # fmt: skip


def test_inputs_of_calls_come_in_the_order_of_the_document(sprocket):
    nested = [key for key in template(sprocket, "--nested-inputs") if key.count(".") > 1]
    assert nested == [
        "main.leaf.k", "main.leaf.z", "main.leaf.os", "main.two.z", "main.two.os",
        "main.sub.y", "main.sub.q", "main.sub.leaf.z",
    ]  # fmt: skip


def test_two_options_that_exclude_each_other_are_wrong_usage(sprocket):
    ended = sprocket("inputs", "main.wdl", "--hide-defaults", "--show-non-literals")
    assert (ended.status, ended.out) == (2, "")
    assert "exclude each other" in ended.err


def test_comments_have_types_defaults_and_descriptions(sprocket):
    text = sprocket("inputs", "main.wdl", "--yaml").out
    assert text.startswith("# Inputs of the workflow `main`.")
    assert "\n# first\n# second # third: [x]\n# Int, required\nmain.a: " in text
    assert "\n# The sample\n# what was\n# read\n# ask\n# choices: x, 1, true\n# Sample, required\n" in text
    assert "\n#   Sample is {name: String, age: Int?, inner: Array[Inner]}\n#   Inner is {f: File, c: Color}\n" in text
    assert "#   Color is one of Red, Green\n" in text
    assert "\n# Int, default: a + 1\n# main.c:\n" in text
    assert "\n# File?, optional\nmain.f: null\n" in text
    assert "\n# how deep\n# Int, required\nmain.leaf.k: " in text


def test_the_template_filled_in_is_valid(sprocket):
    Path("x.txt").touch()
    text = sprocket("inputs", "main.wdl", "--yaml").out
    sample = '{name: "s", inner: [{f: x.txt, c: Red}]}'
    for old, new in {
        '"Sample <REQUIRED>"': sample,
        '"Array[Pair[Int, Color]] <REQUIRED>"': "[{left: 1, right: Red}]",
        '"Int <REQUIRED>"': "7",
        '"<OMITTED>"': "1",
    }.items():
        assert old in text
        text = text.replace(old, new)
    Path("filled.yaml").write_text(text)
    ended = sprocket("validate", "main.wdl", "@filled.yaml")
    assert (ended.status, ended.err) == (0, "")


def test_a_target_without_inputs_has_an_empty_template(sprocket):
    Path("none.wdl").write_text("version 1.2\ntask t { command <<< >>> }\n")
    for arguments in ([], ["--yaml"]):
        text = sprocket("inputs", "none.wdl", *arguments).out
        assert parse_input_file(text.encode(), "x.yaml").values == {}


def some_value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(7 if depth else 5)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.randrange(-(2**63), 2**63)
    if kind == 2:
        return chance.uniform(-1, 1) * 10.0 ** chance.randrange(-300, 300)
    if kind <= 4:
        return some_text(chance)
    size = chance.randrange(4)
    if kind == 5:
        return [some_value(chance, depth - 1) for _ in range(size)]
    return {some_text(chance): some_value(chance, depth - 1) for _ in range(size)}


def some_text(chance: random.Random) -> str:
    alphabet = "ab \t\n\r\\\"'#:-?[]{},&*!|>%@`~é\u0000\u0007\u0085\u2028\ufeff\U0001f600\x7f"
    text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(6)))
    return chance.choice([text, text, "no", "1", "null", "~", "<<", "=", "---", "x" * 1100])


def test_any_data_and_any_text_survive():
    chance = random.Random(1)
    for _ in range(300):
        data = {f"t.x{number}": some_value(chance, 3) for number in range(3)}
        made = [Entry(key, value, STRING, some_text(chance), [some_text(chance)]) for key, value in data.items()]
        text = yaml_template(some_text(chance), made)
        assert parse_yaml(text, "x.yaml", []) == data
