"""Which backends there are.

In: the `type` and the settings of a backend as the configuration has them. Out: a `Backend`, its module imported only
now.
"""

from __future__ import annotations

import importlib
from typing import cast

from pysprocket.backends.job import Backend, Notify
from pysprocket.config.section import BackendSettings
from pysprocket.errors import ConfigError

_BACKENDS = {
    "local": ("pysprocket.backends.local.backend", "LocalBackend"),
    "docker": ("pysprocket.backends.docker.backend", "DockerBackend"),
}


def create(type: str, settings: BackendSettings, notify: Notify | None = None) -> Backend:  # noqa: A002
    """The backend of a type.

    Raises:
        ConfigError: there is no such type, or its settings cannot be.
    """
    if type not in _BACKENDS:
        ways_out = " or ".join(f"`--backend {name}`" for name in _BACKENDS)
        raise ConfigError(f"there is no backend of type `{type}` yet", help=f"run with {ways_out}")
    module, name = _BACKENDS[type]
    backend = getattr(importlib.import_module(module), name)
    try:
        return cast(Backend, backend(settings, notify=notify))
    except ValueError as error:
        raise ConfigError(f"settings of the backend `{type}` do not fit: {error}") from error
