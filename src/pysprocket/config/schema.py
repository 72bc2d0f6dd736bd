"""The JSON Schema of `sprocket.toml`, by which editors complete it and underline mistakes.

In: the structs of settings and of backends. Out: a JSON Schema (draft 2020-12) that says of a single file what loading
it says, but for what depends on more than one key. Older spellings of keys are marked as deprecated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pysprocket.config import describe
from pysprocket.config.fields import field_of
from pysprocket.config.secrets import Secret
from pysprocket.config.section import PATH, PROGRAM, SECRET, SIZE, TIME_SPAN, BackendSettings
from pysprocket.config.settings import SECTIONS_UNREAD
from pysprocket.config.spellings import obsolete_of, spellings_of

_Schema = dict[str, Any]
_NUMBER = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)"  # `\d` and `\s` take more than ASCII
_GAP = r"[ \t\n\r\f\v]*"
_TEXT: _Schema = {"type": "string", "minLength": 1}
_MARKED: dict[str, _Schema] = {
    PATH["kind"]: _TEXT,
    PROGRAM["kind"]: _TEXT,
    SIZE["kind"]: {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {
                "type": "string",
                "pattern": rf"^{_GAP}{_NUMBER}{_GAP}([kKmMgGtTpP]([iI]?[bB])?|[kKmMgGtTpP][iI]|[bB])?{_GAP}$",
            },
        ]
    },
    TIME_SPAN["kind"]: {
        "anyOf": [
            {"type": "number", "minimum": 0},
            {
                "type": "string",
                "pattern": rf"^{_GAP}{_NUMBER}{_GAP}(ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?{_GAP}$",
            },
        ]
    },
    SECRET["kind"]: {
        "anyOf": [
            _TEXT,
            {
                "type": "object",
                "properties": {"env": _TEXT, "file": _TEXT},
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
        ]
    },
}
"""What the types of these do not say all of; `units` has the same patterns."""


def json_schema(backends: Mapping[str, type[BackendSettings]]) -> _Schema:
    """The schema, with the settings of each of the types of backends."""
    return _Maker(backends).root()


class _Maker:
    def __init__(self, backends: Mapping[str, type[BackendSettings]]) -> None:
        self._backends = backends
        self._definitions: _Schema = {}

    def root(self) -> _Schema:
        schema = self._table(describe.sections())
        other = {"type": ["object", "array"], "items": {"type": "object"}}
        other["description"] = "Belongs to other commands of Sprocket; it is not looked at."
        schema["properties"] |= dict.fromkeys(sorted(SECTIONS_UNREAD), other)
        head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "sprocket.toml"}
        return {**head, **schema, **({"$defs": self._definitions} if self._definitions else {})}

    def _table(self, table: describe.Table) -> _Schema:
        """A table of known keys."""
        properties = {"type": {"const": table.type}} if table.type else {}
        properties |= {setting.path[-1]: self._setting(setting) for setting in table.settings}
        required = [setting.path[-1] for setting in table.settings if setting.required]
        others = spellings_of(table.struct)
        schema = {
            "description": table.description,
            "type": "object",
            "properties": properties | self._spellings(table, properties, others),
            "additionalProperties": False,
        }
        either = [[name, *(key for key, path in others.items() if path == (name,))] for name in required]
        plain = ["type"] * bool(table.type) + [names[0] for names in either if len(names) == 1]
        if plain:
            schema["required"] = plain
        if len(plain) - bool(table.type) < len(either):
            schema["allOf"] = [
                {"anyOf": [{"required": [name]} for name in names]} for names in either if len(names) > 1
            ]
        return schema

    def _spellings(self, table: describe.Table, properties: _Schema, others: Mapping[str, tuple[str, ...]]) -> _Schema:
        """Other keys for the same, and keys that say nothing any more."""
        found = {}
        for key, path in others.items():
            schema = properties[path[0]]
            for name in path[1:]:
                schema = schema["properties"][name]
            plain = {name: value for name, value in schema.items() if name not in ("default", "examples")}
            found[key] = {**plain, "description": f"Another spelling of `{'.'.join(path)}`.", "deprecated": True}
        for key, kind in obsolete_of(table.struct).items():
            found[key] = {"description": "Says nothing any more.", **self._plain(kind), "deprecated": True}
        return found

    def _setting(self, setting: describe.Setting) -> _Schema:
        """A key: what may be there, and what is told of it."""
        schema = self._entries() if (setting.path == ("run", "backends")) else self._value(setting)
        told = setting.description + ("" if setting.effective else " Accepted without effect.")
        about: _Schema = {"description": told} if told else {}
        if setting.default is not None and not setting.open:
            about["default"] = setting.default
        if setting.example not in (None, [], {}, setting.default):
            about["examples"] = [setting.example]
        return {**schema, **about}

    def _value(self, setting: describe.Setting) -> _Schema:
        if setting.tables:
            tables = [self._table(table) for table in setting.tables]
            one = tables[0] if len(tables) == 1 else {"oneOf": tables}
            return {"type": "array", "items": one} if setting.many else one
        marked = _MARKED.get(setting.mark or "")
        said = self._plain(setting.type) if marked is None else marked
        others: list[_Schema] = [{"enum": list(setting.words)}] if marked and setting.words else []
        others += [{"const": ""}] if field_of("", setting.type).empty else []
        return {"anyOf": [*said.get("anyOf", [said]), *others]} if others else said

    def _plain(self, type_: Any) -> _Schema:
        """What the type of a value says, without what TOML does not have, and texts that are empty."""
        (schema,), definitions = msgspec.json.schema_components(
            [type_], schema_hook=_other_type, ref_template="#/$defs/{name}"
        )
        for name, definition in definitions.items():
            said = definition.get("description", "").split("\n\n", 1)[0]
            self._definitions[name] = {**definition, **({"description": said} if said else {})}
        kinds = [_without_examples(one) for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
        kinds = [{**one, "minLength": 1} if one == {"type": "string"} else one for one in kinds]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}

    def _entries(self) -> _Schema:
        """`run.backends`: the type of an entry says which keys it has."""
        kinds = [self._table(describe.backend(type_, struct)) for type_, struct in self._backends.items()]
        return {"type": "object", "propertyNames": {"minLength": 1}, "additionalProperties": {"oneOf": kinds}}


def _other_type(type_: type) -> _Schema:
    """What msgspec asks for types it does not know."""
    if type_ is not Secret:  # of another package
        raise TypeError(f"no value of TOML is of the type `{type_.__name__}`")
    return _MARKED[SECRET["kind"]]


def _without_examples(schema: _Schema) -> _Schema:
    return {name: said for name, said in schema.items() if name != "examples"}
