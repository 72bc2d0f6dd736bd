"""Every place a path can hide in, in one workflow: `paths.wdl` here, `tests/integration` has the same in containers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pysprocket.cli.main import main

DOCUMENT = Path(__file__).with_name("paths.wdl")
ODD = '-o d\'d $x "é" `y` \\.txt'
STRANGE = "new\nline.txt"


def make_inputs(directory: Path) -> dict[str, Any]:
    """Files below a directory, and the inputs that name them relative to it."""
    files = {
        "one/same.txt": "same1",
        "two/same.txt": "same2",
        "data/reads.bam": "data",
        "data/reads.bam.idx": "index",
        "dir/in/one.txt": "in",
        f"data/{ODD}": "odd",
        f"data/{STRANGE}": "strange",
    }
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(content)
    (directory / "alias.txt").symlink_to("one/same.txt")
    outer = {
        "inner": {"f": "one/same.txt", "by_name": {"x": ["two/same.txt", "data/reads.bam"], "y": ["alias.txt"]}},
        "pair": {"left": "two/same.txt", "right": "dir"},
        "keys": {"data/reads.bam": 3},
    }
    return {
        "paths.o": outer,
        "paths.same_names": ["one/same.txt", "two/same.txt", f"data/{ODD}"],
        "paths.data": "data/reads.bam",
        "paths.index": "data/reads.bam.idx",
        "paths.dir": "dir/",
        "paths.odd": f"data/{ODD}",
        "paths.strange": f"data/{STRANGE}",
    }


READ = {
    "inner": "same1",
    "by_name": "same2data",
    "squoted": "same2data",
    "pair": "same2",
    "pair_dir": "in",
    "keys": "data=3",
    "lines": "same1same2odd",
    "table": "dataodd",
    "json": "same1",
    "exported": "strange",
    "beside": "indexindex",
    "in_dir": "in",
    "deep": "same1same2",
    "holes": "data",
    "odd": "odd",
    "sizes": "3.000000 30.000000 2.000000",
    "stdout": "said",
    "stderr": "wrote",
    "input": "data",
    "link": "data",
    "absolute": "made",
    "relative": "made",
    "base": ODD,
}


def check_outputs(outputs: dict[str, Any], directory: Path, run: Path) -> None:
    """What must come out of a run of the document, wherever its jobs ran."""

    def text(path: str) -> str:
        assert Path(path).is_absolute()
        return Path(path).read_text()

    found = {key.partition(".")[2]: value for key, value in outputs.items()}
    assert found["read"] == READ
    assert found["said"] == [
        "data",
        "made",
        "said",
        "same1",
        "said",
        "same1",
        "x",
        "in",
        "deeper",
        "relative.txt",
        "dataodd",
    ]
    assert found["here"] == ["data", "same1", "in", "made", "said\nsame1"]
    assert found["key_count"] == [1, 11]
    assert found["link_size"] == 4.0
    assert text(found["link"]) == "data"
    assert (Path(found["out"]) / "relative.txt").read_text() == "made\n"
    assert found["passed"] == str(directory / "data/reads.bam")
    assert found["keys"] == {str(directory / "data/reads.bam"): str(directory / "data" / ODD)}
    assert found["passed_struct"] == {
        "inner": {
            "f": str(directory / "one/same.txt"),
            "by_name": {
                "x": [str(directory / "two/same.txt"), str(directory / "data/reads.bam")],
                "y": [str(directory / "alias.txt")],
            },
        },
        "pair": {"left": str(directory / "two/same.txt"), "right": str(directory / "dir")},
        "keys": {str(directory / "data/reads.bam"): 3},
        "none": None,
    }
    assert found["maybe"]["left"] is None
    assert text(found["maybe"]["right"][0]) == "data"
    assert found["maybe"]["right"][1] is None
    made = found["made"]
    assert [*made] == ["inner", "pair", "keys", "none"]
    assert [text(path) for path in made["inner"]["by_name"]["a"]] == ["same2data", "same2"]
    assert [text(path) for path in made["keys"]] == ["data=3\n"]
    assert made["none"] is None
    assert [Path(path).name for path in found["globbed"]] == ["made.txt"]
    assert text(found["written"]) == "said\nsame1\n"
    assert found["anything"] == {"file": str(directory / "data" / ODD), "list": [str(directory / "data/reads.bam")]}
    assert "/mnt/task" not in json.dumps(outputs)
    assert "/mnt/task" not in (run / "outputs.json").read_text()


def run_paths(directory: Path, capfd: Any, *options: str) -> None:
    """Run the document with files of a directory, and check what comes out."""
    inputs = directory / "in.json"
    inputs.write_text(json.dumps(make_inputs(directory)))
    out = directory / "runs of it"
    status = main(["-q", "run", str(DOCUMENT), f"@{inputs}", "-o", str(out), *options])
    captured = capfd.readouterr()
    assert status == 0, captured.err
    check_outputs(json.loads(captured.out), directory, (out / "runs" / "paths" / "_latest").resolve())


def test_paths_are_right_everywhere_for_processes(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    run_paths(tmp_path, capfd, "-b", "local")
