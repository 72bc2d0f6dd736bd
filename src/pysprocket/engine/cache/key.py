"""The key of a call: everything that its result may depend on, part by part.

In: a `Subject`, a call whose inputs and requirements are known, and digests. Out: `Key`. What counts:

- the task: name, command, outputs, private declarations, declared inputs, and the structs and enums it uses;
- inputs by value, files and directories by content, whether they may be executed, base name and which of them lie
  beside each other;
- files that the document itself names inside the task, by content;
- where jobs have an image: its digest, and the mount points of disks;
- `gpu`, `fpga`, and the exit codes that mean success;
- of the `task` variable only what the task mentions: so `cpu` counts where `task.cpu` is read;
- hints, but for those that only help the engine; the shell; the version of WDL; whether paths are those of a container.

Where things lie on the host, the document's place and the rest of its text do not count.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from posixpath import basename
from typing import Any

import msgspec
from blake3 import blake3

from pysprocket.engine.cache.contents import content_of
from pysprocket.engine.cache.exact import exact
from pysprocket.engine.cache.source import task_source
from pysprocket.engine.paths import PathMap
from pysprocket.engine.requirements import Requirements
from pysprocket.errors import EvaluationError
from pysprocket.files.digests import Digests
from pysprocket.types.typed import TypedTask
from pysprocket.values.model import Directory, EnumValue, File, Value, paths_in
from pysprocket.values.text import as_wdl

FORMAT = 1
"""Raised when a result of an earlier version of this program must not be used any more."""

_LONGEST = 200
"""Characters of a value that are kept as they are; of a longer one, its digest."""
_MOST_FILES = 200
"""How many files of one input are kept by name, for whoever asks later which of them has changed."""
_OF_THE_ENGINE = {"cacheable", "max_cpu", "max_memory", "short_task", "localization_optional", "inputs", "outputs"}
_OF_RESOURCES = {"gpu", "fpga", "disks"}
_OF_CLOUDS = {"preemptible", "bootDiskSizeGb", "zones", "noAddress"}
_NO_MATTER = frozenset(_OF_THE_ENGINE | _OF_RESOURCES | _OF_CLOUDS)
"""Hints that cannot change what a task gives: those of the specification, and those of clouds that many write."""
_OUTCOMES = frozenset({"return_code", "end_time"})
"""Members of `task` that are not known before."""


class Excluded(msgspec.Struct, frozen=True):
    """Names that the configuration leaves out of keys; those of requirements and hints are the present-day ones."""

    inputs: frozenset[str] = frozenset()
    requirements: frozenset[str] = frozenset()
    hints: frozenset[str] = frozenset()


class Subject(msgspec.Struct, frozen=True, eq=False):
    """A call, before its first attempt.

    Attributes:
        scope: inputs and `task`, as the job would see them.
        image: the image that would be used and its digest; None where jobs have none.
    """

    task: TypedTask
    scope: Mapping[str, Value]
    paths: PathMap
    requirements: Requirements
    shell: str
    image: tuple[str, str] | None
    excluded: Excluded


class Part(msgspec.Struct, frozen=True, array_like=True):
    """One part of a key.

    Attributes:
        value: what is compared.
        shown: the same for people; empty where that would say nothing.
        files: paths and contents of the files in an input, or of the one that the task names itself.
    """

    value: str
    shown: str = ""
    files: tuple[tuple[str, str], ...] = ()


class Key(msgspec.Struct, frozen=True):
    """The key of a call.

    Attributes:
        name: hexadecimal.
        inputs: each File and Directory of the inputs that count, on the host, in order.
        contents: of everything on the host that was looked at, by path.
    """

    name: str
    parts: dict[str, Part]
    inputs: tuple[str, ...]
    contents: dict[str, str]


def key_of(subject: Subject, digests: Digests) -> Key:
    """The key of a call.

    Raises:
        OSError: a file cannot be read, or changes meanwhile.
    """
    files = _Files(digests, subject.paths)
    inputs = _input_paths(subject, files)
    parts = (
        _fixed(subject.task, subject.shell, subject.paths.guest_root)
        | _inputs(subject, files)
        | _named(subject, files, inputs)
        | _asked(subject)
    )
    compared = msgspec.json.encode([FORMAT, sorted((name, part.value) for name, part in parts.items())])
    return Key(blake3(compared).hexdigest(), parts, tuple(inputs), files.contents)


def _input_paths(subject: Subject, files: _Files) -> dict[str, None]:
    """Each File and Directory in the inputs that count, on the host; those of the image are left out."""
    hosts = (files.host(path) for name in _counted(subject) for path in paths_in(subject.scope[name]))
    return dict.fromkeys(host for host in hosts if host is not None)


class _Files:
    """Describes paths: by content, and by how they lie to each other, numbered as `engine.paths` does."""

    def __init__(self, digests: Digests, paths: PathMap) -> None:
        self._digests = digests
        self._paths = paths
        self._folders: dict[str, int] = {}
        self._places: dict[str, str] = {}
        self._hosts: dict[str, str | None] = {}
        self.contents: dict[str, str] = {}

    def host(self, path: File | Directory) -> str | None:
        """Where on the host a path is; None when it lies in the image."""
        if path not in self._hosts:
            self._hosts[path] = on_host(path, self._paths)
        return self._hosts[path]

    def describe(self, path: File | Directory) -> list[str]:
        """What of a path that the job sees is part of the key."""
        host = self.host(path)
        if host is None:
            return ["in the image", str(path)]
        if host not in self.contents:
            self.contents[host] = content_of(host, self._digests)
        return [self._place(host), self.contents[host]]

    def _place(self, host: str) -> str:
        known = self._places.get(host)
        if known is None:
            known = self._places[host] = self._new_place(host)
        return known

    def _new_place(self, host: str) -> str:
        parent, _, name = host.rpartition("/")
        above = parent
        while above:
            if above in self._places:
                return f"{self._places[above]}{host[len(above) :]}"
            above = above.rpartition("/")[0]
        return f"{self._folders.setdefault(parent, len(self._folders) + 1)}/{name}"


def on_host(path: File | Directory, paths: PathMap) -> str | None:
    """Where on the host a path is that the job sees; None when it lies in the image."""
    if paths.guest_root is None and path.startswith("/"):
        return str(path)
    try:
        return str(paths.host(path))
    except EvaluationError:
        return None  # in the image, whose digest is part of the key


@cache
def _fixed(task: TypedTask, shell: str, guest_root: str | None) -> dict[str, Part]:
    """What is the same for each call of a task in a run."""
    major, minor = task.document.version
    parts = {"wdl": Part(f"{major}.{minor}", f"{major}.{minor}"), "shell": Part(shell, shell)}
    place = guest_root or "the host"
    parts["paths"] = Part(place, place)
    return parts | {name: Part(digest) for name, digest in task_source(task).parts.items()}


def _counted(subject: Subject) -> list[str]:
    excluded, task = subject.excluded.inputs, subject.task
    return [name for name in task.inputs if name not in excluded and f"{task.name}.{name}" not in excluded]


def _inputs(subject: Subject, files: _Files) -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for name in _counted(subject):
        seen: dict[str, str] = {}

        def describe(path: File | Directory, seen: dict[str, str] = seen) -> object:
            described = files.describe(path)
            seen[files.host(path) or str(path)] = described[1]
            return described

        value = subject.scope[name]
        whole = exact(value, describe)
        some = tuple(seen.items()) if len(seen) <= _MOST_FILES else ()
        parts[f"input {name}"] = msgspec.structs.replace(_part(whole, value), files=some)
    return parts


def _named(subject: Subject, files: _Files, inputs: Mapping[str, None]) -> dict[str, Part]:
    """Files that private declarations and the command name by themselves."""
    named = [path for path in subject.paths.named if (files.host(path) or "") not in inputs]
    return {f"file {basename(path)} ({number})": _there(files, path) for number, path in enumerate(named)}


def _there(files: _Files, path: File | Directory) -> Part:
    """Of a file that the document names: its path counts only in the image."""
    try:
        described = files.describe(path)
    except FileNotFoundError:
        return _part("missing", "missing")
    host = files.host(path)
    part = _part(described, path)
    return part if host is None else msgspec.structs.replace(part, files=((host, described[1]),))


def _asked(subject: Subject) -> dict[str, Part]:
    """Image, requirements and hints."""
    requirements, excluded = subject.requirements, subject.excluded
    codes = requirements.return_codes
    asked: dict[str, object] = {
        "gpu": requirements.resources.gpu,
        "fpga": requirements.resources.fpga,
        "return_codes": "*" if codes is None else sorted(codes),
    }
    if subject.paths.guest_root is not None:
        asked["disks"] = sorted(point for point in requirements.resources.disks if point)
    parts = {f"requirement {name}": _part(value, value) for name, value in asked.items()}
    if subject.image is not None:
        name, digest = subject.image
        parts["requirement container"] = Part(digest, f"{name} ({digest})")
    for member in task_source(subject.task).members:
        if member not in _OUTCOMES and member not in excluded.requirements:
            value = subject.scope["task"].get(member)
            parts[f"task.{member}"] = _part(exact(value, str), value)
    left_out = {f"requirement {name}" for name in excluded.requirements}
    return {name: part for name, part in parts.items() if name not in left_out} | _hints(subject)


def _hints(subject: Subject) -> dict[str, Part]:
    left_out = _NO_MATTER | subject.excluded.hints
    hints = {name: value for name, value in subject.requirements.hints.items() if name not in left_out}
    return {f"hint {name}": _part(exact(value, str), value) for name, value in hints.items()}


def _part(data: object, value: Any) -> Part:
    text = msgspec.json.encode(data)
    compared = text.decode() if len(text) <= _LONGEST else blake3(text).hexdigest()
    told = str(value) if isinstance(value, str) and not isinstance(value, EnumValue) else as_wdl(value)
    return Part(compared, told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…")
