"""The pieces of the report: the graph of calls, its layout, the time axis, markup."""

import random
import re
from itertools import combinations, pairwise

import pytest

from pysprocket.records.report.callgraph import CallGraph, graphs_of_documents
from pysprocket.records.report.drawing import draw
from pysprocket.records.report.layers import Size, layout
from pysprocket.records.report.markup import element, escape, script_data
from pysprocket.records.report.scale import make_scale
from pysprocket.records.report.words import number, share
from pysprocket.source.uris import without_secrets

TASK = "task t { input { Int x = 1 Array[Int] xs = [] } command <<< >>> output { Int y = x Array[Int] ys = xs } }"


def graphs(body: str, **documents: str) -> list[CallGraph]:
    texts = {"file:///d/main.wdl": f"version 1.2\n{body}\n{TASK}"}
    texts |= {f"file:///d/{name}.wdl": f"version 1.2\n{text}\n{TASK}" for name, text in documents.items()}
    found = graphs_of_documents("file:///d/main.wdl", "main", texts)
    assert found is not None
    return found


def edges(body: str) -> list[str]:
    (graph,) = graphs(f"workflow main {{ {body} }}")
    return [f"{graph.calls[start].name} {graph.calls[end].name}" for start, end in graph.edges]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("call t as a call t as b { x = a.y }", ["a b"]),
        ("call t as b { x = a.y } call t as a", ["a b"]),
        ("call t as a call t as b after a", ["a b"]),
        ("call t as a Int z = a.y + 1 Int w = z call t as b { x = w }", ["a b"]),
        ("call t as a scatter (i in a.ys) { call t as b }", ["a b"]),
        ("call t as a if (a.y > 1) { call t as b }", ["a b"]),
        ("scatter (i in [1]) { call t as a } call t as b { xs = a.y }", ["a b"]),
        ("scatter (i in [1]) { scatter (j in [1]) { call t as a } } call t as b { xs = flatten(a.y) }", ["a b"]),
        ("call t as a scatter (i in a.ys) { Int z = i } call t as b { xs = z }", ["a b"]),
        ("call t as a scatter (i in a.ys) { Int z = i call t as c } call t as b { xs = z }", ["a c", "a b"]),
        ("call t as a call t as b { x = a.y } call t as c { x = a.y + b.y }", ["a b", "a c", "b c"]),
        ("call t as a call t as b", []),
    ],
)
def test_a_call_needs_the_calls_its_inputs_are_made_of(body, expected):
    assert edges(body) == expected


def test_sub_workflows_have_graphs_of_their_own():
    sub = (
        "workflow sub { input { Int x = 1 } call t as one { x } call t as two { x = one.y } output { Int y = two.y } }"
    )
    main, inner = graphs('import "sub.wdl" workflow main { call sub.sub as s call t { x = s.y } }', sub=sub)
    assert [(call.name, call.is_workflow) for call in main.calls] == [("s", True), ("t", False)]
    assert (inner.path, inner.workflow, inner.edges) == (("s",), "sub", ((0, 1),))


def test_texts_that_do_not_fit_give_no_graph():
    assert graphs_of_documents("file:///x.wdl", "main", {}) is None
    assert graphs_of_documents("file:///x.wdl", "main", {"file:///x.wdl": "version 1.0 nonsense"}) is None
    assert graphs_of_documents("file:///x.wdl", "main", {"file:///x.wdl": 'version 1.0\nimport "y.wdl"'}) is None


@pytest.mark.parametrize("seed", range(8))
def test_nodes_do_not_overlap_and_edges_lead_to_the_right(seed):
    chance = random.Random(seed)
    sizes = [Size(chance.uniform(60, 300), 54) for _ in range(40)]
    pairs = (chance.sample(range(40), 2) for _ in range(70))
    edges_ = sorted({(min(pair), max(pair)) for pair in pairs})
    placed = layout(sizes, edges_)
    boxes = [(x, y, x + size.width, y + size.height) for (x, y), size in zip(placed.places, sizes, strict=True)]
    assert all(
        one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        for one, other in combinations(boxes, 2)
    )
    assert all(boxes[start][2] < boxes[end][0] for start, end in edges_)
    assert max(box[2] for box in boxes) <= placed.width
    assert max(box[3] for box in boxes) <= placed.height + 1e-6
    assert min(box[1] for box in boxes) >= 0
    assert all([*path] == sorted(path, key=lambda point: point[0]) for path in placed.paths)


