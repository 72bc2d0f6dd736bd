"""Images for the Docker backend: names understood, found on the daemon, pulled when missing.

In: the candidates of a task, best first. Out: `Image`. One pull of an image at a time, however many jobs want it; a
job that is cancelled takes no pull away from the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pysprocket.backends.docker.api import ApiError, DockerApi
from pysprocket.backends.docker.credentials import credentials_for
from pysprocket.backends.protocols import PROTOCOLS, ImageSupport, afterthought, split
from pysprocket.errors import ImageError

SUPPORT = ImageSupport("Docker", PROTOCOLS["docker"])
_PULLS_AT_ONCE = 3
"""Different images; the daemon loads the layers of each side by side."""


class Image(msgspec.Struct, frozen=True):
    """An image that the daemon has.

    Attributes:
        name: as pulled, with its tag or digest.
        digest: of the manifest in its registry, or the daemon's id when it never was in one.
        user: the user its processes run as, empty for root.
    """

    name: str
    digest: str
    user: str

    @property
    def runs_as_root(self) -> bool:
        """Whether processes of the image are root inside."""
        return self.user.partition(":")[0] in {"", "0", "root"}


class _Search(msgspec.Struct, eq=False):
    """Looking for one image on behalf of all jobs that want it."""

    task: asyncio.Task[Image] | None = None
    pulling: bool = False
    listeners: list[Callable[[str], None]] = []


class Images:
    """The images of a daemon; what was found once is not asked again, so a moving tag is the same for a whole run."""

    def __init__(self, api: DockerApi) -> None:
        self._api = api
        self._searches: dict[str, _Search] = {}
        self._pulls = asyncio.Semaphore(_PULLS_AT_ONCE)

    async def first_of(self, candidates: Sequence[str], pulling: Callable[[str], None]) -> Image:
        """The first candidate that can be had; `pulling` is called with the name of one that has to be pulled.

        Raises:
            ImageError: none can be had; says why for each. It is transient when one of them may be had later: its
                registry is away or fails itself.
        """
        reasons, transient = [], False
        for candidate in candidates:
            try:
                return await self._get(full_name(candidate), pulling)
            except ImageError as error:
                idea = afterthought(candidate)
                reasons.append(f"`{candidate}`: {error}{f' ({idea})' if idea else ''}")
                transient = transient or error.transient
        if not candidates:
            raise ImageError("the task names no container image", help="give it a `container` requirement")
        if len(reasons) == 1:
            raise ImageError(f"the container image {reasons[0]}", transient=transient)
        words = "\n".join(f"  {reason}" for reason in reasons)
        raise ImageError(f"none of the container images can be had\n{words}", transient=transient)

    async def here(self, candidate: str) -> Image | None:
        """An image that the daemon has; None when it would have to be pulled.

        Raises:
            ImageError: the daemon cannot be asked, or cannot run images of this protocol.
        """
        name = full_name(candidate)
        try:
            found = await self._api.image(name)
        except ApiError as error:
            raise ImageError(f"the daemon cannot be asked for `{candidate}`: {error}") from error
        return None if found is None else describe(name, found)

    def forget(self, image: Image) -> None:
        """Look anew for an image that the daemon has lost meanwhile."""
        self._searches.pop(image.name, None)

    async def close(self) -> None:
        """Let go of pulls that nobody waits for any more."""
        tasks = [search.task for search in self._searches.values() if search.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _get(self, name: str, pulling: Callable[[str], None]) -> Image:
        search = self._searches.get(name)
        if search is None:
            search = self._searches[name] = _Search()
            search.task = asyncio.create_task(self._find(name, search))
            search.task.add_done_callback(_heed)
        assert search.task is not None
        if search.pulling:
            pulling(name)
        elif not search.task.done():
            search.listeners.append(pulling)
        try:
            return await asyncio.shield(search.task)
        except ImageError:
            if self._searches.get(name) is search:
                del self._searches[name]  # the next job tries again
            raise

    async def _find(self, name: str, search: _Search) -> Image:
        try:
            found = await self._api.image(name)
            if found is None:
                await self._pull(name, search)
                found = await self._api.image(name)
        except ApiError as error:
            raise ImageError(f"cannot be pulled: {error}", transient=error.transient) from error
        finally:
            search.pulling = False
            search.listeners.clear()
        if found is None:
            raise ImageError("was pulled, but the daemon does not find it")
        return describe(name, found)

    async def _pull(self, name: str, search: _Search) -> None:
        search.pulling = True
        for listener in search.listeners:
            listener(name)
        async with self._pulls:
            await self._api.pull(name, await credentials_for(name))


def full_name(candidate: str) -> str:
    """The name the daemon knows an image by, with `:latest` when it has neither tag nor digest.

    Raises:
        ImageError: the daemon does not run such an image.
    """
    flaw = SUPPORT.flaw(candidate)
    if flaw is not None:
        raise ImageError(f"{flaw}; Docker runs {SUPPORT.words}", help=flaw.remedy)
    name = split(candidate)[1]
    has_version = "@" in name or ":" in name.rpartition("/")[2]
    return name if has_version else f"{name}:latest"


def describe(name: str, found: dict[str, Any]) -> Image:
    """An image from what the daemon says of it."""
    folder, slash, last = name.partition("@")[0].rpartition("/")
    repository = folder + slash + last.partition(":")[0]
    digests = found.get("RepoDigests") or []
    own = [digest for digest in digests if digest.partition("@")[0] == repository]
    config = found.get("Config") or {}
    return Image(name, (own or digests or [found["Id"]])[0].rpartition("@")[2], config.get("User") or "")


def _heed(task: asyncio.Task[Image]) -> None:
    """Take note of a failure that no job waits for any more."""
    if not task.cancelled():
        task.exception()
