"""What expressions may ask of the world: in a workflow, and inside a task.

In: a document, a directory for written files and, in a task, the `PathMap` of its call. Out: implementations of
`values.context.Context`. Source: WDL specification 1.3, "File and Directory path resolution", "Task Outputs".
"""

from __future__ import annotations

import os.path
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urljoin

from pysprocket.engine.downloads import Downloads
from pysprocket.engine.files import make_directory, write_file
from pysprocket.engine.globs import expand
from pysprocket.engine.paths import PathMap
from pysprocket.errors import EvaluationError
from pysprocket.source.uris import is_remote, lies_elsewhere, local_path
from pysprocket.types.typed import TypedDocument
from pysprocket.values.model import Directory, File

Path_ = TypeVar("Path_", File, Directory)
_OUTPUT_ONLY = "`{}` can only be used in the output section of a task"


class WorkflowContext:
    """Surroundings of the expressions of a workflow: host paths.

    Args:
        document: relative paths are beside it (from WDL 1.2 on; before, in the current directory).
        temporary: where `write_lines` and its kin put files; made when first needed.
        downloads: of the run; what needs a file that is not there yet raises `FetchNeeded`.
    """

    def __init__(self, document: TypedDocument, temporary: Path, downloads: Downloads | None = None) -> None:
        self.version = document.version
        self._document = document
        self._remote_base = document.source.uri if is_remote(document.source.uri) else None
        self._temporary = temporary
        self._downloads = downloads or Downloads(None, temporary)

    @cached_property
    def _base(self) -> Path:
        """Where relative paths begin. Few expressions ask for it, and each call of a sub-workflow has a context."""
        return _base_directory(self._document)

    def file(self, path: str, *, optional: bool = False) -> File | None:
        """A File on the host, or a URL."""
        if lies_elsewhere(path):
            return File(path)
        if self._remote_base is not None and self.version >= (1, 2) and path and not path.startswith(("/", "file:")):
            return File(urljoin(self._remote_base, quote(path)))
        host = self._absolute(path)
        return File(host) if _exists(path, host, "file", optional=optional) else None

    def directory(self, path: str, *, optional: bool = False) -> Directory | None:
        """A Directory on the host."""
        if lies_elsewhere(path):
            return Directory(path)
        host = self._absolute(path)
        return Directory(host) if _exists(path, host, "directory", optional=optional) else None

    def _absolute(self, path: str) -> Path:
        return _normal(self._base / _local(path))

    def host_path(self, path: str) -> Path:
        """The path itself, or where the copy of a remote file is."""
        if lies_elsewhere(path):
            return self._downloads.path(path)
        return self._absolute(path)

    def write_file(self, text: str, suffix: str = "") -> File:
        """A new file named by its content, so that equal content gives an equal command."""
        import hashlib  # noqa: PLC0415 - few workflows write files

        digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        path = self._temporary / f"{digest}{suffix}"
        if not path.exists():
            make_directory(self._temporary)
            write_file(path, text.encode())
        return File(path)

    def glob(self, pattern: str) -> list[File]:
        """Only a task has a working directory."""
        raise EvaluationError(_OUTPUT_ONLY.format("glob"))

    def stdout(self) -> File:
        """Only a task has a standard output."""
        raise EvaluationError(_OUTPUT_ONLY.format("stdout"))

    def stderr(self) -> File:
        """Only a task has a standard error."""
        raise EvaluationError(_OUTPUT_ONLY.format("stderr"))


class TaskContext(WorkflowContext):
    """Surroundings of a task before its command runs: inputs are where the job will see them."""

    def __init__(self, document: TypedDocument, temporary: Path, paths: PathMap) -> None:
        super().__init__(document, temporary, paths.downloads)
        self.paths = paths

    def file(self, path: str, *, optional: bool = False) -> File | None:
        """A File as the job sees it."""
        if self.paths.is_inside(path):
            return File(path) if self._is_there(path, "file", optional=optional) else None
        found = super().file(path, optional=optional)
        if found is None:
            self._named(File(self._absolute(path)))
            return None
        return self._named(File(self.paths.guest(found)))

    def directory(self, path: str, *, optional: bool = False) -> Directory | None:
        """A Directory as the job sees it."""
        if self.paths.is_inside(path):
            return Directory(path.rstrip("/") or "/") if self._is_there(path, "directory", optional=optional) else None
        found = super().directory(path, optional=optional)
        if found is None:
            self._named(Directory(self._absolute(path)))
            return None
        return self._named(Directory(self.paths.guest(found)))

    def _named(self, path: Path_) -> Path_:
        """Note what the task itself has named, though it may not be there: the call cache looks at its content."""
        self.paths.named[path] = None
        return path

    def _is_there(self, path: str, kind: str, *, optional: bool) -> bool:
        """Whether a path inside the container leads to something; of what is in its image nothing is known."""
        if not path.startswith(f"{self.paths.guest_root}/"):
            return True
        return _exists(path, self.paths.host(path), kind, optional=optional)

    def host_path(self, path: str) -> Path:
        """Where the bytes are."""
        return self.paths.host(path) if self.paths.is_inside(path) else super().host_path(path)

    def write_file(self, text: str, suffix: str = "") -> File:
        """A new file that the job can read."""
        return File(self.paths.guest(super().write_file(text, suffix)))


