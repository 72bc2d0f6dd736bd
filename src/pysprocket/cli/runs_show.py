"""`sprocket runs show`: what happened in a run.

In: a run by name, UUID or path; the newest when none is named. Out: facts and a table of its calls and their attempts
on the standard output, or all that is known as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options, output_directory_option
from pysprocket.cli.runs import database, run_argument
from pysprocket.cli.runs_words import (
    attempt_facts,
    call_facts,
    counted,
    moment,
    run_facts,
    run_status,
    session_facts,
    shown_json,
    status_word,
    took,
)
from pysprocket.cli.tables import Column, room, table
from pysprocket.errors import RecordsError
from pysprocket.records.history import History
from pysprocket.records.liveness import UNFINISHED
from pysprocket.records.model import AttemptRecord, CallRecord, RunRecord
from pysprocket.source.uris import without_secrets
from pysprocket.source.visible import visible
from pysprocket.source.wrapping import wrapped
from pysprocket.units import format_duration, format_sizes

_BEFORE_FACTS = 12  # columns
_COLUMNS = (
    Column("CALL", cut=True),
    Column("TRY", right=True),
    Column("STATUS"),
    Column("EXIT", right=True),
    Column("FAILURE", cut=True),
    Column("TOOK", right=True),
    Column("CPU TIME", right=True, spare=True),
    Column("MEMORY", right=True, spare=True),
    Column("HOST", spare=True),
)


@click.command(
    "show",
    cls=HelpPage,
    examples=[
        "sprocket runs show",
        "sprocket runs show amber-otter --details --values",
    ],
)
@run_argument
@output_directory_option
@click.option("--details", is_flag=True, help="Tell more of each attempt: directory, job, image, cache.")
@click.option("--values", is_flag=True, help="Show inputs and outputs, too.")
@click.option("--json", "as_json", is_flag=True, help="Print all that is known as JSON.")
@global_options
@click.pass_obj
def command(
    state: State, reference: str | None, output_dir: Path | None, *, details: bool, values: bool, as_json: bool
) -> None:
    """Show what happened in RUN: a name, a UUID, the beginning of either, or a path in its directory.

    Without RUN, the newest run is shown.
    """
    with History(database(output_dir, state, reference)) as history:
        run = chosen_run(history, reference)
        text = (
            shown_json(_facts(history, run))
            if as_json
            else "\n".join(_lines(history, run, details=details, values=values))
        )
    click.echo(without_secrets(text))


def chosen_run(history: History, reference: str | None) -> RunRecord:
    """The run that the user means; the newest when none is named.

    Raises:
        RecordsError: there is no such run.
    """
    if reference is not None:
        return history.find(reference)
    newest = history.runs(1)
    if not newest:
        raise RecordsError(f"there are no runs in `{history.output}` yet", help="start one with `sprocket run`")
    return newest[0]


# --- for people ------------------------------------------------------------------------------------------


def _lines(history: History, run: RunRecord, *, details: bool, values: bool) -> Iterator[str]:
    calls, attempts = history.calls(run), _by_call(history.attempts(run))
    over = run.status not in UNFINISHED
    yield f"{run.name}: {run_status(run.status)}"
    yield ""
    yield from _facts_of_run(history, run, over=over)
    if calls:
        yield ""
        yield from table(_COLUMNS, list(_rows(calls, attempts, run.host, over=over)), room())
    for call in calls:
        for attempt in attempts.get(call.call_id, []):
            if details or (attempt.error is not None and attempt.status != "canceled"):
                yield ""
                yield from _about(history, call, attempt, details=details)
    if values:
        yield from _values("inputs", run.inputs)
        yield from _values("outputs", run.outputs)
        for call in calls:
            name = visible(call.call_id or call.target)
            yield from _values(f"inputs of {name}", history.inputs(call))
            yield from _values(f"outputs of {name}", call.outputs)


def _facts_of_run(history: History, run: RunRecord, *, over: bool) -> Iterator[str]:
    length = took(run.started, run.ended, now=not over)
    facts = {
        "target": f"{run.target or 'unknown'}" + (f" ({run.kind})" if run.kind else ""),
        "source": run.source,
        "started": moment(run.started or run.created) + (f", {'took' if over else 'for'} {length}" if length else ""),
        "tasks": counted(history.task_counts(run), over=over),
        "backend": run.backend,
        "host": run.host,
        "directory": run.directory and str(history.output / run.directory),
        "index": run.index_directory and str(history.output / run.index_directory),
        "uuid": run.uuid,
        "engine": run.engine_version,
    }
    yield from _aligned({name: fact for name, fact in facts.items() if fact})
    for session in history.sessions(run)[1:]:
        yield from _aligned({"resumed": f"{moment(session.started)} on {session.host} (process {session.pid})"})
    if run.error:
        yield from _aligned({"error": run.error})


def _aligned(facts: dict[str, str]) -> Iterator[str]:
    """Each with its name before it, wrapped on a terminal."""
    width = room()
    for name, fact in facts.items():
        lines = [visible(line) for line in fact.split("\n")]
        first, *others = lines if width is None else wrapped("\n".join(lines), width - _BEFORE_FACTS)
        yield f"  {name:9} {first}".rstrip()
        yield from (f"{'':{_BEFORE_FACTS}}{line}".rstrip() for line in others)


def _rows(
    calls: list[CallRecord], attempts: dict[str, list[AttemptRecord]], host: str | None, *, over: bool
) -> Iterator[list[str]]:
    """A row for each attempt; machines other than `host`, where the engine ran, are told."""
    repeated = any(len(tries) > 1 for tries in attempts.values())
    for call in calls:
        name = call.call_id or call.target
        tries = attempts.get(call.call_id, [])
        if not tries:
            took_ = took(call.started, call.ended, now=not over)
            yield [name, "", status_word(call.status, over=over), "", call.failure or "", took_, "", "", ""]
        for place, attempt in enumerate(tries):
            yield [
                "" if place else name,
                str(attempt.number) if repeated else "",
                *_attempt_cells(attempt, host, over=over),
            ]


def _attempt_cells(attempt: AttemptRecord, host: str | None, *, over: bool) -> list[str]:
    return [
        status_word(attempt.status, over=over),
        "" if attempt.exit_code is None else str(attempt.exit_code),
        attempt.failure or "",
        took(attempt.started, attempt.ended, now=not over),
        "" if attempt.cpu_seconds is None else format_duration(attempt.cpu_seconds),
        _memory(attempt),
        "" if attempt.host in (None, host) else attempt.host,
    ]


def _memory(attempt: AttemptRecord) -> str:
    asked = attempt.constraints.get("memory")
    if attempt.memory_peak is None:
        return ""
    return " of ".join(format_sizes(attempt.memory_peak, *([asked] if isinstance(asked, int) else ())))


def _about(history: History, call: CallRecord, attempt: AttemptRecord, *, details: bool) -> Iterator[str]:
    yield f"{visible(call.call_id or call.target)}, attempt {attempt.number}"
    facts = {
        "error": attempt.error,
        "detail": attempt.failure_detail,
        "directory": attempt.directory and str(history.output / attempt.directory),
    }
    if details:
        image = attempt.image or attempt.constraints.get("container")
        facts |= {
            "asked": _asked(attempt.constraints),
            "job": attempt.job_id,
            "image": image and f"{image} ({attempt.image_digest or 'digest unknown'})",
            "cached": attempt.cache_origin and f"from {history.output / attempt.cache_origin}",
            "key": attempt.cache_key,
            "retry of": attempt.retry_cause,
        }
    yield from _aligned({name: fact for name, fact in facts.items() if fact})


def _asked(constraints: dict[str, Any]) -> str:
    cpu, gpu = constraints.get("cpu"), constraints.get("gpu")
    more_cpu, more_memory = constraints.get("asked_cpu"), constraints.get("asked_memory")
    words = [f"{cpu:g} CPU{'s' * (cpu != 1)}" + (f" (lowered from {more_cpu:g})" if more_cpu else "")] if cpu else []
    if constraints.get("memory"):
        given, *asked = format_sizes(constraints["memory"], *([more_memory] if more_memory else ()))
        words.append(given + "".join(f" (lowered from {more})" for more in asked))
    words += [f"{gpu} GPU{'s' * (gpu != 1)}"] if gpu else []
    return ", ".join(words)


def _values(title: str, values: dict[str, Any] | None) -> Iterator[str]:
    if values:
        yield ""
        yield f"{title}:"
        yield from shown_json(values).splitlines()


# --- for programs ----------------------------------------------------------------------------------------


def _facts(history: History, run: RunRecord) -> dict[str, Any]:
    attempts = _by_call(history.attempts(run))
    files: dict[tuple[str, str], list[dict[str, str]]] = {}
    for file in history.files(run):
        files.setdefault((file.call_id, file.direction), []).append({"name": file.name, "path": file.path})
    calls = [
        {
            **call_facts(call),
            "inputs": history.inputs(call),
            "input_files": files.get((call.call_id, "in"), []),
            "output_files": files.get((call.call_id, "out"), []),
            "attempts": [attempt_facts(attempt) for attempt in attempts.pop(call.call_id, [])],
        }
        for call in history.calls(run)
    ]
    return {
        **run_facts(run),
        "output_directory": str(history.output),
        "inputs": run.inputs,
        "outputs": run.outputs,
        "tasks": history.task_counts(run),
        "documents": history.document_digests(run),
        "sessions": [session_facts(session) for session in history.sessions(run)],
        "calls": calls,
    }


def _by_call(attempts: list[AttemptRecord]) -> dict[str, list[AttemptRecord]]:
    found: dict[str, list[AttemptRecord]] = {}
    for attempt in attempts:
        found.setdefault(attempt.call_id, []).append(attempt)
    return found
