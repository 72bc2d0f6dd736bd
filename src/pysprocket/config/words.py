"""What is told of a mistake in a setting.

In: what is wrong with which key, as it is written. Out: `Problem` values, each with one sentence and a remedy. Only
imported when there is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Any, get_args, get_origin

from pysprocket.config import toml
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.fields import Field, bare, fields_of, members
from pysprocket.config.problems import Keys, Problem, dotted
from pysprocket.config.section import Section
from pysprocket.config.settings import Run, Sections
from pysprocket.config.spellings import spellings_of
from pysprocket.nearest import nearest

_MANY = 10
_VERY_ALIKE = 0.75
_NAMELESS = ("run", "backends", "type")
_ANY = "NAME"
_LONG = 60
_LARGEST = 2**63
_OVERSIZED = "an integer of more than 64 bits"
_DIGITS = 18  # of an integer that is surely one of 64 bits

_KINDS = {
    "path": "a path",
    "program": "the name of a program or a path",
    "size": 'a number of bytes or a text such as `"96 GB"`',
    "time span": 'a number of seconds or a text such as `"30 s"`',
    "secret": 'a string, `{ env = "NAME" }` or `{ file = "path" }`',
}
_TYPES = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "`true` or `false`",
    dict: "a table",
    list: "an array",
}
_FOUND = ((bool, "a boolean"), (int, "an integer"), (float, "a float"), (str, "a string"), (list, "an array"))
_BOUNDS = {"ge": "of at least {}", "gt": "above {}", "le": "of at most {}", "lt": "below {}"}
_LENGTHS = {"min_length": "of at least {} characters", "max_length": "of at most {} characters"}


def misfit(keys: Keys, field: Field, value: Any, *, in_quotes: bool = True) -> Problem:
    """A value that is not what its key wants; a text may stand there without quotes."""
    code = "WrongSettingValue" if _is_right_type(value, field) else "WrongSettingType"
    found = _found(value, quoted=field.kind != "secret", as_word=bool(field.words))
    if not in_quotes and field.kind != "secret" and isinstance(value, str) and len(value) > _LONG and value.isdecimal():
        found = _OVERSIZED  # more digits than Python reads
    message = f"`{dotted(keys)}` must be {_joined(_expected(field))}, not {found}"
    return Problem(keys, message, _remedy(value, field, in_quotes=in_quotes), on_value=True, code=code)


def no_table(keys: Keys, value: Any) -> Problem:
    """Something else where a table belongs; it is not shown, since it may be a secret that is in the wrong place."""
    message = f"`{dotted(keys)}` must be a table, not {_found(value, quoted=False)}"
    section = "run.backends.NAME" if keys == _NAMELESS else dotted(keys)
    remedy = None if isinstance(keys[-1], int) else f"write a section `[{section}]`"
    return Problem(keys, message, remedy, on_value=True, code="WrongSettingType")


def no_type(keys: Keys, value: Any, known: Iterable[str]) -> Problem:
    """A `type` that there is not."""
    names = list(known)
    message = f"`{dotted(keys)}` must be {_joined(_words(names))}, not {_found(value, as_word=True)}"
    remedy = _did_you_mean(near_types(value, names))
    return Problem(keys, message, remedy, on_value=True, code="WrongSettingValue")


def near_types(value: Any, known: Iterable[str]) -> list[str]:
    """The types that may be meant by one that there is not, the likeliest first."""
    if not value or not isinstance(value, str):
        return []
    names = list(known)
    return [name for name in names if name.startswith(f"{value}_")] or nearest(value, names)


def missing(keys: Keys, names: list[str], type_: str | None) -> Problem:
    """A table without keys that it must have."""
    of = f" of type `{type_}`" if type_ else ""
    message = f"`{dotted(keys)}`{of} has no {_joined(_words(names), 'and')}"
    remedy = f"set {_joined([f'`{dotted((*keys, name))}`' for name in names], 'and')}"
    return Problem(keys, message, remedy, on_value=True, code="MissingSetting")


def untyped(keys: Keys, known: Iterable[str]) -> Problem:
    """A table that does not say what it is."""
    remedy = f"set `{dotted((*keys, 'type'))}` to {_joined(_words(known))}"
    return Problem(keys, f"`{dotted(keys)}` has no `type`", remedy, on_value=True, code="MissingSetting")


def names_of(struct: type[Section]) -> list[str]:
    """The keys that a table may have, in all spellings."""
    return [*fields_of(struct), *spellings_of(struct)]


def unknown(
    keys: Keys, here: list[str], structs: Iterable[type[Section]], others: Mapping[str, type[Section]]
) -> Problem:
    """A key that its table does not have.

    Args:
        keys: the way to it.
        here: the keys that its table has.
        structs: what describes its table, or may do so.
        others: what describes its table when its `type` is another.
    """
    message = f"`{dotted(keys)}` is not a setting"
    near = nearest(str(keys[-1]), here)
    meant = (*keys[:-1], near[0]) if near else None
    below = list(dict.fromkeys(path for struct in structs for path in _paths(struct, keys[:-1])))
    return Problem(keys, message, _meant(keys, here, below, others), code="UnknownSetting", meant=meant)


def _meant(keys: Keys, here: list[str], below: list[Keys], others: Mapping[str, type[Section]]) -> str | None:
    """The key that was meant: in this table, in one below it, in that of another type of backend, anywhere."""
    name, table = str(keys[-1]), keys[:-1]
    first, dot, _ = name.partition(".")
    if dot and nearest(first, here, alike=_VERY_ALIKE):
        return f"write `{dotted((*table, *name.split('.')))}`, without quotes: in quotes, a dot is part of a name"
    if same := [path for path in below if name in (path[-1], _as_one(path, table)) and _ANY not in path]:
        return _one_of(same)
    close = nearest(name, here, alike=_VERY_ALIKE)
    if close and not _is_part(name, close[0]):
        return _did_you_mean([dotted((*table, close[0]))])
    if parts := [path for path in below if path[:-1] == table and _is_part(name, str(path[-1]))]:
        return _one_of(parts[:1])
    if close:
        return _did_you_mean([dotted((*table, close[0]))])
    if types := [type_ for type_, struct in others.items() if name in names_of(struct)]:
        return f"`{name}` is a key of type {_joined(_words(types))}"
    return _meant_elsewhere(name, table, below) or _meant_at_all(name, table, here)


def _meant_elsewhere(name: str, table: Keys, below: list[Keys]) -> str | None:
    """A key of that name in another table, or one below that has its first or its last words."""
    ending = name.partition("_")[2]
    alike = [path for path in below if ending and _ends(ending, path, table)]
    same = [path for path in _paths() if path[-1] == name]
    return _one_of(_sections_first(alike) + _sections_first(same)) or _one_of(
        [path for path in below if _is_part(name, _as_one(path, table))][:1]
    )


def _meant_at_all(name: str, table: Keys, here: list[str]) -> str | None:
    if close := nearest(name, here):
        return _did_you_mean([dotted((*table, close[0]))])
    names = {str(path[-1]): path for path in reversed(list(_paths())) if str(path[-1])[:1] == name[:1]}
    if close := nearest(name, names, alike=_VERY_ALIKE):
        return _did_you_mean([dotted(names[close[0]])])
    if len(here) > _MANY:
        return "`sprocket config default` shows all settings"
    return f"its table has {_joined(_words(sorted(here)), 'and')}" if here else None


def _one_of(paths: Iterable[Keys]) -> str | None:
    """Those that may be meant: any but three would be too many."""
    return _did_you_mean([dotted(path) for path in dict.fromkeys(paths)][:3])


def _as_one(path: Keys, table: Keys) -> str:
    """The keys below a table as one name: `scatter_concurrency` for `scatter.concurrency`."""
    return "_".join(map(str, path[len(table) :]))


def _is_part(words: str, name: str) -> bool:
    """Whether a name begins or ends with these words, and has more."""
    return name.startswith(f"{words}_") or name.endswith(f"_{words}")


def _ends(words: str, path: Keys, table: Keys) -> bool:
    """Whether a key is called so, or several words are the last of the way to it."""
    return path[-1] == words or ("_" in words and f"_{_as_one(path, table)}".endswith(f"_{words}"))


def _sections_first(paths: list[Keys]) -> list[Keys]:
    """Without those of backends where there are others."""
    return [path for path in paths if _ANY not in path] or paths


def _paths(struct: type[Section] = Sections, keys: Keys = (), around: tuple[type[Section], ...] = ()) -> Iterator[Keys]:
    """All keys below a table; those of backends come last. What is in itself is not gone through again."""
    around = (*around, struct)
    backends: list[Keys] = []
    for name, field in fields_of(struct).items():
        yield (*keys, name)
        for section in field.sections if field.item is None else ():
            if section not in around:
                yield from _paths(section, (*keys, name), around)
        if struct is Run and name == "backends":
            backends = [path for each in SETTINGS.values() for path in _paths(each, (*keys, name, _ANY))]
    yield from backends


def _expected(field: Field) -> list[str]:
    """What a key wants, as phrases that are alternatives."""
    phrases = [_KINDS[field.kind]] if field.kind else []
    for member in members(field.type):
        phrase = None if field.kind else _phrase(member)
        phrases += [phrase] if phrase and phrase not in phrases else []
    return [*phrases, *_words(field.words)]


def _phrase(member: Any) -> str | None:
    plain = bare(member)
    if get_origin(plain) is list:
        _, _, one = (_phrase(get_args(plain)[0]) or "a value").partition(" ")
        return f"an array of {one}s"
    if plain not in _TYPES:
        return (
            "a table" if get_origin(plain) is dict or (isinstance(plain, type) and issubclass(plain, Section)) else None
        )
    return " ".join([_TYPES[plain], _joined(list(_limits(member, plain)), "and")]).strip()


def _limits(member: Any, plain: Any) -> Iterator[str]:
    for meta in getattr(member, "__metadata__", ()):
        for name, phrase in (_LENGTHS if plain is str else _BOUNDS).items():
            if (limit := getattr(meta, name, None)) is not None:
                yield phrase.format(limit)


def _is_right_type(value: Any, field: Field) -> bool:
    plain = [bare(member) for member in members(field.type)]
    return type(value) in plain or (isinstance(value, str) and bool(field.words))


def _found(value: Any, *, quoted: bool = True, as_word: bool = False) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, date | time):
        return "a date or time"
    name = next(name for kind, name in _FOUND if isinstance(value, kind))
    if isinstance(value, int) and abs(value) > _LARGEST:
        return _OVERSIZED  # Python does not print all of them
    if not quoted or isinstance(value, list):
        return name
    text = value if isinstance(value, str) and value.isprintable() else toml.value(value)
    if len(text) > _LONG:
        return name
    return f"`{text}`" if as_word or not isinstance(value, str) else f"the string `{text}`"


def _remedy(value: Any, field: Field, *, in_quotes: bool) -> str | None:
    plain = [bare(member) for member in members(field.type)]
    if isinstance(value, str):
        if near := nearest(value, field.words):
            return _did_you_mean(near)
        if field.item is not None and field.item.type is str:
            begun = value.lstrip().startswith("[")
            return 'write its texts in quotes, as `["a", "b"]`' if begun else "write it in brackets, as `[…]`"
        right = _without_quotes(value.strip(), plain)
        if right is not None:
            what = "it" if right == value else f"`{right}`"
            return f"write {what} without quotes" if in_quotes else f"write `{right}`"
    elif str in plain and field.kind is None and not isinstance(value, list | dict):
        return "write it in quotes"
    return None


def _without_quotes(text: str, plain: list[Any]) -> str | None:
    """A text as the number or the Boolean that is meant by it; TOML has no `03` and no `True`."""
    if bool in plain and text.lower() in ("true", "false"):
        return text.lower()
    if (int in plain or float in plain) and re.fullmatch(r"(?a)\d+", text) and len(text) <= _DIGITS:
        return text.lstrip("0") or "0"
    if float in plain and re.fullmatch(r"(?a)\d*\.\d+", text):
        return repr(float(text))
    return None


def _did_you_mean(names: list[str]) -> str | None:
    return f"did you mean {_joined(_words(names))}?" if names else None


def _words(names: Iterable[str]) -> list[str]:
    return [f"`{name}`" for name in names]


def _joined(phrases: list[str], word: str = "or") -> str:
    return f" {word} ".join([", ".join(phrases[:-1]), phrases[-1]]) if len(phrases) > 1 else "".join(phrases)
