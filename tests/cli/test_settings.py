"""Settings through commands: `--set`, what `resume` keeps of it, and how mistakes are shown."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

DOCUMENT = """\
version 1.2
task t {
    input { Int n }
    command <<< [ -e GO ] && [ ~{n} = 1 ] >>>
    output { String shell = "x" }
}
"""
LOCAL = ("--set", "run.backends.mine.type=local", "--set", "run.backend=mine")

linux = pytest.mark.skipif(sys.platform != "linux", reason="the local backend needs Linux")


@pytest.fixture(autouse=True)
def _document(tmp_path):
    (tmp_path / "t.wdl").write_text(DOCUMENT.replace("GO", str(tmp_path / "go")))


def run_of(directory: Path) -> str:
    with closing(sqlite3.connect(directory / "out" / "sprocket.db")) as database:
        ((name,),) = database.execute("SELECT name FROM runs")
    return str(name)


def order(directory: Path) -> str:
    """All that the database knows of the runs."""
    with closing(sqlite3.connect(directory / "out" / "sprocket.db")) as database:
        return "\n".join(database.iterdump())


@linux
def test_a_resumed_run_has_the_settings_of_the_command_line_that_it_began_with(sprocket, tmp_path):
    secret = ("--set", "run.storage.azure.auth.access_key=s3cret")
    account = ("--set", "run.storage.azure.auth.account_name=me")
    assert sprocket("run", "t.wdl", "t.n=1", *LOCAL, *account, *secret, "--progress", "none").status == 1
    recorded = order(tmp_path)
    assert "run.backends.mine.type=local" in recorded
    assert "run.storage.azure.auth.access_key" in recorded
    assert "s3cret" not in recorded
    name = run_of(tmp_path)
    (tmp_path / "go").touch()
    refused = sprocket("resume", name)
    assert refused.status == 1
    assert "`--set run.storage.azure.auth.access_key=…`, which holds a secret and is not kept: give it again" in (
        refused.err
    )
    assert "error[MissingSetting]: `run.storage.azure.auth` has no `access_key`" in refused.err
    resumed = sprocket("resume", name, *secret)
    assert resumed.status == 0, resumed.err
    assert "give it again" not in resumed.err


@linux
def test_a_password_in_a_url_is_not_kept_either(sprocket, tmp_path):
    tes = "run.backends.far={ type='tes', url='https://me:s3cret@tes.invalid', inputs='s3://b/', outputs='s3://b/' }"
    assert sprocket("run", "t.wdl", "t.n=1", *LOCAL, "--set", tes, "--progress", "none").status == 1
    assert "run.backends.far" in order(tmp_path)
    assert "s3cret" not in order(tmp_path)


@linux
def test_what_is_set_when_a_run_is_resumed_stands_above_what_was_set_before(sprocket, tmp_path):
    assert sprocket("run", "t.wdl", "t.n=1", *LOCAL, "--progress", "none").status == 1
    name = run_of(tmp_path)
    refused = sprocket("resume", name, "--set", "run.backends.mine.type=docker")
    assert "began on a backend of type `local`, but `mine` is of type `docker` now" in refused.err


def test_settings_may_be_given_before_and_after_the_command(sprocket):
    ended = sprocket("--set", "run.fail=fats", "run", "t.wdl", "--set", "common.color=blue")
    assert ended.status == 1
    assert "`run.fail` must be `slow` or `fast`, not `fats`" in ended.err
    assert "`common.color` must be `auto`, `always` or `never`, not `blue`" in ended.err


def test_mistakes_are_shown_as_the_report_mode_says(sprocket, tmp_path):
    (tmp_path / "sprocket.toml").write_text('[run]\nfial = "fast"\n')
    full = sprocket("run", "t.wdl")
    assert full.status == 1
    assert "2 │ fial = " in full.err
    assert "= help: did you mean `run.fail`?" in full.err
    brief = sprocket("-m", "one-line", "run", "t.wdl")
    assert brief.err == "sprocket.toml:2:1: error[UnknownSetting]: `run.fial` is not a setting\n"


@pytest.mark.parametrize("options", [(), ("-m", "one-line")])
def test_a_variable_that_is_no_text_is_a_mistake_like_others(options, sprocket, monkeypatch):
    monkeypatch.setitem(os.environb, b"SPROCKET_RUN__FAIL", b"\xff")
    ended = sprocket(*options, "config", "resolve")
    assert ended.status == 1
    assert "error[WrongSettingValue]: the environment variable `SPROCKET_RUN__FAIL` is not UTF-8 text" in ended.err


def test_what_fails_while_settings_are_read_is_told_all_the_same(sprocket, monkeypatch):
    def fails(**_: object) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr("pysprocket.config.load_explained", fails)
    ended = sprocket("config", "resolve")
    assert ended.status == 1
    assert ended.err.startswith("error: this is a bug in sprocket: RuntimeError: no luck")


def test_a_backend_that_there_is_not_is_shown_where_it_is_chosen(sprocket, tmp_path):
    (tmp_path / "sprocket.toml").write_text(
        '[run]\nbackend = "clutser"\n[run.backends.cluster]\ntype = "local"\n[run.backends.other]\ntype = "docker"\n'
    )
    wrong = sprocket("run", "t.wdl", "t.n=1")
    assert "error[UnknownBackend]: there is no backend named `clutser`" in wrong.err
    assert "sprocket.toml:2:11" in wrong.err
    (tmp_path / "sprocket.toml").write_text('[run.backends.a]\ntype = "local"\n[run.backends.b]\ntype = "docker"\n')
    undecided = sprocket("run", "t.wdl", "t.n=1")
    assert "does not say which backend to use; there are `a`, `b`" in undecided.err
    assert "sprocket.toml:2:8" in undecided.err


@linux
def test_a_flag_or_the_run_itself_stands_above_the_backend_of_the_settings(sprocket, tmp_path):
    (tmp_path / "sprocket.toml").write_text('[run]\nbackend = "nope"\n[run.backends.mine]\ntype = "local"\n')
    assert "there is no backend named `nope`" in sprocket("run", "t.wdl", "t.n=1").err
    assert "there is no backend named `nope`" in sprocket("config", "check", "--offline").err
    assert sprocket("config", "check", "--backend", "mine").status == 0
    assert sprocket("run", "t.wdl", "t.n=1", "--backend", "mine", "--dry-run").status == 0
    failed = sprocket("run", "t.wdl", "t.n=1", "--backend", "mine")
    assert "nope" not in failed.err
    (tmp_path / "go").touch()
    assert sprocket("resume", run_of(tmp_path)).status == 0
    assert "there is no backend named `other`" in sprocket("run", "t.wdl", "t.n=1", "--backend", "other").err


@linux
def test_a_run_whose_backend_has_another_name_now_is_told_how_to_go_on(sprocket, tmp_path):
    entry = '[run.backends.{}]\ntype = "local"\n'
    (tmp_path / "sprocket.toml").write_text(entry.format("before"))
    assert sprocket("run", "t.wdl", "t.n=1", "--backend", "before").status == 1
    (tmp_path / "sprocket.toml").write_text(entry.format("after"))
    renamed = sprocket("resume", run_of(tmp_path))
    assert "error: the run began on the backend `before` of type `local`" in renamed.err
    assert "help: if it is `after` (sprocket.toml:2) now, give that its name back" in renamed.err
    (tmp_path / "sprocket.toml").unlink()
    gone = sprocket("resume", run_of(tmp_path))
    assert 'help: write an entry `[run.backends.before]` with `type = "local"`' in gone.err
