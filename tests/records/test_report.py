"""The report of a run: what is told, and that nothing in a run can break the page."""

import json
import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from pysprocket.backends.job import Resources, Usage
from pysprocket.engine.events import Status
from pysprocket.engine.failures import FailureKind
from pysprocket.records.history import History
from pysprocket.records.report.page import report_page
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


def test_a_task_that_uses_a_little_more_memory_than_it_asks_for_is_told_both(story):
    usage = Usage(cpu_seconds=1.0, memory_peak=4 * 1024**3 + 4096)
    text = Page(story.starts().runs_call("align", 0, 1, usage=usage).ends(1).page()).text()
    assert "used 4,294,971,392 bytes of memory, more than the 4,294,967,296 bytes that it asks for" in text


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


def test_the_page_of_a_run_is_one_document(story):
    path = story.starts().ends(1).record()
    with History(path) as history:
        page = report_page(history, history.runs(1)[0])
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("</html>") == 1


def test_times_do_not_depend_on_the_second_in_which_an_attempt_was_created(story):
    story.starts(time=NOW + 0.75).calls("align", 0.8).tries("align", 0.9, 1.5, created=0.8).call_ends("align", 1.5)
    ((call,),) = data_of(story.ends(2).page())["groups"]
    assert call[4][0][2:5] == [50, 150, 750]


# --- pauses, colours and names --------------------------------------------------------------------------------


def given_up(story: Story, call_id: str = "align-0") -> Story:
    """A call that failed after 2 s, and was cancelled 6 s later, in the pause before its next try."""
    story.calls(call_id, 0).tries(call_id, 1, 2, created=0, exit_code=9, error="exit code 9", stderr="no index")
    return story.call_ends(call_id, 8, Status.CANCELED, error="it was cancelled", failure=FailureKind.CANCELLED)


def test_a_pause_between_two_attempts_is_part_of_the_row(story):
    story.starts().calls("align").tries("align", 1, 2, created=0, exit_code=7, error="exit code 7")
    story.tries("align", 8, 9, number=1, created=7).call_ends("align", 9).ends(9)
    text = story.page()
    ((call,),) = data_of(text)["groups"]
    assert call[2:4] == [0, 9000]
    assert call[5] == [[2000, 7000]]
    assert "pausing before another try" in Page(text).text()


def test_a_pause_in_which_a_call_is_cancelled_lasts_until_then(story):
    text = given_up(story.starts()).ends(8, Status.CANCELED, error="SIGTERM").page()
    ((call,),) = data_of(text)["groups"]
    assert call[5] == [[2000, 8000]]


def test_a_call_without_retries_has_no_pause(story):
    story.starts().fails_call("align-0", 0, 2).runs_call("align-1", 0, 3)
    text = story.ends(4, Status.FAILED, error="x").page()
    assert {len(call) for call in data_of(text)["groups"][0]} == {5}
    assert "pausing" not in Page(text).text()


def test_a_call_that_pauses_now_waits(story):
    story.starts(time=time.time() - 5).calls("align", time.time() - NOW - 4)
    story.tries("align", time.time() - NOW - 3, time.time() - NOW - 2, exit_code=7, error="exit code 7")
    path = story.record()
    with story.alive():
        data = data_of(page_of(path))
    ((call,),) = data["groups"]
    assert data["states"][call[1]] == "waiting"
    ((start, end),) = call[5]
    assert start < end == data["now"]


def test_failures_of_calls_that_were_cancelled_in_their_pause_are_told(story):
    text = Page(given_up(story.starts()).ends(8, Status.CANCELED, error="interrupted").page()).text()
    assert "1 call had failed and would have been tried again, but the run ended before." in text
    for expected in ("exit code 9", "no index", "0; cancelled before the next"):
        assert expected in text
    assert "1 call failed." not in text


def test_calls_that_failed_for_good_are_told_before_those_that_were_given_up(story):
    given_up(story.starts(), "align-0").fails_call("align-1", 0, 3)
    page = Page(story.ends(8, Status.FAILED, error="x").page())
    told = [text for element, text in page.texts if element == "span" and text.startswith("align-")]
    assert told[:2] == ["align-1", "align-0"]
    assert "1 call failed. 1 call had failed and would have" in page.text()


