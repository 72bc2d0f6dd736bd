"""Where a job's files are: on the host, and as the job sees them.

In: the place of an attempt and the inputs of a call. Out: `PathMap`, which gives each input a path inside the job
and finds the bytes of a path again. Inputs that share a parent directory share a directory inside
(`/mnt/task/inputs/<n>/`), so index files stay beside their data and equal base names never collide. Where jobs see
the host's own paths (no container) both are the same. A remote file is the copy that `downloads` has of it.

An extra disk of a task is a directory of the attempt, `disks/<n>`, mounted where the task wants it.

A path that a document itself names in a directory which every image brings along, such as `/usr`, means the image's
own: the host's programs and settings are nothing that a container could use.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from pysprocket.backends.job import Mount
from pysprocket.engine.downloads import Downloads
from pysprocket.errors import EvaluationError
from pysprocket.source.uris import lies_elsewhere, redacted
from pysprocket.values.model import Directory, File

DISKS = "disks"
"""The directory of an attempt that holds its extra disks."""
_OF_IMAGES = frozenset({"bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "sys", "usr"})
"""Directories below `/` that belong to the operating system, and so to the image. `/usr/local` does not."""


class PathMap:
    """Host paths and guest paths of one call.

    Args:
        guest_root: where a job's files are inside its container, None when jobs see host paths.
        downloads: of the run.

    Attributes:
        named: what expressions of the task have named themselves, as the job sees it; only its keys count.
    """

    def __init__(self, guest_root: str | None, downloads: Downloads | None = None) -> None:
        self.guest_root = guest_root
        self.downloads = downloads or Downloads(None, Path())
        self._numbers: dict[str, int] = {}
        self._guests: dict[str, str] = {}  # host path as given -> guest path
        self._hosts: dict[str, Path] = {}  # guest path -> host path
        self._disks: dict[str, Path] = {}  # mount point -> host path
        self._work: Path | None = None
        self.named: dict[File | Directory, None] = {}

    def enter_attempt(self, directory: Path, disks: Iterable[str] = ()) -> None:
        """From now on the working directory, stdout, stderr and extra disks are those of the attempt in `directory`.

        The `disks` are mount points. That of the working directory is the host's own; without containers, all are.
        """
        self._work = directory
        points = [posixpath.normpath(point) for point in disks if point and self.guest_root is not None]
        own = {"/", self.guest_root, f"{self.guest_root}/work"}
        extra = [point for point in points if point not in own]
        self._disks = {point: directory / DISKS / str(number) for number, point in enumerate(extra, 1)}

    def guest(self, path: File | Directory) -> File | Directory:
        """The path that the job sees for an input on the host, or for a remote one.

        Raises:
            EvaluationError: a remote file cannot be had.
            FetchNeeded: it has not been fetched yet.
        """
        if lies_elsewhere(path):
            if isinstance(path, Directory):
                raise EvaluationError(
                    f"`{redacted(path)}`: a Directory cannot be read from a URL", help="name its files"
                )
            path = File(self.downloads.path(path))
        if self.guest_root is None:
            return path
        known = self._guests.get(path)
        if known is None:
            known = self._guests[path] = self._place(path)
            self._hosts[known] = Path(path)
        return type(path)(known)

    def _place(self, path: str) -> str:
        for ancestor in PurePosixPath(path).parents:  # a file below a mounted directory is there already
            inside = self._guests.get(str(ancestor))
            if inside is not None:
                return f"{inside}/{PurePosixPath(path).relative_to(ancestor)}"
        parent, _, name = path.rpartition("/")
        number = self._numbers.setdefault(parent, len(self._numbers) + 1)
        return f"{self.guest_root}/inputs/{number}/{name or '.root'}"

    def is_inside(self, path: str) -> bool:
        """Whether a path that a document names is one inside the container, in whatever place it has been mounted."""
        if self.guest_root is None:
            return False
        return path.startswith(f"{self.guest_root}/") or _is_of_image(posixpath.normpath(path))

    def mounts(self) -> tuple[Mount, ...]:
        """What the job must be shown, links resolved to what they point at."""
        shown: list[Mount] = []
        for guest, host in self._hosts.items():
            if not any(str(ancestor) in self._hosts for ancestor in PurePosixPath(guest).parents):
                shown.append(Mount(str(host.resolve()), guest))
        shown += [Mount(str(host.resolve()), point, read_only=False) for point, host in self._disks.items()]
        return tuple(shown)

    def written(self) -> tuple[Path, ...]:
        """The directories that the job of the attempt writes to."""
        return (self._attempt / "work", *self._disks.values())

    def may_lead(self, path: str) -> bool:
        """Whether a path inside the job is where files of the call are mounted."""
        return path.startswith((f"{self.guest_root}/", *(f"{point}/" for point in self._disks)))

    def host(self, path: str) -> Path:
        """Where the bytes of a path are that the job sees; relative paths are in its working directory.

        Raises:
            EvaluationError: nothing the job was shown or has written.
        """
        pure = PurePosixPath(posixpath.normpath(path))
        if not pure.is_absolute():
            return self._attempt / "work" / path
        if self.guest_root is None:
            return Path(path)
        for candidate in (pure, *pure.parents):
            host = self._hosts.get(str(candidate)) or self._disks.get(str(candidate))
            if host is not None:
                return host / pure.relative_to(candidate)
        if pure.is_relative_to(self.guest_root):
            inside = pure.relative_to(self.guest_root)
            if self._work is not None and inside.parts and inside.parts[0] in ("work", "stdout", "stderr"):
                return self._attempt / inside
        if _is_of_image(str(pure)):
            raise EvaluationError(
                f"`{path}` lies in the image of the container, where only the command can read it",
                help="copy it to the working directory of the task in the command",
            )
        raise EvaluationError(
            f"`{path}` is neither in the task's working directory nor one of its inputs",
            help="write output files to the working directory of the task and name them by a relative path",
        )

    def host_value(self, path: File | Directory) -> File | Directory:
        """A path that the job sees as the path on the host."""
        return type(path)(self.host(path))

    @property
    def _attempt(self) -> Path:
        assert self._work is not None, "an attempt has begun"
        return self._work

    def guest_of_attempt(self, name: str) -> str:
        """The path inside the job of `work`, `stdout` or `stderr`."""
        return f"{self.guest_root}/{name}" if self.guest_root else str(self._attempt / name)


def _is_of_image(path: str) -> bool:
    parts = path.split("/")
    return parts[0] == "" and len(parts) > 1 and parts[1] in _OF_IMAGES and parts[1:3] != ["usr", "local"]
