"""What makes two calls the same, and what does not."""

import os

import pytest

from pysprocket.engine.cache.differences import differences
from pysprocket.engine.cache.entries import Entries
from pysprocket.engine.cache.key import Part

SAY = """
task t {
    input { String word = "a" }
    command <<< printf '%s' '~{word}' >>>
    output { String said = read_string(stdout()) }
}
"""
COUNT = """
task t {
    input { File f }
    command <<< wc -c < '~{f}' >>>
    output { Int n = read_int(stdout()) }
}
"""


def test_the_same_call_is_a_hit(call):
    first = call(SAY)
    again = call(SAY)
    assert (first.hit, again.hit) == (False, True)
    assert again.outputs == first.outputs == {"said": "a"}
    assert first.reason == "no result of the task `t` is kept"


@pytest.mark.parametrize(
    "text",
    [
        SAY.replace("output", "# a remark\n\n\n output"),
        SAY.replace('String word = "a"', 'String word="a"'),
        "task before { command <<< >>> }" + SAY,
        SAY + "workflow w { call t }",
        SAY.replace("output", 'meta { author: "x" } parameter_meta { word: "y" } output'),
        SAY.replace('"a"', '"b"'),
        SAY.replace("output", 'requirements { cpu: 2 memory: "3 GiB" max_retries: 4 } output'),
        SAY.replace("output", "hints { max_cpu: 2 preemptible: 3 short_task: true } output"),
    ],
    ids=["comment", "blanks", "other task", "workflow", "meta", "unused default", "requirements", "hints"],
)
def test_what_cannot_change_a_result_does_not_count(call, text):
    call(SAY, "word=a")
    assert call(text, "word=a").hit


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SAY.replace("printf", "printf --"), "its command has changed"),
        (SAY.replace("String said", "String talked"), "its output section has changed"),
        (SAY.replace("command", "Int x = 1 command"), "its private declarations have changed"),
        (SAY.replace("input {", "input { Int more = 1 "), "the inputs it declares have changed; input `more` is new"),
        (SAY.replace("output", "requirements { return_codes: [0, 1] } output"), "requirement `return_codes` is [0, 1]"),
        (SAY.replace("output", 'hints { own: "x" } output'), "hint `own` is new"),
        (SAY.replace("'~{word}'", '"~{word}~{task.cpu}"'), "its command has changed; `task.cpu` is new"),
    ],
)
def test_a_changed_task_runs_again_and_the_reason_says_what_changed(call, text, reason):
    call(SAY)
    answer = call(text)
    assert not answer.hit
    assert answer.reason.startswith(reason)


def test_a_changed_value_is_told_with_the_earlier_one_and_both_results_stay(call):
    call(SAY, "word=a")
    other = call(SAY, "word=b")
    assert other.reason == "input `word` is b, it was a"
    assert call(SAY, "word=a").hit
    assert call(SAY, "word=b").hit


def test_another_version_of_wdl_is_another_call(call):
    call(SAY, version="1.2")
    assert call(SAY, version="1.3").reason == "`wdl` is 1.3, it was 1.2"


def test_the_place_of_the_document_does_not_count(call):
    call(SAY, document="one/main.wdl")
    assert call(SAY, document="two/other.wdl").hit


