"""The call cache of a run: looks for an earlier result of a call, and keeps new ones.

In: a call whose inputs and requirements are known. Out: a `Hit`, whose files can be brought into the attempt directory
of the call, or a `Miss`, which says why the task must run and is given back with what it gave. All reading and writing
is done by a few threads. Nothing of it can fail a run: what goes wrong is a miss, or a result that is not kept.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar, TypeVarTuple, Unpack

import msgspec

from pysprocket.backends.job import Backend, Result
from pysprocket.backends.protocols import has_images
from pysprocket.config.caches import cache_directory
from pysprocket.config.settings import Task as Settings
from pysprocket.engine.cache.beginnings import Beginning, doubt, forget, note, stamps_of
from pysprocket.engine.cache.contents import digest_in
from pysprocket.engine.cache.differences import miss_reason, whole
from pysprocket.engine.cache.entries import Entries, Entry, Place
from pysprocket.engine.cache.exact import read_exact
from pysprocket.engine.cache.keeping import beginning_of, changed, entry_of
from pysprocket.engine.cache.key import Excluded, Key, Subject, key_of
from pysprocket.engine.cache.materialise import clear, materialise
from pysprocket.engine.cache.references import References, is_own
from pysprocket.engine.contexts import TaskContext
from pysprocket.engine.requirements import Requirements
from pysprocket.errors import RunFailed, SprocketError
from pysprocket.files.digests import WORTH_REMEMBERING, Digests
from pysprocket.types.attributes import ALIASES
from pysprocket.types.typed import TypedTask
from pysprocket.values.model import Value
from pysprocket.values.scope import Scope

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_THREADS = 4
_COMPARED = 20
"""How many of a task's entries are compared to say why none of them fits."""
_MOST_TOLD = 5
"""How many results that could not be kept are told in one run."""
MEMORY = "digests.sqlite"
"""The file of remembered digests in the directory of the cache."""


class Cached(msgspec.Struct, frozen=True):
    """A result that was taken from the cache.

    Attributes:
        outputs: with paths of the host, in the attempt directory that was asked for.
        origin: where the task ran.
        seconds: how long that took, None when it is unknown.
    """

    key: str
    outputs: dict[str, Value]
    exit_code: int
    origin: Place
    seconds: float | None


class Miss(msgspec.Struct, frozen=True, eq=False):
    """The task must run.

    Attributes:
        reason: why, in a few words for the user.
        wanted: whether the cache was to be asked at all: not where a task or the mode says no.
        stamps: of the files that the key was made of, as they were then.
    """

    reason: str
    wanted: bool = True
    call: str = ""
    subject: Subject | None = None
    key: Key | None = None
    stamps: dict[str, str] = {}


class Begun(msgspec.Struct, frozen=True, eq=False):
    """An attempt of a call that is to be kept when it ends well.

    Attributes:
        reason: why the task had to run.
        beginning: with what the attempt is begun now.
        before: whether an earlier process began it, so that what it saw must be proved.
    """

    reason: str
    call: str
    subject: Subject
    key: Key
    beginning: Beginning
    before: bool


class Hit(msgspec.Struct, frozen=True, eq=False):
    """There is a result whose files are as they were, in `place`."""

    call: str
    subject: Subject
    key: Key
    entry: Entry
    place: Place


