"""`sprocket runs report`."""

import os
from pathlib import Path

WDL = """
version 1.2
task hello {
  command <<< echo hello >>>
  output { String said = read_string(stdout()) }
}
"""


def run(sprocket) -> Path:
    Path("hello.wdl").write_text(WDL)
    assert sprocket("run", "hello.wdl", "-b", "local", "-t", "hello").status == 0
    return next(Path("out/runs/hello").glob("2*"))


def test_the_report_is_put_beside_the_run(sprocket):
    directory = run(sprocket)
    ended = sprocket("runs", "report")
    assert (ended.status, ended.err) == (0, "")
    path = Path(ended.out.rstrip("\n"))
    assert path == directory.absolute() / "report.html"
    assert "hello" in path.read_text()


def test_the_report_can_be_put_elsewhere(sprocket, tmp_path):
    run(sprocket)
    ended = sprocket("runs", "report", "--output", "page.html", "-o", "out")
    assert (ended.status, ended.out) == (0, "page.html\n")
    assert Path("page.html").read_text().startswith("<!DOCTYPE html>")
    named = sprocket("runs", "report", "--output", "a\x1b[31mb.html")
    assert named.out == "a\x1b[31mb.html\n"  # for a program, which needs the name as it is
    assert Path("a\x1b[31mb.html").exists()


def test_a_place_that_cannot_hold_it_is_refused(sprocket):
    run(sprocket)
    Path("folder").mkdir()
    for place, message in (
        ("folder", "`folder` is a directory"),
        ("missing/x.html", "there is no directory `missing`"),
    ):
        ended = sprocket("runs", "report", "--output", place)
        assert (ended.status, ended.out) == (2, "")
        assert message in ended.err


def test_a_run_that_does_not_exist_is_named(sprocket):
    run(sprocket)
    ended = sprocket("runs", "report", "no-such-run")
    assert ended.status == 1
    assert "no-such-run" in ended.err


def test_a_place_that_cannot_be_written_is_told_with_the_option_that_helps(sprocket):
    run(sprocket)
    Path(f".page.html.{os.getpid()}.part").mkdir()  # it is in the way of what is written first
    ended = sprocket("runs", "report", "--output", "page.html")
    assert (ended.status, ended.out) == (1, "")
    assert "`page.html` cannot be written" in ended.err
    assert "choose another place with `--output FILE`" in ended.err


def test_the_page_can_go_where_the_standard_output_goes(sprocket):
    run(sprocket)
    for name in ("/dev/fd/1", "/dev/stdout"):
        ended = sprocket("runs", "report", "--output", name)
        assert (ended.status, ended.err) == (0, "")
        assert ended.out.startswith("<!DOCTYPE html>")
        assert ended.out.rstrip().endswith("</html>")
