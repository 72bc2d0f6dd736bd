"""A browser without a window, for looking at pages.

In: this machine. Out: the program Chromium, installed when there is none and that is possible, and what it makes of a
page: its elements after the scripts have run, and what was written to its console.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class Seen(NamedTuple):
    """A page as the browser has it, and the lines of its console."""

    html: str
    console: list[str]


def program(*, install: bool) -> str:
    """The browser.

    Args:
        install: whether it may be installed when there is none.

    Raises:
        LookupError: there is none, and none can be installed here.
        CalledProcessError: it should be possible to install it, and that fails.
    """
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is not None:
        return found
    if not install:
        raise LookupError("there is no Chromium; `pytest -m integration` installs it")
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise LookupError("there is no Chromium, and it is installed by itself only by root on Debian")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return "chromium"


def look(browser: str, page: Path, profile: Path) -> Seen:
    """Open a page.

    Args:
        browser: the program.
        page: the file.
        profile: an empty directory for the browser's own files.
    """
    command = [browser, *_OPTIONS, f"--user-data-dir={profile}", "--enable-logging=stderr", "--dump-dom", page.as_uri()]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return Seen(ended.stdout, [line for line in ended.stderr.splitlines() if "CONSOLE" in line])
