"""The documents that a user names, one by one or by directory.

In: paths and URLs. Out: `documents`, one entry for each document. Directories are searched; hidden directories, output
directories and what a `.sprocketignore` (syntax of gitignore) names are left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pysprocket.errors import DocumentError
from pysprocket.source.uris import is_url

if TYPE_CHECKING:  # imported where there is a file of such patterns
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".sprocketignore"


def documents(sources: Iterable[str]) -> list[str]:
    """The documents that files, directories and URLs mean, each once.

    Raises:
        DocumentError: a directory has none.
        click.BadParameter: there is no such file or directory.
    """
    found: dict[str, None] = {}
    for source in sources:
        if os.path.isdir(source):  # noqa: PTH112 - keeps the text
            below = list(_below(source, _ignored_above(source)))
            if not below:
                raise DocumentError(f"there are no documents (*.wdl) in the directory `{source}`")
            found |= dict.fromkeys(below)
        elif is_url(source) or os.path.exists(source):  # noqa: PTH110
            found[source] = None
        else:
            raise click.BadParameter(f"there is no file or directory `{source}`", param_hint="SOURCE")
    return list(found)


class _Patterns:
    """The patterns of one file: they speak of what lies in its directory and below."""

    def __init__(self, directory: str, spec: GitIgnoreSpec) -> None:
        self.directory = directory
        self.spec = spec

    def says(self, path: str) -> bool | None:
        """Whether a path (a directory ends with a slash) is left out, None when no pattern speaks of it."""
        slash = "/" if path.endswith("/") else ""
        return self.spec.check_file(os.path.relpath(path, self.directory) + slash).include


def _patterns(directory: str) -> list[_Patterns]:
    try:
        text = Path(directory, IGNORE_FILE).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is not UTF-8 text"
        raise DocumentError(f"cannot read `{Path(directory, IGNORE_FILE)}`: {reason}") from None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most projects have no such file

    try:
        return [_Patterns(directory, GitIgnoreSpec.from_lines(text.splitlines()))]
    except ValueError as failure:
        raise DocumentError(f"`{Path(directory, IGNORE_FILE)}` has a wrong pattern: {failure}") from None


def _ignored_above(directory: str) -> list[_Patterns]:
    """The patterns of all directories around one, the innermost first."""
    parents = Path(os.path.abspath(directory)).parents  # noqa: PTH100 - without `..`
    return [patterns for parent in parents for patterns in _patterns(str(parent))]


def _is_left_out(path: str, patterns: Iterable[_Patterns]) -> bool:
    """What the innermost patterns that speak of a path say."""
    for each in patterns:
        said = each.says(path)
        if said is not None:
            return said
    return False


def _below(directory: str, patterns: list[_Patterns]) -> Iterator[str]:
    """All `*.wdl` files in order of their names, those of a directory before those of the directories in it."""
    todo = [(directory, patterns)]
    while todo:
        folder, outer = todo.pop()
        here = [*_patterns(os.path.abspath(folder)), *outer]  # noqa: PTH100 - the innermost first
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as failure:
            raise DocumentError(f"cannot search the directory `{folder}`: {failure.strerror}") from None
        if {"sprocket.db", "runs"} <= {entry.name for entry in entries}:
            continue
        inner = []
        for entry in entries:
            path = os.path.abspath(entry.path)  # noqa: PTH100
            if entry.name.endswith(".wdl") and os.path.isfile(path):  # noqa: PTH113 - never raises, unlike is_file
                if not _is_left_out(path, here):
                    yield os.path.normpath(entry.path)
            elif entry.is_dir(follow_symlinks=False) and not (
                entry.name.startswith(".") or _is_left_out(f"{path}/", here)
            ):
                inner.append((entry.path, here))
        todo += reversed(inner)