class OutputContext(TaskContext):
    """Surroundings of the output section: relative paths are in the working directory of the attempt.

    Args:
        attempt: the directory of the attempt.
    """

    def __init__(self, document: TypedDocument, temporary: Path, paths: PathMap, attempt: Path) -> None:
        super().__init__(document, temporary, paths)
        self._work = attempt / "work"

    def file(self, path: str, *, optional: bool = False) -> File | None:
        """A file that the task has written, one of its inputs, or a remote one."""
        if lies_elsewhere(path):
            return self._named(File(self.paths.guest(File(path))))
        host = self.host_path(path)
        there = _exists(path, host, "file", optional=optional, in_work=True)
        return self._named(File(self._checked(path, host))) if there else None

    def directory(self, path: str, *, optional: bool = False) -> Directory | None:
        """A directory that the task has made, or one of its inputs."""
        if lies_elsewhere(path):
            return Directory(self.paths.guest(Directory(path)))
        host = self.host_path(path)
        there = _exists(path, host, "directory", optional=optional, in_work=True)
        return self._named(Directory(self._checked(path, host))) if there else None

    def _checked(self, path: str, host: Path) -> str:
        """The path inside the job, absolute. A way out of what the job was shown is refused."""
        if not (self._is_below_work(path, host) if self.paths.guest_root is None else self._is_shown(host)):
            raise EvaluationError(
                f"`{path}` leads out of the task's working directory", help="copy the file instead of linking to it"
            )
        if not path.startswith("/"):
            path = f"{self.paths.guest_of_attempt('work')}/{path}"
        return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))  # equal paths, equal text

    def _is_below_work(self, path: str, host: Path) -> bool:
        """Without a container a task could read anything by itself, so only a relative path has a place to stay in."""
        return path.startswith("/") or Path(os.path.normpath(host)).is_relative_to(self._work)

    def _is_shown(self, host: Path) -> bool:
        work = self._work.resolve()
        target = host.resolve()
        shown = [work, work.parent / "stdout", work.parent / "stderr"]
        shown += [Path(mount.source) for mount in self.paths.mounts()]
        return any(target.is_relative_to(place) for place in shown)

    def host_path(self, path: str) -> Path:
        """Where the bytes are; relative paths are in the working directory."""
        if lies_elsewhere(path):
            return self._downloads.path(path)
        return self.paths.host(_local(path))

    def glob(self, pattern: str) -> list[File]:
        """Files (and links to files) that match, in the order of the C locale."""
        inside = pattern.removeprefix(self.paths.guest_of_attempt("work") + "/")
        if inside.startswith("/") and self.paths.guest_root is not None:
            raise EvaluationError(f"`glob` looks in the task's working directory, but `{pattern}` leads out of it")
        files = [match for match in expand(inside, str(self._work)) if (self._work / match).is_file()]
        for match in files:
            _check_text(match)
        return [File(self._checked(match, self._work / match)) for match in files]

    def stdout(self) -> File:
        """The standard output of the command."""
        return File(self.paths.guest_of_attempt("stdout"))

    def stderr(self) -> File:
        """The standard error of the command."""
        return File(self.paths.guest_of_attempt("stderr"))


def _base_directory(document: TypedDocument) -> Path:
    if document.version < (1, 2) or not document.source.uri.startswith("file://"):
        return Path.cwd()
    return Path(local_path(document.source.uri)).parent


def _local(path: str) -> str:
    return local_path(path) if path.startswith("file:") else path


def _check_text(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise EvaluationError(f"the file name {path!a} is not UTF-8 text", help="rename it in the command") from None


def _normal(path: Path) -> Path:
    """Without `.` and `..` parts; links are kept as they are."""
    return Path(os.path.normpath(path))


def _exists(path: str, host: Path, kind: str, *, optional: bool, in_work: bool = False) -> bool:
    """Whether a file or directory is there; when not and it must be, the error says what is there instead."""
    if host.is_file() if kind == "file" else host.is_dir():
        return True
    if host.exists():
        raise EvaluationError(f"`{path}` is not a {kind}")
    if optional:
        return False
    where = " in the task's working directory" if in_work and not path.startswith("/") else ""
    raise EvaluationError(f"the {kind} `{path}` does not exist{where}")
