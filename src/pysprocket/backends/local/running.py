"""A local job that runs: seeing it end, and ending it.

In: a `Claim`. Out: a call when all is over, with `end` and `failure`.

The end of a child of our launcher is told by the launcher. Any other is seen through a pidfd, and how it ended is
what its own launcher has written, or what the kernel remembers.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from pysprocket.backends.job import Failure, JobId
from pysprocket.backends.local import claims, processes
from pysprocket.backends.local.claims import Claim, End
from pysprocket.backends.local.waiting import Waiters, until
from pysprocket.backends.outcomes import over_time
from pysprocket.clock import now

_KILL_PATIENCE = 10.0
"""Seconds after which processes that even SIGKILL has not ended are given up (they hang in the kernel)."""
_REPORT_PATIENCE = 1.0
"""Seconds to wait for the launcher to tell how a job ended whose processes are all gone."""
_REAP_PATIENCE = 1.0
"""Seconds to wait until somebody, a launcher or the machine's first process, has reaped a script."""


class Running:
    """A job whose script lives, or whose processes are just being ended.

    Args:
        job_id: of the job.
        claim: under which it runs.
        elapsed: seconds since it was started.
        grace: seconds between SIGTERM and SIGKILL.
        spare: for a child of our launcher, lets its process group live when the script ends.
        finished: called once, when nothing of it lives that we know of.

    Attributes:
        waiters: for its end.
        end: how it ended, None as long as nobody has told it.
        failure: why it was stopped.
        stopping: what ends it.
    """

    def __init__(
        self,
        job_id: JobId,
        claim: Claim,
        *,
        grace: float,
        finished: Callable[[Running], None],
        elapsed: float = 0.0,
        spare: Callable[[], None] | None = None,
    ) -> None:
        self.job_id = job_id
        self.claim = claim
        self.waiters: Waiters[None] = Waiters()
        self.end: End | None = None
        self.failure: Failure | None = None
        self.stopping: asyncio.Task[None] | None = None
        self._grace = grace
        self._spare = spare
        self._finished = finished
        self._hurry: asyncio.Future[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._watch: processes.Watch | None = None
        self._timer: asyncio.TimerHandle | None = None
        if (limit := claim.time_limit) is not None:
            remaining = max(0.0, limit - elapsed)
            self._timer = asyncio.get_running_loop().call_later(remaining, self.stop, over_time(limit))

    # seeing it end

    def ended(self, end: End) -> None:
        """Our launcher has seen the end of the script."""
        self.end = end
        if self.stopping is None:  # else the rest of the family is looked after
            self._finish()

    def lost(self) -> None:
        """Our launcher was killed."""
        self._spare = None
        if not self.watch():
            self._gone()

    def watch(self) -> bool:
        """See the end of a script that is no child of our launcher; whether it lives."""
        try:
            self._watch = processes.Watch(self.claim.pid, self._gone)
        except ProcessLookupError:
            return False
        return claims.is_running(self.claim)  # while the pidfd holds the process: no race

    def leave(self) -> None:
        """Look no longer; the job goes on."""
        for what in (self._timer, self._asking):
            if what is not None:
                what.cancel()
        if self._watch is not None:
            self._watch.close()

    def _gone(self) -> None:
        if self.stopping is None:
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        """How the script ended, from whoever saw it."""
        await until(self._knows, _REAP_PATIENCE)
        if self.stopping is None:
            self._asking = None
            if self.end is None:  # nobody reaps it, as where the first process of a container cares for no children
                self.end = self._unreaped()
            self._finish()

    def _knows(self) -> bool:
        """Whether it is known how the script ended, or never will be: who sees it writes before it is gone."""
        gone = not claims.is_running(self.claim)
        self.end = claims.read_exit(self.job_id.directory)
        if self.end is None and self._watch is not None and (code := self._watch.exit_code()) is not None:
            self.end = End(code, now())
        return gone or self.end is not None

    def _unreaped(self) -> End | None:
        code = processes.unreaped_code(self.claim.pid, self.claim.began)
        return None if code is None else End(code, now())

    def _finish(self) -> None:
        self.leave()
        self._finished(self)

    # ending it

    def stop(self, failure: Failure) -> None:
        """Begin to end its processes, unless the script has ended or is being ended already."""
        if self.stopping is None and claims.read_exit(self.job_id.directory) is None:
            self.failure = failure
            if self._spare is not None:
                self._spare()
            self._hurry = asyncio.get_running_loop().create_future()
            self.stopping = asyncio.create_task(self._stop(self._hurry))

    def hurry(self) -> None:
        """Shorten the grace time of a job that is being stopped to nothing."""
        if self._hurry is not None and not self._hurry.done():
            self._hurry.set_result(None)

    async def _stop(self, hurry: asyncio.Future[None]) -> None:
        """SIGTERM, then SIGKILL, until nothing of the job lives."""
        family = processes.Family(self.claim.pid)
        try:
            members = family.alive()
            if claims.read_exit(self.job_id.directory) is not None:
                self.failure = None  # it ended by itself while its family was looked for
            processes.send(members, signal.SIGTERM)
            await until(lambda: not family.alive(), self._grace, hurry)
            await until(lambda: not family.signal(signal.SIGKILL), _KILL_PATIENCE)
            await until(lambda: self.end is not None or (self._spare is None and self._knows()), _REPORT_PATIENCE)
        finally:
            family.signal(signal.SIGKILL)
            self._finish()
