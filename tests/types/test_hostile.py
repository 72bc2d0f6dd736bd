"""Documents that nobody means: the checker always ends soon, with a bounded number of findings."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pysprocket.errors import DocumentError
from pysprocket.source.codes import CODES
from pysprocket.source.render import render
from pysprocket.types.loader import load
from tests.types.conftest import Check

NUMBERS = range(4_000)
TASK = "task t { input { Int? x } command <<<>>> output { Int y = 1 } }\n"


def body(lines: str) -> str:
    return f"version 1.3\n{TASK}workflow w {{\n{lines}\n}}\n"


def many(pattern: str, separator: str = "\n") -> str:
    """The pattern once for each number, which stands for `#`."""
    return separator.join(pattern.replace("#", str(n)) for n in NUMBERS)


WIDE = {
    "declarations": body(many("Int x# = #")),
    "declarations that need the one before": body("".join(f"Int x{n + 1} = x{n}\n" for n in NUMBERS) + "Int x0 = 1"),
    "declarations that need the next": body("".join(f"Int x{n} = x{n + 1}\n" for n in NUMBERS) + "Int x4000 = 1"),
    "a circle": body("".join(f"Int x{n} = x{(n + 1) % 4000}\n" for n in NUMBERS)),
    "back edges": body("Int x0 = x3999\n" + "".join(f"Int x{n} = x{n - 1} + x0\n" for n in NUMBERS[1:])),
    "unknown names": body(many("Int x# = unknown#")),
    "the same name": body(many("Int x = #")),
    "unknown types": body(many("Unknown# x# = 1")),
    "unknown callees": body(many("call unknown# as c#")),
    "unknown inputs": body(f"call t {{ {many('a# = 1', ', ')} }}"),
    "unknown members": body(f"Pair[Int, Int] p = (1, 2)\n{many('Int x# = p.a#')}"),
    "unknown functions": body(many("Int x# = unknown#(1)")),
    "calls after unknown calls": body(many("call t as c# after unknown#")),
    "calls": body(many("call t as c# { x = # }")),
    "placeholders": body(f'String s = "{many("~{unknown#}", "")}"'),
    "array of all types": body(f"Array[Int] xs = [{many('1, 1.5, [#], a#', ', ')}]"),
    "map with one key": body(f"Map[Int, Int] m = {{{many('1: #', ', ')}}}"),
    "clauses": body("if (false) {} " + many("else if (true) { Int x = # }", " ")),
    "clauses with calls": body("if (false) {} " + many("else if (true) { call t }", " ")),
    "struct members": f"version 1.3\nstruct S {{\n{many('Int x#')}\n}}\n",
    "struct members of one name": f"version 1.3\nstruct S {{\n{many('Int x')}\n}}\n",
    "structs in structs": "version 1.3\n" + "".join(f"struct S{n} {{ S{n + 1} a }}\n" for n in NUMBERS),
    "structs that double": "version 1.3\nstruct S0 { Int x }\n" + "".join(
        f"struct S{n} {{ S{n - 1} a S{n - 1} b }}\n" for n in range(1, 200)
    ),
    "structs in a circle": "version 1.3\n" + "".join(f"struct S{n} {{ S{(n + 1) % 45} a }}\n" for n in range(45)),
    "choices": f"version 1.3\nenum E {{ {many('x#', ', ')} }}\nworkflow w {{ E e = E.unknown }}\n",
    "tasks of one name": "version 1.3\n" + TASK * len(NUMBERS),
    "imports of one document": "version 1.3\n" + many('import "one.wdl" as o#'),
    "imports of nothing": "version 1.3\n" + many('import "nothing#.wdl" as o#'),
    "locations that are none": 'version 1.3\nimport "https://[::1"\nimport "http://a:b:c"\nimport "file://["\n'
    'import "file:///%00"\nimport "a\\u0000b"\nimport "\\x1b[31mx"\nimport ":"\nimport "//"\nimport "http:///x"\n',
    "zipped pairs": body(
        "Array[Int] a0 = [1]\n" + "\n".join(f"Array[Int] a{n} = zip(a{n - 1}, a{n - 1})" for n in range(1, 90))
    ),
    "nested calls of functions": body(f"Int x = {'min(1, ' * 90}1{')' * 90}\nFloat y = {'size(' * 90}1{')' * 90}"),
    "nested empty arrays": body(f"{'Array[' * 90}Int{']' * 90} x = {'[' * 90}{']' * 90}\nInt y = {'[' * 90}{']' * 90}"),
}  # fmt: skip


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_a_wide_document_is_checked_soon_and_the_report_is_bounded(check: Check, text: str) -> None:
    began = time.process_time()
    findings = check(text, one="version 1.3\nstruct S { Int x }\n").diagnostics
    shown = render(findings)
    assert time.process_time() - began < 10
    assert len(shown) < 200_000
    assert all(finding.code in CODES for finding in findings)


@pytest.mark.parametrize("pattern", ["Int # = 1 Int #b = #c", "# x = 1", "call #", "Int x = #(1)", "Int x = w.#"])
def test_a_name_of_a_megabyte_is_cut_in_the_report(check: Check, pattern: str) -> None:
    findings = check(body(pattern.replace("#", "a" * 1_000_000))).diagnostics
    assert findings
    assert len(render(findings)) < 5000


def test_a_diamond_of_imports_is_read_once_each(check: Check) -> None:
    """Through thirty layers of two documents lead 2^30 paths."""
    both = 'version 1.3\nimport "a{0}.wdl" as a\nimport "b{0}.wdl" as b\n'
    layers = {f"{side}{n}": both.format(n + 1) + f"struct S{side}{n} {{ Int x }}\n" for n in range(30) for side in "ab"}
    last = "version 1.3\nstruct S { Int x }\n"
    library = check(both.format(0), **layers, a30=last, b30=last)
    assert not library.has_errors
    assert len(library.documents) == 63


def test_imports_are_followed_to_a_limit(check: Check) -> None:
    chain = {f"d{n}": f'version 1.3\nimport "d{n + 1}.wdl" as next\n' for n in range(400)}
    (finding,) = check('version 1.3\nimport "d0.wdl" as next\n', **chain).diagnostics
    assert finding.code == "ImportFailed"


def test_what_is_no_document_is_told_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.wdl")
    Path("directory.wdl").mkdir()
    with Path("huge.wdl").open("wb") as file:
        file.truncate(2_000_000_000)
    Path("wide.wdl").write_bytes("version 1.3\n".encode("utf-16"))
    Path("bytes.wdl").write_bytes(b"version 1.3\n\xff")
    reasons = {
        "pipe.wdl": "not a regular file",
        "directory.wdl": "it is a directory",
        "huge.wdl": "more than 100,000,000 bytes",
        "wide.wdl": "UTF-16",
        "bytes.wdl": "line 2 has a byte",
        "/dev/zero": "not a regular file",
    }
    for name, reason in reasons.items():
        with pytest.raises(DocumentError, match=reason):
            load(name)
    Path("root.wdl").write_text("version 1.3\n" + "".join(f'import "{name}" as a{len(name)}\n' for name in reasons))
    messages = [finding.message for finding in load("root.wdl").diagnostics if finding.code == "ImportFailed"]
    assert all(reason in message for reason, message in zip(reasons.values(), messages, strict=True))
