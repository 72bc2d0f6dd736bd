"""Paths in containers: the matrix of `tests/engine`, and ways out that must not lead to files of the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from pysprocket.cli.main import main
from tests.engine.test_path_matrix import run_paths

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("docker_host")]

WAYS_OUT = {
    "a link to a file": ("ln -s {secret} leak", 'File out = "leak"'),
    "a relative link": ("ln -s ../../../../../../../../../../../../../{secret} leak", 'File out = "leak"'),
    "a link to a directory": ("ln -s {directory} leak", 'File out = "leak/secret.txt"'),
    "dots": ("true", 'File out = "../../../../../../secret.txt"'),
    "dots behind a directory": ("mkdir d", 'File out = "d/../../../../../../../secret.txt"'),
    "an absolute path": ("true", 'File out = "{secret}"'),
    "what is read": ("ln -s {secret} leak", 'String out = read_string("leak")'),
    "a size": ("ln -s {secret} leak", 'Float out = size("leak")'),
    "a glob": ("mkdir d; ln -s {secret} d/leak", 'Array[File] out = glob("d/*")'),
    "a glob with dots": ("true", 'Array[File] out = glob("../../../../../../*.txt")'),
    "a directory": ("ln -s {directory} leak", 'Directory out = "leak"'),
    "inside a struct": ("ln -s {secret} leak", 'Map[String, Array[File?]] out = {{"x": ["leak"]}}'),
}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_paths_are_right_everywhere_in_containers(tmp_path, capfd):
    run_paths(tmp_path, capfd, "-b", "docker")


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_out_leads_to_a_file_of_the_host(tmp_path, capfd, way):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret of the host")
    names = {"secret": secret, "directory": tmp_path}
    command, output = (text.format(**names) for text in WAYS_OUT[way])
    Path("t.wdl").write_text(f"version 1.2\ntask t {{ command <<< {command} >>> output {{ {output} }} }}\n")
    status = main(["-q", "run", "t.wdl", "-b", "docker"])
    captured = capfd.readouterr()
    assert "secret of the host" not in captured.out + captured.err
    if status == 0:  # what is not there inside of the container may be left out
        assert captured.out in ('{\n  "t.out": []\n}\n', '{\n  "t.out": {\n    "x": [\n      null\n    ]\n  }\n}\n')
    else:
        assert "error" in captured.err
