"""A secret of the configuration is nowhere but where it is needed: not in tasks, records, logs or messages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from pysprocket.config import load, secrets
from pysprocket.config.loading import load_explained

WORDS = {name: f"s3cr3t-{name}-W0rd" for name in ("file", "environment", "named", "overruled", "stored", "beside")}

CONFIG = f"""
[run.backends.cloud]
type = "tes"
url = "https://x.invalid"
inputs = "s3://b/in/"
outputs = "s3://b/out/"
auth = {{ type = "basic", username = "me", password = {{ env = "CLOUD_PASSWORD" }} }}
[run.backends.other]
type = "tes"
url = "https://x.invalid"
inputs = "s3://b/in/"
outputs = "s3://b/out/"
auth = {{ type = "bearer", token = "{WORDS["file"]}" }}
[run.storage.s3.auth]
access_key_id = "me"
secret_access_key = {{ env = "OVERRULED" }}
[run.storage.google.auth]
access_key = "me"
secret = {{ file = "google.key" }}
[run.storage.azure.auth]
account_name = "me"
[server.engine.storage.s3.auth]
secret_access_key = "{WORDS["beside"]}"
"""

DOCUMENT = """version 1.2
task look {
    command <<< env; echo; tr '\\0' '\\n' < /proc/$PPID/environ; >>>
    output { File seen = stdout() }
}
workflow w {
    input { Int? wrong }
    call look
    output { File seen = look.seen }
}
"""


@pytest.fixture
def site(sprocket, tmp_path: Path, monkeypatch) -> Path:
    """A directory with a configuration that has secrets of all kinds, a document, and variables."""
    monkeypatch.setattr(secrets, "_withheld", {})
    (tmp_path / "sprocket.toml").write_text(CONFIG)
    (tmp_path / "google.key").write_text(WORDS["stored"] + "\n")
    for name in ("sprocket.toml", "google.key"):
        (tmp_path / name).chmod(0o600)
    (tmp_path / "w.wdl").write_text(DOCUMENT)
    monkeypatch.setenv("CLOUD_PASSWORD", WORDS["named"])
    monkeypatch.setenv("OVERRULED", WORDS["overruled"])
    monkeypatch.setenv("SPROCKET_RUN__STORAGE__S3__AUTH__SECRET_ACCESS_KEY", WORDS["environment"])
    monkeypatch.setenv("SPROCKET_RUN__STORAGE__AZURE__AUTH__ACCESS_KEY", WORDS["environment"])
    monkeypatch.setenv("PLAIN", "seen by tasks")
    return tmp_path


def shown_in(text: str | bytes) -> list[str]:
    """The secrets that a text has."""
    data = text if isinstance(text, bytes) else text.encode()
    return [word for word in WORDS.values() if word.encode() in data]


def shown_below(directory: Path) -> dict[str, list[str]]:
    """The secrets in all files that are left."""
    own = {"sprocket.toml", "google.key"}
    files = [path for path in directory.rglob("*") if path.is_file() and path.name not in own]
    assert any(path.name == "sprocket.db" for path in files)
    return {str(path): found for path in files if (found := shown_in(path.read_bytes()))}


def test_no_secret_reaches_tasks_launcher_records_and_logs(sprocket, site):
    ended = sprocket("-vv", "run", "w.wdl", "--backend", "local", "--log-json", "log.json")
    assert ended.status == 0, ended.err
    seen = next((site / "out").rglob("attempts/0/stdout")).read_text()
    assert seen.count("PLAIN=seen by tasks") == 2
    assert not re.search(r"CLOUD_PASSWORD|OVERRULED|SPROCKET_RUN", seen)
    assert shown_in(ended.out + ended.err) == []
    assert shown_below(site) == {}


def test_no_secret_is_in_what_is_told_of_failures_and_of_resuming(sprocket, site):
    (site / "w.wdl").write_text(DOCUMENT.replace("env;", "env; exit 3;"))
    told = [
        sprocket("-vv", "run", "w.wdl", "--backend", "local", "--log-json", "log.json"),
        sprocket("-vv", "resume", "--log-json", "log.json"),
        sprocket("-vv", "run", "w.wdl", "--backend", "other"),
        sprocket("-vv", "run", "w.wdl", "--backend", "nowhere"),
        sprocket("runs", "show"),
    ]
    assert [ended.status for ended in told] == [1, 1, 1, 1, 0], told
    assert shown_in("".join(ended.out + ended.err for ended in told)) == []
    assert shown_below(site) == {}


def test_a_configuration_that_is_read_again_has_the_secrets_that_were_withheld(site):
    first = load_explained()
    secrets.withhold(first.config.secret_variables)
    again = load()
    for config in (first.config, again):
        assert config.run.storage.azure.auth is not None
        assert config.run.storage.azure.auth.access_key.reveal() == WORDS["environment"]
        assert config.run.storage.s3.auth is not None
        assert config.run.storage.s3.auth.secret_access_key.reveal() == WORDS["environment"]
        assert config.run.storage.google.auth is not None
        assert config.run.storage.google.auth.secret.reveal() == WORDS["stored"]


@pytest.mark.parametrize("name", ["sprocket.toml", "google.key"])
def test_a_file_with_secrets_that_others_can_read_is_told(sprocket, site, name):
    ended = sprocket("run", "w.wdl", "--backend", "local", "--dry-run")
    assert (ended.status, ended.err) == (0, "")
    (site / name).chmod(0o644)
    ended = sprocket("run", "w.wdl", "--backend", "local", "--dry-run")
    assert ended.err.count("warning") == 1
    assert re.search(
        rf"{name}` holds a secret, and others can read it \(its mode is 0644\); `chmod 600 .*{name}`", ended.err
    )


def test_a_file_with_secrets_in_a_section_that_is_not_read_is_told_too(sprocket, site):
    (site / "only.toml").write_text('[server.engine.storage.s3.auth]\nsecret_access_key = "s3cret"\n')
    (site / "only.toml").chmod(0o644)
    assert "only.toml` holds a secret" in sprocket("-c", "only.toml", "check", "w.wdl").err
    (site / "only.toml").write_text("[server]\nport = 1\n")
    assert "only.toml` holds a secret" not in sprocket("-c", "only.toml", "check", "w.wdl").err


def test_a_secret_on_the_command_line_is_told_with_the_ways_out(sprocket, site):
    key = "run.backends.other.auth.token"
    ended = sprocket("--set", f"{key}={WORDS['overruled']}", "run", "w.wdl", "--backend", "local")
    assert ended.status == 0
    assert f"`--set {key}=…`" in ended.err
    assert "{ env =" in ended.err
    assert shown_in(ended.err) == []
    assert shown_below(site) == {}
    ended = sprocket("--set", f'{key}={{ env = "CLOUD_PASSWORD" }}', "check", "w.wdl")
    assert (ended.status, ended.err) == (0, "")


MISTAKES = [
    ('access_key = "WORD"', 'acces_key = "WORD"'),
    ('access_key = "WORD"', 'access_key = ["WORD"]'),
    ('access_key = "WORD"', 'access_key = { text = "WORD" }'),
    ('access_key = "WORD"', 'access_key = "WORD'),
    ('access_key = "WORD"', 'access_key = "WORD", x = 1'),
    ('access_key = "WORD"', 'access_key = """\nWORD"""\nacces_key = 1'),
    ('access_key = "WORD"', 'access_key = "WORD"\nnonsense = "WORD"'),
    ('access_key = "WORD"', 'access_key = "WORD"\naccess_key = "WORD"'),
]


@pytest.mark.parametrize(("right", "wrong"), MISTAKES)
@pytest.mark.parametrize("mode", ["full", "one-line"])
def test_no_message_about_a_mistake_shows_a_secret(sprocket, tmp_path, right, wrong, mode):
    text = f'[run.storage.azure.auth]\naccount_name = "me"\n{right}\n'.replace(right, wrong)
    (tmp_path / "bad.toml").write_text(text.replace("WORD", WORDS["file"]))
    (tmp_path / "bad.toml").chmod(0o600)
    ended = sprocket("-vv", "-m", mode, "-s", "-c", "bad.toml", "runs", "list")
    assert ended.status == 1
    assert "bad.toml" in ended.err
    assert shown_in(ended.err) == []


@pytest.mark.parametrize("url", ["http://me:WORD@x", "https://x:port/?sig=WORD", "http://x/?X-Amz-Signature=WORD"])
def test_no_message_about_a_url_shows_what_lets_others_in(sprocket, tmp_path, url):
    url = url.replace("WORD", WORDS["file"])
    (tmp_path / "bad.toml").write_text(
        f'[run.backends.t]\ntype = "tes"\nurl = "{url}"\ninputs = "s3://b?sig={WORDS["file"]}"\noutputs = "s3://b/"\n'
    )
    ended = sprocket("-s", "-c", "bad.toml", "runs", "list")
    assert ended.status == 1
    assert "run.backends.t.url" in ended.err
    assert shown_in(ended.err) == []


def test_a_program_that_hands_out_credentials_sees_what_was_withheld(site, monkeypatch):
    secrets.withhold(load().secret_variables)
    show = ["sh", "-c", "printenv CLOUD_PASSWORD"]
    seen = subprocess.run(show, env=secrets.whole_environment(), capture_output=True, text=True, check=True)
    assert seen.stdout == WORDS["named"] + "\n"
    assert subprocess.run(show, capture_output=True, check=False).stdout == b""


def test_settings_in_effect_are_shown_without_secrets_unless_they_are_asked_for(sprocket, tmp_path):
    url = f"https://me:{WORDS['named']}@x.invalid/?sig={WORDS['stored']}"
    text = CONFIG.replace("s3://b/in/", url) + f'[server]\nallowed_urls = ["{url}"]\n'
    (tmp_path / "site.toml").write_text(text)
    (tmp_path / "site.toml").chmod(0o600)
    resolve = ("-s", "-c", "site.toml", "--set", 'run.storage.azure.auth.access_key={ env = "X" }', "config", "resolve")
    shown = sprocket(*resolve)
    assert shown.status == 0, shown.err
    assert shown_in(shown.out + shown.err) == []
    assert shown.out.count('"<REDACTED>"') == 2
    assert shown.out.count("https://<REDACTED>@x.invalid/?sig=<REDACTED>") == 3
    (tmp_path / "again.toml").write_text(shown.out)
    again = sprocket("-s", "-c", "again.toml", "config", "resolve")
    assert again.status == 1
    told = " ".join(again.err.split())
    assert "`run.backends.cloud.inputs`: `<REDACTED>` stands for a secret that was left out" in told
    unredacted = sprocket(*resolve, "--unredact")
    assert set(shown_in(unredacted.out)) == {WORDS[name] for name in ("file", "beside", "named", "stored")}


def test_a_secret_that_cannot_be_shown_is_no_success(sprocket, tmp_path):
    text = f"[run.storage.azure.auth]\naccount_name = 'me'\naccess_key = \"{WORDS['file']}\\nx\"\n"
    (tmp_path / "site.toml").write_text(text)
    (tmp_path / "site.toml").chmod(0o600)
    ended = sprocket("-s", "-c", "site.toml", "config", "resolve", "--unredact")
    assert ended.status == 1
    assert "has a line break" in ended.err
