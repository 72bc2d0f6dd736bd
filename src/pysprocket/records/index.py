"""The index: links to the outputs of the newest run of some name, in one directory for people.

In: the output directory, the name that `--index-on` gives, a run's outputs. Out: `index/<name>/` in the output
directory with a relative link to `outputs.json` and one to each File and Directory in the outputs, wherever in a value
they are. Links of earlier runs are replaced or removed; all else there belongs to people and stays.

Two outputs of one name get different links, see `_Names`. Readers never see less than the old or the new links: new
ones come first, each in one step, then the old ones go.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from pysprocket.engine.directory import RunDirectory
from pysprocket.engine.files import alone
from pysprocket.engine.names import random_letters
from pysprocket.engine.output_names import NAME_MAX
from pysprocket.errors import OutputDirectoryError
from pysprocket.source.uris import lies_elsewhere, redacted
from pysprocket.source.visible import some
from pysprocket.values.model import Value, paths_in

_WRITTEN = re.compile(r"runs/[^/]+/[^/]+/(?:calls/[^/]+/)*tmp/[0-9a-f]{16}((?:\.\w+)?)")
"""Where expressions write files, by names that say nothing to people."""


class Written(msgspec.Struct, frozen=True):
    """What came of indexing.

    Attributes:
        links: each link and what it points at, relative to the output directory and beginning with "./".
        skipped: outputs that cannot be linked, because they are URLs or lie in no run of the output directory.
        displaced: names of outputs that something of a person's has, so that their links are called otherwise.
    """

    links: tuple[tuple[str, str], ...]
    skipped: tuple[str, ...] = ()
    displaced: tuple[str, ...] = ()

    @property
    def remarks(self) -> list[str]:
        """What the user should know."""
        remarks = []
        if self.skipped:
            listed = some(f"`{redacted(path)}`" for path in self.skipped)
            remarks.append(f"not linked in the index, as it lies in no run of the output directory: {listed}")
        if self.displaced:
            listed = some(f"`{name}`" for name in self.displaced)
            remarks.append(f"linked in the index by another name, as something else is called so there: {listed}")
        return remarks


def check_index(output: Path, name: str) -> Path:
    """The directory of an index, which can be made or written.

    Raises:
        OutputDirectoryError: it cannot, or leads into a run.
    """
    directory = output / "index" / name
    there = next(place for place in (directory, *directory.parents) if os.path.lexists(place))
    if not there.is_dir():
        raise _unusable(name, f"`{there}` is not a directory")
    if _is_below(os.path.realpath(there), os.path.realpath(output / "runs")):
        raise _unusable(name, f"`{there}` is a link to an output of a run")
    if not os.access(there, os.W_OK | os.X_OK):
        raise _unusable(name, f"`{there}` cannot be written")
    return directory


def write_index(name: str, run: RunDirectory, outputs: Mapping[str, Value]) -> Written:
    """Make the index of `name` show the outputs of a run that has written its `outputs.json`.

    Raises:
        OutputDirectoryError: it cannot be written; each link is then either an old or a new one.
    """
    directory = check_index(run.output, name)
    root = os.path.realpath(run.output)
    places, skipped = _places(run, outputs)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with alone(directory):
            old, foreign = _present(directory, f"{root}/runs")
            names = _Names(foreign)
            new = {names.choose(place, wanted): place for place, wanted in places.items()}
            _replace(directory, root, old, new)
    except OSError as error:
        raise _unusable(name, f"`{directory}`: {error.strerror or error}") from error
    links = tuple((f"./index/{name}/{link}", f"./{place}") for link, place in new.items())
    return Written(links, skipped, tuple(names.displaced))


def _places(run: RunDirectory, outputs: Mapping[str, Value]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What is to be linked, relative to the output directory, and by which name; and what cannot be."""
    places = {f"{run.relative}/outputs.json": "outputs.json"}
    skipped: dict[str, None] = {}
    for output, value in outputs.items():
        for path in paths_in(value):
            place = None if lies_elsewhere(path) else _place(run.output, path)
            if place is None:
                skipped[path] = None
            else:
                places.setdefault(place, _name(place, output))
    return places, tuple(skipped)


