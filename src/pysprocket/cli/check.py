"""`sprocket check`: find mistakes in documents.

In: documents and directories. Out: findings on the standard error (or all of them as JSON on the standard output),
and exit status 1 when there are errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import click
import msgspec

from pysprocket.cli.discovery import documents
from pysprocket.cli.documents import count_of, counted, fallback_version, read_all, worth_showing
from pysprocket.cli.errors import show_diagnostics
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.kept_findings import KeptFindings
from pysprocket.cli.options import TEXT, State, completes, global_options, strict_option
from pysprocket.config.settings import OPPOSITES, Check
from pysprocket.errors import DocumentError, SprocketError, UsageError
from pysprocket.source.diagnostic import Diagnostic, Label, Severity
from pysprocket.source.uris import redacted, resolve_here


@click.command(
    "check",
    cls=HelpPage,
    examples=[
        "sprocket check",
        "sprocket check main.wdl --deny-warnings",
        "sprocket check workflows/ --format json",
    ],
)
@click.argument("sources", type=TEXT, nargs=-1, metavar="[SOURCE]...", shell_complete=completes("documents"))
@strict_option
@click.option("--deny-warnings", is_flag=True, help="Fail when there are warnings.")
@click.option("--deny-notes", is_flag=True, help="Fail when there are warnings or notes.")
@click.option("--hide-warnings", is_flag=True, help="Do not show warnings.")
@click.option("--hide-notes", is_flag=True, help="Do not show notes.")
@click.option("--suppress-imports", is_flag=True, help="Show only what is found in the SOURCEs themselves.")
@click.option("--show-remote-diagnostics", is_flag=True, help="Show warnings in imports from the web, too.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print findings [text]."
)
@click.option("--no-cache", is_flag=True, help="Check again, even what has not changed.")
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
    suppress_imports: bool,
    show_remote_diagnostics: bool,
    form: str,
    no_cache: bool,
) -> None:
    """Find mistakes in documents and in all they import.

    A SOURCE is a document (a path or a URL), or a directory whose *.wdl files are all checked, except those in hidden
    directories, in output directories, and those that a `.sprocketignore` names. Without one, the current directory
    is checked.
    """
    state = context.ensure_object(State)
    flags = {
        "deny_warnings": deny_warnings,
        "deny_notes": deny_notes,
        "hide_warnings": hide_warnings,
        "hide_notes": hide_notes,
    }
    settings = _settled(flags, lambda: state.config.check)
    denied, hidden = _denied(settings), _hidden(settings)
    sources = sources or (".",)
    if suppress_imports:
        _refuse_directories(sources)
    findings, uris = _findings(documents(sources), state, use_cache=not no_cache)
    shown = [
        each
        for each in worth_showing(findings, uris, state, remote_imports=show_remote_diagnostics)
        if each.severity not in hidden and not (suppress_imports and _is_imported(each, uris))
    ]
    if form == "json":
        text = json.dumps(_as_json(shown), ensure_ascii=False, indent=2)
        click.echo(text.encode(errors="replace"))  # the name of a file may not be UTF-8; its `uri` is exact
    else:
        show_diagnostics(shown, state)
    _fail_on(shown, denied)


def _settled(flags: Mapping[str, bool], configured: Callable[[], Check]) -> Check:
    """What flags and settings say together; a flag wins over settings that cannot be together with it."""
    for one, other in OPPOSITES:
        if flags[one] and flags[other]:
            raise UsageError(f"{_flag(one)} does not go with {_flag(other)}: what is hidden cannot make it fail")
    overruled = {pair[not place]: False for pair in OPPOSITES for place, name in enumerate(pair) if flags[name]}
    given = {name: True for name, is_given in flags.items() if is_given}
    settings = configured()
    implied = {"deny_warnings": settings.deny_warnings or settings.deny_notes}
    return msgspec.structs.replace(settings, **{**implied, **overruled, **given})


def _flag(name: str) -> str:
    return f"`--{name.replace('_', '-')}`"


def _denied(settings: Check) -> list[Severity]:
    warnings = settings.deny_warnings or settings.deny_notes
    return [Severity.ERROR, *[Severity.WARNING] * warnings, *[Severity.NOTE] * settings.deny_notes]


def _hidden(settings: Check) -> set[Severity]:
    hidden = {Severity.WARNING: settings.hide_warnings, Severity.NOTE: settings.hide_notes}
    return {severity for severity, is_hidden in hidden.items() if is_hidden}


def _refuse_directories(sources: Iterable[str]) -> None:
    for source in sources:
        if os.path.isdir(source):  # noqa: PTH112 - a source may be a URL
            raise UsageError(
                f"`--suppress-imports` does not go with the directory `{source}`",
                help="name the documents themselves",
            )


def _is_imported(finding: Diagnostic, named: Collection[str]) -> bool:
    return bool(finding.labels) and finding.labels[0].source.uri not in named


def _fail_on(shown: Sequence[Diagnostic], denied: Sequence[Severity]) -> None:
    for severity in denied:
        number = count_of(shown, severity)
        if number:
            because = "" if severity is Severity.ERROR else f" (`--deny-{severity}s` was specified)"
            raise DocumentError(f"failing due to {counted(number, severity)}{because}")


# --- findings --------------------------------------------------------------------------------------------


def _findings(named: Sequence[str], state: State, *, use_cache: bool) -> tuple[list[Diagnostic], set[str]]:
    """The findings in the documents and all they import, each document once; those of an earlier check if still true.

    Also the URIs of the documents themselves, and of where they were found after redirects.
    """
    uris = [resolve_here(each) for each in named]
    kept = KeptFindings(uris, [fallback_version(state)])
    recalled = kept.recall() if use_cache else None
    if recalled is not None:
        return recalled, set(uris)
    library = read_all(named, state)
    findings = [*library.diagnostics, *map(_unreadable, library.failures)]
    if use_cache:
        kept.keep(library, findings)
    return findings, {*uris, *(root.source.uri for root in library.roots)}


def _unreadable(failure: SprocketError) -> Diagnostic:
    return Diagnostic(Severity.ERROR, "UnreadableDocument", str(failure), help=failure.help)


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
    return {"file": label.source.name, "uri": redacted(label.source.uri), **positions, "text": label.text}
