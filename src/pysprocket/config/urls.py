"""Settings that are URLs.

In: the text. Out: what is wrong with it as the URL of a server, or of a place for files; nothing of it is quoted, as it
may hold a password or a signature. Source: RFC 3986.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

STORES = ("s3", "gs", "az", "http", "https", "file")
"""The schemes of places where inputs and outputs of TES tasks can be."""

_LOGINS = {"s3": "s3", "gs": "google", "az": "azure"}
"""Where the credentials of stores are, by their schemes."""

_BLANK = r"[\s\x00-\x20\x7f]"


Wrong = tuple[str, str]
"""What is wrong: the rest of a sentence that begins with the name of the setting, and what to do."""


def server_mistake(url: str, *, insecure: bool = True, base: bool = False) -> Wrong | None:
    """What is wrong with the URL of a web server.

    Args:
        url: the text.
        insecure: whether it may be one that is not encrypted.
        base: whether paths are put behind it.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        known = False
    if not known or re.search(_BLANK, url):
        if re.search(_BLANK, url.strip()):
            return ("has a blank or a control character", "write `%20` for a blank")
        return ("is not the URL of a server", "write `https://HOST` or `https://HOST:PORT/PATH`")
    if parts.scheme == "http" and not insecure:
        remedy = "use `https://`, or set `insecure = true`: whoever is on the way can then read what is sent"
        return ("is not encrypted", remedy)
    if base and (parts.query or parts.fragment or url.endswith(("?", "#"))):
        return ("has a `?` or `#`", "end it with its path: paths are put behind it")
    return None


def has_login(url: str) -> bool:
    """Whether a user is named before the host of a URL that is right."""
    return "@" in urlsplit(url).netloc


def store_mistake(url: str) -> Wrong | None:
    """What is wrong with the URL of a place below which names of files are put."""
    try:
        parts = urlsplit(url)
        scheme, place, path = parts.scheme, parts.netloc, parts.path
    except ValueError:
        scheme = place = path = ""
    if scheme not in STORES or not url[len(scheme) :].startswith("://") or re.search(_BLANK, url):
        known = ", ".join(f"`{each}://`" for each in STORES)
        if re.search(_BLANK, url.strip()):
            return ("has a blank or a control character", "write `%20` for a blank")
        return ("is not the URL of a place for files", f"begin it with one of {known}")
    if scheme == "file" and place not in ("", "localhost"):
        return ("has a host, and files have none", "write `file:///PATH/`, with three slashes")
    if not place and scheme != "file":
        return ("has no bucket or host", f"write `{scheme}://NAME/PATH/`")
    if "@" in place and scheme in _LOGINS:
        return ("has a login in it", f"credentials belong in `run.storage.{_LOGINS[scheme]}.auth`")
    if not path.endswith("/"):
        return ("does not end in `/`", "put a `/` behind the path: the names of files are added to it")
    return None
