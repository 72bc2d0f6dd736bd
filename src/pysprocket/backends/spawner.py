"""The program that starts the jobs of one local backend: a process of a few megabytes, run by `launcher`.

In: on descriptor 0, a socket, messages of `marshal`, each after its length in four bytes: first the environment that
all jobs share; then `(number, arguments, environment)` to start a job, the environment being what differs; or a bare
number, to spare the process group of that job. Out: on the same socket, lists of answers: `("started", number, pid)`,
`("refused", number, errno or None, text)`, `("ended", number, status, CPU seconds, peak in bytes)`.

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
        self._numbers: dict[int, int] = {}  # by process id
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
                answers = [answer for answer in map(self._obey, unpack(self._incoming)) if answer is not None]
            if ended is not None:
                answers.append(self._reap(ended))
            if answers:
                _write(pack(answers))

    def _obey(self, request: Any) -> Answer | None:
        if self._environment is None:
            self._environment = request
        elif isinstance(request, int):
            self._spared.add(request)
        else:
            return self._start(self._environment, *request)
        return None

    def _start(
        self, shared: dict[bytes, bytes], number: int, arguments: list[bytes], environment: dict[bytes, bytes]
    ) -> Answer:
        try:
            pid = os.posix_spawn(
                "/bin/sh",
                arguments,
                shared | environment,
                file_actions=_NO_STREAMS,
                setsid=True,
                setsigmask=(),
                setsigdef=_DEFAULT_SIGNALS,
            )
        except OSError as error:
            return "refused", number, error.errno, str(error)
        except ValueError as error:
            return "refused", number, None, str(error)
        self._numbers[pid] = number
        return "started", number, pid

    def _next_ended(self) -> int | None:
        """The id of a job's process that has ended and is not reaped yet."""
        if not self._numbers:
            return None
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return None if ended is None else ended.si_pid

    def _reap(self, pid: int) -> Answer:
        number = self._numbers.pop(pid)
        if number not in self._spared:
            _kill_group(pid)
        self._spared.discard(number)
        _, status, used = os.wait4(pid, 0)
        return "ended", number, status, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


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
