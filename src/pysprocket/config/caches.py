"""Where caches lie.

In: a setting such as `run.http.cache_dir`. Out: a directory, which need not exist.
"""

from __future__ import annotations

import os
from pathlib import Path

from pysprocket.errors import ConfigError


def cache_directory(name: str, setting: str = "system") -> Path:
    """The directory that a setting names; "system" is `sprocket/<name>` in the cache directory of the user.

    Raises:
        ConfigError: it is "system" and the user has no home directory.
    """
    if setting != "system":
        return Path(setting)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    if not os.path.isabs(base):  # noqa: PTH117
        raise ConfigError("there is no home directory for a cache: set HOME or XDG_CACHE_HOME")
    return Path(base, "sprocket", name)
