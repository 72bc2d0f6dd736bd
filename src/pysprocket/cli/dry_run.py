"""`sprocket run --dry-run`: what a run would do, without doing it.

In: an `Order`. Out: a `Preview`, and it as a text for people or as JSON (`cli.planned`). The backend is asked what it
has, and the call cache what it knows; nothing is started, written or fetched.
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

import msgspec

from pysprocket.backends.job import Backend, Limits
from pysprocket.backends.protocols import has_images
from pysprocket.backends.registry import create
from pysprocket.cli.calls import images_first, terms_of
from pysprocket.cli.orders import Order
from pysprocket.cli.planned import Preview
from pysprocket.config.caches import cache_directory
from pysprocket.engine.ahead.dry_run import Kept, Origin, look_ahead
from pysprocket.engine.ahead.expected import ExpectedCall
from pysprocket.engine.ahead.foresight import scratch
from pysprocket.engine.cache.call_cache import MEMORY, CallCache, Hit, not_asked
from pysprocket.engine.cache.exact import read_exact
from pysprocket.engine.cache.references import References
from pysprocket.engine.requirements import Requirements, Terms
from pysprocket.errors import BackendError, ImageError
from pysprocket.types.typed import TypedWorkflow
from pysprocket.values.model import Value


def preview(order: Order) -> Preview:
    """Look ahead.

    Raises:
        SprocketError: a run would fail at once, for the same reason.
    """
    target = order.target
    if isinstance(target, TypedWorkflow) and not target.calls_tasks:
        return Preview(target, None, Limits(), look_ahead(target, order.inputs, Terms(), None), {}, None)
    return asyncio.run(_preview(order))


async def _preview(order: Order) -> Preview:
    with images_first(order):
        backend = create(order.backend.type, order.backend.settings)
    try:
        await backend.__aenter__()
    except BackendError as error:
        return await _look(order, _Place(backend, answers=False), str(error))
    try:
        return await _look(order, _Place(backend), None)
    finally:
        await backend.__aexit__(None, None, None)


async def _look(order: Order, place: _Place, silent: str | None) -> Preview:
    """Expressions are evaluated in a thread: they wait for what the cache and the backend say."""
    settings = order.config.run
    terms = terms_of(settings, cast(Backend, place), order.backend)
    with scratch() as directory:
        cached = settings.task.cache != "off" and order.call_cache
        recall = _Memory(order, place, directory).recall if cached else None
        plan = await asyncio.to_thread(partial(look_ahead, order.target, order.inputs, terms, place.guest_root, recall))
    images = dict.fromkeys(call.images[0] for call in plan.calls if call.images)
    digests = {image: found[1] for image in images if (found := await place.image(image)) is not None}
    return Preview(order.target, order.backend, terms.limits, plan, digests, silent)


@runtime_checkable
class _HasImages(Protocol):
    """A backend that can say which images it has."""

    async def image_here(self, image: str) -> tuple[str, str] | None:
        """The full name of an image and its digest, None when it would have to be fetched."""


class _Place:
    """A backend that is asked what it has, and never told to do anything; maybe it does not even answer."""

    def __init__(self, backend: Backend, *, answers: bool = True) -> None:
        self._backend = backend
        self._answers = answers
        self.name = backend.name
        self.guest_root = backend.guest_root
        if hasattr(backend, "image_protocols"):
            self.image_protocols = backend.image_protocols

    def limits(self) -> Limits:
        """None that is known, when it does not answer."""
        return self._backend.limits() if self._answers else Limits()

    async def image(self, image: str) -> tuple[str, str] | None:
        """The full name and the digest of an image that is there already."""
        if not self._answers or not isinstance(self._backend, _HasImages):
            return None
        with suppress(BackendError):
            return await self._backend.image_here(image)
        return None

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """For the call cache; an image that has to be fetched has no digest yet."""
        if not has_images(self):
            return None
        found = await self.image(images[0])
        if found is None:
            raise ImageError(f"the image `{images[0]}` would have to be fetched")
        return found


class _Memory:
    """The call cache of a run that does not take place: it is asked, and nothing in it is changed."""

    def __init__(self, order: Order, place: _Place, directory: Path) -> None:
        settings = order.config.run.task
        memory = directory / MEMORY
        with suppress(OSError):  # there is none yet
            shutil.copy(cache_directory("calls", settings.cache_dir) / MEMORY, memory)
        self._mode = settings.cache
        self._place = place
        self._loop = asyncio.get_running_loop()
        self._cache = CallCache(settings, cast(Backend, place), "", "", _quiet, _quiet, memory=memory)

    def recall(self, call: ExpectedCall, requirements: Requirements) -> Kept:
        """What the cache knows of a call; asked in a thread beside the loop."""
        if (refusal := not_asked(self._mode, requirements)) is not None:
            return Kept(remark=refusal)
        return asyncio.run_coroutine_threadsafe(self._look(call, requirements), self._loop).result()

    async def _look(self, call: ExpectedCall, requirements: Requirements) -> Kept:
        try:
            await self._place.resolve_image(requirements.images)
        except ImageError as error:
            return Kept(remark=f"may be cached: {error}", certain=False)
        context = call.preparation.context
        found = await self._cache.lookup(call.call.id, call.call.task, call.view, context, requirements)
        if isinstance(found, Hit):
            return Kept(_outputs(found), Origin(found.place.name, found.place.call))
        return Kept(remark=found.reason)


def _outputs(hit: Hit) -> dict[str, Value]:
    """The outputs as they lie where they were made."""
    there = References(hit.place.directory, hit.key.inputs)
    return {name: read_exact(msgspec.json.decode(raw), there.path) for name, raw in hit.entry.outputs.items()}


def _quiet(_sentence: str) -> None:
    """A run would tell it."""
