"""HTTP with a daemon that answers in all the ways there are, and with one that breaks off."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pysprocket.backends.docker.address import Address, find_daemon
from pysprocket.backends.docker.api import ApiError, DockerApi
from pysprocket.backends.docker.backend import DockerBackend
from pysprocket.backends.docker.http import Http
from pysprocket.errors import BackendError

from .test_address import make_certificates

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"Id": "abc"}'


class Daemon:
    """Answers each request with the next of its `answers`; an empty one hangs up."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while answer := await self._answer(reader):
                for piece in answer.split(b"<pause>"):
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.01)
                if b"Connection: close" in answer or b"HTTP/1.0" in answer or answer.endswith(b"<cut>"):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split()[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
        self.requests.append(head + await reader.readexactly(length))
        return self.answers.pop(0) if self.answers else b""


@asynccontextmanager
async def daemon(tmp_path: Path, *answers: bytes) -> AsyncIterator[tuple[Daemon, Http]]:
    served = Daemon(*answers)
    path = str(tmp_path / "d.sock")
    async with await asyncio.start_unix_server(served.serve, path):
        http = Http(Address(f"unix://{path}", socket=path))
        yield served, http
        await http.close()


async def test_a_connection_is_used_again(tmp_path):
    async with daemon(tmp_path, OK, b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not\r\n\r\n", OK) as (
        served,
        http,
    ):
        assert await http.ask("POST", "/create?name=x", {"Image": "i"}) == (200, b'{"Id": "abc"}')
        assert await http.ask("POST", "/start") == (204, b"")
        assert await http.ask("POST", "/start") == (304, b"")
        assert (await http.ask("GET", "/json"))[0] == 200
    assert served.connections == 1
    assert served.requests[0].startswith(b"POST /create?name=x HTTP/1.1\r\n")
    assert served.requests[0].endswith(b'\r\n\r\n{"Image":"i"}')


async def test_requests_at_the_same_time_have_connections_of_their_own(tmp_path):
    async with daemon(tmp_path, OK, OK, OK, OK) as (served, http):
        await asyncio.gather(*(http.ask("GET", "/") for _ in range(3)))
        await http.ask("GET", "/")
    assert served.connections == 3


async def test_a_body_in_chunks_is_put_together(tmp_path):
    chunks = b"5;x=y\r\nhello\r\n<pause>7\r\n, world\r\n0\r\nTrailer: x\r\n\r\n"
    async with daemon(tmp_path, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, OK) as (
        served,
        http,
    ):
        assert await http.ask("GET", "/") == (200, b"hello, world")
        assert (await http.ask("GET", "/"))[0] == 200
    assert served.connections == 1


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"])
async def test_a_body_may_end_with_the_connection(tmp_path, head):
    async with daemon(tmp_path, head + b"all of<pause> it", OK) as (served, http):
        assert await http.ask("GET", "/") == (200, b"all of it")
        assert (await http.ask("GET", "/"))[0] == 200
    assert served.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf<cut>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel<cut>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<cut>",
        b"HTTP/1.1 200<cut>",
        b"SSH-2.0 hello\r\n\r\n",
        b"HTTP/1.1 many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"x" * 100_000,
    ],
)
async def test_what_breaks_off_or_is_no_http_is_an_error_and_its_connection_is_not_used_again(tmp_path, answer):
    async with daemon(tmp_path, answer, OK) as (served, http):
        with pytest.raises(OSError):  # noqa: PT011 - all kinds of it
            await http.ask("GET", "/")
        assert (await http.ask("GET", "/"))[0] == 200
    assert served.connections == 2


async def test_a_connection_that_the_daemon_has_closed_meanwhile_is_made_anew(tmp_path):
    async with daemon(tmp_path, OK + b"<cut>", OK) as (served, http):
        await http.ask("GET", "/")
        (reader, _), = http._idle  # fmt: skip
        while not reader.at_eof():
            await reader.read(16)
        assert (await http.ask("GET", "/"))[0] == 200
    assert served.connections == 2


