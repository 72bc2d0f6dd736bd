"""Whether a Docker Engine answers.

In: the settings of the Docker backend. Out: `Answer`.
"""

from __future__ import annotations

from pysprocket.backends.answers import Answer
from pysprocket.backends.docker.backend import DockerBackend
from pysprocket.config.backend_settings import Docker
from pysprocket.units import format_size


async def probe(settings: Docker, *_: object) -> Answer:
    """What the daemon says of itself.

    Raises:
        BackendError: no daemon answers, or it may not be asked.
    """
    async with DockerBackend(settings) as backend:
        daemon = backend.daemon
    rootless = ", rootless" if daemon.rootless else ""
    size = f"{daemon.cpu:g} CPUs, {format_size(daemon.memory)}"
    return Answer(f"Docker {daemon.version}{rootless}, {size}, at {daemon.address}")
