"""Secrets that others can see.

In: checked layers, settings. Out: sentences for the user about files that others can read and about words of the
command line; variables that tasks must not see; URLs in which a secret was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pysprocket.config.confidential import leaves
from pysprocket.config.layers import Layer
from pysprocket.config.problems import Problem, dotted, sentence
from pysprocket.config.secrets import REDACTED, secrets_in, warning_of
from pysprocket.config.settings import SECTIONS_UNREAD


def remarks(layers: Iterable[Layer], settings: object = None) -> list[str]:
    """What to tell of secrets that others can see; each once."""
    return list(dict.fromkeys(_remarks(layers, settings)))


def _remarks(layers: Iterable[Layer], settings: object) -> Iterator[str]:
    for layer in layers:
        if layer.variable is not None or not (secrets := layer.confidential()):
            continue
        if layer.is_file:
            yield from filter(None, [warning_of(layer.name)])
        else:
            key = dotted(secrets[0])
            yield (
                f"others on this computer can see the secret that `--set {key}=…` gives, among the running programs;"
                f' keep it in a variable or a file: `--set {key}=\'{{ env = "NAME" }}\'` or `{{ file = "path" }}`'
            )
    for secret in secrets_in(settings):
        if secret.file is not None and (said := warning_of(secret.file)) is not None:
            yield said


def variables(layers: Iterable[Layer]) -> tuple[str, ...]:
    """The variables of the environment that hold secrets, or settings in which one stands."""
    found = [name for layer in layers for name in layer.variables]
    found += [layer.variable for layer in layers if layer.variable is not None and layer.confidential()]
    return tuple(dict.fromkeys(found))


def left_out(layer: Layer) -> Iterator[Problem]:
    """URLs from which `config resolve` has left out what lets in: they would be tried as they are."""
    for keys, value in leaves({key: value for key, value in layer.data.items() if key not in SECTIONS_UNREAD}):
        if isinstance(value, str) and "://" in value and REDACTED in value:
            message = f"`{REDACTED}` stands for a secret that was left out; write it"
            yield Problem(keys, sentence(keys, message), on_value=True)
