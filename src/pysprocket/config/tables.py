"""One layer against the structs that describe it: every mistake in it, its keys made canonical, its paths absolute.

In: a `Layer`, and the types of backends and logins that all layers together give. Out: checked data and `Problem`
values, whose keys are as they are written. Keys that are required are not looked for here: another layer may have them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from types import ModuleType
from typing import Any

import msgspec

from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.fields import Field, field_of, fields_of, holds_secrets, required
from pysprocket.config.layers import Layer
from pysprocket.config.plugins import backend_types, settings_of
from pysprocket.config.problems import Keys, Problem, dotted, sentence
from pysprocket.config.secrets import REDACTED, Secret, decode
from pysprocket.config.section import Section
from pysprocket.config.settings import SECTIONS_UNREAD, Run, Sections
from pysprocket.config.spellings import canonical, obsolete_of
from pysprocket.errors import ConfigError
from pysprocket.units import parse_duration, parse_size

_NOTHING: dict[str, type[Section]] = {}
_VARIABLE = r"\$(?:\$|\{([^{}]*)\}|(\w+))"
_LARGEST = 2**63

_Flaw = tuple[str, str]
"""What is wrong with a value whatever its key is, and what to do."""
_NUL = "has a NUL character", "leave it out"  # no path, no argument, no variable and no request can have it
_OVERSIZED = "is outside of the range of integers", "the largest is 9223372036854775807, the smallest its opposite"
_ENDLESS = "is not a finite number", "write digits"
_LEFT_OUT = f"`{REDACTED}` stands for a secret that was left out", "write it, or say where it is"


class TableChecker:
    """Checks the data of one layer, in which it notes what it learns of its keys."""

    def __init__(self, layer: Layer, types: Mapping[Keys, str]) -> None:
        self.layer = layer
        self.types = types
        self.problems: list[Problem] = []
        self.wrong: set[Keys] = set()
        """Keys, in canonical form, whose values are wrong; they are not in what `check` gives."""
        self.apart: list[tuple[Keys, type[Section], dict[str, Any]]] = []
        """Tables in arrays that are wrong elsewhere: what of them is right."""

    def check(self) -> dict[str, Any]:
        """The sections that are read, checked; mistakes are in `problems`."""
        known = {}
        for key, value in self.layer.data.items():
            if key in SECTIONS_UNREAD:
                self._unread(key, value)
            else:
                known[key] = value
        return self._table(known, Sections, (), also=SECTIONS_UNREAD)

    def _unread(self, key: str, value: Any) -> None:
        """A section that is accepted without a look, if it is one and TOML."""
        self.layer.unused.append((key,))
        if not isinstance(value, dict) and not (
            isinstance(value, list) and all(isinstance(each, dict) for each in value)
        ):
            self._is_table(value, (key,))
        for path, flaw in _flaws(value, (key,)):
            if flaw is _OVERSIZED:
                self._tell(path, *flaw)

    def _table(
        self,
        data: Mapping[str, Any],
        struct: type[Section],
        keys: Keys,
        also: Iterable[str] = (),
        others: Mapping[str, type[Section]] = _NOTHING,
    ) -> dict[str, Any]:
        """A table; `also` are further keys that it may have, `others` what it could be of another `type`."""
        fields = fields_of(struct)
        obsolete = obsolete_of(struct)
        checked: dict[str, Any] = {}
        for key, value in self._canonical(data, struct, keys).items():
            path = (*keys, key)
            if key in fields:
                checked |= self._entry(value, fields[key], path, struct)
            elif key in obsolete:
                self._obsolete(value, obsolete[key], path)
            else:
                self._unknown(path, [*words().names_of(struct), *also], [struct], others)
        return checked

    def _canonical(self, data: Mapping[str, Any], struct: type[Section], keys: Keys) -> dict[str, Any]:
        spelled = canonical(data, struct)
        written = self.layer.written(keys)
        for path, other in spelled.written.items():
            self.layer.moved[*keys, *path] = (*written, *other)
        for first, second in spelled.twice:
            one, two = (*written, *first), (*written, *second)
            message = f"`{dotted(one)}` and `{dotted(two)}` are the same setting"
            self.problems.append(Problem(two, message, "remove one of them", code="ConflictingSettings", other=one))
        return spelled.table

    def _entry(self, value: Any, field: Field, keys: Keys, struct: type[Section]) -> dict[str, Any]:
        """A key that is known; nothing where a table is wanted and something else is there."""
        key = field.name
        if not field.effect:
            self.layer.unused.append(self.layer.written(keys))
        if struct is Run and key == "backends":
            return {key: self._backends(value, keys)} if self._is_table(value, keys) else {}
        if field.sections and field.item is None:
            if isinstance(value, str | list) and holds_secrets(field):
                own = any(inner.kind == "secret" for section in field.sections for inner in fields_of(section).values())
                suspects = self.layer.secrets if own and isinstance(value, str) else self.layer.doubtful
                suspects.append(self.layer.written(keys))
            return {key: self._section(value, field, keys)} if self._is_table(value, keys) else {}
        checked = self._value(value, field, keys, needed=value == "" and key in required(struct))
        if keys in self.wrong:
            return {}
        if field.kind != "secret":
            self.layer.plain_keys.add(self.layer.written(keys))
        return {key: checked}

    def _is_table(self, value: Any, keys: Keys) -> bool:
        if isinstance(value, dict):
            return True
        self.layer.strangers.append(self.layer.written(keys))
        self._refuse(keys, words().no_table(self.layer.written(keys), value))
        return False

    def _section(self, table: dict[str, Any], field: Field, keys: Keys) -> dict[str, Any]:
        if not field.tags:
            return self._table(table, field.sections[0], keys)
        return self._typed(table, keys, field.tags, field.tags.get, lambda: field.tags)

    def _backends(self, tables: dict[str, Any], keys: Keys) -> dict[str, Any]:
        if "" in tables:
            self._tell((*keys, ""), "has no name", "give it one, such as `default`")
        return {
            name: self._typed(table, (*keys, name), SETTINGS, settings_of, backend_types)
            for name, table in tables.items()
            if self._is_table(table, (*keys, name))
        }

    def _typed(
        self,
        table: dict[str, Any],
        keys: Keys,
        others: Mapping[str, type[Section]],
        struct_of: Callable[[str], type[Section] | None],
        known: Callable[[], Iterable[str]],
    ) -> dict[str, Any]:
        """A table whose `type` says which struct describes it; without one that there is, it cannot be checked."""
        type_ = table.get("type", self.types.get(keys))
        own = {"type": table["type"]} if "type" in table else {}
        rest = {key: value for key, value in table.items() if key != "type"}
        try:
            struct = struct_of(type_) if isinstance(type_, str) else None
        except ConfigError as error:  # the package that has it is broken
            self._refuse((*keys, "type"), Problem((*self.layer.written(keys), "type"), str(error), error.help))
            return table
        if struct is not None:
            self.layer.plain_keys.add((*self.layer.written(keys), "type"))
            return own | self._table(rest, struct, keys, ("type",), others)
        self.layer.strangers.append(self.layer.written(keys))
        near: list[str] = []
        if own:
            if near := words().near_types(type_, known()):  # else it may be anything
                self.layer.plain_keys.add((*self.layer.written(keys), "type"))
            self._refuse((*keys, "type"), words().no_type((*self.layer.written(keys), "type"), type_, known()))
        structs = {name: found for name in near[:1] or known() if (found := _unbroken(name, struct_of)) is not None}
        return own | self._of_any(rest, keys, structs)

    def _of_any(self, table: dict[str, Any], keys: Keys, structs: Mapping[str, type[Section]]) -> dict[str, Any]:
        """A table that may be described by any of these: a key must be in one, and fit where all mean the same."""
        checked: dict[str, Any] = {}
        for key, value in table.items():
            having = [
                struct for struct in structs.values() if key in words().names_of(struct) or key in obsolete_of(struct)
            ]
            if not having:
                here = [name for struct in structs.values() for name in words().names_of(struct)]
                self._unknown((*keys, key), [*dict.fromkeys(here), "type"], structs.values())
            elif all(fields_of(struct).get(key) == fields_of(having[0]).get(key) for struct in having):
                checked |= self._table({key: value}, having[0], keys)
        return checked

    def _value(self, value: Any, field: Field, keys: Keys, *, needed: bool) -> Any:
        if value == "":
            if not field.empty:
                held = "leave it out, and its default holds" if not needed else "it has no default: give it a value"
                self._tell(keys, "is empty", held)
        elif field.item is not None and isinstance(value, list):
            return self._array(value, field.item, keys)
        elif flaws := [*_flaws(value, keys)]:
            self._flawed(flaws, field, keys)
        elif not fits(value, field):
            self._misfit(value, field, keys)
        elif field.kind is not None:
            return self._special(value, field.kind, keys)
        return value

    def _array(self, values: list[Any], item: Field, keys: Keys) -> list[Any]:
        """Of an array with a mistake nothing is left: in what is merged, its elements would be others."""
        checked: list[Any] = []
        tables: list[tuple[Keys, type[Section], dict[str, Any]]] = []
        before = len(self.problems)
        for number, value in enumerate(values):
            path = (*keys, number)
            if item.sections and self._is_table(value, path):
                checked.append(self._section(value, item, path))
                tables.append((path, item.sections[0], checked[-1]))
            elif not item.sections and (flaws := [*_flaws(value, path)]):
                self._flawed(flaws, item, path)
            elif not item.sections and not fits(value, item):
                self._misfit(value, item, path)
            elif not item.sections:
                checked.append(value)
        if len(self.problems) > before:
            self.wrong.add(keys)
            self.apart += tables
        return checked

    def _flawed(self, flaws: Iterable[tuple[Keys, _Flaw]], field: Field, keys: Keys) -> None:
        if field.kind == "secret":
            self.layer.secrets.append(self.layer.written(keys))
        self.wrong.add(keys)
        for path, flaw in flaws:
            self._tell(path, *flaw)

    def _special(self, value: Any, kind: str, keys: Keys) -> Any:
        """What a type does not say all of."""
        if kind == "secret":
            if isinstance(value, dict) and "file" in value:
                value = {"file": self._path(value["file"], keys)}
            return self._secret(decode(Secret, value), keys)
        if kind == "path":
            return self._path(value, keys) if value != "system" else value
        if kind == "program":
            program = self._replaced(value, keys)
            return self._absolute(program) if "/" in program else program
        try:
            if kind == "time span":
                parse_duration(value)
            elif kind == "size" and (parse_size(value) if isinstance(value, str) else value) <= 0:
                self._tell(keys, "cannot be 0 or less", "leave it out, and there is no limit of its own")
        except ValueError as error:
            self._tell(keys, str(error))
        return value

    def _secret(self, secret: Secret, keys: Keys) -> Secret:
        if secret.is_written_out():
            self.layer.secrets.append(self.layer.written(keys))
        self.layer.variables += filter(None, [secret.env, self.layer.variable])
        return secret

    def _path(self, text: str, keys: Keys) -> str:
        return self._absolute(self._replaced(text, keys))

    def _absolute(self, path: str) -> str:
        return str(self.layer.directory / os.path.expanduser(path))  # noqa: PTH111 - Path.expanduser fails without a home

    def _replaced(self, text: str, keys: Keys) -> str:
        """A path with the values of its variables: `$NAME`, `${NAME}`, `${NAME:-default}`; `$$` is `$`."""
        try:
            return re.sub(_VARIABLE, _value_of, text) if "$" in text else text
        except ValueError as error:
            self._tell(keys, str(error), "`${NAME:-default}` has a default; `$$` is a `$`")
            return text

    def _tell(self, keys: Keys, message: str, remedy: str | None = None) -> None:
        written = self.layer.written(keys)
        self._refuse(keys, Problem(written, sentence(written, message), remedy, on_value=True))

    def _refuse(self, keys: Keys, problem: Problem) -> None:
        self.wrong.add(keys)
        self.problems.append(problem)

    def _obsolete(self, value: Any, kind: Any, keys: Keys) -> None:
        self.layer.unused.append(self.layer.written(keys))
        if not fits(value, field := field_of("", kind)):
            self._misfit(value, field, keys)

    def _misfit(self, value: Any, field: Field, keys: Keys) -> None:
        written = self.layer.written(keys)
        if field.kind == "secret":
            self.layer.secrets.append(written)
        self._refuse(keys, words().misfit(written, field, value, in_quotes=value != self.layer.plain))

    def _unknown(
        self,
        keys: Keys,
        here: list[str],
        structs: Iterable[type[Section]],
        others: Mapping[str, type[Section]] = _NOTHING,
    ) -> None:
        written = self.layer.written(keys)
        self.layer.strangers.append(written)
        self.problems.append(words().unknown(written, here, structs, others))


def check(layer: Layer, types: Mapping[Keys, str]) -> tuple[TableChecker, dict[str, Any]]:
    """What a layer says, checked. Where it can mean several things, the first that is right counts.

    Args:
        layer: whose data is checked.
        types: the `type` of tables that have one, by their paths, also where another layer says it.
    """
    likeliest: tuple[bool, Any] | None = None
    for data in layer.readings:
        layer.take(data)
        checker = TableChecker(layer, types)
        checked = checker.check()
        if not checker.problems:
            return checker, checked
        far = any(problem.code == "WrongSettingType" for problem in checker.problems)
        if likeliest is None or far < likeliest[0]:
            likeliest = far, data
    if likeliest is not None and layer.data is not likeliest[1]:
        layer.take(likeliest[1])
        checker = TableChecker(layer, types)
        checked = checker.check()
    return checker, checked


def _flaws(value: Any, keys: Keys) -> Iterator[tuple[Keys, _Flaw]]:
    """What no setting may be, here or in a table or an array, and where."""
    if isinstance(value, str):
        if "\0" in value:
            yield keys, _NUL
        elif REDACTED in value and (value == REDACTED or "://" in value):  # as `config resolve` prints it
            yield keys, _LEFT_OUT
    elif isinstance(value, int):
        if not -_LARGEST <= value < _LARGEST:
            yield keys, _OVERSIZED
    elif isinstance(value, float):
        if not isfinite(value):
            yield keys, _ENDLESS
    elif isinstance(value, dict):
        for key, entry in value.items():
            if "\0" in key:
                yield keys, _NUL
            yield from _flaws(entry, (*keys, key))
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _flaws(entry, (*keys, place))


def _value_of(variable: re.Match[str]) -> str:
    """What stands for a variable in a path, or for `$$`.

    Raises:
        ValueError: it is not set and has no default, or is no variable.
    """
    if variable[0] == "$$":
        return "$"
    name, otherwise, default = (variable[1] or variable[2] or "").partition(":-")
    if not (name.isascii() and name.isidentifier()):
        raise ValueError(f"`{variable[0]}` names no environment variable")
    value = os.environ.get(name)
    if otherwise:
        return value or default
    if value is None:
        raise ValueError(f"the environment variable `{name}` is not set")
    return value


def _unbroken(type_: str, struct_of: Callable[[str], type[Section] | None]) -> type[Section] | None:
    """What describes a type; None where its package is broken, which is told to who uses it."""
    try:
        return struct_of(type_)
    except ConfigError:
        return None


def fits(value: Any, field: Field) -> bool:
    """Whether a value is what its key wants."""
    if type(value) is field.type:  # the quick way for most
        return True
    try:
        msgspec.convert(value, field.type, dec_hook=decode)
    except msgspec.ValidationError:
        return False
    return True


def words() -> ModuleType:
    """What makes sentences: only imported when there is a mistake."""
    from pysprocket.config import words  # noqa: PLC0415

    return words
