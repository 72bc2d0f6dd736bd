"""What the functions that read files make of files as they come: line ends, marks, blanks, numbers in all spellings."""

from __future__ import annotations

import json
import sys
import tracemalloc

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.values.model import Object

ROWS = [Object(a="1", b="2")]

VALUES = [
    # function and options, content, type, value
    ("read_tsv", b"a\tb\r\n1\t2\r\n", "Array[Array[String]]", [["a", "b"], ["1", "2"]]),
    ("read_tsv", b"a\tb\n1\t2", "Array[Array[String]]", [["a", "b"], ["1", "2"]]),
    ("read_tsv", b"a\n\n\tb\n", "Array[Array[String]]", [["a"], [""], ["", "b"]]),
    ("read_tsv", b"", "Array[Array[String]]", []),
    ("read_tsv", b"\n", "Array[Array[String]]", [[""]]),
    ("read_tsv", b"\xef\xbb\xbfa\tb\n", "Array[Array[String]]", [["a", "b"]]),
    ("read_tsv, true", b"a\tb\r\n1\t2\r\n", "Array[Object]", ROWS),
    ("read_tsv, true", b"\xef\xbb\xbfa\tb\n1\t2", "Array[Object]", ROWS),
    ("read_tsv, true", b"a\tb\n", "Array[Object]", []),
    ("read_tsv, true", b"", "Array[Object]", []),
    ('read_tsv, true, ["a", "b"]', b"not a name\t-\n1\t2\n", "Array[Object]", ROWS),
    ('read_tsv, false, ["a", "b"]', b"1\t2\n", "Array[Object]", ROWS),
    ("read_map", b"a\tb\r\nc\t", "Map[String, String]", {"a": "b", "c": ""}),
    ("read_map", b"", "Map[String, String]", {}),
    ("read_map", b"1\t2.5\n", "Map[Int, Float]", {1: 2.5}),
    ("read_object", b"a\tb\r\n1\t2\r\n", "Object", ROWS[0]),
    ("read_objects", b"a\tb\n1\t2", "Array[Object]", ROWS),
    ("read_objects", b"a\tb\n", "Array[Object]", []),
    ("read_lines", b"\n\n", "Array[String]", ["", ""]),
    ("read_lines", b" a \r\nb\rc", "Array[String]", [" a ", "b\rc"]),
    ("read_lines", b"\xef\xbb\xbfa\n", "Array[String]", ["a"]),
    ("read_string", b" a\n\n", "String", " a"),
    ("read_string", b"a\r\n\r\n", "String", "a"),
    ("read_string", "é\u2028".encode(), "String", "é\u2028"),
    ("read_int", b"\n\t 42 \r\n", "Int", 42),
    ("read_int", b"+5", "Int", 5),
    ("read_int", b"-9223372036854775808", "Int", -(2**63)),
    ("read_int", b"007", "Int", 7),
    ("read_float", b"1e3", "Float", 1000.0),
    ("read_float", b" -1.5E-2\n", "Float", -0.015),
    ("read_float", b".5", "Float", 0.5),
    ("read_float", b"5.", "Float", 5.0),
    ("read_float", b"7", "Float", 7.0),
    ("read_boolean", b" TRUE\r\n", "Boolean", True),
    ("read_boolean", b"false", "Boolean", False),
    ("read_json", b"9223372036854775807", "Int", 2**63 - 1),
    ("read_json", b"3.0", "Int", 3),
    ("read_json", b"[1, null, 2.5]", "Array[Float?]", [1.0, None, 2.5]),
    ("read_json", b'{"a": {"b": [null, {"c": null}]}}', "Object", Object(a=Object(b=[None, Object(c=None)]))),
    ("read_json", b'[1, "a", true]', "Array[String]", ["1", "a", "true"]),
    ("read_json", b'{"a": 1, "a": 2}', "Map[String, Int]", {"a": 2}),
    ("read_json", b"null", "Int?", None),
    ("read_json", b"\xef\xbb\xbf[1]", "Array[Int]", [1]),
    ("read_json", b'"\\ud83d\\ude00"', "String", "\U0001f600"),
]


def _call(function: str) -> str:
    name, *options = function.split(", ", 1)
    return f'{name}("file"{", " if options else ""}{"".join(options)})'


@pytest.mark.parametrize(("function", "content", "type_", "expected"), VALUES)
def test_a_file_is_read_as_it_comes(value_of, tmp_path, function, content, type_, expected):
    (tmp_path / "file").write_bytes(content)
    value = value_of(type_, _call(function))
    assert value == expected
    assert type(value) is type(expected)


