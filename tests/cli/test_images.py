"""Container images on the command line: what no backend runs is refused, and what would be used is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.config.test_plugins import install

__all__ = ["install"]

CANDIDATES = (
    'version 1.3\ntask t { command <<< >>> requirements { container: ["oras://a", "dokcer://b", "ubuntu:1"] } }\n'
)


@pytest.fixture(autouse=True)
def _no_daemon(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")


def test_a_dry_run_shows_the_candidate_that_would_be_used(sprocket):
    Path("t.wdl").write_text(CANDIDATES)
    data = json.loads(sprocket("run", "t.wdl", "--dry-run", "--json", "-b", "docker").out)
    assert (data["calls"][0]["image"], data["calls"][0]["other_images"]) == ("ubuntu:1", [])
    assert "image ubuntu:1\n" in sprocket("run", "t.wdl", "--dry-run", "-b", "docker").out


def test_a_refusal_names_the_entry_of_the_configuration_and_its_type(sprocket):
    Path("sprocket.toml").write_text('[run.backends.default]\ntype = "docker"\n')
    Path("t.wdl").write_text(CANDIDATES)
    ended = sprocket("run", "t.wdl", "--dry-run", "t.requirements.container=oras://x")
    assert ended.status == 1
    words = " ".join(ended.err.split())
    assert "the backend `default` (type `docker`) does not run the container image `oras://x`" in words


def test_without_containers_any_image_will_do(sprocket):
    Path("t.wdl").write_text('version 1.3\ntask t { command <<< >>> requirements { container: "dokcer://x" } }\n')
    ended = sprocket("run", "t.wdl", "-b", "local")
    assert ended.status == 0, ended.err


def test_more_than_a_screen_of_refusals_is_counted(sprocket):
    names = [f"t{number}" for number in range(12)]
    tasks = "".join(f'task {name} {{ command <<< >>> requirements {{ container: "oras://x" }} }}\n' for name in names)
    calls = " ".join(f"call {name}" for name in names)
    Path("w.wdl").write_text(f"version 1.3\n{tasks}workflow w {{ {calls} }}")
    ended = sprocket("run", "w.wdl", "--dry-run", "-b", "docker")
    assert ended.status == 1
    assert ended.err.count("cannot run: ") == 10
    assert ended.err.endswith("error: 2 more cannot run\n")


TOLD = """
version 1.3
task t {{
    command <<< >>>
    output {{ String? image = task.container }}
    requirements {{ container: {} }}
}}
"""
BESIDE = """
from pysprocket.backends.local.backend import LocalBackend
from pysprocket.config.backend_settings import Local

class SunBackend(LocalBackend):
    Settings = Local
    name = "sun"
    image_protocols = ("docker", "file")

    async def submit(self, job):
        (job.directory / "images").write_text(" ".join(job.images))
        return await super().submit(job)

    async def resolve_image(self, images):
        return images[0], "sha256:" + "1" * 64
"""


def test_a_backend_whose_jobs_see_host_paths_may_run_images(sprocket, install, tmp_path):
    install("sunny", BESIDE, sun="SunBackend")
    (tmp_path / "t.wdl").write_text(TOLD.format('["library://a/b", "file:///x.sif", "ubuntu"]'))
    planned = sprocket("run", "t.wdl", "-b", "sun", "--dry-run", "--json")
    assert json.loads(planned.out)["calls"][0]["image"] == "file:///x.sif"
    ended = sprocket("run", "t.wdl", "-b", "sun", "--set", "run.task.cache=on")
    assert (ended.status, ended.out) == (0, '{\n  "t.image": "file:///x.sif"\n}\n')
    (images,) = (tmp_path / "out").rglob("images")
    assert images.read_text() == "file:///x.sif"  # what `task.container` says
    (tmp_path / "t.wdl").write_text(TOLD.format('"library://a/b"'))
    refused = sprocket("run", "t.wdl", "-b", "sun")
    assert refused.status == 1
    assert "the backend `sun` does not run the container image `library://a/b`" in " ".join(refused.err.split())


NEVER = """
version 1.3
task t { command <<< >>> requirements { container: ["library://x/y:1", "oras://x/z:1"] } }
task any { command <<< >>> requirements { container: "nowhere://x" } }
task sif { command <<< >>> requirements { container: "file:///x.sif" } }
task plain { command <<< >>> }
"""
ENTRIES = """
[run.backends]
default.type = "docker"
slurm.type = "slurm_apptainer"
lsf.type = "lsf_apptainer"
tes = { type = "tes", url = "https://127.0.0.1:1", inputs = "s3://a/", outputs = "s3://b/" }
"""


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("backend", "target", "told"),
    [
        ("default", "t", "the backend `default` (type `docker`) runs none of the container images: it runs `docker:"),
        ("slurm", "any", "the container image `nowhere://x` cannot be used: there is no protocol `nowhere://`"),
        ("lsf", "any", "the container image `nowhere://x` cannot be used: there is no protocol `nowhere://`"),
        ("tes", "sif", "the backend `tes` does not run the container image `file:///x.sif`"),
    ],
)
def test_images_that_a_type_never_runs_are_refused_whether_it_answers_or_not(sprocket, backend, target, told, options):
    Path("sprocket.toml").write_text(ENTRIES)
    Path("t.wdl").write_text(NEVER)
    ended = sprocket("run", "t.wdl", "-t", target, "-b", backend, *options)
    assert ended.status == 1
    assert told in " ".join(ended.err.split())
    assert not Path("out").exists()


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
@pytest.mark.parametrize(("backend", "target"), [("slurm", "t"), ("slurm", "sif"), ("lsf", "plain"), ("tes", "t")])
def test_images_that_a_type_runs_leave_its_own_error(sprocket, backend, target, options):
    Path("sprocket.toml").write_text(ENTRIES)
    Path("t.wdl").write_text(NEVER)
    ended = sprocket("run", "t.wdl", "-t", target, "-b", backend, *options)
    assert ended.status == 1
    assert "there is no backend of type" in ended.err


def test_a_package_that_cannot_be_made_still_refuses_images(sprocket, install):
    install(
        "sunny",
        BESIDE.replace('    name = "sun"', "    def __init__(self, *_, **__): raise OSError(5, 'x')"),
        sun="SunBackend",
    )
    Path("t.wdl").write_text(NEVER)
    Path("sprocket.toml").write_text('run.backends.default.type = "sun"')
    assert "there is no protocol `nowhere://`" in sprocket("run", "t.wdl", "-t", "any").err
    assert "cannot be used: OSError" in sprocket("run", "t.wdl", "-t", "sif").err
