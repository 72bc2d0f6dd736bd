"""The indentation of multi-line strings and commands.

In: the texts between the placeholders of a template, as written. Out: the same number of texts without the common
indentation. Source: WDL specification 1.2, "Multi-line strings" and "Command section".
"""

from __future__ import annotations

import re

_STAND_IN = "\0"  # for a placeholder; the lexer has removed this character from the text
_INDENT = re.compile(r"^[ \t]*+(?=[^ \t\n])", re.MULTILINE)
_CONTINUATION = re.compile(r"(?<!\\)((?:\\\\)*)\\\n[ \t]*+")


def dedent(texts: list[str]) -> list[str]:
    r"""Remove the blanks beside the delimiters, one newline at each end, and the common indentation.

    A tab counts as one character. Blank lines do not count for the indentation and lose as much of it as they
    have; a line that begins with a placeholder is indented up to the placeholder. Line ends become `\n`.
    """
    text = _STAND_IN.join(texts)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    text = text.lstrip(" \t").removeprefix("\n").rstrip(" \t").removesuffix("\n")
    width = min(map(len, _INDENT.findall(text)), default=0)
    if width:
        text = re.sub(rf"^[ \t]{{1,{width}}}", "", text, flags=re.MULTILINE)
    return text.split(_STAND_IN)


def join_continued_lines(texts: list[str]) -> list[str]:
    """Remove each backslash at the end of a line with the line end and the blanks that follow it.

    An even number of backslashes is escaped backslashes and joins nothing.
    """
    return [_CONTINUATION.sub(r"\1", text.replace("\r\n", "\n")) for text in texts]
