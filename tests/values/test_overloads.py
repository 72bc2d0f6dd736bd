"""Each overload of each function, in each version of WDL that has it, and refused in those that do not."""

from __future__ import annotations

import pytest

from pysprocket.source.diagnostic import Severity
from pysprocket.types.functions import FUNCTIONS
from pysprocket.types.loader import load
from pysprocket.values.compile import compile_expression, evaluate
from pysprocket.values.model import Directory, File, Object, Pair
from pysprocket.values.scope import Scope

VERSIONS = ((1, 0), (1, 1), (1, 2), (1, 3))
FILES = {
    "five": "12345",
    "int": "7\n",
    "float": "7.5\n",
    "bool": "True\n",
    "table": "n\ts\n1\tx\n",
    "map": "a\tb\nc\td\n",
    "json": "[1, 2]",
    "d/one": "1",
}
INPUTS = {
    "five": ("File", File("five")),
    "missing": ("File?", None),
    "folder": ("Directory", Directory("d")),
    "nothing": ("Int?", None),
    "thing": ("Object", Object(a=1, b=Object(c=2))),
    "row": ("Row", {"n": 1, "s": None}),
    "color": ("Color", None),
}
ROW, ENUM = "struct Row { Int n String? s }", "enum Color[Int] { Red = 5, Green = 6 }"

