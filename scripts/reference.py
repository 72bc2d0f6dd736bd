"""Writes the parts of docs/reference/ that say what the program itself knows.

In: the explanations of all diagnostic codes; the settings, and the prose around them in `configuration.md` beside this
file. Out: docs/reference/diagnostics.md and docs/reference/configuration.md. A test says when one is out of date.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from pysprocket.backends.protocols import KNOWN, PROTOCOLS
from pysprocket.backends.registry import has_implementation
from pysprocket.config import describe, toml
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.settings import SECTIONS_UNREAD
from pysprocket.config.spellings import OBSOLETE, SPELLINGS
from pysprocket.source.codes import CODES

_REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
DIAGNOSTICS = _REFERENCE / "diagnostics.md"
CONFIGURATION = _REFERENCE / "configuration.md"

_HEAD = """\
# Diagnostics

What is wrong with a document is shown with a stable code, as in `error[UnknownName]`. `sprocket explain CODE` shows the
same text as this page. Errors stop a run; warnings do not.

This page is made by `make reference`.
"""
_SECTIONS = describe.sections()


def diagnostics() -> str:
    """The text of docs/reference/diagnostics.md."""
    return _HEAD + "".join(f"\n## {code}\n\n{explanation}\n" for code, explanation in CODES.items())


def configuration() -> str:
    """The text of docs/reference/configuration.md: `{{name words}}` stands for what a function here makes."""
    prose = Path(__file__).with_name("configuration.md").read_text()

    def made(match: re.Match[str]) -> str:
        name, *words = match[1].split()
        return _MAKERS[name](*words)

    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\{\{(.+?)\}\}", made, prose))


def _settings(table: str, *words: str) -> str:
    """The keys below a table that something reads; after `without`, tables that are left out."""
    left_out = words[1:]
    found = [
        setting
        for setting in describe.settings(_SECTIONS)
        if _is_below(setting, table) and not any(_is_below(setting, each) for each in left_out)
    ]
    return _rows([setting for setting in found if setting.effective], 0)


def _section(table: str, *title: str) -> str:
    """The keys below a table under a title of their own, if anything reads them."""
    found = [setting for setting in describe.settings(_SECTIONS) if _is_below(setting, table) and setting.effective]
    return f"### {' '.join(title)}\n\n{_rows(found, 0)}" if found else ""


def _values(table: str) -> str:
    """The keys of a table itself."""
    return _rows([setting for setting in _table(table).settings if not setting.is_table], 0)


def _tables(table: str) -> str:
    """The tables of a table that all have the same keys: a column for each key."""
    inner = [setting for setting in _table(table).settings if setting.is_table]
    names = [setting.path[-1] for setting in inner[0].tables[0].settings]
    lines = [f"| table | {' | '.join(f'`{name}`' for name in names)} | meaning |", "|---" * (len(names) + 2) + "|"]
    for setting in inner:
        defaults = " | ".join(f"`{toml.value(each.default)}`" for each in setting.tables[0].settings)
        lines.append(f"| `{'.'.join(setting.path)}` | {defaults} | {setting.description} |")
    return "\n".join(lines)


def _columns(table: str) -> str:
    """What the keys mean that all tables of a table have."""
    (first, *_) = [setting.tables[0] for setting in _table(table).settings if setting.is_table]
    return "\n".join(f"- `{setting.path[-1]}`: {_meaning(setting)}" for setting in first.settings)


def _backend(type_: str) -> str:
    described = describe.backend(type_, SETTINGS[type_])
    lines = [described.description, "", _rows(list(_values_of(described)), 3)]
    for setting in described.settings:
        for table in setting.tables if len(setting.tables) > 1 else ():
            begin = f'`{setting.path[-1]}` with `type = "{table.type}"`. {table.description}'
            lines += ["", begin, "", _rows(list(table.settings), 3)]
        for table in setting.tables if setting.many else ():
            begin = f"Each table of `{'.'.join(setting.path[3:])}`:"
            lines += ["", begin, "", _rows(list(table.settings), 4)]
        for inner in (one for table in setting.tables for one in table.settings if one.many):
            begin = f"Each table of `{'.'.join(inner.path[3:])}`:"
            lines += ["", begin, "", _rows(list(inner.tables[0].settings), 5)]
    return "\n".join(lines)


def _values_of(table: describe.Table) -> Iterator[describe.Setting]:
    """The keys of a table and of tables in it; of tables that it has alternatives for, only that they are there."""
    for setting in table.settings:
        if setting.is_table and len(setting.tables) == 1:
            yield from _values_of(setting.tables[0])
        else:
            yield setting


def _rows(settings: list[describe.Setting], outer: int) -> str:
    """A table of keys; `outer` of the names in front of each are left out."""
    rows = [f"| `{'.'.join(one.path[outer:])}` | {_default(one)} | {_meaning(one)} |" for one in settings]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *rows])


def _default(setting: describe.Setting) -> str:
    if setting.default is None:
        return "required" if setting.required else "none"
    return f"`{toml.value(setting.default)}`"


def _meaning(setting: describe.Setting) -> str:
    """The description; words in quotes are shown as code, if they are not yet."""
    text = f"{setting.description} {setting.remark}".strip().replace("|", r"\|")
    return re.sub(r'(`[^`]*`)|("[^"]+")', lambda match: match[1] or f"`{match[2]}`", text)


def _protocols() -> str:
    """Which backends run which images."""
    lines = ["| type | " + " | ".join(f"`{each}://`" for each in KNOWN) + " |", "|---" * (len(KNOWN) + 1) + "|"]
    for type_ in SETTINGS:
        runs = PROTOCOLS[type_]
        cells = ["yes" if each in runs else "no" if runs else "ignored" for each in KNOWN]
        lines.append(f"| `{type_}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _known(_: str) -> str:
    return "\n".join(f"- `{protocol}://`: {meaning}" for protocol, meaning in KNOWN.items())


def _spellings() -> str:
    lines = ["| in | written | means |", "|---|---|---|"]
    places = {table.struct: ".".join(table.path) for table in _all_tables(_SECTIONS)}
    for struct, key, path in ((struct, *other) for struct, others in SPELLINGS.items() for other in others.items()):
        types = [type_ for type_, each in SETTINGS.items() if issubclass(each, struct)]
        place = " and ".join(f'`type = "{type_}"`' for type_ in types) or f"`{places[struct]}`"
        lines.append(f"| {place} | `{key}` | `{'.'.join(path)}` |")
    return "\n".join(lines)


def _obsolete() -> str:
    places = {table.struct: ".".join(table.path) for table in _all_tables(_SECTIONS)}
    keys = [f"`{places[struct]}.{key}`" for struct, keys in OBSOLETE.items() for key in keys]
    return _paragraph(f"These keys of earlier releases are accepted and say nothing any more: {_listed(keys)}.")


def _ineffective() -> str:
    found = [setting for setting in describe.settings(_SECTIONS) if not setting.effective]
    return _rows(found, 0)


def _unavailable() -> str:
    types = [f"`{type_}`" for type_ in SETTINGS if not has_implementation(type_)]
    return _paragraph(f"Backends of the types {_listed(types)} may be described, but not used yet.") if types else ""


def _unread() -> str:
    sections = [f"`{name}`" for name in sorted(SECTIONS_UNREAD)]
    return _paragraph(f"The sections {_listed(sections)} belong to other commands of Sprocket and are not looked at.")


def _paragraph(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _table(path: str) -> describe.Table:
    return next(table for table in _all_tables(_SECTIONS) if ".".join(table.path) == path)


def _all_tables(table: describe.Table) -> Iterator[describe.Table]:
    yield table
    for setting in table.settings:
        for inner in setting.tables:
            yield from _all_tables(inner)


def _is_below(setting: describe.Setting, table: str) -> bool:
    return ".".join(setting.path).startswith(f"{table}.")


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


_MAKERS: dict[str, Callable[..., str]] = {
    "settings": _settings,
    "section": _section,
    "values": _values,
    "tables": _tables,
    "columns": _columns,
    "backend": _backend,
    "protocols": _protocols,
    "known": _known,
    "spellings": _spellings,
    "obsolete": _obsolete,
    "ineffective": _ineffective,
    "unavailable": _unavailable,
    "unread": _unread,
}


if __name__ == "__main__":
    DIAGNOSTICS.write_text(diagnostics())
    CONFIGURATION.write_text(configuration())
