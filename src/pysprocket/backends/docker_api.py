"""The part of the Docker Engine API that the Docker backend uses, with patience.

In: requests. Out: what the daemon says as JSON data; `ApiError` with its words when it refuses. Requests that fail
for a passing reason (connection lost, server error) are asked again a few times. This is the only module that
imports aiodocker and aiohttp (some 180 ms), so it is imported when a connection is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

from pysprocket.backends.lightly import lightly

with lightly():
    import aiodocker
    import aiohttp
    from aiodocker.exceptions import DockerError

_Answer = TypeVar("_Answer")

_PAUSES = (0.05, 0.2, 0.8, 2.0)
"""Seconds before asking again."""
_USUAL_HOST = "unix:///var/run/docker.sock"
_FINAL = ("could not select device driver", "OCI runtime create failed")
"""Words of server errors that stay the same however often one asks."""
_CANNOT_CONNECT = 900
"""What aiodocker gives as status when there is no connection."""


class ApiError(Exception):
    """The daemon refuses a request: HTTP `status` (0 when there is none) and its own words.

    Attributes:
        transient: asking again later may succeed.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.transient = (status == 0 or status >= 500) and not any(words in message for words in _FINAL)


class DockerApi:
    """A connection to the Docker Engine that `DOCKER_HOST` or the current Docker context names."""

    def __init__(self, docker: aiodocker.Docker, address: str) -> None:
        self._docker = docker
        self.address = address

    @classmethod
    async def connect(cls) -> Self:
        """A connection; whether somebody answers is seen with the first request.

        Raises:
            ApiError: the Docker context cannot be used.
        """
        try:
            docker = aiodocker.Docker()
        except (AssertionError, ValueError):  # neither a setting nor a socket: let the error name the usual place
            docker = aiodocker.Docker(url=_USUAL_HOST)
        except DockerError as error:
            raise ApiError(error.status, error.message) from error
        if not isinstance(docker.connector, aiohttp.UnixConnector):
            return cls(docker, docker.docker_host)
        path = docker.connector.path
        await docker.close()
        # The client's own connector carries 100 requests at once, but every running container holds one for `wait`.
        wide = aiohttp.UnixConnector(path, limit=0)
        return cls(aiodocker.Docker(url="unix://localhost", connector=wide), f"unix://{path}")

    async def close(self) -> None:
        """Close the connections."""
        await self._docker.close()
        await self._docker.connector.close()

    async def info(self) -> dict[str, Any]:
        """What the daemon says of itself; asked once only, so that a missing daemon is reported at once."""
        return dict(await _translated(self._docker.system.info()))

    async def image(self, name: str) -> dict[str, Any] | None:
        """An image the daemon has; None when it has none of that name or id."""
        try:
            return await _patiently(lambda: self._docker.images.inspect(name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def pull(self, name: str, credentials: dict[str, str] | None) -> None:
        """Have the daemon pull an image; `name` has a tag or a digest."""
        await _patiently(lambda: self._docker.images.pull(name, auth=credentials))

    async def create(self, name: str, config: dict[str, Any]) -> str:
        """Create a container and give its id."""
        return (await _patiently(lambda: self._docker.containers.create(config, name=name))).id

    async def start(self, container: str) -> None:
        """Start a container; one that runs already is no error."""
        await _patiently(lambda: self._docker.containers.container(container).start())

    async def wait(self, container: str) -> None:
        """Return when the container has ended."""
        await _translated(self._docker.containers.container(container).wait())

    async def inspect(self, container: str) -> dict[str, Any]:
        """What the daemon knows of a container, by its id or name."""
        return await _patiently(lambda: self._docker.containers.container(container).show())

    async def kill(self, container: str) -> None:
        """SIGKILL to all processes of a container; one that has ended or gone is no error."""
        await _forgiving(lambda: self._docker.containers.container(container).kill(), 404, 409)

    async def remove(self, container: str) -> None:
        """Remove a container, running or not; one that has gone is no error."""
        await _forgiving(lambda: self._docker.containers.container(container).delete(force=True, v=True), 404, 409)


async def _patiently(request: Callable[[], Awaitable[_Answer]]) -> _Answer:
    for pause in _PAUSES:
        try:
            return await _translated(request())
        except ApiError as error:
            if not error.transient:
                raise
        await asyncio.sleep(pause)
    return await _translated(request())


async def _forgiving(request: Callable[[], Awaitable[None]], *statuses: int) -> None:
    try:
        await _patiently(request)
    except ApiError as error:
        if error.status not in statuses:
            raise


async def _translated(answer: Awaitable[_Answer]) -> _Answer:
    try:
        return await answer
    except DockerError as error:
        raise ApiError(0 if error.status == _CANNOT_CONNECT else error.status, error.message) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise ApiError(0, str(error) or type(error).__name__) from error
