"""Inputs behind URLs: files of inputs, and files as values."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.web import Server

FILES = {
    "/d/in.json": b'{"t.f": "a%20b.txt?sig=1", "t.more": ["x.bam", "x.bam.bai"]}',
    "/d/in.yaml": b"t.f: x.bam\nt.more: []\n",
    "/d/a%20b.txt": b"said\n",
    "/d/x.bam": b"data",
    "/d/x.bam.bai": b"index",
    "/e/x.bam": b"other",
    "/w.wdl": b'version 1.2\nworkflow w { output { String s = read_string("d/x.bam") } }\n',
}

DOCUMENT = """\
version 1.2
struct S { File f Map[String, File] m }
task t {
  input {
    File f
    Array[File] more
    S? s
  }
  command <<<
    cat '~{f}'
    for file in ~{sep(" ", more)}; do basename "$file"; ls "$(dirname "$file")" | wc -l; done
    ~{if defined(s) then "cat '~{select_first([s]).f}' '~{select_first([s]).m[\"k\"]}'" else ""}
  >>>
  output {
    Array[String] said = read_lines(stdout())
    String name = basename(f)
    Float bytes = size(f)
    File same = f
  }
}
workflow w {
  input { File f }
  String text = read_string(f)
  Float bytes = size(f)
  scatter (i in range(3)) { String each = read_string(f) + i }
  output { String out = text + bytes File same = f Array[String] all = each }
}
"""


@pytest.fixture
def server(server: Server) -> Server:
    server.pages |= FILES
    return server


@pytest.fixture(autouse=True)
def _documents(sprocket, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("main.wdl").write_text(DOCUMENT)


def run(sprocket, *arguments: str):
    ended = sprocket("run", "main.wdl", "-b", "local", *arguments)
    assert ended.status == 0, ended.err
    return {key.partition(".")[2]: value for key, value in json.loads(ended.out).items()}


@pytest.mark.parametrize("name", ["in.json", "in.yaml"])
def test_a_file_of_inputs_and_the_files_it_names_come_from_a_url(sprocket, server, name):
    outputs = run(sprocket, f"@{server.url}/d/{name}")
    if name == "in.json":
        assert outputs["said"] == ["said", "x.bam", "3", "x.bam.bai", "3"]
        assert (outputs["name"], outputs["bytes"]) == ("a b.txt", 5.0)
    assert Path(outputs["same"]).is_file()
    assert len(server.asked) == len(set(server.asked))


def test_urls_inside_of_values_are_fetched_too(sprocket, server):
    value = json.dumps({"f": f"{server.url}/d/x.bam", "m": {"k": f"{server.url}/e/x.bam"}})
    outputs = run(sprocket, "-t", "t", f"f={server.url}/d/x.bam", "more=[]", f"s={value}")
    assert outputs["said"] == ["datadataother"]
    assert sorted(server.asked) == [("/d/x.bam", 200), ("/e/x.bam", 200)]


def test_a_workflow_reads_a_remote_file_and_passes_its_url_on(sprocket, server):
    url = f"{server.url}/d/x.bam"
    assert run(sprocket, f"w.f={url}") == {"out": "data4.000000", "same": url, "all": ["data0", "data1", "data2"]}
    assert server.asked == [("/d/x.bam", 200)]


def test_a_workflow_that_calls_tasks_reads_remote_files_while_tasks_run(sprocket, server):
    Path("main.wdl").write_text(
        "version 1.2\ntask say { input { String s File? f } command <<< echo '~{s}' ~{f} >>>"
        " output { String out = read_string(stdout()) } }\n"
        "workflow w { input { File f File g } call say { s = read_string(f) } call say as other { s = "
        "basename(g), f = g } output { String a = say.out String b = other.out String c = read_string(g) } }\n"
    )
    outputs = run(sprocket, f"w.f={server.url}/d/a%20b.txt", f"w.g={server.url}/e/x.bam")
    assert (outputs["a"], outputs["c"]) == ("said", "other")
    assert outputs["b"].startswith("x.bam /")
    assert outputs["b"].endswith("/x.bam")


@pytest.mark.parametrize("arguments", [("-t", "t", "more=[]"), ("-t", "w")])
def test_a_remote_file_that_cannot_be_had_fails_with_the_key_of_the_input(sprocket, server, arguments):
    ended = sprocket("run", "main.wdl", "-b", "local", *arguments, f"f={server.url}/gone.txt")
    assert (ended.status, ended.out) == (1, "")
    assert f"{arguments[1]}.f: " in ended.err
    assert "/gone.txt" in ended.err
    assert "404" in ended.err


def test_a_remote_file_in_an_object_gets_the_name_it_says(sprocket, server):
    described = json.dumps({"type": "File", "location": f"{server.url}/d/x.bam", "basename": "renamed.txt"})
    assert run(sprocket, "-t", "t", f"f={described}", "more=[]")["name"] == "renamed.txt"


def test_a_file_of_inputs_that_is_not_there_says_so(sprocket, server):
    ended = sprocket("validate", "main.wdl", f"@{server.url}/gone.json", "t.more=[]")
    assert ended.status == 1
    assert "gone.json" in ended.err
    assert "404" in ended.err
    assert "required" not in ended.err


def test_a_directory_is_put_together_of_what_is_listed(sprocket, server):
    Path("main.wdl").write_text(
        "version 1.2\ntask t { input { Directory d } command <<< cd '~{d}'; cat $(find . -type f | sort) >>>"
        " output { String said = read_string(stdout()) String name = basename(d) Float bytes = size(d) } }\n"
    )
    Path("one.txt").write_text("1")
    Path("tree/in").mkdir(parents=True)
    Path("tree/in/two.txt").write_text("2")
    listing = ["one.txt", {"type": "Directory", "location": "tree", "basename": "t"}, f"{server.url}/d/x.bam"]
    Path("in.json").write_text(json.dumps({"t.d": {"type": "Directory", "basename": "all", "listing": listing}}))
    assert run(sprocket, "@in.json") == {"said": "12data", "name": "all", "bytes": 6.0}
    given = json.loads(Path("out/runs/t/_latest/inputs.json").read_text())
    assert given["d"].endswith("/staged/0/all")


def left_on_disk(directory: Path, *words: str) -> list[str]:
    """The files below a directory in which one of the words stands."""
    files = [path for path in directory.rglob("*") if path.is_file() and not path.is_symlink()]
    return sorted(path.name for path in files if any(word.encode() in path.read_bytes() for word in words))


def test_logins_and_signatures_are_not_kept(sprocket, server, tmp_path):
    place = server.url.removeprefix("http://")
    text = """\
