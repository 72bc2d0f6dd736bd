"""docs/guide/configuring.md shows what its commands really print, with its files in their places."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

TEXT = (Path(__file__).resolve().parents[2] / "docs/guide/configuring.md").read_text()
FILES = re.findall(r"```toml\n# (\S+)\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"^\$ (.*)$", TEXT, re.MULTILINE)
STEP = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.fixture
def root():
    """A directory with a name so short that tables have room for it."""
    with tempfile.TemporaryDirectory(prefix="s", dir="/tmp") as name:
        yield Path(name)


@pytest.fixture
def shell(root):
    """A shell of ana in her project, with all files of the guide; what it prints names them as the guide does."""
    for name, text in FILES:
        file = root / name.replace("~", "home/ana").lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {name}\n{text}")
        file.chmod(0o644)
    (root / "shared/bin/sprocket").symlink_to(Path(sys.executable).with_name("sprocket"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SPROCKET_", "XDG_"))}
    environment |= {"HOME": f"{root}/home/ana", "PATH": f"{root}/shared/bin:/usr/bin:/bin"}

    def run(script: str) -> str:
        completed = subprocess.run(
            ["bash", "-c", script],
            cwd=root / "home/ana/project",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return completed.stdout.replace(str(root), "")

    return run


def test_all_files_of_the_guide_have_a_place():
    assert len(FILES) == TEXT.count("```toml")


@pytest.mark.parametrize("session", re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL))
def test_a_command_prints_what_the_guide_shows(shell, session):
    steps = STEP.findall(session)
    assert "".join(f"$ {command}\n{shown}" for command, shown in steps) == session
    before = ""
    for command, shown in steps:
        assert shell(before + command) == shown
        before += f"{command}\n" if command.startswith("export ") else ""
