"""A caller who is not root: becomes another user, runs one job with a time limit, prints its `Result` as JSON.

In: a user id and a `Job` as JSON, as arguments. All modules are imported before root is given up, since the new user
may not be able to read them.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401 - imported before root is given up
import os
import shlex  # noqa: F401 - the same
import sys

import msgspec

from pysprocket.backends.docker.backend import DockerBackend
from pysprocket.backends.job import Job


async def run(job: Job) -> None:
    async with DockerBackend() as backend:
        result = await backend.wait(await backend.submit(job))
    print(msgspec.json.encode(result).decode())


if __name__ == "__main__":
    job = msgspec.json.decode(sys.argv[2], type=Job, dec_hook=lambda kind, text: kind(text))
    limited = msgspec.structs.replace(job, resources=msgspec.structs.replace(job.resources, time_limit=3))
    os.environ["HOME"] = "/"
    os.setgroups([])
    os.setgid(int(sys.argv[1]))
    os.setuid(int(sys.argv[1]))
    asyncio.run(run(limited))
