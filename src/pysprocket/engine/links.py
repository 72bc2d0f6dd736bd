"""Links that a task made while it saw the paths of its container, put right for the host.

In: the `PathMap` of a call whose job has ended. Out: links where the job has written, whose absolute targets are paths
of the container, point at the same things on the host.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pysprocket.engine.paths import PathMap
from pysprocket.errors import EvaluationError


def translate_links(paths: PathMap) -> None:
    """Point links of a job that name paths of its container at the host's; other links stay as they are."""
    for place in paths.written():
        for link in _links(place):
            target = str(link.readlink())
            if paths.may_lead(target):
                _repoint(link, target, paths)


def _repoint(link: Path, target: str, paths: PathMap) -> None:
    try:
        host = paths.host(target)
    except EvaluationError:
        return  # dangling inside the container too; only an error when an output names it
    aside = link.with_name(f".{link.name}.{os.getpid()}")
    with suppress(PermissionError):  # of another user: as a directory that cannot be read, left as it is
        aside.symlink_to(host)
        aside.replace(link)


def _links(directory: Path) -> Iterator[Path]:
    with suppress(PermissionError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_symlink():
                yield Path(entry.path)
            elif entry.is_dir():
                yield from _links(Path(entry.path))
