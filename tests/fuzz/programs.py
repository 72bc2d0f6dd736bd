"""Documents that are nearly right: the types fit, most names exist, and everything else is left to chance.

In: a `random.Random` (or what hypothesis gives for one). Out: `program`, the text of a document in any version with
structs, enums, tasks, scatters, conditionals and calls, whose expressions use every overload of the standard library.
"""

from __future__ import annotations

from random import Random

from pysprocket.syntax.versions import RELEASED
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
    PairType,
    StructType,
    Type,
    optional,
    required,
)
from tests.fuzz.expressions import Expressions

_WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")
_FEW = (0, 0, 1, 1, 2, 3)


def program(random: Random) -> str:
    """The text of a document."""
    return _Program(random).document()


class _Program:
    """One document in the making: what it has defined so far."""

    def __init__(self, random: Random) -> None:
        self.random = random
        word = random.choice(list(RELEASED))
        self.version = RELEASED[word]
        self.parts = [f"version {word}\n"]
        self.count = 0
        self.mistakes = random.choice([0, 0, 0, 0.02])
        self.named: list[Type] = []
        self.tasks: dict[str, tuple[dict[str, Type], dict[str, Type]]] = {}

    def document(self) -> str:
        for _ in range(self.few()):
            self.struct()
        if self.version >= (1, 3):
            for _ in range(self.few()):
                self.enum()
        for _ in range(self.few()):
            self.task()
        self.workflow()
        return "\n".join(self.parts)

    def few(self) -> int:
        return self.random.choice(_FEW)

    def name(self) -> str:
        self.count += 1
        return f"{self.random.choice(_WORDS)}{self.count}"

    def type(self, depth: int = 2) -> Type:
        """Any type that can be written in this version."""
        random = self.random
        kind = random.randrange(12) if depth else random.randrange(6)
        if kind < 6:
            type_: Type = (INT, INT, FLOAT, STRING, BOOLEAN, FILE)[kind]
        elif kind < 8:
            type_ = ArrayType(self.type(depth - 1), nonempty=random.random() < 0.2)
        elif kind == 8:
            type_ = MapType(random.choice([STRING, INT, BOOLEAN, FLOAT]), self.type(depth - 1))
        elif kind == 9:
            type_ = PairType(self.type(depth - 1), self.type(depth - 1))
        else:
            named: list[Type] = [*self.named, OBJECT]
            type_ = named[random.randrange(len(named))]
        return optional(type_) if random.random() < 0.15 else type_

    def expressions(self, scope: dict[str, Type]) -> Expressions:
        return Expressions(self.random, self.version, scope, self.named, self.mistakes)

    # --- definitions ---

    def struct(self) -> None:
        name = self.name().capitalize()
        members = tuple((self.name(), self.type()) for _ in range(self.few() + 1))
        self.named.append(StructType(name, members))
        lines = "".join(f"  {type_} {member}\n" for member, type_ in members)
        self.parts.append(f"struct {name} {{\n{lines}}}\n")

    def enum(self) -> None:
        name = self.name().capitalize()
        values_of: list[Type] = [STRING, STRING, INT, FLOAT, BOOLEAN, ArrayType(INT)]
        type_ = self.random.choice(values_of)
        values = {self.name().capitalize(): None for _ in range(self.few() + 1)}
        self.named.append(EnumType(name, type_, tuple(values.items())))
        literals = self.expressions({})
        choices = [choice if type_ == STRING else f"{choice} = {literals.constant(type_)}" for choice in values]
        inferred = "" if type_ == STRING else f"[{type_}]"
        self.parts.append(f"enum {name}{inferred} {{ {', '.join(choices)} }}\n")

    def task(self) -> None:
        name = self.name()
        inputs = {self.name(): self.type() for _ in range(self.few())}
        scope = dict(inputs)
        lines = [f"task {name} {{"]
        lines += self.input_section(inputs)
        lines += [self.declaration(scope) for _ in range(self.few())]
        delimiters = self.random.choice([("<<<", ">>>"), ("{", "}")])
        parts = " ".join(self.expressions(scope).placeholder() for _ in range(self.few()))
        lines += [f"  command {delimiters[0]}", f"    echo {parts}", f"  {delimiters[1]}"]
        outputs = {self.name(): self.type() for _ in range(self.few())}
        lines += self.output_section(outputs, scope)
        lines += self.requirements(scope)
        self.tasks[name] = (inputs, outputs)
        self.parts.append("\n".join([*lines, "}"]))

    def requirements(self, scope: dict[str, Type]) -> list[str]:
        write = self.expressions(scope)
        word = "requirements" if self.version >= (1, 2) and self.random.random() < 0.5 else "runtime"
        values = {"cpu": INT, "memory": self.random.choice([STRING, INT]), "container": STRING}
        lines = [f"    {key}: {write.of(type_, 2)}" for key, type_ in values.items() if self.random.random() < 0.5]
        return [f"  {word} {{", *lines, "  }"]

    def input_section(self, inputs: dict[str, Type]) -> list[str]:
        lines = []
        scope: dict[str, Type] = {}
        for name, type_ in inputs.items():
            default = f" = {self.expressions(scope).of(type_)}" if self.random.random() < 0.6 else ""
            lines.append(f"    {type_} {name}{default}")
            scope[name] = type_
        return ["  input {", *lines, "  }"]

    def output_section(self, outputs: dict[str, Type], scope: dict[str, Type]) -> list[str]:
        lines = [f"    {type_} {name} = {self.expressions(scope).of(type_)}" for name, type_ in outputs.items()]
        return ["  output {", *lines, "  }"]

    # --- the workflow ---

    def workflow(self) -> None:
        inputs = {self.name(): self.type() for _ in range(self.few())}
        scope = dict(inputs)
        lines = [f"workflow {self.name()} {{", *self.input_section(inputs)]
        lines += self.body(scope, 3)
        lines += self.output_section({self.name(): self.type() for _ in range(self.few())}, scope)
        self.parts.append("\n".join([*lines, "}"]))

    def body(self, scope: dict[str, Type], depth: int) -> list[str]:
        """Statements; what they define is put into `scope`."""
        lines: list[str] = []
        for _ in range(self.few() + 1):
            kind = self.random.randrange(6)
            if kind == 0 and depth:
                lines += self.scatter(scope, depth)
            elif kind == 1 and depth:
                lines += self.conditional(scope, depth)
            elif kind == 2 and self.tasks:
                lines.append(self.call(scope))
            else:
                lines.append(self.declaration(scope))
        return lines

    def declaration(self, scope: dict[str, Type]) -> str:
        name, type_ = self.name(), self.type()
        line = f"  {type_} {name} = {self.expressions(scope).of(type_)}"
        scope[name] = type_
        return line

    def scatter(self, scope: dict[str, Type], depth: int) -> list[str]:
        variable, item = self.name(), self.type(1)
        array = self.expressions(scope).of(ArrayType(item))
        inner = {**scope, variable: item}
        lines = [f"  scatter ({variable} in {array}) {{", *self.body(inner, depth - 1), "  }"]
        del inner[variable]
        scope.update({name: ArrayType(type_) for name, type_ in inner.items() if name not in scope})
        return lines

    def conditional(self, scope: dict[str, Type], depth: int) -> list[str]:
        inner = dict(scope)
        lines = [f"  if ({self.expressions(scope).of(BOOLEAN)}) {{", *self.body(inner, depth - 1), "  }"]
        if self.version >= (1, 3):
            for _ in range(self.few() // 2):
                lines += [
                    f"  else if ({self.expressions(scope).of(BOOLEAN)}) {{",
                    *self.body(dict(scope), depth - 1),
                    "  }",
                ]
            if self.random.random() < 0.3:
                lines += ["  else {", *self.body(dict(scope), depth - 1), "  }"]
        scope.update({name: optional(type_) for name, type_ in inner.items() if name not in scope})
        return lines

    def call(self, scope: dict[str, Type]) -> str:
        task, name = self.random.choice(list(self.tasks)), self.name()
        inputs, outputs = self.tasks[task]
        write = self.expressions(scope)
        given = [f"{key} = {write.of(required(type_))}" for key, type_ in inputs.items() if self.random.random() < 0.9]
        scope.update({f"{name}.{key}": type_ for key, type_ in outputs.items()})
        return f"  call {task} as {name} {{ input: {', '.join(given)} }}" if given else f"  call {task} as {name}"
