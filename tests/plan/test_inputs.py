"""Inputs bound to their target: types, files, calls, overrides; every problem is told."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from pysprocket.errors import InputError
from pysprocket.plan.arguments import Fetched, parse_arguments
from pysprocket.plan.inputs import BoundInputs, bind_inputs
from pysprocket.plan.paths import Staged
from pysprocket.plan.targets import infer_target
from pysprocket.types.loader import load
from pysprocket.values.model import Directory, File, Pair

TASK = """\
version 1.2
struct S { Int a String? b }
task t {
  input {
    Int n
    Int? on
    Int? od = 5
    String s = "d"
    String? os
    Float x = 1.5
    Boolean b = true
    File? f
    Array[String] a = []
    Array[Int] ai = []
    Array[Array[Int]] aai = []
    Array[File] af = []
    Map[String, Int] m = {}
    Map[String, File] mf = {}
    S? st
    Pair[Int, String]? p
    Directory? d
  }
  command <<< >>>
  parameter_meta { n: "how many" }
}
"""

MAIN = """\
version 1.2
import "sub.wdl" as lib
task leaf { input { Int k Int z = 2 String? os } command <<< >>> requirements { cpu: 1 } }
workflow main {
  input { Int a File? f }
  call leaf { k = a }
  call leaf as open
  scatter (i in [1, 2]) { call leaf as sc { k = i } }
  call lib.sub { q = 4 }
  HINTS
}
"""

SUB = """\
version 1.2
task inner { input { Int k Int z = 2 } command <<< >>> }
workflow sub { input { Int q Int y = 3 } call inner { k = q } }
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.wdl").write_text(TASK)
    Path("main.wdl").write_text(MAIN.replace("HINTS", "hints { allow_nested_inputs: true }"))
    Path("strict.wdl").write_text(MAIN.replace("HINTS", ""))
    Path("sub.wdl").write_text(SUB)
    Path("one.txt").write_text("1")
    Path("dir").mkdir()
    Path("dir/two.txt").write_text("2")


def bind(*arguments: str, document: str = "t.wdl", target: str | None = None) -> BoundInputs:
    library = load(document)
    assert not library.has_errors, [finding.message for finding in library.diagnostics]
    given = parse_arguments(arguments, target, Path.cwd())
    return bind_inputs(infer_target(library.root, target, given), given)


def bind_t(*arguments: str) -> dict[str, Any]:
    return bind("n=1", *arguments, target="t").values


def problems(*arguments: str, document: str = "t.wdl", target: str | None = "t") -> list[str]:
    with pytest.raises(InputError) as caught:
        bind(*arguments, document=document, target=target)
    return list(caught.value.problems)


# --- values ----------------------------------------------------------------------------------------------


def test_values_have_the_types_of_their_inputs():
    values = bind_t("x=3", "b=false", 'm={"k": 1}', 'p={"left": 1, "right": "x"}', 'st={"a": 1}')
    assert values == {
        "n": 1,
        "x": 3.0,
        "b": False,
        "m": {"k": 1},
        "p": Pair(1, "x"),
        "st": {"a": 1, "b": None},
    }
    assert type(values["x"]) is float


def test_one_value_for_an_array_is_an_array_of_one():
    assert bind_t("a=x", "ai=1") == {"n": 1, "a": ["x"], "ai": [1]}
    Path("lone.json").write_text('{"t.a": "x"}')
    assert bind_t("@lone.json")["a"] == ["x"]


def test_arrays_of_arrays_are_given_as_several_literals():
    assert bind_t("aai=[1]", "aai=[2]")["aai"] == [[1], [2]]


def test_text_is_as_it_was_written_even_when_it_looks_like_a_number():
    assert bind_t("s=3")["s"] == "3"
    assert bind_t("s=1.10")["s"] == "1.10"
    assert bind_t("s=true")["s"] == "true"
    assert bind_t('s="3"')["s"] == "3"
    assert bind_t("a=1.10")["a"] == ["1.10"]
    assert bind_t("a=1.10", "1e3")["a"] == ["1.10", "1e3"]
    assert bind_t("os=null")["os"] is None


