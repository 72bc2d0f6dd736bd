"""Inputs as they are written on the command line and in files."""

import json
from pathlib import Path
from typing import Any

import pytest

from pysprocket.errors import InputError
from pysprocket.plan.arguments import GivenInputs, parse_arguments


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("a.json").write_text(json.dumps({"t.n": 5, "t.s": "file", "t.a": ["x", "y"]}))
    Path("b.json").write_text(json.dumps({"n": 6, "s": "file2"}))
    Path("c.yaml").write_text("t.n: 7\nt.s: yam\nt.a: [q]\n")
    Path("sub/d.json").write_text(json.dumps({"t.f": "f1.txt"}))


def parse(*arguments: str, target: str | None = "t") -> GivenInputs:
    return parse_arguments(arguments, target, Path.cwd())


def raw(*arguments: str, target: str | None = "t") -> dict[str, Any]:
    return {key: value.raw for key, value in parse(*arguments, target=target).values.items()}


def refused(*arguments: str, target: str | None = "t") -> str:
    with pytest.raises(InputError) as caught:
        parse(*arguments, target=target)
    return str(caught.value)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("3", 3),
        ("3.5", 3.5),
        ("true", True),
        ("null", None),
        ("hello", "hello"),
        ('"3"', "3"),
        ("", ""),
        ("a=b", "a=b"),
        ("a b", "a b"),
        ("True", "True"),
        ("0x10", "0x10"),
        ("007", "007"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("1e400", "1e400"),
        ('["x","y"]', ["x", "y"]),
        ('{"k": {"l": 1}}', {"k": {"l": 1}}),
        ('"a[b"', "a[b"),
        ("9223372036854775808", 9223372036854775808),
    ],
)
def test_a_value_is_json_or_else_text(word, value):
    found = raw(f"x={word}")["t.x"]
    assert found == value
    assert type(found) is type(value)


def test_text_with_brackets_must_be_json():
    assert "`a[b` is not JSON" in refused("s=a[b")


def test_values_for_one_key_add_up_to_an_array():
    assert raw("a=x", "a=y") == raw("a=x", "y") == {"t.a": ["x", "y"]}
    assert raw("a=x", "y", "b=1", "a=z") == {"t.a": ["x", "y", "z"], "t.b": 1}


def test_an_array_literal_counts_as_one_value():
    assert raw("a=[1]") == {"t.a": [1]}
    assert raw("a=[1]", "a=[2]") == {"t.a": [[1], [2]]}
    assert raw("a=[1]", "2") == {"t.a": [[1], 2]}


def test_a_later_source_replaces_an_earlier_one():
    assert raw("@a.json", "n=1")["t.n"] == 1
    assert raw("n=1", "@a.json")["t.n"] == 5
    assert raw("@a.json", "@c.yaml") == {"t.n": 7, "t.s": "yam", "t.a": ["q"]}
    assert raw("@c.yaml", "@b.json") == {"t.n": 6, "t.s": "file2", "t.a": ["q"]}
    assert raw("@a.json", "a=z")["t.a"] == "z"
    assert raw("a=p", "@a.json", "a=z")["t.a"] == "z"


def test_values_of_the_command_line_add_up_across_a_file_that_does_not_have_the_key():
    assert raw("a=p", "@sub/d.json", "a=z")["t.a"] == ["p", "z"]


def test_a_file_ends_the_key_before_it():
    assert "`z` is not an input" in refused("a=x", "@a.json", "z")
    assert "`y` is not an input" in refused("y")


def test_each_value_knows_where_its_relative_paths_start():
    given = parse("@sub/d.json", "f2=f1.txt")
    assert given.values["t.f"].origin == Path.cwd() / "sub"
    assert given.values["t.f2"].origin == Path.cwd()


def test_with_a_target_its_name_may_be_left_out():
    assert raw("t.n=3") == raw("n=3") == {"t.n": 3}
    assert raw("t2.n=3") == {"t.t2.n": 3}
    assert parse(target=None) == GivenInputs(None, {})


def test_without_a_target_the_keys_name_it():
    assert parse("main.n=1", "main.sub.m=2", target=None).target == "main"
    assert "`n` does not say which task or workflow" in refused("n=1", target=None)
    assert "several targets: `a`, `b`" in refused("a.n=1", "b.n=2", target=None)
    assert "does not say" in refused("@b.json", target=None)


def test_a_key_is_a_name():
    message = refused("1n=2")
    assert "`1n=2`: `1n` cannot be the name of an input" in message
    assert "`=2`" in refused("=2")


def test_all_mistakes_are_told_together():
    assert len(refused("1n=2", "s=a[b", "@nofile.json").splitlines()) == 3


def test_a_target_must_be_a_name():
    assert refused(target="a.b") == "`a.b` cannot be the name of a task or workflow"


# --- files -----------------------------------------------------------------------------------------------


def test_yaml_is_read_by_the_rules_of_1_2():
    Path("y.yml").write_text(
        "no: no\nday: 2026-04-22\noct: 010\nnew: 0o10\nhex: 0x1F\ntime: 12:30:45\nempty:\ntilde: ~\nyes: True\n"
        "f: 1.5\ne: 1e3\n1: one\nunder: 1_000\nplus: +5\nquoted: '3'\nmerge:\n  <<: x\n"
    )
    assert raw("@y.yml") == {
        "t.no": "no",
        "t.day": "2026-04-22",
        "t.oct": 10,
        "t.new": 8,
        "t.hex": 31,
        "t.time": "12:30:45",
        "t.empty": None,
        "t.tilde": None,
        "t.yes": True,
        "t.f": 1.5,
        "t.e": 1000.0,
        "t.1": "one",
        "t.under": "1_000",
        "t.plus": 5,
        "t.quoted": "3",
        "t.merge": {"<<": "x"},
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.json", '{"t.n": 1,\n "t.m": }', "x.json:2:9: not JSON: expecting value"),
        ("x.json", "[1]", "x.json: it must hold an object (names with values)"),
        ("x.json", '{"t.n": NaN}', "x.json: not JSON: NaN is not a JSON value"),
        ("x.json", "[" * 100_000, "x.json: it is nested too deeply"),
        ("x.yaml", "a: [1,\nb: }", "x.yaml:2:4: not YAML"),
        ("x.yaml", "", "x.yaml: it must hold an object"),
        ("x.yaml", "a: &a [*a]", "x.yaml: it is nested too deeply"),
        ("x.yaml", "a: !!binary aGk=", "x.yaml: a value of type bytes"),
        ("x.yaml", "a: 1\n---\nb: 2\n", "x.yaml:2:1: not YAML"),
        ("x.yaml", "? [a]\n: 1\n", "x.yaml:1:3: not YAML"),
        ("x.yaml", "a: !!python/object:os.system x", "x.yaml:1:4: not YAML"),
        ("x.txt", "{}", "x.txt: an inputs file must end in .json, .yaml or .yml"),
        ("x.json", b"\xff\xfe", "x.json: it is not UTF-8 text (byte 0)"),
    ],
)
def test_a_bad_file_says_where(name, text, message):
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    assert refused(f"@{name}").startswith(message)


def test_a_file_that_is_not_there_and_one_that_cannot_be_read():
    assert refused("@nofile.json") == "nofile.json: there is no such file"
    Path("dir.json").mkdir()
    assert refused("@dir.json") == "dir.json: it cannot be read: Is a directory"
    assert "download it first" in refused("@https://example.org/x.json")


def test_a_byte_order_mark_is_no_mistake():
    Path("bom.json").write_bytes(b'\xef\xbb\xbf{"n": 1}')
    assert raw("@bom.json") == {"t.n": 1}
