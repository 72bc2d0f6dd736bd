"""Finding and reading `sprocket.toml` files.

In: places to look. Out: a `Layer` for each file, or what is wrong with it. Lowest first: beside the executable, the
user's file, the current directory, `SPROCKET_CONFIG`, then each given file. Above all of them are the environment and
`--set` (`config.assignments`). A relative path in a file is relative to the directory of that file, in a pipe to the
current one. A file that is there and cannot be reached is a mistake, in whichever place: settings must not be lost.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from stat import S_ISFIFO, S_ISREG
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pysprocket.config.layers import Layer
    from pysprocket.source.diagnostic import Diagnostic

FILE_NAME = "sprocket.toml"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DESCRIPTORS = ("/dev/fd/", "/dev/std", "/proc/")
"""How the paths of what a shell has opened begin: there is no file beside it."""

OTHER_VARIABLES = frozenset({"SPROCKET_CONFIG", "SPROCKET_CONFIG_ROOT", "SPROCKET_HOME", "SPROCKET_TRACEBACK"})
"""Variables that are no settings."""

LARGEST = 4_000_000
"""How many bytes a configuration file may have."""

DEEPEST = 100
"""How many tables and arrays may lie in each other: who walks through them must come to an end."""


class Found(msgspec.Struct, frozen=True):
    """What is in the usual places.

    Attributes:
        files: lowest precedence first; reading one may fail.
        notes: sentences for the user about places that cannot be looked at, and a file that is named and not there.
        mistakes: what is there instead of a file and must not be read.
    """

    files: list[Path]
    notes: list[str]
    mistakes: list[Diagnostic]


def read_files(paths: Sequence[Path]) -> tuple[list[Layer], list[Diagnostic]]:
    """The layers of files, lowest first, and what is wrong with those that cannot be read.

    Each file counts once, at its highest place: arrays must not grow by reading a file twice.
    """
    last: dict[object, Path] = {}
    for path in reversed(paths):
        last.setdefault(_identity(path), path)
    layers: list[Layer] = []
    mistakes: list[Diagnostic] = []
    for path in reversed(last.values()):
        layer, mistake = _read(path)
        layers += [layer] if layer is not None else []
        mistakes += [mistake] if mistake is not None else []
    return layers, mistakes


def found_files(argv0: str | None = None, directory: Path = Path()) -> Found:
    """What is in the usual places.

    The current directory is one of them, unless there is a file in another that is named here.
    """
    found = Found([], [], [])
    for path in dict.fromkeys([*_beside(argv0), *_user_file()]):
        _look(path, found)
    if not _look(directory / FILE_NAME, found) and directory != Path():
        _look(Path(FILE_NAME), found)
    if named := os.environ.get("SPROCKET_CONFIG"):
        if isinstance(_absence(Path(named)), FileNotFoundError | NotADirectoryError):
            found.notes.append(f"the configuration file `{named}` that SPROCKET_CONFIG names does not exist")
        else:
            found.files.append(Path(named))
    return found


def _look(path: Path, found: Found) -> bool:
    """Whether there is something in one of the usual places; what it is, is added."""
    absence = _absence(path)
    if absence is None and _is_pipe(path):
        from pysprocket.config.telling import unreadable  # noqa: PLC0415 - only for mistakes

        found.mistakes.append(unreadable(_name(path), "is a pipe, for which nobody waits; give it with `--config`"))
    elif absence is None:
        found.files.append(path)
    elif isinstance(absence, PermissionError):
        found.notes.append(f"whether there is a configuration file `{path}` is not known: {absence.strerror}")
    elif (link := _dangling(path)) is not None:
        found.notes.append(f"the configuration file `{path}` cannot be looked for: `{link}` {_leads_nowhere(link)}")
    return absence is None


def _absence(path: Path) -> OSError | None:
    """Why there is nothing at a path, as far as can be seen; None for what is there, be it a link to nowhere."""
    try:
        os.stat(path)  # noqa: PTH116 - half the time
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        return None if os.path.islink(path) else error  # noqa: PTH114 - never raises
    except OSError:  # it is there and does not answer, or leads to itself
        pass
    return None


def _is_pipe(path: Path) -> bool:
    try:
        return S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116
    except OSError:
        return False


def _dangling(path: Path) -> str | None:
    """The directory on the way to a file that is a link to nowhere."""
    above = str(path)
    while above and not os.path.lexists(above):
        above = os.path.dirname(above)  # noqa: PTH120 - a fifth of the time
    return above if os.path.islink(above) and not os.path.exists(above) else None  # noqa: PTH110, PTH114


def _leads_nowhere(link: str | Path) -> str:
    return f"is a link to `{os.readlink(link)}`, which does not exist"  # noqa: PTH115


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
    elif os.path.isabs(base := os.environ.get("XDG_CONFIG_HOME", "")):  # noqa: PTH117 - others do not count, says XDG
        yield Path(base) / "sprocket" / FILE_NAME
    elif home != "~":
        yield Path(home) / ".config" / "sprocket" / FILE_NAME


def _read(path: Path) -> tuple[Layer | None, Diagnostic | None]:
    """The layer of a file, or what is wrong with it."""
    name = _name(path)
    try:
        content, directory = _content(path)
    except (OSError, ValueError) as error:  # a path may have a NUL character
        from pysprocket.config.telling import unreadable  # noqa: PLC0415 - only for mistakes

        return None, unreadable(name, f"cannot be read: {_reason(path, error)}")
    import tomli  # noqa: PLC0415 - only when there is a file

    from pysprocket.config.layers import Layer  # noqa: PLC0415

    try:
        text = content.decode()
        data = tomli.loads(text)
        check_depth(data)
        return Layer(name, text, data, directory), None
    except (ValueError, RecursionError) as error:
        from pysprocket.config.invalid_toml import no_toml  # noqa: PLC0415 - only for mistakes

        return None, no_toml(path, name, content, error)


def check_depth(data: Mapping[str, object]) -> None:
    """See that tables and arrays do not lie too deep in each other.

    Raises:
        RecursionError: they do, as `tomli` raises it for those that are deeper still.
    """
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        below = [value for each in level for value in (each.values() if isinstance(each, dict) else each)]
        level = [value for value in below if isinstance(value, dict | list)]
        if not level:
            return
    raise RecursionError


def _content(path: Path) -> tuple[bytes, Path]:
    """What is in a file, and what relative paths in it start at."""
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
        is_file = S_ISREG(os.fstat(file.fileno()).st_mode)
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST // 1_000_000} MB; is it the right file?")
    absolute = os.path.abspath(path)  # noqa: PTH100 - links stay
    beside = is_file and not absolute.startswith(_DESCRIPTORS)
    directory = Path(absolute).parent if beside else Path.cwd()
    return content.removeprefix(_BYTE_ORDER_MARK), directory


def _reason(path: Path, error: Exception) -> str:
    """Why a file cannot be read."""
    if not isinstance(error, OSError):
        return str(error)
    if isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114 - never raises
        return f"it {_leads_nowhere(path)}"
    return error.strerror or str(error)


def _identity(path: Path) -> object:
    """What two paths of one file have in common."""
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time
    except (OSError, ValueError):  # reading it tells why
        return str(path)
    return found.st_dev, found.st_ino


def _name(path: Path) -> str:
    """The file as the user knows it: relative where it is below the current directory."""
    name = str(path)
    try:
        here = f"{os.getcwd()}/"  # noqa: PTH109 - half the time
    except OSError:
        return name
    return name.removeprefix(here)