def test_null_for_an_input_with_a_default_means_the_default_unless_it_may_be_none():
    assert "s" not in bind_t("s=null")
    assert bind_t("od=null")["od"] is None


def test_a_value_of_the_wrong_type_says_where_inside_it_is_wrong():
    assert problems("n=abc") == ['t.n: expected Int, found "abc"']
    assert problems("n=1", 'm={"k": "x"}') == ['t.m["k"]: expected Int, found "x"']
    assert problems('n="3"') == ['t.n: expected Int, found "3"']
    (problem,) = problems("n=9223372036854775808")
    assert "does not fit into 64 bits" in problem


def test_several_values_for_one_number_hint_at_wildcards():
    (problem,) = problems("n=1", "2", "3", "4")
    assert problem.startswith("t.n: expected Int")
    assert "4 values were given: 1 2 3 …; is a wildcard not in quotes?" in problem


def test_every_problem_is_told_at_once():
    found = problems("x=abc", "zzz=1", "f=missing.txt", "nn=3")
    assert len(found) == 5
    assert found[0].startswith("t.x: expected Float")
    assert found[1] == "t.zzz: task `t` has no input named `zzz`"
    assert found[2] == f"t.f: file `{Path.cwd()}/missing.txt` does not exist"
    assert found[3].startswith("t.nn: task `t` has no input named `nn`; did you mean `")
    assert found[4] == "t.n: required (Int) but not given: how many"


def test_null_for_a_required_input_is_a_missing_input():
    assert problems("n=null") == ["t.n: required (Int) but not given: how many"]


def test_a_refused_value_is_not_called_missing_too():
    assert len(problems("n=abc")) == 1


# --- paths -----------------------------------------------------------------------------------------------


def test_paths_are_absolute_and_start_where_they_were_written():
    Path("dir/in.json").write_text('{"t.f": "two.txt", "t.mf": {"k": "../one.txt"}}')
    values = bind_t("@dir/in.json", "af=one.txt", "d=dir/")
    here = Path.cwd()
    assert values["f"] == str(here / "dir/two.txt")
    assert values["mf"] == {"k": str(here / "one.txt")}
    assert values["af"] == [str(here / "one.txt")]
    assert values["d"] == str(here / "dir")
    assert type(values["f"]) is File
    assert type(values["d"]) is Directory


def test_a_lone_path_for_an_array_of_files_is_looked_for():
    assert problems("n=1", "af=nope.txt") == [f"t.af[0]: file `{Path.cwd()}/nope.txt` does not exist"]


def test_all_missing_files_of_one_value_are_told():
    assert len(problems("n=1", "af=nope", "one.txt", "nor.txt")) == 2
    assert len(problems("n=1", 'mf={"a": "nope", "b": "one.txt"}')) == 1


def test_what_was_meant_for_the_shell_is_told():
    assert problems("n=1", "f=~/x.txt")[0].endswith("does not exist; nobody expands `~` here: write `$HOME` instead")
    assert "the shell expands wildcards only in words of their own" in problems("n=1", "af=*.txt")[0]


def test_a_missing_file_for_an_optional_input_is_a_problem():
    assert problems("n=1", "f=nope.txt") == [f"t.f: file `{Path.cwd()}/nope.txt` does not exist"]


def test_what_reads_without_end_or_not_at_all_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    for name, what in ((f"{tmp_path}/pipe", "a pipe"), (f"{Path.cwd()}/socket", "a socket"), ("/dev/zero", "a device")):
        remedy = "; write what it gives to a file first"
        assert problems("n=1", f"f={name}") == [f"t.f: `{name}` is {what}, not a file{remedy}"]
        assert problems("n=1", f"d={name}") == [f"t.d: `{name}` is {what}, not a directory{remedy}"]
    assert bind_t("f=/dev/null")["f"] == "/dev/null"  # the empty file


def test_a_directory_is_no_file_and_a_file_no_directory():
    assert problems("n=1", "f=dir") == [f"t.f: `{Path.cwd()}/dir` is a directory, not a file"]
    assert problems("n=1", "d=one.txt") == [f"t.d: `{Path.cwd()}/one.txt` is a file, not a directory"]
    assert problems("n=1", "f=") == ["t.f: the path of a File cannot be empty"]


