"""Backends are asked side by side, and whoever does not answer holds up nobody."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from typing import Self

import pytest

from pysprocket.backends import probes
from pysprocket.backends.answers import Answer
from pysprocket.backends.probes import ask_all
from pysprocket.config.backend_settings import SETTINGS, Docker, Local, LsfApptainer
from pysprocket.config.backends import ChosenBackend
from pysprocket.config.settings import Run, Task
from pysprocket.errors import BackendError
from tests.backends.conftest import Commands


class Other:
    """A backend of another package."""

    name = "other"

    def __init__(self, how: str) -> None:
        self._how = how

    async def __aenter__(self) -> Self:
        if self._how == "away":
            raise BackendError("nobody is there", help="wake them up")
        if self._how == "slow":
            await asyncio.sleep(30)
        if self._how == "blocking":
            time.sleep(1.5)
        if self._how == "broken":
            raise KeyError("x")
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._how == "stubborn":
            never = asyncio.get_running_loop().create_future()  # it outlives its test: it must not ask for the time
            while True:
                with suppress(asyncio.CancelledError):
                    await asyncio.shield(never)

    def limits(self) -> object:
        from pysprocket.backends.job import Limits  # noqa: PLC0415

        return Limits(cpu=3, memory=1024**3)


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each type of backend that is not built in behaves as its type says."""
    monkeypatch.setattr("pysprocket.backends.registry.create", lambda type_, _: Other(type_))


def entries(*types: str) -> list[ChosenBackend]:
    return [ChosenBackend(f"my-{type_}", type_, Docker()) for type_ in types]


@pytest.mark.usefixtures("others")
def test_a_backend_of_another_package_is_entered_and_left():
    outcomes = ask_all(entries("good", "away"), Run(), 5)
    assert outcomes["my-good"] == Answer("other, 3 CPUs, 1 GiB")
    assert isinstance(outcomes["my-away"], BackendError)
    assert (str(outcomes["my-away"]), outcomes["my-away"].help) == ("nobody is there", "wake them up")


@pytest.mark.usefixtures("others")
def test_all_are_asked_at_once_and_none_is_waited_for_longer_than_its_time():
    begun = time.monotonic()
    outcomes = ask_all(entries("slow", "good", "slower", "blocking"), Run(), 1)
    assert time.monotonic() - begun < 20
    assert list(outcomes) == ["my-slow", "my-good", "my-slower", "my-blocking"]
    assert isinstance(outcomes["my-good"], Answer)
    assert "no answer within" in str(outcomes["my-slow"])


@pytest.mark.usefixtures("others")
def test_what_cannot_be_cancelled_is_left_behind():
    begun = time.monotonic()
    outcomes = ask_all(entries("stubborn", "good"), Run(), 1)
    assert time.monotonic() - begun < 20
    assert isinstance(outcomes["my-good"], Answer)
    assert "no answer within" in str(outcomes["my-stubborn"])
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())


@pytest.mark.usefixtures("others")
def test_a_mistake_in_another_package_is_told_as_its_own():
    (outcome,) = ask_all(entries("broken"), Run(), 5).values()
    assert str(outcome) == "the backend `broken` fails: KeyError: 'x'"


def test_no_backends_are_no_work():
    assert ask_all([], Run(), 5) == {}


def test_each_type_that_is_built_in_has_a_probe():
    assert set(probes._PROBES) == set(SETTINGS)


def test_this_computer_tells_what_it_has():
    (outcome,) = ask_all([ChosenBackend("here", "local", Local())], Run(), 10).values()
    assert isinstance(outcome, Answer)
    assert outcome.says.startswith("this computer, ")
    assert outcome.is_usable


def test_more_than_this_computer_has_is_a_warning_and_a_missing_shell_an_error():
    settings = Local(cpu=100_000, memory="1000 TiB")
    run = Run(task=Task(shell="no-such-shell"))
    (outcome,) = ask_all([ChosenBackend("here", "local", settings)], run, 10).values()
    assert isinstance(outcome, Answer)
    assert [finding.severity.value for finding in outcome.findings] == ["warning", "warning", "error"]
    assert "`no-such-shell`" in outcome.findings[2].message
    assert outcome.says.endswith("; tasks share 100000 CPUs, 1000 TiB")


def test_a_daemon_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    (outcome,) = ask_all([ChosenBackend("d", "docker", Docker())], Run(), 10).values()
    assert isinstance(outcome, BackendError)
    assert "no Docker daemon answers at unix:///nowhere/docker.sock" in str(outcome)


def test_a_scheduler_that_hangs_is_not_waited_for(commands: Commands):
    commands(bsub="sleep 30")
    begun = time.monotonic()
    (outcome,) = ask_all([ChosenBackend("c", "lsf_apptainer", LsfApptainer())], Run(), 2).values()
    assert time.monotonic() - begun < 20
    late = "no answer within 2.0 s"  # where the computer was away for the moment in between
    assert str(outcome) in ("`bsub -V` has not ended within 1.8 s", late)
