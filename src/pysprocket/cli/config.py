"""`sprocket config`: what settings there are, and which are in effect.

In: the name of a command of this group; `resolve` is in the module `config_resolve`, and so on. Out: that command; and
what several of them need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pysprocket.cli.group import LazyGroup
from pysprocket.cli.options import State

if TYPE_CHECKING:  # imported when a command needs it
    from pysprocket.config.section import BackendSettings

COMMANDS = {
    "default": "Print a commented file of all settings with their defaults.",
    "init": "Print that file, or write it, to begin with.",
    "resolve": "Print the settings in effect.",
    "check": "Find mistakes, and ask backends whether they answer.",
    "schema": "Print the JSON Schema of `sprocket.toml`, for editors.",
    "backends": "List types of backends, and those that are configured.",
}
"""Each is a module of this package, `config_` in front, with a click command named `command`."""


@click.group(
    "config",
    cls=LazyGroup,
    lazy=COMMANDS,
    prefix="config_",
    examples=[
        "sprocket config init --output sprocket.toml",
        "sprocket config resolve --explain",
        "sprocket config backends",
    ],
)
def command() -> None:
    """Show and explain the settings of `sprocket.toml` files."""


def backend_structs(state: State) -> dict[str, type[BackendSettings]]:
    """The settings of each type of backend, also of other packages.

    One of a package that is broken, or whose settings have types that cannot be described, is left out and told.
    """
    from pysprocket.cli.errors import warn  # noqa: PLC0415 - it imports this package's options
    from pysprocket.config.backend_settings import SETTINGS  # noqa: PLC0415
    from pysprocket.config.plugins import backend_types, notes, settings_of  # noqa: PLC0415 - not for `--help`
    from pysprocket.errors import ConfigError  # noqa: PLC0415

    for note in notes():
        warn(note, state)
    found = {}
    for type_ in backend_types():
        try:
            struct = settings_of(type_)
        except ConfigError as error:
            warn(str(error), state)
        else:
            assert struct is not None, "it is one of those that there are"
            if type_ in SETTINGS or _is_described(type_, struct, state):
                found[type_] = struct
    return found


def _is_described(type_: str, struct: type[BackendSettings], state: State) -> bool:
    """Whether there is a description of settings of another package; if not, the user is told."""
    import json  # noqa: PLC0415 - few have such packages

    from pysprocket.cli.errors import warn  # noqa: PLC0415
    from pysprocket.config.defaults import default_file  # noqa: PLC0415
    from pysprocket.config.plugins import package_of  # noqa: PLC0415
    from pysprocket.config.schema import json_schema  # noqa: PLC0415

    try:
        default_file({type_: struct})
        json.dumps(json_schema({type_: struct}))
    except Exception as error:  # whatever it is: the code is not ours
        what = f"the settings of the backend `{type_}` of the package `{package_of(type_)}` cannot be described"
        warn(f"{what}, and are left out: {type(error).__name__}: {error}", state)
        return False
    return True