def test_urls_stay_as_they_are():
    assert bind_t("f=https://x.invalid/y?a=b")["f"] == "https://x.invalid/y?a=b"
    assert bind_t("af=http://x.invalid/y", "one.txt")["af"] == ["http://x.invalid/y", str(Path.cwd() / "one.txt")]


def test_urls_that_cannot_be_read_say_so():
    for url in ("s3://bucket/key", "gs://bucket/key", "az://container/blob", "ftp://x.invalid/y"):
        (problem,) = problems("n=1", f"f={url}")
        assert problem.startswith(f"t.f: `{url}`: {url.partition(':')[0]} URLs cannot be read yet")
    (problem,) = problems("n=1", "d=https://x.invalid/d")
    assert "a Directory cannot be read from a URL" in problem
    (problem,) = problems("n=1", "f=https://")
    assert "is not a URL" in problem


def test_relative_paths_in_a_file_behind_a_url_are_urls():
    def fetch(url: str) -> Fetched:
        return Fetched(b'{"t.n": 1, "t.f": "../a b#1.txt", "t.af": ["/one.txt", "https://y.invalid/z"]}', url)

    given = parse_arguments(["@https://x.invalid/d/e/in.json"], None, Path.cwd(), fetch)
    with pytest.raises(InputError) as caught:
        bind_inputs(infer_target(load("t.wdl").root, None, given), given)
    assert caught.value.problems == ("t.af[0]: file `/one.txt` does not exist (from https://x.invalid/d/e/in.json)",)
    del given.values["t.af"]
    assert bind_inputs(infer_target(load("t.wdl").root, None, given), given).values["f"] == (
        "https://x.invalid/d/a%20b%231.txt"
    )


# --- objects that describe files -------------------------------------------------------------------------


def staged(*arguments: str) -> tuple[dict[str, Any], dict[str, Staged]]:
    bound = bind("n=1", *arguments, target="t")
    return bound.values, bound.staged


def test_an_object_may_describe_a_file_and_give_it_another_name():
    here = Path.cwd()
    assert staged('f={"type": "File", "location": "one.txt"}') == ({"n": 1, "f": str(here / "one.txt")}, {})
    values, found = staged('f={"class": "File", "path": "one.txt", "basename": "x y.txt"}')
    assert values["f"] == "staged:/0/x y.txt"
    assert type(values["f"]) is File
    assert found == {"staged:/0/x y.txt": Staged("x y.txt", str(here / "one.txt"))}


def test_an_object_may_describe_a_directory_by_what_is_in_it():
    values, found = staged(
        'd={"type": "Directory", "basename": "made", "listing": ["one.txt", "dir",'
        ' {"type": "Directory", "basename": "in", "listing": [{"type": "File", "location": "https://x.invalid/a%20b"}]}]}'
    )
    here = Path.cwd()
    url = "https://x.invalid/a%20b"
    entries = (
        Staged("one.txt", str(here / "one.txt")),
        Staged("dir", str(here / "dir")),
        Staged("in", None, (Staged("a b", url),)),
    )
    assert values["d"] == "staged:/0/made"
    assert found == {"staged:/0/made": Staged("made", None, entries)}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ('f={"type": "Directory", "location": "one.txt"}', "the object describes a Directory, but a File is wanted"),
        ('f={"type": "File"}', "an object for a File needs a `location`"),
        ('f={"location": "gone.txt"}', "does not exist"),
        ('f={"location": "one.txt", "basename": "a/b"}', "`a/b` cannot be a `basename`"),
        ('f={"location": "one.txt", "secondaryFiles": []}', "an object for a File has no `secondaryFiles`"),
        ('f={"location": "one.txt", "listing": []}', "only a Directory has one"),
        ('d={"type": "Directory", "listing": ["one.txt", "one.txt"]}', "has two entries called `one.txt`"),
        ('d={"type": "Directory", "listing": [3]}', "an entry of a `listing` is"),
    ],
)
def test_an_object_that_describes_nothing_says_why(value, problem):
    assert any(problem in found for found in problems("n=1", value))


