"""A template of inputs as YAML 1.2, with a comment above each input.

In: `Entry` values. Out: text that is read back as the same data. Whatever a document says, in comments or values, stays
inside its comment or value: what is not printable is shown by its code, and each line of a comment begins with `#`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pysprocket.cli.template import Entry
from pysprocket.plan.targets import OMITTED
from pysprocket.source.visible import visible
from pysprocket.types.model import ArrayType, EnumType, MapType, PairType, StructType, Type, required

_LONGEST_KEY = 1000  # YAML has a limit of 1024 characters for keys on one line
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def yaml_template(title: str, entries: Iterable[Entry]) -> str:
    """The text of a template; inputs whose default is computed are there as comments."""
    lines = [_comment(f"Inputs of {title}. Replace what is <REQUIRED>; what is left out has its default.")]
    for entry in entries:
        lines += ["", *_about(entry)]
        if entry.value == OMITTED:
            lines.append(_comment(f"{entry.key}:"))
        else:
            lines += _named(entry.key, entry.value, "")
    if all(line.startswith("#") or not line for line in lines):
        lines += ["", "{}"]
    return "\n".join(lines) + "\n"


def _about(entry: Entry) -> Iterator[str]:
    """The comment above an input: what it is for, its type, its default, what its structs and enums consist of."""
    yield from map(_comment, entry.description)
    kind = "optional" if entry.type.optional else "required"
    yield _comment(f"{entry.type}, default: {entry.default}" if entry.default else f"{entry.type}, {kind}")
    yield from (_comment(f"  {line}") for line in dict.fromkeys(_definitions(entry.type)))


def _definitions(type_: Type) -> Iterator[str]:
    """What a reader has to know of the structs and enums in a type."""
    match type_:
        case ArrayType(item=item):
            yield from _definitions(item)
        case MapType(key=left, value=right) | PairType(left=left, right=right):
            yield from _definitions(left)
            yield from _definitions(right)
            if isinstance(type_, PairType):
                yield f"a Pair is {{left: {left}, right: {right}}}"
        case StructType():
            members = ", ".join(f"{name}: {member}" for name, member in type_.members)
            yield f"{required(type_)} is {{{members}}}"
            for _, member in type_.members:
                yield from _definitions(member)
        case EnumType():
            yield f"{required(type_)} is one of {', '.join(name for name, _ in type_.choices)}"


def _comment(text: str) -> str:
    return f"# {visible(text)}".rstrip()


def _named(name: str, value: Any, indent: str) -> Iterator[str]:
    """A name with its value: on one line, or what is inside of it on lines of its own."""
    key = name if not indent else _quoted(name)
    start = f"{indent}{key}:" if len(key) <= _LONGEST_KEY else f"{indent}? {key}\n{indent}:"
    if isinstance(value, (dict, list)) and value:
        yield start
        yield from _inside(value, indent + "  ")
    else:
        yield f"{start} {_scalar(value)}"


def _inside(value: dict[str, Any] | list[Any], indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _named(name, item, indent)
        return
    for item in value:
        if isinstance(item, (dict, list)) and item:
            first, *rest = _inside(item, indent + "  ")
            yield f"{indent}- {first.lstrip(' ')}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(item)}"


def _scalar(value: Any) -> str:
    """A value on one line, as JSON writes it but for escapes."""
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
