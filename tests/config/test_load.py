"""Finding, merging and checking `sprocket.toml` files."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from pysprocket.config import Config, load, load_explained, toml
from pysprocket.config.assignments import Assignment
from pysprocket.config.backend_settings import Local, Queue, SlurmApptainer, Tes
from pysprocket.config.layers import Place
from pysprocket.errors import ConfigError


@pytest.fixture(autouse=True)
def _places(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("SPROCKET_") or name == "XDG_CONFIG_HOME"]:
        monkeypatch.delenv(name)
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


def test_a_relative_directory_of_the_user_does_not_count(tmp_path, monkeypatch):
    """As the XDG Base Directory Specification has it."""
    marked("xdg/sprocket/sprocket.toml", "xdg")
    monkeypatch.setenv("XDG_CONFIG_HOME", "xdg")
    assert container() == "ubuntu:latest"
    marked(tmp_path / "home/.config/sprocket/sprocket.toml", "user")
    assert container() == "user"


# --- what is there and out of reach -------------------------------------------------------------------------


def unreachable(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to({"link to nowhere": "/nowhere/site.toml", "link to itself": path.name}[kind])


KINDS = {
    "directory": "cannot be read: Is a directory",
    "link to nowhere": "is a link to `/nowhere/site.toml`, which does not exist",
    "link to itself": "cannot be read: Too many levels of symbolic links",
    "pipe": "is a pipe, for which nobody waits",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["bin", "home/.config/sprocket", "here", "document"])
def test_what_cannot_be_read_in_a_usual_place_is_a_mistake(tmp_path, place, kind):
    executable = write(tmp_path / "bin/sprocket", "#!/bin/sh\n")
    executable.chmod(stat.S_IRWXU)
    unreachable(tmp_path / place / "sprocket.toml", kind)
    with pytest.raises(ConfigError, match=KINDS[kind]) as caught:
        load(argv0=str(executable), directory=tmp_path / "document")
    assert len(caught.value.diagnostics) == 1
    assert load(argv0=str(executable), directory=tmp_path / "document", search=False) == Config()


@pytest.mark.parametrize("kind", ["directory", "link to nowhere", "link to itself"])
def test_a_file_that_is_named_and_cannot_be_read_is_a_mistake(tmp_path, monkeypatch, kind):
    unreachable(tmp_path / "site.toml", kind)
    with pytest.raises(ConfigError, match=KINDS[kind]):
        load(files=[tmp_path / "site.toml"])
    monkeypatch.setenv("SPROCKET_CONFIG", str(tmp_path / "site.toml"))
    with pytest.raises(ConfigError, match=KINDS[kind]):
        load()


def target(path: str | Path) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return str(path)


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A directory that may not be entered, as who may enter any cannot have it."""
    directory = tmp_path / "closed"

    def refusing(real, place):
        def call(path, *arguments, **keywords):
            if place(path).startswith(f"{directory}/"):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, *arguments, **keywords)

        return call

    for owner, name, place in ((os, "stat", target), (os, "lstat", str), (Path, "open", target)):
        monkeypatch.setattr(owner, name, refusing(getattr(owner, name), place))
    return directory


def test_a_directory_that_may_not_be_entered_is_a_remark_in_the_usual_places(closed, monkeypatch):
    monkeypatch.setenv("SPROCKET_CONFIG_ROOT", str(closed / "me"))
    marked("sprocket.toml", "here")
    loaded = load_explained(directory=closed)
    assert loaded.config.run.task.container == "here"
    assert loaded.notes == (
        f"whether there is a configuration file `{closed}/me/sprocket.toml` is not known: Permission denied",
        f"whether there is a configuration file `{closed}/sprocket.toml` is not known: Permission denied",
    )
    assert load(search=False).notes == ()


def test_a_named_file_in_a_directory_that_may_not_be_entered_is_a_mistake(closed, monkeypatch):
    monkeypatch.setenv("SPROCKET_CONFIG", str(closed / "site.toml"))
    with pytest.raises(ConfigError, match=f"`{closed}/site.toml` cannot be read: Permission denied"):
        load()


def test_a_link_into_a_directory_that_may_not_be_entered_is_a_mistake(closed):
    Path("sprocket.toml").symlink_to(closed / "site.toml")
    with pytest.raises(ConfigError, match=r"`sprocket.toml` cannot be read: Permission denied"):
        load()


def test_a_directory_that_is_a_link_to_nowhere_is_a_remark(tmp_path):
    (tmp_path / "home/.config").symlink_to("/nowhere/settings")
    (note,) = load().notes
    assert "home/.config/sprocket/sprocket.toml` cannot be looked for" in note
    assert "home/.config` is a link to `/nowhere/settings`, which does not exist" in note


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


