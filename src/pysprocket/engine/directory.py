"""The directory of a run, laid out as the guide draws it.

In: the output directory and the target. Out: `RunDirectory`: `runs/<target>/<timestamp>[_<suffix>]/` with
`inputs.json`, `outputs.json`, `attempts/<n>/` for a task, `calls/<call id>/…` for a workflow, and links to the newest.

While a process works on a run it holds a lock on `.lock` in the run directory. The kernel takes the lock away when the
process dies, however that is, so a lock that nobody holds means that nobody works on the run.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from pysprocket.engine.files import alone
from pysprocket.engine.names import random_letters
from pysprocket.errors import OutputDirectoryError

LOCK = ".lock"
"""The file in a run directory that the process holds a lock on which works on the run."""

NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
"""What a file system says that knows no locks."""

LOG = "output.log"
"""The log in a run directory, and the link in the output directory to the newest run's."""

_PATIENCE = 0.2
"""How long somebody may hold the lock who only looks whether it is held, in seconds."""


class RunDirectory:
    """Paths of one run.

    Attributes:
        output: the output directory, absolute.
        path: the run directory, absolute.
    """

    def __init__(self, output: Path, path: Path) -> None:
        self.output = output
        self.path = path

    @cached_property
    def relative(self) -> str:
        """The run directory inside the output directory."""
        return str(self.path.relative_to(self.output))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """In this block the run is this process's; afterwards the file of the lock is gone.

        Raises:
            OutputDirectoryError: another process works on it.
        """
        path = self.path / LOCK
        try:
            descriptor = _acquire(path, time.monotonic() + _PATIENCE)
        except OSError as error:
            raise _unusable(self.output, error.strerror or str(error)) from error
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)

    def discard(self) -> None:
        """Remove it, as far as that can be done, and let links that led to it lead to the newest that is left."""
        import shutil  # noqa: PLC0415 - hardly ever

        parent = self.path.parent
        latest, log = parent / "_latest", self.output / LOG
        with suppress(OSError), alone(self.output):
            shutil.rmtree(self.path)
            if latest.is_symlink() and not latest.exists():
                _point_back(latest, parent.glob("2*"), "")
            if log.is_symlink() and log.readlink().parent == Path(self.relative):
                _point_back(log, self.output.glob("runs/*/2*"), LOG)
        _remove_empty(parent, self.output)

    def call(self, call_id: str) -> Path:
        """The directory of a call; a "/" in the id steps into a sub-workflow, the empty id is the run itself."""
        return self.path.joinpath("calls", call_id.replace("/", "/calls/")) if call_id else self.path


def absolute(output: Path) -> Path:
    """An output directory as the user names it: `~` is the home directory, links stay as they are."""
    return Path(os.path.abspath(os.path.expanduser(output)))  # noqa: PTH100, PTH111 - Path.resolve replaces links


def attempt_directory(call: Path, number: int) -> Path:
    """The directory of an attempt of the call in a directory."""
    return call / "attempts" / str(number)


def prepare_output_directory(output: Path) -> Path:
    """Make the output directory when it is not there, and see that it can be written; gives its absolute path.

    Raises:
        OutputDirectoryError: it is a file, cannot be made or written, or its name cannot be recorded.
    """
    output = absolute(output)
    name = os.fsencode(output).decode(errors="replace")
    if name != str(output):
        raise _unusable(Path(name), "its name is not UTF-8, so it cannot be recorded")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise _unusable(output, _obstacle(output)) from None
    except OSError as error:
        raise _unusable(output, error.strerror or str(error)) from error
    if not os.access(output, os.W_OK | os.X_OK):
        raise _unusable(output, "it cannot be written")
    return output


def create_run_directory(output: Path, target: str, suffix: str | None = None) -> RunDirectory:
    """A new run directory, named by the time (UTC, nanoseconds); `_latest` and `output.log` point at it and its log.

    Of several that begin together, they point at the one that was made last.

    Raises:
        OutputDirectoryError: it cannot be made; nothing of it is left.
    """
    parent = output / "runs" / target
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with alone(output):
            path = _make_unique(parent, suffix)
            _point_to_newest(output, path)
    except OSError as error:
        _remove_empty(parent, output)
        raise _unusable(output, error.strerror or str(error)) from error
    return RunDirectory(output, path)


def _acquire(path: Path, end: float) -> int:
    """Take the lock, and write who has it; gives the descriptor that holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 200).decode(errors="replace").strip()
        os.close(descriptor)
        if time.monotonic() < end:
            time.sleep(0.01)
            return _acquire(path, end)
        raise OutputDirectoryError(
            f"another process works on this run: {holder or 'it does not say which'}", help="wait until it has ended"
        ) from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            os.close(descriptor)
            raise
    if not _is_file(descriptor, path):  # its holder has removed it since it was opened
        os.close(descriptor)
        return _acquire(path, end)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()} on {os.uname().nodename}\n".encode())
    return descriptor


def _is_file(descriptor: int, path: Path) -> bool:
    """Whether a path still names an open file."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False


def _make_unique(parent: Path, suffix: str | None) -> Path:
    while True:
        now = time.time_ns()
        stamp = time.strftime("%Y-%m-%d_%H%M%S", time.gmtime(now // 10**9)) + f"{now % 10**9:09d}"
        path = parent / (f"{stamp}_{suffix}" if suffix else stamp)
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path


def _point_to_newest(output: Path, path: Path) -> None:
    """Move `_latest`, and the link to the log; when it cannot be done, the new run directory is gone again."""
    log = output / LOG
    try:
        _point(path.with_name("_latest"), path.name)
        if log.is_symlink() or not log.exists():  # else an earlier version has written it
            _point(log, f"{path.relative_to(output)}/{LOG}")
    except OSError:
        with suppress(OSError):
            path.rmdir()
        raise


def _point(link: Path, target: str) -> None:
    """Make a link, or move it in one step."""
    aside = link.with_name(f".{link.name}.{random_letters(12)}")
    try:
        aside.symlink_to(target)
        aside.replace(link)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise


def _point_back(link: Path, directories: Iterable[Path], file: str) -> None:
    """Make a link lead to a file in the newest of some run directories (by name: a time); without any, remove it."""
    newest = max(directories, key=lambda directory: directory.name, default=None)
    if newest is None:
        link.unlink()
    else:
        _point(link, str(newest.relative_to(link.parent) / file))


def _remove_empty(directory: Path, end: Path) -> None:
    """Remove a directory and those around it, up to `end`, as far as they are empty."""
    with suppress(OSError):
        while directory != end:
            directory.rmdir()
            directory = directory.parent


def _obstacle(path: Path) -> str:
    """What stands where a directory was to be made."""
    for place in (path, *path.parents):
        if place.is_symlink() and not place.exists():
            return f"`{place}` is a link to nothing"
        if place.exists():
            return "it is a file, not a directory" if place == path else f"`{place}` is a file, not a directory"
    return "it cannot be made"


def _unusable(output: Path, reason: str) -> OutputDirectoryError:
    return OutputDirectoryError(
        f"the output directory `{output}` cannot be used: {reason}", help="choose another one with `-o DIRECTORY`"
    )