# the signature, in the words of the specification; the type, the expression, the value
EXAMPLES: list[tuple[str, str, str, object]] = [
    ("Int floor(Float)", "Int", "floor(2.9)", 2),
    ("Int ceil(Float)", "Int", "ceil(2.1)", 3),
    ("Int round(Float)", "Int", "round(2.5)", 3),
    ("Int min(Int, Int)", "Int", "min(1, 2)", 1),
    ("Float min(Float, Float)", "Float", "min(1, 0.5)", 0.5),
    ("Int max(Int, Int)", "Int", "max(1, 2)", 2),
    ("Float max(Float, Float)", "Float", "max(1, 0.5)", 1.0),
    ("String sub(String, String, String)", "String", 'sub("abc", "b", "x")', "axc"),
    ("String? find(String, String)", "String?", 'find("abc", "b+")', "b"),
    ("Boolean matches(String, String)", "Boolean", 'matches("abc", "^b")', False),
    ("Array[String] split(String, String)", "Array[String]", 'split("a b", " ")', ["a", "b"]),
    ("String basename(String, [String])", "String", 'basename("a/b.c")', "b.c"),
    ("String basename(File, [String])", "String", 'basename(five, "ve")', "fi"),
    ("String basename(Directory, [String])", "String", "basename(folder)", "d"),
    ("String join_paths(String, String)", "String", 'join_paths("/a", "b")', "/a/b"),
    ("String join_paths(Directory, String)", "String", 'basename(join_paths(folder, "b"))', "b"),
    ("String join_paths(String, Array[String]+)", "String", 'join_paths("/a", ["b", "c"])', "/a/b/c"),
    ("String join_paths(Directory, Array[String]+)", "String", 'basename(join_paths(folder, ["b", "c"]))', "c"),
    ("String join_paths(Array[String]+)", "String", 'join_paths(["/a", "b"])', "/a/b"),
    ("Array[File] glob(String)", "Int", 'length(glob("f*"))', 2),
    ("File stdout()", "String", "basename(stdout())", "stdout"),
    ("File stderr()", "String", "basename(stderr())", "stderr"),
    ("Float size(File?, [String])", "Float", 'size(five) + size(missing, "GiB")', 5.0),
    ("Float size(Array[File?]?, [String])", "Float", 'size([five, five], "B")', 10.0),
    ("Float size(Directory?, [String])", "Float", "size(folder)", 1.0),
    ("Float size(Z, [String])", "Float", 'size({"a": (five, [five])})', 10.0),
    ("String read_string(File)", "String", 'read_string("int")', "7"),
    ("Int read_int(File)", "Int", 'read_int("int")', 7),
    ("Float read_float(File)", "Float", 'read_float("float")', 7.5),
    ("Boolean read_boolean(File)", "Boolean", 'read_boolean("bool")', True),
    ("Array[String] read_lines(File)", "Array[String]", 'read_lines("map")', ["a\tb", "c\td"]),
    ("Array[Array[String]] read_tsv(File)", "Array[Array[String]]", 'read_tsv("map")', [["a", "b"], ["c", "d"]]),
    (
        "Array[Object] read_tsv(File, Boolean, [Array[String]])",
        "Array[Object]",
        'read_tsv("table", true)',
        [Object(n="1", s="x")],
    ),
    ("Map[String, String] read_map(File)", "Map[String, String]", 'read_map("map")', {"a": "b", "c": "d"}),
    ("Any read_json(File)", "Array[Int]", 'read_json("json")', [1, 2]),
    ("Object read_object(File)", "Object", 'read_object("table")', Object(n="1", s="x")),
    ("Array[Object] read_objects(File)", "Array[Object]", 'read_objects("table")', [Object(n="1", s="x")]),
    ("File write_lines(Array[String])", "String", 'read_string(write_lines(["a"]))', "a"),
    ("File write_tsv(Array[Array[String]])", "String", 'read_string(write_tsv([["a", "b"]]))', "a\tb"),
    (
        "File write_tsv(Array[Array[String]], Boolean, Array[String])",
        "Array[String]",
        'read_lines(write_tsv([["a"]], true, ["n"]))',
        ["n", "a"],
    ),
    (
        "File write_tsv(Array[S], [Boolean], [Array[String]])",
        "Array[String]",
        "read_lines(write_tsv([row], true))",
        ["n\ts", "1\t"],
    ),
    ("File write_map(Map[String, String])", "String", 'read_string(write_map({"a": "b"}))', "a\tb"),
    ("File write_json(J?)", "String", "read_string(write_json([1]))", "[1]"),
    ("File write_object(Object)", "Array[String]", "read_lines(write_object(object { a: 1 }))", ["a", "1"]),
    ("File write_object(S)", "Array[String]", "read_lines(write_object(row))", ["n\ts", "1\t"]),
    ("File write_objects(Array[Object])", "Array[String]", "read_lines(write_objects([object { a: 1 }]))", ["a", "1"]),
    ("File write_objects(Array[S])", "Array[String]", "read_lines(write_objects([row]))", ["n\ts", "1\t"]),
    ("Array[String] prefix(String, Array[P])", "Array[String]", 'prefix("-", [1])', ["-1"]),
    ("Array[String] suffix(String, Array[P])", "Array[String]", 'suffix("-", [1])', ["1-"]),
    ("Array[String] quote(Array[P])", "Array[String]", "quote([1])", ['"1"']),
    ("Array[String] squote(Array[P])", "Array[String]", "squote([1])", ["'1'"]),
    ("String sep(String, Array[P])", "String", 'sep(",", [1, 2])', "1,2"),
    ("Array[Int] range(Int)", "Array[Int]", "range(2)", [0, 1]),
    ("Array[Array[X]] transpose(Array[Array[X]])", "Array[Array[Int]]", "transpose([[1, 2]])", [[1], [2]]),
    ("Array[Pair[X, Y]] cross(Array[X], Array[Y])", "Array[Pair[Int, String]]", 'cross([1], ["a"])', [Pair(1, "a")]),
    ("Array[Pair[X, Y]] zip(Array[X], Array[Y])", "Array[Pair[Int, String]]", 'zip([1], ["a"])', [Pair(1, "a")]),
    (
        "Pair[Array[X], Array[Y]] unzip(Array[Pair[X, Y]])",
        "Pair[Array[Int], Array[Int]]",
        "unzip([(1, 2)])",
        Pair([1], [2]),
    ),
    ("Array[X] flatten(Array[Array[X]])", "Array[Int]", "flatten([[1], [2]])", [1, 2]),
    ("X select_first(Array[X?]+)", "Int", "select_first([nothing, 2])", 2),
    ("X select_first(Array[X?], X)", "Int", "select_first([nothing], 3)", 3),
    ("Array[X] select_all(Array[X?])", "Array[Int]", "select_all([nothing, 2])", [2]),
    ("Boolean contains(Array[P?], P?)", "Boolean", "contains([nothing, 2], 2)", True),
    ("Array[Array[X]] chunk(Array[X], Int)", "Array[Array[Int]]", "chunk([1, 2, 3], 2)", [[1, 2], [3]]),
    ("Array[Pair[K, Y]] as_pairs(Map[K, Y])", "Array[Pair[String, Int]]", 'as_pairs({"a": 1})', [Pair("a", 1)]),
    ("Map[K, Y] as_map(Array[Pair[K, Y]])", "Map[String, Int]", 'as_map([("a", 1)])', {"a": 1}),
    (
        "Map[K, Array[Y]] collect_by_key(Array[Pair[K, Y]])",
        "Map[Int, Array[Int]]",
        "collect_by_key([(1, 2), (1, 3)])",
        {1: [2, 3]},
    ),
    ("Array[K] keys(Map[K, Y])", "Array[Int]", "keys({1: 2})", [1]),
    ("Array[String] keys(S)", "Array[String]", "keys(row)", ["n", "s"]),
    ("Array[String] keys(Object)", "Array[String]", "keys(thing)", ["a", "b"]),
    ("Array[Y] values(Map[K, Y])", "Array[Int]", "values({1: 2})", [2]),
    ("Boolean contains_key(Map[K, Y], K)", "Boolean", "contains_key({1: 2}, 1)", True),
    ("Boolean contains_key(Object, String)", "Boolean", 'contains_key(thing, "a")', True),
    ("Boolean contains_key(S, String)", "Boolean", 'contains_key(row, "s")', True),
    (
        "Boolean contains_key(Map[String, Y], Array[String])",
        "Boolean",
        'contains_key({"a": {"b": 1}}, ["a", "b"])',
        True,
    ),
    ("Boolean contains_key(S, Array[String])", "Boolean", 'contains_key(row, ["s", "t"])', False),
    ("Boolean contains_key(Object, Array[String])", "Boolean", 'contains_key(thing, ["b", "c"])', True),
    ("Boolean defined(X?)", "Boolean", "defined(nothing)", False),
    ("Int length(Array[X])", "Int", "length([1, 2])", 2),
    ("Int length(Map[K, Y])", "Int", "length({1: 2})", 1),
    ("Int length(Object)", "Int", "length(thing)", 2),
    ("Int length(String)", "Int", 'length("añ")', 2),
    ("V value(E)", "Int", "value(Color.Green)", 6),
]
KNOWN = {function.written(overload): overload for function in FUNCTIONS.values() for overload in function.overloads}
BY_COERCION = ("File write_object(S)", "File write_objects(Array[S])")  # a struct is coerced to an Object before 1.1
CASES = [(*example, version) for example in EXAMPLES for version in VERSIONS]


