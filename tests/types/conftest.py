"""Documents from text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pysprocket.types.loader import Library, load

Check = Callable[..., Library]


@pytest.fixture
def check() -> Check:
    """Load documents given as text: the first is the root, keywords are files beside it."""

    def check(text: str, /, **others: str) -> Library:
        files = {"/documents/root.wdl": text} | {f"/documents/{name}.wdl": other for name, other in others.items()}

        def fetch(uri: str) -> bytes:
            try:
                return files[uri.removeprefix("file://")].encode()
            except KeyError:
                raise FileNotFoundError(uri) from None

        return load("file:///documents/root.wdl", fetch)

    return check
