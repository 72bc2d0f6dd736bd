"""What `sprocket config check` tells.

In: `Report`, all that was found. Out: lines of at most 80 columns for the standard output, findings for the standard
error, or all of it as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from pysprocket.config.problems import dotted
from pysprocket.source.diagnostic import Diagnostic, Severity, error, warning
from pysprocket.source.visible import columns, shortened, visible
from pysprocket.source.wrapping import WIDTH, wrapped

if TYPE_CHECKING:
    from pysprocket.backends.probes import Outcome
    from pysprocket.config.loading import Unused

_TITLES = ("  BACKEND", "TYPE", "ANSWERS", "WHAT IT SAYS")
_ANSWERS = {None: "-", True: "yes", False: "no"}
_LONGEST_NAME = 30
_LEAST = 30
"""Columns that what a backend says has at least, where the names are long."""


class Inquiry(msgspec.Struct, frozen=True):
    """A backend, and what it said.

    Attributes:
        name: of its entry.
        type: of backend.
        chosen: whether it is the one that a run would use.
        outcome: its answer, or why there is none; None when it was not asked.
    """

    name: str
    type: str
    chosen: bool
    outcome: Outcome | None

    @property
    def says(self) -> str:
        """What it is, in a few words."""
        return getattr(self.outcome, "says", "")

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What is wrong with it, and what is worth knowing."""
        if isinstance(self.outcome, Exception):
            return (error("", str(self.outcome), help=getattr(self.outcome, "help", None)),)
        return getattr(self.outcome, "findings", ())

    @property
    def answers(self) -> bool | None:
        """Whether it answered; None when it was not asked."""
        return None if self.outcome is None else bool(self.says)

    @property
    def usable(self) -> bool | None:
        """Whether tasks can run there: it may answer, and a place that it needs be missing. None when not asked."""
        if self.outcome is None:
            return None
        return bool(self.says) and not any(finding.severity is Severity.ERROR for finding in self.findings)


class Report(msgspec.Struct, frozen=True):
    """Everything that was found.

    Attributes:
        files: that were read, lowest first.
        notes: about how the settings were found.
        unused: what is set and has no effect.
        mistakes: in the settings, and what they name that cannot be had.
        backends: those that there are.
    """

    mistakes: tuple[Diagnostic, ...] = ()
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unused: tuple[Unused, ...] = ()
    backends: tuple[Inquiry, ...] = ()

    def findings(self, *, notes: bool = True) -> list[Diagnostic]:
        """Everything that is wrong or worth knowing; the latter unless told otherwise."""
        remarks = [warning("", remark) for remark in self.notes]
        reasons = [mistake.message.partition("`: ")[2] or mistake.message for mistake in self.mistakes]
        of_backends = [
            msgspec.structs.replace(finding, message=f"backend `{backend.name}`: {finding.message}")
            for backend in self.backends
            for finding in backend.findings
            if not any(reason in finding.message for reason in reasons)  # a secret that cannot be had
        ]
        found = [*remarks, *self.mistakes, *of_backends]
        return [finding for finding in found if notes or finding.severity is not Severity.NOTE]

    @property
    def is_fine(self) -> bool:
        """Whether nothing is wrong: warnings are no mistakes."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings())


def as_lines(report: Report) -> Iterator[str]:
    """The report for people."""
    yield from _listed("settings", [visible(file) for file in report.files] or ["all are defaults: no file was found"])
    yield from _listed("not used", [_unused(unused) for unused in report.unused])
    if report.backends:
        yield ""
        yield from _table(report.backends)


def _listed(head: str, items: list[str]) -> Iterator[str]:
    """Items one below the other, beside what they are."""
    for number, item in enumerate(items):
        before = f"{'' if number else head + ':':11}"
        first, *rest = wrapped(item, WIDTH, begin=len(before), hang=len(before) + 2)
        yield before + first
        yield from rest


def _unused(unused: Unused) -> str:
    return visible(f"{dotted(unused.keys)} ({unused.place})")


def _table(backends: Iterable[Inquiry]) -> Iterator[str]:
    """A row for each; where names are long, what a backend says stands below them."""
    rows = [_TITLES, *map(_row, backends)]
    widths = [max(columns(row[index]) for row in rows) + 2 for index in range(3)]
    begin = sum(widths)
    below = WIDTH - begin < _LEAST
    for row in rows:
        before = "".join(text + " " * (width - columns(text)) for text, width in zip(row, widths, strict=False))
        if below:
            yield before.rstrip()
            said = _cut(row[3], WIDTH - 4)
            yield from (f"    {line}" for line in wrapped(said, WIDTH - 4) if line and row is not _TITLES)
        else:
            first, *rest = wrapped(_cut(row[3], WIDTH - begin), WIDTH, begin=begin, hang=begin)
            yield (before + first).rstrip()
            yield from rest


def _cut(text: str, room: int) -> str:
    """A text without words that need more columns than there are, such as the names of some servers."""
    return re.sub("[^ ]+", lambda word: shortened(word[0], room), text)


def _row(backend: Inquiry) -> tuple[str, str, str, str]:
    name = f"{'*' if backend.chosen else ' '} {shortened(visible(backend.name), _LONGEST_NAME)}"
    answers = "partly" if backend.usable is False and backend.answers else _ANSWERS[backend.answers]
    return name, shortened(visible(backend.type), _LONGEST_NAME), answers, visible(backend.says)


def as_data(report: Report) -> str:
    """The report for programs: JSON."""
    data = {
        "ok": report.is_fine,
        "files": report.files,
        "notes": report.notes,
        "unused": [
            {"key": dotted(unused.keys), "file": unused.place.name, "line": unused.place.line}
            for unused in report.unused
        ],
        "problems": [_problem(mistake) for mistake in report.mistakes],
        "backends": [
            {
                "name": backend.name,
                "type": backend.type,
                "chosen": backend.chosen,
                "answers": backend.answers,
                "usable": backend.usable,
                "says": backend.says,
                "problems": [_problem(finding) for finding in backend.findings],
            }
            for backend in report.backends
        ],
    }
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()


def _problem(finding: Diagnostic) -> dict[str, Any]:
    place = {}
    if finding.labels:
        label = finding.labels[0]
        line, column = label.source.position(min(label.start, len(label.source.text)))
        place = {"file": label.source.name, "line": line, "column": column}
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "message": finding.message,
        "help": finding.help,
        **place,
    }
