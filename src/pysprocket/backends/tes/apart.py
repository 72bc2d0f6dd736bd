"""What blocks, in a thread that nobody waits for.

In: a function and its arguments. Out: `apart`, to be awaited. Unlike `asyncio.to_thread`, what does not come to an end
holds up neither the end of the event loop nor that of the program.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def apart(function: Callable[..., _Result], *arguments: Any) -> _Result:
    """What the function gives or raises; when this is cancelled, the function goes on by itself."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_Result] = loop.create_future()

    def settle(result: _Result | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, failure = None, None
        try:
            result = function(*arguments)
        except Exception as error:  # whoever awaits gets it
            failure = error
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, daemon=True).start()
    return await future
