"""A backend whose mistakes harm nobody else.

In: any `Backend`, also one of another package. Out: one that does the same, but raises nothing except `SprocketError`:
what else it raises, or gives that it must not, is a `BackendError` that names whose mistake it is. It is not
`transient`: who has made one will make it again. The traceback is told to those who want to know more. A full disk and
the like are nobody's mistake and passed on as they are. Nothing that it tells shows a secret that was revealed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

import msgspec

from pysprocket.backends.job import Backend, Job, JobId, JobState, Limits, Notify, Result
from pysprocket.errors import BackendError, SprocketError, is_of_the_system
from pysprocket.source.revealed import conceal, concealed

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

METHODS = (
    "__aenter__",
    "__aexit__",
    "limits",
    "submit",
    "wait",
    "cancel",
    "withdraw",
    "resolve_image",
    "forget",
)
"""What a backend has to have, beside the attributes of `job.Backend`."""


class GuardedBackend:
    """Passes everything on to a backend.

    Args:
        backend: that does the work.
        subject: what messages call it, such as "the backend `local`".
        remedy: what to do about a mistake of it.
        notify: is told of one that comes too late to be raised: on leaving.
        detail: is told the traceback of each; without it the errors carry them.
    """

    def __init__(
        self,
        backend: Backend,
        subject: str,
        remedy: str,
        notify: Notify | None = None,
        detail: Callable[[str], None] | None = None,
    ) -> None:
        self._backend = backend
        self._subject = subject
        self._remedy = remedy
        self._notify = notify
        self._detail = detail
        self.name = backend.name
        self.guest_root = backend.guest_root
        self.detaches = backend.detaches
        self.image_protocols = getattr(backend, "image_protocols", ())

    async def __aenter__(self) -> Self:
        """See `Backend`."""
        await self._asked("__aenter__", self._backend.__aenter__)
        return self

    async def __aexit__(self, *exception: object) -> None:
        """See `Backend`; what was done meanwhile is done, so a mistake is a warning where that can be told."""
        try:
            await self._asked("__aexit__", self._backend.__aexit__, *exception)
        except BackendError as error:
            if self._notify is None:
                raise
            self._notify(self.name, None, str(error))

    def limits(self) -> Limits:
        """See `Backend`."""
        with self._blamed("limits"):
            return _checked(self._backend.limits(), Limits)

    async def submit(self, job: Job) -> JobId:
        """See `Backend`."""
        with self._blamed("submit"):
            return _checked(await self._backend.submit(job), JobId)

    async def wait(self, job_id: JobId) -> Result:
        """See `Backend`."""
        with self._blamed("wait"):
            return _concealed(_checked(await self._backend.wait(job_id), Result))

    async def cancel(self, job_id: JobId) -> None:
        """See `Backend`."""
        await self._asked("cancel", self._backend.cancel, job_id)

    async def withdraw(self, job_id: JobId) -> bool:
        """See `Backend`."""
        return bool(await self._asked("withdraw", self._backend.withdraw, job_id))

    async def resolve_image(self, images: tuple[str, ...]) -> tuple[str, str] | None:
        """See `Backend`."""
        return await self._asked("resolve_image", self._backend.resolve_image, images)

    async def image_here(self, image: str) -> tuple[str, str] | None:
        """The full name of an image and its digest; None when it would have to be fetched, or nobody knows."""
        known = getattr(self._backend, "image_here", None)
        return None if known is None else await self._asked("image_here", known, image)

    async def forget(self, job_id: JobId) -> None:
        """See `Backend`."""
        await self._asked("forget", self._backend.forget, job_id)

    async def _asked(self, method: str, ask: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
        with self._blamed(method):
            return await ask(*arguments)

    @contextmanager
    def _blamed(self, method: str) -> Iterator[None]:
        try:
            yield
        except SprocketError as error:
            conceal(error)
            raise
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise self._blame(method, error) from error  # nobody has asked for that: it cancelled something of its own
        except (Exception, SystemExit) as error:
            if is_of_the_system(error):
                raise
            raise self._blame(method, error) from error

    def _blame(self, method: str, error: BaseException) -> BackendError:
        import traceback  # noqa: PLC0415 - only for this

        conceal(error)
        if self._detail is not None:
            self._detail(concealed("".join(traceback.format_exception(error)).rstrip()))
        blamed = BackendError(f"{self._subject} failed in `{method}`: {described(error)}", help=self._remedy)
        blamed.shows_cause = self._detail is None
        return blamed


def described(error: BaseException) -> str:
    """An exception that is a mistake of a program, and the line of that program where it was raised."""
    import traceback  # noqa: PLC0415 - only for this

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""  # noqa: PTH119
    words = f": {error}" if str(error) else ""
    return concealed(f"{type(error).__name__}{words}{place}")


def discreet(notify: Notify | None) -> Notify | None:
    """One who is told the same without secrets."""
    if notify is None:
        return None

    def told(name: str, state: JobState | None, remark: str) -> None:
        notify(name, state, concealed(remark))

    return told


def _concealed(result: Result) -> Result:
    if result.failure is None:
        return result
    texts = {
        name: concealed(text)
        for name in result.failure.__struct_fields__
        if type(text := getattr(result.failure, name)) is str
    }
    return msgspec.structs.replace(result, failure=msgspec.structs.replace(result.failure, **texts))


def _checked(answer: object, kind: type[S]) -> S:
    """An answer, or the mistake that it is."""
    if not isinstance(answer, kind):
        raise TypeError(f"it gives {answer!r}, not a `{kind.__name__}`")
    msgspec.convert(msgspec.structs.asdict(answer), kind)  # structs can be made of anything
    if isinstance(answer, Result) and answer.exit_code is None and answer.failure is None:
        raise TypeError("it gives a `Result` with neither an exit code nor a failure")
    return answer
