"""Texts that are never shown: passwords, tokens, keys.

In: a text, the name of an environment variable, or a file, as a setting has them. Out: `Secret`, which shows itself as
`<REDACTED>`, refuses to be encoded, and gives its text to who asks for it with `reveal`; `withhold`, after which no
process that is started sees the variables that hold secrets.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from errno import ETIMEDOUT
from typing import Any

from pysprocket.errors import ConfigError
from pysprocket.nearest import nearest
from pysprocket.source import revealed

REDACTED = revealed.REDACTED
_FORMS = 'a text, `{ env = "NAME" }` or `{ file = "path" }`'
_OTHERS = stat.S_IRGRP | stat.S_IROTH

LARGEST = 1_000_000
"""How many bytes a file with a secret may have."""

PATIENCE = 5
"""Seconds in which a pipe must give all of its secret."""

_withheld: dict[str, str] = {}
"""Variables that `withhold` has taken from the environment: later secrets may still be in them."""

_piped: dict[str, bytes] = {}
"""What was read from pipes, which give it once, by their paths."""


class Secret:
    """A secret, or where it is: exactly one of the arguments is given.

    It is no struct on purpose: what encodes settings cannot encode this one.

    Args:
        text: the secret itself.
        env: an environment variable that holds it.
        file: a file that holds it, or a pipe; a line end behind it is not part of it, nor is a byte order mark.

    Raises:
        ValueError: there is none or more than one of them, or it is empty.
    """

    __slots__ = ("_text", "env", "file")

    def __init__(self, text: str | None = None, *, env: str | None = None, file: str | None = None) -> None:
        given = [each for each in (text, env, file) if each is not None]
        if len(given) != 1:
            raise ValueError(f"a secret is {_FORMS}, {'and only one of them' if given else 'and here it is none'}")
        if not given[0]:
            raise ValueError("a secret cannot be empty")
        self._text, self.env, self.file = text, env, file

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return (self._text, self.env, self.file) == (other._text, other.env, other.file)

    def __hash__(self) -> int:
        return hash((self._text, self.env, self.file))

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be copied to elsewhere")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _: object) -> Secret:
        return self

    def is_written_out(self) -> bool:
        """Whether the secret itself stands in the setting, not where it is."""
        return self._text is not None

    def reveal(self, *, lines: bool = False) -> str:
        """The text; from now on nothing that is told shows it.

        Args:
            lines: whether it may have several lines, as a private key does; a password or token may not.

        Raises:
            ConfigError: the variable is not set, the file cannot be read, is too large, or a pipe from which nothing
                comes; there is nothing in it, several lines, or what is not UTF-8.
        """
        if self.env is not None:
            text = os.environ.get(self.env, _withheld.get(self.env))
            return _checked(text, f"the environment variable `{self.env}`, which holds a secret,", lines=lines)
        if self.file is not None:
            return _checked(_read(self.file), f"the file `{self.file}`, which holds a secret,", lines=lines)
        return _checked(self._text, "a secret of the settings", lines=lines)


def decode(kind: type, value: Any) -> Any:
    """What `msgspec.convert` asks for types it does not know (`dec_hook`): a secret from what TOML has.

    Raises:
        ValueError: it is not of a form that a secret has; the message quotes nothing of it.
        NotImplementedError: another type.
    """
    if kind is not Secret:
        raise NotImplementedError(kind)
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    if not isinstance(value, Mapping) or not all(isinstance(entry, str) for entry in value.values()):
        raise ValueError(f"expected {_FORMS}")
    if unknown := value.keys() - {"env", "file"}:
        meant = {name: nearest(name, ("env", "file")) for name in unknown}
        near = next((f"; did you mean `{found[0]}`?" for found in meant.values() if found), "")
        raise ValueError(f"expected {_FORMS}{near}")
    return Secret(**value)


def secrets_in(settings: object) -> Iterator[Secret]:
    """All secrets in tables and arrays of settings."""
    if isinstance(settings, Secret):
        yield settings
    elif isinstance(settings, Mapping):
        for entry in settings.values():
            yield from secrets_in(entry)
    elif isinstance(settings, list):
        for entry in settings:
            yield from secrets_in(entry)


def withhold(variables: Iterable[str]) -> None:
    """Take variables that hold secrets out of the environment of this process.

    So no process that is started later has them: no task, no launcher of tasks, no command of a scheduler, which might
    hand its environment to jobs. Secrets can be revealed as before.
    """
    for name in variables:
        if (text := os.environ.pop(name, None)) is not None:
            _withheld[name] = text


def is_utf8(text: str) -> bool:
    """Whether a text of the environment was UTF-8: Python has halves of surrogate pairs for what is not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole_environment() -> dict[str, str] | None:
    """The environment with what was withheld, for a program that is trusted with it; None where nothing was."""
    return {**os.environ, **_withheld} if _withheld else None


