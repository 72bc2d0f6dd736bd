"""Collecting what is wrong with one document.

In: nodes and sentences. Out: `Findings`, a list of diagnostics of one source, with suggestions for misspelt names.
After 250 errors, or 250 warnings, more would not help: they are not collected, and the last finding says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from pysprocket.nearest import nearest
from pysprocket.source.diagnostic import Diagnostic, Label, Severity, brief, error, leniency, warning
from pysprocket.source.text import Source
from pysprocket.syntax import nodes

_MAXIMUM = 250  # the parser stops earlier
_COMPARISONS = 10_000  # after so many, a document has too many mistakes to spend a second on each


_LISTED = 20
_LONGEST_QUOTED = 40
_LONGEST_NAME = 200  # nobody misspells a longer one


class Findings:
    """The diagnostics of a document while it is checked."""

    __slots__ = ("_comparisons", "_counts", "diagnostics", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._comparisons = 0
        self._counts = dict.fromkeys(Severity, 0)
        self.diagnostics: list[Diagnostic] = []

    def label(self, node: nodes.Node, text: str = "") -> Label:
        """The place of a node."""
        return Label(self.source, node.start, node.end, text)

    def add(self, diagnostic: Diagnostic) -> None:
        """Collect a finding, unless there are too many."""
        count = self._counts[diagnostic.severity] = self._counts[diagnostic.severity] + 1
        if count <= _MAXIMUM:
            self.diagnostics.append(brief(diagnostic))

    @property
    def full(self) -> bool:
        """Whether there are so many errors that more are not collected, and no remedy need be looked for."""
        return self._counts[Severity.ERROR] >= _MAXIMUM

    def summary(self) -> list[Diagnostic]:
        """How many were not collected, as a last finding for each severity."""
        last = Findings(self.source)
        for severity, count in self._counts.items():
            if count > _MAXIMUM:
                end = max(each.labels[0].end for each in self.diagnostics if each.severity is severity)
                rest = f"{count - _MAXIMUM:,} more {severity.value}{'s' * (count - _MAXIMUM != 1)} in this document"
                place, remedy = nodes.Node(end, end), "correct those above first"
                if severity is Severity.ERROR:
                    last.error("TooManyFindings", rest, place, help=remedy)
                else:
                    last.warning("TooManyFindings", rest, place, help=remedy)
        return last.diagnostics

    def error(
        self,
        code: str,
        message: str,
        node: nodes.Node,
        text: str = "",
        *labels: Label,
        help: str | None = None,  # noqa: A002 - the field's name
    ) -> None:
        """A mistake at `node`; `text` is the remark beside the underlined words."""
        self.add(error(code, message, self.label(node, text), *labels, help=help))

    def warning(
        self,
        code: str,
        message: str,
        node: nodes.Node,
        text: str = "",
        *labels: Label,
        help: str | None = None,  # noqa: A002 - the field's name
    ) -> None:
        """Something that is WDL but unwise, at `node`."""
        self.add(warning(code, message, self.label(node, text), *labels, help=help))

    def leniency(
        self,
        code: str,
        message: str,
        node: nodes.Node,
        text: str = "",
        *labels: Label,
        help: str | None = None,  # noqa: A002 - the field's name
    ) -> None:
        """Something accepted that is not WDL, at `node`; an error with `--strict`."""
        self.add(leniency(code, message, self.label(node, text), *labels, help=help))

    def text(self, node: nodes.Node, otherwise: str = "…") -> str:
        """The text of a node for a remedy; `otherwise` when it is too long for one."""
        text = self.source.text[node.start : node.end]
        return text if len(text) <= _LONGEST_QUOTED and text.isprintable() else otherwise

    def suggestion(self, name: str, candidates: Iterable[str]) -> str | None:
        """The help "did you mean …?" when a candidate is close to `name`, else None."""
        if self.full or self._comparisons > _COMPARISONS or len(name) > _LONGEST_NAME:
            return None
        known = set(candidates)
        self._comparisons += len(known) + len(name)
        close = nearest(name, sorted(known), alike=0.6 if len(name) > 1 else 1)  # all that hold one letter are like it
        return f"did you mean `{close[0]}`?" if close else None


def listed(names: Iterable[str]) -> str:
    """Names for a sentence: "`a`, `b` and `c`", "nothing" for none, only the first of many."""
    *firsts, last = [f"`{name}`" for name in names] or ["nothing"]
    if len(firsts) > _LISTED:
        firsts, last = firsts[:_LISTED], f"{len(firsts) + 1 - _LISTED:,} more"
    return f"{', '.join(firsts)} and {last}" if firsts else last


def article(type_: object) -> str:
    """A type for a sentence: "an `Int`"."""
    text = str(type_)
    if text == "None":
        return "`None`"
    return f"{'an' if text[0] in 'AEIOU' else 'a'} `{text}`"