def test_a_file_with_two_names_counts_once():
    first = write("first.toml", 'check.disable = ["X"]\n')
    Path("second.toml").hardlink_to(first)
    Path("third.toml").symlink_to(first)
    assert load(files=[first, Path("second.toml"), Path("third.toml")], search=False).check.disable == ["X"]


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
        "bad.toml:1:18: `run.output_dir`: the environment variable `NOT_SET_AT_ALL` is not set"
    ]


@pytest.mark.parametrize("setting", ["run.output_dir", "run.backend", "run.task.shell", "run.task.container"])
def test_a_setting_that_is_empty_is_a_mistake(setting):
    """An empty path would be the directory of the file, an empty name that of nothing."""
    column = len(setting) + 4
    assert refused(f'{setting} = ""') == [f"bad.toml:1:{column}: `{setting}` is empty"]


# --- mistakes ---------------------------------------------------------------------------------------------


def test_all_mistakes_of_all_files_are_told_at_once_with_their_places(monkeypatch):
    """What each of them looks like: `test_mistakes`."""
    write("wrong.toml", 'run.fial = "fast"\n[common]\ncolor = "blue"\n')
    write("broken.toml", "run.fail = fast\n")
    Path("latin.toml").write_bytes(b"# \xe9\n")
    monkeypatch.setenv("SPROCKET_RUN__FAIL", "fats")
    files = [Path(f"{name}.toml") for name in ("wrong", "none", "broken", "latin")]
    with pytest.raises(ConfigError) as caught:
        load(files=files, search=False, assignments=[Assignment("run.task.retries=many")])
    assert str(caught.value).splitlines() == [
        "the configuration file `none.toml` cannot be read: No such file or directory",
        "broken.toml:1:12: `broken.toml` is not valid TOML: this is no value",
        "latin.toml:1:3: the configuration file `latin.toml` is not UTF-8 text",
        "wrong.toml:1:5: `run.fial` is not a setting",
        "wrong.toml:3:9: `common.color` must be `auto`, `always` or `never`, not `blue`",
        "environment:1:20: `run.fail` must be `slow` or `fast`, not `fats`",
        "command line:1:24: `run.task.retries` must be an integer of at least 0 and below 100 or `default`, not `many`",
    ]
    assert len(caught.value.diagnostics) == 7


def test_a_value_that_is_wrong_in_one_file_is_a_mistake_though_another_replaces_it():
    wrong, right = write("1.toml", "run.fail = 3\n"), write("2.toml", 'run.fail = "fast"\n')
    with pytest.raises(ConfigError, match="must be `slow` or `fast`"):
        load(files=[wrong, right], search=False)


def test_a_file_below_the_current_directory_is_told_by_its_relative_path(tmp_path):
    write("sub/bad.toml", "run.fail = 3\n")
    for path in (Path("sub/bad.toml"), Path.cwd() / "sub/bad.toml"):
        with pytest.raises(ConfigError, match=r"^sub/bad\.toml:1:12:"):
            load(files=[path], search=False)
    write(tmp_path / "bad.toml", "run.fail = 3\n")
    with pytest.raises(ConfigError, match=f"^{tmp_path}/bad.toml:1:12:"):
        load(files=[tmp_path / "bad.toml"], search=False)


def test_what_is_needed_may_come_from_any_layer(monkeypatch):
    site = write("site.toml", '[run.backends.t]\ntype = "tes"\nurl = "https://x.invalid"\n')
    mine = write("mine.toml", '[run.backends.t]\ninputs = "s3://b/i/"\n')
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__T__OUTPUTS", "s3://b/o/")
    settings = load(files=[site, mine], search=False).run.backends["t"].settings
    assert settings == Tes(url="https://x.invalid", inputs="s3://b/i/", outputs="s3://b/o/")


def test_settings_of_a_type_that_another_file_says():
    """Below a change of type, a file without a type belongs to what is below it."""
    site = write("site.toml", '[run.backends.x]\ntype = "slurm_apptainer"\n')
    mine = write("mine.toml", "[run.backends.x]\ninterval = 5\n")
    last = write("last.toml", '[run.backends.x]\ntype = "local"\ncpu = 2\n')
    slurm = {"x": ("slurm_apptainer", SlurmApptainer(interval=5))}
    assert load(files=[site, mine], search=False).run.backends == slurm
    assert load(files=[mine, site], search=False).run.backends == slurm
    assert load(files=[site, mine, last], search=False).run.backends == {"x": ("local", Local(cpu=2))}


