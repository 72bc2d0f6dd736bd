"""Each static rule of the specification: a document that breaks it, and its nearest neighbour that does not.

`{…}` of the tables are whole documents without their version statement; `lib` is imported by some of them.
"""

from __future__ import annotations

import pytest

from pysprocket.source.diagnostic import Severity
from tests.types.conftest import Check

VERSIONS = ("1.0", "1.1", "1.2", "1.3")
TASK = "task t { input { Int x = 1 } command <<< >>> output { Int out = 1 } }\n"
LIBRARY = """
struct Inner { Int a }
struct Outer { Inner inner }
task t { input { Outer given } command <<< >>> output { Inner out = given.inner } }
workflow lib { call t }
"""


def in_workflow(body: str) -> str:
    return f"workflow w {{ {body} }}"


def with_task(body: str) -> str:
    return TASK + in_workflow(body)


def in_task(sections: str, command: str = "") -> str:
    return f"task t {{ {sections} command <<< {command} >>> }}"


# A feature, and what is said of it in 1.0, 1.1, 1.2 and 1.3: nothing, or codes of errors.
MATRIX = {
    "None": (in_workflow("Int? x = None"), "NewerVersionNeeded", "", "", ""),
    "Directory": (in_workflow("input { Directory d }"), "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "Directory as a name": (in_workflow("Int Directory = 1"), "", "ReservedWord", "ReservedWord", "ReservedWord"),
    "Directory as a struct": (
        "struct Directory { Int a }\n" + in_workflow("input { Directory d }"),
        "", "NewerVersionNeeded UnexpectedToken", "UnexpectedToken", "UnexpectedToken",
    ),
    "struct literal": ("struct S { Int a }\n" + in_workflow("S s = S { a: 1 }"), "NewerVersionNeeded", "", "", ""),
    "object literal": (in_workflow("Object o = object { a: 1 }"), "", "", "", ""),
    "meta in a struct": ('struct S { Int a meta { b: "c" } }', "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "enum": ("enum E { A }", "NewerVersionNeeded", "NewerVersionNeeded", "NewerVersionNeeded", ""),
    "else": (
        in_workflow("if (true) { Int x = 1 } else { Int x = 2 } output { Int y = x }"),
        "NewerVersionNeeded", "NewerVersionNeeded", "NewerVersionNeeded", "",
    ),
    "multi-line string": (in_workflow("String s = <<<a>>>"), "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "exponentiation": (in_workflow("Int x = 2 ** 3"), "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "env": (in_task("input { env Int x }"), "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "env in a workflow": (in_workflow("input { env Int x }"), *["MisplacedEnv"] * 4),
    "requirements": (in_task("requirements { cpu: 1 }"), "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "hints": (in_task("hints { max_cpu: 1 }"), "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "runtime": (in_task('runtime { docker: "a" anything: 1 }'), "", "", "", ""),
    "runtime and requirements": (
        in_task("runtime { cpu: 1 } requirements { cpu: 1 }"),
        "ConflictingSections NewerVersionNeeded", "ConflictingSections NewerVersionNeeded",
        "ConflictingSections", "ConflictingSections",
    ),
    "input without value": (
        with_task("Int x = 1 call t { input: x }"), "NewerVersionNeeded", "", "", "",
    ),
    "inputs without `input:`": (with_task("call t { x = 1 }"), "NewerVersionNeeded", "NewerVersionNeeded", "", ""),
    "after": (with_task("call t call t as u after t"), "NewerVersionNeeded", "", "", ""),
    "task variable in a command": (in_task("", "~{task.name}"), "TaskVariable", "TaskVariable", "", ""),
    "task variable in requirements": (
        in_task("requirements { cpu: task.attempt + 1 }"),
        "NewerVersionNeeded TaskVariable", "NewerVersionNeeded TaskVariable", "TaskVariable", "",
    ),
    "task.previous": (
        in_task("", "~{task.previous.memory}"), "TaskVariable", "TaskVariable", "UnknownMember", "",
    ),
    "task.return_code in a command": (in_task("", "~{task.return_code}"), *["TaskVariable"] * 4),
    "task.return_code in outputs": (
        in_task("output { Int code = task.return_code }"), "TaskVariable", "TaskVariable", "", "",
    ),
    "task variable in an input": (in_task("input { Int x = task.attempt }"), *["TaskVariable"] * 4),
    "length of a Map": (in_workflow("Int x = length({1: 2})"), "FunctionVersion", "FunctionVersion", "", ""),
    "size of a compound value": (
        in_workflow("input { Array[Array[File]] f } Float x = size(f)"), "FunctionVersion", "FunctionVersion", "", "",
    ),
    "read_tsv with header": (
        in_workflow('Array[Object] x = read_tsv("f", true)'), "FunctionVersion", "FunctionVersion", "", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("feature", MATRIX)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_feature_in_each_version(check: Check, feature: str, version: str) -> None:
    text, *expected = MATRIX[feature]
    findings = check(f"version {version}\n{text}\n").diagnostics
    errors = sorted(finding.code for finding in findings if finding.severity is Severity.ERROR)
    assert errors == expected[VERSIONS.index(version)].split()


# A version, a document that is refused, the codes of its errors, and a neighbour without any finding.
RULES = [
    # names
    ("1.1", TASK + TASK, "DuplicateName", TASK),
    ("1.1", "workflow a {}\nworkflow b {}", "DuplicateWorkflow", "workflow a {}"),
    ("1.1", in_workflow("Int x = 1 scatter (x in [1]) { }"), "DuplicateName", in_workflow("scatter (x in [1]) { }")),
    (
        "1.1",
        in_workflow("scatter (i in [1]) { Int x = i } if (true) { Int x = 1 }"),
        "DuplicateName",
        in_workflow("scatter (i in [1]) { Int x = i } scatter (i in [1]) { Int y = i }"),
    ),
    (
        "1.1",
        in_workflow("Int i = 1 scatter (i in [1]) { }"),
        "DuplicateName",
        in_workflow("Int i = 1 scatter (j in [1]) { }"),
    ),
    ("1.1", with_task("Int t = 1 call t"), "DuplicateName", with_task("Int t = 1 call t as u")),
    ("1.1", in_workflow("Int a = b Int b = a"), "DependencyCycle", in_workflow("Int a = b Int b = 1")),
    ("1.1", with_task("call t { input: x = t.out }"), "DependencyCycle", with_task("call t { input: x = 1 }")),
    ("1.1", with_task("call t after t"), "DependencyCycle", with_task("call t as u call t after u")),
    (
        "1.1",
        in_workflow("scatter (i in [1]) { Int x = y[0] } scatter (i in [1]) { Int y = x[0] }"),
        "DependencyCycle",
        in_workflow("scatter (i in [1]) { Int x = i } scatter (i in [1]) { Int y = x[0] }"),
    ),
    ("1.1", with_task("call t after w"), "UnknownName", with_task("scatter (i in [1]) { call t as u } call t after u")),
    ("1.1", with_task("Int u = 1 call t after u"), "UnknownName", with_task("call t as u call t after u")),
    # tasks
    ("1.1", in_task("Int a = o output { Int o = 1 }"), "OutputReference", in_task("output { Int a = o Int o = 1 }")),
    ("1.1", in_task("output { Int o = 1 }", "~{o}"), "OutputReference", in_task("Int o = 1", "~{o}")),
    ("1.1", in_task("", "\n # ~{x}\n"), "UnknownName", in_task("", "\n # ${x}\n")),
    ("1.1", "task t { command { echo ${x} } }", "UnknownName", in_task("", "echo ${x}")),
    ("1.1", in_task('Array[File] a = glob("*")'), "MisplacedFunction", in_task('output { Array[File] a = glob("*") }')),
    ("1.1", "task t { input { Int x } }", "MissingCommand", in_task("input { Int x }")),
    ("1.2", in_task("requirements { cpus: 1 }"), "UnknownRequirement", in_task("requirements { cpu: 1 }")),
    (
        "1.2",
        in_task("requirements { cpu: hints { a: 1 } }"),
        "TypeMismatch",
        in_task("hints { inputs: input { x: hints { a: 1 } } } input { Int x }"),
    ),
    ("1.2", in_task("output { env Int x = 1 }"), "MisplacedEnv", in_task("env Int x = 1")),
    ("1.2", in_workflow("Int task = 1"), "ReservedWord", in_workflow("Int task_ = 1")),
    # calls
    (
        "1.1",
        in_task("Int p = 1") + "\n" + in_workflow("call t { input: p = 2 }"),
        "UnknownInput",
        in_task("input { Int p = 1 }") + "\n" + in_workflow("call t { input: p = 2 }"),
    ),
    ("1.1", with_task("call t Int y = t.x"), "UnknownMember", with_task("call t Int y = t.out")),
    ("1.1", with_task("call t { input: x = 1, x = 2 }"), "DuplicateEntry", with_task("call t { input: x = 1 }")),
    ("1.1", with_task("call u"), "UnknownCallee", with_task("call t as u")),
    ("1.1", with_task("call l.t"), "UnknownNamespace", with_task("call t")),
    ("1.1", with_task("call w"), "RecursiveWorkflow", with_task("call t")),
    # types
    ("1.1", in_workflow("scatter (i in {1: 2}) { }"), "ScatterType",
     in_workflow("scatter (i in as_pairs({1: 2})) { }")),
    ("1.1", in_workflow("if (1) { }"), "TypeMismatch", in_workflow("if (1 == 1) { }")),
    ("1.1", in_workflow("Int x = 9223372036854775808"), "NumberOutOfRange",
     in_workflow("Int x = -9223372036854775808")),
    ("1.1", "struct A { A? a }", "RecursiveStruct", "struct A { B? b }\nstruct B { Int a }"),
    ("1.1", "struct A { Array[B] b }\nstruct B { A a }", "RecursiveStruct",
     "struct A { Array[B] b }\nstruct B { Int a }"),
    ("1.1", "struct S { Int a Int a }", "DuplicateName", "struct S { Int a Int b }"),
    ("1.1", in_workflow("input { Int?? x }"), "InvalidQuantifier", in_workflow("input { Int? x }")),
    ("1.1", in_workflow("input { Array[Int]?+ x }"), "InvalidQuantifier", in_workflow("input { Array[Int]+? x }")),
    ("1.1", in_workflow("input { Map[Array[Int], Int] x }"), "MapKeyType", in_workflow("input { Map[Int, Int?] x }")),
    ("1.2", in_workflow('Boolean x = true == "true"'), "OperatorType", in_workflow('Boolean x = "true" == "true"')),
    # structs and enums
    ("1.2", "struct S { Int a }\n" + in_workflow("S s = S { b: 1 }"), "MissingMember UnknownMember",
     "struct S { Int a Int? b }\n" + in_workflow("S s = S { a: 1 }")),
    ("1.2", "struct S { Int a }\n" + in_workflow("S s = { a: 1 }"), "UnknownName",
     "struct S { Int a }\n" + in_workflow('S s = { "a": 1 }')),
    ("1.2", "struct S { Int a }\n" + in_workflow("Int x = S.a"), "UnknownName",
     "struct S { Int a }\n" + in_workflow("Int x = (S { a: 1 }).a")),
    ("1.3", "enum E { A, A }", "DuplicateName", "enum E { A, B, }"),
    ("1.3", "enum E[Int] { A = 1 + 1 }", "EnumValue", "enum E[Int] { A = 2 }"),
    ("1.3", 'enum E { A = "~{1}" }', "EnumValue", 'enum E { A = "1" }'),
    ("1.3", "enum E { A = 1, B }", "EnumValue", 'enum E { A = "1", B }'),
    ("1.3", 'enum E[Int] { A = "a" }', "TypeMismatch", "enum E[Float] { A = 1 }"),
    ("1.3", "enum E { A }\nstruct E { Int a }", "DuplicateName", "enum E { A }\nstruct F { Int a }"),
    ("1.3", "enum E { A }\nenum F { A }\n" + in_workflow("Boolean x = E.A == F.A"), "OperatorType",
     "enum E { A }\n" + in_workflow("Boolean x = E.A == (E).A")),
    ("1.3", "enum E { A, B }\n" + in_workflow("Boolean x = E.A < E.B"), "OperatorType",
     "enum E { A, B }\n" + in_workflow("Boolean x = E.A != E.B")),
    ("1.3", "enum E { A }\n" + in_workflow('String s = "~{E}"'), "NotAValue",
     "enum E { A }\n" + in_workflow('String s = "~{E.A}"')),
    ("1.3", "enum E { A }\n" + in_workflow('E e = "B"'), "UnknownChoice", "enum E { A }\n" + in_workflow('E e = "A"')),
    # clauses of `if`
    ("1.3", in_workflow("if (true) { Int x = 1 } else { Array[Int] x = [1] }"), "NoCommonType",
     in_workflow("if (true) { Int x = 1 } else { Float x = 1.5 }")),
    ("1.3", TASK + in_workflow("if (true) { call t as c } else { Int c = 1 }"), "NoCommonType",
     TASK + in_workflow("if (true) { call t as c } else { call t as c } Int x = c.out")),
    ("1.3", in_workflow("if (true) { } else { } else { }"), "ClauseAfterElse",
     in_workflow("if (true) { } else if (false) { } else { }")),
    # sections
    ("1.1", in_task("input { Int x } input { Int y }"), "DuplicateSection", in_task("input { Int x Int y }")),
    ("1.1", in_task("meta { a: 1 a: 2 }"), "DuplicateEntry", in_task("meta { a: 1 b: 2 }")),
    ("1.2", in_task("hints { a: 1 a: 2 }"), "DuplicateEntry", in_task("hints { a: 1 b: 2 }")),
    ("1.2", in_workflow("hints { a: { b: 1, b: 2 } }"), "DuplicateEntry", in_workflow("hints { a: { b: 1, c: 2 } }")),
    ("1.2", in_workflow("input { Boolean b } hints { allow_nested_inputs: b }"), "HintNotLiteral",
     in_workflow("hints { allow_nested_inputs: true }")),
    ("1.1", in_workflow("runtime { cpu: 1 }"), "UnexpectedToken", in_task("runtime { cpu: 1 }")),
    # imports
    ("1.2", 'import "lib.wdl"\nimport "lib.wdl"', "DuplicateName", 'import "lib.wdl"\nimport "lib.wdl" as other'),
    ("1.2", 'import "lib.wdl" alias Inner as A alias Inner as B', "DuplicateName", 'import "lib.wdl" alias Inner as A'),
    ("1.2", 'import "lib.wdl" alias Inner as A alias Outer as A', "ConflictingTypes",
     'import "lib.wdl" alias Inner as A alias Outer as B'),
    ("1.2", 'import "lib.wdl" alias Missing as A', "UnknownType", 'import "lib.wdl" alias Inner as A'),
    ("1.2", 'import "lib.wdl"\nstruct Inner { String a }', "ConflictingTypes",
     'import "lib.wdl"\nstruct Inner { Int a }'),
    ("1.2", 'import "lib.wdl" alias Inner as Mine\nstruct Mine { String b }', "ConflictingTypes",
     'import "lib.wdl" alias Inner as Mine\nstruct Inner { String b }'),
    ("1.2", 'import "lib.wdl"\n' + in_workflow("call lib.lib.t"), "UnknownCallee",
     'import "lib.wdl"\n' + in_workflow("call lib.t { given = Outer { inner: Inner { a: 1 } } }")),
    # a renamed struct is the same at a call, inside of another too
    ("1.2",
     'import "lib.wdl" alias Inner as Mine\nstruct Inner { String b }\n'
     + in_workflow('Inner i = Inner { b: "" } call lib.t { given = Outer { inner: i } }'),
     "TypeMismatch",
     'import "lib.wdl" alias Inner as Mine\nstruct Inner { String b }\n'
     + in_workflow("Mine i = Mine { a: 1 } call lib.t { given = Outer { inner: i } } Mine back = t.out")),
]  # fmt: skip


@pytest.mark.parametrize(("version", "refused", "codes", "neighbour"), RULES)
def test_a_rule(check: Check, version: str, refused: str, codes: str, neighbour: str) -> None:
    lib = f"version {version}\n{LIBRARY}".replace("call t", "") + "\n"
    found = check(f"version {version}\n{refused}\n", lib=lib).diagnostics
    assert sorted(finding.code for finding in found if finding.severity is Severity.ERROR) == codes.split()
    around = check(f"version {version}\n{neighbour}\n", lib=lib).diagnostics
    assert [(finding.code, finding.message) for finding in around] == []
