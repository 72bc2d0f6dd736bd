"""Secrets: forms, where they are, who sees them."""

from __future__ import annotations

import copy
import os
import pickle
import threading
import traceback
from pathlib import Path

import msgspec
import pytest

from pysprocket.config import load, secrets
from pysprocket.config.backend_settings import BearerAuth, Tes
from pysprocket.config.secrets import (
    Secret,
    decode,
    exposed,
    secrets_in,
    warning_of,
    whole_environment,
    withhold,
)
from pysprocket.errors import ConfigError

WORD = "s3cr3t-W0rd"


@pytest.fixture(autouse=True)
def _nothing_withheld(monkeypatch):
    monkeypatch.setattr(secrets, "_withheld", {})
    monkeypatch.setattr(secrets, "_piped", {})


def tes(token: Secret) -> Tes:
    return Tes(url="https://x", inputs="s3://b/", outputs="s3://b/", auth=BearerAuth(token=token))


@pytest.mark.parametrize("value", [WORD, {"env": "TOKEN"}, {"file": "token"}, Secret(WORD)])
def test_a_secret_is_a_text_a_variable_or_a_file(value, tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", WORD)
    monkeypatch.chdir(tmp_path)
    Path("token").write_text(WORD + "\n")
    secret = msgspec.convert({"token": value}, BearerAuth, dec_hook=decode).token
    assert secret.reveal() == WORD


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"envv": "X"}, 'expected a text, `{ env = "NAME" }` or `{ file = "path" }`; did you mean `env`?'),
        ({"text": WORD}, 'expected a text, `{ env = "NAME" }` or `{ file = "path" }`'),
        ({"env": 5}, "expected a text"),
        ([WORD], "expected a text"),
        (5, "expected a text"),
        ({}, "and here it is none"),
        ({"env": "A", "file": "b"}, "and only one of them"),
        ("", "cannot be empty"),
        ({"file": ""}, "cannot be empty"),
    ],
)
def test_other_forms_are_refused_without_a_word_of_them(value, said):
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"token": value}, BearerAuth, dec_hook=decode)
    assert said in str(caught.value)
    assert WORD not in str(caught.value)


def test_what_shows_settings_does_not_show_secrets():
    settings = tes(Secret(WORD))
    assert "<REDACTED>" in repr(settings)
    for shown in (repr(settings), str(settings), f"{settings}", str(msgspec.structs.asdict(settings))):
        assert WORD not in shown


def test_what_encodes_settings_refuses_secrets():
    settings = tes(Secret(WORD))
    for encode in (msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins, pickle.dumps):
        with pytest.raises(TypeError) as caught:
            encode(settings)
        assert WORD not in "".join(traceback.format_exception(caught.value))


def test_a_copy_of_settings_has_the_same_secret():
    settings = tes(Secret(WORD))
    assert copy.deepcopy(settings) == settings
    assert copy.copy(Secret(WORD)) == Secret(WORD) != Secret("other")
    assert len({Secret(WORD), Secret(WORD), Secret(env=WORD)}) == 2


def test_a_path_is_relative_to_the_file_it_stands_in(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("WHERE", "inner")
    for written, meant in {
        "token": str(tmp_path / "token"),
        "~/token": "/home/me/token",
        "${WHERE}/token": str(tmp_path / "inner/token"),
    }.items():
        (tmp_path / "sprocket.toml").write_text(
            f'[run.storage.google.auth]\naccess_key = "id"\nsecret = {{ file = "{written}" }}\n'
        )
        auth = load(files=[tmp_path / "sprocket.toml"], search=False).run.storage.google.auth
        assert auth is not None
        assert auth.secret == Secret(file=meant)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        (b"\n", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"x" * 1_000_001, "has more than 1,000,000 bytes"),
    ],
)
def test_a_file_that_gives_no_secret_is_named(content, said, tmp_path):
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=said) as caught:
        Secret(file=str(file)).reveal()
    assert str(file) in str(caught.value)


def test_a_variable_that_is_not_set_is_told_when_the_secret_is_needed(monkeypatch):
    monkeypatch.delenv("TOKEN", raising=False)
    with pytest.raises(ConfigError, match="`TOKEN`, which holds a secret, is not set"):
        Secret(env="TOKEN").reveal()
    monkeypatch.setenv("TOKEN", "")
    with pytest.raises(ConfigError, match="`TOKEN`, which holds a secret, is empty"):
        Secret(env="TOKEN").reveal()


