"""The conditions of `sbatch.conditional` and `bsub.conditional`.

In: a WDL expression as a text. Out: what is wrong with it, as far as can be seen without a task: its grammar, the names
in it, and parts that are no Boolean where one is needed. `NAMES` is what a condition may use.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pysprocket.nearest import nearest
from pysprocket.source.text import Source
from pysprocket.syntax import nodes
from pysprocket.syntax.parser import parse_expression

NAMES = {"cpu": "a number", "memory": "a number", "gpu": None, "fpga": None, "disks": "no Boolean"}
"""The names beside `hint`: what each of them is, None for a Boolean."""

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_LOGIC = frozenset({"&&", "||"})
_KINDS: dict[type[nodes.Node], str] = {
    nodes.String: "a text",
    nodes.Array: "an array",
    nodes.Map: "a map",
    nodes.Pair: "a pair",
    nodes.Struct: "a struct",
    nodes.HintsValue: "a table of hints",
}


class Wrong(NamedTuple):
    """What is wrong: the rest of a sentence that begins with the name of the setting, and what to do."""

    message: str
    help: str | None = None


def mistakes(condition: str) -> list[Wrong]:
    """What is wrong with a condition; a mistake of grammar hides all others."""
    tree, diagnostics = parse_expression(Source("condition:", condition))
    if tree is None:
        first = diagnostics[0]
        said = first.message.replace("the end of the document", "its end").replace("the document", "it")
        return [Wrong(f"is not a WDL expression: {said}", first.help)]
    return [*_names(tree), *_booleans(tree, condition)]


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


def _booleans(tree: nodes.Node, condition: str) -> Iterator[Wrong]:
    """Where a Boolean is needed and something else stands."""
    if isinstance(tree, nodes.Binary) and tree.operator in _LOGIC:
        yield from _booleans(tree.left, condition)
        yield from _booleans(tree.right, condition)
    elif isinstance(tree, nodes.Unary) and tree.operator == "!":
        yield from _booleans(tree.operand, condition)
    elif isinstance(tree, nodes.Conditional):
        for part in (tree.condition, tree.yes, tree.no):
            yield from _booleans(part, condition)
    elif (kind := _other_than_boolean(tree)) is not None:
        text = condition[tree.start : tree.end]
        yield Wrong(f"needs a Boolean, but `{text}` is {kind}", "compare it, as in `cpu > 8`")


def _other_than_boolean(tree: nodes.Node) -> str | None:
    """What an expression is, when that is surely no Boolean."""
    if isinstance(tree, nodes.Name):
        return NAMES.get(tree.name)
    if isinstance(tree, nodes.Literal):
        return None if isinstance(tree.value, bool) else "None" if tree.value is None else "a number"
    if isinstance(tree, nodes.Binary):
        return None if tree.operator in _COMPARISONS else "a text or a number" if tree.operator == "+" else "a number"
    if isinstance(tree, nodes.Unary):
        return "a number"
    return _KINDS.get(type(tree))
