"""Which names an expression mentions."""

from __future__ import annotations

import pytest

from pysprocket.source.text import Source
from pysprocket.syntax.parser import parse
from pysprocket.types.references import references


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x", ["x"]),
        ("align.bam", ["align.bam"]),
        ("align.pair.left", ["align.pair"]),
        ("f(a, b[c])", ["a", "b", "c"]),
        ('"~{a} ~{sep=", " b} ~{"~{c.d}"}"', ["a", "b", "c.d"]),
        ("{a: b}", ["a", "b"]),
        ("S { a: b, c: object { d: e } }", ["b", "e"]),
        ("if a then [b] else (c, -d)", ["a", "b", "c", "d"]),
        ("a + b * a", ["a", "b", "a"]),
        ("(if a then b else c).m", ["a", "b", "c"]),
        ("1", []),
    ],
)
def test_every_name_is_found_with_the_member_read_from_it(expression: str, expected: list[str]) -> None:
    tree, findings = parse(Source("file:///x", f"version 1.1\nworkflow w {{ Int x = {expression} }}"))
    assert findings == []
    assert tree.workflow is not None
    value = getattr(tree.workflow.body[0], "expression")  # noqa: B009 - a statement of any kind
    found = [name.name + (f".{member}" if member else "") for name, member in references(value)]
    assert found == expected
