"""`sprocket config check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Sprocket
from tests.web import Server

LOCAL = '[run.backends.default]\ntype = "local"\n'


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str) -> None:
        file = tmp_path / "sprocket.toml"
        file.write_text(text)
        file.chmod(0o600)

    return write


@pytest.fixture
def without_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")


def test_all_is_well(sprocket: Sprocket, write):
    write(LOCAL)
    ended = sprocket("config", "check")
    assert (ended.status, ended.err) == (0, "")
    first, _, titles, row = ended.out.splitlines()
    assert first == "settings:  sprocket.toml"
    assert titles.split() == ["BACKEND", "TYPE", "ANSWERS", "WHAT", "IT", "SAYS"]
    assert row.startswith("* default  local  yes      this computer, ")


@pytest.mark.usefixtures("without_docker")
def test_without_any_file_docker_is_asked(sprocket: Sprocket):
    ended = sprocket("config", "check")
    assert ended.status == 1
    assert ended.out.startswith("settings:  all are defaults: no file was found\n")
    assert "* docker   docker  no" in ended.out
    assert "error: backend `docker`: no Docker daemon answers at unix:///nowhere/docker.sock" in ended.err
    assert "help: start Docker" in ended.err


def test_what_is_accepted_and_not_used_is_listed_with_its_place(sprocket: Sprocket, write):
    write(f"{LOCAL}[format]\nindent = 4\n[check.rules]\nx = 1\n[server]\nport = 1\n")
    ended = sprocket("config", "check", "--offline")
    assert ended.status == 0
    assert ended.out.splitlines()[1:4] == [
        "not used:  format (sprocket.toml:3)",
        "           check.rules (sprocket.toml:5)",
        "           server (sprocket.toml:7)",
    ]


def test_logins_of_stores_are_used_where_there_is_a_tes_server(sprocket: Sprocket, write):
    login = '[run.storage.s3]\nregion = "eu-central-1"\n'
    write(LOCAL + login)
    assert "run.storage.s3.region" in sprocket("config", "check", "--offline").out
    write('[run.backends.default]\ntype = "tes"\nurl = "https://tes.test"\ninputs = "s3://a/"\noutputs = "s3://a/"\n'
          + login)  # fmt: skip
    assert "not used" not in sprocket("config", "check", "--offline").out


def test_all_mistakes_of_all_files_are_told_at_once(sprocket: Sprocket, write, tmp_path: Path):
    write('run.fial = "fast"\n')
    (tmp_path / "more.toml").write_text("run.events_capacity = 0\n")
    ended = sprocket("config", "check", "--config", "more.toml")
    assert ended.status == 1
    assert ended.out == ""
    assert "run.fial" in ended.err
    assert "run.events_capacity" in ended.err


def test_mistakes_are_data_too(sprocket: Sprocket, write):
    write('run.fial = "fast"\n')
    ended = sprocket("config", "check", "--json")
    assert (ended.status, ended.err) == (1, "")
    found = json.loads(ended.out)
    assert found["ok"] is False
    (problem,) = found["problems"]
    assert (problem["severity"], problem["file"], problem["line"]) == ("error", "sprocket.toml", 1)
    assert "run.fial" in problem["message"]
    assert found["backends"] == []


def test_a_backend_that_no_run_would_choose_counts_too(sprocket: Sprocket, write):
    write(f'{LOCAL}[run.backends.cloud]\ntype = "tes"\nurl = "https://localhost:1/v1"\ninputs = "file:///tmp/"\n'
          'outputs = "file:///tmp/"\n[run]\nbackend = "default"\n')  # fmt: skip
    ended = sprocket("config", "check")
    assert ended.status == 1
    assert "\n  cloud    tes    no" in ended.out
    assert "error: backend `cloud`: the TES server at `https://localhost:1/v1` cannot be asked" in ended.err
    only = sprocket("config", "check", "--backend", "default")
    assert only.status == 0
    assert "cloud" not in only.out + only.err


def test_offline_asks_nobody(sprocket: Sprocket, write, server: Server):
    write(f'[run.backends.default]\ntype = "tes"\nurl = "{server.url}/v1"\ninputs = "s3://a/"\noutputs = "s3://a/"\n'
          "insecure = true\n")  # fmt: skip
    ended = sprocket("config", "check", "--offline")
    assert ended.status == 0
    assert ended.out.endswith("* default  tes   -\n")
    assert server.asked == []


def test_a_backend_that_is_not_chosen_among_several_is_a_mistake(sprocket: Sprocket, write):
    write('[run.backends.a]\ntype = "local"\n[run.backends.b]\ntype = "local"\n')
    ended = sprocket("config", "check")
    assert ended.status == 1
    assert "error[UnknownBackend]: the configuration does not say which backend to use" in ended.err
    assert "\n  a        local  yes" in ended.out
    assert "\n  b        local  yes" in ended.out


def test_a_type_that_needs_no_entry_is_asked_beside_the_entries(sprocket: Sprocket, write):
    write('run.backend = "local"\n[run.backends.mine]\ntype = "local"\n')
    ended = sprocket("config", "check")
    assert [line.split()[:4] for line in ended.out.splitlines()[3:]] == [
        ["*", "local", "local", "yes"],
        ["mine", "local", "yes", "this"],
    ]


def test_a_backend_that_does_not_exist_is_refused(sprocket: Sprocket, write):
    write('[run.backends.cluster]\ntype = "local"\n')
    ended = sprocket("config", "check", "--backend", "clutser")
    assert ended.status == 1
    assert "there is no backend named `clutser`" in ended.err
    assert "did you mean `cluster`?" in ended.err


@pytest.mark.parametrize("time", ["0", "-1", "soon", "2h", "nan"])
def test_a_time_that_cannot_be_is_refused(sprocket: Sprocket, time: str):
    ended = sprocket("config", "check", "--offline", "--timeout", time)
    assert ended.status == 2


def test_a_secret_is_never_shown_and_a_missing_one_is_told_once(sprocket: Sprocket, write, monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    write(
        '[run.backends.default]\ntype = "tes"\nurl = "https://localhost:1/v1"\noutputs = "file:///tmp/"\n'
        'inputs = "https://ann:sesame@localhost:1/"\n'
        'auth = { type = "basic", username = "ann", password = { env = "NOT_SET" } }\n'
        '[run.storage.s3.auth]\naccess_key_id = "me"\nsecret_access_key = "open-sesame"\n'
    )
    ended = sprocket("config", "check")
    assert ended.status == 1
    assert ended.err.count("NOT_SET`, which holds a secret, is not set") == 1
    for shown in (ended.out, ended.err, sprocket("config", "check", "--json").out):
        assert "sesame" not in shown


def test_commands_of_a_scheduler_do_not_see_secrets(sprocket: Sprocket, write, tmp_path: Path, monkeypatch):
    bsub = tmp_path / "bin" / "bsub"
    bsub.parent.mkdir()
    bsub.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\nenv > {tmp_path}/seen\n")
    bsub.chmod(0o755)
    monkeypatch.setenv("PATH", str(bsub.parent))
    monkeypatch.setenv("MY_SECRET", "sesame")
    write('[run.backends.default]\ntype = "lsf_apptainer"\n[run.storage.s3.auth]\naccess_key_id = "me"\n'
          'secret_access_key = { env = "MY_SECRET" }\n')  # fmt: skip
    sprocket("config", "check")
    assert "LC_ALL=C" in (tmp_path / "seen").read_text()
    assert "sesame" not in (tmp_path / "seen").read_text()


def test_a_warning_alone_is_no_failure(sprocket: Sprocket, write):
    write(f"{LOCAL}cpu = 100000\n")
    ended = sprocket("config", "check")
    assert ended.status == 0
    assert "warning: backend `default`: `cpu` is 100000, and this computer gives" in ended.err


def test_data_says_what_each_backend_said(sprocket: Sprocket, write):
    write(f'{LOCAL}cpu = 100000\n[format]\n[run]\nbackend = "default"\n')
    found = json.loads(sprocket("config", "check", "--json").out)
    assert found["ok"] is True
    assert found["files"] == ["sprocket.toml"]
    assert found["unused"] == [{"key": "format", "file": "sprocket.toml", "line": 4}]
    (backend,) = found["backends"]
    assert {key: backend[key] for key in ("name", "type", "chosen", "answers")} == {
        "name": "default",
        "type": "local",
        "chosen": True,
        "answers": True,
    }
    assert backend["problems"][0]["severity"] == "warning"


def test_what_is_told_fits_80_columns(sprocket: Sprocket, write, server: Server):
    server.pages["/v1/service-info"] = json.dumps({"name": "A server " * 9, "id": "x"}).encode()
    write(f'run.backend = "a-name-that-is-longer-than-a-name-should-be"\n'
          '[run.backends."a-name-that-is-longer-than-a-name-should-be"]\ntype = "tes"\n'
          f'url = "{server.url}/v1"\ninsecure = true\ninputs = "file:///tmp/"\noutputs = "file:///tmp/"\n')  # fmt: skip
    ended = sprocket("config", "check")
    assert ended.status == 0
    assert "A server A server" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["tes", "a-name-that-is-longer-than-a-name-should-be"])
def test_names_without_blanks_fit_80_columns_too(sprocket: Sprocket, write, server: Server, name: str):
    server.pages["/v1/service-info"] = json.dumps({"name": "server" * 20, "id": "x"}).encode()
    write(f'[run.backends.{name}]\ntype = "tes"\nurl = "{server.url}/v1"\ninsecure = true\n'
          'inputs = "file:///tmp/"\noutputs = "file:///tmp/"\n[run]\nbackend = "docker"\n')  # fmt: skip
    ended = sprocket("config", "check", "-b", name)
    assert "…" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_who_answers_though_something_is_missing_answers_partly(sprocket: Sprocket, write, server: Server, tmp_path):
    server.pages["/v1/service-info"] = json.dumps({"name": "Funnel", "id": "x"}).encode()
    entry = (f'[run.backends.default]\ntype = "tes"\nurl = "{server.url}/v1"\ninsecure = true\n'
             f'inputs = "file://{tmp_path}/none/"\noutputs = "file:///tmp/"\n')  # fmt: skip
    write(entry)
    ended = sprocket("config", "check")
    assert ended.status == 1
    (row,) = [line.split() for line in ended.out.splitlines() if line.startswith("* default")]
    assert row[:4] == ["*", "default", "tes", "partly"]
    (backend,) = json.loads(sprocket("config", "check", "--json").out)["backends"]
    assert (backend["answers"], backend["usable"]) == (True, False)
    (tmp_path / "none").mkdir()
    assert "partly" not in sprocket("config", "check").out
    (backend,) = json.loads(sprocket("config", "check", "--json").out)["backends"]
    assert (backend["answers"], backend["usable"]) == (True, True)
