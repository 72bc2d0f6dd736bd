"""The one place where what goes wrong becomes words on the standard error and an exit status.

In: an exception. Out: `error: …`, `help: …` and findings in documents, and 0, 1 or 2 (130 after a signal).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import click

from pysprocket.cli.main import interruption, silence_stdout
from pysprocket.cli.options import State
from pysprocket.errors import (
    ConfigError,
    DocumentError,
    EvaluationError,
    InputError,
    RunFailed,
    RunInterrupted,
    RunRefused,
    SprocketError,
    UsageError,
    is_of_the_system,
)
from pysprocket.source.diagnostic import Diagnostic, Severity
from pysprocket.source.revealed import concealed

FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130
TRACEBACK_VARIABLE = "SPROCKET_TRACEBACK"
_MOST_FAILURES = 10
_COLORS = {"error": "red", "warning": "yellow", "help": "cyan"}


def guarded(action: Callable[[], object], state: State) -> int:
    """Do something; whatever stops it is told, and the exit status says how it went.

    An action may give its own exit status, which is what click makes of `context.exit(status)`.
    """
    try:
        status = action()
        sys.stdout.flush()
    except click.ClickException as error:
        _report_usage(error, state)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort) as interrupt:
        _say("error", interruption(interrupt), state)
        return INTERRUPTED
    except BrokenPipeError:
        silence_stdout()
        return FAILED
    except SprocketError as error:
        report(error, state)
        if isinstance(error, RunInterrupted):
            return INTERRUPTED
        return WRONG_USAGE if isinstance(error, UsageError) else FAILED
    except Exception as error:
        if isinstance(error, OSError) and is_of_the_system(error):
            silence_stdout()
            _say("error", f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror), state)
        else:
            _report_bug(error, state)
        return FAILED
    return status if isinstance(status, int) else 0


def report(error: SprocketError, state: State) -> None:
    """Tell an error: what failed, where in the document, what to do."""
    if isinstance(error, RunFailed):
        for failure in error.failures[:_MOST_FAILURES]:
            report(failure, state)
        if (more := len(error.failures) - _MOST_FAILURES) > 0:
            refused = isinstance(error, RunRefused)
            where = "cannot run" if refused else "failed; all of them are in the run's `output.log`"
            _say("error", f"{more} more {where}", state)
        return
    if isinstance(error, DocumentError):
        show_diagnostics(error.diagnostics, state)
    if isinstance(error, ConfigError) and error.diagnostics:
        show_diagnostics(error.diagnostics, state)
        return
    if isinstance(error, EvaluationError) and error.labels:
        diagnostic = Diagnostic(Severity.ERROR, "", str(error), error.labels, error.help)
        show_diagnostics([diagnostic], state)
        return
    if error.shows_cause and _wants_tracebacks(state) and error.__cause__ is not None:
        import traceback  # noqa: PLC0415 - only for this

        _write("".join(traceback.format_exception(error.__cause__)), nl=False)
    for problem in error.problems if isinstance(error, InputError) else [str(error)]:
        _say("error", problem, state)
    if error.help:
        _say("help", error.help, state)


def show_diagnostics(diagnostics: Sequence[Diagnostic], state: State) -> None:
    """Write findings to the standard error, as the report mode says."""
    if not diagnostics:
        return
    from pysprocket.source.render import render  # noqa: PLC0415 - only when there is one to show

    mode = state.report_mode_chosen
    _write(render(diagnostics, color=state.use_color(), mode=mode, width=_width()), nl=mode == "full")


def warn(message: str, state: State) -> None:
    """Tell what the user should know though the work goes on."""
    _say("warning", message, state)


def _report_usage(error: click.ClickException, state: State) -> None:
    """A mistake on the command line, in the form of all other errors; the help when there is no command at all."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    _say("error", error.format_message(), state)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        _say("help", f"see `{error.ctx.command_path} --help`", state)


def _report_bug(error: Exception, state: State) -> None:
    import traceback  # noqa: PLC0415 - only for this

    if _wants_tracebacks(state):
        _write("".join(traceback.format_exception(error)), nl=False)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""  # noqa: PTH119
    _say("error", f"this is a bug in sprocket: {type(error).__name__}: {error}{place}", state)
    _say("help", f"please report it with what `-vv` (or {TRACEBACK_VARIABLE}=1) shows in addition", state)


def _wants_tracebacks(state: State) -> bool:
    return state.verbosity >= 2 or bool(os.environ.get(TRACEBACK_VARIABLE))


def _say(word: str, message: str, state: State) -> None:
    from pysprocket.source.visible import visible  # noqa: PLC0415 - only when there is something to say
    from pysprocket.source.wrapping import wrapped  # noqa: PLC0415

    message = "\n".join(map(visible, message.split("\n")))  # it may quote what commands the terminal
    begin = len(word) + 2
    shown = click.style(word, fg=_COLORS[word], bold=True) if state.use_color() else word
    lines = wrapped(message, _width(), begin=begin, hang=begin)
    _write(f"{shown}: " + "\n".join(lines))


def _width() -> int:
    """The columns in which people are told something: the same in a file as on a terminal that has enough."""
    from pysprocket.source.wrapping import WIDTH  # noqa: PLC0415

    try:
        return min(os.get_terminal_size(sys.stderr.fileno()).columns or WIDTH, WIDTH)
    except (OSError, ValueError):  # it is no terminal, or is closed
        return WIDTH


def _write(text: str, *, nl: bool = True) -> None:
    """A standard error that leads nowhere any more (its terminal was closed) leaves the exit status as it is.

    No secret that was revealed is on it, whoever quotes it.
    """
    with suppress(OSError):
        click.echo(concealed(text), err=True, color=True, nl=nl)
