"""`sprocket run --dry-run`: what is told of each call, and that nothing is left behind."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

DOCUMENT = """\
version 1.3

import "sub.wdl" as other

task asks {
    input { Int n = 1  File? file  Array[Int] many = [] }
    command <<< echo ~{n} ~{file} >>>
    requirements { cpu: n  container: ["ubuntu:22.04", "debian:12"] }
    output { Int number = n  Array[Int] list = range(n) }
}

workflow w {
    input { Int n = 1  File? file }
    File written = write_lines(["a ~{n}"])
    call asks as first { n, file = written }
    scatter (i in range(3)) {
        call asks as each { n = n, many = [i] }
        if (i > 0) { call asks as some { n = each.number } }
    }
    if (first.number > 1) { call asks as maybe { file = file } }
    scatter (i in first.list) { call asks as later { n = 2 } }
    call other.sub { n = first.number }
    call asks as gathered { many = each.number }
}
"""
SUB = """\
version 1.3

task inner { input { Int n } command <<< >>> output { Int number = n } }

workflow sub {
    input { Int n }
    call inner as one { n = 7 }
    call inner as two { n = n }
}
"""


@pytest.fixture
def dry(sprocket, tmp_path, monkeypatch):
    """Runs `sprocket run main.wdl --dry-run …` with two processors, and checks that it leaves nothing."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    Path("main.wdl").write_text(DOCUMENT)
    Path("sub.wdl").write_text(SUB)
    Path("sprocket.toml").write_text('[run.backends.default]\ntype = "local"\ncpu = 2\nmemory = "8 GiB"\n')

    def run(*arguments, document="main.wdl"):
        before = everything(tmp_path)
        ended = sprocket("run", document, "--dry-run", *arguments)
        assert everything(tmp_path) == before
        return ended

    return run


def everything(directory):
    return {path: path.is_file() and path.stat().st_mtime_ns for path in directory.rglob("*")}


def calls_of(ended):
    assert ended.status == 0, ended.err
    return {call["id"]: call for call in json.loads(ended.out)["calls"]}


def test_each_call_is_told_with_what_it_waits_for(dry):
    calls = calls_of(dry("--json"))
    told = {name: (call["status"], call["reason"], call["after"]) for name, call in calls.items()}
    assert told == {
        "first": ("run", None, []),
        "each-0": ("run", None, []),
        "each-1": ("run", None, []),
        "some-1": ("run", None, ["each-1"]),
        "each-2": ("run", None, []),
        "some-2": ("run", None, ["each-2"]),
        "maybe": ("unknown", "condition not known (after `first`)", []),
        "later-*": ("unknown", "number of items not known (after `first`)", []),
        "sub/one": ("run", None, []),
        "sub/two": ("run", None, ["first"]),
        "gathered": ("run", None, ["each"]),
    }
    assert calls["sub/two"]["path"] == "sub.two"
    assert calls["some-2"]["not_known"] == ["cpu"]
    assert calls["some-2"]["resources"]["cpu"] is None
    assert calls["later-*"]["resources"] == {"cpu": 2, "memory": 2 * 1024**3, "gpu": 0, "fpga": False, "disks": {}}


def test_the_summary_counts_and_adds_what_is_known(dry):
    data = json.loads(dry("--json").out)
    assert data["summary"] == {"run": 9, "cached": 0, "unknown": 2, "cpu": 10.0, "memory": 22 * 1024**3}
    assert (data["target"], data["kind"]) == ("w", "workflow")
    assert data["backend"] == {
        "name": "default",
        "type": "local",
        "max_cpu": 2.0,
        "max_memory": 8 * 1024**3,
        "problem": None,
    }


def test_items_of_a_scatter_that_are_alike_are_one_line_of_at_most_80_columns(dry):
    out = dry().out
    assert "\nrun      each x 3: 1 CPU, 2 GiB\n" in out
    assert "\nrun      some x 2: cpu not known yet, 2 GiB, after `each`\n" in out
    assert "\nunknown  maybe: 1 CPU, 2 GiB, condition not known (after `first`)\n" in out
    assert max(map(len, out.splitlines())) <= 80
    assert out.endswith("\n9 will run, 0 cached, 2 unknown; all at once they would get 10 CPUs and 22 GiB\n")


