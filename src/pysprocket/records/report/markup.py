"""HTML that cannot be broken by what is put into it.

In: text from anywhere, hostile text included. Out: `Markup`. Whatever is not `Markup` is escaped, with control and
other unseen characters made visible.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import TypeAlias

from pysprocket.source.visible import visible


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Content: TypeAlias = Markup | str | int | None
Attribute: TypeAlias = str | int | float | bool | None


def escape(content: Content) -> Markup:
    """Content as HTML, fit for attributes too; nothing for None."""
    if isinstance(content, Markup):
        return content
    return Markup("" if content is None else html.escape(visible(str(content))))


def element(name: str, *contents: Content, **attributes: Attribute) -> Markup:
    """An element. Attributes that are None or False are left out; `class_` is `class`, `data_row` is `data-row`."""
    given = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    return Markup(f"<{name}{given}>{''.join(map(escape, contents))}</{name}>")


def join(*contents: Content) -> Markup:
    """Contents one after the other."""
    return Markup("".join(map(escape, contents)))


def code(text: str) -> Markup:
    """A name or path in letters of one width."""
    return element("code", text)


def folded_table(summary: str, names: Sequence[str], rows: Sequence[Markup], rest: int) -> Markup:
    """A table of calls that is shown when somebody opens it; `rest` is how many rows are left out."""
    head = element("tr", *(element("th", name) for name in names))
    table = element("table", element("thead", head), element("tbody", *rows), class_="plain calls")
    more = element("p", f"and {rest:,} more", class_="dim small") if rest > 0 else None
    return element("details", element("summary", summary), element("div", table, class_="scroll"), more)


def script_data(data: object) -> Markup:
    """JSON that cannot end the `script` element it stands in."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _attribute(key: str, value: Attribute) -> str:
    if value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    text = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f' {name}="{escape(text)}"'
