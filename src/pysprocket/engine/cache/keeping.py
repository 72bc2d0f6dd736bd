"""The entry of a result.

In: the key of a call and what the call gave. Out: an `Entry`, or why there can be none: the task may have seen
something else than what its key says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

import msgspec

from pysprocket.backends.job import Result
from pysprocket.engine.cache.beginnings import Beginning
from pysprocket.engine.cache.contents import content_of
from pysprocket.engine.cache.entries import Entry, Kept, Place
from pysprocket.engine.cache.exact import exact
from pysprocket.engine.cache.key import Key, Subject, on_host
from pysprocket.engine.cache.references import References, is_input, is_own, outermost
from pysprocket.files.digests import Digests, stamp_of
from pysprocket.source.uris import redacted
from pysprocket.values.model import Value, paths_in


def beginning_of(key: Key, stamps: Mapping[str, str], subject: Subject, directory: str) -> Beginning:
    """With what an attempt is begun, now that its command is written.

    Args:
        key: of the call.
        stamps: of the files that it was made of.
        subject: the call.
        directory: of the attempt.
    """
    besides = filter(os.path.exists, _read_besides(key, subject, directory))
    return Beginning(key.name, {**stamps, **{path: _stamp(path) for path in besides}})


def _stamp(path: str) -> str:
    """Empty for what cannot be looked at."""
    with suppress(OSError):
        return stamp_of(path)
    return ""


def changed(key: Key, beginning: Beginning, subject: Subject, result: Result, digests: Digests) -> str | None:
    """What is otherwise than the key of a call says, now that its job has ended; None when nothing is.

    Args:
        key: of the call.
        beginning: with what its attempt was begun.
        subject: the call.
        result: how the job ended.
        digests: which compute those of the files.

    Raises:
        OSError: something cannot be read any more.
    """
    for path, content in key.contents.items():
        if content_of(path, digests, content) != content:
            return f"`{path}` changed while the task ran"
    for path, stamp in beginning.stamps.items():  # what the command has read has no digest of that moment
        if path not in key.contents and _stamp(path) != stamp:
            return f"`{path}` changed while the task ran"
    if subject.image is not None and result.image_digest not in (None, subject.image[1]):
        return f"the image `{subject.image[0]}` changed before the task ran"
    return None


def entry_of(
    key: Key,
    subject: Subject,
    place: Place,
    reason: str,
    result: Result,
    outputs: Mapping[str, Value],
    digests: Digests,
) -> Entry:
    """The entry of a result.

    Args:
        key: of the call.
        subject: the call.
        place: where its files are.
        reason: why the task had to run.
        result: how its job ended.
        outputs: with paths of the host.
        digests: which compute those of the files.

    Raises:
        OSError: a file cannot be read, or changes meanwhile.
    """
    assert result.exit_code is not None, "the task has ended well"
    here = References(place.directory, place.inputs)
    return Entry(
        key=key.name,
        task=subject.task.name,
        document=redacted(subject.task.document.source.uri),
        parts=key.parts,
        exit_code=result.exit_code,
        outputs={name: _written(value, here) for name, value in outputs.items()},
        files=tuple(_kept(path, here, digests) for path in _paths(key, subject, here, outputs)),
        places=(place,),
        origin=place,
        reason=reason,
        seconds=result.ended - result.started if result.ended and result.started else None,
        usage=result.usage,
    )


def _written(value: Value, here: References) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(exact(value, lambda path: here.of(str(path)))))


def _paths(key: Key, subject: Subject, here: References, outputs: Mapping[str, Value]) -> list[str]:
    """Everything that must be as it is now when the result is used: what the task gave, and what it named."""
    found = [f"{here.directory}/stdout", f"{here.directory}/stderr"]
    found += [str(path) for value in outputs.values() for path in paths_in(value)]
    found += filter(os.path.exists, _read_besides(key, subject, here.directory))
    return [path for path in outermost(found) if not is_input(here.of(path))]


def _read_besides(key: Key, subject: Subject, directory: str) -> Iterator[str]:
    """What the command or the output section has named, and neither key nor attempts hold."""
    attempts = directory.rpartition("/")[0]
    for path in subject.paths.named:
        host = on_host(path, subject.paths)
        if host is not None and host not in key.contents and not host.startswith(f"{attempts}/"):
            yield host


def _kept(path: str, here: References, digests: Digests) -> Kept:
    reference = here.of(path)
    return Kept(reference, content_of(path, digests), _size(path) if is_own(reference) else 0)


def _size(path: str) -> int:
    """Bytes of a file, or of all in a directory."""
    if not os.path.isdir(path):  # noqa: PTH112
        return os.stat(path).st_size  # noqa: PTH116
    return sum(os.lstat(f"{folder}/{name}").st_size for folder, _, names in os.walk(path) for name in names)
