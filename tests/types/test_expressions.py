"""The type of each kind of expression."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pysprocket.types.loader import Library

Check = Callable[..., Library]

_DOCUMENT = """version {version}

struct Person {{
  String name
  Int? age
}}

task t {{
  input {{
    Int i
    Float f
    String s
    Boolean b
    File file
    Int? oi
    String? os
    Array[Int] ints
    Array[Int]+ some
    Array[String?] holes
    Array[Array[File]] files
    Map[String, Int] counts
    Pair[Int, String] pair
    Person person
    Object thing
  }}
  command <<< >>>
  output {{
    {type} x = {expression}
  }}
}}
"""


def type_of(check: Check, expression: str, type_: str = "Object", version: str = "1.2") -> str:
    library = check(_DOCUMENT.format(version=version, type=type_, expression=expression))
    outputs = library.root.tree.tasks[0].outputs
    assert outputs is not None
    declaration = outputs.declarations[0]
    assert declaration.expression is not None
    return str(library.root.types[declaration.expression])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", "Int"),
        ("1.0", "Float"),
        ("true", "Boolean"),
        ("None", "None"),
        ('"a ~{i}"', "String"),
        ("[]", "Array[Any]"),
        ("{}", "Map[Any, Any]"),
        ("[1, 2.0]", "Array[Float]+"),
        ("[1, None]", "Array[Int?]+"),
        ("[oi, 1]", "Array[Int?]+"),
        ("[[], [1]]", "Array[Array[Int]]+"),
        ('[file, "a"]', "Array[String]+"),
        ("[ints, []]", "Array[Array[Int]]+"),
        ("[{}, counts]", "Array[Map[String, Int]]+"),
        ('{"a": 1, "b": 2.5}', "Map[String, Float]"),
        ('(1, "a")', "Pair[Int, String]"),
        ('Person {name: "x"}', "Person"),
        ("object {a: 1}", "Object"),
        ("person.name", "String"),
        ("person.age", "Int?"),
        ("pair.right", "String"),
        ("thing.anything.at_all", "Any"),
        ("ints[0]", "Int"),
        ('counts["a"]', "Int"),
        ("files[0][0]", "File"),
        ("1 + 2", "Int"),
        ("1 / 2.0", "Float"),
        ("2 ** 3", "Int"),
        ("-f", "Float"),
        ("!b", "Boolean"),
        ("i < f", "Boolean"),
        ("oi == 1", "Boolean"),
        ("s + i", "String"),
        ("file + s", "File"),
        ("s + file", "File"),
        ("if b then 1 else 2.0", "Float"),
        ("if b then oi else 1", "Int?"),
        ("if b then [] else ints", "Array[Int]"),
        ("read_json(file)", "Any"),
        ("read_json(file).a", "Any"),
        ("floor(f)", "Int"),
        ("max(1, 2)", "Int"),
        ("max(1, 2.0)", "Float"),
        ("select_first([oi, 1])", "Int"),
        ("select_first(holes)", "String"),
        ("select_all(holes)", "Array[String]"),
        ("flatten(files)", "Array[File]"),
        ("cross(ints, [s])", "Array[Pair[Int, String]]"),
        ('unzip([(1, "a")])', "Pair[Array[Int], Array[String]]"),
        ('as_map([("a", 1)])', "Map[String, Int]"),
        ("collect_by_key(as_pairs(counts))", "Map[String, Array[Int]]"),
        ("keys(counts)", "Array[String]"),
        ("values(counts)", "Array[Int]"),
        ("keys(person)", "Array[String]"),
        ("read_tsv(file)", "Array[Array[String]]"),
        ("read_tsv(file, true)", "Array[Object]"),
        ('find(s, "a")', "String?"),
        ("chunk(ints, 2)", "Array[Array[Int]]"),
        ("size(files)", "Float"),
        ("stdout()", "File"),
        ("glob('*')", "Array[File]"),
        ("task.cpu", "Float"),
        ("task.container", "String?"),
        ("task.meta.anything", "Any"),
    ],
)
def test_an_expression_has_its_type(check: Check, expression: str, expected: str) -> None:
    assert type_of(check, expression) == expected


def test_a_literal_takes_the_type_that_is_wanted_when_its_items_have_none_in_common(check: Check) -> None:
    document = """version 1.3
    enum Color { Red }
    workflow w { Array[Color] colors = [Color.Red, "Red"] }"""
    library = check(document)
    assert library.diagnostics == []
    assert {str(type_) for type_ in library.root.types.values()} >= {"Array[Color]+"}


def test_plus_lifts_over_none_inside_a_placeholder_only(check: Check) -> None:
    library = check('version 1.1\nworkflow w { input { String? s }\n String x = "~{"a" + s}" }')
    assert library.diagnostics == []
    assert "String?" in {str(type_) for type_ in library.root.types.values()}
    library = check('version 1.1\nworkflow w { input { String? s }\n String x = "a" + s }')
    assert [finding.code for finding in library.diagnostics] == ["OptionalValue"]


def test_every_expression_of_a_task_has_a_type(check: Check) -> None:
    text = _DOCUMENT.format(
        version="1.2", type="String", expression='"~{sep=", " [s + 1, "~{i}"]} ~{true="a" false="b" b}"'
    )
    library = check(text)
    shown = {library.root.source.text[node.start : node.end] for node in library.root.types}
    assert shown >= {'[s + 1, "~{i}"]', "s + 1", "1", '"~{i}"', "i", "b", '", "', '"a"'}


def parameters(library: Library) -> list[tuple[str, list[str]]]:
    return [(apply.function.name, [str(type_) for type_ in types]) for apply, types in library.root.parameters.items()]


def test_arguments_are_coerced_to_the_parameters_of_the_overload(check: Check) -> None:
    library = check(
        """version 1.2
        workflow w {
          input { File f  Directory d  Map[Int, File] m }
          Float a = max(1, 2.0)
          String b = basename(f)
          String c = basename("a/b")
          String e = join_paths(d, "x")
          Int g = select_first([1, None])
          Array[Pair[Int, File]] h = as_pairs(m)
        }"""
    )
    assert library.diagnostics == []
    assert parameters(library) == [
        ("max", ["Float", "Float"]),
        ("basename", ["File"]),
        ("basename", ["String"]),
        ("join_paths", ["Directory", "String"]),
        ("select_first", ["Array[Int?]+"]),
        ("as_pairs", ["Map[Int, File]"]),
    ]


def test_an_enum_has_the_common_type_of_its_values(check: Check) -> None:
    library = check(
        """version 1.3
        enum A { One = 1, Half = 0.5 }
        enum B { X, Y }
        enum C[Pair[Int, Array[String]]] { P = (1, ["a", "b"]) }
        enum D { M = {"k": [1]} }"""
    )
    assert library.diagnostics == []
    enums = library.root.enums
    assert str(enums["A"].value) == "Float"
    assert enums["A"].choices == (("One", 1.0), ("Half", 0.5))
    assert enums["B"].choices == (("X", "X"), ("Y", "Y"))
    assert enums["C"].choices == (("P", (1, ("a", "b"))),)
    assert enums["D"].choices == (("M", (("k", (1,)),)),)
    assert len({hash(enum) for enum in enums.values()}) == 4
