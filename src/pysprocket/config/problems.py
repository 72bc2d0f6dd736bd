"""What is wrong with a setting, before anybody asks where it is written.

In: nothing. Out: `Problem`, which `config.telling` makes a diagnostic of; `dotted`, keys as a user writes them.
"""

from __future__ import annotations

import msgspec

Keys = tuple[str | int, ...]
"""The way to a setting; a number is the place of an element in an array, counted from 0."""


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with the setting at a path of keys.

    Attributes:
        keys: the way to it.
        message: one sentence that names it, lower case at the start, no full stop; from `config.rules` what comes
            behind its name (see `sentence`).
        help: what to do, where the message does not say it.
        on_value: whether the value is to be underlined rather than the key.
        code: of the diagnostic.
        meant: the key that was probably meant, which need not be told to be missing.
        other: another key that has to do with it.
    """

    keys: Keys
    message: str
    help: str | None = None
    on_value: bool = False
    code: str = "WrongSettingValue"
    meant: Keys | None = None
    other: Keys | None = None


_RESTS = ("is ", "are ", "has ", "have ", "does ", "cannot ", "must ", "needs ")


def sentence(keys: Keys, message: str) -> str:
    """What is said of a setting, behind its name: the rest of a sentence about it, or one of its own."""
    return f"`{dotted(keys)}`{' ' if message.startswith(_RESTS) else ': '}{message}"


def dotted(keys: Keys) -> str:
    """Keys as TOML writes them, such as `run.backends."my.cluster".sbatch.conditional[0]`."""
    from pysprocket.config import toml  # noqa: PLC0415 - only when there is something to tell

    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{toml.key(key)}"
    return text.removeprefix(".")
