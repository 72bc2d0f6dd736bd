"""`sprocket check`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pysprocket.types import loader

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


def test_a_name_that_is_not_text_does_no_harm(sprocket):
    folder = os.fsdecode(b"odd/d\xff")
    Path(folder).mkdir(parents=True)
    Path(folder, os.fsdecode(b"a\xfe.wdl")).write_text('version 1.2\nimport "b.wdl" as b\n')
    for _ in range(2):
        assert "odd/d<U+DCFF>/a<U+DCFE>.wdl:2:8" in sprocket("check", "odd").err
    label = json.loads(sprocket("check", "odd", "--format", "json").out)["diagnostics"][0]["labels"][0]
    assert (label["file"], label["uri"][-18:]) == ("odd/d?/a?.wdl", "/odd/d%FF/a%FE.wdl")


# --- strictness and imports ------------------------------------------------------------------------------

LENIENT = 'version 1.1\nworkflow w { Array[String] x = [1, "a"] }\n'


def test_a_leniency_is_a_warning_and_with_strict_an_error(sprocket):
    Path("lenient.wdl").write_text(LENIENT)
    assert sprocket("check", "lenient.wdl").status == 0
    ended = sprocket("check", "--strict", "lenient.wdl")
    assert "error[NoCommonType]" in ended.err
    assert ended.err.splitlines()[-1] == "error: failing due to 1 error"
    hint = 'version 1.2\ntask t { command <<< >>> hints { max_cpu: "x" } }\n'
    Path("hint.wdl").write_text(hint)
    ended = sprocket("check", "hint.wdl", "--strict")
    assert (ended.status, "warning[HintValue]" in ended.err) == (0, True)
    for command in (["run"], ["validate"], ["inputs"]):
        ended = sprocket(*command, "lenient.wdl", "--strict")
        assert (ended.status, "aborting due to previous 1 error" in ended.err) == (1, True)


def test_findings_in_imports_may_be_suppressed(sprocket):
    Path("sub/old.wdl").write_text(BAD)
    assert "UnknownName" in sprocket("check", "warning.wdl").err
    assert sprocket("check", "--suppress-imports", "warning.wdl") == (0, "", "")
    assert sprocket("check", "--suppress-imports", "warning.wdl", "./sub/../sub/old.wdl").status == 1
    ended = sprocket("check", "--suppress-imports", "warning.wdl", "sub")
    assert ended.status == 2
    assert "`--suppress-imports` does not go with the directory `sub`" in ended.err


# --- the web ---------------------------------------------------------------------------------------------


def test_documents_and_imports_from_the_web_are_checked(sprocket, server):
    server.pages |= {"/root.wdl": b'version 1.1\nimport "sub/a.wdl"\n', "/sub/a.wdl": BAD.encode()}
    ended = sprocket("check", f"{server.url}/root.wdl")
    assert ended.status == 1
    assert f"{server.url}/sub/a.wdl:2:24" in ended.err
    server.stop()
    ended = sprocket("check", f"{server.url}/root.wdl")
    assert "warning: offline: used the copies of 2 files of 127.0.0.1" in ended.err
    assert ended.err.splitlines()[-1] == "error: failing due to 2 errors"


def test_warnings_in_imports_from_the_web_are_shown_on_request(sprocket, server):
    server.pages["/a.wdl"] = LENIENT.encode()
    Path("local.wdl").write_text(f'version 1.1\nimport "{server.url}/a.wdl"\n')
    assert sprocket("check", "local.wdl") == (0, "", "")
    assert "warning[NoCommonType]" in sprocket("check", "local.wdl", "--show-remote-diagnostics").err
    assert "warning[NoCommonType]" in sprocket("check", f"{server.url}/a.wdl").err
    assert sprocket("check", "local.wdl", "--strict").status == 1


def test_a_url_that_cannot_be_read_is_told_beside_the_findings_of_the_others(sprocket, server):
    ended = sprocket("check", f"{server.url}/none.wdl?token=abc", "bad.wdl", "-m", "one-line")
    assert (
        f"error[UnreadableDocument]: cannot read `{server.url}/none.wdl?token=***`: the server answers 404" in ended.err
    )
    assert "there is no `nope` here" in ended.err
    assert "abc" not in ended.err
    assert sprocket("check", "http://host:port/x.wdl").status == 2


def test_other_commands_read_from_the_web(sprocket, server):
    server.pages["/a.wdl"] = b"version 1.1\nworkflow w { input { Int n } output { Int twice = 2 * n } }\n"
    url = f"{server.url}/a.wdl"
    assert json.loads(sprocket("inputs", url).out) == {"w.n": "Int <REQUIRED>"}
    assert sprocket("validate", url, "w.n=1").status == 0
    assert json.loads(sprocket("run", url, "w.n=21").out) == {"w.twice": 42}


# --- .sprocketignore -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ({".": "deep/\n"}, []),
        ({".": "/x.wdl\n# a comment\n"}, ["deep/x.wdl", "deep/y.wdl"]),
        ({".": "*.wdl\n!y.wdl"}, ["deep/y.wdl"]),
        ({"..": "x.wdl"}, ["deep/y.wdl"]),
        ({".": "y.wdl", "deep": "!y.wdl\nx.wdl"}, ["deep/y.wdl"]),
        ({".": "deep/**/x.wdl"}, ["deep/y.wdl"]),
    ],
)
def test_what_is_ignored_is_not_looked_for(sprocket, monkeypatch, patterns, found):
    Path("project/deep").mkdir(parents=True)
    monkeypatch.chdir("project")
    for name in ("x", "y"):
        Path(f"deep/{name}.wdl").write_text(BAD)
    for folder, text in patterns.items():
        Path(folder, ".sprocketignore").write_text(text)
    found_files = {line.split(":")[0] for line in sprocket("check", ".", "-m", "one-line").err.splitlines()[:-1]}
    assert sorted(found_files) == found
    assert sprocket("check", "deep/x.wdl").err.splitlines()[-1] == "error: failing due to 2 errors"


# --- what is kept ----------------------------------------------------------------------------------------


@pytest.fixture
def analysed(monkeypatch):
    """How often documents were really analysed."""
    calls = []
    real = loader.load_all

    def load_all(*arguments, **more):
        calls.append(arguments)
        return real(*arguments, **more)

    monkeypatch.setattr(loader, "load_all", load_all)
    return calls


def _settle(*paths: str) -> None:
    """Let the files look as if they had not been touched for long (but for the time of their last change)."""
    for path in paths:
        os.utime(path, (1, 1))


def test_what_has_not_changed_is_not_analysed_again(sprocket, analysed):
    first = sprocket("check", "bad.wdl", "warning.wdl")
    assert sprocket("check", "bad.wdl", "warning.wdl") == first
    assert len(analysed) == 1
    assert sprocket("check", "bad.wdl", "warning.wdl", "--no-cache") == first
    assert sprocket("check", "warning.wdl", "bad.wdl").status == 1
    assert len(analysed) == 3
    assert sprocket("check", "bad.wdl", "warning.wdl", "--format", "json").status == 1
    assert len(analysed) == 3


def test_any_change_is_seen(sprocket, analysed):
    """Of a document, of what it imports, of a file that was not there, also when its size and time stay the same."""
    Path("root.wdl").write_text('version 1.2\nimport "sub/middle.wdl"\n')
    Path("sub/middle.wdl").write_text('version 1.2\nimport "leaf.wdl"\n')
    assert "cannot import `leaf.wdl`" in sprocket("check", "root.wdl").err
    Path("sub/leaf.wdl").write_text(GOOD)
    _settle("root.wdl", "sub/middle.wdl", "sub/leaf.wdl")
    assert sprocket("check", "root.wdl") == (0, "", "")
    Path("sub/leaf.wdl").write_text(GOOD.replace("echo", "~{x}"))
    _settle("sub/leaf.wdl")
    assert "there is no `x` here" in sprocket("check", "root.wdl").err
    Path("sub/leaf.wdl").unlink()
    assert "cannot import `leaf.wdl`" in sprocket("check", "root.wdl").err
    assert len(analysed) == 4


def test_a_settled_file_is_not_even_read(sprocket, analysed, monkeypatch):
    monkeypatch.setattr("pysprocket.cli.kept_findings._SETTLED", -(10**12))  # as if everything were old
    for _ in range(2):
        assert sprocket("check", "good.wdl").status == 0
    Path("good.wdl").chmod(0o600)  # touches it, but the content is the same
    assert sprocket("check", "good.wdl").status == 0
    read = []
    real = Path.read_bytes

    def read_bytes(self):
        read.append(self.name)
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert sprocket("check", "good.wdl").status == 0
    assert read
    assert "good.wdl" not in read
    assert len(analysed) == 1


def test_a_cache_that_is_damaged_or_cannot_be_written_is_as_good_as_none(sprocket, analysed):
    first = sprocket("check", "bad.wdl")
    (kept,) = Path(".cache/sprocket/check").iterdir()
    for damage in (b"", b"\x93", kept.read_bytes()[:-3]):
        kept.write_bytes(damage)
        assert sprocket("check", "bad.wdl") == first
    kept.unlink()
    kept.parent.rmdir()
    kept.parent.write_text("in the way")
    assert sprocket("check", "bad.wdl") == first
    assert len(analysed) == 5


def test_the_cache_stays_small(sprocket, monkeypatch):
    monkeypatch.setattr("pysprocket.cli.kept_findings._MOST_FILES", 2)
    for names in (["good.wdl"], ["bad.wdl"], ["warning.wdl"], ["bad.wdl", "good.wdl"]):
        sprocket("check", *names)
    assert len(list(Path(".cache/sprocket/check").iterdir())) == 2


def test_what_is_recalled_needs_no_parser(sprocket):
    program = "import sys; from pysprocket.cli.main import main; main(['check', 'bad.wdl']); print(*sys.modules)"
    for expected in (True, False):
        done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
        assert "there is no `nope` here" in done.stderr
        assert ("pysprocket.syntax.parser" in done.stdout) is expected


def test_a_pipe_where_a_document_was_missing_does_not_block(sprocket, analysed):
    Path("alone.wdl").write_text('version 1.2\nimport "pipe" as other\n')
    assert "there is no such file" in sprocket("check", "alone.wdl").err
    os.mkfifo("pipe")
    assert "it is not a regular file" in sprocket("check", "alone.wdl").err
    assert "cannot read `pipe`: it is not a regular file" in sprocket("check", "pipe").err


def test_other_settings_give_other_findings(sprocket):
    Path("new.wdl").write_text("version 9.9\ntask t { command <<< >>> }\n")
    assert sprocket("check", "new.wdl").status == 1
    Path("sprocket.toml").write_text('common.wdl.fallback_version = "1.2"\n')
    assert sprocket("check", "new.wdl").status == 0


def test_the_fallback_version_of_the_configuration(sprocket):
    Path("draft.wdl").write_text("task t { command { echo } }\n")
    assert "error[MissingVersion]" in sprocket("check", "draft.wdl").err
    Path("sprocket.toml").write_text('[common.wdl]\nfallback_version = "1.0"\n')
    ended = sprocket("check", "draft.wdl")
    assert ended.status == 0
    assert "the document is read as WDL 1.0, the fallback version" in ended.err
    assert sprocket("check", "--strict", "draft.wdl").status == 1
    Path("sprocket.toml").write_text('[common.wdl]\nfallback_version = "1.4"\n')
    assert "the document is read as WDL 1.3, the fallback version" in sprocket("check", "draft.wdl").err
    ended = sprocket("config", "check", "--offline")
    assert ended.status == 0
    assert "`common.wdl.fallback_version` is 1.4, which is not known yet" in " ".join(ended.err.split())
    Path("sprocket.toml").write_text('[common.wdl]\nfallback_version = "1.9"\n')
    ended = sprocket("check", "draft.wdl")
    assert ended.status != 0
    assert "`common.wdl.fallback_version` must be " in ended.err
    assert "not `1.9`" in ended.err


def test_a_link_to_itself_is_no_document(sprocket):
    Path("links").mkdir()
    Path("links/loop.wdl").symlink_to("loop.wdl")
    ended = sprocket("check", "links")
    assert (ended.status, ended.err) == (1, "error: there are no documents (*.wdl) in the directory `links`\n")


OPPOSITES = [("deny-warnings", "hide-warnings"), ("deny-notes", "hide-warnings"), ("deny-notes", "hide-notes")]


@pytest.mark.parametrize(("one", "other"), [*OPPOSITES, *(pair[::-1] for pair in OPPOSITES)])
def test_what_is_hidden_cannot_be_denied(sprocket, one, other):
    Path("warning.wdl").write_text(WARNING)
    ended = sprocket("check", "warning.wdl", f"--{one}", f"--{other}")
    assert (ended.status, ended.out) == (2, "")
    assert f"`--{one}`" in ended.err
    assert f"`--{other}`" in ended.err
    keys = [name.replace("-", "_") for name in (one, other)]
    Path("sprocket.toml").write_text("".join(f"check.{key} = true\n" for key in keys))
    ended = sprocket("check", "warning.wdl")
    assert (ended.status, ended.out) == (1, "")
    assert all(f"`check.{key}`" in " ".join(ended.err.split()) for key in keys)
    Path("sprocket.toml").write_text(f"check.{keys[1]} = true\n")
    assert sprocket("check", "warning.wdl", "--set", f"check.{keys[0]}=true").status == 1


@pytest.mark.parametrize(("denied", "hidden"), OPPOSITES)
def test_a_flag_wins_over_its_opposite_in_a_file(sprocket, denied, hidden):
    Path("warning.wdl").write_text(WARNING)
    Path("sprocket.toml").write_text(f"check.{hidden.replace('-', '_')} = true\n")
    ended = sprocket("check", "warning.wdl", f"--{denied}")
    assert (ended.status, "failing due to 1 warning" in ended.err) == (1, True)
    Path("sprocket.toml").write_text(f"check.{denied.replace('-', '_')} = true\n")
    assert sprocket("check", "warning.wdl", f"--{hidden}").status == (1 if hidden == "hide-notes" else 0)


def test_what_is_hidden_and_what_is_denied_may_be_different(sprocket):
    Path("warning.wdl").write_text(WARNING)
    assert sprocket("check", "warning.wdl", "--deny-warnings", "--hide-notes").status == 1
    Path("sprocket.toml").write_text("check.hide_notes = true\n")
    assert sprocket("check", "warning.wdl", "--deny-warnings").status == 1