def _name(place: str, output: str) -> str:
    """The file's own name; that of its output for one that an expression wrote, such as `write_lines(...)`."""
    written = _WRITTEN.fullmatch(place)
    return f"{output}{written[1]}" if written else place.rpartition("/")[2]


def _place(output: Path, path: str) -> str | None:
    """Where in the runs of the output directory something lies, None outside.

    What is reached by another way, such as a link of an index, lies where that way ends.
    """
    for way, runs in _ways(path, str(output / "runs")):
        if _is_below(way, runs):
            return f"runs{way[len(runs) :]}"
    return None


def _ways(path: str, runs: str) -> Iterator[tuple[str, str]]:
    """A path as it is, without links around its file, and without any; with what runs lie in when seen so."""
    if ".." not in path.split("/"):
        plain = os.path.normpath(path)
        yield plain, runs
        parent, name = os.path.split(plain)
        yield f"{os.path.realpath(parent)}/{name}", os.path.realpath(runs)
    yield os.path.realpath(path), os.path.realpath(runs)


def _is_below(path: str, directory: str) -> bool:
    return path.startswith(f"{directory.rstrip('/')}/")


class _Names:
    """Names for links: that of the file, or with a number before its first dot if another file has it already.

    Files of one directory that differ only after the first dot get the same number: `reads-2.bam` stands beside its own
    `reads-2.bam.bai`.

    Args:
        foreign: names that cannot be had.
    """

    def __init__(self, foreign: set[str]) -> None:
        self.displaced: list[str] = []
        self._foreign = foreign
        self._taken = set(foreign)
        self._numbers: dict[tuple[str, str], int] = {}
        self._next: dict[str, int] = {}

    def choose(self, place: str, name: str) -> str:
        """A name that no link has yet, like `name`."""
        family = place.rpartition("/")[0], _split(name)[0]
        number = self._numbers.get(family, 1)
        if _numbered(name, number) in self._taken:
            number = self._next.get(name, 2)
            while _numbered(name, number) in self._taken:
                number += 1
            self._next[name] = number + 1
        if name in self._foreign:
            self.displaced.append(name)
        self._numbers[family] = number
        chosen = _numbered(name, number)
        self._taken.add(chosen)
        return chosen


def _numbered(name: str, number: int) -> str:
    if number == 1:
        return name
    stem, rest = _split(name)
    mark = f"-{number}"
    room = NAME_MAX - len(os.fsencode(mark + rest))
    if room < 1:
        stem, rest, room = name, "", NAME_MAX - len(mark)
    return f"{os.fsencode(stem)[:room].decode(errors='ignore')}{mark}{rest}"


def _split(name: str) -> tuple[str, str]:
    """The part before the first dot that does not begin the name, and the rest."""
    dot = name.find(".", len(name) - len(name.lstrip(".")))
    return (name, "") if dot < 0 else (name[:dot], name[dot:])


def _present(directory: Path, runs: str) -> tuple[dict[str, str], set[str]]:
    """Links into runs, with their targets, and the names of everything else."""
    links: dict[str, str] = {}
    foreign: set[str] = set()
    here = os.path.realpath(directory)
    with os.scandir(directory) as entries:
        for entry in entries:
            target = os.readlink(entry.path) if entry.is_symlink() else None  # noqa: PTH115
            if target is not None and _is_below(os.path.normpath(os.path.join(here, target)), runs):  # noqa: PTH118
                links[entry.name] = target
            else:
                foreign.add(entry.name)
    return links, foreign


def _replace(directory: Path, root: str, old: dict[str, str], new: dict[str, str]) -> None:
    up = os.path.relpath(root, os.path.realpath(directory))
    aside = directory / f".link.{random_letters(12)}"  # left by a process that dies, it is the next one's old link
    for link, place in reversed(new.items()):  # `outputs.json` last: whoever sees it finds the others
        target = f"{up}/{place}"
        if old.get(link) != target:
            aside.symlink_to(target)
            aside.replace(directory / link)
    for link in old.keys() - new.keys():
        (directory / link).unlink(missing_ok=True)


def _unusable(name: str, reason: str) -> OutputDirectoryError:
    return OutputDirectoryError(
        f"the index `{name}` cannot be written: {reason}", help="choose another name with `--index-on NAME`"
    )
