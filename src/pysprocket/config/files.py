"""Finding and reading `sprocket.toml` files.

In: places to look. Out: a `Layer` for each file, or what is wrong with it. Lowest first: beside the executable, the
user's file, the current directory, `SPROCKET_CONFIG`, then each given file. Above all of them are the environment and
`--set` (`config.assignments`). A relative path in a file is relative to the directory of that file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pysprocket.config.layers import Layer
    from pysprocket.source.diagnostic import Diagnostic

FILE_NAME = "sprocket.toml"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_VARIABLES = frozenset({"SPROCKET_CONFIG", "SPROCKET_CONFIG_ROOT", "SPROCKET_HOME", "SPROCKET_TRACEBACK"})
"""Variables that are no settings."""

LARGEST = 4_000_000
"""How many bytes a configuration file may have."""


def read_files(paths: Sequence[Path]) -> tuple[list[Layer], list[Diagnostic]]:
    """The layers of files, lowest first, and what is wrong with those that cannot be read.

    Each file counts once, at its highest place: arrays must not grow by reading a file twice.
    """
    last: dict[str, Path] = {}
    for path in reversed(paths):
        last.setdefault(_real(path), path)
    layers: list[Layer] = []
    mistakes: list[Diagnostic] = []
    for path in reversed(last.values()):
        layer, mistake = _read(path)
        layers += [layer] if layer is not None else []
        mistakes += [mistake] if mistake is not None else []
    return layers, mistakes


def found_files(argv0: str | None = None, directory: Path = Path()) -> list[Path]:
    """The configuration files in the usual places, lowest precedence first.

    The current directory is one of them, unless there is a file in another that is named here.
    """
    file = directory / FILE_NAME
    candidates = [*_beside(argv0), *_user_file(), file if os.path.isfile(file) else Path(FILE_NAME)]  # noqa: PTH113
    found = [path for path in candidates if os.path.isfile(path)]  # noqa: PTH113 - never raises
    named = os.environ.get("SPROCKET_CONFIG")
    return [*found, Path(named)] if named and os.path.exists(named) else found  # noqa: PTH110 - never raises


def missing_file(found: Sequence[Path]) -> list[str]:
    """What to say when SPROCKET_CONFIG names a file that there is not."""
    named = os.environ.get("SPROCKET_CONFIG")
    if not named or Path(named) in found:
        return []
    return [f"the configuration file `{named}` that SPROCKET_CONFIG names does not exist"]


def _beside(argv0: str | None) -> Iterator[Path]:
    """Next to the executable: where it really is, then where the link that was started is."""
    if not argv0:
        return
    started: str | None = argv0
    if not os.path.dirname(argv0):  # noqa: PTH120 - hardly ever: Python names a script by its path
        from shutil import which  # noqa: PLC0415 - it imports three ways to compress

        started = which(argv0)
    if started is not None and os.access(started, os.X_OK):
        yield Path(started).resolve().parent / FILE_NAME
        yield Path(started).absolute().parent / FILE_NAME


def _user_file() -> Iterator[Path]:
    root = os.environ.get("SPROCKET_CONFIG_ROOT")
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() fails for a user without an entry in passwd
    if root:
        yield Path(root) / FILE_NAME
    elif base := os.environ.get("XDG_CONFIG_HOME"):
        yield Path(base) / "sprocket" / FILE_NAME
    elif home != "~":
        yield Path(home) / ".config" / "sprocket" / FILE_NAME


def _read(path: Path) -> tuple[Layer | None, Diagnostic | None]:
    """The layer of a file, or what is wrong with it."""
    import tomli  # noqa: PLC0415 - only when there is a file

    from pysprocket.config.layers import Layer  # noqa: PLC0415

    name = _name(path)
    try:
        text = _text(path)
        directory = Path(os.path.abspath(path)).parent  # noqa: PTH100 - links stay
        return Layer(name, text, tomli.loads(text), directory), None
    except tomli.TOMLDecodeError as error:
        from pysprocket.config.telling import no_toml  # noqa: PLC0415 - only for mistakes

        return None, no_toml(path, name, text, str(error))
    except RecursionError:
        reason = "has values that lie too deep in each other"
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    except ValueError as error:  # also a path with a NUL character
        reason = f"cannot be read: {error}"
    from pysprocket.config.telling import unreadable  # noqa: PLC0415 - only for mistakes

    return None, unreadable(name, reason)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST // 1_000_000} MB; is it the right file?")
    return content.removeprefix(_BYTE_ORDER_MARK).decode()


def _real(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except OSError:  # the current directory is gone
        return str(path)


def _name(path: Path) -> str:
    """The file as the user knows it: relative where it is below the current directory."""
    name = str(path)
    try:
        here = f"{os.getcwd()}/"  # noqa: PTH109 - half the time
    except OSError:
        return name
    return name.removeprefix(here)
