"""The directory of a run, laid out as the guide draws it.

In: the output directory and the target. Out: `RunDirectory`: `runs/<target>/<timestamp>[_<suffix>]/` with
`inputs.json`, `outputs.json`, `attempts/<n>/` for a task, `calls/<call id>/…` for a workflow, and `_latest` beside it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from pysprocket.errors import OutputDirectoryError


class RunDirectory:
    """Paths of one run.

    Attributes:
        output: the output directory, absolute.
        path: the run directory, absolute.
    """

    def __init__(self, output: Path, path: Path) -> None:
        self.output = output
        self.path = path

    @property
    def relative(self) -> str:
        """The run directory inside the output directory."""
        return str(self.path.relative_to(self.output))

    def call(self, call_id: str) -> Path:
        """The directory of a call; a "/" in the id steps into a sub-workflow, the empty id is the run itself."""
        return self.path.joinpath("calls", call_id.replace("/", "/calls/")) if call_id else self.path


def prepare_output_directory(output: Path) -> Path:
    """Make the output directory when it is not there, and see that it can be written.

    Raises:
        OutputDirectoryError: it is a file, or cannot be made or written.
    """
    output = Path(os.path.abspath(output))  # noqa: PTH100 - Path.resolve would replace links by their targets
    try:
        output.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise _unusable(output, "it is a file, not a directory") from None
    except OSError as error:
        raise _unusable(output, error.strerror or str(error)) from error
    if not os.access(output, os.W_OK | os.X_OK):
        raise _unusable(output, "it cannot be written")
    return output


def create_run_directory(output: Path, target: str, suffix: str | None = None) -> RunDirectory:
    """A new run directory, named by the time (UTC, nanoseconds), and `_latest` pointing at it.

    Raises:
        OutputDirectoryError: it cannot be made.
    """
    parent = output / "runs" / target
    try:
        parent.mkdir(parents=True, exist_ok=True)
        path = _make_unique(parent, suffix)
        _point_latest(parent, path.name)
    except OSError as error:
        raise _unusable(output, error.strerror or str(error)) from error
    return RunDirectory(output, path)


def _make_unique(parent: Path, suffix: str | None) -> Path:
    while True:
        now = time.time_ns()
        stamp = time.strftime("%Y-%m-%d_%H%M%S", time.gmtime(now // 10**9)) + f"{now % 10**9:09d}"
        path = parent / (f"{stamp}_{suffix}" if suffix else stamp)
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path


def _point_latest(parent: Path, name: str) -> None:
    aside = parent / f".latest.{os.getpid()}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(name)
    aside.replace(parent / "_latest")


def _unusable(output: Path, reason: str) -> OutputDirectoryError:
    return OutputDirectoryError(
        f"the output directory `{output}` cannot be used: {reason}", help="choose another one with `-o DIRECTORY`"
    )
