"""What holds a secret, and that no message about a mistake shows one, however it is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pysprocket.config import load
from pysprocket.config.assignments import Assignment
from pysprocket.config.confidential import secrets_in, without
from pysprocket.config.loading import load_explained
from pysprocket.errors import ConfigError
from pysprocket.source.render import render

WORD = "Hunter2Long"
TES = '[run.backends.a]\ntype = "tes"\nurl = "https://h"\ninputs = "s3://x/"\noutputs = "s3://x/"\n'
OAUTH = 'type = "oauth", authorization = "https://h", client_id = "me", scopes = ["s"]'


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SPROCKET_")]:
        monkeypatch.delenv(name)


def refused(text: str = "", given: tuple[str, ...] = (), mode: int = 0o600) -> str:
    """All that is said about a file and arguments that cannot be."""
    path = Path("site.toml")
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        load(files=[path], search=False, assignments=[Assignment(each) for each in given])
    return f"{render(caught.value.diagnostics)}\n{caught.value}"


FILES = [
    'run.backend = { a = { auth = { token = "WORD" } } }',
    f'{TES}auth = {{ {OAUTH}, token = "WORD", client_secret = "x" }}',
    f'{TES}auth = {{ type = "WORD" }}',
    f'{TES}auth = {{ type = "oauth", scopes = "WORD" }}',
    f'{TES}auth = {{ type = "basic", username = ["u", "WORD"] }}',
    f'{TES}auth = {{ type = "basic", usrname = "WORD" }}',
    f'{TES}auth = "WORD"',
    f'{TES}auth.type = "basic"\nauth.username = "u"\nauth.password = {{ evn = "WORD" }}',
    f'{TES}pasword = """WORD\nx"""',
    f'{TES}passphrse = """WORD\nx"""',
    f'{TES}athentication = {{ x = "WORD" }}',
    'run.fail = { token = "WORD" }',
    'run.task.shell = { password = "WORD" }',
    '[run.backends.a]\ntype = "slurm_apptainer"\nsbatch = { args = { token = "WORD" } }',
    '[run.backends.a]\ntype = "tes"\nurl = { password = "WORD" }',
    'run.fail = "https://u:WORD@h"',
    '[run.backends.a]\ntype = "https://u:WORD@h"',
    f"{TES.replace('https://h', 'u:WORD@h')}",
    f"{TES.replace('https://h', 'https://u:WORD@h:port')}",
]


@pytest.mark.parametrize("text", FILES)
def test_no_mistake_in_a_file_shows_what_may_be_a_secret(text):
    assert WORD not in refused(text.replace("WORD", WORD))


NO_TOML = [
    'token: "WORD"',
    "TOKEN: WORD",
    'token "WORD"',
    'to ken = "WORD"',
    '= "WORD"',
    '"WORD"',
    "WORD",
    'token = [\n"WORD",\n',
    'token = [\n"a",\n"WORD"\n"b"]\n',
    'token = """\nWORD\nWORD = 1\n""" x',
    'token = "x" WORD',
    'token = { text = "WORD"\n}',
    'username = "u" WORD',
    "username = 'u\nWORD",
    'type = "basic"\n[x\n"WORD"',
]


@pytest.mark.parametrize("line", NO_TOML)
@pytest.mark.parametrize(
    "text", ["[run.backends.a.auth]\n{}\n", '[run.backends.a.auth]\ntype = "bearer"\n{}\nx = 1\n[run]\nfail = "fast"\n']
)
def test_no_line_that_is_not_toml_shows_what_may_be_a_secret(text, line):
    assert WORD not in refused(text.format(line.replace("WORD", WORD)))


@pytest.mark.parametrize(
    "line", ['run.backends.a.auth.token: "WORD"', "a.token WORD", 'auth = { type = "x", pw: "WORD" }']
)
def test_the_words_of_the_line_say_it_where_the_table_does_not(line):
    assert WORD not in refused(f"[run]\nfail = 'fast'\n{line.replace('WORD', WORD)}\n")


def test_a_line_without_secrets_is_shown():
    assert "fail: fast" in refused("[run]\nfail: fast\n")


@pytest.mark.parametrize(
    "given",
    [
        "run.backend.a.auth.token=WORD",
        "run.backends.a.auth.token: WORD",
        "run.backends.a.auth.token WORD",
        'run.backends.a.auth.token={ evn = "WORD" }',
        'run.backends.a.auth.token={ env: "WORD" }',
        "run.backends.a.auth.type=WORD",
        "run.fail=https://u:WORD@h",
    ],
)
def test_no_mistake_in_an_assignment_shows_what_may_be_a_secret(given):
    text = f'{TES}auth.type = "bearer"\nauth.token = "x"\n'
    assert WORD not in refused(text, (given.replace("WORD", WORD),))


@pytest.mark.parametrize(
    "names",
    [("SPROCKET_RUN__BACKEND__A__AUTH__TOKEN",), ("SPROCKET_RUN__BACKENDS__A__PIN", "SPROCKET_RUN__BACKENDS__a__pin")],
)
def test_no_mistake_in_a_variable_shows_what_may_be_a_secret(names, monkeypatch):
    for name in names:
        monkeypatch.setenv(name, WORD)
    assert WORD not in refused()


SECRETS = [
    "run.storage.s3.endpoint=https://u:WORD@h",
    "server.database.url=postgres://u:WORD@h/d",
    "server.engine.storage.s3.auth.secret_access_key=WORD",
    "run.backends.b={type='tes', url='https://h', inputs='https://h/i/?sig=WORD', outputs='s3://b/'}".replace(
        "/i/", "/"
    ),
    "run.backends.b.url=https://u:WORD@h",
    "check.rules.X={token='WORD'}",
    "server.passwd=WORD",
    "server.token=['WORD']",
    "server.api_key=WORD",
]


@pytest.mark.parametrize("given", SECRETS)
def test_a_secret_is_one_for_all_uses(given, monkeypatch):
    Path("site.toml").write_text(TES.replace(".a]", ".b]"))
    given = given.replace("WORD", WORD)
    loaded = load_explained(files=[Path("site.toml")], search=False, assignments=[Assignment(given)])
    assert all(each.secrets for each in loaded.kept)
    assert WORD not in str(loaded.kept)
    assert any("others on this computer can see the secret" in note for note in loaded.notes)
    assert WORD not in "".join(loaded.notes)
    key, _, value = given.partition("=")
    variable = "SPROCKET_" + key.replace(".", "__").upper()
    monkeypatch.setenv(variable, value)
    found = load_explained(files=[Path("site.toml")], search=False)
    assert variable in found.config.secret_variables


@pytest.mark.parametrize(
    "given",
    [
        "run.fail=fast",
        "run.storage.google.auth.access_key=me",
        "run.storage.s3.endpoint=https://h",
        "run.backends.token-cluster={type='local'}",
        'run.task.container="ubuntu:22.04@sha256:abc"',
        'server.token={ env = "NAME" }',
    ],
)
def test_what_is_no_secret_is_recorded_and_not_told(given):
    loaded = load_explained(
        search=False,
        assignments=[
            Assignment(given),
            Assignment("run.storage.google.auth.secret={env='X'}"),
            Assignment("run.storage.google.auth.access_key=me"),
        ],
    )
    assert [each.secrets for each in loaded.kept] == [[], [], []]
    assert loaded.kept[0].text == given
    assert loaded.notes == ()


def test_a_file_with_a_secret_in_a_url_should_be_readable_by_its_owner_alone():
    for plain, url in (("https://h", "https://u:pw@h"), ("s3://x/", "https://h/?sig=x")):
        path = Path("site.toml")
        path.write_text(TES.replace(plain, url))
        path.chmod(0o644)
        (note,) = load(files=[path], search=False).notes
        assert "its mode is 0644" in note


def test_it_is_told_beside_mistakes_too():
    assert "its mode is 0644" in refused('run.fial = 1\n[server]\ntoken = "x"\n', mode=0o644)


def test_data_without_secrets_is_the_same_but_for_these():
    data = {"run": {"backends": {"my-token": {"url": "https://u:x@h/?a=1&sig=x", "n": 1}}}}
    assert list(secrets_in(data)) == [("run", "backends", "my-token", "url")]
    assert without(data) == {
        "run": {"backends": {"my-token": {"url": "https://<REDACTED>@h/?a=1&sig=<REDACTED>", "n": 1}}}
    }


def test_of_a_table_is_kept_what_is_no_secret():
    table = "{type='tes', url='https://h/p', inputs='https://h/?sig=x', outputs='https://u:x@b/', auth={AUTH}}"
    auth = "{type='basic', username='u', password='x'}"
    given = [
        f"run.backends.b={table.replace('{AUTH}', auth)}",
        f"run.backends.b.auth={auth}",
        "run.backends.b.auth.password={ env = 'FOO' }",
        "server.token=x",
    ]
    loaded = load_explained(search=False, assignments=[Assignment(each) for each in given])
    assert [(each.text, each.secrets) for each in loaded.kept] == [
        (
            'run.backends.b={ type = "tes", url = "https://h/p", inputs = "https://h/?sig=", outputs = "https://b/", '
            'auth = { type = "basic", username = "u" } }',
            ["run.backends.b.inputs", "run.backends.b.outputs"],
        ),
        ('run.backends.b.auth={ type = "basic", username = "u" }', []),
        (given[2], []),
        (None, ["server.token"]),
    ]
