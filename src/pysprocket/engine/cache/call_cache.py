"""The call cache of a run: looks for an earlier result of a call, and keeps new ones.

In: a call whose inputs and requirements are known. Out: a `Hit`, whose files can be brought into the attempt directory
of the call, or a `Miss`, which says why the task must run and is given back with what it gave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import msgspec

from pysprocket.backends.job import Backend, Result
from pysprocket.config.settings import Task as Settings
from pysprocket.engine.contexts import TaskContext
from pysprocket.engine.requirements import Requirements
from pysprocket.types.typed import TypedTask
from pysprocket.values.model import Value
from pysprocket.values.scope import Scope


class Origin(msgspec.Struct, frozen=True):
    """Where a result was made.

    Attributes:
        run: the id of the run.
        name: its name for people.
        call: the id of the call.
        directory: of the attempt.
    """

    run: str
    name: str
    call: str
    directory: str


class Cached(msgspec.Struct, frozen=True):
    """A result that was taken from the cache.

    Attributes:
        outputs: with paths of the host, in the attempt directory that was asked for.
    """

    key: str
    outputs: dict[str, Value]
    exit_code: int
    origin: Origin


class Miss(msgspec.Struct, frozen=True):
    """The task must run.

    Attributes:
        reason: why, in a few words for the user.
        key: of the entry that its result will have; None when it will not be kept.
    """

    reason: str
    key: str | None = None


class Hit(msgspec.Struct, frozen=True):
    """There is a result whose files are as they were."""

    key: str
    origin: Origin

    async def materialise(self, directory: Path) -> Cached | Miss:
        """Bring the files into an attempt directory that has no job; a `Miss` when they changed just now."""
        raise NotImplementedError


class CallCache:
    """The call cache of a run; use it as an asynchronous context manager: leaving waits for what is being kept.

    Args:
        settings: `run.task`.
        backend: of the run; it says which image a tag means.
        run_id, run_name: of the run, for those who ask later where a result is from.
        tell: called with a sentence about something that the user should know, such as a damaged file.
    """

    def __init__(
        self, settings: Settings, backend: Backend, run_id: str, run_name: str, tell: Callable[[str], None]
    ) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Wait until everything is kept."""

    async def lookup(
        self, call_id: str, task: TypedTask, scope: Scope, context: TaskContext, requirements: Requirements
    ) -> Hit | Miss:
        """Look for a result; nothing is written, nothing raised.

        Args:
            call_id: of the call.
            task: that is called.
            scope: inputs, private declarations and `task`, as the job would see them, before the first attempt.
            context: in which they were evaluated.
            requirements: of the first attempt.
        """
        raise NotImplementedError

    def store(self, miss: Miss, directory: Path, result: Result, outputs: Mapping[str, Value]) -> None:
        """Keep what a call gave, in a thread; whatever goes wrong there is told and harms nobody.

        Args:
            miss: what `lookup` said.
            directory: of the attempt that succeeded, whichever it was.
            result: how its job ended.
            outputs: with paths of the host.
        """
        raise NotImplementedError