def test_a_line_of_nodes_is_a_straight_line():
    placed = layout([Size(80, 54)] * 5, [(0, 1), (1, 2), (2, 3), (3, 4)])
    assert {y for _, y in placed.places} == {0.0}
    assert placed.height == 54


def test_a_circle_ends():
    assert len(layout([Size(80, 54)] * 3, [(0, 1), (1, 2), (2, 1)]).places) == 3


def test_nothing_has_a_layout():
    assert layout([], []).width == 0


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (0, ["0"]),
        (8, ["0", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s", "7 s", "8 s"]),
        (200, ["0", "30 s", "1 min", "1 min 30", "2 min", "2 min 30", "3 min"]),
        (5 * 3600, ["0", "1 h", "2 h", "3 h", "4 h", "5 h"]),
        (8 * 86400, ["0", "1 d", "2 d", "3 d", "4 d", "5 d", "6 d", "7 d", "8 d"]),
    ],
)
def test_ticks_are_at_round_times(seconds, labels):
    ticks = make_scale(1000, 1000 + seconds, [(1000, 1000 + seconds)]).ticks()
    assert [tick.label for tick in ticks] == labels
    assert all(0 <= tick.place <= 100 for tick in ticks)


@pytest.mark.parametrize("seconds", [0.003, 0.4, 3, 77, 1234, 40_000, 700_000, 9e7])
def test_ticks_are_few_and_apart(seconds):
    places = [tick.place for tick in make_scale(5, 5 + seconds, []).ticks()]
    assert 1 <= len(places) <= 10
    assert all(later - earlier >= 7 for earlier, later in pairwise(places))


def test_only_the_idle_time_before_a_resumption_is_left_out():
    busy = [(0, 100), (5000, 5100)]
    assert make_scale(0, 5100, busy).cuts() == []
    ((place, width, seconds),) = make_scale(0, 5100, busy, [4990]).cuts()
    assert (round(place, 1), round(width, 1), seconds) == (46.2, 3.0, 4890)
    assert make_scale(0, 5100, [(0, 5100)], [4990]).cuts() == []
    assert make_scale(0, 105, [(0, 100), (103, 105)], [103]).cuts() == []


def test_places_follow_the_cut():
    scale = make_scale(0, 5100, [(0, 100), (5000, 5100)], [5000])
    places = [scale.place(time) for time in (0, 50, 100, 3000, 5000, 5050, 5100)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] == pytest.approx(100)
    assert places[4] - places[2] == pytest.approx(3)


def test_markup_is_escaped_once():
    inner = element("b", "<&\"'>", data_x='"<')
    assert inner == '<b data-x="&quot;&lt;">&lt;&amp;&quot;&#x27;&gt;</b>'
    assert element("p", inner, None, 3, class_="x", hidden=False, open=True) == f'<p class="x" open>{inner}3</p>'
    assert escape("\x1b\ud800") == "\u241b&lt;U+D800&gt;"


def test_data_cannot_end_its_script():
    assert script_data({"a": "</script><!--&"}) == '{"a":"\\u003c/script\\u003e\\u003c!--\\u0026"}'


def test_numbers_are_short():
    assert [number(value) for value in (0, 0.004, 0.5, 2.0, 12.34, 12_000)] == ["0", "0", "0.5", "2", "12.3", "12,000"]
    assert [share(value) for value in (None, 0, 0.004, 0.34, 1.2)] == ["\u2013", "0 %", "0.4 %", "34 %", "120 %"]


def test_only_urls_lose_their_secrets():
    assert without_secrets("a b?token=1 s3://u:p@h/k?token=1 c") == "a b?token=1 s3://h/k?token=*** c"


def test_a_graph_that_is_too_wide_for_a_page_stands_upright():
    calls = "call t as a0 " + " ".join(f"call t as a{number} {{ x = a{number - 1}.y }}" for number in range(1, 12))
    (wide,) = graphs(f"workflow main {{ {calls} }}")
    (narrow,) = graphs("workflow main { call t as a call t as b { x = a.y } }")
    sizes = []
    for graph in (wide, narrow):
        drawn = draw(graph, {}, "not run")
        sizes.append([float(value) for value in re.findall(r'^<svg width="([0-9.]+)" height="([0-9.]+)"', drawn)[0]])
    assert sizes[0][1] > sizes[0][0]
    assert sizes[1][1] < sizes[1][0]
