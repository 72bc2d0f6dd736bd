"""Commands of other programs, such as a scheduler's, asked without blocking the event loop.

In: an argument list. Out: `Said`, what the command wrote and how it ended. Nothing goes through a shell, and words are
those of the C locale, because they are read by us.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from pysprocket.errors import BackendError
from pysprocket.units import format_duration


class Said(msgspec.Struct, frozen=True):
    """How a command ended, and what it wrote.

    Attributes:
        status: its exit status; the negative number of the signal that ended it.
        output: what it wrote to its standard output.
        complaint: what it wrote to its standard error.
    """

    status: int
    output: str
    complaint: str

    @property
    def words(self) -> str:
        """What it wrote, in one line, its complaint first; its exit status where it wrote nothing."""
        lines = [line.strip() for line in (self.complaint + "\n" + self.output).splitlines()]
        return "; ".join(filter(None, lines))[:_MOST] or f"exit status {self.status}"


_MOST = 300
"""Characters of what a command wrote that are quoted."""


async def ask(arguments: Sequence[str], seconds: float | None = None) -> Said:
    """Run a command to its end; when this is cancelled, it is killed with all that it has started.

    Args:
        arguments: the command, and what it is given.
        seconds: how long it may take.

    Raises:
        BackendError: it cannot be run here, or takes too long.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"LC_ALL": "C"},
            start_new_session=True,
        )
    except FileNotFoundError:
        raise BackendError(f"there is no command `{arguments[0]}` here") from None
    except OSError as error:
        raise BackendError(f"the command `{arguments[0]}` cannot be run: {error.strerror}") from None
    try:
        async with asyncio.timeout(seconds):
            output, complaint = await process.communicate()
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise _too_slow(arguments, seconds) from None
        raise
    assert process.returncode is not None
    return Said(process.returncode, output.decode(errors="replace"), complaint.decode(errors="replace"))


def _too_slow(arguments: Sequence[str], seconds: float | None) -> BackendError:
    return BackendError(
        f"`{' '.join(arguments)}` has not ended within {format_duration(seconds or 0)}",
        help="the cluster is busy or cannot be reached; try the command by hand",
        transient=True,
    )
