"""Whether a run gave what its case expects.

In: a `Case` and the `Outcome` of its run. Out: None, or a sentence that says what deviates. Numbers are compared with
a small tolerance, strings that name an existing file or directory by their last part, objects by their keys and
values, everything else by equality.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from tests.conformance.commands import Outcome
from tests.conformance.suites import Case

_TOLERANCE = 1e-9
_INTERNAL = re.compile(r"Traceback \(most recent|this is a bug in sprocket|internal error|Fatal Python error")
_LONGEST = 300


def deviation(case: Case, outcome: Outcome, place: Path) -> str | None:
    """What differs from what the case expects, None when nothing does.

    Args:
        case: what was run.
        outcome: how it ended.
        place: the working directory of the run; relative paths are looked for there.
    """
    if (broken := _breakdown(outcome)) is not None:
        return broken
    missing = [text for text in case.says if text not in outcome.stderr]
    if missing:
        return f"expected to read {missing[0]!r}, got {_reason(outcome)}"
    if case.fail:
        return _not_failed(case, outcome)
    if outcome.status != 0:
        return f"expected success, got {_reason(outcome)}"
    return _other_outputs(case, outcome, place)


def _breakdown(outcome: Outcome) -> str | None:
    """Ends that no case can expect."""
    if outcome.timed_out:
        return f"no end after {outcome.seconds:.0f} s"
    if (found := _INTERNAL.search(outcome.stderr)) is not None:
        line = outcome.stderr[found.start() :].strip().splitlines()
        return f"internal error: {_short(line[-1] if line[0].startswith('Traceback') else line[0])}"
    if outcome.status not in (0, 1):
        return f"exit status {outcome.status}: {_reason(outcome)}"
    return None


def _not_failed(case: Case, outcome: Outcome) -> str | None:
    if outcome.status == 0:
        return f"expected failure, got {_short(outcome.stdout)}"
    if isinstance(case.return_code, int) and not re.search(rf"exit code {case.return_code}\b", outcome.stderr):
        return f"expected a command that ends with {case.return_code}, got {_reason(outcome)}"
    return None


def _other_outputs(case: Case, outcome: Outcome, place: Path) -> str | None:
    try:
        given = json.loads(outcome.stdout)
    except ValueError:
        return f"expected outputs as JSON, got {_short(outcome.stdout)!r}"
    if case.outputs is None:
        return None
    expected, given = _compared(case, case.outputs), _compared(case, given)
    for name in sorted(expected.keys() | given.keys()):
        if name not in given:
            return f"{name} is missing"
        if name not in expected:
            return f"{name} is not expected: {_short(json.dumps(given[name]))}"
        if not same(expected[name], given[name], place):
            return f"{name}: expected {_short(json.dumps(expected[name]))}, got {_short(json.dumps(given[name]))}"
    return None


def _compared(case: Case, outputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs without those that are excluded by their full or their last name."""
    excluded = set(case.exclude_output or ())
    return {
        name: value for name, value in outputs.items() if name not in excluded and name.split(".")[-1] not in excluded
    }


def same(expected: Any, given: Any, place: Path) -> bool:
    """Whether two JSON values count as equal; `given` is what the run said."""
    if isinstance(expected, bool) or isinstance(given, bool):
        return expected is given
    if isinstance(expected, (int, float)) and isinstance(given, (int, float)):
        return math.isclose(expected, given, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    if isinstance(expected, str) and isinstance(given, str):
        return expected == given or (_exists(place, given) and Path(expected).name == Path(given).name)
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) and all(same(*pair, place) for pair in zip(expected, given, strict=True))
    if isinstance(expected, dict) and isinstance(given, dict):
        return expected.keys() == given.keys() and all(same(expected[key], given[key], place) for key in expected)
    return bool(expected == given)


def _exists(place: Path, path: str) -> bool:
    try:
        return bool(path) and (place / path).exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def _reason(outcome: Outcome) -> str:
    """What the command said, in one line."""
    errors = [line for line in outcome.stderr.splitlines() if line.startswith("error") or " error" in line]
    return _short((errors or [outcome.stderr.strip() or f"exit status {outcome.status} and no word"])[0])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
