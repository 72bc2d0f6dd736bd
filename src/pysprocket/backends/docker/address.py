"""Where the Docker daemon is, as the environment and the contexts of Docker say.

In: `DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`, `DOCKER_CONTEXT`, and `config.json` and `contexts` in the
configuration directory of Docker. Out: `Address`. Which of them counts is as in Docker's own client: `DOCKER_HOST`,
then `DOCKER_CONTEXT`, then the current context, then the usual sockets. Nothing that is written there is passed over
in silence. Source: Docker command line reference, "Environment variables", "docker context".
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from pysprocket.errors import BackendError

_USUAL_SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock")
_FORMS = "write `unix:///path/of/docker.sock` or `tcp://host:port`"


class Address(msgspec.Struct, frozen=True):
    """Where a daemon listens.

    Attributes:
        text: as it is written in `DOCKER_HOST`, without a login.
        socket: the path of a Unix socket, None for a network address.
        host, port: of a network address.
        tls: how a network connection is protected, None when it is not.
    """

    text: str
    socket: str | None = None
    host: str = "docker"
    port: int = 0
    tls: ssl.SSLContext | None = None


class _Certificates(msgspec.Struct, frozen=True):
    """The directory of `ca.pem`, `cert.pem` and `key.pem`, and whether the daemon has to show that it is the one."""

    directory: Path
    verify: bool = True


def find_daemon() -> Address:
    """The address of the daemon to use.

    Raises:
        BackendError: an address or context cannot be understood, is of a kind not supported, or has no certificates.
    """
    if host := os.environ.get("DOCKER_HOST"):
        return _address(host, f"`DOCKER_HOST={_shown(host)}`", _certificates_of_environment())
    context = os.environ.get("DOCKER_CONTEXT") or configuration().get("currentContext") or "default"
    if context != "default":
        return _of_context(context)
    sockets = [os.path.expanduser(path) for path in _USUAL_SOCKETS]  # noqa: PTH111 - text is wanted
    return _unix(next((path for path in sockets if os.path.exists(path)), sockets[0]))  # noqa: PTH110


def configuration_directory() -> Path:
    """Where Docker's client keeps its configuration."""
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")


def configuration() -> dict[str, Any]:
    """What `config.json` of Docker's client says; nothing when there is none.

    Raises:
        BackendError: it cannot be read.
    """
    path = configuration_directory() / "config.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise BackendError(
            f"the Docker configuration `{path}` cannot be read: {error}", help="mend it, or remove the file"
        ) from error


def _of_context(name: str) -> Address:
    import hashlib  # noqa: PLC0415 - most use the default context

    directory = configuration_directory() / "contexts"
    digest = hashlib.sha256(name.encode()).hexdigest()
    where = f"the Docker context `{name}`"
    try:
        found = msgspec.json.decode((directory / "meta" / digest / "meta.json").read_bytes())
        endpoint = found["Endpoints"]["docker"]
        host = endpoint["Host"]
    except FileNotFoundError:
        raise BackendError(f"there is no Docker context `{name}`", help="`docker context ls` lists them") from None
    except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
        raise BackendError(f"{where} cannot be read: {error}", help="make it again: docker context create") from error
    certificates = directory / "tls" / digest / "docker"
    verify = not endpoint.get("SkipTLSVerify")
    return _address(host, where, _Certificates(certificates, verify) if certificates.is_dir() else None)


def _certificates_of_environment() -> _Certificates | None:
    if not os.environ.get("DOCKER_TLS_VERIFY"):
        return None
    return _Certificates(Path(os.environ.get("DOCKER_CERT_PATH") or configuration_directory()))


def _address(text: str, where: str, certificates: _Certificates | None) -> Address:
    scheme, separator, rest = text.partition("://")
    if separator and scheme == "unix" and rest.startswith("/"):
        return _unix(rest)
    if separator and scheme in {"tcp", "http", "https"}:
        return _network(text, where, certificates)
    if separator and scheme == "ssh":
        login, at, host = rest.rpartition("@")
        user = login.partition(":")[0]  # and no password
        raise BackendError(
            f"{where} leads through SSH, which is not supported",
            help=f"make a tunnel, `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock {user}{at}{host}`, and set "
            "`DOCKER_HOST=unix:///tmp/docker.sock`",
        )
    raise BackendError(f"{where} names no Docker daemon", help=_FORMS)


def _shown(text: str) -> str:
    """An address as messages show it: without user and password, even where it is written wrong."""
    if text.startswith("unix://"):
        return text
    scheme, separator, rest = text.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _unix(path: str) -> Address:
    return Address(f"unix://{path}", socket=path)


def _network(text: str, where: str, certificates: _Certificates | None) -> Address:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host:
        raise BackendError(f"{where} names no Docker daemon", help=_FORMS)
    protected = certificates is not None or text.startswith("https://")
    tls = _tls_context(certificates, where) if protected else None
    return Address(_shown(text), host=host, port=port or (2376 if protected else 2375), tls=tls)


def _tls_context(certificates: _Certificates | None, where: str) -> ssl.SSLContext:
    if certificates is None:
        return ssl.create_default_context()
    authority, own, key = (certificates.directory / name for name in ("ca.pem", "cert.pem", "key.pem"))
    try:
        context = ssl.create_default_context(cafile=authority if authority.exists() else None)
        if own.exists():
            context.load_cert_chain(own, key)
    except OSError as error:
        raise BackendError(
            f"the certificates for {where} in `{certificates.directory}` cannot be used: {error}",
            help="`DOCKER_CERT_PATH` names the directory of `ca.pem`, `cert.pem` and `key.pem`",
        ) from error
    if not certificates.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
