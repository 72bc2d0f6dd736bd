"""Settings from the environment and from `--set`.

In: variables, and texts such as `run.fail=fast`. Out: a `Given` layer for each. They stand above all files, `--set`
above the environment; both replace arrays, which files make grow, and tables merge as ever.

**Names.** A variable `SPROCKET_A__B__C` sets `a.b.c`, and `SPROCKET_RUN` all of `run`, as a table; capitals do not
matter. The name of a backend is matched with those that there are, where `-`, `.` and other signs are `_`:
`SPROCKET_RUN__BACKENDS__MY_SITE` is for `my-site`. Other variables without `__` are left alone. After `--set` stands a
key as in a file, also with quotes: `run.backends."my.site".cpu`. What comes later replaces what came before.

**Values.** What is a value of TOML that its key can take is taken so: `3`, `true`, `["a", "b"]`, `{ name = "x" }`,
`"text"`. Else it is a text, without quotes: `fast`, or `1.2` for a key that wants a text; arrays and tables of TOML are
never texts. One text for an array of texts is its only element. Blanks around a value do not count. A variable that is
empty counts as not set; `--set KEY=` is refused. Relative paths start at the current directory. A variable that holds a
secret reaches no task, as with `{ env = "VARIABLE" }`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pysprocket.config.fields import fields_of
from pysprocket.config.files import check_depth
from pysprocket.config.layers import Layer, Place
from pysprocket.config.plugins import settings_of
from pysprocket.config.positions import KeyPart, Spot, key_at, positions
from pysprocket.config.problems import Keys, Problem, dotted
from pysprocket.config.secrets import is_utf8
from pysprocket.config.settings import SECTIONS_UNREAD, Sections
from pysprocket.nearest import nearest

PREFIX = "SPROCKET_"
_BETWEEN = "__"
_TABLES_OF_NAMES = (("run", "backends"), ("check", "rules"))
_SECTIONS = (*fields_of(Sections), *SECTIONS_UNREAD)


class Assignment(NamedTuple):
    """What stands after `--set`, and the directory that relative paths in it start at: "" is the current one."""

    text: str
    directory: str = ""


class Given(Layer):
    """A variable of the environment, or a `--set`: it sets one key.

    Attributes:
        where: what messages call the place.
        keys: the key that is set.
    """

    is_file = False
    plain: str

    def __init__(
        self, name: str, where: str, text: str, parts: Sequence[KeyPart], start: int, directory: Path = Path()
    ) -> None:
        super().__init__(name, text.rstrip(), {}, _absolute(directory))
        self.where = where
        self.keys: Keys = tuple(part.name for part in parts)
        self._parts = parts
        self.plain = text[start:].strip()
        self._start = len(self.text) - len(self.plain)
        self.readings = [_below(self.keys, value) for value in _values(self.plain)] if parts else [{}]
        self.take(self.readings[0])
        try:
            check_depth(self.data)
        except RecursionError:
            self.take({})
            self.problem = Problem((), f"`{name}` sets something that lies too deep in tables or arrays")

    @property
    def sets(self) -> Keys:
        """The canonical keys of what is set, as far as it was checked."""
        for canonical, written in self.moved.items():
            if self.keys[: len(written)] == written:
                return (*canonical, *self.keys[len(written) :])
        return self.keys

    def place(self, keys: Keys) -> Place:
        """The variable or the argument; there is no line."""
        return Place(self.name, None)

    @property
    def title(self) -> str:
        """What the text is called where it is shown."""
        return self.where

    @property
    def uri(self) -> str:
        """Tells the texts apart."""
        return f"sprocket:{self.name}"

    @cached_property
    def spots(self) -> dict[Keys, Spot]:
        """Those of the parts of the key, and of what the value holds."""
        value = (self._start, len(self.text))
        spots = {self.keys[:number]: Spot(part.span, value) for number, part in enumerate(self._parts, start=1)}
        inner = positions(f"key = {self.plain}") if _toml(self.plain) is not None else {}
        shift = self._start - len("key = ")
        for keys, ((key, end), (begin, finish)) in inner.items():
            if len(keys) > 1:
                spot = Spot((key + shift, end + shift), (begin + shift, finish + shift))
                spots[*self.keys, *keys[1:]] = spot
        return spots


def _absolute(directory: Path) -> Path:
    try:
        return directory.absolute()
    except OSError:  # the current directory is gone
        return directory


def assigned(assignments: Iterable[Assignment]) -> list[Given]:
    """The layers of all `--set`."""
    return [_assigned(assignment) for assignment in assignments]


def _assigned(assignment: Assignment) -> Given:
    text = f"--set {assignment.text}"
    directory = Path(assignment.directory)
    try:
        parts, end = key_at(text, len("--set "))
    except ValueError:
        parts, end = [], 0
    if parts and text.startswith("=", end) and text[end + 1 :].strip():
        given = Given("--set", "command line", text, parts, end + 1, directory)
        given.problem = given.problem or _no_table(given)
        return given
    key, equals, _ = text.partition("=")
    if not equals:  # a secret may be all of it, or behind the key, with something else between them
        known = parts and parts[0].name in _SECTIONS
        key = text[:end] + ("…" if text[end:].strip() else "") if known else "--set …"
    what = "gives no value" if parts and equals else "is not `KEY=VALUE`"
    given = Given("--set", "command line", f"{key}=…" if equals else key, [], 0)  # no value: it may be a secret
    given.problem = Problem((), f"`{key.rstrip()}` {what}", "write it as `--set run.fail=fast`")
    return given


def from_environment(
    variables: Mapping[str, str], below: Sequence[Mapping[str, Any]], types: Mapping[Keys, str]
) -> tuple[list[Given], list[str]]:
    """The layers of all variables that set something or are wrong, and remarks about those that were meant to.

    Args:
        variables: the environment.
        below: what all other layers say: names of backends and of rules are matched with those that are there.
        types: the types of backends that these say.
    """
    layers: list[Given] = []
    remarks: list[str] = []
    for variable in sorted(name for name in variables if name.startswith(PREFIX) and variables[name].strip()):
        name = variable.removeprefix(PREFIX)
        if not is_utf8(variable + variables[variable]):
            layers.append(_no_text(variable))
        elif _BETWEEN in name or name.lower() in fields_of(Sections):
            layers.append(_variable(variable, variables[variable], below, types))
        elif (meant := _meant(name)) is not None:
            said = f"`{meant}` would, with `{_BETWEEN}` between keys"
            remarks.append(f"the environment variable `{variable}` sets nothing; {said}")
    return sorted(layers, key=lambda layer: len(layer.keys)), remarks


def _no_text(variable: str) -> Given:
    shown = variable.encode(errors="replace").decode()
    given = Given(shown, "environment", f"{shown}=…", [], 0)
    given.problem = Problem((), f"the environment variable `{shown}` is not UTF-8 text")
    return given


def _variable(variable: str, value: str, below: Sequence[Mapping[str, Any]], types: Mapping[Keys, str]) -> Given:
    keys: Keys = ()
    parts, problem = [], None
    at = len(PREFIX)
    for word in variable.removeprefix(PREFIX).split(_BETWEEN):
        found = _found(word, keys, below, types)
        if len(found) > 1:
            fits = " and ".join(f"`{name}`" for name in found)
            problem = Problem((*keys, found[0]), f"`{variable}` fits {fits}", "use `--set`, which takes exact names")
        keys = (*keys, found[0])
        parts.append(KeyPart(found[0], (at, at + len(word))))
        at += len(word) + len(_BETWEEN)
    given = Given(variable, "environment", f"{variable}={value}", parts, len(variable) + 1)
    given.variable = variable
    given.problem = given.problem or problem or _no_section(given) or _no_table(given)
    return given


def _no_table(given: Given) -> Problem | None:
    """What looks like a table and is none would be taken for a text: `{env: "NAME"}` for a password."""
    text = given.plain
    if not (text.startswith("{") and text.endswith("}")) or _toml(text) is not None:
        return None
    message = f"`{dotted(given.keys)}` is given what looks like a table and is none of TOML"
    return Problem(
        given.keys, message, 'write `{ key = "value" }`; a text that begins so stands in quotes', on_value=True
    )


def _no_section(given: Given) -> Problem | None:
    """A variable whose first word is no section, told with the variable that was meant."""
    section, *rest = map(str, given.keys)
    if section in _SECTIONS:
        return None
    inner = [keys for keys in _keys_of(Sections) if keys[-1] == section]
    tables = inner or [(name,) for name in nearest(section, _SECTIONS)]
    meant = [_BETWEEN.join((*keys, *rest)).upper() for keys in tables]
    sections = ", ".join(f"`{name}`" for name in fields_of(Sections))
    remedy = f"did you mean `{PREFIX}{meant[0]}`?" if meant else f"the sections are {sections}"
    return Problem(given.keys[:1], f"there is no section `{section}`", remedy, code="UnknownSetting")


def _found(word: str, table: Keys, below: Sequence[Mapping[str, Any]], types: Mapping[Keys, str]) -> list[str]:
    """The keys that a word of a variable fits."""
    known: Iterable[str] = ()
    if table in _TABLES_OF_NAMES:
        known = dict.fromkeys(name for data in below for name in _keys_at(data, table))
    elif struct := settings_of(types[table]) if table in types else None:
        known = fields_of(struct)
    same = [name for name in known if name.casefold() == word.casefold()]
    alike = [name for name in known if re.sub(r"\W", "_", name).casefold() == word.casefold()]
    if word in same:
        return [word]
    return same or alike or [word if table == ("check", "rules") else word.lower()]


def _keys_at(data: Any, keys: Keys) -> Iterable[str]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else ()


def _meant(name: str) -> str | None:
    """The variable that was probably meant by one with a single `_` between its keys."""
    for keys in _keys_of(Sections):
        if "_".join(keys).casefold() == name.casefold():
            return PREFIX + _BETWEEN.join(keys).upper()
    return None


def _keys_of(struct: Any) -> Iterator[tuple[str, ...]]:
    for name, field in fields_of(struct).items():
        if struct is not Sections:
            yield (name,)
        for section in field.sections:
            yield from ((name, *keys) for keys in _keys_of(section))


def _values(text: str) -> Iterator[Any]:
    """What a value may mean: data of TOML, a text, the one element of an array."""
    value = _toml(text)
    if value is not None:
        yield value
    if value != text and not isinstance(value, list | dict):
        yield text
    if not text.startswith(("[", "{")):  # that was meant to be more than one text
        yield [value if isinstance(value, str) else text]


def _below(keys: Keys, value: Any) -> dict[str, Any]:
    data: dict[str, Any] = {str(keys[-1]): value}
    for key in reversed(keys[:-1]):
        data = {str(key): data}
    return data


def _toml(text: str) -> Any:
    """A text read as a value of TOML; None where it is none."""
    import tomli  # noqa: PLC0415 - only where something is given

    try:
        data = tomli.loads(f"key = {text}")
    except (ValueError, RecursionError):  # also a number of thousands of digits
        return None
    return data["key"] if len(data) == 1 else None
