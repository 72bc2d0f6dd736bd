"""Secrets that others can see.

In: checked layers, settings. Out: sentences for the user about files that others can read and about words of the
command line; and what to show of sections that are accepted without a look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pysprocket.config.layers import Layer
from pysprocket.config.problems import dotted
from pysprocket.config.secrets import REDACTED, secrets_in, warning_of
from pysprocket.config.settings import SECTIONS_UNREAD

SECRET_KEYS = frozenset({"access_key", "client_secret", "password", "secret", "secret_access_key", "token"})
"""What keys with secrets are called, for sections that no struct describes."""


def remarks(layers: Iterable[Layer], settings: object) -> list[str]:
    """What to tell of secrets that others can see; each once."""
    return list(dict.fromkeys(_remarks(layers, settings)))


def _remarks(layers: Iterable[Layer], settings: object) -> Iterator[str]:
    for layer in layers:
        if layer.is_file and (layer.secrets or _has_secret(layer.data)):
            yield from filter(None, [warning_of(layer.name)])
        elif layer.secrets and layer.variable is None:
            key = dotted(layer.secrets[0])
            yield (
                f"others on this computer can see the secret that `--set {key}=…` gives, among the running programs;"
                f' keep it in a variable or a file: `--set {key}=\'{{ env = "NAME" }}\'` or `{{ file = "path" }}`'
            )
    for secret in secrets_in(settings):
        if secret.file is not None and (said := warning_of(secret.file)) is not None:
            yield said


def _has_secret(data: Mapping[str, Any]) -> bool:
    """Whether a section that is not read has a secret."""
    return any(next(_likely(data[key]), None) is not None for key in SECTIONS_UNREAD & data.keys())


def _likely(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key in SECRET_KEYS and isinstance(value, str):
                yield key
            else:
                yield from _likely(value)
    elif isinstance(data, list):
        for value in data:
            yield from _likely(value)


def without_secrets(data: Any) -> Any:
    """Data of a section that is not read, with a word in place of each secret."""
    from pysprocket.source import uris  # noqa: PLC0415 - only to show settings

    if isinstance(data, Mapping):
        return {
            key: REDACTED if key in SECRET_KEYS and isinstance(value, str) else without_secrets(value)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [without_secrets(value) for value in data]
    return uris.without_secrets(data) if isinstance(data, str) else data
