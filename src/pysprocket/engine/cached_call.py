"""One call and the call cache.

In: a call with its inputs bound, and what the first attempt would get. Out: the outputs of an earlier result for the
same inputs, brought along as attempt 0; else what the call gives is kept when it has ended well. The cache itself is in
`engine.cache`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pysprocket.backends.job import Result
from pysprocket.clock import now
from pysprocket.engine.attempts import Attempts
from pysprocket.engine.directory import attempt_directory
from pysprocket.engine.events import AttemptCached, Notice
from pysprocket.engine.machine import Call
from pysprocket.engine.requirements import Requirements
from pysprocket.engine.services import Services
from pysprocket.values.model import Value

if TYPE_CHECKING:  # imported when the cache is on
    from pysprocket.engine.cache.call_cache import Begun, Cached, CallCache, Miss


class CachedCall:
    """What the call cache has for a call, and what it is given.

    Args:
        services: what the run shares.
        cache: of the run.
        call: which task, with which inputs.
        directory: of the call.
        attempts: of the call.
    """

    def __init__(self, services: Services, cache: CallCache, call: Call, directory: Path, attempts: Attempts) -> None:
        self._services = services
        self._cache = cache
        self._call = call
        self._directory = attempt_directory(directory, 0)
        self._attempts = attempts
        self._miss: Miss | None = None
        self._begun: Begun | None = None

    async def outputs(self, requirements: Requirements, *, has_begun: bool) -> dict[str, Value] | None:
        """The outputs of an earlier result; None when there is none that can be used.

        Args:
            requirements: of the first attempt.
            has_begun: whether an earlier process made attempts of the call, of which one may still run.
        """
        from pysprocket.engine.cache.call_cache import Miss  # noqa: PLC0415 - only when it is on

        attempts = self._attempts
        asked = self._call.id, self._call.task, attempts.scope, attempts.context, requirements
        if has_begun:
            self._miss = await self._cache.miss(*asked)
            return None
        found = await self._cache.take(*asked, self._directory)
        if isinstance(found, Miss):
            self._must_run(found)
            return None
        self._announce(found, requirements)
        return found.outputs

    def begin(self, directory: Path, *, begun_before: bool) -> None:
        """An attempt was made in a directory, whose job is to be started, unless an earlier process has begun it."""
        if self._miss is not None:
            self._begun = self._cache.begin(self._miss, directory, begun_before=begun_before)

    def keep(self, directory: Path, result: Result, outputs: Mapping[str, Value]) -> None:
        """The call has ended well, with the attempt in a directory, which is the last that was begun."""
        if self._begun is not None:
            self._cache.store(self._begun, directory, result, outputs)

    def _must_run(self, miss: Miss) -> None:
        self._miss = miss
        self._cache.clear(self._directory)
        if miss.wanted:
            message = f"{self._call.id}: not in the call cache: {miss.reason}"
            self._services.emit(Notice(now(), message, detail=True))

    def _announce(self, cached: Cached, requirements: Requirements) -> None:
        event = AttemptCached(
            now(),
            self._services.run_id,
            self._call.id,
            self._attempts.new_job_name(),
            self._call.task.name,
            str(self._directory),
            requirements.resources,
            self._attempts.images(requirements),
            cached.key,
            cached.origin.directory,
            cached.exit_code,
        )
        self._services.emit(event)
