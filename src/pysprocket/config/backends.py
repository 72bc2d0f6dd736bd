"""Which backend a run uses.

In: the settings and the name given on the command line. Out: `ChosenBackend`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.section import BackendSettings, required
from pysprocket.config.settings import Config
from pysprocket.errors import ConfigError
from pysprocket.nearest import nearest

if TYPE_CHECKING:
    from pysprocket.config.loading import Loaded
    from pysprocket.source.diagnostic import Label

DEFAULT = "default"
NOT_YET = frozenset({"slurm_apptainer", "lsf_apptainer", "tes"})
"""Types of backends that can be configured, but not be used yet: nobody is advised to."""
_MOST = 5


class ChosenBackend(NamedTuple):
    """The name of the entry, the type of backend, and its settings."""

    name: str
    type: str
    settings: BackendSettings


def choose_backend(config: Config, name: str | None = None, loaded: Loaded | None = None) -> ChosenBackend:
    """The backend called `name` or, with None, the one that the configuration chooses.

    A name is that of an entry of `run.backends` or, where no entry has it, a type that needs no settings. Without a
    name the only entry is taken when it is called `default`, and Docker when there are no entries.

    Args:
        config: the settings.
        name: as the command line has it.
        loaded: the settings again, with what they came from, so that a mistake is shown where it is.

    Raises:
        ConfigError: there is no such backend, or the configuration does not say which of several.
    """
    entries = config.run.backends
    wanted = name or config.run.backend
    if wanted is None:
        wanted = DEFAULT if entries else "docker"
        if entries and list(entries) != [DEFAULT]:
            raise _undecided(list(entries), loaded)
    if wanted in entries:
        return ChosenBackend(wanted, *entries[wanted])
    kind = "docker" if wanted == DEFAULT and not entries else wanted
    struct = SETTINGS[kind] if kind in SETTINGS else _plugged(kind)
    if struct is not None and not required(struct):
        return ChosenBackend(wanted, kind, _defaults(struct, kind))
    raise _unknown(wanted, list(entries), None if name else loaded)


def _plugged(kind: str) -> type[BackendSettings] | None:
    from pysprocket.config.plugins import settings_of  # noqa: PLC0415 - few have one

    return settings_of(kind)


def _defaults(struct: type[BackendSettings], kind: str) -> BackendSettings:
    try:
        return struct()
    except Exception as error:  # whatever it is: the code of `__post_init__` may not be ours
        from pysprocket.config.plugins import said  # noqa: PLC0415 - only for mistakes

        message = f"a backend of type `{kind}` cannot be without settings: {said(error)}"
        raise ConfigError(message, help=f'make an entry `[run.backends.NAME]` with `type = "{kind}"`') from error


def _undecided(entries: list[str], loaded: Loaded | None) -> ConfigError:
    import shlex  # noqa: PLC0415 - only for mistakes

    from pysprocket.config import toml  # noqa: PLC0415

    first = toml.value(entries[0])
    message = f"the configuration does not say which backend to use; there {_are(entries)}"
    remedy = f"set `run.backend = {first}` or give `--backend {shlex.quote(entries[0])}`"
    labels = () if loaded is None else loaded.labels(*(("run", "backends", name) for name in entries[:_MOST]))
    return _refused(message, remedy, labels)


def _unknown(wanted: str, entries: list[str], loaded: Loaded | None) -> ConfigError:
    labels = () if loaded is None else loaded.labels(("run", "backend"))
    return _refused(f"there is no backend named `{wanted}`", _suggestion(wanted, entries), labels)


def _refused(message: str, remedy: str, labels: Sequence[Label]) -> ConfigError:
    if not labels:
        return ConfigError(message, help=remedy)
    from pysprocket.config.telling import refusal  # noqa: PLC0415 - only for mistakes
    from pysprocket.source.diagnostic import error  # noqa: PLC0415

    return refusal([error("UnknownBackend", message, *labels, help=remedy)])


def _are(entries: list[str]) -> str:
    names = ", ".join(f"`{name}`" for name in entries)
    return f"are {names}" if len(entries) > 1 else f"is {names}"


def _needs_nothing(type_: str) -> bool:
    """Whether a type can be named instead of an entry; not one whose package is broken."""
    from pysprocket.config.plugins import settings_of  # noqa: PLC0415 - only for mistakes

    with suppress(ConfigError):
        struct = settings_of(type_)
        return struct is not None and not required(struct)
    return False


def _usable(types: Iterable[str]) -> Iterator[str]:
    return (type_ for type_ in types if type_ not in NOT_YET)


def _suggestion(wanted: str, entries: list[str]) -> str:
    from pysprocket.config.plugins import backend_types  # noqa: PLC0415 - only for mistakes

    names = list(dict.fromkeys([*entries, *filter(_needs_nothing, _usable(backend_types()))]))
    near = nearest(wanted, names)
    return f"did you mean `{near[0]}`?" if near else "choose one of " + ", ".join(f"`{name}`" for name in names)
