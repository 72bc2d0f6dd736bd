"""`sprocket cache`: the results of tasks that are kept for later runs.

In: the name of a command of this group; `list` is in the module `cache_list`, and so on. Out: that command.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pysprocket.cli.group import LazyGroup
from pysprocket.cli.options import State

if TYPE_CHECKING:  # imported when the cache is opened
    from pysprocket.engine.cache.entries import Entries
    from pysprocket.files.digests import Digests

COMMANDS = {
    "list": "List the results that are kept.",
    "explain": "Tell why a call of a run was cached or not.",
    "clean": "Remove entries.",
}
"""Each is a module of this package, `cache_` in front, with a click command named `command`."""


@click.group(
    "cache",
    cls=LazyGroup,
    lazy=COMMANDS,
    prefix="cache_",
    examples=[
        "sprocket cache list",
        "sprocket cache explain amber-otter-3fa2c1 align-0",
        "sprocket cache clean --older-than 30d",
    ],
)
def command() -> None:
    """List, explain and remove the results of tasks that `run.task.cache` keeps for later runs."""


@contextmanager
def opened(state: State) -> Iterator[tuple[Entries, Digests]]:
    """The call cache of the configuration, and the digests it remembers.

    Raises:
        ConfigError: the configuration is wrong, or there is no place for a cache.
    """
    from pysprocket.cli.errors import warn  # noqa: PLC0415
    from pysprocket.config.caches import cache_directory  # noqa: PLC0415
    from pysprocket.engine.cache.call_cache import MEMORY  # noqa: PLC0415 - not for `--help`
    from pysprocket.engine.cache.entries import Entries  # noqa: PLC0415
    from pysprocket.files.digests import Digests  # noqa: PLC0415

    settings = state.config.run.task
    directory: Path = cache_directory("calls", settings.cache_dir)
    digests = Digests(directory / MEMORY, settings.digests, lambda message: warn(message, state))
    try:
        yield Entries(directory), digests
    finally:
        digests.close()