def test_a_task_is_one_call(dry):
    calls = calls_of(dry("--target", "asks", "n=2", "--json"))
    assert list(calls) == ["asks"]
    assert calls["asks"]["resources"]["cpu"] == 2


def test_a_workflow_without_tasks_calls_none(dry):
    Path("none.wdl").write_text("version 1.2\nworkflow w { input { Int n = 3 } output { Int m = n * 2 } }")
    ended = dry(document="none.wdl")
    assert (ended.status, ended.out.splitlines()[-1]) == (0, "no task is called")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("n=3",), "cannot run: it requires at least 3 CPUs, but the backend has a maximum of 2"),
        (("n=many",), "expected"),
        (("file=missing.txt",), "missing.txt"),
        (("n=0",), "`cpu` must be a number of processors above 0"),
    ],
)
def test_what_would_fail_in_a_run_fails_here(dry, arguments, words):
    ended = dry("--target", "w", *arguments)
    assert (ended.status, ended.out) == (1, "")
    assert words in ended.err


def test_what_fails_only_behind_an_unknown_condition_is_a_warning(dry):
    text = DOCUMENT.replace("{ file = file }", '{ n = read_int(write_lines(["x"])) }')
    Path("main.wdl").write_text(text)
    ended = dry()
    assert ended.status == 0
    assert "warning: " in ended.err
    assert "(condition not known (after `first`))" in ended.err


def test_what_is_lowered_is_told(dry):
    Path("sprocket.toml").write_text(
        Path("sprocket.toml").read_text() + '[run.task]\ncpu_limit_behavior = "try_with_max"\n'
    )
    ended = dry("-t", "w", "n=3")
    assert ended.status == 0
    assert "\nrun      first: 2 CPUs (lowered from 3), 2 GiB\n" in ended.out
    call = calls_of(dry("-t", "w", "n=3", "--json"))["first"]
    assert (call["resources"]["cpu"], call["asked"]["cpu"], call["lowered"]) == (2, 3, ["cpu"])


def test_a_remote_file_is_not_fetched(dry, monkeypatch):
    monkeypatch.setattr("pysprocket.cli.given.remote", None)
    calls = calls_of(dry("--json", "w.file=https://example.org/x.txt"))
    assert calls["maybe"]["not_fetched"] == ["https://example.org/x.txt"]


def test_what_needs_the_content_of_a_remote_file_waits_for_it(dry, monkeypatch):
    monkeypatch.setattr("pysprocket.cli.given.remote", None)
    text = DOCUMENT.replace("{ file = file }", "{ n = read_int(select_first([file])) }")
    Path("main.wdl").write_text(text)
    call = calls_of(dry("--json", "w.file=https://example.org/x.txt"))["maybe"]
    assert (call["not_fetched"], call["not_known"]) == (["https://example.org/x.txt"], ["cpu"])


def test_a_file_with_a_name_of_its_own_is_read_where_it_lies(dry):
    Path("main.wdl").write_text(
        "version 1.2 task t { input { File f  Directory d } Int n = read_int(f)"
        ' String other = read_string(join_paths(d, "other.txt")) command <<< ~{n} ~{basename(f)} >>>'
        " requirements { cpu: n * 1.0 } }"
    )
    Path("two.txt").write_text("2\n")
    entry = {"type": "File", "location": "two.txt", "basename": "other.txt"}
    directory = {"type": "Directory", "basename": "d", "listing": [entry]}
    Path("in.json").write_text(json.dumps({"t.f": entry, "t.d": directory}))
    (call,) = calls_of(dry("--json", "@in.json")).values()
    assert call["resources"]["cpu"] == 2


