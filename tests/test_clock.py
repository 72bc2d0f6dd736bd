"""The clock of a run."""

from __future__ import annotations

import time

import pytest

from pysprocket import clock


def test_it_tells_the_time_of_day():
    assert clock.now() == pytest.approx(time.time(), abs=1)
    assert clock.moment(clock.counted()) == pytest.approx(time.time(), abs=1)


@pytest.mark.parametrize("seconds", [90_000, -90_000])
def test_it_goes_on_when_the_time_of_day_is_set(monkeypatch, seconds):
    before, now = clock.now(), time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)
    assert 0 <= clock.now() - before < 1


def test_it_goes_on():
    before = clock.now()
    time.sleep(0.02)
    assert 0.02 <= clock.now() - before < 1
