"""One request over HTTP.

In: a URL and the headers to send. Out: `open_url`, an `Answer` to read from; `DownloadError` says what went wrong in
words for the user, and whether asking again may help. Proxies are those of the usual environment variables.
"""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

import pysprocket
from pysprocket.errors import DownloadError
from pysprocket.source.uris import is_remote, redacted

NOT_MODIFIED = 304
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0
_REMEDIES = {
    401: "the server wants to know who asks: give user and password in the URL, or a signed URL",
    403: "the server refuses it to you: check the permissions of the URL; a signed URL may have expired",
    404: "check the URL",
    407: "the proxy wants to know who asks: give user and password in the variable https_proxy",
    410: "it is gone for good: ask its owner for the new place",
    429: "too many requests: try again later",
}


class Answer:
    """A server's answer: `status` 200 or 304, `headers`, `url` after redirects, and its bytes from `read`."""

    def __init__(self, asked: str, response: HTTPResponse | HTTPError) -> None:
        self.status = response.status or 0
        self.headers = response.headers
        self.url = response.url
        self._asked = asked
        self._response = response
        self._length = self.headers.get("Content-Length")
        self._received = 0

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self._response.close()

    def read(self, size: int) -> bytes:
        """At most so many bytes, none at the end.

        Raises:
            DownloadError: the connection broke off before the end.
        """
        try:
            chunk = self._response.read(size)
        except (OSError, HTTPException, ValueError) as error:
            raise _unreachable(self._asked, error) from None
        self._received += len(chunk)
        if not chunk and self._length and self._length.isdecimal() and int(self._length) != self._received:
            raise DownloadError(
                f"cannot read `{redacted(self._asked)}`: only {self._received} of {self._length} bytes came",
                help="try again",
                transient=True,
            )
        return chunk


def open_url(url: str, headers: Mapping[str, str], timeout: float) -> Answer:
    """The server's answer.

    Args:
        url: an `http` or `https` URL; user and password in it are sent as basic authentication.
        headers: to send besides the usual ones; the answer is 304 only when they ask whether something changed.
            "Authorization" goes to this server alone, not where it redirects to.
        timeout: seconds without a sign of life.

    Raises:
        DownloadError: there is no such answer.
    """
    try:
        response = _opener().open(_request(url, headers), timeout=timeout)
        if response is None:  # no handler has
            raise DownloadError(f"cannot read `{redacted(url)}`: it is no URL of the web", help="write `https://…`")
        return Answer(url, response)
    except HTTPError as error:
        if error.code == NOT_MODIFIED:
            return Answer(url, error)
        error.close()
        raise _refused(url, error) from None
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(url, error) from None


class _Redirects(HTTPRedirectHandler):
    """Follows redirects, but only to other places on the web: never to a local file."""

    def http_error_302(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage) -> Any:
        target = urljoin(req.full_url, headers.get("location") or "")
        if not is_remote(target):
            fp.close()
            raise DownloadError(
                f"cannot read `{redacted(req.full_url)}`: the server redirects to `{redacted(target)}`, which is not "
                "on the web",
                help="use the address where it really is",
            )
        return super().http_error_302(req, fp, code, msg, headers)

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """The next request; user and password go with it to the same server only."""
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        secret = req.get_header("Authorization")
        if request is not None and secret and (request.type, request.host) == (req.type, req.host):
            request.add_unredirected_header("Authorization", secret)
        return request

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


@cache
def _opener() -> OpenerDirector:
    opener = OpenerDirector()
    secure = HTTPSHandler(context=ssl.create_default_context())
    for handler in (ProxyHandler(), HTTPHandler(), secure, HTTPDefaultErrorHandler(), _Redirects()):
        opener.add_handler(handler)
    opener.add_handler(HTTPErrorProcessor())
    return opener


def _request(url: str, headers: Mapping[str, str]) -> Request:
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    request = Request(urlunsplit(parts._replace(netloc=place, fragment="")))  # noqa: S310 - the opener knows only http
    request.add_header("User-Agent", f"pysprocket/{pysprocket.__version__}")
    for name, value in headers.items():
        add = request.add_unredirected_header if name == "Authorization" else request.add_header
        add(name, value)
    if at:
        request.add_unredirected_header("Authorization", f"Basic {b64encode(unquote(user).encode()).decode()}")
    return request


def _refused(url: str, error: HTTPError) -> DownloadError:
    if error.code in (301, 302, 303, 307, 308):
        return DownloadError(
            f"cannot read `{redacted(url)}`: the server redirects without end", help="check the URL in a browser"
        )
    reason = f" ({error.reason})" if error.reason else ""
    transient = error.code in _TRANSIENT
    remedy = _REMEDIES.get(error.code) or ("try again later" if transient else "check the URL")
    what = f"cannot read `{redacted(url)}`: the server answers {error.code}{reason}"
    wait = _wait(error.headers.get("Retry-After"))
    return DownloadError(what, help=remedy, transient=transient, status=error.code, wait=wait)


def _wait(text: str | None) -> float | None:
    return min(float(text), _LONGEST_WAIT) if text and text.strip().isdecimal() else None


def _unreachable(url: str, error: Exception) -> DownloadError:
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    host = urlsplit(url).hostname
    transient = True
    if isinstance(cause, ssl.SSLCertVerificationError):
        what, remedy = (
            f"the certificate of {host} is not trusted: {cause.verify_message}",
            "check the clock and the installed certificates; SSL_CERT_FILE names another file of them",
        )
        transient = False
    elif isinstance(cause, ssl.SSLError):
        what, remedy = f"no secure connection to {host}: {cause.reason or 'TLS failed'}", "is it really https?"
        transient = False
    elif isinstance(cause, socket.gaierror):
        what, remedy = f"the name {host} is not known (DNS)", "check the spelling and the network connection"
    elif isinstance(cause, TimeoutError):
        what, remedy = f"{host} does not answer in time", "check the network connection and try again"
    elif isinstance(cause, ConnectionRefusedError):
        what, remedy = f"{host} refuses the connection", "check the port, and whether the server runs"
    elif isinstance(cause, (OSError, HTTPException)):
        text = cause.strerror or str(cause) if isinstance(cause, OSError) else type(cause).__name__
        what, remedy = f"the connection to {host} failed: {text}", "check the network connection and try again"
    else:
        what, remedy, transient = "it is not a URL that can be asked for", "check the URL", False
    return DownloadError(f"cannot read `{redacted(url)}`: {what}", help=remedy, transient=transient)
