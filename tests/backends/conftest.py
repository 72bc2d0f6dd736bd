"""Fixtures of the tests of backends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Commands = Callable[..., None]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Makes commands of a scheduler from their names and the bodies of their scripts; no others are found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(**scripts: str) -> None:
        for name, body in scripts.items():
            path = folder / name
            path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n")
            path.chmod(0o755)

    return make
