"""Reading an inputs file: JSON, or YAML 1.2 (core schema: `no` is a word, `010` is ten).

In: the bytes of a file. Out: a dict of plain JSON data and warnings. Errors say file, line and column. A number that
is not in its shortest form (`1.10`, `007`) remembers how it was written, for those who want text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from pysprocket.errors import InputError
from pysprocket.values.json import WrittenFloat, WrittenInt

if TYPE_CHECKING:  # yaml is imported only when a YAML file is read
    import yaml

EXTENSIONS = (".json", ".yaml", ".yml")
_SPARE_VALUES = 100_000  # what aliases of a YAML file may add to the values that are written in it
_OPENINGS = ("[", "{", "- ", "? ")
_MOST_OPENINGS = 10_000
_DEEPEST = 1_000


class InputFile(msgspec.Struct, frozen=True):
    """What an inputs file holds."""

    values: dict[str, Any]
    warnings: tuple[str, ...]


def parse_input_file(content: bytes, name: str) -> InputFile:
    """The object in an inputs file.

    Args:
        content: its bytes.
        name: what messages call it; its end says which format it is.

    Raises:
        InputError: it is not an object of JSON data.
    """
    suffix = PurePath(name.partition("?")[0]).suffix
    if suffix not in EXTENSIONS:
        raise _wrong(name, "an inputs file must end in .json, .yaml or .yml")
    warnings: list[str] = []
    try:
        text = content.decode("utf-8-sig")
        data = parse_json(text, name, warnings) if suffix == ".json" else parse_yaml(text, name, warnings)
    except UnicodeDecodeError as error:
        raise _wrong(name, f"it is not UTF-8 text (byte {error.start})") from None
    except RecursionError:
        raise _wrong(name, "it is nested too deeply") from None
    if not text.strip():
        raise _wrong(name, "it is empty; an inputs file without inputs is `{}`")
    if not isinstance(data, dict):
        raise _wrong(name, "it must hold an object (names with values)")
    return InputFile(data, tuple(dict.fromkeys(warnings)))


def parse_json(text: str, name: str, warnings: list[str]) -> object:
    """The data in a JSON text; names that are there twice are warned of.

    Raises:
        InputError: it is not JSON.
    """

    def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            warnings.extend(_repeated(name, [key for key, _ in pairs]))
        return made

    try:
        data: object = (
            json.loads(text, parse_constant=_refuse_constant, parse_float=read_float, object_pairs_hook=make_object)
            if text.strip()
            else None
        )
        if "\\u" in text:
            json.dumps(data, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _wrong(f"{name}:{error.lineno}:{error.colno}", f"not JSON: {_lower(error.msg)}") from None
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise _wrong(name, f"`\\u{ord(half):04x}` is half a character; the other half must follow it") from None
    except ValueError as error:
        raise _wrong(name, f"not JSON: {error}") from None
    return data


def _repeated(name: str, keys: list[str]) -> list[str]:
    seen: set[str] = set()
    twice = [key for key in keys if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
    return [f"{name}: `{key}` is there more than once; the last one counts" for key in dict.fromkeys(twice)]


def read_float(text: str) -> float:
    """A number with a fraction or an exponent; it remembers its text where that is not how it would be written.

    Raises:
        ValueError: it is too large.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large for a Float")
    return number if repr(number) == text else WrittenFloat(number, text)


def parse_yaml(text: str, name: str, warnings: list[str]) -> object:
    """The data in a YAML 1.2 text; names that are there twice are warned of.

    Raises:
        InputError: it is not YAML, or holds what JSON cannot say.
    """
    import yaml  # noqa: PLC0415 - costs 20 ms and few runs need it

    try:
        return _Yaml(name, warnings, len(text) + _SPARE_VALUES).data(_composed(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        if mark and text[mark.index : mark.index + 1] == "\t":
            raise _wrong(place, "not YAML: lines are indented with blanks, and this is a tab") from None
        raise _wrong(place, f"not YAML: {error.problem or error}") from None
    except yaml.YAMLError as error:
        raise _wrong(name, f"not YAML: {error}") from None
    except ValueError as error:
        raise _wrong(name, f"not YAML: {error}") from None


_TAG = "tag:yaml.org,2002:"
_CORE_SCHEMA: list[tuple[str, str, str]] = [
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
]


def _composed(text: str) -> yaml.Node | None:
    """The tree of the text; plain words are resolved by the core schema of YAML 1.2 instead of that of 1.1."""
    import yaml  # noqa: PLC0415

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("CoreLoader", (base,), {"yaml_implicit_resolvers": {}})
    for kind, pattern, first in _CORE_SCHEMA:
        characters = ["" if character == "\0" else character for character in first]
        loader.add_implicit_resolver(_TAG + kind, re.compile(rf"(?:{pattern})\Z", re.ASCII), characters)
    if sum(map(text.count, _OPENINGS)) > _MOST_OPENINGS:
        _check_depth(yaml.parse(text, Loader=loader))
    node: yaml.Node | None = yaml.compose(text, Loader=loader)
    return node


def _check_depth(events: Iterable[yaml.Event]) -> None:
    """The parser in C has no limit of its own but the end of the stack, and with it of the process."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > _DEEPEST:
            raise RecursionError


class _Yaml:
    """Makes JSON data of the tree of a YAML text; aliases may not add more values than `spare`."""

    def __init__(self, name: str, warnings: list[str], spare: int) -> None:
        self._name = name
        self._warnings = warnings
        self._left = spare

    def data(self, node: yaml.Node | None) -> Any:
        """The data of a node."""
        if node is None:
            return None
        self._left -= 1
        if self._left < 0:
            raise _wrong(self._name, "its aliases (`*name`) make it too large")
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node.value, str):
            return self._scalar(node, kind)
        if kind == "seq":
            return [self.data(item) for item in node.value]
        if kind == "map":
            return self._object(node)
        raise self._without_form(node)

    def _scalar(self, node: yaml.Node, kind: str) -> Any:
        text: str = node.value
        match kind:
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
                return number if str(number) == text else WrittenInt(number, text)
            case "float":
                return read_float(text)
        raise self._without_form(node)

    def _object(self, node: yaml.Node) -> dict[str, Any]:
        """A mapping; `<<: *other` puts in what the other has and this one lacks."""
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            name = self._key(key)
            data = self.data(value)
            if name == "<<" and not key.style and _is_mergeable(data):
                for other in reversed(data if isinstance(data, list) else [data]):
                    merged |= other
                continue
            if name in own:
                line = f"{self._name}:{key.start_mark.line + 1}"
                self._warnings.append(f"{line}: `{name}` is there more than once; the last one counts")
            own[name] = data
        return merged | own

    def _key(self, node: yaml.Node) -> str:
        """A name; numbers, words such as `true` and the empty word are names as they are written."""
        if not isinstance(node.value, str):
            raise self._wrong(node, "a list or an object cannot be the name of a value")
        return node.value

    def _without_form(self, node: yaml.Node) -> InputError:
        tag = node.tag.replace(_TAG, "!!")
        return self._wrong(node, f"a value tagged `{tag}` has no JSON form; put it in quotes, without the tag")

    def _wrong(self, node: yaml.Node, message: str) -> InputError:
        return _wrong(f"{self._name}:{node.start_mark.line + 1}:{node.start_mark.column + 1}", message)


def _is_mergeable(data: object) -> bool:
    return isinstance(data, dict) or (isinstance(data, list) and all(isinstance(item, dict) for item in data))


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON value")


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _wrong(place: str, message: str) -> InputError:
    return InputError([f"{place}: {message}"])
