"""Removes what a run that has succeeded does not need any more (`run.cleanup = "on_success"`).

In: the run directory, the outputs. Out: the working directories of all attempts and the run's own files (`tmp`,
`downloads`, `staged`) are gone, but for what an output refers to; what could not be removed is told.

An output refers to its file or directory, to each link on the way there, to all in a directory, and to what links in it
lead to. Text that is the path of a file counts as well. What has a second name (a hard link) keeps its content.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pysprocket.engine.paths import DISKS
from pysprocket.values.model import Directory, Value

_OWN = frozenset({"tmp", "downloads", "staged"})
"""Directories of a run or call that hold what the engine itself made for it."""

_WRITTEN = ("work", DISKS)
"""Directories of an attempt that hold what its job has written."""

_MOST_LINKS = 40
"""How many links in a row Linux follows."""


def clean_up(run: Path, outputs: Iterable[Value]) -> list[str]:
    """Remove the intermediate files of a run in the directory `run`; gives what could not be removed, with the reason.

    Nothing outside of the run directory is touched, whatever links in it say.
    """
    kept = _Kept(os.path.realpath(run))
    for path in _paths(outputs):
        if isinstance(path, Directory) and _is_below(f"{kept.root}/", os.path.realpath(path)):
            return []
        kept.add(path)
    problems: list[str] = []
    for place in _intermediates(kept.root, problems):
        _prune(place, kept, problems)
    return problems


def clear_disks(disks: Path, outputs: Iterable[Value]) -> list[str]:
    """Remove what a job has written to its extra disks; gives what could not be removed, with the reason.

    Args:
        disks: the directory of an attempt that holds them.
        outputs: of the attempt; what they refer to stays.
    """
    kept = _Kept(os.path.realpath(disks.parent))
    for path in _paths(outputs):
        kept.add(path)
    problems: list[str] = []
    _prune(f"{kept.root}/{disks.name}", kept, problems)
    return problems


def _paths(value: Value) -> Iterator[str]:
    """All texts in a value that may be paths."""
    if isinstance(value, str):
        if value.startswith("/") and "\0" not in value:
            yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths(key)
            yield from _paths(item)
    elif isinstance(value, Iterable):
        for item in value:
            yield from _paths(item)


class _Kept:
    """What is to stay in the run directory `root`, given without links.

    Attributes:
        whole: paths that stay with all that is in them.
        around: directories that hold some of these.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.whole: set[str] = set()
        self.around: set[str] = set()
        self._no_links: set[str] = set()

    def add(self, path: str) -> None:
        """Keep what a path leads to, and all on the way."""
        waiting = [path]
        while waiting:
            end = self._follow(waiting.pop())
            if _is_below(end, self.root) and end not in self.whole:
                self._keep(end)
                waiting += _links_in(end)

    def _follow(self, path: str) -> str:
        """Where a path ends, link by link; these stay."""
        names = path.split("/")[::-1]
        place, links = "", 0
        while names:
            name = names.pop()
            if name in ("", "."):
                continue
            if name == "..":
                place = place.rpartition("/")[0]
                continue
            step = f"{place}/{name}"
            target = self._target(step) if links < _MOST_LINKS else None
            if target is None:
                place = step
                continue
            links += 1
            self._keep(step)
            place = "" if target.startswith("/") else place
            names += target.split("/")[::-1]
        return place

    def _target(self, path: str) -> str | None:
        """What a link says; None for all else."""
        if path in self._no_links:
            return None
        try:
            return os.readlink(path)  # noqa: PTH115
        except OSError:
            self._no_links.add(path)
            return None

    def _keep(self, path: str) -> None:
        if not _is_below(path, self.root):
            return
        self.whole.add(path)
        parent = path.rpartition("/")[0]
        while parent not in self.around and _is_below(parent, self.root):
            self.around.add(parent)
            parent = parent.rpartition("/")[0]


def _is_below(path: str, directory: str) -> bool:
    return path.startswith(f"{directory.rstrip('/')}/")


def _links_in(directory: str) -> Iterator[str]:
    """All links in a directory, however deep; none when it is not a directory."""
    waiting = [directory]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_symlink():
                    yield entry.path
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _intermediates(run: str, problems: list[str]) -> Iterator[str]:
    """The places in a run directory that hold files of tasks, and the run's own."""
    calls = [run]
    while calls:
        call = calls.pop()
        for name in _directories(call, problems):
            path = f"{call}/{name}"
            if name in _OWN:
                yield path
            elif name == "attempts":
                for attempt in _directories(path, problems):
                    yield from (f"{path}/{attempt}/{name}" for name in _WRITTEN)
            elif name == "calls":
                calls += [f"{path}/{call_id}" for call_id in _directories(path, problems)]


def _directories(path: str, problems: list[str]) -> list[str]:
    """The names of the directories in a directory, without links to some."""
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError as error:
        problems.append(f"`{path}`: {error.strerror}")
        return []


def _prune(place: str, kept: _Kept, problems: list[str]) -> None:
    """Remove a directory, but for what is to stay; deep ones too, so without recursion."""
    if place in kept.whole or not os.path.lexists(place):
        return
    if os.path.islink(place):  # noqa: PTH114 - a task may have put one in place of its working directory
        _try(os.unlink, place, problems)
        return
    waiting, emptied = [place], []
    while waiting:
        directory = waiting.pop()
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.path in kept.whole:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        _try(os.unlink, entry.path, problems)
        except OSError as error:
            problems.append(f"`{directory}`: {error.strerror}")
        else:
            emptied += [directory] * (directory not in kept.around)
    for directory in reversed(emptied):
        _try(os.rmdir, directory, problems)


def _try(remove: Callable[[str], None], path: str, problems: list[str]) -> None:
    try:
        remove(path)
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:  # what is in it has been told
            problems.append(f"`{path}`: {error.strerror}")
