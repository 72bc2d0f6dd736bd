"""`sprocket check`: find mistakes in documents.

In: documents and directories. Out: findings on the standard error (or all of them as JSON on the standard output),
and exit status 1 when there are errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from pysprocket.cli.documents import count_of, counted, fallback_version
from pysprocket.cli.errors import show_diagnostics
from pysprocket.cli.options import State, global_options
from pysprocket.config.settings import Check
from pysprocket.errors import DocumentError
from pysprocket.source.diagnostic import Diagnostic, Label, Severity
from pysprocket.types.loader import load


@click.command(
    "check",
    short_help="Find mistakes in documents.",
    epilog="Example: sprocket check --deny-warnings workflows/",
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--deny-warnings", is_flag=True, help="Fail when there are warnings.")
@click.option("--deny-notes", is_flag=True, help="Fail when there are warnings or notes.")
@click.option("--hide-warnings", is_flag=True, help="Do not show warnings.")
@click.option("--hide-notes", is_flag=True, help="Do not show notes.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print findings.")
@global_options
@click.pass_context
def command(
    context: click.Context,
    sources: tuple[str, ...],
    *,
    deny_warnings: bool,
    deny_notes: bool,
    hide_warnings: bool,
    hide_notes: bool,
    form: str,
) -> None:
    """Find mistakes in documents and in all they import.

    A SOURCE is a document, or a directory whose *.wdl files are all checked, except those in hidden directories and
    in output directories. Without one, the current directory is checked.
    """
    state = context.ensure_object(State)
    settings = state.config.check
    deny_warnings |= deny_notes or settings.deny_warnings or settings.deny_notes
    denied = [
        Severity.ERROR,
        *[Severity.WARNING] * deny_warnings,
        *[Severity.NOTE] * (deny_notes or settings.deny_notes),
    ]
    hidden = _hidden(settings, warnings=hide_warnings, notes=hide_notes)
    shown = [
        finding
        for finding in _findings(_documents(sources or (".",)), fallback_version(state))
        if finding.severity not in hidden
    ]
    if form == "json":
        click.echo(json.dumps(_as_json(shown), ensure_ascii=False, indent=2))
    else:
        show_diagnostics(shown, state)
    _fail_on(shown, denied)


def _hidden(settings: Check, *, warnings: bool, notes: bool) -> set[Severity]:
    hidden = {Severity.WARNING: warnings or settings.hide_warnings, Severity.NOTE: notes or settings.hide_notes}
    return {severity for severity, is_hidden in hidden.items() if is_hidden}


def _fail_on(shown: Sequence[Diagnostic], denied: Sequence[Severity]) -> None:
    for severity in denied:
        number = count_of(shown, severity)
        if number:
            because = "" if severity is Severity.ERROR else f" (`--deny-{severity}s` was specified)"
            raise DocumentError(f"failing due to {counted(number, severity)}{because}")


# --- which documents -------------------------------------------------------------------------------------


def _documents(sources: Iterable[str]) -> list[str]:
    documents: dict[str, None] = {}
    for source in sources:
        if "://" in source or os.path.isfile(source):  # noqa: PTH113 - a source may be a URL
            documents[source] = None
        elif os.path.isdir(source):  # noqa: PTH112
            found = list(_documents_below(source))
            if not found:
                raise DocumentError(f"there are no documents (*.wdl) in the directory `{source}`")
            documents |= dict.fromkeys(found)
        else:
            raise click.BadParameter(f"there is no file or directory `{source}`", param_hint="SOURCE")
    return list(documents)


def _documents_below(directory: str) -> Iterator[str]:
    """All `*.wdl` files, in order of their names; hidden directories and output directories are left out."""
    for folder, folders, files in os.walk(directory):
        if "sprocket.db" in files and "runs" in folders:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix == ".wdl" and path.exists():
                yield str(path)


# --- findings --------------------------------------------------------------------------------------------


def _findings(documents: Iterable[str], fallback: str | None) -> list[Diagnostic]:
    """The findings in the documents and all they import, each document once."""
    findings: list[Diagnostic] = []
    seen: set[str] = set()
    for location in documents:
        try:
            library = load(location, fallback_version=fallback)
        except DocumentError as error:  # the other documents are checked all the same
            findings.append(Diagnostic(Severity.ERROR, "UnreadableDocument", str(error)))
            continue
        for uri, document in reversed(library.documents.items()):
            if uri not in seen:
                seen.add(uri)
                findings += document.diagnostics
    return findings


def _as_json(findings: Sequence[Diagnostic]) -> dict[str, object]:
    return {
        "diagnostics": [
            {
                "severity": finding.severity.value,
                "code": finding.code,
                "message": finding.message,
                "help": finding.help,
                "labels": [_label_as_json(label) for label in finding.labels],
            }
            for finding in findings
        ],
        "errors": count_of(findings, Severity.ERROR),
        "warnings": count_of(findings, Severity.WARNING),
        "notes": count_of(findings, Severity.NOTE),
    }


def _label_as_json(label: Label) -> dict[str, object]:
    positions = {}
    for name, offset in (("start", label.start), ("end", label.end)):
        line, column = label.source.position(min(offset, len(label.source.text)))
        positions[name] = {"line": line, "column": column}
    return {"file": label.source.name, "uri": label.source.uri, **positions, "text": label.text}