async def test_an_answer_may_take_too_long(tmp_path):
    async with daemon(tmp_path, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n") as (_, http):
        with pytest.raises(TimeoutError):
            await http.ask("GET", "/", seconds=0.05)


async def test_a_request_that_is_cancelled_leaves_no_connection_behind(tmp_path):
    async with daemon(tmp_path, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", OK) as (served, http):
        asking = asyncio.create_task(http.ask("GET", "/"))
        while not served.requests:
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        assert (await http.ask("GET", "/"))[0] == 200
    assert served.connections == 2


def api(http: Http) -> DockerApi:
    made = DockerApi(http.address)
    made._http = http
    return made


def chunked(*pieces: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n<pause>" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"


async def test_the_progress_of_a_pull_is_read_to_its_end(tmp_path):
    progress = chunked(b'{"status": "Pul', b'ling"}\r\n{"status": "Done"}\r\n')
    async with daemon(tmp_path, progress) as (served, http):
        await api(http).pull("registry:5000/lab/tool:1", {"username": "me"})
    assert b"POST /images/create?fromImage=registry%3A5000%2Flab%2Ftool%3A1 HTTP/1.1" in served.requests[0]
    assert b"X-Registry-Auth: eyJ1c2VybmFtZSI6Im1lIn0=\r\n" in served.requests[0]


@pytest.mark.parametrize(
    ("words", "transient"),
    [
        ("received unexpected HTTP status: 503 Service Unavailable", True),
        ("Get https://quay.io/v2/: net/http: TLS handshake timeout", True),
        ("dial tcp 127.0.0.1:5000: connect: connection refused", True),
        ("toomanyrequests: You have reached your pull rate limit.", True),
        ("dial tcp: lookup quay.io on 10.0.0.1:53: server misbehaving", True),
        ("manifest for lab/tool:9 not found: manifest unknown", False),
        ("pull access denied for lab/tool, repository does not exist", False),
        ("unauthorized: authentication required", False),
        ("dial tcp: lookup quai.io: no such host", True),
        ("x509: certificate signed by unknown authority", False),
    ],
)
async def test_whether_a_pull_may_do_better_later(tmp_path, words, transient, monkeypatch):
    monkeypatch.setattr("pysprocket.backends.docker.api._PAUSES", (0.0, 0.0))
    answer = chunked(b'{"errorDetail": {"message": "x"}, "error": "%s"}\r\n' % words.encode())
    async with daemon(tmp_path, *[answer] * 3) as (served, http):
        with pytest.raises(ApiError) as caught:
            await api(http).pull("lab/tool:1", None)
    assert (str(caught.value), caught.value.transient) == (words, transient)
    assert len(served.requests) == (3 if transient else 1)


Request = Callable[[DockerApi], Awaitable[object]]


@pytest.mark.parametrize(
    ("request_", "status", "forgiven"),
    [
        (lambda api: api.kill("c"), 409, True),
        (lambda api: api.remove("c"), 404, True),
        (lambda api: api.remove("c"), 403, False),
        (lambda api: api.image("i"), 404, True),
        (lambda api: api.inspect("c"), 404, False),
        (lambda api: api.wait("c"), 404, False),
    ],
)
async def test_what_is_forgiven(tmp_path, request_: Request, status: int, *, forgiven: bool):
    answer = b'HTTP/1.1 %d No\r\nContent-Length: 20\r\n\r\n{"message": "words"}' % status
    async with daemon(tmp_path, answer) as (_, http):
        if forgiven:
            await request_(api(http))
        else:
            with pytest.raises(ApiError, match=r"^words$") as caught:
                await request_(api(http))
            assert (caught.value.status, caught.value.transient) == (status, False)


async def test_a_passing_failure_is_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr("pysprocket.backends.docker.api._PAUSES", (0.0, 0.0))
    failure = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops"
    async with daemon(tmp_path, failure, b"", OK, failure, failure, failure) as (_, http):
        assert await api(http).create("n", {}) == "abc"
        with pytest.raises(ApiError, match=r"^oops$") as caught:
            await api(http).start("c")
    assert caught.value.transient


async def test_a_daemon_that_is_away_is_waited_for(tmp_path):
    path = str(tmp_path / "d.sock")
    made = DockerApi(Address(f"unix://{path}", socket=path))
    asking = asyncio.create_task(made.create("n", {}))
    await asyncio.sleep(0.1)
    assert not asking.done()
    async with await asyncio.start_unix_server(Daemon(OK).serve, path):
        assert await asyncio.wait_for(asking, 10) == "abc"
        await made.close()


async def test_it_is_given_up_in_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("pysprocket.backends.docker.api._PAUSES", (0.01, 0.01))
    monkeypatch.setattr("pysprocket.backends.docker.api.SILENCE", 0.05)
    made = DockerApi(Address("unix:///none", socket=f"{tmp_path}/none"))
    with pytest.raises(ApiError, match="No such file") as caught:
        await made.create("n", {})
    assert (caught.value.status, caught.value.transient) == (0, True)


async def test_over_the_network_both_sides_show_their_certificates(tmp_path, monkeypatch):
    make_certificates(tmp_path / "tls")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "tls/ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tmp_path / "tls/cert.pem", tmp_path / "tls/key.pem")
    served = Daemon(OK, OK)
    async with await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("DOCKER_HOST", f"tcp://localhost:{port}")
        monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
        monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path / "tls"))
        http = Http(find_daemon())
        assert (await http.ask("GET", "/"))[0] == 200
        assert (await http.ask("GET", "/"))[0] == 200
        await http.close()
        monkeypatch.setenv("DOCKER_CERT_PATH", str(tmp_path / "nothing"))
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            await Http(find_daemon()).ask("GET", "/")
    assert served.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage\r\n\r\n",
        b"x" * 70_000,
        b"HTTP/1.1 ok OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        *(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            for body in (b"[]", b"{}", b"null", b"<html>", b'"\xff"', b'{"NCPU": "two", "MemTotal": 1}')
        ),
    ],
)
async def test_what_is_no_docker_daemon_is_told_without_our_inner_words(tmp_path, monkeypatch, answer):
    async with daemon(tmp_path, answer) as (_, http):
        monkeypatch.setenv("DOCKER_HOST", http.address.text)
        with pytest.raises(BackendError) as caught:
            async with DockerBackend():
                pass
    assert str(caught.value) == f"no Docker daemon answers at {http.address.text}: what answers is no Docker daemon"
