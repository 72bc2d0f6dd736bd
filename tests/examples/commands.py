"""The commands that the documentation tells a reader to run, and running them.

In: Markdown and WDL files. Out: argument lists, and what a run printed.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.reading import unwrapped

ROOT = Path(__file__).resolve().parents[2]
SPROCKET = Path(sys.executable).with_name("sprocket")


def commands_in(document: Path) -> list[list[str]]:
    """Arguments of each `sprocket …` line of a Markdown file or of a WDL header comment."""
    lines = (line.lstrip("# ") for line in document.read_text().splitlines())
    return [shlex.split(line)[1:] for line in lines if line.startswith("sprocket ")]


def sprocket(arguments: list[str], directory: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the `sprocket` of this environment in `directory`, with no configuration file but those found there.

    Its standard error is given as it was before it was made to fit a terminal.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPROCKET_")}
    completed = subprocess.run(
        [SPROCKET, *arguments],
        cwd=directory,
        env=environment | {"XDG_CONFIG_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    completed.stderr = unwrapped(completed.stderr)
    return completed


def outputs(completed: subprocess.CompletedProcess[str]) -> Any:
    """The outputs that a run printed; fails with what it said when it did not end well."""
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


def by_name(value: Any, below: Path) -> Any:
    """`value` with each path below a directory replaced by the name of the file there, which must exist."""
    if isinstance(value, dict):
        return {key: by_name(member, below) for key, member in value.items()}
    if isinstance(value, list):
        return [by_name(element, below) for element in value]
    if isinstance(value, str) and value.startswith(f"{below}/"):
        assert Path(value).is_file(), value
        return Path(value).name
    return value
