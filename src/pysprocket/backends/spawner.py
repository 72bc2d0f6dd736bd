"""The program that starts the jobs of one local backend: a process of a few megabytes, run by `launcher`.

In: on descriptor 0, a socket, messages of `marshal`, each after its length in four bytes: first the environment that
all jobs share; then tuples of a word and the number of a job: `("start", number, request, arguments, environment)`,
the environment being what differs; `("queue", …)`, the same, to start it in the place of one that ends, whose request
(processors, bytes) covers its own; `("go", number)`, to start at once what was queued; `("drop", number)`, not to
start it; `("spare", number)`, to spare its process group. Out: on the same socket, lists of answers:
`("started", number, pid)`, `("refused", number, errno or None, text)`, `("dropped", number)`,
`("ended", number, status, CPU seconds, peak in bytes)`, this after what was started in its place.

What is left in the process group of a job when its first process ends is killed before that process is reaped: until
then its id cannot be another's. When the other end of the socket is closed, this program ends; jobs go on.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import marshal
import os
import select

TYPE_CHECKING = False  # importing `typing` would cost as much as all the rest, as would `signal`
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Answer: TypeAlias = tuple[str | int | float | None, ...]
    Size: TypeAlias = tuple[int, int]
    Start: TypeAlias = tuple[int, Size, list[bytes], dict[bytes, bytes]]

LENGTH = 4
"""Bytes before each message that tell its length, least significant first."""
_SOCKET = 0
_DEFAULT_SIGNALS = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGPIPE,
    signal.SIGXFSZ,
)
_NO_STREAMS = (
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
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
        self._running: dict[int, tuple[int, Size]] = {}  # by process id
        self._queue: dict[int, Start] = {}  # by number, in their order
        self._spared: set[int] = set()

    def serve(self) -> None:
        """Until the other end of the socket is closed."""
        bell = _child_bell()
        poll = select.poll()
        poll.register(_SOCKET, select.POLLIN)
        poll.register(bell, select.POLLIN)
        while True:
            ended = self._next_ended()  # before the requests are read, so that what spares its group is among them
            ready = {descriptor for descriptor, _ in poll.poll(None if ended is None else 0)}
            answers: list[Answer] = []
            if bell in ready:
                os.read(bell, 4096)
            if _SOCKET in ready:
                if not (data := os.read(_SOCKET, 1 << 16)):
                    return
                self._incoming += data
                for request in unpack(self._incoming):
                    self._obey(request, answers)
            if ended is not None:
                self._reap(ended, answers)
            if answers:
                _write(pack(answers))

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
        number, size, arguments, environment = start
        try:
            pid = os.posix_spawn(
                "/bin/sh",
                arguments,
                (self._environment or {}) | environment,
                file_actions=_NO_STREAMS,
                setsid=True,
                setsigmask=(),
                setsigdef=_DEFAULT_SIGNALS,
            )
        except OSError as error:
            return "refused", number, error.errno, str(error)
        except ValueError as error:
            return "refused", number, None, str(error)
        self._running[pid] = number, size
        return "started", number, pid

    def _next_ended(self) -> int | None:
        """The id of a job's process that has ended and is not reaped yet."""
        if not self._running:
            return None
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return None if ended is None else ended.si_pid

    def _reap(self, pid: int, answers: list[Answer]) -> None:
        number, size = self._running.pop(pid)
        if number not in self._spared:
            _kill_group(pid)
        self._spared.discard(number)
        _, status, used = os.wait4(pid, 0)
        self._replace(size, answers)
        answers.append(("ended", number, status, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024))

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


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(_SOCKET, data) :]


if __name__ == "__main__":
    try:
        Spawner().serve()
    except (BrokenPipeError, ConnectionResetError):  # the engine died while there was something to tell it
        os._exit(0)
