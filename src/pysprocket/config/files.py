"""Finding, reading and merging `sprocket.toml` files.

In: places to look. Out: `Config`. Lowest first: beside the executable, the user's file, the current directory,
`SPROCKET_CONFIG`, then each given file. Tables merge, arrays grow, everything else is replaced. A relative path in a
file is relative to the directory of that file. All mistakes of all files are told at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.settings import BackendEntry, Config
from pysprocket.config.tables import Problem, TableChecker
from pysprocket.errors import ConfigError

FILE_NAME = "sprocket.toml"
_HEADER = r"\s*\[+\s*([^\[\]]+?)\s*\]"
_KEY = r"\s*([\w\"'.\- ]+?)\s*="


class ConfigFile(NamedTuple):
    """A file that was read."""

    path: Path
    text: str
    data: dict[str, Any]


def load(
    *, files: Sequence[Path] = (), search: bool = True, argv0: str | None = None, directory: Path = Path()
) -> Config:
    """The settings of all configuration files.

    Args:
        files: files of `--config`, later ones win; each must exist.
        search: whether to look in the usual places too.
        argv0: how the command was started, to look beside it.
        directory: looked in before the current one.

    Raises:
        ConfigError: a file cannot be read or holds something that is not allowed.
    """
    found = found_files(argv0, directory) if search else []
    config = _settle(_read_all([*found, *files]))
    named = os.environ.get("SPROCKET_CONFIG")
    if search and named and Path(named) not in found:
        note = f"the configuration file `{named}` that SPROCKET_CONFIG names does not exist"
        return msgspec.structs.replace(config, notes=(note,))
    return config


def found_files(argv0: str | None = None, directory: Path = Path()) -> list[Path]:
    """The configuration files in the usual places, lowest precedence first.

    The current directory is one of them, unless there is a file in another that is named here.
    """
    file = directory / FILE_NAME
    candidates = [*_beside(argv0), *_user_file(), file if os.path.isfile(file) else Path(FILE_NAME)]  # noqa: PTH113
    found = [path for path in candidates if os.path.isfile(path)]  # noqa: PTH113 - never raises
    named = os.environ.get("SPROCKET_CONFIG")
    return [*found, Path(named)] if named and os.path.exists(named) else found  # noqa: PTH110 - never raises


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


def _read_all(paths: Iterable[Path]) -> list[ConfigFile]:
    """Each file once, at its highest place: arrays must not grow by reading a file twice."""
    last = {path.resolve(): path for path in paths}
    ordered = dict.fromkeys(reversed([path.resolve() for path in paths]))
    return [_read(last[real]) for real in reversed(ordered)]


def _read(path: Path) -> ConfigFile:
    import tomllib  # noqa: PLC0415 - only when there is a file

    try:
        text = path.read_text(encoding="utf-8-sig")
        return ConfigFile(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the configuration file `{path}` is not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"the configuration file `{path}` is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"the configuration file `{path}` cannot be read: {error.strerror}") from None


def _settle(files: Sequence[ConfigFile]) -> Config:
    types = _backend_types(files)
    merged: dict[str, Any] = {}
    mistakes: list[str] = []
    for file in files:
        checker = TableChecker(file.path.absolute().parent, types)
        merged = _merge(merged, checker.check(file.data))
        mistakes += _describe(file, checker.problems)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    try:
        run = merged.get("run", {})
        if "backends" in run:
            run["backends"] = {name: _entry(table) for name, table in run["backends"].items()}
        return msgspec.convert(merged, Config)
    except msgspec.ValidationError as error:  # each file is right by itself, but a required key is in none
        names = ", ".join(f"`{file.path}`" for file in files)
        raise ConfigError(f"{names}: {str(error).replace('Object missing required field', 'missing')}") from None


def _entry(table: Mapping[str, Any]) -> BackendEntry:
    settings = {key: value for key, value in table.items() if key != "type"}
    return BackendEntry(table["type"], msgspec.convert(settings, SETTINGS[table["type"]]))


def _backend_types(files: Iterable[ConfigFile]) -> dict[str, object]:
    types: dict[str, object] = {}
    for file in files:
        run = file.data.get("run")
        backends = run.get("backends") if isinstance(run, dict) else None
        for name, table in backends.items() if isinstance(backends, dict) else ():
            if isinstance(table, dict) and "type" in table:
                types[name] = table["type"]
    return types


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one; a backend that becomes another `type` starts afresh."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and value.get("type", old.get("type")) == old.get("type"):
            merged[key] = _merge(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = old + value
        else:
            merged[key] = value
    return merged


def _describe(file: ConfigFile, problems: Iterable[Problem]) -> list[str]:
    """The mistakes of a file as sentences, from its top to its end."""
    located = sorted(((_line(file.text, problem.keys), problem) for problem in problems), key=lambda entry: entry[0])
    return [
        f"{file.path}{f':{line}' if line else ''}: `{'.'.join(problem.keys)}`{_joined(problem.message)}"
        for line, problem in located
    ]


def _joined(message: str) -> str:
    """What goes after a key: the rest of a sentence about it, or another one."""
    return f" {message}" if message.startswith(("is ", "cannot ", "needs ")) else f": {message}"


def _line(text: str, keys: tuple[str, ...]) -> int:
    """The line where a key is set, or of the closest table around it; 0 when the text is too unusual to tell."""
    deepest, found = 0, 0
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(_HEADER, line):
            table = here = _split(header[1])
        elif key := re.match(_KEY, line):
            here = (*table, *_split(key[1]))
        else:
            continue
        if len(here) > deepest and here == keys[: len(here)]:
            deepest, found = len(here), number
    return found


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
