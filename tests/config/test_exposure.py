"""Secrets that others can see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pysprocket.config.assignments import Assignment
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.confidential import sounds_secret, without
from pysprocket.config.fields import fields_of
from pysprocket.config.loading import load_explained
from pysprocket.config.section import Section
from pysprocket.config.settings import Sections


def secret_keys(struct: type[Section]) -> Iterator[str]:
    for name, field in fields_of(struct).items():
        if field.kind == "secret":
            yield name
        for section in field.sections:
            yield from secret_keys(section)


def test_the_keys_of_all_secrets_sound_like_it():
    structs: list[type[Section]] = [Sections, *SETTINGS.values()]
    assert all(sounds_secret(key) for struct in structs for key in secret_keys(struct))


def notes(*texts: str, directory: Path, mode: int = 0o644, given: str = "") -> tuple[str, ...]:
    paths = [directory / f"{number}.toml" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
        path.chmod(mode)
    assignments = [Assignment(given)] if given else []
    return load_explained(files=paths, search=False, assignments=assignments).notes


AZURE = '[run.storage.azure.auth]\naccount_name = "me"\naccess_key = {}\n'


def test_each_file_with_a_secret_is_told_once_and_others_are_not(tmp_path):
    (tmp_path / "key").write_text("x")
    (tmp_path / "key").chmod(0o640)
    told = notes(
        AZURE.format('"overruled"'),
        AZURE.format('{ env = "NAME" }'),
        AZURE.format('{ file = "key" }'),
        'run.fail = "fast"\n',
        '[server.engine.storage.google.auth]\nsecret = "x"\n[doc]\nlogo = "x"\n',
        directory=tmp_path,
    )
    assert [Path(note.split("`")[1]).name for note in told] == ["0.toml", "4.toml", "key"]
    assert "its mode is 0644" in told[0]
    assert "its mode is 0640" in told[2]


def test_files_that_nobody_else_can_read_are_not_told(tmp_path):
    assert notes(AZURE.format('"x"'), directory=tmp_path, mode=0o600) == ()


def test_a_secret_of_the_command_line_is_told_but_not_where_one_is(tmp_path):
    text = AZURE.format('{ env = "NAME" }')
    key = "run.storage.azure.auth.access_key"
    (note,) = notes(text, directory=tmp_path, given=f"{key}=s3cret")
    assert note.startswith(f"others on this computer can see the secret that `--set {key}=…` gives")
    assert "s3cret" not in note
    assert notes(text, directory=tmp_path, given=f'{key}={{ env = "OTHER" }}') == ()


def test_sections_that_are_not_read_are_shown_without_secrets():
    data = {
        "a": [{"password": "x", "b": "https://me:pw@x/?token=1", "passwd": ["x"], "api_key": {"deeper": "x"}}],
        "token": 3,
        "secret": {"env": "NAME"},
        "tokenize": True,
    }
    assert without(data) == {
        "a": [
            {
                "password": "<REDACTED>",
                "b": "https://<REDACTED>@x/?token=<REDACTED>",
                "passwd": ["<REDACTED>"],
                "api_key": {"deeper": "<REDACTED>"},
            }
        ],
        "token": "<REDACTED>",
        "secret": {"env": "NAME"},
        "tokenize": True,
    }