def fills(page: str, row: int = 0) -> list[str]:
    """The colours of the shapes of a row, in the order in which they are drawn."""
    svg = re.findall(r'class="track band">(.*?)</svg>', page, re.DOTALL)[row]
    return re.findall(r'<path d="[^"]*" class="([^"]*)"', svg)


def test_the_row_of_many_calls_has_the_colours_of_how_they_ended(story):
    story.starts().fails_call("bad-0", 0, 2).fails_call("bad-1", 0, 2)
    story.runs_call("good-0", 0, 2).runs_call("good-1", 0, 3).fails_call("mixed-0", 0, 2).runs_call("mixed-1", 0, 3)
    page = story.ends(4, Status.FAILED, error="x").page()
    ran = [[fill for fill in fills(page, row) if fill != "waiting-fill"] for row in range(3)]
    assert ran == [["failed-fill"], ["completed-fill"], ["completed-fill", "failed-fill"]]


def test_the_row_of_many_sub_workflows_shows_those_that_failed(story):
    story.starts()
    for number, status in enumerate((Status.COMPLETED, Status.FAILED)):
        story.calls(f"sub-{number}", kind="workflow", target="sub").call_ends(f"sub-{number}", 2, status)
    page = story.ends(2, Status.FAILED, error="x").page()
    assert fills(page) == ["workflow-fill completed-fill", "workflow-fill failed-fill"]


def test_areas_of_a_row_lie_upon_each_other(story):
    story.starts()
    for number in range(3):
        story.runs_call(f"align-{number}", 0, 10)
    page = story.fails_call("align-3", 0, 10).ends(10, Status.FAILED, error="x").page()
    svg = re.search(r'class="track band">(.*?)</svg>', page, re.DOTALL)
    assert svg is not None
    heights = {
        fill: 100 - min(float(height) for height in re.findall(r"V([\d.]+)", path.rpartition("V")[0]))
        for path, fill in re.findall(r'<path d="([^"]*)" class="(\w+)-fill"', svg[1])
        if fill != "waiting"
    }
    assert heights["completed"] == pytest.approx(4 * heights["failed"], abs=0.5)


def test_a_single_element_of_a_scatter_keeps_its_index(story):
    story.starts().runs_call("dd-1-0", 0, 1).calls("sub-0", kind="workflow", target="sub").runs_call("sub-0/u-2", 1, 2)
    page = Page(story.call_ends("sub-0", 2).runs_call("x-0", 0, 1).runs_call("x-1", 0, 1).ends(2).page())
    titles = [row.get("title") for row in page.select(lambda tag, has: has.get("class") == "name mono")]
    assert titles == ["dd-1-0", "sub-0", "sub-0/u-2", "x"]
    names = [text for element, text in page.texts if element == "span"]
    assert {"dd-1-0", "sub-0", "u-2", "x"} <= set(names)


def test_the_end_of_a_long_name_is_kept_apart_from_what_may_be_cut(story):
    page = Page(story.starts().runs_call("a_call_with_quite_a_long_name-1234", 0, 1).ends(1).page())
    parts = [text for element, text in page.texts if len(text) > 5 and text in "a_call_with_quite_a_long_name-1234"]
    assert parts[:2] == ["a_call_with_quite_", "a_long_name-1234"]


def test_a_memory_peak_that_may_be_the_launchers_says_nothing_about_a_small_request(story):
    small = {"usage": Usage(None, 8_912_896), "resources": Resources(cpu=1.0, memory=10_000_000)}
    text = story.starts().runs_call("align", 0, 1, **small).ends(1).page()
    shown = Page(text).text()
    assert "of what was asked for" not in text
    assert "8.5 MiB" in shown
    assert "peak, of what was asked for" not in shown


def test_a_small_memory_peak_is_told_beside_a_large_request(story):
    large = {"usage": Usage(1.0, 8_912_896), "resources": Resources(cpu=1.0, memory=2 * 1024**3)}
    assert "0.4 % of what was asked for" in story.starts().runs_call("align", 0, 1, **large).ends(1).page()