class CallCache:
    """The call cache of a run; an asynchronous context manager: leaving waits for what is being kept.

    Args:
        settings: `run.task`.
        backend: of the run; it says which image a tag means.
        run_id, run_name: of the run, for those who ask later where a result is from.
        tell: called, in any thread, with a sentence that the user should know.
        remark: the same, with one that explains what is as it should be.
        memory: the file of remembered digests, None for that of the cache.
    """

    def __init__(
        self,
        settings: Settings,
        backend: Backend,
        run_id: str,
        run_name: str,
        tell: Callable[[str], None],
        remark: Callable[[str], None],
        memory: Path | None = None,
    ) -> None:
        directory = cache_directory("calls", settings.cache_dir)
        self._settings = settings
        self._excluded = Excluded(
            frozenset(settings.excluded_cache_inputs),
            frozenset(ALIASES.get(name, name) for name in settings.excluded_cache_requirements),
            frozenset(ALIASES.get(name, name) for name in settings.excluded_cache_hints),
        )
        self._backend = backend
        self._run = run_id, run_name
        self._tell = tell
        self._remark = remark
        self._entries = Entries(directory)
        self._digests = Digests(memory or directory / MEMORY, settings.digests, tell)
        self._threads = ThreadPoolExecutor(_THREADS, "call-cache")
        self._images: dict[tuple[str, ...], asyncio.Future[tuple[str, str] | None]] = {}
        self._compared: dict[str, list[Entry]] = {}
        self._unwritable = False
        self._told = 0

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait until everything is kept, also of a run that failed; one that is interrupted leaves large files out."""
        if kind is not None and not issubclass(kind, RunFailed):
            self._digests.stop()
        for asked in self._images.values():
            asked.cancel()
        at_once = kind is not None and not issubclass(kind, Exception)
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=at_once)
        self._digests.close()

    # --- looking -----------------------------------------------------------------------------------------

    async def lookup(
        self, call_id: str, task: TypedTask, scope: Scope, context: TaskContext, requirements: Requirements
    ) -> Hit | Miss:
        """Look for a result; no file of the run is touched, nothing is raised.

        Args:
            call_id: of the call.
            task: that is called.
            scope: inputs, private declarations and `task`, as the job would see them, before the first attempt.
            context: in which they were evaluated.
            requirements: of the first attempt.
        """
        subject = await self._subject(task, scope, context, requirements)
        return subject if isinstance(subject, Miss) else await self._in_thread(self._look, call_id, subject)

    async def _subject(
        self, task: TypedTask, scope: Scope, context: TaskContext, requirements: Requirements
    ) -> Subject | Miss:
        if (refusal := not_asked(self._settings.cache, requirements)) is not None:
            return Miss(refusal, wanted=False)
        try:
            image = await self._image(requirements.images)
        except SprocketError as error:
            return Miss(f"the digest of its image is not known: {error}")
        return Subject(task, scope, context.paths, requirements, self._settings.shell, image, self._excluded)

    async def _in_thread(self, work: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """What a backend says is asked once for each image, even if many ask at once."""
        if not has_images(self._backend) or "container" in self._excluded.requirements:
            return None
        future = self._images.get(images)
        if future is None or (future.done() and (future.cancelled() or future.exception() is not None)):
            future = self._images[images] = asyncio.ensure_future(self._backend.resolve_image(images))
        return await asyncio.shield(future)

    async def miss(
        self, call_id: str, task: TypedTask, scope: Scope, context: TaskContext, requirements: Requirements
    ) -> Miss:
        """For a call that an earlier process has begun: no result is taken, but its own can be kept."""
        found = await self.lookup(call_id, task, scope, context, requirements)
        if isinstance(found, Miss):
            return found
        try:
            return _missed(found.call, found.subject, found.key, "an earlier process had begun it")
        except OSError as error:
            return _not_seen(found.call, error)

    def _look(self, call: str, subject: Subject) -> Hit | Miss:
        try:
            return self._found(call, subject, key_of(subject, self._digests))
        except OSError as error:
            return _not_seen(call, error)
        except (TypeError, ValueError, RecursionError) as error:
            return Miss(f"its inputs have no key: {error}", call=call)

    def _found(self, call: str, subject: Subject, key: Key) -> Hit | Miss:
        entry = self._entries.read(subject.task.name, key.name)
        if entry is None:
            reason = self._reason(call, subject.task.name, key)
        else:
            place = whole(entry, self._digests)
            if isinstance(place, Place):
                return Hit(call, subject, key, entry, place)
            reason = f"its result is no longer whole: {place}"
        return _missed(call, subject, key, reason)

    def _reason(self, call: str, task: str, key: Key) -> str:
        """Compared with what there was when the task was first looked for: not with other items of its scatter."""
        entries = self._compared.get(task)
        if entries is None:
            earlier = (entry for entry in self._entries.of(task, _COMPARED) if entry.places[0].run != self._run[0])
            entries = self._compared.setdefault(task, list(earlier))
        return miss_reason(task, key.parts, call, entries)

    # --- taking ------------------------------------------------------------------------------------------

    async def take(
        self,
        call_id: str,
        task: TypedTask,
        scope: Scope,
        context: TaskContext,
        requirements: Requirements,
        directory: Path,
    ) -> Cached | Miss:
        """Look for a result as `lookup` does, and bring its files into an attempt directory that has no job."""
        subject = await self._subject(task, scope, context, requirements)
        return subject if isinstance(subject, Miss) else await self._in_thread(self._fetch, call_id, subject, directory)

    def clear(self, directory: Path) -> None:
        """Empty an attempt directory that a process which died may have filled by `take`, before a job gets it."""
        clear(str(directory))

    def _fetch(self, call: str, subject: Subject, directory: Path) -> Cached | Miss:
        found = self._look(call, subject)
        return found if isinstance(found, Miss) else self._take(found, directory)

    def _take(self, hit: Hit, directory: Path) -> Cached | Miss:
        entry = hit.entry
        inputs = hit.key.inputs
        try:
            materialise(entry, hit.place, str(directory), inputs)
            here = References(str(directory), inputs)
            outputs = {name: read_exact(msgspec.json.decode(raw), here.path) for name, raw in entry.outputs.items()}
            self._note(entry, here)
        except OSError as error:
            return self._not_brought(hit, error)
        with suppress(OSError):  # who cannot write the cache can read it all the same
            self._entries.use(entry, self._place(hit.call, directory, inputs))
        return Cached(entry.key, outputs, entry.exit_code, entry.origin, entry.seconds)

    def _not_brought(self, hit: Hit, error: OSError) -> Miss:
        try:
            return _missed(hit.call, hit.subject, hit.key, f"its result could not be brought along: {error}")
        except OSError as unseen:
            return _not_seen(hit.call, unseen)

    def _note(self, entry: Entry, here: References) -> None:
        for kept in entry.files:
            if kept.size >= WORTH_REMEMBERING and not kept.digest.startswith("auto:") and is_own(kept.reference):
                path = here.path(kept.reference)
                if not os.path.isdir(path):  # noqa: PTH112
                    self._digests.note(path, digest_in(kept.digest))

    def _place(self, call: str, directory: Path, inputs: tuple[str, ...]) -> Place:
        return Place(str(directory), *self._run, call, inputs, time.time())

    # --- keeping -----------------------------------------------------------------------------------------

    def begin(self, miss: Miss, directory: Path, *, begun_before: bool) -> Begun | None:
        """Write down in an attempt directory what its job is started with; None when nothing can be kept.

        Args:
            miss: what `take` or `miss` said.
            directory: of the attempt, whose command is written.
            begun_before: whether an earlier process began it, and wrote this down.
        """
        if miss.key is None:
            return None
        assert miss.subject is not None
        beginning = beginning_of(miss.key, miss.stamps, miss.subject, str(directory))
        if not begun_before:
            note(str(directory), beginning)
        return Begun(miss.reason, miss.call, miss.subject, miss.key, beginning, begun_before)

    def store(self, begun: Begun, directory: Path, result: Result, outputs: Mapping[str, Value]) -> None:
        """Keep what a call gave, in a thread; what goes wrong there is told and harms nobody.

        Args:
            begun: what `begin` said of the attempt that succeeded.
            directory: of that attempt.
            result: how its job ended.
            outputs: with paths of the host.
        """
        self._threads.submit(self._store, begun, directory, result, outputs)

    def _store(self, begun: Begun, directory: Path, result: Result, outputs: Mapping[str, Value]) -> None:
        key, subject = begun.key, begun.subject
        place = self._place(begun.call, directory, key.inputs)
        try:
            if begun.before and (unsure := doubt(str(directory), begun.beginning)) is not None:
                self._not_kept(begun.call, unsure, self._remark)
                return
            problem = changed(key, begun.beginning, subject, result, self._digests)
            if problem is None:
                self._write(entry_of(key, subject, place, begun.reason, result, outputs, self._digests))
                return
        except InterruptedError:
            return
        except OSError as error:
            problem = f"`{error.filename}`: {error.strerror}"
        except (TypeError, ValueError, RecursionError) as error:
            problem = str(error)
        finally:
            forget(str(directory))
        self._not_kept(begun.call, problem, self._tell)

    def _not_kept(self, call: str, why: str, tell: Callable[[str], None]) -> None:
        self._told += 1
        if self._told <= _MOST_TOLD:
            more = " (more like this are not told)" if self._told == _MOST_TOLD else ""
            tell(f"the result of `{call}` is not kept in the call cache: {why}{more}")

    def _write(self, entry: Entry) -> None:
        """A cache that cannot be written is told once."""
        try:
            self._entries.write(entry)
        except OSError as error:
            if not self._unwritable:
                self._unwritable = True
                self._tell(f"results are not kept in the call cache: `{error.filename}`: {error.strerror}")


def _missed(call: str, subject: Subject, key: Key, reason: str) -> Miss:
    return Miss(reason, call=call, subject=subject, key=key, stamps=stamps_of(key.contents))


def _not_seen(call: str, error: OSError) -> Miss:
    return Miss(f"`{error.filename}` cannot be looked at: {error.strerror}", call=call)


def not_asked(mode: str, requirements: Requirements) -> str | None:
    """Why the cache is not to be asked for a call; None when it is."""
    hint = requirements.hints.get("cacheable")
    if hint is False or str(hint).lower() == "false":
        return "the task is marked `cacheable: false`"
    if mode == "explicit" and hint is not True and str(hint).lower() != "true":
        return "the task is not marked `cacheable: true`, and `run.task.cache` is `explicit`"
    return "`run.task.cache` is `off`" if mode == "off" else None
