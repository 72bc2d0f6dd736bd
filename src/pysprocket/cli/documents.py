"""Reading the document that a command is about.

In: what the user wrote as SOURCE. Out: a `Library` without errors; its findings are shown on the standard error.
"""

from __future__ import annotations

from pysprocket.cli.errors import show_diagnostics
from pysprocket.cli.options import State
from pysprocket.errors import DocumentError
from pysprocket.source.diagnostic import Severity
from pysprocket.types.loader import Library, load


def load_checked(source: str, state: State) -> Library:
    """The document with all it imports; warnings are not shown with `--quiet`.

    Raises:
        DocumentError: there are errors in it (they are shown).
        SprocketError: it cannot be read.
    """
    library = load(source)
    least = (Severity.ERROR,) if state.verbosity < 0 else tuple(Severity)
    show_diagnostics([finding for finding in library.diagnostics if finding.severity in least], state)
    count = sum(finding.severity is Severity.ERROR for finding in library.diagnostics)
    if count:
        raise DocumentError(f"aborting due to {f'{count} previous errors' if count > 1 else 'the previous error'}")
    return library
