"""Keys of the configuration, and the words they allow, for `--set`.

In: the beginning of `key=value`, and the entries of `run.backends`. Out: candidates, one step of the key at a time: the
tables as `run.`, the keys that hold a value as `fail=`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from click.shell_completion import CompletionItem

from pysprocket.cli.candidates import Candidates, files
from pysprocket.config.describe import Setting, Table, backend, sections
from pysprocket.config.plugins import backend_types, settings_of

_BACKENDS = "run.backends."


def setting_candidates(incomplete: str, backends: Mapping[str, str]) -> Candidates:
    """The next step of the key that begins as typed, or the values that it allows.

    Args:
        incomplete: the word under the cursor.
        backends: the type of each entry of `run.backends`.
    """
    key, equals, typed = incomplete.partition("=")
    if equals:
        return _values(key, typed, backends)
    found: dict[str, str] = {}
    for path, description in _steps(backends):
        if path.startswith(key) and path != key:
            dot = path.find(".", len(key))
            if dot in (-1, len(path) - 1):
                found[path] = description.partition(". ")[0].removesuffix(".")
    return [CompletionItem(step, help=help_) for step, help_ in found.items()]


def _values(key: str, typed: str, backends: Mapping[str, str]) -> Candidates:
    head = f"{key}="
    setting = next((each for table in _tables(backends) for each in _within(table) if _dotted(each) == key), None)
    if setting is not None and setting.mark in ("path", "program"):
        return [files(typed, head=head)]
    if key == "run.backend":
        words = [*backends]
    elif key.startswith(_BACKENDS) and key.endswith(".type"):
        words = [*backend_types()]
    elif setting is not None and setting.kind == "true or false":
        words = ["true", "false"]
    else:
        words = [str(word) for word in setting.words] if setting is not None else []
    return [CompletionItem(head + word) for word in words if word.startswith(typed)]


def _steps(backends: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each table as `run.` and each key as `run.fail=`, those before that others are in."""
    for name, kind in backends.items():
        yield f"{_BACKENDS}{name}.", f"A backend of type {kind}"
        yield f"{_BACKENDS}{name}.type=", "The type of the backend"
    for table in _tables(backends):
        for setting in _within(table):
            if setting.effective:
                yield _dotted(setting) + ("." if setting.is_table or setting.open else "="), setting.description


def _tables(backends: Mapping[str, str]) -> Iterator[Table]:
    yield sections()
    for name, kind in backends.items():
        struct = settings_of(kind)
        if struct is not None:
            yield backend(kind, struct, name)


def _within(table: Table) -> Iterator[Setting]:
    """The keys of a table and of those in it, a table before what is in it."""
    for setting in table.settings:
        yield setting
        for inner in setting.tables if setting.is_table else ():
            yield from _within(inner)


def _dotted(setting: Setting) -> str:
    return ".".join(setting.path)
