"""Inputs bound to their target: types, files, calls, overrides; every problem is told."""

from pathlib import Path
from typing import Any

import pytest

from pysprocket.errors import InputError
from pysprocket.plan.inputs import BoundInputs, bind_inputs, infer_target, parse_arguments
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
    assert problems("n=1", "af=nope.txt") == [f"t.af: file `{Path.cwd()}/nope.txt` does not exist"]


def test_all_missing_files_of_one_value_are_told():
    assert len(problems("n=1", "af=nope", "one.txt", "nor.txt")) == 2
    assert len(problems("n=1", 'mf={"a": "nope", "b": "one.txt"}')) == 1


def test_a_missing_file_for_an_optional_input_is_a_problem():
    assert problems("n=1", "f=nope.txt") == [f"t.f: file `{Path.cwd()}/nope.txt` does not exist"]


def test_a_directory_is_no_file_and_a_file_no_directory():
    assert problems("n=1", "f=dir") == [f"t.f: `{Path.cwd()}/dir` is a directory, not a file"]
    assert problems("n=1", "d=one.txt") == [f"t.d: `{Path.cwd()}/one.txt` is a file, not a directory"]
    assert problems("n=1", "f=") == ["t.f: the path of a File cannot be empty"]


def test_urls_stay_as_they_are():
    for url in ("https://x.invalid/y", "s3://bucket/key", "gs://bucket/key", "az://container/blob"):
        assert bind_t(f"f={url}")["f"] == url


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
        ("b", "workflow `main` has no input named `b`"),
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
