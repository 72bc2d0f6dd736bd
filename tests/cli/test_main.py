"""The command as a whole: help, version, wrong usage, what is imported, and how errors look."""

import fcntl
import os
import re
import struct
import subprocess
import sys
import sysconfig
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest

from pysprocket.cli.errors import guarded
from pysprocket.cli.group import sprocket as group
from pysprocket.cli.main import COMMANDS, group_help
from pysprocket.cli.options import State
from pysprocket.errors import ConfigError, DocumentError, EvaluationError, InputError, RunFailed, UsageError
from pysprocket.source.diagnostic import Label, error
from pysprocket.source.text import Source

COMMAND = str(Path(sysconfig.get_path("scripts")) / "sprocket")


def test_the_version(sprocket):
    for arguments in (["--version"], ["-V"], ["-v", "--version"]):
        assert sprocket(*arguments) == (0, "sprocket 0.1.0\n", "")


def test_help_is_the_same_with_and_without_click(sprocket):
    quick = sprocket("--help")
    assert quick.status == 0
    assert sprocket("-v", "-h").out == quick.out
    assert quick.out == group_help()


def test_help_names_every_command_and_every_option_of_the_group():
    text = group_help()
    assert all(f"\n  {name} " in text for name in COMMANDS)
    for parameter in group.params:
        assert all(name in text for name in parameter.opts), parameter.opts


def test_an_unknown_command_suggests_the_nearest(sprocket):
    ended = sprocket("chek")
    assert ended.status == 2
    assert "There is no command `chek`. Did you mean `check`?" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    ("typed", "meant"), [("runz", "runs"), ("rnu", "run"), ("resme", "resume"), ("CHECK", "check")]
)
def test_the_nearest_command_is_the_one_with_the_fewest_edits(sprocket, typed, meant):
    assert f"There is no command `{typed}`. Did you mean `{meant}`?" in sprocket(typed).err


def _empty_names(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Arguments that leave empty what is to be a name or a path, for each option and argument of each command."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _empty_names(below, (*words, name))
    before: list[str] = []
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            if parameter.name != "inputs":  # a further value of an input may be empty
                yield [*words, *before, ""]
            before.append("some")
        elif not isinstance(parameter.type, click.Choice | click.types.BoolParamType | click.IntRange):
            yield [*words, parameter.opts[0], ""]


@pytest.mark.parametrize("arguments", list(_empty_names(group)), ids=" ".join)
def test_an_empty_name_is_a_mistake_on_the_command_line(sprocket, arguments):
    ended = sprocket(*arguments)
    assert ended.status == 2
    complaint = r"error: Invalid value for .*: (it is empty|'' is not one of .*)\nhelp: see `sprocket"
    assert re.match(complaint, ended.err)


def test_no_command_shows_help_and_is_wrong_usage(sprocket):
    ended = sprocket()
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == sprocket("--help").out


def test_an_unknown_option_is_wrong_usage(sprocket):
    ended = sprocket("check", "--bogus")
    assert ended.status == 2
    assert "No such option '--bogus'" in ended.err


def test_global_options_may_stand_before_and_after_the_command(sprocket):
    for arguments in (["-c", "none.toml", "check", "x"], ["check", "x", "-c", "none.toml"]):
        ended = sprocket(*arguments)
        assert ended.status == 1
        assert ended.err.startswith("error[UnreadableConfig]: the configuration file `none.toml` cannot be read")


def test_configuration_is_found_and_remarks_about_it_are_told(sprocket, monkeypatch):
    Path("x.wdl").write_text("version 1.2\n")
    monkeypatch.setenv("SPROCKET_CONFIG", "gone.toml")
    assert "warning: the configuration file `gone.toml`" in sprocket("check", "x.wdl").err
    assert sprocket("-q", "check", "x.wdl") == (0, "", "")
    Path("sprocket.toml").write_text("run.fial = 1\n")
    ended = sprocket("check", "x.wdl")
    assert ended.status == 1
    assert ended.err.startswith("error[UnknownSetting]: `run.fial` is not a setting\n  ┌─ sprocket.toml:1:5\n")
    assert ended.err.endswith("  = help: did you mean `run.fail`?\n\n")
    assert sprocket("-s", "check", "x.wdl").status == 0


# --- errors ----------------------------------------------------------------------------------------------


def told(problem: BaseException, capfd, **state: object) -> tuple[int, str]:
    def fail() -> None:
        raise problem

    status = guarded(fail, State(color="never", **state))  # type: ignore[arg-type]
    return status, capfd.readouterr().err


def test_an_error_and_its_remedy_are_lines_of_their_own(capfd):
    assert told(ConfigError("it is wrong", help="make it right"), capfd) == (
        1,
        "error: it is wrong\nhelp: make it right\n",
    )
    assert told(InputError(["one", "two"]), capfd) == (1, "error: one\nerror: two\n")
    assert told(UsageError("bad flags"), capfd) == (2, "error: bad flags\n")


def test_color_marks_the_word_error(capfd):
    def fail() -> None:
        raise ConfigError("bad")

    guarded(fail, State(color="always"))
    assert "\x1b[31m\x1b[1merror\x1b[0m: bad" in capfd.readouterr().err


@pytest.mark.parametrize("color", ["always", "never"])
def test_what_is_told_fits_80_columns_whatever_its_colors(capfd, color):
    def fail() -> None:
        message = "set `run.fail` to a word, and " * 5 + "begin\n  - " + "one " * 20 + "end"
        raise ConfigError(message, help="日本 " * 20 + "日本")

    guarded(fail, State(color=color))
    assert re.sub(r"\x1b\[[0-9;]*m", "", capfd.readouterr().err).splitlines() == [
        "error: set `run.fail` to a word, and set `run.fail` to a word, and set",
        "       `run.fail` to a word, and set `run.fail` to a word, and set `run.fail` to",
        "       a word, and begin",
        "  - one one one one one one one one one one one one one one one one one one one",
        "    one end",
        "help: 日本 日本 日本 日本 日本 日本 日本 日本 日本 日本 日本 日本 日本 日本 日本",
        "      日本 日本 日本 日本 日本 日本",
    ]


@pytest.mark.parametrize(("columns", "widest"), [(50, 50), (200, 80), (0, 80)])
def test_a_narrow_terminal_gets_narrow_lines_and_a_wide_one_no_wider_ones(tmp_path, columns, widest):
    (tmp_path / "x.wdl").write_text("version 1.2\nworkflow w {\n  Int x = y" + " + y" * 40 + "\n}\n")
    controller, end = os.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 20, columns, 0, 0))
    command = [COMMAND, "-s", "check", "x.wdl", "--color", "never"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=end)
    os.close(end)
    shown = b""
    with suppress(OSError):  # all who had the terminal open have closed it
        while piece := os.read(controller, 65536):
            shown += piece
    os.close(controller)
    assert process.wait(30) == 1
    assert max(map(len, shown.decode().split("\r\n"))) == widest


