"""The patterns of `glob`, expanded as bash does.

In: a pattern and a directory. Out: the paths that match. Source: WDL specification, "glob": the result is that of bash
in the working directory of the task. So braces are expanded first, `{a,b}` and `{1..3}`; then `*`, `?` and brackets
match within one name, and a name that begins with a dot only if the pattern has that dot. A `**` is a `*`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from pysprocket.errors import EvaluationError
from pysprocket.types.brackets import CLASSES

_MOST_WORDS = 10_000
_RANGE = r"(?a)(-?\d{1,9})\.\.(-?\d{1,9})|([A-Za-z])\.\.([A-Za-z])"


def expand(pattern: str, root: str) -> list[str]:
    """The paths that match, in the order of bash with the C locale; relative to `root` unless the pattern is absolute.

    Raises:
        EvaluationError: the braces of the pattern stand for too many words.
    """
    found: dict[str, None] = {}
    for number, word in enumerate(_words(pattern)):
        if number == _MOST_WORDS:
            raise EvaluationError(f"`glob`: the braces in the pattern stand for more than {_MOST_WORDS} words")
        found.update(dict.fromkeys(sorted(_matches(word, root))))
    return list(found)


# --- braces ------------------------------------------------------------------------------------------------


def _words(pattern: str) -> Iterator[str]:
    """The words that a pattern stands for once its braces are expanded."""
    for start in _unescaped(pattern, "{"):
        parts, end = _parts(pattern, start)
        if parts:
            for part in parts:
                for first in _words(part):
                    for rest in _words(pattern[end:]):
                        yield pattern[:start] + first + rest
            return
    yield pattern


def _unescaped(text: str, symbols: str) -> Iterator[int]:
    place = 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] in symbols:
            yield place
        place += 1


def _parts(pattern: str, start: int) -> tuple[list[str], int]:
    """The alternatives of the brace at `start`, none if it is an ordinary character, and where they end."""
    depth, begin = 0, start + 1
    parts: list[str] = []
    for offset in _unescaped(pattern[start:], "{,}"):
        place = start + offset
        depth += {"{": 1, "}": -1, ",": 0}[pattern[place]]
        if depth == 0 or (depth == 1 and pattern[place] == ","):
            parts.append(pattern[begin:place])
            begin = place + 1
        if depth == 0:
            return (parts if len(parts) > 1 else _range(parts[0])), begin
    return [], begin


def _range(text: str) -> list[str]:
    bounds = re.fullmatch(_RANGE, text)
    if bounds is None:
        return []
    if bounds[3]:
        first, last = ord(bounds[3]), ord(bounds[4])
        return [chr(code) for code in _steps(first, last)]
    width = max((len(bound) for bound in bounds.groups()[:2] if _is_padded(bound)), default=0)
    return [f"{number:0{width}d}" for number in _steps(int(bounds[1]), int(bounds[2]))]


def _is_padded(bound: str) -> bool:
    digits = bound.removeprefix("-")
    return len(digits) > 1 and digits.startswith("0")


def _steps(first: int, last: int) -> range:
    step = 1 if first <= last else -1
    if abs(last - first) >= _MOST_WORDS:
        raise EvaluationError(f"`glob`: the braces in the pattern stand for more than {_MOST_WORDS} words")
    return range(first, last + step, step)


# --- names -------------------------------------------------------------------------------------------------


def _matches(word: str, root: str) -> list[str]:
    """The paths that one word without braces matches."""
    places = ["/"] if word.startswith("/") else [""]
    segments = [segment for segment in word.split("/") if segment]
    for number, segment in enumerate(segments, start=1):
        is_last = number == len(segments) and not word.endswith("/")
        places = [path for place in places for path in _in_directory(place, segment, root, is_last=is_last)]
    return places if segments else []


def _in_directory(place: str, segment: str, root: str, *, is_last: bool) -> list[str]:
    suffix = "" if is_last else "/"
    if not any(True for _ in _unescaped(segment, "*?[")):
        path = place + re.sub(r"\\(.)", r"\1", segment, flags=re.DOTALL)
        return [path + suffix] if os.path.exists(os.path.join(root, path + suffix)) else []  # noqa: PTH110, PTH118 - text
    shown = segment.startswith((".", "\\."))
    matches = re.compile(_translated(segment)).fullmatch
    try:
        with os.scandir(os.path.join(root, place)) as entries:  # noqa: PTH118 - text, which pathlib would normalise
            return [
                place + entry.name + suffix
                for entry in entries
                if (shown or not entry.name.startswith(".")) and matches(entry.name) and (is_last or entry.is_dir())
            ]
    except OSError:  # no directory, or none that may be read: like bash, nothing matches there
        return []


def _translated(segment: str) -> str:
    """One segment as a regular expression of Python; each `*` gives way at the first chance, which takes no time."""
    chunks = [""]
    place = 0
    while place < len(segment):
        symbol = segment[place]
        bracket = _bracket(segment, place) if symbol == "[" else None
        if symbol == "*":
            chunks.append("")
        elif bracket is not None:
            text, place = bracket
            chunks[-1] += text
            continue
        elif symbol == "?":
            chunks[-1] += r"[\s\S]"
        else:
            place += symbol == "\\" and place + 1 < len(segment)
            chunks[-1] += re.escape(segment[place])
        place += 1
    first, *middle = chunks
    if not middle:
        return first
    return first + "".join(rf"(?>[\s\S]*?{chunk})" for chunk in middle[:-1]) + rf"[\s\S]*{middle[-1]}"


def _bracket(segment: str, start: int) -> tuple[str, int] | None:
    """A bracket expression in Python's notation and where it ends; None if it is not closed."""
    place = start + 1
    negated = segment[place : place + 1] in ("!", "^")
    place += negated
    members: list[str] = []
    begin = place
    while place < len(segment) and (segment[place] != "]" or place == begin):
        name = re.compile(r"\[:(\w+):\]").match(segment, place)
        if name is not None and name[1] in CLASSES:
            members.append(CLASSES[name[1]])
            place = name.end()
            continue
        low, place = _character(segment, place)
        if segment[place : place + 1] == "-" and segment[place + 1 : place + 2] not in ("]", ""):
            high, place = _character(segment, place + 1)
            members.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else "")
        else:
            members.append(re.escape(low))
    if place >= len(segment):
        return None
    text = "".join(members)
    if not text:
        return (r"[\s\S]" if negated else r"(?!)"), place + 1
    return f"[{'^' * negated}{text}]", place + 1


def _character(segment: str, place: int) -> tuple[str, int]:
    place += segment[place] == "\\" and place + 1 < len(segment)
    return segment[place], place + 1
