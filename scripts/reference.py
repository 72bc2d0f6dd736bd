"""Writes the parts of docs/reference/ that say what the program itself knows.

In: the explanations of all diagnostic codes. Out: docs/reference/diagnostics.md. A test says when it is out of date.
"""

from __future__ import annotations

from pathlib import Path

from pysprocket.source.codes import CODES

DIAGNOSTICS = Path(__file__).resolve().parent.parent / "docs" / "reference" / "diagnostics.md"

_HEAD = """\
# Diagnostics

What is wrong with a document is shown with a stable code, as in `error[UnknownName]`. `sprocket explain CODE` shows the
same text as this page. Errors stop a run; warnings do not.

This page is made by `make reference`.
"""


def diagnostics() -> str:
    """The text of docs/reference/diagnostics.md."""
    return _HEAD + "".join(f"\n## {code}\n\n{explanation}\n" for code, explanation in CODES.items())


if __name__ == "__main__":
    DIAGNOSTICS.write_text(diagnostics())
