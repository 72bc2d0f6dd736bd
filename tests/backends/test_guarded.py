"""Nothing that a backend tells shows a secret that it was given."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from pysprocket.backends.guarded import GuardedBackend, discreet
from pysprocket.backends.job import Failure, FailureKind, Job, JobId, Result
from pysprocket.backends.probes import ask_all
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.backends import ChosenBackend
from pysprocket.config.secrets import Secret
from pysprocket.config.settings import Run
from pysprocket.errors import BackendError

WORD = "Hunter2Long"


class Indiscreet:
    """A backend that quotes its password in all it tells."""

    name, guest_root, detaches = "sun", None, False

    async def __aenter__(self) -> Any:
        raise self._error(BackendError)

    def _error(self, kind: type[Exception]) -> Exception:
        word = Secret(WORD).reveal()
        return kind(f"no {word}", help=f"not {word}") if kind is BackendError else kind(word)

    async def submit(self, _: Job) -> JobId:
        raise self._error(KeyError)

    async def wait(self, _: JobId) -> Result:
        word = Secret(WORD).reveal()
        failure = Failure(FailureKind.PREEMPTED, f"no {word}", f"not {word}")
        return Result(None, "", "", "", failure=failure)


def backend(told: list[str] | None = None) -> GuardedBackend:
    made: Any = Indiscreet()
    return GuardedBackend(made, "the sun", "report it", detail=None if told is None else told.append)


async def test_an_exception_does_not_show_it_nor_does_its_traceback():
    told: list[str] = []
    with pytest.raises(BackendError, match="<REDACTED>") as caught:
        await backend(told).submit(Job("a", Path()))
    assert WORD not in "".join([*told, *traceback.format_exception(caught.value)]).replace(f'"{WORD}"', "")
    assert "KeyError" in told[0]


async def test_an_error_that_is_meant_does_not_show_it():
    with pytest.raises(BackendError) as caught:
        await backend().__aenter__()
    assert (str(caught.value), caught.value.help) == ("no <REDACTED>", "not <REDACTED>")


async def test_a_failure_does_not_show_it():
    failure = (await backend().wait(JobId("a", "1", ""))).failure
    assert failure is not None
    assert (failure.message, failure.detail) == ("no <REDACTED>", "not <REDACTED>")


def test_a_remark_does_not_show_it():
    told: list[str] = []
    notify = discreet(lambda _name, _state, remark: told.append(remark))
    assert notify is not None
    notify("a", None, f"no {Secret(WORD).reveal()}")
    assert told == ["no <REDACTED>"]
    assert discreet(None) is None


@pytest.mark.parametrize("kind", [KeyError, BackendError])
def test_no_inquiry_shows_it(kind, monkeypatch):
    async def probe(*_: object) -> None:
        raise Indiscreet()._error(kind)

    monkeypatch.setattr("pysprocket.backends.probes.probe", probe)
    outcome = ask_all([ChosenBackend("sun", "docker", SETTINGS["docker"]())], Run(), 5)["sun"]
    assert "<REDACTED>" in str(outcome)
    assert WORD not in f"{outcome} {getattr(outcome, 'help', '')}"
