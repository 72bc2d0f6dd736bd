"""How sizes and time spans are written for people."""

import random

import pytest

from pysprocket.units import (
    LARGEST_SIZE,
    format_duration,
    format_numbers,
    format_size,
    format_sizes,
    parse_duration,
    parse_size,
)


def test_durations_are_as_precise_as_people_want():
    spans = (-1, 0.04, 9.94, 9.96, 59.4, 60, 3599, 3600, 86_399, 90_000)
    assert [format_duration(seconds) for seconds in spans] == [
        "0.0 s",
        "0.0 s",
        "9.9 s",
        "10 s",
        "59 s",
        "1 min 00 s",
        "59 min 59 s",
        "1 h 00 min",
        "23 h 59 min",
        "1 d 01 h",
    ]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        *((0, "0 B"), (1000, "1000 B"), (1024, "1 KiB"), (1536 * 1024**2, "1.5 GiB"), (123_456_789, "117.7 MiB")),
        *((96 * 10**9, "96 GB"), (1_500_000_000, "1.5 GB"), (10**12, "1 TB"), (1024**3 + 1, "1 GiB")),
        *((1024**2 - 1, "1 MiB"), (1024**6, "1024 PiB"), (10**19, "10000 PB")),
    ],
)
def test_sizes_are_told_in_the_unit_they_are_whole_in(size, text):
    assert format_size(size) == text


def test_a_size_in_a_unit_is_told_as_it_was_written():
    for text in ("1 GB", "2 GiB", "96 GB", "7.5 GB", "512 MiB", "750 MB", "3 TB", "1.5 TiB"):
        assert format_size(parse_size(text)) == text


def test_different_sizes_side_by_side_never_look_alike():
    chance = random.Random(7)
    for _ in range(2000):
        size = chance.randrange(1, 2 ** chance.randrange(1, 60))
        other = size + chance.choice((1, -1, size // 1000, size // 20, 0))
        one, two = format_sizes(size, other)
        assert (one == two) == (size == other)
    assert format_sizes(1024**3 + 2**22, 1024**3) == ["1.004 GiB", "1 GiB"]
    assert format_sizes(1024**3 + 1, 1024**3) == ["1,073,741,825 bytes", "1,073,741,824 bytes"]


def test_different_numbers_side_by_side_never_look_alike():
    assert format_numbers(2.5, 2.0) == ["2.5", "2"]
    assert format_numbers(2.0000001, 2.0) == ["2.0000001", "2.0"]
    assert format_numbers(2.0, 2.0) == ["2", "2"]


@pytest.mark.parametrize("text", ["8388608 TiB", "99999999999999999 TiB", "9" * 5000, "9223372036854775808"])
def test_a_size_beyond_64_bits_is_refused_in_few_words(text):
    with pytest.raises(ValueError, match="is too large") as caught:
        parse_size(text)
    assert len(str(caught.value)) < 120


def test_the_largest_size():
    assert parse_size("9223372036854775807") == LARGEST_SIZE


@pytest.mark.parametrize(("span", "seconds"), [("1.5h", 5400), (" 250 ms ", 0.25), (1e-05, 1e-05), (7, 7), ("0", 0)])
def test_time_spans(span, seconds):
    assert parse_duration(span) == seconds


@pytest.mark.parametrize(
    ("span", "told"),
    [
        *((span, "is too long") for span in ("36526 days", "99999999999999999999999 d", "9" * 5000, 1e300, 10**4000)),
        *((span, "is not a time span") for span in ("5 parsecs", "-5", "", -1, -0.1, float("nan"))),
    ],
)
def test_what_is_no_time_span(span, told):
    with pytest.raises(ValueError, match=told) as caught:
        parse_duration(span)
    assert len(str(caught.value)) < 120