def test_a_variable_that_is_no_text_is_refused(monkeypatch):
    monkeypatch.setitem(os.environb, b"TOKEN", b"s3cr3t\xff")
    with pytest.raises(ConfigError, match="`TOKEN`, which holds a secret, is not UTF-8 text"):
        Secret(env="TOKEN").reveal()


def test_a_mark_of_the_byte_order_is_no_part_of_a_secret(tmp_path):
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbf" + WORD.encode() + b"\r\n")
    assert Secret(file=str(tmp_path / "token")).reveal() == WORD


def test_a_file_without_end_is_refused():
    with pytest.raises(ConfigError, match="`/dev/zero`, which holds a secret, has more than 1,000,000 bytes"):
        Secret(file="/dev/zero").reveal()


def test_a_pipe_that_nobody_writes_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(secrets, "PATIENCE", 0.05)
    os.mkfifo(tmp_path / "pipe")
    secret = Secret(file=str(tmp_path / "pipe"))
    with pytest.raises(ConfigError, match="cannot be read: nobody wrote all of it within"):
        secret.reveal()
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(writer, WORD.encode())
    with pytest.raises(ConfigError, match="cannot be read: nobody wrote all of it within"):
        secret.reveal()
    os.close(writer)


def test_what_a_pipe_gives_later_and_only_once_is_known_from_then_on():
    reader, writer = os.pipe()

    def write() -> None:
        os.write(writer, WORD.encode() + b"\n")
        os.close(writer)

    threading.Timer(0.05, write).start()
    secret = Secret(file=f"/dev/fd/{reader}")
    assert [secret.reveal(), secret.reveal()] == [WORD, WORD]
    os.close(reader)


def test_a_pipe_may_have_been_written_before(monkeypatch):
    monkeypatch.setattr(secrets, "PATIENCE", 0.05)
    reader, writer = os.pipe()
    os.write(writer, WORD.encode())
    os.close(writer)
    assert Secret(file=f"/dev/fd/{reader}").reveal() == WORD
    os.close(reader)


def test_secrets_are_found_wherever_they_are():
    a, b, c = Secret("a"), Secret("b"), Secret(env="C")
    assert list(secrets_in({"x": a, "y": [b, {"u": [c]}], "z": {"c": a}, "n": 1})) == [a, b, c, a]


def test_what_is_withheld_reaches_no_process_and_can_be_revealed(monkeypatch):
    for name in ("TOKEN", "OTHER"):
        monkeypatch.setenv(name, WORD)
    assert whole_environment() is None
    withhold(["TOKEN", "NOT_SET_AT_ALL"])
    assert "TOKEN" not in os.environ
    assert os.environ["OTHER"] == WORD
    assert b"TOKEN" not in os.environb
    assert Secret(env="TOKEN").reveal() == WORD
    environment = whole_environment()
    assert environment is not None
    assert environment["TOKEN"] == WORD
    monkeypatch.setenv("TOKEN", "a later one")
    assert Secret(env="TOKEN").reveal() == "a later one"


@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, None), (0o400, None), (0o640, "0640"), (0o604, "0604"), (0o777, "0777")]
)
def test_files_that_others_can_read_are_told(mode, told, tmp_path):
    file = tmp_path / "my token"
    file.write_text(WORD)
    file.chmod(mode)
    assert exposed(file) == told
    said = warning_of(file)
    assert said == (
        told and f"`{file}` holds a secret, and others can read it (its mode is {told}); `chmod 600 '{file}'`"
    )


def test_what_is_no_file_is_not_told(tmp_path):
    assert warning_of(tmp_path) is None
    assert warning_of(tmp_path / "missing") is None


@pytest.mark.parametrize("text", ["a\nb", "a\r", "a\0b", "\na"])
def test_a_secret_with_several_lines_is_none_unless_it_is_wanted(text, monkeypatch):
    """It would end in a header of HTTP, whose error message might show it."""
    with pytest.raises(ConfigError, match="a secret of the settings has a line break or a NUL character") as caught:
        Secret(text).reveal()
    assert text not in str(caught.value)
    assert Secret(text).reveal(lines=True) == text
    if "\0" not in text:
        monkeypatch.setenv("TOKEN", text)
        with pytest.raises(ConfigError, match="`TOKEN`, which holds a secret, has a line break"):
            Secret(env="TOKEN").reveal()
