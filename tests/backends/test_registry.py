"""Which backends there are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pysprocket.backends.registry import create
from pysprocket.errors import ConfigError


def test_a_backend_is_made_from_its_settings():
    backend = create("local", {"cpu": 1.5, "memory": "2 GiB"})
    assert (backend.name, backend.limits().cpu, backend.limits().memory) == ("local", 1.5, 2 << 30)
    assert create("docker", {"cleanup": False}).guest_root == "/mnt/task"


def test_an_unknown_type_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="no backend of type `dokcer`") as caught:
        create("dokcer", {})
    assert caught.value.help is not None
    assert all(f"`--backend {name}`" in caught.value.help for name in ("local", "docker"))


@pytest.mark.parametrize("settings", [{"color": "red"}, {"memory": "much"}])
def test_settings_that_do_not_fit_are_refused(settings):
    with pytest.raises(ConfigError, match="settings of the backend `local`"):
        create("local", settings)


def test_the_local_backend_imports_no_client_of_docker():
    program = (
        "import sys\nfrom pysprocket.backends.registry import create\ncreate('local', {})\n"
        "sys.exit(any('docker' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
