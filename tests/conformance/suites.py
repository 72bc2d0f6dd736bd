"""Suites of conformance cases, as they lie on disk.

In: a directory that is a suite, or that holds suites. Out: `Suite`s with their `Case`s. A suite is a directory with
`documents/` (WDL files, and `data/` beside them) and `cases.json` (an array of objects like `Case`; further keys are
not looked at).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


class Case(msgspec.Struct, frozen=True):
    """One run of one document, and what is to come of it.

    Attributes:
        file: the document below `documents/`; by default `<name>.wdl`.
        target: the task or workflow; None lets the command choose.
        inputs: the JSON object given as inputs.
        outputs: the expected JSON object; None compares nothing.
        fail: whether the run must fail, before or while it runs.
        return_code: the exit code of the failing command that has to be told; "*" for any.
        exclude_output: names of outputs that are not compared, with or without the name of the target.
        says: texts that the standard error must hold, such as the code of a finding.
        arguments: further arguments of `sprocket run`.
    """

    name: str
    file: str = ""
    target: str | None = None
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    fail: bool = False
    return_code: int | str = "*"
    exclude_output: tuple[str, ...] | None = ()
    says: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()

    @property
    def document(self) -> str:
        """The path of the document below `documents/`."""
        return self.file or f"{self.name}.wdl"


class Suite(msgspec.Struct, frozen=True):
    """The cases of one version: its `name` is that of its directory, such as `spec-1.2`."""

    name: str
    documents: Path
    cases: tuple[Case, ...]

    @property
    def version(self) -> str:
        """The version of WDL: what follows the last hyphen of the name."""
        return self.name.rpartition("-")[2]


def load_suites(directory: Path, version: str | None = None) -> list[Suite]:
    """The suites in `directory`, or the one that it is; `version` (such as "1.2") takes only those of that version.

    Raises:
        LookupError: there is none.
        msgspec.DecodeError: a `cases.json` is not what it should be.
    """
    listings = sorted({*directory.glob("cases.json"), *directory.glob("*/cases.json")})
    suites = [_load(listing) for listing in listings]
    chosen = [suite for suite in suites if version in (None, suite.version)]
    if not chosen:
        of_version = f" of version {version}" if version else ""
        raise LookupError(f"{directory} holds no suite{of_version}: a suite has cases.json and documents/")
    return chosen


def _load(listing: Path) -> Suite:
    cases = msgspec.json.decode(listing.read_bytes(), type=tuple[Case, ...])
    folder = listing.parent.resolve()
    return Suite(folder.name, folder / "documents", cases)