def test_a_file_url_is_a_path():
    Path("a b.txt").touch()
    assert bind_t(f"f={(Path.cwd() / 'a b.txt').as_uri()}")["f"] == str(Path.cwd() / "a b.txt")


def test_dots_after_a_link_lead_where_the_file_system_says():
    Path("link").symlink_to("dir")
    Path("x.txt").touch()
    assert bind_t("f=link/../x.txt")["f"] == str(Path.cwd() / "x.txt")
    Path("alias.txt").symlink_to("dir/two.txt")
    assert bind_t("f=alias.txt")["f"] == str(Path.cwd() / "alias.txt")


def test_a_name_of_digits_can_be_a_file():
    Path("42").touch()
    assert bind_t("f=42")["f"] == str(Path.cwd() / "42")


# --- inputs of calls -------------------------------------------------------------------------------------


def test_inputs_of_calls_are_bound_with_their_types():
    bound = bind(
        "main.a=1", "main.open.k=2", "main.leaf.os=hi", "main.sc.z=7", "main.sub.inner.z=8", document="main.wdl"
    )
    assert bound.values == {"a": 1}
    assert bound.nested == {"open.k": 2, "leaf.os": "hi", "sc.z": 7, "sub.inner.z": 8}


def test_null_for_an_input_of_a_call_with_a_default_means_the_default():
    assert bind("main.a=1", "main.open.k=2", "main.leaf.z=null", document="main.wdl").nested == {"open.k": 2}
    assert problems("a=1", "open.k=null", document="main.wdl", target="main") == [
        "main.open.k: required (Int) but not given"
    ]


def test_what_a_call_leaves_open_may_always_be_given_and_must_be():
    assert bind("main.a=1", "main.open.k=2", document="strict.wdl").nested == {"open.k": 2}
    assert problems("a=1", document="strict.wdl", target="main") == ["main.open.k: required (Int) but not given"]


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("leaf.k", "the call `leaf` sets `k` itself, so it cannot be given from outside"),
        ("leaf.zz", "task `leaf` has no input named `zz`; did you mean `z`?"),
        ("leef.z", "workflow `main` has no call named `leef`; did you mean `leaf`?"),
        ("sub.innr.z", "workflow `sub` has no call named `innr`; did you mean `inner`?"),
        ("leaf.z.y", "`leaf` is a task, so it has no call `z`"),
        ("b", "workflow `main` has no input named `b`; it has `a`, `f`"),
    ],
)
def test_what_cannot_be_given_says_why(key, problem):
    assert problems("a=1", "open.k=2", f"{key}=3", document="main.wdl", target="main") == [f"main.{key}: {problem}"]


def test_a_workflow_that_does_not_allow_nested_inputs_says_how_to():
    with pytest.raises(InputError) as caught:
        bind("main.a=1", "main.open.k=2", "main.leaf.z=3", document="strict.wdl")
    assert "does not allow inputs of its calls" in str(caught.value)
    assert caught.value.help is not None
    assert "allow_nested_inputs: true" in caught.value.help


def test_documents_of_1_0_allow_nested_inputs():
    Path("old.wdl").write_text(
        "version 1.0\ntask leaf { input { Int z = 2 } command { } }\nworkflow main { call leaf }\n"
    )
    assert bind("main.leaf.z=3", document="old.wdl").nested == {"leaf.z": 3}


# --- overrides -------------------------------------------------------------------------------------------


def test_requirements_hints_and_runtime_can_always_be_overridden():
    assert bind("t.n=1", "t.requirements.cpu=2", 't.hints.x="y"').overrides == {
        "": {"requirements": {"cpu": 2}, "hints": {"x": "y"}}
    }
    bound = bind(
        "main.a=1",
        "main.open.k=2",
        "main.leaf.runtime.memory=5",
        "main.sub.inner.requirements.cpu=3",
        document="strict.wdl",
    )
    assert bound.overrides == {"leaf": {"runtime": {"memory": 5}}, "sub.inner": {"requirements": {"cpu": 3}}}


