"""The diagnostic codes that commands emit.

In: nothing. Out: `EXPLANATIONS`, from a code to one paragraph.
"""

from __future__ import annotations

EXPLANATIONS = {
    "UnreadableDocument": (
        "A document that was to be checked cannot be read: the file may not be read or is not UTF-8 text, or the URL "
        "leads nowhere. The other documents are checked all the same."
    ),
}
