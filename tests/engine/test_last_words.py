"""The end of a task's standard error, as it is shown."""

import pytest

from pysprocket.backends.job import Result
from pysprocket.engine.last_words import MOST_CHARACTERS, stderr_end


@pytest.fixture
def result(tmp_path):
    """A job that ended with exit code 3 and wrote some bytes to its standard error."""

    def make(written):
        (tmp_path / "stderr").write_bytes(written)
        return Result(exit_code=3, stdout="", stderr=str(tmp_path / "stderr"), work="")

    return make


def test_the_last_ten_lines_and_the_path_of_the_rest_are_shown(result, tmp_path):
    text = stderr_end(result(b"".join(b"line %d\n" % number for number in range(20)) + b"\n\n"))
    shown = [f"    line {number}" for number in range(10, 20)]
    assert text.splitlines() == ["", "  the last lines of its stderr:", *shown, f"  all of it: {tmp_path}/stderr"]


def test_a_task_that_wrote_nothing_is_told_with_its_directory(result, tmp_path):
    nothing = f"\n  it wrote nothing to its stderr; its files are in {tmp_path}"
    assert stderr_end(result(b"\n")) == nothing
    assert stderr_end(result(b"")) == nothing


def test_what_a_task_writes_does_not_command_the_terminal(result):
    shown = stderr_end(result(b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07 \xff\n")).splitlines()[2]
    assert shown == "    red \u241b]0;title\u2407 \ufffd"


def test_of_a_line_without_end_only_the_end_is_shown(result):
    shown = stderr_end(result(b"a" * 200_000 + b"end\n")).splitlines()[2]
    assert shown.startswith("    … aaa")
    assert shown.endswith("aend")
    assert len(shown) == MOST_CHARACTERS + len("    … ")
