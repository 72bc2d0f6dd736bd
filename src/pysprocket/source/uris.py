"""The names of documents and files: paths and URLs.

In: what a user or a document wrote. Out: one normal spelling for each thing (`resolve`, `normalized`), the local path
of a `file://` URI, and what messages may show (`display_name`, `redacted`: never a password or a signature).
Source: RFC 3986, sections 5 and 6.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from pysprocket.errors import UsageError
from pysprocket.source.revealed import concealed

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?=//)|file:", re.ASCII | re.IGNORECASE)
_ESCAPE = r"%([0-9A-Fa-f]{2})"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = "/%:@!$&'()*+,;=~-._"
_IN_QUERY = _IN_PATH + "?[]|"
_PORTS = {"http": 80, "https": 443}
_SENSITIVE = r"(?i)sig(nature)?$|credential|token|secret|passw|api[-_]?key|access[-_]?key|^key$"
_URL = r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s\"'<>`\\]+"


def is_url(reference: str) -> bool:
    """Whether it begins with a scheme: not a path."""
    return _SCHEME.match(reference) is not None


def lies_elsewhere(path: str) -> bool:
    """Whether a path is a URL, and not one of a local file."""
    return is_url(path) and path[:5].lower() != "file:"


def is_remote(uri: str) -> bool:
    """Whether a URI is read over the network."""
    return uri[:8].lower().startswith(("http://", "https://"))


def resolve(reference: str, base: str) -> str:
    """The URI that a path or URL means in the document (or, with a slash at the end, the directory) at `base`.

    Raises:
        UsageError: it is not a URL though it begins like one.
    """
    if is_url(reference):
        return normalized(reference)
    if not base.startswith("file:"):
        return normalized(urljoin(base, reference))
    path = os.path.join(os.path.dirname(local_path(base)), reference)  # noqa: PTH118, PTH120 - keeps the text
    if "%" in reference and not os.path.lexists(path) and os.path.lexists(decoded := unquote(path)):
        return _file_uri(decoded)  # an import is a URI reference: `a%20b.wdl` may mean `a b.wdl`
    return _file_uri(path)


def resolve_here(reference: str) -> str:
    """The URI that a path or URL means in the current directory, as for what the user names.

    Raises:
        UsageError: it begins like a URL but is none.
    """
    return resolve(reference, Path.cwd().as_uri() + "/")


def normalized(uri: str) -> str:
    """One spelling for URIs that mean the same: case, default port, escapes, `..` and fragment do not matter.

    Raises:
        UsageError: it is not a URL though it begins like one.
    """
    try:
        parts = urlsplit(uri)
        if parts.scheme == "file":
            return _file_uri(_checked_path(uri))
        port = parts.port
        host = (
            (parts.hostname or "").encode("idna").decode() if not (parts.hostname or "").isascii() else parts.hostname
        )
    except ValueError:
        raise UsageError(f"`{redacted(uri)}` is not a URL") from None
    if parts.scheme not in _PORTS:
        return uri
    if not host:
        raise UsageError(f"`{redacted(uri)}` is not a URL: it names no host")
    user, at, _ = parts.netloc.rpartition("@")
    named = f"[{host}]" if ":" in host else host
    place = named if port in (None, _PORTS[parts.scheme]) else f"{named}:{port}"
    path = _without_dots(_escaped(parts.path or "/", _IN_PATH))
    return urlunsplit((parts.scheme, f"{user}{at}{place}", path, _escaped(parts.query, _IN_QUERY), ""))


def _escaped(text: str, allowed: str) -> str:
    return re.sub(_ESCAPE, _canonical, quote(text, safe=allowed))


def _canonical(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else f"%{escape[1].upper()}"


def _without_dots(path: str) -> str:
    """A path without `.` and `..` (RFC 3986, 5.2.4); empty segments stay."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if segments[-1] in (".", "..") and kept else "")


def _checked_path(uri: str) -> str:
    path = local_path(uri)
    if urlsplit(uri).netloc not in ("", "localhost") or not path.startswith("/"):
        raise UsageError(f"`{uri}` names no local file", help="write file:///, then the path from the root")
    return path


def _file_uri(path: str) -> str:
    return Path("/" + os.path.normpath(path).lstrip("/")).as_uri()


def local_path(uri: str) -> str:
    """The path of a `file://` URI; bytes that are not UTF-8 are kept as `os.fsdecode` does."""
    return unquote(urlsplit(uri).path, errors="surrogateescape")


def display_name(uri: str) -> str:
    """What messages call a document: its path, relative when it lies below the current directory, or its URL."""
    if not uri.startswith("file:"):
        return redacted(uri)
    path = Path(local_path(uri))
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def redacted(url: str) -> str:
    """A URL without user, password, fragment, and the values in its query that let others in."""
    head, mark, query = url.partition("#")[0].partition("?")
    scheme, slashes, rest = head.partition("://")
    place, slash, path = rest.partition("/")
    shown = _fields(query, lambda _: "***")
    return f"{scheme}{slashes}{place.rpartition('@')[2]}{slash}{path}{mark}{shown}"


def without_secrets(text: str) -> str:
    """A text in which no URL shows a password, a signature or a token, and no secret is that was revealed."""
    text = concealed(text)
    return re.sub(_URL, lambda match: redacted(match[0]), text) if "://" in text else text


def lets_in(text: str) -> bool:
    """Whether a URL in a text shows a password, a signature or a token: before an `@`, behind a `?` or a `#`."""
    return any(sign in text for sign in "@?#") and with_secrets_masked(text) != text


def with_secrets_masked(text: str) -> str:
    """A text of the same length in which `*` stand for the passwords, signatures and tokens of URLs."""
    return _with(text, lambda secret: "*" * len(secret))


def with_word(text: str, word: str) -> str:
    """A text in which a word stands for the logins, signatures and tokens of URLs."""
    return _with(text, lambda _: word)


def without_logins(text: bytes) -> bytes:
    """A text in UTF-8 as it is left on disk for people: `***` stands for what lets others in by its URLs."""
    return with_word(text.decode(), "***").encode() if b"://" in text else text


def _with(text: str, shown: Callable[[str], str]) -> str:
    return re.sub(_URL, lambda match: _replaced(match[0], shown), text) if "://" in text else text


def _replaced(url: str, shown: Callable[[str], str]) -> str:
    """A URL with something else in place of its login, and of what in its query and its fragment lets in."""
    rest, hash_, fragment = url.partition("#")
    head, mark, query = rest.partition("?")
    scheme, slashes, rest = head.partition("://")
    place, slash, path = rest.partition("/")
    login, at, host = place.rpartition("@")
    before = f"{scheme}{slashes}{shown(login) if at else ''}{at}{host}{slash}{path}"
    return f"{before}{mark}{_fields(query, shown)}{hash_}{_fields(fragment, shown)}"


def _fields(text: str, shown: Callable[[str], str]) -> str:
    return "&".join(_field(field, shown) for field in text.split("&"))


def _field(field: str, shown: Callable[[str], str]) -> str:
    name, _, value = field.partition("=")
    return f"{name}={shown(value)}" if value and re.search(_SENSITIVE, unquote(name)) else field
