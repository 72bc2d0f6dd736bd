"""Every diagnostic code with its explanation, in one table.

In: the table `EXPLANATIONS` in the module `codes` of each room that has one. Out: `CODES`, from a code to one
paragraph. This module stands in the room that defines diagnostics but the rooms that emit them are above it: it
finds their tables by name, and only those who explain codes import it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

_ROOMS = ("syntax", "config", "types", "values", "plan", "engine", "cli")


def _collect() -> dict[str, str]:
    codes: dict[str, str] = {}
    for room in _ROOMS:
        module = f"pysprocket.{room}.codes"
        if find_spec(module) is None:
            continue
        explanations: dict[str, str] = import_module(module).EXPLANATIONS
        if twice := codes.keys() & explanations.keys():
            raise ValueError(f"diagnostic codes explained by two rooms: {', '.join(sorted(twice))}")
        codes |= explanations
    return dict(sorted(codes.items()))


CODES: dict[str, str] = _collect()
