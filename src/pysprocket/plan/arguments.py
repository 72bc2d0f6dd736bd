"""Inputs as they are written on the command line.

In: arguments such as `@inputs.json`, `main.n=3`, `x y`. Out: `GivenInputs`: raw values by full name, each with the
place that relative paths in it start from, and what is wrong. Nothing here knows the target's types.

The rules: values given for one key on the command line itself add up to an array (`k=a k=b`, `k=a b`). A source that
comes later replaces what an earlier one gave for the same key: a file replaces the command line and other files, and
the command line replaces a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeAlias

import msgspec

from pysprocket.errors import InputError, SprocketError
from pysprocket.plan.input_files import InputFile, parse_input_file, read_float
from pysprocket.source.uris import is_remote, is_url, lies_elsewhere, local_path, redacted
from pysprocket.source.visible import visible

_KEY = r"(?a)[a-zA-Z][a-zA-Z0-9_.]*"
_COMMENTS = ("#", "//", "_comment")  # how Terra and others write remarks into JSON

Origin: TypeAlias = Path | str
"""Where relative paths start: a directory, or the URL of a file."""


class Fetched(NamedTuple):
    """A file behind a URL: its bytes, and where it was found after redirects."""

    content: bytes
    location: str


class GivenValue(msgspec.Struct, frozen=True):
    """A value as given.

    Attributes:
        raw: plain JSON data.
        origin: where relative paths in it start.
        texts: the words of the command line it was made of, empty for a value of a file.
        file: the inputs file it stands in, as the user wrote it; empty for the command line.
    """

    raw: Any
    origin: Origin
    texts: tuple[str, ...] = ()
    file: str = ""


class GivenInputs(msgspec.Struct, frozen=True):
    """All inputs as given.

    Attributes:
        target: the name in front of the keys, None when nothing was given and no target named.
        values: by full key, such as "main.align.threads"; what was given last stands last.
        problems: what is wrong with the arguments themselves, a sentence each.
        warnings: what the user should know.
    """

    target: str | None
    values: dict[str, GivenValue]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_arguments(
    arguments: Sequence[str], target: str | None, cwd: Path, fetch: Callable[[str], Fetched] | None = None
) -> GivenInputs:
    """What the arguments say.

    Args:
        arguments: `@file.json`, `@file.yaml`, `@https://…/file.json`, `key=value` and further values for the key
            before.
        target: the task or workflow asked for; its name may then be left out in keys.
        cwd: where relative paths on the command line start.
        fetch: gets an inputs file that lies behind a URL.

    Raises:
        InputError: it cannot be said which target the inputs are for.
    """
    if target is not None and not target.isidentifier():
        raise InputError([f"`{target}` cannot be the name of a task or workflow"])
    collector = _Collector(target, cwd, fetch)
    for argument in arguments:
        collector.add(argument)
    prefix = target or _common_prefix(collector.values, collector.problems)
    return GivenInputs(prefix, collector.values, tuple(collector.problems), tuple(collector.warnings))


class _Collector:
    """Takes arguments one after the other."""

    def __init__(self, target: str | None, cwd: Path, fetch: Callable[[str], Fetched] | None) -> None:
        self.values: dict[str, GivenValue] = {}
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self._target = target
        self._prefix = f"{target}." if target else ""
        self._cwd = cwd
        self._fetch = fetch
        self._key: str | None = None

    def add(self, argument: str) -> None:
        """Take one argument; what is wrong with it is kept in `problems`."""
        try:
            _check_text(argument)
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
                named = f"`{argument}`" if argument else "an empty argument"
                raise _wrong(f"{named} is not an input: write `key=value`, or `@file.json` for a file of inputs")
        except InputError as error:
            self.problems += error.problems

    def _add_file(self, location: str) -> None:
        if not location:
            raise _wrong("`@` is followed by the name of a file with inputs, without a blank")
        name = redacted(location) if is_remote(location) else location
        origin, file = self._read(location, name)
        self.warnings += file.warnings
        comments: list[str] = []
        prefixed: dict[str, str] = {}
        for key, raw in self._unfolded(file.values):
            if key.rpartition(".")[2].startswith(_COMMENTS) or key.startswith(_COMMENTS):
                comments.append(f"`{visible(key)}`")
                continue
            full = self._prefixed(key)
            if full in prefixed:
                self.warnings.append(f"{name}: `{prefixed[full]}` and `{key}` are the same input; the last one counts")
            prefixed[full] = key
            self._set(full, GivenValue(raw, origin, file=name))
        if comments:
            self.warnings.append(f"{name}: {', '.join(comments)}: taken for a comment, not for an input")

    def _read(self, location: str, name: str) -> tuple[Origin, InputFile]:
        if lies_elsewhere(location):
            if self._fetch is None or not is_remote(location):
                raise _wrong(f"{name}: inputs files are read from disk, http and https; download it first")
            try:
                fetched = self._fetch(location)
            except SprocketError as error:
                raise _wrong(str(error)) from None
            return fetched.location, parse_input_file(fetched.content, name)
        path = self._cwd / (local_path(location) if is_url(location) else location)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise _wrong(f"{name}: there is no such file") from None
        except (OSError, ValueError) as error:
            raise _wrong(f"{name}: it cannot be read: {getattr(error, 'strerror', None) or error}") from None
        return path.parent, parse_input_file(content, name)

    def _unfolded(self, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """The entries; `{"main": {"n": 9}}` is `{"main.n": 9}`, for the target or where no target is named."""
        for key, raw in values.items():
            if isinstance(raw, dict) and (key == self._target if self._target else "." not in key):
                yield from ((f"{key}.{name}", value) for name, value in raw.items())
            else:
                yield key, raw

    def _append(self, key: str, text: str) -> None:
        raw = _value(text)
        before = self.values.get(key)
        if before is None or not before.texts:
            self._set(key, GivenValue(raw, self._cwd, (text,)))
            return
        values = [*before.raw, raw] if len(before.texts) > 1 else [before.raw, raw]
        self._set(key, GivenValue(values, self._cwd, (*before.texts, text)))

    def _set(self, key: str, value: GivenValue) -> None:
        """A value replaces the one before and stands last: what is inside of objects is replaced in this order."""
        self.values.pop(key, None)
        self.values[key] = value

    def _full_key(self, key: str, argument: str) -> str:
        if not re.fullmatch(_KEY, key):
            self._key = None
            raise _wrong(
                f"`{argument}`: {f'`{key}`' if key else 'what is before the `=`'} cannot be the name of an input"
                " (a letter first, then letters, digits, `_` and `.`)"
            )
        return self._prefixed(key)

    def _prefixed(self, key: str) -> str:
        return key if key.startswith(self._prefix) else self._prefix + key


def _check_text(argument: str) -> None:
    try:
        argument.encode()
    except UnicodeEncodeError:
        shown = argument.encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise _wrong(
            f"`{visible(shown)}` is not UTF-8 text; give such a name through a link with another one"
        ) from None


def _value(text: str) -> Any:
    """The value of a word: JSON, or text when it is not JSON and holds no brackets."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=read_float)
    except (ValueError, RecursionError):
        if any(bracket in text for bracket in "[]{}"):
            raise _wrong(
                f"`{text}` is not JSON; put text with brackets in double quotes inside single ones: '\"{text}\"'"
            ) from None
        return text


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _common_prefix(values: dict[str, GivenValue], problems: list[str]) -> str | None:
    bare = [key for key in values if "." not in key.strip(".")]
    if bare:
        raise InputError(
            [*problems, *(f"`{key}` does not say which task or workflow it is for" for key in bare)],
            help=f"write `NAME.{bare[0]}`, or name the task or workflow with --target",
        )
    prefixes = dict.fromkeys(key.partition(".")[0] for key in values)
    if len(prefixes) > 1:
        listed = ", ".join(f"`{prefix}`" for prefix in prefixes)
        raise InputError(
            [*problems, f"the inputs are for several targets: {listed}"],
            help="give inputs for one of them, or name it with --target; an input of a call is `WORKFLOW.CALL.NAME`",
        )
    return next(iter(prefixes), None)


def _wrong(message: str) -> InputError:
    return InputError([message])
