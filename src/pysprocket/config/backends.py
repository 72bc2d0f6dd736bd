"""Which backend a run uses.

In: `Config` and the name given on the command line. Out: `ChosenBackend`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.section import BackendSettings
from pysprocket.config.settings import Config
from pysprocket.errors import ConfigError
from pysprocket.nearest import nearest

DEFAULT = "default"


class ChosenBackend(NamedTuple):
    """The name of the entry, the type of backend, and its settings."""

    name: str
    type: str
    settings: BackendSettings


def choose_backend(config: Config, name: str | None = None) -> ChosenBackend:
    """The backend called `name` or, with None, the one that the configuration chooses.

    A name is that of an entry of `run.backends` or, where no entry has it, a type that needs no settings. Without a
    name the only entry is taken when it is called `default`, and Docker when there are no entries.

    Raises:
        ConfigError: there is no such backend, or the configuration does not say which of several.
    """
    entries = config.run.backends
    wanted = name or config.run.backend
    if wanted is None:
        wanted = DEFAULT if entries else "docker"
        if entries and list(entries) != [DEFAULT]:
            raise ConfigError(
                f"the configuration does not say which backend to use; there {_are(entries)}",
                help=f'set `run.backend = "{next(iter(entries))}"` or give `--backend {next(iter(entries))}`',
            )
    if wanted in entries:
        return ChosenBackend(wanted, *entries[wanted])
    kind = "docker" if wanted == DEFAULT and not entries else wanted
    if kind in SETTINGS and needs_nothing(SETTINGS[kind]):
        return ChosenBackend(wanted, kind, SETTINGS[kind]())
    raise ConfigError(f"there is no backend named `{wanted}`", help=_suggestion(wanted, entries))


def needs_nothing(struct: type[BackendSettings]) -> bool:
    """Whether a backend can be used without any setting."""
    return not any(field.required for field in msgspec.structs.fields(struct))


def _are(entries: Mapping[str, object]) -> str:
    names = ", ".join(f"`{name}`" for name in entries)
    return f"are {names}" if len(entries) > 1 else f"is {names}"


def _suggestion(wanted: str, entries: Mapping[str, object]) -> str:
    names = [*entries, *(kind for kind, struct in SETTINGS.items() if needs_nothing(struct))]
    near = nearest(wanted, names)
    return f"did you mean `{near[0]}`?" if near else "choose one of " + ", ".join(f"`{name}`" for name in names)