def test_numbers_of_keys_that_want_fractions_are_such():
    path = write("n.toml", "run.task.retry.memory_growth = 2\n")
    growth = load(files=[path], search=False).run.task.retry.memory_growth
    assert (growth, type(growth)) == (2.0, float)


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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"# \xe9\n", "is not UTF-8 text"),
        (b"[run]\nfail = 'sch\xf6n'", r"strange\.toml:2:12: the configuration file `strange\.toml` is not UTF-8 text"),
        (b"\xff\xfe[\0r\0", "strange.toml:1:1: .*is not UTF-8 text"),
        (b"\na = " + b"[" * 20_000, r"strange\.toml:2:105: .*has values that lie too deep in each other"),
        (b"# [[\n\n[server]\n" + b"x." * 100 + b"y = 1", r"strange\.toml:4:1: .*has values that lie too deep"),
        (b"#\nrun.retries = " + b"9" * 9_999, r"strange\.toml:2:15: .*: this number is too large"),
        (b"#" * 5_000_000, "cannot be read: it has more than 4 MB; is it the right file?"),
        (b'run.fail = "fast"\0', "is not valid TOML: there is more behind the end of a setting"),
        (b"run.fail = 'a\0b'", "is not valid TOML: found invalid character"),
    ],
)
def test_a_file_with_strange_content_is_refused(content, message):
    Path("strange.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load(files=[Path("strange.toml")], search=False)


@pytest.mark.parametrize("text", ["server" + ".x" * 900 + "=1", "server.x=" + "[" * 300 + "]" * 300])
def test_what_is_set_too_deep_is_refused(text, monkeypatch):
    with pytest.raises(ConfigError, match="`--set` sets something that lies too deep"):
        load(assignments=[Assignment(text)])
    key, _, value = text.partition("=")
    name = "SPROCKET_" + key.upper().replace(".", "__")
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"`{name}` sets something that lies too deep"):
        load()


def test_what_is_set_too_deep_hides_no_other_mistake():
    given = [
        "run.fail=" + "[" * 120 + "]" * 120,
        "run.nope=3",
        'run.backends.x={ type="docker", cpu="https://<REDACTED>@h/" }',
    ]
    with pytest.raises(ConfigError) as caught:
        load(search=False, assignments=[Assignment(each) for each in given])
    assert [each.message for each in caught.value.diagnostics] == [
        "`--set` sets something that lies too deep in tables or arrays",
        "`run.nope` is not a setting",
        "`run.backends.x.cpu` is not a setting",
    ]
    assert caught.value.diagnostics[0].labels[0].source.text.startswith("--set run.fail=")


def test_marks_and_line_ends_of_windows():
    Path("dos.toml").write_bytes(b'\xef\xbb\xbfrun.fail = "fast"\r\n[run.task]\r\nshell = "sh"\r\n')
    run = load(files=[Path("dos.toml")], search=False).run
    assert (run.fail, run.task.shell) == ("fast", "sh")
    Path("dos.toml").write_bytes(b'\xef\xbb\xbfrun.fail = "fats"\r\n[run.task]\r\nshel = "sh"\r\n')
    with pytest.raises(ConfigError) as caught:
        load(files=[Path("dos.toml")], search=False)
    assert [line.split("`")[0] for line in str(caught.value).splitlines()] == ["dos.toml:1:12: ", "dos.toml:3:1: "]


def test_a_relative_path_in_a_linked_file_starts_where_the_link_is(tmp_path):
    real = write(tmp_path / "store/real.toml", 'run.output_dir = "runs"\n')
    Path("sprocket.toml").symlink_to(real)
    assert load().run.output_dir == str(Path.cwd() / "runs")


def test_a_file_may_be_a_pipe():
    reading, writing = os.pipe()
    os.write(writing, b'run.fail = "fast"\n')
    os.close(writing)
    assert load(files=[Path(f"/dev/fd/{reading}")], search=False).run.fail == "fast"
    os.close(reading)


@pytest.mark.parametrize("kind", ["pipe", "file", "named pipe"])
def test_a_relative_path_in_what_a_shell_has_opened_starts_at_the_current_directory(tmp_path, kind):
    text = b'run.output_dir = "o"\n'
    path = tmp_path / "elsewhere"
    if kind == "named pipe":
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(text,))
        writer.start()
        assert load(files=[path], search=False).run.output_dir == str(Path.cwd() / "o")
        writer.join()
        return
    if kind == "pipe":
        reading, writing = os.pipe()
        os.write(writing, text)
        os.close(writing)
    else:
        path.write_bytes(text)
        reading = os.open(path, os.O_RDONLY)
    assert load(files=[Path(f"/dev/fd/{reading}")], search=False).run.output_dir == str(Path.cwd() / "o")
    os.close(reading)


