"""Older and later spellings of settings.

In: a table as a file has it, and the struct that describes it. Out: the same table with each key under its canonical
name, which is that of the struct's field, and how these were written (`Spelled`). Messages name a key as it was
written; what is merged, explained and used is canonical. Sources: the guides of Sprocket for Slurm and TES, and the
keys of its releases 0.24 to 0.33.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from pysprocket.config.backend_settings import LsfApptainer, Scheduled, SlurmApptainer, Tes
from pysprocket.config.section import Section
from pysprocket.config.settings import Check

Keys = tuple[str, ...]
"""A path of keys; here always below one table."""

SPELLINGS: dict[type[Section], dict[str, Keys]] = {
    Check: {"except": ("disable",)},
    Scheduled: {
        "executable": ("apptainer", "executable"),
        "image_cache_dir": ("apptainer", "image_cache_dir"),
        "extra_apptainer_exec_args": ("apptainer", "extra_args"),
    },
    SlurmApptainer: {"slurm": ("sbatch",), "extra_sbatch_args": ("sbatch", "args")},
    LsfApptainer: {"lsf": ("bsub",), "extra_bsub_args": ("bsub", "args")},
    Tes: {"service": ("url",)},
}
"""For each struct, and those that build on it: another key of its table, and the canonical path below the table."""

OBSOLETE: dict[type[Section], dict[str, Any]] = {
    Check: {
        "all_lint_rules": bool,
        "only_lint_tags": list[str],
        "filter_lint_tags": list[str],
        "tags": list[str],
        "lint": dict[str, Any],
    },
}
"""Keys of earlier releases that say nothing any more, with the type of their values: accepted, told as not used."""


class Spelled(msgspec.Struct, frozen=True):
    """A table under canonical keys.

    Attributes:
        table: the data.
        written: canonical paths below the table that were written in another way, and how.
        twice: pairs of paths, as written, that set the same; the second is not in `table`.
    """

    table: dict[str, Any]
    written: dict[Keys, Keys]
    twice: list[tuple[Keys, Keys]]


@cache
def spellings_of(struct: type[Section]) -> dict[str, Keys]:
    """The other keys that a table may have, and what they mean."""
    return {key: path for base in reversed(struct.__mro__) for key, path in SPELLINGS.get(base, {}).items()}


@cache
def obsolete_of(struct: type[Section]) -> dict[str, Any]:
    """The keys that a table may have and that say nothing."""
    return {key: kind for base in reversed(struct.__mro__) for key, kind in OBSOLETE.get(base, {}).items()}


def canonical(table: Mapping[str, Any], struct: type[Section]) -> Spelled:
    """The table with canonical keys.

    What two spellings set in different tables of one file is put together; what both set is in `twice`.
    """
    others = spellings_of(struct)
    if others.keys().isdisjoint(table):
        return Spelled(dict(table), {}, [])
    found = Spelled({key: value for key, value in table.items() if key not in others}, {}, [])
    for key, path in others.items():
        if key in table:
            _put(found, path, (key,), table[key])
    return found


def as_written(path: Keys, written: Mapping[Keys, Keys]) -> Keys:
    """How a canonical path below a table was written: the longest part of it that has another spelling is replaced."""
    for length in range(len(path), 0, -1):
        if path[:length] in written:
            return (*written[path[:length]], *path[length:])
    return path


def _put(found: Spelled, path: Keys, key: Keys, value: Any) -> None:
    """Set a value, or each value of a table, at its canonical path; what is there already stays."""
    table = found.table
    for depth, name in enumerate(path[:-1], start=1):
        below = table.get(name, {})
        if not isinstance(below, dict):
            found.twice.append((as_written(path[:depth], found.written), key))
            return
        table[name] = table = dict(below)
    last = path[-1]
    if last not in table:
        table[last] = value
        found.written[path] = key
    elif isinstance(value, dict) and isinstance(table[last], dict):
        for name, entry in value.items():
            _put(found, (*path, name), (*key, name), entry)
    else:
        found.twice.append((as_written(path, found.written), key))
