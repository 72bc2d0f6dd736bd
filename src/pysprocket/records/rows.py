"""What goes into columns: times, JSON, paths, documents.

In: what events hold. Out: text and numbers as the database keeps them. All of it runs for each task, so it makes no
objects that it does not need.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import msgspec

from pysprocket.backends.job import Resources
from pysprocket.source.uris import is_url, redacted
from pysprocket.values.model import Value, paths_in

UNASKED: Mapping[str, object] = {"container": None, "gpu": 0, "fpga": False, "disks": {}}
"""What most attempts do not ask for is not written."""

_PLAIN = (int, str, float, bool, type(None))


def rfc3339(seconds: float) -> str:
    """A time in UTC, such as "2026-11-21T09:44:07.250Z"."""
    whole, rest = divmod(milliseconds(seconds), 1000)
    return f"{_second(whole, 'T')}.{rest:03d}Z"


def milliseconds(seconds: float) -> int:
    """A time as our own tables have it."""
    return round(seconds * 1000)


def plain_time(seconds: float) -> str:
    """A time in UTC as SQLite writes it, such as "2026-11-21 09:44:07"."""
    return _second(int(seconds), " ")


@lru_cache(256)
def _second(seconds: int, between: str) -> str:
    return time.strftime(f"%Y-%m-%d{between}%H:%M:%S", time.gmtime(seconds))


def json_text(data: object) -> str:
    """Compact JSON."""
    return msgspec.json.encode(data).decode()


def constraints(
    resources: Resources, images: tuple[str, ...], more: Mapping[str, object] = MappingProxyType({})
) -> str:
    """What an attempt asks for, and `more`; of `UNASKED` only what is not so."""
    asked = {
        "container": images[0] if images else None,
        "cpu": resources.cpu,
        "memory": resources.memory,
        "gpu": resources.gpu,
        "fpga": resources.fpga,
        "disks": resources.disks,
        **more,
    }
    return json_text({name: value for name, value in asked.items() if value or name not in UNASKED})


def document_row(text: str) -> tuple[str, bytes]:
    """The digest of a document and its text, deflated."""
    from _blake2 import blake2b  # noqa: PLC0415 - `hashlib` has the same one, and loads OpenSSL for the others

    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=32).hexdigest(), zlib.compress(data)


def document_text(row: bytes) -> str:
    """The text of a document."""
    return zlib.decompress(row).decode("utf-8", "surrogatepass")


class Paths:
    """Paths as the database keeps them.

    Args:
        directory: of the database, absolute; what lies below is kept relative to it, so that both can be moved.
    """

    def __init__(self, directory: str) -> None:
        self._prefix = os.path.join(directory, "")  # noqa: PTH118 - a text with "/" at its end

    def stored(self, path: str) -> str:
        """A path relative to the directory when it is below it; a URL without secrets."""
        if path.startswith(self._prefix):
            return path[len(self._prefix) :]
        return redacted(path) if is_url(path) else path

    def files(self, values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
        """The name of a value and the path, for each File and Directory anywhere in values."""
        for name, value in values.items():
            if type(value) not in _PLAIN:
                for path in dict.fromkeys(paths_in(value)):
                    yield name, self.stored(path)
