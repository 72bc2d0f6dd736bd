"""Finding, merging and checking `sprocket.toml` files."""

import os
import stat
from pathlib import Path

import pytest

from pysprocket.config import Config, load
from pysprocket.config.backend_settings import Local, Queue, SlurmApptainer
from pysprocket.errors import ConfigError


@pytest.fixture(autouse=True)
def _places(tmp_path, monkeypatch):
    for name in ("SPROCKET_CONFIG", "SPROCKET_CONFIG_ROOT", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)


def write(path: str | Path, text: str) -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def marked(path: str | Path, mark: str) -> Path:
    return write(path, f'run.task.container = "{mark}"\n')


def container(**arguments: object) -> str:
    return load(**arguments).run.task.container  # type: ignore[arg-type]


def refused(text: str) -> list[str]:
    path = write("bad.toml", text)
    with pytest.raises(ConfigError) as caught:
        load(files=[path], search=False)
    return str(caught.value).splitlines()


# --- where ------------------------------------------------------------------------------------------------


def test_without_files_the_defaults_hold():
    assert load() == Config()
    assert load(search=False).run.output_dir == "./out"


def test_later_places_win(tmp_path, monkeypatch):
    executable = write(tmp_path / "bin/sprocket", "#!/bin/sh\n")
    executable.chmod(stat.S_IRWXU)
    argv0 = str(executable)
    assert container(argv0=argv0) == "ubuntu:latest"
    marked(tmp_path / "bin/sprocket.toml", "beside")
    assert container(argv0=argv0) == "beside"
    marked(tmp_path / "home/.config/sprocket/sprocket.toml", "user")
    assert container(argv0=argv0) == "user"
    marked("sprocket.toml", "here")
    assert container(argv0=argv0) == "here"
    monkeypatch.setenv("SPROCKET_CONFIG", str(marked(tmp_path / "env.toml", "environment")))
    assert container(argv0=argv0) == "environment"
    given = [marked(tmp_path / f"{name}.toml", name) for name in ("first", "second")]
    assert container(argv0=argv0, files=given) == "second"
    assert container(argv0=argv0, files=given[:1], search=False) == "first"
    assert container(argv0=argv0, search=False) == "ubuntu:latest"


def test_beside_the_executable_means_beside_the_link_and_beside_what_it_links_to(tmp_path):
    real = write(tmp_path / "opt/sprocket", "#!/bin/sh\n")
    real.chmod(stat.S_IRWXU)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sprocket").symlink_to(real)
    marked(tmp_path / "opt/sprocket.toml", "real")
    assert container(argv0=str(tmp_path / "bin/sprocket")) == "real"
    marked(tmp_path / "bin/sprocket.toml", "link")
    assert container(argv0=str(tmp_path / "bin/sprocket")) == "link"


def test_an_executable_found_on_the_path_counts(tmp_path, monkeypatch):
    executable = write(tmp_path / "bin/sprocket", "#!/bin/sh\n")
    executable.chmod(stat.S_IRWXU)
    marked(tmp_path / "bin/sprocket.toml", "beside")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert container(argv0="sprocket") == "beside"


def test_the_users_directory_can_be_moved(tmp_path, monkeypatch):
    marked(tmp_path / "xdg/sprocket/sprocket.toml", "xdg")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert container() == "xdg"
    marked(tmp_path / "root/sprocket.toml", "root")
    monkeypatch.setenv("SPROCKET_CONFIG_ROOT", str(tmp_path / "root"))
    assert container() == "root"


def test_a_user_without_a_home_is_no_problem(monkeypatch):
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert load() == Config()


def test_a_missing_file_of_the_environment_is_a_remark_and_an_empty_name_nothing(monkeypatch):
    monkeypatch.setenv("SPROCKET_CONFIG", "nowhere.toml")
    (note,) = load().notes
    assert "`nowhere.toml` that SPROCKET_CONFIG names does not exist" in note
    assert load(search=False).notes == ()
    monkeypatch.setenv("SPROCKET_CONFIG", "")
    assert load().notes == ()