def test_findings_come_before_the_error_that_holds_them(capfd):
    source = Source("file:///x.wdl", "version 1.2\ntask t {}\n", "x.wdl")
    finding = error("MissingCommand", "no command", Label(source, 17, 18, "here"))
    status, err = told(DocumentError("aborting", [finding]), capfd)
    assert status == 1
    assert err.startswith("error[MissingCommand]: no command\n")
    assert "x.wdl:2:6" in err
    assert err.endswith("\nerror: aborting\n")


def test_a_failed_evaluation_shows_its_place(capfd):
    source = Source("file:///x.wdl", "Int x = 1 / 0\n", "x.wdl")
    problem = EvaluationError("division by zero", help="check the divisor", labels=[Label(source, 8, 13)])
    _, err = told(problem, capfd)
    assert err.startswith("error: division by zero\n")
    assert "x.wdl:1:9" in err
    assert "check the divisor" in err
    _, err = told(problem, capfd, report_mode="one-line")
    assert err.splitlines()[0] == "x.wdl:1:9: error: division by zero"


def test_every_failure_of_a_run_is_told(capfd):
    status, err = told(RunFailed([InputError(["one"]), EvaluationError("two")]), capfd)
    assert (status, err) == (1, "error: one\nerror: two\n")


def test_an_unexpected_exception_is_a_bug_in_one_line(capfd, monkeypatch):
    monkeypatch.delenv("SPROCKET_TRACEBACK", raising=False)
    status, err = told(ZeroDivisionError("oops"), capfd)
    assert status == 1
    assert re.match(r"error: this is a bug in sprocket: ZeroDivisionError: oops \(test_main\.py:\d+\)\n", err)
    assert "Traceback" not in err
    assert "`-vv`" in err
    assert "Traceback" in told(ZeroDivisionError("oops"), capfd, verbosity=2)[1]
    monkeypatch.setenv("SPROCKET_TRACEBACK", "1")
    assert "Traceback" in told(ZeroDivisionError("oops"), capfd)[1]


def test_an_action_may_give_its_own_status():
    assert guarded(lambda: None, State()) == 0
    assert guarded(lambda: 3, State()) == 3


def test_ctrl_c_is_clean(capfd):
    assert told(KeyboardInterrupt(), capfd) == (130, "error: interrupted\n")
    assert told(click.Abort(), capfd) == (130, "error: interrupted\n")