def test_an_unknown_requirement_is_refused():
    assert problems("n=1", "requirements.memroy=1") == [
        "t.requirements.memroy: `memroy` is not a requirement; did you mean `memory`?"
    ]
    assert bind("t.n=1", "t.runtime.anything=1").overrides == {"": {"runtime": {"anything": 1}}}


def test_a_workflow_has_no_requirements():
    (problem,) = problems("a=1", "open.k=2", "requirements.cpu=1", document="main.wdl", target="main")
    assert problem.endswith("`main` is a workflow; only tasks have requirements")


def test_what_was_given_is_kept_as_data_with_absolute_paths():
    bound = bind("main.f=one.txt", "main.a=1", "main.open.k=2", "main.leaf.requirements.cpu=3", document="main.wdl")
    assert list(bound.given.items()) == [
        ("a", 1),
        ("f", str(Path.cwd() / "one.txt")),
        ("open.k", 2),
        ("leaf.requirements.cpu", 3),
    ]
    assert type(bound.given["f"]) is str


# --- targets ---------------------------------------------------------------------------------------------


def infer(text: str, target: str | None = None, *arguments: str) -> str:
    Path("x.wdl").write_text(f"version 1.2\n{text}")
    given = parse_arguments(arguments, target, Path.cwd())
    return infer_target(load("x.wdl").root, target, given).name


TWO = "task first { command <<< >>> }\ntask second { command <<< >>> }\n"


def test_the_target_is_what_was_named_or_the_workflow_or_the_only_task():
    assert infer(TWO, "second") == "second"
    assert infer(TWO, None, "first.x=1") == "first"
    assert infer(TWO + "workflow w { }") == "w"
    assert infer("task only { command <<< >>> }") == "only"


def test_a_target_that_is_not_there_suggests_the_nearest_and_lists_all():
    with pytest.raises(
        InputError, match="`frist` is not a task or workflow of the document; did you mean `first`"
    ) as caught:
        infer(TWO, "frist")
    assert caught.value.help == "it has `first`, `second`"


def test_several_tasks_without_a_workflow_need_a_target():
    with pytest.raises(InputError, match="several tasks and no workflow") as caught:
        infer(TWO)
    assert caught.value.help == "choose one with --target; it has `first`, `second`"


def test_a_document_without_targets_has_nothing_to_run():
    with pytest.raises(InputError, match="no task and no workflow"):
        infer("struct S { Int a }")


def test_half_a_character_in_a_file_of_inputs_is_refused():
    Path("half.json").write_text('{"t.n": 1, "t.s": "a\\ud800"}')
    assert problems("@half.json") == ["half.json: `\\ud800` is half a character; the other half must follow it"]
    Path("whole.json").write_text('{"t.n": 1, "t.s": "\\ud83d\\ude00"}')
    assert bind_t("@whole.json")["s"] == "\N{GRINNING FACE}"


# --- all at once, and where it stands --------------------------------------------------------------------


def test_what_is_wrong_with_words_and_with_values_is_told_together():
    assert problems("s=a[b", "n=x", "zzz=1") == [
        "`a[b` is not JSON; put text with brackets in double quotes inside single ones: '\"a[b\"'",
        't.n: expected Int, found "x"',
        "t.zzz: task `t` has no input named `zzz`",
    ]


def test_everything_wrong_inside_one_value_is_told():
    assert problems("n=1", 'st={"b": 3, "c": 1}', 'm={"a": "x", "b": 1, "c": "y"}', 'p={"left": "x", "right": []}') == [
        "t.st: struct S has no member `c`",
        't.st: member `a` of struct S is missing in {"b": 3, "c": 1}',
        't.m["a"]: expected Int, found "x"',
        't.m["c"]: expected Int, found "y"',
        't.p.left: expected Int, found "x"',
        "t.p.right: expected String, found []",
    ]


def test_a_problem_in_a_file_names_the_file():
    Path("bad.json").write_text('{"n": "x", "f": "gone.txt"}')
    assert problems("@bad.json") == [
        't.n: expected Int, found "x" (from bad.json)',
        f"t.f: file `{Path.cwd()}/gone.txt` does not exist (from bad.json)",
    ]


