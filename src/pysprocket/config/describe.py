"""What there is to know of each setting.

In: the structs of settings. Out: a `Table` for each, with a `Setting` for each of its keys: what may be written there,
the default, an example, a description (the entry under `Attributes:` in the struct's docstring). From these are made
the file of defaults, the JSON Schema, the reference page and what the shell completes.
"""

from __future__ import annotations

import inspect as docstrings
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import msgspec
from msgspec import inspect

from pysprocket.config import toml
from pysprocket.config.section import (
    PATH,
    PROGRAM,
    SECRET,
    SIZE,
    TIME_SPAN,
    BackendSettings,
    Section,
    depends_on_directory,
)
from pysprocket.config.settings import Sections

_ENTRY = r"(\w+(?:, \w+)*): (.*)"
_KINDS = {
    PATH["kind"]: "a path",
    PROGRAM["kind"]: "a name that is looked up in `PATH`, or a path",
    TIME_SPAN["kind"]: 'seconds, or a text such as "30 s"',
    SIZE["kind"]: 'bytes, or a text such as "8 GiB"',
    SECRET["kind"]: 'a text, `{ env = "NAME" }` or `{ file = "path" }`',
}
_CLEAR = ("", "a text", "true or false", "an array, each a text")
_EXAMPLES: dict[str, Any] = {
    PATH["kind"]: "directory",
    PROGRAM["kind"]: "program",
    TIME_SPAN["kind"]: "30 s",
    SIZE["kind"]: "8 GiB",
    SECRET["kind"]: {"env": "NAME"},
}


class Setting(msgspec.Struct, frozen=True):
    """A key.

    Attributes:
        path: the keys that lead to it, itself the last.
        description: what it does, in sentences.
        type: its annotation.
        kind: what may be written there, in a few words; empty for a table of known keys.
        mark: "path", "program", "size", "time span", "secret", or None for what its type says all of.
        words: the words that are allowed.
        closed: whether nothing but these words is.
        default: as `tomli` would give it; None when it is not set, a table, or a path from the current directory: the
            same text in a file would be a path from the directory of that file.
        required: whether its table cannot do without it.
        effective: whether anything reads it.
        example: a value that it may have.
        tables: what its value is when that is a table of known keys, or an array of them; `type` tells several apart.
        many: whether it is an array of such tables.
        open: whether it is a table of keys that are chosen freely.
    """

    path: tuple[str, ...]
    description: str
    type: Any
    kind: str
    mark: str | None = None
    words: tuple[Any, ...] = ()
    closed: bool = False
    default: Any = None
    required: bool = False
    effective: bool = True
    example: Any = None
    tables: tuple[Table, ...] = ()
    many: bool = False
    open: bool = False

    @property
    def remark(self) -> str:
        """What may be written, in brackets; empty where the default, or the description, says it well enough."""
        told = self.closed and all(f'"{word}"' in self.description for word in self.words)
        return "" if self.kind in _CLEAR or self.open or self.many or told else f"({self.kind})"

    @property
    def is_table(self) -> bool:
        """Whether it is written as a section of a file."""
        return bool(self.tables) and not self.many


class Table(msgspec.Struct, frozen=True):
    """A table of known keys.

    Attributes:
        path: the keys that lead to it.
        struct: that describes it.
        description: what it is, in sentences.
        settings: its keys, in the order in which they are told.
        type: what its key `type` must be, None when it has no such key.
        present: whether it is there without being written, with the defaults of its keys.
    """

    path: tuple[str, ...]
    struct: type[Section]
    description: str
    settings: tuple[Setting, ...]
    type: str | None = None
    present: bool = True


def sections() -> Table:
    """All of `sprocket.toml`; the backends have tables of their own."""
    return table(Sections)


def backend(type: str, struct: type[BackendSettings], name: str | None = None) -> Table:  # noqa: A002 - the key's name
    """The settings of a type of backend, as those of an entry of `run.backends`; unless named, it is called so too."""
    described = table(struct, ("run", "backends", name or type), present=False)
    return msgspec.structs.replace(described, type=type)


def settings(described: Table) -> Iterator[Setting]:
    """The keys of a table and of all tables in it: only those that hold a value."""
    for setting in described.settings:
        if not setting.is_table:
            yield setting
        for inner in setting.tables if setting.is_table else ():
            yield from settings(inner)


def table(
    struct: type[Section],
    path: tuple[str, ...] = (),
    whole: Section | None = None,
    *,
    present: bool = True,
    around: tuple[type, ...] = (),
) -> Table:
    """What there is to know of a struct.

    Args:
        struct: of settings.
        path: the keys that lead to it.
        whole: what it is by default, when the struct around it says so.
        present: whether it is there without being written.
        around: the structs that it is in; one of them in it again is not described again.
    """
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    said = descriptions(struct)
    types = {field.name: field.type for field in msgspec.structs.fields(struct)}
    fields = [
        _setting(field, types[field.name], (*path, field.name), said.get(field.name, ""), whole, (*around, struct))
        for field in info.fields
    ]
    tag = info.tag if isinstance(info.tag, str) else None
    return Table(path, struct, summary(struct), tuple(fields), tag, present)


def descriptions(struct: type) -> dict[str, str]:
    """What the docstrings of a struct and of its bases say of each of its fields, as sentences."""
    found: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        found |= _entries(base.__dict__.get("__doc__") or "")
    return found


def summary(struct: type) -> str:
    """The first sentence of a docstring; the path that it begins with, if any, is left out."""
    first = (struct.__doc__ or "").strip().split("\n\n", 1)[0]
    return _sentence(re.sub(r"^`[\w.]+`: ", "", " ".join(first.split())))


