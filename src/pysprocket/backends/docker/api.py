"""The part of the Docker Engine API that the Docker backend uses, with patience.

In: requests. Out: what the daemon says as JSON data; `ApiError` with its words when it refuses. Requests that fail
for a passing reason are asked again: a few times after a server error, and for half a minute while nobody answers,
since a daemon that is restarted comes back. No version of the API is named, so the daemon speaks the newest it knows.
Source: Docker Engine API reference.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from pysprocket.backends.docker.address import Address, find_daemon
from pysprocket.backends.docker.http import NO_DAEMON, Http

_Answer = TypeVar("_Answer")

SILENCE = 30.0
"""Seconds without an answer of the daemon after which we give up."""
_TO_ANSWER = 300.0
"""Seconds that the answer to a request may take that the daemon answers at once; a busy one takes many."""
_PAUSES = (0.05, 0.2, 0.8, 2.0)
"""Seconds before asking again."""
_NO_ANSWER = 0
_TOO_MANY = 429
_FINAL = ("could not select device driver", "OCI runtime create failed")
"""Words of server errors that stay the same however often one asks."""
_IMAGE_FINAL = (
    "not found",
    "manifest unknown",
    "no matching manifest",
    "denied",
    "unauthorized",
    "no basic auth credentials",
    "x509:",
    "HTTP response to HTTPS client",
    "invalid",
    "unsupported",
    "no space left",
)
"""Words of pulls that fail however often one asks. Everything else (time-outs, a registry that is away or that fails
itself, too many requests) may pass; so may "no such host", which is all that a computer without a network says."""


class ApiError(Exception):
    """The daemon refuses a request: HTTP `status` (0 when there is none) and its own words.

    Attributes:
        transient: asking again later may succeed.
    """

    def __init__(self, status: int, message: str, *, transient: bool | None = None) -> None:
        super().__init__(message)
        self.status = status
        passing = (status == _NO_ANSWER or status >= 500) and not any(words in message for words in _FINAL)
        self.transient = passing if transient is None else transient


class Info(msgspec.Struct, frozen=True):
    """What a daemon says of itself; without processors and memory it is none.

    Attributes:
        cpu: the number of its processors.
        memory: in bytes.
        host: the name of its machine.
        version: of the Docker Engine.
        security: what containers are confined by, such as "name=selinux".
    """

    cpu: float = msgspec.field(name="NCPU")
    memory: int = msgspec.field(name="MemTotal")
    host: str = msgspec.field(name="Name", default="")
    version: str = msgspec.field(name="ServerVersion", default="")
    security: list[str] | None = msgspec.field(name="SecurityOptions", default=None)


class DockerApi:
    """Requests to the Docker Engine that `DOCKER_HOST` or the current Docker context names."""

    def __init__(self, address: Address) -> None:
        self._http = Http(address)
        self.address = address.text

    @classmethod
    def connect(cls) -> Self:
        """Whom to ask; whether somebody answers is seen with the first request.

        Raises:
            BackendError: what is configured is no address that can be used.
        """
        return cls(find_daemon())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def info(self) -> Info:
        """What the daemon says of itself; asked once only, so that a missing daemon is reported at once."""
        return _decode(await self._ask("GET", "/info"), Info)

    async def image(self, name: str) -> dict[str, Any] | None:
        """An image the daemon has; None when it has none of that name or id."""
        try:
            return _decoded(await self._patiently("GET", f"/images/{quote(name)}/json"))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def pull(self, name: str, credentials: dict[str, str] | None) -> None:
        """Have the daemon pull an image; `name` has a tag or a digest."""
        headers = ""
        if credentials is not None:
            headers = f"X-Registry-Auth: {base64.urlsafe_b64encode(msgspec.json.encode(credentials)).decode()}\r\n"
        path = f"/images/create?{urlencode({'fromImage': name})}"
        await _again(lambda: self._pull(path, headers))

    async def _pull(self, path: str, headers: str) -> None:
        try:
            async with self._http.listen("POST", path, headers) as (status, lines):
                if status >= 400:
                    raise _pull_error(status, _message(b"".join([line async for line in lines])))
                await _heed_errors(lines)
        except OSError as error:
            raise _no_answer(error) from error

    async def create(self, name: str, config: dict[str, Any]) -> str:
        """Create a container and give its id."""
        query = f"?{urlencode({'name': name})}" if name else ""
        return str(_decoded(await self._patiently("POST", f"/containers/create{query}", config))["Id"])

    async def start(self, container: str) -> None:
        """Start a container; one that runs already is no error."""
        await self._patiently("POST", f"/containers/{container}/start")

    async def wait(self, container: str) -> int:
        """The exit code of the container, when it has ended."""
        return int(_decoded(await self._ask("POST", f"/containers/{container}/wait", seconds=None))["StatusCode"])

    async def inspect(self, container: str) -> dict[str, Any]:
        """What the daemon knows of a container, by its id or name."""
        return _decoded(await self._patiently("GET", f"/containers/{container}/json"))

    async def labelled(self, label: str) -> dict[str, dict[str, str]]:
        """The labels, by id, of all containers that have a label (`name` or `name=value`); running or not."""
        filters = msgspec.json.encode({"label": [label]}).decode()
        answer = await self._patiently("GET", f"/containers/json?{urlencode({'all': 1, 'filters': filters})}")
        return {container["Id"]: container["Labels"] for container in msgspec.json.decode(answer)}

    async def unstarted(self, label: str) -> list[str]:
        """The ids of all containers with a label (`name=value`) that were never started; asked once only."""
        filters = msgspec.json.encode({"label": [label], "status": ["created"]}).decode()
        answer = await self._ask(
            "GET", f"/containers/json?{urlencode({'all': 1, 'filters': filters})}", seconds=SILENCE
        )
        return [container["Id"] for container in msgspec.json.decode(answer)]

    async def kill(self, container: str) -> None:
        """SIGKILL to all processes of a container; one that has ended or gone is no error."""
        await self._forgiving("POST", f"/containers/{container}/kill")

    async def remove(self, container: str, *, force: bool = True) -> None:
        """Remove a container with its anonymous volumes, with `force` also while it runs; none is no error."""
        await self._forgiving("DELETE", f"/containers/{container}?force={int(force)}&v=1")

    async def _forgiving(self, method: str, path: str) -> None:
        try:
            await self._patiently(method, path)
        except ApiError as error:
            if error.status not in {404, 409}:
                raise

    async def _patiently(self, method: str, path: str, body: object = None) -> bytes:
        return await _again(lambda: self._ask(method, path, body))

    async def _ask(self, method: str, path: str, body: object = None, *, seconds: float | None = _TO_ANSWER) -> bytes:
        try:
            status, answer = await self._http.ask(method, path, body, seconds=seconds)
        except OSError as error:
            raise _no_answer(error) from error
        if status >= 400:
            raise ApiError(status, _message(answer))
        return answer


async def _again(request: Callable[[], Awaitable[_Answer]]) -> _Answer:
    begun, tries = time.monotonic(), 0
    while True:
        try:
            return await request()
        except ApiError as error:
            away = error.status == _NO_ANSWER and time.monotonic() - begun < SILENCE
            if not error.transient or (tries >= len(_PAUSES) and not away):
                raise
        await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
        tries += 1


async def _heed_errors(progress: AsyncIterator[bytes]) -> None:
    """Read what the daemon tells of a pull to its end."""
    async for line in progress:
        if line.strip() and (words := msgspec.json.decode(line).get("error")):
            raise _pull_error(500, str(words))


def _pull_error(status: int, words: str) -> ApiError:
    passing = (status >= 500 or status == _TOO_MANY) and not any(final in words for final in _IMAGE_FINAL)
    return ApiError(status, words, transient=passing)


def _no_answer(error: OSError) -> ApiError:
    return ApiError(_NO_ANSWER, error.strerror or str(error) or "it does not answer in time")


def _decoded(answer: bytes) -> dict[str, Any]:
    return _decode(answer, dict[str, Any])


def _decode(answer: bytes, kind: type[_Answer]) -> _Answer:
    try:
        return msgspec.json.decode(answer, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(_NO_ANSWER, NO_DAEMON) from error


def _message(answer: bytes) -> str:
    """The daemon's own words; the text itself where something between us and it answers."""
    try:
        return str(msgspec.json.decode(answer)["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return answer[:200].decode(errors="replace").strip() or "it gives no reason"
