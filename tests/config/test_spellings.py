"""Older and later spellings of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pysprocket.config.assignments import Assignment
from pysprocket.config.backend_settings import Apptainer, Docker, LsfApptainer, SlurmApptainer, Tes
from pysprocket.config.fields import fields_of
from pysprocket.config.loading import load_explained
from pysprocket.config.settings import Check
from pysprocket.config.spellings import OBSOLETE, SPELLINGS, as_written, canonical, obsolete_of, spellings_of
from pysprocket.errors import ConfigError

ARGS = ["--time=60"]


@pytest.mark.parametrize(
    ("struct", "table", "expected"),
    [
        (SlurmApptainer, {"extra_sbatch_args": ARGS}, {"sbatch": {"args": ARGS}}),
        (SlurmApptainer, {"slurm": {"args": ARGS}}, {"sbatch": {"args": ARGS}}),
        (SlurmApptainer, {"sbatch": {"args": ARGS}}, {"sbatch": {"args": ARGS}}),
        (LsfApptainer, {"extra_bsub_args": ARGS}, {"bsub": {"args": ARGS}}),
        (LsfApptainer, {"lsf": {"conditional": []}}, {"bsub": {"conditional": []}}),
        (LsfApptainer, {"executable": "singularity"}, {"apptainer": {"executable": "singularity"}}),
        (SlurmApptainer, {"image_cache_dir": "/x"}, {"apptainer": {"image_cache_dir": "/x"}}),
        (SlurmApptainer, {"extra_apptainer_exec_args": ["--nv"]}, {"apptainer": {"extra_args": ["--nv"]}}),
        (Tes, {"service": "https://x"}, {"url": "https://x"}),
        (Check, {"except": ["UnusedInput"]}, {"disable": ["UnusedInput"]}),
        (Docker, {"cleanup": False}, {"cleanup": False}),
    ],
)
def test_each_spelling_means_the_canonical_key(struct, table, expected):
    before = str(table)
    spelled = canonical(table, struct)
    assert (spelled.table, spelled.twice) == (expected, [])
    assert str(table) == before


def test_a_spelling_of_one_scheduler_is_none_of_another():
    assert canonical({"extra_bsub_args": ARGS}, SlurmApptainer).table == {"extra_bsub_args": ARGS}
    assert canonical({"service": "x"}, SlurmApptainer).table == {"service": "x"}
    assert canonical({"executable": "x"}, Apptainer).table == {"executable": "x"}


def test_what_several_spellings_set_of_one_table_is_put_together():
    table = {
        "sbatch": {"conditional": [1]},
        "extra_sbatch_args": ARGS,
        "executable": "e",
        "extra_apptainer_exec_args": ["--nv"],
        "apptainer": {"image_cache_dir": "/x"},
        "interval": 30,
    }
    spelled = canonical(table, SlurmApptainer)
    assert spelled.twice == []
    assert spelled.table == {
        "sbatch": {"conditional": [1], "args": ARGS},
        "apptainer": {"image_cache_dir": "/x", "executable": "e", "extra_args": ["--nv"]},
        "interval": 30,
    }


@pytest.mark.parametrize(
    ("struct", "table", "twice"),
    [
        (Tes, {"url": "a", "service": "b"}, (("url",), ("service",))),
        (
            SlurmApptainer,
            {"sbatch": {"args": []}, "extra_sbatch_args": []},
            (("sbatch", "args"), ("extra_sbatch_args",)),
        ),
        (SlurmApptainer, {"slurm": {"args": []}, "extra_sbatch_args": []}, (("slurm", "args"), ("extra_sbatch_args",))),
        (SlurmApptainer, {"slurm": {"args": []}, "sbatch": {"args": []}}, (("sbatch", "args"), ("slurm", "args"))),
        (
            LsfApptainer,
            {"executable": "a", "apptainer": {"executable": "b"}},
            (("apptainer", "executable"), ("executable",)),
        ),
        (Check, {"except": [], "disable": []}, (("disable",), ("except",))),
    ],
)
def test_the_same_in_two_spellings_is_told_with_both(struct, table, twice):
    assert canonical(table, struct).twice == [twice]


def test_a_value_where_a_table_belongs_is_left_to_who_checks_types():
    spelled = canonical({"apptainer": 5, "executable": "x"}, SlurmApptainer)
    assert spelled.table == {"apptainer": 5}
    assert spelled.twice == [(("apptainer",), ("executable",))]
    assert canonical({"slurm": 5}, SlurmApptainer).table == {"sbatch": 5}


def test_a_canonical_path_is_told_as_it_was_written():
    written = canonical(
        {"slurm": {"args": []}, "executable": "x", "sbatch": {"conditional": []}}, SlurmApptainer
    ).written
    assert as_written(("sbatch", "args", "0"), written) == ("slurm", "args", "0")
    assert as_written(("sbatch", "conditional"), written) == ("sbatch", "conditional")
    assert as_written(("apptainer", "executable"), written) == ("executable",)
    assert as_written(("apptainer", "extra_args"), written) == ("apptainer", "extra_args")
    whole = canonical({"slurm": {"args": []}}, SlurmApptainer).written
    assert as_written(("sbatch", "args"), whole) == ("slurm", "args")


def test_every_spelling_means_a_key_that_there_is_and_hides_none():
    for struct, others in SPELLINGS.items():
        for key, path in others.items():
            assert key not in fields_of(struct)
            heirs = [each for each in (struct, SlurmApptainer, LsfApptainer) if issubclass(each, struct)]
            for heir in heirs:
                assert spellings_of(heir)[key] == path
                found = heir
                for name in path[:-1]:
                    (found,) = fields_of(found)[name].sections
                assert path[-1] in fields_of(found)
    for struct, keys in OBSOLETE.items():
        assert keys.keys().isdisjoint(fields_of(struct))
        assert obsolete_of(struct) == keys


def files(tmp_path: Path, *texts: str) -> list[Path]:
    paths = [tmp_path / f"{number}.toml" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(f"[run.backends.c]\n{text}")
    return paths


def test_other_files_may_spell_the_same_in_another_way(tmp_path):
    loaded = load_explained(
        files=files(
            tmp_path,
            'type = "slurm_apptainer"\nextra_sbatch_args = ["--a"]\nexecutable = "singularity"\n',
            'slurm.args = ["--b"]\n',
            'sbatch.args = ["--c"]\napptainer.executable = "/opt/apptainer"\n',
        ),
        search=False,
    )
    settings = loaded.config.run.backends["c"].settings
    assert isinstance(settings, SlurmApptainer)
    assert settings.sbatch.args == ["--a", "--b", "--c"]
    assert settings.apptainer.executable == "/opt/apptainer"
    places = loaded.origins(("run", "backends", "c", "sbatch", "args"))
    assert [(Path(place.name).name, place.line) for place in places] == [("0.toml", 3), ("1.toml", 2), ("2.toml", 2)]


def test_a_mistake_names_the_key_as_its_file_spells_it(tmp_path):
    texts = ['type = "tes"\nservice = "http://x"\ninputs = "s3://b/"\noutputs = "s3://b/"\n', "retries = 1\n"]
    with pytest.raises(ConfigError, match=r"0\.toml:3:11: `run\.backends\.c\.service` is not encrypted"):
        load_explained(files=files(tmp_path, *texts), search=False)


def test_variables_and_assignments_may_use_any_spelling(tmp_path, monkeypatch):
    monkeypatch.setenv("SPROCKET_RUN__BACKENDS__C__EXTRA_SBATCH_ARGS", '["--variable"]')
    paths = files(tmp_path, 'type = "slurm_apptainer"\nsbatch.args = ["--file"]\n')
    settings = load_explained(files=paths, search=False).config.run.backends["c"].settings
    assert isinstance(settings, SlurmApptainer)
    assert settings.sbatch.args == ["--variable"]
    given = [Assignment("run.backends.c.slurm.args=--given")]
    settings = load_explained(files=paths, search=False, assignments=given).config.run.backends["c"].settings
    assert isinstance(settings, SlurmApptainer)
    assert settings.sbatch.args == ["--given"]
