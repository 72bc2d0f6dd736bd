"""What is wrong with a document, as a value: never an exception.

In: nothing. Out: `Diagnostic` and `Label`, which every stage that reads a document collects and `source.render`
shows. A diagnostic has a stable code (documented in `docs/reference/diagnostics.md`), one sentence, the places
in the text it speaks of, and what to do.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from pysprocket.source.text import Source

_LONG_ENOUGH = 120
_LONG_WORD = r"\S{121,}+"
_KEPT = 50  # characters at each end of a long word
_LONGEST = 1000  # characters of one text of a diagnostic


class Severity(StrEnum):
    """How bad it is: an error stops a run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Label(msgspec.Struct, frozen=True, eq=False):
    """A place in a text, underlined when shown, with a short remark; a diagnostic's first label is the primary one."""

    source: Source
    start: int
    end: int
    text: str = ""


class Diagnostic(msgspec.Struct, frozen=True, eq=False):
    """One finding.

    Attributes:
        severity: error, warning or note.
        code: a stable identifier such as `UnknownName` (PascalCase), looked up by `sprocket explain`.
        message: one sentence, lower case at the start, no full stop.
        labels: the places, the primary one first; labels may lie in several documents.
        help: what to do, or None when the message already says it.
        lenient: a warning about something that WDL forbids and that is accepted all the same; `strictly` makes it an
            error.
    """

    severity: Severity
    code: str
    message: str
    labels: tuple[Label, ...] = ()
    help: str | None = None
    lenient: bool = False


def error(code: str, message: str, *labels: Label, help: str | None = None) -> Diagnostic:  # noqa: A002 - the field's name
    """An error diagnostic."""
    return Diagnostic(Severity.ERROR, code, message, labels, help)


def warning(code: str, message: str, *labels: Label, help: str | None = None) -> Diagnostic:  # noqa: A002 - the field's name
    """A warning diagnostic."""
    return Diagnostic(Severity.WARNING, code, message, labels, help)


def note(code: str, message: str, *labels: Label, help: str | None = None) -> Diagnostic:  # noqa: A002 - the field's name
    """A note diagnostic: nothing is wrong."""
    return Diagnostic(Severity.NOTE, code, message, labels, help)


def leniency(code: str, message: str, *labels: Label, help: str | None = None) -> Diagnostic:  # noqa: A002 - the field's name
    """A warning about something that is not WDL but accepted."""
    return Diagnostic(Severity.WARNING, code, message, labels, help, lenient=True)


def strictly(diagnostic: Diagnostic) -> Diagnostic:
    """The finding where nothing but WDL is accepted: a leniency is an error."""
    return msgspec.structs.replace(diagnostic, severity=Severity.ERROR) if diagnostic.lenient else diagnostic


def brief(diagnostic: Diagnostic) -> Diagnostic:
    """The finding with texts of bounded length: what a hostile document calls itself can be megabytes long."""
    texts = (diagnostic.message, diagnostic.help or "", *(label.text for label in diagnostic.labels))
    if max(map(len, texts)) <= _LONG_ENOUGH:
        return diagnostic
    labels = tuple(msgspec.structs.replace(label, text=_brief(label.text)) for label in diagnostic.labels)
    help_ = diagnostic.help and _brief(diagnostic.help)
    return msgspec.structs.replace(diagnostic, message=_brief(diagnostic.message), labels=labels, help=help_)


def _brief(text: str) -> str:
    text = re.sub(_LONG_WORD, lambda word: f"{word[0][:_KEPT]}…{word[0][-_KEPT:]}", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
