"""How texts are made to fit."""

import pytest

from pysprocket.source.visible import columns, shortened


@pytest.mark.parametrize(
    ("text", "most", "middle", "end"),
    [
        ("abcdef", 6, "abcdef", "abcdef"),
        ("abcdef", 5, "ab…ef", "abcd…"),
        ("abcdef", 4, "ab…f", "abc…"),
        ("abcdef", 1, "…", "…"),
        ("abcdef", 0, "…", "…"),
        ("调调调", 5, "调…调", "调调…"),
        ("调调调", 4, "调…", "调…"),
        ("a\u0301b\u0301c\u0301", 2, "a\u0301…", "a\u0301…"),
        ("", 3, "", ""),
    ],
)
def test_texts_are_cut_by_columns(text: str, most: int, middle: str, end: str):
    assert shortened(text, most) == middle
    assert shortened(text, most, keep_end=False) == end
    assert columns(middle) <= max(most, 1)
