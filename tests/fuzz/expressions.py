"""Expressions of a wanted type.

In: a `random.Random`, a version, the names in scope with their types. Out: `Expressions.of`, the text of an
expression. The calls of the standard library come from the table of its signatures, so every overload is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from pysprocket.types.functions import FUNCTIONS, Signature
from pysprocket.types.model import (
    BOOLEAN,
    FILE,
    FLOAT,
    INT,
    OBJECT,
    STRING,
    ArrayType,
    EnumType,
    MapType,
    ObjectType,
    PairType,
    Primitive,
    StructType,
    Type,
    UnionType,
    VariableType,
    optional,
    required,
)

_DEPTH = 4
_LITERALS: dict[str, tuple[str, ...]] = {
    "Int": ("0", "1", "2", "-1", "7", "0x1F", "017", "9223372036854775807", "-9223372036854775808", "64"),
    "Float": ("0.0", "1.5", "-2.25", "1e308", "1e-5", ".5", "3.", "5", "123456.789"),
    "Boolean": ("true", "false"),
    "String": (
        '"a"', "'b c'", '""', '"a.txt"', '"1"', '"1.5"', '"true"', '"\\t\\n\\u00e9\\x41\\101"', '"[a-z]+"', '"("',
        '"é😀"', '"\\\\"', '"*"', '"GiB"', '"~{1}"', '"~{true} $x ~x"', '"{\\"k\\": [1, null]}"',
    ),
    "File": ('"a.txt"', '"b.json"', '"t.tsv"', '"missing"', 'write_lines(["a", "b"])', 'write_json({"a": 1})'),
    "Directory": ('"."', '"d"', '"missing"'),
}  # fmt: skip
_UNARY_TYPES = {"Int": "-", "Float": "-", "Boolean": "!"}
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_ARITHMETIC = ("+", "-", "*", "/", "%", "**")


class Expressions:
    """Writes expressions that see the names of a scope; a share of them, `mistakes`, has another type."""

    def __init__(
        self,
        random: Random,
        version: tuple[int, int],
        scope: Mapping[str, Type],
        named: Sequence[Type],
        mistakes: float,
    ) -> None:
        self.random = random
        self.version = version
        self.scope = scope
        self.named = named
        self.mistakes = mistakes

    def of(self, type_: Type, depth: int = _DEPTH) -> str:
        """The text of an expression of a type."""
        if self.random.random() < self.mistakes:
            return self.of(self.some_type(), depth)
        names = [name for name, given in self.scope.items() if given == type_ or optional(given) == type_]
        if names and self.random.random() < 0.4:
            return self.random.choice(names)
        if type_.optional and self.version > (1, 0) and self.random.random() < 0.2:
            return "None"
        if depth <= 0 or self.random.random() < 0.3:
            return self.literal(required(type_), depth)
        return self.random.choice(_FORMS)(self, required(type_), depth - 1)

    def constant(self, type_: Type) -> str:
        """A literal without names and calls."""
        return f"[{self.constant(INT)}]" if isinstance(type_, ArrayType) else _LITERALS[str(type_)][0]

    def placeholder(self) -> str:
        """A placeholder for a string or command."""
        kind = self.random.randrange(5)
        if kind == 0:
            return f'~{{sep=", " {self.of(ArrayType(STRING), 1)}}}'
        if kind == 1:
            return f'~{{true="y" false="n" {self.of(BOOLEAN, 1)}}}'
        if kind == 2:
            return f'~{{default="d" {self.of(optional(INT), 1)}}}'
        return f"~{{{self.of(self.random.choice([INT, FLOAT, STRING, BOOLEAN]), 2)}}}"

    def some_type(self) -> Type:
        """A type that holds no other, or something of a few."""
        return self.random.choice([INT, FLOAT, STRING, BOOLEAN, FILE, ArrayType(INT), *self.named])

    # --- literals ---

    def literal(self, type_: Type, depth: int) -> str:
        depth -= 1
        match type_:
            case Primitive():
                return self.random.choice(_LITERALS[type_.name])
            case ArrayType():
                count = self.random.randrange(type_.nonempty, 3 if depth > 0 else 2)
                return f"[{', '.join(self.of(type_.item, depth) for _ in range(count))}]"
            case MapType():
                keys = {self.of(type_.key, 0) for _ in range(self.random.choice([1, 1, 1, 1, 2]))}
                return f"{{{', '.join(f'{key}: {self.of(type_.value, depth)}' for key in sorted(keys))}}}"
            case PairType():
                return f"({self.of(type_.left, depth)}, {self.of(type_.right, depth)})"
            case StructType():
                members = ", ".join(f"{name}: {self.of(member, depth)}" for name, member in type_.members)
                return f"{type_.name if self.version > (1, 0) else 'object'} {{ {members} }}"
            case EnumType():
                return f"{type_.name}.{self.random.choice(type_.choices)[0]}"
        return f"object {{ a: {self.of(INT, 0)}, b: {self.of(STRING, 0)} }}"

    # --- what works for every type ---

    def conditional(self, type_: Type, depth: int) -> str:
        return f"if {self.of(BOOLEAN, depth)} then {self.of(type_, depth)} else {self.of(type_, depth)}"

    def group(self, type_: Type, depth: int) -> str:
        return f"({self.of(type_, depth)})"

    def item(self, type_: Type, depth: int) -> str:
        return f"[{self.of(type_, depth)}, {self.of(type_, depth)}][{self.index()}]"

    def index(self) -> str:
        """An index into an array of two items, seldom beyond."""
        return self.random.choice(["0", "1"]) if self.random.random() > self.mistakes else self.of(INT, 1)

    def entry(self, type_: Type, depth: int) -> str:
        return f'{{"k": {self.of(type_, depth)}}}["k"]'

    def half(self, type_: Type, depth: int) -> str:
        return f"({self.of(type_, depth)}, {self.of(INT, 0)}).left"

    def first(self, type_: Type, depth: int) -> str:
        return f"select_first([{self.of(optional(type_), depth)}, {self.of(type_, depth)}])"

    # --- operators and functions ---

    def operator(self, type_: Type, depth: int) -> str:
        name = str(type_)
        if name == "Boolean":
            return self.boolean(depth)
        if name in ("Int", "Float"):
            symbol = self.random.choice(_ARITHMETIC if self.version >= (1, 2) else _ARITHMETIC[:5])
            if self.random.random() < 0.2:
                return f"-{self.of(type_, depth)}"
            return f"{self.of(type_, depth)} {symbol} {self.of(self.random.choice([INT, type_]), depth)}"
        if name == "String":
            other = self.random.choice([STRING, STRING, INT, FILE])
            return f"{self.of(STRING, depth)} + {self.of(other, depth)}"
        return self.literal(type_, depth)

    def boolean(self, depth: int) -> str:
        kind = self.random.randrange(4)
        if kind == 0:
            return f"!{self.literal(BOOLEAN, depth)}"
        if kind == 1:
            return f"{self.of(BOOLEAN, depth)} {self.random.choice(['&&', '||'])} {self.of(BOOLEAN, depth)}"
        symbol = self.random.choice(_COMPARISONS)
        type_ = self.some_type() if symbol in ("==", "!=") else self.random.choice([INT, FLOAT, STRING])
        return f"({self.of(type_, depth)} {symbol} {self.of(type_, depth)})"

    def text(self, type_: Type, depth: int) -> str:
        if type_ != STRING:
            return self.literal(type_, depth)
        inner = "-".join(self.placeholder() for _ in range(self.random.randrange(3)))
        if self.version >= (1, 2) and self.random.random() < 0.3:
            return f"<<<\n    x\n      {inner}\n  >>>"
        return f'"a{inner}"' if '"' not in inner and "\n" not in inner else f"'b{inner}'"

    def apply(self, type_: Type, depth: int) -> str:
        fitting = list(_giving(type_, self.version))
        if not fitting:
            return self.literal(type_, depth)
        name, signature, bindings = self.random.choice(fitting)
        bound = {variable: _known(given, self.random) for variable, given in bindings.items()}
        count = self.random.randint(signature.required, len(signature.parameters))
        arguments = [self.of(self.argument(each, bound), depth) for each in signature.parameters[:count]]
        return f"{name}({', '.join(arguments)})"

    def argument(self, pattern: Type, bound: dict[str, Type]) -> Type:
        """The type of a parameter, with something chosen for what the result leaves open."""
        match pattern:
            case VariableType():
                if pattern.name not in bound:
                    bound[pattern.name] = self.bind(pattern.name)
                chosen = bound[pattern.name]
                return optional(chosen) if pattern.optional else chosen
            case ArrayType():
                return ArrayType(self.argument(pattern.item, bound), pattern.nonempty, pattern.optional)
            case MapType():
                return MapType(self.argument(pattern.key, bound), self.argument(pattern.value, bound))
            case PairType():
                return PairType(self.argument(pattern.left, bound), self.argument(pattern.right, bound))
        return pattern

    def bind(self, variable: str) -> Type:
        structs: list[Type] = [type_ for type_ in self.named if isinstance(type_, StructType)]
        enums: list[Type] = [type_ for type_ in self.named if isinstance(type_, EnumType)]
        if variable in ("S", "E", "V"):
            return self.random.choice((structs if variable == "S" else enums) or [OBJECT])
        if variable == "P":
            primitives: list[Type] = [INT, STRING, BOOLEAN, FLOAT]
            return self.random.choice(primitives)
        if variable == "Z":
            held: list[Type] = [FILE, ArrayType(FILE), MapType(STRING, FILE), PairType(FILE, INT), OBJECT]
            return self.random.choice(held)
        any_: list[Type] = [INT, STRING, FLOAT, ArrayType(INT), MapType(STRING, INT), *structs, *enums]
        return self.random.choice(any_)


_FORMS: tuple[Callable[[Expressions, Type, int], str], ...] = (
    Expressions.conditional,
    Expressions.group,
    Expressions.item,
    Expressions.entry,
    Expressions.half,
    Expressions.first,
    *(Expressions.operator,) * 4,
    *(Expressions.text,) * 2,
    *(Expressions.apply,) * 8,
)


@cache
def _giving(type_: Type, version: tuple[int, int]) -> tuple[tuple[str, Signature, dict[str, Type]], ...]:
    return tuple(_search(type_, version))


def _search(type_: Type, version: tuple[int, int]) -> Iterator[tuple[str, Signature, dict[str, Type]]]:
    """The overloads whose result can be of a type, with what that makes of their variables."""
    for name, function in FUNCTIONS.items():
        if name in ("glob", "stdout", "stderr"):
            continue
        for signature in function.overloads:
            bindings: dict[str, Type] = {}
            if signature.since <= version and _matches(signature.result, type_, bindings):
                yield name, signature, bindings


def _matches(pattern: Any, type_: Any, bindings: dict[str, Type]) -> bool:
    if isinstance(pattern, (VariableType, UnionType)):
        if isinstance(pattern, VariableType):
            bindings[pattern.name] = type_
        return not isinstance(type_, ObjectType) and (isinstance(pattern, UnionType) or pattern.name in "XY")
    if type(pattern) is not type(type_):
        return False
    if isinstance(pattern, Primitive):
        return bool(pattern.name == type_.name)
    inner = [name for name in ("item", "key", "value", "left", "right") if hasattr(pattern, name)]
    return all(_matches(getattr(pattern, name), getattr(type_, name), bindings) for name in inner)


def _known(type_: Type, random: Random) -> Type:
    return random.choice([INT, STRING]) if isinstance(type_, UnionType) else type_