def test_paths_are_looked_for_at_every_depth():
    Path("deep.wdl").write_text(
        "version 1.2\nstruct S { File f Array[File?] a }\nstruct T { Map[String, S] m Pair[File, File?]? p }\n"
        "task t { input { T t Map[File, Int] k = {} Pair[Array[File], Map[String, File]]? q } command <<< >>> }\n"
    )
    Path("deep.json").write_text(
        '{"t.t": {"m": {"x": {"f": "a1", "a": ["a2", null, "one.txt"]}}, "p": {"left": "a3", "right": "a4"}},'
        ' "t.k": {"a5": 1, "one.txt": 2}, "t.q": {"left": ["a6"], "right": {"y": "a7"}}}'
    )
    found = problems("@deep.json", document="deep.wdl", target=None)
    assert [problem.partition("/a")[2][0] for problem in found] == list("1234567")
    assert [problem.partition(": ")[0] for problem in found] == [
        't.t.m["x"].f', 't.t.m["x"].a[0]', "t.t.p.left", "t.t.p.right", "t.k", "t.q.left[0]", 't.q.right["y"]'
    ]  # fmt: skip


def test_pairs_are_given_as_objects_or_as_two_elements_at_any_depth():
    Path("p.wdl").write_text(
        "version 1.2\nstruct S { Pair[Int, Array[Pair[String, Int]]] p }\n"
        "task t { input { Array[Pair[Int, S]] a Map[String, Pair[Int, Int]] m } command <<< >>> }\n"
    )
    inner = '{"p": {"left": 1, "right": [["x", 2]]}}'
    value = [Pair(1, {"p": Pair(1, [Pair("x", 2)])})]
    for given in (f'a=[{{"left": 1, "right": {inner}}}]', f"a=[[1, {inner}]]"):
        bound = bind(f"t.{given}", 't.m={"k": [1, 2]}', document="p.wdl")
        assert bound.values == {"a": value, "m": {"k": Pair(1, 2)}}
    assert bind('t.a={"left": 1, "right": ' + inner + "}", "t.m={}", document="p.wdl").values["a"] == value


def test_a_fraction_for_an_int_is_rounded_down_in_1_0_with_a_warning():
    Path("old.wdl").write_text("version 1.0\ntask t { input { Int n Array[Int] a = [] } command { } }\n")
    bound = bind("t.n=3.5", "t.a=[1.5, 2]", document="old.wdl")
    assert bound.values == {"n": 3, "a": [1, 2]}
    assert bound.warnings[0].startswith("t.n: 3.5 is rounded down")
    assert len(bound.warnings) == 2
    assert problems("n=3.5") == ["t.n: expected Int, found 3.5"]


def test_whole_numbers_are_exact_and_text_keeps_its_zeros():
    Path("n.yaml").write_text("n: 9007199254740993\ns: 007\nos: 1.10\nx: 010\n")
    assert bind("@n.yaml", target="t").values == {"n": 9007199254740993, "s": "007", "os": "1.10", "x": 10.0}
    assert bind("t.n=1", "t.a=[1.10, 1e3, true]").values["a"] == ["1.10", "1e3", "true"]
    Path("n.json").write_text('{"n": 3.0, "s": 1.10}')
    assert bind("@n.json", target="t").values == {"n": 3, "s": "1.10"}


# --- objects in files ------------------------------------------------------------------------------------


def test_an_object_for_a_call_holds_its_inputs_and_overrides():
    Path("nest.json").write_text(
        '{"main": {"a": 1, "open": {"k": 2, "requirements": {"cpu": 2}}, "sub": {"inner": {"z": 8}}}}'
    )
    bound = bind("@nest.json", "main.leaf.os=x", document="main.wdl")
    assert bound.values == {"a": 1}
    assert bound.nested == {"open.k": 2, "sub.inner.z": 8, "leaf.os": "x"}
    assert bound.overrides == {"open": {"requirements": {"cpu": 2}}}
    assert bind("@nest.json", "main.open.k=3", document="main.wdl").nested["open.k"] == 3