version 1.2
import "u.wdl"
import "http://me:hunter22@PLACE/v.wdl?token=hunter23"
task t {
  input { File f }
  command <<< [ -e GO ] && cat '~{f}' >>>
  output { String said = read_string(stdout()) }
}
workflow w {
  input { File f  String s }
  call t { input: f }
  output { String said = t.said }
}
"""
    struct = b"version 1.2\nstruct S { Int n }\n"
    document = text.replace("PLACE", place).replace("GO", str(tmp_path / "go")).encode()
    server.pages |= {"/w.wdl": document, "/u.wdl": struct, "/v.wdl": struct, "/d.txt": b"data"}
    source = f"http://me:hunter25@{place}/w.wdl?sig=hunter24"
    inputs = (f"w.f=http://me:hunter27@{place}/d.txt?sig=hunter26", f"w.s=see http://me:hunter28@{place}#there")
    words = [f"hunter{number}" for number in range(22, 29)]
    settings = ("--set", "run.task.cache=on", "--set", f"run.task.cache_dir={tmp_path / 'out/cache'}")

    failed = sprocket("run", source, *inputs, "--target", "w", "--backend", "local", *settings)
    assert failed.status == 1
    shown = [
        sprocket("runs", "show", "--json"),
        sprocket("runs", "show", "--values", "--details"),
        sprocket("runs", "list"),
    ]
    assert not [word for word in words for each in (failed, *shown) if word in each.out + each.err]
    assert "/w.wdl?sig=***" in shown[0].out
    assert not [path for path, _ in server.asked if "***" in path]
    assert left_on_disk(tmp_path / "out", *words[:4]) == []
    assert left_on_disk(tmp_path / "out", *words[4:]) == ["sprocket.db"]  # who goes on with it needs them
    assert [stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").glob("sprocket.db*")] == [0o600]

    (tmp_path / "go").touch()
    (run,) = [path.name for path in (tmp_path / "out/runs/w").iterdir() if not path.is_symlink()]
    gone_on = sprocket("resume", f"out/runs/w/{run}")
    assert json.loads(gone_on.out) == {"w.said": "data"}
    assert left_on_disk(tmp_path / "out", *words) == []
    assert (
        json.loads((tmp_path / "out/runs/w" / run / "inputs.json").read_text())["s"] == f"see http://***@{place}#there"
    )
