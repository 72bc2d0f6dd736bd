"""The functions of the standard library, by tables: type, expression, value; files are in `FILES`."""

from __future__ import annotations

import pytest

from pysprocket.errors import EvaluationError
from pysprocket.types.functions import FUNCTIONS as KNOWN
from pysprocket.values.compile import compile_task, evaluate
from pysprocket.values.model import Directory, File, Object, Pair
from pysprocket.values.scope import Scope
from pysprocket.values.stdlib import FUNCTIONS
from pysprocket.values.stdlib.strings import sub

FILES = {
    "empty": b"",
    "hello": b"hello\nworld\r\n\r\n\n",
    "int": b" -42\n",
    "huge": b"9223372036854775808",
    "float": b"1.5e3\n",
    "boolean": b"TRUE\n",
    "words": b"12 monkeys",
    "lines": b"a\n\n b\r\nlast",
    "table": b"name\tage\nx\t1\ny\t2\n",
    "ragged": b"name\tage\nx\n",
    "map": b"k1\tv1\nk2\tv2\n",
    "twice": b"k\t1\nk\t2\n",
    "json": b'{"a": [1, 2.5, null], "b": {"c": "x"}, "n": 9223372036854775807, "big": 12345678901234567890}',
    "latin": b"caf\xe9",
}


@pytest.fixture(autouse=True)
def files(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)


