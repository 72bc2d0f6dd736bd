"""Who listens to a run, beside the database: the terminal and the logs.

In: the global options, what `--progress` and `--log-json` say, `SPROCKET_LOG` and `SPROCKET_LOG_JSON`. Out:
`listeners`, a block in which they listen; at its end all is written, and the terminal is as it was.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pysprocket.cli.errors import warn
from pysprocket.cli.options import State
from pysprocket.clock import now
from pysprocket.engine.events import Listener
from pysprocket.errors import UsageError
from pysprocket.progress.lines import Level, Line
from pysprocket.progress.log import RunLog
from pysprocket.progress.narrator import Narration

if TYPE_CHECKING:  # one of the two is imported
    from pysprocket.progress.live import LiveView
    from pysprocket.progress.plain import PlainProgress

LEVEL_VARIABLE = "SPROCKET_LOG"
JSON_VARIABLE = "SPROCKET_LOG_JSON"
_LEVELS = {level.name.lower(): level for level in reversed(Level)}
_OTHER_NAMES = {"warn": "warning", "trace": "debug"}


@contextmanager
def listeners(
    state: State, progress: str, output_directory: Path, log_json: Path | None = None
) -> Iterator[list[Listener]]:
    """In this block the listeners that it gives may be called.

    Args:
        state: the global options.
        progress: "auto", "live", "plain" or "none".
        output_directory: where the run directory will be, and in it the log.
        log_json: a file for events as JSON; `SPROCKET_LOG_JSON` when None.

    Raises:
        UsageError: an environment variable says something unknown, or the file cannot be written.
    """
    level = _level_asked_for()
    narration = Narration()

    def complain(message: str) -> None:
        for teller in narration.tellers:
            teller.tell(now(), Line(Level.WARNING, "", message))

    with ExitStack() as stack:
        kept = _least(max(state.verbosity, 0), level, Level.INFO)
        log = RunLog(output_directory, narration.tally, kept, complain=complain)
        narration.tellers.append(stack.enter_context(log))
        chosen: list[Listener] = [narration, log]
        view = _view(state, progress, narration, level)
        if view is not None:
            stack.enter_context(view)
            narration.tellers.append(view)
            chosen.append(view)
        path = log_json or (Path(text) if (text := os.environ.get(JSON_VARIABLE)) else None)
        if path is not None:
            from pysprocket.progress.json_log import JsonLog  # noqa: PLC0415 - on demand

            chosen.append(stack.enter_context(JsonLog(path, complain=complain)))
        yield chosen


def _level_asked_for() -> Level | None:
    name = os.environ.get(LEVEL_VARIABLE, "").lower()
    name = _OTHER_NAMES.get(name, name)
    if name and name not in _LEVELS:
        raise UsageError(f"{LEVEL_VARIABLE} is `{name}`", help=f"it is one of {', '.join(_LEVELS)}")
    return _LEVELS[name] if name else None


def _view(state: State, progress: str, narration: Narration, level: Level | None) -> LiveView | PlainProgress | None:
    """What shows the run on the standard error, None for nothing."""
    if progress == "none" or state.verbosity <= -2:
        return None
    if progress == "live" and (reason := _not_drawable(sys.stderr)):
        warn(f"there is no live view, because {reason}; progress is told in lines", state)
    live = progress in ("auto", "live") and not _not_drawable(sys.stderr)
    if live and (progress == "live" or state.verbosity >= 0):
        from pysprocket.progress.live import LiveView  # noqa: PLC0415

        least = _least(state.verbosity, level, Level.WARNING)
        return LiveView(sys.stderr, narration.tally, color=state.use_color(), least=least)
    from pysprocket.progress.plain import PlainProgress  # noqa: PLC0415

    return PlainProgress(
        sys.stderr, narration.tally, color=state.use_color(), least=_least(state.verbosity, level, Level.INFO)
    )


def _least(verbosity: int, asked: Level | None, usual: Level) -> Level:
    """The level from which lines are shown: -v and -q say, else `SPROCKET_LOG`."""
    if verbosity:
        return Level.DEBUG if verbosity > 0 else Level.WARNING
    return usual if asked is None else asked


def _not_drawable(stream: TextIO) -> str:
    """Why a view cannot be drawn on a stream; "" when it can."""
    if not stream.isatty():
        return "the standard error is not a terminal"
    if os.environ.get("TERM", "dumb") == "dumb":
        return "the terminal cannot move its cursor (TERM)"
    if (stream.encoding or "").lower().replace("-", "") != "utf8":
        return f"the terminal's encoding is {stream.encoding}, not UTF-8"
    return ""