def test_a_struct_is_never_unfolded():
    Path("nest.json").write_text('{"t": {"n": 1, "st": {"a": 1}, "m": {"k": 1}}}')
    assert bind("@nest.json").values == {"n": 1, "st": {"a": 1, "b": None}, "m": {"k": 1}}
    (problem,) = problems("n=1", "st.a=1")
    assert problem == "t.st.a: `st` is one input (S?): give all of it as `t.st`"


def test_an_input_that_a_call_has_is_suggested_with_its_path():
    (problem,) = problems("a=1", "open.k=2", "z=3", document="main.wdl", target="main")
    assert problem == (
        "main.z: workflow `main` has no input named `z`; did you mean that of a call,"
        " `main.leaf.z` or `main.open.z` or `main.sc.z`?"
    )


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("requirements.cpu=nope", 'expected Int or Float for requirements.cpu, found "nope"'),
        ("requirements.memory=[1]", "expected Int or String for requirements.memory, found [1]"),
        ("requirements.gpu=yes", 'expected Boolean for requirements.gpu, found "yes"'),
        ("requirements.max_retries=1.5", "expected Int for requirements.max_retries, found 1.5"),
        ("requirements.maxRetries=x", 'expected Int for requirements.maxRetries, found "x"'),
        ("runtime.cpu=nope", 'expected Int or Float for runtime.cpu, found "nope"'),
    ],
)
def test_an_override_must_have_the_type_of_its_requirement(given, problem):
    key = given.partition("=")[0]
    assert problems("n=1", given) == [f"t.{key}: {problem}"]


def test_what_is_wrong_with_the_value_of_a_requirement_is_told_with_the_rest():
    given = parse_arguments(["t.requirements.cpu=0", "t.requirements.bogus=1"], None, Path.cwd())
    target = infer_target(load("t.wdl").root, None, given)
    with pytest.raises(InputError) as caught:
        bind_inputs(target, given, lambda name, value: f"{name} is {value}")
    assert [problem.partition("; ")[0] for problem in caught.value.problems] == [
        "t.requirements.cpu: cpu is 0",
        "t.requirements.bogus: `bogus` is not a requirement",
        "t.n: required (Int) but not given: how many",
    ]


def test_overrides_of_all_kinds_are_values():
    bound = bind(
        "t.n=1", "t.requirements.cpu=0.5", "t.requirements.container=a", "b", "t.runtime.queue=[1, x]".replace("x", "2")
    )
    assert bound.overrides == {
        "": {"requirements": {"cpu": 0.5, "container": ["a", "b"]}, "runtime": {"queue": [1, 2]}}
    }
    assert bind("t.n=1", "t.requirements.return_codes=*").overrides == {"": {"requirements": {"return_codes": "*"}}}
    assert bind("t.n=1", "t.requirements.cpu=null").overrides == {}


def test_inputs_for_another_target_say_so():
    Path("two.wdl").write_text(
        "version 1.2\ntask t { input { Int n } command <<< >>> }\nworkflow main { call t { n = 1 } }\n"
    )
    assert problems("main.x=1", "n=1", document="two.wdl") == ["t.main.x: it is for `main`, but the target is `t`"]


def test_what_the_template_says_is_no_value():
    Path("open.wdl").write_text(
        "version 1.2\ntask t { input { String s File f Array[String] a = [s] Map[String, String] m = {} } "
        "command <<< >>> }\n"
    )
    given = ("s=String <REQUIRED>", "f=File <REQUIRED>", 'a=["<OMITTED>"]', 'm={"k": "<OMITTED>"}')
    assert problems(*given, document="open.wdl") == [
        't.s: this is what the template says, "String <REQUIRED>"; give a value (String)',
        't.f: this is what the template says, "File <REQUIRED>"; give a value (File)',
        't.a: this is what the template says, ["<OMITTED>"]; give a value (Array[String])',
        't.m: this is what the template says, {"k": "<OMITTED>"}; give a value (Map[String, String])',
    ]
    others = ("s=String <REQUIRED", "f=one.txt", "a=Array[String] <NON-LITERAL: `[s]`>")
    assert len(problems(*others, document="open.wdl")) == 1
