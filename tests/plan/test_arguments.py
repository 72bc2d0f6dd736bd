"""Inputs as they are written on the command line and in files."""

import json
from pathlib import Path
from typing import Any

import pytest

from pysprocket.errors import DownloadError, InputError
from pysprocket.plan.arguments import Fetched, GivenInputs, parse_arguments


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("a.json").write_text(json.dumps({"t.n": 5, "t.s": "file", "t.a": ["x", "y"]}))
    Path("b.json").write_text(json.dumps({"n": 6, "s": "file2"}))
    Path("c.yaml").write_text("t.n: 7\nt.s: yam\nt.a: [q]\n")
    Path("sub/d.json").write_text(json.dumps({"t.f": "f1.txt"}))


def parse(*arguments: str, target: str | None = "t") -> GivenInputs:
    given = parse_arguments(arguments, target, Path.cwd(), fetch)
    if given.problems:
        raise InputError(given.problems)
    return given


def fetch(url: str) -> Fetched:
    """A file that lies at another place than was asked for."""
    if "gone" in url:
        raise DownloadError(f"{url}: 404 Not Found")
    return Fetched(b'{"t.f": "f1.txt"}', url.replace("example.org", "mirror.org"))


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


LAUGHS = "a0: &a0 x\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(20))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.json", '{"t.n": 1,\n "t.m": }', "x.json:2:9: not JSON: expecting value"),
        ("x.json", "[1]", "x.json: it must hold an object (names with values)"),
        ("x.json", '{"t.n": NaN}', "x.json: not JSON: NaN is not a JSON value"),
        ("x.json", "[" * 100_000, "x.json: it is nested too deeply"),
        ("x.yaml", "a: [1,\nb: }", "x.yaml:2:4: not YAML"),
        ("x.yaml", "t:\n  s: x\n\tn: 2", "x.yaml:3:1: not YAML: lines are indented with blanks, and this is a tab"),
        ("x.yaml", "", "x.yaml: it is empty; an inputs file without inputs is `{}`"),
        ("x.yaml", "a: &a [*a]", "x.yaml: it is nested too deeply"),
        ("x.yaml", "a: !!binary aGk=", "x.yaml:1:4: a value tagged `!!binary` has no JSON form"),
        ("x.yaml", "a: !mine [1]", "x.yaml:1:4: a value tagged `!mine` has no JSON form"),
        ("x.yaml", "a: !!int x", "x.yaml: not YAML: invalid literal"),
        ("x.yaml", "- 1", "x.yaml: it must hold an object"),
        ("x.yaml", "# nothing", "x.yaml: it must hold an object"),
        ("x.json", "", "x.json: it is empty; an inputs file without inputs is `{}`"),
        ("x.json", '{"t.n": 1e400}', "x.json: not JSON: 1e400 is too large for a Float"),
        ("x.yaml", "a: 1e400", "x.yaml: not YAML: 1e400 is too large for a Float"),
        ("x.json", '{"a": ' * 100_000, "x.json: it is nested too deeply"),
        ("x.yaml", "a: " + "[" * 100_000, "x.yaml: it is nested too deeply"),
        ("x.yaml", "- " * 100_000, "x.yaml: it is nested too deeply"),
        ("x.yaml", LAUGHS, "x.yaml: its aliases (`*name`) make it too large"),
        ("x.yaml", "a: 1\n---\nb: 2\n", "x.yaml:2:1: not YAML"),
        ("x.yaml", "? [a]\n: 1\n", "x.yaml:1:3: a list or an object cannot be the name of a value"),
        ("x.yaml", "a: !!python/object:os.system x", "x.yaml:1:4: a value tagged"),
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
    assert "download it first" in refused("@s3://bucket/x.json")


def test_a_byte_order_mark_is_no_mistake():
    Path("bom.json").write_bytes(b'\xef\xbb\xbf{"n": 1}')
    assert raw("@bom.json") == {"t.n": 1}


