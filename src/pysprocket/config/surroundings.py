"""What settings name and this computer does not give: secrets, and directories that can be written.

In: `Config`. Out: a `Problem` for each, which a run would meet only when it needs the thing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from pysprocket.config.caches import cache_directory
from pysprocket.config.fields import fields_of
from pysprocket.config.problems import Keys, Problem, dotted
from pysprocket.config.secrets import Secret
from pysprocket.config.section import Section
from pysprocket.config.settings import BackendEntry, Config
from pysprocket.errors import ConfigError


class Setting(NamedTuple):
    """A setting as it holds: the way to it, of which kind it is, and what it is."""

    keys: Keys
    kind: str | None
    value: object


def missing(config: Config) -> Iterator[Problem]:
    """What cannot be had, in the order of the settings."""
    for setting in settings_in(config.run, ("run",)):
        if isinstance(setting.value, Secret):
            yield from _secret(setting.keys, setting.value)
        elif setting.kind == "path" and isinstance(setting.value, str) and str(setting.keys[-1]).endswith("_dir"):
            yield from _directory(setting.keys, setting.value)


def settings_in(section: msgspec.Struct, keys: Keys) -> Iterator[Setting]:
    """All settings of a section and of those in it."""
    for name, field in fields_of(type(section)).items() if isinstance(section, Section) else ():
        value = getattr(section, name)
        if isinstance(value, Section):
            yield from settings_in(value, (*keys, name))
        elif isinstance(value, dict):
            for entry, inner in value.items():
                if isinstance(inner, BackendEntry):
                    yield from settings_in(inner.settings, (*keys, name, entry))
        else:
            yield Setting((*keys, name), field.kind, value)


def _secret(keys: Keys, secret: Secret) -> Iterator[Problem]:
    try:
        secret.reveal()
    except ConfigError as error:
        yield Problem(keys, f"`{dotted(keys)}`: {error}", error.help, on_value=True, code="UnavailableSecret")


def _directory(keys: Keys, text: str) -> Iterator[Problem]:
    try:
        directory = cache_directory("", text)
    except ConfigError as error:
        yield Problem(keys, f"`{dotted(keys)}`: {error}", error.help, on_value=True, code="UnusableDirectory")
        return
    existing = next(path for path in (directory, *directory.absolute().parents) if os.path.lexists(path))
    if not existing.is_dir():
        why = f"`{existing}` is no directory"
    elif not os.access(existing, os.W_OK | os.X_OK):
        why = f"you may not write to `{existing}`"
    else:
        return
    yield Problem(
        keys,
        f"`{dotted(keys)}`: there can be no files in `{directory}`, since {why}",
        f"change the permissions, or set `{dotted(keys)}` to another directory",
        on_value=True,
        code="UnusableDirectory",
    )
