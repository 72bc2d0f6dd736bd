"""Texts that are never shown: passwords, tokens, keys.

In: a text, the name of an environment variable, or a file. Out: `Secret`, which shows itself as `<REDACTED>` where
it is printed, and gives its text to who asks for it with `reveal`.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from pysprocket.errors import ConfigError

REDACTED = "<REDACTED>"


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A secret, or where it is: exactly one of the fields is set.

    Attributes:
        text: the secret itself.
        env: an environment variable that holds it.
        file: a file that holds it; a line end behind it is not part of it.
    """

    text: str | None = None
    env: str | None = None
    file: str | None = None

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def reveal(self) -> str:
        """The text.

        Raises:
            ConfigError: the variable is not set, the file cannot be read, or there is nothing in it.
        """
        if self.env is not None:
            return _filled(os.environ.get(self.env), f"the environment variable `{self.env}`, which holds a secret,")
        if self.file is not None:
            return _filled(_read(self.file), f"the file `{self.file}`, which holds a secret,")
        return self.text or ""


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"the file `{file}`, which holds a secret, is not UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"the file `{file}`, which holds a secret, cannot be read: {error.strerror}") from None


def _filled(text: str | None, where: str) -> str:
    if not text:
        raise ConfigError(f"{where} is {'not set' if text is None else 'empty'}")
    return text
