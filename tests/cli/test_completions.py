"""Shell completion: what is offered where, and that nothing but candidates ever comes out."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pysprocket.cli import candidates
from pysprocket.cli.main import COMMANDS

COMMAND = str(Path(sysconfig.get_path("scripts")) / "sprocket")
DOCUMENT = """\
version 1.3
import "other.wdl" as other
enum Color { Red, Green, Blue }
task say {
  input {
    Boolean loud = false
    String greeting
    Array[File]+ reads
    Color color = Color.Red
    Array[Color] palette = []
    Directory? where
    File? table
  }
  parameter_meta { greeting: { description: "What is said\\nto whom" } }
  command <<< echo ~{greeting} >>>
}
workflow main {
  input { Int number = 3 File reference }
  call say { greeting = "hello" }
  call other.count as tally {}
  hints { allow_nested_inputs: true }
}
"""
OTHER = """\
version 1.3
task count { input { Int times String must } command <<< >>> }
workflow around { input { String? text } call count { times = 1 } call count as again { times = 2 must = "x" } }
"""

Offered = Callable[..., list[str]]


@pytest.fixture
def offered(sprocket, monkeypatch) -> Offered:
    """The candidates for the end of a line, as fish gets them: `value` or `value (description)`."""
    for name in ("COMP_WORDS", "COMP_CWORD", "COMP_REPLACED"):
        monkeypatch.delenv(name, raising=False)
    Path("main.wdl").write_text(DOCUMENT)
    Path("other.wdl").write_text(OTHER)

    def ask(line: str, *, described: bool = False) -> list[str]:
        monkeypatch.setenv("COMP_LINE", line)
        monkeypatch.setenv("_SPROCKET_COMPLETE", "fish_complete")
        ended = sprocket()
        assert (ended.status, ended.err) == (0, "")
        found = [re.fullmatch(r"plain,([^\t]*)(?:\t(.*))?", each) for each in ended.out.splitlines()]
        return [f"{each[1]} ({each[2]})" if described and each[2] else each[1] for each in found if each]

    return ask


@pytest.fixture
def bash(offered, sprocket, monkeypatch) -> Callable[[str, str], list[str]]:
    """What bash is told for the end of a line, of which it would replace the last characters."""

    def ask(line: str, replaced: str) -> list[str]:
        monkeypatch.setenv("COMP_LINE", line)
        monkeypatch.setenv("COMP_REPLACED", replaced)
        monkeypatch.setenv("_SPROCKET_COMPLETE", "bash_complete")
        lines: list[str] = sprocket().out.splitlines()
        return lines

    return ask


# --- commands and options --------------------------------------------------------------------------------


def test_all_commands_are_offered_with_what_they_do(offered):
    assert offered("sprocket ", described=True) == [f"{name} ({does})" for name, does in COMMANDS.items()]
    assert offered("sprocket ru") == ["run", "runs"]
    assert offered("sprocket runs sh") == ["show"]


def test_global_options_before_the_command_change_nothing(offered):
    assert offered("sprocket -v --color never -c x.toml che") == ["check"]
    assert offered("sprocket --color ") == ["auto", "always", "never"]


def test_what_answers_by_itself_stays_silent_while_a_line_is_completed(offered):
    assert offered("sprocket --version ru") == ["run", "runs"]
    assert offered("sprocket --help ru") == ["run", "runs"]
    assert offered("sprocket run --help --dry") == ["--dry-run"]


def test_options_are_offered_once(offered):
    assert {"--target", "-t", "--backend", "--help"} <= set(offered("sprocket run -"))
    assert offered("sprocket run --tar") == ["--target"]
    assert offered("sprocket run --target main --tar") == []
    assert offered("sprocket run --target=main --tar") == []
    assert offered("sprocket run --confi") == ["--config"]


@pytest.mark.parametrize("line", ["sprocket check --format ", "sprocket check x.wdl --format "])
def test_the_choices_of_an_option_are_offered(offered, line):
    assert offered(line) == ["text", "json"]


def test_an_option_and_its_value_may_be_one_word(offered):
    assert offered("sprocket check --format=") == ["--format=text", "--format=json"]
    assert offered("sprocket check --format=j") == ["--format=json"]
    assert offered("sprocket run main.wdl --target=sa") == ["--target=say"]
    Path("logs").mkdir()
    assert offered("sprocket runs list --output-dir=lo") == ["--output-dir=logs/"]


def test_every_kind_of_words_that_is_named_exists():
    sources = Path(candidates.__file__).parent.glob("*.py")
    kinds = {kind for source in sources for kind in re.findall(r'completes\("(\w+)"\)', source.read_text())}
    assert kinds
    assert all(callable(getattr(candidates, kind, None)) for kind in kinds)


# --- documents, directories, files -----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "validate", "inputs", "check", "check main.wdl"])
def test_documents_and_directories_are_offered(offered, command):
    Path("deep").mkdir()
    Path("deep", "inner.wdl").touch()
    Path("notes.txt").touch()
    Path(".hidden.wdl").touch()
    assert offered(f"sprocket {command} ") == ["deep/", "main.wdl", "other.wdl"]
    assert offered(f"sprocket {command} deep/") == ["deep/inner.wdl"]
    assert offered(f"sprocket {command} .h") == [".hidden.wdl"]


def test_configuration_files_are_offered(offered):
    Path("site.toml").touch()
    assert offered("sprocket run -c ") == ["site.toml"]
    assert offered("sprocket --config ./s") == ["./site.toml"]


def test_a_path_may_begin_at_home(offered, tmp_path):
    assert offered("sprocket run ~/ma") == ["~/main.wdl"]
    assert offered("sprocket run ~/main.wdl -t sa") == ["say"]
    assert offered("sprocket run $HOME/main.wdl -t sa") == ["say"]


def test_the_file_of_a_redirection_is_any_file(offered):
    Path("notes.txt").touch()
    assert offered("sprocket run main.wdl > no") == ["notes.txt"]
    assert offered("sprocket 2> log run main.wdl -t sa") == ["say"]


# --- targets and inputs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "validate", "inputs"])
@pytest.mark.parametrize("option", ["-t ", "--target "])
def test_targets_are_those_of_the_document(offered, command, option):
    expected = ["main (workflow)", "say (task)"]
    assert offered(f"sprocket {command} main.wdl {option}", described=True) == expected


def test_inputs_are_those_of_the_target_that_is_named_required_ones_first(offered):
    assert offered("sprocket run main.wdl -t say ", described=True) == [
        "greeting= (String, required: What is said)",
        "reads= (Array[File]+, required)",
        "loud= (Boolean)",
        "color= (Color)",
        "palette= (Array[Color])",
        "where= (Directory?)",
        "table= (File?)",
    ]
    assert offered("sprocket validate main.wdl -t say say.gr") == ["say.greeting="]
    for option in ("--target=say", "-tsay", "--strict -t say", "-t say --strict", "-tsay -v"):
        assert offered(f"sprocket validate main.wdl {option} gr") == ["greeting="]
        assert offered(f"sprocket validate {option} main.wdl gr") == ["greeting="]


def test_without_a_target_the_inputs_are_those_of_the_workflow(offered):
    assert offered("sprocket run main.wdl ", described=True) == [
        "main.reference= (File, required)",
        "main.say.reads= (Array[File]+, required)",
        "main.tally.times= (Int, required)",
        "main.tally.must= (String, required)",
        "main.number= (Int)",
        "main.say. (inputs of a call)",
    ]
    assert offered("sprocket run main.wdl main.say.l") == ["main.say.loud="]
    assert offered("sprocket run main.wdl -t main say.") == [
        "say.reads=",
        "say.loud=",
        "say.color=",
        "say.palette=",
        "say.where=",
        "say.table=",
    ]


def test_an_input_that_begins_with_another_target_chooses_that(offered):
    assert offered("sprocket run main.wdl say.gr") == ["say.greeting="]
    assert offered("sprocket run main.wdl say.greeting=x say.l") == ["say.loud="]
    assert offered("sprocket run main.wdl say.greeting=x main.") == []


def test_without_a_workflow_all_tasks_are_open(offered):
    Path("two.wdl").write_text(
        "version 1.2\ntask a { input { Int x } command <<<>>> }\ntask b { input { Int y } command <<<>>> }\n"
    )
    assert offered("sprocket run two.wdl ") == ["a.x=", "b.y="]
    assert offered("sprocket run two.wdl b") == ["b.y="]


def test_inputs_of_calls_are_offered_where_they_may_be_given(offered):
    assert offered("sprocket run other.wdl around.") == ["around.count.must=", "around.text="]


def test_what_was_given_is_offered_again_only_where_it_adds_up(offered):
    found = offered("sprocket run main.wdl -t say greeting=x reads=a.fq loud=true ")
    assert "reads=" in found
    assert not {"greeting=", "loud="} & set(found)
    assert "say.greeting=" not in offered("sprocket run main.wdl say.greeting=x say.")


def test_requirements_are_offered_when_they_are_asked_for(offered):
    assert offered("sprocket run main.wdl main.say.req") == ["main.say.requirements."]
    assert offered("sprocket run main.wdl -t say r") == ["reads="]
    assert offered("sprocket run main.wdl -t say requirements.me", described=True) == [
        "requirements.memory= (Int or String)"
    ]
    Path("old.wdl").write_text("version 1.0\ntask t { input { Int x } command {} }\n")
    assert offered("sprocket run old.wdl t.run") == ["t.runtime."]


def test_a_file_of_inputs_that_is_none_is_not_read(offered):
    os.mkfifo("pipe")
    assert offered("sprocket run main.wdl @pipe -t say gr") == ["greeting="]


def test_a_file_of_inputs_chooses_the_target(offered):
    Path("inputs.json").write_text('{"say.greeting": "x"}')
    found = offered("sprocket run main.wdl @inputs.json ")
    assert found[:2] == ["say.greeting=", "say.reads="]


def test_files_of_inputs_are_offered_after_an_at_sign(offered):
    for name in ("inputs.json", "more.yaml", "most.yml", "other.txt"):
        Path(name).touch()
    assert offered("sprocket run main.wdl @") == ["@inputs.json", "@more.yaml", "@most.yml"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("loud=", ["loud=true", "loud=false"]),
        ("say.loud=f", ["say.loud=false"]),
        ("color=", ["color=Red", "color=Green", "color=Blue"]),
        ("palette=G", ["palette=Green"]),
        ("table=n", ["table=notes.txt"]),
        ("reads=d", ["reads=data/"]),
        ("where=", ["where=data/"]),
        ("greeting=", []),
        ("nothing=", []),
    ],
)
def test_values_are_offered_by_the_type_of_the_input(offered, typed, expected):
    Path("data").mkdir()
    Path("notes.txt").touch()
    assert offered(f"sprocket run main.wdl -t say {typed}") == expected


def test_values_of_inputs_of_calls_are_offered_too(offered):
    assert offered("sprocket run main.wdl main.say.color=B") == ["main.say.color=Blue"]


def test_further_values_of_an_array_are_offered(offered):
    for name in ("a.fq", "b.fq"):
        Path(name).touch()
    assert offered("sprocket run main.wdl -t say reads=a.fq b") == ["b.fq"]
    assert offered("sprocket run main.wdl -t say palette=Red B") == ["Blue"]
    assert offered("sprocket run main.wdl -t say reads=a.fq greeting=x b") == []


# --- backends, runs, codes -------------------------------------------------------------------------------


def test_backends_are_those_of_the_configuration_and_those_that_need_no_settings(offered):
    Path("sprocket.toml").write_text('run.backends.mine.type = "local"\nrun.backends.local.type = "docker"\n')
    found = offered("sprocket run --backend ", described=True)
    assert {"mine (of type local)", "local (of type docker)", "docker (with its default settings)"} <= set(found)
    assert offered("sprocket run -s --backend m") == []
    for command in ("run", "config check"):
        assert offered(f"sprocket {command} -s --backend ") == ["docker", "local"]


def test_keys_of_the_configuration_are_offered_step_by_step(offered):
    Path("sprocket.toml").write_text('run.backends.mine.type = "docker"\n')
    assert {"common.", "check.", "run."} <= set(offered("sprocket run --set "))
    found = offered("sprocket --set run.", described=True)
    assert any(each.startswith("run.task. (") for each in found)
    assert not any(each.startswith("run.task.r") for each in found)
    assert any(each.startswith("run.fail= (") for each in found)
    assert offered("sprocket run --set run.backends") == ["run.backends."]
    assert offered("sprocket run --set run.backends.") == ["run.backends.mine."]
    assert all(each.startswith("run.backends.mine.") for each in offered("sprocket run --set run.backends.mine."))
    assert offered("sprocket run --set nonsense.") == []


def test_values_of_keys_are_offered(offered):
    Path("sprocket.toml").write_text('run.backends.mine.type = "local"\n')
    assert offered("sprocket run --set run.fail=") == ["run.fail=slow", "run.fail=fast"]
    assert offered("sprocket run --set=run.fail=f") == ["--set=run.fail=fast"]
    assert offered("sprocket run --set check.deny_warnings=") == [
        "check.deny_warnings=true",
        "check.deny_warnings=false",
    ]
    assert "run.backends.new.type=local" in offered("sprocket run --set run.backends.new.type=")
    assert "run.backend=mine" in offered("sprocket run --set run.backend=")
    assert offered("sprocket run --set run.output_dir=ma") == ["run.output_dir=main.wdl"]
    assert offered("sprocket run --set run.nonsense=") == []


def test_what_is_set_counts_while_a_line_is_completed(offered):
    assert "mine" in offered("sprocket --set run.backends.mine.type=local run --backend ")


def test_codes_are_offered_however_they_are_capitalised(offered):
    assert "UnknownName" in offered("sprocket explain unknownn")
    assert "UnknownName" in offered("sprocket explain ParseError Unknown")


@pytest.fixture
def runs(offered, sprocket, monkeypatch) -> list[str]:
    """The names of three runs: one that completed, one that failed, one whose process died."""
    monkeypatch.delenv("_SPROCKET_COMPLETE", raising=False)
    Path("sum.wdl").write_text("version 1.2\nworkflow good { output { Int x = 1 } }\n")
    for _ in range(3):
        assert sprocket("run", "sum.wdl").status == 0
    with sqlite3.connect("out/sprocket.db") as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM runs ORDER BY id")]
        for name, status in zip(names, ("completed", "failed", "running"), strict=True):
            connection.execute("UPDATE runs SET status = ? WHERE name = ?", (status, name))
    connection.close()
    return names


def test_runs_are_offered_by_name(offered, runs):
    for command in ("runs show", "runs report", "cache explain"):
        assert offered(f"sprocket {command} ") == runs[::-1]
    assert offered(f"sprocket runs show {runs[0][:-1]}") == [runs[0]]
    assert offered("sprocket runs show -o elsewhere ") == []
    Path("out").rename("elsewhere")
    assert offered("sprocket runs show -o elsewhere ", described=True)[2] == f"{runs[0]} (completed: good)"


def test_runs_that_can_be_gone_on_with_are_offered_to_resume(offered, runs):
    assert offered("sprocket resume ") == [runs[2], runs[1]]


def test_a_run_may_be_named_by_its_directory(offered, runs):
    assert offered("sprocket runs show ./o") == ["./out/"]


# --- what is wrong elsewhere -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mistake",
    [
        ("String greeting\n", "String greeting\n Int x = missing\n"),
        ("command <<<", "private Nonsense z\n command <<<"),
        ('import "other.wdl"', 'import "gone.wdl"'),
        ('import "other.wdl"', 'import "main.wdl"'),
        ('import "other.wdl"', 'import "https://localhost:1/other.wdl"'),
        ("call other.count as tally {}", "call other.count as tally { }\n call main"),
        ("workflow main {", "workflow main { scatter ("),
    ],
)
def test_a_document_with_mistakes_still_has_inputs(offered, mistake):
    Path("main.wdl").write_text(DOCUMENT.replace(*mistake))
    assert offered("sprocket run main.wdl -t say gr") == ["greeting="]


def test_a_document_without_a_version_still_has_inputs(offered):
    Path("old.wdl").write_text("task t { input { Int x } command { } }\n")
    assert offered("sprocket run old.wdl t.") == ["t.x="]


@pytest.mark.parametrize("source", ["gone.wdl", ".", "https://localhost:1/main.wdl", "s3://bucket/x.wdl", "other.txt"])
def test_without_a_document_nothing_is_offered_and_nothing_told(offered, source):
    Path("other.txt").write_bytes(b"\xff\xfe")
    assert offered(f"sprocket run {source} -t ") == []
    assert offered(f"sprocket run {source} x") == []


@pytest.mark.parametrize("text", ["run.fial = 1\n", "not toml", "run.backend = 3\n"])
def test_a_wrong_configuration_is_no_hindrance(offered, text):
    Path("sprocket.toml").write_text(text)
    assert offered("sprocket run main.wdl -t sa") == ["say"]
    assert "docker" in offered("sprocket run --backend ")
    assert offered("sprocket runs show ") == []


@pytest.mark.parametrize(
    "line",
    ["", "sprocket", "sprocket nonsense ", "sprocket runs nonsense x", "sprocket run 'main", "sprocket run \\", "x=1 "],
)
def test_half_of_a_line_is_no_mistake(offered, line):
    offered(line)


def test_damaged_records_are_no_hindrance(offered):
    Path("out").mkdir()
    Path("out", "sprocket.db").write_bytes(b"nonsense" * 1000)
    assert offered("sprocket runs show ") == []


def test_a_database_that_somebody_writes_does_not_keep_anybody_waiting(offered, runs):
    connection = sqlite3.connect("out/sprocket.db", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    start = time.monotonic()
    assert offered("sprocket runs show ") == []
    assert time.monotonic() - start < 20
    connection.close()


# --- in the words of each shell --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "replaced", "expected"),
    [
        ("sprocket run main.wdl -t say gre", "gre", ["plain,greeting="]),
        ("sprocket run main.wdl -t say loud=t", "t", ["plain,true"]),  # bash breaks words at `=`
        ("sprocket run main.wdl -t say loud=t", "loud=t", ["plain,loud=true"]),  # unless it is told not to
        ("sprocket run main.wdl -t say loud=", "", ["plain,true", "plain,false"]),
        ("sprocket run main.wdl --target=s", "s", ["plain,say"]),
        ("sprocket run main.wdl --target=s", "--target=s", ["plain,--target=say"]),
        ("sprocket run main.wdl -t say table=my", "my", ["path,my file.txt"]),  # bash quotes paths itself
        ("sprocket run main.wdl -t say table=my", "table=my", ["plain,table=my\\ file.txt"]),
        ('sprocket run main.wdl -t say "table=my f', "table=my f", ["plain,table=my file.txt"]),
        ("sprocket run main.wdl -t say table=my\\ f", "my\\ f", ["path,my file.txt"]),
        ("sprocket run main.wdl -t say table=$HOME/m", "$HOME/m", ["default,"]),
        ("sprocket run ma", "ma", ["path,main.wdl"]),
        ("sprocket run main.wdl @in", "@in", ["plain,@in.json"]),
        ("sprocket run main.wdl @in", "in", ["path,in.json"]),
        ("sprocket runs list -o ol", "ol", ["path,old data"]),  # and marks directories
        ("sprocket run main.wdl -t say where=ol", "ol", ["path,old data"]),
        ("sprocket runs list -o a:", "", ["path,b/"]),  # it does not see that this is `a:b`
    ],
)
def test_bash_gets_the_part_of_a_word_that_it_replaces(bash, line, replaced, expected):
    Path("my file.txt").touch()
    Path("in.json").touch()
    Path("old data").mkdir()
    Path("a:b").mkdir()
    assert bash(line, replaced) == expected


def test_zsh_gets_descriptions_and_looks_for_files_itself(offered, sprocket, monkeypatch):
    monkeypatch.setenv("_SPROCKET_COMPLETE", "zsh_complete")

    def ask(line: str):
        monkeypatch.setenv("COMP_LINE", line)
        return sprocket().out.splitlines()

    assert ask("sprocket run main.wdl -t say gr") == ["plain", "greeting=", "String, required: What is said"]
    assert ask("sprocket run main.wdl -t say loud=t") == ["plain", "loud=true", "_"]
    assert ask("sprocket run main.wdl -t say table=x/") == ["file", "table=", "_"]
    assert ask("sprocket run main.wdl -t say where=") == ["dir", "where=", "_"]
    assert ask("sprocket run main.wdl @") == ["file", "@", "*.json *.yaml *.yml"]
    assert ask("sprocket run --config=x") == ["file", "--config=", "*.toml"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_scripts_that_click_has_written_are_answered_too(offered, sprocket, monkeypatch, shell):
    monkeypatch.delenv("COMP_LINE", raising=False)
    monkeypatch.setenv("_SPROCKET_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", "sprocket run main.wdl -t say gre")
    monkeypatch.setenv("COMP_CWORD", "5")
    assert "greeting=" in sprocket().out


@pytest.mark.parametrize("instruction", ["bash", "bash_nonsense", "elvish_complete", "_", "x"])
def test_an_instruction_that_is_none_fails_in_silence(sprocket, monkeypatch, instruction):
    monkeypatch.setenv("_SPROCKET_COMPLETE", instruction)
    assert sprocket() == (1, "", "")


# --- the command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(sprocket, monkeypatch, shell):
    ended = sprocket("completions", shell)
    assert (ended.status, ended.err) == (0, "")
    assert f"_SPROCKET_COMPLETE={shell}_complete" in ended.out
    monkeypatch.setenv("_SPROCKET_COMPLETE", f"{shell}_source")
    assert sprocket().out == ended.out


@pytest.mark.parametrize("arguments", [[], ["powershell"]])
def test_other_shells_are_refused_with_those_there_are(sprocket, arguments):
    ended = sprocket("completions", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert all(shell in ended.err for shell in ("bash", "zsh", "fish"))


def test_the_shells_are_offered(offered):
    assert offered("sprocket completions ") == ["bash", "zsh", "fish"]


def test_bash_reads_the_script_and_gives_its_own_words(tmp_path):
    (tmp_path / "main.wdl").write_text(DOCUMENT)
    program = """
        source <("$COMMAND" completions bash)
        compopt() { :; }
        COMP_LINE="$COMMAND run main.wdl -t say gree"; COMP_POINT=${#COMP_LINE}
        _sprocket "$COMMAND" gree -t
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    environment = os.environ | {"COMMAND": COMMAND, "HOME": str(tmp_path)}
    ended = subprocess.run(
        ["bash", "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (ended.stdout, ended.stderr) == ("greeting=\n", "")


@pytest.mark.parametrize(
    ("line", "unwanted"),
    [
        ("sprocket ru", ["pysprocket.types", "pysprocket.config", "pysprocket.cli.run", "sqlite3"]),
        ("sprocket run main.wdl main.", ["pysprocket.config.files", "sqlite3", "yaml", "pysprocket.files"]),
        ("sprocket run --backend ", ["pysprocket.types", "pysprocket.backends", "importlib.metadata"]),
        ("sprocket runs show ", ["pysprocket.types.checker", "pysprocket.cli.run"]),
    ],
)
def test_a_key_press_imports_little(tmp_path, line, unwanted):
    (tmp_path / "main.wdl").write_text(DOCUMENT)
    heavy = {
        *unwanted,
        "asyncio",
        "ssl",
        "pysprocket.engine.driver",
        "pysprocket.engine.task",
        "pysprocket.backends.local",
    }
    program = (
        "import sys; from pysprocket.cli.main import main\n"
        f"main([]); print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)"
    )
    environment = os.environ | {"COMP_LINE": line, "_SPROCKET_COMPLETE": "fish_complete", "HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stderr == "[]\n"
