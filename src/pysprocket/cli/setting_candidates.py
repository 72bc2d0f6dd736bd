"""Keys of the configuration, and the words they allow, for `--set`.

In: the beginning of `key=value`, and the entries of `run.backends`. Out: candidates, one step of the key at a time: the
tables as `run.`, the keys that hold a value as `fail=`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from click.shell_completion import CompletionItem

from pysprocket.cli.candidates import Candidates, files
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.describe import Setting, backend, sections, settings


def setting_candidates(incomplete: str, backends: Mapping[str, str]) -> Candidates:
    """The next step of the key that begins as typed, or the values that it allows.

    Args:
        incomplete: the word under the cursor.
        backends: the type of each entry of `run.backends`.
    """
    key, equals, typed = incomplete.partition("=")
    known = {".".join(setting.path): setting for setting in _settings(backends) if setting.effective}
    if equals:
        return _values(known[key], backends, f"{key}=", typed) if key in known else []
    found: dict[str, str] = {}
    for path, setting in known.items():
        if path.startswith(key):
            dot = path.find(".", len(key))
            found.setdefault(*((f"{path}=", setting.description) if dot < 0 else (path[: dot + 1], "a table")))
    return [CompletionItem(step, help=help_) for step, help_ in found.items()]


def _settings(backends: Mapping[str, str]) -> Iterator[Setting]:
    yield from settings(sections())
    for name, kind in backends.items():
        if kind in SETTINGS and "." not in name:
            yield from settings(backend(kind, SETTINGS[kind], name))


def _values(setting: Setting, backends: Mapping[str, str], head: str, typed: str) -> Candidates:
    if setting.mark == "path":
        return [files(typed, head=head)]
    words = [str(word) for word in setting.words]
    if setting.path == ("run", "backend"):
        words = list(backends)
    elif setting.kind == "true or false":
        words = ["true", "false"]
    return [CompletionItem(head + word) for word in words if word.startswith(typed)]
