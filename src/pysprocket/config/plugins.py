"""Backends of other packages.

In: entry points of the group `pysprocket.backends`: the name is the type of backend that `run.backends.NAME.type` has,
the object is a backend class whose attribute `Settings` is a subclass of `config.section.BackendSettings`. Out: which
types there are, the struct of a type, and its class. Packages are looked for only when a type is not built in, or when
all are asked for: it costs more than reading the configuration. Specification: PyPA, "Entry points".
"""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.fields import fields_of
from pysprocket.config.section import BackendSettings
from pysprocket.errors import ConfigError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "pysprocket.backends"


def backend_types() -> tuple[str, ...]:
    """All types of backends: those that come with sprocket, then those of other packages."""
    return (*SETTINGS, *sorted(_entry_points().keys() - SETTINGS.keys()))


def settings_of(type_: str) -> type[BackendSettings] | None:
    """The struct that describes the settings of a type of backend; None when there is no such type.

    Raises:
        ConfigError: the package that has it is broken, or two packages have it.
    """
    if type_ in SETTINGS:
        return SETTINGS[type_]
    found = backend_class(type_)
    return None if found is None else _settings(found)


def backend_class(type_: str) -> type[Any] | None:
    """The class of a backend of another package; None when no package has the type.

    Raises:
        ConfigError: the package that has it is broken, or two packages have it.
    """
    found = _found(type_)
    if isinstance(found, ConfigError):
        raise found
    return found


@cache
def _found(type_: str) -> type[Any] | ConfigError | None:
    """The class, or why there is none: a package that fails is not imported again and again."""
    try:
        return _sought(type_)
    except ConfigError as refusal:
        return refusal


def _sought(type_: str) -> type[Any] | None:
    points = _entry_points().get(type_)
    if points is None:
        return None
    if len(points) > 1:
        packages = " and ".join(f"`{_package(point)}`" for point in points)
        raise ConfigError(
            f"the packages {packages} both have a backend of type `{type_}`",
            help=f"uninstall one of them: `pip uninstall {_package(points[0])}`",
        )
    return _loaded(points[0])


def _loaded(point: EntryPoint) -> type[Any]:
    try:
        with redirect_stdout(sys.stderr):  # whatever it prints, the standard output is for answers
            found = point.load()
        if not isinstance(found, type):
            raise TypeError(f"`{point.value}` is not a class")
        _check(found, point)
    except (Exception, SystemExit) as error:  # whatever it is: the code is not ours
        refusal = ConfigError(
            f"the backend `{point.name}` of the package `{_named(point)}` cannot be used: {_words(error)}",
            help=f"install the package anew, tell its authors, or uninstall it: `pip uninstall {_package(point)}`",
        )
        refusal.shows_cause = True
        raise refusal from error
    return found


def _check(backend: type[Any], point: EntryPoint) -> None:
    """See whether the settings of a backend can be used."""
    struct = getattr(backend, "Settings", None)
    if struct is None:
        raise TypeError(f"`{point.value}` has no attribute `Settings`")
    if not (isinstance(struct, type) and issubclass(struct, BackendSettings)):
        raise TypeError(f"`{point.value}.Settings` is not a subclass of `pysprocket.config.section.BackendSettings`")
    if any(field.name == "type" for field in msgspec.structs.fields(struct)):
        raise TypeError(f"`{point.value}.Settings` has a field `type`, but this key names the type of the backend")
    for name, field in fields_of(BackendSettings).items():
        if fields_of(struct)[name].type != field.type:
            raise TypeError(f"`{point.value}.Settings` declares `{name}` anew, which means the same for all backends")


def _settings(backend: type[Any]) -> type[BackendSettings]:
    struct: type[BackendSettings] = backend.Settings
    return struct


def package_of(type_: str) -> str:
    """The package that has a type of backend, and its version, for messages: "sprocket-prefix 1.0"."""
    return _named(_entry_points()[type_][0])


def notes() -> tuple[str, ...]:
    """For the user: which backends of other packages nobody gets, since sprocket has one of that type."""
    return tuple(
        f"the backend `{type_}` of the package `{_named(point)}` is not used: sprocket has its own of that type"
        for type_, points in sorted(_entry_points().items())
        if type_ in SETTINGS
        for point in points
    )


@cache
def _entry_points() -> dict[str, list[EntryPoint]]:
    """By type; more than one where packages disagree."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - it is slow

    points: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        points.setdefault(point.name, []).append(point)
    return points


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.module


def _named(point: EntryPoint) -> str:
    return _package(point) + ("" if point.dist is None else f" {point.dist.version}")


def _words(error: BaseException) -> str:
    return str(error) if isinstance(error, TypeError | ImportError) else f"{type(error).__name__}: {error}"


def said(error: Exception) -> str:
    """What a struct of another package says of settings that it refuses, with the key where one is to blame."""
    if not isinstance(error, ValueError | TypeError):
        return _words(error)
    message, at, place = str(error).partition(" - at `$.")
    return f"{message} (at `{place}" + ")" if at else message
