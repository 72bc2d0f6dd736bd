"""Findings of an earlier check, kept on disk.

In: the URIs of documents. Out: `recall`, their findings while nothing has changed since `keep` wrote them; the parser
and the checker are not even imported then.

One file holds what one command found: the state of every document that was read, and of every place where one was
looked for in vain. A document is unchanged when its size, times and inode are, or else its content; so what is
recalled is never stale. The time of a file that was just written says nothing (a second change would not move it):
then the content decides. What comes from the web is not kept. A cache that is damaged or cannot be written is as good
as none.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec

import pysprocket
from pysprocket.config.caches import cache_directory
from pysprocket.engine.files import write_file
from pysprocket.errors import SprocketError
from pysprocket.source.diagnostic import Diagnostic, Label, Severity
from pysprocket.source.text import Source
from pysprocket.source.uris import display_name, is_remote, local_path

if TYPE_CHECKING:  # only a check that found something new has one
    from pysprocket.types.loader import Library

Stamp: TypeAlias = tuple[int, int, int, int, int]
"""Device, inode, size, and the times of the last change of content and of anything (nanoseconds)."""

_SETTLED = 2_000_000_000
"""Nanoseconds after which another change of a file is sure to show in its times."""
_MOST_FILES = 200
_MOST_FINDINGS = 20_000
_PACKAGE = Path(pysprocket.__file__).parent
_ANALYSIS = ("source", "syntax", "types")


class _State(msgspec.Struct, frozen=True, array_like=True):
    """A document when it was read.

    Attributes:
        digest: SHA-256 of its content; None when there was nothing to read.
        stamp: None when the content must be looked at.
    """

    uri: str
    digest: bytes | None
    stamp: Stamp | None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    uri: str
    start: int
    end: int
    text: str


class _Finding(msgspec.Struct, frozen=True, array_like=True):
    severity: Severity
    code: str
    message: str
    places: list[_Place]
    help: str | None
    lenient: bool


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    states: list[_State]
    findings: list[_Finding]


class KeptFindings:
    """What is kept of the check of some documents.

    Args:
        uris: the documents that are checked, in this order.
        settings: whatever else the findings depend on.
    """

    def __init__(self, uris: Sequence[str], settings: Iterable[object]) -> None:
        self._began = time.time_ns()
        about = [_program(), Path.cwd().as_uri(), [str(each) for each in settings], uris]
        self._name = sha256(msgspec.json.encode(about)).hexdigest()

    def recall(self) -> list[Diagnostic] | None:
        """The findings, None when something changed or nothing is kept."""
        with contextlib.suppress(OSError, SprocketError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            path = self._path()
            kept = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
            states = [self._unchanged(state) for state in kept.states]
            if any(state is None for state in states):
                return None
            findings = _restored(kept.findings)
            os.utime(path)
            if states != kept.states:
                self._write(_Kept([state for state in states if state], kept.findings))
            return findings
        return None

    def keep(self, library: Library, findings: Sequence[Diagnostic]) -> None:
        """Keep what was found, if it can be known later that nothing has changed."""
        states = self._states(library)
        if states is not None and len(findings) <= _MOST_FINDINGS:
            with contextlib.suppress(OSError, SprocketError, UnicodeEncodeError):  # a name may not be UTF-8
                self._write(_Kept(states, [_plain(finding) for finding in findings]))
                _remove_oldest(self._path().parent)

    def _states(self, library: Library) -> list[_State] | None:
        states = [_State(uri, None, None) for uri in library.missing]
        for uri, failure in library.missing.items():
            if is_remote(uri) or not isinstance(failure, (FileNotFoundError, NotADirectoryError)):
                return None
        for uri, document in library.documents.items():
            if is_remote(uri):
                return None
            if any("%" in document.source.text[each.uri.start : each.uri.end] for each in document.tree.imports):
                return None  # what it means depends on which files there are
            content = document.source.text.encode()
            states.append(_State(uri, sha256(content).digest(), self._stamp(uri)))
        return states

    def _stamp(self, uri: str) -> Stamp | None:
        """The stamp of a file, None when it was changed so lately that it may change again without a sign."""
        try:
            stat = os.stat(local_path(uri))  # noqa: PTH116 - thousands of times
        except OSError:
            return None
        if max(stat.st_mtime_ns, stat.st_ctime_ns) > self._began - _SETTLED:
            return None
        return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns

    def _unchanged(self, state: _State) -> _State | None:
        """The state with its stamp as it is now; None when the document has changed."""
        stamp = self._stamp(state.uri)
        if state.digest is not None and stamp is not None and stamp == state.stamp:
            return state
        path = Path(local_path(state.uri))
        if path.exists() and not path.is_file():  # reading a pipe might take for ever
            return None
        try:
            digest = sha256(path.read_bytes()).digest()
        except (FileNotFoundError, NotADirectoryError):
            digest = None
        return _State(state.uri, digest, stamp) if digest == state.digest else None

    # --- on disk ---

    def _path(self) -> Path:
        return cache_directory("check") / self._name

    def _write(self, kept: _Kept) -> None:
        path = self._path()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_file(path, msgspec.msgpack.encode(kept))


def _program() -> str:
    """What found it: our version, and the state of our own files, so that an edited program finds anew."""
    stamps = [
        (entry.name, entry.stat().st_mtime_ns, entry.stat().st_size)
        for room in _ANALYSIS
        for entry in sorted(os.scandir(_PACKAGE / room), key=lambda entry: entry.name)
        if entry.name.endswith(".py")
    ]
    return f"{pysprocket.__version__} {sys.implementation.cache_tag} {stamps}"


def _plain(finding: Diagnostic) -> _Finding:
    places = [_Place(label.source.uri, label.start, label.end, label.text) for label in finding.labels]
    return _Finding(finding.severity, finding.code, finding.message, places, finding.help, finding.lenient)


def _restored(findings: Iterable[_Finding]) -> list[Diagnostic]:
    sources: dict[str, Source] = {}

    def label(place: _Place) -> Label:
        if place.uri not in sources:
            text = Path(local_path(place.uri)).read_bytes().decode()
            sources[place.uri] = Source(place.uri, text, display_name(place.uri))
        return Label(sources[place.uri], place.start, place.end, place.text)

    return [
        Diagnostic(each.severity, each.code, each.message, tuple(map(label, each.places)), each.help, each.lenient)
        for each in findings
    ]


def _remove_oldest(directory: Path) -> None:
    """Keep only what was used last."""
    files = [(entry.stat().st_mtime_ns, entry.path) for entry in os.scandir(directory)]
    for _, path in sorted(files)[:-_MOST_FILES]:
        os.unlink(path)  # noqa: PTH108
