"""Which known name somebody meant who wrote another one.

In: a name, the names that there are. Out: those that are like it, the nearest first: by how many letters would have to
be put in, left out, replaced or swapped, then by how much longer or shorter they are.
"""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], most: int = 1, alike: float = 0.6) -> list[str]:
    """At most `most` of the known names that are like `name`; one that differs in capitals alone is meant.

    Args:
        name: what was written.
        known: what there is.
        most: how many to give.
        alike: how much of two names must be the same, from 0 to 1.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes pay for it

    names = list(known)
    if same := [each for each in names if each.casefold() == name.casefold()]:
        return same[:most]
    close = get_close_matches(name, names, len(names) or 1, alike)
    return sorted(close, key=lambda each: (_edits(name, each), abs(len(name) - len(each))))[:most]


def _edits(one: str, other: str) -> int:
    """How many edits make one of the other: the optimal string alignment distance."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        row = [i + 1]
        for j, another in enumerate(other):
            edits = min(above[j + 1] + 1, row[j] + 1, above[j] + (letter != another))
            if i and j and (letter, one[i - 1]) == (other[j - 1], another):
                edits = min(edits, before[j - 1] + 1)
            row.append(edits)
        before, above = above, row
    return above[-1]