def test_every_overload_has_an_example():
    assert [signature for signature, *_ in EXAMPLES] == list(KNOWN)


def _document(type_: str, expression: str, version: tuple[int, int]) -> str:
    used = [name for name in INPUTS if name in expression.replace('"', " ").split("(", 1)[1].replace(")", " ")]
    inputs = " ".join(f"{INPUTS[name][0]} {name}" for name in used if name != "color")
    return "\n".join(
        [
            f"version {version[0]}.{version[1]}",
            ROW,
            ENUM if version >= (1, 3) else "",
            f"task t {{ input {{ {inputs} }} command {{}} output {{ {type_} result = {expression} }} }}",
        ]
    )


@pytest.mark.parametrize(
    ("signature", "type_", "expression", "expected", "version"),
    CASES,
    ids=[f"{expression}-{'.'.join(map(str, version))}" for _, _, expression, _, version in CASES],
)
def test_an_overload_is_there_from_its_version_on(tmp_path, context, signature, type_, expression, expected, version):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    path = tmp_path / "document.wdl"
    path.write_text(_document(type_, expression, version))
    library = load(str(path))
    findings = [each for each in library.diagnostics if each.severity is Severity.ERROR or each.lenient]
    if version < KNOWN[signature].since and signature not in BY_COERCION:
        assert findings, "refused, or accepted with a warning"
        return
    assert not findings
    context.version = version
    scope = Scope()
    scope.update({name: value for name, (_, value) in INPUTS.items()})
    (declaration,) = library.root.tasks["t"].output_declarations
    assert declaration.expression is not None
    function = compile_expression(library.root, declaration.expression, library.root.declared[declaration])
    value = evaluate(function, scope, context)
    assert value == expected
    assert type(value) is type(expected)
