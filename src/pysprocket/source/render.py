"""Diagnostics as text for a terminal: the lines they speak of, with the places underlined.

In: diagnostics. Out: `render`. The form is that of codespan and rustc:

    error[UnknownName]: there is no `nmae` here
      ┌─ hello.wdl:5:17
      │
    5 │   command <<< ~{nmae} >>>
      │                 ^^^^ unknown name
      │
      = help: did you mean `name`?

Control characters are made visible, so a document cannot drive the terminal; long lines are cut around the place, and
sentences wrapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pysprocket.source.diagnostic import Diagnostic, Label
from pysprocket.source.snippet import snippet
from pysprocket.source.style import BOLD, FRAME, Paint, severity_style
from pysprocket.source.visible import visible
from pysprocket.source.wrapping import WIDTH, wrapped

Mode = Literal["full", "one-line"]


def render(diagnostics: Iterable[Diagnostic], *, color: bool = False, mode: Mode = "full", width: int = WIDTH) -> str:
    """The diagnostics as text, each ending in a newline.

    Args:
        diagnostics: shown in this order.
        color: whether to use ANSI colours.
        mode: "full" shows the lines, with an empty line between diagnostics; "one-line" gives
            `file:line:column: severity[Code]: message`.
        width: columns that "full" does not exceed, but for names of documents and other words that are longer.
    """
    paint = Paint(enabled=color)
    if mode == "one-line":
        return "".join(f"{_one_line(diagnostic, paint)}\n" for diagnostic in diagnostics)
    return "\n".join("".join(f"{line}\n" for line in _full(diagnostic, paint, width)) for diagnostic in diagnostics)


def _one_line(diagnostic: Diagnostic, paint: Paint) -> str:
    place = f"{_place(diagnostic.labels[0])}: " if diagnostic.labels else ""
    return f"{place}{_kind(diagnostic, paint)}{paint(f': {_text(diagnostic.message)}', BOLD)}"


def _kind(diagnostic: Diagnostic, paint: Paint) -> str:
    return paint(_plain_kind(diagnostic), severity_style(diagnostic.severity))


def _plain_kind(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.severity.value}[{diagnostic.code}]" if diagnostic.code else diagnostic.severity.value


def _title(diagnostic: Diagnostic, paint: Paint, width: int) -> Iterator[str]:
    """What goes on a line stands where the message would begin if there was no code."""
    begin, hang = len(_plain_kind(diagnostic)) + 2, len(diagnostic.severity.value) + 2
    first, *rest = wrapped(_text(diagnostic.message), width, begin=begin, hang=hang)
    yield _kind(diagnostic, paint) + paint(f": {first}", BOLD)
    yield from (paint(line, BOLD) for line in rest)


def _text(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))


def _place(label: Label) -> str:
    line, column = label.source.position(min(label.start, len(label.source.text)))
    return f"{visible(label.source.name)}:{line}:{column}"


def _full(diagnostic: Diagnostic, paint: Paint, width: int) -> Iterator[str]:
    yield from _title(diagnostic, paint, width)
    groups = _by_source(diagnostic.labels)
    digits = max((len(str(_last_line(label))) for label in diagnostic.labels), default=1)
    gutter = " " * (digits + 1)
    for index, labels in enumerate(groups):
        if index:
            yield paint(f"{gutter}│", FRAME)
        yield paint(f"{gutter}┌─", FRAME) + f" {_place(labels[0])}"
        yield paint(f"{gutter}│", FRAME)
        yield from snippet(labels, diagnostic.labels[0], severity_style(diagnostic.severity), digits, paint, width)
    if diagnostic.help is not None:
        if groups:
            yield paint(f"{gutter}│", FRAME)
        yield from _help(diagnostic.help, gutter, paint, width)


def _help(text: str, gutter: str, paint: Paint, width: int) -> Iterator[str]:
    before = f"{gutter}= help: "
    first, *rest = wrapped(_text(text), width - len(before))
    yield paint(f"{gutter}=", FRAME) + f" {paint('help', BOLD)}: {first}"
    yield from (" " * len(before) + line for line in rest)


def _last_line(label: Label) -> int:
    return label.source.position(min(max(label.start, label.end), len(label.source.text)))[0]


def _by_source(labels: Iterable[Label]) -> list[list[Label]]:
    groups: dict[int, list[Label]] = {}
    for label in labels:
        groups.setdefault(id(label.source), []).append(label)
    return list(groups.values())
