"""Reading the document that a command is about.

In: what the user wrote as SOURCE. Out: a `Library` without errors; its findings are shown on the standard error.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING

from pysprocket.cli.errors import show_diagnostics, warn
from pysprocket.cli.options import State
from pysprocket.errors import DocumentError
from pysprocket.source.diagnostic import Diagnostic, Severity, strictly
from pysprocket.source.uris import is_remote

if TYPE_CHECKING:
    from pysprocket.files.remote import Remote
    from pysprocket.types.loader import Library


def load_checked(source: str, state: State) -> Library:
    """The document with all it imports; warnings are not shown with `--quiet`.

    Raises:
        DocumentError: there are errors in it (they are shown).
        SprocketError: it cannot be read.
    """
    library = read(source, state)
    uris = {root.source.uri for root in library.roots}
    shown = worth_showing(library.diagnostics, uris, state)
    show_diagnostics([each for each in shown if each.severity is Severity.ERROR or state.verbosity >= 0], state)
    errors = count_of(shown, Severity.ERROR)
    if errors:
        raise DocumentError(f"aborting due to previous {counted(errors, Severity.ERROR)}")
    return library


def read(source: str, state: State) -> Library:
    """A document with its findings.

    Raises:
        SprocketError: it cannot be read.
    """
    library = read_all([source], state)
    for failure in library.failures:
        raise failure
    return library


def read_all(sources: Iterable[str], state: State) -> Library:
    """As `read` for several documents; why some cannot be read is in `failures`.

    Meanwhile the collector of cyclic garbage rests: nothing of a document is garbage.
    """
    from pysprocket.types.loader import load_all  # noqa: PLC0415 - not needed where findings are recalled

    gc.disable()
    try:
        library = load_all(sources, web=partial(remote, state), fallback_version=fallback_version(state))
        gc.freeze()
    finally:
        gc.enable()
    if state.remote is not None and state.verbosity >= 0:
        for remark in state.remote.take_remarks():
            warn(remark, state)
    return library


def worth_showing(
    diagnostics: Iterable[Diagnostic], named: Collection[str], state: State, *, remote_imports: bool = False
) -> list[Diagnostic]:
    """What is told of findings: with `--strict` leniencies are errors.

    Args:
        diagnostics: all that was found.
        named: the URIs of the documents that the user named.
        state: whether to be strict.
        remote_imports: whether to tell more than errors of documents that are imported from the web, too.
    """
    found = map(strictly, diagnostics) if state.strict else diagnostics
    return [
        each
        for each in found
        if remote_imports
        or each.severity is Severity.ERROR
        or not (each.labels and is_remote(each.labels[0].source.uri))
        or each.labels[0].source.uri in named
    ]


def fallback_version(state: State) -> str | None:
    """What documents of missing or unknown version are read as (`common.wdl.fallback_version`), None for nothing."""
    version = state.config.common.wdl.fallback_version
    if version == "none":
        return None
    from pysprocket.syntax.versions import released  # noqa: PLC0415 - most have not set it

    return released(version)


def remote(state: State) -> Remote:
    """What reads URLs, with its cache, as `run.http` says; the same one each time.

    Raises:
        ConfigError: the configuration is wrong, or there is no place for a cache.
    """
    if state.remote is not None:
        return state.remote
    from pysprocket.config.caches import cache_directory  # noqa: PLC0415 - most runs read no URL
    from pysprocket.files.remote import Remote  # noqa: PLC0415

    http = state.config.run.http
    parallelism = os.cpu_count() or 1 if http.parallelism == "available" else http.parallelism
    directory = cache_directory("downloads", http.cache_dir)
    state.remote = Remote(directory, retries=http.retries, parallelism=parallelism)
    return state.remote


def count_of(diagnostics: Iterable[Diagnostic], severity: Severity) -> int:
    """How many findings have a severity."""
    return sum(diagnostic.severity is severity for diagnostic in diagnostics)


def counted(number: int, severity: Severity) -> str:
    """A number of findings: "1 error", "2 errors"."""
    return f"{number} {severity}{'s' * (number != 1)}"
