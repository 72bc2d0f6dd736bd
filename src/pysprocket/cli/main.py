"""The command `sprocket`: where it starts.

In: the arguments. Out: an exit status: 0 when all is well, 1 when something failed, 2 for a mistake on the command
line, 130 after a signal. This module imports nothing heavy: the version and the list of commands are shown without
click, and a command's module is imported when it is used.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence

import pysprocket

COMMANDS = {
    "run": "Run a task or workflow.",
    "resume": "Go on with a run that was interrupted.",
    "cache": "List, explain and remove cached results of tasks.",
    "runs": "List runs, and show what happened in one.",
    "validate": "Check inputs without running anything.",
    "inputs": "Print a template of the inputs of a task or workflow.",
    "check": "Find mistakes in documents.",
    "config": "Show, explain and check the configuration.",
    "explain": "Explain a diagnostic by its code.",
    "completions": "Print what makes a shell complete commands on TAB.",
}
"""Each command is a module of this package with a click command named `command`."""

EXAMPLES = (
    "sprocket run hello.wdl --target say_hello greeting=Hello",
    "sprocket inputs main.wdl > inputs.json",
    "sprocket run main.wdl @inputs.json",
)

_OPTIONS = {
    "-v, --verbose": "Tell more; may be repeated.",
    "-q, --quiet": "Tell less; may be repeated.",
    "--color [auto|always|never]": "When to use color [auto].",
    "-m, --report-mode [full|one-line]": "How to show findings in documents [full].",
    "-c, --config FILE": "A configuration file; may be repeated.",
    "--set KEY=VALUE": "A setting: run.fail=fast; may be repeated.",
    "-s, --skip-config-search": "Read only the files of --config.",
    "-V, --version": "Show the version.",
    "-h, --help": "Show help, also after a command.",
}

_VARIABLES = {
    "SPROCKET_CONFIG": "A configuration file, read before those of --config.",
    "SPROCKET_RUN__FAIL": "Sets run.fail, and so with any other setting.",
    "SPROCKET_LOG": "How much of a run is told: error, warning, info, debug.",
    "NO_COLOR, FORCE_COLOR": "Not empty: no color, or color without a terminal.",
}

_HELP = """\
Usage: sprocket [OPTIONS] COMMAND [ARGUMENTS]...

  Run WDL workflows on this computer or in Docker containers.

Commands:
{commands}
Options (also after a command):
{options}
Examples:
{examples}
Environment variables:
{variables}"""


_OUTPUT = "the standard output"


def command() -> None:
    """The program `sprocket`: `main`, and out.

    The interpreter is not taken down piece by piece (files, database and jobs are closed by then), and it looks for
    cyclic garbage less often than usual: each of the two is a tenth of the time of a short run.
    """
    gc.set_threshold(200_000, 20, 100)
    _replace_closed_streams()
    _name_standard_output()
    status = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads it any more; `main` has said what there was to say
            continue
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments (of the process, when None) say and give the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words in (["--version"], ["-V"]):
        return _print(f"sprocket {pysprocket.__version__}\n")
    if words in (["--help"], ["-h"]):
        return _print(group_help())
    try:
        if instruction := os.environ.get("_SPROCKET_COMPLETE"):
            from pysprocket.cli.completing import complete  # noqa: PLC0415 - only when a shell asks

            return complete(instruction)
        if arguments is None:
            _interrupt_on_signals()
        from pysprocket.cli.group import start  # noqa: PLC0415 - click takes longer to import than both answers above

        return start(words)
    except KeyboardInterrupt as interrupt:  # while it is imported; from then on `errors.guarded` is there
        sys.stderr.write(f"error: {interruption(interrupt)}\n")
        return 130


def interruption(interrupt: BaseException) -> str:
    """What is told of an interruption; one by another signal than Ctrl-C has its name."""
    return f"interrupted by {interrupt}" if interrupt.args else "interrupted"


def _interrupt_on_signals() -> None:
    """What asks this process to end interrupts it as Ctrl-C does, until a run takes signals in its own way.

    So what is half done is undone or recorded. What whoever started it had ignored, as `nohup` does, stays so.
    """
    import signal  # noqa: PLC0415 - click imports it, too

    def interrupt(number: int, _: object) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)


def group_help() -> str:
    """What `sprocket --help` shows."""
    return _HELP.format(
        commands=_table(COMMANDS),
        options=_table(_OPTIONS),
        examples="".join(f"  {example}\n" for example in EXAMPLES),
        variables=_table(_VARIABLES),
    )


def _table(rows: dict[str, str]) -> str:
    width = max(map(len, rows)) + 2
    return "".join(f"  {name:{width}}{text}\n" for name, text in rows.items())


def _print(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        silence_stdout()
        if not isinstance(error, BrokenPipeError):  # `sprocket --help | head -1` is no mistake
            sys.stderr.write(f"error: {error.filename or _OUTPUT}: {error.strerror}\n")
        return 1
    return 0


def silence_stdout() -> None:
    """The standard output cannot be written: let the interpreter flush it into nothing when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace_closed_streams() -> None:
    """A standard stream that the caller closed leads nowhere; else the next file opened would get its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


class _Output(io.FileIO):
    """The standard output, which says so when it fails: of what else is written, errors have names, too."""

    def write(self, content: memoryview) -> int:  # type: ignore[override] # nobody but the buffer above writes here
        try:
            return super().write(content)
        except OSError as error:
            error.filename = _OUTPUT
            raise


def _name_standard_output() -> None:
    usual = sys.stdout
    assert isinstance(usual, io.TextIOWrapper)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Output(usual.fileno(), "w", closefd=False)),
        encoding=usual.encoding,
        errors=usual.errors,
        line_buffering=usual.line_buffering,
        write_through=usual.write_through,
    )
