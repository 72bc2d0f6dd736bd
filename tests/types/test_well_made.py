"""Documents of the kinds that workflows in public are written in, which need no remark at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pysprocket.types.loader import Library

Check = Callable[..., Library]

_SORT = (
    "task sort { input { File rows File? order Int cpu = 2 } command <<< sort ~{rows} >>>"
    ' output { File sorted = "sorted" File? log = "log" Int n = read_int(stdout()) String state = "PASS" }'
    ' runtime { docker: "a@sha256:b" cpu: cpu disks: "local-disk " + 10 + " HDD" zones: ["x", "y"] bootDiskGb: 1 } }'
)

CLEAN: list[tuple[str, str, dict[str, str]]] = [
    # a struct of a name that became a type later
    ("1.0", "task t { input { Directory d } command <<< ~{d.i} >>> }", {"lib": "struct Directory { Int i }"}),
    # what is only done under a condition, and the choice of what was done
    (
        "1.0",
        f"{_SORT} workflow w {{ input {{ Array[File] tables File? given Boolean deep = false Int? most }}"
        " if (!deep) { scatter (pair in zip(tables, tables)) {"
        " call sort as first { input: rows = pair.left, order = pair.right, } } }"
        ' if (select_first([most, 1]) > 0 || deep) { String none = "" }'
        " Array[File] a = select_first([first.sorted, tables]) Array[File] b = select_all(select_first([first.log]))"
        " scatter (row in transpose([a, b])) { call sort { input: rows = row[0] }"
        ' if (sort.state == "PASS") { call sort as again { input: rows = sort.sorted, order = row[1] } }'
        " File last = select_first([again.sorted, sort.sorted]) }"
        " if (defined(given)) { call sort as other { input: rows = select_first([given]) } }"
        " output { Array[File] all = last Array[File?] some = again.log Array[File] found = select_all(again.sorted)"
        " Array[Int]? counts = first.n String? said = none File? best = other.sorted } }",
        {},
    ),
    # pairs of optional things, told apart by their text
    (
        "1.0",
        f"{_SORT} workflow w {{ input {{ File? a File? b }}"
        ' Array[Pair[String?, File?]] named = [("a", a), ("b", b)] Array[Pair[String?, File?]] more = [("c", "~{a}")]'
        ' scatter (pair in flatten([named, more])) { if ("~{pair.right}" != "") {'
        ' call sort { input: rows = "~{pair.right}" } } }'
        " Array[Pair[String?, File?]] done = zip(sort.log, sort.sorted) }",
        {},
    ),
    # structs from maps and rows of a table, and sizes of everything
    (
        "1.0",
        "struct Sample { String name File rows File? index } workflow w {"
        " input { File table Array[File] files File? extra Map[String, Map[String, File]] by_name }"
        " scatter (row in read_tsv(table)) { Sample s = object { name: row[0], rows: row[1] } }"
        ' scatter (f in files) { Sample t = {"name": basename(f), "rows": f, "index": extra} }'
        ' Map[String, String] places = read_map(table) File place = places["rows"]'
        ' Int gb = ceil(2 * (if size(files, "GiB") < 1 then 1 else size([place, s[0].rows], "Gi")) + size(extra, "G"))'
        ' File one = by_name["a"]["b"] output { Array[Sample] all = flatten([s, t]) Int gib = gb } }',
        {},
    ),
    # flags of a command, and texts within texts
    (
        "1.0",
        "task t { input { String? label Array[File]+ rows Array[String]? more Boolean? fast = true Int cpu = 1 }"
        " command <<< run ~{true='--fast ' false='' fast} ~{if cpu > 1 then \"-t \" + (cpu - 1) else \"\"}"
        ' ~{label}~{true="," false="" defined(label)} ~{"-l " + label} ~{default="x" label} ~{sep=" " more}'
        " ~{if defined(more) then '-m ' else ''} \"~{if defined(label) then ' L:~{label}' else ''}\""
        " ~{sep=' ' prefix('-r ', rows)} ${#rows[@]} ~/.profile $'~{sep=\"\\\\n\" rows}' <(zcat ~{rows[0]}) >>>"
        ' runtime { memory: "~{cpu * 2} GiB" maxRetries: "${cpu}" preemptible: 3 continueOnReturnCode: [0, 5] }'
        " parameter_meta { rows: { localization_optional: true, help: 'Rows.', patterns: [\"*.txt\",], } }"
        ' meta { version: "v1" outputs: { log: { None: "no", input: 1 } } volatile: true } }',
        {},
    ),
    # names that the document, its imports, tasks, calls and inputs share
    (
        "1.0",
        'import "./lib.wdl" as Lib import "deep.wdl" workflow w { input { Int count Boolean and = true }'
        " call Lib.count as Count { input: count = count } call deep.count as other { input: count = Count.n, }"
        " scatter (i in []) { call Lib.count as never } output { Int n = other.n Array[Int] ns = never.n } }",
        {
            "lib": 'import "deep.wdl" task count { input { Int count = 1 } command {} output { Int n = count } }',
            "deep": "task count { input { Int count } command {} output { Int n = count } }",
        },
    ),
]


@pytest.mark.parametrize(("version", "text", "others"), CLEAN)
def test_it_gets_no_remark(check: Check, version: str, text: str, others: dict[str, str]) -> None:
    imports = "" if "import " in text else "".join(f'import "{name}.wdl"\n' for name in others)
    head = f"version {version}\n"
    found = check(head + imports + text, **{name: head + other for name, other in others.items()}).diagnostics
    assert [(finding.code, finding.message) for finding in found] == []