VALUES = [
    # numeric
    ("Int", "floor(-1.5)", -2),
    ("Int", "ceil(-1.5)", -1),
    ("Int", "ceil(1.1)", 2),
    ("Array[Int]", "[round(1.5), round(2.5), round(-1.5), round(-1.6), round(0.49999999999999994)]", [2, 3, -1, -2, 0]),
    ("Int", "min(1, 2)", 1),
    ("Float", "max(1, 2.5)", 2.5),
    ("Float", "min(1, 2.5)", 1.0),
    ("Array[Int]", "[floor(-0.5), ceil(-0.5), floor(2.0), ceil(2.0), floor(3)]", [-1, 0, 2, 2, 3]),
    ("Array[Int]", "[round(-0.5), round(-2.5), round(4503599627370497.5)]", [0, -2, 4503599627370498]),
    ("Int", "floor(-9223372036854775808.0)", -(2**63)),
    ("Float", "max(-1.5, -1)", -1.0),
    # strings
    ("String", 'sub("a.b.c", "\\\\.", "-")', "a-b-c"),
    ("String", 'sub("a\\nlate\\nlate", "late$", "early")', "a\nlate\nearly"),
    ("String", 'sub("when chocolate", "([^ ]+) ([^ ]+)", "\\\\2, \\\\1?")', "chocolate, when?"),
    ("String", 'sub("abxd", "x*", "-")', "-a-b-d-"),
    ("String", 'sub("price", "$", " $1 \\\\0.")', "price $1 ."),
    ("String", 'sub("x/y", "/", "\\\\\\\\")', "x\\y"),
    ("String?", 'find("hello world", "o w?")', "o w"),
    ("String?", 'find("hello", "z")', None),
    ("String?", 'find("abc", "x*")', ""),
    ("String", 'sub("aaa", "", "-")', "-a-a-a-"),
    ("String", 'sub("abc", "(b)|(x)", "<\\\\1\\\\2>")', "a<b>c"),
    ("String", 'sub("abc", "b", "&$0$1")', "a&$0$1c"),
    ("String", 'sub("é\\U0001f600x", ".", "-")', "---"),
    ("String", 'sub("ABC", "(?i)b", "")', "AC"),
    ("String", 'sub("a1b22", "[0-9]+", "(\\\\0)")', "a(1)b(22)"),
    ("Array[String]", 'split("", ",")', [""]),
    ("Array[String]", 'split("abc", "")', ["", "a", "b", "c", ""]),
    ("Array[String]", 'split("a1b22c", "[0-9]+")', ["a", "b", "c"]),
    ("Boolean", 'matches("", "^$")', True),
    ("Boolean", 'matches("reads.fastq.gz", "\\\\.(fq|fastq)(\\\\.gz)?$")', True),
    ("Boolean", 'matches("x\\n", "^x$")', False),
    ("Array[String]", 'split("a, b,c", ", *")', ["a", "b", "c"]),
    ("Array[String]", 'split("abc", ",")', ["abc"]),
    ("Array[String]", 'split(",a,", ",")', ["", "a", ""]),
    ("Array[String]", 'prefix("-", [1.5, 2.0])', ["-1.500000", "-2.000000"]),
    ("Array[String]", 'suffix("!", [true])', ["true!"]),
    ("Array[String]", "quote([1, 2])", ['"1"', '"2"']),
    ("Array[String]", 'squote(["a"])', ["'a'"]),
    ("String", 'sep(", ", [1, 2])', "1, 2"),
    ("String", 'sep(", ", prefix("x", []))', ""),
    # paths
    ("String", 'basename("/a/b.txt", ".txt")', "b"),
    ("String", 'basename("/a/b.txt", ".tx")', "b.txt"),
    ("String", 'basename("b/")', "b"),
    ("String", 'basename(".bam", ".bam")', ""),
    ("String", 'basename("")', ""),
    ("String", 'basename("gs://bucket/a b/c.tar.gz", ".gz")', "c.tar"),
    ("String", 'join_paths("a", "../b")', "a/../b"),
    ("String", 'join_paths(["/a"])', "/a"),
    ("String", 'basename("https://host/a/b.txt?x=1")', "b.txt?x=1"),
    ("String", 'join_paths("/usr", ["bin", "echo"])', "/usr/bin/echo"),
    ("String", 'join_paths(["a", "b", "c"])', "a/b/c"),
    ("String", 'join_paths("a/", "b")', "a/b"),
    # sizes
    ("Float", 'size("int")', 5.0),
    ("Float", 'size("int", "KiB")', 5 / 1024),
    ("Float", "size(None)", 0.0),
    ("Float", "size([])", 0.0),
    ("Float", "size([None])", 0.0),
    (
        "Array[Float]",
        '[size("int", "b"), size("int", "kB"), size("int", "Ki"), size("int", "mib")]',
        [5.0, 0.005, 5 / 1024, 5 / 2**20],
    ),
    ("Float", 'size(object { a: read_file, b: object { c: [read_file] }, d: "int" })', 10.0),
    ("Float", "size({read_file: 1})", 5.0),
    ("Float", 'size([read_file, None], "B")', 5.0),
    ("Float", 'size((read_file, {"x": [read_file]}))', 10.0),
    # read
    ("String", 'read_string("hello")', "hello\nworld"),
    ("String", 'read_string("empty")', ""),
    ("Int", 'read_int("int")', -42),
    ("Float", 'read_float("float")', 1500.0),
    ("Float", 'read_float("int")', -42.0),
    ("Boolean", 'read_boolean("boolean")', True),
    ("Array[String]", 'read_lines("lines")', ["a", "", " b", "last"]),
    ("Array[String]", 'read_lines("empty")', []),
    ("Array[Array[String]]", 'read_tsv("ragged")', [["name", "age"], ["x"]]),
    ("Array[Object]", 'read_tsv("table", true)', [Object(name="x", age="1"), Object(name="y", age="2")]),
    ("Array[Object]", 'read_tsv("table", true, ["n", "a"])', [Object(n="x", a="1"), Object(n="y", a="2")]),
    ("Array[Object]", 'read_tsv("map", false, ["k", "v"])', [Object(k="k1", v="v1"), Object(k="k2", v="v2")]),
    ("Map[String, String]", 'read_map("map")', {"k1": "v1", "k2": "v2"}),
    ("Map[String, String]", 'read_map("empty")', {}),
    ("Array[Float?]", 'read_json("json").a', [1.0, 2.5, None]),
    ("String", 'read_json("json").b.c', "x"),
    ("Int", 'read_json("json").n', 2**63 - 1),
    ("Float", 'read_json("json").big', 12345678901234567890.0),
    ("Object", 'read_object("map")', Object(k1="k2", v1="v2")),
    ("Array[Object]", 'read_objects("table")', [Object(name="x", age="1"), Object(name="y", age="2")]),
    ("Array[Object]", 'read_objects("empty")', []),
    # written and read again
    ("String", 'read_string(write_lines(["a", "b"]))', "a\nb"),
    ("Float", "size(write_lines([]))", 0.0),
    ("Array[String]", 'read_lines(write_tsv([["a", "b"], ["c"]]))', ["a\tb", "c"]),
    ("Array[String]", 'read_lines(write_tsv([["1"]], true, ["n"]))', ["n", "1"]),
    ("Array[String]", 'read_lines(write_tsv([Row { n: 1, s: "x" }]))', ["1\tx"]),
    ("Array[String]", 'read_lines(write_tsv([Row { s: "x", n: 1 }], true))', ["n\ts", "1\tx"]),
    ("Array[String]", 'read_lines(write_tsv([Row { n: 1 }], true, ["N", "S"]))', ["N\tS", "1\t"]),
    ("Array[String]", 'read_lines(write_map({"a": "b"}))', ["a\tb"]),
    ("String", 'read_string(write_json({"a": [1, 2.0]}))', '{"a":[1.0,2.0]}'),
    ("String", "read_string(write_json(Row { n: 1 }))", '{"n":1,"s":null}'),
    ("Array[String]", 'read_lines(write_object(object { a: 1, b: "x" }))', ["a\tb", "1\tx"]),
    ("Array[String]", "read_lines(write_objects([Row { n: 1 }, Row { n: 2 }]))", ["n\ts", "1\t", "2\t"]),
    ("Float", "size(write_objects([]))", 0.0),
    # arrays
    ("Array[Int]", "range(3)", [0, 1, 2]),
    ("Array[Int]", "range(0)", []),
    ("Array[Array[Int]]", "transpose([[1, 2], [3, 4], [5, 6]])", [[1, 3, 5], [2, 4, 6]]),
    ("Array[Array[Int]]", "transpose([])", []),
    ("Array[Array[Int]]", "transpose([[], []])", []),
    ("Array[Pair[Int, Int]]", "cross([], [1])", []),
    ("Pair[Array[Int], Array[Int]]", "unzip([])", Pair([], [])),
    ("Array[Int]", "flatten([])", []),
    ("Array[Int]", "select_all([])", []),
    ("Array[Int]", "select_all([None])", []),
    ("Array[Array[Int]]", "chunk([1], 9223372036854775807)", [[1]]),
    ("Boolean", "contains([], 1)", False),
    ("Boolean", "contains([1, 2], 2.0)", True),
    ("Map[String, Int]", "as_map([])", {}),
    ("Map[String, Array[Int]]", "collect_by_key([])", {}),
    ("Map[Boolean, Array[Int]]", "collect_by_key([(true, 1), (false, 2), (true, 3)])", {True: [1, 3], False: [2]}),
    ("Boolean", 'contains_key({"a": {"b": {"c": 1}}}, ["a", "b", "c"])', True),
    ("Boolean", 'contains_key({"a": {"b": {"c": 1}}}, ["a", "x", "c"])', False),
    ("Boolean", 'contains_key({"a": Row { n: 1 }}, ["a", "s"])', True),
    ("Boolean", "contains_key({1: 2}, 3)", False),
    ("Array[Pair[Int, String]]", 'cross([1, 2], ["a"])', [Pair(1, "a"), Pair(2, "a")]),
    ("Array[Pair[Int, String]]", 'zip([1, 2], ["a", "b"])', [Pair(1, "a"), Pair(2, "b")]),
    ("Pair[Array[Int], Array[String]]", 'unzip([(1, "a"), (2, "b")])', Pair([1, 2], ["a", "b"])),
    ("Array[Array[Int]]", "flatten([[[1], [2]], [], [[3]]])", [[1], [2], [3]]),
    ("Int", "select_first([None, 2, 3])", 2),
    ("Int", "select_first([None], 5)", 5),
    ("Int", "select_first([], 5)", 5),
    ("Array[Int]", "select_all([None, 2, None, 3])", [2, 3]),
    ("Boolean", 'contains(["a"], "a") && !contains([1], 2) && contains([None, 1], None)', True),
    ("Array[Array[Int]]", "chunk([1, 2, 3], 2)", [[1, 2], [3]]),
    ("Array[Array[Int]]", "chunk([], 2)", []),
    # maps
    ("Array[Pair[String, Int]]", 'as_pairs({"b": 1, "a": 2})', [Pair("b", 1), Pair("a", 2)]),
    ("Map[String, Int]", 'as_map([("b", 1), ("a", 2)])', {"b": 1, "a": 2}),
    ("Map[String, Array[Int]]", 'collect_by_key([("b", 1), ("a", 2), ("b", 3)])', {"b": [1, 3], "a": [2]}),
    ("Array[String]", 'keys({"b": 1, "a": 2})', ["b", "a"]),
    ("Array[String]", "keys(Row { n: 1 })", ["n", "s"]),
    ("Array[Int]", 'values({"b": 1, "a": 2})', [1, 2]),
    ("Boolean", 'contains_key({"a": 1}, "a")', True),
    ("Boolean", 'contains_key(Row { n: 1 }, "s")', True),
    ("Boolean", 'contains_key(object { a: 1 }, "b")', False),
    ("Boolean", 'contains_key(object { a: object { b: None } }, ["a", "b"])', True),
    ("Boolean", 'contains_key(object { a: object { b: None } }, ["a", "b", "c"])', False),
    # other
    ("Boolean", "defined(None)", False),
    ("Boolean", "defined([])", True),
    ("Int", "length([1, 2])", 2),
    ("Int", 'length({"a": 1})', 1),
    ("Int", "length(object { a: 1, b: 2 })", 2),
    ("Int", 'length("é\\U0001f600")', 2),
]

