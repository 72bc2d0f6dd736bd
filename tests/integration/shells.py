"""Interactive shells, for pressing TAB.

In: this machine. Out: bash, zsh and fish, installed where one is missing and that is possible, and `Terminal`, one of
them behind a pseudo terminal: keys go in, and the line that is being edited comes out, as the shell itself has it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

SHELLS = ("bash", "zsh", "fish")
_ARGUMENTS = {
    "bash": ("--noprofile", "--norc", "-i"),
    "zsh": ("--no-rcs", "-i"),
    "fish": ("-i",),
}
_SHOW = "\x18p"  # Ctrl-X P: leaves the line in a file
_START = {
    "bash": (
        "PS1='$ '; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; "
        "bind 'set page-completions off'; bind 'set completion-query-items 0'; "
        'bind -x \'"\\C-xp": printf %s "$READLINE_LINE" > {line}.new; mv {line}.new {line}\''
    ),
    "zsh": (
        "PS1='$ '; unsetopt beep; autoload -Uz compinit; compinit -u -D; LISTMAX=1000; "
        "show() {{ print -rn -- \"$BUFFER\" > {line}.new; mv {line}.new {line} }}; zle -N show; bindkey '^Xp' show"
    ),
    "fish": (
        "function fish_prompt; echo '$ '; end; function fish_greeting; end; "
        "bind \\cxp 'commandline > {line}.new; mv {line}.new {line}'"
    ),
}


def program(shell: str, *, install: bool) -> str:
    """The path of a shell.

    Args:
        shell: its name, which is that of its Debian package, too.
        install: whether it may be installed when there is none.

    Raises:
        LookupError: there is none, and none can be installed here.
        CalledProcessError: it should be possible to install it, and that fails.
    """
    if found := shutil.which(shell):
        return found
    if not install:
        raise LookupError(f"there is no {shell}; `pytest -m integration` installs it")
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise LookupError(f"there is no {shell}, and it is installed by itself only by root on Debian")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", shell]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    found = shutil.which(shell)
    assert found is not None
    return found


class Terminal:
    """A shell that somebody sits in front of.

    Args:
        shell: its name.
        path: of its program.
        directory: where it starts.
        home: an empty directory outside of that one.
        commands: what it does first, such as reading completions.
    """

    def __init__(self, shell: str, path: str, directory: Path, home: Path, *commands: str) -> None:
        self.shell = shell
        self.shown = ""
        self._line = home / "line"
        environment = os.environ | {"HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null"}
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(directory)
            os.execve(path, [path, *_ARGUMENTS[shell]], environment)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
        for command in (_START[shell].format(line=self._line), *commands):
            self.press(f"{command}\r")
        self.line()

    def close(self) -> None:
        """The shell ends."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._terminal, keys.encode())

    def complete(self, text: str, tabs: int = 1) -> str:
        """Type a text and TAB on an empty line; the line that comes of it."""
        self.press("\x15")  # the line before is given up
        self.line()
        self.shown = ""
        self.press(text + "\t" * tabs)
        return self.line()

    def line(self) -> str:
        """The line as it is now; meanwhile what is displayed is gathered in `shown`."""
        self._line.unlink(missing_ok=True)
        deadline = time.monotonic() + 60
        asked = 0.0
        while not self._line.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.shell} does not tell its line; it shows {self.shown[-2000:]!r}")
            if time.monotonic() - asked > 3:  # what is typed while a shell starts may be lost
                self.press(_SHOW)
                asked = time.monotonic()
            self._read()
        return self._line.read_text().removesuffix("\n")

    def _read(self) -> None:
        while select.select([self._terminal], [], [], 0.05)[0]:
            try:
                self.shown += os.read(self._terminal, 65536).decode(errors="replace")
            except OSError:  # the shell has ended
                return
