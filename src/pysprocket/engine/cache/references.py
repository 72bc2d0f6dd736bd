"""Paths in a result, so that they mean the same in another run.

In: an attempt directory and the paths of the inputs. Out: `References`, which turns a host path into a reference and
back: a path relative to the attempt directory (files that expressions wrote are at `../../tmp`), `input:<n>` with the
rest of a path for what was given to the task, and the absolute path of anything else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

_TEMPORARY = "../../tmp"
_INPUT = "input:"


class References:
    """Paths of one attempt."""

    def __init__(self, directory: str, inputs: Sequence[str]) -> None:
        self.directory = directory
        self._inputs = inputs
        self._numbers = {path: number for number, path in reversed(list(enumerate(inputs)))}
        self._temporary = os.path.normpath(f"{directory}/{_TEMPORARY}")

    def of(self, path: str) -> str:
        """The reference of a host path."""
        if path.startswith(f"{self.directory}/"):
            return path[len(self.directory) + 1 :]
        above = path
        while above not in ("", "/"):
            if above in self._numbers:
                return f"{_INPUT}{self._numbers[above]}{path[len(above) :]}"
            above = above.rpartition("/")[0]
        if path.startswith(f"{self._temporary}/"):
            return f"{_TEMPORARY}{path[len(self._temporary) :]}"
        return path

    def path(self, reference: str) -> str:
        """The host path that a reference means here."""
        if reference.startswith(_INPUT):
            number, slash, rest = reference.removeprefix(_INPUT).partition("/")
            return f"{self._inputs[int(number)]}{slash}{rest}"
        return os.path.normpath(os.path.join(self.directory, reference))  # noqa: PTH118


def is_own(reference: str) -> bool:
    """Whether it is a file of the attempt or one that its expressions wrote, which a hit brings along."""
    return not reference.startswith(("/", _INPUT))


def is_input(reference: str) -> bool:
    """Whether it was given to the task."""
    return reference.startswith(_INPUT)


def outermost(paths: Iterable[str]) -> list[str]:
    """Paths without those that lie below another of them."""
    chosen: list[str] = []
    for path in sorted(set(paths), key=lambda each: each + "/"):
        if not chosen or not f"{path}/".startswith(f"{chosen[-1]}/"):
            chosen.append(path)
    return chosen
