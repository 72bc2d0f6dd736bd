"""Layers in, settings out: each is checked, all are merged, what is required is looked for, rules are kept.

In: groups of layers, lowest first. Out: `Settled`, with every mistake there is, also beside others: what is wrong is
left out, so that the rest can be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pysprocket.config import backend_settings, rules, settings
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.backends import DEFAULT, choose_backend
from pysprocket.config.fields import Field, fields_of, required
from pysprocket.config.layers import Layer
from pysprocket.config.merging import Merged, merged
from pysprocket.config.plugins import said, settings_of
from pysprocket.config.problems import Keys, Problem, sentence
from pysprocket.config.secrets import decode
from pysprocket.config.section import Section
from pysprocket.config.settings import BackendEntry, Config
from pysprocket.config.tables import check, words
from pysprocket.errors import ConfigError

if TYPE_CHECKING:
    from pysprocket.source.diagnostic import Diagnostic

Groups = Sequence[Sequence[Layer]]

_OURS = frozenset({settings.__name__, backend_settings.__name__})
"""The modules of structs whose values are those that were checked."""


class Settled(msgspec.Struct, frozen=True):
    """What layers say together; `config` lacks what `mistakes` speak of."""

    config: Config
    merged: Merged
    mistakes: list[Diagnostic]


def settle(groups: Groups, *, backend_named: bool = False) -> Settled:
    """Check and merge layers; those of one group say together what they say.

    Args:
        groups: of layers, lowest first.
        backend_named: whether the backend is named above all layers, so that `run.backend` does not count.
    """
    settling = _Settling(groups, backend_named=backend_named)
    return Settled(settling.config(), settling.merged, settling.mistakes)


def types_in(data: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """The `type` of each backend, and of each table in one, that has it."""
    run = data.get("run")
    backends = run.get("backends") if isinstance(run, dict) else None
    for name, table in backends.items() if isinstance(backends, dict) else ():
        yield from _types((("run", "backends", name)), table)
        for key, inner in table.items() if isinstance(table, dict) else ():
            yield from _types(("run", "backends", name, key), inner)


def _types(keys: Keys, table: Any) -> Iterator[tuple[Keys, str]]:
    type_ = table.get("type") if isinstance(table, dict) else None
    if isinstance(type_, str):
        yield keys, type_


class _Settling:
    """One pass through all layers."""

    def __init__(self, groups: Groups, *, backend_named: bool) -> None:
        self.backend_named = backend_named
        self.mistakes: list[Diagnostic] = []
        self.wrong: set[Keys] = set()
        """Keys that are missing in what was checked, but were told to be wrong already."""
        self.layers = [layer for group in groups for layer in group]
        self.merged = merged(self._checked(groups))

    def config(self) -> Config:
        """The settings, of all that is right."""
        if not self.merged.data:
            return Config()
        config: Config = self._built(self.merged.data, Config, ())
        if not self.backend_named:
            self._tell_backend(config)
        return config

    def _tell_backend(self, config: Config) -> None:
        """Whether `run.backend` names something, be it what is wrong itself; `default` is written for nothing too."""
        entries = self.merged.data.get("run", {}).get("backends", {})
        if config.run.backend in (None, DEFAULT, *entries) or ("run", "backends") in self.wrong:
            return
        try:
            choose_backend(config)
        except ConfigError as error:
            keys = ("run", "backend")
            self._tell_merged(Problem(keys, str(error), error.help, on_value=True, code="UnknownBackend"))

    def _checked(self, groups: Groups) -> Iterator[list[tuple[Layer, dict[str, Any]]]]:
        """Each layer by the types that it or one below says, or else one above."""
        types = dict(pair for group in groups for layer in group for pair in types_in(layer.data))
        for group in groups:
            types |= dict(pair for layer in group for pair in types_in(layer.data))
            checked = [(layer, self._check(layer, types)) for layer in group]
            self._tell_twice([layer for layer in group if layer.variable is not None and layer.problem is None])
            yield checked

    def _tell_twice(self, layers: Iterable[Layer]) -> None:
        """Variables have no order, so two that set the same, by whatever spelling, cannot both count."""
        first: dict[Keys, Layer] = {}
        for layer in layers:
            other = first.setdefault(layer.sets, layer)
            if other is not layer:
                message = f"`{other.name}` and `{layer.name}` set the same"
                remedy = "unset one of them"
                self._tell(layer, Problem(layer.written(layer.sets), message, remedy, code="ConflictingSettings"))

    def _check(self, layer: Layer, types: Mapping[Keys, str]) -> dict[str, Any]:
        if layer.problem is not None:
            self._tell(layer, layer.problem)
            return {}
        checker, data = check(layer, types)
        self.wrong |= checker.wrong
        for problem in checker.problems:
            self._tell(layer, problem)
        for keys, struct, table in checker.apart:
            if struct.__module__ in _OURS and table.keys() >= {*required(struct)}:
                for problem in rules.broken(struct(**table), keys):
                    self._tell(layer, _named(problem, layer.written(problem.keys)))
        return data

    def _built(self, table: dict[str, Any], struct: type[Section], keys: Keys, type_: str | None = None) -> Any:
        """The struct of a table, without the tables in it that lack something; None where it lacks something itself."""
        must = required(struct)
        if untold := [name for name in must if name not in table and (*keys, name) not in self.wrong]:
            self._tell_merged(words().missing(keys, untold, type_))
        fields = fields_of(struct)
        values = ((name, self._value(value, fields[name], (*keys, name))) for name, value in table.items())
        complete = {name: value for name, value in values if value is not None and value != ""}
        if not complete.keys() >= {*must}:
            return None
        try:
            built = struct(**complete) if struct.__module__ in _OURS else _converted(complete, struct)
        except Exception as error:  # whatever it is: the code of `__post_init__` is not ours
            self._tell_merged(Problem(keys, sentence(keys, said(error)), on_value=True))
            return None
        for problem in rules.broken(built, keys):
            self._tell_merged(problem, named=False)
        return built

    def _value(self, value: Any, field: Field, keys: Keys) -> Any:
        """A value as the struct that has it wants it; None where something is missing."""
        if keys == ("run", "backends"):
            entries = {name: self._backend(table, (*keys, name)) for name, table in value.items()}
            return {name: entry for name, entry in entries.items() if entry is not None}
        if field.item is not None and field.item.sections:
            tables = [self._section(table, field.item, (*keys, place)) for place, table in enumerate(value)]
            return None if None in tables else tables
        if field.sections:
            return self._section(value, field, keys)
        return float(value) if field.is_float else value

    def _section(self, table: dict[str, Any], field: Field, keys: Keys) -> Any:
        if not field.tags:
            return self._built(table, field.sections[0], keys)
        return self._typed(table, keys, field.tags.get, field.tags)

    def _backend(self, table: dict[str, Any], keys: Keys) -> BackendEntry | None:
        built = self._typed(table, keys, settings_of, SETTINGS)
        return None if built is None else BackendEntry(table["type"], built)

    def _typed(self, table: dict[str, Any], keys: Keys, struct_of: Callable[[str], Any], known: Iterable[str]) -> Any:
        """The struct of a table with a `type`; None where that was told to be wrong, or is told to be missing."""
        if (*keys, "type") in self.wrong:
            return None
        if "type" not in table:
            self._tell_merged(words().untyped(keys, known))
            return None
        rest = {key: value for key, value in table.items() if key != "type"}
        return self._built(rest, struct_of(table["type"]), keys, table["type"])

    def _tell_merged(self, problem: Problem, *, named: bool = True) -> None:
        """A mistake of what all layers say together, told where the highest of them says it.

        A message that does not name the setting yet (`named`) names it as that layer does.
        """
        for length in range(len(problem.keys), 0, -1):
            if found := self.merged.find(problem.keys[:length]):
                layer, keys = found[-1]
                written = layer.written((*keys[:length], *problem.keys[length:]))
                self._tell(layer, msgspec.structs.replace(problem, keys=written) if named else _named(problem, written))
                return
            for layer in reversed(self.layers):  # a table with nothing in it
                if layer.has(layer.written(problem.keys[:length])):
                    self._tell(layer, msgspec.structs.replace(problem, keys=layer.written(problem.keys)))
                    return

    def _tell(self, layer: Layer, problem: Problem) -> None:
        from pysprocket.config.telling import diagnostic  # noqa: PLC0415 - only for mistakes

        self.mistakes.append(diagnostic(layer, problem))
        if problem.meant is not None:
            self.wrong.add(problem.meant)


def _named(problem: Problem, written: Keys) -> Problem:
    """A broken rule, with the name of the setting in its message."""
    return msgspec.structs.replace(problem, keys=written, message=sentence(written, problem.message))


def _converted(values: Mapping[str, Any], struct: type[Section]) -> Section:
    """A struct of another package, which may have other types than TOML."""
    return msgspec.convert(values, struct, dec_hook=decode)
