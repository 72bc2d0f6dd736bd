"""Reading an inputs file: JSON, or YAML 1.2 (core schema: `no` is a word, `010` is ten).

In: a path. Out: a dict of plain JSON data. Errors say file, line and column.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pysprocket.errors import InputError

if TYPE_CHECKING:  # yaml is imported only when a YAML file is read
    import yaml

EXTENSIONS = (".json", ".yaml", ".yml")


def read_input_file(path: Path, name: str) -> dict[str, Any]:
    """The object in an inputs file.

    Args:
        path: where it is.
        name: what messages call it.

    Raises:
        InputError: it cannot be read, or is not an object of JSON data.
    """
    if path.suffix not in EXTENSIONS:
        raise _wrong(name, "an inputs file must end in .json, .yaml or .yml")
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = parse_json(text, name) if path.suffix == ".json" else parse_yaml(text, name)
    except FileNotFoundError:
        raise _wrong(name, "there is no such file") from None
    except OSError as error:
        raise _wrong(name, f"it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _wrong(name, f"it is not UTF-8 text (byte {error.start})") from None
    except RecursionError:
        raise _wrong(name, "it is nested too deeply") from None
    if not isinstance(data, dict):
        raise _wrong(name, "it must hold an object (names with values)")
    return data


def parse_json(text: str, name: str) -> object:
    """The data in a JSON text.

    Raises:
        InputError: it is not JSON.
    """
    try:
        data: object = json.loads(text, parse_constant=_refuse_constant)
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


def parse_yaml(text: str, name: str) -> object:
    """The data in a YAML 1.2 text.

    Raises:
        InputError: it is not YAML, or holds what JSON cannot say.
    """
    import yaml  # noqa: PLC0415 - costs 20 ms and few runs need it

    try:
        return _json_data(yaml.load(text, _core_loader()), name)  # noqa: S506 - a safe loader with other resolvers
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise _wrong(place, f"not YAML: {error.problem or error}") from None
    except yaml.YAMLError as error:
        raise _wrong(name, f"not YAML: {error}") from None


_CORE_SCHEMA: list[tuple[str, str, str]] = [
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
]


def _core_loader() -> type[yaml.SafeLoader]:
    """A loader that resolves plain words by the core schema of YAML 1.2 instead of that of 1.1."""
    import yaml  # noqa: PLC0415

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("CoreLoader", (base,), {"yaml_implicit_resolvers": {}})
    for kind, pattern, first in _CORE_SCHEMA:
        characters = ["" if character == "\0" else character for character in first]
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(rf"(?:{pattern})\Z", re.ASCII), characters)
    loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
    loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))
    return loader  # type: ignore[no-any-return] # made by type()


def _construct_int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _json_data(data: Any, name: str) -> Any:
    """What YAML gave as JSON data: names of objects are text; dates, sets and bytes are refused."""
    if isinstance(data, dict):
        return {_key(key, name): _json_data(item, name) for key, item in data.items()}
    if isinstance(data, list):
        return [_json_data(item, name) for item in data]
    if data is None or isinstance(data, (str, bool, int, float)):
        return data
    raise _wrong(name, f"a value of type {type(data).__name__} (`{data}`) has no JSON form; put it in quotes")


def _key(key: Any, name: str) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (bool, int, float)):
        return json.dumps(key)
    raise _wrong(name, f"`{key}` cannot be the name of a value")


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON value")


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _wrong(place: str, message: str) -> InputError:
    return InputError([f"{place}: {message}"])
