"""The conditions of `sbatch.conditional` and `bsub.conditional`.

In: a WDL expression as a text. Out: what is wrong with it, as far as can be seen without a task: its grammar, the names
in it, and the types of its parts. `NAMES` is what a condition may use beside hints, of which any may be of any type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pysprocket.nearest import nearest
from pysprocket.source.diagnostic import Severity
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.syntax.parser import parse_expression
from pysprocket.syntax.versions import NEWEST
from pysprocket.types.expressions import ExpressionChecker
from pysprocket.types.findings import Findings, article
from pysprocket.types.model import ANY, BOOLEAN, FLOAT, INT, OBJECT, Type, required
from pysprocket.types.scope import Binding
from pysprocket.types.typed import TypedDocument

NAMES: dict[str, Type] = {"cpu": FLOAT, "memory": INT, "gpu": BOOLEAN, "fpga": BOOLEAN, "disks": INT}
"""The names beside `hint`; `memory` counts bytes."""

_TYPES: dict[str, Type] = {**NAMES, "hint": OBJECT}
_NOTHING = nodes.Document(0, 0, None, (), (), (), (), None)


class Wrong(NamedTuple):
    """What is wrong: the rest of a sentence that begins with the name of the setting, and what to do."""

    message: str
    help: str | None = None


def mistakes(condition: str) -> list[Wrong]:
    """What is wrong with a condition; a mistake of grammar hides all others, an unknown name those of types."""
    source = Source("condition:", condition)
    tree, diagnostics = parse_expression(source)
    if tree is None:
        first = diagnostics[0]
        said = first.message.replace("the end of the document", "its end").replace("the document", "it")
        return [Wrong(f"is not a WDL expression: {said}", first.help)]
    return list(dict.fromkeys(_names(tree))) or [*_types(tree, source)]


def _names(tree: nodes.Node) -> Iterator[Wrong]:
    """Names that a condition cannot use."""
    if isinstance(tree, nodes.Access) and isinstance(tree.target, nodes.Name) and tree.target.name == "hint":
        return
    if isinstance(tree, nodes.Name):
        if tree.name == "hint":
            yield Wrong("has `hint` as a value", "write `hint.NAME` for the hint NAME of a task")
        elif tree.name not in NAMES:
            yield Wrong(f"has `{tree.name}`, which is not known here", _meant(tree.name))
    for field in tree.__struct_fields__:
        value = getattr(tree, field)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, nodes.Node):
                yield from _names(child)


def _meant(name: str) -> str:
    near = nearest(name, [*NAMES, "hint"])
    known = ", ".join(f"`{each}`" for each in NAMES)
    return f"did you mean `{near[0]}`?" if near else f"a condition can use {known} and `hint.NAME`"


def _types(tree: nodes.Expression, source: Source) -> Iterator[Wrong]:
    """What does not fit together, by the rules for documents; nothing is converted that WDL does not convert."""
    checker = ExpressionChecker(TypedDocument(source, _NOTHING, NEWEST), Findings(source))
    checker.scope.names = {name: Binding(nodes.Identifier(0, 0, name), type_, None) for name, type_ in _TYPES.items()}
    given = checker.value(tree)
    for found in checker.findings.diagnostics:
        if found.severity is Severity.ERROR or found.lenient:
            start, end = min(each.start for each in found.labels), max(each.end for each in found.labels)
            yield Wrong(f"has `{source.text[start:end]}`: {found.message}", found.help)
    if given != ANY and required(given) != BOOLEAN:
        yield Wrong(f"needs a Boolean, but `{source.text}` is {article(given)}", "compare it, as in `cpu > 8`")