def exposed(path: str | os.PathLike[str]) -> str | None:
    """The mode of a file that others than its owner can read, such as "0644"; None where they cannot or it is not."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - `file` may be a text
    except OSError:
        return None
    return f"{stat.S_IMODE(mode):04o}" if stat.S_ISREG(mode) and mode & _OTHERS else None


def warning_of(path: str | os.PathLike[str]) -> str | None:
    """What to tell about a file with secrets that others can read."""
    mode = exposed(path)
    if mode is None:
        return None
    from shlex import quote  # noqa: PLC0415 - hardly ever

    return f"`{path}` holds a secret, and others can read it (its mode is {mode}); `chmod 600 {quote(str(path))}`"


def _read(file: str) -> str:
    try:
        content = _piped.get(file) or _content(file)
    except OSError as error:
        raise ConfigError(f"the file `{file}`, which holds a secret, cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigError(f"the file `{file}`, which holds a secret, cannot be read: it has a NUL character") from None
    if len(content) > LARGEST:
        raise ConfigError(
            f"the file `{file}`, which holds a secret, has more than {LARGEST:,} bytes: is it the right one?"
        )
    try:
        return content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"the file `{file}`, which holds a secret, is not UTF-8 text") from None


def _content(file: str) -> bytes:
    """The bytes of a file, or one more than there may be; a pipe or a device is not waited for without end."""
    number = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        if stat.S_ISREG(os.fstat(number).st_mode):
            return os.read(number, LARGEST + 1)
        content = _piped[file] = _received(number)
        return content
    finally:
        os.close(number)


def _received(number: int) -> bytes:
    """What comes until its end; the end of a pipe that nobody has written yet is none."""
    import select  # noqa: PLC0415 - hardly ever
    from time import monotonic  # noqa: PLC0415

    waiting = select.poll()
    waiting.register(number, select.POLLIN)
    content, waited, end = b"", False, monotonic() + PATIENCE
    while len(content) <= LARGEST:
        try:
            chunk = os.read(number, LARGEST + 1 - len(content))
        except BlockingIOError:  # who writes has not come to an end
            chunk = None
        if chunk == b"" and (content or waited):
            break
        content += chunk or b""
        if not chunk:
            waited = bool(waiting.poll(max(end - monotonic(), 0) * 1000))
            if not waited:
                raise TimeoutError(ETIMEDOUT, f"nobody wrote all of it within {PATIENCE} seconds")
    return content


def _checked(text: str | None, where: str, *, lines: bool) -> str:
    if not text:
        raise ConfigError(f"{where} is {'not set' if text is None else 'empty'}")
    if not is_utf8(text):
        raise ConfigError(f"{where} is not UTF-8 text")
    revealed.remember(text)
    if not lines and not {"\n", "\r", "\0"}.isdisjoint(text):
        raise ConfigError(f"{where} has a line break or a NUL character", help="leave nothing but the secret there")
    return text
