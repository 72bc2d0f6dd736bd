"""The report of a run: what is told, and that nothing in a run can break the page."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from pysprocket.backends.job import Resources, Usage
from pysprocket.engine.events import Status
from pysprocket.errors import OutputDirectoryError
from pysprocket.records.history import History
from pysprocket.records.report.page import write_report
from tests.records.report_runs import NOW, Page, Story, out_of_memory, page_of

DOCUMENT = """
version 1.1
task align { input { Int i } command <<< >>> output { Int o = i } }
task merge { input { Array[Int] all } command <<< >>> output { Int o = 1 } }
workflow main {
  scatter (i in range(3)) { call align { input: i } }
  call merge { input: all = align.o }
}
"""


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "out")


def data_of(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    data: dict[str, Any] = json.loads(text)
    return data


def tiles(page: Page) -> dict[str, str]:
    texts = page.text().split("\n")
    names = ("Task calls", "Attempts", "From the cache", "Wall time", "CPU time", "CPUs in use", "Peak memory")
    return {name: texts[texts.index(name) + 1] for name in names}


def test_a_page_tells_which_run_it_is_about(story):
    page = Page(story.starts(documents={"file:///x/main.wdl": DOCUMENT}).runs_call("align-0", 1, 9).ends(12.5).page())
    text = page.text()
    for expected in ("amber-otter-3fa2c1", "completed", "main", "/x/main.wdl", "local", "12 s"):
        assert expected in text
    assert str(story.output / "runs/main") in text
    assert "sprocket resume" not in text


def test_the_tiles_count_calls_retries_and_resources(story):
    story.starts().calls("align-0").tries("align-0", 0, 2, exit_code=1, error="exit code 1")
    story.tries("align-0", 2, 4, number=1).call_ends("align-0", 4)
    story.runs_call("align-1", 0, 4, usage=Usage(cpu_seconds=2.0, memory_peak=1024**3)).ends(4)
    shown = tiles(Page(story.page()))
    assert shown == {
        "Task calls": "2",
        "Attempts": "3",
        "From the cache": "0",
        "Wall time": "4.0 s",
        "CPU time": "4.0 s",
        "CPUs in use": "50 %",
        "Peak memory": "1 GiB",
    }


def test_the_data_of_the_timeline_has_each_attempt_of_each_call(story):
    story.starts().calls("align-0").tries("align-0", 1, 2, created=0, exit_code=7, error="exit code 7")
    story.tries("align-0", 2, 4, number=1).call_ends("align-0", 4).ends(4)
    data = data_of(story.page())
    failed, completed = (data["states"].index(word) for word in ("failed", "completed"))
    ((call,),) = data["groups"]
    assert call[:4] == ["align-0", completed, 0, 4000]
    assert [attempt[:6] for attempt in call[4]] == [
        [0, failed, 0, 1000, 2000, 7],
        [1, completed, 2000, 2000, 4000, 0],
    ]


def test_sub_workflows_come_before_what_they_call(story):
    story.starts().calls("prepare-0", kind="workflow", target="prepare").runs_call("merge", 0.5, 1)
    story.runs_call("prepare-0/trim", 0, 1).runs_call("prepare-1/trim", 1, 2).call_ends("prepare-0", 2).ends(3)
    groups = data_of(story.page())["groups"]
    assert [[call[0] for call in group] for group in groups] == [
        ["prepare-0"],
        ["prepare-0/trim", "prepare-1/trim"],
        ["merge"],
    ]


def test_a_failure_is_told_with_all_that_is_known(story):
    stderr = "\n".join(f"line {number}" for number in range(30))
    story.starts().fails_call(
        "align-1", 0, 2, exit_code=137, error="it ran out of memory", failure=out_of_memory(), stderr=stderr
    )
    page = Page(story.ends(3, Status.FAILED, error="task `align` failed: it ran out of memory").page())
    text = page.text()
    for expected in ("align-1", "it ran out of memory", "out of memory", "137", "oom-kill event", "4711", "node7"):
        assert expected in text
    assert "line 29" in text
    assert "line 3\n" not in text
    assert str(story.output / "runs/main") in text
    assert text.count("it ran out of memory") == 1


def test_a_failure_whose_files_are_gone_is_told_from_the_records(story):
    page = Page(story.starts().fails_call("align", 0, 2).ends(3, Status.FAILED, error="it failed").page())
    assert "task `align` (call `align`) failed: exit code 3" in page.text()


def test_a_sub_workflow_is_not_blamed_for_what_it_called(story):
    story.starts().calls("sub", kind="workflow", target="sub").fails_call("sub/align", 0, 1)
    page = Page(story.call_ends("sub", 1, Status.FAILED, error="x").ends(1, Status.FAILED, error="x").page())
    assert "1 call failed." in page.text()


def test_of_very_many_failures_the_rest_is_only_named(story):
    story.starts()
    for number in range(40):
        story.fails_call(f"align-{number}", 0, 1)
    text = Page(story.ends(1, Status.FAILED, error="x").page()).text()
    assert "15 more calls failed" in text
    assert "align-39" in text


def test_an_interrupted_run_says_how_to_go_on(story):
    page = Page(story.starts().runs_call("align", 0, 1).ends(2, Status.CANCELED, error="interrupted by SIGTERM").page())
    assert "interrupted" in page.text()
    assert f"sprocket resume amber-otter-3fa2c1 -o {story.output}" in page.text()


def test_a_run_whose_process_died_has_unfinished_calls(story):
    page = story.starts().calls("align").tries("align", 1).page()
    assert "died" in Page(page).text()
    assert "1 unfinished" in Page(page).text()
    assert "sprocket resume" in Page(page).text()


def test_a_running_run_is_told_as_running(story):
    with story.alive():
        page = story.starts().calls("align-0").tries("align-0", 1).calls("align-1").page()
    text = Page(page).text()
    assert "Running for" in text
    assert "2 running" in text
    assert "sprocket resume" not in text


def test_the_time_between_interruption_and_resumption_is_left_out(story):
    story.starts().runs_call("align-0", 0, 10).ends(10, Status.CANCELED, error="interrupted")
    page = story.resumes(50_000).runs_call("align-1", 50_000, 50_020).ends(50_020).page()
    assert "left out: interrupted for 13 h 53 min" in Page(page).text()
    (first, second) = data_of(page)["segments"]
    assert (first[0], first[1], second[0], second[1]) == (0, 10_000, 49_990_000 + 10_000, 50_020_000)
    assert first[3] * 1.9 < second[3] < first[3] * 2.1


def test_cached_calls_name_their_origin(story):
    page = Page(story.starts().takes_from_cache("align", 1, "/elsewhere/attempts/0").ends(2).page())
    assert tiles(page)["From the cache"] == "1"
    assert tiles(page)["Attempts"] == "0"
    assert "/elsewhere/attempts/0" in page.text()


def test_a_task_that_asks_for_ten_times_what_it_uses_is_hinted_at(story):
    asked = Resources(cpu=1, memory=32 * 1024**3)
    story.starts().runs_call("big", 0, 9, resources=asked).runs_call("small", 0, 9, resources=Resources())
    text = Page(story.ends(9).page()).text()
    assert "asks for 32 GiB of memory and never used more than 50 MiB" in text
    assert text.count("never used more") == 1


def test_cpus_that_are_not_used_are_hinted_at(story):
    story.starts().runs_call("idle", 0, 60, resources=Resources(cpu=16, memory=50 * 1024**2))
    text = Page(story.ends(60).page()).text()
    assert "asks for 16 CPUs and kept at most 0.02 busy" in text
    assert "that is close" in text


def test_the_graph_has_calls_that_did_not_run(story):
    story.starts(documents={"file:///x/main.wdl": DOCUMENT}).runs_call("align-0", 0, 1).fails_call("align-1", 0, 1)
    page = Page(story.ends(1, Status.FAILED, error="x").page())
    assert "1 completed · 1 failed" in page.text()
    assert "merge: calls task merge: not run" in page.text()
    assert "align: calls task align, in a scatter: 1 completed · 1 failed" in page.text()


def test_a_run_without_calls_has_a_page(story):
    page = Page(story.starts().ends(0, outputs={"main.x": 1}).page())
    assert "nothing was called" in page.text()
    assert "Timeline" not in page.text()


def test_a_task_that_is_run_by_itself_has_a_page(story):
    story.starts(kind="task", target="align").calls("", target="align").tries("", 0, 1).call_ends("", 1)
    page = story.ends(1).page()
    assert data_of(page)["groups"][0][0][0] == "align"
    assert "Graph of calls" not in Page(page).text()


def test_a_run_that_sprocket_recorded_has_a_page(story):
    path = story.starts().record()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM run_documents")
        connection.execute("DELETE FROM run_sessions")
        connection.execute("DELETE FROM run_details")
        connection.execute(
            "INSERT INTO tasks (name, run_id, status, exit_status, created_at, started_at, completed_at) VALUES"
            " ('align-0-abc', 1, 'completed', 0, '2026-11-21 09:44:10', '2026-11-21 09:44:11', '2026-11-21 09:44:12')"
        )
    connection.close()
    page = Page(page_of(path))
    assert tiles(page)["Task calls"] == "1"
    assert "Graph of calls" in page.text()


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202e\"'`&amp;"


def test_nothing_in_a_run_can_break_the_page(story):
    story.starts(
        name=HOSTILE,
        target=HOSTILE,
        source=f"file:///{HOSTILE}",
        backend=HOSTILE,
        inputs={HOSTILE: [HOSTILE, "$title ${body}"]},
    )
    story.calls("align", target=HOSTILE).tries("align", 0, 1, error=HOSTILE, exit_code=1, stderr=HOSTILE)
    story.call_ends("align", 1, Status.FAILED, error=HOSTILE)
    story.calls(f"a{HOSTILE.replace('/', '')}-0").runs_call("b-0", 0, 1)
    text = story.ends(2, Status.FAILED, error=HOSTILE).page()
    page = Page(text)
    assert [attributes.get("type") for attributes in page.select(lambda tag, _: tag == "script")] == [
        "application/json",
        None,
    ]
    assert not page.select(lambda tag, attributes: tag == "img" or any(name.startswith("on") for name in attributes))
    assert "alert(1)" in page.text()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text)


def test_secrets_in_urls_are_not_shown(story):
    url = "https://me:pass1word@host/x.bam?X-Amz-Signature=s3cret&part=2#frag"
    story.starts(inputs={"main.f": url, "main.a": [{"deep": url}]})
    story.fails_call("align", 0, 1, error=f"cannot read {url}", stderr=f"curl: {url} failed")
    text = story.ends(1, Status.FAILED, error=f"no {url}").page()
    assert "https://host/x.bam?X-Amz-Signature=***" in text
    for secret in ("pass1word", "s3cret"):
        assert secret not in text


def test_a_page_refers_to_nothing_else(story):
    text = story.starts(documents={"file:///x/main.wdl": DOCUMENT}).fails_call("align-0", 0, 1).ends(1).page()
    assert [link for link in Page(text).references if not link.startswith("#")] == []
    assert not re.search(r"@import|url\(|https?://", text)


def test_ten_thousand_calls_are_a_small_page(story):
    story.starts(documents={"file:///x/main.wdl": DOCUMENT})
    for number in range(10_000):
        story.runs_call(f"align-{number}", number / 100, number / 100 + 30)
    text = story.ends(200).page()
    assert len(text.encode()) < 2_000_000
    assert len(Page(text).attributes) < 500
    assert len(data_of(text)["groups"][0]) == 10_000


def test_of_still_more_calls_the_failed_and_the_longest_have_details(story, monkeypatch):
    monkeypatch.setattr("pysprocket.records.report.timeline.MOST_ROWS", 3)
    story.starts().fails_call("align-0", 0, 1)
    for number in range(1, 6):
        story.runs_call(f"align-{number}", 0, 10 * number)
    page = story.ends(60).page()
    assert {call[0] for call in data_of(page)["groups"][0]} == {"align-0", "align-4", "align-5"}
    assert "Of 6 calls" in Page(page).text()


def test_the_file_is_replaced_as_a_whole(story, tmp_path):
    path = story.starts().ends(1).record()
    report = tmp_path / "report.html"
    report.write_text("old")
    with History(path) as history:
        write_report(history, history.runs(1)[0], report)
        with pytest.raises(OutputDirectoryError):
            write_report(history, history.runs(1)[0], tmp_path / "missing" / "report.html")
    assert report.read_text().startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_times_do_not_depend_on_the_second_in_which_an_attempt_was_created(story):
    story.starts(time=NOW + 0.75).calls("align", 0.8).tries("align", 0.9, 1.5, created=0.8).call_ends("align", 1.5)
    ((call,),) = data_of(story.ends(2).page())["groups"]
    assert call[4][0][2:5] == [50, 150, 750]
