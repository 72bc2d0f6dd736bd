"""Importing aiohttp without reading the certificates of the system.

In: nothing. Out: `none_loaded`. When aiohttp is imported it reads all certificates of the system, twice, for HTTPS
connections to come: a fifth of the time its import takes. The Docker Engine is reached by a Unix socket, or by TLS with
the certificates of its own configuration. Whoever uses aiohttp for other HTTPS connections passes an `ssl` context: the
ones made here trust nobody.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def none_loaded() -> Iterator[None]:
    """In this block, new contexts of `ssl` begin without the certificates of the system."""
    load = ssl.SSLContext.set_default_verify_paths
    ssl.SSLContext.set_default_verify_paths = lambda _: None  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        ssl.SSLContext.set_default_verify_paths = load  # type: ignore[method-assign]
