"""The program that starts the jobs of one local backend: a process of a few megabytes, run by `launcher`.

In: on descriptor 0, a socket, messages of `marshal`, each after its length in four bytes: first the environment that
all jobs share; then tuples of a word and the number of a job:

- `("start", number, request, directory, shell, claim, environment)`, the environment being what differs;
- `("queue", …)`, the same, to start it in the place of one that ends with exit code 0, and whose request (processors,
  bytes) covers its own;
- `("go", number)`, to start now what was queued, or `("drop", number)`, not to start it;
- `("spare", number)`, to spare its process group.

Out: the file `submitted` in the attempt directory, as module `claims` reads it; and on the socket lists of answers:

- `("started", number, pid, ticks since boot, seconds since boot)`;
- `("claimed", number)` when another has started it, `("refused", number, errno or None, text)`, `("dropped", number)`;
- `("ended", number, exit code, seconds since boot, CPU seconds, peak in bytes)`, after what was started in its place;
  the exit code is None when the attempt directory has been removed.

What is left in the process group of a job when its first process ends is killed before that process is reaped: until
then its id cannot be another's. When the other end of the socket is closed, what is queued is forgotten, and this
program goes on until its last job has ended, so that how it ended is written down for whoever comes later.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import errno
import marshal
import os
import select
import time

TYPE_CHECKING = False  # importing `typing` would cost as much as all the rest, as would `signal`
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Answer: TypeAlias = tuple[str | int | float | None, ...]
    Size: TypeAlias = tuple[int, int]
    Start: TypeAlias = tuple[int, Size, bytes, bytes, bytes, dict[bytes, bytes]]

LENGTH = 4
"""Bytes before each message that tell its length, least significant first."""
CLAIM = "submitted"
"""The file in an attempt directory that says who runs the job, and how it ended."""
_SOCKET = 0
_KEPT_OPEN = min(200, os.sysconf("SC_OPEN_MAX") // 2)
"""How many of these files are held open; for more, the directory must not be moved while the job runs."""
_DEFAULT_SIGNALS = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGPIPE,
    signal.SIGXFSZ,
)


def pack(message: Any) -> bytes:
    """A message as it goes through the socket."""
    data = marshal.dumps(message)
    return len(data).to_bytes(LENGTH, "little") + data


def unpack(buffer: bytearray) -> Iterator[Any]:
    """The complete messages at the beginning of `buffer`, which are taken out of it."""
    while len(buffer) >= LENGTH and len(buffer) >= (end := LENGTH + int.from_bytes(buffer[:LENGTH], "little")):
        message = marshal.loads(buffer[LENGTH:end])  # noqa: S302 - from the process that started this one
        del buffer[:end]
        yield message


class Spawner:
    """Starts what is asked for, and tells how it ended."""

    def __init__(self) -> None:
        self._incoming = bytearray()
        self._environment: dict[bytes, bytes] | None = None
        self._running: dict[int, tuple[int, Size, Note]] = {}  # by process id
        self._queue: dict[int, Start] = {}  # by number, in their order
        self._spared: set[int] = set()
        self._alone = False

    def serve(self) -> None:
        """Until the other end of the socket is closed and nothing runs."""
        bell = _child_bell()
        poll = select.poll()
        poll.register(_SOCKET, select.POLLIN)
        poll.register(bell, select.POLLIN)
        while self._running or not self._alone:
            ended = self._next_ended()  # before the requests are read, so that what spares its group is among them
            ready = {descriptor for descriptor, _ in poll.poll(None if ended is None else 0)}
            answers: list[Answer] = []
            if bell in ready:
                os.read(bell, 4096)
            if _SOCKET in ready and not self._read(answers):
                poll.unregister(_SOCKET)
                self._leave()
            if ended is not None:
                self._reap(ended, answers)
            if answers and not self._alone and not _write(pack(answers)):
                poll.unregister(_SOCKET)
                self._leave()

    def _read(self, answers: list[Answer]) -> bool:
        """Do what is asked for; whether the other end is still there."""
        try:
            data = os.read(_SOCKET, 1 << 16)
        except ConnectionResetError:
            return False
        self._incoming += data
        for request in unpack(self._incoming):
            self._obey(request, answers)
        return bool(data)

    def _leave(self) -> None:
        """Nobody is there any more: keep nothing of theirs open or waiting."""
        self._alone = True
        self._queue.clear()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, _SOCKET)
        os.dup2(nothing, 2)
        os.close(nothing)

    def _obey(self, request: Any, answers: list[Answer]) -> None:
        if self._environment is None:
            self._environment = request
            return
        word, number, *_ = request
        if word == "start":
            answers.append(self._start(request[1:]))
        elif word == "queue":
            self._queue[number] = request[1:]
        elif word == "spare":
            self._spared.add(number)
        elif (queued := self._queue.pop(number, None)) is not None:  # else it was started in the meantime
            answers.append(self._start(queued) if word == "go" else ("dropped", number))

    def _start(self, start: Start) -> Answer:
        number, size, directory, shell, claim, environment = start
        try:
            note = Note(directory, claim, keep=len(self._running) < _KEPT_OPEN)
        except FileExistsError:
            return "claimed", number
        except OSError as error:
            return _refusal(number, error)
        pid, moment, now = 0, time.clock_gettime(time.CLOCK_BOOTTIME), time.time()
        try:
            os.chdir(directory + b"/work")
            pid = os.posix_spawnp(
                shell,
                [shell, directory + b"/command"],
                (self._environment or {}) | environment,
                file_actions=_streams(directory),
                setsid=True,
                setsigmask=(),
                setsigdef=_DEFAULT_SIGNALS,
            )
            began = _began(pid)
            note.write(b" %d %d %.6f\n" % (pid, began, now))  # the time of day, as files have it
        except (OSError, ValueError) as error:
            if pid:  # what nobody could find again must not run
                _kill_group(pid)
                os.waitpid(pid, 0)
            note.withdraw()
            return _refusal(number, error)
        finally:
            os.chdir("/")
        note.rest()
        self._running[pid] = number, size, note
        return "started", number, pid, began, moment

    def _next_ended(self) -> os.waitid_result | None:
        """A job's process that has ended and is not reaped yet."""
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) if self._running else None

    def _reap(self, ended: os.waitid_result, answers: list[Answer]) -> None:
        pid, moment = ended.si_pid, time.clock_gettime(time.CLOCK_BOOTTIME)
        number, size, note = self._running.pop(pid)
        if number not in self._spared:
            _kill_group(pid)
        self._spared.discard(number)
        code = ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status
        note.add(b"exit %d\n" % code)  # before it is reaped: who sees that it is gone finds it
        _, _, used = os.wait4(pid, 0)
        cpu_seconds, memory_peak = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
        if self._alone:
            note.add(b"used %.6f %d\n" % (cpu_seconds, memory_peak))
        removed = note.is_removed()
        note.close()
        if code == 0:  # else the engine may not want to start any more
            self._replace(size, answers)
        answers.append(("ended", number, None if removed else code, moment, cpu_seconds, memory_peak))

    def _replace(self, size: Size, answers: list[Answer]) -> None:
        """Start what is next in the place of a job that has ended."""
        cpu, memory = size
        while self._queue:
            number, start = next(iter(self._queue.items()))
            cpu, memory = cpu - start[1][0], memory - start[1][1]
            if cpu < 0 or memory < 0:
                return
            del self._queue[number]
            answers.append(self._start(start))


