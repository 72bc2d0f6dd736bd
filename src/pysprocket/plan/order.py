"""An order of the nodes of a graph in which each can be evaluated.

In: a `Graph`. Out: its nodes, each after those whose names it needs.
"""

from __future__ import annotations

from collections.abc import Iterator

from pysprocket.plan.graph import CallNode, Evaluation, Graph, GraphNode, IfNode, Need, ScatterNode


def in_order(graph: Graph) -> Iterator[GraphNode]:
    """The nodes of a graph, each after those whose names it needs; otherwise as in the document."""
    homes = {key: node for node in graph.nodes for key in _defined_by(node)}
    done: set[GraphNode] = set()
    for first in graph.nodes:
        waiting = [first]
        while waiting:
            node = waiting[-1]
            before = [homes[key] for depth, key in _needs(node) if depth == 0 and key in homes]
            if ahead := [each for each in before if each not in done and each is not node]:
                waiting += ahead
                continue
            waiting.pop()
            if node not in done:
                done.add(node)
                yield node


def _defined_by(node: GraphNode) -> tuple[str, ...]:
    match node:
        case Evaluation():
            return (node.key,)
        case CallNode():
            return (node.name, *(f"{node.name}.{name}" for name in node.callee.outputs))
        case _:
            return node.exports


def _needs(node: GraphNode) -> tuple[Need, ...]:
    return (*node.needs, *node.outer) if isinstance(node, (ScatterNode, IfNode)) else node.needs
