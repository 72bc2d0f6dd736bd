"""Fixtures of the tests against real components."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.integration.docker_engine import HOME, Api, Engine
from tests.integration.docker_fixture import docker_host  # noqa: F401 - a fixture
from tests.integration.docker_images import base_tarball, import_image


@pytest.fixture(scope="session")
def engine_without_network() -> Iterator[Engine]:
    """A second Docker Engine, which has no bridge and may be restarted."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("only root can start a second Docker Engine")
    engine = Engine(HOME / "no-bridge", private=True)
    engine.start()
    import_image(Api(engine.host), "pysprocket/base:latest", base_tarball(HOME))
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def image_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A container registry on the loopback interface: its address as it stands in image names."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("there is no `docker-registry` (Debian package of that name)")
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {folder}/data\n"
        f"http:\n  addr: {address}\n"
    )
    registry = subprocess.Popen([program, "serve", folder / "config.yml"], stderr=subprocess.DEVNULL)
    api = Api(f"tcp://{address}")
    for _ in range(100):
        if api.answers("/v2/"):
            break
        time.sleep(0.1)
    yield address
    registry.kill()
    registry.wait()
