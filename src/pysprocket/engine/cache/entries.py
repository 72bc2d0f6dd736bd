"""Entries of the call cache on disk: one file for each key, `<directory>/v1/<task>/<key>.json`.

In: an `Entry`. Out: the same again, None when there is none. A file is written aside and renamed, and carries a digest
of itself: whoever is killed meanwhile leaves no entry or a whole one, a damaged one is as good as none, and of those
who write at the same time the last one wins. There is no lock. The digest stands for a flush to the disk, which would
cost more than many a task: a power failure may cost the newest entries.

Who uses an entry adds a line to its file, in one go, with a digest of its own: a line that was torn or overwritten
counts as none. The file is written anew only when a line more would take another block of the disk.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from blake3 import blake3

from pysprocket.backends.job import Usage
from pysprocket.engine.cache.key import FORMAT, Part
from pysprocket.engine.names import random_letters

MOST_PLACES = 4
_BLOCK = 4096
"""Bytes that a file takes on the disk at a time."""
_STALE = 3600.0
"""Seconds after which a file that somebody began to write is taken for abandoned."""


class Kept(msgspec.Struct, frozen=True):
    """A file or directory of a result.

    Attributes:
        reference: its path in the attempt directory; an absolute one for what lies outside and is used in place.
        digest: of its content, as module `contents` has it.
        size: in bytes, 0 for what lies outside.
    """

    reference: str
    digest: str
    size: int = 0


class Place(msgspec.Struct, frozen=True):
    """An attempt directory that holds the files of a result.

    Attributes:
        run, name, call: whose it is: the run's id and name, the call's id.
        inputs: the paths of the inputs there, to tell links to them.
        time: since when, in seconds since the epoch.
    """

    directory: str
    run: str
    name: str
    call: str
    inputs: tuple[str, ...]
    time: float


class Entry(msgspec.Struct, frozen=True):
    """A result.

    Attributes:
        parts: of its key.
        outputs: in the form of `exact`, a path as a reference (see `references`).
        files: what must be as it was: outputs, standard streams, and what the task read by itself.
        places: where the files are, the newest first; the last of all is the oldest that is still remembered.
        origin: where the task ran.
        reason: why it had to run.
        hits: how often the result was used.
        seconds: how long the job took, None when that is unknown.
    """

    key: str
    task: str
    document: str
    parts: dict[str, Part]
    exit_code: int
    outputs: dict[str, msgspec.Raw]
    files: tuple[Kept, ...]
    places: tuple[Place, ...]
    origin: Place
    reason: str
    hits: int = 0
    seconds: float | None = None
    usage: Usage = Usage()

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(kept.size for kept in self.files)

    def used(self, place: Place) -> Entry:
        """With one more hit, and a place more that holds it."""
        others = [each for each in self.places if each.directory != place.directory]
        return msgspec.structs.replace(self, hits=self.hits + 1, places=(place, *others)[:MOST_PLACES])


class _Written(msgspec.Struct, frozen=True):
    """The file: the entry, and a digest of its text."""

    digest: str
    entry: msgspec.Raw


class _Used(msgspec.Struct, frozen=True):
    """A line that was added to the file: a place more that holds the files, and a digest of its text."""

    digest: str
    place: msgspec.Raw


_WRITTEN = msgspec.json.Decoder(_Written)
_ENTRY = msgspec.json.Decoder(Entry)
_USED = msgspec.json.Decoder(_Used)
_PLACE = msgspec.json.Decoder(Place)


class Entries:
    """The entries below a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / f"v{FORMAT}"
        self._root = str(self.directory)

    def path(self, task: str, key: str) -> Path:
        """The file of a key."""
        return self.directory / task / f"{key}.json"

    def read(self, task: str, key: str) -> Entry | None:
        """The entry of a key; None when there is none, or a damaged one, or that of another key under its name."""
        entry = _read(f"{self._root}/{task}/{key}.json")
        return entry if entry is not None and (entry.task, entry.key) == (task, key) else None

    def write(self, entry: Entry) -> None:
        """Keep an entry; it replaces the one of the same key.

        Raises:
            OSError: it cannot be written.
        """
        folder = f"{self._root}/{entry.task}"
        text = msgspec.json.encode(entry)
        written = msgspec.json.encode(_Written(blake3(text).hexdigest(), msgspec.Raw(text)))
        aside = f"{folder}/.{entry.key}.{random_letters(6)}"
        try:
            file = open(aside, "wb")  # noqa: PTH123, SIM115
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            file = open(aside, "wb")  # noqa: PTH123, SIM115
        with file:
            file.write(written)
        os.rename(aside, f"{folder}/{entry.key}.json")  # noqa: PTH104

    def use(self, entry: Entry, place: Place) -> None:
        """Keep that the result of an entry is used, and in which place it is now too.

        Raises:
            OSError: it cannot be written.
        """
        text = msgspec.json.encode(place)
        line = b"\n" + msgspec.json.encode(_Used(blake3(text).hexdigest(16), msgspec.Raw(text)))
        try:
            file = os.open(f"{self._root}/{entry.task}/{entry.key}.json", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:  # somebody has removed it meanwhile
            self.write(entry.used(place))
            return
        try:
            size = os.fstat(file).st_size
            added = size // _BLOCK == (size + len(line)) // _BLOCK and os.write(file, line) == len(line)
        finally:
            os.close(file)
        if not added:
            self.write(entry.used(place))

    def remove(self, entry: Entry) -> int:
        """Remove an entry; gives the bytes of its file."""
        path = self.path(entry.task, entry.key)
        size = 0
        with suppress(FileNotFoundError):
            size = path.stat().st_size
            path.unlink()
        return size

    def all(self) -> Iterator[Entry]:
        """Every entry, task by task."""
        for task in _listed(self.directory):
            yield from self.of(os.path.basename(task))  # noqa: PTH119

    def of(self, task: str, most: int | None = None) -> Iterator[Entry]:
        """The entries of a task, those last used first."""
        found = [path for path in _listed(self.directory / task) if path.endswith(".json")]
        for path in sorted(found, key=_modified, reverse=True)[:most]:
            if (entry := _read(path)) is not None:
                yield entry

    def last_used(self, entry: Entry) -> float:
        """When an entry was made or used, in seconds since the epoch."""
        return _modified(self.path(entry.task, entry.key))

    def sweep(self) -> tuple[int, int]:
        """Remove what cannot be read or was left half written, and empty directories; how many, and how many bytes."""
        removed = freed = 0
        for task in _listed(self.directory):
            for path in _listed(task):
                unfinished = not path.endswith(".json")
                if (unfinished and _modified(path) < time.time() - _STALE) or (not unfinished and _read(path) is None):
                    with suppress(FileNotFoundError):
                        size = os.path.getsize(path)  # noqa: PTH202
                        os.unlink(path)  # noqa: PTH108
                        removed, freed = removed + 1, freed + size
            with suppress(OSError):
                os.rmdir(task)  # noqa: PTH106
        return removed, freed


def _read(path: str | Path) -> Entry | None:
    try:
        first, *lines = _content(path).split(b"\n")
        written = _WRITTEN.decode(first)
        if blake3(written.entry).hexdigest() != written.digest:
            return None
        entry = _ENTRY.decode(written.entry)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            used = _USED.decode(line)
            if blake3(used.place).hexdigest(16) == used.digest:
                entry = entry.used(_PLACE.decode(used.place))
    return entry


def _content(path: str | Path) -> bytes:
    """All of a file: as many bytes as it had when it was opened."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


def _listed(directory: str | Path) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.path for entry in entries)
    except OSError:
        return []


def _modified(path: str | Path) -> float:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116
    except OSError:
        return 0.0
