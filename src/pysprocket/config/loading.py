"""From all places to the settings that count.

In: where to look, files and assignments of the command line. Out: `Config`, or `Loaded`, which also knows where each
value came from. Lowest first: files (`config.files`), the environment, `--set` (both `config.assignments`). All
mistakes of all of them are told at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pysprocket.config.files import OTHER_VARIABLES, Found, found_files, read_files
from pysprocket.config.secrets import whole_environment
from pysprocket.config.settings import Config

if TYPE_CHECKING:  # most of it is only needed where there is something to read
    from pysprocket.config.assignments import Assignment
    from pysprocket.config.exposure import Kept
    from pysprocket.config.layers import Layer, Place
    from pysprocket.config.merging import Merged, Origin
    from pysprocket.config.problems import Keys, Problem
    from pysprocket.source.diagnostic import Diagnostic, Label


class Unused(msgspec.Struct, frozen=True):
    """A key or section that is accepted, though nothing reads it, as it is written, and where."""

    keys: Keys
    place: Place


class Loaded:
    """Settings, and where they came from.

    Attributes:
        config: the settings.
        values: what was set, under canonical keys, with absolute paths; secrets are `Secret`.
        layers: all that was read, lowest first.
        notes: sentences for the user about how the settings were found.
    """

    def __init__(self, config: Config, settled: Merged | None, layers: list[Layer]) -> None:
        self.config = config
        self.notes = config.notes
        self.values = {} if settled is None else settled.data
        self.layers = layers
        self._settled = settled

    def _find(self, keys: Keys) -> list[Origin]:
        return [] if self._settled is None else self._settled.find(keys)

    def origins(self, keys: Keys) -> tuple[Place, ...]:
        """Who set what is at canonical keys, lowest first: several for an array that grew, or a table."""
        found = self._find(keys)
        return tuple(layer.place(layer.written(path)) for layer, path in found)

    def tell(self, problem: Problem) -> Diagnostic:
        """What is wrong with a setting, at its place; a warning without a place where it is a default."""
        from pysprocket.config.telling import diagnostic  # noqa: PLC0415 - only when there is something to tell
        from pysprocket.source.diagnostic import warning  # noqa: PLC0415

        found = self._find(problem.keys)
        if not found:
            return warning(problem.code, problem.message, help=problem.help)
        layer, keys = found[-1]
        return diagnostic(layer, msgspec.structs.replace(problem, keys=layer.written(keys)))

    def labels(self, *paths: Keys) -> tuple[Label, ...]:
        """The places of settings that were made: of a value, or of the `type` of a table."""
        found = [self._find((*keys, "type")) or self._find(keys) for keys in paths]
        return tuple(
            layer.label(layer.written(keys), on_value=True) for origins in found for layer, keys in origins[-1:]
        )

    @property
    def kept(self) -> list[Kept]:
        """What may be recorded of each `--set`, in order."""
        from pysprocket.config.assignments import Given  # noqa: PLC0415 - only to record a run
        from pysprocket.config.exposure import kept  # noqa: PLC0415

        return kept([layer for layer in self.layers if isinstance(layer, Given) and layer.variable is None])

    @cached_property
    def unused(self) -> tuple[Unused, ...]:
        """What was set and has no effect, from the lowest layer to the highest."""
        return tuple(Unused(keys, layer.place(keys)) for layer in self.layers for keys in layer.unused)


def load(
    *,
    files: Sequence[Path] = (),
    search: bool = True,
    argv0: str | None = None,
    directory: Path = Path(),
    assignments: Sequence[Assignment] = (),
) -> Config:
    """The settings of all places: `load_explained` without where they came from."""
    return load_explained(files=files, search=search, argv0=argv0, directory=directory, assignments=assignments).config


def load_explained(
    *,
    files: Sequence[Path] = (),
    search: bool = True,
    argv0: str | None = None,
    directory: Path = Path(),
    assignments: Sequence[Assignment] = (),
    backend_named: bool = False,
) -> Loaded:
    """The settings of all places.

    Args:
        files: files of `--config`, later ones win; each must exist.
        search: whether to look in the usual places too.
        argv0: how the command was started, to look beside it.
        directory: looked in before the current one.
        assignments: of `--set`, later ones win.
        backend_named: whether something above all of these names the backend: `run.backend` may be wrong then.

    Raises:
        ConfigError: a file cannot be read, or something is not allowed; it holds all that is wrong anywhere.
    """
    found = found_files(argv0, directory) if search else Found([], [], [])
    layers, unread = read_files([*found.files, *files])
    mistakes = found.mistakes + unread
    given, remarks = _given(layers, assignments)
    groups = [*([layer] for layer in layers), *given]
    if not groups and not mistakes:
        return Loaded(Config(notes=tuple(found.notes)), None, [])
    from pysprocket.config import exposure  # noqa: PLC0415 - many have no configuration
    from pysprocket.config.settling import settle  # noqa: PLC0415

    settled = settle(groups, backend_named=backend_named)
    everything = [layer for group in groups for layer in group]
    mistakes += settled.mistakes
    if mistakes:
        from pysprocket.config.telling import refusal  # noqa: PLC0415 - only for mistakes

        refused = refusal(mistakes, exposure.remarks(everything, settled.merged.data))
        refused.common = settled.config.common
        raise refused
    notes = [*found.notes, *remarks, *exposure.remarks(everything, settled.merged.data)]
    variables = exposure.variables(everything)
    config = msgspec.structs.replace(settled.config, notes=tuple(notes), secret_variables=variables)
    return Loaded(config, settled.merged, everything)


def _given(files: Sequence[Layer], assignments: Sequence[Assignment]) -> tuple[list[list[Layer]], list[str]]:
    """The layers of the environment and of `--set`, and remarks about the former."""
    everything = whole_environment() or os.environ  # who resumes a run reads the configuration twice
    variables = {name: value for name, value in everything.items() if name.startswith("SPROCKET_")}
    if not assignments and variables.keys() <= OTHER_VARIABLES:
        return [], []
    from pysprocket.config.assignments import assigned, from_environment  # noqa: PLC0415 - most have none
    from pysprocket.config.settling import types_in  # noqa: PLC0415

    arguments = assigned(assignments)
    below = [*files, *arguments]
    types = dict(pair for layer in below for pair in types_in(layer.data))
    layers, remarks = from_environment(variables, [layer.data for layer in below], types)
    return [[*layers], [*arguments]], remarks
