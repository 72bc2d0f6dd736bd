"""docs/reference/configuration.md is what the settings and the prose around them make it, and names all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pysprocket.backends.protocols import KNOWN
from pysprocket.config import describe, load
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.settings import SECTIONS_UNREAD
from pysprocket.config.spellings import OBSOLETE, SPELLINGS
from scripts.reference import CONFIGURATION, configuration

TEXT = CONFIGURATION.read_text()
RETRY = ("run", "task", "retry")


def test_the_reference_of_the_configuration_is_up_to_date():
    assert configuration() == TEXT, "run `make reference`"


@pytest.mark.parametrize(
    "setting", list(describe.settings(describe.sections())), ids=lambda setting: ".".join(setting.path)
)
def test_every_setting_is_there_once(setting: describe.Setting):
    path = setting.path[:-1] if setting.path[:3] == RETRY and len(setting.path) == 5 else setting.path
    assert len(re.findall(rf"^\| `{re.escape('.'.join(path))}` \|", TEXT, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_of_a_backend_is_in_its_section(name: str):
    section = re.split(r"\n##", TEXT.split(f'### type = "{name}"\n', 1)[1], maxsplit=1)[0]
    for setting in describe.settings(describe.backend(name, SETTINGS[name])):
        assert f"| `{'.'.join(setting.path[3:])}` |" in section, setting.path


def test_every_other_spelling_section_and_protocol_is_named():
    others = [key for keys in SPELLINGS.values() for key in keys] + [key for keys in OBSOLETE.values() for key in keys]
    for name in (*SECTIONS_UNREAD, *others):
        assert re.search(rf"`(\w+\.)*{name}`", TEXT), name
    for protocol in KNOWN:
        assert f"`{protocol}://`" in TEXT


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
def test_an_example_loads(tmp_path: Path, example: str):
    (tmp_path / "sprocket.toml").write_text(example)
    assert load(files=[tmp_path / "sprocket.toml"], search=False).run.backends
