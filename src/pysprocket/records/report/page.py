"""The page: header, tiles, and the sections of the other modules, put into the template.

In: `History` and a run. Out: the text of one HTML file that refers to nothing outside of itself: style, script and
data are in it, and its content security policy lets no other script run, whatever text a run may have left.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import resources as packaged
from string import Template

import pysprocket
from pysprocket.records.history import History
from pysprocket.records.model import RunRecord
from pysprocket.records.report.callgraph import CallGraph, graphs_of_calls, graphs_of_documents
from pysprocket.records.report.contents import Contents, count_states, gather
from pysprocket.records.report.drawing import MOST_CALLS, draw
from pysprocket.records.report.failures import definitions, failed_calls, failures, multiline, retries
from pysprocket.records.report.markup import Content, Markup, code, element, join, script_data
from pysprocket.records.report.timeline import idle_seconds, timeline, timeline_data
from pysprocket.records.report.usage import efficiency, measured_remark, resources
from pysprocket.records.report.values import inputs_and_outputs, origins
from pysprocket.records.report.words import duration, moment, number, share, size
from pysprocket.source.uris import local_path, redacted
from pysprocket.source.visible import count

STATUSES = {"canceled": "interrupted", "orphaned": "died"}
"""Statuses whose word in the database says too little."""


def report_page(history: History, run: RunRecord) -> str:
    """The report of a run as the text of one HTML file.

    Raises:
        RecordsError: the database cannot be read.
    """
    return render(gather(history, run))


def render(contents: Contents) -> str:
    """The page as text."""
    script = _packaged("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return Template(_packaged("page.html")).substitute(
        title=join(f"{contents.run.name} · {contents.run.target or 'run'}"),
        style=_packaged("page.css"),
        script=script,
        script_hash=f"'sha256-{digest}'",
        data=script_data(timeline_data(contents)),
        body=_body(contents),
    )


def _packaged(name: str) -> str:
    return packaged.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _body(contents: Contents) -> Markup:
    return join(
        _header(contents),
        _tiles(contents),
        failures(contents),
        timeline(contents),
        resources(contents.calls),
        retries(contents),
        _graph(contents),
        inputs_and_outputs(contents),
        origins(contents),
        element(
            "footer", f"Written by sprocket {pysprocket.__version__} with what was known on {moment(contents.now)}"
        ),
    )


# --- the header --------------------------------------------------------------------------------------------


def _header(contents: Contents) -> Markup:
    run = contents.run
    status = STATUSES.get(run.status, run.status)
    return element(
        "header",
        element("div", element("h1", run.name), element("span", status, class_=f"pill {run.status}"), class_="title"),
        element("p", *_target(run), class_="target"),
        _what_happened(contents),
        definitions(list(_facts(contents))),
    )


def _target(run: RunRecord) -> Iterator[Content]:
    yield f"{run.kind or 'run'} " if run.target else "run"
    if run.target:
        yield element("b", run.target)
    yield f" of {_document(run.source).rpartition('/')[2]}"


def _facts(contents: Contents) -> Iterator[tuple[str, Content]]:
    run = contents.run
    yield "Started", moment(contents.start)
    if run.ended is not None:
        yield "Ended", f"{moment(run.ended)}, after {duration(run.ended - contents.start)}"
    elif run.status == "running":
        yield "Running for", duration(contents.now - contents.start)
    else:
        yield "Last heard of", moment(contents.now)
    if len(contents.sessions) > 1:
        times = ", ".join(moment(session.started) for session in contents.sessions[1:])
        yield "Resumed", f"{count(len(contents.sessions) - 1, 'time')}: {times}"
    yield "Backend", run.backend
    yield "Host", f"{run.host}, as user {run.created_by}" if run.host else run.created_by
    yield "Engine", run.engine_version and f"sprocket {run.engine_version}"
    yield "Document", code(_document(run.source))
    yield "Digest", run.document_digest and code(run.document_digest)
    yield "Directory", run.directory and code(str(contents.path(run.directory)))
    if run.index_directory:
        yield "Index", code(str(contents.path(run.index_directory)))
    if _resumable(run):
        yield (
            "To try again" if run.status == "failed" else "To go on",
            code(f"sprocket resume {run.name} -o {shlex.quote(str(contents.output))}"),
        )


def _document(uri: str) -> str:
    return local_path(uri) if uri.startswith("file:") else redacted(uri)


def _resumable(run: RunRecord) -> bool:
    return run.status in (*STATUSES, "failed") and run.order_json is not None


def _what_happened(contents: Contents) -> Markup:
    """The failure of the run; a call's own words stand with the call."""
    run = contents.run
    failed = failed_calls(contents)
    if failed and run.status == "failed":
        link = element("a", "see the failures", href="#failures")
        words = f"{count(len(failed), 'call')} failed: "
        return element("div", words, link, class_="callout")
    if not run.error:
        return Markup()
    words = element("pre" if "\n" in run.error else "p", multiline(run.error))
    return element("div", words, class_="callout warn" if run.status in STATUSES else "callout")


