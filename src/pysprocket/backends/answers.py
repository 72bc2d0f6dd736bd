"""What a place where tasks run says of itself when it is asked whether it is there.

In: nothing. Out: `Answer`. Whoever asks a place (`probe` of its package) gives one, or raises `BackendError` where
nobody answers.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator

import msgspec

from pysprocket.nearest import nearest
from pysprocket.source.diagnostic import Diagnostic, Severity, note

SHARE = 0.9
"""Of the time that a place has to answer, what one question may take: then it is known which was not answered."""
_MOST_NAMES = 8


class Answer(msgspec.Struct, frozen=True):
    """A place has answered.

    Attributes:
        says: what it is, in a few words: "Docker 20.10.24, 2 CPUs, 23.5 GiB".
        findings: what is wrong with it, and what is worth knowing; each without a place.
    """

    says: str
    findings: tuple[Diagnostic, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether tasks can run there, as far as can be seen."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def meant(name: str, known: Collection[str]) -> str:
    """What to do about a name that a place does not know, by those it knows."""
    if near := nearest(name, known):
        return f"did you mean `{near[0]}`?"
    return f"choose one of {listed(known)}" if known else "it has none"


def listed(names: Collection[str]) -> str:
    """Names for a sentence, not too many."""
    return ", ".join(f"`{name}`" for name in list(names)[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")


def container_program(executable: str) -> Iterator[Diagnostic]:
    """A note where this computer has no Apptainer: it may well be on the nodes alone."""
    if shutil.which(executable) is None:
        yield note("", f"there is no `{executable}` on this computer", help="the nodes of the cluster need it")