class Note:
    """The file by which a job is claimed: made once, by one of those who want to start the job.

    Raises:
        FileExistsError: another has claimed it.
        OSError: it cannot be written.
    """

    def __init__(self, directory: bytes, text: bytes, *, keep: bool) -> None:
        self._path = directory + b"/" + CLAIM.encode()
        self._keep = keep
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            self.write(text)  # takes the room on the disk that all lines need
        except OSError:
            self.withdraw()
            raise

    def write(self, text: bytes) -> None:
        """Write the beginning.

        Raises:
            OSError: it cannot be written whole.
        """
        if os.write(self._descriptor, text) < len(text):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._path)

    def add(self, text: bytes) -> None:
        """Add a line; a directory that is gone, or a broken disk, is noticed by whoever looks for what is not there."""
        try:
            if self._descriptor < 0:
                self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            os.write(self._descriptor, text)
        except OSError:
            return
        self.rest()

    def rest(self) -> None:
        """Close it, unless it is one of those held open."""
        if not self._keep:
            self.close()

    def is_removed(self) -> bool:
        """Whether the file is not there any more."""
        return not (os.fstat(self._descriptor).st_nlink if self._descriptor >= 0 else os.path.exists(self._path))  # noqa: PTH110

    def withdraw(self) -> None:
        """Nothing was started."""
        self.close()
        try:
            os.unlink(self._path)  # noqa: PTH108
        except FileNotFoundError:  # with all of its directory
            return

    def close(self) -> None:
        """It is not written any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _refusal(number: int, error: OSError | ValueError) -> Answer:
    if isinstance(error, ValueError):
        return "refused", number, None, str(error)
    return "refused", number, error.errno, f"{os.fsdecode(error.filename or '')}: {error.strerror}".lstrip(": ")


def _streams(directory: bytes) -> tuple[tuple[int, int, bytes | str, int, int], ...]:
    """No input, and output into files."""
    new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    return (
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, directory + b"/stdout", new, 0o666),
        (os.POSIX_SPAWN_OPEN, 2, directory + b"/stderr", new, 0o666),
    )


def _began(pid: int) -> int:
    """When a child was started, in ticks since the machine was: with its id, that names it once and for all."""
    with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:  # noqa: PTH123
        text: bytes = file.read(1024)
    return int(text[text.rindex(b")") + 2 :].split()[19])


def _child_bell() -> int:
    """A descriptor that becomes readable when a child ends."""
    bell, ringer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    set_handler = signal.signal
    set_handler(signal.SIGCHLD, lambda number, frame: None)  # without a handler, nothing is written
    signal.set_wakeup_fd(ringer, warn_on_full_buffer=False)
    return bell


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nothing left, or all became another user's
        return


def _write(data: bytes) -> bool:
    """Whether the other end is still there."""
    try:
        while data:
            data = data[os.write(_SOCKET, data) :]
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


if __name__ == "__main__":
    os.chdir("/")
    for deaf in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):  # the jobs obey, and how they end is to be written
        signal.signal(deaf, signal.SIG_IGN)
    Spawner().serve()
    os._exit(0)
