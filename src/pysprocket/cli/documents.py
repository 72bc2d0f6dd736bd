"""Reading the document that a command is about.

In: what the user wrote as SOURCE. Out: a `Library` without errors; its findings are shown on the standard error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pysprocket.cli.errors import show_diagnostics
from pysprocket.cli.options import State
from pysprocket.errors import DocumentError
from pysprocket.source.diagnostic import Diagnostic, Severity
from pysprocket.types.loader import Library, load

if TYPE_CHECKING:
    from pysprocket.files.remote import Remote


def load_checked(source: str, state: State) -> Library:
    """The document with all it imports; warnings are not shown with `--quiet`.

    Raises:
        DocumentError: there are errors in it (they are shown).
        SprocketError: it cannot be read.
    """
    library = load(source, fallback_version=fallback_version(state))
    diagnostics = library.diagnostics
    errors = count_of(diagnostics, Severity.ERROR)
    shown = tuple(Severity) if state.verbosity >= 0 else (Severity.ERROR,)
    show_diagnostics([finding for finding in diagnostics if finding.severity in shown], state)
    if errors:
        raise DocumentError(f"aborting due to previous {counted(errors, Severity.ERROR)}")
    return library


def fallback_version(state: State) -> str | None:
    """What documents of missing or unknown version are read as (`common.wdl.fallback_version`), None for nothing."""
    version = state.config.common.wdl.fallback_version
    return None if version == "none" else version


def remote(state: State) -> Remote:
    """What reads URLs, with its cache, as `run.http` says.

    Raises:
        ConfigError: the configuration is wrong, or there is no place for a cache.
    """
    from pysprocket.config.caches import cache_directory  # noqa: PLC0415 - most runs read no URL
    from pysprocket.files.remote import Remote  # noqa: PLC0415

    http = state.config.run.http
    parallelism = os.cpu_count() or 1 if http.parallelism == "available" else http.parallelism
    return Remote(cache_directory("downloads", http.cache_dir), retries=http.retries, parallelism=parallelism)


def count_of(diagnostics: Iterable[Diagnostic], severity: Severity) -> int:
    """How many findings have a severity."""
    return sum(diagnostic.severity is severity for diagnostic in diagnostics)


def counted(number: int, severity: Severity) -> str:
    """A number of findings: "1 error", "2 errors"."""
    return f"{number} {severity}{'s' * (number != 1)}"
