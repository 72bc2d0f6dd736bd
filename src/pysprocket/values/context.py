"""What an expression may ask of the world while it is evaluated.

In: nothing. Out: the `Context` protocol. Expressions themselves do no I/O but through a context, so the same
compiled code runs in a workflow (host paths), in a task with a container (paths inside it) and in a dry run.
`engine` has the implementations; `values.compile` and `values.stdlib` only call these methods.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from pysprocket.values.model import Directory, File


class Context(Protocol):
    """The surroundings of an evaluation. All methods raise `EvaluationError` with a sentence for the user.

    Attributes:
        version: the WDL version of the document, such as (1, 2).
    """

    version: tuple[int, int]

    def file(self, path: str, *, optional: bool = False) -> File | None:
        """The File that a String names: made absolute against the place relative paths mean here, checked to exist.

        A path that does not exist is an error, or None with `optional`. URLs stay as they are.
        """

    def directory(self, path: str, *, optional: bool = False) -> Directory | None:
        """The same for a Directory."""

    def host_path(self, path: str) -> Path:
        """Where on this machine the bytes of a File or Directory value (or of a String used as one) are."""

    def write_file(self, text: str, suffix: str = "") -> File:
        """A new file with this content, readable by the task, outside its working directory (`write_lines` and kin)."""

    def glob(self, pattern: str) -> list[File]:
        """The files in the working directory that match a shell pattern, in the shell's order (output section only)."""

    def stdout(self) -> File:
        """The standard output of the task (output section only)."""

    def stderr(self) -> File:
        """The standard error of the task (output section only)."""
