"""What tests of progress share: time that passes at once, so that what happens when is exact and nobody waits."""

from __future__ import annotations

import asyncio
import time

import pytest


@pytest.fixture
async def flying_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the event loop of the test, to wait for something only moves the clocks on."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    select = loop._selector.select  # type: ignore[attr-defined]

    def wait(timeout: float | None = None):
        nonlocal now
        found = select(0 if timeout is not None else None)
        now += 0 if found else timeout or 0
        return found

    monkeypatch.setattr(loop._selector, "select", wait)  # type: ignore[attr-defined]
    monkeypatch.setattr(loop, "time", lambda: now)
    monkeypatch.setattr(time, "monotonic", lambda: now)