def test_a_file_counts_by_content_and_name_and_not_by_its_directory(call, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f.txt").write_text("content")
    (tmp_path / "two" / "g.txt").write_text("content")
    call(COUNT, "f=one/f.txt")
    assert call(COUNT, "f=two/f.txt").hit
    renamed = call(COUNT, "f=two/g.txt")
    assert "but another name or other neighbours" in renamed.reason
    os.utime(tmp_path / "one" / "f.txt", (1, 1))
    assert call(COUNT, "f=one/f.txt").hit
    (tmp_path / "one" / "f.txt").write_text("CONTENT")
    changed = call(COUNT, "f=one/f.txt")
    assert not changed.hit
    assert f"input `f`: `{tmp_path}/one/f.txt` has the content" in changed.reason


def test_which_of_many_files_changed_is_told(call, tmp_path):
    text = COUNT.replace("File f", "Array[File] f").replace("'~{f}'", "'~{f[0]}'")
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(str(number))
    given = [f"f={number}.txt" for number in range(5)]
    call(text, *given)
    (tmp_path / "3.txt").write_text("x")
    assert f"`{tmp_path}/3.txt` has the content" in call(text, *given).reason


def test_files_beside_each_other_are_not_the_same_as_files_apart(call, tmp_path):
    text = COUNT.replace("File f", "File f  File g")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in "fg":
            (tmp_path / folder / name).write_text(name)
    call(text, "f=one/f", "g=one/g")
    assert call(text, "f=two/f", "g=two/g").hit
    assert not call(text, "f=one/f", "g=two/g").hit


def test_a_directory_counts_with_all_that_is_in_it(call, tmp_path):
    text = """
    task t {
        input { Directory d }
        command <<< find '~{d}' -type f | wc -l >>>
        output { Int n = read_int(stdout()) }
    }
    """
    for name in ("a", "b"):
        (tmp_path / name / "d" / "inner").mkdir(parents=True)
        (tmp_path / name / "d" / "inner" / "x").write_text("x")
        (tmp_path / name / "d" / "empty").mkdir()
    call(text, "d=a/d")
    assert call(text, "d=b/d").hit
    (tmp_path / "b" / "d" / "empty").rename(tmp_path / "b" / "d" / "void")
    assert not call(text, "d=b/d").hit


def test_the_structs_and_enums_that_a_task_uses_count_wherever_they_are_defined(call, tmp_path):
    text = """
    import "types.wdl"
    task t {
        input { Outer o = Outer { i: Inner { n: 1 } } }
        command <<< echo ~{o.i.n} >>>
        output { Int n = o.i.n }
    }
    """
    types = tmp_path / "types.wdl"
    types.write_text("version 1.3\nstruct Inner { Int n } struct Outer { Inner i } struct Other { Int a }")
    call(text)
    types.write_text("version 1.3\n# moved\nstruct Outer { Inner i } struct Inner { Int n } struct Other { Float a }")
    assert call(text).hit
    types.write_text("version 1.3\nstruct Outer { Inner i } struct Inner { Int n String? s } struct Other { Float a }")
    answer = call(text)
    assert "struct `Outer` has changed" in answer.reason
    assert "struct `Inner` has changed" in answer.reason


def test_the_order_of_a_map_counts(call):
    text = SAY.replace('String word = "a"', "Map[String, Int] m").replace("'~{word}'", "'~{keys(m)[0]}'")
    call(text.replace("Int] m", 'Int] m = {"a": 1, "b": 2}'))
    assert not call(text.replace("Int] m", 'Int] m = {"b": 2, "a": 1}')).hit


def test_numbers_and_texts_that_look_alike_are_different(call):
    text = "task t { input { Object o } command <<< >>> output { Object p = o } }"
    keys = set()
    for value in ("1", "1.0", '"1"', "true", '"true"', "null"):
        (call.directory / "in.json").write_text(f'{{"t.o": {{"x": {value}}}}}')
        assert not call(text, "@in.json", version="1.1").hit, value
        keys.add(value)
        assert call(text, "@in.json", version="1.1").hit, value


def test_requirements_count_where_the_task_reads_them(call):
    text = SAY.replace("'~{word}'", '"~{task.cpu}"').replace("output", "requirements { cpu: 1 } output")
    call(text)
    assert call(text.replace("cpu: 1", "cpu: 2")).reason == "`task.cpu` is 2.0, it was 1.0"
    assert call(text, excluded_cache_requirements=["cpu"]).hit is False
    assert call(text.replace("cpu: 1", "cpu: 3"), excluded_cache_requirements=["cpu"]).hit


def test_the_id_of_a_call_counts_where_the_task_reads_it(call):
    call(SAY, call_id="one")
    assert call(SAY, call_id="two").hit
    text = SAY.replace("'~{word}'", '"~{task.id}"')
    call(text, call_id="one")
    assert call(text, call_id="two").reason == "`task.id` is two, it was one"


def test_inputs_requirements_and_hints_can_be_left_out_of_the_key(call):
    text = SAY.replace("output", 'hints { own: "x" } output')
    left_out = {"excluded_cache_inputs": ["word"], "excluded_cache_hints": ["own"]}
    call(text, "word=a", **left_out)
    assert call(text.replace('"x"', '"y"'), "word=b", **left_out).hit
    assert not call(text, "word=c", **{**left_out, "excluded_cache_inputs": []}).hit


def test_gpus_count_unless_they_are_left_out(call):
    text = SAY.replace("output", "requirements { gpu: true } output")
    call(SAY)
    assert "requirement `gpu` is 1, it was 0" in call(text).reason
    call(SAY, excluded_cache_requirements=["gpu"])
    assert call(text, excluded_cache_requirements=["gpu"]).hit


def test_a_file_that_a_private_declaration_names_counts_by_its_content(call, tmp_path):
    text = SAY.replace("command", 'File own = "own.txt" command').replace("'~{word}'", "'~{read_string(own)}'")
    (tmp_path / "own.txt").write_text("1")
    call(text)
    assert call(text).hit
    (tmp_path / "own.txt").write_text("2")
    assert call(text).outputs == {"said": "2"}


def test_an_optional_file_that_appears_counts(call, tmp_path):
    text = SAY.replace("command", 'File? own = "own.txt" command').replace("'~{word}'", "~{defined(own)}")
    assert call(text).outputs == {"said": "false"}
    assert call(text).hit
    (tmp_path / "own.txt").write_text("1")
    assert call(text).outputs == {"said": "true"}


@pytest.mark.parametrize("where", ["command", "output"])
def test_a_file_that_is_read_in_the_command_or_output_section_counts(call, tmp_path, where):
    (tmp_path / "own.txt").write_text("1")
    read = f'read_string("{tmp_path}/own.txt")'
    text = SAY.replace("~{word}", f"~{{{read}}}") if where == "command" else SAY.replace("read_string(stdout())", read)
    assert call(text).outputs == {"said": "1"}
    assert call(text).hit
    (tmp_path / "own.txt").write_text("2")
    answer = call(text)
    assert (answer.hit, answer.outputs) == (False, {"said": "2"})
    assert answer.reason == f"its result is no longer whole: `{tmp_path}/own.txt` has changed"


def test_a_command_with_a_written_file_hits(call):
    text = SAY.replace("'~{word}'", "\"$(cat '~{write_lines([word])}')\"")
    call(text)
    assert call(text).hit


def test_the_shell_counts(call):
    call(SAY)
    assert call(SAY, shell="dash").reason == "`shell` is dash, it was bash"


# --- what may be executed, and files that the task names ---------------------------------------------------

RUN = "task t { input { File f  Directory d } command <<< ls -l '~{f}' '~{d}' >>> output { Int n = 1 } }"


@pytest.mark.parametrize("changed", ["f", "d/inner/script"])
def test_whether_a_file_may_be_executed_counts_and_other_permissions_do_not(call, tmp_path, changed):
    (tmp_path / "d" / "inner").mkdir(parents=True)
    for name in ("f", "d/inner/script"):
        (tmp_path / name).write_text("echo x")
        (tmp_path / name).chmod(0o644)
    given = "f=f", "d=d"
    call(RUN, *given)
    (tmp_path / changed).chmod(0o600)
    assert call(RUN, *given).hit
    (tmp_path / changed).chmod(0o755)
    answer = call(RUN, *given)
    assert not answer.hit
    if changed == "f":
        assert answer.reason == f"input `f`: `{tmp_path}/f` is executable, it was not"
    (tmp_path / changed).chmod(0o644)
    assert call(RUN, *given).hit, "as at first"


def test_the_executable_bit_of_a_large_file_is_remembered_by_no_digest(call, tmp_path):
    """Its digest is remembered: that does not say whether it may be executed."""
    (tmp_path / "d").mkdir()
    (tmp_path / "f").write_bytes(b"x" * 300_000)
    os.utime(tmp_path / "f", (1, 1))
    call(RUN, "f=f", "d=d")
    (tmp_path / "f").chmod(0o755)
    assert not call(RUN, "f=f", "d=d").hit
    assert call(RUN, "f=f", "d=d").hit


def test_an_output_that_may_be_executed_stays_so_or_is_not_used(call):
    text = "task t { command <<< echo x > tool; chmod 755 tool >>> output { File tool = 'tool' } }"
    first = call(text)
    assert os.access(call(text).outputs["tool"], os.X_OK)
    assert first.hit is False
    for number in (1, 2):
        (call.directory / f"run-{number}/call/attempts/0/work/tool").chmod(0o644)
    answer = call(text)
    assert not answer.hit
    assert answer.reason.endswith("tool` has changed")


NAMED = 'task t { File r = "r.txt"  command <<< cat "~{r}" >>> output { Int n = 1 } }'


def test_a_file_that_the_task_names_is_told_by_content_and_not_by_its_place(call, tmp_path):
    def written(folder, text):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "r.txt").write_text(text)
        return call(NAMED, document=f"{folder}/main.wdl")

    written("q1", "one")
    assert written("q2", "one").hit, "its place does not count"
    reason = written("q3", "two").reason
    assert reason.startswith(f"file `r.txt`: `{tmp_path}/q3/r.txt` has the content ")
    assert f", `{tmp_path}/q1/r.txt` had " in reason
    kept = {entry.origin.name: entry.parts["file r.txt (0)"] for entry in Entries(call.directory / "cache").all()}
    assert [kept[run].files[0][0] for run in ("run-1", "run-3")] == [f"{tmp_path}/{at}/r.txt" for at in ("q1", "q3")]
    assert kept["run-1"].files[0][1] != kept["run-3"].files[0][1]


