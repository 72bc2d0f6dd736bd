"""Paths in inputs: where they lead, and whether something is there.

In: text, or the object that describes a file or directory (WDL 1.2: `type`, `location`, `basename`, `listing`; `class`
and `path` as in CWL), and where relative paths start. Out: absolute paths and URLs as values. Something that is to
have a name of its own, or to be put together, becomes a `Staged`: the engine lays it out when the run begins.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import msgspec

from pysprocket.errors import EvaluationError, SprocketError
from pysprocket.plan.arguments import Origin
from pysprocket.source.uris import is_remote, is_url, local_path, normalized, redacted
from pysprocket.types.model import Primitive
from pysprocket.values.model import Directory, File

STAGED = "staged:/"
"""Begins the values that stand for something staged until it is laid out."""

_KEYS = ("type", "class", "location", "path", "basename", "listing")


class Staged(msgspec.Struct, frozen=True):
    """A file or directory that gets a name of its own.

    Attributes:
        name: the last part of its path.
        source: the path or URL of its content; None for a directory that consists of `entries`.
        entries: what a directory without source holds.
    """

    name: str
    source: str | None
    entries: tuple[Staged, ...] = ()


class PathReader:
    """Makes Files and Directories of what is given for one input.

    Args:
        origin: where relative paths start.
        staged: what is to be laid out, by the value that stands for it; grows.
    """

    def __init__(self, origin: Origin, staged: dict[str, Staged]) -> None:
        self.problems: list[str] = []  # of the File or Directory that is being made
        self._origin = origin
        self._staged = staged

    def __call__(self, raw: str | dict[str, Any], type_: Primitive) -> File | Directory:
        """The value.

        Raises:
            EvaluationError: a path leads nowhere, or an object describes nothing; one line for each problem.
        """
        self.problems.clear()
        value = self._made(raw, type_)
        if self.problems:
            raise EvaluationError("\n".join(self.problems))
        return value

    def _made(self, raw: str | dict[str, Any], type_: Primitive) -> File | Directory:
        kind = File if type_.name == "File" else Directory
        if isinstance(raw, str):
            return kind(self._checked(raw, type_.name))
        staged = self._described(raw, type_.name)
        if staged.source is not None and base_name(staged.source) == staged.name:
            return kind(staged.source)
        key = f"{STAGED}{len(self._staged)}/{staged.name}"
        self._staged[key] = staged
        return kind(key)

    def _checked(self, text: str, kind: str) -> str:
        """The path or URL that a text means; a problem with it is kept."""
        try:
            path = located(text, self._origin)
        except SprocketError as error:
            self.problems.append(str(error))
            return text
        problem = _remote_problem(path, kind) if is_url(path) else _local_problem(path, text, kind)
        if problem:
            self.problems.append(problem)
        return path

    def _described(self, raw: dict[str, Any], kind: str) -> Staged:
        """What an object describes."""
        self.problems += _object_problems(raw, kind)
        location, listing = raw.get("location", raw.get("path")), raw.get("listing")
        if isinstance(listing, list) and kind == "Directory":
            entries = tuple(self._entry(item) for item in listing)
            self.problems += _repeated(entry.name for entry in entries)
            name = raw.get("basename") or (base_name(location) if isinstance(location, str) else "directory")
            return Staged(str(name), None, entries)
        if not isinstance(location, str):
            self.problems.append(f"an object for a {kind} needs a `location`: the path or URL, as text")
            return Staged("", "")
        source = self._checked(location, kind)
        return Staged(str(raw.get("basename") or base_name(source)), source)

    def _entry(self, item: object) -> Staged:
        """One entry of a listing: an object, or the path of whatever is there."""
        if isinstance(item, str):
            path = located(item, self._origin)
            source = self._checked(item, "Directory" if not is_url(path) and Path(path).is_dir() else "File")
            return Staged(base_name(source), source)
        if isinstance(item, dict):
            return self._described(item, "Directory" if item.get("type", item.get("class")) == "Directory" else "File")
        self.problems.append("an entry of a `listing` is an object with `type` and `location`, or a path")
        return Staged("", "")


def located(text: str, origin: Origin) -> str:
    """The absolute path or the URL that a text means.

    Raises:
        UsageError: it begins like a URL but is none.
    """
    if is_url(text):
        return _absolute(Path("/"), local_path(normalized(text))) if text.startswith("file:") else normalized(text)
    if isinstance(origin, str) and not text.startswith("/"):
        return normalized(urljoin(origin, quote(text, safe="/%?&=+,;@:~!$'()*"))) if text else ""
    return _absolute(Path(origin) if isinstance(origin, Path) else Path("/"), text) if text else ""


def base_name(path: str) -> str:
    """The last part of a path, or of the path in a URL with its escapes resolved."""
    if is_url(path):
        name = posixpath.basename(unquote(urlsplit(path).path).rstrip("/")).replace("\0", "")
        return name if name not in ("", ".", "..") else "file"
    return posixpath.basename(path.rstrip("/"))


def _absolute(directory: Path, text: str) -> str:
    path = directory / text
    if ".." in path.parts:  # only the file system knows what `..` after a link is; the last name stays
        path = Path(os.path.realpath(path.parent)) / path.name if path.name != ".." else path.resolve()
    return str(path)


def _remote_problem(url: str, kind: str) -> str | None:
    if not is_remote(url):
        scheme = url.partition(":")[0]
        return f"`{redacted(url)}`: {scheme} URLs cannot be read yet; copy it to a disk, or give an https URL"
    if kind == "Directory":
        return f"`{redacted(url)}`: a Directory cannot be read from a URL; give an object with a `listing` of its files"
    return None


def _local_problem(path: str, text: str, kind: str) -> str | None:
    if not text:
        return f"the path of a {kind} cannot be empty"
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - for each of thousands of files
    except (OSError, ValueError):
        return f"{kind.lower()} `{path}` does not exist{_shell_habit(text)}"
    wanted = "directory" if kind == "Directory" else "file"
    found = "a directory" if stat.S_ISDIR(mode) else "a file" if stat.S_ISREG(mode) else _special(mode)
    if found == f"a {wanted}" or (path == os.devnull and kind == "File"):  # it reads as an empty one, at any time
        return None
    remedy = "" if found in ("a directory", "a file") else "; write what it gives to a file first"
    return f"`{path}` is {found}, not a {wanted}{remedy}"


def _special(mode: int) -> str:
    """What is read once, or without end, or not at all."""
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def _shell_habit(text: str) -> str:
    """What to do when something was meant for the shell, which leaves it as it is behind `=`."""
    if text.startswith("~"):
        return "; nobody expands `~` here: write `$HOME` instead"
    if "*" in text or "?" in text:
        return "; the shell expands wildcards only in words of their own: give them as further values, after a blank"
    return ""


def _object_problems(raw: dict[str, Any], kind: str) -> list[str]:
    problems = [f"an object for a {kind} has no `{key}`; it has {', '.join(_KEYS)}" for key in raw if key not in _KEYS]
    given = raw.get("type", raw.get("class", kind))
    if given != kind:
        problems.append(f"the object describes a {given}, but a {kind} is wanted")
    name = raw.get("basename")
    if name is not None and (not isinstance(name, str) or not name or "/" in name or name in (".", "..")):
        problems.append(f"`{name}` cannot be a `basename`: a name without `/` is wanted")
    if "listing" in raw and (kind == "File" or not isinstance(raw["listing"], list)):
        problems.append("a `listing` is an array, and only a Directory has one")
    return problems


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice = {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
    return [f"a `listing` has two entries called `{name}`" for name in sorted(twice) if name]
