"""Positions in a text."""

from __future__ import annotations

import pytest

from pysprocket.source.text import Source


@pytest.mark.parametrize(
    ("text", "offset", "position"),
    [
        ("", 0, (1, 1)),
        ("abc", 3, (1, 4)),
        ("a\nb", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("a\n", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("日本\nx", 1, (1, 2)),
    ],
)
def test_offsets_have_a_line_and_a_column(text: str, offset: int, position: tuple[int, int]) -> None:
    assert Source("file:///a", text).position(offset) == position


def test_lines_have_no_line_end() -> None:
    source = Source("file:///a", "a\r\nb\n\nc")
    assert [source.line(number) for number in range(1, 5)] == ["a", "b", "", "c"]
