"""Files behind URLs, brought to where jobs can read them.

In: URLs that a run meets. Out: local paths, `<run>/downloads/<digest>/<name>`: files of one URL directory are beside
each other, as index files need it, under the last part of the URL without escapes and query. A process that goes on
with the run finds them at the same place. Each URL is fetched once per run, in a thread of its own, so that the engine
goes on meanwhile.

Evaluation never waits: what needs a file that is not there yet raises `FetchNeeded`, which passes everything up to
whoever can wait, fetch and evaluate again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pysprocket.engine.files import make_directory
from pysprocket.errors import DownloadError, LocalizationError, SprocketError
from pysprocket.plan.paths import base_name
from pysprocket.source.uris import is_remote, lies_elsewhere, redacted
from pysprocket.values.model import Value, paths_in

if TYPE_CHECKING:  # a workflow without tasks does without asyncio
    import asyncio

_PARALLEL = 16


def remote_paths(values: Iterable[Value]) -> Iterator[str]:
    """The URLs among the Files inside values, each once."""
    return iter(dict.fromkeys(path for value in values for path in paths_in(value) if lies_elsewhere(path)))


class FetchNeeded(BaseException):
    """An expression needs a file that has not been fetched; it is to be evaluated again when it has been."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class Downloads:
    """The downloads of one run.

    Args:
        fetch: gives a local copy of what a URL names, or raises a `SprocketError`; None where URLs cannot be read.
        directory: where the files go; made when first needed.
        keys: the name of the input that a URL was given for, such as "main.reads": messages about it begin with it.

    Attributes:
        begins: called with a URL that begins to be fetched.
        ended: called when that has ended, with what went wrong.
    """

    def __init__(
        self, fetch: Callable[[str], Path] | None, directory: Path, keys: Mapping[str, str] | None = None
    ) -> None:
        self._fetch = fetch
        self._directory = directory
        self.keys = keys or {}
        self._lock = threading.Lock()
        self._names: dict[Path, str] = {}  # where a file is -> its URL
        self._ended: dict[str, Path | LocalizationError] = {}  # URL -> where it is, or why not
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._slots: asyncio.Semaphore | None = None
        self.begins: Callable[[str], None] = lambda url: None
        self.ended: Callable[[str, str | None], None] = lambda url, error: None

    def path(self, url: str) -> Path:
        """Where a URL's file is.

        Raises:
            FetchNeeded: it has not been fetched yet.
            LocalizationError: it cannot be.
        """
        ended = self._ended.get(url)
        if isinstance(ended, Path):
            return ended
        if ended is not None:
            raise LocalizationError(str(ended), help=ended.help, url=url, transient=ended.transient)
        if not is_remote(url) or self._fetch is None:
            scheme = url.partition(":")[0]
            raise LocalizationError(
                f"`{redacted(url)}`: {scheme} URLs cannot be read yet", help="download the file and give the local path"
            )
        raise FetchNeeded(url)

    def retry(self, url: str) -> None:
        """Fetch a file again that could not be had."""
        if not isinstance(self._ended.get(url), Path):
            self._ended.pop(url, None)

    def fetch_now(self, url: str) -> None:
        """Fetch a file and wait; what goes wrong is raised by `path`."""
        if url in self._ended:
            return
        assert self._fetch is not None, "`path` asked for it"
        try:
            self._ended[url] = self._placed(url, self._fetch(url))
        except SprocketError as error:
            transient = isinstance(error, DownloadError) and error.transient
            self._fail(url, str(error), error.help, transient=transient)
        except OSError as error:
            self._fail(url, f"`{redacted(url)}` cannot be kept: {error.strerror}", None)

    def _fail(self, url: str, message: str, remedy: str | None, *, transient: bool = False) -> None:
        message = f"{self.keys[url]}: {message}" if url in self.keys else message
        self._ended[url] = LocalizationError(message, help=remedy, transient=transient)

    async def fetch(self, url: str) -> None:
        """The same without blocking; many may wait for one URL."""
        import asyncio  # noqa: PLC0415

        if url in self._ended:
            return
        task = self._under_way.get(url)
        if task is None:
            task = self._under_way[url] = asyncio.create_task(self._in_thread(url))
        await asyncio.shield(task)

    async def fetch_all(self, urls: Iterable[str]) -> None:
        """Fetch several files at the same time."""
        import asyncio  # noqa: PLC0415

        await asyncio.gather(*map(self.fetch, urls))

    async def abandon(self) -> None:
        """Wait for nothing any more; threads that still fetch end with the process."""
        import asyncio  # noqa: PLC0415

        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _in_thread(self, url: str) -> None:
        """A thread of its own: those of asyncio's pool would be waited for at the end, whatever happens."""
        import asyncio  # noqa: PLC0415

        loop = asyncio.get_running_loop()
        self._slots = self._slots or asyncio.Semaphore(_PARALLEL)
        async with self._slots:
            ended = asyncio.Event()

            def work() -> None:
                try:
                    self.fetch_now(url)
                finally:
                    if not loop.is_closed():
                        loop.call_soon_threadsafe(ended.set)

            self.begins(url)
            threading.Thread(target=work, name="download", daemon=True).start()
            await ended.wait()
            failure = self._ended.get(url)
            self.ended(url, None if isinstance(failure, Path) else str(failure))
        self._under_way.pop(url, None)

    def _placed(self, url: str, copy: Path) -> Path:
        """The copy under its name, in the folder of its URL directory; where that is taken, in one of its own."""
        name = base_name(url)
        with self._lock:
            place = self._folder(url.partition("?")[0].rpartition("/")[0]) / name
            if self._names.setdefault(place, url) != url:
                place = self._folder(url) / name
        make_directory(place.parent)
        aside = place.with_name(f".{name}.part")
        aside.unlink(missing_ok=True)  # of a process that died
        link_or_copy(copy, aside)
        aside.chmod(0o644)  # the cache is for this user alone, but a job may run as another
        aside.rename(place)
        aside.unlink(missing_ok=True)  # a rename onto another name of the same file leaves both
        return place

    def _folder(self, url: str) -> Path:
        import hashlib  # noqa: PLC0415 - few runs have remote files

        return self._directory / hashlib.blake2b(url.encode(), digest_size=6).hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under another name: a second name on one disk, a copy on another.

    Raises:
        OSError: the target cannot be made.
    """
    try:
        os.link(source.resolve(), target)
    except OSError:
        import shutil  # noqa: PLC0415 - hardly ever

        shutil.copy2(source, target)
