"""The report of a run in a real browser: its script runs, and makes the rows of the calls."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from pysprocket.engine.events import Status
from tests.integration.browser import Seen, look, program
from tests.records.report_runs import Story

pytestmark = pytest.mark.integration

Look = Callable[[str], Seen]


@pytest.fixture(scope="session")
def browser(request) -> str:
    asked_for = "integration" in request.config.getoption("-m").replace("not integration", "")
    try:
        return program(install=asked_for)
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture
def opened(browser, tmp_path) -> Look:
    """What the browser makes of a page."""

    def opened(text: str) -> Seen:
        page = tmp_path / "page.html"
        page.write_text(text)
        return look(browser, page, tmp_path / "profile")

    return opened


def rows(seen: Seen) -> list[str]:
    """What the rows of the timeline are called."""
    return re.findall(r'<div class="row" [^>]*aria-label="([^"]*)"', seen.html)


def test_each_call_of_a_small_run_has_a_row_with_its_attempts(opened, tmp_path):
    story = Story(tmp_path / "out").starts().runs_call("merge", 9, 12)
    story.calls("align-0").tries("align-0", 1, 3, created=0, exit_code=3, error="exit code 3")
    story.tries("align-0", 3, 8, number=1).call_ends("align-0", 8).runs_call("align-1", 1, 9)
    seen = opened(story.ends(12).page())
    assert seen.console == []
    assert 'data-ready="true"' in seen.html
    assert [label.partition(";")[0].replace("\u2002", " ") for label in rows(seen)] == [
        "align-0 completed, 8.0 s",
        "align-1 completed, 8.0 s",
        "merge completed, 3.0 s",
    ]
    first = rows(seen)[0]
    assert "attempt 0: failed, exit code 3, waited 1.0 s, ran 2.0 s, CPU 1.0 s, memory 50 MiB, on node7" in first
    assert "attempt 1: completed, exit code 0, ran 5.0 s" in first
    assert len(re.findall(r'<i class="bar failed-fill"', seen.html)) == 1


def test_the_calls_of_a_large_run_are_not_there_until_somebody_wants_them(opened, tmp_path):
    story = Story(tmp_path / "out").starts()
    for number in range(10_000):
        story.runs_call(f"align-{number}", number, number + 30)
    seen = opened(story.ends(10_030).page())
    assert seen.console == []
    assert 'data-ready="true"' in seen.html
    assert rows(seen) == []
    assert 'aria-expanded="false"' in seen.html


def test_no_script_but_its_own_runs(opened, tmp_path):
    hostile = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    story = Story(tmp_path / "out").starts(name=hostile, inputs={hostile: hostile})
    story.fails_call("align", 0, 1, error=hostile, stderr=hostile)
    seen = opened(story.ends(1, Status.FAILED, error=hostile).page())
    assert seen.console == []
    assert 'data-ready="true"' in seen.html
    assert "<title>owned" not in seen.html


def test_the_security_policy_stops_a_script_that_got_into_the_page(opened, tmp_path):
    page = Story(tmp_path / "out").starts().ends(1).page()
    seen = opened(page.replace("</main>", "<script>document.title='owned'</script></main>"))
    assert "<title>owned" not in seen.html
    assert any("Content Security Policy" in line for line in seen.console)


def test_bars_of_a_call_are_as_long_as_it_took(opened, tmp_path):
    """Also where it paused before another try."""
    story = Story(tmp_path / "out").starts().calls("align")
    story.tries("align", 1, 2, created=0, exit_code=3, error="exit code 3")
    story.tries("align", 7, 10, number=1, created=7).call_ends("align", 10)
    seen = opened(story.ends(10).page())
    assert seen.console == []
    assert "paused for 5.0 s after a failure" in rows(seen)[0]
    widths = [float(width) for width in re.findall(r'<i class="bar [^>]*width: ([\d.]+)%', seen.html)]
    assert len(widths) == 4
    assert sum(widths) == pytest.approx(100, abs=0.1)
