"""Whether a TES server answers."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from base64 import b64encode
from pathlib import Path

import pytest

from pysprocket.backends.answers import Answer
from pysprocket.backends.tes.probe import probe
from pysprocket.config.backend_settings import BasicAuth, BearerAuth, OAuth, Tes
from pysprocket.config.secrets import Secret
from pysprocket.config.settings import Run
from pysprocket.errors import BackendError
from tests.web import Server

INFO = {
    "id": "org.ga4gh.funnel",
    "name": "Funnel",
    "version": "0.12",
    "type": {"group": "org.ga4gh", "artifact": "tes", "version": "1.1.0"},
}
PAGE = json.dumps(INFO).encode()
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return f"{tmp_path.as_uri()}/"


def settings(url: str, storage: str, auth: BasicAuth | BearerAuth | OAuth | None = None) -> Tes:
    return Tes(url=url, inputs=storage, outputs=storage, insecure=True, auth=auth)


async def ask(tes: Tes, seconds: float = 5) -> Answer:
    return await probe(tes, Run(), seconds)


def told(answer: Answer) -> list[str]:
    return [f"{finding.severity.value}: {finding.message}" for finding in answer.findings]


@pytest.mark.parametrize("given", ["/ga4gh/tes/v1", "/v1", "", "/ga4gh/tes/v1/", "/proxied/tes"])
async def test_the_server_is_asked_where_the_url_says(server: Server, storage: str, given: str):
    server.pages[given.rstrip("/") + "/service-info"] = PAGE
    answer = await ask(settings(server.url + given, storage))
    assert answer.says == "Funnel 0.12, TES 1.1.0"
    assert told(answer) == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("base", ["/ga4gh/tes/v1", "/v1"])
async def test_an_api_below_the_url_is_found_and_told(server: Server, storage: str, base: str):
    server.pages[base + "/service-info"] = PAGE
    answer = await ask(settings(server.url, storage))
    assert answer.says == "Funnel 0.12, TES 1.1.0"
    assert told(answer) == [f"note: its API begins at `{server.url}{base}`"]


@pytest.mark.parametrize(
    ("info", "says"),
    [
        ({"id": "x.y", "type": {"artifact": "TES", "version": "1.0.0"}}, "x.y, TES 1.0.0"),
        ({"name": "Funnel", "version": "unknown", "type": {"artifact": "tes"}}, "Funnel"),
        ({"name": 3, "storage": []}, "a TES server"),
    ],
)
async def test_a_server_that_says_little_of_itself_is_still_one(
    server: Server, storage: str, info: dict[str, object], says: str
):
    server.pages["/v1/service-info"] = json.dumps(info).encode()
    assert (await ask(settings(server.url + "/v1", storage))).says == says


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (BasicAuth("ann", Secret(text="sesame")), "Basic " + b64encode(b"ann:sesame").decode()),
        (BearerAuth(Secret(text="t0ken")), "Bearer t0ken"),
    ],
)
async def test_the_login_of_the_settings_is_sent(
    server: Server, storage: str, auth: BasicAuth | BearerAuth, header: str
):
    server.pages["/v1/service-info"] = PAGE
    url = f"{server.url}/v1".replace("http://", "http://other:user@")
    assert (await ask(settings(url, storage, auth=auth))).is_usable
    assert server.headers["Authorization"] == header


async def test_the_login_does_not_follow_a_redirect_to_another_server(server: Server, storage: str):
    other = Server()
    try:
        other.pages["/v1/service-info"] = PAGE
        server.pages["/v1/service-info"] = (302, {"Location": f"{other.url}/v1/service-info"}, b"")
        auth = BearerAuth(Secret(text="t0ken"))
        answer = await ask(settings(server.url + "/v1", storage, auth=auth))
        assert "Authorization" not in other.headers
        assert told(answer) == [f"warning: the server sends requests on to `{other.url}/v1`"]
    finally:
        other.stop()


@pytest.mark.parametrize(
    ("status", "with_login", "words"),
    [
        (401, True, "refuses these credentials"),
        (401, False, "wants to know who asks"),
        (403, True, "does not allow it"),
        (404, False, "there is no TES server at"),
        (500, False, "answers with an error: 500"),
        (503, False, "answers with an error: 503"),
    ],
)
async def test_each_refusal_has_its_words(server: Server, storage: str, status: int, with_login: bool, words: str):
    server.pages["/v1/service-info"] = (status, {}, b'{"error": "no"}')
    auth = BearerAuth(Secret(text="t0ken")) if with_login else None
    with pytest.raises(BackendError, match=words) as error:
        await ask(settings(server.url + "/v1", storage, auth=auth))
    assert error.value.help
    assert "t0ken" not in str(error.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><title>Log in</title>", "no TES server: it sends a web page"),
        (b'{"hello": 1}', "no TES server: it sends JSON of another kind"),
        (b'{"name": 3, "type": "x", "storage": 7}', "no TES server: it sends JSON of another kind"),
        (b'{"id": null, "storage": "s3"}', "no TES server: it sends JSON of another kind"),
        (b"[]", "no TES server: it sends something of type application/json"),
        (b'{"id": "d", "type": {"artifact": "drs"}}', "no TES server: it sends a service of the kind `drs`"),
        (b"", "no TES server: it sends something of type application/json"),
    ],
)
async def test_what_is_no_tes_server_is_told_apart(server: Server, storage: str, body: bytes, words: str):
    server.pages["/v1/service-info"] = (200, JSON, body)
    with pytest.raises(BackendError, match=words):
        await ask(settings(server.url + "/v1", storage))


async def test_a_server_that_is_not_there_refuses_the_connection(server: Server, storage: str):
    server.stop()
    with pytest.raises(BackendError, match=r"cannot be asked: 127\.0\.0\.1 refuses the connection"):
        await ask(settings(server.url, storage))


async def test_an_unknown_name_is_told(storage: str):
    with pytest.raises(BackendError, match=r"cannot be asked: the name nowhere\.invalid is not known"):
        await ask(settings("https://nowhere.invalid/v1", storage))


async def test_a_slow_server_is_not_waited_for(server: Server, storage: str):
    enough = threading.Event()

    def slow(_: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        enough.wait(60)
        return 200, {}, PAGE

    server.pages["/v1/service-info"] = slow
    with pytest.raises(BackendError, match="does not answer in time"):
        await ask(settings(server.url + "/v1", storage), 0.5)
    enough.set()


async def test_plain_http_where_https_is_asked_is_told(server: Server, storage: str):
    with pytest.raises(BackendError, match=r"cannot be asked: no secure connection to 127\.0\.0\.1"):
        await ask(settings(server.url.replace("http:", "https:"), storage))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no `openssl` to make a certificate with")
async def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path, storage: str):
    make = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj /CN=localhost"
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    server = Server(tls=context)
    try:
        with pytest.raises(BackendError, match=r"the certificate of localhost is not trusted: self.signed") as error:
            await ask(settings(server.url.replace("127.0.0.1", "localhost"), storage))
        assert "SSL_CERT_FILE" in str(error.value.help)
    finally:
        server.stop()


async def test_a_password_in_the_url_is_not_told(server: Server, storage: str):
    server.stop()
    with pytest.raises(BackendError) as error:
        await ask(settings(server.url.replace("http://", "http://ann:sesame@"), storage))
    assert "sesame" not in str(error.value) + str(error.value.help)


async def test_a_login_by_oauth_is_not_tried(server: Server, storage: str):
    server.pages["/v1/service-info"] = (401, {}, b"")
    auth = OAuth(client_id="c", authorization="https://a.test", token="https://a.test/token")
    answer = await ask(settings(server.url + "/v1", storage, auth=auth))
    assert answer.says == "a server that wants a login by OAuth, which is not tried here"
    assert answer.is_usable


async def test_directories_and_web_servers_for_files_are_looked_at(server: Server, tmp_path: Path):
    server.pages["/v1/service-info"] = PAGE
    missing = f"{(tmp_path / 'missing').as_uri()}/"
    answer = await ask(Tes(url=server.url + "/v1", inputs=server.url + "/files/", outputs=missing))
    assert told(answer) == [
        f"warning: `inputs`: nothing can be uploaded to the web server of `{server.url}/files/`",
        f"error: `outputs`: there is no directory `{missing}`",
    ]
    assert not answer.is_usable


async def test_stores_are_looked_at_though_the_server_is_away(server: Server, tmp_path: Path):
    server.stop()
    missing = f"{(tmp_path / 'missing').as_uri()}/"
    answer = await ask(settings(server.url, missing))
    assert [line.partition(":")[0] for line in told(answer)] == ["error", "error", "error"]
    assert "refuses the connection" in told(answer)[0]
    assert not answer.is_usable