@pytest.mark.parametrize(
    ("new", "old", "told"),
    [
        (
            Part('["1/r","strong:1"]', "r", (("/q/r", "strong:1"),)),
            Part('"missing"', "missing"),
            "is there, it was missing",
        ),
        (
            Part('"missing"', "missing"),
            Part('["1/r","strong:1"]', "r", (("/q/r", "strong:1"),)),
            "is missing, it was there",
        ),
        (Part('["in the image","/a"]', "/a"), Part('["in the image","/b"]', "/b"), "is /a, it was /b"),
    ],
)
def test_a_file_that_the_task_names_and_that_was_not_there_is_told(new, old, told):
    assert differences({"file r (0)": new}, {"file r (0)": old}) == [f"file `r` {told}"]


def test_values_are_told_as_a_document_has_them(call):
    text = """
    enum Color { Red, Green }
    struct P { String a  Map[String, Int] m }
    task t {
        input { P p  Pair[Int, String] q = (1, "x")  Color c = Color.Red  Array[String]? none }
        command <<< echo >>>
        output { Int n = 1 }
    }
    """
    call(text, 'p={"a": "b", "m": {"k": 2}}')
    answer = call(text, 'p={"a": "b", "m": {"k": 3}}', "c=Green")
    assert answer.reason == (
        'input `p` is P {a: "b", m: {"k": 3}}, it was P {a: "b", m: {"k": 2}}; '
        "input `c` is Color.Green, it was Color.Red"
    )
    kept = next(Entries(call.directory / "cache").all()).parts
    assert (kept["input q"].shown, kept["input none"].shown) == ('(1, "x")', "None")
