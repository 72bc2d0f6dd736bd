"""Backends of other packages, found by their entry points."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pysprocket.config import load, plugins
from pysprocket.config.backend_settings import SETTINGS, Local
from pysprocket.config.plugins import backend_class, backend_types, settings_of
from pysprocket.errors import ConfigError

GOOD = """
from __future__ import annotations
from pysprocket.config.section import BackendSettings

class Sun(BackendSettings, frozen=True):
    rays: int = 3

class SunBackend:
    Settings = Sun
"""

WHOLE = """
from pysprocket.plugin import *

class Sun(BackendSettings, frozen=True):
    rays: int = 3

class SunBackend(BackendBase[Sun]):
    name, Settings = "sun", Sun
    async def submit(self, job): ...
    async def wait(self, job_id): ...
    async def cancel(self, job_id): ...
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a package with entry points of our group where Python finds it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    forget()

    def put(package: str, code: str, **points: str) -> None:
        (tmp_path / f"{package}.py").write_text(code)
        about = tmp_path / f"{package}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = "".join(f"{type_} = {package}:{name}\n" for type_, name in points.items())
        (about / "entry_points.txt").write_text(f"[pysprocket.backends]\n{lines}")
        forget()

    yield put
    forget()
    for name in set(sys.modules) - before:
        del sys.modules[name]


def forget() -> None:
    plugins._entry_points.cache_clear()
    plugins._found.cache_clear()


