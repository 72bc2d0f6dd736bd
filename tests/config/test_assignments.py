"""Settings from the environment and from `--set`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pysprocket.config import load, load_explained
from pysprocket.config.assignments import Assignment
from pysprocket.config.backend_settings import Local
from pysprocket.errors import ConfigError


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("SPROCKET_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def setting(keys: str, *assignments: str, files: tuple[str, ...] = ()) -> Any:
    """The value of a key when these are given."""
    paths = []
    for number, text in enumerate(files):
        paths.append(Path(f"{number}.toml"))
        paths[-1].write_text(text)
    config: Any = load(files=paths, search=False, assignments=[Assignment(text) for text in assignments])
    for key in keys.split("."):
        config = config[key] if isinstance(config, dict) else getattr(config, key)
    return config


VALUES = [
    ("run.fail", "fast", "fast"),
    ("run.fail", '"fast"', "fast"),
    ("run.task.retries", "3", 3),
    ("run.task.retries", "default", "default"),
    ("common.wdl.fallback_version", "1.2", "1.2"),
    ("common.wdl.fallback_version", "'1.2'", "1.2"),
    ("run.task.container", "3", "3"),
    ("run.task.container", "true", "true"),
    ("run.task.shell", "a = b # c", "a = b # c"),
    ("run.task.shell", "a\nb = 2", "a\nb = 2"),
    ("run.suppress_env_specific_output", "true", True),
    ("run.task.retry.memory_growth", "2", 2.0),
    ("run.task.excluded_cache_inputs", '["a", "b"]', ["a", "b"]),
    ("run.task.excluded_cache_inputs", "a", ["a"]),
    ("run.task.excluded_cache_inputs", '"a"', ["a"]),
    ("run.task.excluded_cache_inputs", "3", ["3"]),
    ("run.task.excluded_cache_inputs", "[]", []),
    ("run.task.retry.lost.backoff", "5 min", "5 min"),
    ("run.task.retry.lost.backoff", "5", 5),
]


@pytest.mark.parametrize(("key", "text", "value"), VALUES)
def test_a_value_is_what_its_key_wants(key, text, value, monkeypatch):
    assert setting(key, f"{key}={text}") == value
    monkeypatch.setenv("SPROCKET_" + key.replace(".", "__").upper(), text)
    assert setting(key) == value


@pytest.mark.parametrize("text", ['["a", b]', "[a", "{"])
def test_what_was_meant_to_be_more_than_a_text_is_not_taken_for_one(text):
    with pytest.raises(ConfigError, match="must be an array of strings"):
        setting("run.task", f"run.task.excluded_cache_inputs={text}")


@pytest.mark.parametrize("text", ['["a"]', "[1]", "[]", "{}", '{ x = "y" }', " [1]"])
@pytest.mark.parametrize("key", ["run.task.container", "run.backend", "run.output_dir", "run.task.shell"])
def test_an_array_or_a_table_is_never_a_text(key, text, monkeypatch):
    said = rf"`{key}` must be a (string|path), not (an array|a table)"
    assert setting("run.task.container", f"run.task.container='{text}'") == text
    with pytest.raises(ConfigError, match=said):
        setting(key, f"{key}={text}")
    monkeypatch.setenv("SPROCKET_" + key.replace(".", "__").upper(), text)
    with pytest.raises(ConfigError, match=said):
        setting(key)


def test_files_stand_below_the_environment_and_that_below_the_command_line(monkeypatch):
    file = 'run.task.shell = "file"\nrun.task.excluded_cache_hints = ["file"]\n'
    assert setting("run.task.shell", files=(file,)) == "file"
    monkeypatch.setenv("SPROCKET_RUN__TASK__SHELL", "variable")
    monkeypatch.setenv("SPROCKET_RUN__TASK__EXCLUDED_CACHE_HINTS", "variable")
    assert setting("run.task.shell", files=(file,)) == "variable"
    assert setting("run.task.excluded_cache_hints", files=(file,)) == ["variable"]
    assert setting("run.task.shell", "run.task.shell=1st", "run.task.shell=2nd", files=(file,)) == "2nd"


def test_without_a_search_the_environment_counts_all_the_same(monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN__FAIL", "fast")
    assert load(search=False).run.fail == "fast"


def test_tables_merge():
    file = '[run.backends.l]\ntype = "local"\ncpu = 2\n'
    assert setting("run.backends.l", "run.backends.l={memory='1 GiB'}", files=(file,)).settings == Local(2, "1 GiB")
    assert setting("run.backends.l", "run.backends.l.memory=1 GiB", files=(file,)).settings == Local(2, "1 GiB")


def test_a_backend_may_be_made_of_variables_and_arguments_alone(monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__MINE__CPU", "2")
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__MINE__TYPE", "local")
    assert setting("run.backends.mine") == ("local", Local(cpu=2))
    assert setting("run.backends.other", "run.backends.other.cpu=3", "run.backends.other.type=local").settings.cpu == 3


def test_another_type_starts_afresh_with_all_that_is_given_beside_it(monkeypatch):
    file = '[run.backends.b]\ntype = "docker"\ncleanup = false\n'
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__B__CPU", "2")
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__B__TYPE", "local")
    assert setting("run.backends", files=(file,)) == {"b": ("local", Local(cpu=2))}


@pytest.mark.parametrize(
    ("entry", "variable"),
    [("my-site", "MY_SITE"), ("My.Site", "my_site"), ("ünï", "ÜNÏ"), ("plain", "PLAIN"), ("a__b", None)],
)
def test_names_of_backends_are_matched_with_those_of_files(entry, variable, monkeypatch):
    file = f'[run.backends."{entry}"]\ntype = "local"\n'
    if variable is None:  # it cannot be told from a table, so `--set` is for it
        assert setting("run.backends", f'run.backends."{entry}".cpu=3', files=(file,))[entry].settings.cpu == 3
        return
    monkeypatch.setenv(f"SPROCKET_RUN__BACKENDS__{variable}__CPU", "3")
    assert setting("run.backends", files=(file,))[entry].settings == Local(cpu=3)


def test_the_exact_name_of_a_backend_wins(monkeypatch):
    file = '[run.backends.a_b]\ntype = "local"\n[run.backends.a-b]\ntype = "local"\n'
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__A_B__CPU", "3")
    assert setting("run.backends", files=(file,)) == {"a_b": ("local", Local(cpu=3)), "a-b": ("local", Local())}


def test_older_spellings_are_spellings_here_too(monkeypatch):
    file = '[run.backends.s]\ntype = "slurm_apptainer"\n'
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__S__EXTRA_SBATCH_ARGS", '["--x"]')
    assert setting("run.backends.s", files=(file,)).settings.sbatch.args == ["--x"]
    assert setting("run.backends.s", "run.backends.s.slurm.args=--y", files=(file,)).settings.sbatch.args == ["--y"]


def test_relative_paths_start_at_the_current_directory_or_at_that_of_the_assignment(tmp_path, monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN__OUTPUT_DIR", "runs")
    assert load(search=False).run.output_dir == str(tmp_path / "runs")
    given = [Assignment("run.output_dir=runs", "/then")]
    assert load(search=False, assignments=given).run.output_dir == "/then/runs"


def test_variables_that_are_empty_or_of_others_are_left_alone(monkeypatch):
    for name, value in {
        "SPROCKET_RUN__FAIL": "",
        "SPROCKET_HOME": "/x",
        "SPROCKET_ARENA_SIZE": "3",
        "OTHER_RUN__FAIL": "fast",
        "SPROCKETRUN__FAIL": "fast",
    }.items():
        monkeypatch.setenv(name, value)
    loaded = load_explained(search=False)
    assert (loaded.layers, loaded.notes) == ([], ())


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("SPROCKET_RUN_FAIL", "SPROCKET_RUN__FAIL"),
        ("SPROCKET_RUN_TASK_RETRIES", "SPROCKET_RUN__TASK__RETRIES"),
        ("SPROCKET_COMMON_WDL_FALLBACK_VERSION", "SPROCKET_COMMON__WDL__FALLBACK_VERSION"),
    ],
)
def test_a_variable_that_nearly_sets_something_is_told(variable, meant, monkeypatch):
    monkeypatch.setenv(variable, "fast")
    (note,) = load(search=False).notes
    assert f"`{variable}` sets nothing" in note
    assert f"`{meant}`" in note


@pytest.mark.parametrize(
    ("variable", "remedy"),
    [
        ("SPROCKET_RNU__FAIL", "did you mean `SPROCKET_RUN__FAIL`?"),
        ("sprocket_run__FAIL", None),
        ("SPROCKET_TASK__RETRIES", "did you mean `SPROCKET_RUN__TASK__RETRIES`?"),
        ("SPROCKET_Backends__my_site__type", "did you mean `SPROCKET_RUN__BACKENDS__MY_SITE__TYPE`?"),
        ("SPROCKET_STORAGE__S3__REGION", "did you mean `SPROCKET_RUN__STORAGE__S3__REGION`?"),
        ("SPROCKET_ARENA__SIZE", "the sections are `common`, `check`, `run`"),
        ("SPROCKET___RUN__FAIL", "the sections are `common`, `check`, `run`"),
    ],
)
def test_a_variable_with_two_underscores_is_a_setting(variable, remedy, monkeypatch):
    monkeypatch.setenv(variable, "hunter22")
    if remedy is None:  # the prefix is not ours
        assert load(search=False).notes == ()
        return
    with pytest.raises(ConfigError) as caught:
        load(search=False)
    (told,) = caught.value.diagnostics
    assert (told.code, told.help) == ("UnknownSetting", remedy)
    assert "hunter22" not in told.labels[0].source.text


def test_a_variable_of_a_section_sets_its_table(monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN", '{ fail = "fast", task = { retries = 2, shell = "sh" } }')
    monkeypatch.setenv("SPROCKET_RUN__TASK__RETRIES", "3")
    monkeypatch.setenv("SPROCKET_COMMON", '{ color = "never" }')
    config = load(search=False)
    assert (config.run.fail, config.run.task.retries, config.run.task.shell) == ("fast", 3, "sh")
    assert (config.common.color, config.secret_variables) == ("never", ())


def test_a_section_with_a_secret_reaches_no_task(monkeypatch):
    login = '{ account_name = "me", access_key = "hunter22" }'
    monkeypatch.setenv("SPROCKET_RUN", f"{{ storage = {{ azure = {{ auth = {login} }} }} }}")
    assert load(search=False).secret_variables == ("SPROCKET_RUN",)


@pytest.mark.parametrize("value", ["fast", "1", "[]", '{ fail: "fast" }'])
def test_a_variable_of_a_section_is_a_table(value, monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN", value)
    with pytest.raises(ConfigError, match="table"):
        load(search=False)


@pytest.mark.parametrize(
    "variable", [b"SPROCKET_RUN__FAIL", b"SPROCKET_RUN__TASK__RETRIES", b"SPROCKET_RUN__TASK__SHELL"]
)
def test_a_variable_that_is_no_text_is_refused(variable, monkeypatch):
    monkeypatch.setitem(os.environb, variable, b"hunter22\xff")
    with pytest.raises(ConfigError) as caught:
        load(search=False)
    (told,) = caught.value.diagnostics
    assert told.message == f"the environment variable `{variable.decode()}` is not UTF-8 text"
    assert "hunter22" not in told.labels[0].source.text


def test_the_name_of_a_variable_is_text_too(monkeypatch):
    monkeypatch.setitem(os.environb, b"SPROCKET_RUN__F\xffIL", b"fast")
    with pytest.raises(ConfigError, match=r"`SPROCKET_RUN__F\?IL` is not UTF-8 text"):
        load(search=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [("run.fail = fast", "fast"), ("run.fail= 'fast' ", "fast"), ("run.task.shell =\ta b\n", "a b")],
)
def test_blanks_around_a_value_do_not_count(text, value):
    key = text.partition("=")[0].strip()
    assert setting(key, text) == value
    assert setting("run.task.shell", 'run.task.shell = " a "') == " a "


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hunter22", "--set …"),
        ("my.hunter22", "--set …"),
        ("run.fail hunter22", "--set run.fail …"),
        ("run.fail", "--set run.fail"),
        ("hunter22 = ", "--set hunter22"),
    ],
)
def test_what_has_no_value_may_be_a_secret(text, shown):
    with pytest.raises(ConfigError, match=f"`{shown}` ") as caught:
        setting("run", text)
    assert "=" in text or "hunter22" not in caught.value.diagnostics[0].labels[0].source.text


def test_sections_of_other_commands_are_accepted_here_too(monkeypatch):
    monkeypatch.setenv("SPROCKET_SERVER__PORT", "80")
    loaded = load_explained(search=False, assignments=[Assignment("format.indent=2")])
    assert [(one.keys[0], one.place.name) for one in loaded.unused] == [
        ("server", "SPROCKET_SERVER__PORT"),
        ("format", "--set"),
    ]


def test_assignments_with_secrets_are_known(monkeypatch):
    texts = [
        "run.fail=fast",
        "run.storage.azure.auth.access_key=abc",
        "run.storage.azure.auth.account_name=me",
        'run.storage.google.auth={access_key="id", secret="abc"}',
        'run.storage.s3.auth={access_key_id="id", secret_access_key={env="X"}}',
    ]
    loaded = load_explained(search=False, assignments=[Assignment(text) for text in texts])
    assert [bool(each.secrets) for each in loaded.kept] == [False, True, False, True, False]
