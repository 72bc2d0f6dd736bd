"""Who may start now: free processors and memory of one machine, and the queue of jobs that wait for them.

In: requests (processors, bytes). Out: a call, or the end of `acquire`, when the request has been taken from what is
free; `release` gives it back. A request that fits at once costs two comparisons; the next one starts within `release`.

The rule of the queue: first come, first served, but a job may pass others that do not fit. The job at the head may be
passed `PATIENCE` times; after that nobody starts before it, so a large job waits for at most that many small ones
and then for what is running. Jobs with equal requests wait in one line each, so a release looks at as many heads as
there are different requests, however long the queue is.

Those at the head of the queue are told that they are near, so that what can be done before does not keep a place empty:
as many as run, for each end may let one of them start, and `ahead` more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from pysprocket.backends.job import Limits, Resources
from pysprocket.errors import BackendError
from pysprocket.units import format_numbers, format_sizes

PATIENCE = 16
"""How often the job at the head of the queue may be passed by smaller ones."""

Request: TypeAlias = tuple[int, int]
"""Thousandths of a processor (whole numbers add up exactly) and bytes."""


class Ticket:
    """A place in the queue; `granted` when its request has been taken, `told` when it is near and knows it."""

    __slots__ = ("arrival", "go", "granted", "near", "request", "told")

    def __init__(self, arrival: int, request: Request, go: Callable[[], None], near: Callable[[], None] | None) -> None:
        self.arrival = arrival
        self.request = request
        self.go = go
        self.near = near
        self.granted = False
        self.told = False


def request_of(resources: Resources) -> Request:
    """What `resources` takes from a machine."""
    return round(resources.cpu * 1000), resources.memory


class Admission:
    """Free processors and memory, and the jobs that wait for them.

    Args:
        place: whose capacity this is, for messages, such as "this machine".
        cpu: processors in all.
        memory: bytes in all.
        ahead: how many more than run are told that they are near.
    """

    def __init__(self, place: str, cpu: float, memory: int, ahead: int = 0) -> None:
        self.limits = Limits(cpu=cpu, memory=memory)
        self._place = place
        self._cpu, self._memory = round(cpu * 1000), memory
        self._near = ahead  # and one more for each that runs
        self._lines: dict[Request, deque[Ticket]] = {}
        self._untold: deque[Ticket] = deque()  # those who want to be told, and some who have gone
        self._told = 0
        self._arrivals = 0
        self._passed = 0

    def check(self, resources: Resources) -> None:
        """Refuse what will never fit.

        Raises:
            BackendError: more processors or memory than there are in all; names both numbers.
        """
        cpu, memory = self.limits.cpu or 0.0, self.limits.memory or 0
        if round(resources.cpu * 1000) > round(cpu * 1000):
            asked, most = format_numbers(resources.cpu, cpu)
            raise BackendError(
                f"the task asks for {asked} CPUs, but {self._place} has {most}",
                help="lower the task's `cpu`, or run it where there are more",
            )
        if resources.memory > memory:
            asked, most = format_sizes(resources.memory, memory)
            raise BackendError(
                f"the task asks for {asked} of memory, but {self._place} has {most}",
                help="lower the task's `memory`, or run it where there is more",
            )

    def ask(self, request: Request, go: Callable[[], None], near: Callable[[], None] | None = None) -> Ticket:
        """Take `request` from what is free as soon as it is its turn, and then call `go`, which may be at once.

        When it has to wait, `near` is called once, when it is among the next.
        """
        ticket = Ticket(self._arrivals, request, go, near)
        self._arrivals += 1
        if not self._lines and self._fits(request):
            self._grant(ticket)
        else:
            self._lines.setdefault(request, deque()).append(ticket)
            if near is not None:
                self._untold.append(ticket)
            self._admit()
        return ticket

    def seat(self, ticket: Ticket) -> None:
        """Count a job that has left the queue by itself: it was started in the place of one that has ended."""
        if min(self._lines, key=self._arrival) == ticket.request:
            self._passed = 0
        self._depart(ticket)
        ticket.granted = True
        self.take(ticket.request)

    def leave(self, ticket: Ticket) -> None:
        """Leave the queue as if the job had never come, or give back what has been taken."""
        if ticket.granted:
            self.release(ticket.request)
            return
        self._depart(ticket)
        self._admit()

    async def acquire(
        self, request: Request, waiting: Callable[[], None], near: Callable[[], None] | None = None
    ) -> None:
        """Take `request` from what is free; when it has to wait, say so once by `waiting`, later by `near`.

        Cancelling leaves the queue as if the job had never come.
        """
        granted = asyncio.Event()
        ticket = self.ask(request, granted.set, near)
        try:
            if not ticket.granted:
                waiting()
                await granted.wait()
        except BaseException:
            self.leave(ticket)
            raise

    def take(self, request: Request) -> None:
        """Count a job that runs already, whether it fits or not."""
        self._near += 1
        self._cpu -= request[0]
        self._memory -= request[1]

    def release(self, request: Request) -> None:
        """Give back what `acquire` or `take` has taken, and start whom it lets start."""
        self._near -= 1
        self._cpu += request[0]
        self._memory += request[1]
        self._admit()

    def _fits(self, request: Request) -> bool:
        return request[0] <= self._cpu and request[1] <= self._memory

    def _admit(self) -> None:
        while (request := self._next()) is not None:
            ticket = self._lines[request][0]
            self._depart(ticket)
            self._grant(ticket)
        while self._told < self._near and self._untold:
            self._tell(self._untold.popleft())

    def _tell(self, ticket: Ticket) -> None:
        if ticket.near is not None and not ticket.granted:
            ticket.told = True
            self._told += 1
            ticket.near()

    def _depart(self, ticket: Ticket) -> None:
        """Take a ticket out of the queue."""
        line = self._lines[ticket.request]
        line.remove(ticket)
        if not line:
            del self._lines[ticket.request]
        self._told -= ticket.told
        ticket.told, ticket.near = False, None

    def _grant(self, ticket: Ticket) -> None:
        ticket.granted = True
        self.take(ticket.request)
        ticket.go()

    def _next(self) -> Request | None:
        """The request whose first ticket starts now; None when nobody may start."""
        if not self._lines:
            return None
        head = min(self._lines, key=self._arrival)
        if self._fits(head):
            self._passed = 0
            return head
        fitting = [request for request in self._lines if self._fits(request)]
        if not fitting or self._passed >= PATIENCE:
            return None
        self._passed += 1
        return min(fitting, key=self._arrival)

    def _arrival(self, request: Request) -> int:
        return self._lines[request][0].arrival
