"""What settings name and this computer does not give."""

from __future__ import annotations

from pathlib import Path

import pytest

from pysprocket.config.loading import Loaded, load_explained
from pysprocket.config.surroundings import missing
from pysprocket.source.diagnostic import Diagnostic


def loaded(tmp_path: Path, text: str) -> Loaded:
    file = tmp_path / "sprocket.toml"
    file.write_text(text)
    file.chmod(0o600)
    return load_explained(files=[file], search=False)


def told(found: Loaded) -> list[Diagnostic]:
    return [found.tell(problem) for problem in missing(found.config)]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.chdir(tmp_path)


def test_the_defaults_lack_nothing(tmp_path: Path):
    assert told(loaded(tmp_path, "")) == []


def test_a_secret_that_cannot_be_had_is_told_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    (tmp_path / "empty").touch()
    found = loaded(
        tmp_path,
        """
[run.storage.s3.auth]
access_key_id = "me"
secret_access_key = { env = "NOT_SET" }
[run.backends.cloud]
type = "tes"
url = "https://tes.test/v1"
inputs = "s3://data/in/"
outputs = "s3://data/out/"
auth = { type = "bearer", token = { file = "empty" } }
""",
    )
    first, second = sorted(told(found), key=lambda each: each.labels[0].start)
    assert first.message == (
        "`run.storage.s3.auth.secret_access_key`: the environment variable `NOT_SET`, which holds a secret, is not set"
    )
    assert first.labels[0].source.position(first.labels[0].start)[0] == 4
    assert second.message.startswith("`run.backends.cloud.auth.token`: the file")
    assert second.message.endswith("is empty")


def test_a_secret_that_is_there_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IS_SET", "x")
    assert told(loaded(tmp_path, '[run.storage.google.auth]\naccess_key = "a"\nsecret = { env = "IS_SET" }')) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('run.output_dir = "file/out"', "run.output_dir"),
        ('run.task.cache_dir = "file"', "run.task.cache_dir"),
        ('run.http.cache_dir = "file/a/b"', "run.http.cache_dir"),
        (
            '[run.backends.c]\ntype = "lsf_apptainer"\napptainer.image_cache_dir = "file/x"',
            "run.backends.c.apptainer.image_cache_dir",
        ),
        (
            '[run.backends.c]\ntype = "slurm_apptainer"\nimage_cache_dir = "file/x"',
            "run.backends.c.apptainer.image_cache_dir",
        ),
    ],
)
def test_a_directory_that_cannot_be_made_is_an_error(tmp_path: Path, text: str, key: str):
    (tmp_path / "file").touch()
    (diagnostic,) = told(loaded(tmp_path, text))
    assert diagnostic.severity.value == "error"
    assert diagnostic.message.startswith(f"`{key}`: there can be no files in `{tmp_path}/file")
    assert diagnostic.message.endswith("is no directory")
    assert diagnostic.labels


def test_a_default_directory_that_does_not_suit_is_a_warning(tmp_path: Path):
    (tmp_path / "caches").touch()
    assert {each.severity.value for each in told(loaded(tmp_path, ""))} == {"warning"}


def test_directories_that_do_not_exist_yet_are_fine(tmp_path: Path):
    assert told(loaded(tmp_path, 'run.output_dir = "a/b/c"\nrun.task.cache_dir = "d"')) == []
