"""An engine that dies: submits one job, prints its `JobId` as JSON, and waits for the signal that ends it.

In: the type of a backend, its settings and a `Job`, both as JSON, as arguments.
"""

from __future__ import annotations

import asyncio
import os
import sys

import msgspec

from pysprocket.backends.job import Job
from pysprocket.backends.registry import create


async def submit(kind: str, settings: bytes, job: bytes) -> None:
    async with create(kind, msgspec.json.decode(settings)) as backend:
        job_id = await backend.submit(msgspec.json.decode(job, type=Job, dec_hook=lambda kind, text: kind(text)))
        print(msgspec.json.encode(job_id).decode(), flush=True)
        await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(submit(sys.argv[1], os.fsencode(sys.argv[2]), os.fsencode(sys.argv[3])))
