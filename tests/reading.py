"""What a command tells, as it was before it was made to fit a terminal."""

from __future__ import annotations

import re


def unwrapped(text: str) -> str:
    """The text with what goes on a line behind that line: it is indented by six to twelve blanks, paths by four."""
    return re.sub(r"\n(?: {6,12}(?=\S)| {4}(?=/))", " ", text)
