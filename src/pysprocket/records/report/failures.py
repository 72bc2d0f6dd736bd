"""What failed: for each call its last attempt, what the scheduler said, and the end of its standard error.

In: `Contents`; the attempt directories, where they are still there. Out: the section of the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pysprocket.engine.last_words import last_lines
from pysprocket.records.report.contents import Attempt, Call, Contents
from pysprocket.records.report.markup import Content, Markup, element, escape, folded_table
from pysprocket.records.report.words import duration
from pysprocket.source.uris import without_secrets
from pysprocket.source.visible import count

MOST_SHOWN = 25
"""Failures that are shown with all they said; of the others only the names."""

_MOST_NAMED = 500


def failed_calls(contents: Contents) -> list[Call]:
    """The calls that are to blame: tasks, and a sub-workflow only when nothing in it failed."""
    failed = [call for call in contents.calls if call.state == "failed"]
    excused = {parent for call in failed for parent in _around(call.record.call_id)}
    return [call for call in failed if call.record.call_id not in excused]


def given_up_calls(contents: Contents) -> list[Call]:
    """The calls that failed and got no other try, as the run ended in the pause before it."""
    return [call for call in contents.calls if call.gave_up]


def _lead(blamed: int, given_up: int) -> str:
    words = [f"{count(blamed, 'call')} failed."] if blamed else []
    if given_up:
        words.append(f"{count(given_up, 'call')} had failed and would have been tried again, but the run ended before.")
    return " ".join(words)


def _around(call_id: str) -> Iterator[str]:
    """The ids of the sub-workflows that a call is in."""
    while "/" in call_id:
        call_id = call_id.rpartition("/")[0]
        yield call_id


def failures(contents: Contents) -> Markup:
    """The section about calls that failed; empty when none did."""
    blamed, given_up = failed_calls(contents), given_up_calls(contents)
    failed = blamed + given_up
    if not failed:
        return Markup()
    return element(
        "section",
        element("h2", "Failures"),
        element("p", _lead(len(blamed), len(given_up)), class_="lead"),
        *(_failure(call, contents) for call in failed[:MOST_SHOWN]),
        _others(failed[MOST_SHOWN:]),
        class_="long",
        id="failures",
    )


def retries(contents: Contents) -> Markup:
    """The section about attempts that failed and were followed by another; empty when there were none."""
    retried = [(call, attempt) for call in contents.calls for attempt in _retried(call)]
    if not retried:
        return Markup()
    lead = f"{count(len(retried), 'attempt')} failed and had another try."
    return element(
        "section", element("h2", "Retries"), element("p", lead, class_="lead"), _retries(retried), class_="long"
    )


def _retried(call: Call) -> Sequence[Attempt]:
    """The attempts that failed and were followed by another."""
    return [attempt for attempt in call.attempts[:-1] if attempt.state == "failed"]


def _failure(call: Call, contents: Contents) -> Markup:
    record = call.record
    attempt = call.attempts[-1].record if call.attempts else None
    directory = (attempt.directory if attempt else None) or record.directory
    lines = last_lines(contents.path(attempt.directory) / "stderr") if attempt and attempt.directory else []
    facts: list[tuple[str, Content]] = [("Task" if record.kind == "task" else "Workflow", _mono(record.target))]
    if attempt is not None:
        of_several = f", the last of {len(call.attempts)}" if len(call.attempts) > 1 else ""
        pause = f"; {call.state} before the next" if call.gave_up else ""
        facts.append(("Attempt", f"{attempt.number}{of_several}{pause}"))
        facts.append(("Kind", kind_in_words(attempt.failure or record.failure)))
        facts.append(("Exit code", attempt.exit_code))
        facts.append(("Host", attempt.host))
        facts.append(("Job", attempt.job_id))
        facts.append(("Said by the place it ran", without_secrets(attempt.failure_detail or "")))
    else:
        facts.append(("Kind", kind_in_words(record.failure)))
    facts.append(("Files", _mono(str(contents.path(directory))) if directory else None))
    of_attempt = attempt.error if attempt and (lines or call.gave_up) else None
    cause = of_attempt or record.error or "no reason was recorded"
    return element(
        "article",
        element("h3", element("span", call.name, class_="mono")),
        element("p", multiline(cause), class_="cause"),
        definitions(facts),
        _stderr(lines),
        class_="failure",
    )


def kind_in_words(kind: str | None) -> str | None:
    """A kind of failure without its underscore."""
    return kind and kind.replace("_", " ")


def _kind(call: Call) -> str:
    failure = call.attempts[-1].record.failure if call.gave_up else call.record.failure
    return kind_in_words(failure) or "failed"


def multiline(text: str) -> Markup:
    """Text whose lines stay lines, without secrets."""
    return Markup("\n".join(escape(line) for line in without_secrets(text).split("\n")))


def definitions(facts: Sequence[tuple[str, Content]]) -> Markup:
    """Names with their values; those without a value are left out."""
    given = [(name, value) for name, value in facts if value not in (None, "")]
    pairs = [element(kind, content) for name, value in given for kind, content in (("dt", name), ("dd", value))]
    return element("dl", *pairs, class_="facts")


def _stderr(lines: Sequence[str]) -> Markup:
    if not lines:
        return Markup()
    text = multiline("\n".join(lines))
    return element(
        "div", element("p", "The last lines of its standard error:", class_="dim small said"), element("pre", text)
    )


def _mono(text: str) -> Markup:
    return element("span", text, class_="mono")


def _others(calls: Sequence[Call]) -> Markup:
    """The failures that are not shown at length."""
    if not calls:
        return Markup()
    kinds = Counter((call.record.target, _kind(call)) for call in calls)
    summary = ", ".join(f"{task}: {number:,} {kind}" for (task, kind), number in kinds.most_common(10))
    names = " ".join(call.name for call in calls[:_MOST_NAMED])
    rest = len(calls) - _MOST_NAMED
    return element(
        "details",
        element("summary", f"{count(len(calls), 'more call')} failed"),
        element("p", summary),
        element("p", names, Markup(f" and {rest:,} more") if rest > 0 else None, class_="mono small"),
    )


def _retries(retried: Sequence[tuple[Call, Attempt]]) -> Markup:
    rows = [
        element(
            "tr",
            element("td", _mono(call.name)),
            element("td", attempt.record.number),
            element("td", _why(attempt)),
            element("td", duration(attempt.wall)),
        )
        for call, attempt in retried[:_MOST_NAMED]
    ]
    return folded_table("Which, and why", ("Call", "Attempt", "Why", "Ran for"), rows, len(retried) - len(rows))


def _why(attempt: Attempt) -> str:
    record = attempt.record
    return without_secrets((record.error or kind_in_words(record.failure) or "failed").partition("\n")[0])
