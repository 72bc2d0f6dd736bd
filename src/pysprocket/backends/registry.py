"""Which backends there are, and making one.

In: the `type` and the settings of a backend as the configuration has them. Out: a `Backend`, its module imported only
now. Other packages are looked for only where a type does not come with sprocket (`config.plugins`). Whatever a backend
does wrong, this program goes on: each is guarded (module `guarded`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from pysprocket.backends.guarded import METHODS, GuardedBackend, described, discreet
from pysprocket.backends.job import Backend, Notify
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.backends import NOT_YET
from pysprocket.config.plugins import backend_class, backend_types, package_of
from pysprocket.config.section import BackendSettings
from pysprocket.errors import ConfigError, SprocketError
from pysprocket.nearest import nearest
from pysprocket.source.revealed import conceal, concealed

_BACKENDS = {
    "local": ("pysprocket.backends.local.backend", "LocalBackend"),
    "docker": ("pysprocket.backends.docker.backend", "DockerBackend"),
}
_ATTRIBUTES = ("name", "guest_root", "detaches")


def create(
    type_: str,
    settings: BackendSettings,
    notify: Notify | None = None,
    detail: Callable[[str], None] | None = None,
) -> Backend:
    """The backend of a type.

    Args:
        type_: of the backend.
        settings: of that type.
        notify: is told of jobs.
        detail: is told tracebacks of mistakes in the program of the backend; without it the errors carry them.

    Raises:
        ConfigError: there is no such type, its settings cannot be, or the package that has it is broken.
    """
    notify = discreet(notify)
    found = class_of(type_)
    if found is None:
        raise _absent(type_)
    if type_ in _BACKENDS:
        backend = _made(type_, found, settings, notify)
        subject = f"this is a bug in sprocket: the backend `{type_}`"
        return GuardedBackend(backend, subject, "please report it with what `-vv` shows in addition", notify, detail)
    subject = _subject(type_)
    return GuardedBackend(_foreign(type_, subject, found, settings, notify), subject, _REMEDY, notify, detail)


def class_of(type_: str) -> type[Any] | None:
    """The class of a type of backend; None when there is none, or none yet.

    Raises:
        ConfigError: the package that has it is broken, or it is not whole.
    """
    if type_ not in _BACKENDS:
        found = None if type_ in SETTINGS else backend_class(type_)
        if found is not None and not hasattr(found, "__getattr__"):  # which may have anything
            _check(_subject(type_), found, METHODS)
        return found
    module, name = _BACKENDS[type_]
    own: type[Any] = getattr(importlib.import_module(module), name)
    return own


def has_implementation(type_: str) -> bool:
    """Whether a type of backend can be used, not only configured; other packages have only what can."""
    return type_ not in NOT_YET


def _subject(type_: str) -> str:
    return f"the backend `{type_}` of the package `{package_of(type_)}`"


def _check(subject: str, backend: object, names: Sequence[str]) -> None:
    """See whether a backend, or the class of one, has what it must have."""
    unwritten = getattr(backend, "__abstractmethods__", ())
    lacking = [name for name in names if not hasattr(backend, name) or name in unwritten]
    if lacking:
        words = ", ".join(f"`{name}`" for name in lacking)
        raise ConfigError(f"{subject} cannot be used: it has no {words}", help=_REMEDY)


_REMEDY = "it is a mistake in that package: report it to its authors with what `-vv` shows in addition"


def _absent(type_: str) -> ConfigError:
    if type_ in SETTINGS:
        ways_out = " or ".join(f"`--backend {name}`" for name in _BACKENDS)
        return ConfigError(f"there is no backend of type `{type_}` yet", help=f"run with {ways_out}")
    near = nearest(type_, backend_types())
    known = near or list(filter(has_implementation, backend_types()))
    ways_out = " or ".join(f"`--backend {name}`" for name in known)
    return ConfigError(f"there is no backend of type `{type_}`", help=f"run with {ways_out}, or install its package")


def _made(type_: str, backend: Any, settings: BackendSettings, notify: Notify | None) -> Any:
    try:
        return backend(settings, notify=notify)
    except ValueError as error:
        conceal(error)
        refusal = ConfigError(f"settings of the backend `{type_}` do not fit: {concealed(str(error))}")
        refusal.shows_cause = True
        raise refusal from error


def _foreign(
    type_: str,
    subject: str,
    backend: type[Any],
    settings: BackendSettings,
    notify: Notify | None,
) -> Any:
    """A backend that another package has.

    Raises:
        ConfigError: it cannot be used.
    """
    try:
        made = _made(type_, backend, settings, notify)
        _check(subject, made, (*METHODS, *_ATTRIBUTES))
    except SprocketError as error:
        conceal(error)
        raise
    except (Exception, SystemExit) as error:  # the code is not ours
        refusal = ConfigError(f"{subject} cannot be used: {described(error)}", help=_REMEDY)
        refusal.shows_cause = True
        raise refusal from error
    return made
