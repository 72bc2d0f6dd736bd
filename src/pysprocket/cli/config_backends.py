"""`sprocket config backends`: where tasks can run.

In: the configuration, and the packages that are installed. Out: the types of backends with the container images that
they run, and the entries of the configuration, as text or JSON. The types are also told when the configuration is
wrong: one may be looking there for what is wrong with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from pysprocket.backends.protocols import KNOWN, protocols_of
from pysprocket.backends.registry import class_of, has_implementation
from pysprocket.cli.config import backend_structs
from pysprocket.cli.errors import warn
from pysprocket.cli.help_page import HelpPage
from pysprocket.cli.options import State, global_options
from pysprocket.cli.tables import Column, room, table
from pysprocket.config import describe
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.backends import choose_backend
from pysprocket.config.loading import Loaded
from pysprocket.config.plugins import package_of
from pysprocket.config.section import BackendSettings
from pysprocket.errors import ConfigError
from pysprocket.source.visible import visible
from pysprocket.source.wrapping import WIDTH, wrapped


@click.command(
    "backends",
    cls=HelpPage,
    examples=["sprocket config backends", "sprocket config backends --json | jq .chosen"],
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@global_options
@click.pass_obj
def command(state: State, *, as_json: bool) -> None:
    """List the types of backends, the container images they run, and the backends that are configured."""
    types = [_type(name, struct, state) for name, struct in backend_structs(state).items()]
    try:
        found = state.loaded
    except ConfigError:
        click.echo(
            json.dumps({"types": types, "backends": None, "chosen": None}, indent=2) if as_json else _types(types)
        )
        raise
    entries, chosen, problem = _entries(found)
    if as_json:
        click.echo(json.dumps({"types": types, "backends": entries, "chosen": chosen, "problem": problem}, indent=2))
    else:
        click.echo(_types(types) + "\n\n" + "\n".join(_configured(entries, chosen, problem)))


def _type(name: str, struct: type[BackendSettings], state: State) -> dict[str, Any]:
    """What is told of a type of backend."""
    own = name in SETTINGS
    try:
        usable, protocols = has_implementation(name), protocols_of(name, None if own else class_of(name))
    except ConfigError as error:
        warn(str(error), state)
        usable, protocols = False, ()
    return {
        "type": name,
        "description": describe.summary(struct),
        "package": None if own else package_of(name).replace("`", ""),
        "available": usable,
        "containers": list(protocols),
        "required": [setting.path[-1] for setting in describe.table(struct).settings if setting.required],
    }


def _entries(found: Loaded) -> tuple[list[dict[str, Any]], dict[str, str] | None, str | None]:
    """The entries of the configuration, the backend that a run uses, and why there is none."""
    entries = []
    for name, entry in found.config.run.backends.items():
        places = found.origins(("run", "backends", name, "type"))
        entries.append({"name": name, "type": entry.type, "set_by": [str(place) for place in places]})
    try:
        chosen = choose_backend(found.config)
    except ConfigError as error:
        return entries, None, f"{error}; {error.help}" if error.help else str(error)
    return entries, {"name": chosen.name, "type": chosen.type}, None


def _types(types: list[dict[str, Any]]) -> str:
    protocols = [*KNOWN, *dict.fromkeys(each for kind in types for each in kind["containers"] if each not in KNOWN)]
    columns = [Column("TYPE"), *(Column(f"{protocol}://") for protocol in protocols)]
    rows = [[kind["type"], *_supported(kind, protocols)] for kind in types]
    indent = max(len(kind["type"]) for kind in types) + 2
    lines = [line for kind in types for line in _described(kind, indent)]
    return "\n".join([*lines, "", "Container images that they run:", *table(columns, rows, room() or WIDTH)])


def _supported(kind: dict[str, Any], protocols: list[str]) -> Iterator[str]:
    """A cell for each protocol; a name without a protocol is one of `docker://`."""
    none = "-" if kind["containers"] else "ignored" if kind["available"] else "?"
    for protocol in protocols:
        yield "yes" if protocol in kind["containers"] else none


def _described(kind: dict[str, Any], indent: int) -> list[str]:
    words = [kind["description"]]
    if kind["required"]:
        words.append("Needs " + ", ".join(f"`{key}`" for key in kind["required"]) + ".")
    if kind["package"]:
        words.append(f"From the package {kind['package']}.")
    if not kind["available"]:
        words.append("Cannot be used." if kind["package"] else "Can be configured, but not be used in this version.")
    return wrapped(f"{kind['type']:{indent}}{' '.join(words)}", room() or WIDTH, hang=indent)


def _configured(entries: list[dict[str, Any]], chosen: dict[str, str] | None, problem: str | None) -> Iterator[str]:
    if entries:
        columns = [Column(""), Column("BACKEND", cut=True), Column("TYPE"), Column("SET BY", cut=True)]
        rows = [
            [
                "*" if chosen and entry["name"] == chosen["name"] else "",
                entry["name"],
                entry["type"],
                ", ".join(entry["set_by"]),
            ]
            for entry in entries
        ]
        yield from table(columns, rows, room())
        yield ""
    else:
        yield "No backends are configured."
    yield from wrapped(_outcome(entries, chosen, problem), room() or WIDTH)


def _outcome(entries: list[dict[str, Any]], chosen: dict[str, str] | None, problem: str | None) -> str:
    if chosen is None:
        return f"None is chosen: {visible(problem or '')}."
    if any(entry["name"] == chosen["name"] for entry in entries):
        return "* is used by `sprocket run`, unless `--backend` names another."
    return f"`sprocket run` uses `{chosen['type']}` with its defaults, unless `--backend` names another."
