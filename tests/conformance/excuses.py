"""Cases that may deviate, each with its reason.

In: `excused.toml` beside this module. Out: `Excuse`s. One that has nothing to excuse any more is told in the report.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

EXCUSED = Path(__file__).parent / "excused.toml"


class Excuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why cases may deviate.

    Attributes:
        cases: names of cases.
        suites: names of suites, such as "spec-1.2".
        backends: kinds of backends.
        reason: what the case needs that is not there.
    """

    cases: tuple[str, ...]
    suites: tuple[str, ...]
    backends: tuple[str, ...]
    reason: str

    def covers(self, suite: str, case: str, backend: str) -> bool:
        """Whether it holds for a case of a suite on a backend."""
        return case in self.cases and suite in self.suites and backend in self.backends


class _Excuses(msgspec.Struct, forbid_unknown_fields=True):
    excuse: tuple[Excuse, ...] = ()


def load_excuses(path: Path = EXCUSED) -> tuple[Excuse, ...]:
    """The excuses of a file.

    Raises:
        msgspec.DecodeError: the file is not what it should be.
    """
    return msgspec.toml.decode(path.read_bytes(), type=_Excuses).excuse
