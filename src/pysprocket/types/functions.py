"""The standard library as a table: every overload of every function, with the version that brought it.

In: nothing. Out: `FUNCTIONS`, from the name to its `Function`. Source: WDL specification 1.0 to 1.3, "Standard
Library". A line of the table is a version and a signature as the specification writes it; `[…]` marks parameters
that may be left out. A single capital letter is a type variable, constrained by its letter:

    X, Y    any type                        P       a primitive type that is not optional
    S       a struct                        E       an enum, `V` then is the type of its values
    J       any, for JSON                   Z       a File, a Directory or something that holds one
    K       what can be the key of a Map
"""

from __future__ import annotations

import re
from functools import cached_property

import msgspec

from pysprocket.types.model import (
    ANY,
    OBJECT,
    PRIMITIVES,
    ArrayType,
    MapType,
    PairType,
    Type,
    VariableType,
    optional,
)

_TABLE = """
1.0 Int floor(Float)
1.0 Int ceil(Float)
1.0 Int round(Float)
1.1 Int min(Int, Int)
1.1 Float min(Float, Float)
1.1 Int max(Int, Int)
1.1 Float max(Float, Float)
1.0 String sub(String, String, String)
1.2 String? find(String, String)
1.2 Boolean matches(String, String)
1.3 Array[String] split(String, String)
1.0 String basename(String, [String])
1.0 String basename(File, [String])
1.2 String basename(Directory, [String])
1.2 String join_paths(String, String)
1.2 String join_paths(Directory, String)
1.2 String join_paths(String, Array[String]+)
1.2 String join_paths(Directory, Array[String]+)
1.2 String join_paths(Array[String]+)
1.0 Array[File] glob(String)
1.0 File stdout()
1.0 File stderr()
1.0 Float size(File?, [String])
1.0 Float size(Array[File?]?, [String])
1.2 Float size(Directory?, [String])
1.2 Float size(Z, [String])
1.0 String read_string(File)
1.0 Int read_int(File)
1.0 Float read_float(File)
1.0 Boolean read_boolean(File)
1.0 Array[String] read_lines(File)
1.0 Array[Array[String]] read_tsv(File)
1.2 Array[Object] read_tsv(File, Boolean, [Array[String]])
1.0 Map[String, String] read_map(File)
1.0 Any read_json(File)
1.0 Object read_object(File)
1.0 Array[Object] read_objects(File)
1.0 File write_lines(Array[String])
1.0 File write_tsv(Array[Array[String]])
1.2 File write_tsv(Array[Array[String]], Boolean, Array[String])
1.2 File write_tsv(Array[S], [Boolean], [Array[String]])
1.0 File write_map(Map[String, String])
1.0 File write_json(J?)
1.0 File write_object(Object)
1.1 File write_object(S)
1.0 File write_objects(Array[Object])
1.1 File write_objects(Array[S])
1.0 Array[String] prefix(String, Array[P])
1.1 Array[String] suffix(String, Array[P])
1.1 Array[String] quote(Array[P])
1.1 Array[String] squote(Array[P])
1.1 String sep(String, Array[P])
1.0 Array[Int] range(Int)
1.0 Array[Array[X]] transpose(Array[Array[X]])
1.0 Array[Pair[X, Y]] cross(Array[X], Array[Y])
1.0 Array[Pair[X, Y]] zip(Array[X], Array[Y])
1.1 Pair[Array[X], Array[Y]] unzip(Array[Pair[X, Y]])
1.0 Array[X] flatten(Array[Array[X]])
1.0 X select_first(Array[X?]+)
1.2 X select_first(Array[X?], X)
1.0 Array[X] select_all(Array[X?])
1.2 Boolean contains(Array[P?], P?)
1.2 Array[Array[X]] chunk(Array[X], Int)
1.1 Array[Pair[K, Y]] as_pairs(Map[K, Y])
1.1 Map[K, Y] as_map(Array[Pair[K, Y]])
1.1 Map[K, Array[Y]] collect_by_key(Array[Pair[K, Y]])
1.1 Array[K] keys(Map[K, Y])
1.2 Array[String] keys(S)
1.2 Array[String] keys(Object)
1.2 Array[Y] values(Map[K, Y])
1.2 Boolean contains_key(Map[K, Y], K)
1.2 Boolean contains_key(Object, String)
1.2 Boolean contains_key(S, String)
1.2 Boolean contains_key(Map[String, Y], Array[String])
1.2 Boolean contains_key(S, Array[String])
1.2 Boolean contains_key(Object, Array[String])
1.0 Boolean defined(X?)
1.0 Int length(Array[X])
1.2 Int length(Map[K, Y])
1.2 Int length(Object)
1.2 Int length(String)
1.3 V value(E)
"""