def test_toml_1_1():
    """What 1.0 does not have: tables over several lines with commas behind the last key, comments, new escapes."""
    path = write(
        "new.toml",
        "run.task.retry = {\n  memory_growth = 2,  # twice\n  preempted = {\n    count = 3,\n  },\n}\n"
        'run.task.container = "\\x61:b"\nserver.escape = "\\e"\nserver.time = 07:32\n',
    )
    task = load(files=[path], search=False).run.task
    assert (task.retry.memory_growth, task.retry.preempted.count, task.container) == (2.0, 3, "a:b")


def test_names_of_entries_may_be_anything():
    names = ["my.cluster", "ünï", 'a"b', "type", "[x]", " "]
    text = "".join(f'[run.backends.{toml.key(name)}]\ntype = "local"\ncpu = 1\n' for name in names)
    assert list(load(files=[write("n.toml", text)], search=False).run.backends) == names


def test_without_a_current_directory(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setenv("SPROCKET_RUN__FAIL", "fast")
    path = write(tmp_path / "home/.config/sprocket/sprocket.toml", 'run.output_dir = "runs"\n')
    run = load(assignments=[Assignment("run.task.shell=sh")]).run
    assert (run.fail, run.task.shell, run.output_dir) == ("fast", "sh", str(path.parent / "runs"))


# --- explained --------------------------------------------------------------------------------------------


def test_each_value_knows_who_set_it(monkeypatch):
    write("1.toml", '[run]\nfail = "fast"\n[run.task]\nexcluded_cache_hints = ["a"]\nshell = "sh"\n')
    write(
        "2.toml",
        '[run.backends.s]\ntype = "slurm_apptainer"\nextra_sbatch_args = ["x"]\n'
        '[run.task]\nexcluded_cache_hints = [\n"b", "c"]\n',
    )
    monkeypatch.setenv("SPROCKET_RUN__TASK__SHELL", "zsh")
    loaded = load_explained(
        files=[Path("1.toml"), Path("2.toml")],
        search=False,
        assignments=[Assignment("run.backends.s.interval=5"), Assignment("run.task.excluded_cache_inputs=[]")],
    )
    origins = {
        ("run", "fail"): [("1.toml", 2)],
        ("run", "task", "shell"): [("SPROCKET_RUN__TASK__SHELL", None)],
        ("run", "task", "excluded_cache_hints"): [("1.toml", 4), ("2.toml", 5)],
        ("run", "task", "excluded_cache_hints", 2): [("2.toml", 6)],
        ("run", "task", "excluded_cache_inputs"): [("--set", None)],
        ("run", "backends", "s", "sbatch", "args"): [("2.toml", 3)],
        ("run", "backends", "s"): [("2.toml", 2), ("2.toml", 3), ("--set", None)],
        ("run", "output_dir"): [],
        ("run", "task", "excluded_cache_hints", 7): [],
    }
    assert {keys: [(place.name, place.line) for place in loaded.origins(keys)] for keys in origins} == origins
    assert loaded.values["run"]["backends"]["s"] == {
        "type": "slurm_apptainer",
        "sbatch": {"args": ["x"]},
        "interval": 5,
    }
    assert loaded.config == load(
        files=[Path("1.toml"), Path("2.toml")],
        search=False,
        assignments=[Assignment("run.backends.s.interval=5"), Assignment("run.task.excluded_cache_inputs=[]")],
    )


def test_a_backend_that_starts_afresh_forgets_who_set_it_before():
    site = write("site.toml", '[run.backends.l]\ntype = "docker"\ncleanup = false\n')
    mine = write("mine.toml", '[run.backends.l]\ntype = "local"\n')
    loaded = load_explained(files=[site, mine], search=False)
    assert loaded.origins(("run", "backends", "l", "cleanup")) == ()
    assert loaded.origins(("run", "backends", "l")) == (Place("mine.toml", 2),)


def test_what_nothing_reads_is_told_with_its_place():
    path = write(
        "u.toml",
        '[server]\nport = 1\n[run]\nfail = "fast"\nevents_capacity = 7\n'
        '[check]\nexcept = ["X"]\ntags = ["x"]\n[run.storage.s3]\nregion = "x"\n',
    )
    unused = load_explained(files=[path], search=False).unused
    assert {(".".join(map(str, one.keys)), one.place.line) for one in unused} >= {
        ("server", 1),
        ("run.events_capacity", 5),
        ("check.tags", 8),
    }
    assert ("run", "fail") not in [one.keys for one in unused]
