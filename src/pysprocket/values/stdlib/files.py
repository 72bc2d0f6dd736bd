"""File functions: paths as text, sizes, and the files of a task.

In: paths. Out: Strings, Files, sizes. Source: WDL specification, "File Functions". `basename` and `join_paths` are
about text alone; only `size`, `glob`, `stdout` and `stderr` ask the context.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pysprocket.errors import EvaluationError
from pysprocket.units import unit_bytes
from pysprocket.values.context import Context
from pysprocket.values.model import Directory, File, Value
from pysprocket.values.text import quote


def basename(_: Context, path: str, suffix: str = "") -> str:
    """The last part of a path or URL, without `suffix` if it ends in that."""
    return path.rstrip("/").rpartition("/")[2].removesuffix(suffix)


def join_paths(_: Context, first: str | list[str], rest: str | list[str] = "") -> str:
    """Paths joined; only the first may be absolute."""
    parts = [*_listed(first), *(_listed(rest) if rest else ())]
    for part in parts[1:]:
        if part.startswith("/") or "://" in part:
            raise EvaluationError(f"`join_paths` found {quote(part)} after the first path, where none can be absolute")
    return os.path.join(*parts) if parts else ""  # noqa: PTH118 - text, which pathlib would normalise


def _listed(paths: str | list[str]) -> list[str]:
    return [str(path) for path in paths] if isinstance(paths, list) else [str(paths)]


def glob(context: Context, pattern: str) -> list[File]:
    """The files in the working directory that match a shell pattern."""
    return context.glob(pattern)


def stdout(context: Context) -> File:
    """The standard output of the task."""
    return context.stdout()


def stderr(context: Context) -> File:
    """The standard error of the task."""
    return context.stderr()


def size(context: Context, value: Value, unit: str = "B") -> float:
    """The size of a file, of the files in a directory, or of all of them in a compound value."""
    try:
        divisor = unit_bytes(unit)
    except ValueError as error:
        raise EvaluationError(f"`size`: {error}") from None
    if type(value) is str:
        value = context.file(value)
    return _total(context, value) / divisor


def _total(context: Context, value: Value) -> int:
    if isinstance(value, (File, Directory)):
        return _size_of(context, value)
    if isinstance(value, dict):
        return _total(context, list(value)) + _total(context, list(value.values()))
    if isinstance(value, (list, tuple)):
        return sum(_total(context, item) for item in value)
    return 0


def _size_of(context: Context, path: str) -> int:
    place = context.host_path(path)
    try:
        return _directory_size(place) if place.is_dir() else place.stat().st_size
    except OSError as error:
        raise EvaluationError(f"`size` cannot look at `{error.filename or path}`: {error.strerror}") from error


def _directory_size(directory: Path) -> int:
    """The bytes of all files below, those that links lead to included; a directory is counted once."""
    total = 0
    known: set[tuple[int, int]] = set()
    waiting = [directory]
    while waiting:
        place = waiting.pop()
        status = place.stat()
        if (status.st_dev, status.st_ino) in known:
            continue
        known.add((status.st_dev, status.st_ino))
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting.append(Path(entry))
                elif entry.is_file():
                    total += entry.stat().st_size
    return total


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "basename": basename,
    "join_paths": join_paths,
    "glob": glob,
    "stdout": stdout,
    "stderr": stderr,
    "size": size,
}
