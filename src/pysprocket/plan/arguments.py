"""Inputs as they are written on the command line.

In: arguments such as `@inputs.json`, `main.n=3`, `x y`. Out: `GivenInputs`: raw values by full name, each with the
directory that relative paths in it start from. Nothing here knows the target's types.

The rules: values given for one key on the command line itself add up to an array (`k=a k=b`, `k=a b`). A source that
comes later replaces what an earlier one gave for the same key: a file replaces the command line and other files, and
the command line replaces a file.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from pysprocket.errors import InputError
from pysprocket.plan.input_files import read_input_file

_KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_.]*", re.ASCII)
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


class GivenValue(msgspec.Struct, frozen=True):
    """A value as given.

    Attributes:
        raw: plain JSON data.
        origin: the directory that relative paths in it start from.
        texts: the words of the command line it was made of, empty for a value of a file.
    """

    raw: Any
    origin: Path
    texts: tuple[str, ...] = ()


class GivenInputs(msgspec.Struct, frozen=True):
    """All inputs as given.

    Attributes:
        target: the name in front of the keys, None when nothing was given and no target named.
        values: by full key, such as "main.align.threads".
    """

    target: str | None
    values: dict[str, GivenValue]


def parse_arguments(arguments: Sequence[str], target: str | None, cwd: Path) -> GivenInputs:
    """What the arguments say.

    Args:
        arguments: `@file.json`, `@file.yaml`, `key=value` and further values for the key before.
        target: the task or workflow asked for; its name may then be left out in keys.
        cwd: where relative paths on the command line start.

    Raises:
        InputError: with every argument that is wrong.
    """
    if target is not None and not target.isidentifier():
        raise InputError([f"`{target}` cannot be the name of a task or workflow"])
    collector = _Collector(target, cwd)
    for argument in arguments:
        collector.add(argument)
    if collector.problems:
        raise InputError(collector.problems)
    return GivenInputs(target or _common_prefix(collector.values), collector.values)


class _Collector:
    """Takes arguments one after the other."""

    def __init__(self, target: str | None, cwd: Path) -> None:
        self.values: dict[str, GivenValue] = {}
        self.problems: list[str] = []
        self._prefix = f"{target}." if target else ""
        self._cwd = cwd
        self._key: str | None = None

    def add(self, argument: str) -> None:
        """Take one argument; what is wrong with it is kept in `problems`."""
        try:
            if argument.startswith("@"):
                self._key = None
                self._add_file(argument[1:])
            elif "=" in argument:
                key, _, value = argument.partition("=")
                self._key = self._full_key(key, argument)
                self._append(self._key, value)
            elif self._key is not None:
                self._append(self._key, argument)
            else:
                raise _wrong(f"`{argument}` is not an input: write `key=value`, or `@file.json` for a file of inputs")
        except InputError as error:
            self.problems += error.problems

    def _add_file(self, name: str) -> None:
        if _URL.match(name) and not name.startswith("file://"):
            raise _wrong(f"{name}: inputs files are read from disk; download it first")
        path = self._cwd / name.removeprefix("file://")
        for key, raw in read_input_file(path, name).items():
            self.values[self._prefixed(key)] = GivenValue(raw, path.parent)

    def _append(self, key: str, text: str) -> None:
        raw = _value(text)
        before = self.values.get(key)
        if before is None or not before.texts:
            self.values[key] = GivenValue(raw, self._cwd, (text,))
            return
        values = [*before.raw, raw] if len(before.texts) > 1 else [before.raw, raw]
        self.values[key] = GivenValue(values, self._cwd, (*before.texts, text))

    def _full_key(self, key: str, argument: str) -> str:
        if not _KEY.fullmatch(key):
            self._key = None
            raise _wrong(
                f"`{argument}`: `{key}` cannot be the name of an input"
                " (a letter first, then letters, digits, `_` and `.`)"
            )
        return self._prefixed(key)

    def _prefixed(self, key: str) -> str:
        return key if key.startswith(self._prefix) else self._prefix + key


def _value(text: str) -> Any:
    """The value of a word: JSON, or text when it is not JSON and holds no brackets."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        if any(bracket in text for bracket in "[]{}"):
            raise _wrong(
                f"`{text}` is not JSON; put text with brackets in double quotes inside single ones: '\"{text}\"'"
            ) from None
        return text


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _common_prefix(values: dict[str, GivenValue]) -> str | None:
    bare = [key for key in values if "." not in key.strip(".")]
    if bare:
        raise InputError(
            [f"`{key}` does not say which task or workflow it is for" for key in bare],
            help=f"write `NAME.{bare[0]}`, or name the task or workflow with --target",
        )
    prefixes = dict.fromkeys(key.partition(".")[0] for key in values)
    if len(prefixes) > 1:
        raise InputError(
            [f"the inputs are for several targets: {', '.join(f'`{prefix}`' for prefix in prefixes)}"],
            help="give inputs for one of them, or name it with --target",
        )
    return next(iter(prefixes), None)


def _wrong(message: str) -> InputError:
    return InputError([message])