class Signature(msgspec.Struct, frozen=True):
    """One overload of a function.

    Attributes:
        since: the version of WDL that brought it.
        parameters: types of the parameters, with `VariableType` for the generic ones.
        required: how many of the parameters must be given.
        result: the type of the value.
    """

    since: tuple[int, int]
    parameters: tuple[Type, ...]
    required: int
    result: Type

    def accepts(self, count: int) -> bool:
        """Whether it takes this number of arguments."""
        return self.required <= count <= len(self.parameters)


class Function:
    """A function: its overloads in the order they are tried; signatures are read when first asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: list[tuple[str, str, str]] = []

    def add(self, since: str, result: str, parameters: str) -> None:
        """One more overload, as text."""
        self._lines.append((since, result, parameters))

    @cached_property
    def overloads(self) -> tuple[Signature, ...]:
        """The overloads in the order they are tried."""
        return tuple(_signature(*line) for line in self._lines)

    @cached_property
    def since(self) -> tuple[int, int]:
        """The version of WDL that brought the function."""
        return min(overload.since for overload in self.overloads)

    def written(self, overload: Signature) -> str:
        """A signature as the specification writes it."""
        _, result, parameters = self._lines[self.overloads.index(overload)]
        return f"{result} {self.name}({parameters})"


_WORD = re.compile(r"\s*(\w+|[\[\],+?])")


class _Reader:
    """Reads types from the text of a signature; the text is ours, so it is never wrong."""

    def __init__(self, text: str) -> None:
        self.words = _WORD.findall(text)
        self.place = 0

    def next_is(self, word: str) -> bool:
        """Whether `word` comes next; it is then passed over."""
        if self.place < len(self.words) and self.words[self.place] == word:
            self.place += 1
            return True
        return False

    def type(self) -> Type:
        name = self.words[self.place]
        self.place += 1
        arguments: list[Type] = []
        if name in _COMPOUND:
            self.next_is("[")
            arguments.append(self.type())
            while self.next_is(","):
                arguments.append(self.type())
            self.next_is("]")
        nonempty = self.next_is("+")
        type_ = _named(name, arguments, nonempty=nonempty)
        return optional(type_) if self.next_is("?") else type_

    def parameters(self) -> tuple[tuple[Type, ...], int]:
        types: list[Type] = []
        required = 0
        while self.place < len(self.words):
            may_lack = self.next_is("[")
            types.append(self.type())
            required += not may_lack
            self.next_is("]")
            self.next_is(",")
        return tuple(types), required


_COMPOUND = ("Array", "Map", "Pair")


def _named(name: str, arguments: list[Type], *, nonempty: bool) -> Type:
    if name == "Array":
        return ArrayType(arguments[0], nonempty)
    if name == "Map":
        return MapType(arguments[0], arguments[1])
    if name == "Pair":
        return PairType(arguments[0], arguments[1])
    if name == "Any":
        return ANY
    return OBJECT if name == "Object" else PRIMITIVES.get(name) or VariableType(name)


def _signature(since: str, result: str, parameters: str) -> Signature:
    major, minor = since.split(".")
    types, required = _Reader(parameters).parameters()
    return Signature((int(major), int(minor)), types, required, _Reader(result).type())


def _read_table() -> dict[str, Function]:
    functions: dict[str, Function] = {}
    for line in _TABLE.strip().splitlines():
        since, signature = line.split(" ", 1)
        head, parameters = signature.removesuffix(")").split("(", 1)
        result, name = head.rsplit(" ", 1)
        functions.setdefault(name, Function(name)).add(since, result, parameters)
    return functions


FUNCTIONS: dict[str, Function] = _read_table()
