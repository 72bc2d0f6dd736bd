"""Which backend a run uses, and the tables that describe backends.

In: `Config` and the name given on the command line. Out: `ChosenBackend`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pysprocket.config.settings import Config, Docker, Local, Section
from pysprocket.errors import ConfigError
from pysprocket.nearest import nearest

SETTINGS: dict[str, type[Section] | None] = {
    "docker": Docker,
    "local": Local,
    "slurm_apptainer": None,
    "lsf_apptainer": None,
    "tes": None,
}
"""The types of backends with the struct of their settings; None where the backend itself checks them."""

WITHOUT_SETTINGS = ("docker", "local")
DEFAULT = "default"


class ChosenBackend(NamedTuple):
    """The name of the entry, the type of backend, and the keys of its table that are for the backend itself.

    `scatter_concurrency` is how many items of one scatter it wants under way together, None when it does not say.
    """

    name: str
    type: str
    settings: Mapping[str, Any]
    scatter_concurrency: int | None = None


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
        table = dict(entries[wanted])
        concurrency = table.pop("max_scatter_concurrency", None)
        return ChosenBackend(wanted, table.pop("type"), table, concurrency)
    if wanted in WITHOUT_SETTINGS or (wanted == DEFAULT and not entries):
        return ChosenBackend(wanted, "docker" if wanted == DEFAULT else wanted, {})
    raise ConfigError(f"there is no backend named `{wanted}`", help=_suggestion(wanted, entries))


def _are(entries: Mapping[str, object]) -> str:
    names = ", ".join(f"`{name}`" for name in entries)
    return f"are {names}" if len(entries) > 1 else f"is {names}"


def _suggestion(wanted: str, entries: Mapping[str, object]) -> str:
    names = [*entries, *WITHOUT_SETTINGS]
    near = nearest(wanted, names)
    return f"did you mean `{near[0]}`?" if near else "choose one of " + ", ".join(f"`{name}`" for name in names)
