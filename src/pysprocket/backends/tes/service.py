"""Who answers at the URL of a TES server.

In: a URL and how to log in. Out: `Service`, what the server says of itself, and where its API begins: servers have it
at `/ga4gh/tes/v1`, at `/v1`, or at the root. Source: GA4GH Task Execution Service API 1.1, "GetServiceInfo".
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from pysprocket.backends.tes.apart import apart
from pysprocket.config.backend_settings import BasicAuth, BearerAuth, Tes
from pysprocket.errors import BackendError, DownloadError
from pysprocket.files.http import open_url
from pysprocket.source.uris import redacted

_BASES = ("", "/ga4gh/tes/v1", "/v1")
_PATH = "/service-info"
_MOST = 1 << 20
"""Bytes of an answer that are read."""
_KNOWN = {"id": str, "name": str, "type": dict, "storage": list, "tesResources_backend_parameters": list}
"""Keys of a service-info, and what they hold; whoever has none of them is no TES server. 1.0 demands none of them."""


class Service(msgspec.Struct, frozen=True):
    """A TES server.

    Attributes:
        base: the URL to which `/tasks` is added.
        name: of the server, such as "Funnel 0.12".
        version: of the API, such as "1.1.0"; empty when it does not say.
        moved: where the server sends who asks it; None when it answers itself.
    """

    base: str
    name: str
    version: str
    moved: str | None = None


class _Page(msgspec.Struct, frozen=True):
    url: str
    kind: str
    body: bytes


async def find_service(settings: Tes, seconds: float) -> Service:
    """The server of the settings.

    Args:
        settings: its URL, and how to log in.
        seconds: without a sign of life from the server.

    Raises:
        BackendError: nobody answers there, or no TES server does, or it does not let us in.
        ConfigError: a secret cannot be had.
    """
    url = _without_login(settings.url) if settings.auth else settings.url
    headers = {"Accept": "application/json"} | login(settings)
    first: BackendError | None = None
    for base in _bases(url):
        try:
            page = await apart(_fetch, base + _PATH, headers, seconds)
            return _service(base, page)
        except DownloadError as error:
            if error.status not in (400, 404, 405, 500, 501):
                raise _unreachable(error, settings) from None
            first = first or _unreachable(error, settings)
        except BackendError as error:
            first = first or error
    assert first is not None
    raise first


def login(settings: Tes) -> dict[str, str]:
    """The headers that say who asks; none where that is not known before somebody logs in.

    Raises:
        ConfigError: a secret cannot be had.
    """
    if isinstance(settings.auth, BasicAuth):
        password = settings.auth.password.reveal() if settings.auth.password is not None else ""
        pair = f"{settings.auth.username}:{password}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    if isinstance(settings.auth, BearerAuth):
        return {"Authorization": f"Bearer {settings.auth.token.reveal()}"}
    return {}


def _bases(url: str) -> Iterator[str]:
    given = url.rstrip("/")
    yield given
    if not given.endswith(_BASES[1:]):
        yield from (given + base for base in _BASES[1:])


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _fetch(url: str, headers: Mapping[str, str], seconds: float) -> _Page:
    with open_url(url, headers, seconds) as answer:
        body = b""
        while len(body) < _MOST and (piece := answer.read(_MOST)):
            body += piece
        return _Page(answer.url, answer.headers.get_content_type(), body)


def _service(base: str, page: _Page) -> Service:
    """What the page tells.

    Raises:
        BackendError: it is not from a TES server.
    """
    try:
        info = msgspec.json.decode(page.body, type=dict[str, Any])
    except msgspec.DecodeError:
        what = "a web page" if page.body.lstrip()[:1] == b"<" else f"something of type {page.kind}"
        raise _no_server(base, what) from None
    if not any(isinstance(info.get(key), kind) for key, kind in _KNOWN.items()):
        raise _no_server(base, "JSON of another kind")
    kind = info["type"] if isinstance(info.get("type"), dict) else {}
    if str(kind.get("artifact") or "tes").lower() != "tes":
        raise _no_server(base, f"a service of the kind `{kind['artifact']}`")
    version = _text(info.get("version"))
    name = " ".join(filter(None, (_text(info.get("name")) or _text(info.get("id")) or "a TES server", version)))
    moved = page.url.removesuffix(_PATH) if _place(page.url) != _place(base + _PATH) else None
    return Service(base, name, _text(kind.get("version")), moved)


def _text(value: object) -> str:
    """A short text of the server; "unknown" is what Funnel says of a version that was not set."""
    text = value.strip()[:80] if isinstance(value, str) else ""
    return "" if text == "unknown" else text


def _place(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2], parts.path


def _no_server(base: str, what: str) -> BackendError:
    return BackendError(
        f"what answers at `{redacted(base)}` is no TES server: it sends {what}",
        help="check `url`; it usually ends in `/ga4gh/tes/v1` or `/v1`",
    )


def _unreachable(error: DownloadError, settings: Tes) -> BackendError:
    """What stopped a request, as a matter of the backend."""
    where = f"the TES server at `{redacted(settings.url)}`"
    if error.status == 401:
        said = "refuses these credentials" if settings.auth else "wants to know who asks"
        return BackendError(f"{where} {said} (401)", help="check `auth` of the backend")
    if error.status == 403:
        return BackendError(
            f"{where} does not allow it to these credentials (403)",
            help="check `auth` of the backend, and what its user may do",
        )
    if error.status == 404:
        return BackendError(
            f"there is no TES server at `{redacted(settings.url)}` (404)",
            help="check `url`; it usually ends in `/ga4gh/tes/v1` or `/v1`",
        )
    _, _, reason = str(error).partition("`: ")
    reason = reason.removeprefix("the server answers")
    if error.status is not None:
        return BackendError(f"{where} answers with an error:{reason}", help="ask who runs it", transient=True)
    return BackendError(f"{where} cannot be asked: {reason or error}", help=error.help, transient=error.transient)
