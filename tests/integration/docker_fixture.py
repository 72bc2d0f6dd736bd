"""The fixture `docker_host`: a Docker Engine for the whole test session, with `DOCKER_HOST` set to it.

Only a run that asks for integration tests (`pytest -m integration`) installs or starts an engine; there, root on
Debian must get one, and a failure to bring it up is an error. Elsewhere an engine that answers already is used, and
without one the test is skipped and says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.integration import docker_engine


@pytest.fixture(scope="session")
def docker_host(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a Docker Engine that has the images of `docker_images.IMAGES`."""
    asked_for = "integration" in request.config.getoption("-m").replace("not integration", "")
    before = os.environ.get("DOCKER_HOST")
    try:
        host, started = docker_engine.up(start=asked_for)
    except LookupError as reason:
        pytest.skip(str(reason))
    os.environ["DOCKER_HOST"] = host
    yield host
    if before is None:
        del os.environ["DOCKER_HOST"]
    else:
        os.environ["DOCKER_HOST"] = before
    if started:
        docker_engine.Engine().stop()
