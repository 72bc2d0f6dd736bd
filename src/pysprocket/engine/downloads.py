"""Files behind URLs, brought to where jobs can read them.

In: URLs that a run meets. Out: local paths, `<run>/downloads/<n>/<name>`: files of one URL directory are beside each
other, as index files need it, under the last part of the URL without escapes and query. Each URL is fetched once per
run, in a thread of its own, so that the engine goes on meanwhile.

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
from pysprocket.errors import EvaluationError, SprocketError
from pysprocket.plan.paths import base_name
from pysprocket.source.uris import is_remote, lies_elsewhere, redacted
from pysprocket.values.model import Value, map_paths

if TYPE_CHECKING:  # a workflow without tasks does without asyncio
    import asyncio

_PARALLEL = 16


def remote_paths(values: Iterable[Value]) -> Iterator[str]:
    """The URLs among the Files inside values, each once."""
    found: dict[str, None] = {}

    def note(path: str) -> str:
        if lies_elsewhere(path):
            found[path] = None
        return path

    for value in values:
        map_paths(value, note)
    return iter(found)


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
    """

    def __init__(
        self, fetch: Callable[[str], Path] | None, directory: Path, keys: Mapping[str, str] | None = None
    ) -> None:
        self._fetch = fetch
        self._directory = directory
        self.keys = keys or {}
        self._lock = threading.Lock()
        self._folders: dict[str, list[Path]] = {}
        self._count = 0
        self._ended: dict[str, Path | tuple[str, str | None]] = {}  # URL -> where it is, or why not and a remedy
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._slots: asyncio.Semaphore | None = None

    def path(self, url: str) -> Path:
        """Where a URL's file is.

        Raises:
            FetchNeeded: it has not been fetched yet.
            EvaluationError: it cannot be.
        """
        ended = self._ended.get(url)
        if isinstance(ended, Path):
            return ended
        if ended is not None:
            message, remedy = ended
            raise EvaluationError(message, help=remedy)
        if not is_remote(url) or self._fetch is None:
            scheme = url.partition(":")[0]
            raise EvaluationError(
                f"`{redacted(url)}`: {scheme} URLs cannot be read yet", help="download the file and give the local path"
            )
        raise FetchNeeded(url)

    def fetch_now(self, url: str) -> None:
        """Fetch a file and wait; what goes wrong is raised by `path`."""
        if url in self._ended:
            return
        assert self._fetch is not None, "`path` asked for it"
        try:
            self._ended[url] = self._placed(url, self._fetch(url))
        except SprocketError as error:
            self._fail(url, str(error), error.help)
        except OSError as error:
            self._fail(url, f"`{redacted(url)}` cannot be kept: {error.strerror}", None)

    def _fail(self, url: str, message: str, remedy: str | None) -> None:
        self._ended[url] = f"{self.keys[url]}: {message}" if url in self.keys else message, remedy

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

            threading.Thread(target=work, name="download", daemon=True).start()
            await ended.wait()
        self._under_way.pop(url, None)

    def _placed(self, url: str, copy: Path) -> Path:
        """The copy under its name, in the folder of its URL directory; a name that is taken gets another folder."""
        name = base_name(url)
        parent = url.partition("?")[0].rpartition("/")[0]
        with self._lock:
            folders = self._folders.setdefault(parent, [])
            folder = next((each for each in folders if not (each / name).exists()), None)
            if folder is None:
                self._count += 1
                folder = self._directory / str(self._count)
                make_directory(folder)
                folders.append(folder)
            link_or_copy(copy, folder / name)
            (folder / name).chmod(0o644)  # the cache is for this user alone, but a job may run as another
        return folder / name


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
