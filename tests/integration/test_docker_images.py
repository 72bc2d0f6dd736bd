"""Container images through the command on a real Docker Engine: lists, pulls that fail, what is refused ahead."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from pysprocket.cli.main import main
from tests.integration.docker_engine import HOME, Api
from tests.integration.docker_images import base_tarball, import_image

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("docker_host")]

TASK = """\
version 1.3
task t {{
    input {{ Int n = 1 }}
    command <<< echo "in ~{{task.container}}" >>>
    output {{ String said = read_string(stdout())  Int next = n + 1 }}
    requirements {{ container: [{images}]  memory: "64 MiB" }}
}}
"""
PLAIN = TASK.replace("~{{task.container}}", "a place")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("pysprocket.backends.docker.api._PAUSES", (0.01,))


@pytest.fixture
def run(capfd):
    def command(*arguments, images=(), text=TASK):
        listed = ", ".join(f'"{image}"' for image in images)
        Path("t.wdl").write_text(text.format(images=listed))
        status = main(["-v", "run", "t.wdl", "-b", "docker", *arguments])
        return status, *capfd.readouterr()

    return command


@pytest.fixture
def local_image(docker_host):
    """An image that the daemon has and no registry."""
    name = f"pysprocket/only-here-{uuid.uuid4().hex[:8]}:1"
    api = Api(docker_host)
    import_image(api, name, base_tarball(HOME), "LABEL here=yes")
    yield name
    api.request("DELETE", f"/images/{name}")


def test_the_first_that_is_run_and_can_be_pulled_is_used(run, local_image):
    images = ("oras://lab/x:1", "dokcer://ubuntu", "127.0.0.1:9/lab/away:1", f"Docker://{local_image}", "ubuntu")
    status, out, err = run(images=images)
    assert status == 0, err
    assert json.loads(out)["t.said"] == f"in docker://{local_image}"
    words = " ".join(err.split())
    assert "an image is passed over: `oras://lab/x:1`: `oras://` is not supported" in words
    assert "did you mean `docker://ubuntu`?" in words


def test_where_the_command_does_not_say_it_the_daemon_chooses_the_same(run, local_image):
    status, out, err = run(images=("127.0.0.1:9/lab/away:1", local_image), text=PLAIN)
    assert status == 0, err
    assert json.loads(out)["t.said"] == "in a place"


@pytest.mark.parametrize("text", [TASK, PLAIN])
def test_when_none_can_be_pulled_each_is_told_with_its_reason_and_not_tried_again(run, image_registry, text):
    missing = f"{image_registry}/lab/none:1"
    status, _, err = run(images=(missing, "library://lab/x", f"{image_registry}/lab/other:2"), text=text)
    assert status == 1
    words = " ".join(err.split())
    assert f"`{missing}`: cannot be pulled: " in words
    assert f"`{image_registry}/lab/other:2`: cannot be pulled: " in words
    assert "`library://lab/x`: `library://` is not supported" in words
    assert "kind image, attempt 0" in words
    assert len(list(Path().glob("out/runs/t/[!_]*/attempts/*"))) == 1


def test_a_name_that_looks_like_half_a_protocol_is_explained_when_it_cannot_be_had(run):
    Path("sprocket.toml").write_text("[run.task.retry]\nimage.count = 0\n")  # the registry may be out of reach
    status, _, err = run("t.requirements.container=docker:none-such-tag", images=("ubuntu",))
    assert status == 1
    assert "did you mean `docker://none-such-tag`?" in " ".join(err.split())


def test_what_is_not_run_is_refused_before_anything_is_written(run):
    status, _, err = run(images=("library://lab/x", "file:///x.sif"))
    assert status == 1
    assert "runs none of the container images" in " ".join(err.split())
    assert sorted(path.name for path in Path().iterdir()) == ["t.wdl"]


UNTIL_THEN = (
    PLAIN
    + """\
task late {{
    input {{ Int n }}
    command <<< >>>
    requirements {{ container: "oras://lab/x:~{{n}}"  max_retries: 3 }}
}}
workflow w {{ call t  call late {{ n = t.next }} }}
"""
)


def test_what_only_the_run_knows_fails_before_its_task_starts_and_is_not_tried_again(run):
    status, _, err = run("-t", "w", images=("ubuntu",), text=UNTIL_THEN)
    assert status == 1
    words = " ".join(err.split())
    assert "task `late` failed: the backend `docker` does not run the container image `oras://lab/x:2`" in words
    assert "kind image, before a job was started" in words
    assert '"oras://lab/x:~{n}"' in err
    assert not list(Path().glob("out/runs/w/[!_]*/calls/late/attempts/*"))


def test_the_call_cache_knows_the_candidate_that_is_used(run, local_image):
    Path("sprocket.toml").write_text('[run.task]\ncache = "on"\ncache_dir = "./cache"\n')

    def planned(*images):
        _, out, _ = run("--dry-run", "--json", images=images, text=PLAIN)
        (call,) = json.loads(out)["calls"]
        return call["status"], call["image"]

    assert planned("oras://lab/x:1", local_image) == ("run", local_image)
    status, _, err = run(images=("oras://lab/x:1", local_image), text=PLAIN)
    assert status == 0, err
    assert planned("library://y", f"docker://{local_image}", "ubuntu") == ("cached", f"docker://{local_image}")
    assert planned("ubuntu", local_image) == ("run", "ubuntu")
    status, _, err = run(images=("127.0.0.1:9/lab/away:1", local_image), text=PLAIN)
    assert status == 0, err
    assert "1 task from the cache" in err
