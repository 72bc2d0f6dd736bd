"""Whether a failed attempt is tried again, and after which pause.

In: the kinds of failures of one call, one after the other. Out: a `Retry`, or None when that was the last try. What a
task does itself (its exit code, its outputs, its memory and time) is covered by its `max_retries`; what happens to it
(a lost node, a registry that does not answer) has a small budget of its own for each kind (`run.task.retry`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from pysprocket.backends.job import Limits, Resources
from pysprocket.engine.events import Retry
from pysprocket.engine.failures import FailureKind

_OWN = frozenset({FailureKind.EXIT_CODE, FailureKind.EVALUATION, FailureKind.OUT_OF_MEMORY, FailureKind.TIME_LIMIT})
"""What `max_retries` covers."""


class Budget(msgspec.Struct, frozen=True):
    """How many tries a kind of failure has; seconds before the first of them, doubled each time, and at most."""

    count: int = 0
    backoff: float = 10.0
    longest_backoff: float = 600.0

    def pause(self, tries: int) -> float:
        """Seconds before a try when there were `tries` before."""
        return min(self.longest_backoff, self.backoff * 2.0 ** min(tries, 30))


class RetryPolicy(msgspec.Struct, frozen=True):
    """What holds for all calls of a run.

    Attributes:
        budgets: by kind of failure; a kind that is not there has none.
        memory_growth: by how much the memory is multiplied after each attempt that ran out of it.
    """

    budgets: Mapping[FailureKind, Budget] = {}
    memory_growth: float = 1.0

    def grown(self, resources: Resources, shortages: int, limits: Limits) -> Resources:
        """The resources after so many attempts that ran out of memory, never more memory than there is."""
        if not shortages or self.memory_growth == 1.0:
            return resources
        most = limits.memory or float("inf")
        factor = self.memory_growth**shortages
        memory = max(resources.memory, int(min(resources.memory * factor, most)))
        limit = resources.memory_limit and max(resources.memory_limit, int(min(resources.memory_limit * factor, most)))
        return msgspec.structs.replace(resources, memory=memory, memory_limit=limit)


class Tries:
    """The failures of one call so far."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._own = 0
        self._spent: Counter[FailureKind] = Counter()
        self.shortages = 0

    def again(self, kind: FailureKind, max_retries: int) -> Retry | None:
        """An attempt has failed: the next one, None when there is none."""
        self.shortages += kind is FailureKind.OUT_OF_MEMORY
        if kind in _OWN and self._own < max_retries:
            self._own += 1
            return Retry(self._own, max_retries)
        budget = self._policy.budgets.get(kind, Budget())
        if self._spent[kind] >= budget.count:
            return None
        self._spent[kind] += 1
        return Retry(self._spent[kind], budget.count, budget.pause(self._spent[kind] - 1))

    def recall(self, kind: FailureKind, max_retries: int, *, counts: bool) -> None:
        """An attempt of an earlier process failed; it `counts` unless the call was given up since."""
        if counts:
            self.again(kind, max_retries)
        else:
            self.shortages += kind is FailureKind.OUT_OF_MEMORY
