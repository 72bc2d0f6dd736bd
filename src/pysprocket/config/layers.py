"""What settings come from: a file, a variable of the environment, a `--set` of the command line.

In: the text of one of them and the data in it. Out: `Layer`, which knows where in its text each key is, and `Place`,
what a user is told of that. Keys are given as they are written there (`Layer.written` undoes what `config.spellings`
did). Secrets are masked before a text is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pysprocket.config.confidential import is_delicate, is_secret, leaves, login_masked, secrets_in, sounds_secret
from pysprocket.config.problems import Keys, Problem

if TYPE_CHECKING:  # positions are looked for when something is to be told
    from pysprocket.config.positions import Span, Spot
    from pysprocket.source.diagnostic import Label


class Place(msgspec.Struct, frozen=True):
    """Where a setting was made: a file and a line, or what else set it, without a line."""

    name: str
    line: int | None

    def __str__(self) -> str:
        return self.name if self.line is None else f"{self.name}:{self.line}"


class Layer:
    """One origin of settings.

    Attributes:
        name: what a user is told: the path of the file, the name of the variable, or the argument.
        text: of the file, or what was given.
        data: what it sets, by the keys as they are written.
        problem: what is wrong with it as a whole.
        readings: what it may mean to set, the likeliest first; a file means one thing.
        directory: what relative paths start at.
        is_file: whether it is a file: arrays of files grow, others are replaced.
        plain: the value where it may be a text that stands there without quotes.
        moved: the keys as they are written, by those they stand for, where these differ.
        variable: the name of the variable of the environment, if it is one.
        secrets: keys whose values must not be shown.
        doubtful: keys of tables where something else stands, which may be a secret that belongs into them.
        plain_keys: those of what fits where it stands, and is no secret there.
        variables: those of the environment that hold secrets.
        unused: keys that are accepted though nothing reads them.
        strangers: keys that mean nothing here; of a variable or a `--set` only what fits is shown below them.
    """

    is_file = True
    plain: str | None = None
    variable: str | None = None

    def __init__(self, name: str, text: str, data: dict[str, Any], directory: Path) -> None:
        self.name = name
        self.text = text
        self.problem: Problem | None = None
        self.readings = [data]
        self.directory = directory
        self.take(data)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def take(self, data: dict[str, Any]) -> None:
        """Take this for what is meant; what was found out about something else is forgotten."""
        self.data = data
        self.moved: dict[Keys, Keys] = {}
        self.secrets: list[Keys] = []
        self.doubtful: list[Keys] = []
        self.plain_keys: set[Keys] = set()
        self.variables: list[str] = []
        self.unused: list[Keys] = []
        self.strangers: list[Keys] = []

    def written(self, keys: Keys) -> Keys:
        """The keys as they are written in this layer."""
        for length in range(len(keys), 0, -1) if self.moved else ():
            if moved := self.moved.get(keys[:length]):
                return (*moved, *keys[length:])
        return keys

    @property
    def sets(self) -> Keys:
        """The canonical keys of all that is set here; () for a file, which has no key for all of it."""
        return ()

    def place(self, keys: Keys) -> Place:
        """Where a key is, or the closest table around it that is written."""
        found = self._closest(keys)
        return Place(self.name, None if found is None else self.text.count("\n", 0, found[1].key[0]) + 1)

    def has(self, keys: Keys) -> bool:
        """Whether a key is written here."""
        return keys in self.spots

    def label(self, keys: Keys, *, on_value: bool = False, remark: str = "") -> Label:
        """A key underlined, or its value, or what is closest."""
        from pysprocket.source.diagnostic import Label  # noqa: PLC0415 - only when there is something to tell

        found = self._closest(keys)
        if found is None:
            return Label(self.shown, 0, 0 if self.is_file else len(self.text), remark)
        closest, spot = found
        start, end = spot.value if on_value or closest != keys else spot.key
        return Label(self.shown, start, end, remark)

    def _closest(self, keys: Keys) -> tuple[Keys, Spot] | None:
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.spots:
                return keys[:length], self.spots[keys[:length]]
        return None

    @cached_property
    def spots(self) -> dict[Keys, Spot]:
        """Where everything is in the text."""
        from pysprocket.config.positions import positions  # noqa: PLC0415

        try:
            return positions(self.text)
        except RecursionError:  # deeper than anything that is no mistake
            return {}

    @cached_property
    def shown(self) -> Any:
        """The text as it may be shown (a `Source`)."""
        from pysprocket.source.text import Source  # noqa: PLC0415

        text = self.text
        for keys, spot in self.spots.items():
            start, end = spot.value
            if start > spot.key[0] and self._is_masked(keys):  # not the header of a table
                text = text[:start] + masked(text[start:end]) + text[end:]
        for start, end in self._comments_to_mask(text):
            text = text[:start] + masked(text[start:end]) + text[end:]
        return Source(self.uri, login_masked(text), self.title)

    def _comments_to_mask(self, shown: str) -> Iterator[Span]:
        """What a user may have noted of a secret: on its line, or by its name."""
        from pysprocket.config.positions import comments  # noqa: PLC0415

        for start, end in comments(self.text) if self.is_file else ():
            line = slice(self.text.rfind("\n", 0, start) + 1, start)
            words = re.findall(r"[\w-]+", self.text[start:end])
            if self.text[line] != shown[line] or any(map(sounds_secret, words)):
                yield start + 1, end

    @property
    def uri(self) -> str:
        """Tells the texts apart."""
        return (self.directory / Path(self.name).name).as_uri()

    @property
    def title(self) -> str:
        """What the text is called where it is shown."""
        return self.name

    def _is_masked(self, keys: Keys) -> bool:
        if keys in self.secrets or (self.problem is not None and not self.is_file):
            return True
        value = at(self.data, keys)
        if not self.is_file and any(keys[: len(stranger)] == stranger for stranger in self.strangers):
            return keys not in self.plain_keys and (*keys, "type") not in self.plain_keys
        return not isinstance(value, dict) and not _is_reference(self.data, keys) and self.hides(keys, value)

    def hides(self, keys: Keys, value: Any) -> bool:
        """Whether a value must not be shown where a mistake is told: it is a secret, or may be one in a wrong place."""
        if keys in self.secrets or keys in self.doubtful:
            return True
        return is_delicate(keys, value) and (is_secret(keys, value) or not self._is_plain(keys))

    def _is_plain(self, keys: Keys) -> bool:
        """Whether it stands where it belongs, such as the name of a user beside a password."""
        while keys and isinstance(keys[-1], int):
            keys = keys[:-1]
        return keys in self.plain_keys

    def confidential(self) -> list[Keys]:
        """The paths of all secrets that stand here, as they are written."""
        return list(dict.fromkeys([*self.secrets, *secrets_in(self.data)]))


def _is_reference(data: Any, keys: Keys) -> bool:
    """Whether it says where a secret is: `env` or `file` of a table that has nothing else."""
    table = at(data, keys[:-1])
    return len(keys) > 1 and isinstance(table, dict) and not any(True for _ in leaves(table, keys[:-1]))


def masked(text: str) -> str:
    """A text with its lines, so that positions stay; all else is hidden."""
    return re.sub(r"[^\n]", "*", text)


def at(data: Any, keys: Keys) -> Any:
    """What is at a path of keys; None where there is nothing."""
    for key in keys:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data