# --- merging ----------------------------------------------------------------------------------------------


def test_tables_merge_values_are_replaced_and_lists_grow():
    first = write("1.toml", '[run]\nfail = "fast"\n[run.task]\nshell = "sh"\nexcluded_cache_hints = ["a"]\n')
    second = write("2.toml", 'run.task.shell = "zsh"\nrun.task.excluded_cache_hints = ["b"]\n')
    run = load(files=[first, second], search=False).run
    assert (run.fail, run.task.shell, run.task.excluded_cache_hints) == ("fast", "zsh", ["a", "b"])


def test_a_file_that_is_found_twice_counts_once_at_its_last_place(monkeypatch):
    write("sprocket.toml", 'check.disable = ["X"]\n')
    other = write("other.toml", 'check.disable = ["Y"]\n')
    monkeypatch.setenv("SPROCKET_CONFIG", "sprocket.toml")
    assert load().check.disable == ["X"]
    assert load(files=[other, Path("sprocket.toml")]).check.disable == ["Y", "X"]


def test_a_backend_may_be_described_by_several_files():
    site = write("site.toml", '[run.backends.l]\ntype = "local"\ncpu = 2\n')
    mine = write("mine.toml", '[run.backends.l]\nmemory = "2 GiB"\n')
    assert load(files=[site, mine], search=False).run.backends == {"l": ("local", Local(cpu=2, memory="2 GiB"))}


def test_a_backend_of_another_type_starts_afresh():
    site = write("site.toml", '[run.backends.l]\ntype = "docker"\ncleanup = false\n')
    mine = write("mine.toml", '[run.backends.l]\ntype = "local"\n')
    assert load(files=[site, mine], search=False).run.backends == {"l": ("local", Local())}


# --- paths ------------------------------------------------------------------------------------------------


def test_a_relative_path_starts_at_the_directory_of_its_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRATCH", "/scratch")
    path = write(
        tmp_path / "site/sprocket.toml", '[run]\noutput_dir = "runs"\n[run.task]\ncache_dir = "$SCRATCH/${SCRATCH}"\n'
    )
    run = load(files=[path], search=False).run
    assert run.output_dir == str(tmp_path / "site/runs")
    assert run.task.cache_dir == "/scratch/scratch"
    assert run.http.cache_dir == "system"
    home = write("home.toml", 'run.output_dir = "~/out"\nrun.http.cache_dir = "system"\n')
    run = load(files=[home], search=False).run
    assert (run.output_dir, run.http.cache_dir) == (str(tmp_path / "home/out"), "system")


def test_a_variable_that_is_not_set_is_named():
    assert refused('run.output_dir = "$NOT_SET_AT_ALL/x"') == [
        "bad.toml:1: `run.output_dir`: the environment variable `NOT_SET_AT_ALL` is not set"
    ]


@pytest.mark.parametrize("setting", ["run.output_dir", "run.backend", "run.task.shell", "run.task.container"])
def test_a_setting_that_is_empty_is_a_mistake(setting):
    """An empty path would be the directory of the file, an empty name that of nothing."""
    assert refused(f'{setting} = ""') == [f"bad.toml:1: `{setting}` is empty; leave it out, and its default holds"]


# --- mistakes ---------------------------------------------------------------------------------------------


