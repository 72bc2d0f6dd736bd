"""The types of WDL as values.

In: nothing. Out: type classes, compared by value, and `str(type)` as the user would write it.
Source: WDL specification 1.3, "Types". Optional is a property of every type; `T??` does not exist.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Primitive(msgspec.Struct, frozen=True):
    """Boolean, Int, Float, String, File or Directory."""

    name: str
    optional: bool = False

    def __str__(self) -> str:
        return self.name + "?" * self.optional


class ArrayType(msgspec.Struct, frozen=True):
    """`Array[item]`, `Array[item]+`."""

    item: Type
    nonempty: bool = False
    optional: bool = False

    def __str__(self) -> str:
        return f"Array[{self.item}]" + "+" * self.nonempty + "?" * self.optional


class MapType(msgspec.Struct, frozen=True):
    """`Map[key, value]`; insertion-ordered."""

    key: Type
    value: Type
    optional: bool = False

    def __str__(self) -> str:
        return f"Map[{self.key}, {self.value}]" + "?" * self.optional


class PairType(msgspec.Struct, frozen=True):
    """`Pair[left, right]`."""

    left: Type
    right: Type
    optional: bool = False

    def __str__(self) -> str:
        return f"Pair[{self.left}, {self.right}]" + "?" * self.optional


class StructType(msgspec.Struct, frozen=True):
    """A struct: its name in the document that uses it, and its members in order of definition."""

    name: str
    members: tuple[tuple[str, Type], ...]
    optional: bool = False

    def __str__(self) -> str:
        return self.name + "?" * self.optional

    def member(self, name: str) -> Type | None:
        """The type of a member, None when there is no such member."""
        return next((type_ for member, type_ in self.members if member == name), None)


class EnumType(msgspec.Struct, frozen=True):
    """An enum (1.3): its name, the type of its values, and its choices with their values in order of definition.

    Values are constants fit for hashing: an array is a tuple of its items, a pair a tuple of two, a map or struct
    a tuple of (key, value) tuples; `value` tells them apart.

    Attributes:
        original: the name where it is defined, which no alias changes: enums of two such names are never the same.
        explicit: whether the type of the values is written.
    """

    name: str
    value: Type
    choices: tuple[tuple[str, object], ...]
    optional: bool = False
    original: str = ""
    explicit: bool = False

    def __str__(self) -> str:
        return self.name + "?" * self.optional


class ObjectType(msgspec.Struct, frozen=True):
    """`Object`: members known only when it runs."""

    optional: bool = False

    def __str__(self) -> str:
        return "Object" + "?" * self.optional


class UnionType(msgspec.Struct, frozen=True):
    """A hidden type that fits every other: of `None` (optional), the items of `[]`, and what `read_json` gives."""

    optional: bool = False

    def __str__(self) -> str:
        return "None" if self.optional else "Any"


class CallType(msgspec.Struct, frozen=True):
    """The name of a call in a workflow: only its outputs can be reached, as `call.output`."""

    name: str
    outputs: tuple[tuple[str, Type], ...]
    optional: bool = False

    def __str__(self) -> str:
        return f"call {self.name}"


class TaskVariableType(msgspec.Struct, frozen=True):
    """The `task` variable (1.2), or with `previous` the value of `task.previous` (1.3)."""

    previous: bool = False
    optional: bool = False

    def __str__(self) -> str:
        return "task.previous" if self.previous else "task"


class EnumNameType(msgspec.Struct, frozen=True):
    """The name of an enum used in an expression: only its choices can be reached, as `Enum.Choice`."""

    enum: EnumType
    optional: bool = False

    def __str__(self) -> str:
        return f"enum {self.enum.name}"


class HintsType(msgspec.Struct, frozen=True):
    """A `hints`, `input` or `output` literal inside a task's hints section."""

    kind: str
    optional: bool = False

    def __str__(self) -> str:
        return self.kind


class VariableType(msgspec.Struct, frozen=True):
    """A type variable in a signature of the standard library; documents never hold one."""

    name: str
    optional: bool = False

    def __str__(self) -> str:
        return self.name + "?" * self.optional


Type: TypeAlias = (
    Primitive
    | ArrayType
    | MapType
    | PairType
    | StructType
    | EnumType
    | ObjectType
    | UnionType
    | CallType
    | TaskVariableType
    | EnumNameType
    | HintsType
    | VariableType
)

BOOLEAN = Primitive("Boolean")
INT = Primitive("Int")
FLOAT = Primitive("Float")
STRING = Primitive("String")
FILE = Primitive("File")
DIRECTORY = Primitive("Directory")
OBJECT = ObjectType()
ANY = UnionType()
NONE = UnionType(optional=True)

PRIMITIVES = {type_.name: type_ for type_ in (BOOLEAN, INT, FLOAT, STRING, FILE, DIRECTORY)}


def optional(type_: Type) -> Type:
    """`type_` as an optional type (itself when it already is)."""
    return type_ if type_.optional else msgspec.structs.replace(type_, optional=True)


def required(type_: Type) -> Type:
    """`type_` without its question mark."""
    return msgspec.structs.replace(type_, optional=False) if type_.optional else type_
