"""Names in the output directory that the user chooses.

In: what was given with `--suffix` and `--index-on`. Out: the same, if it can be part of a path there.
"""

from __future__ import annotations

import re

from pysprocket.errors import UsageError

NAME_MAX = 255
"""How many bytes the name of a file may have, on all common file systems."""

STAMP_LENGTH = len("2026-04-22_101530123456789")
"""How long the time in the name of a run directory is."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_QUOTE = 60


def check_suffix(suffix: str) -> str:
    """The end of the name of a run directory.

    Raises:
        UsageError: it cannot be one, with the reason.
    """
    problem = _problem(suffix, NAME_MAX - STAMP_LENGTH - len("_"))
    if problem:
        raise UsageError(f"{_quote(suffix)} cannot be a suffix: {problem}", help="give a word, such as `batch-1`")
    return suffix


def check_index_name(name: str) -> str:
    """The name of an index, a relative path; without slashes that mean nothing.

    Raises:
        UsageError: it cannot be one, with the reason.
    """
    parts = [part for part in name.split("/") if part]
    problems = ["it is absolute"] if name.startswith("/") else [_problem(part, NAME_MAX) for part in parts or [""]]
    problem = next(filter(None, problems), None)
    if problem:
        raise UsageError(
            f"{_quote(name)} cannot be the name of an index: {problem}",
            help="give a relative path: for `project/batch-1`, the links are in `index/project/batch-1`",
        )
    return "/".join(parts)


def _problem(name: str, longest: int) -> str | None:
    """Why this cannot be (the end of) the name of a directory."""
    if not name:
        return "it is empty"
    if name in (".", ".."):
        return f"`{name}` is not a name"
    if "/" in name:
        return "it holds a `/`"
    if _CONTROL.search(name):
        return "it holds a control character"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "it is not UTF-8"
    return f"a name may have {longest} bytes, and it has {size}" if size > longest else None


def _quote(name: str) -> str:
    return f"`{name}`" if len(name) <= _LONGEST_QUOTE else f"`{name[:_LONGEST_QUOTE]}…`"
