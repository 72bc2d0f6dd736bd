"""The JSON Schema says of a file what loading it says, but for rules about more than the form of a value."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pysprocket.config import describe, load, load_explained, toml
from pysprocket.config.backend_settings import SETTINGS
from pysprocket.config.defaults import default_file
from pysprocket.config.resolved import resolved
from pysprocket.config.schema import json_schema
from pysprocket.config.section import BackendSettings
from pysprocket.errors import ConfigError
from tests.config.test_defaults import blocks, header, uncommented
from tests.config.test_describe import Grid, Rack

SCHEMA = json_schema(SETTINGS)
VALIDATOR = Draft202012Validator(SCHEMA)
Around = Callable[[], dict[str, Any]]

GUIDES = {
    "a site with Slurm": """
        run.experimental_features_enabled = true
        run.backends.default.type = "slurm_apptainer"
        run.backends.default.default_slurm_partition.name = "compute"
        run.backends.default.default_slurm_partition.max_cpu_per_task = 64
        run.backends.default.default_slurm_partition.max_memory_per_task = "96 GB"
        run.backends.default.short_task_slurm_partition.name = "short"
        run.backends.default.gpu_slurm_partition.name = "gpu"
        run.backends.default.fpga_slurm_partition.name = "fpga"
        run.backends.default.extra_sbatch_args = ["--time=60"]
        run.backends.default.max_scatter_concurrency = 200
        run.backends.default.extra_apptainer_exec_args = ["--nv"]
        """,
    "limits": """
        [run]
        fail = "fast"
        [run.task]
        cpu_limit_behavior = "deny"
        memory_limit_behavior = "try_with_max"
        """,
    "two servers": """
        [run]
        backend = "server1"
        [run.backends.server1]
        type = "tes"
        url = "https://tes.example.org"
        inputs = "s3://bucket/inputs/"
        outputs = "s3://bucket/outputs/"
        interval = 60
        [run.backends.server1.auth]
        type = "basic"
        username = "user"
        password = "password"
        [run.backends.server2]
        type = "tes"
        service = "https://tes.example.org"
        inputs = "s3://bucket/inputs/"
        outputs = "s3://bucket/outputs/"
        auth = { type = "bearer", token = { file = "token" } }
        """,
    "a later release": """
        [run.workflow.scatter]
        concurrency = 200
        [run.backends.default]
        type = "lsf_apptainer"
        interval = "30 s"
        default_lsf_queue = { name = "normal", max_memory_per_task = 1000000 }
        lsf.args = ["-P", "project"]
        bsub.conditional = [{ condition = "gpu", args = ["-q", "gpu"] }]
        apptainer = { executable = "singularity", image_cache_dir = "~/images" }
        """,
    "odd URLs": """
        [run.backends.a]
        type = "tes"
        url = "HTTPS://user@[::1]:8080/v1"
        inputs = "https://host/path/?sig=a/b"
        outputs = "file://localhost/tmp/"
        [run.backends.c]
        type = "tes"
        url = "http://a.org/"
        insecure = true
        inputs = "file:///"
        outputs = "S3://b/c@d/?x"
        [run.backends.b]
        type = "slurm_apptainer"
        job_name_prefix = "ä-1 x."
        """,
    "texts that may be empty": """
        run.storage.s3.region = ""
        run.http.response_cache_capacity = 0
        run.digest_cache_capacity = 0
        common.wdl.fallback_version = "1.4"
        run.backends.default = { type = "slurm_apptainer", job_name_prefix = "" }
        """,
    "sections of other commands": """
        [format]
        indent = "tabs"
        [server]
        port = 8080
        [check]
        except = ["RuleName"]
        all_lint_rules = true
        [check.rules.RuleName]
        severity = "off"
        [test]
        parallelism = 50
        """,
}

MISTAKES = {
    "a misspelt key": "run.fial = 'fast'",
    "a misspelt section": "[rum]",
    "a key of another type of backend": "run.backends.a = { type = 'docker', cpu = 1 }",
    "a type that there is not": "run.backends.a.type = 'kubernetes'",
    "no type": "run.backends.a.cleanup = true",
    "no URL": "run.backends.a = { type = 'tes', inputs = 's3://b/', outputs = 's3://b/' }",
    "a queue without name": "run.backends.a = { type = 'slurm_apptainer', gpu_slurm_partition.max_cpu_per_task = 1 }",
    "a login of no type": """
        run.backends.a = { type = 'tes', url = 'https://a.org', inputs = 's3://b/', outputs = 's3://b/', auth = {} }
        """,
    "a key of another login": """
        run.backends.a.type = 'tes'
        run.backends.a.url = 'https://a.org'
        run.backends.a.inputs = 's3://b/'
        run.backends.a.outputs = 's3://b/'
        run.backends.a.auth = { type = 'bearer', token = 'a', password = 'b' }
        """,
    "an entry that is no table": "run.backends.a = 'docker'",
    "a condition without its text": """
        run.backends.a.type = 'slurm_apptainer'
        run.backends.a.sbatch.conditional = [{ args = ['-q'] }]
        """,
    "a server that is none": """
        run.backends.a = { type = 'tes', url = 'tes.example.org', inputs = 's3://b/', outputs = 's3://b/' }
        """,
    "a place that is no URL": """
        run.backends.a = { type = 'tes', url = 'https://a.org', inputs = '/data/', outputs = 's3://b/' }
        """,
    "a place without a slash at its end": """
        run.backends.a = { type = 'tes', url = 'https://a.org', inputs = 's3://b/', outputs = 's3://b/c' }
        """,
    "a prefix with a tab": "run.backends.a = { type = 'slurm_apptainer', job_name_prefix = 'a\\tb' }".replace("'", '"'),
    "a queue with a blank": "run.backends.a = { type = 'slurm_apptainer', gpu_slurm_partition.name = 'a b' }",
    "a queue that is an argument": "run.backends.a = { type = 'lsf_apptainer', gpu_lsf_queue.name = '-q' }",
    "an entry without a name": "run.backends.'' = { type = 'local' }",
    "a size in other digits": "run.backends.a = { type = 'local', memory = '٣ GB' }",
    "a time span with an odd blank": "run.task.retry.lost.backoff = '3\u2003s'",
    "a server with a query": """
        run.backends.a = { type = 'tes', url = 'https://a.org?x=1', inputs = 's3://b/', outputs = 's3://b/' }
        """,
    "a login in the URL of a bucket": """
        run.backends.a = { type = 'tes', url = 'https://a.org', inputs = 's3://u:p@b/', outputs = 's3://b/' }
        """,
    "a host in the URL of a path": """
        run.backends.a = { type = 'tes', url = 'https://a.org', inputs = 'file://b/', outputs = 's3://b/' }
        """,
    "an endpoint with a query": "run.storage.s3.endpoint = 'https://a.org/?x=1'",
    "a section of other commands that is none": "server = 'x'",
    "a prefix that is too long": f"run.backends.a = {{ type = 'lsf_apptainer', job_name_prefix = '{'x' * 101}' }}",
    "an older key with another type": "check.all_lint_rules = 'yes'",
}

VALUES: list[Any] = [
    *(0, -1, 3.5, 99, 100, True, "", "x", "5", "8 GiB", "30 s", "9 parsecs"),
    *([], ["a"], [1], {}, {"env": "X"}, {"env": "X", "file": "y"}, {"nvm": "x"}),
]
RULES = (
    *("URL", "is in no name", "has a blank", "cannot be shorter", "cannot be 0", "is empty", "is not a size"),
    "no backend named",
)
"""In messages about a value whose form is right."""


def refusal(tmp_path: Path, text: str) -> str | None:
    """What is told first of a file that does not load; None of one that does."""
    (tmp_path / "sprocket.toml").write_text(text)
    try:
        load(files=[tmp_path / "sprocket.toml"], search=False)
    except ConfigError as error:
        return error.diagnostics[0].message
    return None


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator.check_schema(json_schema({**SETTINGS, "grid": Grid}))


@pytest.mark.parametrize("text", GUIDES.values(), ids=GUIDES)
def test_a_file_as_in_the_guides_is_right_for_both(tmp_path, text):
    assert refusal(tmp_path, text) is None
    VALIDATOR.validate(tomllib.loads(text))


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_for_both(tmp_path, text):
    assert refusal(tmp_path, text) is not None
    assert not VALIDATOR.is_valid(tomllib.loads(text))


def test_the_file_of_defaults_is_right():
    VALIDATOR.validate(tomllib.loads(default_file(SETTINGS)))


@pytest.mark.parametrize("number", [n for n, block in enumerate(blocks()) if block[0].startswith("#")])
def test_the_examples_in_the_file_of_defaults_are_right(number):
    block = list(blocks())[number]
    around = [each for each in blocks() if each[0][:1] == "#" and header(block).startswith(header(each) + ".")]
    lines = [line for each in (*around, block) for line in uncommented(each)]
    VALIDATOR.validate(tomllib.loads("\n".join(lines)))


@pytest.mark.parametrize("text", GUIDES.values(), ids=GUIDES)
def test_the_settings_in_effect_are_right(tmp_path, text):
    (tmp_path / "sprocket.toml").write_text(text)
    found = load_explained(files=[tmp_path / "sprocket.toml"], search=False)
    data = tomllib.loads(resolved(found))
    VALIDATOR.validate(data)
    assert data.keys() >= tomllib.loads(text).keys()


@pytest.mark.parametrize("type_", [None, *(type_ for type_ in SETTINGS if type_ != "lsf_apptainer")])
def test_every_value_of_every_setting_is_right_or_wrong_for_both(tmp_path, type_):
    """Not so: a number such as 2.0, which is an integer for JSON Schema and none for TOML. LSF is as Slurm here.

    Each key takes every fourth value, the next one the values beside them.
    """
    whole = describe.sections() if type_ is None else describe.backend(type_, SETTINGS[type_])
    for number, (path, around) in enumerate(places(whole, lambda: {} if type_ is None else minimal(whole, {}), set())):
        for value in VALUES[number % 4 :: 4]:
            data = put(around(), path, value)
            refused = refusal(tmp_path, toml.document(data))
            if refused is None or not any(rule in refused for rule in RULES):
                assert VALIDATOR.is_valid(data) == (refused is None), (path, value, refused)


def places(table: describe.Table, around: Around, seen: set[type]) -> Iterator[tuple[tuple[str, ...], Around]]:
    """Every key below a table, with a file around it that is right without it; of tables that are alike of one."""
    for setting in table.settings:
        yield setting.path, around
        for inner in setting.tables if setting.is_table else ():
            if inner.struct not in seen:
                seen.add(inner.struct)
                yield from places(inner, lambda inner=inner: minimal(inner, around()), seen)  # type: ignore[misc]


def minimal(table: describe.Table, data: dict[str, Any]) -> dict[str, Any]:
    """A table with no more than it requires."""
    entries = {} if table.type is None else {"type": table.type}
    entries |= {setting.path[-1]: setting.example for setting in table.settings if setting.required}
    return put(data, table.path, entries)


def put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    inner = data
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = value
    return data


def at(*keys: str) -> dict[str, Any]:
    """What the schema says of a key."""
    schema: dict[str, Any] = SCHEMA
    for key in keys:
        schema = schema["properties"][key]
    return schema


def test_a_key_has_its_description_its_default_and_its_bounds():
    assert at("run", "http", "retries") == {
        "type": "integer",
        "minimum": 0,
        "description": "How often a request is made again when the server is busy or cannot be reached, with growing "
        "pauses.",
        "default": 5,
    }
    assert at("run", "fail")["enum"] == ["fast", "slow"]
    assert at("run", "max_concurrent_tasks")["examples"] == [100]


def test_another_spelling_is_deprecated():
    kinds = at("run", "backends")["additionalProperties"]["oneOf"]
    slurm = next(kind for kind in kinds if kind["properties"]["type"] == {"const": "slurm_apptainer"})
    assert slurm["properties"]["extra_sbatch_args"] == {
        "type": "array",
        "items": {"type": "string"},
        "description": "Another spelling of `sbatch.args`.",
        "deprecated": True,
    }


@pytest.mark.parametrize(
    ("settings", "valid"),
    [
        ({"site": "here"}, True),
        ({"site": "here", "low": 9, "cpu": "all", "labels": {"a": "b"}, "pauses": [{"count": 1}]}, True),
        ({"site": "here", "login": {"type": "token", "text": {"env": "TOKEN"}}}, True),
        ({"site": "here", "longest": "never", "scratch": "/tmp"}, True),
        ({"site": "here", "longest": 5}, True),
        ({}, False),
        ({"site": "here", "longest": "always"}, False),
        ({"site": "here", "low": 10}, False),
        ({"site": "here", "labels": {"a": 1}}, False),
        ({"site": "here", "pauses": [{"cuont": 1}]}, False),
        ({"site": "here", "login": {"type": "token", "text": {"nvm": "TOKEN"}}}, False),
    ],
)
def test_a_backend_of_another_package_is_in_it(settings, valid):
    validator = Draft202012Validator(json_schema({**SETTINGS, "grid": Grid}))
    assert validator.is_valid({"run": {"backends": {"a": {"type": "grid", **settings}}}}) == valid


class Hall(BackendSettings, frozen=True):
    """A hall of racks."""

    rack: Rack = Rack()


@pytest.mark.parametrize(
    ("rack", "valid"),
    [
        ({"inner": {"inner": {"spare": "none"}}, "spare": {}}, True),
        ({"inner": {"inner": {"login": {"type": "token", "text": {"file": "token"}}}}}, True),
        ({"inner": {"inner": {"spare": "some"}}}, False),
        ({"inner": {"inner": {"login": {"type": "token", "text": 1}}}}, False),
        ({"inner": {"iner": {}}}, False),
    ],
)
def test_a_table_that_is_in_itself_is_right_or_wrong_at_any_depth(rack, valid):
    schema = json_schema({**SETTINGS, "hall": Hall})
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid({"run": {"backends": {"a": {"type": "hall", "rack": rack}}}}) == valid
    assert schema["$defs"]["Rack"]["description"] == "A rack."
