"""Why a result could not be used, in words.

In: the parts of two keys, or an entry whose files are no longer as they were. Out: sentences for the user.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from pysprocket.engine.cache.contents import EXECUTABLE, content_of, digest_in
from pysprocket.engine.cache.entries import Entry, Kept, Place
from pysprocket.engine.cache.key import Part
from pysprocket.engine.cache.references import References, is_input
from pysprocket.files.digests import Digests

_TOLD = 3
_NAMED = "file "
"""How the parts begin that are files the task names itself, with a number at the end."""
_SOURCE = {
    "inputs": "the inputs it declares have changed",
    "command": "its command has changed",
    "declarations": "its private declarations have changed",
    "outputs": "its output section has changed",
}


def differences(new: Mapping[str, Part], old: Mapping[str, Part]) -> list[str]:
    """What makes two keys differ, a sentence for each part."""
    names = [name for name in {**new, **old} if _value(new.get(name)) != _value(old.get(name))]
    return [_difference(name, new.get(name), old.get(name)) for name in names]


def _value(part: Part | None) -> str | None:
    return part.value if part is not None else None


def _difference(name: str, new: Part | None, old: Part | None) -> str:
    if name in _SOURCE:
        return _SOURCE[name]
    if new is None or old is None:
        return f"{_quoted(name)} {'is new' if old is None else 'is not there any more'}"
    if name.startswith(_NAMED) and not (new.files and old.files):
        return f"{_quoted(name)} {_there(new)}, it {_there(old, was=True)}"
    if new.files or old.files:
        return f"{_quoted(name)}: {_files(new, old)}"
    if new.shown and old.shown and new.shown != old.shown:
        return f"{_quoted(name)} is {new.shown}, it was {old.shown}"
    return f"{_quoted(name)} has changed"


def _there(part: Part, *, was: bool = False) -> str:
    """Where a file is that the task names itself."""
    return f"{'was' if was else 'is'} {'there' if part.files else part.shown}"


def _quoted(name: str) -> str:
    """`input f`: the kind of a part, and its own name in quotes."""
    kind, _, own = name.partition(" ")
    own = own.rpartition(" ")[0] if name.startswith(_NAMED) else own
    return f"{kind} `{own}`" if own else f"`{name}`"


def _files(new: Part, old: Part) -> str:
    """Which of the files in an input is another one."""
    for (path, digest), (old_path, old_digest) in zip(new.files, old.files, strict=False):
        if digest != old_digest and digest_in(digest) == digest_in(old_digest):
            now, before = ("is", "was not") if digest.endswith(EXECUTABLE) else ("is not", "was")
            return f"`{path}` {now} executable, {'`' + old_path + '`' if old_path != path else 'it'} {before}"
        if digest != old_digest:
            was = f"`{old_path}`" if old_path != path else "it"
            return f"`{path}` has the content {_short(digest)}, {was} had {_short(old_digest)}"
    if len(new.files) != len(old.files):
        return f"it has {len(new.files)} files, it had {len(old.files)}"
    renamed = [(path, was) for (path, _), (was, _) in zip(new.files, old.files, strict=True) if path != was]
    if renamed:
        return f"`{renamed[0][0]}` has the content of `{renamed[0][1]}`, but another name or other neighbours"
    return f"it is {new.shown}, it was {old.shown}"


def _short(digest: str) -> str:
    kind, _, text = digest.partition(":")
    return text[:12] if kind in ("strong", "auto") else f"{text[:12]} ({kind})"


def nearest(parts: Mapping[str, Part], call: str, entries: Iterable[Entry]) -> tuple[Entry, list[str]] | None:
    """The entry that differs least, rather of the same call, rather used lately; and in what it differs."""
    found = [(entry, differences(parts, entry.parts)) for entry in entries]
    return min(found, key=lambda each: (len(each[1]), each[0].origin.call != call), default=None)


def miss_reason(task: str, parts: Mapping[str, Part], call: str, entries: Iterable[Entry]) -> str:
    """Why there is no result for a key."""
    found = nearest(parts, call, entries)
    if found is None:
        return f"no result of the task `{task}` is kept"
    _, sentences = found
    more = f", and {len(sentences) - _TOLD} more differences" if len(sentences) > _TOLD else ""
    return "; ".join(sentences[:_TOLD]) + more


def whole(entry: Entry, digests: Digests) -> Place | str:
    """A place where the files of a result are as they were; when there is none, what is wrong with the newest."""
    problems: list[str] = []
    for place in entry.places:
        problem = _damage(entry, place, digests)
        if problem is None:
            return place
        problems.append(problem)
    return problems[0]


def _damage(entry: Entry, place: Place, digests: Digests) -> str | None:
    here = References(place.directory, place.inputs)
    for kept in entry.files:
        if not is_input(kept.reference) and (problem := _problem(kept, here.path(kept.reference), digests)):
            return problem
    return None


def _problem(kept: Kept, path: str, digests: Digests) -> str | None:
    try:
        same = content_of(path, digests, kept.digest) == kept.digest
    except FileNotFoundError:
        gone = path
        while not os.path.lexists(os.path.dirname(gone)) and gone != "/":  # noqa: PTH120
            gone = os.path.dirname(gone)  # noqa: PTH120
        return f"`{gone}` is gone"
    except OSError as error:
        return f"`{path}` cannot be read: {error.strerror}"
    return None if same else f"`{path}` has changed"