BEFORE = "struct Row { Int n String? s }"


@pytest.mark.parametrize(("type_", "expression", "expected"), VALUES, ids=[row[1] for row in VALUES])
def test_a_function_gives_what_the_specification_says(value_of, tmp_path, type_, expression, expected):

    given = {"read_file": ("File", File(tmp_path / "int"))} if "read_file" in expression else {}
    value = value_of(type_, expression, before=BEFORE, given=given)
    assert value == expected
    assert type(value) is type(expected)


FAILURES = [
    ("Int", "floor(1e300)", "`floor` of 1e+300 does not fit into an Int"),
    ("Int", "ceil(9223372036854775807.0)", "`ceil` of 9.223372036854776e+18 does not fit into an Int"),
    ("Int", "round(-1e19)", "`round` of -1e+19 does not fit into an Int"),
    ("String", 'sub("a", bad, "b")', "`(` is not a POSIX extended regular expression"),
    ("String?", 'find("a", bad)', "`(` is not a POSIX extended regular expression"),
    ("String", 'join_paths("/a", ["b", "/c"])', '`join_paths` found "/c" after the first path'),
    ("Float", 'size("lost")', "`lost` does not exist"),
    ("Float", 'size("int", "~{bad}B")', "`size`: `(B` is not a unit of storage; use B, KB"),
    ("File", 'write_tsv([["a\\tb"]])', "`write_tsv`: a cell cannot hold a tab or a line end"),
    ("File", 'write_map({"a": "b\\r"})', "`write_map`: a cell cannot hold a tab or a line end"),
    ("File", 'write_object(object { a: "x\\ny" })', "`write_object`: a cell cannot hold a tab or a line end"),
    ("File", 'write_tsv([["a"]], true, ["x", "y"])', "`write_tsv`: 2 names for the columns, but row 1 has 1 column"),
    (
        "File",
        "write_tsv([Row { n: 1 }], true, [" + '"x"' + "])",
        "`write_tsv`: 1 name for the columns, but row 1 has 2 columns",
    ),
    ("File", "write_json([(1, 2)])", "`write_json` cannot write a Pair"),
    ("File", "write_json(object { a: {1: 2} })", "`write_json` cannot write a Map whose keys are no Strings"),
    ("File", "write_object(object { a: [1] })", "`write_object`: member `a` is an Array"),
    (
        "File",
        "write_objects([object { a: 1 }, object { b: 1 }])",
        "`write_objects`: item 1 has the members b, not a as item 0",
    ),
    ("Array[Int]", "range(1 - 2)", "`range` needs a number that is not negative, found -1"),
    ("Array[Int]", "range(1000000000000)", "`range` would give 1000000000000 items"),
    ("Array[Pair[Int, Int]]", "cross(range(10000), range(10000))", "`cross` would give 100000000 items"),
    (
        "Array[Array[Int]]",
        "transpose([[1], [2, 3]])",
        "`transpose` needs arrays of one length: item 0 has 1, item 1 has 2",
    ),
    ("Array[Pair[Int, Int]]", "zip([1], [])", "`zip` needs arrays of one length, found 1 and 0"),
    ("Int", "select_first([None, None])", "`select_first` found no value: all items are None"),
    ("Array[Array[Int]]", "chunk([1], 1 - 1)", "`chunk` needs a size greater than 0, found 0"),
    ("Map[String, Int]", 'as_map([("a", 1), ("a", 2)])', '`as_map` found the key "a" twice'),
    ("Map[Float, Int]", "as_map([(1, 1), (1.0, 2)])", "`as_map` found the key 1.0 twice"),
]


