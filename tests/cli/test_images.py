"""Container images on the command line: what no backend runs is refused, and what would be used is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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
