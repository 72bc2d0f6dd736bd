"""What is told of logins: names and types are no secrets where they belong, all else may be one."""

from __future__ import annotations

import pytest

from pysprocket.config import load
from pysprocket.config.assignments import Assignment
from pysprocket.errors import ConfigError
from pysprocket.source.render import render

TES = '[run.backends.t]\ntype = "tes"\nurl = "https://x"\ninputs = "s3://a/"\noutputs = "s3://b/"\n'


@pytest.fixture(params=["file", "--set"])
def refused(request, tmp_path, monkeypatch):
    """What is told of a login."""
    monkeypatch.chdir(tmp_path)

    def report(auth: str) -> str:
        (tmp_path / "a.toml").write_text(TES + (f"auth = {auth}\n" if request.param == "file" else ""))
        (tmp_path / "a.toml").chmod(0o600)
        given = [] if request.param == "file" else [Assignment(f"run.backends.t.auth={auth}")]
        with pytest.raises(ConfigError) as caught:
            load(files=[tmp_path / "a.toml"], search=False, assignments=given)
        return render([each for each in caught.value.diagnostics if each.labels])

    return report


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ('{ type = "bearer" }', "`run.backends.t.auth` of type `bearer` has no `token`"),
        ('{ type = "barer", token = "hunter22" }', "must be `basic`, `bearer` or `oauth`, not `barer`"),
        ('{ type = "basic", username = "ana", password = 22 }', "auth.password` must be a string"),
        ('{ type = "basic", username = "ana", pasword = "hunter22" }', "did you mean `run.backends.t.auth.password`?"),
        ('{ type = "oauth", client_id = "site", scopes = ["a"], token = "hunter22" }', 'scopes = ["a"]'),
    ],
)
def test_what_stands_where_it_belongs_is_shown(auth, said, refused):
    report = refused(auth)
    assert said in " ".join(report.split())
    assert "hunter22" not in report
    assert "REDACTED" not in report
    for word in ("bearer", "barer", "basic", "oauth", "ana", "site"):
        assert f'"{word}"' not in auth or f'"{word}"' in report


@pytest.mark.parametrize(
    "auth",
    [
        '{ type = "bearer", username = "hunter22" }',
        '{ type = "bearer", user = "hunter22" }',
        '{ type = "hunter22" }',
        '{ type = "basic", username = ["hunter22"] }',
        '{ type = "basic", username = { pasword = "hunter22" } }',
        '{ type = "basic", username = [{ token = "hunter22" }] }',
        '{ type = "oauth", client_id = "https://me:hunter22@x", audience = 3 }',
        '"hunter22"',
        '["hunter22"]',
    ],
)
def test_what_stands_in_a_wrong_place_is_not(auth, refused):
    assert "hunter22" not in refused(auth)


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ('[[run]]\nfail = "fast"\n', False),
        ('run = "docker"\n', False),
        ('run.storage = "s3"\n', False),
        ('[[run.storage.azure.auth]]\naccount_name = "me"\n', False),
        ('[[run.storage.azure.auth]]\naccess_key = "hunter22"\n', True),
        ('run.storage.azure.auth = "hunter22"\n', True),
    ],
)
def test_a_wrong_type_alone_is_no_secret(text, warned, tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(text)
    file.chmod(0o644)
    with pytest.raises(ConfigError) as caught:
        load(files=[file], search=False)
    assert any("holds a secret" in each.message for each in caught.value.diagnostics) == warned
    assert "hunter22" not in render(caught.value.diagnostics)
