"""Which names an expression mentions.

In: an expression. Out: each `Name` in it, placeholders in strings included, with the member that is
read from it directly: `align.bam` gives the Name `align` and "bam", `x + 1` gives `x` and None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from pysprocket.syntax import nodes

Reference: TypeAlias = tuple[nodes.Name, str | None]


def references(expression: nodes.Expression) -> Iterator[Reference]:
    """Every Name in an expression in the order of the text, with the member read from it."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, nodes.Name):
            yield node, None
        elif isinstance(node, nodes.Access) and isinstance(node.target, nodes.Name):
            yield node.target, node.member.name
        else:
            children = _CHILDREN.get(type(node))
            if children is not None:
                stack.extend(reversed(children(node)))


def _part_expressions(parts: Iterable[str | nodes.Placeholder]) -> list[nodes.Expression]:
    found: list[nodes.Expression] = []
    for part in parts:
        if isinstance(part, nodes.Placeholder):
            found += [option.value for option in part.options]
            found.append(part.expression)
    return found


_CHILDREN: dict[type, Callable[[Any], list[nodes.Expression]]] = {
    nodes.String: lambda node: _part_expressions(node.parts),
    nodes.Array: lambda node: list(node.items),
    nodes.Map: lambda node: [side for entry in node.entries for side in (entry.key, entry.value)],
    nodes.Pair: lambda node: [node.left, node.right],
    nodes.Struct: lambda node: [member.value for member in node.members],
    nodes.HintsValue: lambda node: [member.value for member in node.members],
    nodes.Access: lambda node: [node.target],
    nodes.Index: lambda node: [node.target, node.index],
    nodes.Apply: lambda node: list(node.arguments),
    nodes.Unary: lambda node: [node.operand],
    nodes.Binary: lambda node: [node.left, node.right],
    nodes.Conditional: lambda node: [node.condition, node.yes, node.no],
}
