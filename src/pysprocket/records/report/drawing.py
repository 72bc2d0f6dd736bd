"""The call graph as a picture (SVG).

In: a `CallGraph` and how its calls ended. Out: markup. Names have letters of one width, so the size of a node is known
without a browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pysprocket.records.report.callgraph import CallGraph, CallVertex
from pysprocket.records.report.layers import Layout, Point, Size, layout, transposed
from pysprocket.records.report.markup import Markup, element, join
from pysprocket.source.visible import count, shortened

MOST_CALLS = 300
"""A graph with more calls is not drawn: nobody finds anything in it."""

_LETTER = 7.9
_SMALL_LETTER = 6.3
_LONGEST_NAME = 36
_HEIGHT = 54.0
_MARGIN = 8.0
_PADDING = 14.0
_PAGE_WIDTH = 1060.0


def draw(graph: CallGraph, counts: Mapping[str, Mapping[str, int]], otherwise: str) -> Markup:
    """The picture of a graph.

    Args:
        graph: what is to be drawn.
        counts: the number of calls by state, for each name that was called.
        otherwise: what to say of the others, such as "not run".
    """
    remarks = [_remark(counts.get(vertex.name, {})) or otherwise for vertex in graph.calls]
    sizes = [_size(vertex, remark) for vertex, remark in zip(graph.calls, remarks, strict=True)]
    placed, upright = _placed(sizes, graph.edges)
    width, height = placed.width + 2 * _MARGIN, placed.height + 2 * _MARGIN
    boxes = [
        _box(vertex, remark, counts.get(vertex.name, {}), size, place)
        for vertex, remark, size, place in zip(graph.calls, remarks, sizes, placed.places, strict=True)
    ]
    return element(
        "svg",
        element("g", *(_edge(path, upright=upright) for path in placed.paths), aria_hidden="true"),
        *boxes,
        width=width,
        height=height,
        viewBox=f"{-_MARGIN:g} {-_MARGIN:g} {width:.1f} {height:.1f}",
        role="img",
        aria_label=f"graph of {count(len(graph.calls), 'call')} of workflow {graph.workflow}",
    )


def _placed(sizes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> tuple[Layout, bool]:
    """From left to right, or from top to bottom where that would be too wide for a page and this is less so."""
    level = layout(sizes, edges)
    if level.width <= _PAGE_WIDTH:
        return level, False
    turned = layout([Size(size.height, size.width) for size in sizes], edges)
    if turned.height >= level.width:
        return level, False
    return transposed(turned), True


def _remark(counts: Mapping[str, int]) -> str:
    """What stands below a name: how its calls ended."""
    total = sum(counts.values())
    if total == 1:
        return next(iter(counts))
    if len(counts) == 1:
        return f"{total:,} {next(iter(counts))}"
    return " · ".join(f"{number:,} {state}" for state, number in counts.items())


def _size(vertex: CallVertex, remark: str) -> Size:
    width = max(len(shortened(vertex.name, _LONGEST_NAME)) * _LETTER, len(remark) * _SMALL_LETTER, 70.0)
    return Size(round(width + 2 * _PADDING), _HEIGHT)


def _box(vertex: CallVertex, remark: str, counts: Mapping[str, int], size: Size, place: Point) -> Markup:
    state = "not-run" if not counts else "bad" if "failed" in counts else None
    inner = [
        element("title", _title(vertex, remark)),
        element("rect", class_="box", width=size.width, height=size.height, rx=7),
    ]
    if vertex.is_workflow:
        inner.append(element("rect", class_="inside", x=3, y=3, width=size.width - 6, height=size.height - 6, rx=5))
    inner += [
        element("text", shortened(vertex.name, _LONGEST_NAME), x=_PADDING, y=22),
        element("text", remark, class_="more", x=_PADDING, y=38),
        *_stack(counts, size.width - 2 * _PADDING),
    ]
    return element("g", *inner, class_=state, transform=f"translate({place[0]:.1f} {place[1]:.1f})")


def _title(vertex: CallVertex, remark: str) -> str:
    kind = "workflow" if vertex.is_workflow else "task"
    around = "".join(f", in {'a scatter' if word == 'scatter' else 'an if'}" for word in reversed(vertex.around))
    return f"{vertex.name}: calls {kind} {vertex.target}{around}: {remark}"


def _stack(counts: Mapping[str, int], width: float) -> Sequence[Markup]:
    total = sum(counts.values())
    x, pieces = _PADDING, []
    for state, number in counts.items():
        piece = width * number / total
        pieces.append(element("rect", class_=f"{state}-fill", x=x, y=_HEIGHT - 10, width=piece, height=3))
        x += piece
    return pieces


def _edge(path: Sequence[Point], *, upright: bool) -> Markup:
    """A line that leaves and arrives in the direction of the graph."""
    (along, across), *rest = (point[::-1] if upright else point for point in path)
    steps = [f"M{_text(along, across, upright)}"]
    for place, (next_along, next_across) in enumerate(rest):
        end = _text(next_along, next_across, upright)
        if place % 2 or abs(next_across - across) < 0.5:  # straight through a layer
            steps.append(f"L{end}")
        else:
            middle = (along + next_along) / 2
            steps.append(f"C{_text(middle, across, upright)} {_text(middle, next_across, upright)} {end}")
        along, across = next_along, next_across
    wings = [_text(along - 7, across + side, upright) for side in (-4, 4)]
    head = f"M{wings[0]}L{_text(along, across, upright)}L{wings[1]}Z"
    return join(element("path", d="".join(steps)), element("path", d=head, class_="head"))


def _text(along: float, across: float, upright: bool) -> str:  # noqa: FBT001 - called here alone
    return f"{across:.1f} {along:.1f}" if upright else f"{along:.1f} {across:.1f}"
