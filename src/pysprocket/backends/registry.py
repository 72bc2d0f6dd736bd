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
    type: str,  # noqa: A002 - the field's name
    settings: BackendSettings,
    notify: Notify | None = None,
    detail: Callable[[str], None] | None = None,
) -> Backend:
    """The backend of a type.

    Args:
        type: of the backend.
        settings: of that type.
        notify: is told of jobs.
        detail: is told tracebacks of mistakes in the program of the backend; without it the errors carry them.

    Raises:
        ConfigError: there is no such type, its settings cannot be, or the package that has it is broken.
    """
    notify = discreet(notify)
    found = class_of(type)
    if found is None:
        raise _absent(type)
    if type in _BACKENDS:
        backend = _made(type, found, settings, notify)
        subject = f"this is a bug in sprocket: the backend `{type}`"
        return GuardedBackend(backend, subject, "please report it with what `-vv` shows in addition", notify, detail)
    subject = _subject(type)
    return GuardedBackend(_foreign(type, subject, found, settings, notify), subject, _REMEDY, notify, detail)


def class_of(type: str) -> type[Any] | None:  # noqa: A002 - the field's name
    """The class of a type of backend; None when there is none, or none yet.

    Raises:
        ConfigError: the package that has it is broken, or it is not whole.
    """
    if type not in _BACKENDS:
        found = None if type in SETTINGS else backend_class(type)
        if found is not None and not hasattr(found, "__getattr__"):  # which may have anything
            _check(_subject(type), found, METHODS)
        return found
    module, name = _BACKENDS[type]
    return vars(importlib.import_module(module))[name]  # type: ignore[no-any-return]


def has_implementation(type: str) -> bool:  # noqa: A002 - the field's name
    """Whether a type of backend can be used, not only configured; other packages have only what can."""
    return type not in NOT_YET


def _subject(type: str) -> str:  # noqa: A002
    return f"the backend `{type}` of the package `{package_of(type)}`"


def _check(subject: str, backend: object, names: Sequence[str]) -> None:
    """See whether a backend, or the class of one, has what it must have."""
    unwritten = getattr(backend, "__abstractmethods__", ())
    lacking = [name for name in names if not hasattr(backend, name) or name in unwritten]
    if lacking:
        words = ", ".join(f"`{name}`" for name in lacking)
        raise ConfigError(f"{subject} cannot be used: it has no {words}", help=_REMEDY)


_REMEDY = "it is a mistake in that package: report it to its authors with what `-vv` shows in addition"


def _absent(type: str) -> ConfigError:  # noqa: A002 - the field's name
    if type in SETTINGS:
        ways_out = " or ".join(f"`--backend {name}`" for name in _BACKENDS)
        return ConfigError(f"there is no backend of type `{type}` yet", help=f"run with {ways_out}")
    near = nearest(type, backend_types())
    known = near or list(filter(has_implementation, backend_types()))
    ways_out = " or ".join(f"`--backend {name}`" for name in known)
    return ConfigError(f"there is no backend of type `{type}`", help=f"run with {ways_out}, or install its package")


def _made(type: str, backend: Any, settings: BackendSettings, notify: Notify | None) -> Any:  # noqa: A002
    try:
        return backend(settings, notify=notify)
    except ValueError as error:
        conceal(error)
        refusal = ConfigError(f"settings of the backend `{type}` do not fit: {concealed(str(error))}")
        refusal.shows_cause = True
        raise refusal from error


def _foreign(
    type: str,  # noqa: A002 - the field's name
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
        made = _made(type, backend, settings, notify)
        _check(subject, made, (*METHODS, *_ATTRIBUTES))
    except SprocketError as error:
        conceal(error)
        raise
    except (Exception, SystemExit) as error:  # the code is not ours
        refusal = ConfigError(f"{subject} cannot be used: {described(error)}", help=_REMEDY)
        refusal.shows_cause = True
        raise refusal from error
    return made
