"""The versions of WDL, and what each of them allows.

In: the word after `version`. Out: `parse_version`, the newest version, the table of features with the version that
brought them, and the words each version reserves. Source: the WDL specifications 1.0 to 1.3 and their changelogs.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

Version: TypeAlias = tuple[int, int]

OLDEST: Version = (1, 0)
NEWEST: Version = (1, 3)

RELEASED: dict[str, Version] = {"1.0": (1, 0), "1.1": (1, 1), "1.2": (1, 2), "1.3": (1, 3)}

# Names under which engines offered a version before its release.
_UNRELEASED = r"development(?:-1\.1)?|1\.\d+-[A-Za-z][A-Za-z0-9.]*|biscayne|cascades"


def parse_version(word: str) -> Version | None:
    """The version that a word names.

    Words for unreleased versions (`development`, `1.1-dev`) mean the newest one, `draft-3` means 1.0, and
    `draft-2` or anything else is None.
    """
    if word in RELEASED:
        return RELEASED[word]
    if word == "draft-3":
        return OLDEST
    return NEWEST if re.fullmatch(_UNRELEASED, word) else None


def released(word: str) -> str:
    """The word of a released version; the newest for one that is not known yet."""
    return word if word in RELEASED else list(RELEASED)[-1]


class Feature(msgspec.Struct, frozen=True):
    """Something the grammar has since a version.

    Attributes:
        subject: begins a sentence such as "enums need WDL 1.3".
        instead: what to write in older versions, if there is anything.
    """

    since: Version
    subject: str
    instead: str = ""


FEATURES: dict[str, Feature] = {
    "none": Feature((1, 1), "the literal `None` needs"),
    "struct literal": Feature((1, 1), "struct literals need", "write `object { … }`"),
    "call shorthand": Feature((1, 1), "a call input without a value needs", "write `name = name`"),
    "after": Feature((1, 1), "`after` in a call needs"),
    "directory": Feature((1, 2), "the type `Directory` needs"),
    "struct meta": Feature((1, 2), "`meta` and `parameter_meta` in a struct need"),
    "multi-line string": Feature((1, 2), "multi-line strings need", "write `\\n` for a line break"),
    "exponentiation": Feature((1, 2), "the operator `**` needs"),
    "env": Feature((1, 2), "the modifier `env` needs"),
    "requirements": Feature((1, 2), "the section `requirements` needs", "write `runtime { … }`"),
    "hints": Feature((1, 2), "the section `hints` needs", "write `runtime { … }`"),
    "call without input": Feature((1, 2), "call inputs without the word `input:` need", "write `input:` before them"),
    "enum": Feature((1, 3), "enums need"),
    "else": Feature((1, 3), "`else` after an `if` block of a workflow needs", "write a second `if (!…)`"),
}

_TYPES = frozenset({"Array", "Boolean", "File", "Float", "Int", "Map", "Object", "Pair", "String"})
_WORDS = frozenset({
    "alias", "as", "call", "command", "else", "false", "if", "import", "in", "input", "left", "meta", "object",
    "output", "parameter_meta", "right", "runtime", "scatter", "struct", "task", "then", "true", "version", "workflow",
})  # fmt: skip
_RESERVED: dict[Version, frozenset[str]] = {
    (1, 0): _TYPES | _WORDS,
    (1, 1): _TYPES | _WORDS | {"None", "Directory", "hints", "requirements"},
    (1, 2): _TYPES | _WORDS | {"None", "Directory", "hints", "requirements"},
    (1, 3): _TYPES | _WORDS | {"None", "Directory", "hints", "requirements", "enum"},
}

# Reserved words that no reader could mistake for anything else where a name is declared.
TOLERATED_NAMES = frozenset({
    "alias", "as", "command", "enum", "hints", "import", "in", "input", "left", "meta", "object", "output",
    "parameter_meta", "requirements", "right", "runtime", "struct", "version",
})  # fmt: skip


def reserved_words(version: Version) -> frozenset[str]:
    """The words that cannot be the name of a declaration, task, workflow, struct or call in a version."""
    return _RESERVED[version]
