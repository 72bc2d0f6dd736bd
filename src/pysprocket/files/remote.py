"""Files behind `http` and `https` URLs, kept in a cache on disk.

In: a URL. Out: `Remote`, which gives the path of a local copy, whole or not at all. A copy is validated with its
server at most once in a process (ETag, Last-Modified) and used as it is when the server cannot be reached.

In the cache directory, `entries/` has what is known of a URL, named by the digest of the URL, and `content/` has the
bytes, named by their own digest; so no URL can name a file outside, two processes never see half a file, and a copy
handed out stays as it is when a newer one arrives.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import msgspec

from pysprocket.errors import DownloadError
from pysprocket.source.text import LARGEST_DOCUMENT
from pysprocket.source.uris import normalized, redacted

if TYPE_CHECKING:  # ssl is slow to import: only a download does
    from pysprocket.files.http import Answer

_CHUNK = 1 << 20
_TIMEOUT = 30.0
_TIMEOUT_WITH_COPY = 10.0
_FIRST_PAUSE = 0.2


class Entry(msgspec.Struct, frozen=True):
    """What is known of the copy of a URL.

    Attributes:
        url: for people who look into the cache; nothing secret in it.
        location: where it was found after redirects; nothing secret in it.
        sha256: of the bytes; also the name of their file.
        size: in bytes.
        fetched: when, in UTC (ISO 8601).
        etag, last_modified: as the server gave them, to ask whether it changed.
    """

    url: str
    location: str
    sha256: str
    size: int
    fetched: str
    etag: str | None = None
    last_modified: str | None = None


class Remote:
    """Reads URLs through a cache; safe to use from several threads and processes at once.

    Args:
        cache_directory: created when first needed, for the user alone.
        retries: how often a request is made again after a failure that may pass.
        parallelism: how many downloads are under way together.
        timeout: seconds without a sign of life from a server.
    """

    def __init__(
        self, cache_directory: Path, *, retries: int = 5, parallelism: int = 4, timeout: float = _TIMEOUT
    ) -> None:
        self._offline: list[Entry] = []
        self._directory = cache_directory
        self._retries = retries
        self._timeout = timeout
        self._parallelism = parallelism
        self._downloads = threading.BoundedSemaphore(parallelism)
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._known: dict[str, Entry] = {}
        self._failures: dict[str, DownloadError] = {}
        self._unreachable: set[str] = set()

    def path(self, url: str) -> Path:
        """A local copy of what the URL names; it must not be changed.

        Raises:
            DownloadError: it cannot be had.
        """
        return self._content(self._entry(url, None))

    def read(self, url: str) -> bytes:
        """The bytes that the URL names, for documents: at most `LARGEST_DOCUMENT`.

        Raises:
            DownloadError: it cannot be had, or is too large.
        """
        entry = self._entry(url, LARGEST_DOCUMENT)
        if entry.size > LARGEST_DOCUMENT:
            raise _too_large(url, LARGEST_DOCUMENT)
        return self._content(entry).read_bytes()

    def location(self, url: str) -> str:
        """Where it was found after redirects: relative references in it start there.

        Raises:
            DownloadError: it cannot be had.
        """
        entry = self._entry(url, LARGEST_DOCUMENT)
        found = urlsplit(entry.location)
        user, at, place = urlsplit(normalized(url)).netloc.rpartition("@")
        location = urlunsplit(found._replace(netloc=f"{user}{at}{place}") if found.netloc == place else found)
        self._known.setdefault(location, entry)  # without its signature it could not be asked for
        return location

    def prefetch(self, urls: Iterable[str]) -> None:
        """Fetch several documents at the same time; what goes wrong is told when one is read."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - local documents need none

        def fetch(url: str) -> None:
            with contextlib.suppress(DownloadError):  # remembered, and raised again by `read`
                self._entry(url, LARGEST_DOCUMENT)

        wanted = [url for url in urls if normalized(url) not in self._known]
        if len(wanted) > 1:
            with ThreadPoolExecutor(min(len(wanted), self._parallelism)) as pool:
                list(pool.map(fetch, wanted))

    def take_remarks(self) -> list[str]:
        """What the user should know since this was last asked: copies that were used without asking their server."""
        used, self._offline = self._offline, []
        by_host: dict[str, list[Entry]] = {}
        for entry in used:
            by_host.setdefault(urlsplit(entry.url).netloc, []).append(entry)
        return [_remark(host, entries) for host, entries in by_host.items()]

    # --- one URL ---

    def _entry(self, url: str, limit: int | None) -> Entry:
        """What there is of a URL, validated once in this process; a failure is remembered too."""
        key = normalized(url)
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key in self._failures:
                raise self._failures[key]
            if key not in self._known:
                try:
                    self._known[key] = self._validated(key, limit)
                except DownloadError as failure:
                    self._failures[key] = failure
                    raise
                except OSError as failure:
                    raise self._unusable(failure) from failure
            return self._known[key]

    def _validated(self, url: str, limit: int | None) -> Entry:
        old = self._intact(url)
        host = urlsplit(url).netloc
        if old is not None and host in self._unreachable:
            self._offline.append(old)
            return old
        try:
            with self._downloads:
                return self._asked(url, old, limit)
        except DownloadError as failure:
            if old is None or not failure.transient:
                raise
            if failure.status is None:
                self._unreachable.add(host)
            self._offline.append(old)
            return old

    def _asked(self, url: str, old: Entry | None, limit: int | None) -> Entry:
        """Ask the server, again after a pause when that may help; with a copy at hand there is no need to insist."""
        pause = _FIRST_PAUSE
        for left in range(0 if old else self._retries, -1, -1):
            try:
                return self._request(url, old, limit)
            except DownloadError as failure:
                if not failure.transient or not left:
                    raise
                time.sleep(failure.wait or pause * random.uniform(0.75, 1.25))  # noqa: S311 - spreads the requests
                pause *= 2
        raise AssertionError

    def _request(self, url: str, old: Entry | None, limit: int | None) -> Entry:
        from pysprocket.files.http import NOT_MODIFIED, open_url  # noqa: PLC0415 - imports ssl

        conditions = {}
        if old is not None and old.etag:
            conditions["If-None-Match"] = old.etag
        elif old is not None and old.last_modified:
            conditions["If-Modified-Since"] = old.last_modified
        timeout = min(self._timeout, _TIMEOUT_WITH_COPY) if old else self._timeout
        with open_url(url, conditions, timeout) as answer:
            if answer.status == NOT_MODIFIED and old is not None:
                return old
            return self._store(url, answer, limit)

    # --- on disk ---

    def _name(self, url: str) -> Path:
        return self._directory / "entries" / hashlib.sha256(url.encode()).hexdigest()

    def _content(self, entry: Entry) -> Path:
        return self._directory / "content" / entry.sha256

    def _intact(self, url: str) -> Entry | None:
        """The entry of a URL whose bytes are there and are those that were stored."""
        try:
            entry = msgspec.json.decode(self._name(url).read_bytes(), type=Entry)
            with self._content(entry).open("rb") as file:
                return entry if hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256 else None
        except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _store(self, url: str, answer: Answer, limit: int | None) -> Entry:
        for folder in (self._directory, self._directory / "content", self._directory / "entries"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with _aside(self._directory / "content") as file:
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                digest.update(chunk)
                if limit is not None and file.tell() > limit:
                    raise _too_large(url, limit)
            size = file.tell()
        entry = Entry(
            redacted(url),
            redacted(normalized(answer.url)),
            digest.hexdigest(),
            size,
            datetime.now(UTC).isoformat(timespec="seconds"),
            answer.headers.get("ETag"),
            answer.headers.get("Last-Modified"),
        )
        os.replace(file.name, self._content(entry))  # noqa: PTH105
        with _aside(self._directory / "entries") as file:
            file.write(msgspec.json.encode(entry))
        os.replace(file.name, self._name(url))  # noqa: PTH105
        return entry

    def _unusable(self, failure: OSError) -> DownloadError:
        what = f"the cache of downloads `{self._directory}` cannot be used: {failure.strerror or failure}"
        return DownloadError(what, help="name another directory in the setting `run.http.cache_dir`")


def _remark(host: str, copies: list[Entry]) -> str:
    """Which copies of files of a host were used."""
    oldest = min(copy.fetched for copy in copies)[:16].replace("T", " ")
    if len(copies) == 1:
        return f"offline: used the copy of {oldest} UTC of `{copies[0].url}`"
    return f"offline: used the copies of {len(copies)} files of {host}, the oldest of {oldest} UTC"


def _too_large(url: str, limit: int) -> DownloadError:
    what = f"cannot read `{redacted(url)}`: it has more than {limit:,} bytes, which no document has"
    return DownloadError(what, help="is it really a document?")


@contextlib.contextmanager
def _aside(folder: Path) -> Iterator[IO[bytes]]:
    """A new file that will get its name when it is whole and on disk; it is gone when writing it fails."""
    with NamedTemporaryFile(dir=folder, prefix="part-", delete=False) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            os.unlink(file.name)  # noqa: PTH108
            raise