def test_a_file_behind_a_url_starts_relative_paths_where_it_was_found():
    value = parse("@https://example.org/d/x.json?sig=1").values["t.f"]
    assert (value.raw, value.origin) == ("f1.txt", "https://mirror.org/d/x.json?sig=1")
    assert refused("@https://example.org/gone.json") == "https://example.org/gone.json: 404 Not Found"
    assert "must end in .json" in refused("@https://example.org/x.txt")
    value = parse("@https://me:secret@example.org/d/x.json?token=secret").values["t.f"]
    assert value.file == "https://example.org/d/x.json?token=***"


def test_an_object_for_the_target_holds_its_inputs():
    Path("nest.json").write_text('{"main": {"n": 9, "align.threads": 4}, "main.b": 1}')
    wanted = {"main.n": 9, "main.align.threads": 4, "main.b": 1}
    assert raw("@nest.json", target="main") == raw("@nest.json", target=None) == wanted
    assert raw("@nest.json", target="other") == {"other.main": {"n": 9, "align.threads": 4}, "other.main.b": 1}


def test_a_later_source_also_replaces_what_an_object_held():
    Path("nest.json").write_text('{"t": {"n": 9}}')
    assert raw("@nest.json", "n=3")["t.n"] == 3
    assert raw("n=3", "@nest.json")["t.n"] == 9
    assert list(raw("t.a.b=1", "c=1", "a.b=2").items())[1] == ("t.a.b", [1, 2])


def test_comments_in_a_file_are_warned_of_and_not_read():
    text = '{"#n": 1, "// x.y": 2, "_comment": {"a": 1}, "t.##c": 3, "n": 4}'
    Path("c.json").write_text(text)
    given = parse("@c.json")
    assert {key: value.raw for key, value in given.values.items()} == {"t.n": 4}
    (warning,) = given.warnings
    assert warning == "c.json: `#n`, `// x.y`, `_comment`, `t.##c`: taken for a comment, not for an input"


@pytest.mark.parametrize(
    ("name", "text", "warning"),
    [
        ("x.json", '{"t.n": 1, "t.n": 2}', "x.json: `t.n` is there more than once; the last one counts"),
        ("x.json", '{"t.n": 2, "t.m": {"a": 1, "a": 1}}', "x.json: `a` is there more than once; the last one counts"),
        ("x.yaml", "t.n: 1\nt.n: 2\n", "x.yaml:2: `t.n` is there more than once; the last one counts"),
        ("x.json", '{"t.n": 1, "n": 2}', "x.json: `t.n` and `n` are the same input; the last one counts"),
    ],
)
def test_what_a_file_says_twice_is_warned_of(name, text, warning):
    Path(name).write_text(text)
    given = parse(f"@{name}")
    assert given.warnings == (warning,)
    assert given.values["t.n"].raw == 2


def test_yaml_anchors_and_merges_are_resolved():
    Path("m.yaml").write_text("base: &b {a: 1, b: 2}\nother: &o {b: 3, c: 4}\nx: {<<: *b, b: 9}\ny: {<<: [*b, *o]}\n")
    found = raw("@m.yaml")
    assert found["t.x"] == {"a": 1, "b": 9}
    assert found["t.y"] == {"a": 1, "b": 2, "c": 4}


def test_words_that_other_readers_take_for_something_else_are_words():
    Path("w.yaml").write_text("v: [no, on, Yes, 1:30, 0b1, 1_0, .inf, .nan, 2026-01-01, 'true', \"1\"]\n")
    assert raw("@w.yaml")["t.v"] == [
        "no", "on", "Yes", "1:30", "0b1", "1_0", ".inf", ".nan", "2026-01-01", "true", "1",
    ]  # fmt: skip


def test_text_that_is_not_unicode_is_refused_with_its_bytes():
    assert refused("s=a\udcff") == "`s=a\\xff` is not UTF-8 text; give such a name through a link with another one"
    assert "`@a\\xff.json`" in refused("@a\udcff.json")


def test_what_is_wrong_with_some_arguments_does_not_hide_the_others():
    given = parse_arguments(["n=1", "s=a[b", "1n=2"], "t", Path.cwd())
    assert len(given.problems) == 2
    assert list(given.values) == ["t.n"]


def test_an_at_sign_without_a_name_is_told():
    assert refused("@") == "`@` is followed by the name of a file with inputs, without a blank"
