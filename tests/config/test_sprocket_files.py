"""Files written for Sprocket load unchanged, and say the same (`tests/cases/sprocket_files`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from pysprocket.config import choose_backend
from pysprocket.config.backend_settings import (
    Apptainer,
    BasicAuth,
    ConditionalArguments,
    Docker,
    Local,
    LsfApptainer,
    OAuth,
    Queue,
    SlurmApptainer,
    Submission,
    Tes,
)
from pysprocket.config.loading import Loaded, load_explained
from pysprocket.config.secrets import Secret
from pysprocket.config.section import Section
from pysprocket.config.settings import SECTIONS_UNREAD, AzureAuth, GoogleAuth, S3Auth, Sections

FILES = Path(__file__).parents[1] / "cases" / "sprocket_files"
SLURM = SlurmApptainer(
    default_slurm_partition=Queue(name="gpu", max_cpu_per_task=64, max_memory_per_task="96 GB"),
    short_task_slurm_partition=Queue(name="short"),
    gpu_slurm_partition=Queue(name="gpu"),
    fpga_slurm_partition=Queue(name="fpga"),
    sbatch=Submission(args=["--time=60"]),
    apptainer=Apptainer(extra_args=["--nv"]),
    max_scatter_concurrency=200,
)


def loaded(name: str) -> Loaded:
    return load_explained(files=[FILES / name], search=False)


def unused(found: Loaded) -> set[str]:
    return {".".join(map(str, each.keys)) for each in found.unused}


def differences(given: Section, default: Section, path: str = "") -> dict[str, Any]:
    """The settings that are not the defaults."""
    found: dict[str, Any] = {}
    for name in default.__struct_fields__:
        one, other = getattr(given, name), getattr(default, name)
        if isinstance(one, Section) and isinstance(other, Section):
            found |= differences(one, other, f"{path}{name}.")
        elif one != other:
            found[path + name] = one
    return found


def test_every_key_of_0_33_is_taken():
    found = loaded("0_33.toml")
    changed = differences(found.config, Sections())
    backends = {name: entry.settings for name, entry in changed.pop("run.backends").items()}
    rules = changed.pop("check.rules")
    assert len(rules) == 54
    assert changed == {
        "check.baseline": str(FILES / "baseline.toml"),
        "run.output_dir": str(FILES / "out"),
        "run.backend": "default",
        "run.task.digests": "weak",
        "run.storage.azure.auth": AzureAuth(account_name="account", access_key=Secret("key")),
        "run.storage.s3.region": "eu-central-1",
        "run.storage.s3.endpoint": "https://s3.invalid:9000",
        "run.storage.s3.auth": S3Auth(access_key_id="id", secret_access_key=Secret("key")),
        "run.storage.google.auth": GoogleAuth(access_key="id", secret=Secret("key")),
    }
    assert backends["here"] == Local(cpu=1, memory="1 GiB")
    assert backends["containers"] == Docker(cleanup=False)
    cloud = backends["cloud"]
    assert isinstance(cloud, Tes)
    assert (cloud.url, cloud.interval, cloud.retries) == ("https://tes.invalid/ga4gh", 30, 0)
    assert cloud.auth == BasicAuth(username="user", password=Secret("password"))
    login = backends["oauth"]
    assert isinstance(login, Tes)
    assert isinstance(login.auth, OAuth)
    assert (login.auth.client_secret, login.auth.scopes) == (Secret("secret"), ["tasks"])


def test_the_clusters_of_0_33():
    backends = {name: entry.settings for name, entry in loaded("0_33.toml").config.run.backends.items()}
    assert backends["lsf"] == LsfApptainer(
        interval=10,
        max_concurrency=2,
        job_name_prefix="wdl-",
        default_lsf_queue=Queue(name="normal", max_cpu_per_task=32, max_memory_per_task=1000),
        short_task_lsf_queue=Queue(name="short"),
        gpu_lsf_queue=Queue(name="gpu"),
        fpga_lsf_queue=Queue(name="fpga"),
        bsub=Submission(
            args=["-P", "project"],
            conditional=[
                ConditionalArguments(condition="memory > 1024 * 1024 * 1024 * 64", args=["-R", "select[bigmem]"])
            ],
        ),
        apptainer=Apptainer(executable="singularity", extra_args=["--cleanenv"]),
    )
    slurm = backends["slurm"]
    assert isinstance(slurm, SlurmApptainer)
    assert [each.args for each in slurm.sbatch.conditional] == [["--gres=gpu:1"], []]
    assert slurm.apptainer.image_cache_dir == "/shared/images"


def test_what_0_33_has_for_other_tools_is_told_as_not_used():
    told = unused(loaded("0_33.toml"))
    assert told >= SECTIONS_UNREAD
    assert {"check.rules", "run.experimental_features_enabled", "common.wdl.feature_flags.wdl_1_3"} <= told
    assert not told & {"run", "run.backends", "run.task", "check", "common"}


def test_the_spellings_of_0_24_mean_the_same():
    found = loaded("0_24.toml")
    run = found.config.run
    assert found.config.check.disable == ["UnusedInput", "ImportPlacement"]
    assert run.backends["slurm"].settings == SlurmApptainer(
        sbatch=Submission(args=["--time=60"]),
        apptainer=Apptainer(executable="singularity", image_cache_dir=str(FILES / "images"), extra_args=["--nv"]),
        max_scatter_concurrency=200,
    )
    assert run.backends["lsf"].settings == LsfApptainer(
        bsub=Submission(args=["-W", "60"]),
        apptainer=Apptainer(image_cache_dir="/shared/images", extra_args=["--cleanenv"]),
        max_scatter_concurrency=100,
    )
    assert (run.task.retries, run.http.parallelism, run.workflow.scatter.concurrency) == (99, 4, 50)
    assert choose_backend(found.config).name == "slurm"


def test_what_0_24_has_and_nothing_reads_is_told_as_it_is_written():
    told = unused(loaded("0_24.toml"))
    expected = {"except", "all_lint_rules", "only_lint_tags", "filter_lint_tags", "tags", "lint"}
    assert {f"check.{key}" for key in expected} <= told
    assert "check.disable" not in told
    assert {"analyzer", "module", "modules", "test", "doc", "format", "server"} <= told


@pytest.mark.parametrize("name", ["slurm.toml", "tables.toml"])
def test_dotted_keys_and_tables_of_the_guides_mean_the_same(name):
    found = loaded(name)
    chosen = choose_backend(found.config, "default")
    assert (chosen.type, chosen.settings) == ("slurm_apptainer", SLURM)
    assert "run.experimental_features_enabled" in unused(found)
    assert found.origins(("run", "backends", "default", "sbatch", "args"))[0].line in (10, 14)


def test_the_login_of_the_guide_about_tes():
    backends = loaded("tables.toml").config.run.backends
    one, two = backends["server1"].settings, backends["server2"].settings
    assert isinstance(one, Tes)
    assert isinstance(two, Tes)
    assert one.auth == BasicAuth(username="user", password=Secret("password"))
    assert two.auth is not None
    assert two.auth.__struct_config__.tag == "bearer"
    assert (one.interval, two.interval) == (60, 60)


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("run.task.retries", ["default", 0, 99]),
        ("run.http.parallelism", ["available", 1]),
        ("run.task.digests", ["weak", "strongish", "strong", "auto"]),
        ("run.task.cache_dir", ["system"]),
        ("run.http.hash_algorithm", ["sha256", "none"]),
        ("common.wdl.fallback_version", ["none", "1.0", "1.3"]),
        ("common.report_mode", ["full", "one-line"]),
        ("run.backends.s.interval", [1, 30]),
        ("run.backends.s.default_slurm_partition.max_memory_per_task", [1000, "96 GB", "1.5TiB", "512 MiB"]),
    ],
)
def test_all_forms_of_a_value(setting, values, tmp_path):
    for value in values:
        text = msgspec.json.encode(value).decode()
        more = "run.backends.s.default_slurm_partition.name = 'p'\nrun.backends.s.type = 'slurm_apptainer'\n"
        (tmp_path / "one.toml").write_text(f"{setting} = {text}\n{more if 'backends' in setting else ''}")
        found: Any = load_explained(files=[tmp_path / "one.toml"], search=False).values
        for key in setting.split("."):
            found = found[key]
        assert found == value
