"""The settings in effect, as a file that loads again to the same ones.

In: `Loaded` settings, and what flags of the command line say instead. Out: TOML with canonical keys, also those that
nobody set, and sections that are accepted without a look; with `explain` each value says where it came from. What has
no default and is not set is not there, and a path that starts at the current directory because nobody set it is a
comment. Secrets are not there either, unless `reveal` gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pysprocket.config import toml
from pysprocket.config.confidential import without
from pysprocket.config.fields import Field, fields_of
from pysprocket.config.loading import Loaded
from pysprocket.config.merging import Merged, merged
from pysprocket.config.secrets import REDACTED, Secret
from pysprocket.config.section import Section, depends_on_directory, written_path
from pysprocket.config.settings import SECTIONS_UNREAD, BackendEntry, Sections
from pysprocket.source.visible import visible

Reveal = Callable[[Secret], Any]
"""What is shown of a secret, as TOML has it."""


def redacted(secret: Secret) -> Any:
    """Where a secret is, or a word in its place when it stands in the settings themselves."""
    if secret.env is not None:
        return toml.Inline(env=secret.env)
    return toml.Inline(file=written_path(secret.file)) if secret.file is not None else REDACTED


def resolved(
    loaded: Loaded,
    *,
    reveal: Reveal = redacted,
    explain: bool = False,
    flags: Mapping[tuple[str, ...], tuple[str, Any]] | None = None,
) -> str:
    """The text of the file.

    Args:
        loaded: the settings.
        reveal: gives what is shown of a secret.
        explain: whether each value says where it came from.
        flags: what flags of the command line set: by section and key the name of the flag and the value.
    """
    data = {name: _shown(getattr(loaded.config, name), reveal) for name in Sections.__struct_fields__}
    for (section, key), (_, value) in (flags or {}).items():
        data[section][key] = value
    unread = _unread(loaded)
    remark = _Remarks(loaded, unread, flags or {}) if explain else None
    shown = data | unread.data
    return toml.document(without(shown) if reveal is redacted else shown, remark)


class _Remarks:
    """Where each value came from."""

    def __init__(self, loaded: Loaded, unread: Merged, flags: Mapping[tuple[str, ...], tuple[str, Any]]) -> None:
        self._loaded = loaded
        self._unread = unread
        self._flags = flags

    def __call__(self, path: tuple[str, ...]) -> str:
        if path in self._flags:
            return self._flags[path][0]
        if path[0] in SECTIONS_UNREAD:
            places = [layer.place(layer.written(keys)) for layer, keys in self._unread.find(path)]
        else:
            places = list(self._loaded.origins(path))
        return ", ".join(dict.fromkeys(visible(str(place)) for place in places)) or "default"


def _shown(value: Any, reveal: Reveal) -> Any:
    """Settings as TOML has them, without what is not set."""
    match value:
        case Section():
            tag = value.__struct_config__.tag
            entries = {
                name: _unless_here(getattr(value, name), field) for name, field in fields_of(type(value)).items()
            }
            return ({} if tag is None else {"type": tag}) | _entries(entries, reveal)
        case BackendEntry():
            return {"type": value.type, **_shown(value.settings, reveal)}
        case Secret():
            return reveal(value)
        case Mapping():
            return _entries(value, reveal)
        case list() | tuple():
            return [_shown(entry, reveal) for entry in value]
        case toml.Unset():
            return value
    return toml.data_of(value)


def _unless_here(value: Any, field: Field) -> Any:
    """A path means what it is; one from the current directory would be another one wherever this file is kept."""
    if field.kind not in ("path", "program") or value is None:
        return value
    return toml.Unset(value) if field.kind == "path" and depends_on_directory(value) else written_path(value)


def _entries(table: Mapping[str, Any], reveal: Reveal) -> dict[str, Any]:
    return {name: _shown(value, reveal) for name, value in table.items() if value is not None}


def _unread(loaded: Loaded) -> Merged:
    """The sections that are accepted without a look, as they are written."""
    given = [
        (layer, {key: value for key, value in layer.data.items() if key in SECTIONS_UNREAD}) for layer in loaded.layers
    ]
    return merged([[each] for each in given])
