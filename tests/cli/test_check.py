"""`sprocket check`."""

import json
from pathlib import Path

import pytest

GOOD = "version 1.2\ntask t { command <<< echo >>> }\n"
WARNING = 'version 1.2\nimport "sub/old.wdl"\nworkflow w { call old.t }\n'
OPEN = "version 1.2\ntask t { input { Int n } command <<< >>> }\n"
BAD = "version 1.2\ntask t { command <<< ~{nope} ~{neither} >>> }\n"


@pytest.fixture(autouse=True)
def _documents(sprocket):
    Path("good.wdl").write_text(GOOD)
    Path("bad.wdl").write_text(BAD)
    Path("sub").mkdir()
    Path("sub/old.wdl").write_text(OPEN)
    Path("warning.wdl").write_text(WARNING)


def test_a_document_without_findings_is_silent(sprocket):
    assert sprocket("check", "good.wdl") == (0, "", "")


def test_errors_are_shown_and_counted(sprocket):
    ended = sprocket("check", "bad.wdl")
    assert (ended.status, ended.out) == (1, "")
    assert "error[UnknownName]: there is no `nope` here" in ended.err
    assert "bad.wdl:2:24" in ended.err
    assert ended.err.splitlines()[-1] == "error: failing due to 2 errors"


def test_one_line_mode(sprocket):
    for arguments in (["-m", "one-line", "check", "bad.wdl"], ["check", "bad.wdl", "--report-mode", "one-line"]):
        lines = sprocket(*arguments).err.splitlines()
        assert lines[0] == "bad.wdl:2:24: error[UnknownName]: there is no `nope` here"
        assert len(lines) == 3
    Path("sprocket.toml").write_text('common.report_mode = "one-line"\n')
    assert len(sprocket("check", "bad.wdl").err.splitlines()) == 3


def test_warnings_do_not_fail_unless_denied(sprocket):
    ended = sprocket("check", "warning.wdl")
    assert ended.status == 0
    assert "warning[MissingCallInput]" in ended.err
    assert "failing" not in ended.err
    denied = sprocket("check", "warning.wdl", "--deny-warnings")
    assert denied.status == 1
    assert denied.err.splitlines()[-1] == "error: failing due to 1 warning (`--deny-warnings` was specified)"
    assert sprocket("check", "warning.wdl", "--deny-notes").status == 1
    Path("sprocket.toml").write_text("check.deny_warnings = true\n")
    assert sprocket("check", "warning.wdl").status == 1


def test_hidden_warnings_are_silent(sprocket):
    assert sprocket("check", "warning.wdl", "--hide-warnings") == (0, "", "")


def test_findings_of_a_document_that_two_import_are_told_once(sprocket):
    Path("sub/old.wdl").write_text(BAD)
    Path("other.wdl").write_text('version 1.2\nimport "sub/old.wdl"\n')
    ended = sprocket("check", "warning.wdl", "other.wdl", "sub/old.wdl")
    assert ended.err.count("there is no `nope` here") == 1
    assert ended.err.splitlines()[-1] == "error: failing due to 2 errors"


def test_directories_are_searched_but_not_hidden_ones_and_not_output_directories(sprocket):
    for folder in (".git", "out/runs/w", "deep/er"):
        Path(folder).mkdir(parents=True)
        Path(folder, "x.wdl").write_text(BAD.replace("nope", folder.replace("/", "_").strip(".")))
    Path("out/sprocket.db").touch()
    Path("deep/broken.wdl").symlink_to("nowhere")
    Path("deep/not_wdl.txt").write_text("x")
    ended = sprocket("check")
    assert "`deep_er`" in ended.err
    assert "`git`" not in ended.err
    assert "`out_runs_w`" not in ended.err
    assert sprocket("check", "deep/er").err.splitlines()[-1] == "error: failing due to 2 errors"


def test_what_is_not_there_is_wrong_usage(sprocket):
    ended = sprocket("check", "good.wdl", "nope.wdl")
    assert ended.status == 2
    assert "Invalid value for SOURCE: there is no file or directory `nope.wdl`" in ended.err


def test_a_directory_without_documents_is_named(sprocket):
    Path("empty").mkdir()
    ended = sprocket("check", "empty")
    assert (ended.status, ended.err) == (1, "error: there are no documents (*.wdl) in the directory `empty`\n")


def test_a_document_that_cannot_be_read_does_not_keep_the_others_from_being_checked(sprocket):
    Path("latin.wdl").write_bytes(b"version 1.2\n# caf\xe9\n")
    ended = sprocket("check", "latin.wdl", "bad.wdl")
    assert ended.status == 1
    assert "cannot read `latin.wdl`: it is not UTF-8 text" in ended.err
    assert "there is no `nope` here" in ended.err
    assert ended.err.splitlines()[-1] == "error: failing due to 3 errors"


def test_findings_as_json(sprocket):
    ended = sprocket("check", "--format", "json", "bad.wdl", "warning.wdl")
    assert ended.status == 1
    found = json.loads(ended.out)
    assert (found["errors"], found["warnings"], found["notes"]) == (2, 1, 0)
    first = found["diagnostics"][0]
    assert (first["severity"], first["code"]) == ("error", "UnknownName")
    label = first["labels"][0]
    assert (label["file"], label["start"], label["end"]) == (
        "bad.wdl",
        {"line": 2, "column": 24},
        {"line": 2, "column": 28},
    )
    assert json.loads(sprocket("check", "--format", "json", "good.wdl").out)["diagnostics"] == []
