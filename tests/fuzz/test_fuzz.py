"""Fuzzing: texts that nobody means, for a bounded time, through the parser, the checker, the compiler and evaluator.

`SPROCKET_FUZZ_SECONDS` says how long all targets take together (40 by default), `SPROCKET_FUZZ_SEED` where the sequence
of texts starts (always at the same place by default, so that a change is not judged by luck). A text that fails is
reduced for a target's share of that; the smallest is printed and kept in `.fuzz/`, from where it becomes a case in
`tests/cases` once the bug is mended.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import mutated, soup
from tests.fuzz.programs import program
from tests.fuzz.properties import examine, prepare

SECONDS = float(os.environ.get("SPROCKET_FUZZ_SECONDS", "40"))
SEED = int(os.environ.get("SPROCKET_FUZZ_SEED", "0"))
KEPT = Path(__file__).parents[2] / ".fuzz"


def noise(random: Random) -> str:
    """Characters of all kinds after the beginning of a document."""
    before = random.choice(
        ["", "version 1.3\n", "version 1.2\ntask t { command <<<", "version 1.1\nworkflow w { Int x = "]
    )
    planes = [(0, 0x7F), (0, 0x7F), (0x80, 0x2FF), (0x2000, 0x20FF), (0xD800, 0xDFFF), (0x1F300, 0x10FFFF)]
    ranges = random.choices(planes, k=random.randrange(200))
    return before + "".join(chr(random.randint(low, high)) for low, high in ranges)


TARGETS = (noise, soup, mutated, program)


@pytest.mark.integration
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_no_text_breaks_anything(target: Callable[[Random], str], tmp_path: Path) -> None:
    place = prepare(tmp_path)
    share = SECONDS / len(TARGETS)
    end = time.monotonic() + share
    examined = 0
    failed: set[str] = set()

    def examine_or_keep(text: str) -> None:
        nonlocal examined
        if time.monotonic() > end + share and text not in failed:  # a failure has been reduced for long enough
            return
        try:
            examine(text, place)
        except BaseException:
            failed.add(text)
            KEPT.mkdir(exist_ok=True)
            (KEPT / f"{target.__name__}.wdl").write_bytes(text.encode("utf-8", "surrogatepass"))
            raise
        examined += 1

    batch = settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    for number in itertools.count(SEED):
        if time.monotonic() > end:
            break
        batch(seed(number)(given(st.randoms(use_true_random=False).map(target))(examine_or_keep)))()
    print(f"{examined} texts examined")
    assert examined


def test_generated_programs_are_mostly_right(tmp_path: Path) -> None:
    """A generator whose documents are refused would test only the parser."""
    place = prepare(tmp_path)
    accepted = sum(not examine(program(Random(seed)), place).has_errors for seed in range(60))
    assert accepted > 30


def test_damaged_and_meaningless_texts_break_nothing(tmp_path: Path) -> None:
    place = prepare(tmp_path)
    for number in range(60):
        for target in (noise, soup, mutated):
            examine(target(Random(number)), place)
