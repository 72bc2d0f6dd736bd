"""Secrets that others can see.

In: checked layers, what they say together. Out: sentences for the user about files that others can read and about words
of the command line; variables that tasks must not see; what may be recorded of a `--set`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pysprocket.config.confidential import stripped
from pysprocket.config.layers import Layer, at
from pysprocket.config.problems import Keys, dotted
from pysprocket.config.secrets import secrets_in, warning_of

if TYPE_CHECKING:
    from pysprocket.config.assignments import Given


def remarks(layers: Iterable[Layer], settled: Mapping[str, Any]) -> list[str]:
    """What to tell of secrets that others can see; each once.

    Args:
        layers: where secrets may stand.
        settled: the settings of all of them, which may name files that hold secrets.
    """
    return list(dict.fromkeys(_remarks(layers, settled)))


def _remarks(layers: Iterable[Layer], settled: Mapping[str, Any]) -> Iterator[str]:
    for layer in layers:
        if layer.is_file:
            if (said := warning_of(layer.name)) is not None and layer.confidential():
                yield said
        elif layer.variable is None and (secrets := layer.confidential()):
            key = dotted(secrets[0])
            ways_out = (
                f' variable or a file: `--set {key}=\'{{ env = "NAME" }}\'` or `{{ file = "path" }}`'
                if secrets[0] in layer.secrets
                else " file that only you can read, and give that with `--config`"
            )
            yield (
                f"others on this computer can see the secret that `--set {key}=…` gives, among the running programs;"
                f" keep it in a{ways_out}"
            )
    for secret in secrets_in(settled):
        if secret.file is not None and (said := warning_of(secret.file)) is not None:
            yield said


def variables(layers: Iterable[Layer]) -> tuple[str, ...]:
    """The variables of the environment that hold secrets, or settings in which one stands."""
    found = [name for layer in layers for name in layer.variables]
    found += [layer.variable for layer in layers if layer.variable is not None and layer.confidential()]
    return tuple(dict.fromkeys(found))


class Kept(msgspec.Struct, frozen=True):
    """What may be recorded of a `--set`: its text, or None; and the keys of the secrets that stood in it."""

    text: str | None
    secrets: list[str]


def kept(layers: Sequence[Given]) -> list[Kept]:
    """What may be recorded of each `--set`, in order: of a table what is no secret.

    A secret is not told where a later one replaces it.
    """
    return [_kept(layer, [later.keys for later in layers[place + 1 :]]) for place, layer in enumerate(layers)]


def _kept(layer: Given, later: Sequence[Keys]) -> Kept:
    if not (secrets := layer.confidential()):
        return Kept(layer.text.removeprefix("--set "), [])
    value = at(layer.data, layer.keys)
    from pysprocket.config import toml  # noqa: PLC0415 - only for secrets

    rest = _without(value, layer.keys, secrets) if isinstance(value, dict | list) else None
    told = [dotted(keys) for keys in secrets if not any(keys[: len(above)] == above for above in later)]
    return Kept(f"{dotted(layer.keys)}={toml.value(rest)}" if rest else None, told)


def _without(value: Any, keys: Keys, secrets: Sequence[Keys]) -> Any:
    """A value without secrets; of a URL stays what lets nobody in. None where nothing stays."""
    if keys in secrets:
        return stripped(value) if isinstance(value, str) and "://" in value else None
    if isinstance(value, dict):
        entries = {key: _without(entry, (*keys, key), secrets) for key, entry in value.items()}
        return {key: entry for key, entry in entries.items() if entry is not None}
    if isinstance(value, list):
        elements = [_without(entry, (*keys, place), secrets) for place, entry in enumerate(value)]
        return [entry for entry in elements if entry is not None]
    return value
