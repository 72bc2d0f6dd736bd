"""HTTP as a Docker daemon speaks it, over connections that are kept open.

In: an `Address` and requests. Out: `Answer`, or lines as they come. Nothing here knows what is asked for.

Why not a library: those that do this asynchronously take a tenth of a second to be imported, which is a third of what
a run of one task costs beside its container. This is what is needed of HTTP/1.1 and no more: one request after the
other on a connection, bodies of known length, in chunks, or up to the end of the connection.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import msgspec

from pysprocket.backends.docker.address import Address

_TO_CONNECT = 10.0
"""Seconds that making a connection may take."""
NO_DAEMON = "what answers is no Docker daemon"
"""What is said of an answer that is not one of HTTP, or not what was asked for."""
_WITHOUT_BODY = (204, 304)
_PIECE = 1 << 16

_Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Answer(msgspec.Struct):
    """The beginning of an answer.

    Attributes:
        status: of HTTP.
        length: bytes of the body; None when it comes in chunks or ends with the connection.
        chunked: whether it comes in chunks.
        lasting: whether the connection can be used again.
    """

    status: int
    length: int | None = None
    chunked: bool = False
    lasting: bool = True


class Http:
    """Connections to one daemon: as many as there are requests at a time, kept for the next ones."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._idle: list[_Connection] = []

    async def close(self) -> None:
        """Close the connections that are not in use."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def ask(
        self, method: str, path: str, body: object = None, *, seconds: float | None = None
    ) -> tuple[int, bytes]:
        """Status and body of the answer to a request; `body` is sent as JSON. It may take `seconds`, or for ever.

        Raises:
            OSError: there is no connection, or no (whole) answer.
        """
        async with asyncio.timeout(seconds), self._asked(method, path, body, "") as (answer, reader):
            return answer.status, b"".join([piece async for piece in _body(answer, reader)])

    @asynccontextmanager
    async def listen(
        self, method: str, path: str, headers: str = ""
    ) -> AsyncIterator[tuple[int, AsyncIterator[bytes]]]:
        """Status and, as they come, the lines of the answer to a request; `headers` are whole lines.

        Raises:
            OSError: there is no connection, or no whole answer.
        """
        async with self._asked(method, path, None, headers) as (answer, reader):
            yield answer.status, _lines(_body(answer, reader))
            answer.lasting = False  # who listens may stop before the end

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, body: object, headers: str
    ) -> AsyncIterator[tuple[Answer, asyncio.StreamReader]]:
        """The answer to a request; its connection is kept for the next one when the body was read to its end."""
        content = b"" if body is None else msgspec.json.encode(body)
        kind = "" if body is None else "Content-Type: application/json\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.address.host}\r\n{kind}{headers}"
        reader, writer = await self._connection()
        try:
            writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
            await writer.drain()
            answer = await _answer(reader)
            yield answer, reader
        except asyncio.IncompleteReadError as error:
            writer.close()
            raise ConnectionResetError("the connection was closed before the end of the answer") from error
        except (asyncio.LimitOverrunError, ValueError, IndexError) as error:
            writer.close()
            raise ConnectionError(NO_DAEMON) from error
        except BaseException:
            writer.close()
            raise
        if answer.lasting and not writer.is_closing():
            self._idle.append((reader, writer))
        else:
            writer.close()

    async def _connection(self) -> _Connection:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        async with asyncio.timeout(_TO_CONNECT):
            address = self.address
            if address.socket is not None:
                return await asyncio.open_unix_connection(address.socket)
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=address.tls)
        _watch(writer.get_extra_info("socket"))
        return reader, writer


def _watch(connection: socket.socket) -> None:
    """Have the system notice that the other side is gone, while we wait for an answer that may take days."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _answer(reader: asyncio.StreamReader) -> Answer:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    version, status = lines[0].split(" ", 2)[:2]
    answer = Answer(int(status), lasting=version == "HTTP/1.1")
    for line in lines[1:-2]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip().lower()
        if name == "content-length":
            answer.length = int(value)
        elif name == "transfer-encoding":
            answer.chunked = value == "chunked"
        elif name == "connection" and value == "close":
            answer.lasting = False
    if answer.status in _WITHOUT_BODY:
        answer.length = 0
    elif answer.length is None and not answer.chunked:
        answer.lasting = False
    return answer


async def _body(answer: Answer, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    if answer.chunked:
        while size := int((await reader.readuntil()).partition(b";")[0], 16):
            yield (await reader.readexactly(size + 2))[:-2]
        while await reader.readuntil() != b"\r\n":  # trailers
            continue
    elif answer.length is not None:
        yield await reader.readexactly(answer.length)
    else:
        while piece := await reader.read(_PIECE):
            yield piece


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    left = b""
    async for piece in pieces:
        *whole, left = (left + piece).split(b"\n")
        for line in whole:
            yield line
    if left:
        yield left