def test_docker_without_a_daemon_is_no_error(dry, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    data = json.loads(dry("--json", "-b", "docker").out)
    assert data["backend"]["max_cpu"] is None
    assert "none.sock" in data["backend"]["problem"]
    first = data["calls"][0]
    assert (first["image"], first["digest"], first["other_images"]) == ("ubuntu:22.04", None, ["debian:12"])
    assert "its limits and images are not known" in dry("-b", "docker").out


def test_json_is_for_the_dry_run(sprocket):
    Path("main.wdl").write_text("version 1.2\nworkflow w {}")
    ended = sprocket("run", "main.wdl", "--json")
    assert (ended.status, ended.out) == (2, "")


CACHED = """\
version 1.2

task make {
    input { Int n }
    command <<< echo ~{n} > made.txt >>>
    output { File made = "made.txt"  Int number = read_int("made.txt") }
}

task use {
    input { File made  Int k }
    command <<< cat ~{made} >>>
    output { Int sum = read_int(stdout()) + k }
}

workflow w {
    input { Int k = 0 }
    call make { n = 2 }
    scatter (i in range(make.number)) { call use { made = make.made, k = if i == 1 then k else 0 } }
    call use as last { made = make.made, k = use.sum[1] }
}
"""


def test_what_the_call_cache_has_is_known_and_the_walk_goes_on(dry, sprocket):
    Path("cached.wdl").write_text(CACHED)
    Path("sprocket.toml").write_text(Path("sprocket.toml").read_text() + '[run.task]\ncache = "on"\n')
    nothing = calls_of(dry("--json", document="cached.wdl"))
    assert {name: call["status"] for name, call in nothing.items()} == {
        "make": "run",
        "use-*": "unknown",
        "last": "unknown",
    }
    assert sprocket("run", "cached.wdl").status == 0
    same = calls_of(dry("--json", document="cached.wdl"))
    assert {name: call["status"] for name, call in same.items()} == dict.fromkeys(
        ("make", "use-0", "use-1", "last"), "cached"
    )
    assert same["last"]["cached_from"]["call"] == "last"
    other = calls_of(dry("--json", "w.k=5", document="cached.wdl"))
    assert {name: call["status"] for name, call in other.items()} == {
        "make": "cached",
        "use-0": "cached",
        "use-1": "run",
        "last": "unknown",
    }
    assert other["use-1"]["cache"]
    off = calls_of(dry("--json", "--no-call-cache", document="cached.wdl"))
    assert {call["status"] for name, call in off.items() if name != "use-*"} == {"run"}


LIMITED = """\
version 1.3

task small { command <<< >>> output { Boolean yes = false } }

task large {
    input { Int n }
    command <<< echo ~{task.cpu} >>>
    requirements { cpu: n }
    output { Float got = task.cpu  Float line = read_float(stdout()) }
}

workflow w {
    input { Int n = 1 }
    call small
    call large { n = n }
    if (small.yes) { call large as never { n = 64 } }
    output { Array[Float] got = [large.got, large.line] }
}
"""


@pytest.fixture
def limited(sprocket):
    """Runs `sprocket run limited.wdl …` with two processors."""

    def run(*arguments, behavior="deny"):
        Path("limited.wdl").write_text(LIMITED)
        backend = '[run.backends.default]\ntype = "local"\ncpu = 2\nmemory = "8 GiB"\n'
        Path("sprocket.toml").write_text(f'{backend}[run.task]\ncpu_limit_behavior = "{behavior}"\n')
        return sprocket("run", "limited.wdl", *arguments)

    return run


def test_a_run_that_may_ask_for_too_much_begins_with_a_warning(limited):
    ended = limited()
    assert ended.status == 0, ended.err
    assert "task `large` (call `never`) may run and then fail: it requires at least 64 CPUs" in ended.err


def test_a_run_that_is_sure_to_ask_for_too_much_does_not_begin(limited):
    ended = limited("w.n=3")
    assert (ended.status, ended.out) == (1, "")
    assert "task `large` cannot run: it requires at least 3 CPUs" in ended.err
    assert not Path("out").exists()


def test_what_a_task_gets_is_what_it_sees(limited):
    ended = limited("w.n=3", behavior="try_with_max")
    assert json.loads(ended.out) == {"w.got": [2.0, 2.0]}
    assert "task `large` asks for 3 CPUs and gets 2, all that the backend has (limited.wdl:8:25)" in ended.err
