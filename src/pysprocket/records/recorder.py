"""Keeps what happens in a run: the listener that writes the provenance database.

In: events. Out: rows, and `durable()`, which says when they are on disk. One thread writes; all events that wait are
one transaction, so a thousand tasks that end together cost one disk synchronisation. Transactions are what costs most:
events that nobody waits for stay for `LINGER`, and a thread that is busy with transactions rests between them, so that
a run where much happens writes many events at once.

Another process that keeps the database locked is waited for, and told of; only after `PATIENCE` the run ends. Waiting
blocks the thread, never the engine, except where it needs to know that something is on disk.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Signal
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from pysprocket.clock import now
from pysprocket.engine.events import Event, Notice
from pysprocket.errors import RecordsError
from pysprocket.records.database import BUSY_TIMEOUT, check_tables, explain, is_busy, is_damage, open_database
from pysprocket.records.liveness import HEARTBEAT, mark_dead
from pysprocket.records.writer import EventWriter

if TYPE_CHECKING:  # a run without tasks does without it
    import asyncio

PATIENCE = 300.0
"""Seconds that a database which another process keeps locked is waited for while a run is under way."""

LINGER = 0.25
"""Seconds that events are gathered while nobody waits for them."""

_LATER, _NOW = False, True
_SHARE = 0.2  # of the time that transactions may take
_ALLOWANCE = 0.05  # seconds of transactions that may be done at once
_LONGEST_REST = 0.1


class _Waiter(NamedTuple):
    """Someone who waits until all events before have been written."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None]


