"""Inputs that get a name of their own, or are put together of several, laid out before a run begins.

In: bound inputs with `Staged` descriptions, and where to put them. Out: the inputs with real paths instead:
`<run>/staged/<n>/<name>`. Source: WDL specification 1.2, "Extended File/Directory Input/Output Format".
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from pysprocket.engine.downloads import Downloads, FetchNeeded, link_or_copy
from pysprocket.engine.files import make_directory
from pysprocket.errors import EvaluationError, InputError, OutputDirectoryError
from pysprocket.plan.inputs import BoundInputs, given_data
from pysprocket.plan.paths import Staged
from pysprocket.source.uris import lies_elsewhere
from pysprocket.values.model import Directory, File, Value, map_paths


def lay_out(inputs: BoundInputs, directory: Path, downloads: Downloads) -> BoundInputs:
    """Make what the inputs describe and give the inputs that name it.

    Raises:
        InputError: a file behind a URL cannot be had.
        OutputDirectoryError: it cannot be written.
    """
    if not inputs.staged:
        return inputs
    places: dict[str, str] = {}
    for number, (value, staged) in enumerate(inputs.staged.items()):
        place = directory / str(number) / staged.name
        make_directory(place.parent)
        try:
            _make(staged, place, downloads)
        except OSError as error:
            raise OutputDirectoryError(f"`{place}` cannot be made: {error.strerror}") from error
        places[value] = str(place)

    return moved(inputs, places)


def moved(inputs: BoundInputs, places: Mapping[str, str]) -> BoundInputs:
    """The inputs with the paths that stand for something staged replaced by where it is."""

    def placed(path: File | Directory) -> Value:
        return type(path)(places.get(path, path))

    values = {name: map_paths(value, placed) for name, value in inputs.values.items()}
    nested = {name: map_paths(value, placed) for name, value in inputs.nested.items()}
    given = given_data(values, nested, inputs.overrides)
    return msgspec.structs.replace(inputs, values=values, nested=nested, given=given, staged={})


def shown(inputs: BoundInputs, directory: Path) -> BoundInputs:
    """The inputs with links instead of what would be laid out, and URLs instead of what would be fetched."""
    if not inputs.staged:
        return inputs
    places: dict[str, str] = {}
    for number, (value, staged) in enumerate(inputs.staged.items()):
        if staged.source is not None and lies_elsewhere(staged.source):
            places[value] = staged.source
            continue
        place = directory / str(number) / staged.name
        make_directory(place.parent)
        _link(staged, place)
        places[value] = str(place)
    return moved(inputs, places)


def _link(staged: Staged, place: Path) -> None:
    if staged.source is not None:
        place.symlink_to(staged.source)
        return
    place.mkdir()
    for entry in staged.entries:
        _link(entry, place / entry.name)


def _make(staged: Staged, place: Path, downloads: Downloads) -> None:
    """A file or directory of its own; files are second names of what they are made of, where the disk can do that."""
    if staged.source is None:
        place.mkdir()
        for entry in staged.entries:
            _make(entry, place / entry.name, downloads)
        return
    source = _fetched(staged.source, downloads) if lies_elsewhere(staged.source) else Path(staged.source)
    if source.is_dir():
        shutil.copytree(source, place, copy_function=lambda old, new: link_or_copy(Path(old), Path(new)))
    else:
        link_or_copy(source, place)


def _fetched(url: str, downloads: Downloads) -> Path:
    try:
        with suppress(FetchNeeded):
            return downloads.path(url)
        downloads.fetch_now(url)
        return downloads.path(url)
    except EvaluationError as error:
        raise InputError([str(error)], help=error.help) from None
