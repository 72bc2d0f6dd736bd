"""The file of defaults that `sprocket config default` prints.

In: the structs of settings and of backends. Out: a commented `sprocket.toml`, which says what holds without it: each
key with its default, those that have none commented out with an example, and an example of each type of backend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pysprocket.config import describe, toml
from pysprocket.config.section import BackendSettings
from pysprocket.source.wrapping import WIDTH, wrapped

_HEAD = """\
# The settings of sprocket, as they are when no file sets them. A file needs
# only those that it changes: each that it sets wins over files that are read
# before it, such as one for everybody.
#
# A line that begins with `#` and no blank is a setting that is not set; what
# stands there is an example, or what holds. Remove the `#` to use it, in a
# table that is commented out also before the name of the table and the keys it
# requires.
"""
_BACKENDS = """\

# ------------------------------------------------------------------------------
# Backends: one table for each, with a name of your own. Several may have the
# same type; `run.backend` says which one is used.
# ------------------------------------------------------------------------------
"""


def default_file(backends: Mapping[str, type[BackendSettings]]) -> str:
    """The text of the file, with an example for each of the types of backends."""
    lines = [line for setting in describe.sections().settings for line in _section(setting)]
    examples = [
        line for type_, struct in backends.items() for line in _table(describe.backend(type_, struct), commented=True)
    ]
    return _HEAD + "\n".join(lines) + "\n" + _BACKENDS + "\n".join(examples) + "\n"


def _section(setting: describe.Setting, *, commented: bool = False) -> Iterator[str]:
    """A key that is a table of known keys: what it is, or each of those it may be."""
    for table in setting.tables:
        said = setting.description if len(setting.tables) == 1 else table.description
        yield from _table(table, said, commented=commented or not table.present)


def _table(table: describe.Table, said: str | None = None, *, commented: bool) -> Iterator[str]:
    values = [setting for setting in table.settings if not (setting.is_table or setting.open)]
    if values or table.type:
        yield from _header(table.path, table.description if said is None else said, commented=commented)
    if table.type:
        yield _line(f"type = {toml.value(table.type)}", commented=commented)
    for number, setting in enumerate(values):
        if number or table.type:
            yield "#" if commented else ""
        yield from _value(setting, commented=commented)
    for setting in table.settings:
        if setting.open:
            yield from _header(setting.path, _described(setting), commented=commented)
        yield from _section(setting, commented=commented) if setting.is_table else ()


def _header(path: tuple[str, ...], said: str, *, commented: bool) -> Iterator[str]:
    yield ""
    yield from _comment(said)
    yield _line(f"[{toml.dotted(path)}]", commented=commented)


def _value(setting: describe.Setting, *, commented: bool) -> Iterator[str]:
    """A key with its default, commented out with an example where it has none or says nothing."""
    yield from _comment(_described(setting))
    shown = setting.example if setting.default is None or (commented and not setting.default) else setting.default
    line = f"{toml.key(setting.path[-1])} = {toml.value(shown)}"
    yield _line(line, commented=commented or setting.default is None)


def _described(setting: describe.Setting) -> str:
    words = [setting.description]
    if setting.required:
        words.append("Required.")
    if not setting.effective:
        words.append("Accepted without effect.")
    return " ".join(filter(None, [*words, setting.remark]))


def _comment(text: str) -> Iterator[str]:
    for line in wrapped(text, WIDTH - 2) if text else ():
        yield f"# {line}"


def _line(text: str, *, commented: bool) -> str:
    return f"#{text}" if commented else text