class Recorder:
    """A listener that writes events to a provenance database.

    Calling it only queues the event. An error of the database is kept, and raised by the next `durable` or `close`;
    after it nothing more is written.

    Args:
        path: of the database; made when there is none, shared with other processes when there is.
        tell: called with a warning while another process keeps the database locked; in the thread of the event loop
            once `durable` has been awaited.
        busy_timeout: seconds to wait for another process that writes, when opening and between two warnings.
        patience: seconds to wait for it in all while a run is under way.

    Raises:
        RecordsError: the database cannot be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        tell: Callable[[Notice], None] | None = None,
        busy_timeout: float = BUSY_TIMEOUT,
        patience: float = PATIENCE,
    ) -> None:
        self._path = path
        self._tell = tell
        self._patience = patience
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed: Callable[[RecordsError], None] | None = None
        empty = _is_empty_beside_runs(path)
        self._connection = open_database(path, busy_timeout=busy_timeout)
        self._opened = path.stat()
        if empty:
            self._warn(f"`{path}` was empty and knows nothing of the runs beside it; records begin anew")
        self._error: RecordsError | None = None
        self._events: deque[Event] = deque()
        self._waiters: deque[_Waiter] = deque()
        self._calls: SimpleQueue[bool] = SimpleQueue()  # what wakes the thread
        self._called = self._called_urgently = self._closing = False
        try:
            self._connection.execute("BEGIN IMMEDIATE").close()
            check_tables(self._connection)
            mark_dead(self._connection, path.absolute().parent)
            self._writer = EventWriter(self._connection, path.absolute().parent)
            self._connection.execute("COMMIT").close()
        except sqlite3.Error as error:
            self._connection.close()
            raise explain(error, path) from error
        self._debt = self._rested = self._last_end = 0.0
        self._heartbeat_due = time.monotonic() + HEARTBEAT
        self._hurried = Signal()
        self._thread = Thread(target=self._work, name="sprocket-recorder", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with suppress(*((RecordsError,) if kind else ())):  # what stopped the work is what the user has to know
            self.close()

    def __call__(self, event: Event) -> None:
        """Take an event; it is written later, by the thread."""
        self._events.append(event)
        if not self._called:
            self._called = True
            self._calls.put(_LATER)

    async def durable(self) -> None:
        """Wait until everything that was emitted so far is on disk.

        Raises:
            RecordsError: it could not be written.
        """
        if not self._thread.is_alive():
            raise RecordsError(f"the provenance database `{self._path}` is closed")
        import asyncio  # noqa: PLC0415 - whoever waits has imported it

        loop = asyncio.get_running_loop()
        self._loop = loop
        future: asyncio.Future[None] = loop.create_future()
        self._waiters.append(_Waiter(loop, future))
        if not self._called_urgently:
            self._called_urgently = True
            self._calls.put(_NOW)
        await future

    def when_it_fails(self, call: Callable[[RecordsError], None]) -> None:
        """Have the running event loop call this with the error after which nothing can be written any more."""
        import asyncio  # noqa: PLC0415 - whoever runs a loop has imported it

        self._loop = asyncio.get_running_loop()
        self._failed = call
        if self._error is not None:
            call(self._error)

    def write_now(self) -> None:
        """Write what was emitted so far without waiting for more to write with it."""
        self._calls.put(_NOW)

    def hurry(self) -> None:
        """From now on write at once what is waited for: the run is about to end, and nothing comes that could join."""
        self._hurried.set()

    def close(self) -> None:
        """Write what is left and close the database; closing again does nothing.

        Raises:
            RecordsError: something could not be written.
        """
        if self._thread.is_alive():
            self._closing = True
            self.hurry()
            self._calls.put(_NOW)
            self._thread.join()
            with suppress(sqlite3.Error):  # in use by another process: the last one to close removes the journal
                self._connection.execute("PRAGMA journal_mode = DELETE").close()
            self._connection.close()
            if self._error is not None:
                raise self._error

    def _work(self) -> None:
        closing = False
        while not closing:
            self._await_call()
            closing = self._closing
            self._called = self._called_urgently = False  # before anything is taken: whoever comes later calls
            waiters = _take(self._waiters)  # before the events, so that those they wait for are among these
            self._commit(_take(self._events))
            self._release(waiters)

    def _await_call(self) -> None:
        """Sleep until something is to be written, or it is time for a sign of life."""
        with suppress(Empty):
            urgent = self._calls.get(timeout=max(0.0, self._heartbeat_due - time.monotonic()))
            if not urgent:
                self._calls.get(timeout=LINGER)
            rest = self._rested - time.monotonic()
            if rest > 0:
                self._hurried.wait(rest)

    def _commit(self, events: list[Event]) -> None:
        """Write events, and a sign of life when it is time for one."""
        lives = time.monotonic() >= self._heartbeat_due
        if lives:
            self._heartbeat_due = time.monotonic() + HEARTBEAT
        if self._error is not None or not (events or lives):
            return
        start = time.monotonic()
        try:
            self._insist("BEGIN IMMEDIATE")
            self._writer.write(events)
            if lives:
                self._writer.heartbeat()
            self._insist("COMMIT")
        except Exception as error:  # whatever it is must reach the engine, not die with the thread
            self._fail(error)
        self._rest_after(start)

    def _rest_after(self, start: float) -> None:
        """Say how long to rest after a transaction: not at all unless there were many of late."""
        end = time.monotonic()
        self._debt = max(0.0, self._debt - _SHARE * (start - self._last_end)) + end - start
        self._last_end = end
        self._rested = end + min(_LONGEST_REST, max(0.0, self._debt - _ALLOWANCE) / _SHARE)

    def _insist(self, sql: str) -> None:
        """Run a statement that has to wait for other processes; while they hold the lock it is tried again."""
        start = time.monotonic()
        while True:
            try:
                self._connection.execute(sql).close()
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - start
                if not is_busy(error) or waited >= self._patience:
                    raise
                self._warn(f"the provenance database has been locked by another process for {waited:.0f} s; waiting")
            else:
                return

    def _warn(self, message: str) -> None:
        if self._tell is None:
            return
        notice = Notice(now(), message, warning=True)
        if self._loop is None:
            self._tell(notice)
            return
        with suppress(RuntimeError):  # the loop was closed: the run is over
            self._loop.call_soon_threadsafe(self._tell, notice)

    def _fail(self, error: Exception) -> None:
        with suppress(sqlite3.Error):  # the first error is the one to tell
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            found = self._explained(error)
        else:
            found = RecordsError(f"an event could not be recorded: {error!r}")
        found.__cause__ = error
        self._error = found
        if self._failed is not None and self._loop is not None:
            with suppress(RuntimeError):  # the loop was closed: the run is over
                self._loop.call_soon_threadsafe(self._failed, found)

    def _explained(self, error: sqlite3.Error) -> RecordsError:
        """An error of a database that was usable before."""
        if not self._is_there():
            said = f"the provenance database `{self._path}` was removed or replaced while it was in use"
        elif is_damage(error):
            said = f"{explain(error, self._path)}: it was overwritten or damaged while it was in use"
        else:
            return explain(error, self._path)
        return RecordsError(
            f"{said}, so what was recorded of this run is lost",
            help="put a copy of it back and `sprocket resume`, or run again; the files of its tasks remain",
        )

    def _is_there(self) -> bool:
        """Whether the file at the path is the one that was opened."""
        try:
            return os.path.samestat(self._opened, self._path.stat())
        except OSError:
            return False

    def _release(self, waiters: list[_Waiter]) -> None:
        for loop in dict.fromkeys(waiter.loop for waiter in waiters):
            futures = [waiter.future for waiter in waiters if waiter.loop is loop]
            with suppress(RuntimeError):  # the loop was closed, so nobody waits any more
                loop.call_soon_threadsafe(_resolve, futures, self._error)


def _is_empty_beside_runs(path: Path) -> bool:
    """Whether a database has lost all that it knew."""
    try:
        return path.stat().st_size == 0 and any((path.parent / "runs").iterdir())
    except OSError:  # there is none, or there are no runs
        return False


_Item = TypeVar("_Item")


def _take(queue: deque[_Item]) -> list[_Item]:
    """All that is in a queue which others add to meanwhile."""
    return [queue.popleft() for _ in range(len(queue))]


def _resolve(futures: list[asyncio.Future[None]], error: RecordsError | None) -> None:
    for future in futures:
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