def _entries(docstring: str) -> dict[str, str]:
    """The entries under `Attributes:`, by name; a line that stands deeper goes on with the one before."""
    _, _, section = docstrings.cleandoc(docstring).partition("\nAttributes:\n")
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in section.splitlines():
        entry = re.fullmatch(_ENTRY, line[4:]) if line.startswith("    ") else None
        if entry is not None and not line[4:].startswith(" "):
            names = entry[1].split(", ")
            found |= {name: [entry[2]] for name in names}
        elif line.startswith(" "):
            for name in names:
                found[name].append(line.strip())
        else:
            break
    return {name: _sentence(" ".join(words)) for name, words in found.items()}


def _sentence(text: str) -> str:
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def _setting(
    field: inspect.Field,
    annotation: Any,
    path: tuple[str, ...],
    said: str,
    whole: Section | None,
    around: tuple[type, ...],
) -> Setting:
    types, marks = _flat(field.type)
    default = getattr(whole, field.name) if whole is not None else _default(field)
    here = marks.get("kind") == PATH["kind"] and depends_on_directory(default)
    many = len(types) == 1 and isinstance(types[0], inspect.ListType)
    inner = _flat(types[0].item_type)[0] if many and isinstance(types[0], inspect.ListType) else types
    structs = [each.cls for each in inner if isinstance(each, inspect.StructType) and issubclass(each.cls, Section)]
    tables = tuple(
        table(each, path, default, present=True, around=around)
        if isinstance(default, each)
        else table(each, path, present=False, around=around)
        for each in structs
        if len(structs) == len(inner) and not set(structs) & set(around)
    )
    return Setting(
        path=path,
        description=f"{said} Unless set, `{PurePath(default)}` in the current directory.".lstrip() if here else said,
        type=annotation,
        kind="" if tables and not many else _kind(types, marks),
        mark=marks.get("kind"),
        words=tuple(sorted(_words(types), key=lambda word: word != default)),
        closed=all(isinstance(each, inspect.LiteralType) for each in types),
        default=None if here or (tables and not many) else toml.data_of(default),
        required=field.required,
        effective=marks.get("effect") != "none",
        example=None if tables and not many else _example(default, types, marks),
        tables=tables,
        many=many and bool(tables),
        open=len(types) == 1 and isinstance(types[0], inspect.DictType),
    )


def _default(field: inspect.Field) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return None if field.default is msgspec.NODEFAULT else field.default


def _flat(kind: inspect.Type) -> tuple[list[inspect.Type], dict[str, Any]]:
    """The types that a value may have, without None, and what is said of them: marks, examples."""
    marks: dict[str, Any] = {}
    if isinstance(kind, inspect.Metadata):
        types, marks = _flat(kind.type)
        return types, {**marks, **(kind.extra or {}), **(kind.extra_json_schema or {})}
    if isinstance(kind, inspect.UnionType):
        types = []
        for each in kind.types:
            inner, more = _flat(each)
            types += inner
            marks |= more
        return types, marks
    return ([] if isinstance(kind, inspect.NoneType) else [kind]), marks


def _kind(types: list[inspect.Type], marks: dict[str, Any]) -> str:
    """What may be written, in words; a mark says it better than the types."""
    words = [f'"{word}"' for word in _words(types)]
    plain = [_plain(each) for each in types if not isinstance(each, inspect.LiteralType)]
    if marks.get("kind") in _KINDS:
        plain = [_KINDS[marks["kind"]]]
    *first, last = dict.fromkeys([*plain, *words])
    return f"{', '.join(first)} or {last}" if first else last


def _words(types: list[inspect.Type]) -> list[Any]:
    return [word for each in types if isinstance(each, inspect.LiteralType) for word in each.values]


def _plain(kind: inspect.Type) -> str:
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _bounds(kind.ge, kind.gt, kind.le, kind.lt, 1)
        case inspect.FloatType():
            return "a number" + _bounds(kind.ge, kind.gt, kind.le, kind.lt, 0)
        case inspect.StrType():
            return "a text"
        case inspect.ListType():
            return f"an array, each {_kind(*_flat(kind.item_type))}"
        case inspect.DictType() | inspect.StructType():
            return "a table"
        case inspect.DateTimeType() | inspect.DateType() | inspect.TimeType():
            return "a date or time"
    return "any value"


def _bounds(ge: float | None, gt: float | None, le: float | None, lt: float | None, step: int) -> str:
    """The bounds of a number: of a whole one (`step` is 1) as the least and the most that it may be."""
    least = ge if gt is None or not step else gt + step
    most = le if lt is None or not step else lt - step
    words = [f"from {least:.15g}"] if least is not None else [f"above {gt:g}"] if gt is not None else []
    words += [f"to {most:.15g}"] if most is not None else [f"below {lt:g}"] if lt is not None else []
    if words == [f"from {least}"]:
        return f", {least:g} or more"
    return f" {' '.join(words)}" if words else ""


def _example(default: Any, types: list[inspect.Type], marks: dict[str, Any]) -> Any:
    """The first example that its type has, else the default, else anything that fits."""
    if marks.get("examples"):
        return marks["examples"][0]
    if default is not None:
        return toml.data_of(default)
    return _EXAMPLES.get(marks.get("kind", ""), _any(types[0]) if types else None)


def _any(kind: inspect.Type) -> Any:
    match kind:
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.BoolType():
            return True
        case inspect.IntType() | inspect.FloatType():
            least = kind.ge if kind.gt is None else kind.gt + 1
            return least if least is not None else 1
        case inspect.StrType():
            return "..."
        case inspect.ListType():
            return []
    return {}
