"""What tests of the command line share: a directory of their own, no configuration of the user, and `sprocket`."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from pysprocket.cli.main import main
from tests.reading import unwrapped


class Ended(NamedTuple):
    """How a command ended; `err` as it was before it was made to fit a terminal."""

    status: int
    out: str
    err: str


Sprocket = Callable[..., Ended]


@pytest.fixture
def sprocket(tmp_path, monkeypatch, capfd) -> Sprocket:
    """Runs the command in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("SPROCKET_CONFIG", "SPROCKET_CONFIG_ROOT", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "SPROCKET_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        status = main(arguments)
        captured = capfd.readouterr()
        return Ended(status, captured.out, unwrapped(captured.err))

    return run
