"""What public workflows are written like: accepted, with a leniency for each departure from WDL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pysprocket.source.diagnostic import Severity, strictly
from pysprocket.types.loader import Library

Check = Callable[..., Library]

_TASK = (
    "task t { input { Int n String s = 'x' Array[File] files = [] File? f } command <<< >>>"
    " output { Int r = n File? o = 'x' } }"
)

DOCUMENTS: list[tuple[str, str, dict[str, str], set[str]]] = [
    # names
    ("1.1", f"{_TASK} workflow t {{ call t {{ input: n = 1 }} output {{ Int r = t.r }} }}", {}, {"SharedName"}),
    (
        "1.1",
        'import "lib.wdl" as Row struct Row { Int n } workflow w { input { Row x } call Row.t }',
        {"lib": "task t { command <<< >>> }"},
        {"SharedName"},
    ),
    (
        "1.1",
        "task t { input { String in String version String object = 'x' } command <<< ~{in} >>> }"
        " workflow w { call t { input: in = 'a', version = 'b' } }",
        {},
        {"ReservedWordAsName"},
    ),
    # sections
    ("1.1", 'task t { command <<< >>> runtime { docker: "a", memory: "1 GB" } }', {}, {"NeedlessComma"}),
    ("1.1", 'task t { command <<< >>> runtime { "docker": "a" } }', {}, {"QuotedKey"}),
    ("1.2", 'task t { command <<< >>> requirements { cpu: "2" memory: 1.5e9 } }', {}, {"ImplicitConversion"}),
    ("1.0", 'task t { command <<< >>> runtime { cpu: "2" maxRetries: "1" preemptible: "3" } }', {}, set()),
    # calls
    ("1.0", f"{_TASK} workflow w {{ call t output {{ Int r = t.r }} }}", {}, set()),
    ("1.1", f"{_TASK} workflow w {{ call t output {{ Int r = t.r }} }}", {}, {"MissingCallInput"}),
    (
        "1.0",
        f"{_TASK} workflow w {{ input {{ Int? n Float s File f }}"
        " call t { input: n = n, s = s, files = f, f = f } }",
        {},
        {"OptionalValue", "ImplicitConversion"},
    ),
    (
        "1.0",
        f"{_TASK} workflow w {{ input {{ Boolean b }} if (b) {{ call t {{ input: n = 1 }} }}"
        " call t as u { input: n = t.r, f = t.o, files = [t.o] } }",
        {},
        {"OptionalValue", "ImplicitConversion"},
    ),
    (
        "1.0",
        f"{_TASK} workflow w {{ input {{ File table }} scatter (row in read_tsv(table)) {{"
        " call t { input: n = row[0], s = row[1], files = row[2] } } Array[File] all = t.o }",
        {},
        {"ImplicitConversion"},
    ),
    # optional arrays and conditions
    (
        "1.0",
        "workflow w { input { Array[String]? xs Boolean? b } scatter (x in xs) { String y = x } if (b) { Int z = 1 }"
        " Int n = length(xs) String first = xs[0] Int q = if b then 1 else 2 Boolean c = b && true }",
        {},
        {"OptionalValue"},
    ),
    # placeholders
    (
        "1.0",
        "task t { input { Int? n Array[String]? xs Boolean? b } command <<<"
        ' ~{default=2000 n} ~{default="" sep="," xs} ~{sep="," default="none" xs} ~{true="a" false="b" b} >>> }',
        {},
        {"PlaceholderOption", "SeveralOptions"},
    ),
    ("1.0", r'workflow w { input { File f } String a = sub(f, "\.bam$|\.cram$", "") }', {}, {"UnknownEscape"}),
    ("1.1", 'workflow w { input { File f } String a = sub(f, "_R1(?=_)", "") }', {}, {"InvalidPattern"}),
    # structs
    (
        "1.0",
        "struct Attributes { Float? gb Int? cpu String? image } task t { input { Attributes? given Int memory = 4 }"
        ' Attributes standard = object { gb: memory, cpu: "1" } Attributes a = select_first([given, standard])'
        ' command <<< >>> runtime { memory: select_first([a.gb, standard.gb]) + " GiB" cpu: a.cpu docker: a.image } }',
        {},
        {"ImplicitConversion"},
    ),
    (
        "1.0",
        "struct Row { Int n String? s } workflow w { input { Map[String, String] m } Row a = m Array[Row] b = [m]"
        ' Row c = {"n": "1"} Row d = object { n: 1.0 } }',
        {},
        {"ImplicitConversion"},
    ),
    (
        "1.1",
        'import "lib.wdl" as lib struct Row { Int a Int b } workflow w { input { Row r } call lib.t { input: r = r } }',
        {"lib": "struct Row { Int b Int a } task t { input { Row r } command <<< >>> }"},
        {"ConflictingTypes"},
    ),
    # keys of maps
    (
        "1.1",
        "workflow w { Map[Pair[Int, String], Array[Int]] m = collect_by_key([((1, 'a'), 2)])"
        " Array[Int] n = m[(1, 'a')] }",
        {},
        {"MapKeyType"},
    ),
    # functions that came later, texts where numbers are wanted
    ("1.0", "workflow w { Int n = max(1, 2) String s = sep(',', ['a']) }", {}, {"FunctionVersion"}),
    (
        "1.0",
        "task t { command <<< >>> output { Float f = read_string('x') Array[Int] a = read_lines('x')"
        " Map[String, Float] m = read_map('x') String s = read_int('x')"
        " Array[Array[Int]] t = read_tsv('x') File g = read_lines('x')[0] } }",
        {},
        {"ImplicitConversion"},
    ),
    (
        "1.0",
        "task t { input { Array[Float] xs Array[Int]? ys Array[String?] zs } command <<<"
        " ~{write_lines(xs)} ~{write_lines(ys)} ~{write_lines(zs)}"
        " ~{write_tsv([xs])} ~{sep=' ' prefix('-x ', xs)} >>> }",
        {},
        {"ImplicitConversion"},
    ),
]


@pytest.mark.parametrize(("version", "text", "others", "codes"), DOCUMENTS)
def test_it_is_accepted_with_leniencies(
    check: Check, version: str, text: str, others: dict[str, str], codes: set[str]
) -> None:
    head = f"version {version}\n"
    found = check(head + text, **{name: head + other for name, other in others.items()}).diagnostics
    assert [finding.message for finding in found if finding.severity is Severity.ERROR] == []
    assert {finding.code for finding in found if finding.lenient} == codes
    assert {strictly(finding).severity for finding in found if finding.lenient} <= {Severity.ERROR}
    assert all(finding.help for finding in found)


def test_a_struct_of_an_imports_import_is_allowed_but_unwise(check: Check) -> None:
    library = check(
        'version 1.1\nimport "lib.wdl" as lib workflow w { input { Attributes a } call lib.t { input: a = a } }',
        lib='version 1.1\nimport "deep.wdl" as deep task t { input { Attributes a } command <<< >>> }',
        deep="version 1.1\nstruct Attributes { Int n }",
    )
    assert [finding.code for finding in library.diagnostics] == ["IndirectType"]
    assert [strictly(finding).severity for finding in library.diagnostics] == [Severity.WARNING]


FOLLOWING: list[tuple[str, str]] = [
    (
        'import "missing.wdl" as m workflow w { input { Row r Array[Row] rows } Row q = Row { a: 1 }'
        " Int n = r.x + rows[0].y String s = m.name }",
        "ImportFailed",
    ),
    (
        'import "missing.wdl" as m workflow w { call m.t { input: a = 1 } Int n = length(t.x) String s = t.a + "x"'
        " Array[File] f = flatten(t.files) Float z = size(t.f)"
        " scatter (i in t.xs) { Int k = i.left + i[0] } if (t.b) { Int q = 1 } }",
        "ImportFailed",
    ),
    (
        "workflow w { call t { input: a = 1 } Int n = length(t.x.y)"
        ' String s = sub(t.a, "x", "") File f = select_first([t.f]) }',
        "UnknownCallee",
    ),
    ("workflow w { Int n = length(x) }", "UnknownName"),
    (
        "workflow w { input { Missing m } Int n = m.a + length(m.b) scatter (x in m.c) { String s = x.d } }",
        "UnknownType",
    ),
    ("workflow w { String s = unknown(1) + 2 }", "UnknownFunction"),
    (
        "task t { command <<< >>> output { Int o = 1 } } workflow w { input { Int? t } call t Int a = t.o }",
        "DuplicateName",
    ),
]


@pytest.mark.parametrize(("text", "code"), FOLLOWING)
def test_what_only_follows_from_a_mistake_is_not_reported(check: Check, text: str, code: str) -> None:
    assert [finding.code for finding in check(f"version 1.1\n{text}").diagnostics] == [code]
