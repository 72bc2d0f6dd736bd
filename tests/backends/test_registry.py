"""Which backends there are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pysprocket.backends.registry import create, has_implementation
from pysprocket.config.backend_settings import SETTINGS, Docker, Local
from pysprocket.errors import ConfigError


def test_a_backend_is_made_from_its_settings():
    backend = create("local", Local(cpu=3, memory="2 GiB"))
    assert (backend.name, backend.limits().cpu, backend.limits().memory) == ("local", 3, 2 << 30)
    assert create("docker", Docker(cleanup=False)).guest_root == "/mnt/task"


def test_an_unknown_type_is_refused_with_the_nearest_one():
    with pytest.raises(ConfigError, match=r"no backend of type `dokcer`$") as caught:
        create("dokcer", Docker())
    assert caught.value.help == "run with `--backend docker`, or install its package"


def test_an_unknown_type_that_is_like_no_other_is_refused_with_those_that_can_be_used():
    with pytest.raises(ConfigError, match=r"no backend of type `kubernetes`$") as caught:
        create("kubernetes", Docker())
    assert caught.value.help == "run with `--backend docker` or `--backend local`, or install its package"


@pytest.mark.parametrize("type_", sorted(SETTINGS.keys() - {"docker", "local"}))
def test_a_type_that_can_only_be_configured_is_refused_with_those_that_can_be_used(type_: str):
    with pytest.raises(ConfigError, match=f"no backend of type `{type_}` yet") as caught:
        create(type_, Docker())
    assert caught.value.help == "run with `--backend local` or `--backend docker`"


def test_settings_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="settings of the backend `local`"):
        create("local", Local(memory="much"))


def test_the_local_backend_imports_no_client_of_docker():
    program = (
        "import sys\nfrom pysprocket.backends.registry import create\n"
        "from pysprocket.config.backend_settings import Local\ncreate('local', Local())\n"
        "sys.exit(any('docker' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_cannot_be_used_yet_is_what_has_no_module():
    usable = {type_ for type_ in SETTINGS if has_implementation(type_)}
    assert {"docker", "local"} <= usable
    for type_ in SETTINGS.keys() - usable:
        with pytest.raises(ConfigError, match=f"there is no backend of type `{type_}` yet"):
            create(type_, Local())
    for type_ in usable:
        assert create(type_, SETTINGS[type_]()).name
