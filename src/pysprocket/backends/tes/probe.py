"""Whether a TES server answers, and the stores that it exchanges files through.

In: the settings of the TES backend and `run.storage`. Out: `Answer`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

from pysprocket.backends.answers import SHARE, Answer
from pysprocket.backends.tes.apart import apart
from pysprocket.backends.tes.service import Service, find_service
from pysprocket.config.backend_settings import OAuth, Tes
from pysprocket.config.settings import Run, Storage
from pysprocket.errors import BackendError, SprocketError
from pysprocket.source.diagnostic import Diagnostic, error, note, warning
from pysprocket.source.uris import redacted

_PATIENCE = "check the network connection, or allow it more time with `--timeout`"


async def probe(settings: Tes, run: Run, seconds: float) -> Answer:
    """What the server says of itself, and whether the stores can be read; the latter is told of any server.

    Args:
        settings: of the backend.
        run: with the logins of stores.
        seconds: how long all may take.

    Raises:
        BackendError: no TES server answers.
        ConfigError: a secret cannot be had.
    """
    seconds *= SHARE
    service, inputs, outputs = await asyncio.gather(
        _server(settings, seconds),
        _store("inputs", settings.inputs, run.storage, seconds),
        _store("outputs", settings.outputs, run.storage, seconds),
    )
    stores = (*inputs, *outputs)
    if isinstance(service, Service):
        version = f", TES {service.version}" if service.version else ""
        return Answer(f"{service.name}{version}", (*_remarks(service, settings), *stores))
    if isinstance(settings.auth, OAuth):
        return Answer("a server that wants a login by OAuth, which is not tried here", stores)
    if stores:
        return Answer("", (error("", str(service), help=service.help), *stores))
    raise service


async def _server(settings: Tes, seconds: float) -> Service | SprocketError:
    try:
        async with asyncio.timeout(seconds):
            return await find_service(settings, seconds)
    except SprocketError as problem:
        return problem
    except TimeoutError:
        return BackendError(f"the TES server at `{redacted(settings.url)}` does not answer in time", help=_PATIENCE)


def _remarks(service: Service, settings: Tes) -> Iterator[Diagnostic]:
    if service.moved is not None:
        yield warning(
            "",
            f"the server sends requests on to `{redacted(service.moved)}`",
            help="set `url` to it; tasks that are created may get lost on the way",
        )
    elif service.base != settings.url.rstrip("/") and "@" not in settings.url:
        yield note("", f"its API begins at `{redacted(service.base)}`", help="set `url` to it")


async def _store(key: str, url: str, storage: Storage, seconds: float) -> tuple[Diagnostic, ...]:
    """What is wrong with the place of the inputs or outputs."""
    from pysprocket.files import stores  # noqa: PLC0415 - obstore is for TES alone

    try:
        async with asyncio.timeout(seconds):
            if stores.is_store(url):
                await apart(partial(stores.reach, url, storage, seconds=seconds, retries=0))
                return ()
            await apart(stores.reach_web, url, seconds)
    except SprocketError as problem:
        return (error("", f"`{key}`: {problem}", help=problem.help),)
    except TimeoutError:
        return (error("", f"`{key}`: `{redacted(url)}` does not answer in time", help=_PATIENCE),)
    if key == "inputs":
        what = f"`inputs`: nothing can be uploaded to the web server of `{redacted(url)}`"
        return (warning("", what, help="use `s3://`, `gs://` or `az://`"),)
    return ()
