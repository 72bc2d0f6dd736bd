"""Where the Docker daemon is: the environment, contexts, certificates, and what cannot be understood."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from pysprocket.backends.docker.address import find_daemon
from pysprocket.backends.docker.backend import DockerBackend
from pysprocket.errors import BackendError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def make_context(home: Path, name: str, host: str, **endpoint: object) -> Path:
    """A context as `docker context create` leaves it; gives where its certificates would be."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = home / ".docker/contexts/meta" / digest
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host, **endpoint}}}))
    return home / ".docker/contexts/tls" / digest / "docker"


def make_certificates(directory: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("there is no `openssl` to make certificates with")
    directory.mkdir(parents=True)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", f"{directory}/key.pem", "-out", f"{directory}/cert.pem"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    (directory / "ca.pem").write_bytes((directory / "cert.pem").read_bytes())


def test_the_environment_comes_first(home, monkeypatch):
    make_context(home, "lab", "tcp://lab:1")
    monkeypatch.setenv("DOCKER_CONTEXT", "lab")
    assert find_daemon().text == "tcp://lab:1"
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/my.sock")
    found = find_daemon()
    assert (found.text, found.socket) == ("unix:///run/my.sock", "/run/my.sock")


def test_then_the_current_context(home, monkeypatch):
    make_context(home, "lab", "unix:///lab.sock")
    (home / ".docker/config.json").write_text('{"currentContext": "lab"}')
    assert find_daemon().socket == "/lab.sock"
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    assert find_daemon().socket == "/var/run/docker.sock"


def test_then_the_usual_sockets(home):
    assert find_daemon().socket == "/var/run/docker.sock"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("tcp://docker.lab:1234", "docker.lab", 1234),
        ("tcp://docker.lab", "docker.lab", 2375),
        ("http://10.0.0.1:80/", "10.0.0.1", 80),
        ("tcp://[::1]:2375", "::1", 2375),
    ],
)
def test_an_address_of_the_network(text, host, port, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", text)
    found = find_daemon()
    assert (found.host, found.port, found.tls, found.socket) == (host, port, None, None)


@pytest.mark.parametrize(
    "text", ["garbage", "unix://", "unix://relative.sock", "tcp://", "tcp://a:b", "npipe://x", ":"]
)
def test_what_is_no_address_is_refused_and_never_replaced(text, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", text)
    with pytest.raises(BackendError) as caught:
        find_daemon()
    assert str(caught.value) == f"`DOCKER_HOST={text}` names no Docker daemon"
    assert "unix:///" in (caught.value.help or "")


def test_ssh_is_refused_with_a_way_round(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "ssh://me@lab")
    with pytest.raises(BackendError, match="SSH, which is not supported") as caught:
        find_daemon()
    assert "ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock me@lab" in (caught.value.help or "")


@pytest.mark.parametrize(
    "text",
    [
        "tcp://me:tiger@127.0.0.1:1",
        "tcp://me:ti/tiger@127.0.0.1:1",
        "https://me:tiger@127.0.0.1:1",
        "ssh://me:tiger@lab",
        "me:tiger@lab:2375",
        "tcp://me:tiger@",
        "tcp://me:tiger@lab:port",
        "podman://me:tiger@lab",
    ],
)
async def test_a_login_is_never_shown(monkeypatch, text):
    monkeypatch.setenv("DOCKER_HOST", text)
    with pytest.raises(BackendError) as caught:
        async with DockerBackend():
            pass
    assert "tiger" not in f"{caught.value} {caught.value.help}"
    if text.startswith("ssh"):
        assert "docker.sock me@lab`" in (caught.value.help or "")


def test_a_context_that_is_not_there_or_broken_is_told(home, monkeypatch):
    monkeypatch.setenv("DOCKER_CONTEXT", "lab")
    with pytest.raises(BackendError, match="there is no Docker context `lab`"):
        find_daemon()
    make_context(home, "lab", "garbage")
    with pytest.raises(BackendError, match="the Docker context `lab` names no Docker daemon"):
        find_daemon()
    next((home / ".docker/contexts/meta").glob("*/meta.json")).write_text("{}")
    with pytest.raises(BackendError, match="the Docker context `lab` cannot be read"):
        find_daemon()


def test_a_configuration_that_cannot_be_read_is_told(home):
    (home / ".docker").mkdir()
    (home / ".docker/config.json").write_text("{")
    with pytest.raises(BackendError, match=r"the Docker configuration `.*config.json` cannot be read"):
        find_daemon()


def test_certificates_of_the_environment_protect_the_connection(home, monkeypatch):
    make_certificates(home / "certificates")
    monkeypatch.setenv("DOCKER_HOST", "tcp://localhost")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(home / "certificates"))
    found = find_daemon()
    assert found.port == 2376
    assert found.tls is not None
    assert (found.tls.verify_mode, found.tls.check_hostname) == (ssl.CERT_REQUIRED, True)
    (home / "certificates/key.pem").write_text("no key")
    with pytest.raises(BackendError, match=r"the certificates for `DOCKER_HOST=tcp://localhost` in .* cannot be used"):
        find_daemon()


def test_a_context_may_trust_any_daemon(home, monkeypatch):
    make_certificates(make_context(home, "lab", "tcp://lab:1", SkipTLSVerify=True))
    monkeypatch.setenv("DOCKER_CONTEXT", "lab")
    found = find_daemon()
    assert found.tls is not None
    assert found.tls.verify_mode is ssl.CERT_NONE


async def test_who_may_not_use_the_daemon_is_told_how_to(monkeypatch):
    async def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("asyncio.open_unix_connection", refuse)
    with pytest.raises(
        BackendError, match=r"^you may not use the Docker daemon at unix:///var/run/docker.sock$"
    ) as caught:
        await DockerBackend().__aenter__()
    assert caught.value.help == "become a member of the group `docker`, or run with `--backend local`"


async def test_a_daemon_that_wants_a_protected_connection_is_told_apart(monkeypatch):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        words = b"Client sent an HTTP request to an HTTPS server.\n"
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n" + words)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        monkeypatch.setenv("DOCKER_HOST", address)
        with pytest.raises(BackendError) as caught:
            await DockerBackend().__aenter__()
    refusal = f"the Docker daemon at {address} refuses to answer: Client sent an HTTP request to an HTTPS server."
    assert str(caught.value) == refusal
    assert "`DOCKER_TLS_VERIFY=1`" in (caught.value.help or "")


@pytest.mark.parametrize(
    ("host", "words"),
    [("unix:///nowhere/docker.sock", "No such file or directory"), ("tcp://127.0.0.1:9", "Connect call failed")],
)
async def test_without_a_daemon_one_sentence_names_the_reason_and_the_two_ways_out(host, words, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(BackendError) as caught:
        await DockerBackend().__aenter__()
    assert str(caught.value).startswith(f"no Docker daemon answers at {host}: {words}")
    assert caught.value.help == "start Docker, or run with `--backend local`"
