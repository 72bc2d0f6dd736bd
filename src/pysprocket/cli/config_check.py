"""`sprocket config check`: whether the settings can work here.

In: the configuration. Out: on the standard output, what is not used, and a line for each backend with what it says of
itself; on the standard error, what is wrong. The exit status is 1 when something is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import click

from pysprocket.cli.config_words import Inquiry, Report, as_data, as_lines
from pysprocket.cli.errors import FAILED, show_diagnostics
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import TEXT, State, backend_option, global_options
from pysprocket.config import plugins
from pysprocket.config.backends import ChosenBackend, choose_backend
from pysprocket.config.secrets import withhold
from pysprocket.config.surroundings import missing
from pysprocket.errors import ConfigError, UsageError
from pysprocket.source.diagnostic import Diagnostic, error
from pysprocket.units import parse_duration

if TYPE_CHECKING:
    from pysprocket.config.loading import Loaded, Unused
    from pysprocket.config.settings import Config

_LONGEST = 3600


@click.command(
    "check",
    cls=HelpPage,
    examples=[
        "sprocket config check",
        "sprocket config check --backend cluster --timeout 30",
        "sprocket config check --offline --json",
    ],
)
@backend_option("Ask this backend alone.")
@click.option("--offline", is_flag=True, help="Ask no backend; only look at the settings.")
@click.option(
    "--timeout", type=TEXT, default="10s", metavar="TIME", help="How long each backend may take to answer [10s]."
)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@global_options
@click.pass_context
def command(context: click.Context, backend: str | None, *, offline: bool, timeout: str, as_json: bool) -> None:
    """Find mistakes in the configuration, and ask each backend whether it answers.

    All backends of `run.backends` are asked side by side, or Docker where none is configured. The exit status is 1 when
    there is a mistake or one of them cannot be used, also one that no run would choose.
    """
    state: State = context.obj
    seconds = _seconds(timeout)
    try:
        report = _check(state.found, backend, None if offline else seconds)
    except ConfigError as mistake:
        if not as_json:
            raise
        report = Report(mistakes=_diagnostics(mistake))
    if as_json:
        click.echo(as_data(report))
    else:
        _show(report, state)
    context.exit(0 if report.is_fine else FAILED)


def _seconds(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as problem:
        raise UsageError(str(problem), help="`--timeout` wants a time such as `30s`") from None
    if not 0 < seconds <= _LONGEST:
        raise UsageError("`--timeout` must be more than 0 and at most an hour")
    return seconds


def _check(found: Loaded, only: str | None, seconds: float | None) -> Report:
    """Everything there is to tell; without `seconds` no backend is asked.

    Raises:
        ConfigError: there is no backend `only`.
    """
    config = found.config
    mistakes = [found.tell(problem) for problem in missing(config)]
    try:
        chosen = choose_backend(config, only, found)
    except ConfigError as mistake:
        if only is not None:
            raise
        chosen = None
        mistakes += _diagnostics(mistake)
    entries = [ChosenBackend(name, *entry) for name, entry in config.run.backends.items()]
    if chosen is not None and only is not None:
        entries = [chosen]
    elif chosen is not None and chosen.name not in config.run.backends:  # a type that needs no entry
        entries.insert(0, chosen)
    outcomes = {}
    if seconds is not None:
        from pysprocket.backends.probes import ask_all  # noqa: PLC0415 - not for `--offline`

        withhold(config.secret_variables)
        with redirect_stdout(sys.stderr):  # what a package prints is no answer of ours
            outcomes = ask_all(entries, config.run, seconds)
    return Report(
        files=tuple(layer.name for layer in found.layers if layer.is_file),
        notes=(*found.notes, *plugins.notes(), *_version(config)),
        unused=tuple(_unused(found)),
        mistakes=tuple(mistakes),
        backends=tuple(
            Inquiry(entry.name, entry.type, chosen is not None and entry.name == chosen.name, outcomes.get(entry.name))
            for entry in entries
        ),
    )


def _version(config: Config) -> Iterator[str]:
    """What to say of a version of WDL that is accepted before it is known."""
    from pysprocket.syntax.versions import released  # noqa: PLC0415 - not for the help

    version = config.common.wdl.fallback_version
    if version != "none" and (used := released(version)) != version:
        yield f"`common.wdl.fallback_version` is {version}, which is not known yet; {used} is used in its place"


def _unused(found: Loaded) -> list[Unused]:
    """What has no effect, from the top of each file to its end; logins of stores are used here, for TES servers."""
    names = [layer.name for layer in found.layers]
    logs_in = any(entry.type == "tes" for entry in found.config.run.backends.values())
    unused = [each for each in found.unused if not (logs_in and each.keys[:2] == ("run", "storage"))]
    return sorted(unused, key=lambda each: (names.index(each.place.name), each.place.line or 0))


def _diagnostics(mistake: ConfigError) -> tuple[Diagnostic, ...]:
    return mistake.diagnostics or (error("", str(mistake), help=mistake.help),)


def _show(report: Report, state: State) -> None:
    for line in as_lines(report):
        click.echo(line)
    show_diagnostics(report.findings(notes=state.verbosity >= 0), state)