@pytest.mark.parametrize(("type_", "expression", "message"), FAILURES, ids=[row[1] for row in FAILURES])
def test_a_function_that_fails_says_why(value_of, type_, expression, message):
    with pytest.raises(EvaluationError) as failure:
        value_of(type_, expression, before=BEFORE, given={"bad": ("String", "(")} if "bad" in expression else {})
    assert message in str(failure.value)
    assert failure.value.labels


def test_every_function_that_the_checker_knows_exists():

    assert FUNCTIONS.keys() | {"defined", "length"} == KNOWN.keys()


def test_the_size_of_a_directory_is_that_of_all_files_in_it(value_of, tmp_path):
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "one").write_text("1")
    (tmp_path / "d" / "e" / "two").write_text("22")

    assert value_of("Float", "size(d)", given={"d": ("Directory", Directory(tmp_path / "d"))}) == 3.0


def test_the_size_of_a_directory_counts_what_links_lead_to_once(value_of, tmp_path):
    for name, text in (("d/one", "1"), ("d/e/two", "22"), ("elsewhere/three", "333")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "d" / "round").symlink_to(".")
    (tmp_path / "d" / "out").symlink_to("../elsewhere")
    (tmp_path / "d" / "again").symlink_to("../elsewhere")
    (tmp_path / "d" / "file").symlink_to("one")
    (tmp_path / "d" / "broken").symlink_to("nowhere")

    given = {"d": ("Directory", Directory(tmp_path / "d"))}
    assert value_of("Float", "size(d)", given=given) == 1 + 2 + 3 + 1


def test_functions_of_the_output_section_ask_the_context(checked, context, tmp_path):

    (tmp_path / "stdout").write_text("5\n")
    document = checked(
        'task t { command <<<>>> output { Int n = read_int(stdout()) Array[File] f = glob("int*") File e = stderr() } }'
    )
    steps = compile_task(document.tasks["t"]).outputs
    values = [evaluate(step.function, Scope(), context) for step in steps if step.function]
    assert values == [5, [str(tmp_path / "int")], str(tmp_path / "stderr")]


@pytest.mark.parametrize(
    "pattern", ["a", "aa|a", "a+", "ab|abc", "(a|ab)(c|bcd)", "[[:digit:]]+", "x*", "^a", "c$", "(?i)A"]
)
@pytest.mark.parametrize("text", ["", "aaab", "abcabcd", "a1b22c", "Aa\nac"])
def test_sub_by_a_plain_text_replaces_what_sub_by_groups_replaces(context, pattern, text):
    assert sub(context, text, pattern, "-") == sub(context, text, pattern, "-\\9")
