"""The call cache as a user meets it: `run` with it, and `sprocket cache`."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from pysprocket.engine.cache.call_cache import CallCache
from tests.cli.waiting import rows, wait_for, working_in

DOCUMENT = """\
version 1.3
task make {
    input { String word }
    command <<< echo '~{word}' | tee out.txt; echo x >> '~{counter}' >>>
    output { File out = "out.txt" }
    String counter = "COUNTER"
}
task count {
    input { File f }
    command <<< wc -c < '~{f}' >>>
    output { Int n = read_int(stdout()) }
}
workflow w {
    input { Array[String] words = ["a", "bb"] }
    scatter (word in words) {
        call make { word }
        call count { f = make.out }
    }
    output { Array[Int] n = count.n }
}
"""


PROGRAM = [sys.executable, "-c", "from pysprocket.cli.main import command; command()"]


@pytest.fixture
def home(tmp_path, sprocket):
    """A directory with a document and a configuration that has the cache on."""
    (tmp_path / "main.wdl").write_text(DOCUMENT.replace("COUNTER", str(tmp_path / "counter")))
    settings = '[run]\nbackend = "local"\n[run.task]\ncache = "on"\ncache_dir = "./cache"\n'
    (tmp_path / "sprocket.toml").write_text(settings)
    return tmp_path


def ran(home):
    """How often the task `make` has run."""
    counter = home / "counter"
    return len(counter.read_text().split()) if counter.exists() else 0


def listed(sprocket, *options):
    ended = sprocket("cache", "list", "--json", *options)
    assert ended.status == 0, ended.err
    return json.loads(ended.out)


def test_a_second_run_takes_everything_from_the_cache_and_needs_the_first_no_more(home, sprocket):
    first = sprocket("run", "main.wdl")
    second = sprocket("run", "main.wdl")
    assert json.loads(first.out) == json.loads(second.out) == {"w.n": [2, 3]}
    assert ran(home) == 2
    assert "from the cache" in second.err
    oldest = min((home / "out" / "runs" / "w").glob("20*"))
    shutil.rmtree(oldest)
    latest = home / "out" / "runs" / "w" / "_latest" / "calls"
    assert (latest / "make-1" / "attempts" / "0" / "work" / "out.txt").read_text() == "bb\n"
    sprocket("run", "main.wdl")
    assert ran(home) == 2


def test_a_new_item_runs_and_the_others_do_not(home, sprocket):
    sprocket("run", "main.wdl")
    ended = sprocket("run", "main.wdl", "w.words=zzz", "a", "bb")
    assert json.loads(ended.out) == {"w.n": [4, 2, 3]}
    assert ran(home) == 3


def test_no_call_cache_neither_uses_nor_keeps(home, sprocket):
    for _ in "12":
        sprocket("run", "main.wdl", "--no-call-cache")
    assert ran(home) == 4
    assert not (home / "cache").exists()


def test_with_the_cache_off_nothing_of_it_is_imported(home, sprocket):
    code = (
        "import sys; from pysprocket.cli.main import main; main(sys.argv[1:]); "
        "sys.exit(any('blake3' in name or 'engine.cache' in name for name in sys.modules))"
    )
    (home / "sprocket.toml").write_text('[run]\nbackend = "local"\n')
    ended = subprocess.run([sys.executable, "-c", code, "run", "main.wdl", "-q"], capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_what_ended_well_in_a_run_that_failed_is_kept_and_the_failure_is_not(home, sprocket):
    text = (home / "main.wdl").read_text()
    (home / "main.wdl").write_text(text.replace("<<< wc", "<<< test $(wc -c < '~{f}') != 3 || exit 7; wc"))
    for _ in "12":
        ended = sprocket("run", "main.wdl")
        assert ended.status == 1
        assert "exit code 7" in ended.err
    assert ran(home) == 2
    assert sorted(entry["call"] for entry in listed(sprocket)) == ["count-0", "make-0", "make-1"]


def test_a_result_of_a_retry_is_a_hit_at_once(home, sprocket):
    text = """\
    version 1.3
    task t {
        command <<< echo x >> HOME/tries; test ~{task.attempt} = 1 >>>
        output { Int attempt = task.attempt }
        requirements { max_retries: 2 }
    }
    """
    (home / "t.wdl").write_text(text.replace("HOME", str(home)))
    for _ in "12":
        assert json.loads(sprocket("run", "t.wdl").out) == {"t.attempt": 1}
    assert (home / "tries").read_text() == "x\n" * 2


def test_a_moved_document_hits(home, sprocket):
    sprocket("run", "main.wdl")
    (home / "elsewhere").mkdir()
    (home / "main.wdl").rename(home / "elsewhere" / "other.wdl")
    sprocket("run", "elsewhere/other.wdl")
    assert ran(home) == 2


# --- list, explain, clean ----------------------------------------------------------------------------------


def test_list_shows_what_is_kept_and_whether_it_is_usable(home, sprocket):
    assert sprocket("cache", "list").out == "No results are kept.\n"
    sprocket("run", "main.wdl")
    sprocket("run", "main.wdl")
    facts = {each["call"]: each for each in listed(sprocket)}
    assert sorted(facts) == ["count-0", "count-1", "make-0", "make-1"]
    assert [facts["make-1"][name] for name in ("task", "hits", "size", "usable")] == ["make", 1, 6, True]
    assert {each["call"] for each in listed(sprocket, "--task", "count")} == {"count-0", "count-1"}
    for run in (home / "out" / "runs" / "w").glob("20*"):
        (run / "calls" / "make-0" / "attempts" / "0" / "work" / "out.txt").unlink()
    table = sprocket("cache", "list").out
    assert "no: `" in table
    assert "1 cannot be used" in table


def test_explain_tells_why_each_call_of_a_run_was_cached_or_not(home, sprocket):
    assert "holds nothing of any run" in sprocket("cache", "explain").err
    sprocket("run", "main.wdl")
    assert sprocket("cache", "explain").out.count("no result of the task") == 4
    sprocket("run", "main.wdl", "w.words=a", "new")
    first, *lines = sprocket("cache", "explain").out.splitlines()
    assert first.startswith("run ")
    assert lines[0].startswith("count-0: cached, from ")
    assert lines[1].startswith("count-1: ran: input `f`: `")
    assert lines[2].startswith("make-0: cached, from ")
    assert lines[3] == "make-1: ran: input `word` is new, it was bb"
    by_path = sprocket("cache", "explain", "out/runs/w/_latest", "make-1")
    assert "input word: new" in by_path.out
    assert "usable: yes" in by_path.out
    (data,) = json.loads(sprocket("cache", "explain", "out/runs/w/_latest", "make-1", "--json").out)
    assert data["parts"]["input word"]["shown"] == "new"
    assert data["cached"] is False
    wrong = sprocket("cache", "explain", "no-such-run")
    assert (wrong.status, "holds nothing of the run `no-such-run`" in wrong.err) == (1, True)
    assert "there are `count-0`" in sprocket("cache", "explain", "out/runs/w/_latest", "nothing").err


@pytest.mark.parametrize("way", ["hint", "option"])
def test_explain_without_a_run_is_about_the_newest_or_says_that_nothing_of_it_is_kept(home, sprocket, way):
    sprocket("run", "main.wdl")
    older = json.loads(sprocket("runs", "list", "--json").out)[0]["name"]
    if way == "hint":
        text = (home / "main.wdl").read_text().replace("output {", "hints { cacheable: false }  output {", 2)
        (home / "main.wdl").write_text(text)
    sprocket("run", "main.wdl", *(["--no-call-cache"] if way == "option" else []))
    newer = json.loads(sprocket("runs", "list", "--json").out)[0]["name"]
    ended = sprocket("cache", "explain")
    assert (ended.status, ended.out) == (1, "")
    assert f"holds nothing of the newest run, `{newer}`" in ended.err
    assert f"`sprocket cache explain {older}`" in ended.err
    assert sprocket("cache", "explain", older).out.startswith(f"run {older}, ")


def test_explain_without_a_run_knows_a_newer_one_in_another_output_directory(home, sprocket):
    sprocket("run", "main.wdl")
    sprocket("run", "main.wdl", "-o", "other", "w.words=new")
    assert "make-0: ran: input `word` is new" in sprocket("cache", "explain").out
    sprocket("run", "main.wdl", "w.words=newest")
    assert "make-0: ran: input `word` is newest" in sprocket("cache", "explain").out


def test_explain_tells_that_the_place_a_result_is_from_is_gone(home, sprocket):
    for _ in "12":
        sprocket("run", "main.wdl")
    assert "gone" not in sprocket("cache", "explain").out
    shutil.rmtree(min((home / "out" / "runs" / "w").glob("20*")))
    lines = sprocket("cache", "explain").out.splitlines()[1:]
    assert len(lines) == 4
    assert all(": cached, from " in line and line.endswith("/attempts/0, which is gone") for line in lines)


def test_clean_counts_damaged_entries(home, sprocket):
    sprocket("run", "main.wdl")
    for entry in list((home / "cache").rglob("*.json"))[:2]:
        entry.write_text("x" * 250)
    assert sprocket("cache", "clean", "--unusable").out == "removed 2 entries, 500 B freed\n"
    assert len(listed(sprocket)) == 2


def test_explain_finds_a_run_by_paths_as_other_commands_do(home, sprocket):
    """Also through a link to the output directory, whose name the cache has."""
    (home / "elsewhere").mkdir()
    (home / "out").symlink_to("elsewhere")
    names = []
    for words in (["a"], ["a", "b"]):
        sprocket("run", "main.wdl", f"w.words={words[0]}", *words[1:])
        names.append(json.loads(sprocket("runs", "list", "--json").out)[0]["name"])
    older, newer = sorted((home / "elsewhere" / "runs" / "w").glob("20*"))

    def explained(path):
        ended = sprocket("cache", "explain", str(path), "-c", str(home / "sprocket.toml"))
        assert ended.status == 0, ended.err
        return ended.out.split(",")[0].removeprefix("run "), ended.out.count("\n") - 1

    for path in (".", "out", "out/runs/w", home / "elsewhere", newer, "out/runs/w/_latest/calls/make-1"):
        assert explained(path) == (names[1], 4), path
    for path in (older, older / "outputs.json", older / "calls" / "count-0" / "attempts" / "0" / "stdout"):
        assert explained(path) == (names[0], 2), path
    os.chdir(older / "calls" / "make-0" / "attempts" / "0" / "work")
    assert explained(".") == (names[0], 2)


def test_a_path_in_a_run_of_which_nothing_is_kept_means_no_other_run(home, sprocket):
    sprocket("run", "main.wdl")
    sprocket("run", "main.wdl", "--no-call-cache")
    for path in ("out/runs/w/_latest", "out/runs/w/_latest/outputs.json"):
        ended = sprocket("cache", "explain", path)
        assert (ended.status, ended.out) == (1, "")
        assert f"holds nothing of a run in `{path}`" in ended.err


def test_clean_removes_what_it_is_told_to(home, sprocket):
    sprocket("run", "main.wdl")
    assert sprocket("cache", "clean").status == 2
    assert "not a time span" in sprocket("cache", "clean", "--older-than", "soon").err
    assert sprocket("cache", "clean", "--older-than", "1h", "--unusable").out == "removed 0 entries, 0 B freed\n"
    (home / "out/runs/w/_latest/calls/make-0/attempts/0/work/out.txt").write_text("other")
    assert sprocket("cache", "clean", "--unusable").out.startswith("removed 1 entry, ")
    for entry in (home / "cache").rglob("*.json"):
        if "count" in str(entry):
            os.utime(entry, (time.time() - 8000, time.time() - 8000))
    assert sprocket("cache", "clean", "--older-than", "2h").out.startswith("removed 2 entries, ")
    assert sprocket("cache", "clean", "--all").out.startswith("removed 1 entry, ")
    assert listed(sprocket) == []
    assert (home / "out/runs/w/_latest/calls/make-1/attempts/0/work/out.txt").exists()


def test_clean_all_forgets_digests(home, sprocket):
    (home / "large").write_bytes(b"x" * 300_000)
    os.utime(home / "large", (1, 1))
    sprocket("run", "main.wdl", "-t", "count", "f=large")
    assert sprocket("cache", "clean", "--all").out.endswith("forgot the digests of 1 file\n")


# --- several processes, and kills --------------------------------------------------------------------------


def test_runs_at_the_same_time_share_a_cache(home, sprocket):
    command = [*PROGRAM, "run", "main.wdl", "-q", "w.words=a", *"bcdefgh"]
    processes = [
        subprocess.Popen([*command, "-o", f"out-{number}"], cwd=home, stdout=subprocess.DEVNULL) for number in range(3)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert all(each["usable"] for each in listed(sprocket))
    before = ran(home)
    assert json.loads(sprocket("run", "main.wdl", "w.words=a", *"bcdefgh").out) == {"w.n": [2] * 8}
    assert ran(home) == before


def test_an_engine_that_is_killed_at_any_moment_leaves_a_cache_that_is_right(home, sprocket):
    """Each run is killed when a little more has run than in the one before; then one runs to its end."""
    words = [f"w{number}" for number in range(12)]
    command = [*PROGRAM, "run", "main.wdl", "-q", f"w.words={words[0]}", *words[1:]]
    for number in range(6):
        process = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        enough = ran(home) + number
        wait_for(lambda: ran(home) >= enough or process.poll() is not None)  # noqa: B023 - it is over in this turn
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_for(lambda: not working_in(home))
    ended = sprocket("run", "main.wdl", f"w.words={words[0]}", *words[1:])
    assert json.loads(ended.out) == {"w.n": [len(word) + 1 for word in words]}
    assert all(each["usable"] for each in listed(sprocket))
    before = ran(home)
    assert json.loads(sprocket("run", "main.wdl", f"w.words={words[0]}", *words[1:]).out) == json.loads(ended.out)
    assert ran(home) == before


def test_a_run_that_is_left_while_its_results_are_being_kept_is_complete(home, sprocket, monkeypatch):
    async def leave(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(CallCache, "__aexit__", leave)
    assert sprocket("run", "main.wdl").status == 130
    assert rows(home, "SELECT status FROM runs") == [("completed",)]


def test_with_v_the_run_itself_tells_why_a_task_runs(home, sprocket):
    sprocket("run", "main.wdl")
    told = sprocket("run", "main.wdl", "-v", "w.words=a", "new").err
    assert "make-1: not in the call cache: input `word` is new, it was bb" in told
    assert "not in the call cache" not in sprocket("run", "main.wdl", "w.words=a", "newer").err


def test_results_of_a_resumed_run_are_kept_also_of_tasks_that_had_begun_before(home, sprocket):
    text = (home / "main.wdl").read_text()
    (home / "main.wdl").write_text(text.replace("<<< echo", "<<< sleep 0.2; echo"))
    (home / "sprocket.toml").write_text(
        (home / "sprocket.toml").read_text().replace('backend = "local"', 'backend = "two"')
        + '[run.backends.two]\ntype = "local"\ncpu = 2\n'
    )
    command = [*PROGRAM, "run", "main.wdl", "-q", "w.words=a", *"bcdefghij"]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: ran(home) >= 3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    resumed = sprocket("resume", "-q")
    assert json.loads(resumed.out) == {"w.n": [2] * 10}, resumed.err
    before = ran(home)
    assert before == 10
    assert json.loads(sprocket("run", "main.wdl", "w.words=a", *"bcdefghij").out) == {"w.n": [2] * 10}
    assert ran(home) - before <= 2, "only those whose end was seen, and nothing more, when the engine was killed"


def test_a_result_that_is_not_kept_to_be_safe_is_a_remark_and_no_warning(home, sprocket):
    """The input is as it was, but its times do not prove that for the moment before the engine was killed."""
    (home / "f").write_text("x")
    (home / "slow.wdl").write_text(
        DOCUMENT.replace("<<< wc", f"<<< touch {home}/up; until [ -e {home}/go ]; do sleep 0.02; done; wc")
    )
    command = [*PROGRAM, "run", "slow.wdl", "-t", "count", "f=f", "-q"]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for((home / "up").exists)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.1)
    os.utime(home / "f", (1, 1))
    (home / "go").touch()
    resumed = sprocket("resume", "-q")
    assert (json.loads(resumed.out), resumed.err) == ({"count.n": 1}, "")
    log = (home / "out" / "runs" / "count" / "_latest" / "output.log").read_text()
    assert f"the result of `count` is not kept in the call cache: `{home}/f` may have changed" in log
    assert "warning" not in log.lower()
    assert listed(sprocket) == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_directory_swapped_between_a_kill_and_resume_gives_no_wrong_result_later(home, sprocket, end):
    """All files are older than the attempt: only which file it is tells that it is another one."""
    text = (home / "sprocket.toml").read_text()
    (home / "sprocket.toml").write_text(text.replace("[run]\n", '[run]\non_terminate = "detach"\n'))
    for name in ("old", "newer"):
        (home / name).mkdir()
        (home / name / "f").write_text(name)
    (home / "d").symlink_to("old")
    slow = "<<< n=$(wc -c < '~{f}'); touch HOME/up; until [ -e HOME/go ]; do sleep 0.02; done; echo $n #"
    (home / "slow.wdl").write_text(DOCUMENT.replace("<<< wc", slow.replace("HOME", str(home))))
    arguments = ["slow.wdl", "-t", "count", "f=d/f", "-q"]
    process = subprocess.Popen([*PROGRAM, "run", *arguments], cwd=home, stdout=subprocess.DEVNULL)
    wait_for((home / "up").exists)
    process.send_signal(end)
    process.wait()
    (home / "d").unlink()
    (home / "d").symlink_to("newer")
    (home / "go").touch()
    assert json.loads(sprocket("resume", "-q").out) == {"count.n": 3}, "what the task has seen"
    assert listed(sprocket) == []
    assert json.loads(sprocket("run", *arguments).out) == {"count.n": 5}
    assert json.loads(sprocket("run", *arguments).out) == {"count.n": 5}
    assert [(each["hits"], each["usable"]) for each in listed(sprocket)] == [(1, True)]
