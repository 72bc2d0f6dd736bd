"""Paths and programs in settings, and that they mean the same where `config resolve` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pysprocket.config import Loaded, load, load_explained
from pysprocket.config.resolved import resolved
from pysprocket.config.section import BackendSettings
from pysprocket.config.settings import Config
from pysprocket.errors import ConfigError


def write(directory: Path, text: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "sprocket.toml").write_text(text)
    return directory / "sprocket.toml"


def again(found: Loaded, elsewhere: Path) -> Config:
    """The settings that what is printed of some means in another directory."""
    return load(files=[write(elsewhere, resolved(found))], search=False)


@pytest.mark.parametrize("directory", ["a$b", "a$HOME", "${x}", "$$", "$", "a$"])
def test_a_dollar_in_the_path_of_a_file_is_kept(tmp_path, directory):
    here = tmp_path / directory
    text = (
        'run.http.cache_dir = "c"\nrun.storage.s3.auth = { access_key_id = "x", secret_access_key = { file = "s" } }\n'
    )
    found = load_explained(files=[write(here, text)], search=False)
    second = again(found, tmp_path / "elsewhere")
    for config in (found.config, second):
        assert config.run.http.cache_dir == str(here / "c")
        auth = config.run.storage.s3.auth
        assert auth is not None
        assert auth.secret_access_key.file == str(here / "s")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/x/a$$b", "/x/a$b"),
        ("/x/$$V", "/x/$V"),
        ("/x/$$$V", "/x/$v$w"),
        ("/x/${V}$$", "/x/v$w$"),
        ("/x/a$-b", "/x/a$-b"),
        ("/x/a$", "/x/a$"),
        ("/x/${V:-d}", "/x/v$w"),
        ("/x/${NONE:-d/e}/f", "/x/d/e/f"),
        ("/x/${NONE:-}y", "/x/y"),
        ("/x/$$/${", "/x/$/${"),
    ],
)
def test_two_dollars_are_one(tmp_path, monkeypatch, text, meant):
    monkeypatch.setenv("V", "v$w")
    found = load_explained(files=[write(tmp_path, f'run.task.cache_dir = "{text}"\n')], search=False)
    assert found.config.run.task.cache_dir == meant
    assert again(found, tmp_path / "elsewhere").run.task.cache_dir == meant


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("$NONE", "the environment variable `NONE` is not set"),
        ("${NONE}", "the environment variable `NONE` is not set"),
        ("${NONE-d}", "`${NONE-d}` names no environment variable"),
        ("${NONE:+d}", "`${NONE:+d}` names no environment variable"),
        ("${ HOME }", "`${ HOME }` names no environment variable"),
        ("${}", "`${}` names no environment variable"),
        ("$é", "`$é` names no environment variable"),
    ],
)
def test_what_is_no_variable_is_refused(tmp_path, monkeypatch, variable, said):
    monkeypatch.delenv("NONE", raising=False)
    with pytest.raises(ConfigError) as caught:
        load(files=[write(tmp_path, f'run.task.cache_dir = "/x/{variable}"\n')], search=False)
    (told,) = caught.value.diagnostics
    assert (told.message, told.help) == (
        f"`run.task.cache_dir`: {said}",
        "`${NAME:-default}` has a default; `$$` is a `$`",
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("singularity", "singularity"),
        ("./bin/apptainer", "/site/bin/apptainer"),
        ("bin/apptainer", "/site/bin/apptainer"),
        ("../apptainer", "/site/../apptainer"),
        ("~/bin/apptainer", "/home/ana/bin/apptainer"),
        ("/opt/bin/apptainer", "/opt/bin/apptainer"),
        ("$TOOL", "/opt/tool"),
        ("${NAME}-1", "tool-1"),
        ("to$$ol", "to$ol"),
    ],
)
def test_a_program_is_a_name_or_a_path_from_its_file(tmp_path, monkeypatch, text, meant):
    monkeypatch.setenv("HOME", "/home/ana")
    monkeypatch.setenv("TOOL", "/opt/tool")
    monkeypatch.setenv("NAME", "tool")
    meant = meant.replace("/site", str(tmp_path))
    for key in ("apptainer.executable", "executable"):
        file = write(tmp_path, f'[run.backends.s]\ntype = "slurm_apptainer"\n{key} = "{text}"\n')
        found = load_explained(files=[file], search=False)
        assert executable(found.config.run.backends["s"].settings) == meant
        second = again(found, tmp_path / "elsewhere")
        assert executable(second.run.backends["s"].settings) == meant


def executable(settings: BackendSettings) -> str:
    return str(settings.apptainer.executable)  # type: ignore[attr-defined]