FAILURES = [
    ("read_tsv, true", b"a\tb\n\n1\t2\n", "`read_tsv`: line 2 of", "has nothing where 2 columns are needed"),
    ("read_tsv, true", b"a\tb\n1\n", "`read_tsv`: line 2 of", "has 1 column where 2"),
    ("read_tsv, true", b"a\ta\n", "`read_tsv`: two columns of", "have the name `a`"),
    ("read_tsv, true", b"a b\tc\n", "`read_tsv`:", '"a b" cannot be the name of a column'),
    ('read_tsv, false, ["a", "b"]', b"1\n", "`read_tsv`: line 1 of", "has 1 column where 2"),
    ("read_tsv, false", b"1\n", "`read_tsv`", "needs names for the columns"),
    ("read_map", b"a\tb\nc\n", "`read_map`: line 2 of", "has 1 column where 2"),
    ("read_map", b"a\tb\n\n", "`read_map`: line 2 of", "has nothing where 2"),
    ("read_map", b"a\tb\na\tc\n", "`read_map`: line 2 of", 'the key "a" a second time'),
    ("read_object", b"a\tb\n", "`read_object` needs a line of names and one of values", "has 1 line"),
    ("read_object", b"a\n1\n2\n", "`read_object` needs", "has 3 lines"),
    ("read_object", b"", "`read_object` needs", "has 0 lines"),
    ("read_objects", b"a\ta\n1\t2\n", "`read_objects`: two columns", "have the name `a`"),
    ("read_objects", b"a\tb\n1\t2\t3\n", "`read_objects`: line 2 of", "has 3 columns where 2"),
    ("read_int", b"0x1F", "`read_int` needs a file that holds an Int alone", '"0x1F"'),
    ("read_int", b"1.5", "`read_int`", '"1.5"'),
    ("read_int", b"1_000", "`read_int`", '"1_000"'),
    ("read_int", "\uff14\uff12".encode(), "`read_int`", '"\uff14\uff12"'),
    ("read_int", b" \n", "`read_int`", "it is empty"),
    ("read_int", b"9223372036854775808", "`read_int`", "does not fit into 64 bits"),
    ("read_int", b"9" * 5000, "`read_int`", "does not fit into 64 bits"),
    ("read_float", b"inf", "`read_float` needs a file that holds a Float alone", '"inf"'),
    ("read_float", b"-nan", "`read_float`", '"-nan"'),
    ("read_float", b"Infinity", "`read_float`", '"Infinity"'),
    ("read_float", b"1e400", "`read_float`", '"1e400"'),
    ("read_float", b"9" * 5000, "`read_float`", "999"),
    ("read_float", b"1 2", "`read_float`", '"1 2"'),
    ("read_float", b"", "`read_float`", "it is empty"),
    ("read_boolean", b"1", "`read_boolean` needs a file that holds `true` or `false` alone", '"1"'),
    ("read_boolean", b"yes", "`read_boolean`", '"yes"'),
    ("read_string", b"caf\xe9", "is not UTF-8 text", "byte 3"),
    ("read_json", b"", "`read_json`:", "is empty"),
    ("read_json", b"[NaN]", "`read_json`:", "not a JSON text"),
    ("read_json", b"1e400", "`read_json`:", "not a JSON text"),
    ("read_json", b"{'a': 1}", "`read_json`:", "not a JSON text"),
    ("read_json", b"[" * 10_000 + b"]" * 10_000, "`read_json`:", "nested too deeply"),
    ("read_json", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "`read_json`:", "nested too deeply"),
]


@pytest.mark.parametrize(("function", "content", "start", "reason"), FAILURES)
def test_a_file_that_does_not_fit_is_named_with_the_reason(value_of, tmp_path, function, content, start, reason):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(EvaluationError) as failure:
        value_of("Object", f"object {{ value: {_call(function)} }}")
    assert start in str(failure.value)
    assert reason in str(failure.value)
    assert len(str(failure.value)) < 300 + len(str(tmp_path)), "a long content is cut short"
    assert failure.value.labels


def test_not_a_number_is_told_a_remedy(value_of, tmp_path):
    (tmp_path / "file").write_text('{"score": NaN}')
    with pytest.raises(EvaluationError) as failure:
        value_of("Object", 'read_json("file")')
    assert failure.value.help == "JSON has no NaN and no Infinity: write null"


@pytest.mark.parametrize("depth", [50, 200])
def test_values_nested_deeply_are_read_compared_and_written(value_of, tmp_path, depth):
    (tmp_path / "file").write_text('{"a": [' * depth + "1" + "]}" * depth)
    assert value_of("Boolean", 'read_json("file") == read_json(write_json(read_json("file")))')


@pytest.mark.parametrize("depth", [1_500, 5_000, 100_000])
def test_values_nested_too_deeply_are_a_sentence(value_of, tmp_path, depth):
    (tmp_path / "file").write_text('{"a": [' * depth + "1" + "]}" * depth)
    with pytest.raises(EvaluationError, match=r"nested too deeply|too deeply nested"):
        value_of("Int", 'length(write_json(read_json("file")) + "~{read_json("file") == read_json("file")}")')


def test_many_lines_take_little_more_memory_than_their_text(value_of, tmp_path):
    (tmp_path / "file").write_text("0123456789" * 10 + "\n")
    value_of("Int", 'length(read_lines("file"))')
    (tmp_path / "file").write_text(("0123456789" * 10 + "\n") * 20_000)
    tracemalloc.start()
    assert value_of("Int", 'length(read_lines("file"))') == 20_000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    lines = 20_000 * (sys.getsizeof("0123456789" * 10) + 8)
    assert most < 2 * 20_000 * 101 + lines + 1_000_000


def test_what_is_written_is_read_again(value_of, tmp_path):
    text = 'read_json(write_json({"a": [1, 2], "b": []}))'
    assert value_of("Map[String, Array[Int]]", text) == {"a": [1, 2], "b": []}
    written = value_of("String", 'read_string(write_json({"f": [1.0, 1e100, 0.1]}))')
    assert json.loads(written) == {"f": [1.0, 1e100, 0.1]}
