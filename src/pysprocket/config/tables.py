"""One table of a TOML file against the struct that describes it: every mistake in it, and its paths made absolute.

In: data from TOML, the directory of its file. Out: checked data and `Problem` values. Keys that are required are not
looked for here, because another file may hold them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.section import PATH, TIME_SPAN, Section
from pysprocket.config.settings import SECTIONS_UNREAD, Run, Sections
from pysprocket.nearest import nearest
from pysprocket.units import parse_duration, parse_size

_VARIABLE = r"(?a)\$(?:\{(\w+)\}|(\w+))"


class Problem(NamedTuple):
    """What is wrong with the value at a path of keys."""

    keys: tuple[str, ...]
    message: str


class TableChecker:
    """Checks the tables of one file; `backend_types` are those that all files together give to `run.backends`."""

    def __init__(self, directory: Path, backend_types: Mapping[str, object]) -> None:
        self.directory = directory
        self.backend_types = backend_types
        self.problems: list[Problem] = []

    def check(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The sections that are read, checked; mistakes are in `problems`."""
        known = {key: value for key, value in data.items() if key not in SECTIONS_UNREAD}
        return self._table(known, Sections, (), also=SECTIONS_UNREAD)

    def _table(
        self, data: Mapping[str, Any], struct: type[Section], keys: tuple[str, ...], also: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        fields = {field.name: field.type for field in msgspec.structs.fields(struct)}
        checked = {}
        for key, value in data.items():
            path = (*keys, key)
            if key not in fields:
                self._unknown(path, [*fields, *also])
            elif struct is Run and key == "backends":
                checked[key] = self._mapping(value, path, self._backend)
            else:
                checked[key] = self._value(value, fields[key], path)
        return checked

    def _value(self, value: Any, kind: Any, keys: tuple[str, ...]) -> Any:
        section = _section(kind)
        if section is not None and isinstance(value, dict):
            return self._table(value, section, keys)
        if value == "":
            self.problems.append(Problem(keys, "is empty; leave it out, and its default holds"))
            return value
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.problems.append(Problem(keys, _sentence(str(error), kind, value)))
        else:
            if _is_marked(kind, PATH) and value != "system":
                return self._path(value, keys)
            if _is_marked(kind, TIME_SPAN):
                self._time_span(value, keys)
        return value

    def _mapping(self, value: Any, keys: tuple[str, ...], check: Callable[[Any, tuple[str, ...]], Any]) -> Any:
        if not isinstance(value, dict):
            self.problems.append(Problem(keys, "expected a table"))
            return {}
        return {key: check(entry, (*keys, key)) for key, entry in value.items()}

    def _backend(self, table: Any, keys: tuple[str, ...]) -> Any:
        if not isinstance(table, dict):
            self.problems.append(Problem(keys, "expected a table"))
            return {}
        kind = table.get("type", self.backend_types.get(keys[-1]))
        if kind not in SETTINGS:
            near = nearest(str(kind), SETTINGS)
            place, said = (keys, "needs a `type`") if kind is None else ((*keys, "type"), f"cannot be `{kind}`")
            use = " or ".join(f"`{name}`" for name in (near or SETTINGS))
            self.problems.append(Problem(place, f"{said}; use {use}"))
            return table
        struct = SETTINGS[kind]
        settings = {key: value for key, value in table.items() if key != "type"}
        checked = self._table(settings, struct, keys, also=frozenset({"type"}))
        self._size(checked.get("memory"), (*keys, "memory"))
        return checked | {key: table[key] for key in ("type",) if key in table}

    def _size(self, value: Any, keys: tuple[str, ...]) -> None:
        if isinstance(value, str):
            try:
                parse_size(value)
            except ValueError as error:
                self.problems.append(Problem(keys, str(error)))

    def _time_span(self, value: Any, keys: tuple[str, ...]) -> None:
        try:
            parse_duration(str(value))
        except ValueError as error:
            self.problems.append(Problem(keys, str(error)))

    def _unknown(self, keys: tuple[str, ...], known: list[str]) -> None:
        near = nearest(keys[-1], known)
        hint = f"; did you mean `{'.'.join((*keys[:-1], *near))}`?" if near else ""
        self.problems.append(Problem(keys, f"is not a setting{hint}"))

    def _path(self, text: str, keys: tuple[str, ...]) -> str:
        try:
            expanded = re.sub(_VARIABLE, lambda match: os.environ[match[1] or match[2]], text)
        except KeyError as error:
            self.problems.append(Problem(keys, f"the environment variable `{error.args[0]}` is not set"))
            return text
        return str(self.directory / os.path.expanduser(expanded))  # noqa: PTH111 - Path.expanduser fails without a home


def _section(kind: Any) -> type[Section] | None:
    """The struct that a field's type is, also as `Section | None`."""
    for candidate in (kind, *getattr(kind, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, Section):
            return candidate
    return None


def _is_marked(kind: Any, mark: dict[str, str]) -> bool:
    return any(
        getattr(meta, "extra", None) == mark
        for candidate in (kind, *getattr(kind, "__args__", ()))
        for meta in getattr(candidate, "__metadata__", ())
    )


def _sentence(message: str, kind: Any, value: Any) -> str:
    """What msgspec says, in the words of a person who writes TOML."""
    words = [word for candidate in (kind, *get_args(kind)) for word in _words(candidate)]
    if words and isinstance(value, str):
        return f"cannot be `{value}`; use {' or '.join(f'`{word}`' for word in words)}"
    message = re.sub(r" - at `.*`$", "", message).replace(" | null", "")
    return message[0].lower() + message[1:]


def _words(kind: Any) -> tuple[str, ...]:
    return get_args(kind) if get_origin(kind) is Literal else ()
