"""An engine that dies: runs one job, prints its `JobId` as JSON, and waits for the signal that ends it.

In: the type of a backend, its settings and a `Job`, both as JSON, as arguments; then, if wanted, the moment at which it
kills itself: "module:function when count", where `when` is "before", "during" or "after" the call of that number. A
fourth word, "others", has it believe that what the job has written belongs to others.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import pkgutil
import signal
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from pysprocket.backends.job import Backend, Job, Notify
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.backends.registry import create
from pysprocket.config.backend_settings import Local
from pysprocket.config.plugins import settings_of


def backend_of(kind: str, settings: dict[str, Any], notify: Notify | None = None) -> Backend:
    """A backend by its type and the keys of its table; `grace` beside them is an argument of the local backend."""
    settings = dict(settings)
    if "grace" in settings:
        grace = settings.pop("grace")
        return LocalBackend(msgspec.convert(settings, Local), notify=notify, grace=grace)
    return create(kind, msgspec.convert(settings, settings_of(kind) or Local), notify)


async def submit(kind: str, settings: bytes, job: bytes, *moment: str) -> None:
    """Submit the job and wait: for the job where a moment was given, else for ever."""
    if moment:
        die_at(*moment)
    async with backend_of(kind, msgspec.json.decode(settings)) as backend:
        job_id = await backend.submit(msgspec.json.decode(job, type=Job, dec_hook=lambda kind, text: kind(text)))
        print(msgspec.json.encode(job_id).decode(), flush=True)
        if moment:
            await backend.wait(job_id)
            await backend.forget(job_id)
            return
        await asyncio.sleep(3600)


def die_at(function: str, when: str, count: str, whose: str = "ours") -> None:
    """Have this process kill itself around a call of `function`."""
    module, _, path = function.partition(":")
    place, _, name = path.rpartition(".")
    holder = pkgutil.resolve_name(f"{module}:{place}")
    real, calls = getattr(holder, name), iter(range(1, 1 << 30))
    setattr(holder, name, _dying(real, when, lambda: next(calls) == int(count)))
    if whose == "others":
        pkgutil.resolve_name("pysprocket.backends.docker.containers").own_files = lambda _: False


def _dying(real: Callable[..., Any], when: str, is_time: Callable[[], bool]) -> Callable[..., Any]:
    @functools.wraps(real)
    def simple(*arguments: Any, **named: Any) -> Any:
        fatal = is_time()
        if fatal and when == "before":
            die()
        result = real(*arguments, **named)
        if fatal:
            die()
        return result

    @functools.wraps(real)
    async def waiting(*arguments: Any, **named: Any) -> Any:
        fatal = is_time()
        if fatal and when == "before":
            die()
        task = asyncio.ensure_future(real(*arguments, **named))
        if fatal and when == "during":
            await asyncio.wait([task], timeout=0.002)
            die()
        result = await task
        if fatal:
            die()
        return result

    return waiting if inspect.iscoroutinefunction(real) else simple


def die() -> None:
    """The end, without any chance to clear up."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(submit(sys.argv[1], os.fsencode(sys.argv[2]), os.fsencode(sys.argv[3]), *sys.argv[4:]))
