"""Documents as they are published: what is accepted without a word, and what with one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pysprocket.types.loader import Library

Check = Callable[..., Library]

_TASK = (
    "task t { input { Array[File]+ files String name = 'x' Int n = 1 File? more } command <<< >>>"
    " output { Array[File]+ out = glob('*') File? one = 'a' File log = stdout() } }"
)

WITHOUT_A_WORD: list[tuple[str, str]] = [
    # a struct is defined after its use, and made of a map whose values differ
    (
        "1.0",
        "task a { command <<< >>> output { Group g = {'files': glob('*.txt'), 'names': read_lines('b'), 'n': 3,} } }"
        " struct Group { Array[File] files Array[String] names Int n String? note }",
    ),
    (
        "1.0",
        "struct Row { String label Int passing } workflow w { input { Array[Row] others Row first }"
        " Row own = { 'label': first.label, 'passing': first.passing } Array[Row] all = flatten([[own,], others]) }",
    ),
    # `if` without parentheses as the last operand
    (
        "1.0",
        "workflow w { input { File bam Boolean b } File index = bam + if b then '.bai' else '.crai'"
        " String s = 'a' + if(b) then 'x' else 'y' + bam Int n = 1 + if b then 2 else 3 }",
    ),
    # what branches and absent calls give
    (
        "1.0",
        f"{_TASK} workflow w {{ input {{ Boolean b Array[File]+ xs }} if (b) {{ call t as u {{ input: files = xs }} }}"
        " call t as v { input: files = select_first([u.out, xs]), name = 'rep' + (1 + 1) + 'x', more = u.one, }"
        " Array[File]? chosen = if (b) then u.out else v.out File? last = if defined(u.one) then u.one else v.log"
        " Array[File] all = select_all(flatten([v.out, select_all([u.one, v.log, u.log,])]))"
        " output { Array[File]+? o = u.out File? p = select_first([u.log, v.log]) } }",
    ),
    (
        "1.0",
        f"{_TASK} workflow w {{ input {{ Array[Array[File]+] groups Boolean b }} scatter (g in groups) {{"
        " if (b) { scatter (f in g) { call t as one { input: files = [f] } } }"
        " if (!b) { scatter (f in g) { call t as two { input: files = [f] } } }"
        " Array[File] here = flatten(select_all([one.log, two.log])) }"
        " Array[File] all = flatten(select_all(flatten([one.log, two.log]))) }",
    ),
    # names of functions, of other calls, and of sections
    (
        "1.0",
        "workflow w { input { Array[Int] range = [1] Int length = 2 Int? size File? sub }"
        " scatter (i in range) { Int a = length(range) + length + i } Float b = size(sub)"
        " scatter (i in range) { Int c = i } String after = 'x' String name = basename('y') }",
    ),
    # texts
    (
        "1.0",
        'task a { input { Array[File]+ files String memory = "~{5 + ceil(size(files, "G"))}G" File? f }'
        " command <<< X=['~{sep=\"','\" files}'] ${x::-~{length(files)}} ~{true='a' false='b' defined(f)}"
        " ~{if defined(f) then ' | { grep \"' + memory + '\" || true; }' else ''} ${1%%.*} >>>"
        " runtime { memory: memory disks: 'local-disk ' + 2 * ceil(size(f)) + ' HDD' time_minutes: 3 cpu: '2' } }",
    ),
    # metadata
    (
        "1.0",
        "workflow w { input { Int n } meta { allowNestedInputs: true tool: { exclude: ['x', 'y',], depth: -1.5 } }"
        " parameter_meta { n: {description:'it\\'s', choices: [{label: 'a', value: null}], if: 1} o: {help: ''} }"
        " output { Int o = n } }",
    ),
    # sections in any order, and empty ones
    (
        "1.0",
        "task a { output { File o = name } runtime { cpu: size } command { } parameter_meta { f: {} }"
        " Int size = 2 String name = 'x' input { File f } meta { } } workflow w { input { } output { } }",
    ),
    ("1.1", "workflow w { input { String? x = None } if (x != None) { String y = select_first([x]) } output { } }"),
    ("1.1", f"{_TASK} workflow w {{ input {{ Int? n }} call t {{ input: files = ['a'], n, name = None }} }}"),
]


@pytest.mark.parametrize(("version", "text"), WITHOUT_A_WORD)
def test_it_is_accepted_without_a_word(check: Check, version: str, text: str) -> None:
    assert check(f"version {version}\n{text}").diagnostics == []


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_what_is_optional_needs_no_value_outside_of_the_inputs(check: Check, version: str) -> None:
    library = check(
        f"version {version}\n"
        "task t { input { Int n } File? nothing command <<< ~{nothing} >>> }"
        " workflow w { input { Boolean b } Array[File]? none if (b) { String? inner }"
        " call t { input: n = 1, nothing = select_first([none, []])[0] } Boolean known = defined(inner) }"
    )
    assert [finding.code for finding in library.diagnostics] == ["OptionalWithoutValue"] * 3
    assert all(finding.lenient for finding in library.diagnostics)
    assert library.root.workflow is not None
    assert list(library.root.workflow.inputs) == ["b", "none"]
    assert not library.root.tasks["t"].inputs["nothing"].required


@pytest.mark.parametrize(
    "text",
    [
        "task t { input { Int n } File file command <<< >>> }",
        "workflow w { input { Int n } File file }",
        "workflow w { input { Int n } scatter (i in [1]) { File file } }",
        "workflow w { input { Int n } output { File? file } }",
    ],
)
def test_what_is_not_optional_needs_a_value(check: Check, text: str) -> None:
    assert [finding.code for finding in check(f"version 1.0\n{text}").diagnostics] == ["MissingValue"]


def test_none_for_a_default_is_said_to_mean_the_default(check: Check) -> None:
    text = "task t { input { Int n = 1 String? s = 'x' } command <<< >>> } workflow w { input { Int? n String? s }"
    (finding,) = check(f"version 1.0\n{text} call t {{ input: n = n, s = s }} }}").diagnostics
    assert (finding.code, finding.lenient) == ("OptionalValue", True)
    assert "the default counts" in finding.labels[0].text


def test_without_input_section_constants_are_inputs_and_so_is_what_a_call_gives(check: Check) -> None:
    library = check(
        "version 1.0\n"
        "task t { File a Int n = 3 Array[String] tags = ['x'] String name = basename(a) command <<< >>> }"
        " task h { String name = 'World' Int unused = 1 command <<< >>> }"
        " workflow w { File f Int n = 4 String twice = '~{n}' call t { input: a = f, n = n, name = twice }"
        " call h { input: name = 'x' } }"
    )
    codes = [finding.code for finding in library.diagnostics]
    assert sorted(codes) == ["MissingInputSection", "MissingInputSection", "PrivateInput", "PrivateInput"]
    assert all(finding.lenient for finding in library.diagnostics)
    assert library.root.workflow is not None
    assert list(library.root.workflow.inputs) == ["f", "n"]
    assert list(library.root.tasks["t"].inputs) == ["a", "n", "tags", "name"]
    assert list(library.root.tasks["h"].inputs) == ["name"]


def test_each_call_that_gives_a_private_declaration_is_warned_of(check: Check) -> None:
    task = "task t { Int n = 1 + 1 command <<< >>> }"
    calls = "call t { input: n = 1 } call t as u { input: n = 2 }"
    library = check(f"version 1.0\n{task} workflow w {{ {calls} }}")
    assert [finding.code for finding in library.diagnostics] == ["PrivateInput", "PrivateInput"]


def test_with_an_input_section_what_is_private_stays_so(check: Check) -> None:
    text = "task t { input { } Int n = 3 command <<< >>> } workflow w { call t { input: n = 1 } }"
    assert [finding.code for finding in check(f"version 1.0\n{text}").diagnostics] == ["UnknownInput"]


@pytest.mark.parametrize("word", ["in", "version", "left", "right"])
def test_a_reserved_word_that_opens_no_block_names_a_task_or_workflow(check: Check, word: str) -> None:
    task = f"task {word} {{ command <<< >>> output {{ Int o = 1 }} }}"
    called = check(f"version 1.0\n{task} workflow w {{ call {word} output {{ Int o = {word}.o }} }}").diagnostics
    workflow = check(f"version 1.0\nworkflow {word} {{ output {{ Int o = 1 }} }}").diagnostics
    assert [(finding.code, finding.lenient) for finding in [*called, *workflow]] == [("ReservedWordAsName", True)] * 2


def test_a_member_read_as_from_a_map_that_the_struct_does_not_have(check: Check) -> None:
    text = (
        "struct Genome { String name Int count } workflow w { input { Genome g } Int n = g['size'] Int m = g['count'] }"
    )
    missing, lenient = check(f"version 1.0\n{text}").diagnostics
    assert (missing.code, missing.help) == ("UnknownMember", "its members are `name` and `count`")
    assert (lenient.code, lenient.lenient, lenient.help) == ("NotIndexable", True, "write `g.count`")


@pytest.mark.parametrize(
    ("replacement", "remedy"),
    [
        ("$2", r'write `"\\2"`'),
        ("x$1-", r'write `"\\1"`'),
        (r"\\3", "put what is meant into `(…)`"),
        (r"\\2", None),
        ("$3", None),
        ("$HOME", None),
        (r"\\\\3", None),
        (r"\\$1", None),
    ],
)
def test_a_replacement_that_means_a_group_names_it(check: Check, replacement: str, remedy: str | None) -> None:
    text = f"workflow w {{ input {{ String s }} String t = sub(s, '([0-9]+)(M|G)', '{replacement}') }}"
    found = [(finding.code, finding.help) for finding in check(f"version 1.0\n{text}").diagnostics]
    assert found == ([("ReplacementGroup", remedy)] if remedy else [])