def test_all_mistakes_of_a_file_are_told_with_line_key_and_remedy():
    assert refused(
        '[run]\nfial = "fast"\nbackend = 3\n'
        '[run.backends.x]\ntype = "local"\ncpu = 0\nmemory = "2 Gxx"\ncleanup = true\n'
        '[run.backends.y]\ntype = "dcoker"\n[run.backends.z]\ncpu = 1\n'
        "[run.task]\nretries = 100\n[run.workflow]\nscatter.concurrency = 0\n"
        '[common]\ncolor = "blue"\n[servr]\n'
    ) == [
        "bad.toml:2: `run.fial` is not a setting; did you mean `run.fail`?",
        "bad.toml:3: `run.backend`: expected `str`, got `int`",
        "bad.toml:6: `run.backends.x.cpu`: expected `int` >= 1",
        "bad.toml:7: `run.backends.x.memory`: `Gxx` is not a unit of storage;"
        " use B, KB, MB, GB, TB, KiB, MiB, GiB or TiB",
        "bad.toml:8: `run.backends.x.cleanup` is not a setting",
        "bad.toml:10: `run.backends.y.type` cannot be `dcoker`; use `docker`",
        "bad.toml:11: `run.backends.z` needs a `type`;"
        " use `docker` or `local` or `slurm_apptainer` or `lsf_apptainer` or `tes`",
        "bad.toml:14: `run.task.retries`: expected `int` <= 99",
        "bad.toml:16: `run.workflow.scatter.concurrency`: expected `int` >= 1",
        "bad.toml:18: `common.color` cannot be `blue`; use `auto` or `always` or `never`",
        "bad.toml:19: `servr` is not a setting; did you mean `server`?",
    ]


def test_a_pause_that_is_no_time_span_is_told_with_its_line_and_key():
    assert refused('[run.task.retry.node_lost]\ncount = 1\nbackoff = "soon"\nlongest_backoff = -1\n') == [
        f"bad.toml:{line}: `run.task.retry.node_lost.{key}`: `{value}` is not a time span;"
        " write a number and a unit, such as `30 s` or `5 min`"
        for line, key, value in ((3, "backoff", "soon"), (4, "longest_backoff", -1))
    ]


def test_dotted_keys_and_tables_are_the_same():
    assert refused("run.task.retires = 1") == [
        "bad.toml:1: `run.task.retires` is not a setting; did you mean `run.task.retries`?"
    ]
    assert refused("[run]\ntask = { retires = 1 }")[0].startswith("bad.toml:2: `run.task.retires`")


def test_a_value_where_a_table_belongs():
    assert refused("run = 1") == ["bad.toml:1: `run`: expected `object`, got `int`"]
    assert refused("[run]\nbackends = 1") == ["bad.toml:2: `run.backends`: expected a table"]
    assert refused("[run.backends]\nx = 1") == ["bad.toml:2: `run.backends.x`: expected a table"]


def test_a_required_key_that_no_file_has_is_named():
    (problem,) = refused('[run.storage.azure.auth]\naccount_name = "me"')
    assert "missing `access_key` - at `$.run.storage.azure.auth`" in problem


def test_a_secret_is_not_in_the_message():
    (problem,) = refused('[run.storage.azure]\nauth = { account_name = "me", acces_key = "s3cret" }')
    assert "s3cret" not in problem


def test_sections_of_other_commands_and_backends_to_come_are_accepted_unread():
    path = write(
        "site.toml",
        '[server]\nport = "x"\n[format]\nanything = 1\n[check.rules.UnusedImport]\nseverity = "off"\n'
        '[run.backends.slurm]\ntype = "slurm_apptainer"\ndefault_slurm_partition = { name = "p" }\n'
        '[run.backends.tes]\ntype = "tes"\nurl = "https://x.invalid"\n'
        'inputs = "s3://b/i/"\noutputs = "s3://b/o/"\n[run.backends.lsf]\ntype = "lsf_apptainer"\n',
    )
    backends = load(files=[path], search=False).run.backends
    assert backends["slurm"].settings == SlurmApptainer(default_slurm_partition=Queue(name="p"))


def test_a_file_that_cannot_be_read_is_named():
    for path, text, message in [
        ("broken.toml", b"[run\n", "`broken.toml` is not valid TOML: Expected ']'"),
        ("latin.toml", b"# \xe9\n", "`latin.toml` is not UTF-8 text"),
    ]:
        Path(path).write_bytes(text)
        with pytest.raises(ConfigError, match=message.replace("[", r"\[")):
            load(files=[Path(path)], search=False)
    with pytest.raises(ConfigError, match=r"`none\.toml` cannot be read: No such file"):
        load(files=[Path("none.toml")], search=False)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(files=[Path.cwd()], search=False)
