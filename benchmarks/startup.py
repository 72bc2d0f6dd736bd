"""What starting the command costs, beside a bare interpreter.

In: nothing. Out: the CPU time (user and system, of the process itself) of `sprocket --version`, `sprocket --help` and
some commands, each with its ratio to `python -c pass`. All modules are compiled to bytecode first, as after an
installation.

    python -m benchmarks.startup
    python -m benchmarks.startup --check    # fails when --version or --help cost more than 3 times as much
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import sysconfig
import tempfile
from pathlib import Path

REPEATS = 15
LIMIT = 3.0
COMMAND = str(Path(sysconfig.get_path("scripts")) / "sprocket")
COMMANDS: dict[str, list[str]] = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "sprocket --version": [COMMAND, "--version"],
    "sprocket --help": [COMMAND, "--help"],
    "sprocket explain --list": [COMMAND, "explain", "--list"],
    "sprocket check (a small document)": [COMMAND, "check"],
}
DOCUMENT = "version 1.2\ntask t { command <<< echo hello >>> }\n"


def cpu_milliseconds(command: list[str], environment: dict[str, str]) -> float:
    """User and system time of one start of a command."""
    silence = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    process = os.posix_spawn(command[0], command, environment, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed with status {os.waitstatus_to_exitcode(status)}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def measure(directory: Path, repeats: int = REPEATS) -> dict[str, float]:
    """The median CPU milliseconds of each command; the commands take turns, so that noise meets all alike."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(directory / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    document = directory / "small.wdl"
    document.write_text(DOCUMENT)
    commands = {
        name: [*command, str(document)] if "check" in command else command for name, command in COMMANDS.items()
    }
    samples: dict[str, list[float]] = {name: [] for name in commands}
    for repeat in range(repeats + 1):
        for name, command in commands.items():
            sample = cpu_milliseconds(command, environment)
            if repeat:  # the first one compiles
                samples[name].append(sample)
    return {name: statistics.median(values) for name, values in samples.items()}


def main() -> int:
    """Measure and print; with --check say whether the limit is kept."""
    parser = argparse.ArgumentParser(description="CPU time of starting the command.")
    parser.add_argument("--check", action="store_true", help=f"fail above {LIMIT} times a bare interpreter")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        medians = measure(Path(directory))
    bare = medians["python -c pass"]
    for name, median in medians.items():
        print(f"{name:35} {median:7.1f} ms CPU {median / bare:6.2f} x")
    worst = max(medians[f"sprocket {option}"] for option in ("--version", "--help")) / bare
    return int(arguments.check and worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
