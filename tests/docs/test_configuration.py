"""docs/reference/configuration.md names every setting, with the default it has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.section import Section
from pysprocket.config.settings import SECTIONS_UNREAD, Budget, Sections

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "configuration.md"
TEXT = DOCUMENT.read_text()
ROW = re.compile(r"^\| `([a-z0-9_.]+)` \| (?:`([^`]+)`|(none|all)) \|", re.MULTILINE)
BUDGET = re.compile(r"\| `([a-z0-9_.]+)`" + r" \| `([^`]+)`" * len(Budget.__struct_fields__) + r" \|")
"""A row of the table of budgets: one column for each of their keys."""


def section_of(kind: Any) -> type[Section] | None:
    candidates = [kind, *get_args(kind)]
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, Section)), None)


def settings(struct: type[Section], whole: Section | None = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every key below a struct with its default as TOML writes it, "none" where there is none.

    The defaults are those of `whole`, which an outer struct gives, else those of the struct.
    """
    for field in msgspec.structs.fields(struct):
        default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
        default = default if whole is None else getattr(whole, field.name)
        section = section_of(field.type)
        if section is not None:
            yield from settings(section, default if isinstance(default, Section) else None, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", "none" if default in (None, msgspec.NODEFAULT) else json.dumps(default)


def documented(text: str) -> dict[str, str]:
    rows = {key: default or word for key, default, word in ROW.findall(text)}
    for table, *defaults in BUDGET.findall(text):
        del rows[table]
        rows |= {f"{table}.{key}": default for key, default in zip(Budget.__struct_fields__, defaults, strict=True)}
    return rows


def test_every_setting_is_documented_with_its_default():
    before, after = TEXT.split("## Backends", 1)
    general = documented(before) | documented(after.split("## Accepted without effect", 1)[1])
    assert general == dict(settings(Sections))


@pytest.mark.parametrize("name", ["docker", "local"])
def test_every_setting_of_a_backend_is_documented_with_its_default(name: str):
    struct = SETTINGS[name]
    section = re.split(r"\n##", TEXT.split(f'### type = "{name}"', 1)[1], maxsplit=1)[0]
    unset = dict.fromkeys(("cpu", "memory"), "all")
    assert documented(section) == {
        key: unset.get(key, default) if default == "none" else default for key, default in settings(struct)
    }


def test_every_type_of_backend_and_every_section_not_read_is_named():
    for name in (*SETTINGS, *SECTIONS_UNREAD):
        assert f"`{name}`" in TEXT or f'"{name}"' in TEXT, name
