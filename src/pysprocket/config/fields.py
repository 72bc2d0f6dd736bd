"""What a struct of settings says of its keys.

In: a struct. Out: `fields_of`, a `Field` for each key. Annotations are read as they stand in the class, which takes a
twentieth of what `msgspec.structs.fields` takes: only those of other packages may be texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union

import msgspec

from pysprocket.config.section import Section, required

__all__ = ["Field", "bare", "field_of", "fields_of", "holds_secrets", "members", "required"]


class Field(msgspec.Struct, frozen=True):
    """A key of a table.

    Attributes:
        name: the key.
        type: its annotation.
        sections: the structs it may hold: none, one, or several that their `type` tells apart.
        kind: "path", "program", "size", "time span", "secret", or None for what its type says all of.
        words: the texts it may be, where they are few.
        item: what the elements of an array are, without a name.
        effect: whether anything reads it.
        empty: whether it may be an empty text, which is as if it were not set.
        is_float: whether it is a number with a fraction, for which TOML may have an integer.
    """

    name: str
    type: Any
    sections: tuple[type[Section], ...]
    kind: str | None
    words: tuple[str, ...]
    item: Field | None
    effect: bool
    empty: bool = False
    is_float: bool = False

    @property
    def tags(self) -> dict[str, type[Section]]:
        """The structs by the `type` that tells them apart."""
        return {str(struct.__struct_config__.tag): struct for struct in self.sections if struct.__struct_config__.tag}


@cache
def fields_of(struct: type[Section]) -> dict[str, Field]:
    """The keys of a table, in order."""
    names = struct.__struct_fields__
    types: dict[str, Any] = {}
    for base in reversed(struct.__mro__):
        types |= base.__dict__.get("__annotations__", {})  # noqa: RUF063 - `inspect` takes longer than all of this
    if any(isinstance(types[name], str) for name in names):
        types = {field.name: field.type for field in msgspec.structs.fields(struct)}
    return {name: field_of(name, types[name]) for name in names}


def holds_secrets(field: Field) -> bool:
    """Whether a key is one of a secret, or of a table that has one."""
    return field.kind == "secret" or any(
        holds_secrets(inner) for section in field.sections for inner in fields_of(section).values()
    )


def field_of(name: str, kind: Any) -> Field:
    """What an annotation says."""
    if isinstance(kind, type):  # most are, and the way below takes ten times as long
        return Field(
            name,
            kind,
            (kind,) if issubclass(kind, Section) else (),
            None,
            (),
            None,
            effect=True,
            is_float=kind is float,
        )
    sections: list[type[Section]] = []
    types: set[Any] = set()
    mark, words, item, effect, empty = None, (), None, True, False
    for part in members(kind):
        plain = part
        if (metadata := getattr(part, "__metadata__", None)) is not None:
            plain = part.__origin__
            extra = {key: value for meta in metadata if meta.extra for key, value in meta.extra.items()}
            mark, effect = mark or extra.get("kind"), effect and extra.get("effect") != "none"
            empty = empty or extra.get("empty") == "unset"
        types.add(plain)
        if isinstance(plain, type):
            sections += [plain] if issubclass(plain, Section) else []
        elif (origin := _origin(plain)) is Literal:
            words = plain.__args__
        elif origin is list:
            item = field_of("", plain.__args__[0])
    return Field(name, kind, tuple(sections), mark, words, item, effect, empty, types == {float})


def members(kind: Any) -> Iterator[Any]:
    """The annotation itself, or the parts of a union, also of one that is annotated."""
    plain = bare(kind)
    if _origin(plain) is not Union and not isinstance(plain, UnionType):
        yield kind
        return
    if plain is not kind:
        yield kind
    for part in plain.__args__:
        if part is not NoneType:
            yield from members(part)


def _origin(kind: Any) -> Any:
    return getattr(kind, "__origin__", None)


def bare(kind: Any) -> Any:
    """An annotation without what is noted beside the type."""
    return kind.__origin__ if hasattr(kind, "__metadata__") else kind