# --- the tiles ---------------------------------------------------------------------------------------------


def _tiles(contents: Contents) -> Markup:
    tasks, attempts = contents.tasks, contents.attempts
    counts = count_states(tasks)
    found = efficiency(contents.calls)
    again = sum(call.retries for call in tasks)
    cached = counts.get("cached", 0)
    executed = [attempt for attempt in attempts if attempt.state != "cached"]
    ran = sum(attempt.wall is not None for attempt in executed)
    remark = measured_remark(found, ran) if found.measured else "not measured"
    hours = found.cpu_seconds is not None and found.cpu_seconds >= 36_000
    cpu = f"{number((found.cpu_seconds or 0) / 3600)} h" if hours else duration(found.cpu_seconds)
    by = f"by one attempt of {found.memory_task}" if found.memory_peak is not None else "not measured"
    tiles = (
        ("Task calls", f"{len(tasks):,}", join(_stack(counts), _in_words(counts))),
        ("Attempts", f"{len(executed):,}", count(again, "retry", "retries") if again else "no retries"),
        ("From the cache", f"{cached:,}", f"of {count(len(tasks), 'call')}"),
        ("Wall time", duration(contents.end - contents.start), _at_once(contents)),
        ("CPU time", cpu, remark),
        ("CPUs in use", share(found.cpu_share), _of_asked("of those asked for, while tasks ran", found.cpu_share)),
        ("Peak memory", size(found.memory_peak), by),
        ("Memory in use", share(found.memory_share), _of_asked("peak, of what was asked for", found.memory_share)),
    )
    return element("div", *(_tile(*tile) for tile in tiles), class_="tiles")


def _of_asked(words: str, part: float | None) -> str:
    return "nothing to tell from" if part is None else words


def _tile(name: str, value: str, more: Content) -> Markup:
    return element(
        "div",
        element("div", name, class_="name"),
        element("div", value, class_="value"),
        element("div", more, class_="more"),
        class_="tile",
    )


def _stack(counts: Mapping[str, int]) -> Markup:
    pieces = [element("i", class_=f"{state}-fill", style=f"flex:{amount}") for state, amount in counts.items()]
    return element("div", *pieces, class_="stack", aria_hidden="true") if pieces else Markup()


def _in_words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{amount:,} {state}" for state, amount in counts.items()) or "nothing was called"


def _at_once(contents: Contents) -> str:
    walls = sum(attempt.wall or 0.0 for attempt in contents.attempts if attempt.state != "cached")
    idle = idle_seconds(contents)
    span = contents.end - contents.start - idle
    words = f"{walls / span:.1f} tasks at once on average" if span and walls / span >= 0.05 else ""
    return f"{duration(idle)} of it interrupted; else {words}" if idle else words


# --- the graph --------------------------------------------------------------------------------


def _graph(contents: Contents) -> Markup:
    run = contents.run
    if run.kind == "task" or not (contents.calls or run.kind):
        return Markup()
    graphs = graphs_of_documents(run.source, run.target or "", contents.documents)
    drawn = [graph for graph in graphs or graphs_of_calls(contents) if graph.calls]
    if not drawn:
        return Markup()
    counts: dict[tuple[str, ...], dict[str, dict[str, int]]] = defaultdict(dict)
    for group in contents.groups:
        counts[group.path[:-1]][group.path[-1]] = group.counts
    lead = "An arrow leads from a call to one that needs it. A double frame is a sub-workflow."
    return element(
        "section",
        element("h2", "Graph of calls"),
        element("p", lead, class_="lead"),
        *(
            _one_graph(graph, counts[graph.path], "not yet" if run.status == "running" else "not run")
            for graph in drawn
        ),
        class_="long",
    )


def _one_graph(graph: CallGraph, counts: Mapping[str, Mapping[str, int]], otherwise: str) -> Markup:
    if len(graph.calls) > MOST_CALLS:
        picture = element("p", f"{count(len(graph.calls), 'call')}: too many to draw", class_="dim")
    else:
        name = f"Graph of {graph.workflow}"
        picture = element(
            "div", draw(graph, counts, otherwise), class_="graph", tabindex=0, role="region", aria_label=name
        )
    if not graph.path:
        return picture
    title = f"{'/'.join(graph.path)}: workflow {graph.workflow}"
    return element("details", element("summary", title), picture, open=len(graph.calls) <= 12)
