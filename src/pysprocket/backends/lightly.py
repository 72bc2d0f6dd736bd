"""Importing aiodocker and aiohttp without work that nobody needs: a third of the time their import takes.

In: nothing. Out: `lightly`. When aiohttp is imported it reads all certificates of the system, twice, for HTTPS
connections to come; aiodocker loads what reads the metadata of installed packages, to know its own version. The Docker
Engine is reached by a Unix socket, or by TLS with the certificates of its own configuration. Whoever uses aiohttp for
other HTTPS connections passes an `ssl` context: the ones made here trust nobody.
"""

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_METADATA = "importlib.metadata"


@contextmanager
def lightly() -> Iterator[None]:
    """In this block, new contexts of `ssl` begin without certificates, and all packages are of an unknown version."""
    load = ssl.SSLContext.set_default_verify_paths
    ssl.SSLContext.set_default_verify_paths = lambda _: None  # type: ignore[assignment, method-assign]
    stand_in = _METADATA not in sys.modules
    if stand_in:
        sys.modules[_METADATA] = _no_metadata()
    try:
        yield
    finally:
        ssl.SSLContext.set_default_verify_paths = load  # type: ignore[method-assign]
        if stand_in:
            del sys.modules[_METADATA]


def _no_metadata() -> ModuleType:
    class PackageNotFoundError(ModuleNotFoundError): ...

    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    module = ModuleType(_METADATA)
    module.__dict__.update(PackageNotFoundError=PackageNotFoundError, version=version)
    return module
