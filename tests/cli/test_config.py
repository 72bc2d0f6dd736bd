"""`sprocket config default`, `init`, `resolve`, `schema` and `backends`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from pysprocket.config import load
from pysprocket.config.assignments import Assignment
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.defaults import default_file
from tests.cli.conftest import Sprocket
from tests.config.test_plugins import GOOD, WHOLE, install

__all__ = ["install"]

SITE = """
run.backends.default.type = "slurm_apptainer"
run.backends.default.extra_sbatch_args = ["--time=60"]
run.backends.default.gpu_slurm_partition = { name = "gpu", max_memory_per_task = "96 GB" }
run.backends.default.sbatch.conditional = [{ condition = "gpu", args = ["-q"] }]
run.task.excluded_cache_inputs = ["a"]
run.http.cache_dir = "cache"
"""
USER = """
run.backends.default.sbatch.args = ["--account=ana"]
run.backend = "cloud"
run.backends.cloud.type = "tes"
run.backends.cloud.service = "https://tes.example.org"
run.backends.cloud.inputs = "s3://b/i/"
run.backends.cloud.outputs = "s3://b/o/"
run.backends.cloud.interval = 1.5
run.backends.cloud.auth = { type = "basic", username = "ana", password = "tiger" }
run.storage.s3.auth = { access_key_id = "id", secret_access_key = { env = "S3_KEY" } }
run.storage.google.auth = { access_key = "id", secret = { file = "key" } }
check.rules."Odd \\"name\\"".severity = "off"
format.indent = 2
[server]
origins = ["a b", 'c\\d']
"""


@pytest.fixture
def settings(tmp_path: Path) -> None:
    """A file for all projects, and one in the current directory."""
    (tmp_path / ".config/sprocket").mkdir(parents=True)
    for name, text in ((".config/sprocket/sprocket.toml", SITE), ("sprocket.toml", USER)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)


def test_alone_it_shows_its_help(sprocket: Sprocket):
    ended = sprocket("config")
    assert ended.status == 2
    assert "sprocket config resolve --explain" in ended.err


# --- default, init, schema -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["default", "init", "schema"])
def test_no_configuration_is_read(sprocket: Sprocket, tmp_path: Path, name: str):
    before = sprocket("config", name)
    (tmp_path / "sprocket.toml").write_text("not TOML")
    assert sprocket("config", name) == before
    assert (before.status, before.err) == (0, "")


def test_default_and_init_print_the_file_of_defaults(sprocket: Sprocket):
    assert sprocket("config", "default").out == sprocket("config", "init").out == default_file(SETTINGS)


def test_init_writes_a_file_that_loads(sprocket: Sprocket, tmp_path: Path):
    ended = sprocket("config", "init", "--output", "new/sprocket.toml")
    assert (ended.status, ended.out, ended.err) == (0, "", "wrote new/sprocket.toml\n")
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["sprocket.toml"]
    assert load(files=[tmp_path / "new/sprocket.toml"], search=False)


def test_init_replaces_nothing_unless_it_is_told_to(sprocket: Sprocket, tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text("run.fail = 'fast'\n")
    file.chmod(0o600)
    (tmp_path / "link.toml").symlink_to("mine.toml")
    refused = sprocket("config", "init", "-o", "link.toml")
    assert (refused.status, refused.out) == (2, "")
    assert "error: `link.toml` exists already\nhelp: give `--force`" in refused.err
    assert file.read_text() == "run.fail = 'fast'\n"
    assert sprocket("config", "init", "-o", "link.toml", "--force").status == 0
    assert file.read_text() == default_file(SETTINGS)
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "link.toml").is_symlink()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.toml", "mine.toml"]


def test_init_says_what_it_cannot_write(sprocket: Sprocket, tmp_path: Path):
    (tmp_path / "file").write_text("")
    ended = sprocket("config", "init", "-o", "file/sprocket.toml")
    assert (ended.status, ended.err) == (1, "error: `file/sprocket.toml` cannot be written: File exists\n")


def test_force_without_a_file_is_wrong_usage(sprocket: Sprocket):
    assert sprocket("config", "init", "--force").status == 2


def test_backends_of_other_packages_are_in_all_three(sprocket: Sprocket, install):
    install("sunny", WHOLE, sun="SunBackend")
    assert '#[run.backends.sun]\n#type = "sun"\n' in sprocket("config", "default").out
    assert '"const": "sun"' in sprocket("config", "schema").out
    ended = sprocket("config", "backends")
    assert "From the package sunny 1.0." in ended.out
    assert ["sun", "ignored", "ignored", "ignored", "ignored"] in [line.split() for line in ended.out.splitlines()]


def test_a_package_says_which_images_its_backend_runs(sprocket: Sprocket, install):
    code = WHOLE + "    guest_root = '/mnt'\n    image_protocols = {}\n"
    install("sunny", code.format(("docker", "tar")), sun="SunBackend")
    install("moony", code.format(7), moon="SunBackend")
    ended = sprocket("config", "backends")
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["TYPE", "docker://", "library://", "oras://", "file://", "tar://"] in lines
    assert ["sun", "yes", "-", "-", "-", "yes"] in lines
    assert "warning: the backend of type `moon` says `image_protocols = 7`" in ended.err


def test_a_package_with_half_a_backend_is_told(sprocket: Sprocket, install):
    install("half", WHOLE.replace("cancel", "cansel"), sun="SunBackend")
    install("bare", GOOD, moon="SunBackend")
    ended = sprocket("config", "backends")
    assert "the backend `sun` of the package `half 1.0` cannot be used: it has no `cancel`\n" in ended.err
    assert "the backend `moon` of the package `bare 1.0` cannot be used: it has no `__aenter__`" in ended.err
    assert ["moon", "?", "?", "?", "?"] in [line.split() for line in ended.out.splitlines()]
    types = {
        each["type"]: each["available"] for each in json.loads(sprocket("config", "backends", "--json").out)["types"]
    }
    assert (types["sun"], types["moon"], types["local"], types["tes"]) == (False, False, True, False)


@pytest.mark.parametrize(
    "command", [("schema",), ("backends", "--json"), ("default",), ("resolve",), ("check", "--json")]
)
def test_what_a_package_prints_is_on_the_standard_error(sprocket: Sprocket, install, tmp_path: Path, command):
    code = "print('here I am')\n" + WHOLE + "    def limits(self): print('here I am'); return Limits()\n"
    install("loud", code, sun="SunBackend")
    (tmp_path / "sprocket.toml").write_text("run.backends.default.type = 'sun'\n")
    ended = sprocket("config", *command)
    assert ended.status == 0
    assert "here I am" in ended.err
    assert "here I am" not in ended.out


def test_a_package_that_is_broken_is_told_and_hides_nothing(sprocket: Sprocket, install):
    install("broken", "import nothing_that_there_is", sun="SunBackend")
    ended = sprocket("config", "default")
    assert (ended.status, ended.out) == (0, default_file(SETTINGS))
    assert "warning: the backend `sun` of the package `broken 1.0` cannot be used" in ended.err


@pytest.mark.parametrize("kind", ["set[object]", "complex", "dict[int, set[object]] | None", "object | None"])
def test_settings_that_cannot_be_described_are_told_and_hide_nothing(sprocket: Sprocket, install, kind: str):
    install("odd", GOOD.replace("rays: int = 3", f"rays: {kind} = None"), odd="SunBackend")
    install("sunny", GOOD, sun="SunBackend")
    for name in ("default", "init", "schema"):
        ended = sprocket("config", name)
        assert ended.status == 0
        assert "run.backends.sun" in ended.out or '"sun"' in ended.out
        if kind.startswith(("set", "complex")):
            assert "the settings of the backend `odd` of the package `odd 1.0` cannot be described" in " ".join(
                ended.err.split()
            )
        assert "bug" not in ended.err
        assert "schema_hook" not in ended.err


# --- resolve ---------------------------------------------------------------------------------------------


def test_what_is_printed_without_any_file_is_what_the_file_of_defaults_says(sprocket: Sprocket, tmp_path: Path):
    ended = sprocket("config", "resolve")
    assert (ended.status, ended.err) == (0, "")
    (tmp_path / "sprocket.toml").write_text(default_file(SETTINGS))
    assert sprocket("config", "resolve").out == ended.out


def test_what_nobody_set_starts_at_the_current_directory_wherever_the_file_is(sprocket: Sprocket, tmp_path: Path):
    assert '\n#output_dir = "./out"  # default\n' in sprocket("config", "resolve", "--explain").out
    printed = sprocket("config", "resolve").out
    assert '\n#output_dir = "./out"\n' in printed
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/sprocket.toml").write_text(printed)
    again = sprocket("config", "resolve", "-c", "kept/sprocket.toml")
    assert again.out == printed
    given = sprocket("config", "resolve", "--set", "run.output_dir=./out")
    assert f'\noutput_dir = "{tmp_path}/out"\n' in given.out


def test_a_file_that_init_wrote_for_the_user_moves_no_runs(sprocket: Sprocket, tmp_path: Path):
    assert sprocket("config", "init", "--output", ".config/sprocket/sprocket.toml").status == 0
    (tmp_path / "t.wdl").write_text("version 1.2\ntask t { command <<<>>> }")
    assert sprocket("run", "t.wdl", "--backend", "local").status == 0
    assert (tmp_path / "out/runs").is_dir()
    assert not (tmp_path / ".config/sprocket/out").exists()


@pytest.mark.usefixtures("settings")
def test_what_is_printed_loads_again_to_the_same_settings(sprocket: Sprocket, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN__TASK__RETRY__LOST__BACKOFF", "1 min")
    ended = sprocket("config", "resolve", "--set", "run.backends.default.job_name_prefix=p-", "--unredact", "-q")
    assert (ended.status, tomllib.loads(ended.out)["server"]) == (0, {"origins": ["a b", "c\\d"]})
    config = load(directory=tmp_path, assignments=[Assignment("run.backends.default.job_name_prefix=p-")])
    monkeypatch.delenv("SPROCKET_RUN__TASK__RETRY__LOST__BACKOFF")
    (tmp_path / "all.toml").write_text(ended.out)
    (tmp_path / "all.toml").chmod(0o600)
    again = load(files=[tmp_path / "all.toml"], search=False)
    assert (again.run, again.common, again.check) == (config.run, config.common, config.check)
    assert sprocket("config", "resolve", "-s", "-c", "all.toml", "--unredact", "-q").out == ended.out


@pytest.mark.usefixtures("settings")
def test_secrets_are_not_shown_unless_they_are_asked_for(sprocket: Sprocket, monkeypatch):
    monkeypatch.setenv("S3_KEY", "hidden")
    text = sprocket("config", "resolve").out
    assert "tiger" not in text
    assert "hidden" not in text
    assert 'password = "<REDACTED>"' in text
    assert 'secret_access_key = { env = "S3_KEY" }' in text
    shown = sprocket("config", "resolve", "--unredact")
    assert 'password = "tiger"' in shown.out
    assert 'secret_access_key = "hidden"' in shown.out


@pytest.mark.usefixtures("settings")
def test_a_secret_that_is_not_there_stays_where_it_is(sprocket: Sprocket, tmp_path: Path):
    (tmp_path / "sprocket.toml").write_text(USER.replace("S3_KEY", "NOT_SET_ANYWHERE"))
    ended = sprocket("config", "resolve", "--unredact")
    assert ended.status == 0
    assert 'secret_access_key = { env = "NOT_SET_ANYWHERE" }' in ended.out
    assert f'secret = {{ file = "{tmp_path}/key" }}' in ended.out
    assert "warning: the environment variable `NOT_SET_ANYWHERE`, which holds a secret, is not set" in ended.err


@pytest.mark.usefixtures("settings")
def test_what_was_left_out_is_no_secret(sprocket: Sprocket, tmp_path: Path):
    (tmp_path / "all.toml").write_text(sprocket("config", "resolve").out)
    ended = sprocket("config", "resolve", "-s", "-c", "all.toml")
    assert (ended.status, ended.out) == (1, "")
    assert "`run.backends.cloud.auth.password`: `<REDACTED>` stands for a secret that was left out" in ended.err


@pytest.mark.usefixtures("settings")
def test_each_value_is_explained_by_where_it_was_set(sprocket: Sprocket, monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN__FAIL", "fast")
    ended = sprocket("config", "resolve", "--explain", "--set", "run.task.shell=sh", "--color", "never")
    lines = ended.out.replace(".config/sprocket", "~").splitlines()
    for line in (
        'color = "never"  # --color',
        'report_mode = "full"  # default',
        'fail = "fast"  # SPROCKET_RUN__FAIL',
        'shell = "sh"  # --set',
        'backend = "cloud"  # sprocket.toml:3',
        'url = "https://tes.example.org"  # sprocket.toml:5',
        'args = ["--time=60", "--account=ana"]  # ~/sprocket.toml:3, sprocket.toml:2',
        'conditional = [{ condition = "gpu", args = ["-q"] }]  # ~/sprocket.toml:5',
        'name = "gpu"  # ~/sprocket.toml:4',
        'password = "<REDACTED>"  # sprocket.toml:9',
        'severity = "off"  # sprocket.toml:12',
        "indent = 2  # sprocket.toml:13",
    ):
        assert line in lines
    plain = sprocket("config", "resolve", "--set", "run.task.shell=sh", "--color", "never").out
    assert tomllib.loads(ended.out) == tomllib.loads(plain)


def test_the_name_of_a_file_cannot_end_the_remark(sprocket: Sprocket, tmp_path: Path):
    (tmp_path / "a\nrun = 1").write_text("run.fail = 'fast'\n")
    ended = sprocket("config", "resolve", "--explain", "-c", "a\nrun = 1")
    assert tomllib.loads(ended.out)["run"]["fail"] == "fast"


def test_remarks_go_to_the_standard_error(sprocket: Sprocket, monkeypatch):
    monkeypatch.setenv("SPROCKET_CONFIG", "nowhere.toml")
    ended = sprocket("config", "resolve")
    assert "warning: the configuration file `nowhere.toml`" in ended.err
    tomllib.loads(ended.out)


def test_a_configuration_with_mistakes_is_not_printed(sprocket: Sprocket, tmp_path: Path):
    (tmp_path / "sprocket.toml").write_text("run.fial = 1\n")
    ended = sprocket("config", "resolve")
    assert (ended.status, ended.out) == (1, "")
    assert "did you mean `run.fail`?" in ended.err


# --- backends --------------------------------------------------------------------------------------------


def test_without_a_configuration_docker_is_used(sprocket: Sprocket):
    ended = sprocket("config", "backends")
    assert (ended.status, ended.err) == (0, "")
    assert "No backends are configured." in ended.out
    assert "`sprocket run` uses `docker` with its defaults" in ended.out


def test_the_table_of_protocols_is_that_of_the_guides(sprocket: Sprocket):
    lines = [line.split() for line in sprocket("config", "backends").out.splitlines()]
    assert ["TYPE", "docker://", "library://", "oras://", "file://"] in lines
    assert ["docker", "yes", "-", "-", "-"] in lines
    assert ["tes", "yes", "yes", "yes", "-"] in lines
    assert ["lsf_apptainer", "yes", "yes", "yes", "yes"] in lines
    assert ["slurm_apptainer", "yes", "yes", "yes", "yes"] in lines


@pytest.mark.usefixtures("settings")
def test_the_backend_that_a_run_uses_is_marked(sprocket: Sprocket):
    ended = sprocket("config", "backends")
    assert [line.split() for line in ended.out.splitlines()[-5:-1]] == [
        ["BACKEND", "TYPE", "SET", "BY"],
        ["default", "slurm_apptainer", ".config/sprocket/sprocket.toml:2"],
        ["*", "cloud", "tes", "sprocket.toml:4"],
        [],
    ]
    data = json.loads(sprocket("config", "backends", "--json").out)
    assert data["chosen"] == {"name": "cloud", "type": "tes"}
    assert data["backends"][1] == {"name": "cloud", "type": "tes", "set_by": ["sprocket.toml:4"]}
    assert [kind["type"] for kind in data["types"]] == list(SETTINGS)
    assert [kind["required"] for kind in data["types"] if kind["required"]] == [["url", "inputs", "outputs"]]


def test_why_no_backend_is_chosen_is_told(sprocket: Sprocket, tmp_path: Path):
    (tmp_path / "sprocket.toml").write_text("run.backends.mine.type = 'local'\n")
    ended = sprocket("config", "backends")
    assert ended.status == 0
    assert 'set `run.backend = "mine"`' in " ".join(ended.out.split())
    assert json.loads(sprocket("config", "backends", "--json").out)["chosen"] is None


def test_the_types_are_told_beside_mistakes(sprocket: Sprocket, tmp_path: Path):
    (tmp_path / "sprocket.toml").write_text("run.backends.mine.type = 'locale'\n")
    ended = sprocket("config", "backends")
    assert ended.status == 1
    assert "Tasks run in containers of a Docker Engine." in ended.out
    assert "did you mean `local`?" in ended.err
    data = json.loads(sprocket("config", "backends", "--json").out)
    assert (data["backends"], data["chosen"], len(data["types"])) == (None, None, len(SETTINGS))


@pytest.mark.parametrize("name", ["default", "backends"])
@pytest.mark.usefixtures("settings")
def test_lines_fit_80_columns(sprocket: Sprocket, monkeypatch, name: str):
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, sprocket("config", name).out.splitlines())) <= 80
