"""Documents that somebody meant, damaged; and the words of WDL in any order.

In: a `random.Random`. Out: `soup`, `mutated`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

from pysprocket.types.functions import FUNCTIONS
from tests.fuzz.programs import program

_ROOT = Path(__file__).parents[2]
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORDS = (
    "version 1.0\n", "version 1.1\n", "version 1.2\n", "version 1.3\n", "task t {", "workflow w {", "struct S {",
    "enum E {", "import \"lib.wdl\"", "input {", "output {", "runtime {", "requirements {", "hints {", "meta {",
    "parameter_meta {", "command <<<", "command {", "<<<", ">>>", "call t", "scatter (i in x) {", "scatter (", "if (",
    "else if (", "else", "then", "as", "alias", "after", "in", "env", "Int", "Int?", "Float", "String", "Boolean",
    "File", "Directory", "Object", "Array[", "Map[", "Pair[", "]+", "]?", "S", "E", "Int x =", "Array[Int] xs = [1,",
    "String s =", "a", "b", "x", "t", "w", "task", "struct", "object", "{", "}", "(", ")", "[", "]", ",", ":", ".",
    "=", "==", "!=", "<", "<=", ">", ">=", "&&", "!", "+", "-", "*", "/", "%", "**", "?", "~{", "${", "~", "$", "\"",
    "'", "\\", "\\u12", "\\x", "\\777", "\\\n", "1", "0", "0x", "0xFF", "1.5e", "1e999", ".5", "5.", "08",
    "99999999999999999999", "true", "false", "None", "null", "left", "right", "sep=", "sep=\",\"", "default=",
    "true=", "false=", "# c\n", "#", "//", "/*", ";", "@", "`", "\n", "\r", "\r\n", "\t", "\f", "\u000b", "\u0000",
    "\ufeff", "\u00a0", "\u00e9", "\u2028", "\u202e", "\u200d", "\ud83d\ude00", "\ud800", "\u001b[31m", "\u0085", "_",
    "_a", "A1", "container: \"a\"", "cpu: 1", "memory: \"1 GiB\"", "~{true=\"a\" false=\"b\" x}", "~{sep=\", \" xs}",
)  # fmt: skip
PIECES = (*_WORDS, "||", *(f"{name}(" for name in FUNCTIONS))


def soup(random: Random) -> str:
    """Pieces of WDL in any order, perhaps in a task or a workflow."""
    before = random.choice(
        ["", "version 1.0\n", "version 1.3\n", "version 1.2\ntask t { ", "version 1.3\nworkflow w { "]
    )
    space = random.choice(["", " ", "\n"])
    return before + space.join(random.choice(PIECES) for _ in range(random.randrange(60)))


@cache
def documents() -> tuple[str, ...]:
    """The examples and test cases of this project."""
    paths = [*_ROOT.glob("examples/**/*.wdl"), *_ROOT.glob("tests/cases/**/*.wdl")]
    texts = (path.read_bytes().decode("utf-8", "replace") for path in sorted(paths) if path.is_file())
    return tuple(text for text in texts if len(text) < 10_000)


def mutated(random: Random) -> str:
    """A good document with a few changes."""
    text = program(random) if random.random() < 0.5 else random.choice(documents())
    parts = text.splitlines(keepends=True) if random.random() < 0.2 else _TOKEN.findall(text)
    for _ in range(random.choice([1, 1, 1, 2, 3, 10])):
        _change(parts, random)
    text = "".join(parts)
    kind = random.randrange(20)
    if kind == 0:
        return text[: random.randrange(len(text) + 1)]
    return text.replace("\n", "\r") if kind == 1 else text


def _change(parts: list[str], random: Random) -> None:
    place = random.randrange(len(parts) + 1)
    kind = random.randrange(6)
    if kind == 0:
        del parts[place : place + random.choice([1, 1, 1, 2, 5, 50])]
    elif kind == 1:
        parts[place:place] = parts[place : place + random.randrange(20)]
    elif kind == 2:
        other = random.randrange(len(parts) + 1)
        parts[place:place] = parts[other : other + random.randrange(1, 20)]
    elif kind == 3 and place < len(parts):
        other = random.randrange(len(parts))
        parts[place], parts[other] = parts[other], parts[place]
    elif kind == 4:
        parts.insert(place, random.choice(PIECES))
    else:
        parts[place : place + 1] = [random.choice(parts or [""])]
