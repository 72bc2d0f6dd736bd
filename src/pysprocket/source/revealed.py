"""Secrets that were asked for, which nothing that is told may quote.

In: each secret as it is revealed. Out: texts of others (exceptions, answers of servers) without it, also where it is
written as in a URL, in JSON, HTML or Python, or in base64, as in the header of a login. It costs nothing where nothing
was revealed.
"""

from __future__ import annotations

import re
from typing import Any, overload

REDACTED = "<REDACTED>"
LEAST = 4
"""Characters of a secret that is looked for: a shorter one stands in too many words."""

_LEAST_LINE = 16
_LEAST_ENCODED = 6

_forms: set[str] = set()
_pattern: re.Pattern[str] | None = None


def remember(secret: str) -> None:
    """Never show this from now on; of a text with several lines none of those that are long."""
    global _pattern  # noqa: PLW0603 - one process, one set of secrets
    lines = secret.splitlines() if "\n" in secret else []
    texts = [secret.strip(), *(line.strip() for line in lines if len(line.strip()) >= _LEAST_LINE)]
    found = {form for text in texts if len(text) >= LEAST and text not in _forms for form in _written(text)}
    if found - _forms:
        _forms.update(found)
        _pattern = re.compile("|".join(map(re.escape, sorted(_forms, key=len, reverse=True))))


@overload
def concealed(text: str) -> str: ...
@overload
def concealed(text: None) -> None: ...
def concealed(text: str | None) -> str | None:
    """A text without any secret that was revealed."""
    return text if _pattern is None or text is None else _pattern.sub(REDACTED, text)


def conceal(error: BaseException) -> None:
    """Take what was revealed out of the texts of an exception, and of those that it came from."""
    seen: set[int] = set()
    each: BaseException | None = error
    while _pattern is not None and each is not None and id(each) not in seen:
        seen.add(id(each))
        each.args = tuple(_concealed(argument) for argument in each.args)
        each.__dict__.update({name: _concealed(value) for name, value in vars(each).items()})
        each = each.__cause__ or each.__context__


def _concealed(value: Any) -> Any:
    if isinstance(value, str):
        return concealed(value)
    if type(value) in (list, tuple):
        return type(value)(map(_concealed, value))
    return value


def _written(text: str) -> set[str]:
    """The ways in which a text may be written."""
    import html  # noqa: PLC0415 - only where something is revealed
    import json  # noqa: PLC0415
    from urllib.parse import quote, quote_plus  # noqa: PLC0415

    ways = {
        text,
        quote(text),
        quote(text, safe=""),
        quote_plus(text),
        html.escape(text),
        html.escape(text, quote=False),
    }
    ways |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
    return ways | _in_base64(text)


def _in_base64(text: str) -> set[str]:
    """What base64 makes of it wherever it stands in what is encoded, such as behind the name of a user."""
    from base64 import b64encode  # noqa: PLC0415

    found = set()
    content = text.encode("utf-8", "surrogatepass")
    for before in range(3):
        encoded = b64encode(b"\0" * before + content).decode()
        first = (0, 2, 3)[before]  # characters that what is before it has a part in
        last = (before + len(content)) * 8 // 6
        if len(form := encoded[first:last]) >= _LEAST_ENCODED:
            found |= {form, form.replace("+", "-").replace("/", "_")}
    return found