# --- as a process ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--list"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_stops_reading_is_no_drama(arguments, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    command = [COMMAND, *arguments]
    process = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(writer)
    assert (process.returncode, process.stderr) == (1, b"")


@pytest.mark.parametrize("arguments", [["--help"], ["explain", "--list"]])
def test_a_full_disk_under_the_standard_output_is_told_in_one_line(arguments):
    with Path("/dev/full").open("w") as full:
        process = subprocess.run([COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (process.returncode, process.stderr) == (1, b"error: the standard output: No space left on device\n")


@pytest.mark.parametrize("arguments", ["--help", "explain --list", "check /dev/null", "explain Nonsense"])
def test_closed_standard_streams_change_nothing(arguments):
    closed = subprocess.run(["bash", "-c", f"{COMMAND} {arguments} <&- >&- 2>&-"], check=False)
    usual = subprocess.run([COMMAND, *arguments.split()], capture_output=True, check=False)
    assert closed.returncode == usual.returncode


def test_a_current_directory_that_is_gone_is_told(tmp_path):
    script = f"mkdir {tmp_path}/gone && cd {tmp_path}/gone && rmdir ../gone && {COMMAND} check x.wdl"
    process = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert process.stderr.startswith("error: the current directory does not exist any more\n")


def test_an_argument_that_is_not_text_is_a_mistake_on_the_command_line():
    process = subprocess.run([COMMAND, "run", b"x.wdl", b"name=\xff"], capture_output=True, check=False)
    assert (process.returncode, process.stderr) == (2, b"error: the argument 'name=\\udcff' is not UTF-8 text\n")


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import pysprocket.cli.main", ["click", "msgspec", "pathlib", "asyncio"]),
        ("from pysprocket.cli.main import main; main(['--help'])", ["click", "pysprocket.cli.group"]),
        ("from pysprocket.cli.main import main; main(['explain', '--list'])", ["asyncio", "sqlite3", "yaml"]),
        (
            "from pysprocket.cli.main import main; main(['check', '/dev/null'])",
            ["pysprocket.backends", "sqlite3", "yaml", "json5"],
        ),
    ],
)
def test_nothing_is_imported_before_it_is_needed(code, unwanted):
    program = f"import sys\n{code}\nprint(sorted(set({unwanted!r}) & set(sys.modules)), file=sys.stderr)"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert process.stderr.splitlines()[-1] == "[]"


def test_a_run_without_tasks_imports_nothing_that_only_tasks_need(tmp_path):
    (tmp_path / "sum.wdl").write_text("version 1.2\nworkflow w { output { Int sum = 1 + 2 } }\n")
    unwanted = {
        "asyncio",
        "ssl",
        "socket",
        "subprocess",
        "logging",
        "pysprocket.backends.local",
        "pysprocket.engine.task",
    }
    program = (
        "import sys; from pysprocket.cli.main import main\n"
        f"print(main(['run', 'sum.wdl']), sorted({unwanted!r} & set(sys.modules)), file=sys.stderr)"
    )
    process = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.stderr.splitlines()[-1] == "0 []"


@pytest.mark.parametrize("name", ["cache", "config", "runs"])
def test_options_of_all_commands_may_stand_behind_a_group(sprocket, name):
    below = group.get_command(click.Context(group), name)
    assert isinstance(below, click.Group)
    for inner in below.list_commands(click.Context(below)):
        ended = sprocket(name, "--color", "never", "-v", "-c", "site.toml", inner, "--help")
        assert (ended.status, ended.err) == (0, ""), inner


def test_options_behind_a_group_count_as_those_elsewhere(sprocket, tmp_path):
    for number, name in enumerate(("a", "b", "c"), start=1):
        (tmp_path / f"{name}.toml").write_text(f"run.max_concurrent_tasks = {number}\n")
    ended = sprocket(
        "-c", "a.toml", "config", "-c", "c.toml", "-s", "resolve", "-c", "b.toml", "--set", "run.fail=fast"
    )
    assert "max_concurrent_tasks = 2\n" in ended.out
    assert 'fail = "fast"\n' in ended.out
    ended = sprocket("config", "-c", "missing.toml", "resolve")
    assert "missing.toml" in ended.err
    assert sprocket("config", "-m", "two-lines", "resolve").status == 2


def test_the_package_can_be_run_by_the_interpreter(tmp_path):
    for arguments in (["--version"], ["config", "resolve", "--no-such"]):
        ended = subprocess.run(
            [sys.executable, "-m", "pysprocket", *arguments], cwd=tmp_path, check=False, capture_output=True, text=True
        )
        same = subprocess.run([COMMAND, *arguments], cwd=tmp_path, check=False, capture_output=True, text=True)
        assert (ended.returncode, ended.stdout, ended.stderr) == (same.returncode, same.stdout, same.stderr)
