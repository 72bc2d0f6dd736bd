"""How sizes and time spans are written for people."""

from pysprocket.units import format_duration


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