def refused(type_: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        settings_of(type_)
    return caught.value


def test_a_backend_of_another_package_is_found(install):
    install("sun_package", GOOD, sun="SunBackend")
    struct = settings_of("sun")
    assert struct is not None
    assert struct.__struct_fields__ == ("rays", "max_scatter_concurrency")
    assert backend_types() == (*SETTINGS, "sun")
    found = backend_class("sun")
    assert found is not None
    assert found.__name__ == "SunBackend"


def test_what_no_package_has_is_none():
    assert settings_of("moon") is None
    assert backend_class("moon") is None


def test_what_is_built_in_is_no_matter_of_other_packages(install):
    install("sun_package", "raise RuntimeError", local="X")
    assert settings_of("local") is Local
    assert backend_types() == tuple(SETTINGS)


def test_a_package_that_is_not_asked_for_is_not_imported(install):
    install("sun_package", "raise RuntimeError", sun="SunBackend")
    assert backend_types() == (*SETTINGS, "sun")
    assert "sun_package" not in sys.modules


CAREFUL = GOOD.replace(
    "    rays: int = 3\n",
    """    rays: int = 3
    def __post_init__(self):
        if self.rays < 0:
            raise ValueError("the sun has rays")
        1 / self.rays
""",
)


@pytest.mark.parametrize(
    ("rays", "said"),
    [
        ("-1", "`run.backends.mine`: the sun has rays"),
        ("0", "`run.backends.mine`: ZeroDivisionError: "),
        ('"x"', "`run.backends.mine.rays` must be an integer, not the string `x`"),
    ],
)
def test_settings_that_a_package_refuses_are_told_at_their_place(install, tmp_path, rays, said):
    install("sun_package", CAREFUL, sun="SunBackend")
    file = tmp_path / "sprocket.toml"
    file.write_text(f'[run.backends.mine]\ntype = "sun"\nrays = {rays}\n[run]\nfail = "fats"\n')
    with pytest.raises(ConfigError) as caught:
        load(files=[file], search=False)
    first, second = caught.value.diagnostics
    assert first.message.startswith(said)
    assert first.labels[0].source.name == str(file)
    assert "`run.fail` must be" in second.message
    file.write_text('[run.backends.mine]\ntype = "sun"\n')
    assert load(files=[file], search=False).run.backends["mine"].type == "sun"


TABLES = """
from __future__ import annotations
from typing import Annotated, Literal
import msgspec
from pysprocket.config.section import BackendSettings, Section, Size

class Moon(Section, frozen=True):
    name: str
    room: Size = "1 GB"
    phase: Annotated[float, msgspec.Meta(ge=0)] = 0.5

class Sun(BackendSettings, frozen=True):
    moon: Moon
    moons: list[Moon] = []
    rays: Annotated[int, msgspec.Meta(ge=1)] = 3

class SunBackend:
    Settings = Sun
"""


def test_a_backend_of_a_package_may_have_tables_of_its_own(install, tmp_path):
    install("sun_package", TABLES, sun="SunBackend")
    file = tmp_path / "sprocket.toml"
    file.write_text(
        '[run.backends.mine]\ntype = "sun"\nmoon = { name = "Io", phase = 1 }\nmoons = [{ name = "Europa" }]\n'
    )
    settings = load(files=[file], search=False).run.backends["mine"].settings
    io, europa = "Moon(name='Io', room='1 GB', phase=1.0)", "Moon(name='Europa', room='1 GB', phase=0.5)"
    assert repr(settings) == f"Sun(moon={io}, moons=[{europa}], rays=3, max_scatter_concurrency=None)"
    file.write_text(
        '[run.backends.mine]\ntype = "sun"\nmoon = { phase = 1 }\nmoons = [{ name = "Io", room = "0 GB" }, 5]\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(files=[file], search=False)
    assert [each.message for each in caught.value.diagnostics] == [
        "`run.backends.mine.moon` has no `name`",
        "`run.backends.mine.moons[0].room` cannot be 0 or less",
        "`run.backends.mine.moons[1]` must be a table, not an integer",
    ]


def test_a_backend_of_a_package_may_be_named_by_its_type(install, tmp_path):
    install("sun_package", GOOD, sun="SunBackend")
    file = tmp_path / "sprocket.toml"
    file.write_text('run.backend = "sun"\n')
    assert load(files=[file], search=False).run.backend == "sun"
    file.write_text('run.backend = "sunn"\n')
    with pytest.raises(ConfigError) as caught:
        load(files=[file], search=False)
    (told,) = caught.value.diagnostics
    assert (told.code, told.help) == ("UnknownBackend", "did you mean `sun`?")


def test_a_package_may_refuse_its_own_defaults(install, tmp_path):
    install("sun_package", CAREFUL.replace("rays: int = 3", "rays: int = -1"), sun="SunBackend")
    file = tmp_path / "sprocket.toml"
    file.write_text('run.backend = "sun"\n')
    with pytest.raises(ConfigError) as caught:
        load(files=[file], search=False)
    (told,) = caught.value.diagnostics
    assert told.message == "a backend of type `sun` cannot be without settings: the sun has rays"


def test_keys_of_a_package_are_known_without_a_type(install, tmp_path):
    install("sun_package", GOOD, sun="SunBackend")
    install("broken_package", "raise RuntimeError", broken="X")
    file = tmp_path / "sprocket.toml"
    file.write_text("[run.backends.mine]\nrays = true\nraise = 1\n")
    with pytest.raises(ConfigError) as caught:
        load(files=[file], search=False)
    assert [told.message for told in caught.value.diagnostics] == [
        "`run.backends.mine` has no `type`",
        "`run.backends.mine.rays` must be an integer, not `true`",
        "`run.backends.mine.raise` is not a setting",
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nowhere_at_all", "No module named 'nowhere_at_all'"),
        ("x = ", "SyntaxError: invalid syntax"),
        ("", "AttributeError: module 'sun_package' has no attribute 'SunBackend'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def SunBackend(settings): ...", "`sun_package:SunBackend` is not a class"),
        ("class SunBackend: ...", "`sun_package:SunBackend` has no attribute `Settings`"),
        ("class SunBackend:\n    Settings = dict", "is not a subclass of `pysprocket.config.section.BackendSettings`"),
        (GOOD.replace("rays", "type"), "has a field `type`, but this key names the type of the backend"),
        (GOOD.replace("int", "Unknown"), "NameError: name 'Unknown' is not defined"),
    ],
)
def test_a_broken_package_is_named_with_what_to_do(install, code, said):
    install("sun_package", code, sun="SunBackend")
    error = refused("sun")
    assert str(error).startswith("the backend `sun` of the package `sun_package 1.0` cannot be used: ")
    assert said in str(error)
    assert "pip uninstall sun_package" in (error.help or "")


def test_two_packages_with_one_type_are_both_named(install):
    install("sun_package", GOOD, sun="SunBackend")
    install("other_package", GOOD, sun="SunBackend")
    error = refused("sun")
    assert "`sun_package`" in str(error)
    assert "`other_package`" in str(error)
    assert "both have a backend of type `sun`" in str(error)
    assert backend_types() == (*SETTINGS, "sun")


def test_packages_are_not_looked_for_without_need():
    code = (
        "import sys\n"
        "from pysprocket.config.plugins import settings_of\n"
        "assert settings_of('tes') and settings_of('local')\n"
        "sys.exit('importlib.metadata' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_all_backends_have_keeps_its_meaning(install):
    anew = GOOD.replace("rays: int = 3", "max_scatter_concurrency: str = 'x'")
    install("sunny", anew, sun="SunBackend")
    error = refused("sun")
    assert "the backend `sun` of the package `sunny 1.0` cannot be used" in str(error)
    assert "`sunny:SunBackend.Settings` declares `max_scatter_concurrency` anew" in str(error)
    install("moony", GOOD.replace("rays: int = 3", "rays: 'int | None' = None"), moon="SunBackend")
    assert settings_of("moon") is not None


def test_a_package_that_fails_is_imported_once(install, tmp_path):
    log = tmp_path / "log"
    code = f"with open({str(log)!r}, 'a') as file:\n    file.write('once ')\nraise OSError(5, 'no sun')"
    install("sun_package", code, sun="SunBackend")
    assert str(refused("sun")) == str(refused("sun"))
    assert log.read_text() == "once "


def test_what_a_package_prints_when_it_is_imported_is_no_answer(install, capsys):
    install("sun_package", GOOD + "print('the sun rises')\n", sun="SunBackend")
    assert settings_of("sun") is not None
    assert capsys.readouterr() == ("", "the sun rises\n")
